package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/wire"
)

func newStatusCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:     "status",
		Short:   "Whose account this machine syncs to, and how that stands.",
		Example: "tokenflexing status",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runStatus(c.Context(), app) },
	}
}

func runStatus(ctx context.Context, app *App) error {
	s, acc, err := app.signedIn()
	if err != nil {
		return err
	}
	me, err := acc.remote.Me(ctx)
	if err != nil {
		return err
	}
	zone, err := app.zone("", s.Timezone)
	if err != nil {
		return err
	}
	now := app.Now().In(zone)
	facts := []render.Fact{
		{Label: "account", Text: fmt.Sprintf("@%s on %s, %s", me.Handle, acc.site.Name(), visibility(me.Visibility))},
		{Label: "device", Text: deviceText(acc, me)},
		syncedFact(s.Synced(acc.site).At, me, now),
		{Label: "prices", Text: "book " + app.prices(s).Date()},
	}
	facts = append(facts, rankFacts(me.Board)...)
	return render.Facts(app.Out, app.plainStyle(s), append(facts, heldFacts(me.Held)...)...)
}

// visibility says who sees an account.
func visibility(mode string) string {
	if mode == "public" {
		return "public: anyone can see it"
	}
	return mode
}

func deviceText(acc account, me wire.Me) string {
	text := me.Device.Name
	if d, err := time.Parse(time.DateOnly, acc.device.SignedIn); err == nil {
		text += ", signed in " + d.Format("2 Jan 2006")
	}
	text += ", token tf_live_…" + me.Token.Hint
	if acc.env {
		text += " from TOKENFLEX_TOKEN"
	}
	return text
}

func syncedFact(at time.Time, me wire.Me, now time.Time) render.Fact {
	if me.DeviceDays == 0 {
		return render.Fact{Label: "synced", Text: "never", Run: "tokenflexing sync"}
	}
	text := fmt.Sprintf("%s and %s tokens of this device are on the server",
		render.Count(int64(me.DeviceDays), "day"), render.Tokens(me.DeviceTotal.Tokens))
	if !at.IsZero() {
		text = render.Ago(at, now) + "; " + text
	}
	return render.Fact{Label: "synced", Text: text}
}

// rankFacts say where a public account stands.
func rankFacts(b *wire.Places) []render.Fact {
	if b == nil {
		return nil
	}
	return []render.Fact{{Label: "rank", Text: render.Rank(b.Month.Rank, b.Month.Of) + " by tokens, this month"}}
}

// heldFacts are the days that wait for review: shown to their owner, counted nowhere public. Copies come last.
func heldFacts(held []wire.Held) []render.Fact {
	var facts []render.Fact
	var copies []wire.Held
	for _, h := range held {
		if h.Copy != nil && h.Copy.Original != "" {
			copies = append(copies, h)
			continue
		}
		facts = append(facts, render.Fact{Label: "held", Wrong: fmt.Sprintf("%s of %s waits for review: %s", h.Day, h.Source, strings.TrimSuffix(h.Reason, "."))})
	}
	return append(facts, copyFacts(copies)...)
}
