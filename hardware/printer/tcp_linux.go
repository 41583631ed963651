package printer

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// unacknowledged returns how many bytes of a socket the other end has not confirmed
// yet (SIOCOUTQ; tcp(7)).
func unacknowledged(raw syscall.RawConn) (n int, err error) {
	if e := raw.Control(func(fd uintptr) { n, err = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) }); e != nil {
		return 0, e
	}
	return n, err
}
