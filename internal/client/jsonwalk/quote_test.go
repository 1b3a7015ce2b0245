package jsonwalk

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// The search finds what a look at every byte does, wherever that is and whatever is around it; in its last bytes it looks for nothing.
func TestQuotesAreFoundWhereverTheyAre(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 50_000 {
		b := []byte(strings.Repeat("x", 2+r.IntN(400)))
		few := "\\\"#\\\\\x00\x21\xa2\xdc"[r.IntN(3):]
		for range r.IntN(30) {
			i := r.IntN(len(b))
			b[i] = few[r.IntN(len(few))]
		}
		want := 2
		for ; len(b)-want > reach; want++ {
			if b[want] == '"' && (b[want-1] != '\\' || b[want-2] == '\\') {
				break
			}
		}
		for name, got := range map[string]int{"wide": quote(b), "words": quoteWords(b)} {
			found := len(b)-want > reach
			if found && got != want || !found && (got > len(b) && got != 2 || len(b)-got > reach) {
				t.Fatalf("%s: %d in %q, want %d", name, got, b, want)
			}
			for i := 2; i < got; i++ {
				if b[i] == '"' && (b[i-1] != '\\' || b[i-2] == '\\') {
					t.Fatalf("%s: passed the quote at %d in %q", name, i, b)
				}
			}
		}
	}
}
