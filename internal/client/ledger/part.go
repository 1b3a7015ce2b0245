package ledger

import (
	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/usage"
)

// Kept is the part of one file as the ledger has it: what the file says, and what it said once and says no more.
type Kept struct {
	source.Part
	Lost []bool // of the entries that the file does not hold any more; it may be shorter than Entries
}

// IsLost reports whether the file no longer holds entry i.
func (k *Kept) IsLost(i int) bool { return i < len(k.Lost) && k.Lost[i] }

// Held counts the entries that the file holds.
func (k *Kept) Held() int {
	n := len(k.Entries)
	for _, lost := range k.Lost {
		if lost {
			n--
		}
	}
	return n
}

// What an entry has beside its counters.
const (
	hasRequest = 1 << iota
	hasMirrors
	hasTier
	isSum
	isLost
)

// part returns where the entries begin.
func (e *encoder) part(k *Kept) (entries int) {
	var second int64
	e.word(k.Session)
	e.uint(uint64(len(k.Parents)))
	for _, parent := range k.Parents {
		e.word(parent)
	}
	e.word(k.Project)
	e.uint(uint64(len(k.Models)))
	for _, m := range k.Models {
		e.word(m.Model)
		e.time(m.Time, &second)
		e.bool(m.Inclusive)
		e.bool(m.Weak)
	}
	e.time(k.Modified, &second)
	e.int(k.Size)
	e.uint(uint64(k.Repeats))
	e.bool(k.Cut)
	e.uint(uint64(len(k.State)))
	for _, text := range k.State {
		e.name(text)
	}
	e.uint(uint64(len(k.Again)))
	for _, n := range k.Again {
		e.uint(uint64(n))
	}
	e.uint(uint64(len(k.Entries)))
	entries = len(e.b)
	for i := range k.Entries {
		e.entry(&k.Entries[i], k.IsLost(i), &second)
	}
	return entries
}

func (e *encoder) entry(n *source.Entry, lost bool, second *int64) {
	e.uint(bit(hasRequest, n.Request != "") | bit(hasMirrors, n.Mirrors != "") | bit(hasTier, n.Tier != "") | bit(isSum, n.Sum) | bit(isLost, lost))
	e.uint(uint64(n.Marks))
	e.text(n.ID)
	if n.Request != "" {
		e.text(n.Request)
	}
	if n.Mirrors != "" {
		e.word(n.Mirrors)
	}
	if n.Tier != "" {
		e.word(string(n.Tier))
	}
	e.word(n.Model)
	e.word(n.Session)
	e.word(n.Project)
	e.time(n.Time, second)
	e.tokens(n.Tokens)
}

func bit(of uint64, set bool) uint64 {
	if set {
		return of
	}
	return 0
}

func (e *encoder) tokens(t usage.Tokens) {
	for _, n := range [...]int64{t.Input, t.CacheRead, t.CacheWrite5m, t.CacheWrite1h, t.Output, t.Reasoning} {
		e.int(n)
	}
}

func (d *decoder) part() *Kept {
	var second int64
	k := new(Kept)
	k.Session = d.word()
	for range d.count() {
		k.Parents = append(k.Parents, d.word())
	}
	k.Project = d.word()
	for range d.count() {
		k.Models = append(k.Models, source.ModelFrom{Model: d.word(), Time: d.time(&second), Inclusive: d.bool(), Weak: d.bool()})
	}
	k.Modified = d.time(&second)
	k.Size = d.int()
	k.Repeats = int(d.uint())
	k.Cut = d.bool()
	if !d.form.stateless {
		for range d.count() {
			k.State = append(k.State, d.name())
		}
	}
	for range d.count() {
		k.Again = append(k.Again, uint16(d.uint()))
	}
	const leastEntry, room = 13, 32
	n := d.countOf(leastEntry)
	d.entries = d.at
	if n > 0 {
		k.Entries = make([]source.Entry, 0, n+room) // for what a file that grew says next
	}
	for i := 0; i < n && !d.bad; i++ {
		k.Entries = append(k.Entries, source.Entry{})
		if d.entry(&k.Entries[i], &second) {
			for len(k.Lost) < i {
				k.Lost = append(k.Lost, false)
			}
			k.Lost = append(k.Lost, true)
		}
	}
	return k
}

func (d *decoder) entry(n *source.Entry, second *int64) (lost bool) {
	has := d.uint()
	n.Marks = source.Marks(d.uint())
	n.ID = d.text()
	if has&hasRequest != 0 {
		n.Request = d.text()
	}
	if has&hasMirrors != 0 {
		n.Mirrors = d.word()
	}
	if has&hasTier != 0 {
		n.Tier = usage.Tier(d.word())
	}
	n.Model, n.Session, n.Project = d.word(), d.word(), d.word()
	n.Time = d.time(second)
	n.Tokens = d.tokens()
	n.Sum = has&isSum != 0
	return has&isLost != 0
}

func (d *decoder) tokens() usage.Tokens {
	return usage.Tokens{Input: d.int(), CacheRead: d.int(), CacheWrite5m: d.int(), CacheWrite1h: d.int(), Output: d.int(), Reasoning: d.int()}
}
