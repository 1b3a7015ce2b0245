package source

import (
	"strings"
	"testing"
)

// IDs that are said to be the responses' own are the same wherever the file lies and whatever it is called.
func TestIDsOfTheirOwnDoNotGoByTheFile(t *testing.T) {
	for _, s := range readable() {
		if !s.Own {
			continue
		}
		seen := 0
		for _, files := range fixtures(t, s.ID) {
			for name, text := range files {
				here, _ := read(s, name, text)
				seen += len(here.Entries)
				for i, dir := range strings.Split(name, "/") {
					moved := strings.Split(name, "/")
					moved[i] = "0" + dir
					there, _ := read(s, strings.Join(moved, "/"), text)
					for j := range there.Entries {
						if e := there.Entries[j]; j < len(here.Entries) && e.ID != here.Entries[j].ID && !e.Marks.Has(Local) {
							t.Errorf("%s: %s is %s, and as %s %s", s.ID, name, here.Entries[j].ID, strings.Join(moved, "/"), e.ID)
						}
					}
				}
			}
		}
		if seen == 0 {
			t.Errorf("%s: nothing was read", s.ID)
		}
	}
}
