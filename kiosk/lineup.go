package kiosk

import "context"

// The queue as staff see it. A ticket waits, is called, and may be skipped because
// nobody came; a skipped one can be called again later. Everything is in the book, so
// that a power cut calls nobody twice and forgets nobody.

// TicketState says what became of a ticket. The names are append-only.
type TicketState string

// The states.
const (
	TicketWaiting TicketState = "waiting"
	TicketCalled  TicketState = "called"
	TicketSkipped TicketState = "skipped"
)

// Lineup is one service's queue of the day. (Queue is how the tickets of a service are
// numbered.)
type Lineup struct {
	Service string
	Now     string // label of the ticket that is being served, "" before the first
	Turn    int    // of that; it grows with every call of the day
	Waiting int
	Next    string   // label of the one that is next, "" = nobody waits
	Skipped []string // labels, in their order
}

// Standing is where a ticket stands in its queue.
type Standing struct {
	State TicketState
	Ahead int    // how many wait before it now
	First int    // how many waited before it when it was drawn
	Now   string // label that is being served
}

// CallStep is what staff do with a queue.
type CallStep string

// The steps.
const (
	StepNext  CallStep = "next"  // call the one that waits longest
	StepAgain CallStep = "again" // call the one that is being served once more
	StepSkip  CallStep = "skip"  // nobody came
	StepBack  CallStep = "back"  // call one that was skipped
)

// LineupBook keeps what became of the tickets of a service day.
type LineupBook interface {
	// Lineups lists the queues of the day in which tickets were drawn, by service.
	Lineups(ctx context.Context, today Today) ([]Lineup, error)
	// Standing returns where the ticket of a slip stands. The error has CodeNotFound.
	Standing(ctx context.Context, slip ID) (Standing, error)
	// StepQueue does a step, if the one that is being served is still seen, and returns
	// the ticket that it is about. record is called inside the transaction. The error has
	// CodeConflict where somebody else was quicker, CodeNotFound where there is no such
	// ticket.
	StepQueue(ctx context.Context, c QueueStep, today Today, record func(Ticket) (Draft, error)) (Ticket, error)
}

// QueueStep is a step that staff take. Seen is the label that their page showed as being
// served: a second tap on the same button does nothing more. Label is the ticket of
// StepBack.
type QueueStep struct {
	Service string
	Step    CallStep
	Seen    string
	Label   string
}

// Lineups lists the queues of the day.
func (b *Booth) Lineups(ctx context.Context) ([]Lineup, error) {
	return b.book.Lineups(ctx, b.today(b.clock.Read()))
}

// Standing returns where the ticket of a slip stands now. The error has CodeNotFound.
func (b *Booth) Standing(ctx context.Context, slip ID) (Standing, error) {
	return b.book.Standing(ctx, slip)
}

// StepQueue does a step of staff. The error has CodeInvalid, CodeNotFound where nobody
// is there to be called, or CodeConflict where somebody else was quicker.
func (b *Booth) StepQueue(ctx context.Context, c QueueStep) error {
	kind := KindTicketCalled
	switch c.Step {
	case StepNext, StepAgain, StepBack:
	case StepSkip:
		kind = KindTicketSkipped
	default:
		return Errorf(CodeInvalid, "error.invalid", "no step %q", c.Step)
	}
	now := b.clock.Read()
	_, err := b.book.StepQueue(ctx, c, b.today(now), func(t Ticket) (Draft, error) {
		return b.draft(kind, now, struct {
			ticketFacts
			Again bool `json:"again,omitempty"`
		}{ticketFacts{t.Service, t.Label, t.Day.Date, t.Day.Series, t.Number}, c.Step == StepAgain || c.Step == StepBack})
	})
	if err != nil {
		return err
	}
	b.NoteCall()
	return nil
}

// NoteCall tells the screens that a queue has moved.
func (b *Booth) NoteCall() { b.change(func(s *Status) { s.Calls++ }) }
