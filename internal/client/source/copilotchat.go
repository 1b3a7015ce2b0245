package source

import (
	"cmp"
	"path"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// copilotRequestsMax bounds how many requests a chat is believed to have.
const copilotRequestsMax = 100_000

// copilotChat is what is counted of one chat of VS Code: a document until version 1.108, since then a journal of changes
// to it.
type copilotChat struct {
	session  string
	created  time.Time
	requests []copilotAnswer
}

// copilotAnswer is one request and its answer. How much of the prompt was cached is not said.
type copilotAnswer struct {
	id, asked, model          string
	at                        time.Time
	prompt, output, completed int64
}

func readCopilotChat(f File) Part {
	var chat copilotChat
	if path.Ext(f.Path()) == ".json" {
		w := jsonwalk.New(f.Bytes())
		chat.put(nil, w)
		if w.Kind() != jsonwalk.None && w.End() != nil {
			f.Fault(Malformed)
		}
	} else {
		for line := range f.Lines() {
			if !chat.change(line) {
				f.Fault(Malformed)
			}
		}
	}
	return chat.part(f)
}

// The kinds of changes.
const (
	copilotWhole = iota
	copilotSet
	copilotPush
	copilotDelete
)

// change applies one line of a journal, and reports whether it is whole.
func (c *copilotChat) change(line []byte) bool {
	kind, index := int64(-1), int64(-1)
	var keys []string
	w := jsonwalk.New(line)
	for key := range w.Members {
		switch string(key) {
		case "kind":
			kind = w.Count()
		case "i":
			index = w.Count()
		case "k":
			for range w.Elements {
				keys = append(keys, pathKey(w))
			}
		}
	}
	if w.End() != nil {
		return false
	}
	w.Reset(line)
	for key := range w.Members {
		if string(key) != "v" {
			continue
		}
		switch {
		case kind == copilotWhole:
			*c = copilotChat{}
			c.put(nil, w)
		case kind == copilotSet:
			c.put(keys, w)
		case kind == copilotPush && len(keys) == 1 && keys[0] == "requests":
			if index >= 0 && index < int64(len(c.requests)) {
				c.requests = c.requests[:index]
			}
			c.push(w)
		}
	}
	if kind == copilotDelete && len(keys) > 0 {
		c.put(keys, jsonwalk.New([]byte("null")))
	}
	return true
}

// pathKey takes a part of a path: a name, or a number.
func pathKey(w *jsonwalk.Walker) string {
	if w.Kind() == jsonwalk.String {
		return string(w.Text())
	}
	return strconv.FormatInt(w.Count(), 10)
}

// put sets what is at the path to the value ahead.
func (c *copilotChat) put(keys []string, w *jsonwalk.Walker) {
	if len(keys) == 0 {
		for key := range w.Members {
			c.put([]string{string(key)}, w)
		}
		return
	}
	switch keys[0] {
	case "sessionId":
		c.session = string(w.Text())
	case "creationDate":
		c.created = when(w)
	case "requests":
		if len(keys) == 1 {
			c.requests = nil
			c.push(w)
			return
		}
		i, err := strconv.Atoi(keys[1])
		if err != nil || i < 0 || i > len(c.requests) || i >= copilotRequestsMax {
			return
		}
		if i == len(c.requests) {
			c.requests = append(c.requests, copilotAnswer{})
		}
		if len(keys) == 2 {
			c.requests[i] = copilotAnswer{}
		}
		c.requests[i].put(keys[2:], w)
	}
}

// push appends the requests of the list ahead.
func (c *copilotChat) push(w *jsonwalk.Walker) {
	for range w.Elements {
		var r copilotAnswer
		r.put(nil, w)
		if len(c.requests) < copilotRequestsMax {
			c.requests = append(c.requests, r)
		}
	}
}

func (r *copilotAnswer) put(keys []string, w *jsonwalk.Walker) {
	if len(keys) == 0 {
		for key := range w.Members {
			r.put([]string{string(key)}, w)
		}
		return
	}
	switch keys[0] {
	case "requestId":
		r.id = string(w.Text())
	case "timestamp":
		r.at = when(w)
	case "modelId":
		r.asked = strings.TrimSpace(string(w.Text()))
	case "completionTokens":
		r.completed = w.Count()
	case "result":
		r.result(keys[1:], w)
	}
}

func (r *copilotAnswer) result(keys []string, w *jsonwalk.Walker) {
	if len(keys) == 0 {
		r.metadata(nil, jsonwalk.New([]byte("{}")))
		for key := range w.Members {
			r.result([]string{string(key)}, w)
		}
		return
	}
	if keys[0] == "metadata" {
		r.metadata(keys[1:], w)
	}
}

func (r *copilotAnswer) metadata(keys []string, w *jsonwalk.Walker) {
	if len(keys) == 0 {
		r.prompt, r.output, r.model = 0, 0, ""
		for key := range w.Members {
			r.metadata([]string{string(key)}, w)
		}
		return
	}
	switch keys[0] {
	case "promptTokens":
		r.prompt = w.Count()
	case "outputTokens":
		r.output = w.Count()
	case "resolvedModel":
		r.model = strings.TrimSpace(string(w.Text()))
	}
}

func (c *copilotChat) part(f File) (p Part) {
	name := path.Base(f.Path())
	session := cmp.Or(c.session, strings.TrimSuffix(name, path.Ext(name)))
	for i, r := range c.requests {
		tokens := usage.Tokens{Input: r.prompt, Output: cmp.Or(r.output, r.completed)}
		model := cmp.Or(r.model, r.asked)
		switch {
		case tokens.IsZero():
			continue
		case max(tokens.Input, tokens.Output) > MaxCount:
			f.Fault(Corrupt)
			continue
		case model == "":
			f.Fault(Unnamed)
			continue
		}
		at := r.at
		if at.IsZero() {
			at = c.created
		}
		id := cmp.Or(r.id, "#"+strconv.Itoa(i))
		p.Entries = append(p.Entries, Entry{Request: f.Origin(), Record: usage.Record{ID: copilotRequest + session + ":" + id, Model: model, Session: session, Time: at, Tokens: tokens}})
	}
	return p
}
