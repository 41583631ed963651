package kiosk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"redstation/kiosk"
)

var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

func words(s string) kiosk.Text { return kiosk.Text{kiosk.Chinese: s} }

// play applies events, each a day after the one before, and returns the case.
func play(t *testing.T, events ...kiosk.CaseEvent) (c kiosk.Case, err error) {
	t.Helper()
	for i, e := range events {
		if e.At.IsZero() {
			e.At = noon.AddDate(0, 0, i)
		}
		if e.Deed.Resident() && e.BasedOn == 0 {
			e.BasedOn = c.Version
		}
		if c, err = c.Apply(e, kiosk.UsualRules()); err != nil {
			return c, err
		}
	}
	return c, nil
}

func TestACaseWalksItsSteps(t *testing.T) {
	filed := kiosk.CaseEvent{Deed: kiosk.DeedFiled, Reason: "property"}
	accepted := kiosk.CaseEvent{Deed: kiosk.DeedAccepted}
	asked := kiosk.CaseEvent{Deed: kiosk.DeedAsked, Text: words("几号楼？")}
	answered := kiosk.CaseEvent{Deed: kiosk.DeedAnswered}
	planned := kiosk.CaseEvent{Deed: kiosk.DeedPlanned, Text: words("周五修")}
	together := kiosk.CaseEvent{Deed: kiosk.DeedPlanned, Text: words("周五修"), Parties: kiosk.Parties()}
	agreed := func(p kiosk.Party) kiosk.CaseEvent {
		return kiosk.CaseEvent{Deed: kiosk.DeedAgreed, Parties: []kiosk.Party{p}}
	}
	done := kiosk.CaseEvent{Deed: kiosk.DeedDone, Outcome: kiosk.OutcomeFixed}
	impossible := kiosk.CaseEvent{Deed: kiosk.DeedNotPossible, Text: words("不归本市管")}
	good := kiosk.CaseEvent{Deed: kiosk.DeedRated, Rating: kiosk.RatingGood}
	again := kiosk.CaseEvent{Deed: kiosk.DeedReopened, Reason: "back"}
	withdrawn := kiosk.CaseEvent{Deed: kiosk.DeedWithdrawn}
	lapsed := kiosk.CaseEvent{Deed: kiosk.DeedLapsed, At: noon.AddDate(0, 0, 90)}
	escalated := kiosk.CaseEvent{Deed: kiosk.DeedEscalated, At: noon.AddDate(0, 0, 60)}
	for _, tt := range []struct {
		name   string
		events []kiosk.CaseEvent
		want   string // step/outcome/ending/owner
		code   kiosk.Code
	}{
		{"arrives at its office", []kiosk.CaseEvent{filed}, "team///property", ""},
		{"at the community where no route is named", []kiosk.CaseEvent{{Deed: kiosk.DeedFiled}}, "team///community", ""},
		{"at the level that its route names", []kiosk.CaseEvent{{Deed: kiosk.DeedFiled, Reason: "street"}}, "team///street", ""},
		{"only once", []kiosk.CaseEvent{filed, filed}, "", kiosk.CodeConflict},
		{"is taken on", []kiosk.CaseEvent{filed, accepted}, "gather///property", ""},
		{"once", []kiosk.CaseEvent{filed, accepted, accepted}, "", kiosk.CodeConflict},
		{"is not asked about before", []kiosk.CaseEvent{filed, asked}, "", kiosk.CodeConflict},
		{"is answered", []kiosk.CaseEvent{filed, accepted, asked, answered}, "gather///property", ""},
		{"is not answered unasked", []kiosk.CaseEvent{filed, accepted, answered}, "", kiosk.CodeConflict},
		{"is planned", []kiosk.CaseEvent{filed, accepted, asked, planned}, "carry///property", ""},
		{"is planned with those concerned", []kiosk.CaseEvent{filed, accepted, together, agreed("owners")}, "consult///property", ""},
		{"until all agree", []kiosk.CaseEvent{filed, accepted, together, agreed("owners"), agreed("property"), agreed("committee")}, "carry///property", ""},
		{"each once", []kiosk.CaseEvent{filed, accepted, together, agreed("owners"), agreed("owners")}, "", kiosk.CodeConflict},
		{"is done by the city's word, and open", []kiosk.CaseEvent{filed, accepted, planned, done}, "rate/fixed//property", ""},
		{"is closed by the resident", []kiosk.CaseEvent{filed, accepted, planned, done, good}, "rate/fixed/rated/property", ""},
		{"is not rated before", []kiosk.CaseEvent{filed, accepted, planned, good}, "", kiosk.CodeConflict},
		{"is not possible, with a reason", []kiosk.CaseEvent{filed, impossible}, "rate/not_possible//property", ""},
		{"and never without", []kiosk.CaseEvent{filed, {Deed: kiosk.DeedNotPossible}}, "", kiosk.CodeInvalid},
		{"is opened again", []kiosk.CaseEvent{filed, impossible, again}, "team///property", ""},
		{"also after it was rated", []kiosk.CaseEvent{filed, accepted, done, good, again}, "team///property", ""},
		{"is not rated on an older word", []kiosk.CaseEvent{filed, accepted, done, again, accepted, done, {Deed: kiosk.DeedRated, Rating: 3, BasedOn: 3}}, "", kiosk.CodeConflict},
		{"is taken back", []kiosk.CaseEvent{filed, withdrawn}, "team/withdrawn/withdrawn/property", ""},
		{"for good", []kiosk.CaseEvent{filed, withdrawn, accepted}, "", kiosk.CodeConflict},
		{"lapses where nobody judges", []kiosk.CaseEvent{filed, accepted, done, lapsed}, "rate/fixed/lapsed/property", ""},
		{"not before its time", []kiosk.CaseEvent{filed, accepted, done, {Deed: kiosk.DeedLapsed}}, "", kiosk.CodeConflict},
		{"may be judged late", []kiosk.CaseEvent{filed, accepted, done, lapsed, good}, "rate/fixed/rated/property", ""},
		{"goes up where nothing happens", []kiosk.CaseEvent{filed, escalated}, "team///street", ""},
		{"not beyond the city", []kiosk.CaseEvent{{Deed: kiosk.DeedFiled, Reason: "city"}, escalated}, "", kiosk.CodeConflict},
		{"not while the resident's turn lasts", []kiosk.CaseEvent{filed, accepted, asked, escalated}, "", kiosk.CodeConflict},
		{"takes a wish about data", []kiosk.CaseEvent{filed, {Deed: kiosk.DeedDataAsked, Reason: "copy"}, {Deed: kiosk.DeedServed}}, "team///property", ""},
		{"of those that there are", []kiosk.CaseEvent{filed, {Deed: kiosk.DeedDataAsked, Reason: "everything"}}, "", kiosk.CodeInvalid},
		{"says no more than fits", []kiosk.CaseEvent{filed, {Deed: kiosk.DeedNotPossible, Text: words(strings.Repeat("长", kiosk.MaxCaseText+1))}}, "", kiosk.CodeInvalid},
		{"is planned for a day to come", []kiosk.CaseEvent{filed, accepted, {Deed: kiosk.DeedPlanned, Text: words("修"), Due: noon}}, "", kiosk.CodeInvalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := play(t, tt.events...)
			got := strings.Join([]string{string(c.Step), string(c.Outcome), string(c.Ending), c.Owner}, "/")
			if kiosk.CodeOf(err) != tt.code || err == nil && got != tt.want {
				t.Errorf("got %s, %v; want %s, %q", got, err, tt.want, tt.code)
			}
		})
	}
}

// Whatever happens to a case, in whatever order: it has one owner and one level, the
// deadline of its owner or the resident's turn; nobody but the resident closes it, and
// silence only after its time; what cannot happen changes nothing.
func TestACaseIsNeverWithoutOwnerNorClosedByTheCity(t *testing.T) {
	deeds := []kiosk.Deed{kiosk.DeedFiled, kiosk.DeedAccepted, kiosk.DeedAsked, kiosk.DeedPlanned, kiosk.DeedAgreed, kiosk.DeedDone, kiosk.DeedNotPossible,
		kiosk.DeedEscalated, kiosk.DeedLapsed, kiosk.DeedServed, kiosk.DeedErased, kiosk.DeedAnswered, kiosk.DeedRated, kiosk.DeedWithdrawn, kiosk.DeedReopened,
		kiosk.DeedDataAsked, kiosk.DeedRefused}
	rapid.Check(t, func(t *rapid.T) {
		var c kiosk.Case
		at := noon
		for range rapid.IntRange(1, 40).Draw(t, "length") {
			at = at.Add(time.Duration(rapid.IntRange(0, 20*24).Draw(t, "hours")) * time.Hour)
			e := kiosk.CaseEvent{Deed: rapid.SampledFrom(deeds).Draw(t, "deed"), At: at, BasedOn: rapid.Uint64Range(0, c.Version).Draw(t, "based on"),
				Rating: kiosk.Rating(rapid.IntRange(0, 4).Draw(t, "rating")), Outcome: rapid.SampledFrom([]kiosk.Outcome{"", "fixed", "partly", "withdrawn"}).Draw(t, "outcome"),
				Reason:  rapid.SampledFrom([]string{"", "property", "district", "copy", "delete"}).Draw(t, "reason"),
				Text:    words(rapid.SampledFrom([]string{"", "话"}).Draw(t, "text")),
				Parties: rapid.SliceOfNDistinct(rapid.SampledFrom(kiosk.Parties()), 0, 3, rapid.ID[kiosk.Party]).Draw(t, "parties")}
			if len(c.Says()) > 0 && slices.Contains(c.Deeds(), kiosk.DeedRated) {
				t.Fatal("the city can rate")
			}
			next, err := c.Apply(e, kiosk.UsualRules())
			if err != nil {
				if next.Version != c.Version || next.Step != c.Step || next.Ending != c.Ending {
					t.Fatalf("%s was refused (%v) and changed the case", e.Deed, err)
				}
				continue
			}
			if next.Version != c.Version+1 || next.Owner == "" || next.Level < kiosk.LevelCommunity || next.Level > kiosk.LevelCity {
				t.Fatalf("after %s: %+v", e.Deed, next)
			}
			if next.Open() && next.Due.IsZero() && !next.Asked {
				t.Fatalf("after %s nobody has to do anything: %+v", e.Deed, next)
			}
			if c.Open() && !next.Open() {
				byTime := e.Deed == kiosk.DeedLapsed && c.Step == kiosk.StepRate && !at.Before(c.Due)
				if e.Deed != kiosk.DeedRated && e.Deed != kiosk.DeedWithdrawn && e.Deed != kiosk.DeedErased && !byTime {
					t.Fatalf("%s closed the case: %+v", e.Deed, next)
				}
			}
			if (next.Ending == kiosk.EndRated) != (next.Rating != 0) && next.Ending != kiosk.EndErased {
				t.Fatalf("rating and ending disagree: %+v", next)
			}
			if next.Outcome == kiosk.OutcomeWithdrawn && e.Deed != kiosk.DeedWithdrawn && c.Outcome != kiosk.OutcomeWithdrawn {
				t.Fatalf("%s withdrew the case", e.Deed)
			}
			c = next
		}
	})
}
