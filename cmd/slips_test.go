package cmd_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"redstation/kiosk"
	"redstation/kiosk/catalog"
	"redstation/kiosk/kiosktest"
	"redstation/kiosk/sqlite"
)

// slip is a receipt as a booth printed it.
type slip struct {
	name    string // "request 3.1 zh", "request 3.1 zh again"
	receipt kiosk.Receipt
}

// printingBooth is a booth with the built-in content pack, a real book, and a
// printer that keeps the receipts.
type printingBooth struct {
	*kiosk.Booth
	t       *testing.T
	printer *kiosktest.Printer
	slips   []slip
}

func newPrintingBooth(t *testing.T) *printingBooth {
	t.Helper()
	pack, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	clock := kiosktest.NewClock()
	book, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "book"), clock, sqlite.Opts{BootID: kiosk.RandomID()})
	if err != nil {
		t.Fatal(err)
	}
	e, _, err := kiosktest.Enrolment()
	if err != nil {
		t.Fatal(err)
	}
	if err := book.Enrol(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	b := &printingBooth{t: t, printer: &kiosktest.Printer{}}
	b.Booth, err = kiosk.New(kiosk.Deps{Book: book, Clock: clock, Catalogue: pack, Zone: time.FixedZone("CST", 8*3600), Enrolment: &e})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.RunPrinter(ctx, b.printer) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := book.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// everySlip lets residents do all that the pack offers, in each language that it is
// written in, and print each slip once more; and staff print theirs.
func (b *printingBooth) everySlip() []slip {
	b.t.Helper()
	for _, f := range b.Catalogue().Functions {
		for i := range f.Services {
			for _, lang := range kiosk.Langs() {
				b.serve(&f.Services[i], lang)
			}
		}
	}
	for _, lang := range kiosk.Langs() {
		b.examine(lang)
		b.papers("3.1", lang)
	}
	return b.slips
}

// papers prints what stands beside a form: its privacy notice and its paper twin.
func (b *printingBooth) papers(service string, lang kiosk.Lang) {
	b.t.Helper()
	got, err := b.PrintNotice(b.t.Context(), kiosk.RandomID(), service, lang)
	b.keep("notice "+service+" "+string(lang), got, err)
	key := kiosk.ID{7, lang[0]} // the number on the paper follows from it
	got, err = b.PrintTwin(b.t.Context(), key, service, lang)
	b.keep("twin "+service+" "+string(lang), got, err)
}

// examine prints the staff's readiness slip.
func (b *printingBooth) examine(lang kiosk.Lang) {
	b.t.Helper()
	lines := map[kiosk.Lang][]kiosk.Pair{
		kiosk.Chinese: {{Name: "驿站编号", Value: "07"}, {Name: "打印机", Value: "纸快用完"}, {Name: "网络与上报", Value: "线路正常"}},
		kiosk.English: {{Name: "Booth", Value: "07"}, {Name: "Printer", Value: "paper low"}, {Name: "Network", Value: "line is up"}},
		kiosk.Korean:  {{Name: "역참 번호", Value: "07"}, {Name: "프린터", Value: "용지 부족"}, {Name: "네트워크와 전송", Value: "회선 정상"}},
	}
	got, err := b.TakeReadiness(b.t.Context(), kiosk.RandomID(), kiosk.Readiness{Version: "v1.2.0", Lines: lines[lang]}, lang)
	b.keep("readiness staff "+string(lang), got, err)
}

// serve does what one service offers.
func (b *printingBooth) serve(s *kiosk.Service, lang kiosk.Lang) {
	b.t.Helper()
	for _, can := range []struct {
		action kiosk.Action
		do     func(context.Context, kiosk.ID, string, kiosk.Lang) (kiosk.Slip, error)
	}{{kiosk.ActionInfo, b.TakeLeaflet}, {kiosk.ActionTicket, b.TakeTicket}, {kiosk.ActionRequest, b.file}, {kiosk.ActionBook, b.file}, {kiosk.ActionRegister, b.file}} {
		if !b.Offers(s, can.action) {
			continue
		}
		name := string(can.action) + " " + s.ID + " " + string(lang)
		got, err := can.do(b.t.Context(), kiosk.RandomID(), s.ID, lang)
		b.keep(name, got, err)
		if can.action == kiosk.ActionBook || can.action == kiosk.ActionRegister {
			continue // printed again like a request
		}
		got, err = b.Reprint(b.t.Context(), got.ID)
		b.keep(name+" again", got, err)
	}
}

// file fills in the service's form with the first of whatever is offered.
func (b *printingBooth) file(ctx context.Context, key kiosk.ID, service string, lang kiosk.Lang) (kiosk.Slip, error) {
	s, _, _ := b.Catalogue().Service(service)
	open, err := b.Openings(ctx, s)
	if err != nil {
		return kiosk.Slip{}, err
	}
	free, _ := kiosk.NextFree(open)
	answers := kiosk.Answers{}
	for i := range s.Form.Fields {
		f := &s.Form.Fields[i]
		value := map[kiosk.FieldKind]string{kiosk.FieldText: "灯坏了", kiosk.FieldPhone: "13843215678", kiosk.FieldConsent: "yes"}[f.Kind]
		switch f.Kind {
		case kiosk.FieldChoice:
			value = f.Options[0].ID
		case kiosk.FieldPlace:
			value = b.Catalogue().Places[0].ID
		case kiosk.FieldDate:
			value = f.Dates(b.Now().Wall.In(b.Zone()))[0]
		}
		answers[f.ID] = kiosk.Answer{Value: value}
		switch f.Kind {
		case kiosk.FieldSlot:
			answers[f.ID] = kiosk.Answer{Value: free.Date, Detail: free.Time}
		case kiosk.FieldEvent:
			answers[f.ID] = kiosk.Answer{Value: free.ID}
		}
	}
	return b.File(ctx, key, service, answers, lang)
}

// keep waits until the slip is printed, and keeps its receipt.
func (b *printingBooth) keep(name string, s kiosk.Slip, err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("%s: %v", name, err)
	}
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	for st := range b.Watch(ctx) {
		if st.Slip == s.ID && st.SlipState == kiosk.SlipDone {
			receipts := b.printer.Receipts()
			b.slips = append(b.slips, slip{name, recoded(receipts[len(receipts)-1], len(b.slips))})
			return
		}
	}
	b.t.Fatalf("%s: not printed in a minute", name)
}

// recoded gives a receipt another code, the n-th of a fixed series: real codes are
// drawn by lot, and a test that draws lots fails once in a while.
func recoded(r kiosk.Receipt, n int) kiosk.Receipt {
	var old, fresh kiosk.PaperCode
	for _, l := range r.Lines {
		if number, code, ok := strings.Cut(strings.TrimPrefix(l.QR, "RS1:"), "."); ok && number != "" {
			old, fresh = kiosk.PaperCode(code), kiosk.PaperCode(fmt.Sprintf("7K3QF9TZ2M4P%04d", n))
		}
	}
	if old == "" {
		return r
	}
	lines := slices.Clone(r.Lines)
	for i, l := range lines {
		lines[i].QR = strings.ReplaceAll(l.QR, string(old), string(fresh))
		lines[i].Text = strings.ReplaceAll(l.Text, old.Groups(), fresh.Groups())
	}
	return kiosk.Receipt{Lines: lines}
}
