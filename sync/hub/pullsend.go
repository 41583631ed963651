package hub

import (
	"bufio"
	"errors"
	"io"
	"net/http"

	"redstation/sync/wire"
)

// small is what is not worth compressing.
const small = 512

// sendPage writes a page row by row, so that only the stored bytes of it are ever
// in memory as a whole.
func (h *Hub) sendPage(w http.ResponseWriter, r *http.Request, q *pullQuery, p *pullPage) error {
	if q.format == wire.CSV {
		present := "present"
		if !q.heading {
			present = "absent"
		}
		w.Header().Set("Content-Type", wire.TypeTable+"; charset=utf-8; header="+present)
	} else {
		w.Header().Set("Content-Type", wire.TypeRows)
	}
	if p.size < small {
		q.encoding = ""
	}
	if q.encoding != "" {
		w.Header().Set("Content-Encoding", q.encoding)
	}
	if r.Method == http.MethodHead {
		return nil
	}
	n := len(p.rows)
	if err := h.write(w, q, p); err != nil {
		if r.Context().Err() == nil && !errors.Is(err, errReader) {
			h.log.ErrorContext(r.Context(), "pull broken off", "error", err)
		}
		panic(http.ErrAbortHandler) // so that the reader sees a cut, not an end
	}
	h.metrics.rows.WithLabelValues(string(q.format)).Add(float64(n))
	return nil
}

func pullRow(s *stored) wire.Row {
	leaf, _ := leafHash(nil, s.Header)
	return wire.Row{Pos: s.Pos, Booth: s.Booth, Name: s.Name, Epoch: s.Epoch, Lane: s.Lane.String(), Seq: s.Seq, ID: s.ID,
		Kind: s.Kind, Ref: s.Ref, Wall: s.Wall, ClockState: uint8(s.Clock), Received: s.Received,
		Lo: s.When.Lo, Hi: s.When.Hi, Best: s.When.Best, Confidence: string(s.When.Confidence),
		Facts: s.Facts, FactsBytes: s.factsBytes, FactsSalt: s.factsSalt, Sealed: s.sealed, SealedSalt: s.sealedSalt, Header: s.Header, Leaf: leaf[:]}
}

// errReader says that the reader takes no more.
var errReader = errors.New("the reader is gone")

// toReader marks the errors of writing to the reader.
type toReader struct{ io.Writer }

func (t toReader) Write(b []byte) (int, error) {
	n, err := t.Writer.Write(b)
	if err != nil {
		err = errors.Join(errReader, err)
	}
	return n, err
}

func (h *Hub) write(w io.Writer, q *pullQuery, p *pullPage) error {
	out := bufio.NewWriterSize(toReader{w}, 16<<10)
	var to io.Writer = out
	z, giveBack := h.pulls.compress(q.encoding, out)
	if z != nil {
		defer giveBack()
		to = z
	}
	rows, err := wire.NewRowWriter(to, q.format, q.heading)
	if err != nil {
		return err
	}
	for i := range p.rows {
		row := pullRow(&p.rows[i])
		if err := rows.Write(&row); err != nil {
			return err
		}
		p.rows[i] = stored{} // it is sent
	}
	if err := rows.Flush(); err != nil {
		return err
	}
	if z != nil {
		if err := z.Close(); err != nil {
			return err
		}
	}
	return out.Flush()
}
