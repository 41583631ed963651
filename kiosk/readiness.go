package kiosk

import "context"

// ActionReadiness is what staff do, not residents: it stands in no catalogue.
const ActionReadiness Action = "readiness"

// Readiness is what the readiness slip tells of a booth: the paper that is put on
// the counter in the morning.
type Readiness struct {
	Version string
	Devices []Device
	Lines   []Pair // the devices and whatever else is told, in the slip's language
}

// TakeReadiness prints the readiness slip, and notes how the devices were. The same
// key again returns the same slip.
func (b *Booth) TakeReadiness(ctx context.Context, key ID, r Readiness, lang Lang) (Slip, error) {
	now := b.clock.Read()
	states := map[DeviceKind]DeviceState{}
	for _, d := range r.Devices {
		states[d.Kind] = d.State
	}
	d, err := b.draft(KindReadinessTaken, now, struct {
		Version string                     `json:"version"`
		Devices map[DeviceKind]DeviceState `json:"devices"`
	}{r.Version, states})
	if err != nil {
		return Slip{}, err
	}
	slip, err := b.book.AddSlip(ctx, b.newSlip(key, ActionReadiness, &Service{}, lang, now), d)
	if err != nil {
		return Slip{}, err
	}
	b.enqueue(slip, b.readinessReceipt(slip, r))
	return slip, nil
}

func (b *Booth) readinessReceipt(slip Slip, r Readiness) Receipt {
	w := func(key string) string { return slipWords[key].In(slip.Lang) }
	station := w("station")
	if name := b.Name(); name != "" {
		station += " · " + name
	}
	lines := []Line{{Text: station, Bold: true, Align: Center},
		{Text: w("readiness"), Size: Large, Bold: true, Align: Center}, b.slipTime(slip), {Rule: true}}
	for _, p := range r.Lines {
		lines = append(lines, Line{Pair: &p})
	}
	return Receipt{Lines: append(lines, Line{Pair: &Pair{w("version"), r.Version}}, Line{Rule: true},
		Line{Text: w("legible"), Align: Center})}
}
