package source

import (
	"path"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Claude Code, as versions 1.0 to 2.1 write it: a transcript of JSON lines for every session and, since 2.0, one for every
// subagent. Claude Desktop leaves the same below its local agent mode sessions.
var claudeCode = Source{
	ID:   "claude-code",
	Name: "Claude Code",
	Places: []Place{
		{
			Env:   []Env{{Name: "CLAUDE_CONFIG_DIR"}, {Name: "CLAUDE_CONFIG_DIRS", PathList: true}},
			Roots: []string{"~/.claude", "$XDG_CONFIG_HOME/claude"},
			Files: []string{"projects/**/*.jsonl"},
		},
		{
			Roots: []string{"$APPCONFIG/Claude/local-agent-mode-sessions"},
			Files: []string{"**/projects/**/*.jsonl"},
		},
		{
			Roots: []string{"$LOCALAPPDATA/Packages"},
			Files: []string{
				"Claude_*/LocalCache/Roaming/Claude/local-agent-mode-sessions/**/projects/**/*.jsonl",
				"*.Claude_*/LocalCache/Roaming/Claude/local-agent-mode-sessions/**/projects/**/*.jsonl",
			},
		},
	},
	Read:    readClaudeCode,
	Resume:  resumeClaudeCode,
	Retold:  true,
	Settle:  settleClaudeCode,
	Apart:   true,
	Joins:   ByID,
	Own:     true,
	Quality: "exact",
	Block:   5 * time.Hour,
	Retention: Retention{
		Days: 30,
		Managed: []string{
			"/etc/claude-code/managed-settings.d/*.json", "/etc/claude-code/managed-settings.json",
			"/Library/Application Support/ClaudeCode/managed-settings.d/*.json", "/Library/Application Support/ClaudeCode/managed-settings.json",
			"$PROGRAMFILES/ClaudeCode/managed-settings.d/*.json", "$PROGRAMFILES/ClaudeCode/managed-settings.json",
		},
		Settings: []string{"settings.local.json", "settings.json"},
		Said:     claudeRetention,
		Longer:   `"cleanupPeriodDays": 3650`,
	},
	Revision: 2,
	Server:   Server{Aliases: []string{"claude"}, Volume: "heavy", Maker: "claude", Hue: 1},
}

// claudeSynthetic is the model of notices that no model wrote.
const claudeSynthetic = "<synthetic>"

func readClaudeCode(f File) Part {
	r := newClaudeReader(f.Path())
	for line := range f.Lines() {
		r.line(f, line)
	}
	return r.part
}

// resumeClaudeCode goes on with a transcript: lines know nothing of each other but the responses that were told before.
func resumeClaudeCode(f File, p Part) (Part, bool) {
	session, slug := claudePath(f.Path())
	r := claudeReader{session: session, slug: slug, names: make(words), part: p}
	for line := range f.Lines() {
		r.line(f, line)
	}
	return r.part, true
}

// claudePath returns the session and the project's folder that a transcript's place tells. The session is empty where only
// the lines know it: agents' names are not unique.
func claudePath(file string) (session, slug string) {
	parts := strings.Split(file, "/")
	for i, name := range parts {
		if name == "projects" {
			parts = parts[i+1:]
			break
		}
	}
	stem := strings.TrimSuffix(path.Base(file), ".jsonl")
	if len(parts) > 1 {
		slug = parts[0]
	}
	for i, name := range parts {
		if name == "subagents" && i > 1 {
			return parts[i-1], slug
		} else if name == "subagents" {
			return "", slug
		}
	}
	if strings.HasPrefix(stem, "agent-") {
		return "", slug
	}
	return stem, slug
}

// claudeLine is what one line says. Texts are valid until the walker is reset.
type claudeLine struct {
	kind, uuid, request, session, cwd []byte
	id, model                         []byte // of the message
	at                                told
	side, ended                       bool
	usage                             claudeUsage
	nested                            bool // it repeats a message of a subagent
}

type claudeReader struct {
	walk          jsonwalk.Walker
	session, slug string
	names         words
	seen          map[[2]string]int                    // place in the part, by ID and request; nil while so little is looked for that it is not worth it
	looked        int                                  // entries that were looked through without it
	last          int                                  // place of the response that the line before told
	before        struct{ model, session, cwd string } // of the response before
	key           []byte
	advisors      []claudeUsage // of the line at hand
	part          Part
}

func newClaudeReader(file string) *claudeReader {
	session, slug := claudePath(file)
	return &claudeReader{session: session, slug: slug, names: make(words)}
}

func (r *claudeReader) line(f File, line []byte) {
	r.walk.Reset(line)
	r.advisors = r.advisors[:0]
	var l claudeLine
	r.envelope(&l, false)
	if r.walk.End() != nil {
		f.Fault(Malformed)
		return
	}
	if !l.usage.found || !l.nested && len(l.kind) > 0 && string(l.kind) != "assistant" {
		return
	}
	if !l.usage.sound() || !soundAll(r.advisors) {
		f.Fault(Corrupt)
		return
	}
	r.response(f, &l)
}

// envelope reads the line, or the message of a subagent that a line of progress wraps.
func (r *claudeReader) envelope(l *claudeLine, nested bool) {
	w := &r.walk
	var inner claudeLine
	for key := range w.Members {
		switch string(key) {
		case "type":
			l.kind = w.Text()
		case "uuid":
			l.uuid = w.Text()
		case "requestId":
			l.request = w.Text()
		case "sessionId":
			l.session = w.Text()
		case "cwd":
			l.cwd = w.Text()
		case "timestamp":
			l.at = laterWhen(w)
		case "isSidechain":
			l.side = w.True()
		case "message":
			r.message(l)
		case "data":
			if !nested {
				inner = r.progress()
			}
		}
	}
	if inner.usage.found && !l.usage.found {
		inner.within(l)
		*l = inner
	}
}

// progress reads the "data" of a line, which holds a whole line of a subagent if it is of that kind.
func (r *claudeReader) progress() (inner claudeLine) {
	w := &r.walk
	var kind []byte
	for key := range w.Members {
		switch string(key) {
		case "type":
			kind = w.Text()
		case "message":
			r.envelope(&inner, true)
		}
	}
	if string(kind) != "agent_progress" {
		return claudeLine{}
	}
	inner.nested, inner.side, inner.kind = true, true, nil
	return inner
}

// within completes a nested line with what the line around it says.
func (l *claudeLine) within(outer *claudeLine) {
	if l.at.time().IsZero() {
		l.at = outer.at
	}
	l.session, l.cwd = firstOf(l.session, outer.session), firstOf(l.cwd, outer.cwd)
}

func (r *claudeReader) message(l *claudeLine) {
	w := &r.walk
	l.id, l.model, l.ended, l.usage = nil, nil, false, claudeUsage{}
	for key := range w.Members {
		switch string(key) {
		case "id":
			l.id = w.Text()
		case "model":
			l.model = w.Text()
		case "stop_reason":
			l.ended = !w.Null()
		case "usage":
			r.advisors = r.advisors[:0]
			l.usage = r.usage()
		}
	}
}

func (r *claudeReader) usage() (u claudeUsage) {
	w := &r.walk
	for key := range w.Members {
		if string(key) != "iterations" {
			u.member(w, key)
			continue
		}
		for range w.Elements {
			var i claudeUsage
			for key := range w.Members {
				i.member(w, key)
			}
			if string(i.kind) == "advisor_message" { // the others are inside the sums
				r.advisors = append(r.advisors, i)
			}
		}
	}
	return u
}

// response adds the response that a line tells, and the advisors that were asked during it.
func (r *claudeReader) response(f File, l *claudeLine) {
	r.before.model = r.names.again(r.before.model, l.model)
	model := strings.TrimSpace(r.before.model)
	id, request := l.id, l.request
	if len(id) == 0 && len(l.uuid) > 0 {
		id, request = append([]byte("uuid:"), l.uuid...), nil
	}
	e := Entry{Record: usage.Record{Session: r.session, Project: r.slug, Time: l.at.time()}, Marks: Main}
	if e.Session == "" {
		r.before.session = r.names.again(r.before.session, l.session)
		e.Session = r.before.session
	}
	if len(l.cwd) > 0 {
		r.before.cwd = r.names.again(r.before.cwd, l.cwd)
		e.Project = r.before.cwd
	}
	if l.side {
		e.Marks = Side
	}
	if l.ended {
		e.Marks |= Final
	}
	if model == "" || model == claudeSynthetic {
		if !l.usage.tokens().IsZero() {
			f.Fault(Unnamed)
		}
	} else {
		e.Time = r.add(id, request, l.usage.entry(e, model))
	}
	for i, a := range r.advisors {
		name := strings.TrimSpace(r.names.of(a.model))
		if name == "" {
			name = model
		}
		if name == "" || name == claudeSynthetic {
			f.Fault(Unnamed)
			continue
		}
		var own []byte
		if len(id) > 0 {
			own = strconv.AppendInt(append(append(own, id...), ":advisor:"...), int64(i), 10)
		}
		r.add(own, request, a.entry(e, name))
	}
}

// add merges the entry with what the file said of the same response before, and returns when that began.
func (r *claudeReader) add(id, request []byte, e Entry) time.Time {
	if e.Tokens.IsZero() {
		return e.Time
	}
	if len(id) == 0 {
		r.part.add(&e)
		return e.Time
	}
	if i, ok := r.known(id, request); ok {
		r.last = i
		r.part.again(i)
		e.ID, e.Request = r.part.Entries[i].ID, r.part.Entries[i].Request
		r.part.Entries[i] = merge(r.part.Entries[i], e)
		return r.part.Entries[i].Time
	}
	r.key = append(append(r.key[:0], id...), request...)
	both := string(r.key)
	e.ID, e.Request = both[:len(id)], both[len(id):]
	r.last = len(r.part.Entries)
	if r.seen != nil {
		r.seen[[2]string{e.ID, e.Request}] = r.last
	}
	r.part.add(&e)
	return e.Time
}

// known finds what the file said of a response before, most often in the line before.
func (r *claudeReader) known(id, request []byte) (at int, ok bool) {
	if r.last < len(r.part.Entries) {
		if e := &r.part.Entries[r.last]; string(id) == e.ID && string(request) == e.Request {
			return r.last, true
		}
	}
	if r.seen == nil {
		const enough, times = 1024, 8 // for a short file, or a few lines behind a long one
		if r.looked += len(r.part.Entries); r.looked <= enough+times*len(r.part.Entries) {
			return r.find(id, request)
		}
		r.seen = make(map[[2]string]int, 2*len(r.part.Entries))
		for i := range r.part.Entries {
			if e := &r.part.Entries[i]; e.ID != "" {
				r.seen[[2]string{e.ID, e.Request}] = i
			}
		}
	}
	at, ok = r.seen[[2]string{string(id), string(request)}]
	return at, ok
}

// find looks for a response from the end.
func (r *claudeReader) find(id, request []byte) (at int, ok bool) {
	for i := len(r.part.Entries) - 1; i >= 0; i-- {
		if e := &r.part.Entries[i]; string(id) == e.ID && string(request) == e.Request {
			return i, true
		}
	}
	return 0, false
}

func firstOf(a, b []byte) []byte {
	if len(a) > 0 {
		return a
	}
	return b
}
