package cli

import (
	"strings"
	"testing"

	"tokenflex.ing/internal/wire"
)

// Where both sides count the same and cost it otherwise, what to do is said.
func TestAnotherPriceBookIsSaid(t *testing.T) {
	here := wire.Sum{Tokens: 1000, CostUUSD: 1_000_000}
	there := here
	there.CostUUSD = 2_000_000
	f := equality(synced{here: here, there: there}, account{})
	if !strings.Contains(f.Text, "another price book: $1.00 here, $2.00 there") || f.Run != "tokenflexing prices update" {
		t.Errorf("%+v", f)
	}
	if f := equality(synced{here: here, there: here}, account{}); f.Run != "" || !strings.Contains(f.Text, "on both sides") {
		t.Errorf("%+v", f)
	}
}
