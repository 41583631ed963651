package sqlite_test

import (
	"bytes"
	"testing"

	"redstation/kiosk"
)

func TestEnrollingAnewBeginsAnEpoch(t *testing.T) {
	r := newRig(t)
	e, enrolled, err := r.book.Enrolment(t.Context())
	if err != nil || !enrolled {
		t.Fatal(err)
	}
	first := kiosk.Stream{Epoch: r.book.Epoch()}
	head := func(s kiosk.Stream) kiosk.Head {
		t.Helper()
		heads, err := r.book.Heads(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range heads {
			if h.Stream == s {
				return h
			}
		}
		t.Fatalf("stream %s is not sent any more", s.Epoch)
		return kiosk.Head{}
	}
	if err := r.book.Acknowledge(t.Context(), first, 2, []byte("note")); err != nil {
		t.Fatal(err)
	}

	// The same hub: what it has acknowledged stays so, and the rest is still sent.
	if err := r.book.Enrol(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	second := kiosk.Stream{Epoch: r.book.Epoch()}
	if second == first {
		t.Fatal("the epoch goes on")
	}
	if h := head(first); h.Acked != 2 || h.Last < 2 {
		t.Errorf("old stream %+v, want 2 acknowledged", h)
	}
	if h := head(second); h.Last == 0 || h.Acked != 0 {
		t.Errorf("new stream %+v, want records and none acknowledged", h)
	}

	// Another hub has nothing of it yet.
	e.HubKey = bytes.Repeat([]byte{7}, 32)
	if err := r.book.Enrol(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if h := head(first); h.Acked != 0 {
		t.Errorf("old stream %+v, want none acknowledged by the new hub", h)
	}
	if note, err := r.book.Note(t.Context(), first); err != nil || note != nil {
		t.Errorf("checkpoint %q, %v: the new hub has signed none", note, err)
	}

	// All of that is on the disk.
	if err := r.book.Close(); err != nil {
		t.Fatal(err)
	}
	r.open()
	if h := head(first); h.Acked != 0 || h.Last < 2 {
		t.Errorf("after a restart: %+v", h)
	}
	if r.book.Epoch() == second.Epoch {
		t.Error("after a restart the epoch is an old one")
	}
}
