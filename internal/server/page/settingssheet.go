package page

import (
	"slices"

	"html/template"
	"strings"
	"time"

	"tokenflex.ing/internal/usage"
)

// settingsBody is Settings in words.
type settingsBody struct {
	Done, Wrong string
	Options     []option
	Hides       []hide
	Stranger    stranger
	Held        []heldRow
	HeldCount   int
	Devices     []deviceRow
	Tokens      []tokenRow
	Name        string
	Ways        []wayRow
	Offers      []wayLink
	NewPasskey  *PasskeyAsk
	CanPasskey  bool
	Sessions    []sessionRow
	Others      bool // sessions but this one
	Fresh       bool
}

// option is one of the three visibilities.
type option struct {
	ID, Value, Name, Meaning string
	Checked                  bool
}

type hide struct {
	ID, Value, Label string
	Checked          bool
}

// stranger is what a stranger sees of the reader, for each choice.
type stranger struct {
	Line    bool // there is a line on the board to show
	Rank    string
	Ahead   string
	Behind  string
	Value   template.HTML
	Cost    template.HTML
	Model   string
	Month   string
	Tokens  string
	Models  string
	Sources string
}

type heldRow struct {
	Day      template.HTML
	Source   string
	Reason   string
	Line     template.HTML
	Reported template.HTML
}

type deviceRow struct {
	ID      int64
	Name    string
	About   string
	Tokens  int64
	Revoked bool
}

type tokenRow struct {
	ID, Device, Hint string
	Made, Used       template.HTML
	Until            template.HTML // empty: it does not end
}

// wayRow is one way to sign in.
type wayRow struct {
	ID, Name, Kind string
	Made, Used     template.HTML
}

type sessionRow struct {
	ID, Agent, About string
	Current          bool
}

func (v Settings) sheet(site Site) sheet {
	return sheet{name: "settings", Title: "Your place", Nav: PathSettings, Private: true, Passkeys: v.NewPasskey != nil, Body: v.body(site)}
}

func (v Settings) body(site Site) settingsBody {
	b := settingsBody{Done: v.Done, Wrong: v.Wrong, Stranger: v.stranger(site.Now), HeldCount: v.heldDays()}
	b.Options = []option{
		{"v-private", string(Private), "Private", "You alone. Strangers get the same page as for a name that does not exist.", false},
		{"v-agg", string(Aggregate), "Aggregate only", "Your counts join the server's sums where at least five people share a cell. Your name appears nowhere.", false},
		{"v-public", string(Public), "Public", "A line on the board, and a profile.", false},
	}
	for i := range b.Options {
		b.Options[i].Checked = b.Options[i].Value == string(v.Visibility)
	}
	if v.Hidden != nil {
		b.Hides = []hide{{"h-cost", "cost", "cost", v.Hidden.Cost}, {"h-model", "models", "models", v.Hidden.Models}, {"h-src", "sources", "tools", v.Hidden.Sources}, {"h-day", "days", "exact days", v.Hidden.Days}}
	}
	for _, h := range v.Held {
		b.Held = append(b.Held, newHeldRow(h, site.Now))
	}
	for _, d := range v.Devices {
		b.Devices = append(b.Devices, deviceRow{d.ID, d.Name, d.about(site.Now), d.Tokens, d.Revoked})
	}
	for _, t := range v.Tokens {
		r := tokenRow{ID: t.ID, Device: t.Device, Hint: t.Hint, Made: dayTag(t.CreatedOn, site.Now), Used: "never"}
		if !t.UsedOn.IsZero() {
			r.Used = dayTag(t.UsedOn, site.Now)
		}
		if !t.Expires.IsZero() {
			r.Until = dayTag(t.Expires, site.Now)
		}
		b.Tokens = append(b.Tokens, r)
	}
	v.fillWays(&b, site.Now)
	return b
}

// fillWays says how the reader signs in, and where they are.
func (v Settings) fillWays(b *settingsBody, now time.Time) {
	b.Name, b.Offers, b.NewPasskey, b.CanPasskey, b.Fresh, b.Others = v.Name, wayLinks(v.Offers, "link", v.Ticket), v.NewPasskey, v.CanPasskey, v.Fresh, len(v.Sessions) > 1
	for _, i := range v.Identities {
		kind := "sign-in elsewhere"
		if i.Off {
			kind = "no longer on here"
		}
		b.Ways = append(b.Ways, newWayRow(i.ID, i.Name, kind, i.CreatedOn, i.UsedOn, now))
	}
	for _, p := range v.Passkeys {
		b.Ways = append(b.Ways, newWayRow(p.ID, p.Name, "passkey", p.CreatedOn, p.UsedOn, now))
	}
	for _, s := range v.Sessions {
		row := sessionRow{ID: s.ID, Agent: s.Agent, Current: s.Current, About: "by " + s.Way + ", signed in " + ago(s.At, now)}
		if row.Agent == "" {
			row.Agent = "A browser"
		}
		if !s.Current {
			row.About += ", seen " + ago(s.SeenAt, now)
		}
		b.Sessions = append(b.Sessions, row)
	}
}

func newWayRow(id, name, kind string, made, used, now time.Time) wayRow {
	r := wayRow{ID: id, Name: name, Kind: kind, Made: dayTag(made, now), Used: "never"}
	if !used.IsZero() {
		r.Used = dayTag(used, now)
	}
	return r
}

func (v TokenMade) sheet(site Site) sheet {
	until := template.HTML("never")
	if !v.Expires.IsZero() {
		until = dayTag(v.Expires, site.Now)
	}
	return sheet{name: "tokenmade", Title: "A new token", Nav: PathSettings, Private: true, Bare: true, Body: struct {
		TokenMade
		Until template.HTML
	}{v, until}}
}

// bareModels are the names of models without their dates, each once.
func bareModels(names []string) []string {
	var bare []string
	for _, n := range names {
		if b := usage.BareModel(n); !slices.Contains(bare, b) {
			bare = append(bare, b)
		}
	}
	return bare
}

func (v Settings) stranger(now time.Time) stranger {
	s := stranger{Month: now.UTC().Format("January"), Tokens: words(v.Month.Kinds.Total()), Cost: money(v.Month, ""), Model: usage.BareModel(v.Model),
		Models: listWords(bareModels(v.Models)), Sources: listWords(v.Sources)}
	if st := v.Standing; st != nil {
		s.Line, s.Rank, s.Value = true, rankWords(st.Rank, st.Tied), figure(st.Tokens, "")
		s.Behind = exact(st.Rank + 1)
		if st.Rank > 1 {
			s.Ahead = exact(st.Rank - 1)
		}
	}
	return s
}

// listWords prints the first names of a list.
func listWords(names []string) string {
	const most = 5
	if len(names) == 0 {
		return "none yet"
	}
	if more := len(names) - most; more > 0 {
		return strings.Join(names[:most], ", ") + " and " + exact(int64(more)) + " more"
	}
	return strings.Join(names, ", ")
}

// heldDays counts the days of tools that wait.
func (v Settings) heldDays() int {
	n := 0
	for _, h := range v.Held {
		n += max(h.Days, 1)
	}
	return n
}

func newHeldRow(h HeldDay, now time.Time) heldRow {
	r := heldRow{Day: dayTag(date(h.Day), now), Source: h.Source, Reason: h.Reason, Line: "–", Reported: figure(h.Tokens, "")}
	if h.Days > 1 {
		r.Day += " to " + dayTag(date(h.Last), now) + template.HTML(", "+count(int64(h.Days), "day", "days"))
	}
	if h.Line > 0 {
		r.Line = figure(h.Line, "")
	}
	return r
}

// about says what is known of a device.
func (d Device) about(now time.Time) string {
	var parts []string
	if s := systemName(d.System); s != "" {
		parts = append(parts, s)
	}
	if d.Client != "" {
		parts = append(parts, "client "+d.Client)
	}
	switch {
	case d.Revoked:
		parts = append(parts, "revoked")
	case d.SyncedAt.IsZero():
		parts = append(parts, "not synced yet")
	default:
		parts = append(parts, "synced "+ago(d.SyncedAt, now))
	}
	return strings.Join(parts, ", ")
}
