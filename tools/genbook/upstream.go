package main

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"

	"tokenflex.ing/internal/pricing/book"
	"tokenflex.ing/internal/usage"
)

// upstreamData holds the data set's models by "provider/id".
type upstreamData map[string]upstreamModel

type upstreamModel struct {
	prices []upstreamPrice
	err    error // why it cannot be used, told when somebody asks for it
}

type upstreamPrice struct {
	from  string // "" for the price without a date
	rates []book.Rates
}

func upstreamOf(value any) (upstreamData, error) {
	providers, ok := value.([]any)
	if !ok || len(providers) == 0 {
		return nil, errors.New("no providers")
	}
	data := make(upstreamData)
	for _, p := range providers {
		provider, _ := p.(map[string]any)
		models, _ := provider["models"].([]any)
		for _, m := range models {
			model, _ := m.(map[string]any)
			prices, err := pricesOf(model["prices"])
			data[fmt.Sprintf("%v/%v", provider["id"], model["id"])] = upstreamModel{prices, err}
		}
	}
	return data, nil
}

// pricesOf reads one price, or a list of prices under constraints. A price for some hours of the day only is left out: a day
// is priced as a whole, and by the hours that are not dearer.
func pricesOf(value any) ([]upstreamPrice, error) {
	if one, ok := value.(map[string]any); ok {
		rates, err := ratesOf(one)
		return []upstreamPrice{{rates: rates}}, err
	}
	list, _ := value.([]any)
	var prices []upstreamPrice
	for _, item := range list {
		entry, _ := item.(map[string]any)
		constraint, _ := entry["constraint"].(map[string]any)
		if constraint["type"] == "time_of_date" {
			continue
		}
		from, _ := constraint["start_date"].(string)
		fields, _ := entry["prices"].(map[string]any)
		rates, err := ratesOf(fields)
		if err != nil {
			return nil, err
		}
		prices = append(prices, upstreamPrice{from, rates})
	}
	return prices, nil
}

// ratesOf turns the kinds' rates, each with its own long-prompt steps, into a line for each band that any of them names.
func ratesOf(fields map[string]any) ([]book.Rates, error) {
	bands := []int64{0}
	for _, kind := range kinds {
		_, steps, err := stepsOf(fields[kind.upstream])
		if err != nil {
			return nil, err
		}
		for _, s := range steps {
			if !slices.Contains(bands, s.band) {
				bands = append(bands, s.band)
			}
		}
	}
	slices.Sort(bands)
	lines := make([]book.Rates, len(bands))
	for i, band := range bands {
		lines[i].Band, lines[i].Tier = band, string(usage.Standard)
		for _, kind := range kinds {
			base, steps, err := stepsOf(fields[kind.upstream])
			if err != nil {
				return nil, err
			}
			for _, s := range steps {
				if s.band <= band {
					base = s.rate
				}
			}
			*kind.of(&lines[i]) = base
		}
	}
	return lines, nil
}

var kinds = [...]struct {
	upstream string
	of       func(*book.Rates) *string
}{
	{"input_mtok", func(r *book.Rates) *string { return &r.Input }},
	{"cache_read_mtok", func(r *book.Rates) *string { return &r.CacheRead }},
	{"cache_write_mtok", func(r *book.Rates) *string { return &r.CacheWrite5m }},
	{"cache_write_1h_mtok", func(r *book.Rates) *string { return &r.CacheWrite1h }},
	{"output_mtok", func(r *book.Rates) *string { return &r.Output }},
}

type step struct {
	band int64
	rate string
}

func stepsOf(value any) (base string, steps []step, err error) {
	switch v := value.(type) {
	case nil:
		return "", nil, nil
	case number:
		base, err = decimal(v)
		return base, nil, err
	case map[string]any:
		n, _ := v["base"].(number)
		if base, err = decimal(n); err != nil {
			return "", nil, err
		}
		tiers, _ := v["tiers"].([]any)
		for _, t := range tiers {
			tier, _ := t.(map[string]any)
			start, _ := tier["start"].(number)
			price, _ := tier["price"].(number)
			s, err := stepOf(start, price)
			if err != nil {
				return "", nil, err
			}
			steps = append(steps, s)
		}
		return base, steps, nil
	}
	return "", nil, fmt.Errorf("a rate is a %T", value)
}

// stepOf snaps a threshold to a band: data that means "from 272,000 on" says "above 271,999".
func stepOf(start, price number) (step, error) {
	rate, err := decimal(price)
	if err != nil {
		return step{}, err
	}
	f, ok := new(big.Rat).SetString(string(start))
	if !ok || !f.IsInt() {
		return step{}, fmt.Errorf("threshold %q", start)
	}
	for _, band := range []int64{f.Num().Int64(), f.Num().Int64() + 1} {
		if usage.Band(band).Valid() {
			return step{band, rate}, nil
		}
	}
	return step{}, fmt.Errorf("no band begins at %s", start)
}

// decimal brings a literal such as .3 or 4e-3 into the book's form, exactly.
func decimal(n number) (string, error) {
	return times(string(n), "1")
}

// times multiplies two decimals exactly.
func times(a, b string) (string, error) {
	x, ok := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	if !ok || !ok2 {
		return "", fmt.Errorf("%q times %q is no number", a, b)
	}
	x.Mul(x, y).Mul(x, big.NewRat(1_000_000, 1))
	if !x.IsInt() || x.Sign() < 0 || !x.Num().IsInt64() {
		return "", fmt.Errorf("%s times %s is not a whole number of pico-dollars", a, b)
	}
	pico := x.Num().Int64()
	if pico > book.MaxPico {
		return "", fmt.Errorf("%s micro-dollars a token", strconv.FormatInt(pico/1_000_000, 10))
	}
	return book.Dollars(pico), nil
}
