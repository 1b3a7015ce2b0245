package source

import "tokenflex.ing/internal/usage"

// settleGrown keeps one entry of every session that a tool keeps one growing sum of: the latest telling, for it holds all
// before it. A session that went on from another with its sum counts for what it added.
func settleGrown(parts []Part) []Entry {
	latest := make(map[string]Entry) // by ID
	parents := make(map[string]string)
	for _, p := range parts {
		for _, e := range p.Entries {
			known, ok := latest[e.ID]
			if ok && !later(e, known) {
				continue
			}
			latest[e.ID] = e
			delete(parents, e.ID)
			if len(p.Parents) > 0 {
				parents[e.ID] = p.Parents[0]
			}
		}
	}
	kept := make([]Entry, 0, len(latest))
	for id, e := range latest {
		if from, ok := latest[parents[id]]; ok && parents[id] != id && holds(e.Tokens, from.Tokens) {
			e.Tokens = less(e.Tokens, from.Tokens)
		}
		if !e.Tokens.IsZero() {
			kept = append(kept, e)
		}
	}
	return kept
}

// holds reports whether no counter of sum is smaller than that of part.
func holds(sum, part usage.Tokens) bool {
	return sum.Input >= part.Input && sum.CacheRead >= part.CacheRead && sum.CacheWrite5m >= part.CacheWrite5m &&
		sum.CacheWrite1h >= part.CacheWrite1h && sum.Output >= part.Output
}

// less returns what sum has beyond part, which it holds.
func less(sum, part usage.Tokens) usage.Tokens {
	return usage.Tokens{
		Input: sum.Input - part.Input, CacheRead: sum.CacheRead - part.CacheRead,
		CacheWrite5m: sum.CacheWrite5m - part.CacheWrite5m, CacheWrite1h: sum.CacheWrite1h - part.CacheWrite1h,
		Output: sum.Output - part.Output, Reasoning: max(0, sum.Reasoning-part.Reasoning),
	}
}
