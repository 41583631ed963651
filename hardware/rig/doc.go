// Package rig is a whole arm64 machine in which the booth's program is tested
// against a real kernel: a gpiochip with a named line for the door, a PL011 UART
// and /dev/usb/lp0 for the printer, a USB keyboard for the scanner, a watchdog that
// resets the machine, and a disk.
//
// The machine is qemu-system-aarch64 without hardware help, so it runs anywhere;
// kernel and modules are Debian's own package for arm64, and the first process is
// the small program in guest, which stands in for systemd. Tests hold the far end
// of every device: they set the door's line, play the printer, press keys, pull
// the USB plug. What a virtual machine cannot show is in ../README.md.
//
// The tools come from Debian's qemu-system-arm, device-tree-compiler and e2fsprogs;
// the kernel (60 MB) is fetched once through apt into the user's cache folder.
package rig
