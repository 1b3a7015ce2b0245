package card

import "math"

// Badge is one figure for a page elsewhere, 24 pixels high.
type Badge struct {
	Label, Value string
	Quiet        bool // there is no figure: the value says why
}

const (
	badgeHeight = 24
	badgeSize   = 12.5
)

// SVG draws the badge: listing paper with its holes on the left, ink on the right.
func (b Badge) SVG() []byte {
	label, value := text{b.Label, plain, badgeSize, 0}, text{b.Value, bold, badgeSize, 0}
	left, right := math.Round(label.width())+30, math.Round(value.width())+18
	s := newSVG(left+right, badgeHeight, b.Label+": "+b.Value)
	s.rect(0, 0, left+right, badgeHeight, light.ink)
	s.rect(1, 1, left, badgeHeight-2, light.bar)
	for _, y := range []float64{5, 12, 19} {
		s.disc(7, y, 1.7, "#5d7465")
	}
	for y := 1.0; y < badgeHeight-1; y += 4 {
		s.rect(13, y, 1, 2, light.rule)
	}
	ink := colour("#ffffff")
	if b.Quiet {
		ink = "#a9b8ae"
	}
	write(s, label, 20, 16.6, light.ink)
	write(s, value, left+9, 16.6, ink)
	return s.end()
}
