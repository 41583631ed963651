package kiosk

import "context"

// A survey is a form whose listed answers are counted at the booth as well, so that
// residents see what their neighbours said. What somebody wrote in their own words is
// sealed to the city as everywhere.

// fewestShown is from how many answers on a survey's counts are shown: of fewer, one
// could guess who said what.
const fewestShown = 5

// Tally is how often a listed answer was given at this booth.
type Tally struct {
	Field  string
	Option string
	N      int
}

// SurveyBook keeps the answers to surveys.
type SurveyBook interface {
	// AnswerSurvey stores an answer as FileRequest does a request, and counts what was
	// chosen: option by field.
	AnswerSurvey(ctx context.Context, p *Paperwork, chosen map[string]string) (Slip, error)
	// Tallies returns the counts of a service, in no order.
	Tallies(ctx context.Context, service string) ([]Tally, error)
}

// AnswerSurvey stores a resident's answers. The same key again returns the same slip.
// The error has CodeInvalid with the field that is wrong, CodeNotFound, or
// CodeUnavailable.
func (b *Booth) AnswerSurvey(ctx context.Context, key ID, service string, answers Answers, lang Lang) (Slip, error) {
	f := formOf(ActionSurvey, KindSurveyAnswered, key, service, answers, lang)
	return b.fill(ctx, f, func(ctx context.Context, p *Paperwork) (Slip, error) {
		return b.book.AnswerSurvey(ctx, p, p.facts.Choices)
	})
}

// SurveyResults returns how often each listed answer of a survey was given at this
// booth, field by field and option by option as the form has them, and how many took
// part. There are no counts while fewer than five did. The error has CodeNotFound or
// CodeUnavailable.
func (b *Booth) SurveyResults(ctx context.Context, service string) (counts []Tally, people int, err error) {
	s, err := b.service(service, ActionSurvey)
	if err != nil {
		return nil, 0, err
	}
	have, err := b.book.Tallies(ctx, s.ID)
	if err != nil {
		return nil, 0, err
	}
	n := map[[2]string]int{}
	of := map[string]int{}
	for _, t := range have {
		n[[2]string{t.Field, t.Option}] = t.N
		of[t.Field] += t.N
		people = max(people, of[t.Field])
	}
	if people < fewestShown {
		return nil, people, nil
	}
	for _, f := range s.Form.Fields {
		for _, o := range f.Options {
			counts = append(counts, Tally{f.ID, o.ID, n[[2]string{f.ID, o.ID}]})
		}
	}
	return counts, people, nil
}
