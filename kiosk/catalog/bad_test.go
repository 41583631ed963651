package catalog_test

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"redstation/kiosk"
	"redstation/kiosk/catalog"
)

var update = flag.Bool("update", false, "write the wanted messages into testdata/bad")

// pack returns the small good pack with the files of over laid upon it.
func pack(t testing.TB, over map[string]string) fstest.MapFS {
	t.Helper()
	good, err := txtar.ParseFile("testdata/good.txtar")
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{}
	for _, f := range good.Files {
		fsys[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	for name, data := range over {
		fsys[name] = &fstest.MapFile{Data: []byte(data)}
	}
	return fsys
}

// refused loads a pack that must not load, and returns what is said about it.
func refused(t *testing.T, fsys fs.FS) string {
	t.Helper()
	c, err := catalog.Load(fsys)
	if err == nil || c != nil {
		t.Fatalf("got %v and error %v, want no catalogue and an error", c, err)
	}
	var e *kiosk.Error
	if !errors.As(err, &e) || e.Code != kiosk.CodeInvalid || e.Key != "error.pack" {
		t.Errorf("got %#v, want a kiosk.Error with CodeInvalid and error.pack", err)
	}
	return err.Error()
}

func TestLoadTakesTheSmallPack(t *testing.T) {
	if _, err := catalog.Load(pack(t, nil)); err != nil {
		t.Fatal(err)
	}
}

func TestLoadTakesALanguageThatIsBegun(t *testing.T) {
	good := pack(t, nil)
	text := strings.Replace(string(good["pack.yaml"].Data), "en: Small pack", "en: Small pack, ko: 꾸러미", 1)
	c, err := catalog.Load(pack(t, map[string]string{"pack.yaml": text}))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Name.In(kiosk.Korean); got != "꾸러미" || slices.Contains(c.Languages, kiosk.Korean) {
		t.Errorf("got name %q and languages %v, want the Korean name and Korean not listed", got, c.Languages)
	}
}

func TestLoadNamesWhatIsWrong(t *testing.T) {
	paths, err := filepath.Glob("testdata/bad/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("got %d bad packs and error %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			over, last := map[string]string{}, len(archive.Files)-1
			for _, f := range archive.Files[:last] {
				over[f.Name] = string(f.Data)
			}
			got := refused(t, pack(t, over)) + "\n"
			if *update {
				archive.Files[last].Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := string(archive.Files[last].Data); got != want {
				t.Errorf("%s\ngot:\n%s\nwant:\n%s", archive.Comment, got, want)
			}
		})
	}
}
