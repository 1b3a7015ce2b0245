package source

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"tokenflex.ing/internal/client/jsonwalk"
)

// openCodeFork is how a session of the second kind began: with copies of another one's rows, in their places, up to that of
// a message. Only rows that were done are copied, and those that the fork adds come after all copies.
type openCodeFork struct {
	from   string
	last   int64 // the last place whose row is a copy
	copied bool  // rows of it were dropped as copies
}

// openCodePlace is the place of a row in its session.
type openCodePlace struct {
	session string
	place   int64
}

// findForks notes the sessions that began as copies.
func (r *openCodeReader) findForks(table string) {
	if !r.tables.Has(table, "fork_session_id") && !r.tables.Has(table, "fork_boundary") && table != openCodeSecond {
		return // of the first kind, or of versions that named both kinds alike
	}
	if !has(r.file, r.tables, table, "id", "fork_session_id", "fork_boundary") || !r.tables.Has("session_message", "seq") {
		return
	}
	type boundary struct {
		message string
		before  bool // the message itself is not copied
	}
	boundaries := make(map[string]boundary)
	for row := range r.tables.Query("SELECT id, fork_session_id, fork_boundary FROM " + table + " WHERE fork_session_id IS NOT NULL AND fork_boundary IS NOT NULL") {
		message, before := readOpenCodeBoundary(row.Bytes(2))
		boundaries[row.Text(0)] = boundary{message, before}
		r.forks[row.Text(0)] = openCodeFork{from: row.Text(1), last: -1}
	}
	places := make(map[string]int64)
	for batch := range slices.Chunk(slices.Sorted(maps.Keys(boundaries)), openCodeBatch) {
		var names []string
		for _, session := range batch {
			names = append(names, sqlText(boundaries[session].message))
		}
		for row := range r.tables.Query("SELECT id, seq FROM session_message WHERE id IN (" + strings.Join(names, ", ") + ")") {
			places[row.Text(0)] = row.Count(1)
		}
	}
	for session, b := range boundaries {
		fork := r.forks[session]
		place, ok := places[b.message]
		if !ok {
			var err error
			if place, err = strconv.ParseInt(b.message, 10, 64); err != nil {
				place = math.MaxInt64 // its message is gone, and the places that both have tell
			}
		}
		if fork.last = place; b.before {
			fork.last--
		}
		r.forks[session] = fork
	}
}

// readOpenCodeBoundary reads {"type":"before","messageID":…}, or a bare name.
func readOpenCodeBoundary(text []byte) (message string, before bool) {
	w := jsonwalk.New(text)
	if w.Kind() != jsonwalk.Object {
		return trimmed(text), false
	}
	for key := range w.Members {
		switch string(key) {
		case "type":
			before = string(w.Text()) == "before"
		case "messageID":
			message = string(w.Text())
		}
	}
	return message, before
}

// place notes where the last entry stands, if there are forks at all.
func (r *openCodeReader) place(m *openCodeMessage, place int64) {
	if len(r.forks) > 0 {
		r.places = append(r.places, openCodePlace{m.session, place})
	}
}

// dropForked drops the rows that a fork copied from a session that is there to tell them.
func (r *openCodeReader) dropForked() {
	if len(r.forks) == 0 {
		return
	}
	there := make(map[openCodePlace]bool)
	for _, at := range r.places {
		there[at] = true
	}
	kept := r.part.Entries[:0]
	for i, e := range r.part.Entries {
		at := r.places[i]
		fork, forked := r.forks[at.session]
		if !forked || at.place > fork.last || !there[openCodePlace{fork.from, at.place}] {
			kept = append(kept, e)
			continue
		}
		fork.copied = true
		r.forks[at.session] = fork
		r.part.Repeats++
	}
	r.part.Entries = kept
}
