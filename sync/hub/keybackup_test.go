package hub_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"redstation/kiosk"
	"redstation/sync/hub"
	"redstation/sync/hub/hubtest"
)

// sealedBy lets a booth file something that only the city can open, sealed to the key
// that the booth knows.
func sealedBy(t *testing.T, c *hubtest.City, b *hubtest.Booth, text string) {
	t.Helper()
	key, err := kiosk.NewCityKey(b.CityKeyID, b.CityKey)
	if err != nil {
		t.Fatal(err)
	}
	id := kiosk.NewID()
	blob, err := key.Seal(b.Booth, b.Book.Stream(kiosk.LaneLog).Epoch, id, kiosk.KindRequestFiled, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	b.Book.WriteDraft(t, kiosk.Draft{ID: id, Kind: kiosk.KindRequestFiled, Facts: []byte(`{}`), Sealed: blob})
	heads, err := b.Book.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	last := heads[1].Last
	if got := push(t, c, b, last, last); got.ack.Acked != last {
		t.Fatal(got)
	}
}

// The restore drill: a machine burns, and all that is left are yesterday's copy of the
// database, the backup of the keys, and the passphrase in somebody's head.
func TestRestoreDrill(t *testing.T) {
	const passphrase = "five words nobody would think of"
	c := hubtest.New(t)
	b := c.Enrol("07")
	sealedBy(t, c, b, `{"words":"old"}`)
	if _, err := c.RotateCityKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := c.Enrol("07")
	again.Book = b.Book
	sealedBy(t, c, again, `{"words":"new"}`)
	announceAndSwitch(t, c)
	var backup bytes.Buffer
	if err := c.BackUpKeys(t.Context(), &backup, "short", 8); kiosk.CodeOf(err) != kiosk.CodeInvalid {
		t.Errorf("a short passphrase: %v", err)
	}
	if err := c.BackUpKeys(t.Context(), &backup, passphrase, 8); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"city-1.key", "hub.key", "redstation"} {
		if bytes.Contains(backup.Bytes(), []byte(secret)) {
			t.Errorf("the backup shows %q", secret)
		}
	}
	database := c.Backup()

	dir := filepath.Join(t.TempDir(), "new")
	if _, err := hub.RestoreKeys(dir, bytes.NewReader(backup.Bytes()), "another passphrase"); kiosk.CodeOf(err) != kiosk.CodeDenied {
		t.Errorf("a wrong passphrase: %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a wrong passphrase made a folder")
	}
	names, err := hub.RestoreKeys(dir, bytes.NewReader(backup.Bytes()), passphrase)
	if err != nil || strings.Join(names, " ") != "city-1.key city-2.key hub.chain hub.key" {
		t.Fatalf("restored %v, %v", names, err)
	}
	keys, err := hub.LoadKeys(dir)
	if err != nil || keys.Fingerprint() != fingerprintOf(t, c) {
		t.Fatalf("the hub is another one: %v", err)
	}
	db := database.Open(t, dir)
	fresh, err := hub.New(t.Context(), db, keys, hub.Opts{Log: hubtest.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	for pos, want := range map[int64]string{1: `{"words":"old"}`, 2: `{"words":"new"}`} {
		if got, err := fresh.OpenSealed(t.Context(), "li.na", pos, "restore drill"); err != nil || string(got) != want {
			t.Errorf("record %d opens as %q, %v, want %q", pos, got, err, want)
		}
	}
}

func announceAndSwitch(t *testing.T, c *hubtest.City) {
	t.Helper()
	if _, _, err := c.AnnounceHubKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.SwitchHubKey(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func fingerprintOf(t *testing.T, c *hubtest.City) string {
	t.Helper()
	list, err := c.KeyList()
	if err != nil {
		t.Fatal(err)
	}
	return list[0].Fingerprint
}

func TestARestoreOverwritesNothing(t *testing.T) {
	const passphrase = "five words nobody would think of"
	c := hubtest.New(t)
	var backup bytes.Buffer
	if err := c.BackUpKeys(t.Context(), &backup, passphrase, 8); err != nil {
		t.Fatal(err)
	}
	names, err := hub.RestoreKeys(c.Dir, bytes.NewReader(backup.Bytes()), passphrase)
	if err != nil || len(names) != 0 {
		t.Errorf("over the same keys: %v, %v", names, err)
	}
	other := t.TempDir()
	mine := "a key of somebody else"
	if err := os.WriteFile(filepath.Join(other, "hub.key"), []byte(mine), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = hub.RestoreKeys(other, bytes.NewReader(backup.Bytes()), passphrase)
	if kiosk.CodeOf(err) != kiosk.CodeConflict {
		t.Errorf("over another key: %v", err)
	}
	files, _ := os.ReadDir(other)
	if text, _ := os.ReadFile(filepath.Join(other, "hub.key")); len(files) != 1 || string(text) != mine {
		t.Errorf("the folder has %v", files)
	}
	for name, broken := range map[string][]byte{"nothing": nil, "a page": []byte("<html>"), "cut": backup.Bytes()[:backup.Len()-1]} {
		if _, err := hub.RestoreKeys(t.TempDir(), bytes.NewReader(broken), passphrase); kiosk.CodeOf(err) != kiosk.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAHubThatLostACityKeyDoesNotStart(t *testing.T) {
	c := hubtest.New(t)
	if _, err := c.RotateCityKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(c.Dir, "city-2.key")); err != nil {
		t.Fatal(err)
	}
	keys, err := hub.LoadKeys(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hub.New(t.Context(), c.DB, keys, hub.Opts{Log: hubtest.Quiet()}); err == nil || !strings.Contains(err.Error(), "city-2.key is missing: restore it from the backup") {
		t.Errorf("without the newest city key: %v", err)
	}
}

// Rotations are cut short by power cuts like all else: each may be asked for again.
func TestAnAnnouncementThatWasCutShortGoesOn(t *testing.T) {
	c := hubtest.New(t)
	if err := c.SwitchHubKey(t.Context()); kiosk.CodeOf(err) != kiosk.CodeConflict {
		t.Errorf("a switch that nobody announced: %v", err)
	}
	key, _, err := c.AnnounceHubKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(c.Dir, "hub.chain")); err != nil { // it had not been written yet
		t.Fatal(err)
	}
	again, fresh, err := c.AnnounceHubKey(t.Context())
	if err != nil || !fresh || again.Fingerprint != key.Fingerprint {
		t.Errorf("announced again: %+v, %t, %v, want the same key", again, fresh, err)
	}
	if third, fresh, err := c.AnnounceHubKey(t.Context()); err != nil || fresh || third.Fingerprint != key.Fingerprint {
		t.Errorf("announced a third time: %+v, %t, %v", third, fresh, err)
	}
}
