package source

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// settleApart settles parts in groups that share no names, as who keeps them does.
func settleApart(s Source, parts []Part) []Entry {
	groups := make(map[int][]Part)
	of := make([]int, len(parts))
	first := make(map[string]int)
	for i := range parts {
		of[i] = i
		s.Names(&parts[i], func(source, name string) {
			key := source + ":" + name
			j, ok := first[key]
			if !ok {
				first[key] = i
				return
			}
			from, to := of[j], of[i]
			for k := range of {
				if of[k] == from {
					of[k] = to
				}
			}
		})
	}
	for i, p := range parts {
		groups[of[i]] = append(groups[of[i]], p)
	}
	var kept []Entry
	for _, at := range slices.Sorted(maps.Keys(groups)) {
		kept = append(kept, settle(s, groups[at])...)
	}
	return kept
}

// What shares no name can be settled apart: otherwise a change of one file would have to read all others again.
func TestFilesThatShareNoNameAreSettledApart(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, s := range readable() {
		var all []Part
		for _, home := range fixtures(t, s.ID) {
			for name, text := range home {
				if p, _ := read(s, name, text); len(p.Entries)+len(p.Models) > 0 {
					all = append(all, p)
				}
			}
		}
		for range 5 {
			random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			some := all[:len(all)-random.IntN(max(1, len(all)/2))]
			whole, split := settle(s, clone(some)), settleApart(s, clone(some))
			slices.SortFunc(split, compareEntries)
			slices.SortFunc(whole, compareEntries)
			if diff := cmp.Diff(whole, split); diff != "" {
				t.Fatalf("%s: together (-) and apart (+)\n%s", s.ID, diff)
			}
		}
	}
}

// Of a part that stands alone and gives no ID twice every entry counts, where the source says so or drops no more than copies.
func TestPartsThatStandAloneAreKeptWhole(t *testing.T) {
	for _, s := range readable() {
		if s.Settle != nil && !s.Apart {
			continue
		}
		for home, files := range fixtures(t, s.ID) {
			for name, text := range files {
				p, _ := read(s, name, text)
				ids := make(map[string]bool)
				p.Entries = slices.DeleteFunc(p.Entries, func(e Entry) bool {
					twice := e.ID != "" && ids[e.ID]
					ids[e.ID] = true
					return twice
				})
				got := settle(s, clone([]Part{p}))
				slices.SortFunc(got, compareEntries)
				slices.SortFunc(p.Entries, compareEntries)
				if diff := cmp.Diff(p.Entries, got, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s %s %s (-part +settled)\n%s", s.ID, home, name, diff)
				}
			}
		}
	}
}

func clone(parts []Part) []Part {
	copied := slices.Clone(parts)
	for i := range copied {
		copied[i].Entries = slices.Clone(copied[i].Entries)
	}
	return copied
}

// Only a source whose entries are tied by ID can have others lie beside it.
func TestSourcesLieBesideThoseTiedByID(t *testing.T) {
	for _, s := range All() {
		for _, of := range All() {
			if s.Beside == of.ID && of.Settle != nil && of.Joins&ByID == 0 {
				t.Errorf("%s lies beside %s, whose files are not tied by ID", s.ID, of.ID)
			}
		}
	}
}

// A transcript that grew says the same whether it is read anew or gone on with.
func TestResumedFilesSayWhatWholeOnesSay(t *testing.T) {
	for _, s := range readable() {
		if s.Resume == nil {
			continue
		}
		resumed := 0
		for home, files := range fixtures(t, s.ID) {
			for name, text := range files {
				whole, all := read(s, name, text)
				for cut := range text {
					if cut == 0 || text[cut-1] != '\n' {
						continue
					}
					part, before := read(s, name, text[:cut])
					rest := &memory{path: name, text: text[cut:]}
					got, ok := s.Resume(rest, part)
					if !ok {
						continue
					}
					resumed++
					got.Size = int64(len(text))
					if diff := cmp.Diff(whole, got); diff != "" || len(before.faults)+len(rest.faults) != len(all.faults) {
						t.Fatalf("%s %s, cut at %d (-whole +resumed)\n%s", home, name, cut, diff)
					}
				}
			}
		}
		if resumed == 0 {
			t.Errorf("%s never goes on where it ended", s.ID)
		}
	}
}
