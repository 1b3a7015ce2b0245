package source

import (
	"strconv"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// The counters of a usage of Codex. The cached ones are inside the input, the reasoning is inside the output.
const (
	codexInput = iota
	codexCached
	codexWrite
	codexOutput
	codexReasoning
	codexTotal
	codexCounters
)

// codexUsage is one usage, either of one request or the running total of a thread. With no counter at all it is as good as absent.
type codexUsage struct {
	n   [codexCounters]int64
	has [codexCounters]bool
}

func readCodexUsage(w *jsonwalk.Walker) (u codexUsage) {
	for key := range w.Members {
		i := codexCounter(key)
		if i < 0 || w.Null() {
			continue
		}
		u.n[i], u.has[i] = w.Count(), true
	}
	return u
}

func codexCounter(key []byte) int {
	switch string(key) {
	case "input_tokens", "prompt_tokens":
		return codexInput
	case "cached_input_tokens", "cache_read_input_tokens", "cached_tokens":
		return codexCached
	case "cache_write_input_tokens":
		return codexWrite
	case "output_tokens", "completion_tokens":
		return codexOutput
	case "reasoning_output_tokens":
		return codexReasoning
	case "total_tokens":
		return codexTotal
	}
	return -1
}

func (u codexUsage) present() bool { return u.has != [codexCounters]bool{} }

// sound reports whether every counter that is counted can be believed.
func (u codexUsage) sound() bool {
	for _, n := range u.n[:codexTotal] {
		if n > MaxCount {
			return false
		}
	}
	return true
}

// over returns u with what it does not say taken from base.
func (u codexUsage) over(base codexUsage) codexUsage {
	for i := range u.n {
		if !u.has[i] {
			u.n[i], u.has[i] = base.n[i], base.has[i]
		}
	}
	return u
}

// since returns how much u is beyond base, counter by counter.
func (u codexUsage) since(base codexUsage) codexUsage {
	for i := range u.n {
		u.n[i] = max(0, u.n[i]-base.n[i])
	}
	return u
}

func (u codexUsage) tokens() usage.Tokens {
	cached := min(u.n[codexCached], u.n[codexInput])
	write := min(u.n[codexWrite], u.n[codexInput]-cached)
	return usage.Tokens{Input: u.n[codexInput] - cached - write, CacheRead: cached, CacheWrite5m: write,
		Output: u.n[codexOutput], Reasoning: min(u.n[codexReasoning], u.n[codexOutput])}
}

// appendTo appends u in a form that is the same for the same counters.
func (u codexUsage) appendTo(b []byte) []byte {
	if !u.present() {
		return append(b, '-')
	}
	for i, n := range u.n {
		if i > 0 {
			b = append(b, ',')
		}
		if u.has[i] {
			b = strconv.AppendInt(b, n, 10)
		}
	}
	return b
}
