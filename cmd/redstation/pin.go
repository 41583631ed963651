package main

import (
	"context"
	"errors"
	"fmt"

	"redstation/cmd/internal/boothd"
	"redstation/cmd/internal/daemon"
)

type pinCmd struct {
	Data    string `required:"" placeholder:"DIR" help:"Folder of the booth's book and key."`
	PINFile string `name:"pin-file" required:"" placeholder:"FILE" help:"The file that holds the new PIN, 6 to 12 digits; /dev/stdin to type it."`
}

// Help says when it is needed.
func (pinCmd) Help() string {
	return `Sets the PIN of the staff's pages where it was forgotten, and ends a lock-out. Stop the booth first. The change
stands in the book, and so reaches the city; the PIN does not.

  redstation pin --data /var/lib/redstation --pin-file /dev/stdin`
}

// Run sets the PIN.
func (p *pinCmd) Run(ctx context.Context, c *cli, out console, v daemon.Version) error {
	pin, err := secret("", p.PINFile)
	if err != nil {
		return err
	}
	if pin == "" {
		return usageError{errors.New("the file holds no PIN: write 6 to 12 digits into it")}
	}
	if err := boothd.SetPIN(ctx, boothd.Config{Data: p.Data, Version: v, Log: c.logger(out)}, pin); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out.Err, "The PIN of the staff's pages is set.")
	return err
}
