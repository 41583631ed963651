package kiosk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
)

// Every action with a form ends alike: the answers are checked, what was typed is
// sealed to the city, and a numbered slip with a code of its own stands for it from
// then on. Only what the book does with it differs.

// Paperwork is a filled form on its way into the book: its slip, what the slip's
// paper opens, and its record. The book may add to the record, inside its own
// transaction, what only it can know.
type Paperwork struct {
	Slip    Slip
	Capsule Capsule
	Record  Draft

	// Kept are the answers that were accepted: normalised, and without the personal
	// ones where consent was refused.
	Kept  Answers
	facts formFacts

	reseal func(Booking) (Capsule, error) // what the paper opens, with the place that was given
}

// Note adds a listed value to the facts of the record, such as a place on a waiting
// list. It must be nothing that somebody typed.
func (p *Paperwork) Note(name, value string) error {
	choices := map[string]string{name: value}
	for k, v := range p.facts.Choices {
		if k != name {
			choices[k] = v
		}
	}
	p.facts.Choices = choices
	facts, err := json.Marshal(p.facts)
	if err != nil {
		return Errorf(CodeInternal, "error.internal", "facts of %s: %w", p.Record.Kind, err)
	}
	p.Record.Facts = facts
	return nil
}

// formFacts is what may be known of a filled form without opening it: listed
// choices, never what someone typed.
type formFacts struct {
	Service   string            `json:"service"`
	Action    Action            `json:"action"`
	Number    string            `json:"number"`
	Route     string            `json:"route,omitempty"`
	DataClass DataClass         `json:"data_class"`
	Pack      string            `json:"pack"`
	Choices   map[string]string `json:"choices,omitempty"`
	Consent   *consentFacts     `json:"consent,omitempty"`
	Seat      *Seat             `json:"seat,omitempty"` // the place that was booked
	Helped    bool              `json:"helped,omitempty"`
	Paper     string            `json:"paper,omitempty"` // number of the paper that it was typed in from
	Index     ID                `json:"index"`           // where the paper's record is found
	Public    []byte            `json:"public"`
	Capsule   []byte            `json:"capsule"` // a Capsule: what the paper opens
}

// consentFacts is the ledger line of a consent: yes or no, and to which words.
type consentFacts struct {
	Given bool   `json:"given"`
	Text  string `json:"text"` // fingerprint of the wording in the language that was shown
	Lang  Lang   `json:"lang"`
}

// filled is a form as it came from the screen.
type filled struct {
	action  Action
	kind    Kind // of the record
	key     ID
	service string
	answers Answers
	lang    Lang
}

func formOf(a Action, kind Kind, key ID, service string, answers Answers, lang Lang) filled {
	return filled{a, kind, key, service, answers, lang}
}

// File stores a filled form of a service, whatever its action is, and returns the
// slip. The same key again returns the same slip. The error has CodeInvalid with the
// field that is wrong, CodeNotFound, CodeConflict where what was chosen has gone in
// the meantime (with the field), or CodeUnavailable.
func (b *Booth) File(ctx context.Context, key ID, service string, answers Answers, lang Lang) (Slip, error) {
	s, _, ok := b.CatalogueFor(ctx).Service(service)
	if !ok {
		return Slip{}, Errorf(CodeNotFound, "error.service", "service %q is not in the catalogue", service)
	}
	a, _ := s.Filing()
	switch a {
	case ActionRequest:
		return b.FileRequest(ctx, key, service, answers, lang)
	case ActionLoan:
		return b.Lend(ctx, key, service, answers, lang)
	case ActionPrint:
		return b.PrintAnswers(ctx, key, service, answers, lang)
	case ActionBook:
		return b.Book(ctx, key, service, answers, lang)
	case ActionRegister:
		return b.Register(ctx, key, service, answers, lang)
	case ActionSurvey:
		return b.AnswerSurvey(ctx, key, service, answers, lang)
	case ActionCheckIn:
		return b.TakeDuty(ctx, key, service, answers, lang)
	}
	return Slip{}, Errorf(CodeUnavailable, "error.closed", "service %s has no form here now", service)
}

// fill does what all forms have in common, and prints the slip of what put stored.
// put is called again where the book begins a new epoch in between.
func (b *Booth) fill(ctx context.Context, f filled, put func(context.Context, *Paperwork) (Slip, error)) (Slip, error) {
	s, err := b.serviceFor(ctx, f.service, f.action)
	if err != nil {
		return Slip{}, err
	}
	if err := b.roomFor(ctx, f.key); err != nil {
		return Slip{}, err
	}
	now := b.clock.Read()
	kept, err := s.Form.Accept(f.answers, b.CatalogueFor(ctx), now.Wall.In(b.zone))
	if err != nil {
		return Slip{}, err
	}
	code := NewPaperCode()
	want := b.newSlip(f.key, f.action, s, f.lang, now)
	for {
		p, err := b.write(ctx, want, f.kind, s, kept, code, now)
		if err != nil {
			return Slip{}, err
		}
		slip, err := put(ctx, p)
		if errors.Is(err, ErrEpochChanged) {
			continue // it ends: epochs change once in months
		}
		if err != nil || slip.Number != p.Slip.Number { // it was there before, and so was its paper
			return slip, err
		}
		receipt, err := b.receipt(ctx, s, slip, code)
		if err != nil {
			return Slip{}, err
		}
		b.enqueue(slip, receipt)
		return slip, nil
	}
}

// write makes the paperwork of a form: number, capsule, record.
func (b *Booth) write(ctx context.Context, want Slip, kind Kind, s *Service, kept Answers, code PaperCode, now Reading) (*Paperwork, error) {
	want.Number = b.book.NextNumber()
	capsule, err := b.sealReceipt(ctx, want, code)
	if err != nil {
		return nil, err
	}
	facts, typed := s.split(kept, want.Lang)
	facts.Action = want.Action
	facts.Number, facts.Pack = want.Number, b.CatalogueFor(ctx).Version
	facts.Helped, facts.Paper = originOf(ctx).Helped, originOf(ctx).Paper
	facts.Index, facts.Public = capsule.Index, capsule.Public
	if facts.Capsule, err = capsule.Bytes(); err != nil {
		return nil, err
	}
	d, err := b.draft(kind, now, facts)
	if err != nil {
		return nil, err
	}
	ref := RefOf(want.ID)
	d.Ref = ref[:]
	if err := b.sealInto(&d, typed); err != nil {
		return nil, err
	}
	return &Paperwork{Slip: want, Capsule: capsule, Record: d, Kept: kept, facts: facts,
		reseal: b.resealer(Lock{capsule.Index, capsule.Public}, now)}, nil
}

// sealInto seals what somebody typed to the city, as the sealed part of a record.
// Nothing typed leaves the record as it is.
func (b *Booth) sealInto(d *Draft, typed map[string]string) error {
	if len(typed) == 0 {
		return nil
	}
	plain, err := json.Marshal(typed)
	if err != nil {
		return Errorf(CodeInternal, "error.internal", "sealed part of %s: %w", d.Kind, err)
	}
	c := b.city.Load()
	if c == nil {
		return Errorf(CodeUnavailable, "error.closed", "there is no city to seal %s to", d.Kind)
	}
	d.Epoch = b.book.Epoch()
	d.Sealed, err = c.key.Seal(b.book.Booth(), d.Epoch, d.ID, d.Kind, plain)
	return err
}

// split parts the answers into facts and what is to be sealed.
func (s *Service) split(kept Answers, lang Lang) (formFacts, map[string]string) {
	facts := formFacts{Service: s.ID, Route: s.Route, DataClass: s.DataClass, Choices: map[string]string{}}
	typed := map[string]string{}
	for i := range s.Form.Fields {
		f := &s.Form.Fields[i]
		a, ok := kept[f.ID]
		switch {
		case f.Seated(): // the book says which place it is
			continue
		case !ok:
		case f.Kind == FieldConsent:
			facts.Consent = &consentFacts{Given: a.Value == "yes", Text: f.Consent.Fingerprint(lang), Lang: lang}
		case f.Sealed() || (s.DataClass == DataSensitive && f.Kind != FieldPlace):
			typed[f.ID] = a.Value
		default:
			facts.Choices[f.ID] = a.Value
		}
		if a.Detail != "" && f.Kind != FieldItem { // a tag is a fact, noted with the loan
			typed[f.ID+".detail"] = a.Detail
		}
	}
	return facts, typed
}

// Fingerprint names the wording that was shown: the first 8 bytes of its SHA-256, in hex.
func (c *Consent) Fingerprint(lang Lang) string {
	h := sha256.New()
	for _, t := range []Text{c.What, c.Why, c.Who, c.Keep} {
		io.WriteString(h, t.In(lang)+"\n") //nolint:errcheck // a hash never fails
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
