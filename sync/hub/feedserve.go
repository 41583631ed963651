package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// gateFeeds is how many booths may wait for news at once.
const gateFeeds = 20_000

// serveNews answers GET /v1/feed?wait=S&FEED=VER...: how far the feeds of the booth
// that asks are, as soon as one is not where the booth says.
func (h *Hub) serveNews(g gate) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		booth, nonce, a := h.fetcher(r)
		if a.message == nil {
			select {
			case g <- struct{}{}:
				a = h.newsOf(r.Context(), booth, r.URL.Query())
				g.leave()
			default:
				a = h.busy()
			}
		}
		h.send(w, r, nonce, a)
	}
}

func (h *Hub) newsOf(ctx context.Context, booth string, q url.Values) answer {
	wait, err := feedWait(q)
	if err != nil {
		return h.refuse(http.StatusBadRequest, wire.TroubleMalformed, err)
	}
	feeds := kiosk.Feeds(booth)
	if err := h.noteTold(ctx, booth, toldIn(q, feeds)); err != nil {
		return h.fault(ctx, booth, err)
	}
	woken, leave := h.board.join(ctx, feeds)
	defer leave()
	end := time.NewTimer(wait)
	defer end.Stop()
	for {
		now, err := h.feedsAt(ctx, feeds)
		if err != nil {
			return h.fault(ctx, booth, err)
		}
		if wait == 0 || !slices.Equal(now, toldIn(q, feeds)) {
			return answer{status: http.StatusOK, message: &wire.FeedsAnswer{HubTimeMS: sqldb.Millis(h.now()), Feeds: now}}
		}
		select {
		case <-woken:
			continue
		case <-end.C:
		case <-ctx.Done():
		}
		return answer{status: http.StatusOK, message: &wire.FeedsAnswer{HubTimeMS: sqldb.Millis(h.now()), Feeds: now}}
	}
}

// toldIn reads where the booth says that its feeds are; one that the query does not
// name is meant to be at 0.
func toldIn(q url.Values, feeds []kiosk.Feed) []wire.FeedAt {
	told := make([]wire.FeedAt, len(feeds))
	for i, feed := range feeds {
		ver, err := strconv.ParseUint(q.Get(string(feed)), 10, 63)
		if err != nil {
			ver = 0
		}
		told[i] = wire.FeedAt{Feed: feed, Ver: ver}
	}
	return told
}

func (h *Hub) feedsAt(ctx context.Context, feeds []kiosk.Feed) ([]wire.FeedAt, error) {
	out := make([]wire.FeedAt, len(feeds))
	err := h.db.View(ctx, func(tx *sqldb.Tx) error {
		for i, f := range feeds {
			ver, _, err := tx.FeedVer(ctx, f)
			if err != nil {
				return err
			}
			out[i] = wire.FeedAt{Feed: f, Ver: ver}
		}
		return nil
	})
	return out, err
}

// feedWait reads how long the asker is ready to wait, in seconds.
func feedWait(q url.Values) (time.Duration, error) {
	s := q.Get("wait")
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0, kiosk.Errorf(kiosk.CodeInvalid, "error.feed", "parameter wait: want a number of seconds")
	}
	return min(time.Duration(n)*time.Second, wire.MaxFeedWait), nil
}

// fetcher finds out which booth signed a GET. The answer has a message where it goes
// no further.
func (h *Hub) fetcher(r *http.Request) (booth, nonce string, a answer) {
	f, err := wire.ReadFetch(r)
	if err != nil {
		return "", "", h.refuse(http.StatusUnauthorized, wire.TroubleSignature, err)
	}
	if !h.keys.now.Load().challenge.Valid(f.Challenge(), h.now()) {
		return "", f.Nonce, h.refuse(http.StatusUnauthorized, wire.TroubleChallenge, errors.New("challenge is not known or has expired"))
	}
	v := &visit{booth: f.KeyID, what: deskFeed, began: time.Now()}
	ctx := v.in(r.Context())
	b, err := h.boothOf(ctx, f.KeyID)
	switch {
	case errors.Is(err, sqldb.ErrNoRow):
		return "", f.Nonce, h.unknownBooth()
	case err != nil:
		return "", f.Nonce, h.fault(ctx, f.KeyID, err)
	}
	if err := f.Verify(b.Key); err != nil {
		return "", f.Nonce, h.failed(ctx, f.KeyID, http.StatusUnauthorized, wire.TroubleSignature, err)
	}
	if b.Revoked != 0 {
		return "", f.Nonce, h.failed(ctx, f.KeyID, http.StatusForbidden, wire.TroubleRevoked, errNotHere)
	}
	return f.KeyID, f.Nonce, answer{}
}

// serveFeed answers GET /v1/feed/FEED, .../head and .../segment/BUCKET-SUM.
func (h *Hub) serveFeed(w http.ResponseWriter, r *http.Request) {
	feed, part, ok := feedPath(strings.TrimPrefix(r.URL.Path, wire.PathFeed))
	booth, nonce, a := "", "", answer{}
	if ok && feed.Personal() {
		booth, nonce, a = h.fetcher(r)
	}
	if a.message == nil && (!ok || !feed.ReadBy(booth)) {
		a = h.refuse(http.StatusNotFound, wire.TroubleMalformed, errors.New("there is no such feed for this booth"))
	}
	if a.message != nil {
		h.send(w, r, nonce, a)
		return
	}
	s, err := h.statement(r, feed, part)
	switch {
	case kiosk.CodeOf(err) == kiosk.CodeInvalid:
		h.send(w, r, nonce, h.refuse(http.StatusBadRequest, wire.TroubleMalformed, err))
	case err != nil:
		h.send(w, r, nonce, h.fault(r.Context(), booth, err))
	default:
		h.sendStatement(w, r, feed, s)
	}
}

// feedPath splits a path behind /v1/feed/ into the feed and what is asked of it.
func feedPath(path string) (feed kiosk.Feed, part []string, ok bool) {
	parts := strings.Split(path, "/")
	n := 1
	if parts[0]+"/" == string(kiosk.BoothFeed("")) {
		n = 2
	}
	if len(parts) < n {
		return "", nil, false
	}
	feed, part = kiosk.Feed(strings.Join(parts[:n], "/")), parts[n:]
	switch {
	case len(part) == 0,
		len(part) == 1 && part[0] == wire.PartHead,
		len(part) == 2 && part[0] == wire.PartSegment:
		return feed, part, true
	}
	return "", nil, false
}

// said is a statement of the hub about a feed, ready to go.
type said struct {
	status  int
	body    []byte
	lasting bool // it will not change, but for an erasure
}

// etag is the strong validator of the statement: it changes with every byte.
func (s said) etag() string {
	sum := sha256.Sum256(s.body)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

// statement makes what is asked for. With wait it holds back a page that the asker
// has already, or that has nothing on it.
func (h *Hub) statement(r *http.Request, feed kiosk.Feed, part []string) (said, error) {
	q, ctx := r.URL.Query(), r.Context()
	after, err := strconv.ParseUint("0"+q.Get("after"), 10, 63)
	if err != nil {
		return said{}, kiosk.Errorf(kiosk.CodeInvalid, "error.feed", "parameter after: want a version")
	}
	wait, err := feedWait(q)
	if err != nil {
		return said{}, err
	}
	switch {
	case len(part) == 1:
		return h.feedHead(ctx, feed, http.StatusOK)
	case len(part) == 2:
		return h.feedSegment(ctx, feed, part[1], after)
	}
	woken, leave := h.board.join(ctx, []kiosk.Feed{feed})
	defer leave()
	end := time.NewTimer(wait)
	defer end.Stop()
	for {
		s, empty, err := h.feedPage(ctx, feed, after)
		known := r.Header.Get("If-None-Match") == s.etag()
		if err != nil || wait == 0 || s.status != http.StatusOK || (!empty && !known) {
			return s, err
		}
		select {
		case <-woken:
			continue
		case <-end.C:
		case <-ctx.Done():
		}
		return s, nil
	}
}

// pageLife is how long a cache may keep a full page: an item that was erased is out
// of every cache a day later.
const pageLife = "86400"

func (h *Hub) sendStatement(w http.ResponseWriter, r *http.Request, feed kiosk.Feed, s said) {
	head := w.Header()
	head.Set("ETag", s.etag())
	switch {
	case feed.Personal():
		head.Set("Cache-Control", "private, no-store")
	case s.lasting:
		head.Set("Cache-Control", "public, max-age="+pageLife+", immutable")
	default:
		head.Set("Cache-Control", "public, no-cache")
	}
	if s.status == http.StatusOK && r.Header.Get("If-None-Match") == s.etag() {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	head.Set("Content-Type", wire.TypeMessage)
	head.Set("Content-Encoding", wire.EncodingZstd)
	body := h.codec.Compress(nil, s.body)
	head.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(s.status)
	w.Write(body) //nolint:errcheck // the booth asks again
}
