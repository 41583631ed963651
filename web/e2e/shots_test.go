package e2e_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestShots saves the pictures of the README: go test -run TestShots -shots DIR.
// They are pictures of the program as it runs, not drawings.
func TestShots(t *testing.T) {
	if *shots == "" {
		t.Skip("-shots names no folder")
	}
	if err := os.MkdirAll(*shots, 0o755); err != nil {
		t.Fatal(err)
	}
	d := newDemo(t, "--booths", "3")
	b := open(t, common(), d.booth)
	shoot := func(b *tab, name string) {
		t.Helper()
		time.Sleep(500 * time.Millisecond) // what slides and fades has come to rest
		t.Log(b.pictureAs(filepath.Join(*shots, name+".png")))
	}
	b.visit("/")
	b.awaitSeen(`[data-when-line="up"]`, time.Minute)
	shoot(b, "home")
	b.step(b.reach(`a[href="/f/3"]`))
	b.step(b.reach(`a[href="/s/3.1"]`))
	b.step(forward)
	b.tap(".option:nth-child(2)")
	shoot(b, "question")
	b.fill()
	shoot(b, "check")
	b.step(forward)
	b.awaitSeen(`[data-when-print="done"]`, patience)
	b.await("the picture of the paper", "document.querySelector('[data-slip-picture]').naturalWidth > 300")
	shoot(b, "confirmation")
	r := b.receipt(way{"3", "3.1", "request"})
	if err := os.WriteFile(filepath.Join(*shots, "receipt.png"), download(t, d.booth+r.slip+"/picture.png"), 0o644); err != nil {
		t.Fatal(err)
	}
	b.visit("/sim")
	b.awaitSeen("[data-paper-n] img", patience)
	shoot(b, "sim")

	soon(t, "the request is at the hub", atHub, func() bool { return has(pull(t, d.hub, d.token), r) })
	desk := open(t, common(), d.hub)
	desk.expect("status of 403")
	desk.visit("/login")
	desk.enter("#name", "admin")
	desk.enter("#password", d.password)
	desk.step("main .primary")
	desk.enter("#old", d.password)
	desk.enter("#new", newPassword)
	desk.enter("#again", newPassword)
	desk.step("main .primary")
	desk.at("/")
	shoot(desk, "console-booths")
	desk.visit("/log")
	shoot(desk, "console-log")
	desk.visit("/log?kind=request.filed")
	desk.step("table.log tbody th a")
	shoot(desk, "console-record")

	_, fresh := freshBooth(t)
	b = open(t, common(), fresh)
	b.visit("/setup/panel")
	shoot(b, "setup-panel")
	b.visit("/setup/pin")
	for range 2 {
		b.digits(staffPIN)
		b.step(forward)
	}
	b.visit("/staff")
	shoot(b, "staff")
}
