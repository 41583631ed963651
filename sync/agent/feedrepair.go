package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// headsMost is how often a feed may move on under a comparison before it is put off.
const headsMost = 5

// repair brings a feed to where the hub has it by fetching the buckets whose
// checksums differ, and only those: a booth that was away for long, one whose hub
// was restored from a backup, and one whose own file lost something all find their
// way back like this, and a comparison that is broken off goes on where it was. head
// is what the hub said of the feed, or nil.
func (f *Feeds) repair(ctx context.Context, feed kiosk.Feed, head *wire.FeedHead) error {
	for range headsMost {
		if head == nil {
			head = &wire.FeedHead{}
			if _, err := f.statement(ctx, feed, "/"+wire.PartHead, head); err != nil {
				return err
			}
		}
		fetched, moved, err := f.compare(ctx, feed, head)
		if err != nil {
			return err
		}
		if moved == nil {
			return f.settle(ctx, feed, head.Ver, fetched)
		}
		head = moved
	}
	return kiosk.Errorf(kiosk.CodeUnavailable, "error.feed", "feed %s moved on too often while it was compared", feed)
}

// settle ends a comparison in which so many buckets were fetched.
func (f *Feeds) settle(ctx context.Context, feed kiosk.Feed, ver uint64, fetched int) error {
	at, err := f.store.Cursors(ctx)
	if err == nil && (at[feed] != ver || fetched > 0) {
		err = f.store.Settle(ctx, feed, ver)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errStore, err)
	}
	return nil
}

// compare fetches the buckets that differ from the head, and counts them. Where the
// feed has moved on meanwhile it returns its new head.
func (f *Feeds) compare(ctx context.Context, feed kiosk.Feed, head *wire.FeedHead) (fetched int, moved *wire.FeedHead, err error) {
	want, err := head.SumsOf()
	if err != nil || head.Feed != feed {
		return 0, nil, errors.Join(err, kiosk.Errorf(kiosk.CodeInvalid, "error.wire", "head of feed %.32q, want %s", string(head.Feed), feed))
	}
	have, err := f.store.Sums(ctx, feed)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", errStore, err)
	}
	for bucket := range want {
		if want[bucket] == have[bucket] {
			continue
		}
		items, moved, err := f.segment(ctx, feed, bucket, want[bucket])
		if err != nil || moved != nil {
			return fetched, moved, err
		}
		if err := f.take(ctx, feed, items, func() error { return f.store.Replace(ctx, feed, bucket, items) }); err != nil {
			return fetched, nil, err
		}
		fetched++
	}
	if fetched > 0 {
		f.opts.Log.InfoContext(ctx, "feed repaired", "feed", string(feed), "version", head.Ver, "buckets", fetched)
	}
	return fetched, nil, nil
}

// segment fetches the items of a bucket, part by part.
func (f *Feeds) segment(ctx context.Context, feed kiosk.Feed, bucket int, sum kiosk.Sum) ([]kiosk.Item, *wire.FeedHead, error) {
	items := []kiosk.Item{}
	if sum == (kiosk.Sum{}) {
		return items, nil, nil
	}
	for after, more := uint64(0), true; more; {
		var seg wire.FeedSegment
		path := "/" + wire.PartSegment + "/" + wire.SegmentName(bucket, sum) + f.query(after)
		moved, err := f.statement(ctx, feed, path, &seg)
		if err != nil || moved != nil {
			return nil, moved, err
		}
		if err := seg.Check(feed, bucket, sum, after); err != nil {
			return nil, nil, err
		}
		items = append(items, seg.Items...)
		if more = seg.More; more {
			after = items[len(items)-1].Ver
		}
	}
	have, err := kiosk.SumItems(items)
	if err == nil && have != sum {
		err = kiosk.Errorf(kiosk.CodeInvalid, "error.wire", "segment %d of feed %s does not add up", bucket, feed)
	}
	return items, nil, err
}

// statement fetches a page, a head or a segment and reads it once its signature has
// verified. The hub may answer with the feed's head instead: that way is gone.
func (f *Feeds) statement(ctx context.Context, feed kiosk.Feed, rest string, into wire.FeedContent) (gone *wire.FeedHead, err error) {
	ctx, cancel := context.WithTimeout(ctx, pushTimeout)
	defer cancel()
	path := wire.PathFeed + string(feed) + rest
	status, body, err := f.hub.get(ctx, path, feed.Personal())
	if err != nil {
		return nil, err
	}
	raw, err := f.codec.Decompress(body)
	if err != nil {
		return nil, err
	}
	if status == http.StatusGone {
		gone = &wire.FeedHead{}
		return gone, wire.ReadFeed(raw, f.hub.trusted, gone)
	}
	return nil, wire.ReadFeed(raw, f.hub.trusted, into)
}

// query asks for what follows on a version.
func (f *Feeds) query(after uint64) string {
	e, _ := f.hub.ties.now()
	return wire.FeedQuery(after, e.HubKey)
}

// fetch makes a signed GET whose answer is bound to it. A hub that signs with another
// key than it did is asked how it came to it. The error has
// kiosk.CodeOffline, or kiosk.CodeDenied where the hub refuses or the answer does
// not verify.
func (c *caller) fetch(ctx context.Context, path string) (reply, error) {
	r, err := c.fetchNow(ctx, path)
	if wire.IsOtherKey(err) && c.follow(ctx, c.client) == nil {
		return c.fetchNow(ctx, path)
	}
	return r, err
}

func (c *caller) fetchNow(ctx context.Context, path string) (reply, error) {
	if err := c.needChallenge(ctx, path); err != nil {
		return reply{}, err
	}
	for again := false; ; again = true {
		req, nonce, err := c.newFetch(ctx, path)
		if err != nil {
			return reply{}, err
		}
		r, err := c.do(req, nonce)
		if err != nil || r.problem.Trouble == "" {
			return r, err
		}
		if r.problem.Trouble != wire.TroubleChallenge || again {
			return r, refusedFetch(&r.problem)
		}
	}
}

func (c *caller) newFetch(ctx context.Context, path string) (*http.Request, string, error) {
	c.mu.Lock()
	challenge := c.challenge
	c.mu.Unlock()
	return wire.NewFetch(ctx, c.base+path, c.keyID, c.signer(), challenge)
}

// get fetches a statement of the hub, whose signature is in its body: the status is
// 200 or 410. Any other answer is a refusal, and an error.
func (c *caller) get(ctx context.Context, path string, personal bool) (status int, body []byte, err error) {
	for again := false; ; again = true {
		var req *http.Request
		nonce := ""
		if personal {
			if err := c.needChallenge(ctx, path); err != nil {
				return 0, nil, err
			}
			req, nonce, err = c.newFetch(ctx, path)
		} else {
			req, err = http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
		}
		if err != nil {
			return 0, nil, err
		}
		status, h, body, err := c.exchange(req)
		if err != nil || status == http.StatusOK || status == http.StatusGone {
			return status, body, err
		}
		p, err := c.problemOf(status, h, body, nonce)
		if err != nil {
			return 0, nil, err
		}
		if p.Trouble != wire.TroubleChallenge || again {
			return 0, nil, refusedFetch(&p)
		}
	}
}

// exchange sends a request and reads the answer, whatever it is.
func (c *caller) exchange(req *http.Request) (int, http.Header, []byte, error) {
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, nil, nil, c.silent(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was read to its end, or is of no use
	body, err := io.ReadAll(io.LimitReader(resp.Body, wire.MaxAnswer+1))
	if err == nil && len(body) > wire.MaxAnswer {
		err = errors.New("answer is too long")
	}
	if err != nil {
		return 0, nil, nil, c.silent(err)
	}
	return resp.StatusCode, resp.Header, body, nil
}

// problemOf reads a refusal, and takes its challenge.
func (c *caller) problemOf(status int, h http.Header, body []byte, nonce string) (p wire.Problem, err error) {
	if _, err := wire.VerifyAnswer(status, h, body, nonce, c.trusted); err != nil {
		return p, fmt.Errorf("answer of %s with status %d does not verify: %w", c.base, status, err)
	}
	c.mu.Lock()
	c.challenge = h.Get(wire.HeaderChallenge)
	c.mu.Unlock()
	return p, wire.Unmarshal(body, &p)
}

func refusedFetch(p *wire.Problem) error {
	code := kiosk.CodeDenied
	if p.Trouble == wire.TroubleBusy {
		code = kiosk.CodeUnavailable
	}
	return kiosk.Errorf(code, "error.feed", "hub refused: %s %s", p.Trouble, p.Detail)
}
