package source

import (
	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// fourCounts are the counters that most tools write, with cache writes without a time to live.
type fourCounts struct{ input, output, read, write int64 }

// inside returns the kinds of token that the counters of a tool are which counts the cached ones inside the input.
func (n fourCounts) inside() usage.Tokens {
	t := apart(n.input, n.read, n.write)
	t.Output = n.output
	return t
}

// tokens returns the kinds of token that the counters of a tool are which counts each apart.
func (n fourCounts) tokens() usage.Tokens {
	return usage.Tokens{Input: n.input, CacheRead: n.read, CacheWrite5m: n.write, Output: n.output}
}

func (n fourCounts) all() []int64 { return []int64{n.input, n.output, n.read, n.write} }

// readSnakeCounts takes counters under the names that Anthropic's API gives them.
func readSnakeCounts(w *jsonwalk.Walker) (n fourCounts) {
	counts(w, map[string]*int64{"input_tokens": &n.input, "output_tokens": &n.output,
		"cache_read_input_tokens": &n.read, "cache_creation_input_tokens": &n.write})
	return n
}
