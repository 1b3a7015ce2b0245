package source

import (
	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// claudeUsage is one "usage" of Claude Code, or one of its iterations. Its counters are disjoint, but for the two ways in
// which cache writes are told: as one sum and by their time to live.
type claudeUsage struct {
	kind, model, service, speed []byte
	input, read, write, output  int64
	write5m, write1h            int64
	found                       bool
}

// member takes one member of the object.
func (u *claudeUsage) member(w *jsonwalk.Walker, key []byte) {
	switch string(key) {
	case "type":
		u.kind = w.Text()
	case "model":
		u.model = w.Text()
	case "service_tier":
		u.service = w.Text()
	case "speed":
		u.speed = w.Text()
	case "input_tokens":
		u.input, u.found = w.Count(), true
	case "output_tokens":
		u.output, u.found = w.Count(), true
	case "cache_read_input_tokens":
		u.read, u.found = w.Count(), true
	case "cache_creation_input_tokens":
		u.write, u.found = w.Count(), true
	case "cache_creation":
		u.split(w)
	}
}

func (u *claudeUsage) split(w *jsonwalk.Walker) {
	u.write5m, u.write1h = 0, 0
	for key := range w.Members {
		switch string(key) {
		case "ephemeral_5m_input_tokens":
			u.write5m, u.found = w.Count(), true
		case "ephemeral_1h_input_tokens":
			u.write1h, u.found = w.Count(), true
		}
	}
}

// tokens adds what the sum of cache writes has beyond its parts to the cheaper part.
func (u claudeUsage) tokens() usage.Tokens {
	return usage.Tokens{Input: u.input, CacheRead: u.read, Output: u.output,
		CacheWrite5m: u.write5m + max(0, u.write-u.write5m-u.write1h), CacheWrite1h: u.write1h}
}

// sound reports whether every counter can be believed.
func (u claudeUsage) sound() bool {
	return max(u.input, u.read, u.write, u.write5m, u.write1h, u.output) <= MaxCount
}

func soundAll(all []claudeUsage) bool {
	for _, u := range all {
		if !u.sound() {
			return false
		}
	}
	return true
}

// entry returns e with the model, the counters and the tier of u.
func (u claudeUsage) entry(e Entry, model string) Entry {
	e.Model, e.Tokens = model, u.tokens()
	e.Tier = usage.ParseTier(string(u.service))
	if len(u.speed) > 0 {
		e.Marks |= Timed
		if string(u.speed) == string(usage.Fast) {
			e.Tier = usage.Fast
		}
	}
	return e
}
