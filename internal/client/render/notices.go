package render

import (
	"strings"

	"tokenflex.ing/internal/client/report"
)

// notices are the last lines of the overview: how syncing stands, what is missing, what will be lost.
func (o overview) notices() []string {
	out := []string{o.syncLine()}
	for _, e := range o.of.Expiring {
		if o.of.Sync.At.IsZero() {
			out = append(out, o.expiring(e)...)
		}
	}
	return append(out, o.noPrice()...)
}

func (o overview) syncLine() string {
	s := o.of.Sync
	switch {
	case !s.SignedIn:
		return o.so("not synced", "tokenflexing connect")
	case s.At.IsZero():
		return o.so("signed in as @"+clean(s.Handle)+", nothing synced yet", "tokenflexing sync")
	}
	line := o.paint(ok, "synced") + " " + age(s.At, o.now)
	if o.width() < 80 {
		return line + " as @" + clean(s.Handle)
	}
	line += " to " + clean(s.Site) + " as @" + clean(s.Handle)
	if s.Visibility != "" {
		line += ", " + s.Visibility
	}
	if !s.Next.IsZero() && s.Next.After(o.now) {
		line += "   " + o.paint(muted, "next "+s.Next.In(o.Zone).Format("15:04"))
	}
	return line
}

// so is a fact and the command that changes it, on one line.
func (s Style) so(fact, command string) string {
	if s.Quiet || !s.suggests(command) || wide(fact)+len("; run: ")+wide(command) > s.width() {
		return fact
	}
	return fact + "; run: " + s.paint(accent, command)
}

func (s Style) expiring(e report.Expiring) []string {
	when := "in " + plural(int64(e.Days), "day")
	if e.Days == 0 {
		when = "today"
	}
	return s.notice("!", clean(e.Source)+" deletes "+units(e.Tokens)+" tokens "+when+", not synced yet")
}

func (o overview) noPrice() []string {
	if len(o.Unpriced) == 0 {
		return nil
	}
	var tokens int64
	for _, u := range o.Unpriced {
		tokens = total(tokens, u.Tokens)
	}
	sign := mark(o.Totals.Priced(), o.Totals.Unpriced)
	who := name(o.Unpriced[0].Model)
	if n := len(o.Unpriced); n > 1 {
		who = plural(int64(n), "model")
	}
	line := units(tokens) + " tokens of " + who + " have no price"
	if o.width() < 60 || wide(line)+len(sign)+1 > o.width() {
		return o.notice(sign, units(tokens)+" tokens have no price")
	}
	out := o.notice(sign, line)
	if command := "tokenflexing prices show " + who; len(o.Unpriced) == 1 && o.suggests(command) && !o.Quiet {
		if said := "   run: " + command; wide(line)+len(sign)+1+wide(said) <= o.width() {
			out[0] += strings.TrimSuffix(said, command) + o.paint(accent, command)
		}
	}
	return out
}
