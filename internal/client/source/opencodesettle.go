package source

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// settleOpenCode keeps one entry of every message. A row is better than the document that it was migrated from. A fork
// copies all messages of a session under new names, with their times and counters: of messages that are equal in all of
// these, those of one session are kept, which had them first.
func settleOpenCode(parts []Part) []Entry {
	best := make(map[string]Entry)
	told := make(map[string]bool) // sessions that have messages
	for _, p := range parts {
		for _, e := range p.Entries {
			if known, ok := best[e.ID]; ok {
				e = betterOpenCode(known, e)
			}
			best[e.ID] = e
			told[e.Session] = told[e.Session] || !e.Marks.Has(Sum)
		}
	}
	kept := make([]Entry, 0, len(best))
	prints := make(map[string][]Entry)
	for _, e := range best {
		switch {
		case e.Marks.Has(Sum) && told[e.Session]:
		case e.Request == "":
			kept = append(kept, e)
		default:
			print := openCodePrint(e)
			prints[print] = append(prints[print], e)
		}
	}
	for _, same := range prints {
		kept = append(kept, originals(same)...)
	}
	return kept
}

// betterOpenCode returns the better of two tellings of one message: the one of a row, of the newer kind of rows.
func betterOpenCode(a, b Entry) Entry {
	const ranks = openCodeTable | Final
	switch rank := cmp.Compare(a.Marks&ranks, b.Marks&ranks); {
	case rank > 0:
		return a
	case rank < 0:
		return b
	}
	return merge(a, b)
}

func openCodePrint(e Entry) string {
	var b strings.Builder
	b.WriteString(e.Request)
	b.WriteByte('|')
	b.WriteString(e.Model)
	t := e.Tokens
	for _, n := range [...]int64{t.Input, t.CacheRead, t.CacheWrite5m, t.Output, t.Reasoning} {
		b.WriteByte('|')
		b.Write(strconv.AppendInt(nil, n, 36))
	}
	return b.String()
}

// originals returns the equal messages of one session. Names of messages grow with the time at which they were made.
func originals(same []Entry) []Entry {
	slices.SortFunc(same, func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) })
	sessions := make(map[string][]Entry)
	for _, e := range same {
		sessions[e.Session] = append(sessions[e.Session], e)
	}
	first := same[0].Session
	for _, e := range same {
		if len(sessions[e.Session]) > len(sessions[first]) {
			first = e.Session
		}
	}
	return sessions[first]
}
