package scan

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFoldersAreListedAlikeOnEverySystem(t *testing.T) {
	dir := home(t, map[string]string{"b.jsonl": "two", "a.jsonl": "one", "B.jsonl": "", "name with\nanything é.jsonl": "three", "folder/x.jsonl": "", "left.txt": "", "unwanted/x": ""})
	link(t, filepath.Join(dir, "a.jsonl"), filepath.Join(dir, "linked.jsonl"))
	link(t, filepath.Join(dir, "folder"), filepath.Join(dir, "round.jsonl"))
	link(t, filepath.Join(dir, "nothing"), filepath.Join(dir, "dangling.jsonl"))
	for n := range 300 { // more than one answer of the kernel has room for
		if err := os.WriteFile(filepath.Join(dir, "folder", string(rune('a'+n%26))+filepath.Base(dir)+string(rune('0'+n/26))+".jsonl"), make([]byte, n), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	some := func(name string, folder bool) bool {
		return folder && name != "unwanted" || !folder && filepath.Ext(name) == ".jsonl"
	}
	for _, folder := range []string{dir, filepath.Join(dir, "folder"), filepath.Join(dir, "folder") + "/"} {
		want, err := listAnywhere(folder, some)
		if err != nil || len(want) == 0 {
			t.Fatal(want, err)
		}
		got, err := list(folder, some)
		if diff := cmp.Diff(known(want), known(got)); diff != "" || err != nil {
			t.Error(err, diff)
		}
	}
	for _, missing := range []string{filepath.Join(dir, "none"), filepath.Join(dir, "a.jsonl")} {
		_, want := listAnywhere(missing, some)
		if _, err := list(missing, some); err == nil || want == nil || os.IsNotExist(err) != os.IsNotExist(want) {
			t.Error(err, want)
		}
	}
}

// known says what must be the same of entries.
func known(entries []entry) (all []string) {
	for _, e := range entries {
		all = append(all, fmt.Sprintf("%q %q folder %v file %v %+v %v", e.name, e.base, e.kind.IsDir(), e.kind.IsRegular(), e.stamp, e.err))
	}
	return all
}
