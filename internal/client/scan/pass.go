package scan

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/source"
)

// pass is one reading of the machine beside what the ledger knows of it.
type pass struct {
	Options
	access  access
	machine machine
	finds   []*find
	byID    map[string]*find
	book    *book
	ledger  *ledger.Ledger // the book's
	zone    uint64         // a digest of the machine's zone

	absent []int // files of the ledger that are gone, by id
	loose  []int // files that are in no group yet, as those of a salvaged ledger

	first    bool // nothing is known but what this pass reads
	mu       sync.Mutex
	dirty    map[uint32]bool // groups that have to be settled again
	fresh    []int           // files whose part changed
	tied     []uint32        // names by which these can be tied to files of other groups
	together ties            // of these
	alone    []*ledger.Group // of these by id, what they add up to if nothing ties them to another
	broken   error           // the first fault of the ledger
}

func newPass(o Options, a access, m machine, finds []*find, b *book) *pass {
	p := &pass{Options: o, access: a, machine: m, finds: finds, book: b, ledger: b.Ledger, byID: make(map[string]*find), dirty: make(map[uint32]bool), zone: zonePrint(cmp.Or(o.Zone, time.Local))}
	for _, f := range finds {
		p.byID[f.source.ID] = f
	}
	return p
}

// run brings the ledger to the state of the disk, and says what it holds then.
func (p *pass) run(ctx context.Context) (*Result, error) {
	p.match()
	if err := p.readAll(ctx); err != nil {
		return nil, err
	}
	if p.broken == nil {
		p.followMoves()
	}
	if p.broken == nil && p.Purge {
		p.broken = p.purge(p.book.forgotten)
	}
	if p.broken == nil {
		p.broken = p.settle()
	}
	if p.broken != nil {
		return nil, p.broken
	}
	if p.Traced == nil && !p.Purge { // a trace reads more of the ledger than what it adds up to
		p.book.saveMeanwhile()
	}
	r, err := p.result(p.book.forgotten)
	if err != nil {
		p.book.wait()
	}
	return r, err
}

// match finds the files in the ledger, and notes which are to be read.
func (p *pass) match() {
	known, unknown := p.ledger.Finder(), 0
	p.first = p.ledger.Empty()
	for _, found := range p.finds {
		found.ids, found.outcomes = make([]int, len(found.files)), make([]outcome, len(found.files))
		for i := range found.files {
			c := &found.files[i]
			id, ok := known.Find(found.source.ID, c.name)
			if !ok {
				found.ids[i] = -1
				unknown++
				continue
			}
			found.ids[i] = id
			f := p.ledger.File(id)
			p.unsettled(id, f)
			p.place(id, f, c)
			if p.same(found.source, f, c) {
				found.outcomes[i] = outcome{kept: true, faults: f.Faults, oversize: f.Oversize, database: f.Database, size: f.Stamp.Size}
			}
		}
	}
	for id := range known.Rest {
		f := p.ledger.File(id)
		found := p.byID[f.Source]
		if found == nil {
			continue // of a source that nobody asked for
		}
		p.unsettled(id, f)
		if out := !found.scopes[f.Scope]; out != f.Out {
			f.Out = out
			p.ledger.Put(id, *f, nil, nil)
			p.dirty[f.Group] = true
		}
		if !f.Out {
			p.absent = append(p.absent, id)
		}
		p.believe(f)
	}
	slices.Sort(p.absent)
	p.ledger.Grow(unknown)
}

// unsettled has a file settled that was not yet.
func (p *pass) unsettled(id int, f *ledger.File) {
	if f.Group != ledger.NoGroup {
		return
	}
	names, err := p.ledger.LinksOf(id)
	if err != nil {
		p.fail(err)
	}
	p.loose, p.tied = append(p.loose, id), append(p.tied, names...)
}

// place notes that a file is looked for below another root than before, or again.
func (p *pass) place(id int, f *ledger.File, c *candidate) {
	if f.Out || f.Scope != c.scope {
		if f.Out {
			p.dirty[f.Group] = true
		}
		f.Out, f.Scope = false, c.scope
		p.ledger.Put(id, *f, nil, nil)
	}
	p.believe(f)
}

// believe has a file settled again once the times in it that were to come have come.
func (p *pass) believe(f *ledger.File) {
	if f.Future != 0 && p.believed(time.Unix(f.Future, 0)) {
		p.dirty[f.Group] = true
	}
}

// believed reports whether a time is not too late to be true.
func (p *pass) believed(t time.Time) bool { return p.Now.IsZero() || !t.After(p.Now.Add(clockAhead)) }

// clockAhead is how far a clock may be that wrote a time.
const clockAhead = 24 * time.Hour

// latest is the last second that is believed, since 1970.
func (p *pass) latest() int64 {
	if p.Now.IsZero() {
		return math.MaxInt64
	}
	return p.Now.Add(clockAhead).Unix()
}

// same reports whether a file still holds what was read of it.
func (p *pass) same(s source.Source, f *ledger.File, c *candidate) bool {
	if f.Stale || f.Revision != s.Revision || f.Zone != 0 && f.Zone != p.zone {
		return false
	}
	stamp := c.stamp
	stamp.Beside, _ = besidePrint(p.access, c, f.Database, f.Beside)
	return stamp == f.Stamp
}

// readAll reads the files that are not the same as before.
func (p *pass) readAll(ctx context.Context) error {
	return readAll(ctx, p.finds, p.Options, p.access, p.known, p.absorb)
}

// known is what the ledger has of a file; nil if it cannot be used to go on from.
func (p *pass) known(found *find, i int) (*ledger.File, *ledger.Kept) {
	id := found.ids[i]
	if id < 0 {
		return nil, nil
	}
	f := p.ledger.File(id)
	if f.Whole == 0 || f.Revision != found.source.Revision || f.Zone != 0 && f.Zone != p.zone {
		return nil, nil
	}
	kept, err := p.ledger.Part(id)
	if err != nil {
		p.fail(err)
		return nil, nil
	}
	if len(kept.State) > 0 && slices.Contains(kept.Lost, true) {
		return nil, nil // the state is of what the file holds
	}
	return f, kept
}

func (p *pass) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken == nil {
		p.broken = err
	}
}
