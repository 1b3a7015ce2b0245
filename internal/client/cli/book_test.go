package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/pricing/signed"
	"tokenflex.ing/internal/wire"
)

const smallBook = `prices 1
date 2026-11-20
model a-1 acme other
from 2025-03-01 checked 2026-11-18 the price page
rate 0 standard 3 0.3 3.75 6 15
`

// bookSite is a site that serves one price book.
type bookSite struct {
	secret    byte
	book      string
	unsigned  bool
	spoil     func([]byte) []byte // after signing
	asked     int
	unchanged int // answers of 304
}

func (b *bookSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	signer, err := signed.NewSigner(bytes.Repeat([]byte{b.secret}, 32))
	if err != nil {
		panic(err)
	}
	if r.Header.Get("Authorization") != "" {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	b.asked++
	switch r.URL.Path {
	case wire.PathDiscovery:
		json.NewEncoder(w).Encode(wire.Discovery{PricingKey: signer.Key()})
	case wire.PathPricing:
		body, _ := json.Marshal(wire.Pricing{Version: 1, Book: b.book})
		tag := `"` + signer.Sign(body) + `"`
		if r.Header.Get("If-None-Match") == tag {
			b.unchanged++
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", tag)
		if !b.unsigned {
			w.Header().Set(wire.HeaderPricingSignature, signer.Sign(body))
		}
		if b.spoil != nil {
			body = b.spoil(body)
		}
		w.Write(body)
	}
}

// updater runs commands of one home against one site.
type updater struct {
	t    *testing.T
	home string
	site string
}

func newUpdater(t *testing.T, b *bookSite) *updater {
	t.Helper()
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	return &updater{t, t.TempDir(), server.URL}
}

func (u *updater) run(want int, args ...string) string {
	u.t.Helper()
	env := map[string]string{"HOME": u.home, "TOKENFLEX_SITE": u.site, "TZ": "UTC", "COLUMNS": "120"}
	var said bytes.Buffer
	app := newApp(strings.NewReader(""), &said, &said, func(name string) string { return env[name] })
	app.GOOS = "linux"
	app.Now = func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }
	small, err := pricing.Parse([]byte(smallBook))
	if err != nil {
		u.t.Fatal(err)
	}
	app.Prices = func() *pricing.Table { return small }
	root := newRootCommand(app)
	root.SetArgs(args)
	if code := app.exit(root.ExecuteContext(u.t.Context())); code != want {
		u.t.Errorf("%v: exit code %d, want %d\n%s", args, code, want, said.String())
	}
	return said.String()
}

func (u *updater) says(want int, text string, args ...string) {
	u.t.Helper()
	if said := u.run(want, args...); !strings.Contains(said, text) {
		u.t.Errorf("%v does not say %q:\n%s", args, text, said)
	}
}

var newerBook = strings.NewReplacer("date 2026-11-20", "date 2026-11-22", "standard 3 ", "standard 4 ").Replace(smallBook)

func TestANewerBookIsTakenAndUsedOffline(t *testing.T) {
	site := &bookSite{secret: 1, book: newerBook}
	u := newUpdater(t, site)
	u.says(0, "$3.00", "prices", "show", "a-1")
	if site.asked > 0 {
		t.Error("a price was asked for")
	}
	u.says(0, "book 2026-11-22", "prices", "update")
	u.says(0, "nothing newer", "prices", "update")
	if site.unchanged != 1 {
		t.Errorf("%d answers of nothing new", site.unchanged)
	}
	site.book = "" // nobody asks for it
	u.says(0, "$4.00", "prices", "show", "a-1")
	u.says(0, "price book 2026-11-22", "version")
	// Another site's book is not this one's.
	here := u.site
	u.site = "http://127.0.0.1:1"
	u.says(0, "$3.00", "prices", "show", "a-1")
	u.says(1, "the book of 2026-11-20 is kept", "prices", "update")
	u.site = here
	// What is damaged on disk is not used, and comes anew.
	file := filepath.Join(u.home, ".local/state/tokenflexing/prices.json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, bytes.Replace(text, []byte("standard 4"), []byte("standard 5"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	u.says(0, "$3.00", "prices", "show", "a-1")
	u.says(0, "cannot be used: the signature does not fit it", "doctor")
	site.book = newerBook
	u.says(0, "book 2026-11-22", "prices", "update")
	u.says(0, "$4.00", "prices", "show", "a-1")
	if err := os.WriteFile(file, text[:len(text)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	u.says(0, "cannot be used: the file is damaged", "doctor")
	u.says(0, "book 2026-11-22", "prices", "update")
	if said := u.run(0, "doctor"); strings.Contains(said, "cannot be used") {
		t.Error("doctor complains of a good book:\n" + said)
	}
}

func TestABadBookIsRefusedAndTheOneBeforeKept(t *testing.T) {
	dear := strings.Replace(newerBook, "3.75 6 15", "3.75 6 1000", 1)
	for _, c := range []struct {
		name string
		bad  bookSite
		want string
	}{
		{"not signed", bookSite{secret: 1, book: newerBook, unsigned: true}, "it is not signed"},
		{"a byte changed on the way", bookSite{secret: 1, book: newerBook, spoil: func(b []byte) []byte { return bytes.Replace(b, []byte("standard 4"), []byte("standard 1"), 1) }}, "the signature does not fit"},
		{"cut off", bookSite{secret: 1, book: newerBook, spoil: func(b []byte) []byte { return b[:len(b)/2] }}, "the signature does not fit"},
		{"no book", bookSite{secret: 1, book: "prices 1\nnonsense\n"}, "line 2"},
		{"older", bookSite{secret: 1, book: strings.Replace(newerBook, "2026-11-22", "2026-11-19", 1)}, "older than the one of"},
		{"of a day to come", bookSite{secret: 1, book: strings.Replace(newerBook, "2026-11-22", "2027-11-22", 1)}, "which is to come"},
		{"far off", bookSite{secret: 1, book: strings.Replace(dear, "standard 4 ", "standard 0.003 ", 1)}, "input price of a-1"},
		{"another key", bookSite{secret: 2, book: newerBook}, "the key it is signed with has changed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			site := &bookSite{secret: 1, book: strings.Replace(smallBook, "2026-11-20", "2026-11-21", 1)}
			u := newUpdater(t, site)
			u.run(0, "prices", "update")
			*site = c.bad
			u.says(1, c.want, "prices", "update")
			u.says(1, "the book of 2026-11-21 is kept", "prices", "update")
			u.says(0, "price book 2026-11-21", "version")
			u.says(0, "$3.00", "prices", "show", "a-1")
			if c.bad.secret == 2 {
				u.says(0, "book 2026-11-22", "prices", "update", "--new-key")
				u.says(0, "$4.00", "prices", "show", "a-1")
			}
		})
	}
}
