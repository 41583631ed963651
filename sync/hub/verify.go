package hub

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// checked is a batch whose every record belongs where it says. All that can be
// computed without the store has been, so that the one writer has little to do.
type checked struct {
	*wire.Batch
	leaves  [][sha256.Size]byte
	records []sqldb.Record
	strange []strange
}

// strange is a record that is stored and goes into quarantine.
type strange struct {
	index  int
	reason string
}

// check decodes the headers and compares them with the stream that the batch says
// it is of. Its error means that the sender is not a booth of ours; what a record
// says is no reason for one.
func check(b *wire.Batch) (*checked, error) {
	c := &checked{Batch: b, leaves: make([][sha256.Size]byte, len(b.Records)), records: make([]sqldb.Record, len(b.Records))}
	var buf []byte
	for i := range b.Records {
		r := &b.Records[i]
		h, err := kiosk.DecodeHeader(r.Header)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", b.First+uint64(i), err)
		}
		if h.Booth != b.Booth || h.Epoch != b.Stream.Epoch || h.Lane != b.Stream.Lane || h.Seq != b.First+uint64(i) {
			return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.wire", "record %d of stream %s says it is record %d of another",
				b.First+uint64(i), b.Stream.Lane, h.Seq)
		}
		c.leaves[i], buf = leafHash(buf, r.Header)
		c.records[i] = sqldb.Record{Kind: listed(h.Kind), Raw: b.Raw[i]}
		if reason := judge(&h, r); reason != "" {
			c.strange = append(c.strange, strange{i, reason})
		}
	}
	return c, nil
}

// judge says why a record makes no sense to this program, or "".
func judge(h *kiosk.Header, r *kiosk.Record) string {
	switch {
	case h.V > kiosk.HeaderVersion || h.Suite != kiosk.SuiteX25519:
		return fmt.Sprintf("header version %d with suite %d is not known", h.V, h.Suite)
	case listed(h.Kind) == "" || !knownKinds[h.Kind]:
		return "kind is not known"
	case r.Facts != nil && !bytes.Equal(kiosk.Commit("facts", r.FactsSalt, r.Facts), h.FactsCommit):
		return "facts do not match their commitment"
	case r.Sealed != nil && !bytes.Equal(kiosk.Commit("sealed", r.SealedSalt, r.Sealed), h.SealedCommit):
		return "sealed bytes do not match their commitment"
	case r.Facts != nil && !json.Valid(r.Facts):
		return "facts are not JSON"
	}
	return ""
}

// knownKinds are the kinds that this program understands.
var knownKinds = map[kiosk.Kind]bool{
	kiosk.KindBoothStarted: true, kiosk.KindBoothStopped: true, kiosk.KindBoothEnrolled: true, kiosk.KindEpochBegun: true,
	kiosk.KindTicketIssued: true, kiosk.KindRequestFiled: true, kiosk.KindLeafletTaken: true,
	kiosk.KindSlipReissued: true, kiosk.KindSlipPrinted: true,
	kiosk.KindDoorOpened: true, kiosk.KindDoorClosed: true, kiosk.KindDoorLeftOpen: true,
	kiosk.KindPrinterState: true, kiosk.KindDayResumed: true,
}

// listed returns the kind as the log lists it: "" where it has not the form of one.
func listed(k kiosk.Kind) string {
	if len(k) > 64 {
		return ""
	}
	for _, c := range []byte(k) {
		if c != '.' && c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return ""
		}
	}
	return string(k)
}
