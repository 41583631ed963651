package escpos

// Demux finds the printer's answers in the bytes that come back from it. What
// nobody asked for is counted and dropped: a printer answers "10 04 n" in the middle
// of a picture's data too, and a cable picks up noise. It holds three bytes at most,
// whatever it is fed. The zero value is ready; it is for one goroutine.
type Demux struct {
	Stray uint64 // answers that nobody asked for, bytes
	Noise uint64 // bytes that are no answer at all

	atOnce  Query   // the DLE EOT that is not answered yet; Unasked if none
	inOrder Query   // the same for what waits in the printer's buffer
	packet  [4]byte // the beginning of an automatic status packet
	have    int     // bytes of it
}

// Expect tells that q is being sent, so that its answer is known when it comes: an
// answer does not name its question. One DLE EOT and one question in the buffer
// (fence or sensor) may be open together; a newer one of a class takes the older
// one's place. Take what has come before asking: an answer that was late would be
// taken for the next one's.
func (d *Demux) Expect(q Query) {
	switch {
	case q.atOnce():
		d.atOnce = q
	case q == AskFence, q == AskSensor:
		d.inOrder = q
	}
}

// Waiting reports whether q is still unanswered.
func (d *Demux) Waiting(q Query) bool { return q != Unasked && (d.atOnce == q || d.inOrder == q) }

// Reset forgets open questions and half a packet, as after a silence or when the
// line was down. The counters stay.
func (d *Demux) Reset() {
	d.Noise += uint64(d.have)
	d.atOnce, d.inOrder, d.have = Unasked, Unasked, 0
}

// Feed takes bytes as they come, in pieces of any size, and returns what they
// answer, in order.
func (d *Demux) Feed(b []byte) []Reply {
	var out []Reply
	for _, c := range b {
		if r, ok := d.next(c); ok {
			out = append(out, r)
		}
	}
	return out
}

// next takes one byte.
func (d *Demux) next(c byte) (Reply, bool) {
	plain := c&0x90 == 0 // a packet's further bytes, and answers out of the buffer
	if d.have > 0 && plain {
		d.packet[d.have] = c
		d.have++
		if d.have < len(d.packet) {
			return Reply{}, false
		}
		d.have = 0
		return Reply{Bits: d.packet}, true
	}
	d.Noise += uint64(d.have) // a packet that was not finished
	d.have = 0
	switch {
	case c&0x93 == 0x10:
		d.packet[0], d.have = c, 1
		return Reply{}, false
	case c&0x93 == 0x12:
		return d.answer(&d.atOnce, c)
	case plain:
		return d.answer(&d.inOrder, c)
	}
	d.Noise++
	return Reply{}, false
}

// answer matches a byte with the question that is open.
func (d *Demux) answer(open *Query, c byte) (Reply, bool) {
	q := *open
	if q == Unasked {
		d.Stray++
		return Reply{}, false
	}
	*open = Unasked
	return Reply{Query: q, Bits: [4]byte{c}}, true
}
