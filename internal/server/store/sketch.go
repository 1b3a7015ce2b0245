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
