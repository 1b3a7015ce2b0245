package page_test

import (
	"fmt"
	"math"
	"strings"
	"time"

	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

// now is the moment that all pages of the tests are made at.
var now = time.Date(2026, 11, 23, 20, 41, 12, 0, time.UTC)

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

var november = page.Period{Span: page.Month, From: day(2026, 11, 1), To: day(2026, 11, 30)}

// site is a stranger's site, or that of the account with the handle.
func site(handle, path string) page.Site {
	return page.Site{Origin: "https://tokenflex.example", Handle: handle, Path: path, PriceBook: "2026-11-20", Now: now}
}

const me = "jo-writes-code"

// sumOf splits a total by kind in fixed proportions, output last, so that the parts add up to it.
func sumOf(total int64) page.Sum {
	k := usage.Tokens{CacheRead: total / 100 * 91, Input: total / 100 * 3, CacheWrite5m: total / 100 * 3, CacheWrite1h: total / 100}
	k.Output = total - k.Total()
	k.Reasoning = k.Output / 100 * 41
	return page.Sum{Kinds: k, Cost: usage.Money(total * 81 / 100)}
}

var handles = strings.Fields(`ada-lovelock nightshift-ng segfault-sam mrs-robinson yuki-builds kernelpanda tabs-over-spaces the-real-oleg
bytebaker marisol-v 0xcafe quiet-linter prompt-goblin dr-heisenbug latent-lena hotpath-hans cache-me-outside merge-conflict-mo nils-o
semicolon juniper-ops vim-and-vigor agent-smythe refactor-rita five-oclock-ship big-o-no paola-writes-go greenbar left-pad-larry
rustacean-ruth fjord-dev oncall-otis bisect-betty tiny-context saudade-sw deep-stack-dave monorepo-mina k8s-kasia undefined-ulf wontfix
helsinki-hacks pair-prog-petra sudo-sandwich ci-is-green lambda-lou terminal-tom plain-text-pia off-by-two graph-grace
a-handle-of-thirty-nine-characters-long`)

var models = []string{"claude-opus-4-5", "claude-sonnet-4-5", "gpt-5.1", "gpt-5.1-codex", "claude-haiku-4-5", "gemini-3-pro", "qwen3-coder-plus"}

// spark invents 30 days that depend on seed alone.
func spark(seed int) page.Spark {
	days := make([]int64, 30)
	for i := range days {
		if v := (seed*31 + i*i*7 + i*seed) % 11; v > 2 {
			days[i] = int64(v) * 1_000_000
		}
	}
	return page.NewSpark(days)
}

// line invents a line of the board; ranks 17 and 18 are tied.
func line(i int) page.Line {
	total := int64(16_840_123_456 * math.Pow(.955, float64(i)))
	if i == 17 {
		total = int64(16_840_123_456 * math.Pow(.955, 16))
	}
	l := page.Line{Rank: int64(i + 1), Handle: handles[i], Sum: sumOf(total), Days: 23 - i%7, Model: models[i*i%len(models)], Spark: spark(i + 3)}
	if i == 16 || i == 17 {
		l.Rank, l.Tied = 17, true
	}
	switch i % 5 {
	case 0:
		l.Before = l.Rank + 1
	case 1:
		l.Before = page.NewLine
	case 2:
		l.Before = l.Rank
	case 3:
		l.Before = max(1, l.Rank-3)
	}
	if i%10 == 3 {
		l.Sum.Unpriced = total / 9
	}
	if i == 22 {
		l.Sum.Unpriced, l.Sum.Cost, l.Model = total, 0, "other"
	}
	if i == 30 {
		l.Hidden, l.Model = page.Hidden{Cost: true, Models: true}, ""
	}
	return l
}

func board() page.Board {
	b := page.Board{AsOf: now, Period: november, Prev: true, Metric: page.ByTokens, Sources: []string{"claude-code", "codex", "gemini-cli"}, Families: []string{"claude", "gemini", "gpt"},
		Anybody: true, People: 812, Start: 1, Next: "djF8bmV4dA", OwnPage: "djF8bWluZQ", Leader: line(0).Sum.Kinds.Total()}
	b.Everybody = &page.Sum{}
	for i := range handles {
		b.Lines = append(b.Lines, line(i))
		b.Everybody.Kinds = b.Everybody.Kinds.Add(line(i).Sum.Kinds)
		b.Everybody.Cost = b.Everybody.Cost.Add(line(i).Sum.Cost)
		b.Everybody.Unpriced += line(i).Sum.Unpriced
	}
	own := page.Line{Rank: 137, Before: 149, Handle: me, Sum: sumOf(412_083_554), Days: 17}
	b.Own, b.Ahead = &own, &page.Ahead{Rank: 136, Gap: 1_820_113}
	return b
}

// boardWith is a shorter board, with a change.
func boardWith(change func(*page.Board)) page.Board {
	b := board()
	b.Lines = b.Lines[:12]
	change(&b)
	return b
}

func oneUser() page.Board {
	return boardWith(func(b *page.Board) {
		l := line(0)
		l.Handle, l.Before, l.Days, l.Sum = me, page.NewLine, 3, sumOf(38_214_907)
		b.People, b.Lines, b.Own, b.Ahead, b.Next, b.OwnPage, b.Everybody, b.Prev = 1, []page.Line{l}, nil, nil, "", "", &l.Sum, false
		b.Leader = l.Sum.Kinds.Total()
	})
}

// yearOf invents the days of 2026 for some tools and models from a first day on.
func yearOf(first time.Time, sources, models []string) []usage.Day {
	var days []usage.Day
	for at := first; !at.After(now); at = at.AddDate(0, 0, 1) {
		n := at.YearDay()
		if n%7 == 3 || n%19 == 5 || n > 215 && n < 231 {
			continue
		}
		for i, s := range sources {
			for j, m := range models {
				if (n+i+j)%3 == 0 && i+j > 0 {
					continue
				}
				sum := sumOf(int64((n%13+4)*(n%5+1)*100_000_00) / int64(i*3+j*2+1))
				d := usage.Day{Key: usage.Key{Date: at.Format(time.DateOnly), Source: s, Model: m}, Requests: 61, Tokens: sum.Kinds, Cost: sum.Cost, Priced: m != "other"}
				days = append(days, d)
			}
		}
	}
	return days
}

func profile() page.Profile {
	days := yearOf(day(2026, 1, 1), []string{"claude-code", "codex", "cursor", "opencode", "gemini-cli", "goose", "zed", "some-new-tool", "amp"}, append(models[:4:4], "other"))
	return page.Profile{Handle: "ada-lovelock", Name: "Ada Lovelock", Total: page.SumOf(days), FirstDay: day(2026, 1, 1), ActiveDays: 242, Streak: 27, BestStreak: 41,
		Standing: &page.Standing{Rank: 1, Of: 812, Before: 2, Period: november, Tokens: 16_840_123_456}, Year: 2026, Years: []int{2025, 2026}, Days: days}
}

func ownProfile() page.Profile {
	days := yearOf(day(2026, 5, 11), []string{"claude-code", "codex", "cline"}, []string{"claude-sonnet-4-5", "gpt-5.1-codex"})
	return page.Profile{Handle: me, Owner: true, Visibility: page.Public, Total: page.SumOf(days), FirstDay: day(2026, 5, 11), ActiveDays: 121, Streak: 4, BestStreak: 12,
		Standing: &page.Standing{Rank: 137, Of: 812, Before: 149, Period: november, Tokens: 412_083_554}, Year: 2026, Years: []int{2026}, Days: days, Held: held()}
}

func held() []page.HeldDay {
	return []page.HeldDay{
		{Day: day(2026, 11, 12), Source: "codex", Reason: "over the day line of the tool", Line: 12_000_000_000, Tokens: 19_400_000_000},
		{Day: day(2026, 11, 13), Source: "codex", Reason: "over the day line of the tool", Line: 12_000_000_000, Tokens: 19_403_120_000},
	}
}

func settings() page.Settings {
	return page.Settings{Visibility: page.Public, Standing: ownProfile().Standing, Month: sumOf(412_083_554), Model: "claude-sonnet-4-5",
		Models: []string{"claude-sonnet-4-5", "gpt-5.1-codex"}, Sources: []string{"claude-code", "codex", "cline"}, Held: held(),
		Devices: []page.Device{
			{ID: 1, Name: "linux-1", System: "linux", Client: "1.4.0", SyncedAt: now.Add(-14 * time.Minute), Tokens: 2_160_000_000},
			{ID: 2, Name: "work-mac", System: "darwin", Client: "1.4.0", SyncedAt: now.Add(-26 * time.Hour), Tokens: 610_641_436},
			{ID: 3, Name: "linux-2", System: "linux"},
			{ID: 4, Name: "old-laptop", Revoked: true, Tokens: 999},
		},
		Tokens: []page.Token{
			{ID: "0199", Device: "linux-1", Hint: "8rQz", CreatedOn: day(2026, 5, 11), UsedOn: day(2026, 11, 23), Expires: day(2027, 5, 11)},
			{ID: "019a", Device: "linux-2", Hint: "b0Xy", CreatedOn: day(2025, 11, 23)},
		},
		Name: "Jo Ångström", Fresh: true, CanPasskey: true, NewPasskey: ask, Offers: ways, Ticket: "sealed",
		Identities: []page.Identity{{ID: "01", Name: "Company", CreatedOn: day(2026, 5, 11), UsedOn: day(2026, 11, 23)},
			{ID: "02", Name: "id.former.example", Off: true, CreatedOn: day(2025, 5, 11)}},
		Passkeys: []page.Passkey{{ID: "03", Name: "phone", CreatedOn: day(2026, 5, 12)}},
		Sessions: []page.Session{{ID: "04", Agent: "Firefox on Linux", Way: "Company", At: now.Add(-2 * time.Minute), SeenAt: now, Current: true},
			{ID: "05", Way: "a link", At: now.AddDate(0, 0, -9), SeenAt: now.Add(-3 * time.Hour)}}}
}

// ask is a question to an authenticator, as far as a page cares.
var ask = &page.PasskeyAsk{Options: `{"publicKey":{"challenge":"AAAA","rpId":"tokenflex.example"}}`, Flow: "sealed"}

var ways = []page.Way{{ID: "company", Name: "Company"}, {ID: "github", Name: "GitHub"}}

// longNames are pages whose every name is as long as the server takes it, without a place to break.
func longNames() []state {
	handle, device, model, source := strings.Repeat("w", 39), strings.Repeat("M", 64), strings.Repeat("m", 96), strings.Repeat("s", 32)
	b := boardWith(func(b *page.Board) {
		b.Sources, b.Source = []string{source}, source
		for i := range b.Lines {
			b.Lines[i].Handle, b.Lines[i].Model, b.Lines[i].Rank = handle, model, b.Lines[i].Rank+1_000_000
		}
		b.Own.Handle, b.Own.Rank = handle, 1_234_567
	})
	p := ownProfile()
	p.Handle, p.Name = handle, strings.Repeat("M", 40)
	for i := range p.Days {
		p.Days[i].Source, p.Days[i].Model = source, model
	}
	for i := range p.Held {
		p.Held[i].Source = source
	}
	s := settings()
	s.Model, s.Models, s.Sources = model, []string{model, model}, []string{source}
	s.Held = p.Held
	for i := range s.Devices {
		s.Devices[i].Name, s.Devices[i].Client = device, device
	}
	for i := range s.Tokens {
		s.Tokens[i].Device = device
	}
	s.Name, s.Fresh = strings.Repeat("M", 40), false
	s.Identities[0].Name, s.Passkeys[0].Name, s.Sessions[0].Agent, s.Offers = device, device, device, []page.Way{{ID: "x", Name: device}}
	return []state{
		{"long-newaccount", "", "/signin/new", page.NewAccount{Provider: device, Handle: handle, Error: page.HandleInvalid}},
		{"long-signinways", "", "/signin", page.SignIn{Ways: []page.Way{{ID: "x", Name: device}}, User: device}},
		{"long-tokenmade", handle, "/settings/tokens", page.TokenMade{Token: "tf_live_" + strings.Repeat("W", 49), Device: device, Scope: "usage:write profile:read"}},
		{"long-board", handle, "/", b},
		{"long-profile", handle, "/u/" + handle, p},
		{"long-settings", handle, "/settings", s},
		{"long-compare", handle, "/device/lookup", page.DeviceCompare{Code: "WWWW-MMMM", Device: device, System: device, Client: device, Asked: now, Expires: now.Add(time.Minute)}},
		{"long-done", handle, "/device/decide", page.DeviceDone{Device: device}},
		{"long-denied", handle, "/device/decide", page.DeviceDenied{Device: device}},
		{"long-signin", "", "/signin/x", page.SignInLink{Handle: handle, Expires: now.Add(time.Hour)}},
	}
}

// state is one page as somebody meets it.
type state struct {
	name   string
	handle string // of the reader; empty: a stranger
	path   string // that it is met at
	view   page.View
}

// states are all pages in all their states.
func states() []state {
	all := []state{
		{"board", me, "/", board()},
		{"board-stranger", "", "/", boardWith(func(b *page.Board) { b.Own, b.Ahead, b.OwnPage = nil, nil, "" })},
		{"board-cost", me, "/?metric=cost", boardWith(func(b *page.Board) {
			b.Metric, b.Leader, b.Ahead.Gap = page.ByCost, int64(line(0).Sum.Cost), 1_820_113
		})},
		{"board-output", me, "/?metric=output", boardWith(func(b *page.Board) { b.Metric, b.Leader = page.ByOutput, line(0).Sum.Kinds.Output })},
		{"board-own-line", "yuki-builds", "/", boardWith(func(b *page.Board) { b.Own, b.Ahead, b.OwnPage = nil, nil, "" })},
		{"board-page-2", me, "/?cursor=djF8bmV4dA", boardWith(func(b *page.Board) { b.Start, b.Lines = 51, b.Lines[5:] })},
		{"board-final", "", "/?period=2026-W46", boardWith(func(b *page.Board) {
			b.Period = page.Period{Span: page.Week, From: day(2026, 11, 9), To: day(2026, 11, 15)}
			b.Final = true
			b.Own, b.Ahead, b.OwnPage = nil, nil, ""
		})},
		{"board-streak", me, "/?metric=streak&period=30d", boardWith(func(b *page.Board) {
			b.Period, b.Metric, b.Leader = page.Period{Span: page.Days30, From: day(2026, 10, 25), To: day(2026, 11, 23)}, page.ByStreak, 30
			for i := range b.Lines {
				b.Lines[i].Streak, b.Lines[i].Before = max(1, 30-i/2), 0
			}
			b.Own, b.Ahead, b.OwnPage, b.Prev = nil, nil, "", false
		})},
		{"board-hidden", "", "/", boardWith(func(b *page.Board) {
			for i := 1; i < len(b.Lines); i += 3 {
				b.Lines[i].Hidden, b.Lines[i].Model, b.Lines[i].Spark = page.Hidden{Cost: true, Models: true, Days: true}, "", page.Spark{}
			}
			b.Own, b.Ahead, b.OwnPage = nil, nil, ""
		})},
		{"prices-log", "", page.PathRepricings, page.Repricings{Log: []page.Repricing{
			{From: []string{"2026-10-01", "2026-11-01"}, To: "2026-11-20", Started: day(2026, 11, 20), Accounts: 812, Moved: 2, Models: []string{"gpt-5", "claude-opus-4-5-20251101"},
				Lines: []page.RepricedLine{{Handle: "ada-lovelock", Before: 18_911_000_000, Now: 14_100_230_000}, {Handle: strings.Repeat("long", 9) + "est", Before: 100, Now: 12_340_000}}},
			{From: []string{"2026-10-01"}, To: "2026-11-01", Started: day(2026, 11, 1), Finished: day(2026, 11, 1), Accounts: 1}}}},
		{"prices-log-empty", "", page.PathRepricings, page.Repricings{}},
		{"board-day", me, "/?period=day", boardWith(func(b *page.Board) {
			b.Period, b.People, b.Lines, b.Next = page.Period{Span: page.Day, From: day(2026, 11, 23), To: day(2026, 11, 23)}, 4, b.Lines[:4], ""
			b.Own, b.Ahead, b.OwnPage = nil, nil, ""
		})},
		{"board-all", "", "/?period=all", boardWith(func(b *page.Board) {
			b.Period, b.Prev, b.Own, b.Ahead, b.OwnPage = page.Period{Span: page.All}, false, nil, nil, ""
		})},
		{"board-two", "", "/", boardWith(func(b *page.Board) {
			b.People, b.Lines, b.Own, b.Ahead, b.Next, b.OwnPage = 2, b.Lines[:2], nil, nil, "", ""
		})},
		{"board-adding-up", "", "/?period=all", boardWith(func(b *page.Board) { b.Everybody = nil })},
		{"board-filter", "", "/?source=codex", boardWith(func(b *page.Board) { b.Source = "codex" })},
		{"board-filter-none", "", "/?source=zed", boardWith(func(b *page.Board) {
			*b = page.Board{AsOf: now, Period: november, Prev: true, Metric: page.ByTokens, Source: "zed", Sources: b.Sources, Anybody: true, Start: 1}
		})},
		{"board-none", "", "/?period=day", boardWith(func(b *page.Board) {
			*b = page.Board{AsOf: now, Period: page.Period{Span: page.Day, From: day(2026, 11, 23), To: day(2026, 11, 23)}, Metric: page.ByTokens, Anybody: true, Start: 1}
		})},
		{"board-one", me, "/", oneUser()},
		{"board-one-stranger", "", "/", oneUser()},
		{"board-first", "", "/", page.Board{AsOf: now, Period: november, Metric: page.ByTokens, Start: 1}},
		{"profile", "", "/u/ada-lovelock", profile()},
		{"profile-own", me, "/u/" + me, ownProfile()},
		{"profile-new", me, "/u/" + me, page.Profile{Handle: me, Owner: true, Visibility: page.Private, Year: 2026, Device: "linux-1"}},
		{"profile-new-no-device", me, "/u/" + me, page.Profile{Handle: me, Owner: true, Visibility: page.Private, Year: 2026}},
		{"profile-private", me, "/u/" + me, func() page.Profile {
			p := ownProfile()
			p.Visibility, p.Standing, p.Held = page.Private, nil, nil
			return p
		}()},
		{"profile-hidden", "", "/u/ada-lovelock", func() page.Profile {
			p := profile()
			p.Hidden, p.Standing.Tied = page.Hidden{Cost: true, Models: true, Sources: true}, true
			return p
		}()},
		{"profile-first-week", me, "/u/" + me, func() page.Profile {
			days := yearOf(day(2026, 11, 21), []string{"claude-code"}, []string{"claude-sonnet-4-5", "other"})
			return page.Profile{Handle: me, Owner: true, Visibility: page.Aggregate, Total: page.SumOf(days), FirstDay: day(2026, 11, 21), ActiveDays: 2, Streak: 1, BestStreak: 1, Year: 2026, Years: []int{2026}, Days: days}
		}()},
		{"device", me, "/device", page.DeviceCode{}},
		{"device-error", me, "/device/lookup", page.DeviceCode{Code: "WDJB-MJHX", Error: page.CodeUnknown, Tries: 4}},
		{"device-expired", me, "/device/decide", page.DeviceCode{Error: page.CodeExpired}},
		{"device-locked", me, "/device/lookup", page.DeviceCode{Code: "WDJB-MJHX", Error: page.CodeLocked, Wait: 9 * time.Minute}},
		{"device-compare", me, "/device/lookup", page.DeviceCompare{Code: "WDJB-MJHT", Device: "linux-2", System: "linux", Client: "1.4.0",
			Asked: now.Add(-48 * time.Second), Expires: now.Add(552 * time.Second), SameNetwork: true}},
		{"device-done", me, "/device/decide", page.DeviceDone{Code: "WDJB-MJHT", Device: "linux-2", Visibility: page.Private}},
		{"device-denied", me, "/device/decide", page.DeviceDenied{Device: "linux-2"}},
		{"signin", "", "/signin", page.SignIn{}},
		{"signin-code", "", "/device", page.SignIn{Code: "WDJB-MJHT"}},
		{"signin-ways", "", "/signin", page.SignIn{Ways: ways, Passkey: ask, User: "jo@corp.example"}},
		{"signin-again", me, "/signin?next=/settings", page.SignIn{Again: me, Next: "/settings", Ways: ways, Passkey: ask}},
		{"signin-refused", "", "/signin/with/company/back", page.SignInRefused{Provider: "Company", Reason: page.RefusedUnlisted}},
		{"signin-closed", "", "/signin/with/company/back", page.SignInRefused{Provider: "GitHub", Reason: page.RefusedClosed}},
		{"signin-silent", "", "/signin/with/company/back", page.SignInRefused{Provider: "Company", Reason: page.RefusedSilent}},
		{"signin-unproven", "", "/signin/with/company/back", page.SignInRefused{Provider: "Company", Reason: page.RefusedUnproven}},
		{"new-account", "", "/signin/new", page.NewAccount{Provider: "Company", Handle: me}},
		{"new-account-taken", "", "/signin/new", page.NewAccount{Provider: "Company", Handle: me, Error: page.HandleTaken}},
		{"token-made", me, "/settings/tokens", page.TokenMade{Token: "tf_live_" + strings.Repeat("0", 49), Device: "ci", Scope: "usage:write", Expires: now.AddDate(0, 1, 0)}},
		{"device-account", me, "/device/lookup", page.DeviceCompare{Code: "WDJB-MJHT", Device: "linux-2", System: "linux", Account: true,
			Asked: now.Add(-48 * time.Second), Expires: now.Add(552 * time.Second)}},
		{"signin-link", "", "/signin/s3cret", page.SignInLink{Handle: me, New: true, Expires: now.Add(7 * 24 * time.Hour)}},
		{"signin-spent", "", "/signin/s3cret", page.SignInSpent{}},
		{"erased", "", "/settings/erase", page.Erased{}},
		{"signed-out", "", "/signout", page.SignedOut{}},
		{"settings", me, "/settings", settings()},
		{"settings-empty", me, "/settings", page.Settings{Visibility: page.Private}},
		{"settings-hides", me, "/settings", func() page.Settings {
			s := settings()
			s.Visibility, s.Hidden, s.Done, s.Wrong = page.Aggregate, &page.Hidden{Cost: true}, "linux-2 is revoked.", "That name is too long."
			return s
		}()},
		{"connect", "", "/connect", page.Connect{}},
		{"not-found", "", "/nowhere", page.NotFound{}},
		{"not-found-own", me, "/nowhere", page.NotFound{}},
	}
	all = append(all, longNames()...)
	for _, status := range []int{400, 403, 405, 413, 429, 500, 503} {
		all = append(all, state{fmt.Sprintf("error-%d", status), "", "/", page.Error{Status: status, Request: "01JDB8W6Q3", Retry: time.Duration(max(0, status-409)) * time.Second}})
	}
	for _, code := range []wire.Code{wire.Malformed, wire.Unauthorized, wire.Scope, wire.Suspended, wire.ClientOutdated, wire.NotFound, wire.BadMethod,
		wire.StaleSeq, wire.Conflict, wire.TooLarge, wire.MediaType, wire.InvalidRows, wire.RateLimited, wire.Internal, wire.Busy, wire.StorageFull} {
		all = append(all, state{"problem-" + string(code), "", "/problems/" + string(code), page.Problem{Code: code}})
	}
	return all
}
