package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
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
	values []driver.NamedValue
	unwind bool // statements that have begun end when their context does; those of a writer are short, and go on
}

func newCompiling(c driver.Conn, unwind bool) driver.Conn {
	raw, ok := c.(rawConn)
	if !ok {
		return c
	}
	return &compiling{rawConn: raw, kept: make(map[string]*statement), unwind: unwind}
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

// run runs a statement past what database/sql does with every one. The context must have no end.
func (c *compiling) run(ctx context.Context, query string, values ...driver.Value) error {
	s, err := c.take(ctx, query)
	if err != nil {
		return err
	}
	_, err = s.Stmt.(driver.StmtExecContext).ExecContext(ctx, c.number(values))
	if gone := c.give(query, s); err == nil {
		err = gone
	}
	return err
}

// any reports whether a query finds a row, as run does.
func (c *compiling) any(ctx context.Context, query string, values ...driver.Value) (bool, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return false, err
	}
	defer c.give(query, s)
	found, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, c.number(values))
	if err != nil {
		return false, err
	}
	err = found.Next(make([]driver.Value, len(found.Columns())))
	if gone := found.Close(); gone != nil {
		return false, gone
	}
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil, err
}

// number makes values those of a statement, until it is called again.
func (c *compiling) number(values []driver.Value) []driver.NamedValue {
	c.values = c.values[:0]
	for i, v := range values {
		c.values = append(c.values, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	return c.values
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
