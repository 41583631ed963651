package kiosk

import (
	"cmp"
	"context"
)

// A measurement slip: what a resident reads off a device and types stands on the paper
// and nowhere else. The answers are in memory until the paper has come; the book says
// only that one was printed. No word about what the numbers mean: that is a doctor's.

// Print is what stands on such a paper beside the answers.
type Print struct {
	Advice []Text // what to do with it
	Source Text   // where the ranges of the questions come from
	Rows   int    // of the empty list that is printed instead, to fill in by hand
}

// unkept reports whether a slip's body cannot be made again: what stands on it is in
// no book. Another paper comes from the spool's memory, or not at all.
func (a Action) unkept() bool {
	switch a {
	case ActionPrint, ActionReturn, ActionRenewal, ActionTags:
		return true
	}
	return false
}

// printFacts is all that is known of such a paper.
type printFacts struct {
	Service string `json:"service"`
	Blank   bool   `json:"blank,omitempty"`
	Pack    string `json:"pack"`
}

// PrintAnswers prints the answers of a form that files nothing. The same key again
// returns the same slip. The error is File's.
func (b *Booth) PrintAnswers(ctx context.Context, key ID, service string, answers Answers, lang Lang) (Slip, error) {
	s, err := b.serviceFor(ctx, service, ActionPrint)
	if err != nil {
		return Slip{}, err
	}
	kept, err := s.Form.Accept(answers, b.CatalogueFor(ctx), b.clock.Read().Wall.In(b.zone))
	if err != nil {
		return Slip{}, err
	}
	if len(kept) == 0 {
		return Slip{}, s.Form.Fields[0].wrong("error.nothing")
	}
	return b.printUnkept(ctx, key, s, lang, false, func(slip Slip) []Line { return s.answerLines(kept, lang) })
}

// PrintBlank prints the empty list of the same questions.
func (b *Booth) PrintBlank(ctx context.Context, key ID, service string, lang Lang) (Slip, error) {
	s, err := b.serviceFor(ctx, service, ActionPrint)
	if err != nil {
		return Slip{}, err
	}
	return b.printUnkept(ctx, key, s, lang, true, func(slip Slip) []Line { return s.blankLines(lang) })
}

func (b *Booth) printUnkept(ctx context.Context, key ID, s *Service, lang Lang, blank bool, lines func(Slip) []Line) (Slip, error) {
	if err := b.roomFor(ctx, key); err != nil {
		return Slip{}, err
	}
	now := b.clock.Read()
	d, err := b.draft(KindPrintMade, now, printFacts{s.ID, blank, b.CatalogueFor(ctx).Version})
	if err != nil {
		return Slip{}, err
	}
	slip, err := b.book.AddSlip(ctx, b.newSlip(key, ActionPrint, s, lang, now), d)
	if err != nil {
		return Slip{}, err
	}
	w := func(key string) string { return slipWords[key].In(lang) }
	all := b.slipHead(s, slip)
	if !blank {
		all = append(all, b.slipTime(slip))
	}
	all = append(append(all, Line{Rule: true}), lines(slip)...)
	for _, t := range s.Print.Advice {
		all = append(all, Line{Text: "· " + t.In(lang)})
	}
	all = append(all, Line{Feed: 1}, Line{Text: w("range_source") + " " + s.Print.Source.In(lang)}, Line{Rule: true}, Line{Text: w("emergency"), Align: Center})
	if !blank {
		all = append(all, Line{Text: w("unkept"), Align: Center})
	}
	b.enqueue(slip, Receipt{Lines: all})
	return slip, nil
}

// answerLines are the answers as they stand on the paper.
func (s *Service) answerLines(kept Answers, lang Lang) []Line {
	lines := []Line{{Text: slipWords["typed"].In(lang), Align: Center}}
	for i := range s.Form.Fields {
		f := &s.Form.Fields[i]
		a, ok := kept[f.ID]
		if !ok {
			continue
		}
		value := a.Value
		switch f.Kind {
		case FieldNumber:
			value += " " + f.Range.Unit.In(lang)
		case FieldChoice:
			if o, ok := f.Option(a.Value); ok {
				value = o.Name.In(lang)
			}
		}
		lines = append(lines, Line{Pair: &Pair{f.Short.In(lang), value}, Size: Normal, Bold: true})
	}
	return append(lines, Line{Rule: true})
}

// blankLines are rows to fill in by hand.
func (s *Service) blankLines(lang Lang) []Line {
	var lines []Line
	for range cmp.Or(s.Print.Rows, 7) {
		lines = append(lines, Line{Pair: &Pair{slipWords["date"].In(lang), "____ - ____    ____ : ____"}})
		for i := range s.Form.Fields {
			f := &s.Form.Fields[i]
			unit := f.Range.Unit.In(lang)
			if f.Kind == FieldNumber {
				lines = append(lines, Line{Pair: &Pair{f.Short.In(lang), "________ " + unit}})
			}
		}
		lines = append(lines, Line{Rule: true})
	}
	return lines
}

// reissueUnkept puts a slip on paper again whose body is in memory only.
func (b *Booth) reissueUnkept(ctx context.Context, slip Slip, stopped PrinterState) (Slip, error) {
	r, ok := b.spool.body(slip.ID, b.clock.Read().Since)
	if !ok {
		return Slip{}, Errorf(CodeNotFound, "error.slip_gone", "body of slip %s is gone", slip.ID)
	}
	if slip.Reprints >= maxReprints {
		return Slip{}, Errorf(CodeUnavailable, "error.reprints", "slip %s was reprinted %d times", slip.ID, slip.Reprints)
	}
	d, err := b.draft(KindSlipReissued, b.clock.Read(), struct {
		Slip    ID           `json:"slip"`
		Stopped PrinterState `json:"stopped,omitempty"`
	}{slip.ID, stopped})
	if err != nil {
		return Slip{}, err
	}
	again, err := b.book.ReissueSlip(ctx, slip, nil, d)
	if err != nil {
		return Slip{}, err
	}
	if slip.Reprints == 0 {
		mark := Line{Text: slipWords["reprint"].In(slip.Lang), Size: Large, Bold: true, Align: Center}
		r = Receipt{Lines: append([]Line{mark}, r.Lines...)}
	}
	b.spool.swap(slip.ID, r, b.clock.Read().Since)
	return again, nil
}
