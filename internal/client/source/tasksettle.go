package source

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// task is all that the files of one task or session say, wherever they lie.
type task struct {
	history  Entry // its line in the list of all tasks
	listed   bool
	found    bool  // it has files of its own
	newest   *Part // of the copies of its ui_messages.json
	messages []Entry
	sums     []Entry
	models   []ModelFrom
	project  string
}

// settleTasks keeps what was billed of every task. Of the copies of a task's messages, which are rewritten whole, the newest
// counts; a task that became a session counts as the one that tells more requests; sums count where nothing finer does.
func settleTasks(parts []Part) []Entry {
	tasks := make(map[string]*task)
	of := func(session string) *task {
		if tasks[session] == nil {
			tasks[session] = new(task)
		}
		return tasks[session]
	}
	for i := range parts {
		p := &parts[i]
		if p.Session != "" {
			of(p.Session).take(p)
			continue
		}
		for _, e := range p.Entries {
			of(e.Session).list(e)
		}
	}
	var kept []Entry
	for _, t := range tasks {
		kept = append(kept, t.settle()...)
	}
	return kept
}

// take notes what one file of the task says.
func (t *task) take(p *Part) {
	t.found = true
	t.models = append(t.models, p.Models...)
	t.project = max(t.project, p.Project)
	switch {
	case len(p.Entries) == 0:
	case !p.Modified.IsZero():
		if t.newest == nil || newer(p, t.newest) {
			t.newest = p
		}
	default:
		for _, e := range p.Entries {
			if e.Marks.Has(Sum) {
				t.sums = append(t.sums, e)
			} else {
				t.messages = append(t.messages, e)
			}
		}
	}
}

// list notes the latest line that a list of tasks has of this one.
func (t *task) list(e Entry) {
	if !t.listed || cmp.Or(e.Time.Compare(t.history.Time), compare(t.history, e)) > 0 {
		t.history, t.listed = e, true
	}
}

func (t *task) settle() []Entry {
	slices.SortFunc(t.models, func(a, b ModelFrom) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Model, b.Model)) })
	t.project = cmp.Or(t.project, t.history.Project)
	if t.history.Model != "" && !slices.ContainsFunc(t.models, func(m ModelFrom) bool { return !m.Weak }) {
		t.models = append([]ModelFrom{{Model: t.history.Model}}, t.models...)
	}
	var kept []Entry
	if t.newest != nil {
		kept = t.newest.Entries
	}
	if told := t.session(); len(kept) == 0 || len(told) >= len(kept) && len(t.messages) > 0 {
		kept = told
	}
	if !t.found && !t.history.Tokens.IsZero() {
		kept = []Entry{t.history}
	}
	kept = slices.Clone(kept)
	for i, e := range kept {
		e.Project = cmp.Or(e.Project, t.project)
		kept[i] = withModel(e, t.models)
	}
	return kept
}

// session returns what the messages of a session tell, and its sum if those of its main agent tell nothing.
func (t *task) session() []Entry {
	told := Distinct([]Part{{Entries: t.messages}})
	for _, e := range t.sums {
		if !slices.ContainsFunc(told, func(m Entry) bool { return strings.HasPrefix(m.ID, e.ID) && m.ID != e.ID }) {
			told = replaceSum(told, e)
		}
	}
	return told
}

// replaceSum adds the sum of a session, or puts it in the place of an older telling of it.
func replaceSum(told []Entry, e Entry) []Entry {
	i := slices.IndexFunc(told, func(m Entry) bool { return m.ID == e.ID })
	switch {
	case i < 0:
		return append(told, e)
	case later(e, told[i]):
		told[i] = e
	}
	return told
}

// later reports whether e is the later state of a sum that grows.
func later(e, old Entry) bool {
	return cmp.Or(e.Time.Compare(old.Time), compare(old, e)) > 0
}

// newer reports whether p is to be taken before q: by the time of the file, else by what it tells, whose last word is later.
func newer(p, q *Part) bool {
	last := func(p *Part) (at time.Time) {
		for _, e := range p.Entries {
			if e.Time.After(at) {
				at = e.Time
			}
		}
		return at
	}
	return cmp.Or(p.Modified.Compare(q.Modified), last(p).Compare(last(q)), cmp.Compare(p.Size, q.Size), slices.CompareFunc(p.Entries, q.Entries, compareEntries)) > 0
}

// compareEntries orders entries by everything that they say.
func compareEntries(a, b Entry) int {
	return cmp.Or(cmp.Compare(a.ID, b.ID), a.Time.Compare(b.Time), compare(a, b))
}
