package e2e

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/samplehome"
)

// A day is the same on both sides, and a person's own rates change what their machine shows and nothing that is sent or stored.
func TestOwnRatesStayAtHome(t *testing.T) {
	h := serve(t)
	m := newMachine(t, h.site)
	truth, err := samplehome.Write(m.home, samplehome.Options{Seed: 9, Until: time.Now(), Days: 5, Sessions: 2})
	if err != nil {
		t.Fatal(err)
	}
	mira := h.arrive("mira")
	m.login(0, func(code string) {
		mira.post("/device/decide", url.Values{"user_code": {code}, "decision": {"approve"}})
	}, "--device", "studio")
	m.run(0, "sync")
	before, stored := m.total(), h.stored()

	day := truth[0].Date
	if said := m.run(0, "explain", day, "--server", "--timezone", "UTC"); !strings.Contains(said, "server   equal: ") {
		t.Errorf("explain said\n%s", said)
	}
	if said := m.run(0, "prices", "update"); !strings.Contains(said, "prices  book ") {
		t.Errorf("prices update said\n%s", said)
	}
	if said := m.run(0, "prices", "update"); !strings.Contains(said, "nothing newer") {
		t.Errorf("the second prices update said\n%s", said)
	}
	if same := m.total(); same != before {
		t.Errorf("by the site's book: %+v, by the embedded one %+v", same, before)
	}
	m.run(0, "prices", "override", "*", "--multiplier", "2")
	if after := m.total(); after.Tokens != before.Tokens || after.Micro <= before.Micro {
		t.Errorf("twice the rates: %+v, before %+v", after, before)
	}
	if said := m.run(0, "sync"); !strings.Contains(said, "on both sides") || !strings.Contains(said, "by your own rates, on this machine alone") {
		t.Errorf("sync said\n%s", said)
	}
	if said := m.run(0, "explain", day, "--server", "--timezone", "UTC"); !strings.Contains(said, "server   equal: ") {
		t.Errorf("with own rates, explain said\n%s", said)
	}
	if again := h.stored(); again != stored {
		t.Errorf("own rates changed what is stored: %+v, before %+v", again, stored)
	}
}
