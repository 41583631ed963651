package agent

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// How long a request may take before it is given up, at first: the limits double while
// answers come too late. A batch that is too large for a slow line is halved until it
// fits.
const (
	helloTimeout = 15 * time.Second
	pushTimeout  = 30 * time.Second
)

// greeting is the end of a hello.
type greeting struct {
	outcome outcome
	answer  wire.HelloAnswer
	problem wire.Problem
	signer  ed25519.PublicKey
	sent    time.Time     // when the request that was answered left
	trip    time.Duration // there and back
}

// loop is what one Run holds. All that happens to it is a look at the book (read),
// a hello or a push that ended (greeted, pushed), and time: a simulation does without
// the channels and lets these happen one by one.
type loop struct {
	*Agent
	now     func() time.Time
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
	l := &loop{Agent: a, now: time.Now, pushes: make(chan pushed, 2), hellos: make(chan greeting, 1), broken: make(chan error, 2)}
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
		return l.greeted(ctx, &g)
	case r := <-l.pushes:
		return l.pushed(ctx, r)
	}
	return nil
}

// greeted takes in the end of a hello.
func (l *loop) greeted(ctx context.Context, g *greeting) error {
	if g.outcome == answered {
		l.core.trip = g.trip
		l.core.answeredIn(g.trip)
		l.opts.OnTime(time.UnixMilli(g.answer.HubTimeMS), time.Since(g.sent))
		if err := l.vouch(ctx, g.answer.Heads, g.signer); err != nil {
			return fmt.Errorf("compare with the hub: %w", err)
		}
	}
	return l.settle(ctx, l.core.greetedBy(l.now(), g.outcome, &g.answer, &g.problem)...)
}

// pushed takes in the end of a push.
func (l *loop) pushed(ctx context.Context, r pushed) error {
	if r.outcome == answered && r.last > 0 {
		l.opts.OnTime(time.UnixMilli(r.ack.HubTimeMS), time.Since(r.sent))
	}
	if ack := l.core.ended(l.now(), r); ack != nil {
		return l.settle(ctx, *ack)
	}
	return l.settle(ctx)
}

// settle writes into the book what an answer brought about, and looks at it again.
func (l *loop) settle(ctx context.Context, acks ...acknowledged) error {
	for _, ack := range acks {
		if err := l.book.Acknowledge(ctx, ack.stream, ack.upTo, ack.note); err != nil {
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
	l.core.read(l.now(), heads)
	if p := l.opts.Printer(); p != l.printer && l.said {
		l.core.soon(l.now())
	}
	return nil
}

// obey does what the core orders and returns how long nothing else is due.
func (l *loop) obey(ctx context.Context) time.Duration {
	o := l.core.next(l.now())
	if o.hello {
		h, limit := l.hello(), helloTimeout<<l.core.patience
		l.workers.Go(func() { l.hellos <- l.sendHello(ctx, h, limit) })
	}
	for _, p := range o.pushes {
		l.workers.Go(func() { l.push(ctx, p) })
	}
	if o.wake.IsZero() {
		return time.Hour
	}
	return max(o.wake.Sub(l.now()), 0)
}

// tell lets the screens and the log know what changed.
func (l *loop) tell() {
	if u := l.core.uplink(); u != l.told {
		l.told = u
		l.opts.OnUplink(u)
	}
}

func (l *loop) hello() wire.Hello {
	l.printer, l.said = l.opts.Printer(), true
	h := wire.Hello{Proto: wire.Proto, Version: l.opts.Version, Printer: string(l.printer), Heads: []wire.Head{}, Feeds: l.opts.Feeds()}
	for _, s := range l.core.told(wire.MaxStreams) {
		w := wire.Head{Epoch: s.Epoch, Lane: s.Lane, Last: s.Last, Acked: s.Acked}
		if !s.Oldest.IsZero() {
			w.OldestMS = s.Oldest.UnixMilli()
		}
		h.Heads = append(h.Heads, w)
	}
	return h
}

func (l *loop) sendHello(ctx context.Context, h wire.Hello, limit time.Duration) (g greeting) {
	raw, err := wire.Marshal(&h)
	if err == nil {
		var r reply
		short, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		r, err = l.hub.post(short, wire.PathHello, wire.TypeMessage, l.codec.Compress(nil, raw))
		g.problem, g.signer, g.sent, g.trip = r.problem, r.signer, r.sent, time.Since(r.sent)
		if err == nil && r.problem.Trouble == "" {
			err = wire.Unmarshal(r.body, &g.answer)
		}
		if err == nil && r.problem.Trouble == "" {
			l.heed(ctx, r.signer, &g.answer)
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
