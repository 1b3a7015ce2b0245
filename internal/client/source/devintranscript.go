package source

import (
	"strconv"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// devinStep is one step of a transcript.
type devinStep struct {
	id, model, generated string
	at, created          time.Time
	user                 bool
	n, old               fourCounts
}

func readDevinTranscript(f File) Part {
	c := collect(f)
	w, ok := document(f)
	if !ok {
		return c.part
	}
	session, model := stem(f.Path()), ""
	var steps []devinStep
	for key := range w.Members {
		switch string(key) {
		case "session_id":
			if id := trimmed(w.Text()); id != "" {
				session = id
			}
		case "agent":
			in(w, []string{"model_name"}, func(w *jsonwalk.Walker) { model = trimmed(w.Text()) })
		case "steps":
			for i := range w.Elements {
				s := readDevinStep(w)
				if s.id == "" {
					s.id = "#" + strconv.Itoa(i)
				}
				if !w.Broken() && !s.user {
					steps = append(steps, s)
				}
			}
		}
	}
	ended(f, w)
	for _, s := range steps {
		if s.at.IsZero() {
			s.at = s.created
		}
		tokens := s.n.inside()
		if tokens.IsZero() {
			tokens = s.old.tokens()
		}
		if c.believes(append(s.n.all(), s.old.all()...)...) {
			c.add(Entry{Record: usage.Record{ID: session + ":step:" + s.id, Model: devinNamed(s.generated, s.model, model),
				Time: s.at, Tokens: tokens}, Marks: Main})
		}
	}
	c.part.Session = session
	return c.end(session, "")
}

func readDevinStep(w *jsonwalk.Walker) (s devinStep) {
	for key := range w.Members {
		switch string(key) {
		case "step_id":
			s.id = ampNumber(w)
		case "timestamp":
			s.at = when(w)
		case "source":
			s.user = s.user || string(w.Text()) == "user"
		case "model_name":
			s.model = trimmed(w.Text())
		case "metrics":
			s.metrics(w)
		case "metadata":
			s.metadata(w)
		case "extra":
			in(w, []string{"generation_model"}, func(w *jsonwalk.Walker) { s.generated = trimmed(w.Text()) })
		}
	}
	return s
}

func (s *devinStep) metrics(w *jsonwalk.Walker) {
	wanted := map[string]*int64{"prompt_tokens": &s.n.input, "completion_tokens": &s.n.output, "cached_tokens": &s.n.read}
	for key := range w.Members {
		if string(key) == "extra" {
			counts(w, map[string]*int64{"cache_creation_input_tokens": &s.n.write})
		} else {
			count(w, key, wanted)
		}
	}
}

func (s *devinStep) metadata(w *jsonwalk.Walker) {
	for key := range w.Members {
		switch string(key) {
		case "is_user_input":
			s.user = w.True() || s.user
		case "created_at":
			s.created = when(w)
		case "generation_model":
			s.generated = trimmed(w.Text())
		case "metrics":
			counts(w, map[string]*int64{"input_tokens": &s.old.input, "output_tokens": &s.old.output,
				"cache_read_tokens": &s.old.read, "cache_creation_tokens": &s.old.write})
		}
	}
}
