package source

import (
	"path"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Codebuff: a document for every chat, in which an answer may carry its usage, or the state of the run that holds the usage
// of all calls so far. Answers with credits alone tell no tokens. Every release channel has a folder of its own. Where a prompt's details name the cached tokens, they are
// inside the input; otherwise all counters are apart.
var codebuff = Source{
	ID:   "codebuff",
	Name: "Codebuff",
	Places: []Place{{
		Env:   []Env{{Name: "CODEBUFF_DATA_DIR"}},
		Roots: []string{"~/.config/manicode", "~/.config/manicode-dev", "~/.config/manicode-staging"},
		Files: []string{"projects/*/chats/*/chat-messages.json", "projects/*/chats/*/run-state.json"},
	}},
	Read:     readCodebuff,
	Settle:   settleBeside,
	Reason:   "what it left tells credits, and no tokens",
	Quality:  "exact",
	Revision: 1,
}

// codebuffMessage is one message of a chat.
type codebuffMessage struct {
	id, role, variant, model   string
	at                         time.Time
	direct, nested, historical codebuffCounts
}

// codebuffCounts are counters, and cached tokens that are inside the input.
type codebuffCounts struct {
	fourCounts
	inner, total int64
}

func readCodebuff(f File) Part {
	chat := strings.TrimPrefix(path.Dir(f.Path()), "projects/")
	if path.Base(f.Path()) == "run-state.json" {
		return readCodebuffState(f, chat)
	}
	c := collect(f)
	c.part.Session = chat
	w, ok := document(f)
	if !ok {
		return c.part
	}
	for i := range w.Elements {
		m := readCodebuffMessage(w)
		if w.Broken() || !codebuffAnswers[m.role] && !codebuffAnswers[m.variant] {
			continue
		}
		if m.id == "" {
			m.id = "#" + strconv.Itoa(i)
		}
		if m.at.IsZero() {
			m.at = codebuffStart(path.Base(chat))
		}
		c.codebuffEntry(chat, m)
	}
	ended(f, w)
	return c.end(chat, "")
}

var codebuffAnswers = map[string]bool{"ai": true, "agent": true, "assistant": true}

func (c *collector) codebuffEntry(chat string, m codebuffMessage) {
	n, id := m.direct, m.id
	if n.tokens().IsZero() {
		n = m.nested
	}
	historical := n.tokens().IsZero()
	if historical { // every later answer repeats the history, so a chat has one
		n, id = m.historical, "history"
	}
	if !c.believes(append(n.all(), n.inner, n.tokens().Input)...) {
		return
	}
	e := Entry{Record: usage.Record{ID: c.file.Origin() + ":" + chat + ":" + id, Model: m.model, Time: m.at, Tokens: n.tokens()}, Marks: Local}
	if n.fourCounts == (fourCounts{}) {
		e.Marks |= Coarse
	}
	if historical {
		c.replace(e)
	} else {
		c.add(e)
	}
}

func (n codebuffCounts) tokens() usage.Tokens {
	if n.fourCounts == (fourCounts{}) {
		return usage.Tokens{Input: n.total}
	}
	if n.inner > 0 && n.read == 0 {
		n.read = n.inner
		return n.inside()
	}
	return n.fourCounts.tokens()
}

func readCodebuffMessage(w *jsonwalk.Walker) (m codebuffMessage) {
	for key := range w.Members {
		switch string(key) {
		case "id":
			m.id = trimmed(w.Text())
		case "role":
			m.role = string(w.Text())
		case "variant":
			m.variant = string(w.Text())
		case "timestamp":
			m.at = when(w)
		case "metadata":
			m.metadata(w)
		}
	}
	return m
}

func (m *codebuffMessage) metadata(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "model":
			m.model = trimmed(w.Text())
		case "usage":
			m.direct = readCodebuffCounts(w)
		case "codebuff":
			m.nested = codebuffUsage(w)
		case "runState":
			in(w, []string{"sessionState", "mainAgentState", "messageHistory"}, m.history)
		}
	}
}

// history takes the calls so far; of the assistant's the last that tells usage counts.
func (m *codebuffMessage) history(w *jsonwalk.Walker) {
	for range w.Elements {
		var assistant bool
		var direct, nested codebuffCounts
		for key := range w.Members {
			switch string(key) {
			case "role":
				assistant = string(w.Text()) == "assistant"
			case "providerOptions":
				for key := range w.Members {
					switch string(key) {
					case "usage":
						direct = readCodebuffCounts(w)
					case "codebuff":
						nested = codebuffUsage(w)
					}
				}
			}
		}
		if direct.tokens().IsZero() {
			direct = nested
		}
		if assistant && !direct.tokens().IsZero() {
			m.historical = direct
		}
	}
}

func codebuffUsage(w *jsonwalk.Walker) (n codebuffCounts) {
	for key := range w.Members {
		if string(key) == "usage" {
			n = readCodebuffCounts(w)
		}
	}
	return n
}

func readCodebuffCounts(w *jsonwalk.Walker) (n codebuffCounts) {
	wanted := map[string]*int64{
		"inputTokens": &n.input, "input_tokens": &n.input, "promptTokens": &n.input, "prompt_tokens": &n.input,
		"outputTokens": &n.output, "output_tokens": &n.output, "completionTokens": &n.output, "completion_tokens": &n.output,
		"cacheReadInputTokens": &n.read, "cache_read_input_tokens": &n.read,
		"cacheCreationInputTokens": &n.write, "cache_creation_input_tokens": &n.write,
		"totalTokens": &n.total, "total_tokens": &n.total,
	}
	for key := range w.Members {
		switch string(key) {
		case "promptTokensDetails", "prompt_tokens_details":
			counts(w, map[string]*int64{"cachedTokens": &n.inner, "cached_tokens": &n.inner})
		default:
			count(w, key, wanted)
		}
	}
	return n
}

// codebuffStart reads the time that a chat's folder is named after: 2026-05-01T10-00-00.000Z.
func codebuffStart(name string) time.Time {
	date, clock, ok := strings.Cut(name, "T")
	if !ok {
		return time.Time{}
	}
	at := stamp([]byte(date + "T" + strings.Replace(strings.Replace(clock, "-", ":", 2), "-", ".", 1)))
	if at.Before(Oldest) {
		return time.Time{}
	}
	return at
}

// readCodebuffState reads the folder that a chat worked in.
func readCodebuffState(f File, chat string) Part {
	p := Part{Session: chat}
	w, ok := document(f)
	if !ok {
		return p
	}
	in(w, []string{"sessionState", "projectContext", "cwd"}, func(w *jsonwalk.Walker) { p.Project = string(w.Text()) })
	ended(f, w)
	return p
}
