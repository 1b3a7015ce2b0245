package source

// claudeTelling is all that is told of one message under one request.
type claudeTelling struct {
	entry *Entry // of a part, or one that several were merged to
	next  int    // the next telling of the same message, under another request; 0: none
	later bool   // it is such a next one
}

// settleClaudeCode keeps one entry for every response. Sessions that are resumed, forked or copied repeat old lines in new
// files, and an aside repeats its parent's messages under requests of its own.
func settleClaudeCode(parts []Part) []Entry {
	n := countEntries(parts)
	first := make(map[string]int, n) // place in told, by ID
	told := make([]claudeTelling, 1, n+1)
	kept := make([]Entry, 0, n)
	for _, p := range parts {
		for i := range p.Entries {
			e := &p.Entries[i]
			if e.ID == "" {
				kept = append(kept, *e)
				continue
			}
			at, ok := first[e.ID]
			if !ok {
				first[e.ID] = len(told)
				told = append(told, claudeTelling{entry: e})
				continue
			}
			for told[at].entry.Request != e.Request && told[at].next != 0 {
				at = told[at].next
			}
			if told[at].entry.Request == e.Request {
				merged := merge(*told[at].entry, *e)
				told[at].entry = &merged
				continue
			}
			told[at].next = len(told)
			told = append(told, claudeTelling{entry: e, later: true})
		}
	}
	var group []Entry
	for at := 1; at < len(told); at++ {
		if told[at].later {
			continue
		}
		if told[at].next == 0 {
			kept = append(kept, *told[at].entry)
			continue
		}
		group = group[:0]
		for i := at; i != 0; i = told[i].next {
			group = append(group, *told[i].entry)
		}
		kept = append(kept, settleMessage(group)...)
	}
	return kept
}

// settleMessage keeps what was billed of one message that was told under several requests: every request of the session
// itself, or else the best of the asides. A telling without a request belongs to the best of those that have one.
func settleMessage(group []Entry) []Entry {
	var asked, bare, asides []Entry
	for _, e := range group {
		switch {
		case !e.Marks.Has(Main):
			asides = append(asides, e)
		case e.Request == "":
			bare = append(bare, e)
		default:
			asked = append(asked, e)
		}
	}
	switch {
	case len(asked)+len(bare) == 0:
		return []Entry{mergeAll(asides)}
	case len(asked) == 0:
		asked = []Entry{mergeAll(bare)}
		bare = nil
	}
	best := 0
	for i := range asked {
		if compare(asked[i], asked[best]) < 0 {
			best = i
		}
	}
	for _, e := range asides {
		asked[best].Time = earlier(asked[best].Time, e.Time)
	}
	for _, e := range bare {
		asked[best] = merge(asked[best], e)
	}
	return asked
}

func mergeAll(group []Entry) Entry {
	best := group[0]
	for _, e := range group[1:] {
		best = merge(best, e)
	}
	return best
}
