package source

import (
	"path"
	"strings"
	"time"

	"tokenflex.ing/internal/usage"
)

// Zerostack, as versions 1.0 to 1.7 write it: one document for every session with sums of all its requests. Cached tokens are
// inside the input, except of Anthropic's own interface. Only runs without a terminal tell them apart.
var zerostack = Source{
	ID:   "zerostack",
	Name: "Zerostack",
	Places: []Place{{
		Env:   []Env{{Name: "ZS_DATA_DIR"}},
		Roots: []string{"$XDG_DATA_HOME/zerostack", "~/Library/Application Support/zerostack", "$APPDATA/zerostack"},
		Files: []string{"sessions/*.json"},
	}},
	Read:     readZerostack,
	Settle:   settleGrown,
	Joins:    ByID | BySession,
	Quality:  "coarse",
	Revision: 1,
}

func readZerostack(f File) Part {
	var id, model, provider, cwd string
	var at time.Time
	var input, read, write, output int64
	w, ok := document(f)
	if !ok {
		return Part{}
	}
	for key := range w.Members {
		switch string(key) {
		case "id":
			id = trimmed(w.Text())
		case "model":
			model = trimmed(w.Text())
		case "provider":
			provider = trimmed(w.Text())
		case "working_dir":
			cwd = string(w.Text())
		case "updated_at":
			at = when(w)
		case "total_input_tokens":
			input = w.Count()
		case "total_cached_input_tokens":
			read = w.Count()
		case "total_cache_creation_input_tokens":
			write = w.Count()
		case "total_output_tokens":
			output = w.Count()
		}
	}
	if w.End() != nil {
		f.Fault(Malformed)
		return Part{}
	}
	c := collect(f)
	if !c.believes(input, read, write, output) {
		return c.part
	}
	if id == "" {
		id = strings.TrimSuffix(path.Base(f.Path()), ".json")
	}
	tokens := apart(input, read, write)
	if strings.EqualFold(provider, "anthropic") {
		tokens = usage.Tokens{Input: input, CacheRead: read, CacheWrite5m: write}
	}
	tokens.Output = output
	if c.named(model, tokens) {
		c.add(Entry{Record: usage.Record{ID: id, Session: id, Project: cwd, Model: model, Time: at, Tokens: tokens}, Marks: Sum})
	}
	return c.end(id, cwd)
}
