package sqlite

import (
	"context"
	"database/sql/driver"
)

// maxStatements is how many statements a connection keeps compiled.
const maxStatements = 64

// rawConn is what the driver's connections can do, as far as it is used here.
type rawConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// compiling is a connection that keeps what it compiled: database/sql has every statement of an Exec or a Query parsed again, and
// the triggers below it, which takes longer than running most of them. An authorizer is asked when a statement is compiled.
type compiling struct {
	rawConn
	kept   map[string]*statement
	unwind bool // statements that have begun end when their context does; those of a writer are short, and go on
}

func newCompiling(c driver.Conn, unwind bool) driver.Conn {
	raw, ok := c.(rawConn)
	if !ok {
		return c
	}
	return &compiling{raw, make(map[string]*statement), unwind}
}

// statement is a compiled statement. Only one use of it can go on at a time.
type statement struct {
	driver.Stmt
	busy bool
}

// take returns the query's statement, or another if that is at work.
func (c *compiling) take(ctx context.Context, query string) (*statement, error) {
	if s := c.kept[query]; s != nil && !s.busy {
		s.busy = true
		return s, nil
	}
	raw, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s := &statement{raw, true}
	if c.kept[query] == nil && c.room() {
		c.kept[query] = s
	}
	return s, nil
}

// room makes place for one more statement, if one that is not at work can go.
func (c *compiling) room() bool {
	if len(c.kept) < maxStatements {
		return true
	}
	for query, s := range c.kept {
		if !s.busy {
			delete(c.kept, query)
			s.Close()
			return true
		}
	}
	return false
}

// give takes a statement back.
func (c *compiling) give(query string, s *statement) error {
	s.busy = false
	if c.kept[query] == s {
		return nil
	}
	return s.Close()
}

func (c *compiling) patience(ctx context.Context) context.Context {
	if c.unwind {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// ExecContext implements driver.ExecerContext.
func (c *compiling) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	r, err := s.Stmt.(driver.StmtExecContext).ExecContext(c.patience(ctx), args)
	if gone := c.give(query, s); err == nil {
		err = gone
	}
	return r, err
}

// QueryContext implements driver.QueryerContext.
func (c *compiling) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	r, err := s.Stmt.(driver.StmtQueryContext).QueryContext(c.patience(ctx), args)
	if err != nil {
		c.give(query, s)
		return nil, err
	}
	return &rows{r, func() error { return c.give(query, s) }}, nil
}

// many runs a statement so many times, each with its own values, past what database/sql does with every one of them.
func (c *compiling) many(ctx context.Context, query string, n int, values func(i int) []driver.NamedValue) error {
	s, err := c.take(ctx, query)
	if err != nil {
		return err
	}
	run := s.Stmt.(driver.StmtExecContext)
	for i := 0; i < n && err == nil; i++ {
		_, err = run.ExecContext(c.patience(ctx), values(i))
	}
	if gone := c.give(query, s); err == nil {
		err = gone
	}
	return err
}

// Close ends the connection and what it kept.
func (c *compiling) Close() error {
	for query, s := range c.kept {
		delete(c.kept, query)
		s.Close()
	}
	return c.rawConn.Close()
}

// rows give their statement back when they are closed.
type rows struct {
	driver.Rows
	done func() error
}

// Close implements driver.Rows.
func (r *rows) Close() error {
	if r.done == nil {
		return nil
	}
	err := r.Rows.Close()
	if gone := r.done(); err == nil {
		err = gone
	}
	r.done = nil
	return err
}
