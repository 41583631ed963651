package hub

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// roll remembers the booths whose signature verified lately, so that the store need
// not be asked for their key with every request. It is a hint: the transaction that a
// request leads to checks that the booth still has that key and was not revoked
// (NoteContact), so that a word of another process counts at once.
type roll struct {
	mu     sync.Mutex
	booths map[string]known
}

// known is a booth as it was at a time.
type known struct {
	sqldb.Booth
	since time.Time
}

const (
	rollLife = time.Minute
	maxRoll  = 20_000 // booths, some 250 bytes each
)

// find returns a booth that is remembered.
func (r *roll) find(id string, now time.Time) (sqldb.Booth, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k, ok := r.booths[id]
	if ok && now.Sub(k.since) > rollLife {
		delete(r.booths, id)
		ok = false
	}
	return k.Booth, ok
}

// add remembers a booth that has just been read from the store.
func (r *roll) add(b sqldb.Booth, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.booths == nil || len(r.booths) >= maxRoll {
		r.booths = map[string]known{}
	}
	r.booths[b.ID] = known{b, now}
}

// drop forgets a booth, because something about it has changed.
func (r *roll) drop(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.booths, id)
}

// errStale says that a booth is not what it was remembered as.
var errStale = errors.New("the booth's key was changed or revoked meanwhile")

// identify finds out which booth has signed the headers of a request. The answer has a
// message where it goes no further.
func (h *Hub) identify(ctx context.Context, d *desk, s *wire.Signed) (sqldb.Booth, answer) {
	if err := d.pass(ctx); err != nil {
		return sqldb.Booth{}, h.full(d)
	}
	defer d.door.leave()
	now := time.Now()
	if b, ok := h.roll.find(s.KeyID, now); ok && s.VerifyHead(b.Key) == nil {
		return b, answer{}
	}
	b, err := h.boothOf(ctx, s.KeyID)
	if errors.Is(err, sqldb.ErrNoRow) {
		return b, h.unknownBooth()
	}
	if err != nil {
		return b, h.fault(ctx, s.KeyID, err)
	}
	if err := s.VerifyHead(b.Key); err != nil {
		return b, h.failed(ctx, s.KeyID, http.StatusUnauthorized, wire.TroubleSignature, err)
	}
	if b.Revoked != 0 {
		return b, h.failed(ctx, s.KeyID, http.StatusForbidden, wire.TroubleRevoked, errNotHere)
	}
	h.roll.add(b, now)
	return b, answer{}
}
