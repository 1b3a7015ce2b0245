package source

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Jcode: a document for every session, and beside it a journal of what was added since it was written. The counters are
// apart; reasoning is inside the output where OpenAI answers, and taken to be elsewhere unless it is more than that, which does not inflate.
var jcode = Source{
	ID:   "jcode",
	Name: "Jcode",
	Places: []Place{{
		Env:   []Env{{Name: "JCODE_HOME"}},
		Roots: []string{"~/.jcode"},
		Files: []string{"sessions/session_*.json", "sessions/session_*.journal.jsonl"},
	}},
	Read:     readJcode,
	Settle:   settleJcode,
	Quality:  "exact",
	Revision: 2,
}

// jcodeFile is what is read of a document, or of one line of a journal.
type jcodeFile struct {
	model, project string
	provider       string
	messages       []Entry // their reasoning is as it was told
}

func readJcode(f File) Part {
	c := collect(f)
	session, journal := strings.CutSuffix(path.Base(f.Path()), ".journal.jsonl")
	session = strings.TrimSuffix(session, ".json")
	if !journal {
		w, ok := document(f)
		if !ok {
			return c.part
		}
		j := c.jcode(w)
		ended(f, w)
		c.jcodeMessages(session, j, 0)
		return c.jcodeEnd(session, j)
	}
	var w jsonwalk.Walker
	var last jcodeFile
	for line := range f.Lines() {
		w.Reset(line)
		j := c.jcode(&w)
		if w.End() != nil {
			f.Fault(Malformed)
			continue
		}
		if j.model == "" {
			j.model = last.model
		}
		if j.project == "" {
			j.project = last.project
		}
		if j.provider == "" {
			j.provider = last.provider
		}
		c.jcodeMessages(session, j, Final)
		last = j
	}
	return c.jcodeEnd(session, jcodeFile{project: last.project})
}

func (c *collector) jcode(w *jsonwalk.Walker) (j jcodeFile) {
	for key := range w.Members {
		switch string(key) {
		case "model":
			j.model = trimmed(w.Text())
		case "provider_key":
			j.provider = trimmed(w.Text())
		case "working_dir":
			j.project = string(w.Text())
		case "messages", "append_messages":
			for i := range w.Elements {
				if e, ok := c.jcodeMessage(w, i); ok && !w.Broken() {
					j.messages = append(j.messages, e)
				}
			}
		case "meta":
			meta := c.jcode(w)
			j.model, j.project, j.provider = meta.model, meta.project, meta.provider
		}
	}
	return j
}

func (c *collector) jcodeMessage(w *jsonwalk.Walker, i int) (e Entry, ok bool) {
	var n grokCounts
	for key := range w.Members {
		switch string(key) {
		case "id":
			e.ID = trimmed(w.Text())
		case "timestamp":
			e.Time = when(w)
		case "token_usage":
			counts(w, map[string]*int64{"input_tokens": &n.input, "output_tokens": &n.output, "cache_read_input_tokens": &n.read,
				"cache_creation_input_tokens": &n.write, "reasoning_output_tokens": &n.reasoning})
		}
	}
	if e.ID == "" {
		e.ID = "#" + strconv.Itoa(i)
	}
	e.Tokens = n.fourCounts.tokens()
	e.Tokens.Reasoning = n.reasoning
	return e, c.believes(append(n.all(), n.reasoning)...)
}

// reasoned puts reasoning into an output that has room for it, and beside one that has not: there it cannot be inside.
func reasoned(t usage.Tokens, reasoning int64) usage.Tokens {
	if t.Reasoning = reasoning; reasoning > t.Output {
		t.Output += reasoning
	}
	return t
}

func (c *collector) jcodeMessages(session string, j jcodeFile, marks Marks) {
	for _, e := range j.messages {
		e.ID, e.Model, e.Marks = session+":"+e.ID, j.model, marks
		if strings.HasPrefix(j.provider, "openai") {
			e.Tokens.Reasoning = min(e.Tokens.Reasoning, e.Tokens.Output)
		} else {
			e.Tokens = reasoned(e.Tokens, e.Tokens.Reasoning)
		}
		c.replace(e)
	}
}

func (c *collector) jcodeEnd(session string, j jcodeFile) Part {
	c.part.Session, c.part.Project = session, j.project
	if j.model != "" {
		c.part.Models = []ModelFrom{{Model: j.model}}
	}
	return c.end(session, j.project)
}

// settleJcode keeps what a journal says of a message rather than what the document before it did.
func settleJcode(parts []Part) []Entry {
	corrected := make(map[string]bool)
	for _, p := range parts {
		for _, e := range p.Entries {
			if e.Marks.Has(Final) {
				corrected[e.ID] = true
			}
		}
	}
	kept := slices.Clone(parts)
	for i, p := range kept {
		kept[i].Entries = slices.DeleteFunc(slices.Clone(p.Entries), func(e Entry) bool { return corrected[e.ID] && !e.Marks.Has(Final) })
	}
	return settleBeside(kept)
}
