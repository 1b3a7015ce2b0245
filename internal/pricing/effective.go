package pricing

import "tokenflex.ing/internal/usage"

// Rates returns what each kind of token costs under k, with what the provider does not list filled in. It is false if the
// book has no price for the model.
func (t *Table) Rates(k usage.Key) (Rates, bool) {
	r, ok := t.rates(t.find(k.Model), &k)
	if !ok {
		return Rates{}, false
	}
	return r.Effective(), true
}
