package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/config"
	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/pricing/decimal"
	"tokenflex.ing/internal/usage"
)

// overrideOptions are the rates as they were typed, in dollars per million tokens.
type overrideOptions struct {
	input, cacheRead, cacheWrite5m, cacheWrite1h, output, multiplier, from, until string
}

func newPricesOverrideCommand(app *App) *cobra.Command {
	var o overrideOptions
	c := &cobra.Command{
		Use:   "override MODEL",
		Short: "Set a rate of your own for a model, in config.toml.",
		Long: "Rates are dollars per million tokens. What you leave out stays as the book has it; * in the name stands for any text.\n" +
			"Own rates change what this machine shows, never what a site computes.",
		Example: "tokenflexing prices override my-model --input 1.25 --output 10\ntokenflexing prices override 'claude-*' --multiplier 0.8 --from 2026-11-01",
		RunE:    func(_ *cobra.Command, args []string) error { return runPricesOverride(app, o, args) },
	}
	for _, f := range o.flags() {
		c.Flags().StringVar(f.value, f.name, "", f.does)
	}
	return c
}

// overrideFlag is one of the flags, and where in the override it goes.
type overrideFlag struct {
	name, does string
	value      *string
	to         func(*config.Override) *config.Decimal // nil: a day
}

func (o *overrideOptions) flags() []overrideFlag {
	return []overrideFlag{
		{"input", "input, in `dollars` per 1M tokens", &o.input, func(c *config.Override) *config.Decimal { return &c.Input }},
		{"output", "output, reasoning included, in `dollars`", &o.output, func(c *config.Override) *config.Decimal { return &c.Output }},
		{"cache-read", "cache read, in `dollars`", &o.cacheRead, func(c *config.Override) *config.Decimal { return &c.CacheRead }},
		{"cache-write-5m", "cache write, in `dollars`", &o.cacheWrite5m, func(c *config.Override) *config.Decimal { return &c.CacheWrite5m }},
		{"cache-write-1h", "cache write for an hour, in `dollars`", &o.cacheWrite1h, func(c *config.Override) *config.Decimal { return &c.CacheWrite1h }},
		{"multiplier", "multiply all rates by a `number`", &o.multiplier, func(c *config.Override) *config.Decimal { return &c.Multiplier }},
		{"from", "first `day`", &o.from, nil},
		{"until", "last `day`", &o.until, nil},
	}
}

// override is what the flags say of a model.
func (o *overrideOptions) override(model string) (config.Override, error) {
	own := config.Override{Model: model, From: config.Date(o.from), Until: config.Date(o.until)}
	for _, f := range o.flags() {
		switch {
		case *f.value == "":
		case f.to == nil:
			if err := config.Date(*f.value).Check(); err != nil {
				return own, usageError(fmt.Sprintf("--%s %s is %v", f.name, *f.value, err), "write --"+f.name+" 2026-11-01")
			}
		default:
			n, err := decimal.Parse(*f.value)
			if err != nil {
				return own, usageError(fmt.Sprintf("--%s %s is %v", f.name, *f.value, err), "write --"+f.name+" 1.25")
			}
			*f.to(&own) = config.Decimal{Millionths: n, Set: true}
		}
	}
	return own, nil
}

func runPricesOverride(app *App, o overrideOptions, args []string) error {
	const good = "prices override my-model --input 1.25 --output 10"
	model, err := oneModel(args, good)
	if err != nil {
		return err
	}
	own, err := o.override(model)
	if err != nil {
		return err
	}
	if err := own.Check(); err != nil {
		return usageError(err.Error(), "write tokenflexing "+good)
	}
	s, err := app.settings()
	if err != nil {
		return err
	}
	book := app.prices(s).Book()
	if !book.Knows(model) && (!own.Input.Set || !own.Output.Set) && !strings.Contains(model, "*") {
		return usageError(fmt.Sprintf("%q is not in book %s, so its price needs both --input and --output", model, book.Date()), "write tokenflexing "+good)
	}
	if err := s.AddOverride(own); err != nil {
		return err
	}
	day, err := app.priceDay(s, o.from)
	if err != nil {
		return err
	}
	facts := []render.Fact{{Label: "written", Text: app.tilde(s.ConfigFile()) + ": a rate of your own for " + model}}
	if r, ok := book.With([]pricing.Own{ownRate(own)}).RatesOf(usage.Key{Model: model, Date: day}); ok && !strings.Contains(model, "*") {
		facts = append(facts, render.Fact{Label: "per 1M", Text: fmt.Sprintf("input %s, read %s, write 5m %s, write 1h %s, output %s",
			render.Rate(r.Input), render.Rate(r.CacheRead), render.Rate(r.CacheWrite5m), render.Rate(r.CacheWrite1h), render.Rate(r.Output))})
	}
	return render.Facts(app.Out, app.plainStyle(s), facts...)
}
