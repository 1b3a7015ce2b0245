package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/wire"
)

// copied is what one device has of what counts on another.
type copied struct {
	days, sources map[string]bool
	least, most   int // percent of a day; 0: prints tell, and all of it is the same
}

// copyFacts say which devices share how much, in a line for each two: a copied home is one thing to know, however many days it has.
func copyFacts(copies []wire.Held) []render.Fact {
	of := make(map[wire.Copy]*copied)
	var order []wire.Copy
	for _, h := range copies {
		devices := wire.Copy{Device: h.Copy.Device, Original: h.Copy.Original}
		c := of[devices]
		if c == nil {
			c = &copied{days: make(map[string]bool), sources: make(map[string]bool), least: 100}
			of[devices], order = c, append(order, devices)
		}
		c.days[h.Day], c.sources[h.Source] = true, true
		if h.Copy.Share > 0 {
			c.least, c.most = min(c.least, h.Copy.Share), max(c.most, h.Copy.Share)
		}
	}
	facts := make([]render.Fact, len(order))
	for i, devices := range order {
		facts[i] = render.Fact{Label: "copy", Text: of[devices].text(devices)}
	}
	return facts
}

func (c *copied) text(devices wire.Copy) string {
	what := fmt.Sprintf("a history of %d days", len(c.days)) // which, the site lists
	if len(c.days) == 1 {
		what = slices.Collect(maps.Keys(c.days))[0] + " of " + strings.Join(slices.Sorted(maps.Keys(c.sources)), ", ")
	}
	text := fmt.Sprintf("%s counts on %s: %s ", what, devices.Original, devices.Device)
	switch {
	case c.most == 0:
		return text + "has the same counts"
	case c.least < c.most:
		return text + fmt.Sprintf("shares %d to %d %% of it", c.least, c.most)
	}
	return text + fmt.Sprintf("shares %d %% of it", c.most)
}
