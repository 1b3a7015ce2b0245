package source

import (
	"bytes"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// LM Studio's server writes a log for people, in the time of the machine, into which it prints every answer as a document over
// many lines. Only the lines that begin with a name of an answer, its model or its counters are looked at. Cached tokens are
// inside the prompt and the reasoning is inside the completion. Whatever asks a model of it is in the log, also tools that count
// the answers themselves, so that it is read only where its folder is named.
var lmStudio = Source{
	ID:   "lm-studio",
	Name: "LM Studio",
	Places: []Place{{
		Env:   []Env{{Name: "LM_STUDIO_HOME"}},
		Roots: []string{"~/.lmstudio"},
		Asked: "its log tells answers that other tools count too: to count it, name ~/.lmstudio in roots of [sources.lm-studio] in config.toml",
		Files: []string{"server-logs/*/*.log"},
	}},
	Read:     readLMStudio,
	Quality:  "exact",
	Revision: 2,
}

// lmStudioUsage bounds the text of the counters of one answer, in bytes.
const lmStudioUsage = 4096

type lmStudioReader struct {
	*collector
	id, model string
	at, shown time.Time
	text      []byte // of counters that have not ended
	depth     int    // of the brackets in it
	place     int
}

func readLMStudio(f File) Part {
	r := lmStudioReader{collector: collect(f)}
	for line := range f.Lines() {
		r.place++
		if r.depth > 0 {
			r.gather(line)
			continue
		}
		if at, ok := logTime(line, f.Zone()); ok {
			r.at = at
			r.shown, _ = logTime(line, time.UTC)
		}
		name, value, ok := bytes.Cut(bytes.TrimSpace(line), []byte(":"))
		if !ok {
			continue
		}
		switch value = bytes.TrimSpace(value); string(bytes.TrimSpace(name)) {
		case `"id"`:
			if id := lineText(value); bytes.HasPrefix(id, []byte("chatcmpl-")) || bytes.HasPrefix(id, []byte("cmpl-")) || bytes.HasPrefix(id, []byte("resp_")) {
				r.id = string(id)
			}
		case `"model"`:
			r.model = trimmed(lineText(value))
		case `"usage"`:
			if bytes.HasPrefix(value, []byte("{")) {
				r.text = r.text[:0]
				r.gather(value)
			}
		}
	}
	return r.end("", "")
}

// lineText returns the string that a line of a document ends with.
func lineText(value []byte) []byte { return jsonwalk.New(value).Text() }

// logTime reads the time at the beginning of a line: [2026-05-01 10:00:00].
func logTime(line []byte, zone *time.Location) (time.Time, bool) {
	const layout = "[2006-01-02 15:04:05]"
	if len(line) < len(layout) || line[0] != '[' {
		return time.Time{}, false
	}
	at, err := time.ParseInLocation(layout, string(line[:len(layout)]), zone)
	return believed(at.UTC()), err == nil
}

// gather takes one more line of the counters, and reads them when their last bracket closes.
func (r *lmStudioReader) gather(line []byte) {
	r.text = append(append(r.text, line...), '\n')
	r.depth += bytes.Count(line, []byte("{")) - bytes.Count(line, []byte("}"))
	switch {
	case len(r.text) > lmStudioUsage:
		r.depth = 0
		r.file.Fault(Malformed)
	case r.depth <= 0:
		r.depth = 0
		end := bytes.LastIndexByte(r.text, '}')
		r.answer(r.text[:end+1])
		r.id = "" // of one answer only
	}
}

func (r *lmStudioReader) answer(text []byte) {
	w := jsonwalk.New(text)
	var input, cached, output, reasoning, total int64
	for key := range w.Members {
		switch string(key) {
		case "prompt_tokens", "input_tokens":
			input = w.Count()
		case "completion_tokens", "output_tokens":
			output = w.Count()
		case "total_tokens":
			total = w.Count()
		case "prompt_tokens_details", "input_tokens_details":
			cached = memberCount(w, "cached_tokens")
		case "completion_tokens_details", "output_tokens_details":
			reasoning = memberCount(w, "reasoning_tokens")
		}
	}
	if w.End() != nil {
		r.file.Fault(Malformed)
		return
	}
	e := Entry{Record: usage.Record{ID: r.id, Model: r.model, Time: r.at, Tokens: apart(input, cached, 0)}}
	e.Tokens.Output, e.Tokens.Reasoning = output, min(reasoning, output)
	if e.Tokens.IsZero() {
		e.Tokens.Input, e.Marks = total, Coarse
	}
	if !r.believes(input, cached, output, reasoning, e.Tokens.Input) || !r.named(r.model, e.Tokens) {
		return
	}
	if e.ID == "" {
		told := e.Record
		told.Time = r.shown // whatever zone the clock stands in when it is read again
		e.ID = ledgerID("", told, r.place)
	}
	r.add(e)
}

// memberCount takes the object ahead and returns one member as a counter.
func memberCount(w *jsonwalk.Walker, name string) (n int64) {
	for key := range w.Members {
		if string(key) == name {
			n = w.Count()
		}
	}
	return n
}
