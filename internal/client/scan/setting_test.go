package scan

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/source"
)

func TestFoldersThatTheUserSetAreRead(t *testing.T) {
	home := t.TempDir()
	away := filepath.Join(t.TempDir(), "moved")
	quoted, err := json.Marshal(away)
	if err != nil {
		t.Fatal(err)
	}
	lay(t, away, "one.txt", "r1\nr2\n")
	lay(t, home, "stored/two.txt", "r3\n")
	s := wordy("a", "", "~/a")
	s.Settings = []source.Setting{{Files: []string{"~/settings.json", "~/gone.json", "$UNSET/settings.json"}, Key: "a.storage"}}
	for _, tt := range []struct {
		name, settings string
		want           int64
	}{
		{"none", `{}`, 0},
		{"absolute", `{"other": {"a.storage": "/x"}, "a.storage": ` + string(quoted) + `}`, 2},
		{"in the home", `{"a.storage": "~/stored"}`, 1},
		{"relative", `{"a.storage": "stored"}`, 0},
		{"no text", `{"a.storage": ["~/stored"]}`, 0},
		{"cut off", `{"a.storage": "~/stored", "b"`, 1},
		{"comments", "{ // \"a.storage\": \"~/x\"\n/* \" */ \"url\": \"https://x\\\"//\", \"a.storage\": \"~/stored\", // the last\n}", 1},
		{"a comment without an end", `{"a.storage": "~/stored" /* `, 1},
	} {
		lay(t, home, "settings.json", tt.settings)
		if diff := cmp.Diff(map[string]int64{"a": tt.want}, scanned(t, home, nil, s)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}
