package source

import (
	"cmp"
	"slices"
	"time"

	"tokenflex.ing/internal/usage"
)

// settleBeside keeps one entry of every ID, and completes it with what files beside its own tell of its session: the model
// and the project. Sessions that were forked take their parent's responses along: of entries that agree in the tool's own
// name of the request, the time, the model and every counter one is kept.
func settleBeside(parts []Part) []Entry {
	sessions := make(map[string]*Part)
	for i := range parts {
		p := &parts[i]
		if p.Project == "" && len(p.Models) == 0 {
			continue
		}
		s := sessions[p.Session]
		if s == nil {
			s = new(Part)
			sessions[p.Session] = s
		}
		s.Project = max(s.Project, p.Project)
		s.Models = append(s.Models, p.Models...)
	}
	for _, s := range sessions {
		slices.SortFunc(s.Models, func(a, b ModelFrom) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Model, b.Model)) })
	}
	entries := Distinct(parts)
	for i, e := range entries {
		s := sessions[e.Session]
		if s == nil {
			s = new(Part)
		}
		e.Project = cmp.Or(e.Project, s.Project)
		entries[i] = withModel(e, s.Models)
	}
	return dropCopies(entries, func(e Entry) string { return e.Request })
}

// dropCopies keeps one of the entries that agree in a name and in everything that was counted. No name is no copy.
func dropCopies(entries []Entry, name func(Entry) string) []Entry {
	type telling struct {
		name, model string
		at          time.Time
		tokens      usage.Tokens
	}
	slices.SortFunc(entries, compareEntries)
	seen := make(map[telling]bool)
	return slices.DeleteFunc(entries, func(e Entry) bool {
		t := telling{name: name(e), model: e.Model, at: e.Time.UTC(), tokens: e.Tokens}
		known := seen[t]
		seen[t] = t.name != ""
		return known
	})
}
