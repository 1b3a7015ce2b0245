package source

import (
	"path"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Mux, once cmux and lately Xum, as versions 0.3 to 0.28 write it: for every workspace JSON lines of its chat, whose older part
// is moved to an archive since it can be compacted, the same of the subagents that are gone, a log of calls that no
// chat tells, and a document with the sums of it all. Forked workspaces begin with a copy of the chat.
var mux = Source{
	ID:   "mux",
	Name: "Mux",
	Places: []Place{{
		Env:   []Env{{Name: "XUM_ROOT"}, {Name: "MUX_ROOT"}},
		Roots: []string{"~/.mux", "~/.xum", "~/.mux-dev", "~/.xum-dev", "~/.cmux"},
		Files: []string{
			"sessions/*/chat.jsonl", "sessions/*/chat-archive.jsonl", "sessions/*/headless-usage.jsonl", "sessions/*/session-usage.json",
			"sessions/*/subagent-transcripts/*/chat.jsonl", "sessions/*/subagent-transcripts/*/chat-archive.jsonl",
			"sessions/*/subagent-transcripts/*/headless-usage.jsonl",
		},
	}},
	Read:     readMux,
	Settle:   settleMux,
	Quality:  "exact",
	Revision: 1,
}

func readMux(f File) Part {
	names := strings.Split(f.Path(), "/")
	r := muxReader{to: collect(f)}
	if i := slices.Index(names, "sessions") + 1; i > 0 && i < len(names)-1 {
		r.workspace, r.owner = names[i], names[len(names)-2]
	}
	switch path.Base(f.Path()) {
	case "session-usage.json":
		r.sums(f)
	case "headless-usage.jsonl":
		r.lines(f, r.headless)
	default:
		r.lines(f, r.message)
	}
	p := r.to.end(r.owner, muxProject(f, r.workspace))
	p.Session, p.Parents, p.Cut = r.workspace, r.parents, r.cut
	return p
}

// muxProject returns the folder of the project that a workspace is of, which the settings beside all workspaces tell.
func muxProject(f File, workspace string) (folder string) {
	for settings := range f.Beside("config.json") {
		w, ok := document(settings)
		if !ok {
			return ""
		}
		in(w, []string{"projects"}, func(w *jsonwalk.Walker) {
			for range w.Elements {
				if of, has := readMuxProject(w, workspace); has {
					folder = of
				}
			}
		})
	}
	return folder
}

// readMuxProject takes a pair of a folder and what is in it, and reports whether the workspace is.
func readMuxProject(w *jsonwalk.Walker, workspace string) (folder string, has bool) {
	for i := range w.Elements {
		if i == 0 {
			folder = string(w.Text())
			continue
		}
		in(w, []string{"workspaces"}, func(w *jsonwalk.Walker) {
			for range w.Elements {
				in(w, []string{"id"}, func(w *jsonwalk.Walker) { has = has || trimmed(w.Text()) == workspace })
			}
		})
	}
	return folder, has
}

// muxReader reads one file of a workspace.
type muxReader struct {
	walk             jsonwalk.Walker
	to               *collector
	workspace, owner string   // owner is the workspace, or the subagent whose chat lies below it
	parents          []string // subagents whose sums are inside those of the workspace
	cut              bool     // the chat was compacted
	place            int      // lines so far
}

func (r *muxReader) lines(f File, read func(*jsonwalk.Walker)) {
	for line := range f.Lines() {
		r.place++
		r.walk.Reset(line)
		read(&r.walk)
		if r.walk.Broken() {
			f.Fault(Malformed)
		}
	}
}

// muxCall is one call of a model.
type muxCall struct {
	model, source string
	at            time.Time
	counts        muxCounts
}

func (c *muxCall) member(w *jsonwalk.Walker, key []byte) {
	switch string(key) {
	case "model":
		c.model = trimmed(w.Text())
	case "source", "toolName":
		c.source = string(w.Text())
	case "timestamp":
		c.at = when(w)
	case "usage":
		c.counts.usage(w)
	case "providerMetadata":
		c.counts.provider(w)
	}
}

// message reads a line of a chat: an answer, and the calls that its tools made.
func (r *muxReader) message(w *jsonwalk.Walker) {
	var id, role string
	var created time.Time
	var main muxCall
	var tools []muxCall
	var compacted, boundary bool
	for key := range w.Members {
		switch string(key) {
		case "id":
			id = string(w.Text())
		case "role":
			role = string(w.Text())
		case "createdAt":
			created = when(w)
		case "metadata":
			for key := range w.Members {
				switch string(key) {
				case "toolModelUsages":
					tools = readMuxTools(w)
				case "compacted":
					compacted = w.Kind() == jsonwalk.String || w.True()
				case "compactionBoundary": // what came before it is kept
					boundary = w.True()
				default:
					main.member(w, key)
				}
			}
		}
	}
	if w.End() != nil || role != "assistant" {
		return
	}
	r.cut = r.cut || compacted && !boundary
	main.at = firstTime(main.at, created)
	r.add(id, main)
	for _, t := range tools {
		t.at = firstTime(t.at, main.at)
		r.add("", t)
	}
}

func readMuxTools(w *jsonwalk.Walker) (calls []muxCall) {
	for range w.Elements {
		var c muxCall
		for key := range w.Members {
			c.member(w, key)
		}
		calls = append(calls, c)
	}
	return calls
}

// headless reads a line of the log of calls that no chat tells.
func (r *muxReader) headless(w *jsonwalk.Walker) {
	var c muxCall
	for key := range w.Members {
		c.member(w, key)
	}
	if w.End() == nil {
		r.add("", c)
	}
}

// add adds a call. Calls without an ID are told by what they say.
func (r *muxReader) add(id string, c muxCall) {
	n := c.counts
	if !r.to.believes(n.input, n.read, n.write, n.output, n.reasoning) {
		return
	}
	e := Entry{Record: usage.Record{Session: r.owner, Model: unrouted(c.model, ":"), Time: c.at, Tokens: n.tokens(c.model)}}
	if r.owner != r.workspace {
		e.Marks = Side
	}
	if id == "" {
		id = ledgerID(c.source, e.Record, r.place)
	}
	e.ID = r.owner + ":" + id
	if r.to.named(e.Model, e.Tokens) {
		r.to.replace(e)
	}
}
