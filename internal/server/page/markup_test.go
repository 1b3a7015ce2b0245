package page_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// element is one start tag.
type element struct {
	name  string
	attrs map[string]string
}

// void elements have no end tag.
var void = []string{"meta", "link", "input", "wbr", "img"}

// parse returns the start tags of a page and what is wrong with it: every "<" must begin a tag, and every tag must be closed
// in order. It reads the strict form that the templates are written in, not any HTML.
func parse(markup string) (elements []element, faults []string) {
	rest := strings.TrimPrefix(markup, "<!doctype html>")
	var open []string
	for {
		text, tag, found := strings.Cut(rest, "<")
		if strings.Contains(text, ">") {
			faults = append(faults, fmt.Sprintf("a bare > in %q", text))
		}
		if !found {
			break
		}
		inside, after, closed := strings.Cut(tag, ">")
		if !closed {
			return elements, append(faults, fmt.Sprintf("not a tag: %.60q", tag))
		}
		rest = after
		if name, isEnd := strings.CutPrefix(inside, "/"); isEnd {
			if len(open) == 0 || open[len(open)-1] != name {
				return elements, append(faults, fmt.Sprintf("</%s> closes %v", name, open))
			}
			open = open[:len(open)-1]
			continue
		}
		inside, empty := strings.CutSuffix(inside, "/")
		e, wrong := startTag(inside)
		elements, faults = append(elements, e), append(faults, wrong...)
		if !empty && !slices.Contains(void, e.name) {
			open = append(open, e.name)
		}
	}
	if len(open) > 0 {
		faults = append(faults, fmt.Sprintf("not closed: %v", open))
	}
	return elements, faults
}

// startTag reads a name and its attributes, each alone or with a value in double quotes.
func startTag(inside string) (e element, faults []string) {
	name, rest, _ := strings.Cut(inside, " ")
	e = element{name, make(map[string]string)}
	if !word(name) {
		faults = append(faults, fmt.Sprintf("not a tag: %.60q", inside))
	}
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		end := strings.IndexAny(rest+" ", " =")
		key, value := rest[:end], ""
		rest = rest[end:]
		if quoted, ok := strings.CutPrefix(rest, `="`); ok {
			value, rest, ok = strings.Cut(quoted, `"`)
			if !ok || rest != "" && rest[0] != ' ' {
				faults = append(faults, fmt.Sprintf("a quote out of place in <%.60s", inside))
			}
		} else if strings.HasPrefix(rest, "=") {
			return e, append(faults, fmt.Sprintf("a value without quotes in <%.60s", inside))
		}
		if _, twice := e.attrs[key]; twice || !word(key) {
			faults = append(faults, fmt.Sprintf("attribute %q in <%.60s", key, inside))
		}
		e.attrs[key] = value
	}
	return e, faults
}

// word reports whether s can name an element or an attribute.
func word(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// local is an address inside this site.
var local = regexp.MustCompile(`^(/|#)([^/].*)?$`)

// check returns what is wrong with a page's elements: what the policy forbids, names that point nowhere, missing landmarks.
func check(elements []element) (faults []string) {
	note := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	ids, count := make(map[string]bool), make(map[string]int)
	for _, e := range elements {
		count[e.name]++
		if id, ok := e.attrs["id"]; ok {
			if ids[id] || id == "" {
				note("id %q twice or empty", id)
			}
			ids[id] = true
		}
	}
	for _, e := range elements {
		for name, value := range e.attrs {
			switch {
			case name == "style" || strings.HasPrefix(name, "on"):
				note("<%s %s>", e.name, name)
			case slices.Contains([]string{"href", "src", "action"}, name) && !local.MatchString(value):
				note("<%s %s=%q> leaves the site", e.name, name, value)
			case slices.Contains([]string{"for", "aria-labelledby", "aria-describedby"}, name):
				for _, id := range strings.Fields(value) {
					if !ids[id] {
						note("<%s %s=%q> points nowhere", e.name, name, id)
					}
				}
			}
		}
		switch {
		case e.name == "style" || e.name == "iframe" || e.name == "base" || e.name == "object":
			note("<%s>", e.name)
		case e.name == "script" && e.attrs["src"] == "":
			note("inline script")
		case e.name == "img" && e.attrs["alt"] == "":
			note("<img> without words")
		case e.name == "th" && e.attrs["scope"] == "":
			note("<th> without a scope")
		case e.name == "svg" && e.attrs["aria-hidden"] != "true" && e.attrs["class"] != "hk":
			note("an svg that is read aloud")
		}
	}
	for name, want := range map[string]int{"h1": 1, "main": 1, "title": 1, "header": 1, "footer": 1} {
		if got := count[name]; name == "title" && got < want || name != "title" && got != want {
			note("%d <%s>, want %d", got, name, want)
		}
	}
	return faults
}

func TestEveryPageIsSoundMarkup(t *testing.T) {
	for _, s := range states() {
		t.Run(s.name, func(t *testing.T) {
			elements, faults := parse(render(t, s))
			for _, f := range append(faults, check(elements)...) {
				t.Error(f)
			}
		})
	}
}

func TestTheMarkupCheckSeesFaults(t *testing.T) {
	for _, bad := range []string{
		`<p style="color:red"></p>`, `<p onclick="x()"></p>`, `<a href="https://elsewhere.example/"></a>`, `<a href="//elsewhere.example"></a>`,
		`<a href="javascript:x"></a>`, `<script>x</script>`, `<p><b></p></b>`, `<p>a < b</p>`, `<p id="a"></p><p id="a"></p>`, `<label for="a"></label>`,
		`<img src="/card/mira.png">`, `<img src="https://elsewhere.example/x.png" alt="x">`,
	} {
		elements, faults := parse("<header></header><main><h1></h1></main><footer></footer><title></title>" + bad)
		if len(append(faults, check(elements)...)) == 0 {
			t.Errorf("nothing found in %s", bad)
		}
	}
}
