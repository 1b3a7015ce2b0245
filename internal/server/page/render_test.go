package page_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"tokenflex.ing/internal/server/page"
)

// A page that many ask for at once, some of whose rows are printed already, is the same for everybody, and one's own row is one's own alone.
func TestRowsArePrintedTheSameForAll(t *testing.T) {
	r, err := page.New()
	if err != nil {
		t.Fatal(err)
	}
	print := func(handle string) string {
		var b bytes.Buffer
		if err := r.Render(&b, site(handle, "/"), board()); err != nil {
			t.Error(err)
		}
		return b.String()
	}
	want := map[string]string{"": render(t, state{path: "/", view: board()}), handles[9]: render(t, state{handle: handles[9], path: "/", view: board()})}
	const own = `<tr class="me"`
	if strings.Count(want[handles[9]], own) != 1 || strings.Contains(want[""], own) {
		t.Fatal("nobody has a row of their own, or everybody")
	}
	var all sync.WaitGroup
	for range 4 {
		for handle, text := range want {
			all.Go(func() {
				for range 3 {
					if got := print(handle); got != text {
						t.Errorf("as %q the page is another:\n%s", handle, got)
					}
				}
			})
		}
	}
	all.Wait()
}
