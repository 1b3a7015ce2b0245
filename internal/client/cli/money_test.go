package cli

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/samplehome"
	"tokenflex.ing/internal/usage"
)

// What every report says a home costs is what fractions make of the tokens that were written into it, to the micro-dollar.
func TestAHomeCostsWhatFractionsSay(t *testing.T) {
	home, until := t.TempDir(), time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	days, err := samplehome.Write(home, samplehome.Options{Seed: 6, Until: until, Days: 30, Sessions: 2})
	if err != nil {
		t.Fatal(err)
	}
	want := inFractions(t, days)
	if len(want) < 3 {
		t.Fatal("the home costs nothing")
	}
	want = want[:len(want)-6] + "." + want[len(want)-6:]
	for _, report := range []string{"", "daily", "weekly", "monthly", "hourly", "models", "projects", "sessions", "blocks"} {
		var said struct {
			Totals struct {
				Cost string `json:"cost_usd"`
			} `json:"totals"`
		}
		text := inHome(t, home, until, strings.Fields(report+" --json")...)
		if err := json.Unmarshal(text, &said); err != nil || said.Totals.Cost != want {
			t.Errorf("%q costs $%s, want $%s: %v", report, said.Totals.Cost, want, err)
		}
	}
}

// inFractions adds up whole days in fractions, rounds each once to micro-dollars, half to even, and adds those.
func inFractions(t *testing.T, days []usage.Day) string {
	t.Helper()
	book, costs := pricing.Embedded(), make(map[usage.Key]*big.Rat)
	for _, d := range days {
		d.Band = d.Band.Common()
		r, ok := book.RatesOf(d.Key)
		if !ok {
			t.Fatalf("%+v has no price", d.Key)
		}
		if costs[d.Key] == nil {
			costs[d.Key] = new(big.Rat)
		}
		for _, kind := range []struct {
			tokens int64
			rate   pricing.Rate
		}{{d.Tokens.Input, r.Input}, {d.Tokens.CacheRead, r.CacheRead}, {d.Tokens.CacheWrite5m, r.CacheWrite5m}, {d.Tokens.CacheWrite1h, r.CacheWrite1h}, {d.Tokens.Output, r.Output}} {
			perMillion, ok := new(big.Rat).SetString(kind.rate.Dollars())
			if !ok {
				t.Fatalf("%s is no number", kind.rate.Dollars())
			}
			costs[d.Key].Add(costs[d.Key], perMillion.Mul(perMillion, new(big.Rat).SetInt64(kind.tokens)))
		}
	}
	total := new(big.Int)
	for _, c := range costs {
		total.Add(total, evenly(c))
	}
	return total.String()
}

// evenly rounds to a whole number, half to even.
func evenly(x *big.Rat) *big.Int {
	whole, rest := new(big.Int).QuoRem(x.Num(), x.Denom(), new(big.Int))
	if over := rest.Lsh(rest, 1).Cmp(x.Denom()); over > 0 || over == 0 && whole.Bit(0) == 1 {
		whole.Add(whole, big.NewInt(1))
	}
	return whole
}

// inHome runs a command in a home at a time, and returns its answer.
func inHome(t *testing.T, home string, now time.Time, args ...string) []byte {
	t.Helper()
	env := map[string]string{"HOME": home, "TZ": "UTC", "COLUMNS": "100"}
	var said, warned bytes.Buffer
	app := newApp(strings.NewReader(""), &said, &warned, func(name string) string { return env[name] })
	app.GOOS, app.Now = "linux", func() time.Time { return now }
	root := newRootCommand(app)
	root.SetArgs(args)
	if code := app.exit(root.ExecuteContext(t.Context())); code != exitOK {
		t.Fatalf("%v: exit code %d\n%s", args, code, &warned)
	}
	return said.Bytes()
}
