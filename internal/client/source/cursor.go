package source

import (
	"path"
	"strings"

	"tokenflex.ing/internal/usage"
)

// Cursor counted tokens for every answer, in the database that it keeps its chats in, until the middle of 2025; later
// versions leave zeros there. The site of an account exports what it was charged for as CSV, which is exact.
var cursor = Source{
	ID:   "cursor",
	Name: "Cursor",
	Places: []Place{
		{ // further roots hold exports
			Roots: []string{"$APPCONFIG/Cursor/User", "$APPCONFIG/Cursor Nightly/User"},
			Files: []string{"globalStorage/state.vscdb", "*.csv"},
		},
		{ // where another tool that counts tokens keeps the exports that it fetched
			Roots: []string{"~/.config/tokscale/cursor-cache"},
			Files: []string{"usage*.csv"},
		},
		{Roots: []string{"~/.cursor/projects", "~/.cursor/chats"}},
	},
	Read:     readCursor,
	Settle:   settleCursor,
	Reason:   "only chat text on disk; the account's page exports usage as CSV",
	Hint:     "tokenflexing import cursor FILE.csv",
	Quality:  "coarse",
	Revision: 1,
}

// cursorExport begins the IDs of what an export tells.
const cursorExport = "csv|"

// cursorAuto is the model of answers that Cursor chose a model for without saying which.
const cursorAuto = "cursor-auto"

func readCursor(f File) Part {
	if strings.EqualFold(path.Ext(f.Path()), ".csv") {
		return readCursorExport(f)
	}
	return readCursorChats(f)
}

// settleCursor keeps one entry of every answer and of every row that exports share. On a day that an export tells of, the
// chats are left out: they are the same answers without their cached tokens.
func settleCursor(parts []Part) []Entry {
	const day = "2006-01-02"
	exported := make(map[string]bool)
	entries := Distinct(parts)
	for _, e := range entries {
		if strings.HasPrefix(e.ID, cursorExport) {
			exported[e.Time.UTC().Format(day)] = true
		}
	}
	kept := entries[:0]
	for _, e := range entries {
		if strings.HasPrefix(e.ID, cursorExport) || e.Time.IsZero() || !exported[e.Time.UTC().Format(day)] {
			kept = append(kept, e)
		}
	}
	return kept
}

// cursorTokens are the counters of an answer in a chat. The prompt has the cached tokens in it; how many is not said.
type cursorTokens struct{ input, output int64 }

func (t cursorTokens) tokens() usage.Tokens { return usage.Tokens{Input: t.input, Output: t.output} }
