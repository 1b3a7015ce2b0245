package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func write(t *testing.T, p Paths, text string) {
	t.Helper()
	if err := os.MkdirAll(p.Config, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.Config, "config.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestPricesAreReadWithoutFloats(t *testing.T) {
	p := paths(t)
	write(t, p, `[prices]
currency = "EUR"
rate = "0.92"
[[prices.override]]
model = "aurora-*"
input = "1.25"
output = 10.5
from = 2026-11-01
until = "2026-12-31"
[[prices.override]]
model = "gpt-5"
multiplier = 2
[[prices.subscription]]
name = "Max"
price = "200"
sources = ["claude-code"]
`)
	c, err := p.Load()
	if err != nil {
		t.Fatal(err)
	}
	set := func(n int64) Decimal { return Decimal{n, true} }
	want := Prices{
		Currency: "EUR", Rate: set(920_000),
		Override: []Override{
			{Model: "aurora-*", Input: set(1_250_000), Output: set(10_500_000), From: "2026-11-01", Until: "2026-12-31"},
			{Model: "gpt-5", Multiplier: set(2_000_000)},
		},
		Subscription: []Subscription{{Name: "Max", Price: set(200_000_000), Sources: []string{"claude-code"}}},
	}
	if diff := cmp.Diff(want, c.Prices); diff != "" {
		t.Error(diff)
	}
}

func TestWrongPricesNameTheLine(t *testing.T) {
	const begin = "site = \"https://board.example\"\n\n[[prices.override]]\n"
	for _, c := range []struct {
		text, want, hint string
		line             int
	}{
		{begin + "modle = \"x\"\n", `no key "modle"`, `did you mean "model"?`, 4},
		{begin + "model = \"x\"\ncache_reed = \"1\"\n", `no key "cache_reed"`, `did you mean "cache_read"?`, 5},
		{begin + "model = \"x\"\ninput = \"1,25\"\n", "not a plain decimal number", "", 5},
		{begin + "model = \"x\"\ninput = \"-1\"\n", "not a plain decimal number", "", 5},
		{begin + "model = \"x\"\ninput = 1e3\n", "not a plain decimal number", "", 5},
		{begin + "model = \"x\"\ninput = \"0.0000001\"\n", "more than six decimal places", "", 5},
		{begin + "model = \"x\"\ninput = \"1001\"\n", "above 1000 dollars", "", 5},
		{begin + "model = \"x\"\ninput = true\n", "not a plain decimal number", "", 5},
		{begin + "model = \"x\"\nmultiplier = \"101\"\n", "at most 100", "", 5},
		{begin + "model = \"x\"\n", "neither a rate nor a multiplier", "", 3},
		{begin + "input = \"1\"\n", "needs a model", "", 3},
		{begin + "input = \"1\"\nmodel = \" \"\n", "needs a model", "", 5},
		{begin + "model = \"x\"\ninput = \"1\"\nfrom = \"2026-13-01\"\n", "not a day", "", 6},
		{begin + "model = \"x\"\ninput = \"1\"\nfrom = \"2026-02-01\"\nuntil = \"2026-01-31\"\n", "is before", "", 7},
		{begin + "model = \"x\"\ninput = \"1\"\n" + "[[prices.override]]\nmodel = \"y\"\n", `of "y"`, "", 6},
		{begin + "model = \"x\"\ninput = \"1\"\n\n" + "[[prices.override]]\nmodel = \"y\"\noutput = \"2000\"\n", "above 1000 dollars", "", 9},
		// The value stands for something else before.
		{begin + "model = \"dear\"\ninput = \"1\"\noutput = \"dear\"\n", "not a plain decimal number", "", 6},
		// Other ways to write the same.
		{"prices.rate = \"dear\"\n", "not a plain decimal number", "", 1},
		{"[prices]\noverride = [\n  {model = \"x\", input = \"1\"},\n  {model = \"y\", input = \"dear\"},\n]\n", "not a plain decimal number", "", 4},
		{"[prices]\noverride = [\n  {model = \"x\", input = \"1\"},\n  {model = \"y\"},\n]\n", `of "y"`, "", 4},
		{"\nprices = {currency = \"euro\", rate = \"1\"}\n", "not a code like EUR", "", 2},
		{"[prices]\ncurrency = \"euro\"\nrate = \"1\"\n", "not a code like EUR", "", 2},
		{"[prices]\ncurrency = \"EUR\"\n", "needs a rate", "", 2},
		{"[prices]\nrate = \"0.92\"\n", "needs a currency", "", 2},
		{"[prices]\ncurrency = \"EUR\"\nrate = \"0\"\n", "is no rate", "", 3},
		{"[[prices.subscription]]\nname = \"Max\"\n", "needs a price", "", 1},
		{"[[prices.subscription]]\nprice = \"20\"\n", "needs a name", "", 1},
		{"[[prices.subscription]]\nname = \"Max\"\nprice = \"100001\"\n", "needs a price", "", 3},
	} {
		p := paths(t)
		write(t, p, c.text)
		_, err := p.Load()
		var wrong *Error
		if !errors.As(err, &wrong) || wrong.Line != c.line || !strings.Contains(wrong.Reason, c.want) || wrong.Hint != c.hint {
			t.Errorf("%s: %+v, want line %d, %q, %q", c.text, err, c.line, c.want, c.hint)
		}
	}
}

func TestAnOverrideIsAddedAndTheRestKept(t *testing.T) {
	one := Override{Model: `a "b" \`, Input: Decimal{1_250_000, true}, Output: Decimal{0, true}, Multiplier: Decimal{500_000, true}, From: "2026-11-01"}
	const added = "[[prices.override]]\nmodel = \"a \\\"b\\\" \\\\\"\ninput = \"1.25\"\noutput = \"0\"\nmultiplier = \"0.5\"\nfrom = \"2026-11-01\"\n"
	for before, after := range map[string]string{
		"":                                 added,
		"# mine\nsite='https://x.example'": "# mine\nsite='https://x.example'\n\n" + added,
		"[prices]\n[[prices.override]]\nmodel='z'\noutput=1 # dear\n": "[prices]\n[[prices.override]]\nmodel='z'\noutput=1 # dear\n\n" + added,
	} {
		p := paths(t)
		if before != "" {
			write(t, p, before)
		}
		if err := p.AddOverride(one); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(p.Config, "config.toml"))
		if diff := cmp.Diff(after, string(got)); diff != "" || err != nil {
			t.Error(diff, err)
		}
		c, err := p.Load()
		if err != nil || len(c.Prices.Override) == 0 {
			t.Fatal(err)
		}
		if diff := cmp.Diff(one, c.Prices.Override[len(c.Prices.Override)-1]); diff != "" {
			t.Error(diff)
		}
	}
}

func TestNothingIsAddedToAFileThatIsWrong(t *testing.T) {
	for _, text := range []string{"sight = 1\n", "[prices]\noverride = []\n"} {
		p := paths(t)
		write(t, p, text)
		if err := p.AddOverride(Override{Model: "x", Input: Decimal{1, true}}); err == nil {
			t.Errorf("%q: no error", text)
		}
		if got, _ := os.ReadFile(filepath.Join(p.Config, "config.toml")); string(got) != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	if err := paths(t).AddOverride(Override{Model: "x"}); err == nil {
		t.Error("an override of nothing")
	}
}

func FuzzConfig(f *testing.F) {
	for _, s := range []string{"", "site = 1", "[prices]\nrate = 1e3\n", "[[prices.override]]\nmodel='*'\ninput=\"1\"\nfrom=2026-01-01\n", "[prices]\noverride=[{model='x', input='-1'}]\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := parse("config.toml", text)
		if err != nil {
			return
		}
		for _, o := range c.Prices.Override {
			if again, err := parse("config.toml", []byte(o.toml())); err != nil || cmp.Diff([]Override{o}, again.Prices.Override) != "" {
				t.Errorf("%q written as %q: %v", text, o.toml(), err)
			}
		}
	})
}
