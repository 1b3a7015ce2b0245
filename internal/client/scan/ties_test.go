package scan

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Files are together that share a link, or that are tied by others which do, in whatever order that came to be known.
func TestFilesThatShareALinkAreTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		links := rapid.SliceOfN(rapid.SliceOfN(rapid.Uint32Range(0, 60), 0, 4), 1, 40).Draw(t, "links")
		order := make([]int, len(links))
		for i := range order {
			order[i] = i
		}
		var together ties
		for _, id := range rapid.Permutation(order).Draw(t, "order") {
			together.add(id, links[id])
		}
		want := make([]int, len(links)) // the first file of each one's group
		copy(want, order)
		for changed := true; changed; {
			changed = false
			for i := range links {
				for j := range links {
					shared := slices.ContainsFunc(links[i], func(link uint32) bool { return slices.Contains(links[j], link) })
					if least := min(want[i], want[j]); shared && want[i] != want[j] {
						want[i], want[j], changed = least, least, true
					}
				}
			}
		}
		got := make([]int, len(links))
		for _, group := range together.groups(order) {
			for _, id := range group {
				got[id] = group[0]
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestLinksAreFoundAgainAmongMany(t *testing.T) {
	const many = 5000
	var f firsts
	for round := range 2 {
		for n := range uint32(many) {
			if at := f.put(n*n*7919, int(n)+round); at != int(n) {
				t.Fatalf("round %d, link %d: %d", round, n, at)
			}
		}
	}
}
