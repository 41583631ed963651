package boothd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"redstation/kiosk/sqlite"
	"redstation/sync/agent"
)

// Export writes what the city has not acknowledged from the booth in data into the
// folder to, also beside a booth that runs there. told is called after each file.
func Export(ctx context.Context, data, to string, told func(agent.Exported)) (x agent.Exported, err error) {
	book, err := sqlite.OpenReader(ctx, data)
	if err != nil {
		return x, err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	e := book.Enrolment()
	if e == nil {
		return x, fmt.Errorf("the booth in %s belongs to no city yet: there is nobody to carry its records to", data)
	}
	if _, err := os.Stat(filepath.Join(data, agent.KeyName)); err != nil {
		return x, fmt.Errorf("the booth's key is not in %s: restore %s, or enrol the booth anew", data, agent.KeyName)
	}
	key, err := agent.LoadKey(data)
	if err != nil {
		return x, err
	}
	return agent.Export(ctx, book, *e, key, to, told)
}
