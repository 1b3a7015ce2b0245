package sqlite

import (
	"context"
	"database/sql"
	"slices"

	"tokenflex.ing/internal/server/store"
)

// pendingPrints are the prints that are not in the index of prints yet, as the transaction that has the writer's connection sees
// them. They are read from the database once, and again when another process has written to it.
type pendingPrints struct {
	of      map[int64]map[store.Place]store.Hash // by account
	by      map[store.Hash][]int64               // accounts, each once for every place
	changes []pendingChange                      // of the transaction
}

// pendingChange is what a place of an account was before.
type pendingChange struct {
	user  int64
	place store.Place
	print store.Hash
	known bool
}

// read reads them anew.
func (p *pendingPrints) read(ctx context.Context, tx *sql.Tx) error {
	*p = pendingPrints{of: make(map[int64]map[store.Place]store.Hash), by: make(map[store.Hash][]int64)}
	rows, err := tx.QueryContext(ctx, "SELECT p.user_id, p.device_id, p.day, p.source, p.print FROM due w CROSS JOIN prints p ON p.user_id = w.user_id WHERE p.pending = 1")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var user int64
		var at store.Place
		var print sql.RawBytes
		if err := rows.Scan(&user, &at.Device, &at.Day, &at.Source, &print); err != nil {
			return err
		}
		p.put(user, at, store.Hash(print), true)
	}
	return rows.Err()
}

// set notes that the account's print at a place waits.
func (p *pendingPrints) set(user int64, at store.Place, print store.Hash) {
	was, known := p.of[user][at]
	p.changes = append(p.changes, pendingChange{user, at, was, known})
	p.put(user, at, print, true)
}

// clear notes that all of the account's prints are in the index.
func (p *pendingPrints) clear(user int64) {
	for at, print := range p.of[user] {
		p.changes = append(p.changes, pendingChange{user, at, print, true})
		p.put(user, at, store.Hash{}, false)
	}
}

func (p *pendingPrints) put(user int64, at store.Place, print store.Hash, known bool) {
	if was, waits := p.of[user][at]; waits {
		left := slices.DeleteFunc(p.by[was], oneOf(user))
		if p.by[was] = left; len(left) == 0 {
			delete(p.by, was)
		}
		if delete(p.of[user], at); len(p.of[user]) == 0 {
			delete(p.of, user)
		}
	}
	if !known {
		return
	}
	if p.of[user] == nil {
		p.of[user] = make(map[store.Place]store.Hash)
	}
	p.of[user][at] = print
	p.by[print] = append(p.by[print], user)
}

// oneOf is true for the user once.
func oneOf(user int64) func(int64) bool {
	found := false
	return func(u int64) bool {
		first := u == user && !found
		found = found || first
		return first
	}
}

// mark is where the transaction is.
func (p *pendingPrints) mark() int { return len(p.changes) }

// undo takes back what the transaction has changed since a mark.
func (p *pendingPrints) undo(mark int) {
	for _, c := range slices.Backward(p.changes[mark:]) {
		p.put(c.user, c.place, c.print, c.known)
	}
	p.changes = p.changes[:mark]
}

// another reports whether somebody else has the print waiting.
func (p *pendingPrints) another(user int64, print store.Hash) bool {
	return slices.ContainsFunc(p.by[print], func(other int64) bool { return other != user })
}

// indexPrints brings the account's prints of some days into the index.
func (s *Store) indexPrints(ctx context.Context, tx *sql.Tx, user int64, from, to string) error {
	_, err := tx.ExecContext(ctx, "UPDATE prints SET pending = 0 WHERE user_id = ? AND day BETWEEN ? AND ? AND pending = 1", user, from, to)
	if err == nil {
		s.pending.clear(user)
	}
	return err
}
