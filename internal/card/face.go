package card

import (
	"embed"
	"fmt"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// fonts are cuts of Martian Mono with the letters that can occur; its licence lies beside them.
//
//go:embed fonts
var fonts embed.FS

// face is a cut of the typeface.
type face int

const (
	plain face = iota // narrow, medium
	bold              // narrow, extra bold
	wide              // wide, extra bold
)

var faceFiles = [...]string{plain: "card-narrow-500.ttf", bold: "card-narrow-800.ttf", wide: "card-wide-800.ttf"}

// em is the size that outlines are measured at.
const em = 1000

// glyph is the outline of a letter, in thousandths of the size, y downwards from the base line.
type glyph struct {
	advance float64
	strokes []stroke
}

// stroke is one step of an outline: to its last point, bent by the ones before. A move begins another.
type stroke struct {
	kind   sfnt.SegmentOp
	points [3]point
}

type point struct{ x, y float64 }

// ends is how many of a stroke's points count.
func (s stroke) ends() int {
	switch s.kind {
	case sfnt.SegmentOpQuadTo:
		return 2
	case sfnt.SegmentOpCubeTo:
		return 3
	}
	return 1
}

// faces are the outlines of all letters, read once.
var faces = sync.OnceValue(func() (all [len(faceFiles)]map[rune]glyph) {
	for f, name := range faceFiles {
		glyphs, err := readFace(name)
		if err != nil {
			panic(fmt.Errorf("embedded font %s: %w", name, err)) // a build with a broken font; a test reads all
		}
		all[f] = glyphs
	}
	return all
})

func readFace(name string) (map[rune]glyph, error) {
	b, err := fonts.ReadFile("fonts/" + name)
	if err != nil {
		return nil, err
	}
	parsed, err := sfnt.Parse(b)
	if err != nil {
		return nil, err
	}
	var buf sfnt.Buffer
	all := make(map[rune]glyph)
	for _, r := range letters {
		i, err := parsed.GlyphIndex(&buf, r)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			return nil, fmt.Errorf("no letter %q", r)
		}
		advance, err := parsed.GlyphAdvance(&buf, i, fixed.I(em), font.HintingNone)
		if err != nil {
			return nil, err
		}
		segments, err := parsed.LoadGlyph(&buf, i, fixed.I(em), nil)
		if err != nil {
			return nil, err
		}
		g := glyph{advance: float64(advance) / 64}
		for _, s := range segments {
			next := stroke{kind: s.Op}
			for n, p := range s.Args {
				next.points[n] = point{float64(p.X) / 64, float64(p.Y) / 64}
			}
			g.strokes = append(g.strokes, next)
		}
		all[r] = g
	}
	return all, nil
}

// letters are what the fonts hold: ASCII, and a few marks.
var letters = func() (all []rune) {
	for r := ' '; r < 0x7f; r++ {
		all = append(all, r)
	}
	return append(all, '·', '×', '–', '…')
}()

// glyphOf is the letter's outline; what the fonts do not hold is a question mark.
func (f face) glyphOf(r rune) glyph {
	g, ok := faces()[f][r]
	if !ok {
		g = faces()[f]['?']
	}
	return g
}

// text is a line of letters to be drawn.
type text struct {
	says  string
	face  face
	size  float64
	track float64 // added between letters
}

// width is how wide the line is.
func (t text) width() float64 {
	sum := -t.track
	for _, r := range t.says {
		sum += t.face.glyphOf(r).advance*t.size/em + t.track
	}
	return max(0, sum)
}

// within returns the line, made smaller where it is wider than most.
func (t text) within(most float64) text {
	if w := t.width(); w > most {
		t.size, t.track = t.size*most/w, t.track*most/w
	}
	return t
}
