package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"

	"redstation/kiosk"

	_ "modernc.org/sqlite" // the driver
)

// The reference for committed requests: net/http, one writer with group commit
// over SQLite in WAL with synchronous=FULL, and nothing else. It parses the form,
// seals the same two texts (one to the city, one to the paper) and inserts rows of the same number and size as the booth
// does, and answers with the same redirect. It checks nothing, counts nothing,
// hashes nothing and has no page.

type bareRow struct {
	sealed, key, capsule []byte
	done                 chan error
}

type bareServer struct {
	city *kiosk.CityKey
	rows chan bareRow
	n    atomic.Int64
}

func serveBareRequests(ctx context.Context, l net.Listener, dir string) error {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "bare.db")+
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, `
CREATE TABLE record (seq INTEGER PRIMARY KEY, header BLOB, hashes BLOB);
CREATE TABLE body (seq INTEGER PRIMARY KEY, facts BLOB, facts_salt BLOB, sealed BLOB, sealed_salt BLOB);
CREATE TABLE slip (id BLOB PRIMARY KEY, action TEXT, service TEXT, number TEXT, lang TEXT, at_ms INTEGER, at_state INTEGER, state TEXT, reprints INTEGER) WITHOUT ROWID;
CREATE TABLE request (n INTEGER PRIMARY KEY, number TEXT, slip BLOB, lock BLOB, lock_key BLOB);
CREATE TABLE capsule (lock BLOB PRIMARY KEY, version INTEGER, capsule BLOB) WITHOUT ROWID`); err != nil {
		return err
	}
	secret, err := kiosk.NewCitySecret(1)
	if err != nil {
		return err
	}
	s := &bareServer{city: secret.Public(), rows: make(chan bareRow, 256)}
	go func() {
		if err := s.write(ctx, db); err != nil && ctx.Err() == nil {
			panic(err) // the measurement is void
		}
	}()
	srv := &http.Server{Handler: s}
	context.AfterFunc(ctx, func() { srv.Close() })
	return srv.Serve(l)
}

// ServeHTTP is one committed request.
func (s *bareServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answers := map[string]string{}
	for k := range r.PostForm {
		answers[k] = r.PostForm.Get(k)
	}
	plain, err := json.Marshal(answers)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	row := bareRow{done: make(chan error, 1), key: make([]byte, 16)}
	rand.Read(row.key)
	row.sealed, err = s.city.Seal("07", kiosk.ID{}, kiosk.ID(row.key), kiosk.KindRequestFiled, plain)
	if err == nil {
		row.capsule, err = s.city.Seal("07", kiosk.ID{}, kiosk.ID(row.key), kiosk.KindRequestFiled, make([]byte, 213))
	}
	if err == nil {
		s.rows <- row
		err = <-row.done
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Location", fmt.Sprintf("/slip/%x", row.key))
	w.WriteHeader(http.StatusSeeOther)
}

func (s *bareServer) write(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	stmts := make([]*sql.Stmt, 7)
	for i, q := range []string{"BEGIN IMMEDIATE", "COMMIT",
		"INSERT INTO record VALUES ($1, $2, $3)", "INSERT INTO body VALUES ($1, $2, $3, $4, $5)",
		"INSERT INTO slip VALUES ($1, 'request', '3.1', $2, 'zh', $3, 4, 'none', 0)", "INSERT INTO request VALUES ($1, $2, $3, $4, $5)",
		"INSERT INTO capsule VALUES ($1, 1, $2)"} {
		if stmts[i], err = conn.PrepareContext(ctx, q); err != nil {
			return err
		}
	}
	for {
		var group []bareRow
		select {
		case r := <-s.rows:
			group = append(group, r)
		case <-ctx.Done():
			return nil
		}
		for more := true; more && len(group) < 256; {
			select {
			case r := <-s.rows:
				group = append(group, r)
			default:
				more = false
			}
		}
		err := s.commit(ctx, stmts, group)
		for _, r := range group {
			r.done <- err
		}
		if err != nil {
			return err
		}
	}
}

func (s *bareServer) commit(ctx context.Context, stmts []*sql.Stmt, group []bareRow) error {
	if _, err := stmts[0].ExecContext(ctx); err != nil {
		return err
	}
	header, hashes, facts, salt := make([]byte, 230), make([]byte, 64), make([]byte, 700), make([]byte, 16)
	rand.Read(header)
	rand.Read(facts)
	for _, r := range group {
		n := s.n.Add(1)
		number := fmt.Sprintf("07-%03d", n)
		for i, args := range [][]any{{n, header, hashes}, {n, facts, salt, r.sealed, salt}, {r.key, number, n}, {n, number, r.key, salt, header[:32]},
			{r.key, r.capsule}} {
			if _, err := stmts[2+i].ExecContext(ctx, args...); err != nil {
				return err
			}
		}
	}
	_, err := stmts[1].ExecContext(ctx)
	return err
}
