package kiosk

import (
	"context"
	"errors"
	"time"
)

// Book is the booth's memory: state and the records that say how it came about,
// always written together in one durable transaction. When a method returns
// without an error, what it wrote survives a power cut.
//
// Package sqlite implements it.
type Book interface {
	Identity
	TicketBook
	RequestBook
	BookingBook
	BookingList
	SlipBook
	RollBook
	LogBook
	SettingBook
	StaffBook
	TimeBook
	CapsuleBook
	LoanBook
	LineupBook
	IntentBook
	CallBook
	SurveyBook
	DutyBook
}

// Identity says who writes the book.
type Identity interface {
	Booth() string // the booth's id; UnenrolledBooth before it is enrolled
	Epoch() ID     // the epoch that new records belong to
	Boot() Boot
}

// TicketBook keeps the queues.
type TicketBook interface {
	// IssueTicket gives the next number of the service on the service day that
	// today brings about, stores slip and record, and returns the slip with its
	// number. A slip that is already there is returned as it is, and nothing is
	// written. The error has CodeUnavailable when the day's limit is reached.
	// record is called inside the transaction and may be called again.
	IssueTicket(ctx context.Context, s Slip, q Queue, today Today, record func(Ticket) (Draft, error)) (Slip, error)
	// ServiceDay returns the day that tickets are counted in.
	ServiceDay(ctx context.Context) (ServiceDay, error)
}

// RequestBook keeps the requests that residents filed.
type RequestBook interface {
	// NextNumber reserves a request number ("07-218"). It is the booth's for good
	// once FileRequest has written it; a number that is never written may come again
	// after a restart.
	NextNumber() string
	// FileRequest stores the request with its slip, the capsule that its paper opens,
	// and its record. A slip that is
	// already there is returned as it is, and nothing is written. It returns
	// ErrEpochChanged where the record was sealed for an epoch that has ended.
	FileRequest(ctx context.Context, s Slip, c Capsule, record Draft) (Slip, error)
}

// SlipBook is the spool. It holds no secret: bodies with a code live in memory.
type SlipBook interface {
	// AddSlip stores a slip that needs no number. A slip that is already there is
	// returned as it is, and nothing is written.
	AddSlip(ctx context.Context, s Slip, record Draft) (Slip, error)
	// Slip returns a stored slip. The error has CodeNotFound.
	Slip(ctx context.Context, id ID) (Slip, error)
	// Unsettled returns the slips whose outcome is not known, oldest first.
	Unsettled(ctx context.Context) ([]Slip, error)
	// SettleSlip notes the outcome of a print job and counts the paper that it took,
	// mm. It returns the slip as it is then.
	SettleSlip(ctx context.Context, id ID, state SlipState, used int, record Draft) (Slip, error)
	// ReissueSlip counts a reprint and queues the slip again; where c is not nil
	// it takes the place of the slip's capsule, so that the old paper opens nothing any
	// more.
	// The error has CodeConflict where the slip's state or reprints are others by now.
	ReissueSlip(ctx context.Context, s Slip, c *Capsule, record Draft) (Slip, error)
}

// RollBook knows the roll of paper in the printer.
type RollBook interface {
	Roll(ctx context.Context) (Roll, error)
	// NoteRoll stores the roll with the record that says what happened to it.
	NoteRoll(ctx context.Context, r Roll, record Draft) error
}

// LogBook takes records that change no other state.
type LogBook interface {
	Append(ctx context.Context, record Draft) error
}

// UnenrolledBooth is the booth id of a book that belongs to no city yet. Its
// records stay where they are.
const UnenrolledBooth = "new"

// ErrEpochChanged says that a record was sealed for an epoch that has ended in the
// meantime; seal again and try again.
var ErrEpochChanged = errors.New("the book has begun a new epoch")

// Today is the date that the clock says, in the city's zone, and whether it can be trusted.
type Today struct {
	Date    string
	Trusted bool
}

// Ticket is a place in a queue.
type Ticket struct {
	Service string
	Day     ServiceDay
	Number  int
	Label   string // "L017": prefix, series where there is one, number
}

// Stream is one Merkle log of records.
type Stream struct {
	Epoch ID
	Lane  Lane
}

// Head says how far a stream is, and how far the city has it.
type Head struct {
	Stream
	Last   uint64
	Acked  uint64
	Oldest time.Time // wall clock of the first record that is not acknowledged; zero if none
}

// Enrolment is what ties a booth to its city.
type Enrolment struct {
	Booth     string
	Name      string
	Hub       string // base URL
	HubKey    []byte // Ed25519 public key, 32 bytes: signs every answer of the hub
	CityKeyID uint32
	CityKey   []byte // X25519 public key, 32 bytes: what residents say is sealed to it
	At        time.Time

	NextHubKey []byte    `json:",omitempty"` // announced by the hub: believed as HubKey is
	KeyAt      time.Time `json:",omitzero"`  // when the booth's own key was changed last, by the hub's clock; zero: never
	KeyChain   [][]byte  `json:",omitempty"` // how the booth's own key was handed on, oldest first, as sent to the hub
}
