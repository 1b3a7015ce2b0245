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
	last [5]lastName // of a cell: most are the ones of the cell before
}

type lastName struct {
	of    string
	n     uint64
	known bool
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

// encodeGroups returns the names and the groups, and behind them the cells of all of them in one order, so that most of a ledger is read
// from end to end. Number is the place of a cell's group among these.
func encodeGroups(groups []Group, cells []ordered, number func(group uint32) uint32) (inFront, behind []byte) {
	n := names{of: make(map[string]uint64)}
	body := encoder{b: make([]byte, 0, usualCell*len(cells)+usualGroup*len(groups))}
	body.uint(uint64(len(groups)))
	for i := range groups {
		g := &groups[i]
		body.uint(uint64(len(g.Tallies)))
		for _, t := range g.Tallies {
			body.uint(n.number(t.Source))
			for _, count := range [...]int64{t.Dropped, int64(t.Undated), int64(t.Coarse), int64(t.Guessed)} {
				body.int(count)
			}
		}
	}
	body.uint(uint64(len(cells)))
	slot := int64(0)
	for _, c := range cells {
		body.uint(uint64(number(c.group)))
		body.cell(c.Cell, &slot, &n)
	}
	var e encoder
	e.uint(uint64(len(n.list)))
	for _, s := range n.list {
		e.name(s)
	}
	return e.b, body.b
}

// Bytes that a cell and a group take, and a bit.
const usualCell, usualGroup = 56, 8

// cell writes its slot as what is behind that of the cell before.
func (e *encoder) cell(c *Cell, slot *int64, n *names) {
	at := slotOf(&c.Cell)
	e.int(at - *slot)
	*slot = at
	for i, s := range [...]string{c.Source, c.Model, string(c.Tier), c.Session, c.Project} {
		if last := &n.last[i]; last.of != s || !last.known {
			*last = lastName{s, n.number(s), true}
		}
		e.uint(n.last[i].n)
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

// cellDecoder reads cells one after another, each into the same memory.
type cellDecoder struct {
	decoder
	names []string
	slot  int64
	Cell
}

func (d *cellDecoder) known() string {
	i := d.uint()
	if i >= uint64(len(d.names)) {
		d.fail()
		return ""
	}
	return d.names[i]
}

func (d *cellDecoder) cell() {
	c := &d.Cell
	d.slot += d.int()
	c.Start = time.Unix(d.slot*slotSeconds, 0).UTC()
	c.Source, c.Model, c.Tier, c.Session, c.Project = d.known(), d.known(), usage.Tier(d.known()), d.known(), d.known()
	c.Band = usage.Band(d.int())
	c.Requests, c.Records = d.int(), d.int()
	c.Tokens = d.tokens()
	c.First = c.Start.Add(time.Duration(d.int()))
	c.Last = c.First.Add(time.Duration(d.int()))
}
