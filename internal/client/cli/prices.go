package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/usage"
)

// priceOptions are the flags of what shows prices.
type priceOptions struct {
	viewOptions
	on string
}

func newPricesCommand(app *App) *cobra.Command {
	var o priceOptions
	c := &cobra.Command{
		Use:     "prices",
		Short:   "What models cost, and how a name is priced.",
		Long:    "Also: prices list, prices show MODEL, prices override MODEL, prices update.\nPrices are those of the embedded book, or of a newer one of your site; your own rates in config.toml are laid over it.",
		Example: "tokenflexing prices\ntokenflexing prices show claude-sonnet-4-5\ntokenflexing prices override my-model --input 1.25 --output 10",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return runPrices(app, o) },
	}
	o.register(c)
	c.AddCommand(newPricesListCommand(app), newPricesShowCommand(app), newPricesOverrideCommand(app), newPricesUpdateCommand(app))
	for _, sub := range c.Commands() {
		sub.Args = asUsageArgs(sub.Args)
	}
	return c
}

func newPricesListCommand(app *App) *cobra.Command {
	var o priceOptions
	c := &cobra.Command{
		Use:     "list",
		Short:   "What models cost: the same as prices alone.",
		Example: "tokenflexing prices list\ntokenflexing prices list --on 2025-05-01 --json",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return runPrices(app, o) },
	}
	o.register(c)
	return c
}

func (o *priceOptions) register(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&o.json, "json", false, "print JSON")
	f.BoolVar(&o.noColor, "no-color", false, "no colours")
	f.BoolVar(&o.ascii, "ascii", false, "plain characters only")
	f.BoolVar(&o.quiet, "quiet", false, "no suggestions")
	f.StringVar(&o.on, "on", "", "the prices of that `day`; default: today")
}

func runPrices(app *App, o priceOptions) error {
	s, err := app.settings()
	if err != nil {
		return err
	}
	day, err := app.priceDay(s, o.on)
	if err != nil {
		return err
	}
	list := render.PriceList{Date: day, Table: app.prices(s), Own: len(s.Prices.Override)}
	return render.WritePrices(app.Out, o.format(), list, app.style(o.viewOptions, s))
}

func newPricesShowCommand(app *App) *cobra.Command {
	var o priceOptions
	c := &cobra.Command{
		Use:     "show MODEL",
		Short:   "What one model costs, and how its name is matched.",
		Long:    "A name that has no price exits 1: it is counted, and no cost is made up for it.",
		Example: "tokenflexing prices show claude-sonnet-4-5\ntokenflexing prices show o3 --on 2025-05-01 --json",
		RunE:    func(c *cobra.Command, args []string) error { return runPricesShow(c.Context(), app, o, args) },
	}
	o.register(c)
	c.Flags().StringVar(&o.home, "home", "", "read the data of that home, a `folder`")
	return c
}

func runPricesShow(ctx context.Context, app *App, o priceOptions, args []string) error {
	name, err := oneModel(args, "prices show claude-sonnet-4-5")
	if err != nil {
		return err
	}
	s, err := app.settings()
	if err != nil {
		return err
	}
	day, err := app.priceDay(s, o.on)
	if err != nil {
		return err
	}
	p := render.Price{Name: name, Date: day, Table: app.prices(s)}
	if _, ok := p.Table.RatesOf(usage.Key{Model: name, Date: day}); !ok {
		found, err := app.read(ctx, s, o.home, o.quiet)
		if err != nil {
			return err
		}
		p.Unused = usedOf(found.Cells, name)
	}
	priced, err := render.WritePrice(app.Out, o.format(), p, app.style(o.viewOptions, s))
	if err == nil && !priced {
		err = errUnpriced
	}
	return err
}

// usedOf adds up what was used of one name.
func usedOf(cells []usage.Cell, model string) render.Used {
	var sum usage.Tokens
	for _, c := range cells {
		if c.Model == model {
			sum = sum.Add(usage.Tokens{Input: c.Tokens.Total(), Output: c.Requests})
		}
	}
	return render.Used{Tokens: sum.Input, Requests: sum.Output}
}

// oneModel is the one name among the arguments.
func oneModel(args []string, good string) (string, error) {
	if len(args) == 1 && strings.TrimSpace(args[0]) != "" {
		return args[0], nil
	}
	if len(args) > 1 {
		return "", usageError(fmt.Sprintf("one model at a time, not %q", strings.Join(args, " ")), "write tokenflexing "+good)
	}
	return "", usageError("the price of which model?", "write tokenflexing "+good)
}

// priceDay is the day that prices are looked up for: the one asked for, or today.
func (a *App) priceDay(s settings, on string) (string, error) {
	zone, err := a.zone("", s.Timezone)
	if err != nil {
		return "", err
	}
	now := a.Now().In(zone)
	if on == "" {
		return now.Format(time.DateOnly), nil
	}
	if _, err := time.Parse(time.DateOnly, on); err == nil {
		return on, nil
	}
	day, _, err := report.ParseSpan(on, "", now)
	if err != nil {
		return "", usageError("--on "+on+" is not a date", "write 2026-11-01, 7d, 2w or yesterday")
	}
	return day, nil
}
