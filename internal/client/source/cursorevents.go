package source

import "tokenflex.ing/internal/client/jsonwalk"

// readCursorEvents reads the events that the site of an account shows, as a list or below a name, as in
// {"usageEventsDisplay":[{"timestamp":"1777629600000","model":…,"tokenUsage":{…}}]}. The input has no cached tokens in it.
func readCursorEvents(f File) Part {
	p := Part{Session: cursorAccount(f)}
	w, ok := document(f)
	if !ok {
		return p
	}
	repeats := make(cursorRepeats)
	list := func() {
		for range w.Elements {
			if e, ok := readCursorEvent(f, w); ok {
				p.Entries = append(p.Entries, repeats.number(e))
			}
		}
	}
	if w.Kind() == jsonwalk.Array {
		list()
	} else {
		for range w.Members {
			if w.Kind() == jsonwalk.Array {
				list()
			}
		}
	}
	ended(f, w)
	return p
}

func readCursorEvent(f File, w *jsonwalk.Walker) (e Entry, ok bool) {
	var n fourCounts
	for key := range w.Members {
		switch string(key) {
		case "timestamp":
			e.Time = when(w)
		case "model":
			e.Model = trimmed(w.Text())
		case "conversationId":
			e.Session = trimmed(w.Text())
		case "tokenUsage":
			counts(w, map[string]*int64{"inputTokens": &n.input, "outputTokens": &n.output, "cacheReadTokens": &n.read, "cacheWriteTokens": &n.write})
		}
	}
	e.Tokens, e.Marks = n.tokens(), cursorEvent
	switch {
	case w.Broken() || e.Tokens.IsZero():
		return e, false
	case max(n.input, n.output, n.read, n.write) > MaxCount:
		f.Fault(Corrupt)
		return e, false
	case e.Model == "":
		f.Fault(Unnamed)
		return e, false
	}
	return e, true
}
