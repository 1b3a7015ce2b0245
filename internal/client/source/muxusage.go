package source

import (
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// muxCounts are the counters of one call: the input has both kinds of cached tokens inside, the output has the reasoning.
type muxCounts struct{ input, read, write, output, reasoning int64 }

func (n *muxCounts) usage(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "inputTokens":
			n.input = w.Count()
		case "outputTokens":
			n.output = w.Count()
		case "cachedInputTokens":
			n.read = max(n.read, w.Count())
		case "reasoningTokens":
			n.reasoning = max(n.reasoning, w.Count())
		case "inputTokenDetails":
			n.details(w)
		case "outputTokenDetails":
			n.details(w)
		}
	}
}

// details reads what later versions of the library behind it say instead.
func (n *muxCounts) details(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "cacheReadTokens":
			n.read = max(n.read, w.Count())
		case "cacheWriteTokens":
			n.write = max(n.write, w.Count())
		case "reasoningTokens":
			n.reasoning = max(n.reasoning, w.Count())
		}
	}
}

func (n *muxCounts) provider(w *jsonwalk.Walker) {
	for range w.Members {
		for key := range w.Members {
			switch string(key) {
			case "cacheCreationInputTokens":
				n.write = max(n.write, w.Count())
			case "reasoningTokens":
				n.reasoning = max(n.reasoning, w.Count())
			}
		}
	}
}

// tokens takes the cached tokens out of the input, where until version 0.13 Anthropic's were not inside.
func (n muxCounts) tokens(model string) usage.Tokens {
	t := apart(n.input, n.read, n.write)
	if n.read+n.write > n.input && strings.HasPrefix(model, "anthropic:") {
		t = usage.Tokens{Input: n.input, CacheRead: n.read, CacheWrite5m: n.write}
	}
	t.Output, t.Reasoning = n.output, min(n.reasoning, n.output)
	return t
}

// sums reads the sums of a workspace, one of every model, whose five kinds are disjoint. They are of the time of the last call.
func (r *muxReader) sums(f File) {
	w, ok := document(f)
	if !ok {
		return
	}
	var last time.Time
	for key := range w.Members {
		switch string(key) {
		case "byModel":
			for model := range w.Members {
				r.sum(w, trimmed(model))
			}
		case "lastRequest":
			for key := range w.Members {
				if string(key) == "timestamp" {
					last = when(w)
				}
			}
		case "rolledUpFrom":
			for child := range w.Members {
				r.parents = append(r.parents, string(child))
			}
		}
	}
	ended(f, w)
	for i := range r.to.part.Entries {
		r.to.part.Entries[i].Time = last
	}
}

func (r *muxReader) sum(w *jsonwalk.Walker, model string) {
	var n muxCounts
	for kind := range w.Members {
		var count int64
		for key := range w.Members {
			if string(key) == "tokens" {
				count = w.Count()
			}
		}
		switch string(kind) {
		case "input":
			n.input = count
		case "cached":
			n.read = count
		case "cacheCreate":
			n.write = count
		case "output":
			n.output = count
		case "reasoning":
			n.reasoning = count
		}
	}
	if w.Broken() || !r.to.believes(n.input, n.read, n.write, n.output, n.reasoning) {
		return
	}
	e := Entry{Record: usage.Record{ID: r.workspace + ":sum:" + model, Session: r.workspace, Model: unrouted(model, ":"), Tokens: usage.Tokens{
		Input: n.input, CacheRead: n.read, CacheWrite5m: n.write, Output: n.output + n.reasoning, Reasoning: n.reasoning}}, Marks: Sum}
	if r.to.named(e.Model, e.Tokens) {
		r.to.replace(e)
	}
}
