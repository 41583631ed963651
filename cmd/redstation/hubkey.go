package main

import (
	"context"
	"fmt"

	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
)

type hubFingerprintCmd struct{}

// Run prints the fingerprint on standard output.
func (hubFingerprintCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		_, err := fmt.Fprintln(out.Out, hub.Fingerprint())
		return err
	})
}
