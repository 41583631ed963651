package cmd_test

import (
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// The import law. There are three floors and no arrow up: cmd is the only place
// where the wings web, sync and hardware meet; a wing imports kiosk and itself;
// kiosk imports nothing of ours.

// rooms lists every package that holds product code and what of ours it may
// import. A new package gets a row here in the commit that adds it.
var rooms = map[string][]string{
	"kiosk":            {},
	"kiosk/migrate":    {},
	"kiosk/catalog":    {"kiosk"},
	"kiosk/scrub":      {},
	"kiosk/sqlite":     {"kiosk", "kiosk/migrate", "kiosk/scrub"},
	"kiosk/kiosktest":  {"kiosk"},
	"kiosk/ink":        {},
	"kiosk/ink/inkgen": {"kiosk/ink"},
	"kiosk/pinyin":     {},

	"sync/wire":        {"kiosk"},
	"sync/keyfile":     {"kiosk"},
	"sync/notary":      {"kiosk", "sync/wire"},
	"sync/agent":       {"kiosk", "sync/wire", "sync/keyfile"},
	"sync/fleet":       {"kiosk", "sync/wire", "sync/agent"},
	"sync/hub":         {"kiosk", "sync/wire", "sync/keyfile", "sync/hub/sqldb"},
	"sync/hub/sqldb":   {"kiosk", "kiosk/migrate", "kiosk/scrub"},
	"sync/hub/pgtest":  {},
	"sync/hub/hubtest": {"kiosk", "sync/wire", "sync/agent", "sync/fleet", "sync/hub", "sync/hub/sqldb", "sync/hub/pgtest"},

	"hardware/escpos":         {"kiosk"},
	"hardware/printer":        {"kiosk", "hardware/escpos", "hardware/tty"},
	"hardware/printertest":    {"kiosk", "hardware/escpos"},
	"hardware/pins":           {"kiosk"},
	"hardware/door":           {"kiosk", "hardware/pins"},
	"hardware/board":          {"kiosk"},
	"hardware/beacon":         {"kiosk", "hardware/pins"},
	"hardware/power":          {"kiosk", "hardware/pins"},
	"hardware/escpos/fontgen": {},
	"hardware/scanner":        {"kiosk", "hardware/tty"},
	"hardware/tty":            {},
	"hardware/linktest":       {},
	"hardware/rig":            {},
	"hardware/rig/guest":      {},

	"web":        {"kiosk", "web/locale", "web/assets"},
	"web/locale": {"kiosk"},
	"web/assets": {},
	"web/touch":  {"kiosk", "kiosk/ink", "kiosk/pinyin", "web", "web/locale", "web/assets", "web/voice"},
	"web/voice":  {"kiosk", "web/locale"},
	"web/city":   {"kiosk", "web", "web/locale", "web/assets"},

	"web/voice/render": {"kiosk", "kiosk/catalog", "web/locale", "web/voice"},

	"cmd/internal/daemon":  {},
	"cmd/internal/browser": {"cmd/internal/daemon"},
	"cmd/internal/boothd": {"kiosk", "kiosk/catalog", "kiosk/sqlite", "sync/wire", "sync/agent",
		"hardware/printer", "hardware/door", "hardware/scanner", "hardware/tty", "hardware/board", "hardware/beacon", "hardware/power",
		"web", "web/touch", "web/locale", "cmd/internal/daemon"},
	"cmd/internal/hubd": {"kiosk", "sync/wire", "sync/hub", "sync/hub/sqldb", "web", "web/city", "cmd/internal/daemon"},
	"cmd/redstation": {"kiosk", "kiosk/catalog", "kiosk/sqlite", "sync/wire", "sync/agent", "sync/fleet", "sync/hub", "sync/notary", "sync/keyfile", "cmd/internal/daemon",
		"cmd/internal/boothd", "cmd/internal/hubd", "cmd/internal/browser"},
	"cmd/bench": {"kiosk", "kiosk/catalog", "kiosk/sqlite", "sync/wire", "sync/agent", "sync/hub", "sync/hub/sqldb", "sync/hub/pgtest",
		"hardware/escpos", "web", "web/touch", "cmd/internal/daemon", "cmd/internal/boothd", "cmd/internal/hubd"},
}

// measurer is the program that measures ours against bare references of its own
// making: it may name every library.
const measurer = "cmd/bench"

// libraries lists every module that is not ours and the folders that may name it.
// Each is named in as few places as can be: changing it is then one room's work.
var libraries = map[string][]string{
	"filippo.io/age":                      {"sync/hub"},
	"filippo.io/edwards25519":             {"kiosk"},
	"github.com/fxamacker/cbor/v2":        {"kiosk", "sync"},
	"github.com/google/uuid":              {"kiosk"},
	"github.com/jackc/pgx/v5":             {"sync/hub/sqldb"},
	"github.com/klauspost/compress":       {"sync"},
	"github.com/labstack/echo/v4":         {"web"},
	"github.com/prometheus/client_golang": {"sync/hub"},
	"github.com/skip2/go-qrcode":          {"hardware", "cmd"},
	"golang.org/x/crypto":                 {"kiosk"},
	"golang.org/x/image":                  {"hardware"},
	"golang.org/x/mod":                    {"kiosk", "sync"},
	"golang.org/x/sync":                   {"sync/hub"},
	"golang.org/x/sys":                    {"cmd", "hardware"},
	"golang.org/x/term":                   {"cmd/redstation"},
	"golang.org/x/text":                   {"hardware", "kiosk"},
	"golang.org/x/time":                   {"sync", "web"},
	"modernc.org/sqlite":                  {"kiosk/sqlite", "sync/hub/sqldb"},
	"periph.io/x/conn/v3":                 {"hardware"},
	"periph.io/x/host/v3":                 {"hardware"},
	"github.com/alecthomas/kong":          {"cmd/redstation"},
	"go.yaml.in/yaml/v3":                  {"cmd/redstation", "kiosk/catalog"},
	"github.com/getkin/kin-openapi":       {}, // tests only
	"github.com/makiuchi-d/gozxing":       {}, // tests only
	"github.com/rogpeppe/go-internal":     {},
	"pgregory.net/rapid":                  {},
	"rsc.io/qr":                           {}, // a reference of the measurer
}

// machines are the standard packages that the domain stays silent about.
var machines = []string{"net/http", "database/sql", "os", "os/exec", "syscall"}

func TestImportLaw(t *testing.T) {
	tree := readTree(t)
	for _, dir := range packages(tree) {
		if _, ok := rooms[dir]; !ok {
			t.Errorf("package %s has no row in the import law: say in cmd/imports_test.go what it may import", dir)
		}
	}
	for dir := range rooms {
		if !slices.Contains(packages(tree), dir) {
			t.Errorf("the import law names package %s, which is not there", dir)
		}
	}
	for _, s := range tree {
		for _, name := range s.imports {
			if why := judge(s, name); why != "" {
				t.Errorf("%s imports %s: %s", s.path, name, why)
			}
		}
	}
}

// judge says what is wrong with an import, or nothing.
func judge(s source, name string) string {
	if first, _, _ := strings.Cut(name, "/"); first == module {
		return judgeOurs(s, strings.TrimPrefix(name, module+"/"))
	}
	if first, _, _ := strings.Cut(name, "/"); strings.Contains(first, ".") {
		return judgeLibrary(s, name)
	}
	if s.dir == "kiosk" && !s.test && slices.Contains(machines, name) {
		return "the domain is silent about machines"
	}
	return ""
}

// judgeOurs holds product code to its row. Tests of a wing may use the ground
// floor and their own wing: a real book instead of a fake one.
func judgeOurs(s source, name string) string {
	if name == s.dir || slices.Contains(rooms[s.dir], name) {
		return ""
	}
	if !s.test {
		return "it may import only " + strings.Join(rooms[s.dir], ", ")
	}
	if strings.HasPrefix(name, "cmd/") && !strings.HasPrefix(s.dir, "cmd/") {
		return "no arrow up, in tests neither"
	}
	floor, _, _ := strings.Cut(s.dir, "/")
	wing, _, _ := strings.Cut(name, "/")
	if floor != "cmd" && wing != "kiosk" && wing != floor {
		return "wings meet only in cmd, in tests too"
	}
	return ""
}

func judgeLibrary(s source, name string) string {
	for lib, dirs := range libraries {
		if name != lib && !strings.HasPrefix(name, lib+"/") {
			continue
		}
		if s.test || s.dir == measurer || slices.ContainsFunc(dirs, func(d string) bool { return s.dir == d || strings.HasPrefix(s.dir, d+"/") }) {
			return ""
		}
		return "product code names it only in " + strings.Join(dirs, ", ")
	}
	return "no row in the import law: a dependency gets one there and a line in CONTRIBUTING.md"
}

func TestNoPackageBearsAStandardLibraryName(t *testing.T) {
	out, err := exec.Command("go", "list", "std").Output()
	if err != nil {
		t.Fatal(err)
	}
	std := map[string]string{}
	for _, name := range strings.Fields(string(out)) {
		// The toolchain's own packages (go/printer) meet nobody here, nor does its
		// older reader of Go-like text: our scanner is the device on the counter.
		if !strings.HasPrefix(name, "vendor/") && !strings.HasPrefix(name, "go/") && !strings.Contains(name, "internal/") && name != "text/scanner" {
			std[path.Base(name)] = name
		}
	}
	leaves := map[string]string{}
	for _, dir := range packages(readTree(t)) {
		leaf := path.Base(dir)
		if name, ok := std[leaf]; ok {
			t.Errorf("package %s bears the name of the standard library's %s", dir, name)
		}
		if other, ok := leaves[leaf]; ok {
			t.Errorf("packages %s and %s share a leaf name", dir, other)
		}
		leaves[leaf] = dir
	}
}
