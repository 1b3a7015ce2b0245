package scan

import (
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/source"
)

// settle settles the groups again of which a file changed. Groups can become one by what changed, or fall apart.
func (p *pass) settle() error {
	if len(p.fresh)+len(p.loose)+len(p.dirty) == 0 {
		return nil
	}
	members, err := p.members()
	if err != nil {
		return err
	}
	split, err := p.split(members)
	if err != nil {
		return err
	}
	groups := make([]ledger.Group, len(split))
	err = inParallel(len(split), func(i int) error {
		if alone, ok := p.alone[split[i][0]]; ok && len(split[i]) == 1 {
			groups[i] = alone
			return nil
		}
		of, err := p.told(split[i], nil)
		groups[i] = settleGroup(of, p.believed)
		return err
	})
	if err != nil {
		return err
	}
	drop := make([]uint32, 0, len(p.dirty))
	for id := range p.dirty {
		drop = append(drop, id)
	}
	slices.Sort(drop)
	p.ledger.Regroup(drop, groups, split)
	return nil
}

// inParallel calls do with every number below n, on all processors, until one fails.
func inParallel(n int, do func(i int) error) error {
	var next atomic.Int64
	var workers sync.WaitGroup
	var once sync.Once
	var failed error
	for range min(runtime.GOMAXPROCS(0), n) {
		workers.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := do(i); err != nil {
					once.Do(func() { failed = err })
					next.Store(int64(n))
				}
			}
		})
	}
	workers.Wait()
	return failed
}

// members returns the files of all groups that are settled again: those in which something changed, and those that what is new
// is tied to.
func (p *pass) members() (members []int, err error) {
	tied := make(map[uint32]bool, len(p.tied))
	for _, link := range p.tied {
		tied[link] = true
	}
	fresh := make(map[int]bool, len(p.fresh)+len(p.loose))
	for _, id := range slices.Concat(p.fresh, p.loose) {
		fresh[id] = true
	}
	known := 0
	for id := range p.ledger.Each {
		if !fresh[id] {
			known++
		}
	}
	if known > 0 && len(tied) > 0 {
		err = p.ledger.Links(func(id int, links []uint32) {
			group := p.ledger.File(id).Group
			if !fresh[id] && !p.dirty[group] && slices.ContainsFunc(links, func(link uint32) bool { return tied[link] }) {
				p.dirty[group] = true
			}
		})
	}
	for id, f := range p.ledger.Each {
		if fresh[id] || p.dirty[f.Group] {
			members = append(members, id)
		}
	}
	return members, err
}

// split puts files together that share a link, near or far.
func (p *pass) split(members []int) ([][]int, error) {
	if len(members) == 1 {
		return [][]int{members}, nil
	}
	parents := make([]int, len(members))
	root := func(i int) int {
		for parents[i] != i {
			parents[i] = parents[parents[i]]
			i = parents[i]
		}
		return i
	}
	n := 0
	for _, id := range members {
		n += p.ledger.LinkCount(id)
	}
	first := newFirsts(n)
	var links []uint32
	for i, id := range members {
		parents[i] = i
		var err error
		if links, err = p.ledger.AppendLinksOf(links[:0], id); err != nil {
			return nil, err
		}
		for _, link := range links {
			if j := first.put(link, i); j != i {
				parents[root(i)] = root(j)
			}
		}
	}
	places := make(map[int]int)
	var split [][]int
	for i, id := range members {
		r := root(i)
		at, ok := places[r]
		if !ok {
			at = len(split)
			places[r] = at
			split = append(split, nil)
		}
		split[at] = append(split[at], id)
	}
	return split, nil
}

// firsts says where each link was met first. A first scan meets as many as there are responses, so it is a flat table: the links are
// digests, which need no other.
type firsts struct {
	table []met
	mask  uint32
}

type met struct {
	link uint32
	at   uint32 // plus one; 0: nothing is here
}

// newFirsts has room for n links.
func newFirsts(n int) *firsts {
	size := 1 << bits.Len(uint(2*n))
	return &firsts{table: make([]met, size), mask: uint32(size - 1)}
}

// put returns where a link was met first: at the given place, if it was not met before.
func (f *firsts) put(link uint32, at int) int {
	for i := link * 0x9E3779B1 >> 7; ; i++ { // what lies near each other in a list lies apart here
		m := &f.table[i&f.mask]
		switch {
		case m.at == 0:
			*m = met{link, uint32(at + 1)}
			return at
		case m.link == link:
			return int(m.at - 1)
		}
	}
}

// told reads what the files of a group say, by source.
func (p *pass) told(ids []int, trace func(f *ledger.File, part *source.Part) *tracer) ([]tellings, error) {
	var all []tellings
	for _, id := range ids {
		f := p.ledger.File(id)
		found := p.byID[f.Source]
		if f.Out || found == nil {
			continue
		}
		kept, err := p.ledger.Part(id)
		if err != nil {
			return nil, err
		}
		f.Future = p.future(kept.Entries)
		i := slices.IndexFunc(all, func(of tellings) bool { return of.source.ID == f.Source })
		if i < 0 {
			i = len(all)
			all = append(all, tellings{source: found.source})
		}
		if trace != nil {
			all[i].tracer = trace(f, &kept.Part)
		}
		all[i].parts = append(all[i].parts, kept.Part)
	}
	return all, nil
}
