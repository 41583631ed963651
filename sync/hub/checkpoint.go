package hub

import (
	"context"
	"crypto/ed25519"
	"errors"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// inspect does all with a batch that can be done without the store: it reads it,
// checks its records, and puts the hub's signature under the booth's. That one
// leaves the hub only once the hub has computed the root itself.
func (h *Hub) inspect(b *sqldb.Booth, raw []byte) (*checked, error) {
	batch, err := wire.DecodeBatch(raw)
	if err != nil {
		return nil, err
	}
	if batch.Booth != b.ID {
		return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.wire", "batch of booth %.16q, sent by %s", batch.Booth, b.ID)
	}
	c, err := check(batch)
	if err != nil {
		return nil, err
	}
	checkpoint := batch.Checkpoint()
	ring := h.keys.now.Load()
	c.key, c.hubKey = b.Key, ring.public()
	if c.cosigned, err = checkpoint.Cosign(batch.Note, ed25519.PublicKey(b.Key), ring.sign); err != nil {
		return nil, err
	}
	return c, nil
}

// settleNote returns the cosigned checkpoint of the stream's head: that of the batch
// where it ends there, which is then kept, or else the one that is.
func (h *Hub) settleNote(ctx context.Context, tx *sqldb.Tx, s *sqldb.Stream, c *checked) ([]byte, error) {
	if c.Last == s.Head {
		return c.cosigned, tx.SaveCheckpoint(ctx, sqldb.Checkpoint{Booth: s.Booth, Stream: s.Stream, Size: s.Head,
			Note: c.cosigned, Key: c.key, HubKey: c.hubKey})
	}
	return h.noteOf(ctx, tx, s)
}

// noteOf returns the cosigned checkpoint of the stream's head, nil where there is none.
// It is signed anew: the one that is kept may carry a key of the hub that the booth
// does not believe any more.
func (h *Hub) noteOf(ctx context.Context, tx *sqldb.Tx, s *sqldb.Stream) ([]byte, error) {
	kept, err := tx.Checkpoint(ctx, s.Booth, s.Stream)
	if errors.Is(err, sqldb.ErrNoRow) || (err == nil && kept.Size != s.Head) {
		return nil, nil
	}
	tree, ok := readEdge(s.Head, s.Edge)
	if err != nil || !ok {
		return nil, err
	}
	c := wire.Checkpoint{Booth: s.Booth, Stream: s.Stream, Size: s.Head, Root: tree.root()}
	return c.Cosign(kept.Note, ed25519.PublicKey(kept.Key), h.keys.now.Load().sign)
}

// Fingerprint returns the SHA-256 of the hub's public key in hex.
func (h *Hub) Fingerprint() string { return h.keys.Fingerprint() }
