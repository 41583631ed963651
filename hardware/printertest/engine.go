package printertest

// The printer's works: bytes come into a buffer, commands go out of it onto paper.

// receive takes bytes from the cable. Questions that begin with DLE EOT are answered
// here and now, wherever they stand.
func (p *Printer) receive(b []byte) {
	p.mu.Lock()
	if p.off {
		p.mu.Unlock()
		return
	}
	room := len(b)
	if p.serial {
		room = min(room, p.opts.Buffer-len(p.buf))
	}
	p.buf = append(p.buf, b[:room]...)
	if len(p.buf) > p.opts.Buffer*3/4 {
		p.hold(true)
	}
	for _, c := range b {
		if n := len(p.last); n >= 2 && p.last[n-2] == 0x10 && p.last[n-1] == 0x04 {
			p.answer(c)
		}
		p.last = append(p.last[max(0, len(p.last)-1):], c)
	}
	p.mu.Unlock()
	p.work()
}

// work prints until something is in the way. A hook that is due gets a goroutine of
// its own, which goes on afterwards: whoever puts paper in does not wait for it.
func (p *Printer) work() {
	for {
		p.mu.Lock()
		do, more := p.step()
		p.hooked = p.hooked || do != nil
		p.turn.Broadcast()
		p.mu.Unlock()
		if do != nil {
			go func() {
				do()
				p.mu.Lock()
				p.hooked = false
				p.mu.Unlock()
				p.work()
			}()
		}
		if !more {
			return
		}
	}
}

// step does the next command in the buffer. It returns a hook that is due, and
// whether there may be more to do.
func (p *Printer) step() (do func(), more bool) {
	if p.hooked {
		return nil, false // whoever does it goes on
	}
	for i, h := range p.hooks {
		if h.rows <= 0 {
			p.hooks = append(p.hooks[:i:i], p.hooks[i+1:]...)
			return h.do, false
		}
	}
	n := length(p.buf, p.head.gbk)
	if n == 0 || p.off || p.empty || p.open || p.failed {
		return nil, false
	}
	cmd := p.buf[:n:n]
	if n >= 2 && cmd[0] == 0x1b && cmd[1] == '@' {
		p.tear()
		p.head.begun = true
	}
	h := p.head // as it will be
	rows := h.do(cmd)
	if p.left >= 0 && rows > p.left {
		before := p.packet()
		p.tear()
		p.empty, p.left = true, -1
		if after := p.packet(); after != before {
			p.report(after)
		}
		return nil, false
	}
	p.head, p.buf = h, p.buf[n:]
	if p.left >= 0 {
		p.left -= rows
	}
	for i := range p.hooks {
		p.hooks[i].rows -= rows
	}
	p.done(cmd)
	if len(p.buf) < p.opts.Buffer/4 && !p.stalled {
		p.hold(false)
	}
	return nil, true
}

// hold stops the flow, or lets it go on.
func (p *Printer) hold(on bool) {
	if !p.opts.XonXoff || p.link == nil || p.held == on {
		return
	}
	p.held = on
	if on {
		p.link.send([]byte{0x13})
	} else {
		p.link.send([]byte{0x11})
	}
}

// done answers a command that had waited for its turn, or puts it on the slip.
func (p *Printer) done(cmd []byte) {
	switch {
	case cmd[0] == 0x10 || cmd[0] == 0: // questions that were answered, and padding
	case len(cmd) == 3 && cmd[0] == 0x1d && cmd[1] == 'r':
		p.send([]byte{p.paper() & 0x03})
	case len(cmd) == 3 && cmd[0] == 0x1d && cmd[1] == 'a':
		p.auto = cmd[2] != 0
		p.report(p.packet())
	case len(cmd) == 3 && cmd[0] == 0x1b && cmd[1] == 'v':
		p.send([]byte{0})
	default:
		p.slip = append(p.slip, cmd...)
		if p.line += len(cmd); p.head.line == 0 {
			p.line = 0
		}
		if cmd[0] == 0x1d && cmd[1] == 'V' {
			p.head.ended = true
			p.tear()
		}
	}
}

// answer answers DLE EOT n.
func (p *Printer) answer(n byte) {
	b := byte(0x12)
	bit := func(on bool, bits byte) {
		if on {
			b |= bits
		}
	}
	switch n {
	case 1:
		bit(p.open || p.empty || p.failed, 0x08)
	case 2:
		bit(p.open, 0x04)
		bit(p.empty, 0x20)
		bit(p.failed, 0x40)
	case 3:
		bit(p.failed, 0x20)
	case 4:
		bit(p.low, 0x0c)
		bit(p.empty, 0x60)
	default:
		return
	}
	p.send([]byte{b})
}

// paper returns the sensors as GS r and GS a have them.
func (p *Printer) paper() (b byte) {
	if p.low {
		b |= 0x03
	}
	if p.empty {
		b |= 0x0c
	}
	return b
}

// packet is the automatic status.
func (p *Printer) packet() [4]byte {
	b := [4]byte{0x10, 0, p.paper(), 0}
	if p.open || p.empty || p.failed {
		b[0] |= 0x08
	}
	if p.open {
		b[0] |= 0x20
	}
	if p.failed {
		b[1] |= 0x20
	}
	return b
}

// report sends the automatic status where it was asked for.
func (p *Printer) report(b [4]byte) {
	if p.auto {
		p.send(b[:])
	}
}

// send puts bytes on the cable, where there is one and the printer talks at all.
func (p *Printer) send(b []byte) {
	if p.link != nil && !p.off && !p.silent && !p.opts.Mute {
		p.link.send(b)
	}
}
