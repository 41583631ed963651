package rig

import (
	"bufio"
	"fmt"
	"os"
	"path"
	"strings"
)

// archive writes a cpio archive in the format "newc", which the kernel unpacks
// into its first file system (kernel documentation, buffer-format.rst). It is not
// compressed: unpacking costs an emulated processor more than reading.
type archive struct {
	w      *bufio.Writer
	offset int64
	inode  int
	made   map[string]bool
	err    error
}

const (
	modeFolder = 0o040755
	modeFile   = 0o100755
)

// writeInitramfs writes the machine's first file system: guest as its first
// process, the program under test, and the modules with the list of their order.
func writeInitramfs(name, guest, program string, modules []module) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	a := &archive{w: bufio.NewWriterSize(f, 1<<20), made: map[string]bool{".": true, "/": true}}
	a.copyFile("init", guest)
	a.copyFile("redstation", program)
	var order strings.Builder
	for _, m := range modules {
		a.file("lib/modules/"+m.name+".ko", m.elf)
		fmt.Fprintf(&order, "/lib/modules/%s.ko\n", m.name)
	}
	a.file("modules", []byte(order.String()))
	a.folder("dev")
	if err := a.close(); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return f.Close()
}

// copyFile adds the file source under another name.
func (a *archive) copyFile(name, source string) {
	b, err := os.ReadFile(source)
	if err != nil && a.err == nil {
		a.err = err
	}
	a.file(name, b)
}

// file adds a file and the folders above it.
func (a *archive) file(name string, b []byte) {
	a.folder(path.Dir(name))
	a.entry(name, modeFile, b)
}

// folder adds a folder and those above it, each once.
func (a *archive) folder(name string) {
	if a.made[name] {
		return
	}
	a.made[name] = true
	a.folder(path.Dir(name))
	a.entry(name, modeFolder, nil)
}

// entry writes a header of 110 characters, the name with its NUL, and the bytes;
// name and bytes are each filled up to a multiple of four.
func (a *archive) entry(name string, mode int, b []byte) {
	a.inode++
	header := "070701"
	// inode, mode, uid, gid, links, mtime, size, device twice as two numbers, length of the name, checksum
	for _, v := range []int{a.inode, mode, 0, 0, 1, 0, len(b), 0, 0, 0, 0, len(name) + 1, 0} {
		header += fmt.Sprintf("%08x", v)
	}
	a.write([]byte(header + name + "\x00"))
	a.fill()
	a.write(b)
	a.fill()
}

func (a *archive) fill() { a.write(make([]byte, (4-a.offset%4)%4)) }

func (a *archive) write(b []byte) {
	if a.err != nil {
		return
	}
	var n int
	n, a.err = a.w.Write(b)
	a.offset += int64(n)
}

// close writes the archive's end.
func (a *archive) close() error {
	a.entry("TRAILER!!!", 0, nil)
	if a.err != nil {
		return a.err
	}
	return a.w.Flush()
}
