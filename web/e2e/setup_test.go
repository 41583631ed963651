package e2e_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// freshBooth runs a booth on which nobody has set anything, whose scanner types.
func freshBooth(t *testing.T, args ...string) (*process, string) {
	t.Helper()
	addr := freeAddr(t)
	at := "http://" + addr
	return launch(t, at+"/readyz", append([]string{"booth", "--data", filepath.Join(t.TempDir(), "booth"), "--addr", addr,
		"--printer", "sim:", "--door", "sim:", "--scanner", "wedge:"}, args...)...), at
}

// invite asks the hub for an enrolment string.
func (c *city) invite(t *testing.T, id string) string {
	t.Helper()
	return strings.TrimSpace(run(t, "hub", "--data", c.data(), "enrol", "--booth", id, "--name", "北山街道"))
}

// setupStop judges one page of the first run, and leaves a picture where asked to.
func (b *tab) setupStop(p panel, name string) {
	b.t.Helper()
	b.report(name+": ", append(b.measure().judge(p), b.axe()...))
	if *shots != "" {
		b.pictureAs(filepath.Join(*shots, unfit.ReplaceAllString(fmt.Sprintf("setup %s %s", p.name, name), "-")+".png"))
	}
}

// rulerMM measures the ruler on the glass.
func (b *tab) rulerMM(p panel) float64 {
	b.t.Helper()
	return eval[float64](b, "document.querySelector('.ruler').getBoundingClientRect().width") / 108 * 100 / p.mm()
}

// TestTheFirstRun walks it by touch on the panels that booths have most, as whoever
// installs one does: nothing is known of the glass, the code comes by the scanner
// and the first one is spent, the PIN is mistyped once, the door moves.
func TestTheFirstRun(t *testing.T) {
	need(t, "chromium")
	city := newCity(t)
	for i, p := range panels()[:2] {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			_, at := freshBooth(t)
			b := open(t, p, at)
			b.expect(`status of (422|403)`)
			b.visit("/")
			b.at("/setup/language")
			b.step(forward)

			b.at("/setup/panel")
			b.tap(fmt.Sprintf(`[data-to="%v"]`, p.diagonal))
			b.tap(`[data-to="+0.1"]`)
			b.tap(`[data-to="-0.1"]`)
			if got := b.rulerMM(p); math.Abs(got-100) > 0.5 {
				t.Errorf("the ruler of 100 mm is %.1f mm long", got)
			}
			b.step(forward)
			b.step("[data-back]") // to see them on the panel that is known now
			b.setupStop(p, "panel")
			b.step("[data-back]")
			b.setupStop(p, "language")
			b.step(forward)
			b.step(forward)

			b.at("/setup/network")
			b.setupStop(p, "network")
			b.step(forward)

			b.at("/setup/enrol")
			b.setupStop(p, "enrol")
			b.await("the state of the booth", "status.last !== null")
			b.keys("body", "SB1:7K3QF9TZ2M")
			b.awaitSeen(".error", patience)
			b.setupStop(p, "enrol wrong code")
			b.keys("body", city.invite(t, strconv.Itoa(31+i)))
			b.awaitSeen(`[data-live="joined"]`, patience)
			b.setupStop(p, "enrolled")
			b.step(forward)

			b.at("/setup/pin")
			b.setupStop(p, "pin")
			b.digits(staffPIN)
			b.step(forward)
			b.setupStop(p, "pin again")
			b.digits("204817")
			b.step(forward)
			b.errorIn("zh")
			for range 2 {
				b.digits(staffPIN)
				b.step(forward)
			}

			b.at("/setup/print")
			b.setupStop(p, "print")
			b.step("[data-print-test]")
			b.awaitSeen(`[data-when-print="done"]`, patience)
			b.await("the picture of the paper", "document.querySelector('[data-slip-picture]').naturalWidth > 300")
			b.setupStop(p, "printed")
			b.step("[data-good]")

			b.at("/setup/door")
			b.setupStop(p, "door")
			press(t, at, "door-open")
			b.awaitSeen(`[data-door="open"]`, patience)
			press(t, at, "door-close")
			b.awaitSeen("[data-works]", patience)
			b.setupStop(p, "door works")
			b.step(forward)

			b.at("/setup/clock")
			b.setupStop(p, "clock")
			b.step(forward)

			b.at("/setup/overview")
			b.setupStop(p, "overview")
			b.step(forward)
			b.await("home", "document.body.dataset.page === 'home'")
			b.awaitSeen(`[data-when-line="up"]`, patience)
			b.visit("/setup/panel")
			b.at("/staff/enter")
		})
	}
}

// TestTheFirstRunIsOnce begins it, cuts the power, goes on, and ends it.
func TestTheFirstRunIsOnce(t *testing.T) {
	t.Parallel()
	booth, at := freshBooth(t)
	b := open(t, common(), at)
	b.expect(`ERR_CONNECTION`, `status of 403`, `network error`, `ERR_INCOMPLETE`)
	b.visit("/setup/overview")
	b.step(forward)
	b.at("/setup/pin")
	for range 2 {
		b.digits(staffPIN)
		b.step(forward)
	}
	booth.kill()
	booth.start()
	b.visit("/")
	b.at("/staff/enter") // whoever cuts the power is not let in
	b.awaitSeen("[data-digits=pin]", patience)
	b.digits(staffPIN)
	b.step(forward)
	b.at("/setup/language")
	b.step("[data-overview]")
	b.step(forward)
	b.await("home", "document.body.dataset.page === 'home'")
	booth.stop()
	booth.start()
	b.visit("/")
	b.await("home", "document.body.dataset.page === 'home'")
}

// TestEnrolmentComesFromAStick reads the city's code from a file.
func TestEnrolmentComesFromAStick(t *testing.T) {
	t.Parallel()
	city, stick := newCity(t), t.TempDir()
	_, at := freshBooth(t, "--scanner", "none:", "--stick", stick)
	b := open(t, common(), at)
	b.visit("/setup/enrol")
	if b.seen("form[action='/setup/enrol']") {
		t.Error("there is a stick, but nobody has plugged one in")
	}
	b.setupStop(common(), "enrol no stick")
	if err := os.WriteFile(filepath.Join(stick, "enrol.txt"), []byte(city.invite(t, "41")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.awaitSeen("form[action='/setup/enrol'] .button", patience)
	b.setupStop(common(), "enrol stick")
	b.tap("form[action='/setup/enrol'] .button")
	b.awaitSeen(`[data-live="joined"]`, patience)

	t.Run("once", func(t *testing.T) {
		_, at := freshBooth(t, "--stick", stick)
		b := open(t, common(), at)
		b.visit("/setup/enrol")
		b.tap("form[action='/setup/enrol'] .button")
		b.awaitSeen(".error", patience)
		if got, want := b.text(".error"), "这个码已经用过，请管理员另开一个"; got != want {
			t.Errorf("the page says %q, want %q", got, want)
		}
		b.setupStop(common(), "enrol stick and scanner")
	})
	t.Run("and not without the hub", func(t *testing.T) {
		invitation := city.invite(t, "42")
		city.hub.stop()
		_, at := freshBooth(t)
		b := open(t, common(), at)
		b.visit("/setup/enrol")
		b.await("the state of the booth", "status.last !== null")
		b.keys("body", invitation)
		b.awaitSeen(".error", 2*patience)
		if got := b.text(".error"); !strings.Contains(got, "请查网络") {
			t.Errorf("the page says %q, not what to do", got)
		}
		city.hub.start()
		b.keys("body", invitation)
		b.awaitSeen(`[data-live="joined"]`, patience)
	})
}

// TestSetupPagesFit looks at every page of the first run on four panels, as
// TestStaffPagesFit does at those of the staff.
func TestSetupPagesFit(t *testing.T) {
	need(t, "chromium")
	for _, p := range panels() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			diagonal := strconv.FormatFloat(p.diagonal, 'f', -1, 64)
			_, at := freshBooth(t, "--diagonal", diagonal)
			b := open(t, p, at)
			b.expect(`status of (422)`)
			b.visit("/setup/language")
			look := func(name, url string, fields map[string]string) {
				t.Helper()
				b.lookAtStaff(p, screenPage{Name: "set-up " + name, URL: url, Fields: fields, Kind: "staff"})
			}
			for _, step := range []string{"language", "panel", "network", "enrol", "pin", "print", "door", "clock", "overview"} {
				look(step, "/setup/"+step, nil)
			}
			look("pin short", "/setup/pin", fields("digits", "12"))
			look("pin again", "/setup/pin", fields("digits", staffPIN))
			press(t, at, "door-open")
			look("door open", "/setup/door", nil)
			b.post("/setup/pin", fields("digits", staffPIN, "first", staffPIN))
			look("another PIN", "/setup/pin", nil)
			look("overview with a PIN", "/setup/overview", nil)
			b.visit("/setup/print")
			b.step("[data-print-test]")
			b.awaitSeen(`[data-when-print="done"]`, patience)
			look("printed", eval[string](b, "location.pathname"), nil)
			press(t, at, "cover-open")
			b.visit("/setup/print")
			b.awaitSeen(".state-fault", patience)
			look("print with the cover open", "/setup/print", nil)
		})
	}
}
