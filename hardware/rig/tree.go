package rig

import (
	"context"
	"slices"
)

// pinNames are the lines of the machine's one GPIO chip, a PL061, by number. They
// bear the names that the header of a Raspberry Pi has, so that the program is
// started as there. Line 3 is the machine's power button.
func pinNames() []string {
	return []string{"GPIO17", "GPIO27", "GPIO22", "POWER", "GPIO23", "GPIO24", "GPIO25", "GPIO5"}
}

// writeTree writes the board's device tree with names for the GPIO lines.
func writeTree(ctx context.Context, dir, file string) error {
	dump := append([]string{"-M", "virt,dumpdtb=" + file}, board()...)
	if _, err := tool(ctx, dir, "", emulator, append(dump, "-display", "none", "-nodefaults")...); err != nil {
		return err
	}
	name := []string{"-t", "s", file, "/pl061@9030000", "gpio-line-names"}
	_, err := tool(ctx, dir, "", "fdtput", slices.Concat(name, pinNames())...)
	return err
}
