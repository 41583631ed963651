package e2e_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
)

var shots = flag.String("shots", "", "save the pictures of the README in this `folder`")

// retake takes the pictures of web/README.md anew.
var retake = flag.Bool("gallery", false, "take the pictures of every kind of page")

// scratch holds the built program and the pictures of failures.
var scratch = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "redstation-e2e-") })

// binary builds the program once.
var binary = sync.OnceValues(func() (string, error) {
	if named := os.Getenv("E2E_BINARY"); named != "" {
		return named, nil
	}
	dir, err := scratch()
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "redstation")
	build := exec.Command("go", "build", "-trimpath", "-o", file, "./cmd/redstation") // as it is released, and as the packages are built: compiled once
	build.Dir = filepath.Join("..", "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return file, nil
})

func TestMain(m *testing.M) {
	flag.Parse()
	for _, tool := range []string{"chromium", "zbarimg"} {
		if _, err := exec.LookPath(tool); err != nil {
			fmt.Printf("\n*** %s is not installed: what needs it is not tested here (apt-get install chromium zbar-tools fonts-noto-cjk) ***\n\n", tool)
		}
	}
	wide := flag.Lookup("test.parallel") // the tests wait more than they work
	if wide.Value.String() == wide.DefValue {
		flag.Set("test.parallel", strconv.Itoa(3*runtime.NumCPU()))
	}
	code := m.Run()
	if file := os.Getenv("WALKS"); file != "" && code == 0 {
		if err := os.WriteFile(file, []byte(walksTable()), 0o644); err != nil {
			fmt.Println(err)
			code = 1
		}
	}
	if dir, err := scratch(); err == nil {
		os.Remove(filepath.Join(dir, "redstation"))
		os.Remove(dir) // fails while pictures are in it, which are for people to look at
	}
	os.Exit(code)
}

// need returns the path of a tool. Without it the test is skipped, or fails where
// everything must be seen.
func need(t *testing.T, tool string) string {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err == nil {
		return path
	}
	if os.Getenv("CI") == "true" || os.Getenv("REQUIRE_BROWSER") == "1" {
		t.Fatalf("%s is not installed, and must be here: %v", tool, err)
	}
	t.Skipf("NOT TESTED: %s is not installed (%v)", tool, err)
	return ""
}
