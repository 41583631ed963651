package catalog_test

import (
	"bytes"
	"os"
	"reflect"
	"testing"

	"redstation/kiosk"
	"redstation/kiosk/catalog"
)

func TestAPackTravelsAsOneFile(t *testing.T) {
	pack := os.DirFS("pack")
	want, err := catalog.Load(pack)
	if err != nil {
		t.Fatal(err)
	}
	first, err := catalog.Pack(pack)
	if err != nil {
		t.Fatal(err)
	}
	again, err := catalog.Pack(pack)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("the same pack made other bytes (%v)", err)
	}
	if len(first) > kiosk.MaxItemBody/4 {
		t.Errorf("the pack takes %d bytes of an item's %d", len(first), kiosk.MaxItemBody)
	}
	got, err := catalog.Read(first)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the pack is another when it arrives: %v", err)
	}
}

func TestAPackThatWasCutIsRefused(t *testing.T) {
	whole, err := catalog.Pack(os.DirFS("pack"))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{nil, []byte("pack.yaml"), whole[:len(whole)/2], append([]byte{}, whole[100:]...)} {
		if c, err := catalog.Read(b); kiosk.CodeOf(err) != kiosk.CodeInvalid || c != nil {
			t.Errorf("%d bytes: got %v, want an error with code invalid", len(b), err)
		}
	}
}
