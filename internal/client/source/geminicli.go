package source

import (
	"math"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Gemini CLI: until version 0.38 one JSON document for every chat, since then JSON lines in which a message is appended
// again whenever it changes. A chat that is resumed after the update is copied into lines, and its document stays.
var geminiCLI = Source{
	ID:   "gemini-cli",
	Name: "Gemini CLI",
	Places: []Place{
		{
			Env:   []Env{{Name: "GEMINI_CLI_HOME", Below: ".gemini"}},
			Roots: []string{"~/.gemini"},
			Files: []string{"tmp/*/chats/**/*.json", "tmp/*/chats/**/*.jsonl"},
		},
		{
			Env:   []Env{{Name: "GEMINI_DATA_DIR"}}, // set by people who moved tmp
			Files: []string{"*/chats/**/*.json", "*/chats/**/*.jsonl"},
		},
	},
	Read:    readGeminiCLI,
	Resume:  resumeGeminiCLI,
	Quality: "exact",
	Own:     true,
	Retention: Retention{
		Days:     30, // since version 0.29, at the start in a project and there only
		Managed:  []string{"/etc/gemini-cli/settings.json", "/Library/Application Support/GeminiCli/settings.json", "$PROGRAMDATA/gemini-cli/settings.json"},
		Settings: []string{"settings.json"},
		Said:     geminiRetention,
		Longer:   `"general": {"sessionRetention": {"enabled": false}}`,
	},
	Revision: 2,
	Server:   Server{Aliases: []string{"gemini"}, Volume: "middle", Maker: "gemini", Hue: 3},
}

// geminiUser is the type of what the user said, which is counted with its answer.
const geminiUser = "user"

// geminiNumbered begins the ID of a message that has none: its place in the chat follows.
const geminiNumbered = "\x00"

func readGeminiCLI(f File) Part {
	r := geminiReader{names: make(words), seen: make(map[string]int)}
	if strings.HasSuffix(f.Path(), ".jsonl") {
		for line := range f.Lines() {
			r.document(f, line)
		}
	} else if doc := f.Bytes(); len(doc) > 0 {
		r.document(f, doc)
	}
	return r.end(f)
}

// resumeGeminiCLI goes on with a chat of lines.
func resumeGeminiCLI(f File, p Part) (Part, bool) {
	s := state{texts: p.State}
	r := geminiReader{session: s.text(), start: s.time(), model: s.text(), place: s.count(math.MaxInt), part: p}
	if s.broken || len(s.texts) > 0 {
		return p, false
	}
	r.names, r.seen = make(words), make(map[string]int, len(p.Entries))
	for i := range p.Entries {
		r.seen[p.Entries[i].ID] = i
	}
	for line := range f.Lines() {
		r.document(f, line)
	}
	return r.end(f), true
}

type geminiReader struct {
	walk    jsonwalk.Walker
	names   words
	session string    // of the first header
	start   time.Time // likewise
	model   string    // of the last message that names one
	place   int       // messages so far
	seen    map[string]int
	part    Part
}

// geminiMessage is one message, or any other line: a header has a session, a control record has neither.
type geminiMessage struct {
	id, kind, model []byte
	at              time.Time
	tokens          geminiTokens
}

// document reads a whole chat or one line of it; both may have "messages" inside.
func (r *geminiReader) document(f File, doc []byte) {
	r.walk.Reset(doc)
	w := &r.walk
	var m geminiMessage
	for key := range w.Members {
		switch string(key) {
		case "sessionId":
			if id := r.names.of(w.Text()); r.session == "" {
				r.session = id
			}
		case "startTime":
			if at := when(w); r.start.IsZero() {
				r.start = at
			}
		case "messages":
			r.messages(f)
		case "$set":
			for key := range w.Members {
				if string(key) == "messages" {
					r.messages(f)
				}
			}
		default:
			m.member(w, key)
		}
	}
	if w.End() != nil {
		f.Fault(Malformed)
		return
	}
	if len(m.id) > 0 || len(m.kind) > 0 {
		r.add(f, &m, r.place)
		r.place++
	}
}

// messages takes the list ahead. An element counts as soon as it is whole, even if the document breaks off after it.
func (r *geminiReader) messages(f File) {
	w := &r.walk
	for i := range w.Elements {
		var m geminiMessage
		for key := range w.Members {
			m.member(w, key)
		}
		if !w.Broken() {
			r.add(f, &m, i)
			r.place = max(r.place, i+1)
		}
	}
}

func (m *geminiMessage) member(w *jsonwalk.Walker, key []byte) {
	switch string(key) {
	case "id":
		m.id = w.Text()
	case "type":
		m.kind = w.Text()
	case "model":
		m.model = w.Text()
	case "timestamp":
		m.at = when(w)
	case "tokens":
		m.tokens = readGeminiTokens(w)
	}
}

// add notes a message. Told again it replaces what it said before, unless it has no tokens then.
func (r *geminiReader) add(f File, m *geminiMessage, place int) {
	if model := strings.TrimSpace(r.names.of(m.model)); model != "" {
		r.model = model
	}
	tokens, coarse := m.tokens.tokens()
	switch {
	case string(m.kind) == geminiUser:
		return
	case !m.tokens.sound():
		f.Fault(Corrupt)
		return
	case tokens.IsZero():
		return
	case r.model == "":
		f.Fault(Unnamed)
		return
	}
	id := string(m.id)
	if id == "" {
		id = geminiNumbered + strconv.Itoa(place) // completed by end
	}
	e := Entry{Record: usage.Record{ID: id, Model: r.model, Time: m.at, Tokens: tokens}}
	if coarse {
		e.Marks = Coarse
	}
	if i, ok := r.seen[id]; ok {
		r.part.again(i)
		e.Time = earlier(e.Time, r.part.Entries[i].Time)
		r.part.Entries[i] = e
		return
	}
	r.seen[id] = len(r.part.Entries)
	r.part.add(&e)
}

// end fills in what the file tells once.
func (r *geminiReader) end(f File) Part {
	project := ""
	if len(r.part.Entries) > 0 {
		project = geminiProject(f)
	}
	s := state{texts: []string{r.session, savedTime(r.start), r.model}}
	s.putCount(r.place)
	r.part.State = s.texts
	if !strings.HasSuffix(f.Path(), ".jsonl") {
		r.part.State = nil
	}
	for i := range r.part.Entries {
		e := &r.part.Entries[i]
		e.Session, e.Project = r.session, project
		if e.Time.IsZero() || strings.HasPrefix(e.ID, geminiNumbered) {
			r.part.State = nil // what is filled in here may be filled in otherwise once there is more
		}
		if number, ok := strings.CutPrefix(e.ID, geminiNumbered); ok && r.session == "" {
			e.ID = ""
		} else if ok {
			e.ID = r.session + ":idx:" + number
		}
		if e.Time.IsZero() {
			e.Time = r.start
		}
		if e.Time.IsZero() {
			e.Time, e.Marks = f.Modified(), e.Marks|Local
		}
	}
	return r.part
}

// geminiProject returns the folder of a chat's project, which a file beside the chats tells. Without it the name of theirs stands for
// it, unless that is a hash.
func geminiProject(f File) string {
	below, _, _ := strings.Cut(f.Path(), "/chats/")
	for root := range f.Beside(below + "/.project_root") {
		if folder := trimmed(root.Bytes()); folder != "" {
			return folder
		}
	}
	name := below[strings.LastIndex(below, "/")+1:]
	if len(name) == 64 && strings.Trim(name, "0123456789abcdef") == "" {
		return ""
	}
	return name
}

// geminiTokens are the counters of one message. The cached ones are inside the input; thoughts and the prompts of tools
// are outside everything but the total.
type geminiTokens struct{ input, output, cached, thoughts, tool, total int64 }

func readGeminiTokens(w *jsonwalk.Walker) (t geminiTokens) {
	for key := range w.Members {
		switch string(key) {
		case "input":
			t.input = w.Count()
		case "output":
			t.output = w.Count()
		case "cached":
			t.cached = w.Count()
		case "thoughts":
			t.thoughts = w.Count()
		case "tool":
			t.tool = w.Count()
		case "total":
			t.total = w.Count()
		}
	}
	return t
}

func (t geminiTokens) sound() bool {
	return max(t.input, t.output, t.cached, t.thoughts, t.tool, t.total) <= MaxCount
}

// tokens returns the counters as disjoint kinds, and whether there is only a total, which then is output.
func (t geminiTokens) tokens() (tokens usage.Tokens, coarse bool) {
	sum := t.input + t.output + t.thoughts + t.tool
	if sum+t.cached == 0 {
		return usage.Tokens{Output: t.total}, t.total > 0
	}
	if t.cached > 0 && t.total == sum+t.cached { // some versions took the cached ones out themselves
		return usage.Tokens{Input: t.input + t.tool, CacheRead: t.cached, Output: t.output + t.thoughts, Reasoning: t.thoughts}, false
	}
	cached := min(t.cached, t.input)
	return usage.Tokens{Input: t.input - cached + t.tool, CacheRead: cached, Output: t.output + t.thoughts, Reasoning: t.thoughts}, false
}
