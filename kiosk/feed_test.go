package kiosk_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"redstation/kiosk"
)

func TestFeedsAreReadByWhomTheyConcern(t *testing.T) {
	for _, tt := range []struct {
		feed     kiosk.Feed
		booth    string
		reads    bool
		personal bool
	}{
		{"city", "07", true, false}, {"city", "", true, false}, {"tags", "07", true, true}, {"booth/07", "07", true, true},
		{"booth/08", "07", false, true}, {"booth/", "07", false, true}, {"town", "07", false, true}, {"", "07", false, true},
	} {
		if got := tt.feed.ReadBy(tt.booth); got != tt.reads {
			t.Errorf("feed %q and booth %q: %v, want %v", tt.feed, tt.booth, got, tt.reads)
		}
		if got := tt.feed.Personal(); got != tt.personal {
			t.Errorf("feed %q: personal %v, want %v", tt.feed, got, tt.personal)
		}
	}
}

func TestASumDoesNotDependOnTheOrder(t *testing.T) {
	items := make([]kiosk.Item, 50)
	for i := range items {
		items[i] = kiosk.Item{Ver: uint64(i), Type: "t", ID: strings.Repeat("x", i), Op: kiosk.ItemPut, Body: []byte{byte(i)}}
	}
	all, err := kiosk.SumItems(items)
	if err != nil {
		t.Fatal(err)
	}
	var sum kiosk.Sum
	for i := range items {
		d, err := items[len(items)-1-i].Digest()
		if err != nil {
			t.Fatal(err)
		}
		sum.Add(d)
	}
	if sum != all {
		t.Errorf("got %x, want %x", sum, all)
	}
	for i := range items {
		d, err := items[i].Digest()
		if err != nil {
			t.Fatal(err)
		}
		sum.Take(d)
	}
	if sum != (kiosk.Sum{}) {
		t.Errorf("after all were taken away: %x", sum)
	}
	// The digest crosses the wire: it never changes.
	d, err := (&kiosk.Item{Feed: "city", Ver: 7, Type: "notice", ID: "a", Op: kiosk.ItemPut, MinVersion: 1, Body: []byte("snow")}).Digest()
	if got, want := hex.EncodeToString(d[:]), "f8209a50779ded69fe2960f088f30ba0"; err != nil || got != want {
		t.Errorf("digest %s, want %s (%v)", got, want, err)
	}
}

func TestAPlaceOfARecordIsReadAgain(t *testing.T) {
	at := kiosk.RecordAt{Stream: kiosk.Stream{Epoch: kiosk.ID{0xee, 15: 1}, Lane: kiosk.LaneUrgent}, Seq: 812}
	if got, err := kiosk.ParseRecordAt(at.String()); err != nil || got != at {
		t.Errorf("%s: got %+v, %v", at, got, err)
	}
	for _, s := range []string{"", "/", "ee/log/1", at.Epoch.String() + "/log/0", at.Epoch.String() + "/slow/1", at.Epoch.String() + "/log/-1"} {
		if _, err := kiosk.ParseRecordAt(s); kiosk.CodeOf(err) != kiosk.CodeInvalid {
			t.Errorf("%q: got %v, want an error with code invalid", s, err)
		}
	}
}
