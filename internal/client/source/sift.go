package source

import (
	"iter"

	"tokenflex.ing/internal/client/jsonwalk"
)

// longLine is from how many bytes on a line is worth holding back.
const longLine = 1 << 10

// sift yields the lines of the file that the sieve lets through, and the short ones. Of a long one that is held back nothing can be
// counted, so that it is only looked at where it begins and ends: whether it is one object is said of what breaks off.
func sift(f File, s jsonwalk.Sieve) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for line := range f.Lines() {
			switch {
			case len(line) < longLine || s.Passes(line):
				if !yield(line) {
					return
				}
			case line[0] != '{' || line[len(line)-1] != '}':
				f.Fault(Malformed)
			}
		}
	}
}
