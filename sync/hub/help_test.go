package hub_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"redstation/kiosk"
	"redstation/sync/hub/hubtest"
	"redstation/sync/hub/sqldb"
	"redstation/sync/wire"
)

// challenge asks the hub for one.
func challenge(t testing.TB, c *hubtest.City) string {
	t.Helper()
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, wire.PathChallenge, nil))
	return w.Header().Get(wire.HeaderChallenge)
}

// signed makes a request as the booth would, for the hub's handler.
func signed(t testing.TB, c *hubtest.City, b *hubtest.Booth, path, mediaType string, body []byte) *http.Request {
	t.Helper()
	r, _, err := wire.NewRequest(t.Context(), c.URL+path, mediaType, body, b.Booth, b.Key, challenge(t, c))
	if err != nil {
		t.Fatal(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return r
}

// outcome is what a hub said.
type outcome struct {
	status  int
	ack     wire.Ack
	problem wire.Problem
}

func (o outcome) String() string {
	if o.status == http.StatusOK {
		return fmt.Sprintf("acked %d", o.ack.Acked)
	}
	return fmt.Sprintf("%d %s need %d kept %d (%s)", o.status, o.problem.Trouble, o.problem.Need, o.problem.Kept, o.problem.Detail)
}

// serve lets the hub answer a request. Its answer must verify.
func serve(t testing.TB, c *hubtest.City, b *hubtest.Booth, r *http.Request) outcome {
	t.Helper()
	return serveWith(t, c.Handler(), b, r)
}

// serveWith is serve for one handler that many requests share.
func serveWith(t testing.TB, h http.Handler, b *hubtest.Booth, r *http.Request) outcome {
	t.Helper()
	nonce := ""
	if s, err := wire.ReadSignature(r); err == nil {
		nonce = s.Nonce
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	o := outcome{status: w.Code}
	if _, err := wire.VerifyAnswer(w.Code, w.Header(), w.Body.Bytes(), nonce, wire.Pinned(b.HubKey)); err != nil {
		t.Fatalf("answer with status %d: %v", w.Code, err)
	}
	var into any = &o.problem
	if w.Code == http.StatusOK {
		into = &o.ack
	}
	if err := wire.Unmarshal(w.Body.Bytes(), into); err != nil {
		t.Fatal(err)
	}
	return o
}

var codec = wire.NewCodec(2)

// pushRaw sends the bytes of a batch.
func pushRaw(t testing.TB, c *hubtest.City, b *hubtest.Booth, lane kiosk.Lane, raw []byte) outcome {
	t.Helper()
	return serve(t, c, b, signed(t, c, b, wire.PathUp+lane.String(), wire.TypeBatch, codec.Compress(nil, raw)))
}

// pushBatch signs and sends a batch.
func pushBatch(t testing.TB, c *hubtest.City, b *hubtest.Booth, batch *wire.Batch) outcome {
	t.Helper()
	if err := batch.Sign(b.Key); err != nil {
		t.Fatal(err)
	}
	raw, err := batch.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return pushRaw(t, c, b, batch.Stream.Lane, raw)
}

// push sends records first to last of a booth's log lane.
func push(t testing.TB, c *hubtest.City, b *hubtest.Booth, first, last uint64) outcome {
	t.Helper()
	return pushBatch(t, c, b, batchOf(t, b, kiosk.LaneLog, first, last))
}

// batchOf cuts records first to last out of a booth's book and signs for them.
func batchOf(t testing.TB, b *hubtest.Booth, lane kiosk.Lane, first, last uint64) *wire.Batch {
	t.Helper()
	book := b.Book
	s := book.Stream(lane)
	records, err := book.Records(context.Background(), s, first-1, int(last-first+1), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	root, err := book.Root(context.Background(), s, last)
	if err != nil {
		t.Fatal(err)
	}
	batch := &wire.Batch{Booth: book.Booth, Stream: s, First: first, Last: last, Root: root, Records: records}
	if err := batch.Sign(b.Key); err != nil {
		t.Fatal(err)
	}
	return batch
}

// stored returns a digest of the first n rows of the log, and how many there are.
func stored(t testing.TB, c *hubtest.City, n int64) (digest string, last int64) {
	t.Helper()
	sum := sha256.New()
	err := c.DB.View(t.Context(), func(tx *sqldb.Tx) (err error) {
		if last, err = tx.LastPos(t.Context()); err != nil {
			return err
		}
		rows, err := tx.Log(t.Context(), kiosk.LogQuery{Limit: int(n), Before: n + 1})
		for _, r := range rows {
			fmt.Fprintf(sum, "%d %s %d %x\n", r.Pos, r.Kind, r.Received, r.Raw)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(sum.Sum(nil)), last
}

// forks counts the records that were set aside.
func forks(t testing.TB, c *hubtest.City) (n int) {
	t.Helper()
	err := c.DB.View(t.Context(), func(tx *sqldb.Tx) (err error) {
		n, err = tx.Forks(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
