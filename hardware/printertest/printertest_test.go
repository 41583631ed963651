package printertest_test

import (
	"bytes"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"redstation/hardware/escpos"
	"redstation/hardware/printertest"
	"redstation/kiosk"
)

func job(t *testing.T, text string) []byte {
	t.Helper()
	b, err := escpos.Encode(kiosk.Receipt{Lines: []kiosk.Line{
		{Text: text, Size: kiosk.Large, Align: kiosk.Center}, {Rule: true}, {Text: "上门维修登记"}, {QR: "RS1:7K3QF9TZ2M"}, {Text: "谢谢"},
	}}, escpos.Paper80())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// cable connects to a stand-in.
func cable(t *testing.T, p *printertest.Printer) io.ReadWriteCloser {
	t.Helper()
	kind, rest, _ := strings.Cut(p.DSN(), ":")
	name, _, _ := strings.Cut(rest, "?")
	if kind == "uart" {
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return f
	}
	c, err := net.Dial("tcp", name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func exchange(t *testing.T, c io.ReadWriter, send []byte, want ...byte) {
	t.Helper()
	if _, err := c.Write(send); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%x is answered by %x, want %x", send, got, want)
	}
}

func wait(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("in vain: ", what)
		}
	}
}

func TestItPrintsAndAnswers(t *testing.T) {
	for name, make := range map[string]func(testing.TB, printertest.Opts) *printertest.Printer{
		"tcp": printertest.TCP, "pty": printertest.PTY,
	} {
		t.Run(name, func(t *testing.T) {
			p := make(t, printertest.Opts{})
			c := cable(t, p)
			for n := range byte(4) {
				exchange(t, c, []byte{0x10, 0x04, n + 1}, 0x12)
			}
			exchange(t, c, append(job(t, "一号"), 0x1d, 'r', 1), 0)
			exchange(t, c, append(job(t, "二号"), 0x1d, 'r', 1), 0)
			s := p.Slips()
			if len(s) != 2 || !s[0].Complete || !s[1].Complete {
				t.Fatalf("got %+v, want two complete slips", s)
			}
			if want := "一号\n上门维修登记\n谢谢\n"; s[0].Text != want {
				t.Errorf("got %q, want %q", s[0].Text, want)
			}
			pr, err := escpos.Interpret(job(t, "一号"), escpos.Paper80())
			if err != nil || s[0].Rows != pr.Height() || s[0].Unknown != 0 {
				t.Errorf("got %d rows and %d unknown, want %d and none (%v)", s[0].Rows, s[0].Unknown, pr.Height(), err)
			}
		})
	}
}

func TestPaperThatEndsTearsTheSlip(t *testing.T) {
	p := printertest.TCP(t, printertest.Opts{Profile: escpos.Paper58()})
	c := cable(t, p)
	exchange(t, c, []byte{0x1d, 'a', 0x0f}, 0x10, 0, 0, 0)
	p.PaperOutAfter(100)
	exchange(t, c, job(t, "一号"), 0x18, 0, 0x0c, 0)
	exchange(t, c, []byte{0x10, 0x04, 4}, 0x72)
	s := p.Slips()
	if len(s) != 1 || s[0].Complete || s[0].Rows > 100 || !strings.HasPrefix(s[0].Text, "一号\n") {
		t.Errorf("got %+v, want a torn slip of at most 100 rows", s)
	}
	p.SetPaper(true)
	exchange(t, c, []byte{0x10, 0x04, 2}, 0x10) // the packet of the new roll comes first
	wait(t, "the rest", func() bool { s := p.Slips(); return len(s) == 2 && strings.HasSuffix(s[1].Text, "谢谢\n") })
	if s := p.Slips(); s[1].Complete {
		t.Error("the rest counts as a slip")
	}
}

func TestAHookRunsAtItsRow(t *testing.T) {
	p := printertest.TCP(t, printertest.Opts{})
	c := cable(t, p)
	p.After(100, func() { p.SetCover(true) })
	if _, err := c.Write(job(t, "一号")); err != nil {
		t.Fatal(err)
	}
	wait(t, "the cover", func() bool { return len(p.Slips()) == 1 && p.Slips()[0].Rows >= 100 })
	exchange(t, c, []byte{0x10, 0x04, 2}, 0x16)
	p.SetCover(false)
	wait(t, "the whole slip", func() bool { s := p.Slips(); return len(s) == 1 && s[0].Complete })
}

func TestAPulledCableIsFeltAndComesBackAtItsName(t *testing.T) {
	for name, make := range map[string]func(testing.TB, printertest.Opts) *printertest.Printer{
		"tcp": printertest.TCP, "pty": printertest.PTY,
	} {
		t.Run(name, func(t *testing.T) {
			p := make(t, printertest.Opts{})
			c := cable(t, p)
			exchange(t, c, []byte{0x10, 0x04, 1}, 0x12)
			p.Unplug()
			if n, err := c.Read([]byte{0}); err == nil && n > 0 {
				t.Error("read a byte over a pulled cable")
			}
			p.Replug()
			exchange(t, cable(t, p), []byte{0x10, 0x04, 1}, 0x12)
		})
	}
}
