package page_test

import (
	"bytes"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/usage"
)

// renderer is parsed once for all tests.
var renderer = sync.OnceValues(page.New)

func render(t testing.TB, s state) string {
	t.Helper()
	r, err := renderer()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.Render(&b, site(s.handle, s.path), s.view); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// find returns the state with the name.
func find(t testing.TB, name string) state {
	t.Helper()
	all := states()
	i := slices.IndexFunc(all, func(s state) bool { return s.name == name })
	if i < 0 {
		t.Fatalf("no state %s", name)
	}
	return all[i]
}

// Whatever a name holds, the page has the same elements as with a harmless one, and none of its attributes gains a meaning.
func TestNoNameBecomesMarkup(t *testing.T) {
	payloads := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `javascript:alert(1)`, `{{.Site}}`,
		"</pre></style></title><b>", `&lt;b&gt;`, "`${alert(1)}`", "\u202egnp.exe", `-->`, `]]>`, "a\x00b", `//elsewhere.example/`,
	}
	drawing := []string{"svg", "circle", "rect", "path", "span", "wbr"} // depend on the letters of a name
	names := func(elements []element) (n []string) {
		for _, e := range elements {
			if !slices.Contains(drawing, e.name) {
				n = append(n, e.name)
			}
		}
		return n
	}
	seen := make(map[reflect.Type]bool)
	for _, s := range states() {
		plain, _ := parse(render(t, spoil(s, "harmless")))
		tried := payloads
		if kind := reflect.TypeOf(s.view); seen[kind] { // its other states meet all of them in one
			tried = []string{strings.Join(payloads, " ")}
		} else {
			seen[kind] = true
		}
		for _, p := range tried {
			elements, faults := parse(render(t, spoil(s, p)))
			faults = append(faults, check(elements)...)
			for _, f := range faults {
				t.Errorf("%s with %q: %s", s.name, p, f)
			}
			if diff := cmp.Diff(names(plain), names(elements)); diff != "" {
				t.Errorf("%s with %q: %s", s.name, p, diff)
			}
		}
	}
}

// spoil returns the state with a word in every free string of its view and of its reader.
func spoil(s state, word string) state {
	if p, ok := s.view.(page.Profile); ok { // some days are as good as all
		p.Days = p.Days[:min(len(p.Days), 50)]
		s.view = p
	}
	view := reflect.New(reflect.TypeOf(s.view)).Elem()
	view.Set(deepCopy(reflect.ValueOf(s.view)))
	fill(view, word)
	s.view = view.Interface().(page.View)
	if s.handle != "" {
		s.handle = word
	}
	s.path = "/" + word
	return s
}

func deepCopy(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if out.Field(i).CanSet() {
				out.Field(i).Set(deepCopy(v.Field(i)))
			}
		}
	case reflect.Slice:
		if !v.IsNil() {
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				out.Index(i).Set(deepCopy(v.Index(i)))
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(deepCopy(v.Elem()))
		}
	}
	return out
}

// fill sets every non-empty string, but those of closed lists, which have types of their own, and dates.
func fill(v reflect.Value, word string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type() == reflect.TypeFor[usage.Key]() && v.Type().Field(i).Name == "Date" {
				continue
			}
			if v.Field(i).CanSet() {
				fill(v.Field(i), word)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), word)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem(), word)
		}
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.String() != "" {
			v.SetString(word)
		}
	}
}

var (
	tapePattern  = regexp.MustCompile(`(?s)<table class="sum"><tbody>(.*?)</tbody><tfoot>.*?<data value="(\d+)">([\d,]+)</data>`)
	countPattern = regexp.MustCompile(`<td>([\d,]+)</td>`)
)

func number(t *testing.T, s string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(strings.ReplaceAll(s, ",", ""), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheDoubleRuleStandsUnderACheckedSum(t *testing.T) {
	tapes := 0
	for _, s := range states() {
		for _, m := range tapePattern.FindAllStringSubmatch(render(t, s), -1) {
			tapes++
			var sum int64
			rows := countPattern.FindAllStringSubmatch(m[1], -1)
			for _, r := range rows {
				sum += number(t, r[1])
			}
			if total := number(t, m[3]); len(rows) != 5 || sum != total || m[2] != strconv.FormatInt(total, 10) {
				t.Errorf("%s: %d rows add up to %d, the total is %d (%s)", s.name, len(rows), sum, total, m[2])
			}
		}
	}
	if tapes < 10 {
		t.Errorf("only %d tapes were found", tapes)
	}
}

func TestTheProfileShowsTheTotalOfItsView(t *testing.T) {
	p := ownProfile()
	html := render(t, state{"", me, "/u/" + me, p})
	for _, want := range []string{
		`<data value="` + strconv.FormatInt(p.Total.Kinds.Total(), 10) + `"`,
		`<data value="` + p.Total.Cost.String() + `"`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestPages(t *testing.T) {
	for _, c := range []struct {
		state           string
		contains, lacks []string
	}{
		{"board", []string{"<h1>November 2026</h1>", "812 people", "7 days left", "Lines 4 to 50 of 812", "Lines 51 to 100", `<td class="rk">17=</td>`, "1.82M behind 136", `rel="prev"`}, []string{"Final", "A race of one"}},
		{"board-cost", []string{"By cost", "$1.82 behind 136", `aria-sort="descending">Cost</th>`}, []string{"the more ink", "Kinds, to scale"}},
		{"board-own-line", []string{`<tr class="me" data-vt="u-yuki-builds"`}, []string{`class="pin"`}},
		{"board-page-2", []string{"Lines 51 to", ">First page</a>"}, []string{"podium", `class="tape"`}},
		{"board-final", []string{"Week 46, 2026", "Final", `value="2026-W46"`}, []string{"left</", "A race of one"}},
		{"board-day", []string{"Monday 23 November 2026", "until midnight UTC", "Line 4 of 4"}, nil},
		{"board-all", []string{"All time", "23 days"}, []string{"since", `rel="prev"`, "left ·"}},
		{"board-adding-up", []string{"812 people", "podium"}, []string{`class="tape"`, "added up"}},
		{"board-filter-none", []string{"0 lines", "Nobody shares anything from zed here.", `<a href="/">Show everything</a>`}, []string{"podium", "<tbody>"}},
		{"board-none", []string{"0 lines", "Nobody has shared anything here yet."}, []string{"<tbody>"}},
		{"board-one", []string{"You lead", "A race of one", "1 person", "Everybody is you, so far.", "first month"}, nil},
		{"board-one-stranger", []string{"jo-writes-code leads", "A race of one"}, []string{"Everybody is you", "You lead"}},
		{"board-first", []string{"Line 1 is free", "nothing yet", `"cache_write_1h":0`}, []string{"podium"}},
		{"profile", []string{"<b>1st</b> of 812", "all others", "+?"}, []string{"Change who sees this", "noindex"}},
		{"profile-own", []string{"Change who sees this", "2 days under review", "19.40B"}, nil},
		{"profile-hidden", []string{"<b>Shared 1st</b>"}, []string{"$", "claude", "gpt", "codex", "list price", "By tool", "By model", "Most models"}},
		{"profile-private", []string{"noindex", "nobody but you"}, []string{"This page as JSON"}},
		{"profile-new", []string{"linux-1 is connected", "tokenflexing sync --dry-run"}, []string{"class=\"heat\"", "$0.00"}},
		{"profile-new-no-device", []string{"No device yet"}, []string{"linux-1"}},
		{"device-error", []string{`value="WDJB-MJHX"`, `aria-invalid="true"`, "4 tries left"}, nil},
		{"device-compare", []string{"Approve linux-2", "This was not me", "48 seconds ago", "9:12", "W D J B dash M J H T"}, nil},
		{"signin-link", []string{"Sign in as jo-writes-code?", "first time", "10080 minutes"}[:2], []string{"s3cret", `action="/theme"`}},
		{"settings", []string{`id="v-public" value="public" checked`, "synced 14 minutes ago", "not synced yet", "…8rQz", "never"}, []string{"When public, hide", "Rename or revoke<span class=\"vh\"> old-laptop"}},
		{"settings-hides", []string{`id="h-cost" name="hide" value="cost" checked`, `id="v-agg" value="aggregate" checked`, "linux-2 is revoked."}, nil},
		{"error-503", []string{"503", "request 01JDB8W6Q3", "The printer jammed"}, nil},
		{"error-429", []string{"Try again in 20 seconds"}, nil},
		{"problem-stale-seq", []string{"HTTP 409"}, nil},
	} {
		t.Run(c.state, func(t *testing.T) {
			_, body, _ := strings.Cut(render(t, find(t, c.state)), "<main")
			if c.state == "profile" || c.state == "profile-private" {
				body = render(t, find(t, c.state))
			}
			main, _, _ := strings.Cut(body, "</main>")
			if c.state == "profile-private" {
				main = body
			}
			for _, want := range c.contains {
				if !strings.Contains(main, want) {
					t.Errorf("lacks %q", want)
				}
			}
			for _, not := range c.lacks {
				if strings.Contains(main, not) {
					t.Errorf("contains %q", not)
				}
			}
		})
	}
}

// A stranger must not tell a private profile from one that does not exist, not even by what the page links to.
func TestNotFoundIsTheSameAtEveryAddress(t *testing.T) {
	a := render(t, state{"", "", "/u/private-person", page.NotFound{}})
	b := render(t, state{"", "", "/u/nobody", page.NotFound{}})
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
}

func TestTheThemeIsForcedByTheReadersChoice(t *testing.T) {
	r, err := page.New()
	if err != nil {
		t.Fatal(err)
	}
	for theme, want := range map[string]string{"dark": `<html lang="en" data-theme="dark">`, "light": `<html lang="en" data-theme="light">`, "auto": `<html lang="en">`, `"><b>`: `<html lang="en">`} {
		at := site("", "/connect")
		at.Theme = page.ParseTheme(theme)
		var b bytes.Buffer
		if err := r.Render(&b, at, page.Connect{}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s: no %s", theme, want)
		}
	}
}
