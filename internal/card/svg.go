package card

import (
	"bytes"
	"encoding/xml"
	"strconv"

	"golang.org/x/image/font/sfnt"
)

// svg is a picture as text.
type svg struct{ b bytes.Buffer }

// newSVG begins a picture that says title to whoever cannot see it.
func newSVG(width, height float64, title string) *svg {
	s := new(svg)
	var words bytes.Buffer
	xml.EscapeText(&words, []byte(title)) // a buffer takes all; what XML cannot say becomes �
	title = words.String()
	s.put(`<svg xmlns="http://www.w3.org/2000/svg" width="`).number(width).put(`" height="`).number(height).
		put(`" viewBox="0 0 `).number(width).put(` `).number(height).put(`" role="img" aria-label="` + title + `"><title>` + title + `</title>`)
	return s
}

// end returns the whole picture.
func (s *svg) end() []byte { return s.put("</svg>\n").b.Bytes() }

func (s *svg) put(text string) *svg {
	s.b.WriteString(text)
	return s
}

// number writes n to a tenth.
func (s *svg) number(n float64) *svg {
	text := strconv.AppendFloat(s.b.AvailableBuffer(), n, 'f', 1, 64)
	text = bytes.TrimSuffix(text, []byte(".0"))
	if string(text) == "-0" {
		text = []byte("0")
	}
	s.b.Write(text)
	return s
}

func (s *svg) rect(x, y, width, height float64, c colour) {
	s.put(`<rect x="`).number(x).put(`" y="`).number(y).put(`" width="`).number(width).put(`" height="`).number(height).put(`" fill="` + string(c) + `"/>`)
}

func (s *svg) disc(x, y, radius float64, c colour) {
	s.put(`<circle cx="`).number(x).put(`" cy="`).number(y).put(`" r="`).number(radius).put(`" fill="` + string(c) + `"/>`)
}

func (s *svg) outline(strokes []stroke, c colour) {
	s.put(`<path fill="` + string(c) + `" d="`)
	for i, k := range strokes {
		switch k.kind {
		case sfnt.SegmentOpMoveTo:
			if i > 0 {
				s.put("Z")
			}
			s.put("M")
		case sfnt.SegmentOpLineTo:
			s.put("L")
		case sfnt.SegmentOpQuadTo:
			s.put("Q")
		case sfnt.SegmentOpCubeTo:
			s.put("C")
		}
		for n := range k.ends() {
			if n > 0 {
				s.put(" ")
			}
			s.number(k.points[n].x).put(" ").number(k.points[n].y)
		}
	}
	s.put(`Z"/>`)
}
