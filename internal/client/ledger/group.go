package ledger

import (
	"time"

	"tokenflex.ing/internal/usage"
)

// Group is what files that are settled together add up to.
type Group struct {
	ID      uint32
	Tallies []Tally
	Cells   []Cell
}

// Tally is what is known of one source in a group beside its cells.
type Tally struct {
	Source  string
	Dropped int64 // duplicates and copies
	Undated int   // responses without a time that can be believed
	Coarse  int   // responses of which only a sum is known
	Guessed int   // responses whose model is
}

// Cell is a cell and the number of records in it, which is not that of its requests where they are sums.
type Cell struct {
	usage.Cell
	Records int64
}

// names are the texts that the cells of a block share.
type names struct {
	of   map[string]uint64
	list []string
}

func (n *names) number(s string) uint64 {
	i, ok := n.of[s]
	if !ok {
		i = uint64(len(n.list))
		n.of[s] = i
		n.list = append(n.list, s)
	}
	return i
}

// groups writes the names, and the groups with each cell behind its length: a reader can put cells in their order before it
// reads them.
func (e *encoder) groups(groups []Group) {
	n := names{of: make(map[string]uint64)}
	var body, one encoder
	body.uint(uint64(len(groups)))
	for i := range groups {
		g := &groups[i]
		body.uint(uint64(g.ID))
		body.uint(uint64(len(g.Tallies)))
		for _, t := range g.Tallies {
			body.uint(n.number(t.Source))
			for _, count := range [...]int64{t.Dropped, int64(t.Undated), int64(t.Coarse), int64(t.Guessed)} {
				body.int(count)
			}
		}
		body.uint(uint64(len(g.Cells)))
		for j := range g.Cells {
			one.b = one.b[:0]
			one.cell(&g.Cells[j], &n)
			body.uint(uint64(len(one.b)))
			body.b = append(body.b, one.b...)
		}
	}
	e.uint(uint64(len(n.list)))
	for _, s := range n.list {
		e.name(s)
	}
	e.b = append(e.b, body.b...)
}

// cell writes its slot first, by which cells are put in order.
func (e *encoder) cell(c *Cell, n *names) {
	e.int(slotOf(&c.Cell))
	for _, s := range [...]string{c.Source, c.Model, string(c.Tier), c.Session, c.Project} {
		e.uint(n.number(s))
	}
	e.int(int64(c.Band))
	e.int(c.Requests)
	e.int(c.Records)
	e.tokens(c.Tokens)
	e.int(int64(c.First.Sub(c.Start)))
	e.int(int64(c.Last.Sub(c.First)))
}

func slotOf(c *usage.Cell) int64 { return c.Start.Unix() / slotSeconds }

const slotSeconds = int64(usage.Slot / 1e9)

func (d *decoder) cell(names []string) (c Cell) {
	c.Start = time.Unix(d.int()*slotSeconds, 0).UTC()
	name := func() string {
		i := d.uint()
		if i >= uint64(len(names)) {
			d.fail()
			return ""
		}
		return names[i]
	}
	c.Source, c.Model, c.Tier, c.Session, c.Project = name(), name(), usage.Tier(name()), name(), name()
	c.Band = usage.Band(d.int())
	c.Requests, c.Records = d.int(), d.int()
	c.Tokens = d.tokens()
	c.First = c.Start.Add(time.Duration(d.int()))
	c.Last = c.First.Add(time.Duration(d.int()))
	return c
}
