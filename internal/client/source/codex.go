package source

import (
	"bytes"
	"path"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// Codex (command line, editors, desktop), as versions 0.30 to 0.146 write it: a rollout of JSON lines for every thread, which
// is moved when the thread is archived and packed when it has been idle for a week. Rollouts from before September
// 2025 hold no usage. A folder that the user named may hold what "codex exec --json" printed instead.
var codex = Source{
	ID:   "codex",
	Name: "Codex",
	Places: []Place{{
		Env:   []Env{{Name: "CODEX_HOME"}},
		Roots: []string{"~/.codex"},
		Files: []string{
			"sessions/**/rollout-*.jsonl", "sessions/**/rollout-*.jsonl.zst",
			"archived_sessions/**/rollout-*.jsonl", "archived_sessions/**/rollout-*.jsonl.zst",
		},
		Named: []string{"**/*.jsonl", "**/*.jsonl.zst"},
	}},
	Read:     readCodex,
	Own:      true,
	Resume:   resumeCodex,
	Settle:   settleCodex,
	Joins:    BySession,
	Quality:  "exact",
	Revision: 1,
	Server:   Server{Volume: "heavy", Maker: "gpt", Hue: 2},
}

// codexModel is what the versions used that did not write the model down.
const codexModel = "gpt-5"

func readCodex(f File) Part {
	r := newCodexReader()
	for line := range f.Lines() {
		r.line(f, line)
	}
	return r.end(f)
}

// codexReader follows a rollout: what its lines say holds for the events after them.
type codexReader struct {
	walk         jsonwalk.Walker
	names        words
	meta         codexMeta // of the first session_meta, which is the thread's own
	started      bool      // it has been read
	copied       bool      // a header of another thread has been read after it
	model, cwd   string    // of the last turn_context
	tier         usage.Tier
	turns        int // turn_contexts so far
	early        int // entries before the first
	nowhere      int // entries before a folder was named: the last one's is theirs
	events       codexEvents
	part         Part
	withoutModel []int // entries that wait for the first turn_context
	captured     codexCapture
}

// codexMeta is what a thread says about itself.
type codexMeta struct {
	session, cwd, model string
	forkedFrom          string // the thread whose history it begins with
	parent              string // the thread that started it; "" if none
	at                  time.Time
}

// codexLine is one line. Of the payload the members of all kinds of line are read together, for the kind may come last.
type codexLine struct {
	kind    []byte
	at      told
	payload codexPayload
	thread  []byte       // in a capture
	turn    codexMessage // likewise
}

func newCodexReader() *codexReader {
	return &codexReader{names: make(words), events: newCodexEvents()}
}

func (r *codexReader) line(f File, line []byte) {
	r.walk.Reset(line)
	w := &r.walk
	var l codexLine
	for key := range w.Members {
		switch string(key) {
		case "timestamp":
			l.at = laterWhen(w)
		case "type":
			l.kind = w.Text()
		case "payload":
			l.payload = codexPayload{}
			l.payload.read(w)
		case "thread_id":
			l.thread = w.Text()
		case "usage", "model", "data", "result", "response":
			l.turn.member(w, key)
		}
	}
	if w.End() != nil {
		f.Fault(Malformed)
		return
	}
	switch string(l.kind) {
	case "session_meta":
		r.sessionMeta(&l)
	case "turn_context":
		r.turnContext(&l)
	case "event_msg":
		if string(l.payload.kind) == "token_count" {
			r.tokenCount(f, &l)
		}
	case codexThreadStarted:
		r.captured.start(r.names.of(l.thread))
	default:
		if string(l.kind) == codexTurnCompleted || string(l.turn.kind) == codexTurnCompleted {
			r.turnCompleted(f, &l)
		}
	}
}

// sessionMeta takes the thread's own header. Those that follow it belong to threads whose history was copied in.
func (r *codexReader) sessionMeta(l *codexLine) {
	p := &l.payload
	if r.started {
		if id := r.names.of(p.id); id != "" && id != r.meta.session {
			r.part.Parents = append(r.part.Parents, id)
			r.copied = true
		}
		return
	}
	r.started = true
	r.meta = codexMeta{session: r.names.of(p.id), cwd: r.names.of(p.cwd), model: strings.TrimSpace(r.names.of(p.model)),
		forkedFrom: r.names.of(p.forkedFrom), parent: r.names.of(firstOf(p.parent, p.spawnedBy)), at: l.at.time()}
	if r.meta.at.IsZero() {
		r.meta.at = p.at
	}
	if from := firstName(r.meta.forkedFrom, r.meta.parent); from != "" {
		r.part.Parents = append(r.part.Parents, from)
	}
}

func (r *codexReader) turnContext(l *codexLine) {
	r.turns++
	if r.turns == 1 {
		r.early = len(r.part.Entries)
	}
	if cwd := r.names.of(l.payload.cwd); cwd != "" {
		r.cwd = cwd
	}
	r.tier = usage.ParseTier(string(l.payload.tier))
	model := strings.TrimSpace(r.names.of(l.payload.model))
	if model == "" {
		return
	}
	r.model = model
	for _, i := range r.withoutModel {
		r.part.Entries[i].Model = model
	}
	r.withoutModel = nil
}

func (r *codexReader) tokenCount(f File, l *codexLine) {
	used, id, verdict := r.events.accept(&l.payload)
	switch verdict {
	case codexRepeated:
		r.part.again(max(0, len(r.part.Entries)-1)) // it repeats the last event, nearly always
		return
	case codexCorrupt:
		f.Fault(Corrupt)
		return
	case codexNothing:
		return
	}
	p, at := &l.payload, l.at.time()
	e := Entry{Record: usage.Record{ID: id, Time: at, Tier: r.tier, Tokens: used.tokens()}}
	e.Model = firstName(strings.TrimSpace(r.names.of(firstOf(p.model, firstOf(p.info.model, p.info.modelName)))), r.model)
	if e.Project = firstName(r.meta.cwd, r.cwd); e.Project == "" {
		r.nowhere = len(r.part.Entries) + 1
	}
	if len(p.tier) > 0 {
		e.Tier = usage.ParseTier(string(p.tier))
	}
	if e.Model == "" {
		r.withoutModel = append(r.withoutModel, len(r.part.Entries))
	}
	if r.replayed(at) {
		e.Marks |= Replay
	}
	r.part.add(&e)
}

// replayed reports whether an event of that time stands where the copied history of a fork does, as far as times tell: copied
// lines carry the time of the fork, or the older one of their own. Of a subagent that is only said to be started by its
// parent the first answers may be its own, unless they are given at once.
func (r *codexReader) replayed(at time.Time) bool {
	limit := time.Second
	if r.meta.forkedFrom != "" || r.copied {
		limit = 5 * time.Second
	}
	return !at.IsZero() && !r.meta.at.IsZero() && at.Sub(r.meta.at) <= limit
}

// end fills in what only the whole file tells.
func (r *codexReader) end(f File) Part {
	defer r.events.end()
	if len(r.captured.turns) > 0 && !r.started {
		return r.capture(f)
	}
	r.part.Session = firstName(r.meta.session, codexFileID(f.Path()))
	r.part.State = r.save()
	r.nameModels(f)
	for i := range r.part.Entries {
		e := &r.part.Entries[i]
		e.Session = r.part.Session
		if r.turns > 0 && i < r.early {
			e.Marks |= Replay
		}
		if r.meta.forkedFrom == "" && r.meta.parent == "" {
			e.Marks &^= Replay
		}
		if e.Project == "" {
			e.Project = r.cwd
		}
	}
	return r.part
}

// nameModels names the model of the events that neither say it themselves nor stand in a rollout with a turn that does.
func (r *codexReader) nameModels(f File) {
	if len(r.withoutModel) == 0 {
		return
	}
	model, inferred := r.meta.model, Marks(0)
	if model == "" {
		model, inferred = firstName(codexConfigModel(f), codexModel), Inferred
	}
	for _, i := range r.withoutModel {
		r.part.Entries[i].Model = model
		r.part.Entries[i].Marks |= inferred
	}
}

// codexConfigModel returns the model that the settings beside the rollouts choose for all threads, or "".
func codexConfigModel(f File) string {
	for config := range f.Beside("config.toml") {
		for line := range bytes.Lines(config.Bytes()) {
			line = bytes.TrimSpace(line)
			if bytes.HasPrefix(line, []byte("[")) {
				return "" // what follows belongs to tables
			}
			key, value, _ := bytes.Cut(line, []byte("="))
			if string(bytes.TrimSpace(key)) != "model" {
				continue
			}
			value, _, _ = bytes.Cut(value, []byte("#"))
			return string(bytes.TrimSpace(bytes.Trim(bytes.TrimSpace(value), `"'`)))
		}
	}
	return ""
}

// codexFileID returns the identifier at the end of a rollout's name, rollout-2026-05-01T10-00-00-<uuid>.jsonl, or the whole name.
func codexFileID(file string) string {
	const uuid = len("01234567-89ab-cdef-0123-456789abcdef")
	stem := strings.TrimSuffix(path.Base(file), ".jsonl")
	if n := len(stem) - uuid; n > 0 && strings.Count(stem[n:], "-") == 4 && stem[n-1] == '-' {
		return stem[n:]
	}
	return stem
}

func firstName(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
