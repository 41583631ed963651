package agent

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// FeedStore is where the booth keeps what it has of the city's feeds.
type FeedStore interface {
	// Cursors returns how far each feed has been carried out.
	Cursors(ctx context.Context) (map[kiosk.Feed]uint64, error)
	// Apply takes in the items that follow on version after, and moves the cursor to
	// the last of them, in one transaction.
	Apply(ctx context.Context, feed kiosk.Feed, after uint64, items []kiosk.Item) error
	// Sums computes the checksums of a feed from what is stored.
	Sums(ctx context.Context, feed kiosk.Feed) (kiosk.Sums, error)
	// Replace makes items all that the feed has in a bucket.
	Replace(ctx context.Context, feed kiosk.Feed, bucket int, items []kiosk.Item) error
	// Settle moves the cursor, also backwards, after all buckets were compared.
	Settle(ctx context.Context, feed kiosk.Feed, ver uint64) error
}

// FeedOpts are the choices of a reader of feeds; the zero value works.
type FeedOpts struct {
	Log    *slog.Logger
	Client *http.Client     // nil = one with sane timeouts
	Now    func() time.Time // as in Opts
	Line   Line             // as in Opts
	Ties   *Ties            // as in Opts
	// Erase empties records of the booth's own book, durably: the city erased them.
	Erase func(context.Context, ...kiosk.RecordAt) error
	// Changed is called from Run when items of a feed came.
	Changed func(context.Context, kiosk.Feed)
	// OnContact is called from Run with the hub's time when all feeds are as the hub
	// has them.
	OnContact  func(hub time.Time)
	Wait       time.Duration // longest wait of the hub for news; 0 = 55 s
	Compare    time.Duration // between comparisons of all checksums; 0 = 24 h, the first within an hour
	MinBackoff time.Duration // 0 = 1 s
	MaxBackoff time.Duration // 0 = 5 min
	Spread     time.Duration // the first contact comes at a random moment within it
}

func (o FeedOpts) withDefaults() FeedOpts {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Client == nil {
		o.Client = newClient(o.Now, o.Line)
	}
	if o.Erase == nil {
		o.Erase = func(context.Context, ...kiosk.RecordAt) error { return nil }
	}
	if o.Changed == nil {
		o.Changed = func(context.Context, kiosk.Feed) {}
	}
	if o.OnContact == nil {
		o.OnContact = func(time.Time) {}
	}
	if o.Wait <= 0 {
		o.Wait = wire.MaxFeedWait
	}
	if o.Compare <= 0 {
		o.Compare = 24 * time.Hour
	}
	if o.MinBackoff <= 0 {
		o.MinBackoff = time.Second
	}
	if o.MaxBackoff <= 0 {
		o.MaxBackoff = 5 * time.Minute
	}
	return o
}

// Feeds reads the city's feeds for one booth. It waits at the hub with one request
// for all of them, and fetches pages of those that have grown. A page that fails
// leaves its feed where it was.
type Feeds struct {
	store FeedStore
	opts  FeedOpts
	booth string
	hub   *caller
	codec *wire.Codec

	mu   sync.Mutex
	told []wire.FeedAt // how far the feeds have been carried out, for the hello
}

// NewFeeds makes the reader of an enrolled booth. The error has CodeInvalid where
// the enrolment does not hold what it must.
func NewFeeds(store FeedStore, e kiosk.Enrolment, key ed25519.PrivateKey, o FeedOpts) (*Feeds, error) {
	hub, err := newCaller(e, key, o.Ties, KeyOpts{})
	if err != nil {
		return nil, err
	}
	o = o.withDefaults()
	hub.client = o.Client
	return &Feeds{store: store, opts: o, booth: e.Booth, hub: hub, codec: wire.NewCodec(1)}, nil
}

// Told returns how far the feeds have been carried out, for Opts.Feeds.
func (f *Feeds) Told() []wire.FeedAt {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.told
}

// errStore marks an error of the booth's own store: the line is not to blame.
var errStore = errors.New("store of feeds")

// Run reads until ctx ends. It returns an error only when the booth's own store or
// book fails; the line never is one.
func (f *Feeds) Run(ctx context.Context) error {
	compare := time.Now().Add(rand.N(min(f.opts.Compare, time.Hour)))
	failures, state := 0, "" // of the line; nothing is known yet
	wait := rand.N(f.opts.Spread + 1)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		due := time.Now().After(compare)
		hold := f.opts.Wait
		if due || state != stateUp {
			hold = 0 // it is to be known soon that the line is up
		}
		err := f.round(ctx, due, hold)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, errStore) {
			return err
		}
		if now := outcomeOf(err); now != state {
			state = now
			f.opts.Log.InfoContext(ctx, "feeds of the city changed state", "state", state, "error", err)
		}
		if err != nil {
			failures++
			wait = f.pause(failures)
			continue
		}
		failures, wait = 0, 0
		if due {
			compare = time.Now().Add(f.opts.Compare)
		}
	}
}

const stateUp = "up"

func outcomeOf(err error) string {
	if err == nil {
		return stateUp
	}
	return string(kiosk.CodeOf(err))
}

// pause is full jitter, never less than half of the shortest.
func (f *Feeds) pause(failures int) time.Duration {
	ceiling := f.opts.MaxBackoff
	if failures < 20 {
		ceiling = min(ceiling, f.opts.MinBackoff<<(failures-1))
	}
	least := min(f.opts.MinBackoff/2, ceiling)
	return least + rand.N(ceiling-least+1)
}

// round asks for news once, which the hub may hold back for a time, and fetches what
// there is. With all it compares the checksums of every feed, too.
func (f *Feeds) round(ctx context.Context, all bool, wait time.Duration) error {
	at, err := f.cursors(ctx)
	if err != nil {
		return err
	}
	news, err := f.news(ctx, at, wait)
	if err != nil {
		return err
	}
	for _, n := range news.Feeds {
		if !n.Feed.ReadBy(f.booth) {
			continue // of a later hub
		}
		switch {
		case n.Ver < at[n.Feed]: // the hub was restored: what it has counts
			err = f.repair(ctx, n.Feed, nil)
		case n.Ver > at[n.Feed]:
			err = f.read(ctx, n.Feed, at[n.Feed])
		}
		if err == nil && all {
			err = f.repair(ctx, n.Feed, nil)
		}
		if err != nil {
			return err
		}
	}
	if _, err := f.cursors(ctx); err != nil {
		return err
	}
	f.opts.OnContact(time.UnixMilli(news.HubTimeMS))
	return nil
}

// cursors reads the cursors and notes them for the hello.
func (f *Feeds) cursors(ctx context.Context) (map[kiosk.Feed]uint64, error) {
	at, err := f.store.Cursors(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errStore, err)
	}
	told := []wire.FeedAt{}
	for _, feed := range kiosk.Feeds(f.booth) {
		told = append(told, wire.FeedAt{Feed: feed, Ver: at[feed]})
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = told
	return at, nil
}

// news asks how far the feeds are at the hub, which holds the answer back until one
// is not where the booth is.
func (f *Feeds) news(ctx context.Context, at map[kiosk.Feed]uint64, wait time.Duration) (a wire.FeedsAnswer, err error) {
	ctx, cancel := context.WithTimeout(ctx, wait+helloTimeout)
	defer cancel()
	q := url.Values{"wait": {strconv.Itoa(int(wait.Seconds()))}}
	for _, feed := range kiosk.Feeds(f.booth) {
		q.Set(string(feed), strconv.FormatUint(at[feed], 10))
	}
	r, err := f.hub.fetch(ctx, wire.PathFeeds+"?"+q.Encode())
	if err != nil {
		return a, err
	}
	return a, wire.Unmarshal(r.body, &a)
}

// read takes in page after page from a version on.
func (f *Feeds) read(ctx context.Context, feed kiosk.Feed, after uint64) error {
	for {
		var page wire.FeedPage
		gone, err := f.statement(ctx, feed, f.query(after), &page)
		if err != nil {
			return err
		}
		if gone != nil {
			return f.repair(ctx, feed, gone)
		}
		if err := page.Check(feed, after); err != nil {
			return err
		}
		if len(page.Items) == 0 {
			return nil
		}
		if err := f.take(ctx, feed, page.Items, func() error { return f.store.Apply(ctx, feed, after, page.Items) }); err != nil {
			return err
		}
		after = page.Items[len(page.Items)-1].Ver
		if !page.Full {
			return nil
		}
	}
}

// take carries out what items ask of the booth's book, and then stores them: what is
// stored counts as done.
func (f *Feeds) take(ctx context.Context, feed kiosk.Feed, items []kiosk.Item, store func() error) error {
	var erased []kiosk.RecordAt
	for _, i := range items {
		if feed != kiosk.BoothFeed(f.booth) || i.Type != kiosk.ItemRecord || i.Op != kiosk.ItemErase {
			continue
		}
		if at, err := kiosk.ParseRecordAt(i.ID); err == nil { // else it is of a later hub
			erased = append(erased, at)
		}
	}
	if len(erased) > 0 {
		if err := f.opts.Erase(ctx, erased...); err != nil {
			return fmt.Errorf("%w: erase records: %w", errStore, err)
		}
	}
	if err := store(); err != nil {
		return fmt.Errorf("%w: %w", errStore, err)
	}
	f.opts.Changed(ctx, feed)
	return nil
}
