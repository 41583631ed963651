package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/fxamacker/cbor/v2"
	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/zstd"
)

// The reference for the sync into PostgreSQL: the bare sender of the sync, and a
// receiver that decodes what it sends and inserts each batch by one statement, which
// passes over rows that are there. It signs nothing, hashes nothing, checks nothing,
// and keeps one table with one index.
func servePostgresReceiver(ctx context.Context, l net.Listener, dir string) error {
	dsn, err := os.ReadFile(filepath.Join(dir, "dsn"))
	if err != nil {
		return err
	}
	c, err := pgx.Connect(ctx, string(dsn))
	if err != nil {
		return err
	}
	defer c.Close(context.WithoutCancel(ctx))
	if _, err := c.Exec(ctx, `CREATE TABLE bare (n BIGINT PRIMARY KEY, header BYTEA, facts BYTEA, facts_salt BYTEA, sealed BYTEA, sealed_salt BYTEA)`); err != nil {
		return err
	}
	n := int64(0)
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := receiveInto(r.Context(), c, r.Body, &n); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})}
	context.AfterFunc(ctx, func() { srv.Close() })
	return srv.Serve(l)
}

func receiveInto(ctx context.Context, c *pgx.Conn, body io.Reader, n *int64) error {
	z, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer z.Close()
	var ids []int64
	var columns [5][][]byte
	dec := cbor.NewDecoder(z)
	for {
		var part [5][]byte
		for i := range part {
			if err = dec.Decode(&part[i]); err != nil {
				break
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		*n++
		ids = append(ids, *n)
		for i := range part {
			columns[i] = append(columns[i], part[i])
		}
	}
	_, err = c.Exec(ctx, `INSERT INTO bare SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[]) ON CONFLICT DO NOTHING`,
		ids, columns[0], columns[1], columns[2], columns[3], columns[4])
	return err
}
