// Package pgtest runs a private PostgreSQL server for tests and measurements. It
// lives in a folder of its own and speaks on a unix socket there only, as an
// unprivileged user where the test is root. A shell stands between, whose input ends
// with the process that started it, however that ends: then the server is stopped
// and its folder removed.
package pgtest

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Opts are the choices of a server; the zero value works.
type Opts struct {
	Durable bool // fsync is on: for measurements
}

// Server is a server that runs.
type Server struct {
	dir, bin string
	as       *syscall.SysProcAttr
	orders   io.WriteCloser
	shell    *exec.Cmd
	names    atomic.Int64
}

// ErrMissing says that PostgreSQL is not installed.
var ErrMissing = errors.New("PostgreSQL is not installed")

// keeper starts the server and obeys: "stop", "kill" (as a power cut would, for those
// who talk to it) and "start". When nothing more can come, it cleans up.
const keeper = `
start() { "$1/postgres" -D "$2/data" >>"$2/log" 2>&1 & server=$!; }
start "$@"
while read -r order; do
	case $order in
	stop) kill -INT "$server"; wait "$server" ;;
	kill) kill -QUIT "$server"; wait "$server" ;;
	start) start "$@" ;;
	esac
	echo "$order" >>"$2/done"
done
kill -INT "$server" 2>/dev/null
wait
rm -rf "$2"
`

// Start makes a cluster and starts its server.
func Start(o Opts) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pgtest-") // short: the path of a socket has 107 bytes at most
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, bin: bin, as: &syscall.SysProcAttr{Setpgid: true}}
	if err := s.start(o); err != nil {
		return nil, errors.Join(err, s.Stop(), os.RemoveAll(dir))
	}
	return s, nil
}

// binaries finds the folder of the newest version: Debian's, or where postgres is.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		path, err := exec.LookPath("postgres")
		if err != nil {
			return "", ErrMissing
		}
		return filepath.Dir(path), nil
	}
	return filepath.Dir(found[len(found)-1]), nil
}

func (s *Server) start(o Opts) error {
	if os.Getuid() == 0 { // which the server refuses to be
		if err := s.become("postgres"); err != nil {
			return err
		}
	}
	// A language whose order is not that of the bytes, so that nobody relies on it.
	if out, err := s.command("initdb", "-D", s.path("data"), "-U", "postgres", "-A", "trust", "--no-sync", "--encoding=UTF8",
		"--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=zh-Hans-CN").CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	if err := s.configure(o); err != nil {
		return err
	}
	s.shell = exec.Command("/bin/sh", "-c", keeper, "keeper", s.bin, s.dir)
	s.shell.SysProcAttr, s.shell.Dir = s.as, "/"
	var err error
	if s.orders, err = s.shell.StdinPipe(); err != nil {
		return err
	}
	if err := s.shell.Start(); err != nil {
		return err
	}
	return s.await()
}

// become lets all that follows run as another user, and gives it the folder.
func (s *Server) become(name string) error {
	u, err := user.Lookup(name)
	if err != nil {
		return fmt.Errorf("the server does not run as root: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return err
	}
	s.as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(s.dir, int(uid), int(gid))
}

func (s *Server) configure(o Opts) error {
	sync := "off"
	if o.Durable {
		sync = "on"
	}
	f, err := os.OpenFile(s.path("data/postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // the write says it
	_, err = fmt.Fprintf(f, `
listen_addresses = ''
unix_socket_directories = '%s'
max_connections = 200
shared_buffers = 64MB
max_wal_size = 1GB
fsync = %s
`, s.dir, sync)
	if err != nil {
		return err
	}
	// Whose password is asked for, so that a wrong one is found out.
	return os.WriteFile(s.path("data/pg_hba.conf"), []byte("local all guarded scram-sha-256\nlocal all all trust\n"), 0o600)
}

func (s *Server) path(name string) string { return filepath.Join(s.dir, name) }

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.SysProcAttr, cmd.Dir = s.as, "/"
	return cmd
}

// await waits until the server answers.
func (s *Server) await() error {
	for begin := time.Now(); time.Since(begin) < time.Minute; time.Sleep(20 * time.Millisecond) {
		if s.command("pg_isready", "-q", "-h", s.dir).Run() == nil {
			return nil
		}
	}
	log, _ := os.ReadFile(s.path("log"))
	return fmt.Errorf("the server does not answer: %s", log)
}

// Stop stops the server for good and removes its folder.
func (s *Server) Stop() error {
	if s.orders == nil {
		return nil
	}
	err := s.orders.Close()
	s.orders = nil
	return errors.Join(err, s.shell.Wait())
}

// Order stops ("stop"), kills ("kill") or starts ("start") the server, and waits
// until that is done.
func (s *Server) Order(t testing.TB, order string) {
	t.Helper()
	if err := os.RemoveAll(s.path("done")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(s.orders, order+"\n"); err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if done, err := os.ReadFile(s.path("done")); err == nil && strings.HasSuffix(string(done), "\n") {
			break
		}
		if time.Since(begin) > time.Minute {
			t.Fatalf("the server does not %s", order)
		}
	}
	if order == "start" {
		if err := s.await(); err != nil {
			t.Fatal(err)
		}
	}
}

// Database makes an empty database and returns its DSN; it is dropped when the test
// ends.
func (s *Server) Database(t testing.TB) string { return s.Copy(t, "") }

// Copy makes a database that is a copy of that of a DSN, which nobody may be
// connected to; "" = an empty one.
func (s *Server) Copy(t testing.TB, dsn string) string {
	t.Helper()
	name := fmt.Sprintf("t%d", s.names.Add(1))
	args := []string{"-h", s.dir, "-U", "postgres", name}
	if dsn != "" {
		args = append(args, "-T", Name(dsn))
	}
	if out, err := s.command("createdb", args...).CombinedOutput(); err != nil {
		t.Fatalf("createdb: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := s.command("dropdb", "-f", "--if-exists", "-h", s.dir, "-U", "postgres", name).CombinedOutput(); err != nil {
			t.Errorf("dropdb: %v: %s", err, out)
		}
	})
	return s.DSN("postgres", name)
}

// DSN returns the address of a database for a user.
func (s *Server) DSN(userName, database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(userName), Path: "/" + database, RawQuery: url.Values{"host": {s.dir}}.Encode()}
	return u.String()
}

// Name returns the name of the database of a DSN.
func Name(dsn string) string {
	u, err := url.Parse(dsn)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Path, "/")
}

// SQL runs statements with psql, as the server's administrator, and returns what it
// prints: a row a line, columns with a bar between them.
func (s *Server) SQL(t testing.TB, dsn, text string) string {
	t.Helper()
	out, err := s.command("psql", "-h", s.dir, "-U", "postgres", "-d", Name(dsn), "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", text).CombinedOutput()
	if err != nil {
		t.Fatalf("psql: %v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// shared is the one server of a test program.
var shared = sync.OnceValues(func() (*Server, error) { return Start(Opts{}) })

// Need returns the server that the tests of this program share. Where PostgreSQL is
// not installed the test is skipped, or fails where everything must be seen: in make
// test, and where CI=true.
func Need(t testing.TB) *Server {
	t.Helper()
	s, err := shared()
	if errors.Is(err, ErrMissing) && os.Getenv("CI") != "true" && os.Getenv("REQUIRE_TOOLS") != "1" {
		t.Skip("NOT TESTED: PostgreSQL is not installed; run make deps")
	}
	if err != nil {
		t.Fatalf("a PostgreSQL of our own, which must be here: %v", err)
	}
	return s
}
