package sqldb

import (
	"context"
	"database/sql"
	"strings"
	"sync"
)

// prepared keeps the statements of readers: to parse and plan one takes SQLite as
// long as to answer it. The program has some dozens of texts; filters make them
// vary, and the bound holds whatever they do.
type prepared struct {
	db *sql.DB

	mu    sync.Mutex
	stmts map[string]*sql.Stmt
}

const maxPrepared = 256

// stmt returns the statement of a text, preparing it the first time; nil where
// that fails or where as many are kept as there may be.
func (p *prepared) stmt(ctx context.Context, text string) *sql.Stmt {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, ok := p.stmts[text]
	if ok || len(p.stmts) >= maxPrepared {
		return s
	}
	s, err := p.db.PrepareContext(ctx, text)
	if err != nil {
		return nil
	}
	p.stmts[text] = s
	return s
}

// reading is a transaction that asks by prepared statements where it can; what
// cannot be prepared is asked as it is, and fails there.
type reading struct {
	*sql.Tx
	texts *prepared
}

// QueryContext asks for rows.
func (r reading) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if s := r.texts.stmt(ctx, text); s != nil {
		return r.StmtContext(ctx, s).QueryContext(ctx, args...) //nolint:sqlclosecheck // the transaction closes it
	}
	return r.Tx.QueryContext(ctx, text, args...)
}

// QueryRowContext asks for one row.
func (r reading) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	if s := r.texts.stmt(ctx, text); s != nil {
		return r.StmtContext(ctx, s).QueryRowContext(ctx, args...) //nolint:sqlclosecheck // the transaction closes it
	}
	return r.Tx.QueryRowContext(ctx, text, args...)
}

// glancing is a connection without a transaction, on which reading asks.
type glancing struct {
	*sql.Conn
	texts *prepared
}

// QueryRowContext asks for one row.
func (g glancing) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	if s := g.texts.stmt(ctx, text); s != nil {
		return s.QueryRowContext(ctx, args...)
	}
	return g.Conn.QueryRowContext(ctx, text, args...)
}

// texts are the statements of SQLite's writer: those that came before are prepared
// between two transactions, because the one connection is taken during each.
type texts struct {
	mu    sync.Mutex
	stmts map[string]*sql.Stmt
	seen  map[string]int // how often each other text came, up to asked
}

const (
	again = 2 // it is to be prepared
	asked = 3 // it is being prepared, or cannot be
)

// maxSeen bounds the memory that texts which vary can take.
const maxSeen = 4 * maxPrepared

// stmt returns the statement of a text, nil where it is not prepared.
func (t *texts) stmt(text string) *sql.Stmt {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.stmts[text]
	if s == nil && t.seen[text] < again && len(t.stmts) < maxPrepared && len(t.seen) < maxSeen && !strings.Contains(text, ";") {
		t.seen[text]++
	}
	return s
}

// prepare prepares what came twice. What cannot be prepared fails where it is used.
func (t *texts) prepare(ctx context.Context, db *sql.DB) {
	for _, text := range t.wanted() {
		s, err := db.PrepareContext(ctx, text) // waits for the connection: t.mu must be free for who has it
		if err != nil {
			continue
		}
		t.mu.Lock()
		t.stmts[text] = s
		t.mu.Unlock()
	}
}

// wanted returns the texts that are to be prepared, to one caller only.
func (t *texts) wanted() (all []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for text, n := range t.seen {
		if n == again {
			all = append(all, text)
			t.seen[text] = asked
		}
	}
	return all
}

// writing is a transaction that uses prepared statements where there are any.
type writing struct {
	*sql.Tx
	texts *texts
}

// ExecContext runs a statement.
func (w writing) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	if s := w.texts.stmt(text); s != nil {
		return w.StmtContext(ctx, s).ExecContext(ctx, args...) //nolint:sqlclosecheck // the transaction closes it
	}
	return w.Tx.ExecContext(ctx, text, args...)
}

// QueryContext asks for rows.
func (w writing) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if s := w.texts.stmt(text); s != nil {
		return w.StmtContext(ctx, s).QueryContext(ctx, args...) //nolint:sqlclosecheck // the transaction closes it
	}
	return w.Tx.QueryContext(ctx, text, args...)
}

// QueryRowContext asks for one row.
func (w writing) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	if s := w.texts.stmt(text); s != nil {
		return w.StmtContext(ctx, s).QueryRowContext(ctx, args...) //nolint:sqlclosecheck // the transaction closes it
	}
	return w.Tx.QueryRowContext(ctx, text, args...)
}
