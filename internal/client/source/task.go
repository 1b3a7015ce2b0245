package source

import (
	"path"
	"strconv"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// taskMessage is one element of ui_messages.json, the file that Cline and its descendants keep for every task.
type taskMessage struct {
	say, text       []byte
	model, provider string
	at              time.Time
}

// taskRequest is what the text of a message tells of one request, as JSON inside the string.
type taskRequest struct {
	at                         time.Time
	protocol, provider         string // empty if not told
	input, output, read, write int64
	absent                     bool // the provider told no counters
}

// taskSays are the messages that Cline adds up itself: requests, the sum of requests that a restored checkpoint took out of
// the file, and what subagents used.
var taskSays = map[string]bool{"api_req_started": true, "deleted_api_reqs": true, "subagent_usage": true}

// readTask reads the messages of one task; tokens says what the counters of a request mean. A message without counters is
// a request that has not been answered yet; one that was cancelled keeps its counters.
func readTask(f File, tokens func(taskRequest) usage.Tokens) Part {
	c := collect(f)
	task := path.Base(path.Dir(f.Path()))
	c.part.Session, c.part.Modified = task, f.Modified()
	doc := f.Bytes()
	if len(doc) == 0 {
		return c.part
	}
	w := jsonwalk.New(doc)
	var inner jsonwalk.Walker
	for i := range w.Elements {
		m := readTaskMessage(w)
		if w.Broken() || !taskSays[string(m.say)] || len(m.text) == 0 {
			continue
		}
		r, ok := readTaskRequest(&inner, m)
		if !ok {
			f.Fault(Malformed)
			continue
		}
		if !r.absent && c.believes(r.input, r.output, r.read, r.write) {
			c.add(Entry{Record: usage.Record{ID: task + ":" + m.id(i), Model: m.model, Time: m.at, Tokens: tokens(r)}})
		}
	}
	if w.End() != nil {
		f.Fault(Malformed)
	}
	return c.end(task, "")
}

func readTaskMessage(w *jsonwalk.Walker) (m taskMessage) {
	for key := range w.Members {
		switch string(key) {
		case "ts":
			m.at = when(w)
		case "say":
			m.say = w.Text()
		case "text":
			m.text = w.Text()
		case "modelInfo":
			for key := range w.Members {
				switch string(key) {
				case "modelId":
					m.model = trimmed(w.Text())
				case "providerId":
					m.provider = trimmed(w.Text())
				}
			}
		}
	}
	return m
}

// id tells the message, the i-th, from the others of its task. Places move when messages are deleted; times do not.
func (m taskMessage) id(i int) string {
	if m.at.IsZero() {
		return string(m.say) + ":#" + strconv.Itoa(i)
	}
	return string(m.say) + ":" + strconv.FormatInt(m.at.UnixMilli(), 10)
}

// readTaskRequest reads the text of a message, and reports whether it is whole.
func readTaskRequest(w *jsonwalk.Walker, m taskMessage) (r taskRequest, whole bool) {
	r.at, r.provider = m.at, m.provider
	w.Reset(m.text)
	for key := range w.Members {
		switch string(key) {
		case "tokensIn":
			r.input = w.Count()
		case "tokensOut":
			r.output = w.Count()
		case "cacheReads":
			r.read = w.Count()
		case "cacheWrites":
			r.write = w.Count()
		case "apiProtocol":
			r.protocol = string(w.Text())
		case "usageMissing":
			r.absent = w.True()
		}
	}
	return r, w.End() == nil
}

// beside returns the counters of a request whose input is told without the cached tokens.
func (r taskRequest) beside() usage.Tokens {
	return usage.Tokens{Input: r.input, CacheRead: r.read, CacheWrite5m: r.write, Output: r.output}
}

// inside returns the counters of a request whose input is told with the cached tokens, unless it is too small for them.
func (r taskRequest) inside() usage.Tokens { return carve(r.beside()) }

// carve takes the cached tokens out of an input that has room for them.
func carve(t usage.Tokens) usage.Tokens {
	if cached := t.CacheRead + t.CacheWrite5m; cached <= t.Input {
		t.Input -= cached
	}
	return t
}
