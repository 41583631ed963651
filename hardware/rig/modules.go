package rig

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// wanted are the modules that the machine's devices need, beside those they depend
// on. What a kernel has built in is passed over.
func wanted() []string {
	return []string{
		"virtio_pci", "virtio_blk", "virtio_net",
		"crc32c_generic", "ext4", // the book's disk
		"configfs", "xhci_pci", "usbhid", "hid_generic", "evdev", // the scanner
		"dummy_hcd", "usb_f_printer", "usblp", // the USB printer, both ends
		"i6300esb", // the watchdog
	}
}

// module is a file that the kernel loads.
type module struct {
	name string
	path string
	elf  []byte
}

// modulesOf reads the named modules and what they depend on, in the order in which
// they must be loaded. The package comes without modules.dep, which depmod makes
// on installation from what the modules say of themselves; so they are asked.
func modulesOf(k kernel, names []string) ([]module, error) {
	files, err := moduleFiles(k)
	if err != nil {
		return nil, err
	}
	var list []module
	seen := map[string]bool{}
	var add func(name string) error
	add = func(name string) error {
		path, ok := files[name]
		if !ok || seen[name] { // built in, or listed before
			return nil
		}
		seen[name] = true
		b, err := readModule(path)
		if err != nil {
			return err
		}
		needs, err := dependencies(b)
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		for _, n := range needs {
			if err := add(canonical(n)); err != nil {
				return err
			}
		}
		list = append(list, module{name, path, b})
		return nil
	}
	for _, name := range names {
		if err := add(canonical(name)); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// moduleFiles returns the paths of all modules by their names.
func moduleFiles(k kernel) (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(k.modules, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name, _, ok := strings.Cut(d.Name(), ".ko"); ok && !d.IsDir() {
			files[canonical(name)] = path
		}
		return nil
	})
	return files, err
}

// prune removes the modules that the machine does not need: nine tenths of the package.
func prune(k kernel) error {
	files, err := moduleFiles(k)
	if err != nil {
		return err
	}
	needed, err := modulesOf(k, wanted())
	if err != nil {
		return err
	}
	for _, m := range needed {
		delete(files, m.name)
	}
	for _, path := range files {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

// canonical is a module's name as the kernel writes it: files may have hyphens.
func canonical(name string) string { return strings.ReplaceAll(name, "-", "_") }

// readModule reads a module, which newer packages compress.
func readModule(path string) ([]byte, error) {
	out, err := exec.Command("xz", "--decompress", "--force", "--stdout", path).Output() // --force: copies what is not compressed
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return out, nil
}

// dependencies reads the depends= entry of a module's own description.
func dependencies(b []byte) ([]string, error) {
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	section := f.Section(".modinfo")
	if section == nil {
		return nil, fmt.Errorf("no section .modinfo")
	}
	info, err := section.Data()
	if err != nil {
		return nil, err
	}
	for entry := range bytes.SplitSeq(info, []byte{0}) {
		if list, ok := bytes.CutPrefix(entry, []byte("depends=")); ok && len(list) > 0 {
			return strings.Split(string(list), ","), nil
		}
	}
	return nil, nil
}
