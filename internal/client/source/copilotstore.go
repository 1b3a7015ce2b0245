package source

import (
	"cmp"
	"strings"
	"time"

	"tokenflex.ing/internal/usage"
)

// readCopilotStore reads the rows of requests. Columns that came later may be missing.
func readCopilotStore(f File) (p Part) {
	t := f.Tables()
	const events = "assistant_usage_events"
	if !t.Has(events, "id", "session_id", "input_tokens", "output_tokens") {
		if t.Has(events) || !t.Has("sessions") { // before its first version with counters
			f.Fault(Unfamiliar)
		}
		return p
	}
	type session struct {
		folder string
		at     time.Time
	}
	sessions := make(map[string]session)
	if t.Has("sessions", "id") {
		query := "SELECT id, " + columnOr(t, "sessions", "cwd", "NULL") + ", " + columnOr(t, "sessions", "repository", "NULL") + ", " +
			columnOr(t, "sessions", "created_at", "NULL") + " FROM sessions"
		for row := range t.Query(query) {
			sessions[row.Text(0)] = session{cmp.Or(row.Text(1), row.Text(2)), row.When(3)}
		}
	}
	var columns []string
	for _, c := range []string{"model", "created_at", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens"} {
		columns = append(columns, wanted(f, t, events, c))
	}
	last := make(map[string]time.Time) // of the rows before, by session
	for row := range t.Query("SELECT id, session_id, input_tokens, output_tokens, " + strings.Join(columns, ", ") + " FROM " + events + " ORDER BY id") {
		c := copilotTokens{input: row.Count(2), output: row.Count(3), read: row.Count(6), write: row.Count(7), reasoning: row.Count(8)}
		id := row.Text(1)
		at := row.When(5)
		if at.IsZero() {
			at = last[id]
		}
		if at.IsZero() {
			at = sessions[id].at
		}
		last[id] = at
		switch {
		case !c.sound():
			f.Fault(Corrupt)
			continue
		case c.tokens().IsZero():
			continue
		}
		// Numbers of rows begin anew when the database is made anew.
		key := strings.Join([]string{id, row.Text(0), row.Text(5), row.Text(4), row.Text(2), row.Text(3)}, ":")
		p.Entries = append(p.Entries, Entry{Record: usage.Record{ID: copilotRow + key, Model: cmp.Or(strings.TrimSpace(row.Text(4)), copilotUnknown),
			Session: id, Project: sessions[id].folder, Time: at, Tokens: c.tokens()}})
	}
	return p
}
