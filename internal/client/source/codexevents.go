package source

import (
	"strconv"
	"sync"
)

// codexVerdict is what becomes of one token_count.
type codexVerdict uint8

const (
	codexCounted  codexVerdict = iota
	codexNothing               // it tells of no tokens
	codexRepeated              // it was told before
	codexCorrupt
)

// codexEvents tells the requests of a rollout from the events that only repeat them. About every other event does: Codex
// writes its last one again whenever the rate limits or the screen change. The running total is no counter to rely on, for
// it is filled up, reset and lowered; it serves to recognize an event.
type codexEvents struct {
	seen map[string]bool       // pairs of total and last
	more []string              // those of them that are the ID of no entry
	last map[string]codexUsage // total of the last event that was accepted, by lane
	base codexUsage            // the highest total so far, for events without a last
	bare map[string]int        // events without a total, by pair: they cannot be recognized
	key  []byte
	pair [2]codexUsage // total and last of the event before that had a total
}

func newCodexEvents() codexEvents {
	return codexEvents{seen: codexPairs.Get().(map[string]bool), last: make(map[string]codexUsage), bare: make(map[string]int)}
}

// codexPairs are the tables of rollouts that were read, for the next ones.
var codexPairs = sync.Pool{New: func() any { return make(map[string]bool) }}

// end lets go of the table, unless it is a long one, which takes longer to empty than a short one to make.
func (c *codexEvents) end() {
	const long = 1024
	if len(c.seen) <= long {
		clear(c.seen)
		codexPairs.Put(c.seen)
	}
	c.seen = nil
}

// accept returns what one event adds, and an identifier that a copy of it has too.
func (c *codexEvents) accept(p *codexPayload) (used codexUsage, id string, v codexVerdict) {
	total, last := p.info.total, p.info.last
	if !total.present() && !last.present() {
		return used, "", codexNothing
	}
	if total.present() {
		if pair := [2]codexUsage{total, last}; pair != c.pair {
			c.pair = pair
		} else {
			return used, "", codexRepeated
		}
	}
	c.key = last.appendTo(append(total.appendTo(c.key[:0]), '|'))
	if total.present() {
		if c.seen[string(c.key)] {
			return used, "", codexRepeated
		}
		if last.present() && c.last[string(p.lane)] == total {
			c.note(string(c.key))
			return used, "", codexRepeated
		}
		id = string(c.key)
		c.seen[id] = true
		c.last[string(p.lane)] = total
	} else {
		pair := string(c.key)
		id = string(strconv.AppendInt(append(c.key, ':'), int64(c.bare[pair]), 10))
		c.bare[pair]++
	}
	used = last
	if whole := total.over(c.base); total.present() && whole.n[codexTotal] >= c.base.n[codexTotal] {
		if !last.present() {
			used = whole.since(c.base)
		}
		c.base = whole
	}
	v = codexCounted
	switch {
	case !used.sound():
		v = codexCorrupt
	case used.tokens().IsZero():
		v = codexNothing
	}
	if v != codexCounted && total.present() {
		c.note(id)
	}
	return used, id, v
}

// note remembers a pair that no entry tells.
func (c *codexEvents) note(pair string) {
	c.seen[pair] = true
	c.more = append(c.more, pair)
}
