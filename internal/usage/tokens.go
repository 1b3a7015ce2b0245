package usage

import "math"

// Tokens counts disjoint kinds of token, so that adding the fields never counts one twice.
// All counts are non-negative.
type Tokens struct {
	Input        int64 // prompt tokens at the full input price: nothing cached is in here
	CacheRead    int64
	CacheWrite5m int64 // also cache writes whose time to live the tool does not record
	CacheWrite1h int64
	Output       int64 // includes Reasoning
	Reasoning    int64 // already inside Output; never added to a total
}

// Total is the one total of every view, export, card, page and API:
// input + cache read + cache write 5m + cache write 1h + output.
func (t Tokens) Total() int64 {
	return addSat(addSat(addSat(t.Input, t.CacheRead), addSat(t.CacheWrite5m, t.CacheWrite1h)), t.Output)
}

// Prompt is what the model was given to read, cached or not; price bands depend on it.
func (t Tokens) Prompt() int64 {
	return addSat(addSat(t.Input, t.CacheRead), addSat(t.CacheWrite5m, t.CacheWrite1h))
}

// CacheWrite is both kinds of cache write together.
func (t Tokens) CacheWrite() int64 { return addSat(t.CacheWrite5m, t.CacheWrite1h) }

// Add returns the sum of t and u, kind by kind; a kind that would overflow stays at the largest int64.
func (t Tokens) Add(u Tokens) Tokens {
	return Tokens{
		Input:        addSat(t.Input, u.Input),
		CacheRead:    addSat(t.CacheRead, u.CacheRead),
		CacheWrite5m: addSat(t.CacheWrite5m, u.CacheWrite5m),
		CacheWrite1h: addSat(t.CacheWrite1h, u.CacheWrite1h),
		Output:       addSat(t.Output, u.Output),
		Reasoning:    addSat(t.Reasoning, u.Reasoning),
	}
}

// IsZero reports whether no kind of token was counted.
func (t Tokens) IsZero() bool { return t == Tokens{} }

// Clean returns t with negative counts set to zero and Reasoning cut to Output, as every source must emit it.
func (t Tokens) Clean() Tokens {
	for _, n := range []*int64{&t.Input, &t.CacheRead, &t.CacheWrite5m, &t.CacheWrite1h, &t.Output, &t.Reasoning} {
		*n = max(0, *n)
	}
	t.Reasoning = min(t.Reasoning, t.Output)
	return t
}

func addSat(a, b int64) int64 {
	if a > 0 && b > math.MaxInt64-a {
		return math.MaxInt64
	}
	return a + b
}
