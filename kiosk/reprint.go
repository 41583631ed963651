package kiosk

import "context"

// maxReprints is how often a slip may be put on paper again, by itself or because
// somebody asked.
const maxReprints = 3

// Reprint puts the slip on paper once more, marked as a reprint. A slip with a
// code gets a new one, and the old one is revoked. The error has CodeNotFound,
// CodeUnavailable (no printer, or three reprints were made), or CodeConflict while
// the slip is still being printed.
func (b *Booth) Reprint(ctx context.Context, id ID) (Slip, error) {
	slip, err := b.book.Slip(ctx, id)
	if err != nil {
		return Slip{}, err
	}
	switch {
	case slip.State == SlipQueued:
		return Slip{}, Errorf(CodeConflict, "error.printing", "slip %s is still being printed", id)
	case b.Status().Printer == PrinterOffline:
		return Slip{}, Errorf(CodeUnavailable, "error.no_printer", "no printer is attached")
	}
	again, err := b.reissue(ctx, slip, "")
	if err != nil {
		return Slip{}, err
	}
	b.queue(again)
	return again, nil
}

// reissue makes the slip's next paper: the book says first that the one before is
// void, then the body changes. Where it happens by itself, stopped says what
// stopped the paper before. The error has CodeNotFound, CodeUnavailable, or
// CodeConflict where somebody else was quicker.
func (b *Booth) reissue(ctx context.Context, slip Slip, stopped PrinterState) (Slip, error) {
	if slip.Action.unkept() {
		return b.reissueUnkept(ctx, slip, stopped)
	}
	s, _, ok := b.Catalogue().Service(slip.Service)
	if !ok {
		return Slip{}, Errorf(CodeNotFound, "error.service", "service %q is no longer in the catalogue", slip.Service)
	}
	if slip.Reprints >= maxReprints {
		return Slip{}, Errorf(CodeUnavailable, "error.reprints", "slip %s was reprinted %d times", slip.ID, slip.Reprints)
	}
	facts := struct {
		Slip    ID           `json:"slip"`
		Number  string       `json:"number,omitempty"`
		Stopped PrinterState `json:"stopped,omitempty"`
		Index   *ID          `json:"index,omitempty"`
		Public  []byte       `json:"public,omitempty"`
		Capsule []byte       `json:"capsule,omitempty"`
	}{Slip: slip.ID, Number: slip.Number, Stopped: stopped}
	var capsule *Capsule
	var code PaperCode
	if slip.Action.Files() {
		code = NewPaperCode()
		c, err := b.sealReceipt(ctx, slip, code)
		if err != nil {
			return Slip{}, err
		}
		capsule, facts.Index, facts.Public = &c, &c.Index, c.Public
		if facts.Capsule, err = c.Bytes(); err != nil {
			return Slip{}, err
		}
	}
	d, err := b.draft(KindSlipReissued, b.clock.Read(), facts)
	if err != nil {
		return Slip{}, err
	}
	if capsule != nil {
		ref := RefOf(slip.ID)
		d.Ref = ref[:]
	}
	again, err := b.book.ReissueSlip(ctx, slip, capsule, d)
	if err != nil {
		return Slip{}, err
	}
	r, err := b.receipt(ctx, s, again, code)
	if err != nil {
		return Slip{}, err
	}
	b.spool.swap(slip.ID, r, b.clock.Read().Since)
	return again, nil
}

// receipt returns what stands on a slip; code is "" where it bears none. What the
// slip's number stands for is read from the book.
func (b *Booth) receipt(ctx context.Context, s *Service, slip Slip, code PaperCode) (Receipt, error) {
	switch {
	case slip.Action == ActionTicket:
		return b.ticketReceipt(ctx, s, slip)
	case slip.Action == ActionNotice:
		return b.noticeReceipt(s, slip), nil
	case slip.Action == ActionTwin:
		return b.twinAgain(s, slip), nil
	case slip.Action.Files():
		details, err := b.details(ctx, s, slip)
		return b.formReceipt(s, slip, code, details), err
	case slip.Action == ActionRights:
		wish, err := b.book.WishOf(ctx, slip.ID)
		return b.rightsReceipt(slip, wish), err
	}
	return b.leafletReceipt(s, slip), nil
}

// details are the lines that tell what was booked, registered or lent.
func (b *Booth) details(ctx context.Context, s *Service, slip Slip) ([]Line, error) {
	switch slip.Action {
	case ActionLoan:
		return b.loanDetails(ctx, s, slip)
	case ActionBook, ActionRegister:
		return b.bookingLines(ctx, s, slip)
	default:
		return nil, nil
	}
}
