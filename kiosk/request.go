package kiosk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"
)

// requestFacts is what may be known of a request without opening it: listed
// choices, never what someone typed.
type requestFacts struct {
	Service   string            `json:"service"`
	Number    string            `json:"number"`
	Route     string            `json:"route,omitempty"`
	DataClass DataClass         `json:"data_class"`
	Pack      string            `json:"pack"`
	Choices   map[string]string `json:"choices,omitempty"`
	Consent   *consentFacts     `json:"consent,omitempty"`
	Index     ID                `json:"index"` // where the paper's record is found
	Public    []byte            `json:"public"`
	Capsule   []byte            `json:"capsule"` // a Capsule: what the paper opens
}

// consentFacts is the ledger line of a consent: yes or no, and to which words.
type consentFacts struct {
	Given bool   `json:"given"`
	Text  string `json:"text"` // fingerprint of the wording in the language that was shown
	Lang  Lang   `json:"lang"`
}

// FileRequest checks the answers, seals what the resident typed to the city,
// stores it and returns the slip with the request's number. The same key again
// returns the same slip. The error has CodeInvalid with the field that is wrong,
// CodeNotFound, or CodeUnavailable.
func (b *Booth) FileRequest(ctx context.Context, key ID, service string, answers Answers, lang Lang) (Slip, error) {
	s, err := b.service(service, ActionRequest)
	if err != nil {
		return Slip{}, err
	}
	if err := b.roomFor(ctx, key); err != nil {
		return Slip{}, err
	}
	now := b.clock.Read()
	kept, err := s.Form.Accept(answers, b.Catalogue(), now.Wall.In(b.zone))
	if err != nil {
		return Slip{}, err
	}
	code := NewPaperCode()
	want := b.newSlip(key, ActionRequest, s, lang, now)
	for {
		slip, err := b.fileRequest(ctx, want, s, kept, code, now)
		if errors.Is(err, ErrEpochChanged) {
			continue // it ends: epochs change once in months
		}
		return slip, err
	}
}

func (b *Booth) fileRequest(ctx context.Context, want Slip, s *Service, kept Answers, code PaperCode, now Reading) (Slip, error) {
	want.Number = b.book.NextNumber()
	capsule, err := b.sealReceipt(want, code)
	if err != nil {
		return Slip{}, err
	}
	facts, typed := s.split(kept, want.Lang)
	facts.Number, facts.Pack = want.Number, b.Catalogue().Version
	facts.Index, facts.Public = capsule.Index, capsule.Public
	if facts.Capsule, err = capsule.Bytes(); err != nil {
		return Slip{}, err
	}
	d, err := b.draft(KindRequestFiled, now, facts)
	if err != nil {
		return Slip{}, err
	}
	if len(typed) > 0 {
		plain, err := json.Marshal(typed)
		if err != nil {
			return Slip{}, Errorf(CodeInternal, "error.internal", "sealed part of request: %w", err)
		}
		d.Epoch = b.book.Epoch()
		d.Sealed, err = b.city.Load().key.Seal(b.book.Booth(), d.Epoch, d.ID, d.Kind, plain)
		if err != nil {
			return Slip{}, err
		}
	}
	slip, err := b.book.FileRequest(ctx, want, capsule, d)
	if err == nil && slip.Number == want.Number { // else it was there before, and so was its paper
		b.enqueue(slip, b.requestReceipt(s, slip, code))
	}
	return slip, err
}

// Accept checks a whole form and returns the answers that are kept: normalised,
// without unknown fields, and without the personal ones where consent was not
// given. The error names the first field that is wrong; error.consent_needed says
// that this form cannot go on without consent.
func (f *Form) Accept(answers Answers, c *Catalogue, today time.Time) (Answers, error) {
	kept := Answers{}
	refused := f.Refused(answers)
	for i := range f.Fields {
		field := &f.Fields[i]
		if field.Personal && refused {
			continue
		}
		a, err := field.Check(answers[field.ID], c, today)
		if err != nil {
			return nil, err
		}
		if field.Kind == FieldConsent && a.Value == "no" && !f.Anonymous {
			return nil, field.wrong("error.consent_needed")
		}
		if a != (Answer{}) {
			kept[field.ID] = a
		}
	}
	return kept, nil
}

// Refused reports whether the resident said no to the form's consent.
func (f *Form) Refused(answers Answers) bool {
	return slices.ContainsFunc(f.Fields, func(field Field) bool {
		return field.Kind == FieldConsent && answers[field.ID].Value == "no"
	})
}

// split parts the answers into facts and what is to be sealed.
func (s *Service) split(kept Answers, lang Lang) (requestFacts, map[string]string) {
	facts := requestFacts{Service: s.ID, Route: s.Route, DataClass: s.DataClass, Choices: map[string]string{}}
	typed := map[string]string{}
	for i := range s.Form.Fields {
		f := &s.Form.Fields[i]
		a, ok := kept[f.ID]
		switch {
		case !ok:
		case f.Kind == FieldConsent:
			facts.Consent = &consentFacts{Given: a.Value == "yes", Text: f.Consent.fingerprint(lang), Lang: lang}
		case f.Sealed() || (s.DataClass == DataSensitive && f.Kind != FieldPlace):
			typed[f.ID] = a.Value
		default:
			facts.Choices[f.ID] = a.Value
		}
		if a.Detail != "" {
			typed[f.ID+".detail"] = a.Detail
		}
	}
	return facts, typed
}

// fingerprint names the wording that was shown: the first 8 bytes of its SHA-256, in hex.
func (c *Consent) fingerprint(lang Lang) string {
	h := sha256.New()
	for _, t := range []Text{c.What, c.Why, c.Who, c.Keep} {
		io.WriteString(h, t.In(lang)+"\n") //nolint:errcheck // a hash never fails
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
