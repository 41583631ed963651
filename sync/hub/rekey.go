package hub

import (
	"context"
	"crypto/ed25519"
	"errors"
	"net/http"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// serveRekey takes a booth's new key. The request is signed with the key that the hub
// has or with the new one, and the chain leads from the first to the second: both
// ends of it were signed by whoever had them. To say it again changes nothing. A
// chain of a key that is not the booth's any more is worth nothing, so that neither
// a replay nor a stolen key that was changed since brings an old key back.
func (h *Hub) serveRekey(d *desk) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, a := h.challenged(r)
		if s == nil {
			h.send(w, r, "", a)
			return
		}
		var body []byte
		if a.message == nil {
			body, a = h.readSmall(w, r, d, s)
		}
		if a.message == nil {
			v := &visit{booth: s.KeyID, what: d.what, began: time.Now(), bytes: int64(len(body))}
			a = h.rekey(v.in(r.Context()), s, body)
			h.tally.note(v, a.status)
		}
		h.send(w, r, s.Nonce, a)
	}
}

func (h *Hub) rekey(ctx context.Context, s *wire.Signed, body []byte) answer {
	var in wire.Rekey
	raw, err := h.codec.Decompress(body)
	if err == nil {
		err = wire.Unmarshal(raw, &in)
	}
	if err != nil || len(in.Chain) == 0 || len(in.Chain[len(in.Chain)-1].To) != ed25519.PublicKeySize {
		return h.refuse(http.StatusBadRequest, wire.TroubleMalformed, errors.New("this is no chain of keys"))
	}
	to := ed25519.PublicKey(in.Chain[len(in.Chain)-1].To)
	var a answer
	err = h.group.do(ctx, func(ctx context.Context, tx *sqldb.Tx) error {
		b, err := tx.Booth(ctx, s.KeyID)
		if errors.Is(err, sqldb.ErrNoRow) || (err == nil && (b.Revoked != 0 || b.Key == nil)) {
			a = h.unknownBooth()
			return nil
		}
		if err != nil {
			return err
		}
		if s.VerifyHead(b.Key) != nil && s.VerifyHead(to) != nil {
			a = h.refuse(http.StatusUnauthorized, wire.TroubleSignature, errors.New("neither the booth's key nor the one that it brings has signed this"))
			return nil
		}
		a, err = h.exchange(ctx, tx, b, in.Chain, to)
		return err
	})
	if err != nil {
		return h.fault(ctx, s.KeyID, err)
	}
	if p, ok := a.message.(*wire.Problem); ok {
		h.note(ctx, s.KeyID, string(p.Trouble), p.Detail)
	}
	return a
}

// exchange puts the new key in the place of the old one.
func (h *Hub) exchange(ctx context.Context, tx *sqldb.Tx, b sqldb.Booth, chain []wire.Rotation, to ed25519.PublicKey) (answer, error) {
	now := h.now()
	if err := wire.Follow(wire.WhoBooth(b.ID), chain, b.Key, to); err != nil {
		return h.refuse(http.StatusUnauthorized, wire.TroubleSignature, err), nil
	}
	done := answer{status: http.StatusOK, message: &wire.RekeyAnswer{Key: to, HubTimeMS: sqldb.Millis(now)}}
	if to.Equal(ed25519.PublicKey(b.Key)) {
		return done, nil
	}
	b.Key = to
	h.log.InfoContext(ctx, "key of booth changed", "booth", b.ID)
	return done, errors.Join(tx.SaveBooth(ctx, b), tx.NoteKey(ctx, b.ID, to, sqldb.Millis(now)),
		tx.AddAudit(ctx, kiosk.AuditLine{At: now, Who: "booth " + b.ID, Deed: "booth_key_changed", Object: "booth " + b.ID}))
}
