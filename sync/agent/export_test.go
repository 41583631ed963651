package agent

import (
	"context"
	"time"
)

// Stepper is an agent that is led by a simulation: the same core, packing, signing
// and believing, without goroutines and with time and chance from outside.
type Stepper struct{ l *loop }

// The orders and ends that a simulation passes on.
type (
	Push     struct{ p push }
	Pushed   struct{ r pushed }
	Greeting struct{ g greeting }
)

// NewStepper makes one of an agent that does not run.
func NewStepper(a *Agent, now func() time.Time, jitter func(time.Duration) time.Duration) *Stepper {
	a.core.jitter = jitter
	return &Stepper{&loop{Agent: a, now: now, broken: make(chan error, 2)}}
}

// Look lets the agent look at its book.
func (s *Stepper) Look(ctx context.Context) error { return s.l.read(ctx) }

// Next says what is to be done now, and when to ask again (zero: when something happens).
func (s *Stepper) Next() (hello bool, pushes []Push, wake time.Time) {
	o := s.l.core.next(s.l.now())
	for _, p := range o.pushes {
		pushes = append(pushes, Push{p})
	}
	return o.hello, pushes, o.wake
}

// Hello says hello.
func (s *Stepper) Hello(ctx context.Context) Greeting {
	return Greeting{s.l.sendHello(ctx, s.l.hello(), helloTimeout)}
}

// Push packs a batch and sends it.
func (s *Stepper) Push(ctx context.Context, p Push) (Pushed, error) {
	r, err := s.l.deliver(ctx, p.p)
	s.l.workers.Wait() // so that the batch made ahead is the same in every run
	return Pushed{r}, err
}

// Greeted takes in the end of a hello.
func (s *Stepper) Greeted(ctx context.Context, g Greeting) error { return s.l.greeted(ctx, &g.g) }

// Pushed takes in the end of a push that took so long.
func (s *Stepper) Pushed(ctx context.Context, r Pushed, took time.Duration) error {
	r.r.took = took
	return s.l.pushed(ctx, r.r)
}
