package page

import (
	"fmt"
	"html/template"
	"strings"
)

// punched draws a name as punched tape: a column for each letter, 7-bit ASCII with even parity in eight tracks and a feed
// track between the fifth and the sixth. What is not ASCII is punched as DEL, all holes, as an error was.
func punched(name string) template.HTML {
	const unit = 10
	columns := []rune(name)
	width, height := (len(columns)+2)*unit, 9*unit
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="punch" width="%d" height="%d" viewBox="0 0 %d %d" aria-hidden="true"><rect class="pp" width="%d" height="%d"/>`,
		width, height, width, height, width, height)
	for i, r := range columns {
		for row, hole := range holes(r) {
			x, y := float64(i)*unit+1.5*unit, float64(row)*unit+.5*unit
			switch {
			case row == feedTrack:
				fmt.Fprintf(&b, `<circle class="sp" cx="%g" cy="%g" r="1.7"/>`, x, y)
			case hole:
				fmt.Fprintf(&b, `<circle cx="%g" cy="%g" r="3.6"/>`, x, y)
			}
		}
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

// column draws one letter of a code as a column of punched tape.
func column(r rune) template.HTML {
	var b strings.Builder
	b.WriteString(`<svg class="col" viewBox="-4 -6 48 120" aria-hidden="true">`)
	for row, hole := range holes(r) {
		switch {
		case row == feedTrack:
			fmt.Fprintf(&b, `<circle class="sp" cx="20" cy="%d" r="2"/>`, row*12+6)
		case hole:
			fmt.Fprintf(&b, `<circle cx="20" cy="%d" r="4.4"/>`, row*12+6)
		}
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

const feedTrack = 5 // of the nine rows of a tape

// holes says which rows of a tape are punched for a letter: parity and the bits from high to low around the feed track.
func holes(r rune) [9]bool {
	if r > 127 {
		r = 127
	}
	bits, ones := int(r), 0
	for b := bits; b != 0; b &= b - 1 {
		ones++
	}
	bits |= ones & 1 << 7
	var rows [9]bool
	for row, bit := 0, 7; row < 9; row++ {
		if row == feedTrack {
			continue
		}
		rows[row] = bits>>bit&1 == 1
		bit--
	}
	return rows
}
