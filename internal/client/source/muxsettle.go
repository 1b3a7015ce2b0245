package source

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/usage"
)

// muxWorkspace is all that is told of one workspace.
type muxWorkspace struct {
	name      string
	chat      []Entry // of its own
	beside    []Entry // of its subagents
	sums      []Entry
	subagents []string // that are inside the sums
	cut       bool     // the chat once held more
}

// settleMux takes the chats, which know the days, and of a workspace without one or with one that was cut the sums, if they are
// more. What a fork copied is counted once.
func settleMux(parts []Part) []Entry {
	spaces := muxWorkspaces(parts)
	inside := make(map[string]bool) // workspaces that are inside the sums that are taken
	for _, s := range spaces {
		if s.takesSums() {
			for _, name := range s.subagents {
				inside[name] = name != s.name
			}
		}
	}
	var kept []Entry
	for _, s := range spaces {
		switch {
		case inside[s.name]:
		case s.takesSums():
			kept = append(kept, s.sums...)
		default:
			kept = append(append(kept, s.chat...), s.beside...)
		}
	}
	return muxOriginals(Distinct([]Part{{Entries: kept}}))
}

// muxWorkspaces sorts the parts by workspace.
func muxWorkspaces(parts []Part) []*muxWorkspace {
	known := make(map[string]*muxWorkspace)
	for _, p := range parts {
		s := known[p.Session]
		if s == nil {
			s = &muxWorkspace{name: p.Session}
			known[p.Session] = s
		}
		s.cut = s.cut || p.Cut
		s.subagents = append(s.subagents, p.Parents...)
		for _, e := range p.Entries {
			switch {
			case e.Marks.Has(Sum):
				s.sums = replaceSum(s.sums, e)
			case e.Marks.Has(Side):
				s.beside = append(s.beside, e)
			default:
				s.chat = append(s.chat, e)
			}
		}
	}
	spaces := make([]*muxWorkspace, 0, len(known))
	for _, s := range known {
		spaces = append(spaces, s)
	}
	return spaces
}

func (s *muxWorkspace) takesSums() bool {
	if len(s.chat) > 0 && !s.cut {
		return false
	}
	return totalOf(s.sums) > totalOf(s.chat)+totalOf(s.beside)
}

func totalOf(entries []Entry) int64 {
	var t usage.Tokens
	for _, e := range entries {
		t = t.Add(e.Tokens)
	}
	return t.Total()
}

// muxOriginals keeps of every message that lies in several workspaces with the same time and counters the first.
func muxOriginals(entries []Entry) []Entry {
	type told struct {
		id, model string
		at        time.Time
		tokens    usage.Tokens
	}
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) })
	seen := make(map[told]bool)
	return slices.DeleteFunc(entries, func(e Entry) bool {
		if e.Time.IsZero() || e.Marks.Has(Sum) {
			return false
		}
		t := told{strings.TrimPrefix(e.ID, e.Session+":"), e.Model, e.Time, e.Tokens}
		copied := seen[t]
		seen[t] = true
		return copied
	})
}
