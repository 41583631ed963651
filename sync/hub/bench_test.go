package hub_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"redstation/kiosk"
	"redstation/sync/agent"
	"redstation/sync/hub/hubtest"
	"redstation/sync/wire"
)

// The speed that is promised: records a second from a booth's book into the hub's
// durable store, beside a bare program that reads the same rows, encodes,
// compresses and posts them, and inserts each batch in one durable transaction,
// without signatures, hashes, checks, order or resumption.

const benchRecords = 50_000

func perSecond(b *testing.B, records int) {
	b.ReportMetric(float64(records)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkPack(b *testing.B) {
	batch := benchBatch(b, 5000)
	codec := wire.NewCodec(1)
	var raw, packed []byte
	for b.Loop() {
		var err error
		if raw, err = batch.Append(raw[:0]); err != nil {
			b.Fatal(err)
		}
		packed = codec.Compress(packed[:0], raw)
	}
	perSecond(b, 5000)
	b.ReportMetric(float64(len(packed))/5000, "wire-B/record")
	b.ReportMetric(float64(len(raw))/5000, "raw-B/record")
}

func benchBatch(b *testing.B, n int) *wire.Batch {
	booth := &hubtest.Booth{Book: hubtest.NewBook("07"), Key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))}
	booth.Book.Write(b, kiosk.LaneLog, n)
	return batchOf(b, booth, kiosk.LaneLog, 1, uint64(n))
}

// BenchmarkAccept is the hub alone: one signed batch of 5,000 after another.
func BenchmarkAccept(b *testing.B) {
	c := hubtest.New(b)
	booth := c.Enrol("07")
	booth.Book.Write(b, kiosk.LaneLog, benchRecords)
	codec := wire.NewCodec(1)
	handler := c.Handler()
	n := uint64(0)
	for b.Loop() {
		b.StopTimer()
		if n == benchRecords {
			booth.Book = hubtest.NewBook("07")
			booth.Book.Write(b, kiosk.LaneLog, benchRecords)
			n = 0
		}
		raw, err := batchOf(b, booth, kiosk.LaneLog, n+1, n+5000).Append(nil)
		if err != nil {
			b.Fatal(err)
		}
		r := signed(b, c, booth, wire.PathUp+"log", wire.TypeBatch, codec.Compress(nil, raw))
		w := httptest.NewRecorder()
		b.StartTimer()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body)
		}
		n += 5000
	}
	perSecond(b, 5000)
}

func BenchmarkBoothToHub(b *testing.B) {
	book := hubtest.NewBook("07")
	book.Write(b, kiosk.LaneLog, benchRecords)
	for b.Loop() {
		b.StopTimer()
		c := hubtest.New(b)
		booth := c.Enrol("07")
		booth.Book = book.Copy()
		done := make(chan struct{})
		a, err := agent.New(booth.Book, booth.Enrolment, booth.Key, agent.Opts{Log: hubtest.Quiet(), OnUplink: func(u kiosk.Uplink) {
			if u.Up && u.Behind == 0 {
				close(done)
			}
		}})
		if err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithCancel(b.Context())
		ended := make(chan error)
		b.StartTimer()
		go func() { ended <- a.Run(ctx) }()
		<-done
		b.StopTimer()
		cancel()
		<-ended
		b.StartTimer()
	}
	perSecond(b, benchRecords)
}

func BenchmarkBoothToHubBare(b *testing.B) {
	book := hubtest.NewBook("07")
	book.Write(b, kiosk.LaneLog, benchRecords)
	for b.Loop() {
		b.StopTimer()
		db := bareStore(b)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := bareInsert(db, r.Body); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		}))
		b.StartTimer()
		bareSend(b, book, server.URL)
		b.StopTimer()
		server.Close()
		db.Close()
		b.StartTimer()
	}
	perSecond(b, benchRecords)
}

func bareStore(b *testing.B) *sql.DB {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE record (n INTEGER PRIMARY KEY, header BLOB, facts BLOB, facts_salt BLOB, sealed BLOB, sealed_salt BLOB)`); err != nil {
		b.Fatal(err)
	}
	return db
}

func bareSend(b *testing.B, book *hubtest.Book, url string) {
	codec := wire.NewCodec(1)
	var raw, packed []byte
	for after := uint64(0); after < benchRecords; after += 5000 {
		records, err := book.Records(b.Context(), book.Stream(kiosk.LaneLog), after, 5000, 1<<30)
		if err != nil {
			b.Fatal(err)
		}
		raw = raw[:0]
		for i := range records {
			raw = wire.AppendRecord(raw, &records[i])
		}
		packed = codec.Compress(packed[:0], raw)
		resp, err := http.Post(url, wire.TypeBatch, bytes.NewReader(packed))
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			b.Fatal(resp.Status)
		}
	}
}

func bareInsert(db *sql.DB, body io.Reader) error {
	packed, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	raw, err := wire.NewCodec(1).Decompress(packed)
	if err != nil {
		return err
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	stmt, err := tx.Prepare(`INSERT INTO record (header, facts, facts_salt, sealed, sealed_salt) VALUES ($1, $2, $3, $4, $5)`)
	if err != nil {
		return err
	}
	for len(raw) > 0 {
		var r kiosk.Record
		if r, raw, err = wire.ReadRecord(raw); err != nil {
			return err
		}
		if _, err := stmt.Exec(r.Header, r.Facts, r.FactsSalt, r.Sealed, r.SealedSalt); err != nil {
			return err
		}
	}
	return errors.Join(tx.Commit())
}
