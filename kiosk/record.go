package kiosk

import (
	"crypto/rand"
	"crypto/sha256"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// A record is the unit of the book and of the sync. It has three parts: a header
// without personal data, facts (JSON, without personal data), and sealed bytes
// that only the city can open. The header's bytes are written once, hashed as a
// leaf of the stream's Merkle log, and shipped verbatim; facts and sealed bytes
// are bound to it by two salted commitments, so that either can be erased alone
// while the header's proof stays good.
//
// A record is identified by (booth, epoch, lane, seq). Seq is dense, from 1.

// The formats that this program writes.
const (
	HeaderVersion = 1
	// SuiteX25519 is SHA-256 commitments, Ed25519 signatures, and HPKE (RFC 9180)
	// base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM.
	SuiteX25519 = 1
	// SaltSize is the length of a commitment's salt in bytes.
	SaltSize = 16
	// MaxRecordBody is the most bytes that facts or sealed bytes may have, so that
	// no record exists that cannot be sent.
	MaxRecordBody = 48 << 10
)

// Lane is one of a booth's streams of records.
type Lane uint8

// The lanes. An alarm in the urgent lane never waits behind a week of door events.
const (
	LaneLog    Lane = 0
	LaneUrgent Lane = 1
)

// Lanes lists them, the urgent one first: the order in which they are sent.
func Lanes() []Lane { return []Lane{LaneUrgent, LaneLog} }

// String returns "log" or "urgent".
func (l Lane) String() string {
	if l == LaneUrgent {
		return "urgent"
	}
	return "log"
}

// ParseLane reads "log" or "urgent". The error has CodeInvalid.
func ParseLane(s string) (Lane, error) {
	switch s {
	case "log":
		return LaneLog, nil
	case "urgent":
		return LaneUrgent, nil
	}
	return 0, Errorf(CodeInvalid, "error.lane", "lane %q: want log or urgent", s)
}

// Kind names what a record says, as noun.deed: "ticket.issued". The list is append-only.
type Kind string

// The kinds.
const (
	KindBoothStarted  Kind = "booth.started"
	KindBoothStopped  Kind = "booth.stopped"
	KindBoothEnrolled Kind = "booth.enrolled"
	KindEpochBegun    Kind = "epoch.begun" // first record after a roll-back was found
	KindTicketIssued  Kind = "ticket.issued"
	KindRequestFiled  Kind = "request.filed"
	KindLeafletTaken  Kind = "leaflet.taken"

	KindLoanLent      Kind = "loan.lent"
	KindLoanReturned  Kind = "loan.returned" // at this booth, whichever lent it
	KindLoanRenewed   Kind = "loan.renewed"
	KindLoanSettled   Kind = "loan.settled"  // the city told the lender what became of it
	KindStockCounted  Kind = "stock.counted" // staff counted what is here
	KindAssetTagged   Kind = "asset.tagged"  // stickers were printed
	KindTicketCalled  Kind = "ticket.called"
	KindTicketSkipped Kind = "ticket.skipped" // nobody came
	KindPrintMade     Kind = "print.made"     // of something that is stored nowhere

	// What residents say, by a receipt, about what they filed: the header's Ref names
	// it, BasedOn is the version of the case that they saw.
	KindRequestAnswered  Kind = "request.answered"
	KindRequestRated     Kind = "request.rated"
	KindRequestWithdrawn Kind = "request.withdrawn"
	KindRequestReopened  Kind = "request.reopened"
	KindDataAsked        Kind = "data.asked" // a copy, a correction or the deletion of what is held about them

	KindSlipReissued Kind = "slip.reissued" // a new code on a reprint; the old one is revoked
	KindSlipPrinted  Kind = "slip.printed"  // the outcome of a print job: done, failed or unknown
	KindDoorOpened   Kind = "door.opened"
	KindDoorClosed   Kind = "door.closed"
	KindDoorLeftOpen Kind = "door.left_open"
	KindDoorNight    Kind = "door.night" // an opening in the night's hours, beside door.opened
	KindDoorDead     Kind = "door.dead"  // the contact's line: what it says counts for nothing
	KindDoorBack     Kind = "door.back"
	KindPrinterState Kind = "printer.state"
	KindPrinterPaper Kind = "printer.paper" // a new roll was put in, or the one that is in nears its end
	KindPowerFailed  Kind = "power.failed"  // the mains stayed away, and the booth stopped in order
	KindBoardHealth  Kind = "board.health"
	KindDayResumed   Kind = "day.resumed" // the service day went on in a new series

	KindNoticePrinted    Kind = "notice.printed"      // a privacy notice, to take home
	KindNoticeRead       Kind = "notice.acknowledged" // somebody at the screen has read an emergency notice of the city
	KindTwinPrinted      Kind = "twin.printed"        // a form to fill in with a pen
	KindConsentWithdrawn Kind = "consent.withdrawn"   // by receipt: its facts say the number

	KindStorageState   Kind = "storage.state"   // how full the booth's disk is: a watermark was passed
	KindBookSalvaged   Kind = "book.salvaged"   // the book was damaged: what was kept and what was lost
	KindBookChecked    Kind = "book.checked"    // the whole book was looked at, and is sound
	KindBookPurged     Kind = "book.purged"     // bodies whose time was over were emptied
	KindRecordSalvaged Kind = "record.salvaged" // carries a record whose own stream cannot go on
	KindKeysChanged    Kind = "keys.changed"    // what the booth believes of the hub and the city, or its own key

	KindSurveyAnswered Kind = "survey.answered"

	KindDutyTaken Kind = "duty.taken" // somebody took over the watch; who had it until then has it no more
	KindDutyEnded Kind = "duty.ended" // and nobody has taken over

	KindHelpCalled    Kind = "help.called"    // somebody at the booth asks for a person; in the urgent lane
	KindHelpAnswered  Kind = "help.answered"  // staff are there
	KindHelpCancelled Kind = "help.cancelled" // it was no longer needed

	KindSettingChanged Kind = "setting.changed" // by staff, at the booth
	KindClockSet       Kind = "clock.set"       // by hand, at the booth
	KindClockAnchored  Kind = "clock.anchored"  // at this moment of the boot it was that time: see Anchor
	KindReadinessTaken Kind = "readiness.taken" // staff asked for the readiness slip
	KindStaffSignedIn  Kind = "staff.signed_in"
	KindStaffRefused   Kind = "staff.refused" // a wrong PIN
	KindStaffLocked    Kind = "staff.locked"  // one too many

	KindBookingMade           Kind = "booking.made"
	KindBookingChanged        Kind = "booking.changed" // to another slot, or from the waiting list into it
	KindBookingCancelled      Kind = "booking.cancelled"
	KindRegistrationMade      Kind = "registration.made"
	KindRegistrationChanged   Kind = "registration.changed"
	KindRegistrationCancelled Kind = "registration.cancelled"
	KindAttendanceNoted       Kind = "attendance.noted" // whoever booked or registered is there
)

// Header is a record's header. It holds no personal data. On the wire and in the
// book it is a CBOR array of these fields in this order (RFC 8949, core
// deterministic encoding); the test vectors are in testdata/header.golden.
type Header struct {
	_            struct{} `cbor:",toarray"`
	V            uint8
	Suite        uint8
	Booth        string
	Epoch        ID
	Lane         Lane
	Seq          uint64
	ID           ID
	Kind         Kind
	Schema       uint16
	BootCount    uint64
	BootID       ID
	BoottimeNS   int64
	WallMS       int64
	ClockState   ClockState
	Actor        []byte // random alias of who acted, or empty
	Ref          []byte // random alias of what it is about, or empty
	BasedOn      uint64 // version of the subject that the actor saw, or 0
	FactsCommit  []byte // Commit("facts", salt, facts)
	SealedCommit []byte // Commit("sealed", salt, sealed), or empty where nothing is sealed
}

// Wall returns the wall clock of the booth when it wrote the record.
func (h *Header) Wall() time.Time { return time.UnixMilli(h.WallMS).UTC() }

// Draft is a record before it has a place in the book.
type Draft struct {
	ID      ID
	Lane    Lane
	Kind    Kind
	Schema  uint16
	Actor   []byte
	Ref     []byte
	BasedOn uint64
	Facts   []byte // JSON
	Sealed  []byte // already sealed, or nil
	Epoch   ID     // the epoch that Sealed was sealed for
	Stamp   Stamp
}

// Record is a record in the book. Salts are empty where the part is absent; parts
// and salts are nil where they were erased.
type Record struct {
	Header     []byte
	Facts      []byte
	FactsSalt  []byte
	Sealed     []byte
	SealedSalt []byte
}

var headerMode = func() cbor.EncMode {
	m, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err) // constant options
	}
	return m
}()

var headerDecMode = func() cbor.DecMode {
	m, err := cbor.DecOptions{DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden,
		MaxArrayElements: 64, MaxNestedLevels: 4, ExtraReturnErrors: cbor.ExtraDecErrorUnknownField}.DecMode()
	if err != nil {
		panic(err) // constant options
	}
	return m
}()

// Enter gives the draft its place in the book: it draws the salts, commits to the
// parts and encodes the header. The error has CodeInvalid when a part is too large.
func (d *Draft) Enter(booth string, epoch ID, seq uint64) (Record, error) {
	if len(d.Facts) > MaxRecordBody || len(d.Sealed) > MaxRecordBody {
		return Record{}, Errorf(CodeInvalid, "error.too_long", "record %s: facts of %d and sealed of %d bytes, at most %d each",
			d.Kind, len(d.Facts), len(d.Sealed), MaxRecordBody)
	}
	salts := make([]byte, 2*SaltSize)
	rand.Read(salts)
	r := Record{Facts: d.Facts, FactsSalt: salts[:SaltSize:SaltSize]}
	h := Header{V: HeaderVersion, Suite: SuiteX25519, Booth: booth, Epoch: epoch, Lane: d.Lane, Seq: seq,
		ID: d.ID, Kind: d.Kind, Schema: d.Schema, BootCount: d.Stamp.Boot.Count, BootID: d.Stamp.Boot.ID,
		BoottimeNS: int64(d.Stamp.Since), WallMS: d.Stamp.Wall.UnixMilli(), ClockState: d.Stamp.State,
		Actor: d.Actor, Ref: d.Ref, BasedOn: d.BasedOn,
		FactsCommit: Commit("facts", r.FactsSalt, r.Facts)}
	if len(d.Sealed) > 0 {
		r.Sealed, r.SealedSalt = d.Sealed, salts[SaltSize:]
		h.SealedCommit = Commit("sealed", r.SealedSalt, r.Sealed)
	}
	b, err := headerMode.Marshal(&h)
	if err != nil {
		return Record{}, Errorf(CodeInternal, "error.internal", "encode header of %s: %w", d.Kind, err)
	}
	r.Header = b
	return r, nil
}

// DecodeHeader reads a header. The error has CodeInvalid. It does not judge the
// kind: a kind that this program has never heard of is a good header.
func DecodeHeader(b []byte) (Header, error) {
	var h Header
	if err := headerDecMode.Unmarshal(b, &h); err != nil {
		return Header{}, Errorf(CodeInvalid, "error.header", "decode header: %w", err)
	}
	if h.V == 0 || h.Booth == "" || h.Seq == 0 || h.Kind == "" || len(h.FactsCommit) != sha256.Size ||
		(len(h.SealedCommit) != 0 && len(h.SealedCommit) != sha256.Size) {
		return Header{}, Errorf(CodeInvalid, "error.header", "header of version %d lacks a field or has a bad commitment", h.V)
	}
	return h, nil
}

// Commit returns the commitment to one part of a record:
// SHA-256("redstation/" + part + "/1" + 0x00 + salt + body).
func Commit(part string, salt, body []byte) []byte {
	h := sha256.New()
	h.Write([]byte("redstation/" + part + "/1\x00"))
	h.Write(salt)
	h.Write(body)
	return h.Sum(make([]byte, 0, sha256.Size))
}
