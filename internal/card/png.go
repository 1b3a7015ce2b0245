package card

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"strconv"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/vector"
)

// pixels is a picture as a raster.
type pixels struct {
	img *image.RGBA
	pen vector.Rasterizer
}

func newPixels(width, height int) *pixels {
	return &pixels{img: image.NewRGBA(image.Rect(0, 0, width, height))}
}

// end returns the picture as a PNG.
func (p *pixels) end() ([]byte, error) {
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, p.img)
	return b.Bytes(), err
}

func (p *pixels) rect(x, y, width, height float64, c colour) {
	p.outline([]stroke{
		{kind: sfnt.SegmentOpMoveTo, points: [3]point{{x, y}}},
		{kind: sfnt.SegmentOpLineTo, points: [3]point{{x + width, y}}},
		{kind: sfnt.SegmentOpLineTo, points: [3]point{{x + width, y + height}}},
		{kind: sfnt.SegmentOpLineTo, points: [3]point{{x, y + height}}},
	}, c)
}

func (p *pixels) disc(x, y, radius float64, c colour) {
	const bend = 0.5522847498 // of a quarter of a circle, as a cubic curve
	k := radius * bend
	p.outline([]stroke{
		{kind: sfnt.SegmentOpMoveTo, points: [3]point{{x + radius, y}}},
		{kind: sfnt.SegmentOpCubeTo, points: [3]point{{x + radius, y + k}, {x + k, y + radius}, {x, y + radius}}},
		{kind: sfnt.SegmentOpCubeTo, points: [3]point{{x - k, y + radius}, {x - radius, y + k}, {x - radius, y}}},
		{kind: sfnt.SegmentOpCubeTo, points: [3]point{{x - radius, y - k}, {x - k, y - radius}, {x, y - radius}}},
		{kind: sfnt.SegmentOpCubeTo, points: [3]point{{x + k, y - radius}, {x + radius, y - k}, {x + radius, y}}},
	}, c)
}

// outline fills what the strokes enclose. Only the pixels around them are looked at.
func (p *pixels) outline(strokes []stroke, c colour) {
	box := bounds(strokes).Intersect(p.img.Bounds())
	if box.Empty() {
		return
	}
	p.pen.Reset(box.Dx(), box.Dy())
	at := func(q point) (x, y float32) {
		return float32(q.x) - float32(box.Min.X), float32(q.y) - float32(box.Min.Y)
	}
	for i, s := range strokes {
		ax, ay := at(s.points[0])
		bx, by := at(s.points[1])
		cx, cy := at(s.points[2])
		switch s.kind {
		case sfnt.SegmentOpMoveTo:
			if i > 0 {
				p.pen.ClosePath()
			}
			p.pen.MoveTo(ax, ay)
		case sfnt.SegmentOpLineTo:
			p.pen.LineTo(ax, ay)
		case sfnt.SegmentOpQuadTo:
			p.pen.QuadTo(ax, ay, bx, by)
		case sfnt.SegmentOpCubeTo:
			p.pen.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	p.pen.ClosePath()
	p.pen.DrawOp = draw.Over
	p.pen.Draw(p.img, box, image.NewUniform(c.rgba()), image.Point{})
}

func bounds(strokes []stroke) image.Rectangle {
	least, most := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, s := range strokes {
		for _, q := range s.points[:s.ends()] {
			least = point{min(least.x, q.x), min(least.y, q.y)}
			most = point{max(most.x, q.x), max(most.y, q.y)}
		}
	}
	return image.Rect(int(math.Floor(least.x)), int(math.Floor(least.y)), int(math.Ceil(most.x)), int(math.Ceil(most.y)))
}

func (c colour) rgba() color.RGBA {
	n, err := strconv.ParseUint(string(c[1:]), 16, 32)
	if err != nil {
		panic(err) // colours are constants
	}
	return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 255}
}
