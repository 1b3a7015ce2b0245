package book

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const good = `# What things cost.
prices 1
date 2026-02-01

form openrouter/{model}
form {model}-fast of=acme tier=fast
moved acme-newest 2025-01-01 a-1
moved acme-newest 2026-01-01 b-2
unpriced <none> no model answered

model a-1 acme other
also a-one a-uno # and so on
also a-eins
from 2025-01-01 checked 2026-02-01 the price page, acme.example/prices#api
rate      0 standard 3 0.3 3.75 6 15
rate 200000 standard 6 0.6  7.5 - 22.5
rate      0 fast     6 0.6  7.5 12 30

model b-2 acme other
from 2026-01-01 checked 2026-02-01 the same
rate 0 standard 0 - - - 0.0025
`

var goodBook = Book{
	Date:      "2026-02-01",
	Spellings: []Spelling{{Form: "openrouter/{model}"}, {Form: "{model}-fast", Of: []string{"acme"}, Tier: "fast"}},
	Moved:     []Moved{{"acme-newest", "2025-01-01", "a-1"}, {"acme-newest", "2026-01-01", "b-2"}},
	Unpriced:  []Unpriced{{"<none>", "no model answered"}},
	Models: []Model{
		{ID: "a-1", Provider: "acme", Family: "other", Aliases: []string{"a-one", "a-uno", "a-eins"}, Prices: []Price{
			{From: "2025-01-01", Checked: "2026-02-01", Source: "the price page, acme.example/prices#api", Rates: []Rates{
				{0, "standard", "3", "0.3", "3.75", "6", "15"},
				{200_000, "standard", "6", "0.6", "7.5", "", "22.5"},
				{0, "fast", "6", "0.6", "7.5", "12", "30"},
			}},
		}},
		{ID: "b-2", Provider: "acme", Family: "other", Prices: []Price{
			{From: "2026-01-01", Checked: "2026-02-01", Source: "the same", Rates: []Rates{{0, "standard", "0", "", "", "", "0.0025"}}},
		}},
	},
}

func TestDecode(t *testing.T) {
	for name, text := range map[string]string{"as written": good, "CRLF": strings.ReplaceAll(good, "\n", "\r\n"), "no last newline": strings.TrimSpace(good)} {
		b, err := Decode([]byte(text))
		if diff := cmp.Diff(goodBook, b); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

// An outline with the prices read of each model is the book.
func whole(t *testing.T, text string) Book {
	t.Helper()
	b, err := Outline(text)
	for i := range b.Models {
		m := &b.Models[i]
		if m.Prices, err = m.Priced(); err != nil {
			break
		}
		m.Lines = ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAnOutlineLeavesOutPricesAlone(t *testing.T) {
	indented := strings.NewReplacer("\nrate", "\n \trate\t", "\nfrom", "\n\tfrom", "\nmodel b", "\n  model b").Replace(good)
	for name, text := range map[string]string{"as written": good, "CRLF": strings.ReplaceAll(good, "\n", "\r\n"), "indented": indented} {
		if diff := cmp.Diff(goodBook, whole(t, text)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if b, _ := Outline(good); len(b.Models) != 2 || b.Models[0].Prices != nil {
		t.Errorf("%+v", b.Models)
	}
}

func TestDecodeSaysWhereABookIsWrong(t *testing.T) {
	long := strings.Repeat("x", MaxSize+1)
	for _, c := range []struct{ what, old, new, want string }{
		{"nothing", good, "", "empty"},
		{"only comments", good, "# hello\n\n", "empty"},
		{"too large", good, long, "at most"},
		{"another format", "prices 1", "{\"date\": 1}", "line 2: does not begin"},
		{"another version", "prices 1", "prices 2", "line 2: does not begin"},
		{"unknown line", "unpriced <none>", "unprized <none>", `line 9: "unprized" is no kind of line`},
		{"no date", "date 2026-02-01\n", "", `date: "" is not a date`},
		{"two dates", "date 2026-02-01\n", "date 2026-02-01\ndate 2026-02-02\n", "line 4: a second date"},
		{"a day that is not", "date 2026-02-01", "date 2026-02-30", `"2026-02-30" is not a date`},
		{"too few rates", "rate 0 standard 0 - - - 0.0025", "rate 0 standard 0 - -", "line 21: rate: too few or too many words"},
		{"too many rates", "0.0025", "0.0025 7", "line 21: rate: too few"},
		{"rate before a model", "model a-1 acme other", "", "line 12: no model before it"},
		{"rate before a price", "from 2026-01-01 checked 2026-02-01 the same", "", "line 21: no price before it"},
		{"band of no number", "rate 200000", "rate 200k", `line 16: rate: band "200k"`},
		{"band of no request", "rate 200000", "rate 200001", `model "a-1": price from "2025-01-01": band 200001 tier standard: no such band`},
		{"tier of no request", "rate      0 fast", "rate      0 quick", "no such tier"},
		{"negative rate", "3.75", "-3.75", `cache_write_5m "-3.75": not a plain decimal`},
		{"rate with an exponent", "0.0025", "2.5e-3", "not a plain decimal"},
		{"rate of infinity", "0.0025", "Inf", "not a plain decimal"},
		{"rate too fine", "0.0025", "0.0000025", "finer than a pico-dollar"},
		{"rate 1000 times too dear", "22.5", "22500", "above 1000 dollars"},
		{"rate above the ceiling", "22.5", "1000.000001", "above 1000 dollars"},
		{"no input rate", "rate 0 standard 0 -", "rate 0 standard - -", `input "": not a plain`},
		{"no output rate", "0.0025", "-", `output "": not a plain`},
		{"rate twice", "rate      0 fast     6", "rate      0 standard 6", "band 0 tier standard is there twice"},
		{"long prompts alone", "rate      0 fast ", "rate 200000 fast ", "tier fast has no rate for prompts of any length"},
		{"no standard rate", "rate 0 standard 0", "rate 0 fast 0", "no standard rate"},
		{"no rate at all", "rate 0 standard 0 - - - 0.0025\n", "", `model "b-2": price from "2026-01-01": no standard rate`},
		{"no price", "from 2026-01-01 checked 2026-02-01 the same\nrate 0 standard 0 - - - 0.0025\n", "", `model "b-2": no price`},
		{"no source", "2026-02-01 the same", "2026-02-01", "line 20: from: too few"},
		{"price out of order", "model b-2", "from 2024-01-01 checked 2026-02-01 x\nrate 0 standard 1 - - - 1\nmodel b-2", `price from "2024-01-01": not later`},
		{"price twice", "model b-2", "from 2025-01-01 checked 2026-02-01 x\nrate 0 standard 1 - - - 1\nmodel b-2", "not later"},
		{"model twice", "model b-2", "model a-1", `name "a-1" already belongs to "a-1"`},
		{"model in capitals", "model b-2", "model A-1", `already belongs to "a-1"`},
		{"alias of two", "model b-2 acme other", "model b-2 acme other\nalso a-uno", `name "a-uno" already belongs to "a-1"`},
		{"alias of itself", "a-eins", "a-1", `already belongs to "a-1"`},
		{"unknown family", "model b-2 acme other", "model b-2 acme bear", `family "bear" is not known`},
		{"moved to nowhere", "2026-01-01 b-2", "2026-01-01 c-3", `moved "acme-newest": model "c-3" is not in the book`},
		{"moved out of order", "moved acme-newest 2026-01-01", "moved acme-newest 2024-01-01", "not later"},
		{"moved name taken", "moved acme-newest 2025-01-01 a-1\nmoved acme-newest", "moved a-one", `"a-one" already belongs`},
		{"unpriced name taken", "unpriced <none>", "unpriced b-2", `"b-2" already belongs`},
		{"form without a model", "form openrouter/{model}", "form openrouter/", "must be {model} with text on one side"},
		{"form of nothing else", "form openrouter/{model}", "form {model}", "must be {model}"},
		{"form around a model", "form openrouter/{model}", "form x-{model}-y", "must be {model}"},
		{"form with another class", "form openrouter/{model}", "form {any}/{model}", "only {date}, {n} and {word}"},
		{"form that eats names", "form openrouter/{model}", "form {model}-{word}", "could be part of the name"},
		{"form of nobody", "of=acme", "of=acne", `no model of provider "acne"`},
		{"form of a tier that is not", "tier=fast", "tier=quick", "no such tier"},
		{"form with a typing mistake", "tier=fast", "teir=fast", "line 6: form: \"teir=fast\" is neither"},
		{"form with half a setting", "tier=fast", "tier=", "line 6: form: \"tier=\" has no value"},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		if text == good {
			t.Fatalf("%s: %q is not in the book", c.what, c.old)
		}
		if _, err := Decode([]byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.what, err, c.want)
		}
	}
}

func TestEncodeIsReadBack(t *testing.T) {
	b, err := Decode(Encode(goodBook, "a head\nof two lines\n"))
	if diff := cmp.Diff(goodBook, b); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestPico(t *testing.T) {
	for dollars, want := range map[string]int64{
		"0": 0, "0.0": 0, "3": 3_000_000, "3.75": 3_750_000, "0.000001": 1, "0.003625": 3_625, "1000": MaxPico, "0100": 100_000_000, "0.100000": 100_000,
	} {
		if got, err := Pico(dollars); err != nil || got != want {
			t.Errorf("%s: %d %v, want %d", dollars, got, err, want)
		}
		if back, err := Pico(Dollars(want)); err != nil || back != want {
			t.Errorf("%d: %s: %d %v", want, Dollars(want), back, err)
		}
	}
	for _, bad := range []string{"", ".", ".5", "5.", "-1", "+1", "1e3", "0x1", "1,5", " 1", "1_000", "NaN", "٣", "1000.000001", "10000", "99999999999999999999", "0.0000001"} {
		if got, err := Pico(bad); err == nil {
			t.Errorf("%q: %d", bad, got)
		}
	}
}

func TestStrip(t *testing.T) {
	for _, c := range []struct{ form, name, want string }{
		{"openrouter/{model}", "openrouter/x", "x"},
		{"openrouter/{model}", "OpenRouter/x", "x"},
		{"openrouter/{model}", "openrouter/", ""},
		{"openrouter/{model}", "myopenrouter/x", ""},
		{"accounts/{word}/models/{model}", "accounts/some-one.2/models/x/y", "x/y"},
		{"accounts/{word}/models/{model}", "accounts//models/x", ""},
		{"{model}-{date}", "x-20250929", "x"},
		{"{model}-{date}", "x-2025-09-29", "x"},
		{"{model}-{date}", "x-20251332", ""},
		{"{model}-{date}", "x-202509290", ""},
		{"{model}-{date}", "x-2025-9-29", ""},
		{"{model}-{date}", "x-19990101", ""},
		{"{model}-{date}", "-20250929", ""},
		{"{model}@{date}", "x@20250929", "x"},
		{"{model}-v{n}:{n}", "x-v1:0", "x"},
		{"{model}-v{n}:{n}", "x-v10:25", "x"},
		{"{model}-v{n}:{n}", "x-v1:", ""},
		{"{model}[1m]", "x[1M]", "x"},
		{"{model}-[{word}]-{n}", "x-[a.b]-0", "x"},
		{"{model}-fast", "x-fast-fast", "x-fast"},
		{"{model}-fast", "-fast", ""},
		{"{model}-fast", "x-faster", ""},
	} {
		p := Spelling{Form: c.form}.Compile()
		if got, ok := p.Strip(c.name); ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s off %s: %q %v, want %q", c.form, c.name, got, ok, c.want)
		}
	}
}

func TestFold(t *testing.T) {
	for name, want := range map[string]string{
		"claude-sonnet-4.5": "claude-sonnet-4-5", "GPT-5.2": "gpt-5-2", "gpt-52": "gpt-52", "us.anthropic.x": "us.anthropic.x", "4.": "4.", ".5": ".5", "v1.a": "v1.a", "": "",
	} {
		if got := Fold(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func FuzzBook(f *testing.F) {
	f.Add([]byte(good))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Decode(data)
		if err != nil {
			return
		}
		if diff := cmp.Diff(b, whole(t, string(data))); diff != "" {
			t.Errorf("in outline: %s", diff)
		}
		text := Encode(b, "")
		back, err := Decode(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if again := Encode(back, ""); !bytes.Equal(text, again) {
			t.Errorf("%s\nand read back\n%s", text, again)
		}
	})
}

func FuzzStrip(f *testing.F) {
	f.Add("{model}-v{n}:{n}", "claude-v1:0")
	f.Add("arn:{word}:{model}", "arn:a:b")
	f.Fuzz(func(t *testing.T, form, name string) {
		s := Spelling{Form: form}
		if s.check(nil) != nil {
			return
		}
		p := s.Compile()
		if model, ok := p.Strip(name); ok && (model == "" || !strings.Contains(name, model)) {
			t.Errorf("%q off %q leaves %q", form, name, model)
		}
	})
}
