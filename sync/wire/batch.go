package wire

import (
	"crypto/ed25519"

	"github.com/fxamacker/cbor/v2"

	"redstation/kiosk"
)

// Batch is a run of records of one stream, and the booth's signed word for the
// stream's Merkle tree after the last of them.
type Batch struct {
	Booth   string
	Stream  kiosk.Stream
	First   uint64   // seq of the first record
	Last    uint64   // seq of the last one
	Root    [32]byte // of the tree of the first Last headers
	Note    []byte   // the checkpoint of Last and Root, signed (see Sign)
	Records []kiosk.Record
	Raw     [][]byte // after decoding: each record as it came (see ReadRecord)
}

// batchHeader is the first item of the sequence.
type batchHeader struct {
	_     struct{} `cbor:",toarray"`
	Proto uint
	Booth string
	Epoch kiosk.ID
	Lane  kiosk.Lane
	First uint64
	Last  uint64
	Note  []byte // the signed checkpoint of the first Last headers
}

// Checkpoint returns the batch's word for its stream.
func (b *Batch) Checkpoint() Checkpoint {
	return Checkpoint{Booth: b.Booth, Stream: b.Stream, Size: b.Last, Root: b.Root}
}

// Sign makes the note of a batch that has everything else.
func (b *Batch) Sign(key ed25519.PrivateKey) (err error) {
	c := b.Checkpoint()
	b.Note, err = c.Sign(key)
	return err
}

// Append appends the CBOR sequence of a signed batch to dst.
func (b *Batch) Append(dst []byte) ([]byte, error) {
	h, err := encMode.Marshal(&batchHeader{Proto: Proto, Booth: b.Booth, Epoch: b.Stream.Epoch, Lane: b.Stream.Lane,
		First: b.First, Last: b.Last, Note: b.Note})
	if err != nil {
		return nil, kiosk.Errorf(kiosk.CodeInternal, "error.internal", "encode batch header: %w", err)
	}
	dst = append(dst, h...)
	for i := range b.Records {
		dst = AppendRecord(dst, &b.Records[i])
	}
	return dst, nil
}

// DecodeBatch reads a batch. The records are slices of data. Who signed the note is
// for Checkpoint.Cosign to say; that it is of this batch is checked here. The error
// has kiosk.CodeInvalid, or is ErrTooLarge or ErrProto.
func DecodeBatch(data []byte) (*Batch, error) {
	if err := speaksBatch(data); err != nil {
		return nil, err
	}
	var h batchHeader
	rest, err := decMode.UnmarshalFirst(data, &h)
	if err != nil {
		return nil, malformed("decode batch header: %w", err)
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	n := int(h.Last - h.First + 1)
	b := &Batch{Booth: h.Booth, Stream: kiosk.Stream{Epoch: h.Epoch, Lane: h.Lane}, First: h.First, Last: h.Last, Note: h.Note}
	c, err := ReadCheckpoint(h.Note)
	if err != nil {
		return nil, err
	}
	if b.Root = c.Root; c != b.Checkpoint() {
		return nil, malformed("checkpoint of %s with %d records in a batch of booth %.16q that ends at %d of another", c.Origin(), c.Size, h.Booth, h.Last)
	}
	if len(rest) < 5*n { // a record has five items
		return nil, malformed("batch says %d records and has %d bytes", n, len(rest))
	}
	b.Records, b.Raw = make([]kiosk.Record, n), make([][]byte, n)
	for i := range b.Records {
		before := rest
		if b.Records[i], rest, err = ReadRecord(before); err != nil {
			return nil, err
		}
		b.Raw[i] = before[:len(before)-len(rest)]
	}
	if len(rest) != 0 {
		return nil, malformed("%d bytes after the last record", len(rest))
	}
	return b, nil
}

func (h *batchHeader) check() error {
	switch {
	case h.First == 0 || h.Last < h.First:
		return malformed("batch from %d to %d", h.First, h.Last)
	case h.Last-h.First >= MaxRecords:
		return ErrTooLarge
	case h.Lane > kiosk.LaneUrgent:
		return malformed("lane %d", h.Lane)
	}
	return nil
}

var encMode = func() cbor.EncMode {
	m, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err) // constant options
	}
	return m
}()

// decMode ignores unknown fields: a later hub may say more than an earlier booth knows.
var decMode = func() cbor.DecMode {
	m, err := cbor.DecOptions{DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden,
		TagsMd: cbor.TagsForbidden, MaxArrayElements: 4 * MaxStreams, MaxMapPairs: 64, MaxNestedLevels: 6}.DecMode()
	if err != nil {
		panic(err) // constant options
	}
	return m
}()
