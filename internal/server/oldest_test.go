package server

import (
	"strings"
	"testing"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

func TestVersions(t *testing.T) {
	for _, tt := range []struct {
		version, oldest string
		older           bool
	}{
		{"1.2.3", "1.2.3", false}, {"1.2.2", "1.2.3", true}, {"1.10.0", "1.9.9", false}, {"v1.2.2", "1.2.3", true}, {"2.0.0", "1.9.9", false},
		{"1.2.3-rc.1", "1.2.3", true}, {"1.2.4-rc.1", "1.2.3", false}, {"1.2.3+dirty", "1.2.3", false},
		{"dev", "1.2.3", false}, {"", "1.2.3", false}, {"1.2", "1.2.3", false}, {"0.0.1", "", false},
	} {
		if got := older(tt.version, tt.oldest); got != tt.older {
			t.Errorf("%q is older than %q: %t", tt.version, tt.oldest, got)
		}
	}
}

// An old client, or an old parser of a tool, is told how to become a new one. Fails without Oldest.check.
func TestOldClients(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Oldest = Oldest{Client: "1.0.0", Parser: map[string]int{"codex": 2}} })
	token := b.token(b.account("mira", store.Private), "studio")
	for _, tt := range []struct {
		name, old, new string
		status         int
	}{
		{"a new one", `"rows"`, `"parsers":{"codex":2},"rows"`, 200},
		{"an old parser", `"rows"`, `"parsers":{"codex":1},"rows"`, 403},
		{"a parser that is not named", `"rows"`, `"rows"`, 403},
		{"an old parser of another tool", `"codex"`, `"amp"`, 200},
		{"no revision at all of another tool", `"source":"codex"`, `"source":"amp"`, 200},
		{"an impossible revision of another tool", `"rows":[{"day":"2026-11-20","source":"codex"`, `"parsers":{"amp":-1},"rows":[{"day":"2026-11-20","source":"amp"`, 422},
		{"an old client", `"version":"1.0.0"`, `"version":"0.9.9"`, 403},
	} {
		body := strings.Replace(b.body(wire.Max, row("2026-11-20", "codex", 10*b.seq, 1)), `"parsers":null,`, "", 1)
		w := b.ask("POST", wire.PathUsage, token, strings.Replace(body, tt.old, tt.new, 1))
		if w.Code != tt.status {
			t.Errorf("%s: status %d: %s", tt.name, w.Code, w.Body)
		}
		if p := w.Body.String(); tt.status == 403 && (!strings.Contains(p, `"client-outdated"`) || !strings.Contains(p, "run: go install tokenflex.ing/")) {
			t.Errorf("%s: %s", tt.name, p)
		}
	}
	d := decode[wire.Discovery](b, b.ask("GET", wire.PathDiscovery, "", ""))
	if d.MinClient != "1.0.0" || d.MinParser["codex"] != 2 {
		t.Errorf("discovery %+v", d)
	}
}
