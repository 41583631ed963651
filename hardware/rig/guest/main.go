//go:build linux

// Command guest is the first process of the rig's machine: it stands in for
// systemd on a booth's Raspberry Pi.
//
// It mounts what a Linux needs, loads the kernel modules that the host chose, and
// then does what the host asks over HTTP on the forwarded port: start and stop the
// program as a systemd unit of Type=notify would, feed the machine's watchdog for
// as long as the program is well, plug and unplug the USB printer, read a file.
// Whoever asks is the host: nothing else reaches this machine's network.
package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	agentAddr  = ":8081" // this program
	gadgetAddr = ":8082" // what the USB printer receives and says
)

func main() {
	err := run()
	// The kernel panics when the first process ends; what is said here is the last
	// thing on the console.
	fmt.Fprintln(os.Stderr, "guest:", err)
	time.Sleep(time.Second)
}

func run() error {
	if err := mountAll(); err != nil {
		return err
	}
	if err := loadModules("/modules"); err != nil {
		return err
	}
	if err := mountLate(); err != nil {
		return err
	}
	if err := bringUp("lo", [4]byte{127, 0, 0, 1}, [4]byte{255, 0, 0, 0}); err != nil {
		return err
	}
	// The address to which QEMU's user network forwards.
	if err := bringUp("eth0", [4]byte{10, 0, 2, 15}, [4]byte{255, 255, 255, 0}); err != nil {
		return err
	}
	gadget, err := newGadget()
	if err != nil {
		return err
	}
	u, err := newUnit()
	if err != nil {
		return err
	}
	failed := make(chan error, 2)
	go func() { failed <- gadget.serve(gadgetAddr) }()
	go func() { failed <- http.ListenAndServe(agentAddr, routes(u, gadget)) }()
	return <-failed
}

// routes are what the host may ask. An error is answered as 500 with its text.
func routes(u *unit, g *gadget) http.Handler {
	mux := http.NewServeMux()
	do := func(route string, deed func(r *http.Request) error) {
		mux.HandleFunc(route, func(w http.ResponseWriter, r *http.Request) {
			if err := deed(r); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		})
	}
	do("GET /up", func(*http.Request) error { return nil })
	do("POST /start", func(r *http.Request) error {
		args, err := io.ReadAll(r.Body)
		return errors.Join(err, u.start(strings.Split(string(args), "\n")))
	})
	do("POST /end", func(*http.Request) error { return u.end() })
	do("POST /freeze", func(*http.Request) error { return u.signal(syscall.SIGSTOP) })
	do("POST /thaw", func(*http.Request) error { return u.signal(syscall.SIGCONT) })
	do("POST /watchdog", func(r *http.Request) error {
		seconds, err := strconv.Atoi(r.FormValue("seconds"))
		return errors.Join(err, u.armWatchdog(seconds))
	})
	do("POST /usb/plug", func(*http.Request) error { return g.plug() })
	do("POST /usb/unplug", func(*http.Request) error { return g.unplug() })
	do("POST /usb/status", func(r *http.Request) error {
		bits, err := strconv.ParseUint(r.FormValue("bits"), 10, 8)
		return errors.Join(err, g.setStatus(uint8(bits)))
	})
	do("POST /grab", func(r *http.Request) error { return grab(r.FormValue("name")) })
	mux.HandleFunc("GET /log", func(w http.ResponseWriter, _ *http.Request) { answer(w, []byte(u.log.String()), nil) })
	mux.HandleFunc("GET /file", func(w http.ResponseWriter, r *http.Request) {
		b, err := os.ReadFile(r.FormValue("name")) // not ServeFile, which takes files of /proc for empty
		answer(w, b, err)
	})
	return mux
}

func answer(w http.ResponseWriter, b []byte, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	w.Write(b) //nolint:errcheck // the host sees it
}
