package sqldb

import (
	"context"
	"database/sql"
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
