package page

import (
	"fmt"
	"html/template"
	"strconv"
)

// Spark is a small chart of tokens of some days. The zero Spark shows nothing.
type Spark struct {
	days int
	path string
}

// NewSpark draws tokens of days as bars, the oldest left.
func NewSpark(tokens []int64) Spark {
	most := int64(1)
	for _, n := range tokens {
		most = max(most, n)
	}
	path := make([]byte, 0, 12*len(tokens))
	for i, n := range tokens {
		if n > 0 {
			path = append(strconv.AppendInt(append(path, 'M'), int64(i*3+1), 10), " 20V"...)
			path = strconv.AppendFloat(path, 20-max(1.5, float64(n)/float64(most)*18.5), 'f', 1, 64)
		}
	}
	return Spark{len(tokens), string(path)}
}

func (s Spark) html() template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="spark" viewBox="0 0 %d 20" preserveAspectRatio="none" aria-hidden="true"><path d="%s"/></svg>`,
		3*max(1, s.days), s.path))
}
