package scan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tokenflex.ing/internal/client/source"
)

// culprits is how many files a warning names.
const culprits = 3

// warnings says what was odd about a source, each thing once.
func (t *tally) warnings(m machine) []Warning {
	var all []Warning
	name := t.state.Name
	say := func(code string, partial bool, files []string, format string, args ...any) {
		all = append(all, Warning{Code: code, Source: t.state.ID, Partial: partial, Details: t.details(m, files),
			Message: fmt.Sprintf(format, args...), Hint: "tokenflexing sources"})
	}
	if n := len(t.find.unreadable); n > 0 {
		say("unreadable-files", true, t.find.unreadable, "%s of %s could not be read", plural(n, "file or folder", "files or folders"), name)
	}
	for _, why := range slices.Sorted(maps.Keys(t.broken)) {
		files := t.broken[why]
		say("unreadable-databases", true, files, "%s of %s could not be read: %s", plural(len(files), "database", "databases"), name, why)
	}
	if n := len(t.strange); n > 0 {
		say("unknown-tables", true, t.strange, "%s of %s %s not have the tables that this version knows", plural(n, "database", "databases"), name, agree(n, "does", "do"))
	}
	if n := len(t.lacking); n > 0 {
		say("unknown-columns", false, t.lacking, "%s of %s %s columns that this version knows; what they would tell is not counted", plural(n, "database", "databases"), name, agree(n, "lacks", "lack"))
	}
	if n := len(t.newer); n > 0 {
		say("unknown-versions", true, t.newer, "%s of %s %s of a version that is not known", plural(n, "file", "files"), name, agree(n, "is", "are"))
	}
	if n := len(t.long); n > 0 {
		say("oversized-lines", true, t.long, "%s of %s hold more than %d MB in one line; it was skipped", plural(n, "file", "files"), name, maxLine>>20)
	}
	if t.state.Files > 0 && t.state.Records == 0 && !t.forgotten && !t.expected() {
		say("nothing-counted", false, t.names(), "nothing was counted in %s of %s", plural(t.state.Files, "file", "files"), name)
	}
	if why := t.why(); why != "" {
		say("skipped-lines", false, t.faulty, "some lines of %s were skipped: %s", name, why)
	}
	if t.undated > 0 {
		say("undated-records", false, nil, "%s of %s %s no date that can be believed and %s not counted", plural(t.undated, "response", "responses"), name, agree(t.undated, "has", "have"), agree(t.undated, "is", "are"))
	}
	if t.coarse > 0 {
		say("coarse-counts", false, nil, "of %s of %s only the sum is recorded, without kinds of token", plural(t.coarse, "response", "responses"), name)
	}
	if t.guessed > 0 {
		say("inferred-models", false, nil, "%s of %s %s no model; the tool's default is taken", plural(t.guessed, "response", "responses"), name, agree(t.guessed, "names", "name"))
	}
	if len(t.find.idle) > 0 {
		say("override-empty", false, t.find.looked, "%s is set, but no usage of %s is there", strings.Join(t.find.idle, " or "), name)
	}
	return all
}

// expected reports whether nothing was counted for the reason that the source knows of itself, and nothing helps.
func (t *tally) expected() bool {
	s := t.find.source
	return s.Reason != "" && s.Hint == "" && t.state.Reason == s.Reason
}

// why adds up the reasons for which lines were skipped.
func (t *tally) why() string {
	var parts []string
	for why, text := range [source.Faults]string{source.Malformed: "not readable", source.Corrupt: "with an impossible counter", source.Unnamed: "without a model"} {
		if n := t.faults[why]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, text))
		}
	}
	return strings.Join(parts, ", ")
}

func (t *tally) names() []string {
	names := make([]string, 0, len(t.find.files))
	for _, c := range t.find.files {
		names = append(names, c.name)
	}
	return names
}

// details names a few of the files, in an order of their own.
func (t *tally) details(m machine, files []string) []string {
	files = slices.Sorted(slices.Values(files))
	var few []string
	for _, name := range files[:min(len(files), culprits)] {
		few = append(few, m.short(name))
	}
	return few
}

func agree(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
