package scan

import (
	"path"
	"strings"
)

// into follows patterns into the folder of that name, and returns what is left of them below it.
func into(patterns [][]string, name string) (left [][]string) {
	for _, p := range patterns {
		for p[0] == "**" && len(p) > 1 {
			if name != "node_modules" && name != ".git" {
				left = add(left, p)
			}
			p = p[1:]
		}
		if len(p) > 1 && matches(p[0], name) {
			left = add(left, p[1:])
		}
	}
	return left
}

// ends reports whether one of the patterns ends at the file of that name.
func ends(patterns [][]string, name string) bool {
	for _, p := range patterns {
		for p[0] == "**" && len(p) > 1 {
			p = p[1:]
		}
		if len(p) == 1 && matches(p[0], name) {
			return true
		}
	}
	return false
}

// matches reports whether a name matches one name of a pattern, in which "*" is anything: of most names a scan sees this is
// all that is asked.
func matches(pattern, name string) bool {
	before, after, wild := strings.Cut(pattern, "*")
	switch {
	case strings.ContainsAny(pattern, `?[\`) || strings.Contains(after, "*"):
		ok, _ := path.Match(pattern, name)
		return ok
	case !wild:
		return pattern == name
	}
	return len(name) >= len(before)+len(after) && strings.HasPrefix(name, before) && strings.HasSuffix(name, after)
}

// literal reports whether a name of a pattern fits nothing but itself.
func literal(name string) bool { return !strings.ContainsAny(name, `*?[\`) }

// add appends the pattern unless it is there: what is left of a pattern is the same if it is as long and starts in the same place.
func add(all [][]string, p []string) [][]string {
	for _, q := range all {
		if len(p) == len(q) && &p[0] == &q[0] {
			return all
		}
	}
	return append(all, p)
}
