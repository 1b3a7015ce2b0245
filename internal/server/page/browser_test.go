package page_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/page/browsertest"
)

// serve answers /state/NAME with that state's page and the headers of a real answer.
func serve(t *testing.T) *httptest.Server {
	t.Helper()
	r, err := page.New()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(page.PathStatic, r.Static())
	mux.HandleFunc(page.PathBadge, func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = w.Write(page.Badge{Figure: page.Figure(req.FormValue("metric")), Period: november, Standing: &page.Standing{Rank: 137, Of: 812, Tokens: 412_080_000}}.SVG(now))
	})
	mux.HandleFunc(page.PathCard, func(w http.ResponseWriter, req *http.Request) {
		picture, err := page.Card{Handle: me, Period: november, Standing: &page.Standing{Rank: 137, Of: 812, Tokens: 412_080_000}}.Drawing(site("", "")).PNG()
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(picture)
	})
	for _, s := range states() {
		mux.HandleFunc("/state/"+s.name, func(w http.ResponseWriter, req *http.Request) {
			at := site(s.handle, s.path)
			at.Theme = page.ParseTheme(req.FormValue("theme"))
			var b bytes.Buffer
			if err := r.Render(&b, at, s.view); err != nil {
				t.Error(err)
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", page.Policy)
			w.Header().Set("X-Content-Type-Options", "nosniff")
			_, _ = w.Write(b.Bytes())
		})
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// Every page and state: no console message, no request to another origin, nothing wider than the window, no violation of
// WCAG 2.2 AA, at three widths in both themes. The first state of a page meets axe at all six of them, the others at one in turn.
// TOKENFLEX_SHOTS names a folder to keep pictures in.
func TestPagesInABrowser(t *testing.T) {
	server := serve(t)
	tab := browsertest.Start(t).Open(t, server.URL, true)
	seen := make(map[string]bool)
	for i, s := range browserStates() {
		kind := fmt.Sprintf("%T", s.view)
		first := !seen[kind]
		seen[kind] = true
		t.Run(s.name, func(t *testing.T) {
			tab.Look(1440, "light")
			tab.Go("/state/" + s.name)
			for j, width := range []int{1440, 768, 320} {
				for k, theme := range []string{"light", "dark"} {
					tab.Look(width, theme)
					if wide := tab.TooWide(); wide != "" {
						t.Errorf("at %d px: wider than the window: %s", width, wide)
					}
					if first || i%6 == 2*j+k {
						for _, v := range tab.Violations() {
							t.Errorf("at %d px, %s: %s", width, theme, v)
						}
					}
					keep(t, tab, fmt.Sprintf("%s-%d-%s", s.name, width, theme), width)
				}
			}
			for _, f := range tab.Faults() {
				t.Error(f)
			}
		})
	}
}

// browserStates leaves out states that differ from another by one sentence alone.
func browserStates() []state {
	return slices.DeleteFunc(states(), func(s state) bool {
		return strings.HasPrefix(s.name, "problem-") && s.name != "problem-invalid-rows" ||
			strings.HasPrefix(s.name, "error-") && s.name != "error-503" && s.name != "error-403"
	})
}

func keep(t *testing.T, tab *browsertest.Tab, name string, width int) {
	t.Helper()
	dir := os.Getenv("TOKENFLEX_SHOTS")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), tab.Picture(width), 0o600); err != nil {
		t.Fatal(err)
	}
}
