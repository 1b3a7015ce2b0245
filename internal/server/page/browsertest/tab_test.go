package browsertest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tokenflex.ing/internal/server/page/browsertest"
)

// A page with every fault that the tests of the site look for. Without it, a browser that notices nothing would pass them all.
func TestTabNoticesEveryFault(t *testing.T) {
	elsewhere := httptest.NewServer(http.NotFoundHandler())
	defer elsewhere.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><title>faults</title><div style="width:2000px;color:#999;background:#aaa">low contrast</div>
			<img src="%s/pixel.png"><script>console.log("hello"); throw new Error("broken")</script>`, elsewhere.URL)
	}))
	defer server.Close()

	tab := browsertest.Start(t).Open(t, server.URL, true)
	tab.Look(320, "light")
	tab.Go("/")
	if wide := tab.TooWide(); !strings.HasSuffix(wide, " px: div") {
		t.Errorf("too wide: %q, want the div", wide)
	}
	violations := strings.Join(tab.Violations(), "\n")
	for _, rule := range []string{"color-contrast", "image-alt", "html-has-lang", "landmark-one-main"} {
		if !strings.Contains(violations, rule+":") {
			t.Errorf("axe does not report %s in:\n%s", rule, violations)
		}
	}
	faults := strings.Join(tab.Faults(), "\n")
	for _, want := range []string{"console log", "exception", "request to another origin: " + elsewhere.URL} {
		if !strings.Contains(faults, want) {
			t.Errorf("no %q in:\n%s", want, faults)
		}
	}
}
