package accept

import (
	"encoding/base64"
	"fmt"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

var markEncoding = base64.URLEncoding.Strict()

// Sketches returns the upload's sketches by cell, or *ErrInvalid naming every one that is wrong.
func Sketches(u wire.Usage) (map[store.Cell]store.Sketch, error) {
	if len(u.Sketches) == 0 {
		return nil, nil
	}
	var f faults
	named := make(map[store.Cell]bool)
	for _, r := range u.Rows {
		named[store.Cell{Day: r.Day, Source: r.Source}] = true
	}
	sketches := make(map[store.Cell]store.Sketch, len(u.Sketches))
	for i, s := range u.Sketches {
		at, c := fmt.Sprintf("/sketches/%d", i), store.Cell{Day: s.Day, Source: s.Source}
		switch _, twice := sketches[c]; {
		case !named[c]:
			f.add(at, "unknown", "must be of a day and source that a row names")
		case twice:
			f.add(at, "duplicate", "has the day and source of another sketch")
		}
		marks, err := markEncoding.DecodeString(s.Marks)
		sketch := store.Sketch(marks)
		if err != nil || !sketch.Valid() || len(s.Marks)*store.MarkBytes != len(sketch)*wire.MarkSize { // the decoder leaves line ends out
			f.add(at+"/marks", "pattern", fmt.Sprintf("must be 1 to %d rising marks of %d characters of base64 for URLs", wire.MaxMarks, wire.MarkSize))
		}
		sketches[c] = sketch
	}
	return sketches, f.err()
}
