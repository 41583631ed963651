package escpos_test

import (
	"testing"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

func TestQuestionsAreTheBytesOfTheManuals(t *testing.T) {
	for q, want := range map[escpos.Query]string{
		escpos.AskPrinter: "\x10\x04\x01", escpos.AskOffline: "\x10\x04\x02",
		escpos.AskError: "\x10\x04\x03", escpos.AskPaper: "\x10\x04\x04",
		escpos.AskFence: "\x1dr\x01", escpos.AskSensor: "\x1bv\x00", escpos.Unasked: "",
	} {
		if got := string(q.Bytes()); got != want {
			t.Errorf("question %d: got % x, want % x", q, got, want)
		}
	}
	if got := string(escpos.Automatic(true)) + string(escpos.Automatic(false)); got != "\x1da\x0f\x1da\x00" {
		t.Errorf("automatic status: got % x", got)
	}
}

// ask feeds answers to questions, as they would come, and sums them up.
func ask(t *testing.T, answers map[escpos.Query]byte) escpos.Status {
	t.Helper()
	var d escpos.Demux
	var s escpos.Status
	for q, b := range answers {
		d.Expect(q)
		replies := d.Feed([]byte{b})
		if len(replies) != 1 || replies[0].Query != q || d.Waiting(q) {
			t.Fatalf("answer %#02x to question %d: got %v", b, q, replies)
		}
		s.Add(replies[0])
	}
	return s
}

func TestAnswersAreUnderstood(t *testing.T) {
	type answers = map[escpos.Query]byte
	for _, tt := range []struct {
		name string
		in   answers
		want escpos.Status
		sum  kiosk.PrinterState
	}{
		{"nothing was answered", nil, escpos.Status{}, kiosk.PrinterUnknown},
		{"all is well", answers{escpos.AskPrinter: 0x12, escpos.AskOffline: 0x12, escpos.AskError: 0x12, escpos.AskPaper: 0x12},
			escpos.Status{Heard: true}, kiosk.PrinterReady},
		{"the drawer's contact is high", answers{escpos.AskPrinter: 0x16}, escpos.Status{Heard: true, Drawer: true}, kiosk.PrinterReady},
		{"off line for a reason not asked", answers{escpos.AskPrinter: 0x1a}, escpos.Status{Heard: true, Offline: true}, kiosk.PrinterError},
		{"the cover is open, and the paper seems out", answers{escpos.AskPrinter: 0x1a, escpos.AskOffline: 0x36, escpos.AskPaper: 0x7e},
			escpos.Status{Heard: true, Offline: true, Cover: true, Stopped: true, NearEnd: true, End: true}, kiosk.PrinterCover},
		{"the feed button is held", answers{escpos.AskOffline: 0x1a}, escpos.Status{Heard: true, Feeding: true}, kiosk.PrinterReady},
		{"it stopped for paper", answers{escpos.AskOffline: 0x32}, escpos.Status{Heard: true, Stopped: true}, kiosk.PrinterNoPaper},
		{"paper out is an error to it too", answers{escpos.AskOffline: 0x72, escpos.AskError: 0x52, escpos.AskPaper: 0x72},
			escpos.Status{Heard: true, Stopped: true, Failed: true, Recoverable: true, End: true}, kiosk.PrinterNoPaper},
		{"some error", answers{escpos.AskOffline: 0x52}, escpos.Status{Heard: true, Failed: true}, kiosk.PrinterError},
		{"the cutter is jammed", answers{escpos.AskError: 0x1a}, escpos.Status{Heard: true, Cutter: true}, kiosk.PrinterError},
		{"beyond recovery", answers{escpos.AskError: 0x32}, escpos.Status{Heard: true, Unrecoverable: true}, kiosk.PrinterError},
		{"a hot head", answers{escpos.AskError: 0x52}, escpos.Status{Heard: true, Recoverable: true}, kiosk.PrinterError},
		{"a short roll", answers{escpos.AskPaper: 0x1e}, escpos.Status{Heard: true, NearEnd: true}, kiosk.PrinterPaperLow},
		{"no paper", answers{escpos.AskPaper: 0x72}, escpos.Status{Heard: true, End: true}, kiosk.PrinterNoPaper},
		{"done", answers{escpos.AskFence: 0x00}, escpos.Status{Heard: true}, kiosk.PrinterReady},
		{"done, and a short roll", answers{escpos.AskFence: 0x03}, escpos.Status{Heard: true, NearEnd: true}, kiosk.PrinterPaperLow},
		{"done, and a short roll in Cashino's order", answers{escpos.AskFence: 0x0c}, escpos.Status{Heard: true, NearEnd: true}, kiosk.PrinterPaperLow},
		{"the sensor sees paper", answers{escpos.AskSensor: 0x00}, escpos.Status{Heard: true}, kiosk.PrinterReady},
		{"the sensor sees none", answers{escpos.AskSensor: 0x04}, escpos.Status{Heard: true, End: true}, kiosk.PrinterNoPaper},
		{"the sensor sees none in Epson's way", answers{escpos.AskSensor: 0x0c}, escpos.Status{Heard: true, End: true}, kiosk.PrinterNoPaper},
		{"the sensor tells of a failure", answers{escpos.AskSensor: 0x08}, escpos.Status{Heard: true, Failed: true}, kiosk.PrinterError},
		{"the sensor tells of heat", answers{escpos.AskSensor: 0x40}, escpos.Status{Heard: true, Recoverable: true}, kiosk.PrinterError},
		{"the sensor tells of a short roll", answers{escpos.AskSensor: 0x03}, escpos.Status{Heard: true, NearEnd: true}, kiosk.PrinterPaperLow},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ask(t, tt.in)
			if got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
			if got.PrinterState() != tt.sum {
				t.Errorf("state got %s, want %s", got.PrinterState(), tt.sum)
			}
		})
	}
}

func TestAutomaticStatusIsUnderstood(t *testing.T) {
	for _, tt := range []struct {
		packet string
		want   escpos.Status
	}{
		{"\x10\x00\x00\x00", escpos.Status{Heard: true}},
		{"\x14\x00\x00\x0f", escpos.Status{Heard: true, Drawer: true}},
		{"\x78\x00\x00\x00", escpos.Status{Heard: true, Offline: true, Cover: true, Feeding: true}},
		{"\x18\x6c\x00\x00", escpos.Status{Heard: true, Offline: true, Failed: true, Cutter: true, Unrecoverable: true, Recoverable: true}},
		{"\x10\x00\x03\x00", escpos.Status{Heard: true, NearEnd: true}},
		{"\x18\x00\x0f\x00", escpos.Status{Heard: true, Offline: true, NearEnd: true, End: true}},
	} {
		var d escpos.Demux
		replies := d.Feed([]byte(tt.packet))
		if len(replies) != 1 || replies[0].Query != escpos.Unasked {
			t.Fatalf("% x: got %v, want one packet", tt.packet, replies)
		}
		var s escpos.Status
		if s.Add(replies[0]); s != tt.want {
			t.Errorf("% x:\ngot  %+v\nwant %+v", tt.packet, s, tt.want)
		}
	}
}
