package render

import (
	"bytes"
	"io"
	"testing"

	"tokenflex.ing/internal/pricing"
)

// sampleBook is a small book of its own, so that a change of prices changes no screen.
func sampleBook() *pricing.Table {
	t, err := pricing.Parse([]byte(`prices 1
date 2026-11-20
form openrouter/{model}
form {model}-{date}
unpriced <synthetic> written by the tool, not by a model
model claude-sonnet-4-5 anthropic claude
also claude-4-5-sonnet
from 2025-09-29 checked 2026-11-18 the price page
rate 0 standard 3 0.3 3.75 6 15
rate 200000 standard 6 0.6 7.5 12 22.5
rate 0 batch 1.5 0.15 1.875 3 7.5
model o3 openai gpt
from 2025-04-16 checked 2026-11-18 the price page
rate 0 standard 10 2.5 - - 40
from 2025-06-10 checked 2026-11-18 the price page
rate 0 standard 2 0.5 - - 8
rate 0 flex 1 0.25 - - 4
`))
	if err != nil {
		panic(err)
	}
	return t
}

func sampleOwn() []pricing.Own {
	half, aurora := pricing.NewOwn("claude-*"), pricing.NewOwn("aurora-*")
	half.Multiplier, half.From = 500_000, "2026-11-01"
	aurora.Input, aurora.Output, aurora.CacheRead = 1_250_000, 10_000_000, 37_500
	return []pricing.Own{half, aurora}
}

// prices draws what the prices command says: the list, three kinds of name, one that has no price.
func pricesScreen(w io.Writer, s Style) error {
	book, own := sampleBook(), sampleBook().With(sampleOwn())
	if err := WritePrices(w, Table, PriceList{Date: "2026-11-23", Table: own, Own: 2}, s); err != nil {
		return err
	}
	for _, p := range []Price{
		{Name: "claude-sonnet-4-5", Date: "2026-11-23", Table: book},
		{Name: "openrouter/o3", Date: "2025-05-01", Table: book},
		{Name: "Claude-4.5-Sonnet", Date: "2026-11-23", Table: own},
		{Name: "aurora-1-preview", Date: "2026-11-23", Table: own},
		{Name: "aurora-1-preview", Date: "2026-11-23", Table: book, Unused: Used{Tokens: 1_420_000, Requests: 22}},
		{Name: "<synthetic>", Date: "2026-11-23", Table: book},
	} {
		if _, err := io.WriteString(w, "\n--- "+p.Name+"\n"); err != nil {
			return err
		}
		if _, err := WritePrice(w, Table, p, s); err != nil {
			return err
		}
	}
	return nil
}

func TestPriceDocuments(t *testing.T) {
	table := sampleBook().With(sampleOwn())
	var b bytes.Buffer
	if err := WritePrices(&b, JSON, PriceList{Date: "2026-11-23", Table: table, Own: 2}, Style{}); err != nil {
		t.Fatal(err)
	}
	validate(t, pricesSchema, b.Bytes())
	golden(t, "testdata/prices.json", b.Bytes())
	var all bytes.Buffer
	for _, c := range []struct {
		name   string
		priced bool
	}{{"claude-sonnet-4-5-20250929", true}, {"o3", true}, {"aurora-1", true}, {"nobody-1", false}, {"<synthetic>", false}} {
		b.Reset()
		ok, err := WritePrice(&b, JSON, Price{Name: c.name, Date: "2025-05-01", Table: table, Unused: Used{7, 1}}, Style{})
		if err != nil || ok != c.priced {
			t.Errorf("%s: priced %v, %v", c.name, ok, err)
		}
		validate(t, priceSchema, b.Bytes())
		all.Write(b.Bytes())
	}
	golden(t, "testdata/price.json", all.Bytes())
}
