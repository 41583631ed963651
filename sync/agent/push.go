package agent

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"time"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// parcel is a batch that is ready to go.
type parcel struct {
	stream kiosk.Stream
	after  uint64
	last   uint64 // 0 where there was nothing to send
	root   [32]byte
	key    ed25519.PrivateKey // that signed it
	body   []byte
}

// ahead is a parcel that is being made while the one before it is on its way; nil
// where none is.
type ahead chan parcel

// push sends one batch and reports how it ended. A book that fails ends Run.
func (l *loop) push(ctx context.Context, p push) {
	r, err := l.deliver(ctx, p)
	if err != nil {
		if ctx.Err() == nil {
			l.broken <- err
		}
		return
	}
	select {
	case l.pushes <- r:
	case <-ctx.Done():
	}
}

// deliver packs one batch and sends it. The error is one of the book.
func (l *loop) deliver(ctx context.Context, p push) (pushed, error) {
	pc, err := l.parcel(ctx, p)
	if err != nil {
		return pushed{}, err
	}
	r := pushed{push: p, last: pc.last}
	if pc.last != 0 {
		l.send(ctx, pc, &r)
	}
	return r, nil
}

// send posts a parcel and meanwhile makes the next.
func (l *loop) send(ctx context.Context, pc parcel, r *pushed) {
	if r.more {
		l.makeAhead(ctx, push{stream: pc.stream, after: pc.last, size: r.size})
	}
	short, cancel := context.WithTimeout(ctx, r.limit)
	defer cancel()
	sent := time.Now()
	rep, err := l.post(short, &pc, r.size)
	r.sent, r.took, r.problem = rep.sent, time.Since(sent), rep.problem
	if err == nil && rep.problem.Trouble == "" {
		err = wire.Unmarshal(rep.body, &r.ack)
		if err == nil {
			err = l.believe(ctx, pc, &r.ack, rep.signer)
		}
	}
	r.outcome = l.judge(ctx, pc.stream.Lane.String(), &r.problem, err)
}

// post sends a parcel. One that was signed with a key which the booth has changed
// since is made anew.
func (l *loop) post(ctx context.Context, pc *parcel, most size) (reply, error) {
	path := wire.PathUp + pc.stream.Lane.String()
	rep, err := l.hub.post(ctx, path, wire.TypeBatch, pc.body)
	if err != nil || rep.problem.Trouble != wire.TroubleSignature || pc.key.Equal(l.hub.signer()) {
		return rep, err
	}
	fresh, err := l.pack(ctx, push{stream: pc.stream, after: pc.after, size: most})
	if err != nil {
		return reply{}, err
	}
	if fresh.last != pc.last {
		return rep, nil // the next push sends it
	}
	*pc = fresh
	return l.hub.post(ctx, path, wire.TypeBatch, pc.body)
}

// parcel returns the batch that is wanted, ready-made if it is.
func (l *loop) parcel(ctx context.Context, p push) (parcel, error) {
	made := l.ahead[p.stream.Lane]
	l.ahead[p.stream.Lane] = nil
	if made != nil {
		select {
		case pc, ok := <-made:
			if ok && pc.last != 0 && pc.stream == p.stream && pc.after == p.after && pc.key.Equal(l.hub.signer()) {
				return pc, nil
			}
		case <-ctx.Done():
			return parcel{}, ctx.Err()
		}
	}
	return l.pack(ctx, p)
}

// makeAhead begins to make a parcel. It is used by the next push of the lane, which
// begins after this one has ended, or thrown away.
func (l *loop) makeAhead(ctx context.Context, p push) {
	made := make(ahead, 1)
	l.ahead[p.stream.Lane] = made
	l.workers.Go(func() {
		defer close(made)
		if pc, err := l.pack(ctx, p); err == nil { // an error comes again when it counts
			made <- pc
		}
	})
}

// pack reads a batch from the book and packs it.
func (a *Agent) pack(ctx context.Context, p push) (parcel, error) {
	pc := parcel{stream: p.stream, after: p.after}
	records, err := a.book.Records(ctx, p.stream, p.after, p.size.records, p.size.bytes)
	if err != nil {
		return pc, fmt.Errorf("read records after %d: %w", p.after, err)
	}
	if len(records) == 0 {
		return pc, nil
	}
	pc.last = p.after + uint64(len(records))
	if pc.root, err = a.book.Root(ctx, p.stream, pc.last); err != nil {
		return pc, fmt.Errorf("compute root of %d records: %w", pc.last, err)
	}
	b := wire.Batch{Booth: a.booth, Stream: p.stream, First: p.after + 1, Last: pc.last, Root: pc.root, Records: records}
	pc.key = a.hub.signer()
	pc.body, err = a.seal(&b, pc.key)
	return pc, err
}

// seal signs a batch, encodes and compresses it.
func (a *Agent) seal(b *wire.Batch, key ed25519.PrivateKey) ([]byte, error) {
	if err := b.Sign(key); err != nil {
		return nil, err
	}
	raw, err := b.Append(nil)
	if err != nil {
		return nil, err
	}
	return a.codec.Compress(nil, raw), nil
}
