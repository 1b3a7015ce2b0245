package source

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
)

// Kiro: a document for every session of its command line, as versions since 2026 write it, with counters for every turn that are
// nearly always zero, for it bills credits; where they are not they count. All are apart. Its editor tells credits alone.
var kiro = Source{
	ID:   "kiro",
	Name: "Kiro",
	Places: []Place{
		{Roots: []string{"~/.kiro/sessions"}, Files: []string{"cli/*.json"}},
		{Roots: extension("kiro.kiroagent", "$XDG_DATA_HOME/kiro-cli", "~/Library/Application Support/kiro-cli",
			"$APPCONFIG/Kiro/User/globalStorage/kiro.kiroagent", "~/.kiro-server/data")},
	},
	Read:     readKiro,
	Reason:   "it counts credits, not tokens",
	Quality:  "exact",
	Revision: 1,
}

// kiroTurn is one turn of a session.
type kiroTurn struct {
	Entry
	name string
	n    fourCounts
}

func readKiro(f File) Part {
	c := collect(f)
	w, ok := document(f)
	if !ok {
		return c.part
	}
	var s kiroSession
	s.read(w)
	ended(f, w)
	session := cmp.Or(s.id, stem(f.Path()))
	c.part.Session = session
	for i, t := range s.turns {
		t.ID = session + ":" + cmp.Or(t.name, "#"+strconv.Itoa(i))
		t.Model = kiroModel(t.Model, s.model)
		t.Time = firstTime(t.Time, firstTime(s.updated, s.created))
		t.Tokens = t.n.tokens()
		if c.believes(t.n.all()...) {
			c.add(t.Entry)
		}
	}
	return c.end(session, s.cwd)
}

// kiroModel returns the first that names a model; to let Kiro choose names none.
func kiroModel(names ...string) string {
	for _, name := range names {
		if name != "" && !strings.EqualFold(name, "auto") {
			return name
		}
	}
	return cmp.Or(names[0], names[1], unknownModel)
}

// kiroSession is what a session's document tells of it.
type kiroSession struct {
	id, cwd, model   string
	created, updated time.Time
	turns            []kiroTurn
}

func (s *kiroSession) read(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "session_id":
			s.id = trimmed(w.Text())
		case "cwd":
			s.cwd = string(w.Text())
		case "created_at":
			s.created = when(w)
		case "updated_at":
			s.updated = when(w)
		case "session_state":
			s.state(w)
		case "user_turn_metadatas":
			s.list(w)
		}
	}
}

func (s *kiroSession) state(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "rts_model_state":
			in(w, []string{"model_info", "model_id"}, func(w *jsonwalk.Walker) { s.model = trimmed(w.Text()) })
		case "conversation_metadata":
			in(w, []string{"user_turn_metadatas"}, s.list)
		}
	}
}

func (s *kiroSession) list(w *jsonwalk.Walker) {
	for range w.Elements {
		t := readKiroTurn(w)
		if !w.Broken() {
			s.turns = append(s.turns, t)
		}
	}
}

func readKiroTurn(w *jsonwalk.Walker) (t kiroTurn) {
	wanted := map[string]*int64{"input_token_count": &t.n.input, "output_token_count": &t.n.output,
		"cache_read_input_token_count": &t.n.read, "cache_write_input_token_count": &t.n.write}
	for key := range w.Members {
		switch string(key) {
		case "result":
			in(w, []string{"Ok", "id"}, func(w *jsonwalk.Walker) { t.name = trimmed(w.Text()) })
		case "model":
			t.Model = trimmed(w.Text())
		case "end_timestamp":
			t.Time = when(w)
		default:
			count(w, key, wanted)
		}
	}
	return t
}
