//go:build !linux

package scanner

import "errors"

func grab(string) (uintptr, error) { return 0, errors.ErrUnsupported }
