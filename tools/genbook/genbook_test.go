package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"tokenflex.ing/internal/pricing/book"
)

// bundle is as a minified bundle has it.
const bundle = `"use strict";const E=[{id:"acme",name:"Acme \"A\"",ok:!0,models:[` +
	`{id:"a-1",match:{equals:"a-1"},prices:{input_mtok:{base:3,tiers:[{start:199999,price:6}]},cache_read_mtok:.3,output_mtok:15}},` +
	`{id:"a-2",prices:[{prices:{input_mtok:1e1,output_mtok:4e1}},{constraint:{start_date:"2026-03-01",type:"start_date"},prices:{input_mtok:5,output_mtok:20}},` +
	`{constraint:{type:"time_of_date",start_time:"01:00:00Z"},prices:{input_mtok:9,output_mtok:9}}]},` +
	`{id:"a-3",prices:{input_mtok:{base:1,tiers:[{start:12345,price:2}]}}},{id:"a-4",prices:{}}]}],X={audio:1};`

const namesToml = `
date = "2026-04-01"
[[form]]
form = "acme/{model}"
of = ["acme"]
`

const acmeToml = `
provider = "acme"
family = "other"
source = "Acme, Prices"
checked = "2026-04-01"
write_1h = "2"
[tier.half]
tier = "batch"
times = "0.5"
[tier.twice]
tier = "fast"
times = "2"
from = "2026-02-01"
short_only = true
[[model]]
id = "a-1"
upstream = "acme/a-1"
released = "2026-01-01"
aliases = ["a-one"]
tiers = ["half", "twice"]
[[model.price]]
from = "2026-02-01"
rates = [{ input = "4", cache_write_5m = "5", output = "20" }, { band = 200000, input = "8", output = "30" }]
[[model]]
id = "a-2"
upstream = "acme/a-2"
released = "2026-01-01"
`

var want = book.Book{
	Date:      "2026-04-01",
	Spellings: []book.Spelling{{Form: "acme/{model}", Of: []string{"acme"}}},
	Models: []book.Model{
		{ID: "a-1", Provider: "acme", Family: "other", Aliases: []string{"a-one"}, Prices: []book.Price{
			{From: "2026-01-01", Source: "Acme, Prices; genai-prices acme/a-1", Checked: "2026-04-01", Rates: []book.Rates{
				{Band: 0, Tier: "standard", Input: "3", CacheRead: "0.3", Output: "15"},
				{Band: 200_000, Tier: "standard", Input: "6", CacheRead: "0.3", Output: "15"},
				{Band: 0, Tier: "batch", Input: "1.5", CacheRead: "0.15", Output: "7.5"},
				{Band: 200_000, Tier: "batch", Input: "3", CacheRead: "0.15", Output: "7.5"},
			}},
			{From: "2026-02-01", Source: "Acme, Prices", Checked: "2026-04-01", Rates: []book.Rates{
				{Band: 0, Tier: "standard", Input: "4", CacheWrite5m: "5", CacheWrite1h: "8", Output: "20"},
				{Band: 200_000, Tier: "standard", Input: "8", Output: "30"},
				{Band: 0, Tier: "batch", Input: "2", CacheWrite5m: "2.5", CacheWrite1h: "4", Output: "10"},
				{Band: 200_000, Tier: "batch", Input: "4", Output: "15"},
				{Band: 0, Tier: "fast", Input: "8", CacheWrite5m: "10", CacheWrite1h: "16", Output: "40"},
				{Band: 200_000, Tier: "fast", Input: "8", Output: "30"},
			}},
		}},
		{ID: "a-2", Provider: "acme", Family: "other", Prices: []book.Price{
			{From: "2026-01-01", Source: "Acme, Prices; genai-prices acme/a-2", Checked: "2026-04-01", Rates: []book.Rates{{Tier: "standard", Input: "10", Output: "40"}}},
			{From: "2026-03-01", Source: "Acme, Prices; genai-prices acme/a-2", Checked: "2026-04-01", Rates: []book.Rates{{Tier: "standard", Input: "5", Output: "20"}}},
		}},
	},
}

// workshop is a folder with a repository and an unpacked package in it.
func workshop(t *testing.T) options {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"package/dist/index.cjs": bundle, "repo/go.mod": "module x\n", "repo/internal/pricing/x": "",
		"repo/tools/genbook/overlay/names.toml": namesToml, "repo/tools/genbook/overlay/acme.toml": acmeToml,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return options{data: filepath.Join(dir, "package"), root: filepath.Join(dir, "repo")}
}

func TestABookIsTheDataSetUnderTheOverlay(t *testing.T) {
	o := workshop(t)
	var out bytes.Buffer
	if err := run(context.Background(), o, &out); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(o.root, "internal", "pricing", "book.txt"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := book.Decode(data)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	for _, line := range []string{"+ a-2 from 2026-03-01 standard  in 5 read - write - hour - out 20\n", "2 models, 15 changes against the present book\n", "not taken from the data set: acme/a-3, acme/a-4\n"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("no %q in\n%s", line, &out)
		}
	}
}

func TestEveryChangeIsPrinted(t *testing.T) {
	o := workshop(t)
	if err := run(context.Background(), o, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(o.root, "tools", "genbook", "overlay", "acme.toml")
	changed := strings.NewReplacer(`output = "30" }`, `output = "33" }`, `tiers = ["half", "twice"]`, `tiers = ["twice"]`).Replace(acmeToml)
	if err := os.WriteFile(overlay, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	o.dry = true
	var out bytes.Buffer
	if err := run(context.Background(), o, &out); err != nil {
		t.Fatal(err)
	}
	report, _, _ := strings.Cut(out.String(), "not taken")
	if diff := cmp.Diff(`- a-1 from 2026-01-01 above 200000 batch  in 3 read 0.15 write - hour - out 7.5
- a-1 from 2026-01-01 batch  in 1.5 read 0.15 write - hour - out 7.5
- a-1 from 2026-02-01 above 200000 batch  in 4 read - write - hour - out 15
~ a-1 from 2026-02-01 above 200000 fast  in 8 read - write - hour - out 30 -> in 8 read - write - hour - out 33
~ a-1 from 2026-02-01 above 200000 standard  in 8 read - write - hour - out 30 -> in 8 read - write - hour - out 33
- a-1 from 2026-02-01 batch  in 2 read - write 2.5 hour 4 out 10
2 models, 6 changes against the present book
the book is still of 2026-04-01: a server that runs with that book prices nothing again; once it is released, set a later date in names.toml
`, report); diff != "" {
		t.Error(diff)
	}
	data, err := os.ReadFile(filepath.Join(o.root, "internal", "pricing", "book.txt"))
	if err != nil || bytes.Contains(data, []byte("33")) {
		t.Errorf("-n wrote the book: %v", err)
	}
}

func TestAMistakeInTheOverlayIsNamed(t *testing.T) {
	data, err := parseLiteral([]byte(strings.TrimPrefix(bundle, `"use strict";const E=`)))
	if err != nil {
		t.Fatal(err)
	}
	upstream, err := upstreamOf(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, old, new, want string }{
		{"unknown field", "released", "relaesed", "acme.toml: unknown field"},
		{"unknown model", `"acme/a-2"`, `"acme/a-9"`, `model "a-2": acme/a-9 is not in the data set`},
		{"unknown tier set", `"twice"]`, `"thrice"]`, `model "a-1": tier set "thrice" is not in the file`},
		{"threshold that is no band", `"acme/a-2"`, `"acme/a-3"`, `acme/a-3: no band begins at 12345`},
		{"more than a pico-dollar can say", `times = "0.5"`, `times = "0.0000001"`, "not a whole number of pico-dollars"},
	} {
		text := strings.Replace(acmeToml, c.old, c.new, 1)
		o, err := readOverlay(fstest.MapFS{"names.toml": {Data: []byte(namesToml)}, "acme.toml": {Data: []byte(text)}})
		if err == nil {
			_, err = o.merge(upstream)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.what, err, c.want)
		}
	}
}

// The book in the tree must be the one that the overlay in the tree makes, as far as the overlay alone decides it.
func TestTheBookFollowsTheOverlay(t *testing.T) {
	over, err := readOverlay(os.DirFS("overlay"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join("..", "..", "internal", "pricing", "book.txt"))
	if err != nil {
		t.Fatal(err)
	}
	present, err := book.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	models := make(map[string]book.Model)
	for _, m := range present.Models {
		models[m.ID] = m
	}
	n := 0
	for _, p := range over.providers {
		for _, m := range p.Models {
			n++
			got := models[m.ID]
			made := book.Model{ID: m.ID, Provider: p.Provider, Family: got.Family, Aliases: m.Aliases, Prices: got.Prices}
			if m.Upstream == "" {
				if made, err = p.merge(m, nil); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(made, got); diff != "" {
				t.Errorf("%s\n%s", m.ID, diff)
			}
		}
	}
	names := book.Book{Date: over.names.Date, Spellings: over.names.Spellings, Moved: over.names.Moved, Unpriced: over.names.Unpriced, Models: present.Models}
	if diff := cmp.Diff(names, present); diff != "" || n != len(models) {
		t.Errorf("%d models, %d in the overlay\n%s", len(models), n, diff)
	}
}

func TestLiteral(t *testing.T) {
	for src, want := range map[string]any{
		`{a:1,"b-c":[.5,-0],d:"x\"y\né"}rest`: nil,
		`{a:1,"b-c":[.5,2e-3],d:"x\"y\né",e:!0,f:!1,g:null}rest`: map[string]any{
			"a": number("1"), "b-c": []any{number(".5"), number("2e-3")}, "d": "x\"y\né", "e": true, "f": false, "g": nil},
		`[]`: []any{}, `'a'`: "a", "": nil, `{a`: nil, `{a:`: nil, `"a`: nil, `[1`: nil, `{:1}`: nil, `function`: nil,
	} {
		got, err := parseLiteral([]byte(src))
		if want == nil {
			if err == nil {
				t.Errorf("%s: %v", src, got)
			}
			continue
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", src, err, diff)
		}
	}
}

func FuzzLiteral(f *testing.F) {
	f.Add([]byte(bundle))
	f.Add([]byte(`[{a:"\u00e9",b:!`))
	f.Fuzz(func(t *testing.T, src []byte) {
		if value, err := parseLiteral(src); err == nil && value == nil && !bytes.HasPrefix(src, []byte("n")) {
			t.Errorf("%q is nothing", src)
		}
	})
}
