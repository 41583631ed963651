package hub

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// servePull answers GET /api/v1/records?after=&booth=&kind=&since=&limit=&wait=
// with NDJSON, one wire.Row a line, in the hub's own order. With wait it holds an
// empty answer back until something comes or the time is up.
func (h *Hub) servePull(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	if err := h.checkToken(ctx, r.Header.Get("Authorization")); err != nil {
		h.refusePull(w, r, err)
		return
	}
	q, wait, err := pullQuery(r.URL.Query())
	if err != nil {
		h.refusePull(w, r, err)
		return
	}
	page, err := h.await(ctx, q, wait)
	if err != nil {
		h.refusePull(w, r, err)
		return
	}
	w.Header().Set("Content-Type", wire.TypeRows)
	w.Header().Set("Cache-Control", "no-store")
	out := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for i := range page {
		if err := enc.Encode(pullRow(&page[i])); err != nil {
			h.log.ErrorContext(ctx, "pull broken off", "record", page[i].Pos, "error", err)
			panic(http.ErrAbortHandler) // so that the reader sees a cut, not an end
		}
	}
	out.Flush() //nolint:errcheck // the reader asks again from its cursor
}

func pullRow(s *stored) wire.Row {
	leaf, _ := leafHash(nil, s.Header)
	return wire.Row{Pos: s.Pos, Booth: s.Booth, Name: s.Name, Epoch: s.Epoch, Lane: s.Lane.String(), Seq: s.Seq, ID: s.ID,
		Kind: s.Kind, Ref: s.Ref, Wall: s.Wall, ClockState: uint8(s.Clock), Received: s.Received,
		Facts: s.Facts, FactsBytes: s.factsBytes, FactsSalt: s.factsSalt, Sealed: s.sealed, SealedSalt: s.sealedSalt, Header: s.Header, Leaf: leaf[:]}
}

// pullQuery reads the parameters; a name that is none of them is refused, too,
// because a filter with a typo would pull everything.
func pullQuery(v url.Values) (q kiosk.LogQuery, wait time.Duration, err error) {
	q.Limit = 1000
	for name, values := range v {
		s := values[0]
		var err error
		switch name {
		case "after":
			q.After, err = strconv.ParseInt(s, 10, 64)
			if q.After < 0 {
				err = strconv.ErrRange
			}
		case "booth":
			q.Booth = s
		case "kind":
			q.Kind = kiosk.Kind(s)
		case "since":
			q.Since, err = time.Parse(time.RFC3339Nano, s)
		case "limit":
			q.Limit, err = strconv.Atoi(s)
			if q.Limit < 1 || q.Limit > wire.MaxPage {
				err = strconv.ErrRange
			}
		case "wait":
			wait, err = time.ParseDuration(s)
			wait = min(max(wait, 0), wire.MaxWait)
		default:
			err = errors.New("there is no such parameter")
		}
		if err != nil {
			return q, 0, kiosk.Errorf(kiosk.CodeInvalid, "error.pull", "parameter %.32q: %w", name, err)
		}
	}
	return q, wait, nil
}

// await reads a page and waits for something to be on it. Besides the news of this
// process it looks by itself every second, for another process may write.
func (h *Hub) await(ctx context.Context, q kiosk.LogQuery, wait time.Duration) ([]stored, error) {
	end := time.NewTimer(wait)
	defer end.Stop()
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for {
		next := h.news.next()
		page, err := h.page(ctx, q)
		if err != nil || len(page) > 0 || wait == 0 {
			return page, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-end.C:
			return nil, nil
		case <-next:
		case <-look.C:
		}
	}
}

func (h *Hub) refusePull(w http.ResponseWriter, r *http.Request, err error) {
	status, text := http.StatusInternalServerError, "the hub has trouble: try again"
	switch kiosk.CodeOf(err) {
	case kiosk.CodeDenied:
		status, text = http.StatusUnauthorized, err.Error()
		w.Header().Set("WWW-Authenticate", `Bearer realm="redstation"`)
	case kiosk.CodeInvalid:
		status, text = http.StatusBadRequest, err.Error()
	default:
		if r.Context().Err() == nil {
			h.log.ErrorContext(r.Context(), "pull not served", "error", err)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(wire.PullError{Error: text}) //nolint:errcheck // the caller is told, or gone
}

// checkToken lets a good bearer token through and notes now and then that it is used.
func (h *Hub) checkToken(ctx context.Context, header string) error {
	secret, ok := strings.CutPrefix(header, "Bearer ")
	wrong := kiosk.Errorf(kiosk.CodeDenied, "error.token", "the token is not valid: make one with \"redstation hub token\" and give it as a bearer token")
	if !ok || len(secret) > 128 {
		return wrong
	}
	hash := sha256.Sum256([]byte(secret))
	var t sqldb.Token
	err := h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		t, err = tx.TokenByHash(ctx, hash[:])
		return err
	})
	if errors.Is(err, sqldb.ErrNoRow) || (err == nil && (t.Revoked != 0 || t.Scope != scopePull)) {
		return wrong
	}
	if err != nil {
		return err
	}
	now := h.now()
	if now.Sub(sqldb.Time(t.Used)) < time.Minute {
		return nil
	}
	return h.group.do(ctx, func(ctx context.Context, tx *sqldb.Tx) error {
		t, err := tx.Token(ctx, t.Name) // it may have been revoked in the meantime
		if err != nil {
			return err
		}
		t.Used = sqldb.Millis(now)
		return tx.SaveToken(ctx, t)
	})
}
