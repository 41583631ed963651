package hub

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// checked is a batch whose every record belongs where it says. All that can be
// computed without the store has been, so that the one writer has little to do.
type checked struct {
	*wire.Batch
	leaves   [][sha256.Size]byte
	records  []sqldb.Record
	strange  []strange
	times    heard
	cosigned []byte // the note with the hub's signature
	key      []byte // the booth's, which signed it
	hubKey   []byte
	pos      int64 // of the first record that was new, once it is stored; 0 = none was
	fresh    int   // index of that record
}

// strange is a record that is stored and goes into quarantine.
type strange struct {
	index  int
	reason string
}

// share is how many records are worth a goroutine of their own.
const share = 1000

// check decodes the headers and compares them with the stream that the batch says
// it is of. Its error means that the sender is not a booth of ours; what a record
// says is no reason for one. A large batch is shared among the processors: while a
// booth waits for its one batch, there is nothing else to do for it.
func check(b *wire.Batch) (*checked, error) {
	n := len(b.Records)
	c := &checked{Batch: b, leaves: make([][sha256.Size]byte, n), records: make([]sqldb.Record, n)}
	parts := min(runtime.GOMAXPROCS(0), (n+share-1)/share)
	strange, times, errs := make([][]strange, parts), make([]heard, parts), make([]error, parts)
	var wg sync.WaitGroup
	for i := range parts {
		wg.Go(func() { strange[i], errs[i] = c.check(n*i/parts, n*(i+1)/parts, &times[i]) })
	}
	wg.Wait()
	c.strange = slices.Concat(strange...)
	for _, t := range times {
		c.times.boots, c.times.anchors = append(c.times.boots, t.boots...), append(c.times.anchors, t.anchors...)
	}
	return c, errors.Join(errs...)
}

// check checks the records from index lo to below hi.
func (c *checked) check(lo, hi int, t *heard) (odd []strange, err error) {
	var buf []byte
	kinds := map[string]string{} // as listed, each allocated once
	for i := lo; i < hi; i++ {
		r, seq := &c.Records[i], c.First+uint64(i)
		g, err := gistOf(r.Header)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", seq, err)
		}
		if string(g.booth) != c.Booth || g.epoch != c.Stream.Epoch || g.lane != c.Stream.Lane || g.seq != seq {
			return nil, kiosk.Errorf(kiosk.CodeInvalid, "error.wire", "record %d of lane %s says it is record %d of another stream", seq, c.Stream.Lane, g.seq)
		}
		kind, ok := kinds[string(g.kind)]
		if !ok {
			kind = listed(string(g.kind))
			kinds[string(g.kind)] = kind
		}
		c.leaves[i], buf = leafHash(buf, r.Header)
		c.records[i] = sqldb.Record{Kind: kind, Raw: c.Raw[i]}
		reason := judge(&g, kind, r)
		if reason != "" {
			odd = append(odd, strange{i, reason})
		}
		t.listen(&g, i, kiosk.Kind(kind), r, reason == "")
	}
	return odd, nil
}

// judge says why a record makes no sense to this program, or "". kind is the kind
// as it is listed.
func judge(g *gist, kind string, r *kiosk.Record) string {
	switch {
	case g.version > kiosk.HeaderVersion || g.suite != kiosk.SuiteX25519:
		return fmt.Sprintf("header version %d with suite %d is not known", g.version, g.suite)
	case !knownKinds[kiosk.Kind(kind)]:
		return "kind is not known"
	case r.Facts != nil && !bytes.Equal(kiosk.Commit("facts", r.FactsSalt, r.Facts), g.facts):
		return "facts do not match their commitment"
	case r.Sealed != nil && !bytes.Equal(kiosk.Commit("sealed", r.SealedSalt, r.Sealed), g.sealed):
		return "sealed bytes do not match their commitment"
	case r.Facts != nil && !json.Valid(r.Facts):
		return "facts are not JSON"
	}
	return ""
}

// knownKinds are the kinds that this program understands.
var knownKinds = map[kiosk.Kind]bool{
	kiosk.KindBoothStarted: true, kiosk.KindBoothStopped: true, kiosk.KindBoothEnrolled: true, kiosk.KindEpochBegun: true,
	kiosk.KindTicketIssued: true, kiosk.KindRequestFiled: true, kiosk.KindLeafletTaken: true, kiosk.KindNoticePrinted: true, kiosk.KindTwinPrinted: true,
	kiosk.KindBookingMade: true, kiosk.KindBookingChanged: true, kiosk.KindBookingCancelled: true,
	kiosk.KindRegistrationMade: true, kiosk.KindRegistrationChanged: true, kiosk.KindRegistrationCancelled: true,
	kiosk.KindAttendanceNoted: true,
	kiosk.KindSlipReissued:    true, kiosk.KindSlipPrinted: true,
	kiosk.KindRequestAnswered: true, kiosk.KindRequestRated: true, kiosk.KindRequestWithdrawn: true, kiosk.KindRequestReopened: true,
	kiosk.KindDataAsked: true, kiosk.KindConsentWithdrawn: true,
	kiosk.KindLoanLent: true, kiosk.KindLoanReturned: true, kiosk.KindLoanRenewed: true, kiosk.KindLoanSettled: true,
	kiosk.KindStockCounted: true, kiosk.KindAssetTagged: true, kiosk.KindTicketCalled: true, kiosk.KindTicketSkipped: true, kiosk.KindPrintMade: true,
	kiosk.KindDoorOpened: true, kiosk.KindDoorClosed: true, kiosk.KindDoorLeftOpen: true,
	kiosk.KindPrinterPaper: true,
	kiosk.KindDoorNight:    true, kiosk.KindDoorDead: true, kiosk.KindDoorBack: true,
	kiosk.KindPrinterState: true, kiosk.KindBoardHealth: true, kiosk.KindPowerFailed: true, kiosk.KindDayResumed: true,
	kiosk.KindStorageState: true, kiosk.KindBookSalvaged: true, kiosk.KindRecordSalvaged: true, kiosk.KindBookChecked: true, kiosk.KindBookPurged: true,
	kiosk.KindSettingChanged: true, kiosk.KindClockSet: true, kiosk.KindClockAnchored: true, kiosk.KindReadinessTaken: true,
	kiosk.KindKeysChanged:    true,
	kiosk.KindSurveyAnswered: true,
	kiosk.KindDutyTaken:      true, kiosk.KindDutyEnded: true,
	kiosk.KindNoticeRead: true,
	kiosk.KindHelpCalled: true, kiosk.KindHelpAnswered: true, kiosk.KindHelpCancelled: true,
	kiosk.KindStaffSignedIn: true, kiosk.KindStaffRefused: true, kiosk.KindStaffLocked: true,
}

// listed returns the kind as the log lists it: "" where it has not the form of one.
func listed(k string) string {
	if len(k) > 64 {
		return ""
	}
	for _, c := range []byte(k) {
		if c != '.' && c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return ""
		}
	}
	return k
}
