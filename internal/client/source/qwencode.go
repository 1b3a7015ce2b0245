package source

import (
	"strconv"
	"strings"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Qwen Code: JSON lines for every chat, in which the lines of the assistant carry the counters; before that, Gemini CLI's
// documents. The prompt's counter has the cached tokens inside. Thoughts are beside the candidates' tokens where a model of
// Google's API answered, and inside them elsewhere; the total tells which.
var qwenCode = Source{
	ID:   "qwen-code",
	Name: "Qwen Code",
	Places: []Place{{
		Env:   []Env{{Name: "QWEN_RUNTIME_DIR"}, {Name: "QWEN_HOME"}, {Name: "QWEN_DATA_DIR"}},
		Roots: []string{"~/.qwen"},
		Files: []string{"projects/*/chats/*.jsonl", "projects/*/chats/*.json", "tmp/*/chats/session-*.json"},
	}},
	Read:     readQwenCode,
	Resume:   resumeQwenCode,
	Settle:   settleQwenCode,
	Own:      true,
	Quality:  "exact",
	Revision: 1,
}

// qwenLine is one line of a chat.
type qwenLine struct {
	kind, uuid, session, cwd, model []byte
	n                               qwenCounts
}

type qwenCounts struct{ prompt, candidates, thoughts, cached, total int64 }

func readQwenCode(f File) Part {
	if strings.HasPrefix(f.Path(), "tmp/") {
		return readGeminiCLI(f)
	}
	return qwenLines(collect(f), 0)
}

func resumeQwenCode(f File, p Part) (Part, bool) { return goOn(f, p, qwenLines) }

func qwenLines(c *collector, place int) Part {
	f, names := c.file, make(words)
	var w jsonwalk.Walker
	for line := range f.Lines() {
		i := place
		place++
		w.Reset(line)
		var l qwenLine
		var e Entry
		for key := range w.Members {
			switch string(key) {
			case "type":
				l.kind = w.Text()
			case "uuid":
				l.uuid = w.Text()
			case "sessionId":
				l.session = w.Text()
			case "cwd":
				l.cwd = w.Text()
			case "model":
				l.model = w.Text()
			case "timestamp":
				e.Time = when(&w)
			case "usageMetadata":
				counts(&w, map[string]*int64{"promptTokenCount": &l.n.prompt, "candidatesTokenCount": &l.n.candidates,
					"thoughtsTokenCount": &l.n.thoughts, "cachedContentTokenCount": &l.n.cached, "totalTokenCount": &l.n.total})
			}
		}
		if w.End() != nil {
			f.Fault(Malformed)
			continue
		}
		if string(l.kind) != "assistant" || !c.believes(l.n.prompt, l.n.candidates, l.n.thoughts, l.n.cached, l.n.total) {
			continue
		}
		e.Model, e.Session, e.Project = strings.TrimSpace(names.of(l.model)), names.of(l.session), names.of(l.cwd)
		if e.Session == "" {
			e.Session = stem(f.Path())
		}
		var sumOnly bool
		if e.Tokens, sumOnly = l.n.tokens(e.Model); sumOnly {
			e.Marks = Coarse
		}
		e.Request = string(l.uuid)
		e.ID = e.Session + ":" + e.Request
		if e.Request == "" {
			e.ID = e.Session + ":#" + strconv.Itoa(i)
		}
		if c.named(e.Model, e.Tokens) {
			c.add(e)
		}
	}
	return c.endAt(place, "", "")
}

// tokens returns the counters as disjoint kinds, and whether there is only a total, which then is input.
func (n qwenCounts) tokens(model string) (t usage.Tokens, sumOnly bool) {
	if n.prompt+n.candidates+n.thoughts+n.cached == 0 {
		return usage.Tokens{Input: n.total}, n.total > 0
	}
	t = apart(n.prompt, n.cached, 0)
	beside := n.total == n.prompt+n.candidates+n.thoughts || n.total == 0 && strings.HasPrefix(model, "gemini-")
	if beside {
		t.Output, t.Reasoning = n.candidates+n.thoughts, n.thoughts
	} else {
		t.Output, t.Reasoning = n.candidates, min(n.thoughts, n.candidates)
	}
	return t, false
}

// settleQwenCode keeps one of the lines that a chat which was resumed or forked repeats: under its old name in a new
// session, or under a new name in the old one.
func settleQwenCode(parts []Part) []Entry {
	return dropCopies(settleBeside(parts), func(e Entry) string {
		if e.Request == "" {
			return ""
		}
		return e.Session
	})
}
