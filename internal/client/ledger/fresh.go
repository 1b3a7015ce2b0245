package ledger

import (
	"bufio"
	"hash/crc32"
	"sync"
)

// summed writes bytes and adds them to a checksum. After an error it writes nothing.
type summed struct {
	to  *bufio.Writer
	sum uint32
	err error
}

func (s *summed) write(b []byte) {
	if s.err != nil {
		return
	}
	s.sum = crc32.Update(s.sum, castagnoli, b)
	_, s.err = s.to.Write(b)
}

// copy writes the bytes of a place, from memory or from the disk.
func (l *Ledger) copy(to *summed, p place) {
	b, err := l.read(p)
	if err == nil && p.whole > 0 {
		b, err = l.undelta(b)
	}
	if err != nil && to.err == nil {
		to.err = err
	}
	to.write(b)
}

// fresh are the groups that are not saved yet. One that was dropped before it ever was is an empty one, so that ids have no gaps.
func (l *Ledger) fresh() []Group {
	var all []Group
	for id := l.settled; id < len(l.groups); id++ {
		if g := l.groups[id].fresh; g != nil {
			all = append(all, *g)
		} else {
			all = append(all, Group{ID: uint32(id)})
		}
	}
	return all
}

// allGroups returns every group, under new numbers without gaps. Those that are gone have NoGroup.
func (l *Ledger) allGroups() (all []Group, numbers []uint32) {
	numbers = make([]uint32, len(l.groups))
	all = make([]Group, 0, len(l.groups))
	for id := range l.groups {
		g := &l.groups[id]
		if numbers[id] = NoGroup; g.live {
			numbers[id] = uint32(len(all))
			all = append(all, Group{ID: uint32(len(all)), Tallies: g.tallies})
		}
	}
	return all, numbers
}

// sums are groups that are being encoded, beside whoever waits for them in the end.
type sums struct {
	working     sync.WaitGroup
	names, body []byte
	err         error
}

func sumUp(groups []Group, cells func() ([]ordered, error), number func(group uint32) uint32) *sums {
	s := new(sums)
	s.working.Go(func() {
		var all []ordered
		if all, s.err = cells(); s.err == nil {
			s.names, s.body = encodeGroups(groups, all, number)
		}
	})
	return s
}
