package render

import (
	"slices"
	"strings"

	"tokenflex.ing/internal/client/report"
)

// notices are the last lines of the overview: how syncing stands, what will be lost, what is missing.
func (o overview) notices() []string {
	out := o.syncLine()
	out = append(out, o.expiring(o.of.Expiring)...)
	for _, p := range o.of.Plans {
		out = append(out, o.wrap("", "  ", clean(p.Name)+" this month: "+o.plan(p))...)
	}
	return append(out, o.noPrice()...)
}

// plan compares what was paid with what was used.
func (s Style) plan(p report.PlanMonth) string {
	return "paid " + s.money(p.Paid) + ", used " + s.moneyMarked(p.Used.Cost, p.Used.Priced(), p.Used.Unpriced) + " worth"
}

func (o overview) syncLine() []string {
	s := o.of.Sync
	handle := "@" + clean(s.Handle)
	switch {
	case !s.SignedIn:
		return o.so("not synced", "tokenflexing connect")
	case s.At.IsZero():
		return o.so("signed in as "+handle+", nothing synced yet", "tokenflexing sync")
	}
	when := "synced " + age(s.At, o.now)
	line := when + " as " + handle
	if o.width() >= 80 {
		line = when + " to " + clean(s.Site) + " as " + handle
		if s.Visibility != "" {
			line += ", " + s.Visibility
		}
	}
	next := ""
	if !s.Next.IsZero() && s.Next.After(o.now) && o.width() >= 80 {
		next = "   next " + s.Next.In(o.Zone).Format("15:04")
	}
	out := o.wrap("", "", line)
	out[0] = o.paint(ok, "synced") + strings.TrimPrefix(out[0], "synced")
	if len(out) == 1 && wide(line)+wide(next) <= o.prose() {
		out[0] += o.paint(muted, next)
	}
	return out
}

// so is a fact and the command that changes it, on one line if they fit.
func (s Style) so(fact, command string) []string {
	if s.Quiet || !s.suggests(command) {
		return s.wrap("", "", fact)
	}
	if wide(fact)+len("; run: ")+wide(command) > s.prose() {
		return append(s.wrap("", "", fact), s.run("  ", command, ""))
	}
	return []string{fact + "; run: " + s.paint(accent, command)}
}

// expiring says what tools are about to delete, in one sentence.
func (s Style) expiring(all []report.Expiring) []string {
	if len(all) == 0 {
		return nil
	}
	who, last, tokens := clean(all[0].Source)+" deletes", 0, int64(0)
	for _, e := range all {
		last, tokens = max(last, e.Days), total(tokens, e.Tokens)
	}
	if len(all) > 1 {
		who = plural(int64(len(all)), "tool") + " delete"
	}
	when := "today"
	if last > 0 {
		when = "within " + plural(int64(last), "day")
	}
	safe := "not synced yet"
	if !slices.ContainsFunc(all, func(e report.Expiring) bool { return !e.Kept }) {
		safe = "kept in the ledger, not synced yet"
	}
	return s.notice("!", who+" "+units(tokens)+" tokens "+when+", "+safe)
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
