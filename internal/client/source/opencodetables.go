package source

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// openCodeSecond is the table of sessions whose messages are rows of the second kind. Some versions name it as that of the first.
const openCodeSecond = "session_v2"

// openCodeSum begins the ID of what a session says that it adds up to.
const openCodeSum = "session:"

// openCodeReader reads one database, in which rows of both kinds may stand for the same messages.
type openCodeReader struct {
	file    File
	added   bool
	tables  Tables
	names   words
	folders map[string]string       // of sessions
	told    map[string]bool         // messages that rows of the second kind tell
	empty   []openCodeMessage       // messages without counters of their own
	forks   map[string]openCodeFork // by the session that began as a copy
	places  []openCodePlace         // of the entries of the second kind, if there are forks
	part    Part
}

// readOpenCodeTables reads a database. In those of added the reasoning is beside the output where no total tells.
func readOpenCodeTables(f File, added bool) Part {
	r := &openCodeReader{file: f, added: added, tables: f.Tables(), names: make(words), folders: make(map[string]string),
		told: make(map[string]bool), forks: make(map[string]openCodeFork)}
	first := has(f, r.tables, "message", "id", "session_id", "data")
	second := has(f, r.tables, "session_message", "id", "session_id", "type", "data")
	if !first && !second {
		f.Fault(Unfamiliar)
		return r.part
	}
	for _, sessions := range []string{"session", openCodeSecond} {
		r.sessions(sessions)
		r.findForks(sessions)
	}
	if second {
		r.messages("session_message", " WHERE type = 'assistant'", true)
		r.dropForked()
	}
	if first {
		r.messages("message", "", false)
	}
	r.steps()
	for _, sessions := range []string{"session", openCodeSecond} {
		r.sums(sessions)
	}
	return r.part
}

// sessions notes the folders of sessions.
func (r *openCodeReader) sessions(table string) {
	if !r.tables.Has(table, "id", "directory") {
		return
	}
	for row := range r.tables.Query("SELECT id, directory FROM " + table) {
		r.folders[row.Text(0)] = row.Text(1)
	}
}

// openCodeCounted is in every message that has counters.
var openCodeCounted = []byte(`"tokens"`)

// messages reads one kind of rows. Their documents are walked where the engine hands them over: having the engine look
// into each takes it ten times as long.
func (r *openCodeReader) messages(table, where string, second bool) {
	dated := r.tables.Has(table, "time_created")
	created, place := columnOr(r.tables, table, "time_created", "NULL"), "NULL"
	if second {
		place = wanted(r.file, r.tables, table, "seq")
	}
	for row := range r.tables.Query("SELECT id, session_id, " + created + ", " + place + ", CAST(data AS BLOB) FROM " + table + where) {
		doc := row.Bytes(4)
		if !bytes.Contains(doc, openCodeCounted) {
			continue
		}
		m, err := readOpenCodeMessage(jsonwalk.New(doc), r.names)
		if err != nil {
			r.file.Fault(Malformed)
			continue
		}
		if m.created.IsZero() && !dated {
			r.file.Fault(Lacking)
		}
		m.id, m.session, m.noted, m.table, m.second, m.added = row.Text(0), r.names.of(row.Bytes(1)), row.When(2), true, second, second || r.added
		if !second && m.role != openCodeAnswer {
			continue
		}
		m.folder = cmp.Or(m.folder, r.folders[m.session])
		if m.tokens.found && m.tokens.empty() && !second {
			r.empty = append(r.empty, m)
			continue
		}
		if r.add(&m) && second {
			r.place(&m, row.Count(3))
		}
	}
}

// add notes a message, unless a row of the second kind has told it, and reports whether it did.
func (r *openCodeReader) add(m *openCodeMessage) bool {
	e, ok := m.entry(r.file)
	if !ok {
		return false
	}
	switch {
	case m.second:
		r.told[e.ID] = true
	case r.told[e.ID]:
		r.part.Repeats++
		return false
	}
	r.part.Entries = append(r.part.Entries, e)
	return true
}

// openCodeBatch is how many messages are looked up in one query.
const openCodeBatch = 200

// steps adds up the steps of the messages that have no counters of their own.
func (r *openCodeReader) steps() {
	if len(r.empty) == 0 || !has(r.file, r.tables, "part", "message_id", "data") {
		return
	}
	for batch := range slices.Chunk(r.empty, openCodeBatch) {
		messages := make(map[string]*openCodeMessage)
		var names []string
		for i := range batch {
			messages[batch[i].id] = &batch[i]
			names = append(names, sqlText(batch[i].id))
		}
		for row := range r.tables.Query("SELECT message_id, d->'$.tokens' FROM (SELECT *, CAST(data AS TEXT) AS d FROM part) WHERE message_id IN (" +
			strings.Join(names, ", ") + ") AND CASE WHEN json_valid(d) THEN d->>'$.type' = '" + openCodeStep + "' END") {
			if m := messages[row.Text(0)]; m != nil {
				m.steps = append(m.steps, readOpenCodeTokens(jsonwalk.New(row.Bytes(1))))
			}
		}
		for i := range batch {
			r.add(&batch[i])
		}
	}
}

// sums notes what sessions say that they add up to. It is settled whether it is needed.
func (r *openCodeReader) sums(table string) {
	columns := []string{"tokens_input", "tokens_output"}
	if !r.tables.Has(table, columns[0]) && !r.tables.Has(table, columns[1]) { // as versions before the first with sums have it
		return
	}
	if !has(r.file, r.tables, table, append(columns, "id", "model", "time_created")...) {
		return
	}
	for _, name := range []string{"tokens_reasoning", "tokens_cache_read", "tokens_cache_write"} {
		columns = append(columns, wanted(r.file, r.tables, table, name))
	}
	at := columnOr(r.tables, table, "time_updated", "time_created")
	for row := range r.tables.Query("SELECT id, CAST(model AS BLOB), " + at + ", " + strings.Join(columns, ", ") + " FROM " + table + " WHERE tokens_input + tokens_output > 0") {
		w := jsonwalk.New(row.Bytes(1))
		model, _ := readOpenCodeModel(w, r.names)
		if model == "" && w.End() != nil { // a bare name is no JSON
			model = strings.TrimSpace(row.Text(1))
		}
		t := openCodeTokens{input: row.Count(3), output: row.Count(4), reasoning: row.Count(5), cache: row.Count(6), write: row.Count(7)}
		tokens, _ := t.tokens(true)
		if !t.sound() || model == "" || tokens.IsZero() {
			continue
		}
		id := row.Text(0)
		if r.forks[id].copied {
			continue
		}
		r.part.Entries = append(r.part.Entries, Entry{Marks: Sum | openCodeTable, Record: usage.Record{
			ID: openCodeSum + id, Model: model, Session: id, Project: r.folders[id], Time: row.When(2), Tokens: tokens}})
	}
}

// sqlText returns the text as a literal of SQL.
func sqlText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
