package wire

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"redstation/kiosk"
)

// Feeds go down from the hub to the booths, by GET requests:
//
//	/v1/feed?wait=S&FEED=VER...            how far the booth's feeds are, once one differs from what is named
//	/v1/feed/FEED?after=N&key=K&wait=S     a page: the items that follow on version N
//	/v1/feed/FEED/head                     version and checksums of the feed as it stands
//	/v1/feed/FEED/segment/BUCKET-SUM?...   the items of one bucket that add up to this sum, after=N and key=K as above
//
// Pages, heads and segments carry the hub's signature in their body, and not one
// bound to the request: they are the same for every booth, and any HTTP cache may
// keep and serve them. A page that is full never changes, with one exception: where
// an item was erased, its page is made anew, with another ETag. That nothing is
// held back is known from the first of these requests, whose answer is bound to its
// nonce like that of a POST. The hub passes key over: it is there for the caches, which
// keep what they are asked for by its address. A booth names the key that it believes,
// so that after a change of keys none is given what the old one has signed. All but those of the feed "city", which holds nothing
// personal, are signed by an enrolled booth.

// The paths of feeds.
const (
	PathFeeds   = "/v1/feed"
	PathFeed    = "/v1/feed/"
	PartHead    = "head"
	PartSegment = "segment"
)

// The sizes of pages. A page ends at a version that PageItems divides, or with the
// item that brings it to PageBytes.
const (
	PageItems = 256
	PageBytes = 256 << 10 // of bodies, and so less than MaxRaw with the largest item
	// MaxFeedWait is how long the hub holds a request until there is news.
	MaxFeedWait = 55 * time.Second
)

// FeedQuery is the query of a page or a segment, for a booth that believes a hub's key.
func FeedQuery(after uint64, key ed25519.PublicKey) string {
	print := Fingerprint(key)
	return "?after=" + strconv.FormatUint(after, 10) + "&key=" + hex.EncodeToString(print[:4])
}

const tagFetch = "redstation-1-get"

// FeedAt says how far a feed is at the end that speaks.
type FeedAt struct {
	Feed kiosk.Feed `cbor:"feed"`
	Ver  uint64     `cbor:"ver"`
}

// FeedsAnswer says how far the feeds of the booth that asks are.
type FeedsAnswer struct {
	HubTimeMS int64    `cbor:"hub_time_ms"`
	Feeds     []FeedAt `cbor:"feeds"`
}

// FeedPage holds the items of a feed that follow on version After, without a gap.
type FeedPage struct {
	Feed  kiosk.Feed   `cbor:"feed"`
	After uint64       `cbor:"after"`
	Full  bool         `cbor:"full"` // it will not grow
	Items []kiosk.Item `cbor:"items"`
}

// FeedHead says what a feed holds at a version: the checksum of each bucket, one
// after the other.
type FeedHead struct {
	Feed kiosk.Feed `cbor:"feed"`
	Ver  uint64     `cbor:"ver"`
	Sums []byte     `cbor:"sums"`
}

// FeedSegment holds the items of one bucket that are not superseded, tombstones
// among them, in the order of their versions, from after version After on.
type FeedSegment struct {
	Feed   kiosk.Feed   `cbor:"feed"`
	Bucket int          `cbor:"bucket"`
	Sum    kiosk.Sum    `cbor:"sum"` // of the whole bucket
	After  uint64       `cbor:"after"`
	Items  []kiosk.Item `cbor:"items"`
	More   bool         `cbor:"more"` // ask again after the last item's version
}

// Check holds a page against what was asked for. The error has kiosk.CodeInvalid.
func (p *FeedPage) Check(feed kiosk.Feed, after uint64) error {
	if p.Feed != feed || p.After != after {
		return malformed("page of feed %.32q after %d, want %s after %d", string(p.Feed), p.After, feed, after)
	}
	for i := range p.Items {
		if p.Items[i].Ver != after+1+uint64(i) {
			return malformed("page of feed %s after %d: item %d has version %d", feed, after, i, p.Items[i].Ver)
		}
	}
	return checkItems(feed, p.Items)
}

// SumsOf returns the head's checksums. The error has kiosk.CodeInvalid.
func (h *FeedHead) SumsOf() (kiosk.Sums, error) {
	var s kiosk.Sums
	if len(h.Sums) != len(s)*len(s[0]) {
		return s, malformed("head of feed %.32q has %d bytes of checksums", string(h.Feed), len(h.Sums))
	}
	for i := range s {
		s[i] = kiosk.Sum(h.Sums[i*len(s[0]):])
	}
	return s, nil
}

// PutSums is the reverse of SumsOf.
func PutSums(s *kiosk.Sums) []byte {
	b := make([]byte, 0, len(s)*len(s[0]))
	for i := range s {
		b = append(b, s[i][:]...)
	}
	return b
}

// Check holds a segment against what was asked for. The error has kiosk.CodeInvalid.
func (s *FeedSegment) Check(feed kiosk.Feed, bucket int, sum kiosk.Sum, after uint64) error {
	if s.Feed != feed || s.Bucket != bucket || s.Sum != sum || s.After != after || (s.More && len(s.Items) == 0) {
		return malformed("segment %d of feed %.32q after %d, want %d of %s after %d", s.Bucket, string(s.Feed), s.After, bucket, feed, after)
	}
	last := after
	for i := range s.Items {
		if s.Items[i].Ver <= last || s.Items[i].Bucket() != bucket {
			return malformed("segment %d of feed %s: item of version %d does not belong there", bucket, feed, s.Items[i].Ver)
		}
		last = s.Items[i].Ver
	}
	return checkItems(feed, s.Items)
}

// checkItems says what is wrong with items, and tells them their feed.
func checkItems(feed kiosk.Feed, items []kiosk.Item) error {
	for i := range items {
		if err := items[i].Check(); err != nil {
			return err
		}
		items[i].Feed = feed
	}
	return nil
}

// SegmentName returns the last part of a segment's path.
func SegmentName(bucket int, sum kiosk.Sum) string {
	return strconv.Itoa(bucket) + "-" + hex.EncodeToString(sum[:])
}

// FeedContent is a *FeedPage, *FeedHead or *FeedSegment.
type FeedContent interface{ label() string }

func (*FeedPage) label() string    { return "redstation/feed-page/1" }
func (*FeedHead) label() string    { return "redstation/feed-head/1" }
func (*FeedSegment) label() string { return "redstation/feed-segment/1" }

// statement is the body of pages, heads and segments: the content's encoding, and
// the hub's signature over the content's label, a zero byte and the content.
type statement struct {
	Content []byte `cbor:"content"`
	Key     []byte `cbor:"key"`
	Sig     []byte `cbor:"sig"`
}

func statementBase(c FeedContent, content []byte) []byte {
	return append([]byte(c.label()+"\x00"), content...)
}

// SignFeed encodes the content with the hub's signature. The same content makes the
// same bytes, whoever asks.
func SignFeed(content FeedContent, key ed25519.PrivateKey) ([]byte, error) {
	b, err := Marshal(content)
	if err != nil {
		return nil, err
	}
	return Marshal(&statement{Content: b, Key: key.Public().(ed25519.PublicKey), Sig: ed25519.Sign(key, statementBase(content, b))})
}

// ReadFeed decodes what SignFeed wrote, once its signature has verified with a key
// that is trusted. The error has kiosk.CodeDenied or kiosk.CodeInvalid; nothing of
// the content must then be used.
func ReadFeed(body []byte, trust func(ed25519.PublicKey) error, content FeedContent) error {
	var s statement
	if err := Unmarshal(body, &s); err != nil {
		return err
	}
	if len(s.Key) != ed25519.PublicKeySize {
		return denied("page names no key of 32 bytes")
	}
	if err := trust(s.Key); err != nil {
		return err
	}
	if !ed25519.Verify(s.Key, statementBase(content, s.Content), s.Sig) {
		return denied("page's signature does not verify")
	}
	return Unmarshal(s.Content, content)
}

// NewFetch makes a signed GET. Its profile covers method, path and query.
func NewFetch(ctx context.Context, url, keyID string, key ed25519.PrivateKey, challenge string) (r *http.Request, nonce string, err error) {
	r, err = http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, "", kiosk.Errorf(kiosk.CodeInvalid, "error.url", "make request: %w", err)
	}
	var random [16]byte
	rand.Read(random[:])
	nonce = challenge + "." + base64.RawURLEncoding.EncodeToString(random[:])
	sign(r.Header, fetchParts(r.URL), keyID, nonce, tagFetch, key)
	return r, nonce, nil
}

// fetchParts are the covered components of a signed GET.
func fetchParts(u *url.URL) []component {
	return []component{{"@method", http.MethodGet}, {"@path", u.EscapedPath()}, {"@query", "?" + u.RawQuery}}
}

// Fetch is a signed GET whose signature is still to be verified.
type Fetch struct {
	KeyID string // the booth's id
	Nonce string
	sig   signature
	parts []component
}

// ReadFetch reads what a GET says about its signature. The error has kiosk.CodeDenied.
func ReadFetch(r *http.Request) (*Fetch, error) {
	parts := fetchParts(r.URL)
	sig, err := readSignature(r.Header, parts, tagFetch)
	if err != nil {
		return nil, err
	}
	return &Fetch{KeyID: sig.keyID, Nonce: sig.nonce, sig: sig, parts: parts}, nil
}

// Challenge returns the part of the nonce that the hub gave out.
func (f *Fetch) Challenge() string { return (&Signed{Nonce: f.Nonce}).Challenge() }

// Verify checks the signature against the key. The error has kiosk.CodeDenied.
func (f *Fetch) Verify(pub ed25519.PublicKey) error {
	if !f.sig.verify(f.parts, tagFetch, pub) {
		return denied("signature does not verify with the key of %s", f.KeyID)
	}
	return nil
}
