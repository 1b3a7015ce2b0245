package source

import (
	"strconv"
	"strings"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// CodeBuddy: JSON lines for every session. A message and the calls of tools in it repeat the usage of one answer. The input
// has the cached tokens inside, unless what the cache missed is told; the output has the thinking inside.
var codeBuddy = Source{
	ID:       "codebuddy",
	Name:     "CodeBuddy",
	Places:   []Place{{Roots: []string{"~/.codebuddy"}, Files: []string{"projects/*/*.jsonl"}}},
	Read:     readCodeBuddy,
	Settle:   settleBeside,
	Quality:  "exact",
	Revision: 1,
}

// buddyCounts are the counters under the many names they have.
type buddyCounts struct {
	fourCounts
	missed, thinking int64
	told             bool // what the cache missed
}

func (n buddyCounts) tokens() usage.Tokens {
	t := n.inside()
	if n.told {
		n.input = n.missed
		t = n.fourCounts.tokens()
	}
	t.Reasoning = min(n.thinking, t.Output)
	return t
}

// buddyLine is one line of a session.
type buddyLine struct {
	id, message, trace string
	model, requested   string
	kind, role         string
	provider, raw, own buddyCounts // in the order in which they are believed
}

func readCodeBuddy(f File) Part {
	c := collect(f)
	names := make(words)
	answers := make(map[string]string) // of lines that tell their answer's name, by their own
	var w jsonwalk.Walker
	i := -1
	for line := range f.Lines() {
		i++
		w.Reset(line)
		l, e := readBuddyLine(&w, names)
		if w.End() != nil {
			f.Fault(Malformed)
			continue
		}
		if l.kind != "message" && l.kind != "function_call" || l.role != "" && l.role != "assistant" {
			continue
		}
		if l.message == "" {
			l.message = answers[l.id]
		} else if l.id != "" {
			answers[l.id] = l.message
		}
		n := l.provider
		if n.tokens().IsZero() {
			n = l.raw
		}
		if n.tokens().IsZero() {
			n = l.own
		}
		if e.Session == "" {
			e.Session = stem(f.Path())
		}
		e.ID, e.Tokens = e.Session+":"+l.name(i), n.tokens()
		e.Model = strings.TrimSpace(names.of([]byte(l.model)))
		if e.Model == "" {
			e.Model = strings.TrimSpace(l.requested)
		}
		if c.believes(append(n.all(), n.missed, n.thinking)...) && c.named(e.Model, e.Tokens) {
			c.add(e)
		}
	}
	return c.end("", "")
}

// name tells the answer of the i-th line from the others of its session.
func (l buddyLine) name(i int) string {
	for _, name := range []string{l.message, l.trace, l.id} {
		if name != "" {
			return name
		}
	}
	return "#" + strconv.Itoa(i)
}

func readBuddyLine(w *jsonwalk.Walker, names words) (l buddyLine, e Entry) {
	for key := range w.Members {
		switch string(key) {
		case "id":
			l.id = trimmed(w.Text())
		case "timestamp":
			e.Time = when(w)
		case "type":
			l.kind = string(w.Text())
		case "role":
			l.role = string(w.Text())
		case "sessionId":
			e.Session = names.of(w.Text())
		case "cwd":
			e.Project = names.of(w.Text())
		case "providerData":
			l.data(w)
		case "message":
			for key := range w.Members {
				switch string(key) {
				case "model":
					if model := trimmed(w.Text()); l.model == "" {
						l.model = model
					}
				case "usage":
					l.own = readBuddyCounts(w)
				}
			}
		}
	}
	return l, e
}

func (l *buddyLine) data(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "model":
			if model := trimmed(w.Text()); model != "" {
				l.model = model
			}
		case "requestModelId":
			l.requested = trimmed(w.Text())
		case "messageId":
			l.message = trimmed(w.Text())
		case "traceId":
			l.trace = trimmed(w.Text())
		case "usage":
			l.provider = readBuddyCounts(w)
		case "rawUsage":
			l.raw = readBuddyCounts(w)
		}
	}
}

func readBuddyCounts(w *jsonwalk.Walker) (n buddyCounts) {
	wanted := map[string]*int64{
		"input_tokens": &n.input, "inputTokens": &n.input, "prompt_tokens": &n.input,
		"output_tokens": &n.output, "outputTokens": &n.output, "completion_tokens": &n.output,
		"cache_read_input_tokens": &n.read, "cacheTokens": &n.read, "prompt_cache_hit_tokens": &n.read,
		"cache_creation_input_tokens": &n.write, "cachedWriteTokens": &n.write,
		"cacheMissTokens": &n.missed, "completion_thinking_tokens": &n.thinking,
	}
	for key := range w.Members {
		switch string(key) {
		case "prompt_tokens_details", "completion_tokens_details":
			counts(w, map[string]*int64{"cached_tokens": &n.read, "reasoning_tokens": &n.thinking})
		default:
			n.told = n.told || string(key) == "cacheMissTokens" && !w.Null()
			count(w, key, wanted)
		}
	}
	return n
}
