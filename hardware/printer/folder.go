package printer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

// folder is the printer "file:DIR", for development and tests. The job with number
// NNNN is DIR/NNNN.bin, the bytes a printer would get, and DIR/NNNN.png, what they
// print. Both carry all that stands on the receipt, the secret code included: keep
// such a folder out of the booth's data, and never use this printer for the public.
type folder struct {
	dir     string
	profile escpos.Profile

	mu   sync.Mutex
	next int
}

// openFolder makes the folder where it is missing, proves that it can be written,
// and goes on with the number after the last job in it.
func openFolder(dir string, p escpos.Profile) (*folder, error) {
	f := &folder{dir: dir, profile: p, next: 1}
	probe := filepath.Join(dir, ".probe")
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		err = errors.Join(os.WriteFile(probe, nil, 0o600), os.Remove(probe))
	}
	var entries []fs.DirEntry
	if err == nil {
		entries, err = os.ReadDir(dir)
	}
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err // the folder is named already
		}
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.printer",
			"printer folder %s cannot be written: %w; name a folder that this user may write to", dir, err)
	}
	for _, e := range entries {
		base, ok := strings.CutSuffix(e.Name(), ".bin")
		if n, err := strconv.Atoi(base); ok && err == nil && n >= f.next {
			f.next = n + 1
		}
	}
	return f, nil
}

// send writes the picture and then the bytes, so that where the bytes are, the
// picture is too. Nothing counts as printed until both are there.
func (f *folder) send(ctx context.Context, job []byte) error {
	if s := f.state(ctx); !s.Prints() {
		return refused(s)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	png, err := picture(job, f.profile)
	if err != nil {
		return err
	}
	base := filepath.Join(f.dir, fmt.Sprintf("%04d", f.next))
	err = write(base+".png", png)
	if err == nil {
		err = write(base+".bin", job)
	}
	if err != nil {
		return kiosk.Errorf(kiosk.CodeUnavailable, "error.printer", "write job %d: %w", f.next, err)
	}
	f.next++
	return nil
}

// write puts a whole file in place or none.
func write(name string, b []byte) error {
	tmp := name + ".part"
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return os.Rename(tmp, name)
}

// state asks whether the folder is still there.
func (f *folder) state(context.Context) kiosk.PrinterState {
	if st, err := os.Stat(f.dir); err != nil || !st.IsDir() {
		return kiosk.PrinterOffline
	}
	return kiosk.PrinterReady
}

func (f *folder) close() error { return nil }
