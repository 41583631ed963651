package main

import (
	"fmt"

	"redstation/cmd/internal/boothd"
)

type rekeyCmd struct {
	Data string `required:"" placeholder:"DIR" help:"Folder of the booth's book and key."`
}

// Help says when it is needed.
func (rekeyCmd) Help() string {
	return `Gives the booth a new signing key with its next contact with the hub, which it does by itself once a year. The booth
may run meanwhile; it signs with the old key until the hub has the new one. This is no remedy for a key that was
stolen: revoke the booth at the hub and enrol it anew.

  sudo -u redstation redstation rekey --data /var/lib/redstation`
}

// Run makes the next key.
func (r *rekeyCmd) Run(out console) error {
	if err := boothd.NewKey(r.Data); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out.Err, "The booth changes its key with the next contact with its hub.")
	return err
}
