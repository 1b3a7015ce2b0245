package pricing

import "tokenflex.ing/internal/pricing/book"

// Reason says why a name has no price, if the book lists it as one without: the name itself, or what the book's forms leave of
// it ("openrouter/openai/gpt-oss-120b"). It is "" for a name with a price and for one that the book does not know.
func (t *Table) Reason(model string) string {
	name := trim(model)
	if len(name) > maxName {
		return ""
	}
	if reason, listed := t.unpriced[book.Fold(name)]; listed {
		return reason
	}
	if t.find(name).known() {
		return ""
	}
	level := []stripped{{rest: name}}
	for range maxForms {
		level = t.strip(level)
		for _, s := range level {
			if reason, listed := t.unpriced[book.Fold(s.rest)]; listed {
				return reason
			}
		}
	}
	return ""
}
