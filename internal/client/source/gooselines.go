package source

import (
	"slices"

	"tokenflex.ing/internal/client/jsonwalk"
	"tokenflex.ing/internal/usage"
)

// gooseHead is the first line of a session that is a file of lines.
type gooseHead struct {
	folder    string
	sum, last gooseCounts
}

// readGooseLines reads the sums that the first line tells. They are of the time of the last message.
func readGooseLines(f File) Part {
	c := collect(f)
	session := stem(f.Path())
	e := Entry{Record: usage.Record{ID: session, Model: unknownModel, Session: session}, Marks: Sum}
	var w jsonwalk.Walker
	first := true
	for line := range f.Lines() {
		w.Reset(line)
		var h gooseHead
		for key := range w.Members {
			switch {
			case first:
				h.member(&w, key)
			case string(key) == "created":
				if at := when(&w); at.After(e.Time) {
					e.Time = at
				}
			}
		}
		if w.End() != nil {
			f.Fault(Malformed)
		} else if n := h.counts(); first && c.believes(n.total, n.input, n.output) {
			e.Tokens, e.Project = n.tokens(), h.folder
			if n.input+n.output == 0 {
				e.Marks |= Coarse
			}
		}
		first = false
	}
	c.add(e)
	c.part.Session = session
	return c.end(session, "")
}

func (h *gooseHead) member(w *jsonwalk.Walker, key []byte) {
	if string(key) == "working_dir" {
		h.folder = string(w.Text())
		return
	}
	count(w, key, map[string]*int64{
		"accumulated_total_tokens": &h.sum.total, "accumulated_input_tokens": &h.sum.input, "accumulated_output_tokens": &h.sum.output,
		"total_tokens": &h.last.total, "input_tokens": &h.last.input, "output_tokens": &h.last.output,
	})
}

// counts returns the sums, or of a version that did not add up the counters of the last request.
func (h *gooseHead) counts() gooseCounts {
	if h.sum == (gooseCounts{}) {
		return h.last
	}
	return h.sum
}

// settleGoose leaves out the files of sessions that are in a database.
func settleGoose(parts []Part) []Entry {
	told := make(map[string]bool)
	for _, p := range parts {
		for i := range p.Entries {
			if e := &p.Entries[i]; !e.Marks.Has(Sum) {
				told[e.ID] = true
			}
		}
	}
	kept := slices.Clone(parts)
	for i, p := range kept {
		kept[i].Entries = slices.DeleteFunc(slices.Clone(p.Entries), func(e Entry) bool { return e.Marks.Has(Sum) && told[e.ID] })
	}
	return settleGrown(kept)
}
