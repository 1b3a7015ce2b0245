package card

import (
	"bytes"
	"encoding/xml"
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"
	"testing"
	"time"
)

// today is a Monday, so that the strip's last column has one day.
var today = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func sample() Card {
	return Card{Title: "mira: 16.84B tokens", Handle: "mira", Period: "November 2026 · by tokens", Rank: "137", Of: "of 812", Digits: "16.84", Unit: "B",
		Kinds: [5]int64{50, 20, 15, 10, 5}, Days: map[string]int64{"2026-11-23": 400, "2026-11-22": 300, "2026-11-21": 200, "2026-11-20": 100},
		Today: today, Foot: "13 of 23 days · $318.40 list price", Site: "tokenflex.example"}
}

// elements reads an SVG as XML and returns the names of its elements and attributes.
func elements(t testing.TB, svg []byte) map[string]int {
	t.Helper()
	names := make(map[string]int)
	d := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return names
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%.400s", err, svg)
		}
		if e, ok := token.(xml.StartElement); ok {
			names[e.Name.Local]++
			for _, a := range e.Attr {
				names["@"+a.Name.Local]++
			}
		}
	}
}

// drawn is all that a picture may be made of: nothing that runs, loads or leads anywhere.
var drawn = strings.Fields("svg title rect circle path @xmlns @width @height @viewBox @role @aria-label @x @y @cx @cy @r @fill @d")

func checkDrawn(t testing.TB, svg []byte) {
	t.Helper()
	for name := range elements(t, svg) {
		found := false
		for _, d := range drawn {
			found = found || d == name
		}
		if !found {
			t.Errorf("%s in a picture", name)
		}
	}
}

func TestAllLettersAreInAllFaces(t *testing.T) {
	for f, glyphs := range faces() {
		if len(glyphs) != len(letters) {
			t.Errorf("face %d has %d letters, want %d", f, len(glyphs), len(letters))
		}
		for r, g := range glyphs {
			if g.advance <= 0 || r != ' ' && len(g.strokes) == 0 {
				t.Errorf("face %d draws nothing for %q", f, r)
			}
		}
	}
}

func FuzzPicturesHoldNothingButShapes(f *testing.F) {
	f.Add("mira", "gpt-5", "#1 of 812")
	f.Add(`"><script>alert(1)</script>`, "</title><image href=x>", "&#0;\x00\xff")
	f.Add("日本", "\u202e", "")
	f.Add("\xff", "\x80\x00", "\x1b")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		checkDrawn(t, Badge{a, b, false}.SVG())
		checkDrawn(t, Card{Title: a, Handle: b, Rank: c, Foot: a, Site: b}.SVG())
	})
}

func TestBadgeSaysItsFigureInWords(t *testing.T) {
	svg := string(Badge{"tokens in Nov", "16.84B", false}.SVG())
	if !strings.Contains(svg, `<title>tokens in Nov: 16.84B</title>`) || !strings.Contains(svg, `aria-label="tokens in Nov: 16.84B"`) {
		t.Errorf("%.300s", svg)
	}
	checkDrawn(t, []byte(svg))
}

// Whatever is long is drawn smaller, so that nothing runs over the edge or into something else.
func TestLongWordsStayInside(t *testing.T) {
	c := sample()
	c.Handle, c.Rank, c.Of = strings.Repeat("m", 39), "100,000,000", "of 100,000,000"
	c.Digits, c.Unit = "999.99", "M"
	c.Foot, c.Site = strings.Repeat("some-very-long-model-name ", 8), strings.Repeat("host.", 30)+"example"
	var o extents
	c.draw(&o)
	for _, e := range o {
		if e.Min.X < 0 || e.Max.X > Width-tear && e.Max.X != Width {
			t.Errorf("an outline reaches from %d to %d", e.Min.X, e.Max.X)
		}
	}
	for i, e := range o {
		for _, other := range o[i+1:] {
			if e.Overlaps(other) {
				t.Errorf("%v is drawn over %v", e, other)
			}
		}
	}
}

// extents is where outlines are drawn: the lines of text.
type extents []image.Rectangle

func (*extents) rect(x, y, width, height float64, c colour) {}
func (*extents) disc(x, y, radius float64, c colour)        {}
func (e *extents) outline(strokes []stroke, c colour)       { *e = append(*e, bounds(strokes)) }

func TestPNGHasTheSamePicture(t *testing.T) {
	for _, inDark := range []bool{false, true} {
		c := sample()
		c.Dark = inDark
		b, err := c.PNG()
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(b))
		if err != nil || img.Bounds() != image.Rect(0, 0, Width, Height) {
			t.Fatalf("%v, %v", img.Bounds(), err)
		}
		p := c.palette()
		const column = float64(right-margin) / weeks
		for _, want := range []struct {
			what string
			x, y float64
			c    colour
		}{
			{"paper", 600, 20, p.paper},
			{"bar", right + 20, 300, p.bar},
			{"hole", tear / 2, 30, p.desk},
			{"double rule", 600, 400, p.ink},
			{"cache read, half of the tokens", margin + 200, 440, p.kinds[0]},
			{"output, a twentieth", right - 20, 440, p.kinds[4]},
			{"today, above half of four", right - column/2, 480, p.days[3]},
			{"the day before", right - 1.5*column, 480 + 6*10.6, p.days[2]},
			{"an empty day", right - 1.5*column, 480, p.days[0]},
		} {
			if got := img.At(int(want.x), int(want.y)); got != color.Color(want.c.rgba()) {
				t.Errorf("dark %t, %s: %v, want %s", inDark, want.what, got, want.c)
			}
		}
	}
}

// The strip ends with today's week and begins on a Monday.
func TestStripHas47Weeks(t *testing.T) {
	for back := range 14 {
		at := today.AddDate(0, 0, -back)
		first := FirstDay(at)
		if n := int(at.Sub(first).Hours()/24) / 7; first.Weekday() != time.Monday || n != weeks-1 {
			t.Errorf("of %s it begins on %s", at, first)
		}
	}
}

// Where exact days are hidden, a week is one shape.
func TestWeeksHaveNoDays(t *testing.T) {
	c := sample()
	days := elements(t, c.SVG())["rect"]
	c.Weekly, c.Days = true, map[string]int64{"2026-11-16": 1000}
	if weekly := elements(t, c.SVG())["rect"]; days-weekly != 46*6 { // 46 whole weeks and one with a day
		t.Errorf("%d shapes of days, %d of weeks", days, weekly)
	}
}
