package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"

	"redstation/cmd/internal/daemon"
	"redstation/cmd/internal/hubd"
	"redstation/kiosk"
	"redstation/kiosk/catalog"
)

type hubPackCmd struct {
	Publish hubPackPublishCmd `cmd:"" help:"Publish a content pack to all booths."`
}

type hubPackPublishCmd struct {
	Source string `arg:"" name:"pack" placeholder:"FILE|DIR" help:"The folder that holds pack.yaml, or a ZIP file of it."`
}

// Help says what happens to a pack.
func (hubPackPublishCmd) Help() string {
	return `The pack is checked first: what is wrong with it is told with file, line and field, and nothing is published.
Give it a new version in pack.yaml each time. Booths offer it within seconds, those without a line when they have
one again; a booth that was started with --pack keeps its own.

  redstation hub pack publish --data /var/lib/redstation-hub my-pack`
}

// Run checks and publishes the pack.
func (p *hubPackPublishCmd) Run(ctx context.Context, c *cli, h *hubCmd, out console, v daemon.Version) error {
	pack, zip, err := readPack(p.Source)
	if err != nil {
		return err
	}
	return h.tend(ctx, c, out, v, func(hub *hubd.Hub) error {
		before, err := hub.Pack(ctx)
		if err != nil && kiosk.CodeOf(err) != kiosk.CodeNotFound {
			return err
		}
		if bytes.Equal(before, zip) {
			fmt.Fprintf(out.Err, "Content pack %s is published already; nothing was changed.\n", pack.Version)
			return nil
		}
		if old, err := catalog.Read(before); err == nil && old.Version == pack.Version {
			return fmt.Errorf("content pack %s: another pack is published as version %s already: give this one a new version in pack.yaml", p.Source, pack.Version)
		}
		ver, err := hub.PublishPack(ctx, pack.Version, zip)
		if err != nil {
			return err
		}
		fmt.Fprintf(out.Err, "Content pack %s is published as version %d of the city's feed.\n", pack.Version, ver)
		return nil
	})
}

// readPack reads a pack from a folder or a ZIP file, and returns it in the form that
// travels, too.
func readPack(source string) (*kiosk.Catalogue, []byte, error) {
	info, err := os.Stat(source)
	if err != nil {
		return nil, nil, fmt.Errorf("content pack %s is not there: name the folder that holds pack.yaml, or a ZIP file of it", source)
	}
	var files fs.FS
	switch {
	case info.IsDir():
		files = os.DirFS(source)
	case info.Size() > kiosk.MaxItemBody:
		return nil, nil, fmt.Errorf("content pack %s has %d KiB, at most %d can be published", source, info.Size()>>10, kiosk.MaxItemBody>>10)
	default:
		b, err := os.ReadFile(source)
		if err == nil {
			files, err = catalog.Unpack(b)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("content pack %s: %w", source, err)
		}
	}
	pack, err := catalog.Load(files)
	if err != nil {
		return nil, nil, fmt.Errorf("content pack %s: %w", source, err)
	}
	zip, err := catalog.Pack(files)
	if err == nil && len(zip) > kiosk.MaxItemBody {
		err = fmt.Errorf("it takes %d KiB, at most %d can be published", len(zip)>>10, kiosk.MaxItemBody>>10)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("content pack %s: %w", source, err)
	}
	return pack, zip, nil
}
