package cli

import (
	"fmt"
	"strings"

	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/wire"
)

// heldFacts are the days that do not count: those that count on another device, and those that wait for review.
func heldFacts(held []wire.Held) []render.Fact {
	var facts []render.Fact
	var copies []copied
	for _, h := range held {
		if h.Copy == nil || h.Copy.Original == "" {
			facts = append(facts, render.Fact{Label: "held", Wrong: fmt.Sprintf("%s of %s waits for review: %s", h.Day, h.Source, strings.TrimSuffix(h.Reason, "."))})
			continue
		}
		copies = withCopy(copies, h)
	}
	for _, c := range copies {
		facts = append(facts, render.Fact{Label: "copy", Text: c.String()})
	}
	return facts
}

// copied are days of one source that two devices share.
type copied struct {
	source, device, original string
	days                     []string
	least                    int // percent that they share of a day; 0: the counts are the same
}

func withCopy(all []copied, h wire.Held) []copied {
	for i := range all {
		if c := &all[i]; c.source == h.Source && c.device == h.Copy.Device && c.original == h.Copy.Original && (c.least == 0) == (h.Copy.Share == 0) {
			c.days, c.least = append(c.days, h.Day), min(c.least, h.Copy.Share)
			return all
		}
	}
	return append(all, copied{h.Source, h.Copy.Device, h.Copy.Original, []string{h.Day}, h.Copy.Share})
}

// String says whose days count where, and why.
func (c copied) String() string {
	which, count, how := c.days[0]+" of "+c.source, "counts", "it"
	if n := len(c.days); n > 1 {
		which, count, how = fmt.Sprintf("%d days of %s from %s to %s", n, c.source, c.days[0], c.days[n-1]), "count", "each"
	}
	text := fmt.Sprintf("%s %s on %s: %s ", which, count, c.original, c.device)
	switch {
	case c.least == 0:
		return text + "has the same counts"
	case how == "each" && c.least < 100:
		return text + fmt.Sprintf("shares %d %% of each or more", c.least)
	}
	return text + fmt.Sprintf("shares %d %% of %s", c.least, how)
}
