package hub

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"redstation/kiosk"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// batchBytes is what a booth is told to send at most at once, before compression.
const batchBytes = 1 << 20

// hello notes what a booth says of itself and tells it what the hub has of it:
// the authority to resume from.
func (h *Hub) hello(ctx context.Context, b *sqldb.Booth, raw []byte) (answer, error) {
	booth, known, more := b.ID, false, false
	var in wire.Hello
	err := wire.SpeaksMessage(raw)
	if err == nil {
		err = wire.Unmarshal(raw, &in)
	}
	if err == nil && len(in.Heads) > wire.MaxStreams {
		err = kiosk.Errorf(kiosk.CodeInvalid, "error.wire", "hello with %d streams", len(in.Heads))
	}
	if err != nil {
		return h.misfit(ctx, booth, err), nil
	}
	ring := h.keys.now.Load()
	out := wire.HelloAnswer{MaxRecords: wire.MaxRecords, MaxBytes: batchBytes,
		CityKeyID: ring.city.ID, CityKey: ring.city.Public().Bytes(), Next: ring.announced()}
	err = h.group.doFrom(ctx, 0, func(ctx context.Context, tx *sqldb.Tx) (err error) {
		now := sqldb.Millis(h.now())
		if known, err = tx.NoteHello(ctx, booth, b.Key, plain(in.Version), plain(in.Printer), now); err != nil || !known {
			return err
		}
		if err := noteFeeds(ctx, tx, booth, in.Feeds, now); err != nil {
			return err
		}
		out.HubTimeMS = now
		out.Heads, more, err = h.noteHeads(ctx, tx, booth, in.Heads)
		return err
	})
	if err == nil && !known {
		err = errStale
	}
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, message: &out, more: more}, nil
}

// noteHeads stores how far the booth says it is, and returns how far the hub is, and
// whether that is less. A stream that the booth does not name any more is not behind:
// its book is gone.
func (h *Hub) noteHeads(ctx context.Context, tx *sqldb.Tx, booth string, told []wire.Head) (out []wire.Head, behind bool, err error) {
	streams, err := tx.Streams(ctx, booth)
	if err != nil {
		return nil, false, err
	}
	heads := make(map[kiosk.Stream]wire.Head, len(told))
	for _, w := range told {
		if w.Lane > kiosk.LaneUrgent {
			continue // of a later program
		}
		heads[w.Stream()] = w
		if !slices.ContainsFunc(streams, func(s sqldb.Stream) bool { return s.Stream == w.Stream() }) {
			s, err := tx.AddStream(ctx, booth, w.Stream())
			if err != nil {
				return nil, false, err
			}
			streams = append(streams, s)
		}
	}
	out = []wire.Head{}
	for _, s := range streams {
		w := heads[s.Stream]
		if s.ToldLast != w.Last || s.ToldOldest != w.OldestMS {
			s.ToldLast, s.ToldOldest = w.Last, w.OldestMS
			if err := tx.SaveStream(ctx, s); err != nil {
				return nil, false, err
			}
		}
		behind = behind || s.Head < w.Last
		if tree, ok := readEdge(s.Head, s.Edge); ok && s.Head > 0 {
			root := tree.root()
			head := wire.Head{Epoch: s.Stream.Epoch, Lane: s.Stream.Lane, Last: s.Head, Root: root[:]}
			if s.Head > w.Acked { // an acknowledgement was lost, or the records came by hand
				if head.Note, err = h.noteOf(ctx, tx, &s); err != nil {
					return nil, false, err
				}
			}
			out = append(out, head)
		}
	}
	return out[max(0, len(out)-wire.MaxStreams):], behind, nil
}

// plain bounds what a booth says of itself and takes control characters out.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, s)
	return strings.ToValidUTF8(s[:min(len(s), 64)], "")
}
