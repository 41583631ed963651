package agent

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// Reader is what an export reads from the book. It writes nothing.
type Reader interface {
	Heads(ctx context.Context) ([]kiosk.Head, error)
	Records(ctx context.Context, s kiosk.Stream, after uint64, max, maxBytes int) ([]kiosk.Record, error)
	Root(ctx context.Context, s kiosk.Stream, size uint64) ([32]byte, error)
	// Note returns the last cosigned checkpoint of a stream, nil where there is none.
	Note(ctx context.Context, s kiosk.Stream) ([]byte, error)
}

// NotesName is the file beside the batches with the checkpoints that the hub
// cosigned: what the booth can show of what the city has.
const NotesName = "notes.ndjson"

// Exported says what an export wrote.
type Exported struct {
	Records uint64
	Total   uint64 // records that the city has not acknowledged
	Files   int
	Bytes   int64
	Name    string // of the last file
}

// exporter writes one booth's batches into a folder.
type exporter struct {
	*Agent
	book Reader
	dir  string
	done Exported
	tell func(Exported)
}

// Export writes everything that the city has not acknowledged into signed batch files
// in dir, which must be there, one after another as they would have been sent. Files
// that an earlier export left are written anew. told is called after each file. A
// file is either whole or not there.
func Export(ctx context.Context, book Reader, e kiosk.Enrolment, key ed25519.PrivateKey, dir string, told func(Exported)) (Exported, error) {
	x := &exporter{book: book, dir: dir, tell: told,
		Agent: &Agent{booth: e.Booth, codec: wire.NewCodec(1), hub: &caller{keyID: e.Booth, key: key}}}
	heads, err := book.Heads(ctx)
	if err != nil {
		return x.done, fmt.Errorf("read heads: %w", err)
	}
	for _, h := range heads {
		x.done.Total += h.Last - h.Acked
	}
	for _, h := range heads {
		if err := x.stream(ctx, h); err != nil {
			return x.done, err
		}
	}
	return x.done, x.notes(ctx, heads, &e)
}

// stream writes what one stream has to carry.
func (x *exporter) stream(ctx context.Context, h kiosk.Head) error {
	for at := h.Acked; at < h.Last; {
		if err := ctx.Err(); err != nil {
			return err
		}
		records, err := x.book.Records(ctx, h.Stream, at, maxRecords, maxBytes)
		if err != nil {
			return fmt.Errorf("read records after %d: %w", at, err)
		}
		if len(records) == 0 {
			return fmt.Errorf("lane %s has no record %d, which its head says to be there", h.Lane, at+1)
		}
		records = records[:min(uint64(len(records)), h.Last-at)] // the booth goes on writing meanwhile
		b := wire.Batch{Booth: x.booth, Stream: h.Stream, First: at + 1, Last: at + uint64(len(records)), Records: records}
		if b.Root, err = x.book.Root(ctx, h.Stream, b.Last); err != nil {
			return fmt.Errorf("compute root of %d records: %w", b.Last, err)
		}
		body, err := x.seal(&b, x.hub.signer())
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%s-%s-%s-%010d-%010d%s", x.booth, h.Epoch.String()[:8], h.Lane, b.First, b.Last, wire.FileSuffix)
		if err := x.write(name, wire.AppendFile(nil, body, x.booth, x.hub.signer())); err != nil {
			return err
		}
		x.done.Records += uint64(len(records))
		x.done.Files++
		x.tell(x.done)
		at = b.Last
	}
	return nil
}

// notes writes the checkpoints, if there are any, each with the key of the booth that
// signed it: it may have changed since.
func (x *exporter) notes(ctx context.Context, heads []kiosk.Head, e *kiosk.Enrolment) error {
	city, err := wire.NoteKey(wire.HubName, e.HubKey)
	if err != nil {
		return err
	}
	keys, err := x.keys(e)
	if err != nil {
		return err
	}
	var out []byte
	for _, h := range heads {
		note, err := x.book.Note(ctx, h.Stream)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(keys, func(booth string) bool {
			_, err := wire.OpenCheckpoint(note, booth, city)
			return err == nil
		})
		if note == nil || i < 0 {
			continue // cosigned with a key of the hub that is no longer in use
		}
		line, err := json.Marshal(wire.NoteRow{Note: string(note), Keys: []string{keys[i], city}})
		if err != nil {
			return fmt.Errorf("encode checkpoint: %w", err)
		}
		out = append(append(out, line...), '\n')
	}
	if out == nil {
		return nil
	}
	return x.write(NotesName, out)
}

// keys returns the keys that the booth has had, the present one first.
func (x *exporter) keys(e *kiosk.Enrolment) ([]string, error) {
	had := []ed25519.PublicKey{x.hub.key.Public().(ed25519.PublicKey)}
	for _, word := range slices.Backward(e.KeyChain) {
		var r wire.Rotation
		if err := wire.Unmarshal(word, &r); err != nil {
			return nil, fmt.Errorf("read the booth's older keys: %w", err)
		}
		had = append(had, r.From)
	}
	keys := make([]string, len(had))
	for i, pub := range had {
		var err error
		if keys[i], err = wire.NoteKey(wire.BoothName(x.booth), pub); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// write puts a file into the folder, whole and on the disk, or not at all.
func (x *exporter) write(name string, b []byte) error {
	path := filepath.Join(x.dir, name)
	f, err := os.CreateTemp(x.dir, ".export-*")
	if err == nil {
		_, err = f.Write(b)
		err = errors.Join(err, f.Sync(), f.Close())
		if err == nil {
			err = os.Rename(f.Name(), path)
		}
		if err != nil {
			os.Remove(f.Name()) //nolint:errcheck // it may be that nothing can be done there any more
		}
	}
	if err != nil {
		return fmt.Errorf("file %s cannot be written: %w", path, err)
	}
	x.done.Name, x.done.Bytes = name, x.done.Bytes+int64(len(b))
	return nil
}
