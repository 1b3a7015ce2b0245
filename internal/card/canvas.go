package card

// canvas is what a picture is drawn on: an SVG or pixels. Lengths are in pixels of the picture, y downwards.
type canvas interface {
	rect(x, y, width, height float64, c colour)
	disc(x, y, radius float64, c colour)
	outline(strokes []stroke, c colour)
}

// colour is written as in CSS: #10201a.
type colour string

// write draws a line of letters, beginning at x on the base line y, and returns where it ends.
func write(on canvas, t text, x, y float64, c colour) float64 {
	var all []stroke
	scale := t.size / em
	for _, r := range t.says {
		g := t.face.glyphOf(r)
		for _, s := range g.strokes {
			for i, p := range s.points {
				s.points[i] = point{x + p.x*scale, y + p.y*scale}
			}
			all = append(all, s)
		}
		x += g.advance*scale + t.track
	}
	if len(all) > 0 {
		on.outline(all, c)
	}
	return x - t.track
}

// writeBefore draws a line of letters that ends at x.
func writeBefore(on canvas, t text, x, y float64, c colour) { write(on, t, x-t.width(), y, c) }

// palette is the paper's colours: those of the pages.
type palette struct {
	desk, paper, bar, bar2, rule, ink, ink2 colour
	kinds                                   [5]colour // cache read, input, cache writes, output
	days                                    [5]colour // none, then the quartiles
}

var (
	light = palette{desk: "#d3ddd4", paper: "#fbfdfa", bar: "#e3f0e2", bar2: "#d2e6d2", rule: "#a9bfad", ink: "#10201a", ink2: "#46594e",
		kinds: [5]colour{"#bcdcc0", "#83b98d", "#4c8f61", "#25633f", "#0a2217"}, days: [5]colour{"#d2e6d2", "#b4d8b9", "#6fb57f", "#2f7d4c", "#0c3320"}}
	dark = palette{desk: "#060a08", paper: "#0e1512", bar: "#15201a", bar2: "#1d2c24", rule: "#2f4238", ink: "#e6f0e8", ink2: "#a0b5a8",
		kinds: [5]colour{"#27412f", "#41694f", "#639873", "#98cba6", "#eaf7ec"}, days: [5]colour{"#1d2c24", "#21482f", "#31744a", "#56ab70", "#a9ecb9"}}
)
