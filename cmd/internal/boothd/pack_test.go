package boothd_test

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"redstation/cmd/internal/boothd"
	"redstation/kiosk"
	"redstation/kiosk/catalog"
	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/sqldb"
)

// packOf returns the built-in content pack with another name for its first tile.
func packOf(t *testing.T, version, tile string) []byte {
	t.Helper()
	zip, err := catalog.Pack(os.DirFS("../../../kiosk/catalog/pack"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := catalog.Unpack(zip)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	c, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"pack.yaml":                {"version: " + c.Version, "version: " + version},
		"functions/01-policy.yaml": {"zh: " + c.Functions[0].Tile["zh"], "zh: " + tile},
	} {
		b, err := os.ReadFile(dir + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.Replace(string(b), change[0], change[1], 1)
		if changed == string(b) {
			t.Fatalf("%s does not say %q", name, change[0])
		}
		if err := os.WriteFile(dir+"/"+name, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if zip, err = catalog.Pack(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return zip
}

func shows(t *testing.T, url, want string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(get(t, url), want); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s never showed %q", url, want)
		}
	}
}

// carried waits until booth 07 has told that it carried the city's feed out.
func carried(t *testing.T, city *hubtest.City, ver uint64) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var reach map[kiosk.Feed]uint64
		err := city.DB.View(t.Context(), func(tx *sqldb.Tx) (err error) {
			reach, err = tx.Reach(t.Context(), "07")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if reach[kiosk.FeedCity] == ver {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the booth is at %d of the city's feed, never at %d", reach[kiosk.FeedCity], ver)
		}
	}
}

func TestABadPackOfTheCityLeavesTheOneBefore(t *testing.T) {
	city := hubtest.New(t)
	invitation, err := city.CreateEnrolment(t.Context(), "07", "Booth 07", city.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := config(t, io.Discard)
	start := func() (string, func()) {
		b, err := boothd.Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Enrol(t.Context(), invitation); err != nil {
			t.Fatal(err)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		return serve(t, c)
	}
	publish := func(version string, zip []byte) {
		t.Helper()
		if _, err := city.PublishPack(t.Context(), version, zip); err != nil {
			t.Fatal(err)
		}
	}
	base, stop := start()
	publish("7.1", packOf(t, "7.1", "新政策一"))
	shows(t, base, "新政策一")
	publish("7.2", []byte("not a pack"))
	publish("7.3", packOf(t, "7.3", "新政策一二三四五六七八")) // too long for its tile
	carried(t, city, 3)
	stop()
	base, stop = serve(t, c) // it holds over a restart, too
	shows(t, base, "新政策一")
	if page := get(t, base); strings.Contains(page, "新政策一二三四五六七八") {
		t.Error("a pack with a fault is offered")
	}
	publish("7.4", packOf(t, "7.4", "新政策二"))
	shows(t, base, "新政策二")
	stop()
}
