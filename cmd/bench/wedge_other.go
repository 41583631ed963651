//go:build !linux

package main

import "errors"

func wedgedPrinter() (string, func(), error) {
	return "", nil, errors.New("a serial line without a printer can be made on Linux only")
}
