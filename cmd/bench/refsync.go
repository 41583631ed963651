package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"

	"github.com/fxamacker/cbor/v2"
	"github.com/klauspost/compress/zstd"
)

// The reference for the sync: one loop that reads the same rows out of the same
// book, encodes them as a CBOR sequence of byte strings, compresses and posts
// them, and a receiver that decodes them and inserts each batch in one durable
// SQLite transaction. It signs nothing, hashes nothing and checks nothing.

const bareBatch = 5000

func serveBareReceiver(ctx context.Context, l net.Listener, dir string) error {
	db, err := openBare(ctx, dir)
	if err != nil {
		return err
	}
	defer db.Close()
	n := 0
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := receive(r.Context(), db, r.Body, &n); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})}
	context.AfterFunc(ctx, func() { srv.Close() })
	return srv.Serve(l)
}

func openBare(ctx context.Context, dir string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "bare.db")+
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(ctx, `CREATE TABLE record (n INTEGER PRIMARY KEY, header BLOB, facts BLOB, facts_salt BLOB, sealed BLOB, sealed_salt BLOB)`)
	return db, err
}

const bareInsert = `INSERT INTO record VALUES ($1, $2, $3, $4, $5, $6)`

func receive(ctx context.Context, db *sql.DB, body io.Reader, n *int) error {
	z, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer z.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	stmt, err := tx.PrepareContext(ctx, bareInsert)
	if err != nil {
		return err
	}
	dec := cbor.NewDecoder(z)
	for {
		var part [5][]byte
		for i := range part {
			if err = dec.Decode(&part[i]); err != nil {
				break
			}
		}
		if errors.Is(err, io.EOF) {
			return tx.Commit()
		}
		if err != nil {
			return err
		}
		*n++
		if _, err := stmt.ExecContext(ctx, *n, part[0], part[1], part[2], part[3], part[4]); err != nil {
			return err
		}
	}
}

// sentRows reads all that there is to send.
const sentRows = `
SELECT r.header, b.facts, b.facts_salt, b.sealed, b.sealed_salt
FROM record r
JOIN body b ON b.epoch = r.epoch AND b.lane = r.lane AND b.seq = r.seq
WHERE r.epoch = (SELECT MAX(n) FROM epoch)
ORDER BY r.lane, r.seq`

// bareSend posts every record of the book in dir, and returns how many.
func bareSend(ctx context.Context, dir, url string, client *http.Client) (records int, err error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "book.db")+"?mode=ro")
	if err != nil {
		return 0, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, sentRows)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var buf bytes.Buffer
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return 0, err
	}
	var packed []byte
	post := func() error {
		packed = z.EncodeAll(buf.Bytes(), packed[:0])
		buf.Reset()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(packed))
		if err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("reference receiver: %s", resp.Status)
		}
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
	enc := cbor.NewEncoder(&buf)
	for rows.Next() {
		var part [5]sql.RawBytes
		if err := rows.Scan(&part[0], &part[1], &part[2], &part[3], &part[4]); err != nil {
			return 0, err
		}
		for _, p := range part {
			if err := enc.Encode([]byte(p)); err != nil {
				return 0, err
			}
		}
		if records++; records%bareBatch == 0 {
			if err := post(); err != nil {
				return 0, err
			}
		}
	}
	if buf.Len() > 0 {
		if err := post(); err != nil {
			return 0, err
		}
	}
	return records, rows.Err()
}
