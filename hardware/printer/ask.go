package printer

import (
	"errors"
	"time"

	"redstation/hardware/escpos"
	"redstation/kiosk"
)

// How the printer is asked. It answers with single bytes that carry neither a name
// nor a checksum, so a question is asked in silence, an answer counts only where it
// came alone, and bad news only where it came twice.
const (
	answerTime = 300 * time.Millisecond // at 9600 baud an answer takes 10 ms
	quietTime  = 20 * time.Millisecond  // without a byte, and nothing is under way
	clearTime  = 100 * time.Millisecond // that stale bytes are listened to
)

var errNotOpen = errors.New("the link is not open")

// look asks the printer how it is, after it opened the link where that is needed. It
// returns the state that others may know from now on.
func (w *wire) look() kiosk.PrinterState {
	if w.connect() != nil {
		return w.note(kiosk.PrinterOffline)
	}
	s, err := w.round()
	if err != nil { // it may only have been switched off and on, or ended an idle connection
		_ = w.lose(err)
		if w.connect() != nil {
			return w.note(kiosk.PrinterOffline)
		}
		s, err = w.round()
	}
	if err == nil && !s.Prints() && s != w.known() {
		var again kiosk.PrinterState
		if again, err = w.round(); again != s {
			s = w.known()
		}
	}
	if err != nil {
		_ = w.lose(err)
		return w.note(kiosk.PrinterOffline)
	}
	if s == kiosk.PrinterOffline && w.cable.past != nil {
		s = w.lookPast()
	}
	return w.note(s)
}

// lookPast asks a printer that may have stopped the flow, which would hold the
// questions up too: most do that when their paper is out.
func (w *wire) lookPast() kiosk.PrinterState {
	_ = w.drop()
	s := kiosk.PrinterOffline
	if w.dial(w.cable.past) == nil {
		if told, err := w.round(); err == nil {
			s = told
		}
		_ = w.drop()
	}
	if w.connect() != nil {
		return kiosk.PrinterOffline
	}
	return s
}

// round asks the questions that make up a state, in silence. An error means that the
// link is lost.
func (w *wire) round() (kiosk.PrinterState, error) {
	if err := w.clear(); err != nil {
		return "", err
	}
	w.told = escpos.Status{}
	return w.questions()
}

// questions asks the questions that make up a state.
func (w *wire) questions() (kiosk.PrinterState, error) {
	for _, q := range []escpos.Query{escpos.AskPrinter, escpos.AskOffline, escpos.AskPaper} {
		heard, err := w.ask(q)
		if err != nil {
			return "", err
		}
		if !heard && !w.told.Heard {
			break // it would be silent on the others too
		}
	}
	if !w.told.Heard && w.family() {
		if _, err := w.ask(escpos.AskSensor); err != nil {
			return "", err
		}
	}
	if w.told.Heard {
		w.knows = true
		return w.told.PrinterState(), nil
	}
	if s, ok := w.link.(sensor); ok {
		if state, ok := s.sense(); ok {
			return state, nil
		}
	}
	if w.knows {
		return kiosk.PrinterOffline, nil
	}
	return kiosk.PrinterUnknown, nil
}

// family reports whether this is a printer of the CSN-A2 family, which answers its
// own question where it is silent on DLE EOT. Others might print that.
func (w *wire) family() bool { return w.profile.Heat.Dots > 0 }

// ask asks one question and adds the answer to what was told. It returns false where
// none came, or one that came with noise.
func (w *wire) ask(q escpos.Query) (bool, error) {
	noise := w.demux.Noise
	if err := w.pose(q); err != nil {
		return false, err
	}
	if err := w.hear(answerTime, func() bool { return !w.demux.Waiting(q) }); err != nil {
		return false, err
	}
	if w.demux.Waiting(q) || w.demux.Noise != noise {
		w.told = escpos.Status{} // and what came before is doubtful too
		return false, nil
	}
	return true, nil
}

// pose sends a question. One that the flow control holds up is as good as silence.
func (w *wire) pose(q escpos.Query) error {
	if w.link == nil {
		return errNotOpen
	}
	w.demux.Expect(q)
	if err := w.link.SetWriteDeadline(time.Now().Add(answerTime)); err != nil {
		return err
	}
	if _, err := w.link.Write(q.Bytes()); err != nil && !late(err) {
		return err
	}
	return nil
}

// clear takes what came unasked, and what came too late, until the line is quiet.
func (w *wire) clear() error {
	w.demux.Reset()
	end := time.Now().Add(clearTime)
	for time.Now().Before(end) {
		before := w.bytes()
		if err := w.hear(quietTime, nil); err != nil {
			return err
		}
		if w.bytes() == before {
			break
		}
	}
	w.demux.Reset()
	return nil
}

// bytes counts what came that was no answer.
func (w *wire) bytes() uint64 { return w.demux.Noise + w.demux.Stray }

// hear takes what comes until the time is over or enough says so.
func (w *wire) hear(d time.Duration, enough func() bool) error {
	if w.link == nil {
		return errNotOpen
	}
	if err := w.link.SetReadDeadline(time.Now().Add(d)); err != nil {
		return err
	}
	var b [512]byte
	for enough == nil || !enough() {
		n, err := w.link.Read(b[:])
		for _, r := range w.demux.Feed(b[:n]) {
			w.told.Add(r)
		}
		if late(err) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}
