package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

// owned are the tables whose rows belong to the account in user_id. A test compares them with the schema.
var owned = []string{"devices", "tokens", "invites", "sessions", "identities", "passkeys", "usage_day", "holds", "user_day", "score", "prints", "copies", "repriced_users", "due", "tallies", "user_model"}

// guards returns the triggers that must stand, by name. Each refuses its write unless the row belongs to ctx.uid;
// without an identity that is every write. Those of an update, which uploads do most of, come after it, so that the row is looked for once,
// and end the transaction rather than the statement, so that no statement keeps what it would take to undo it.
func guards() map[string]string {
	g := make(map[string]string)
	for _, t := range owned {
		guard(g, t, "insert", "(SELECT uid FROM ctx) IS NOT NEW.user_id")
		after(g, t, "update", "(SELECT uid FROM ctx) IS NOT NEW.user_id OR OLD.user_id IS NOT NEW.user_id")
		guard(g, t, "delete", "(SELECT uid FROM ctx) IS NOT OLD.user_id")
	}
	guard(g, "users", "insert", "NEW.visibility <> 0 OR NEW.state <> 0")
	guard(g, "users", "update", "(SELECT uid FROM ctx) IS NOT NEW.id OR OLD.id IS NOT NEW.id")
	guard(g, "users", "delete", "(SELECT uid FROM ctx) IS NOT OLD.id")
	// A grant is nobody's until somebody approves it, and theirs from then on.
	guard(g, "device_grants", "insert", "NEW.user_id IS NOT NULL")
	guard(g, "device_grants", "update", "NEW.user_id IS NOT NULL AND (SELECT uid FROM ctx) IS NOT NEW.user_id"+
		" OR OLD.user_id IS NOT NULL AND OLD.user_id IS NOT NEW.user_id")
	// A hold on a handle is made by whom it was, and may be taken over once it has run out.
	// A handle that was given up stays its account's, or nobody's once that is erased.
	guard(g, "held_handles", "insert", "(SELECT uid FROM ctx) IS NOT NEW.by_user AND (NEW.by_user <> -1 OR (SELECT uid FROM ctx) IS NULL)")
	guard(g, "held_handles", "update", "(SELECT uid FROM ctx) IS NOT OLD.by_user OR NEW.by_user <> -1 OR OLD.handle <> NEW.handle OR OLD.until <> NEW.until")
	// The audit cannot be changed, but to forget whose a line was.
	guard(g, "audit", "update", "(SELECT uid FROM ctx) IS NOT OLD.user_id OR OLD.user_id IS NULL OR NEW.user_id IS NOT NULL OR NEW.erased IS NULL"+
		" OR NEW.detail <> '' OR OLD.id <> NEW.id OR OLD.at <> NEW.at OR OLD.action <> NEW.action")
	guard(g, "audit", "delete", "1")
	return g
}

func guard(g map[string]string, table, event, refuse string) {
	trigger(g, "BEFORE", table, event, refuse, "ABORT")
}

func after(g map[string]string, table, event, refuse string) {
	trigger(g, "AFTER", table, event, refuse, "ROLLBACK")
}

func trigger(g map[string]string, when, table, event, refuse, raise string) {
	name := "guard_" + table + "_" + event
	g[name] = fmt.Sprintf("CREATE TRIGGER %s %s %s ON %s WHEN %s BEGIN SELECT RAISE(%s, 'deny: %s'); END",
		name, when, event, table, refuse, raise, table)
}

// raiseGuards puts up every trigger that is missing or is not the one that this binary means.
func raiseGuards(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	standing, err := triggers(ctx, tx)
	if err != nil {
		return err
	}
	for name, text := range guards() {
		if standing[name] == text {
			continue
		}
		if _, err := tx.ExecContext(ctx, "DROP TRIGGER IF EXISTS "+name+"; "+text); err != nil {
			return fmt.Errorf("raise %s: %w", name, err)
		}
	}
	return tx.Commit()
}

func triggers(ctx context.Context, tx *sql.Tx) (map[string]string, error) {
	rows, err := tx.QueryContext(ctx, "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	standing := make(map[string]string)
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return nil, err
		}
		standing[name] = text
	}
	return standing, rows.Err()
}
