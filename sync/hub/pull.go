package hub

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// How many pages are read and sent at once, in all and for one token: a page is
// at most pageBytes and a row. Who waits for news takes no place.
const (
	gatePages      = 64
	gateTokenPages = 16
	pageBytes      = 512 << 10
	placeWait      = 10 * time.Second // for a place
)

// servePull answers GET /api/v1/records with the records that match, in the hub's
// own order: up to limit of them, and no more than about pageBytes. The header
// Link says where to go on. With wait it holds an empty answer back until
// something comes or the time is up.
func (h *Hub) servePull(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	t, err := h.puller(ctx, r)
	if err != nil {
		return err
	}
	q, err := readPull(r)
	if err != nil {
		return err
	}
	if err := q.within(&t); err != nil {
		return err
	}
	page, leave, err := h.await(ctx, &q, t.Name)
	if err != nil {
		return err
	}
	defer leave()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Vary", "Accept, Accept-Encoding")
	if link := q.link(page, h.now()); link != "" {
		w.Header().Set("Link", link)
	}
	return h.sendPage(w, r, &q, page)
}

// puller returns the token that a request may pull with, unless it asks too often.
func (h *Hub) puller(ctx context.Context, r *http.Request) (sqldb.Token, error) {
	t, err := h.bearer(ctx, r.Header.Get("Authorization"), ScopePull)
	if err == nil {
		err = h.pulls.admit(t.Name)
	}
	return t, err
}

// await reads a page and waits for something to be on it. Whoever has the page
// must call leave.
func (h *Hub) await(ctx context.Context, q *pullQuery, token string) (p *pullPage, leave func(), err error) {
	end := time.NewTimer(q.wait)
	defer end.Stop()
	l := &listener{} // who does not wait is not told
	if q.wait > 0 {
		l = h.news.listen(q.interest())
		defer h.news.leave(l)
	}
	for {
		if leave, err = h.pulls.enter(ctx, token); err != nil {
			return nil, nil, err
		}
		if p, err = h.readPage(ctx, q); err != nil {
			leave()
			return nil, nil, err
		}
		if len(p.rows) > 0 || q.wait == 0 || !q.open(p, h.now()) {
			return p, leave, nil
		}
		leave()
		q.after = p.next // what was looked through is not looked through again
		select {
		case <-ctx.Done():
			return nil, nil, &refusal{http.StatusServiceUnavailable, kiosk.CodeUnavailable, "the hub is stopping: come again", time.Second}
		case <-end.C:
			return p, func() {}, nil
		case <-l.C:
		}
	}
}

// pullPage is a page of records as they are stored.
type pullPage struct {
	rows []stored
	size int   // bytes of the rows as they are stored
	next int64 // cursor to go on from
	more bool  // there is more at once
}

// readPage reads a page, in one view of the store.
func (h *Hub) readPage(ctx context.Context, q *pullQuery) (p *pullPage, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) error {
		p, err = q.page(ctx, tx, pageBytes)
		return err
	})
	return p, err
}

// page reads at most q.limit rows and stops once they have size bytes. What it says
// of the end holds for the state that the transaction sees.
func (q *pullQuery) page(ctx context.Context, tx *sqldb.Tx, size int) (*pullPage, error) {
	last, err := tx.LastPos(ctx)
	if err != nil {
		return nil, err
	}
	if q.after > last {
		return nil, &refusal{http.StatusConflict, kiosk.CodeConflict, fmt.Sprintf("cursor %d lies behind the last record, which is %d: the hub was restored from a backup; go on from a cursor that you know it has", q.after, last), 0}
	}
	end := last + 1
	if q.before > 0 {
		end = min(end, q.before)
	}
	rows, more, err := gather(ctx, tx, q.queries(end), q.limit, size)
	if err != nil {
		return nil, err
	}
	p := &pullPage{next: max(q.after, end-1), more: more}
	if more {
		p.next = rows[len(rows)-1].Pos
	}
	return p, p.read(ctx, tx, rows)
}

// read turns stored rows into the rows of the page.
func (p *pullPage) read(ctx context.Context, tx *sqldb.Tx, rows []sqldb.Row) (err error) {
	p.rows = make([]stored, len(rows))
	for i, row := range rows {
		p.size += len(row.Raw)
		if p.rows[i], err = read(row); err != nil {
			return err
		}
	}
	return complete(ctx, tx, p.rows)
}

// lastPos returns the position of the last record.
func (h *Hub) lastPos(ctx context.Context) (pos int64, err error) {
	err = h.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		pos, err = tx.LastPos(ctx)
		return err
	})
	return pos, err
}

// pullQuery is what a pull asks for.
type pullQuery struct {
	after, before int64
	booths        []string // nil = all
	kinds         []kiosk.Kind
	lane          *kiosk.Lane
	since, until  time.Time
	limit         int
	wait          time.Duration
	format        wire.Format
	heading       bool
	encoding      string // of the content; "" = none
	address       *url.URL
}

func (q *pullQuery) interest() interest { return interest{q.booths, q.kinds, q.lane} }

// queries returns one query of the store for each booth and kind. Each of them
// walks an index: what the reader may not see is not read.
func (q *pullQuery) queries(end int64) (out []kiosk.LogQuery) {
	booths, kinds := q.booths, q.kinds
	if booths == nil {
		booths = []string{""}
	}
	if kinds == nil {
		kinds = []kiosk.Kind{""}
	}
	for _, b := range booths {
		for _, k := range kinds {
			out = append(out, kiosk.LogQuery{Booth: b, Kind: k, Lane: q.lane, Since: q.since, Until: q.until, After: q.after, Before: end})
		}
	}
	return out
}

// open reports whether something may still come behind the page.
func (q *pullQuery) open(p *pullPage, now time.Time) bool {
	return (q.before == 0 || p.next < q.before-1) && (q.until.IsZero() || q.until.After(now))
}

// link says where to go on (RFC 8288): rel="next" where there is more at once;
// rel="monitor" where that was all for now; nothing where nothing can follow.
func (q *pullQuery) link(p *pullPage, now time.Time) string {
	if !p.more && !q.open(p, now) {
		return ""
	}
	v, rel := q.address.Query(), "next"
	v.Set("after", strconv.FormatInt(p.next, 10))
	if !p.more {
		rel = "monitor"
		v.Set("wait", wire.MaxWait.String())
	}
	return fmt.Sprintf("<%s?%s>; rel=%q", q.address.Path, v.Encode(), rel)
}

// within narrows the query to what the token may read. The refusal names what the
// token may, not what there is.
func (q *pullQuery) within(t *sqldb.Token) error {
	booths, ok := narrow(q.booths, t.Booths)
	if !ok {
		return forbidden("booth", t.Name, t.Booths)
	}
	kinds, ok := narrow(q.kinds, kindsOf(t.Kinds))
	if !ok {
		return forbidden("kind", t.Name, t.Kinds)
	}
	q.booths, q.kinds = booths, kinds
	return nil
}

// narrow returns what is read: what was asked for, or all that is allowed where
// nothing was. nil is everything, in either.
func narrow[T comparable](asked, allowed []T) ([]T, bool) {
	if allowed == nil {
		return asked, true
	}
	if asked == nil {
		return allowed, true
	}
	return asked, !slices.ContainsFunc(asked, func(v T) bool { return !slices.Contains(allowed, v) })
}

func forbidden(what, token string, may []string) error {
	return &refusal{http.StatusForbidden, kiosk.CodeDenied, fmt.Sprintf("token %q reads only %s %v: leave the parameter out or name one of them", token, what, may), 0}
}

func kindsOf(words []string) (kinds []kiosk.Kind) {
	for _, w := range words {
		kinds = append(kinds, kiosk.Kind(w))
	}
	return kinds
}
