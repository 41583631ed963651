package pins

import (
	"errors"
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
)

// Sim is a pin that a program moves and looks at. Like real drivers, it may report
// an edge that is over.
type Sim struct {
	name   string
	edges  chan struct{} // at most one edge waits
	halted chan struct{}

	mu    sync.Mutex
	level gpio.Level
	pull  gpio.Pull
}

var _ gpio.PinIO = (*Sim)(nil)

// NewSim returns a pin that is low.
func NewSim(name string) *Sim {
	return &Sim{name: name, edges: make(chan struct{}, 1), halted: make(chan struct{}, 1)}
}

// Set moves the level.
func (p *Sim) Set(l gpio.Level) {
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

// In implements gpio.PinIn. The level is what was set, whatever the pull.
func (p *Sim) In(pull gpio.Pull, _ gpio.Edge) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pull = pull
	return nil
}

// Read implements gpio.PinIn.
func (p *Sim) Read() gpio.Level {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.level
}

// WaitForEdge implements gpio.PinIn. A negative timeout is for ever.
func (p *Sim) WaitForEdge(timeout time.Duration) bool {
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
func (p *Sim) Halt() error {
	signal(p.halted)
	return nil
}

// Out implements gpio.PinOut.
func (p *Sim) Out(l gpio.Level) error {
	p.Set(l)
	return nil
}

// PWM implements gpio.PinOut. Like the kernel's driver, the pin has none.
func (p *Sim) PWM(gpio.Duty, physic.Frequency) error {
	return errors.New("a simulated pin has no PWM")
}

// Pull implements gpio.PinIn.
func (p *Sim) Pull() gpio.Pull {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pull
}

func (p *Sim) DefaultPull() gpio.Pull { return gpio.PullUp }
func (p *Sim) String() string         { return p.name }
func (p *Sim) Name() string           { return p.name }
func (p *Sim) Number() int            { return -1 }
func (p *Sim) Function() string       { return "" }
