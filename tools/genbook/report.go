package main

import (
	"fmt"
	"io"
	"slices"

	"tokenflex.ing/internal/pricing/book"
)

// report prints what the next book changes, a line for each fact, in a stable order.
func report(out io.Writer, before, next book.Book) {
	was, is := facts(before), facts(next)
	changed := 0
	for _, key := range keys(was, is) {
		old, had := was[key]
		now, has := is[key]
		switch {
		case had && !has:
			fmt.Fprintf(out, "- %s  %s\n", key, old)
		case !had && has:
			fmt.Fprintf(out, "+ %s  %s\n", key, now)
		case old != now:
			fmt.Fprintf(out, "~ %s  %s -> %s\n", key, old, now)
		default:
			continue
		}
		changed++
	}
	fmt.Fprintf(out, "%d models, %d changes against the present book\n", len(next.Models), changed)
	if changed > 0 && next.Date == before.Date {
		fmt.Fprintf(out, "the book is still of %s: a server that runs with that book prices nothing again; once it is released, set a later date in names.toml\n", next.Date)
	}
}

// facts are the lines of a book by what they are about.
func facts(b book.Book) map[string]string {
	all := make(map[string]string)
	for _, m := range b.Models {
		all[m.ID] = fmt.Sprintf("%s, %s, also %q", m.Provider, m.Family, m.Aliases)
		for _, p := range m.Prices {
			for _, r := range p.Rates {
				key := fmt.Sprintf("%s from %s", m.ID, p.From)
				if r.Band > 0 {
					key += fmt.Sprintf(" above %d", r.Band)
				}
				key += " " + r.Tier
				all[key] = fmt.Sprintf("in %s read %s write %s hour %s out %s", r.Input, or(r.CacheRead), or(r.CacheWrite5m), or(r.CacheWrite1h), r.Output)
			}
		}
	}
	for _, s := range b.Spellings {
		all["form "+s.Form+fmt.Sprint(s.Of)] = s.Tier
	}
	for _, m := range b.Moved {
		all["moved "+m.Name+" "+m.From] = m.Model
	}
	for _, u := range b.Unpriced {
		all["unpriced "+u.Name] = u.Reason
	}
	return all
}

func or(rate string) string {
	if rate == "" {
		return "-"
	}
	return rate
}

func keys(a, b map[string]string) []string {
	var all []string
	for k := range a {
		all = append(all, k)
	}
	for k := range b {
		if _, both := a[k]; !both {
			all = append(all, k)
		}
	}
	slices.Sort(all)
	return all
}
