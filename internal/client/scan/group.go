package scan

import (
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
		if id := split[i][0]; len(split[i]) == 1 && id < len(p.alone) && p.alone[id] != nil {
			groups[i] = *p.alone[id]
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
	var fresh []bool // by id
	for _, id := range slices.Concat(p.fresh, p.loose) {
		fresh = append(fresh, make([]bool, max(0, id+1-len(fresh)))...)
		fresh[id] = true
	}
	known := false
	for id := range p.ledger.Each {
		fresh = append(fresh, make([]bool, max(0, id+1-len(fresh)))...)
		known = known || !fresh[id]
	}
	if known && len(p.tied) > 0 {
		tied := make(map[uint32]bool, len(p.tied))
		for _, link := range p.tied {
			tied[link] = true
		}
		err = p.ledger.Links(func(id int, links []uint32) {
			group := p.ledger.File(id).Group
			if !fresh[id] && !p.dirty[group] && slices.ContainsFunc(links, func(link uint32) bool { return tied[link] }) {
				p.dirty[group] = true
			}
		})
	}
	for id, f := range p.ledger.Each {
		if fresh[id] || len(p.dirty) > 0 && p.dirty[f.Group] {
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
	for _, id := range members {
		if !p.together.has(id) {
			links, err := p.ledger.LinksOf(id)
			if err != nil {
				return nil, err
			}
			p.together.add(id, links)
		}
	}
	return p.together.groups(members), nil
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
