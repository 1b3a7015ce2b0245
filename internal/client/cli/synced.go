package cli

import (
	"fmt"
	"time"

	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

// skewWorthSaying is how wrong a clock has to be before it is mentioned.
const skewWorthSaying = 10 * time.Minute

// saySynced says what was sent, and whether both sides now hold the same.
func (a *App) saySynced(s settings, acc account, done synced) error {
	zone, err := a.zone("", s.Timezone)
	if err != nil {
		return err
	}
	now := a.Now().In(zone)
	var facts []render.Fact
	switch {
	case len(done.sent.rows) > 0:
		facts = append(facts, render.Fact{Label: "sent", Text: fmt.Sprintf("%s, %s, %s to %s",
			render.Count(int64(dates(done.sent.rows)), "day"), render.Count(int64(len(done.sent.rows)), "row"), render.Bytes(int64(done.bytes)), acc.site.Name())})
	case done.here.Tokens == 0:
		facts = append(facts, render.Fact{Label: "sent", Text: "nothing: no usage found on this machine", Run: "tokenflexing sources"})
	case done.before.IsZero():
		facts = append(facts, render.Fact{Label: "sent", Text: "nothing new"})
	default:
		facts = append(facts, render.Fact{Label: "sent", Text: "nothing new since " + done.before.In(zone).Format(sinceFormat(done.before, now))})
	}
	facts = append(facts, equality(done, acc))
	if own := done.own; len(s.Prices.Override) > 0 && (own.CostUUSD != done.here.CostUUSD || own.UnpricedTokens != done.here.UnpricedTokens) {
		facts = append(facts, render.Fact{Label: "yours", Text: fmt.Sprintf("%s by your own rates, on this machine alone", costOf(own))})
	}
	facts = append(facts, rankFacts(done.board)...)
	facts = append(facts, heldFacts(done.held)...)
	if done.skewed.Abs() >= skewWorthSaying {
		facts = append(facts, render.Fact{Label: "clock", Wrong: fmt.Sprintf("this machine's clock is %d min off", int(done.skewed.Abs().Minutes()))})
	}
	return render.Facts(a.Out, a.plainStyle(s), facts...)
}

func sinceFormat(t, now time.Time) string {
	if t.In(now.Location()).Format(time.DateOnly) == now.Format(time.DateOnly) {
		return "15:04"
	}
	return "2 Jan, 15:04"
}

// equality says what this machine counts and what the site has of it. The site may have more: what the tools have deleted.
func equality(done synced, acc account) render.Fact {
	switch more := done.there.Tokens - done.here.Tokens; {
	case done.there == done.here:
		return render.Fact{Label: "equal", Text: amount(done.here) + " on both sides"}
	case more > 0:
		return render.Fact{Label: "kept", Text: fmt.Sprintf("%s on %s: %s tokens that are no longer on this machine",
			amount(done.there), acc.site.Name(), render.Tokens(more))}
	case more < 0:
		return render.Fact{Label: "equal", Wrong: fmt.Sprintf("%s has %s, this machine counts %s", acc.site.Name(), amount(done.there), amount(done.here))}
	}
	return render.Fact{Label: "equal", Text: fmt.Sprintf("%s tokens on both sides; %s costs them by another price book: %s here, %s there",
		render.Tokens(done.here.Tokens), acc.site.Name(), costOf(done.here), costOf(done.there)), Run: "tokenflexing prices update"}
}

func amount(s wire.Sum) string { return render.Tokens(s.Tokens) + " tokens, " + costOf(s) }

func costOf(s wire.Sum) string {
	return render.Cost(usage.Money(s.CostUUSD), s.Tokens, s.UnpricedTokens)
}
