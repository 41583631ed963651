package door

import (
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"
)

// Sim are the controls of a simulated door: its contact is a simulated pin, which is
// low while the door is closed.
type Sim struct{ pin *simPin }

func newSim() *Sim {
	return &Sim{&simPin{edges: make(chan struct{}, 1), halted: make(chan struct{}, 1)}}
}

// SetOpen opens or closes the door.
func (s *Sim) SetOpen(open bool) { s.pin.set(gpio.Level(open)) }

// IsOpen tells whether the door stands open.
func (s *Sim) IsOpen() bool { return bool(s.pin.Read()) }

// simPin is a gpio.PinIn that a program moves. Like real drivers, it may report an
// edge that is over.
type simPin struct {
	edges  chan struct{} // at most one edge waits
	halted chan struct{}

	mu    sync.Mutex
	level gpio.Level
	pull  gpio.Pull
}

var _ gpio.PinIn = (*simPin)(nil)

func (p *simPin) set(l gpio.Level) {
	p.mu.Lock()
	changed := p.level != l
	p.level = l
	p.mu.Unlock()
	if changed {
		signal(p.edges)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// In implements gpio.PinIn. The level is the door's, whatever the pull.
func (p *simPin) In(pull gpio.Pull, _ gpio.Edge) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pull = pull
	return nil
}

// Read implements gpio.PinIn.
func (p *simPin) Read() gpio.Level {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.level
}

// WaitForEdge implements gpio.PinIn. A negative timeout is for ever.
func (p *simPin) WaitForEdge(timeout time.Duration) bool {
	var late <-chan time.Time
	if timeout >= 0 {
		t := time.NewTimer(timeout)
		defer t.Stop()
		late = t.C
	}
	select {
	case <-p.edges:
		return true
	case <-p.halted:
	case <-late:
	}
	return false
}

// Halt ends a wait.
func (p *simPin) Halt() error {
	signal(p.halted)
	return nil
}

// Pull implements gpio.PinIn.
func (p *simPin) Pull() gpio.Pull {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pull
}

func (p *simPin) DefaultPull() gpio.Pull { return gpio.PullUp }
func (p *simPin) String() string         { return p.Name() }
func (p *simPin) Name() string           { return "SIMDOOR" }
func (p *simPin) Number() int            { return -1 }
func (p *simPin) Function() string       { return "In" }
