package source_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/client/source"
)

// The page of the tools says what the program does: it is made of the sources themselves.
func TestDocumentsOfTools(t *testing.T) {
	const name = "../../../docs/sources.md"
	page := toolsPage(source.All())
	if *update {
		if err := os.WriteFile(name, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(page, strings.ReplaceAll(string(text), "\r\n", "\n")); diff != "" {
		t.Errorf("%s (-want +got; make golden writes it)\n%s", name, diff)
	}
}

func toolsPage(all []source.Source) string {
	var counted, seen strings.Builder
	n := 0
	for _, s := range all {
		if s.Read == nil {
			fmt.Fprintf(&seen, "| %s | `%s` | %s |\n", s.Name, s.ID, s.Reason)
			continue
		}
		n++
		fmt.Fprintf(&counted, "| %s | `%s` | %s | %s | %s |\n", s.Name, s.ID, s.Quality, roots(s), variables(s))
	}
	return fmt.Sprintf(`# Tools

Made of the program's own list by `+"`make golden`"+`. `+"`tokenflexing sources`"+` says what of it is on a machine, how much was read, and
why nothing was counted where that is so.

## Counted: %d

*exact*: every kind of token of every response. *coarse*: without a split of cached tokens, or as a sum. *session-total*: one growing sum for
a whole session, which lies on the day the session was used last. A request is a response that is told by itself: sums, of sessions or of
what a tool removed, have tokens and no requests. Folders are those of all systems; a variable replaces
them. What is in brackets is only looked for, and counted if you name it, in the variable or in `+"`config.toml`"+`:

    [sources.lm-studio]
    roots = ["~/.lmstudio"]

| tool | source | quality | folders | variables |
|---|---|---|---|---|
%s
## Looked for, and not counted

Text is never turned into token counts.

| tool | source | detected, but |
|---|---|---|
%s`, n, counted.String(), seen.String())
}

// roots lists where a source is looked for; of the many editors that an extension may be in, how many more.
func roots(s source.Source) string {
	const most = 4
	var names []string
	for _, p := range s.Places {
		for _, root := range p.Roots {
			if root = "`" + root + "`"; p.Asked != "" {
				root = "(" + root + ")"
			}
			names = append(names, root)
		}
	}
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], " "), len(names)-most)
	}
	return cmp.Or(strings.Join(names, " "), "–")
}

func variables(s source.Source) string {
	var names []string
	for _, p := range s.Places {
		for _, e := range p.Env {
			if name := "`" + e.Name + "`"; !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return cmp.Or(strings.Join(names, " "), "–")
}
