package render

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// What is written in help is read in the manual, whatever it means to the program that prints it.
func TestTheManualSaysWhatHelpSays(t *testing.T) {
	odd := []Page{{Usage: `tokenflexing odd "X" [flags]`, About: []string{`.begins with a dot`, `'tis \fBnot\fR bold`}, Groups: []Group{{Lines: []Line{{"--flag VALUE", "the user's ~/`file`^2"}, {"--alone", ""}}}},
		Examples: []string{`tokenflexing odd | jq '.totals'`}}}
	m := Manual{Name: "tokenflexing", Version: "1.2.3", Does: "what it does", Root: Page{Usage: "tokenflexing [command]", About: []string{"A sentence."}, Exit: []string{"0 ok", "1 failure"}},
		Shared: Page{Groups: []Group{{Lines: []Line{{"--json", "print JSON"}}}}, Notes: []string{"total = input + output"}}, Commands: odd}
	var page bytes.Buffer
	if err := WriteManual(&page, m); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/manual.1", page.Bytes())
	groff, err := exec.LookPath("groff")
	if err != nil {
		return // what a person reads is looked at where that program is
	}
	c := exec.CommandContext(t.Context(), groff, "-man", "-ww", "-Tutf8", "-P-c", "-P-b", "-P-u")
	c.Stdin = bytes.NewReader(page.Bytes())
	printed, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	for _, want := range []string{"tokenflexing - what it does", `odd "X" [flags]`, ".begins with a dot", `'tis \fBnot\fR bold`, "--flag VALUE", "the user's ~/`file`^2", "--alone", "jq '.totals'",
		"--json", "total = input + output", "1      failure"} {
		if !strings.Contains(string(printed), want) {
			t.Errorf("lacks %s", want)
		}
	}
	if t.Failed() || strings.Contains(string(printed), "warning") {
		t.Errorf("printed:\n%s", printed)
	}
}
