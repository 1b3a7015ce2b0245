package render

import (
	"cmp"
	"sync"
)

// stream is an array like lines whose members are made one by one: at returns one, in the memory of the one before.
type stream struct {
	n  int
	at func(before object, i int) object
}

// streamOf is a stream of what is there.
func streamOf(all []object) stream {
	return stream{len(all), func(_ object, i int) object { return all[i] }}
}

// together is how many members of a stream a processor writes while another writes the next ones.
const together = 64

// append appends what some makes of the members, and shows it to take now and then, which returns the memory to go on in.
func (s stream) append(b []byte, some func(b []byte, s stream, from, to int) ([]byte, error), take func(b []byte) ([]byte, error)) ([]byte, error) {
	var next []byte
	for i := 0; i < s.n; i += 2 * together {
		half, end := min(i+together, s.n), min(i+2*together, s.n)
		var writing sync.WaitGroup
		var err, other error
		if half < end {
			writing.Go(func() { next, other = some(next[:0], s, half, end) })
		} else {
			next = next[:0]
		}
		b, err = some(b, s, i, half)
		writing.Wait()
		if err = cmp.Or(err, other); err == nil {
			b, err = take(append(b, next...))
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}
