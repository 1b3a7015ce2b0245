package jsonwalk

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// search checks what the search finds against a look at every byte; in its last bytes it looks for nothing.
func search(t *testing.T, b []byte) {
	t.Helper()
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

// The search finds the same with vectors and without, wherever it is and whatever is around it.
func TestQuotesAreFoundWhereverTheyAre(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 50_000 {
		b := []byte(strings.Repeat("x", 2+r.IntN(400)))
		few := "\\\"#\\\\\x00\x21\xa2\xdc"[r.IntN(3):]
		for range r.IntN(30) {
			i := r.IntN(len(b))
			b[i] = few[r.IntN(len(few))]
		}
		search(t, b)
	}
}

func FuzzQuote(f *testing.F) {
	f.Add([]byte(`say \"go on\" to the \\"` + strings.Repeat(` and \"then\"`, 20) + `\\" end`))
	f.Add([]byte(strings.Repeat("x", 200)))
	f.Fuzz(func(t *testing.T, b []byte) {
		for len(b) >= 2 { // from every place, as blocks begin anywhere
			search(t, b)
			b = b[min(len(b), 1+len(b)/8):]
		}
	})
}
