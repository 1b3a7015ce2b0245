package cli

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/client/report"
)

// statuslineOptions are the flags of statusline.
type statuslineOptions struct {
	format  string
	noColor bool
	home    string
}

func newStatuslineCommand(app *App) *cobra.Command {
	var o statuslineOptions
	agents, _ := app.blocks()
	c := &cobra.Command{
		Use:   "statusline",
		Short: "One line for a coding agent's prompt.",
		Long: "It says what the last command counted, reads no file of a tool and never dials. From " + agents + " it takes the session and the " +
			"model, as JSON on standard input.\n" +
			"A format can name {model} {session.cost} {session.tokens} {today.cost} {today.tokens} {block.cost} {block.tokens} {block.left} {rank} {at}; " +
			"a block is the hours that the limits of " + agents + " count by, a rank what the last sync said.",
		Example: "tokenflexing statusline\ntokenflexing statusline --format '{today.cost} today'",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return runStatusline(app, o) },
	}
	f := c.Flags()
	f.StringVar(&o.format, "format", "", "what to print, a `text`")
	f.BoolVar(&o.noColor, "no-color", false, "no colours")
	f.StringVar(&o.home, "home", "", "what was counted in that home, a `folder`")
	return c
}

// runStatusline prints an empty line where there is nothing to say: an error would stand in somebody's prompt.
func runStatusline(app *App, o statuslineOptions) error {
	s, err := app.settings()
	if err != nil {
		return render.Prompt(app.Out, render.Style{}, report.Prompt{}, "")
	}
	options, err := app.scanOptions(s, o.home)
	if err != nil {
		return err
	}
	zone, err := app.zone("", s.Timezone)
	if err != nil {
		return err
	}
	asked := app.asked()
	recent, err := ledger.ReadRecent(options.Ledger)
	if err != nil {
		return render.Prompt(app.Out, render.Style{}, report.Prompt{}, "")
	}
	prices := app.prices(s)
	prices.Bands(recent.Cells)
	_, blocks := app.blocks()
	p := report.NewPrompt(recent.Cells, recent.At, prices, blocks, zone, app.Now(), asked.Session, asked.Model.ID)
	if site, err := app.site(s); err == nil {
		p.Rank = s.Synced(site).Rank
	}
	style := render.Style{Width: app.width(), Color: app.color(o.noColor), ASCII: app.ascii(false, s),
		Currency: render.Currency{Code: s.Prices.Currency, Rate: s.Prices.Rate.Millionths}}
	return render.Prompt(app.Out, style, p, o.format)
}

// blocks names the tools whose limits are counted by blocks, and says how long those are.
func (a *App) blocks() (names string, blocks report.Blocks) {
	blocks = make(report.Blocks)
	for _, s := range a.Sources {
		if s.Block > 0 {
			names = strings.TrimPrefix(names+" and "+s.Name, " and ")
			blocks[s.ID] = s.Block
		}
	}
	return names, blocks
}

// asked is what a coding agent says of itself on standard input, as far as it matters.
type asked struct {
	Session string `json:"session_id"`
	Model   struct {
		ID string `json:"id"`
	} `json:"model"`
}

const (
	// askedWithin is how long standard input may take: one that nobody writes to and nobody closes must not hold up a prompt.
	askedWithin = 50 * time.Millisecond
	// askedMax is the most that is read of it, in bytes.
	askedMax = 1 << 20
)

// asked reads standard input, unless a person would have to write it.
func (a *App) asked() asked {
	if a.In == nil || terminal(a.In) {
		return asked{}
	}
	said := make(chan asked, 1)
	go func() {
		var one asked
		if json.NewDecoder(io.LimitReader(a.In, askedMax)).Decode(&one) != nil {
			one = asked{}
		}
		said <- one
	}()
	select {
	case one := <-said:
		return one
	case <-time.After(askedWithin):
		return asked{}
	}
}
