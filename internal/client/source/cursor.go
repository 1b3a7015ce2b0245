package source

import (
	"path"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/usage"
)

// Cursor counted tokens for every answer, in the database that it keeps its chats in, until the middle of 2025; later
// versions leave zeros there. The site of an account exports what it was charged for as CSV, which is exact, and shows the
// same events as JSON. Of a folder that holds exports, files of other tables are left alone.
var cursor = Source{
	ID:   "cursor",
	Name: "Cursor",
	Places: []Place{
		{ // further roots hold exports
			Roots: []string{"$APPCONFIG/Cursor/User", "$APPCONFIG/Cursor Nightly/User"},
			Files: []string{"globalStorage/state.vscdb", "*.csv", "usage*.json"},
		},
		{ // where another tool that counts tokens keeps the exports that it fetched
			Roots: []string{"~/.config/tokscale/cursor-cache"},
			Files: []string{"usage*.csv", "usage*.json"},
		},
		{Roots: []string{"~/.cursor/projects", "~/.cursor/chats"}},
	},
	Read:     readCursor,
	Settle:   settleCursor,
	Reason:   "only chat text on disk; the account's page exports usage as CSV",
	Hint:     "tokenflexing import cursor FILE.csv",
	Quality:  "coarse",
	Revision: 1,
	Server:   Server{Volume: "middle", Hue: 6},
}

// cursorExport begins the IDs of what an export tells.
const cursorExport = "csv|"

// cursorAuto is the model of answers that Cursor chose a model for without saying which.
const cursorAuto = "cursor-auto"

func readCursor(f File) Part {
	switch strings.ToLower(path.Ext(f.Path())) {
	case ".csv":
		return readCursorExport(f)
	case ".json":
		return readCursorEvents(f)
	}
	return readCursorChats(f)
}

// Marks of what an export tells.
const (
	cursorEvent = Main // as JSON, which is to be preferred to the same account's CSV
	cursorDay   = Side // with a day alone
)

// settleCursor keeps one entry of every answer and of every row that exports share. On a day that an export tells of, the
// chats are left out: they are the same answers without their cached tokens.
func settleCursor(parts []Part) []Entry {
	exported := make(map[string]bool)
	entries := dropUndatedRows(Distinct(preferCursorEvents(parts)))
	for _, e := range entries {
		if strings.HasPrefix(e.ID, cursorExport) {
			exported[dayOf(e)] = true
		}
	}
	return slices.DeleteFunc(entries, func(e Entry) bool {
		return !strings.HasPrefix(e.ID, cursorExport) && !e.Time.IsZero() && exported[dayOf(e)]
	})
}

// dayOf returns the day of an entry in UTC.
func dayOf(e Entry) string { return e.Time.UTC().Format(time.DateOnly) }

// preferCursorEvents returns the parts without the rows of days that the events of the same account tell of too.
func preferCursorEvents(parts []Part) []Part {
	type day struct{ account, day string }
	told := make(map[day]bool)
	for _, p := range parts {
		for _, e := range p.Entries {
			if e.Marks.Has(cursorEvent) {
				told[day{p.Session, dayOf(e)}] = true
			}
		}
	}
	if len(told) == 0 {
		return parts
	}
	parts = slices.Clone(parts)
	for i, p := range parts {
		parts[i].Entries = slices.DeleteFunc(slices.Clone(p.Entries), func(e Entry) bool {
			return strings.HasPrefix(e.ID, cursorExport) && !e.Marks.Has(cursorEvent) && told[day{p.Session, dayOf(e)}]
		})
	}
	return parts
}

// dropUndatedRows drops as many rows of an old export, which has days for times, as rows of a new one say the same of the day.
func dropUndatedRows(entries []Entry) []Entry {
	type row struct {
		day, model string
		tokens     usage.Tokens
	}
	timed := make(map[row]int)
	for _, e := range entries {
		if strings.HasPrefix(e.ID, cursorExport) && !e.Marks.Has(cursorDay) {
			timed[row{dayOf(e), e.Model, e.Tokens}]++
		}
	}
	return slices.DeleteFunc(entries, func(e Entry) bool {
		r := row{dayOf(e), e.Model, e.Tokens}
		if !e.Marks.Has(cursorDay) || timed[r] == 0 {
			return false
		}
		timed[r]--
		return true
	})
}

// cursorTokens are the counters of an answer in a chat. The prompt has the cached tokens in it; how many is not said.
type cursorTokens struct{ input, output int64 }

func (t cursorTokens) tokens() usage.Tokens { return usage.Tokens{Input: t.input, Output: t.output} }
