package page_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"tokenflex.ing/internal/server/page"
)

func get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	r, err := page.New()
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r.Static().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func TestStaticFilesAreNamedByTheirContent(t *testing.T) {
	html := render(t, find(t, "connect"))
	names := regexp.MustCompile(`/static/[0-9a-f]{16}/[a-z.-]+[a-z0-9]`).FindAllString(html, -1)
	if len(names) != 4 {
		t.Fatalf("the page names %v, want icon, font, style and script", names)
	}
	for _, name := range names {
		w := get(t, name)
		if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
		body := w.Body.String()
		if strings.HasSuffix(name, ".css") {
			for _, m := range regexp.MustCompile(`url\(([^)]*)\)`).FindAllStringSubmatch(body, -1) {
				if get(t, m[1]).Code != http.StatusOK {
					t.Errorf("the stylesheet names %s, which is not there", m[1])
				}
			}
			if strings.Contains(body, "@import") || strings.Contains(body, "http") {
				t.Error("the stylesheet names another address")
			}
		}
	}
}

func TestStaticAnswersNothingElse(t *testing.T) {
	for path, want := range map[string]int{
		"/favicon.ico": http.StatusOK, "/static/": http.StatusNotFound, "/static/style.css": http.StatusNotFound,
		"/static/0000000000000000/style.css": http.StatusNotFound, "/static/../page.go": http.StatusNotFound,
	} {
		if got := get(t, path).Code; got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
}
