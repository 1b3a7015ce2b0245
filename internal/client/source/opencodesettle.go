package source

import (
	"cmp"
	"slices"

	"tokenflex.ing/internal/usage"
)

// settleOpenCode keeps one entry of every message. A row is better than the document that it was migrated from. A fork
// copies all messages of a session under new names, with their times and counters: of messages that are equal in all of
// these, those of one session are kept, which had them first.
func settleOpenCode(parts []Part) []Entry {
	n := 0
	for _, p := range parts {
		n += len(p.Entries)
	}
	best := make(map[string]int, n) // place in kept, by ID
	kept := make([]Entry, 0, n)
	for _, p := range parts {
		for _, e := range p.Entries {
			if i, ok := best[e.ID]; ok {
				kept[i] = betterOpenCode(kept[i], e)
				continue
			}
			best[e.ID] = len(kept)
			kept = append(kept, e)
		}
	}
	return dropOpenCodeCopies(dropOpenCodeSums(kept))
}

// dropOpenCodeSums drops the sums of sessions that have messages.
func dropOpenCodeSums(entries []Entry) []Entry {
	if !slices.ContainsFunc(entries, func(e Entry) bool { return e.Marks.Has(Sum) }) {
		return entries
	}
	told := make(map[string]bool)
	for _, e := range entries {
		told[e.Session] = told[e.Session] || !e.Marks.Has(Sum)
	}
	return slices.DeleteFunc(entries, func(e Entry) bool { return e.Marks.Has(Sum) && told[e.Session] })
}

// openCodeCopy is what a fork leaves as it was of a message.
type openCodeCopy struct {
	print, model string
	tokens       usage.Tokens
}

// dropOpenCodeCopies keeps of messages that are equal in all that a fork copies those of one session.
func dropOpenCodeCopies(entries []Entry) []Entry {
	first := make(map[openCodeCopy]int, len(entries))
	copies := make(map[int][]Entry) // of all that are equal, by the place of the first
	for i, e := range entries {
		if e.Request == "" {
			continue
		}
		c := openCodeCopy{e.Request, e.Model, e.Tokens}
		c.tokens.Output = 0 // of which the print tells what was recorded
		at, ok := first[c]
		switch {
		case !ok:
			first[c] = i
		case copies[at] == nil:
			copies[at] = []Entry{entries[at], e}
		default:
			copies[at] = append(copies[at], e)
		}
	}
	if len(copies) == 0 {
		return entries
	}
	dropped := make(map[string]bool)
	for _, same := range copies {
		for _, e := range same {
			dropped[e.ID] = true
		}
		for _, e := range originals(same) {
			delete(dropped, e.ID)
		}
	}
	return slices.DeleteFunc(entries, func(e Entry) bool { return dropped[e.ID] })
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
