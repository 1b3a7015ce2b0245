package store

import "bytes"

// Sketch is of the responses of a device in one cell: the smallest of their marks, rising. Of up to SketchMarks responses it has every
// mark, of more a sample that is the same on every device.
type Sketch []byte

const (
	// SketchMarks is how many marks a sketch has at most.
	SketchMarks = 64
	// MarkBytes is how long one is.
	MarkBytes = 6
)

// Valid reports whether it has marks, not too many, and each is larger than the one before.
func (s Sketch) Valid() bool {
	if len(s) == 0 || len(s)%MarkBytes != 0 || s.marks() > SketchMarks {
		return false
	}
	for i := 1; i < s.marks(); i++ {
		if bytes.Compare(s.mark(i-1), s.mark(i)) >= 0 {
			return false
		}
	}
	return true
}

func (s Sketch) marks() int { return len(s) / MarkBytes }

func (s Sketch) mark(i int) []byte { return s[i*MarkBytes : (i+1)*MarkBytes] }

// whole reports whether every response of the cell has its mark in the sketch.
func (s Sketch) whole() bool { return s.marks() < SketchMarks }

// ShareIn estimates how much of what s is of is in what t is of, in percent, and at least 1 if anything is. Up to the last mark that
// both would show, s is a sample of all its responses, and t tells of each whether it is there too.
func (s Sketch) ShareIn(t Sketch) int {
	sample, both, at := 0, 0, 0
	for i := range s.marks() {
		m := s.mark(i)
		for at < t.marks() && bytes.Compare(t.mark(at), m) < 0 {
			at++
		}
		if at == t.marks() && !t.whole() { // t would not show it
			break
		}
		sample++
		if at < t.marks() && bytes.Equal(t.mark(at), m) {
			both++
		}
	}
	if both == 0 {
		return 0
	}
	return max(1, both*100/sample)
}
