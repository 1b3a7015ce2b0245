package source

import (
	"path"
	"strings"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Open Code Review, as it has written since 2026: JSON lines for every review, with a line for every answer and the folder in
// the first one. A review that goes on from another one repeats no answers. Whether the prompt has the cached tokens
// inside is the provider's affair: Anthropic's has not.
var openCodeReview = Source{
	ID:   "opencodereview",
	Name: "Open Code Review",
	Places: []Place{{
		Roots: []string{"~/.opencodereview"},
		Files: []string{"sessions/**/*.jsonl"},
	}},
	Read:     readOpenCodeReview,
	Quality:  "exact",
	Revision: 1,
}

// reviewLine is one line of a review.
type reviewLine struct {
	kind, cwd                   string
	prompt, read, write, output int64
	Entry
}

func readOpenCodeReview(f File) Part {
	c := collect(f)
	session, cwd, model := strings.TrimSuffix(path.Base(f.Path()), ".jsonl"), "", ""
	w := jsonwalk.New(nil)
	for line := range f.Lines() {
		w.Reset(line)
		l := readReviewLine(w)
		switch {
		case w.End() != nil:
			f.Fault(Malformed)
		case l.kind == "session_start":
			cwd, model = l.cwd, l.Model
		case l.kind == "llm_response" && c.believes(l.prompt, l.read, l.write, l.output):
			if l.Model == "" {
				l.Model = model
			}
			l.Tokens = l.tokens()
			if l.ID == "" {
				l.ID = ledgerID(session, l.Record, len(c.part.Entries))
			}
			if c.named(l.Model, l.Tokens) {
				c.add(l.Entry)
			}
		}
	}
	return c.end(session, cwd)
}

func readReviewLine(w *jsonwalk.Walker) (l reviewLine) {
	for key := range w.Members {
		switch string(key) {
		case "type":
			l.kind = string(w.Text())
		case "uuid":
			l.ID = string(w.Text())
		case "cwd":
			l.cwd = string(w.Text())
		case "model":
			l.Model = trimmed(w.Text())
		case "timestamp":
			l.Time = when(w)
		case "usage":
			l.usage(w)
		}
	}
	return l
}

func (l *reviewLine) usage(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "prompt_tokens":
			l.prompt = w.Count()
		case "cache_read_tokens":
			l.read = w.Count()
		case "cache_write_tokens":
			l.write = w.Count()
		case "completion_tokens":
			l.output = w.Count()
		}
	}
}

// tokens takes the cached tokens out of the prompt where they can be inside.
func (l *reviewLine) tokens() usage.Tokens {
	t := usage.Tokens{Input: l.prompt, CacheRead: l.read, CacheWrite5m: l.write}
	if l.read+l.write <= l.prompt && !strings.Contains(strings.ToLower(l.Model), "claude") {
		t = apart(l.prompt, l.read, l.write)
	}
	t.Output = l.output
	return t
}
