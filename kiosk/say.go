package kiosk

import (
	"context"
	"errors"
	"slices"
	"time"
)

// What residents say, with their paper in hand, of something that they filed. The booth
// cannot carry it out, since the city owns the case: it writes down what was said,
// on which version it is based, and sends it. Until the city's next version says that it
// has heard it, it is on its way.

// ActionRights is the slip that confirms a wish about one's data: it stands in no
// catalogue.
const ActionRights Action = "rights"

// Saying is a thing that a resident says.
type Saying struct {
	Deed   Deed // one that Resident reports true of
	Rating Rating
	Reason string // listed: see SayForm
	Words  string // typed; sealed to the city
	Lang   Lang
}

// Intent is a saying in the book.
type Intent struct {
	ID      ID // the submission's key
	Ref     ID // of the filing
	Record  ID // that says it
	Kind    Kind
	BasedOn uint64
	Slip    ID       // the paper that confirms it; zero = none
	Wish    DataWish // what that paper says
	At      time.Time
}

// IntentBook keeps what residents said.
type IntentBook interface {
	// AddIntent stores an intent with its record and, where slip is not nil, the paper
	// that confirms it. An intent that is there already is returned as it is, and nothing is
	// written. It returns ErrEpochChanged as FileRequest does.
	AddIntent(ctx context.Context, i Intent, slip *Slip, record Draft) (Intent, error)
	// Intents returns what was said here of a filing, oldest first.
	Intents(ctx context.Context, ref ID) ([]Intent, error)
	// WishOf returns what the paper of a wish says. The error has CodeNotFound.
	WishOf(ctx context.Context, slip ID) (DataWish, error)
}

// kindOf returns the kind of the record that says it.
func (s *Saying) kind() (Kind, bool) {
	for _, k := range SayKinds() {
		if d, _ := DeedOf(k); d == s.Deed {
			return k, true
		}
	}
	return "", false
}

// SayKinds lists the kinds of records that say something of a filing.
func SayKinds() []Kind {
	return []Kind{KindRequestAnswered, KindRequestRated, KindRequestWithdrawn, KindRequestReopened, KindDataAsked, KindConsentWithdrawn}
}

// sayFacts is what may be known of a saying without opening it.
type sayFacts struct {
	Service string `json:"service"`
	Number  string `json:"number"`
	Rating  Rating `json:"rating,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Lang    Lang   `json:"lang"`
	Slip    *ID    `json:"slip,omitempty"`
}

// Say writes down what whoever holds the paper says of its filing. The same key again
// returns the same intent. The error has CodeInvalid with the field that is wrong,
// CodeConflict where that cannot be said of the case as this booth knows it, or
// CodeUnavailable.
func (b *Booth) Say(ctx context.Context, key ID, o Opened, s Saying) (Intent, error) {
	kind, ok := s.kind()
	if !ok || o.Filing.Ref.IsZero() {
		return Intent{}, Errorf(CodeInvalid, "error.invalid", "a resident cannot say %q", s.Deed)
	}
	if had, err := b.said(ctx, key, o.Filing.Ref); err != nil || had != nil {
		return deref(had), err
	}
	if !o.CanSay(s.Deed) {
		return Intent{}, Errorf(CodeConflict, "error.case_state", "%s cannot be said of the filing as it is known here", s.Deed)
	}
	if err := b.Room(); err != nil {
		return Intent{}, err
	}
	now := b.clock.Read()
	facts := sayFacts{Service: o.Filing.Service, Number: o.Filing.Number, Rating: s.Rating, Reason: s.Reason, Lang: s.Lang}
	var slip *Slip
	if s.Deed == DeedDataAsked {
		paper := b.newSlip(NewID(), ActionRights, &Service{ID: o.Filing.Service}, s.Lang, now)
		paper.Number, slip, facts.Slip = o.Filing.Number, &paper, &paper.ID
	}
	typed := map[string]string{}
	if s.Words != "" {
		typed["words"] = s.Words
	}
	for {
		d, err := b.draft(kind, now, facts)
		if err != nil {
			return Intent{}, err
		}
		d.Ref, d.BasedOn = o.Filing.Ref[:], o.version()
		if err := b.sealInto(&d, typed); err != nil {
			return Intent{}, err
		}
		i := Intent{ID: key, Ref: o.Filing.Ref, Record: d.ID, Kind: kind, BasedOn: d.BasedOn, At: now.Wall}
		if slip != nil {
			i.Slip, i.Wish = slip.ID, DataWish(s.Reason)
		}
		stored, err := b.book.AddIntent(ctx, i, slip, d)
		if errors.Is(err, ErrEpochChanged) {
			continue
		}
		if err == nil && slip != nil && stored.Record == d.ID {
			b.enqueue(*slip, b.rightsReceipt(*slip, DataWish(s.Reason)))
		}
		return stored, err
	}
}

func deref(i *Intent) Intent {
	if i == nil {
		return Intent{}
	}
	return *i
}

// said returns the intent with that key, nil where there is none.
func (b *Booth) said(ctx context.Context, key, ref ID) (*Intent, error) {
	all, err := b.book.Intents(ctx, ref)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].ID == key {
			return &all[i], nil
		}
	}
	return nil, nil
}

// version is that of the case that the paper shows; 0 before the city has it.
func (o *Opened) version() uint64 {
	if o.Filing.Case == nil {
		return 0
	}
	return o.Filing.Case.Version
}

// CanSay reports whether that can be said of the filing as it is known here.
func (o *Opened) CanSay(d Deed) bool { return slices.Contains(o.Says(), d) }

// Says returns what the resident can say of the filing as it is known here. What is on
// its way already is not said twice.
func (o *Opened) Says() []Deed {
	var out []Deed
	switch c := o.Filing.Case; {
	case c != nil && c.Ending == EndErased:
		return nil
	case c != nil && c.Step != "": // a request
		out = c.Says()
	case o.Filing.Action == ActionRequest: // the city has not answered yet
		out = []Deed{DeedWithdrawn}
	}
	out = append(out, DeedDataAsked, DeedRefused)
	return slices.DeleteFunc(out, func(d Deed) bool {
		return slices.ContainsFunc(o.Pending, func(i Intent) bool {
			on, _ := DeedOf(i.Kind)
			return on == d && d != DeedDataAsked || on == DeedWithdrawn && d != DeedDataAsked && d != DeedRefused
		})
	})
}

// sayingsOf sorts what was said here of a filing into what is on its way and what came
// too late. The city takes a booth's records in their order: what was said before
// something that it has heard, it has heard as well.
func (b *Booth) sayingsOf(ctx context.Context, f *Filing) (pending, late []Intent, err error) {
	if f.Ref.IsZero() {
		return nil, nil, nil
	}
	all, err := b.book.Intents(ctx, f.Ref)
	onTheWay := true
	for _, i := range slices.Backward(all) {
		h, heard := f.heard(i.Record)
		onTheWay = onTheWay && !heard
		switch {
		case onTheWay:
			pending = append(pending, i)
		case heard && h.Late:
			late = append(late, i)
		}
	}
	slices.Reverse(pending)
	slices.Reverse(late)
	return pending, late, err
}

// heard returns what the city says of a record that said something.
func (f *Filing) heard(record ID) (Heard, bool) {
	if f.Case == nil {
		return Heard{}, false
	}
	i := slices.IndexFunc(f.Case.Heard, func(h Heard) bool { return h.Record == record })
	if i < 0 {
		return Heard{}, false
	}
	return f.Case.Heard[i], true
}
