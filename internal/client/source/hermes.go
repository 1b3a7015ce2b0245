package source

import (
	"cmp"
	"strings"
	"time"

	"tokenflex.ing/internal/usage"
)

// Hermes Agent: one database for every profile, with growing sums for every session and, in later versions, for every model
// that a session used. The input has no cached tokens in it. Whether the reasoning is inside the output depends on who
// answered; it is taken to be, which does not inflate.
var hermes = Source{
	ID:   "hermes",
	Name: "Hermes Agent",
	Places: []Place{{
		Env:   []Env{{Name: "HERMES_HOME"}},
		Roots: []string{"~/.hermes", "$LOCALAPPDATA/hermes"},
		Files: []string{"state.db", "profiles/*/state.db"},
	}},
	Read:     readHermes,
	Settle:   settleGrown,
	Joins:    ByID | BySession,
	Quality:  SessionTotal,
	Revision: 2,
}

// hermesReader reads one database.
type hermesReader struct {
	*collector
	tables   Tables
	sessions map[string]hermesSession
	told     map[string]bool // sessions with sums for every model
}

type hermesSession struct {
	folder string
	at     time.Time
}

func readHermes(f File) Part {
	r := hermesReader{collect(f), f.Tables(), make(map[string]hermesSession), make(map[string]bool)}
	byModel := has(f, r.tables, "session_model_usage", "session_id", "model", "input_tokens", "output_tokens")
	bySession := r.tables.Has("sessions", "id")
	if !byModel && !(bySession && r.tables.Has("sessions", "model", "input_tokens", "output_tokens")) {
		f.Fault(Unfamiliar)
		return r.part
	}
	if bySession {
		r.describe()
	}
	if byModel {
		r.sums("session_model_usage", "session_id", columnOr(r.tables, "session_model_usage", "billing_provider", "''"))
	}
	if has(f, r.tables, "sessions", "model", "input_tokens", "output_tokens") {
		r.sums("sessions", "id", "''")
	}
	return r.part
}

// describe notes when sessions were used last, and where.
func (r *hermesReader) describe() {
	var columns []string
	for _, name := range []string{"cwd", "ended_at", "last_activity_at", "updated_at", "started_at"} {
		columns = append(columns, columnOr(r.tables, "sessions", name, "NULL"))
	}
	for row := range r.tables.Query("SELECT id, " + strings.Join(columns, ", ") + " FROM sessions") {
		s := hermesSession{folder: row.Text(1)}
		for i := 2; i <= len(columns) && s.at.IsZero(); i++ {
			s.at = row.When(i)
		}
		r.sessions[row.Text(0)] = s
	}
}

// sums notes the sums of a table, of sessions that have none yet.
func (r *hermesReader) sums(table, id, provider string) {
	var columns []string
	for _, name := range []string{"cache_read_tokens", "cache_write_tokens", "reasoning_tokens"} {
		columns = append(columns, wanted(r.file, r.tables, table, name))
	}
	told := make(map[string]bool)
	for row := range r.tables.Query("SELECT " + id + ", model, " + provider + ", input_tokens, output_tokens, " + strings.Join(columns, ", ") + " FROM " + table) {
		session, model := row.Text(0), strings.TrimSpace(row.Text(1))
		tokens := usage.Tokens{Input: row.Count(3), Output: row.Count(4), CacheRead: row.Count(5), CacheWrite5m: row.Count(6)}
		tokens.Reasoning = min(row.Count(7), tokens.Output)
		if r.told[session] || !r.believes(tokens.Input, tokens.Output, tokens.CacheRead, tokens.CacheWrite5m) || !r.named(model, tokens) {
			continue
		}
		told[session] = true
		s := r.sessions[session]
		key := session + pieces
		if table != "sessions" {
			key += model + ":" + cmp.Or(row.Text(2), "-")
		}
		r.add(Entry{Record: usage.Record{ID: key, Model: model, Session: session, Project: s.folder, Time: s.at, Tokens: tokens}, Marks: Piece})
	}
	for session := range told {
		r.told[session] = true
	}
}
