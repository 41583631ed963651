package daemon

import "errors"

// ErrStorage says that the disk did not take, or does not give back, what the program
// stores. It ends the program with an exit status of its own: what the kernel has
// cached can no longer be trusted, and only a new start finds out what is there.
var ErrStorage = errors.New("the disk failed")
