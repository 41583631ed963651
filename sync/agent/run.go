package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// How long a request may take before it is given up. A batch that is too large for
// a slow line is halved until it fits.
const (
	helloTimeout = 15 * time.Second
	pushTimeout  = 30 * time.Second
)

// greeting is the end of a hello.
type greeting struct {
	outcome outcome
	answer  wire.HelloAnswer
	problem wire.Problem
	trip    time.Duration
}

// loop is what one Run holds.
type loop struct {
	*Agent
	workers sync.WaitGroup
	pushes  chan pushed
	hellos  chan greeting
	broken  chan error
	told    kiosk.Uplink
	said    bool
	printer kiosk.PrinterState // as last told to the hub
}

// Run pushes until ctx ends. It returns an error only when the book fails; the
// line never is one.
func (a *Agent) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	l := &loop{Agent: a, pushes: make(chan pushed, 2), hellos: make(chan greeting, 1), broken: make(chan error, 2)}
	defer l.workers.Wait()
	defer cancel()
	timer := time.NewTimer(0)
	defer timer.Stop()
	if err := l.read(ctx); err != nil {
		return quiet(ctx, err)
	}
	for {
		wake := l.obey(ctx)
		l.tell()
		timer.Reset(wake)
		err := l.wait(ctx, timer)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// wait takes in the next thing that happens.
func (l *loop) wait(ctx context.Context, timer *time.Timer) error {
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-l.opts.Appended:
		if err := l.read(ctx); err != nil {
			return err
		}
	case err := <-l.broken:
		return err
	case g := <-l.hellos:
		l.core.greetedBy(time.Now(), g.outcome, &g.answer, &g.problem)
		if g.outcome == answered {
			l.opts.OnTime(time.UnixMilli(g.answer.HubTimeMS), g.trip)
		}
		return l.settle(ctx, nil)
	case r := <-l.pushes:
		if r.outcome == answered && r.last > 0 {
			l.opts.OnTime(time.UnixMilli(r.ack.HubTimeMS), r.took)
		}
		return l.settle(ctx, l.core.ended(time.Now(), r))
	}
	return nil
}

// settle writes into the book what an answer brought about, and looks at it again.
func (l *loop) settle(ctx context.Context, ack *acknowledged) error {
	if ack != nil {
		if err := l.book.Acknowledge(ctx, ack.stream, ack.upTo); err != nil {
			return fmt.Errorf("acknowledge up to %d: %w", ack.upTo, err)
		}
	}
	if why := l.core.epochDue; why != "" {
		l.core.epochDue = ""
		if err := l.book.BeginEpoch(ctx, why); err != nil {
			return fmt.Errorf("begin epoch: %w", err)
		}
	}
	return l.read(ctx)
}

func (l *loop) read(ctx context.Context) error {
	heads, err := l.book.Heads(ctx)
	if err != nil {
		return fmt.Errorf("read heads: %w", err)
	}
	l.core.read(time.Now(), heads)
	if p := l.opts.Printer(); p != l.printer && l.said {
		l.core.soon(time.Now())
	}
	return nil
}

// obey does what the core orders and returns how long nothing else is due.
func (l *loop) obey(ctx context.Context) time.Duration {
	o := l.core.next(time.Now())
	if o.hello {
		l.printer, l.said = l.opts.Printer(), true
		h := l.hello()
		l.workers.Go(func() { l.hellos <- l.sendHello(ctx, h) })
	}
	for _, p := range o.pushes {
		l.workers.Go(func() { l.push(ctx, p) })
	}
	if o.wake.IsZero() {
		return time.Hour
	}
	return max(time.Until(o.wake), 0)
}

// tell lets the screens and the log know what changed.
func (l *loop) tell() {
	if u := l.core.uplink(); u != l.told {
		l.told = u
		l.opts.OnUplink(u)
	}
}

func (l *loop) hello() wire.Hello {
	h := wire.Hello{Proto: wire.Proto, Version: l.opts.Version, Printer: string(l.printer), Heads: []wire.Head{}, Feeds: l.opts.Feeds()}
	for _, s := range l.core.told(wire.MaxStreams) {
		w := wire.Head{Epoch: s.Epoch, Lane: s.Lane, Last: s.Last}
		if !s.Oldest.IsZero() {
			w.OldestMS = s.Oldest.UnixMilli()
		}
		h.Heads = append(h.Heads, w)
	}
	return h
}

func (l *loop) sendHello(ctx context.Context, h wire.Hello) (g greeting) {
	raw, err := wire.Marshal(&h)
	if err == nil {
		var r reply
		short, cancel := context.WithTimeout(ctx, helloTimeout)
		defer cancel()
		r, err = l.hub.post(short, wire.PathHello, wire.TypeMessage, l.codec.Compress(nil, raw))
		g.problem, g.trip = r.problem, r.trip
		if err == nil && r.problem.Trouble == "" {
			err = wire.Unmarshal(r.body, &g.answer)
		}
	}
	g.outcome = l.judge(ctx, "hello", &g.problem, err)
	return g
}

// judge tells how a request ended, and logs it when it is another end than last time.
func (a *Agent) judge(ctx context.Context, what string, p *wire.Problem, err error) outcome {
	switch {
	case err == nil && p.Trouble == "":
		a.changed(ctx, what, "up", nil)
		return answered
	case err == nil:
		a.changed(ctx, what, string(p.Trouble), errors.New(p.Detail))
		return refused
	}
	a.changed(ctx, what, "down", err)
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || (errors.As(err, &timeout) && timeout.Timeout()) {
		return late
	}
	return offline
}

// quiet hides the error of a context that ended.
func quiet(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
