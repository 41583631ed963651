package sqlite_test

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// disk is a model of a data folder on a disk that forgets at a power cut what was not
// fsynced. Names are as durable as a file system without any promise makes them: by an
// fsync of the folder, or of the file itself.
type disk struct {
	names   map[string]*inode // as programs see them
	durable map[string]*inode
	pending []naming // changes of names since the folder's last fsync, in order
	shown   map[string]bool
}

// inode is a file without a name.
type inode struct {
	durable []byte
	pending []write
}

// write changes a file: data at a place, or, where data is nil, its size.
type write struct {
	at   int64
	data []byte
}

// naming gives a name to a file, or takes it away.
type naming struct {
	name string
	file *inode // nil: taken away
}

func newDisk() *disk {
	return &disk{names: map[string]*inode{}, durable: map[string]*inode{}, shown: map[string]bool{}}
}

func (w write) apply(b []byte) []byte {
	if w.data == nil {
		if int64(len(b)) > w.at {
			return b[:w.at]
		}
		return append(b, make([]byte, w.at-int64(len(b)))...)
	}
	if end := w.at + int64(len(w.data)); int64(len(b)) < end {
		b = append(b, make([]byte, end-int64(len(b)))...)
	}
	copy(b[w.at:], w.data)
	return b
}

// do carries out one call.
func (d *disk) do(c call) {
	switch c.deed {
	case "create":
		if d.names[c.name] == nil {
			d.name(c.name, &inode{})
		}
		if c.truncate {
			d.write(c.name, write{})
		}
	case "write":
		d.write(c.name, write{c.at, c.data})
	case "truncate":
		d.write(c.name, write{at: c.at})
	case "remove":
		d.name(c.name, nil)
	case "rename":
		d.name(c.to, d.names[c.name])
		d.name(c.name, nil)
	case "sync":
		d.sync(c.name)
	case "show":
		d.shown[string(c.data)] = true
	}
}

func (d *disk) write(name string, w write) {
	if f := d.names[name]; f != nil {
		f.pending = append(f.pending, w)
	}
}

func (d *disk) name(name string, f *inode) {
	if f == nil {
		delete(d.names, name)
	} else {
		d.names[name] = f
	}
	d.pending = append(d.pending, naming{name, f})
}

// sync brings a file, or with "" the folder's names, to the disk.
func (d *disk) sync(name string) {
	if name == "" {
		d.durable, d.pending = maps.Clone(d.names), nil
		return
	}
	f := d.names[name]
	if f == nil {
		return
	}
	for _, w := range f.pending {
		f.durable = w.apply(f.durable)
	}
	f.pending = nil
	if d.durable[name] == nil { // a file that is fsynced has its name, too
		d.durable[name] = f
	}
}

// idle reports whether a power cut would change nothing.
func (d *disk) idle() bool {
	for _, f := range d.names {
		if len(f.pending) > 0 {
			return false
		}
	}
	return len(d.pending) == 0
}

// The ways in which a disk loses what was not fsynced.
const (
	cutKept      = iota // nothing is lost: the program was killed
	cutDropped          // all is lost
	cutReordered        // each write is there or not
	cutTorn             // each sector of each write is there or not
	cutModes
)

// sector is what a disk writes whole, in bytes.
const sector = 512

// after returns the files as they lie on the disk after a power cut now.
func (d *disk) after(mode int, random *rand.Rand) map[string][]byte {
	names := maps.Clone(d.durable)
	kept := len(d.pending)
	switch mode {
	case cutDropped:
		kept = 0
	case cutReordered, cutTorn:
		kept = random.IntN(len(d.pending) + 1)
	}
	for _, n := range d.pending[:kept] {
		if n.file == nil {
			delete(names, n.name)
		} else {
			names[n.name] = n.file
		}
	}
	out := map[string][]byte{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		out[name] = names[name].after(mode, random)
	}
	return out
}

func (f *inode) after(mode int, random *rand.Rand) []byte {
	b := slices.Clone(f.durable)
	for _, w := range f.pending {
		switch mode {
		case cutKept:
			b = w.apply(b)
		case cutReordered:
			if random.IntN(2) == 0 {
				b = w.apply(b)
			}
		case cutTorn:
			b = w.tear(b, random)
		}
	}
	return b
}

// tear applies some sectors of a write.
func (w write) tear(b []byte, random *rand.Rand) []byte {
	if w.data == nil {
		if random.IntN(2) == 0 {
			b = w.apply(b)
		}
		return b
	}
	for from := 0; from < len(w.data); {
		to := min(len(w.data), from+sector-int(w.at+int64(from))%sector)
		if random.IntN(2) == 0 {
			b = write{w.at + int64(from), w.data[from:to]}.apply(b)
		}
		from = to
	}
	return b
}
