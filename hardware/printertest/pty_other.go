//go:build !linux

package printertest

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// openPTY says that it needs Linux.
func openPTY() (*os.File, io.Closer, string, error) {
	return nil, nil, "", fmt.Errorf("make pseudo-terminal: %w", errors.ErrUnsupported)
}
