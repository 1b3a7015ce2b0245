package source

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// openCodeStep is the type of the parts that end a step.
const openCodeStep = "step-finish"

// openCodeAnswer is the role of the messages that are counted.
const openCodeAnswer = "assistant"

// openCodeTable marks what a database tells, which outlives the document that it was migrated from.
const openCodeTable = Main

// openCodeMessage is one message of any store.
type openCodeMessage struct {
	id, session, role  string
	model, provider    string
	folder             string
	created, completed time.Time
	noted              time.Time // when the row or the document was made, for want of a better time
	tokens             openCodeTokens
	steps              []openCodeTokens // where the message itself has no counters
	table, second      bool             // it is a row, and one of the second kind
	added              bool             // its reasoning is beside the output, if no total tells
}

func readOpenCodeMessage(w *jsonwalk.Walker, names words) (m openCodeMessage, err error) {
	for key := range w.Members {
		switch string(key) {
		case "id":
			m.id = string(w.Text())
		case "sessionID":
			m.session = names.of(w.Text())
		case "role":
			m.role = names.of(w.Text())
		case "modelID":
			m.model = cmp.Or(strings.TrimSpace(names.of(w.Text())), m.model)
		case "providerID":
			m.provider = cmp.Or(names.of(w.Text()), m.provider)
		case "model":
			model, provider := readOpenCodeModel(w, names)
			m.model, m.provider = cmp.Or(m.model, model), cmp.Or(m.provider, provider)
		case "path":
			m.folder = readOpenCodeFolder(w, names)
		case "time":
			for key := range w.Members {
				switch string(key) {
				case "created":
					m.created = when(w)
				case "completed":
					m.completed = when(w)
				}
			}
		case "tokens":
			m.tokens = readOpenCodeTokens(w)
		}
	}
	return m, w.End()
}

func readOpenCodeModel(w *jsonwalk.Walker, names words) (model, provider string) {
	for key := range w.Members {
		switch string(key) {
		case "id", "modelID":
			model = cmp.Or(strings.TrimSpace(names.of(w.Text())), model)
		case "providerID":
			provider = names.of(w.Text())
		}
	}
	return model, provider
}

func readOpenCodeFolder(w *jsonwalk.Walker, names words) string {
	var root, cwd string
	for key := range w.Members {
		switch string(key) {
		case "root":
			root = names.of(w.Text())
		case "cwd":
			cwd = names.of(w.Text())
		}
	}
	if root == "/" { // of a folder that is no repository
		return cmp.Or(cwd, root)
	}
	return cmp.Or(root, cwd)
}

// entry returns what the message counts for, if that is anything.
func (m *openCodeMessage) entry(f File) (Entry, bool) {
	// A row without a total is older than the version that took the reasoning out of the output. Google's was always beside it.
	added := m.added || m.provider == "google" || m.provider == "google-vertex"
	var tokens usage.Tokens
	var coarse bool
	for _, t := range append(m.steps, m.tokens) {
		if !t.sound() {
			f.Fault(Corrupt)
			return Entry{}, false
		}
		one, sum := t.tokens(added)
		tokens, coarse = tokens.Add(one), coarse || sum
	}
	if tokens.IsZero() {
		return Entry{}, false
	}
	if m.model == "" {
		f.Fault(Unnamed)
		return Entry{}, false
	}
	e := Entry{Record: usage.Record{ID: m.id, Model: m.model, Session: m.session, Project: m.folder, Time: m.created, Tokens: tokens}, Request: m.print()}
	if e.Time.IsZero() {
		e.Time = m.noted
	}
	if coarse {
		e.Marks |= Coarse
	}
	if m.table {
		e.Marks |= openCodeTable
	}
	if m.second {
		e.Marks |= Final
	}
	return e, true
}

// print returns what a fork copies of a message besides the counters that both kinds of rows tell alike; "" if it says too little to
// know a copy by.
func (m *openCodeMessage) print() string {
	created := m.created
	if created.IsZero() && m.table {
		created = m.noted
	}
	if created.IsZero() {
		return ""
	}
	b := strconv.AppendInt(make([]byte, 0, 32), created.UnixMilli(), 36)
	b = append(b, '|')
	if !m.completed.IsZero() {
		b = strconv.AppendInt(b, m.completed.UnixMilli(), 36)
	}
	b = strconv.AppendInt(append(b, '|'), m.tokens.output, 36)
	return string(append(append(b, '|'), m.provider...))
}
