package wire_test

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"redstation/kiosk"
	"redstation/sync/wire"
)

func TestCheckpointIsANoteThatOthersCanOpen(t *testing.T) {
	c := wire.Checkpoint{Booth: "07", Stream: kiosk.Stream{Epoch: kiosk.ID{0xab}, Lane: kiosk.LaneUrgent}, Size: 12, Root: [32]byte{1}}
	booth, hub := testKey(1), testKey(2)
	signed, err := c.Sign(booth)
	if err != nil {
		t.Fatal(err)
	}
	both, err := c.Cosign(signed, public(booth), hub)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	var list []note.Verifier
	for name, k := range map[string][]byte{wire.BoothName("07"): public(booth), wire.HubName: public(hub)} {
		key, err := wire.NoteKey(name, k)
		if err != nil {
			t.Fatal(err)
		}
		v, err := note.NewVerifier(key)
		if err != nil {
			t.Fatal(err)
		}
		keys, list = append(keys, key), append(list, v)
	}
	n, err := note.Open(both, note.VerifierList(list...))
	if err != nil || len(n.Sigs) != 2 {
		t.Fatalf("got %+v, %v", n, err)
	}
	if want := "redstation/07/ab000000000000000000000000000000/urgent\n12\nAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"; n.Text != want {
		t.Errorf("text %q, want %q", n.Text, want)
	}
	if got, err := wire.OpenCheckpoint(both, keys...); err != nil || got != c {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := wire.OpenCheckpoint(signed, keys...); err == nil {
		t.Errorf("the booth's word alone passes for both: %+v", got)
	}
}

func TestCheckpointIsBoundToEverything(t *testing.T) {
	c := wire.Checkpoint{Booth: "07", Stream: kiosk.Stream{Epoch: kiosk.ID{1}}, Size: 12, Root: [32]byte{1}}
	key := testKey(1)
	signed, err := c.Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*wire.Checkpoint){
		"another booth": func(c *wire.Checkpoint) { c.Booth = "08" }, "another epoch": func(c *wire.Checkpoint) { c.Stream.Epoch[3] = 1 },
		"another lane": func(c *wire.Checkpoint) { c.Stream.Lane = kiosk.LaneUrgent },
		"another size": func(c *wire.Checkpoint) { c.Size++ }, "another root": func(c *wire.Checkpoint) { c.Root[31]++ },
	} {
		other := c
		change(&other)
		if _, err := other.Cosign(signed, public(key), testKey(2)); kiosk.CodeOf(err) != kiosk.CodeDenied {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := c.Cosign(signed, public(testKey(3)), testKey(2)); kiosk.CodeOf(err) != kiosk.CodeDenied {
		t.Errorf("another key: %v", err)
	}
	for i := range signed {
		changed := bytes.Clone(signed)
		changed[i] ^= 1
		if _, err := c.Cosign(changed, public(key), testKey(2)); err == nil {
			t.Errorf("a flipped bit in byte %d of the note is taken", i)
		}
	}
}

func TestACheckpointIsWrittenInOneWay(t *testing.T) {
	c := wire.Checkpoint{Booth: "07", Stream: kiosk.Stream{Epoch: kiosk.ID{1}}, Size: 12, Root: [32]byte{1}}
	text := c.Text()
	for name, changed := range map[string]string{
		"a size with a zero": strings.Replace(text, "\n12\n", "\n012\n", 1), "a sign": strings.Replace(text, "\n12\n", "\n+12\n", 1),
		"an upper-case epoch": strings.ToUpper(text[:20]) + text[20:], "a line more": text + "x\n", "no booth": strings.Replace(text, "/07/", "//", 1),
		"another tree": strings.Replace(text, "redstation/", "sumdb/", 1), "a lane of no booth": strings.Replace(text, "/log", "/lag", 1),
	} {
		if got, err := wire.ReadCheckpoint([]byte(changed + "\n— x AAAAAAAA\n")); err == nil {
			t.Errorf("%s: taken as %+v", name, got)
		}
	}
	if got, err := wire.ReadCheckpoint([]byte(text + "\n— x AAAAAAAA\n")); err != nil || got != c {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestVersionsThatAreNotSpoken(t *testing.T) {
	enc, err := sample(t, 1).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	later := append([]byte{0x83, 0x02, 0x61, 'x', 0xf6}, enc...) // of another length, too
	for name, err := range map[string]error{
		"a batch": func() error { _, err := wire.DecodeBatch(later); return err }(),
		"a hello": wire.SpeaksMessage([]byte{0xa2, 0x65, 'p', 'r', 'o', 't', 'o', 0x18, 0x63, 0x65, 'h', 'e', 'a', 'd', 's', 0x01}),
	} {
		if err == nil || !strings.Contains(err.Error(), "this hub speaks [1]") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := wire.SpeaksMessage([]byte{0xa0}); err != nil {
		t.Errorf("a message that names no version: %v", err)
	}
}
