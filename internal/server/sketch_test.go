package server

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/storetest"
	"tokenflex.ing/internal/wire"
)

// sketch uploads one row with a sketch of responses with these names.
func (b *bench) sketch(token string, row wire.Day, names ...string) wire.Receipt {
	b.t.Helper()
	return decode[wire.Receipt](b, b.want(http.StatusOK, b.ask("POST", wire.PathUsage, token, b.sketched(row, wire.Sketch{Day: row.Day, Source: row.Source, Marks: marksOf(names...)}))))
}

func marksOf(names ...string) string {
	return base64.URLEncoding.EncodeToString(storetest.SketchOf(names...))
}

func (b *bench) sketched(row wire.Day, s wire.Sketch) string {
	var u wire.Usage
	if err := json.Unmarshal([]byte(b.body(wire.Max, row)), &u); err != nil {
		b.t.Fatal(err)
	}
	u.Sketches = []wire.Sketch{s}
	text, err := json.Marshal(u)
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

// The devices of an account have one key, which is nobody else's, and is told to them alone.
func TestSketchKeys(t *testing.T) {
	b := newBench(t)
	mira, adam := b.account("mira", store.Public), b.account("adam", store.Public)
	studio, laptop, adams := b.token(mira, "studio"), b.token(mira, "laptop"), b.token(adam, "studio")
	key := func(token string) string {
		return decode[wire.Me](b, b.want(http.StatusOK, b.ask("GET", wire.PathMe, token, ""))).SketchKey
	}
	own := key(studio)
	if raw, err := base64.StdEncoding.DecodeString(own); err != nil || len(raw) != 32 {
		t.Fatalf("%d bytes, %v", len(raw), err)
	}
	if key(laptop) != own || key(adams) == own {
		t.Error("one account has one key, and another has another")
	}
	b.sketch(studio, row("2026-11-20", "codex", 10, 1), "a", "b")
	b.sketch(laptop, row("2026-11-20", "codex", 10, 1), "a", "b")
	reader := auth.NewToken()
	minted := NewToken(reader, b.now())
	minted.Scope = wire.ScopeProfileRead
	if _, err := b.store.AddToken(t.Context(), mira.ID, "reader", minted); err != nil {
		t.Fatal(err)
	}
	if key(reader) != "" {
		t.Error("a token that sends nothing has the key")
	}
	cookie := b.signIn(mira)
	raw, _ := base64.StdEncoding.DecodeString(own)
	said := b.log.String() + b.raw()
	for _, path := range []string{wire.PathExport, wire.PathMe + "/devices", wire.PathMe + "/tokens", "/settings", "/u/mira"} {
		said += b.want(http.StatusOK, b.ask("GET", path, cookie, "")).Body.String()
	}
	for _, path := range []string{"/", "/u/mira", wire.PathLeaderboard, wire.PathUsers + "mira", wire.PathDiscovery, wire.PathStats} {
		said += b.want(http.StatusOK, b.ask("GET", path, "", "")).Body.String()
	}
	if strings.Contains(said, own) || strings.Contains(said, string(raw)) {
		t.Error("the key is told elsewhere, or stored")
	}
}

// A copied home is one row of settings for each two devices and tool, with its days and its tokens; what waits for something else
// stays apart. Fails where each day is a row.
func TestCopiedDaysAreOneRow(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Private)
	studio, laptop := b.token(mira, "studio"), b.token(mira, "laptop")
	for i, day := range []string{"2026-11-18", "2026-11-20", "2026-11-21"} {
		names := storetest.Names(day, 40)
		b.sketch(studio, row(day, "codex", 400, 1), names...)
		b.sketch(laptop, row(day, "codex", 300, 1), names[:40-i*4]...)
	}
	amp := storetest.Names("amp", 40)
	b.sketch(studio, row("2026-11-20", "amp", 400, 1), amp...)
	b.sketch(laptop, row("2026-11-20", "amp", 300, 1), amp...)
	b.put(studio, row("2026-11-19", "codex", 12_000_000_001, 0))
	text := b.want(http.StatusOK, b.ask("GET", "/settings", b.signIn(mira), "")).Body.String()
	_, text, _ = strings.Cut(text, `id="review"`)
	text, _, _ = strings.Cut(text, "</section>")
	if n := strings.Count(text, `<th scope="row">`); n != 3 {
		t.Errorf("%d rows, want 3:\n%s", n, text)
	}
	for _, want := range []string{">18 Nov</time> to <time", ">21 Nov</time>, 3 days<", "<b>5 days</b>", ">903<", ">301<", "laptop and studio share 100 % of it", "over the day line of the tool"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// What two devices share is told to their owner, with their names, and to nobody else.
func TestCopiesAreToldToTheirOwner(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Public)
	studio, laptop := b.token(mira, "studio <b>"), b.token(mira, "laptop")
	names := storetest.Names("r", 40)
	b.sketch(studio, row("2026-11-20", "codex", 400, 1), names...)
	r := b.sketch(laptop, row("2026-11-20", "codex", 300, 1), append(names[:27:27], storetest.Names("own", 3)...)...)
	want := []wire.Held{{Day: "2026-11-20", Source: "codex", Reason: store.ReasonCopy, Copy: &wire.Copy{Device: "laptop", Original: "studio <b>", Share: 90}}}
	if diff := cmp.Diff(want, r.Held); diff != "" || r.Total.Tokens != 401 {
		t.Errorf("total %+v, held (-want +got):\n%s", r.Total, diff)
	}
	if me := decode[wire.Me](b, b.ask("GET", wire.PathMe, studio, "")); cmp.Diff(want, me.Held) != "" {
		t.Errorf("me: %+v", me.Held)
	}
	const words = "laptop and studio &lt;b&gt; share 90 % of it; it counts on studio &lt;b&gt;"
	cookie := b.signIn(mira)
	for _, path := range []string{"/settings", "/u/mira"} {
		if text := b.want(http.StatusOK, b.ask("GET", path, cookie, "")).Body.String(); !strings.Contains(text, words) {
			t.Errorf("%s does not say that %s", path, words)
		}
		if text := b.ask("GET", path, "", "").Body.String(); strings.Contains(text, "share 90") || strings.Contains(text, "laptop") {
			t.Errorf("%s says it to strangers", path)
		}
	}
}

// Whatever somebody claims in a sketch, it is about their own account: another's rows neither wait nor count for it, and fields that
// nobody asked for do nothing. Fails where sketches are compared across accounts.
func TestHostileSketches(t *testing.T) {
	b := newBench(t)
	mira, eve := b.account("mira", store.Public), b.account("eve", store.Public)
	studio, laptop := b.token(mira, "studio"), b.token(mira, "laptop")
	names := storetest.Names("r", 100)
	b.sketch(studio, row("2026-11-20", "codex", 400, 0), names...)
	b.sketch(laptop, row("2026-11-20", "codex", 400, 0), names...)
	total := func(handle string) int64 {
		return decode[wire.Profile](b, b.ask("GET", wire.PathUsers+handle, "", "")).Totals.Tokens
	}
	one, two := b.token(eve, "one"), b.token(eve, "two")
	huge := row("2026-11-20", "codex", 9000, 0)
	b.sketch(one, huge, names...) // all that mira's devices say, and larger
	if total("mira") != 400 || total("eve") != 9000 {
		t.Errorf("mira has %d, eve %d", total("mira"), total("eve"))
	}
	b.sketch(two, row("2026-11-20", "codex", 500, 0), names[:50]...)
	if total("eve") != 9000 {
		t.Errorf("a lie about one's own devices holds the smaller of them; eve has %d", total("eve"))
	}
	b.sketch(two, row("2026-11-20", "codex", 500, 0), storetest.Names("other", 50)...)
	if total("eve") != 9500 || total("mira") != 400 {
		t.Errorf("and lets it count: eve has %d, mira %d", total("eve"), total("mira"))
	}
	forged := strings.Replace(b.sketched(row("2026-11-20", "codex", 500, 0), wire.Sketch{Day: "2026-11-20", Source: "codex", Marks: marksOf(names[:50]...)}),
		`"sketches":[{`, `"copies":[{"device_id":1,"day":"2026-11-20","source":"codex"}],"sketches":[{"user_id":1,"device_id":1,"original_id":1,"share":100,"released_at":1,`, 1)
	b.want(http.StatusOK, b.ask("POST", wire.PathUsage, two, forged))
	if total("eve") != 9000 || total("mira") != 400 {
		t.Errorf("forged fields: eve has %d, mira %d", total("eve"), total("mira"))
	}
	for _, s := range []wire.Sketch{
		{Day: "2026-11-19", Source: "codex", Marks: marksOf("a")}, {Day: "2026-11-20", Source: "amp", Marks: marksOf("a")},
		{Day: "2026-11-20", Source: "codex"}, {Day: "2026-11-20", Source: "codex", Marks: "' OR true --"}, {Day: "2026-11-20", Source: "codex", Marks: marksOf("a") + "AAAAAAAA"},
	} {
		p := decode[wire.Problem](b, b.want(http.StatusUnprocessableEntity, b.ask("POST", wire.PathUsage, two, b.sketched(row("2026-11-20", "codex", 600, 0), s))))
		if p.Code != wire.InvalidRows || len(p.Errors) != 1 || !strings.HasPrefix(p.Errors[0].Pointer, "/sketches/0") {
			t.Errorf("%+v: %+v", s, p)
		}
	}
	if total("eve") != 9000 {
		t.Errorf("a refused upload was stored: eve has %d", total("eve"))
	}
}
