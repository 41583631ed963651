package catalog_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"redstation/kiosk/catalog"
)

// folder writes the small good pack to a folder of its own.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, pack(t, nil)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLoadReadsAFolder(t *testing.T) {
	dir := folder(t)
	linked := filepath.Join(dir, "functions", "04-linked.yaml")
	target := filepath.Join(t.TempDir(), "elsewhere.yaml")
	text := "number: 4\nicon: building\nfamily: civic\ntile: {zh: 物业, en: Housing}\nname: {zh: 物业, en: Housing}\n" +
		"services:\n  - id: 4.1\n    icon: hammer\n    name: {zh: 报修, en: Repair}\n" +
		"    summary: {zh: 报修, en: Repair}\n    actions: [request]\n    data_class: 2\n    closed: true\n"
	if err := os.WriteFile(target, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, linked); err != nil {
		t.Fatal(err)
	}
	c, err := catalog.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if got := len(c.Functions); got != 3 {
		t.Errorf("got %d functions, want 3: a link to a file is read", got)
	}
	if s, _, ok := c.Service("4.1"); !ok || s.Open() {
		t.Errorf("got service 4.1 found %v, want it listed and not open", ok)
	}
}

func TestLoadRefusesFoldersThatAreNoPack(t *testing.T) {
	t.Run("a folder that is not there", func(t *testing.T) {
		got := refused(t, os.DirFS(filepath.Join(t.TempDir(), "nowhere")))
		if want := "the folder of the pack: cannot be read: no such file or directory"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("an empty folder", func(t *testing.T) {
		got := refused(t, os.DirFS(t.TempDir()))
		want := "pack.yaml: cannot be read: no such file or directory\nfunctions: cannot be read: no such file or directory"
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("functions is a file", func(t *testing.T) {
		dir := folder(t)
		if err := os.RemoveAll(filepath.Join(dir, "functions")); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "functions"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := refused(t, os.DirFS(dir)); strings.Contains(got, "\n") || !strings.HasPrefix(got, "functions: cannot be read: ") {
			t.Errorf("got %q, want one line about functions", got)
		}
	})
	t.Run("functions is empty", func(t *testing.T) {
		fsys := pack(t, nil)
		delete(fsys, "functions/01-policy.yaml")
		delete(fsys, "functions/03-tell.yaml")
		fsys["functions"] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
		if got, want := refused(t, fsys), "functions: holds no *.yaml file"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestLoadBoundsWhatItReads(t *testing.T) {
	t.Run("a link to something endless", func(t *testing.T) {
		dir := folder(t)
		if err := os.Symlink("/dev/zero", filepath.Join(dir, "functions", "zero.yaml")); err != nil {
			t.Fatal(err)
		}
		if got, want := refused(t, os.DirFS(dir)), "functions/zero.yaml: is not a regular file"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("a link to nothing", func(t *testing.T) {
		dir := folder(t)
		if err := os.Symlink("nothing.yaml", filepath.Join(dir, "functions", "loose.yaml")); err != nil {
			t.Fatal(err)
		}
		if got, want := refused(t, os.DirFS(dir)), "functions/loose.yaml: cannot be read: no such file or directory"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("a file of more than 1 MiB", func(t *testing.T) {
		fsys := pack(t, map[string]string{"pack.yaml": strings.Repeat("# long\n", 1<<20/7+1)})
		if got, want := refused(t, fsys), "pack.yaml: is larger than 1024 KiB"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("more than 64 files", func(t *testing.T) {
		over := map[string]string{}
		for i := range 63 {
			over[fmt.Sprintf("functions/x%d.yaml", i)] = ""
		}
		if got, want := refused(t, pack(t, over)), "functions: holds more than 64 files"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("a name over two lines", func(t *testing.T) {
		got := refused(t, pack(t, map[string]string{"functions/a\nb.yaml": ""}))
		if strings.Contains(got, "\n") {
			t.Errorf("got %q, want one line", got)
		}
	})
	t.Run("hidden files are passed over", func(t *testing.T) {
		if _, err := catalog.Load(pack(t, map[string]string{"functions/.swp": "x"})); err != nil {
			t.Error(err)
		}
	})
}
