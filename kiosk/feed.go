package kiosk

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// Feed names a stream of items that the city publishes and booths read. Each item
// has a version, dense from 1: whoever has version n of a feed has everything that
// was ever published in it up to n, or what is left of that.
type Feed string

// The feeds that every booth reads. Beside them each booth has one of its own.
const (
	FeedCity   Feed = "city"   // content pack, notices, alerts: nothing personal, anybody may read it
	FeedRoster Feed = "roster" // volunteers
	FeedTags   Feed = "tags"
	FeedCases  Feed = "cases"
)

const boothFeed = "booth/"

// BoothFeed returns the feed of one booth.
func BoothFeed(booth string) Feed { return Feed(boothFeed + booth) }

// Feeds lists the feeds that a booth reads.
func Feeds(booth string) []Feed {
	return []Feed{FeedCity, FeedRoster, FeedTags, FeedCases, BoothFeed(booth)}
}

// Owner returns the booth that the feed belongs to, "" where it is everybody's.
func (f Feed) Owner() string {
	booth, _ := strings.CutPrefix(string(f), boothFeed)
	if booth == string(f) {
		return ""
	}
	return booth
}

// Personal reports whether the feed may hold personal data: it is then read by
// enrolled booths only, and what a booth has of it does not outlive its lease.
func (f Feed) Personal() bool { return f != FeedCity }

// ReadBy reports whether there is such a feed and the booth may read it.
func (f Feed) ReadBy(booth string) bool { return slices.Contains(Feeds(booth), f) }

// ItemOp says what an item does to the thing that it names.
type ItemOp uint8

// The operations. After the last two a tombstone stays, so that an older item that
// comes late changes nothing.
const (
	ItemPut   ItemOp = 1
	ItemDel   ItemOp = 2 // it is no more
	ItemErase ItemOp = 3 // it is no more, and no copy of what it said may stay anywhere
)

// Types of items. A booth keeps one that it does not know as it came, and passes
// it over.
const (
	ItemPack = "pack" // in FeedCity: the content pack, a ZIP file
	ItemKey  = "key"  // in FeedCity: the public keys of a signer of capsules, a SignerKeys
	// ItemCapsule, in FeedCases, is what a paper opens, under the capsule's index. With
	// ItemDel another paper took its place; with ItemErase what it stood for is no more.
	ItemCapsule = "capsule"
	ItemRecord  = "record" // in a booth's own feed, with ItemErase: a RecordAt whose body must go
	ItemNotice  = "notice" // in FeedCity: a CityNotice
)

// FeedFormat is the newest MinVersion of items that this program understands.
const FeedFormat = 1

// The limits of an item, in bytes.
const (
	MaxItemBody = 512 << 10
	maxItemName = 128 // of type and id, each
)

// Item is one thing that the city says in a feed. Type and ID name the thing; a
// later item of the same name takes the place of an earlier one.
type Item struct {
	Feed       Feed   `cbor:"-"`
	Ver        uint64 `cbor:"ver"`
	Type       string `cbor:"type"`
	ID         string `cbor:"id"`
	Op         ItemOp `cbor:"op"`
	MinVersion uint   `cbor:"min,omitempty"` // FeedFormat of the oldest program that understands it
	Body       []byte `cbor:"body,omitempty"`
}

// Check says what is wrong with an item. The error has CodeInvalid.
func (i *Item) Check() error {
	switch {
	case i.Type == "" || len(i.Type) > maxItemName || i.ID == "" || len(i.ID) > maxItemName:
		return Errorf(CodeInvalid, "error.internal", "item of type %.32q named %.32q: both take 1 to %d bytes", i.Type, i.ID, maxItemName)
	case i.Op < ItemPut || i.Op > ItemErase:
		return Errorf(CodeInvalid, "error.internal", "item %s %s: operation %d is not known", i.Type, i.ID, i.Op)
	case i.Op != ItemPut && len(i.Body) > 0:
		return Errorf(CodeInvalid, "error.internal", "item %s %s: a tombstone has no body", i.Type, i.ID)
	case len(i.Body) > MaxItemBody:
		return Errorf(CodeInvalid, "error.internal", "item %s %s: body of %d KiB, at most %d", i.Type, i.ID, len(i.Body)>>10, MaxItemBody>>10)
	}
	return nil
}

// Buckets is in how many parts the items of a feed are compared.
const Buckets = 256

// Bucket returns the part that things of this name belong to.
func (i *Item) Bucket() int {
	sum := sha256.Sum256([]byte(i.Type + "\x00" + i.ID))
	return int(sum[0])
}

// Sum is a checksum over a set of items: the sum, modulo 2^128, of their digests.
// Items can so be added and taken away one by one. It finds differences that came
// about by accident; against forgery stands the hub's signature.
type Sum [16]byte

// Sums are the checksums of all buckets of a feed.
type Sums [Buckets]Sum

// Digest returns the sum of this item alone: the first 128 bits of SHA-256 over
// "redstation/item/1", a zero byte, and the CBOR array of version, type, id,
// operation, MinVersion and body.
func (i *Item) Digest() (Sum, error) {
	b, err := itemMode.Marshal([]any{i.Ver, i.Type, i.ID, i.Op, i.MinVersion, append([]byte{}, i.Body...)})
	if err != nil {
		return Sum{}, Errorf(CodeInternal, "error.internal", "digest of item %s %s: %w", i.Type, i.ID, err)
	}
	full := sha256.Sum256(append([]byte("redstation/item/1\x00"), b...))
	return Sum(full[:16]), nil
}

var itemMode = func() cbor.EncMode {
	m, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err) // constant options
	}
	return m
}()

// Add adds d to the sum.
func (s *Sum) Add(d Sum) { s.set(d, bits.Add64) }

// Take takes d away from the sum.
func (s *Sum) Take(d Sum) { s.set(d, bits.Sub64) }

func (s *Sum) set(d Sum, op func(x, y, carry uint64) (uint64, uint64)) {
	low, carry := op(binary.BigEndian.Uint64(s[8:]), binary.BigEndian.Uint64(d[8:]), 0)
	high, _ := op(binary.BigEndian.Uint64(s[:8]), binary.BigEndian.Uint64(d[:8]), carry)
	binary.BigEndian.PutUint64(s[:8], high)
	binary.BigEndian.PutUint64(s[8:], low)
}

// SumItems returns the sum of the items.
func SumItems(items []Item) (Sum, error) {
	var s Sum
	for i := range items {
		d, err := items[i].Digest()
		if err != nil {
			return Sum{}, err
		}
		s.Add(d)
	}
	return s, nil
}

// RecordAt is where a record stands in its booth's book.
type RecordAt struct {
	Stream
	Seq uint64
}

// String returns "EPOCH/LANE/SEQ", which names the record in its booth's feed.
func (r RecordAt) String() string {
	return r.Epoch.String() + "/" + r.Lane.String() + "/" + strconv.FormatUint(r.Seq, 10)
}

// ParseRecordAt reads what String wrote. The error has CodeInvalid.
func ParseRecordAt(s string) (RecordAt, error) {
	epoch, rest, _ := strings.Cut(s, "/")
	lane, seq, _ := strings.Cut(rest, "/")
	var r RecordAt
	var err error
	if r.Epoch, err = ParseID(epoch); err != nil {
		return r, err
	}
	if r.Lane, err = ParseLane(lane); err != nil {
		return r, err
	}
	if r.Seq, err = strconv.ParseUint(seq, 10, 63); err != nil || r.Seq == 0 {
		return r, Errorf(CodeInvalid, "error.id", "record %.64q: want EPOCH/LANE/SEQ", s)
	}
	return r, nil
}
