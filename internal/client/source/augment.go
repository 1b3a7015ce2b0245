package source

import (
	"strconv"

	"tokenflex.ing/internal/client/jsonwalk"
)

// Augment's command line, Auggie: a document for every session. The nodes of an answer repeat the usage of its turn, so the
// first that tells any counts. All counters are apart. The editors' extension leaves no counters.
var augment = Source{
	ID:   "augment",
	Name: "Augment",
	Places: []Place{{
		Roots: []string{"~/.augment"},
		Files: []string{"sessions/*.json"},
	}},
	Read:     readAugment,
	Settle:   settleBeside,
	Quality:  "exact",
	Revision: 1,
}

// augmentTurn is one turn of a session.
type augmentTurn struct {
	Entry
	sequence string
	n        fourCounts
}

func readAugment(f File) Part {
	c := collect(f)
	w, ok := document(f)
	if !ok {
		return c.part
	}
	session := stem(f.Path())
	var turns []augmentTurn
	for key := range w.Members {
		switch string(key) {
		case "sessionId":
			if id := trimmed(w.Text()); id != "" {
				session = id
			}
		case "agentState":
			in(w, []string{"modelId"}, func(w *jsonwalk.Walker) {
				if model := trimmed(w.Text()); model != "" {
					c.part.Models = []ModelFrom{{Model: model}}
				}
			})
		case "chatHistory":
			for i := range w.Elements {
				t := readAugmentTurn(w)
				if t.sequence == "" {
					t.sequence = strconv.Itoa(i)
				}
				if !w.Broken() {
					turns = append(turns, t)
				}
			}
		}
	}
	ended(f, w)
	c.part.Session = session
	for _, t := range turns {
		t.ID, t.Tokens = session+":"+t.Request, t.n.tokens()
		if t.Request == "" {
			t.ID = session + ":#" + t.sequence
		}
		if c.believes(t.n.all()...) {
			c.add(t.Entry)
		}
	}
	return c.end(session, "")
}

func readAugmentTurn(w *jsonwalk.Walker) (t augmentTurn) {
	for key := range w.Members {
		switch string(key) {
		case "finishedAt":
			t.Time = when(w)
		case "sequenceId":
			t.sequence = ampNumber(w)
		case "exchange":
			for key := range w.Members {
				switch string(key) {
				case "model_id":
					t.Model = trimmed(w.Text())
				case "request_id":
					t.Request = trimmed(w.Text())
				case "response_nodes":
					t.nodes(w)
				}
			}
		}
	}
	return t
}

// nodes takes the first usage that is any.
func (t *augmentTurn) nodes(w *jsonwalk.Walker) {
	for range w.Elements {
		in(w, []string{"token_usage"}, func(w *jsonwalk.Walker) {
			if n := readSnakeCounts(w); t.n == (fourCounts{}) {
				t.n = n
			}
		})
	}
}
