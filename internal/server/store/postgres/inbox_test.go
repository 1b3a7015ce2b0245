package postgres_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/postgres"
	"tokenflex.ing/internal/server/store/postgres/pgtest"
	"tokenflex.ing/internal/usage"
)

// continuing is a device whose account has something in its inbox, and what it has sent in all. The account is public.
func continuing(t *testing.T, s pgtest.Service, handle string) (d sender, tokens int64) {
	t.Helper()
	d = newSender(t, s, 0, handle)
	if err := s.SetVisibility(t.Context(), store.Actor{User: d.user, Key: d.secret}, store.Public); err != nil {
		t.Fatal(err)
	}
	for seq := range int64(3) {
		if _, err := d.send(t.Context(), s, growing(d, 1+seq, 1000*(1+seq))); err != nil {
			t.Fatal(err)
		}
	}
	for _, day := range growing(d, 3, 3000).Days {
		tokens += day.Tokens.Total()
	}
	return d, tokens
}

// inboxes is how many inboxes have something.
func inboxes(t *testing.T, database string) (n int) {
	t.Helper()
	if err := dial(t, "postgres", database).QueryRow(t.Context(), "SELECT count(*) FROM tf.inbox").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Whoever looks sees what was acknowledged, though it is still in an inbox, and on another server. Fails for each way of looking that does not
// empty it.
func TestWhatIsInAnInboxIsSeen(t *testing.T) {
	total := func(days []usage.Day) (n int64) {
		for _, d := range days {
			n += d.Tokens.Total()
		}
		return n
	}
	const from, to = "2026-01-01", "2027-01-01"
	for _, tt := range []struct {
		name string
		look func(s pgtest.Service, who store.Actor) (int64, error)
	}{
		{"its sum", func(s pgtest.Service, who store.Actor) (int64, error) {
			f, err := s.SumOf(t.Context(), who)
			return f.Tokens.Total(), err
		}},
		{"its device's sum", func(s pgtest.Service, who store.Actor) (int64, error) {
			f, err := s.DeviceSum(t.Context(), who, who.Device)
			return f.Tokens.Total(), err
		}},
		{"its days", func(s pgtest.Service, who store.Actor) (int64, error) {
			days, err := s.DaysOf(t.Context(), who, who.User, from, to)
			return total(days), err
		}},
		{"its device's days", func(s pgtest.Service, who store.Actor) (int64, error) {
			days, err := s.DeviceDays(t.Context(), who, who.Device, from, to)
			return total(days), err
		}},
		{"its days, to a stranger", func(s pgtest.Service, who store.Actor) (int64, error) {
			days, err := s.DaysOf(t.Context(), store.Actor{}, who.User, from, to)
			return total(days), err
		}},
		{"its line, to a stranger", func(s pgtest.Service, who store.Actor) (int64, error) {
			if err := s.Fresh(t.Context()); err != nil {
				return 0, err
			}
			l, err := s.LineOf(t.Context(), store.Board{Period: "all", Metric: store.ByTokens}, store.Actor{}, who.User)
			return l.Tokens.Total(), err
		}},
		{"its export", func(s pgtest.Service, who store.Actor) (n int64, err error) {
			err = s.Export(t.Context(), who, func(table string, row json.RawMessage) error {
				var r struct{ Input, CacheRead, Output int64 }
				if table != "usage_day" {
					return nil
				}
				err := json.Unmarshal(row, &r)
				n += r.Input + r.CacheRead + r.Output
				return err
			})
			return n, err
		}},
		{"the host", func(s pgtest.Service, who store.Actor) (int64, error) {
			f, err := s.SumOf(t.Context(), store.Actor{User: who.User})
			if err != nil { // the server's role is not the host
				f, err = s.Host.SumOf(t.Context(), store.Actor{User: who.User})
			}
			return f.Tokens.Total(), err
		}},
		{"an upload through another server", func(s pgtest.Service, who store.Actor) (int64, error) {
			up := growing(sender{who.User, who.Key}, 4, 1) // less: nothing changes
			r, err := s.PutDays(t.Context(), who, up)
			return r.Total.Tokens.Total(), err
		}},
	} {
		name := cluster.Database(t)
		s, other := serve(t, name), serve(t, name)
		d, want := continuing(t, s, "mira")
		who, err := other.TokenActor(t.Context(), d.secret, noon())
		if err != nil {
			t.Fatal(err)
		}
		if n := inboxes(t, name); n != 1 {
			t.Fatalf("%d inboxes have something", n)
		}
		if got, err := tt.look(other, who); err != nil || got != want {
			t.Errorf("%s: %d tokens, want %d: %v", tt.name, got, want, err)
		}
	}
}

// An export that somebody reads slowly keeps no upload of the account waiting. Fails where it holds the account.
func TestAnExportHoldsNoUpload(t *testing.T) {
	name := cluster.Database(t)
	s := serve(t, name)
	d, _ := continuing(t, s, "mira")
	sent := int64(3)
	if err := s.Export(t.Context(), store.Actor{User: d.user, Key: d.secret}, func(table string, _ json.RawMessage) error {
		if table == "inbox" {
			t.Error("the export has what came after it began")
		}
		sent++
		_, err := d.send(t.Context(), s, growing(d, sent, 1000*sent))
		return err
	}); err != nil || sent < 8 {
		t.Errorf("after upload %d: %v", sent, err)
	}
}

// Only so many rows come into an inbox, and only of one price book: else the upload goes the other way, which empties it. Nothing is lost.
func TestAnInboxIsBounded(t *testing.T) {
	name := cluster.Database(t)
	s := serve(t, name)
	d, _ := continuing(t, s, "mira")
	want := int64(0)
	for seq := int64(4); seq < 14; seq++ {
		up := growing(d, seq, 1000*seq)
		up.Book = fmt.Sprintf("2026-11-%02d", seq/4)
		for i := range 40 {
			up.Days = append(up.Days, usage.Day{Key: usage.Key{Date: up.Days[0].Date, Source: "codex", Model: fmt.Sprintf("model-%d-%d", seq, i), Tier: usage.Standard},
				Requests: 1, Tokens: usage.Tokens{Input: seq}, Cost: 1, Priced: true})
			want += seq
		}
		if _, err := d.send(t.Context(), s, up); err != nil {
			t.Fatalf("upload %d: %v", seq, err)
		}
		var most int
		if err := dial(t, "postgres", name).QueryRow(t.Context(), "SELECT coalesce(max(cardinality(string_to_array(rows, E'\\n'))), 1) - 1 FROM tf.inbox").Scan(&most); err != nil || most > 200 {
			t.Fatalf("%d rows in the inbox: %v", most, err)
		}
	}
	for _, day := range growing(d, 13, 13_000).Days {
		want += day.Tokens.Total()
	}
	if f, err := s.SumOf(t.Context(), store.Actor{User: d.user, Key: d.secret}); err != nil || f.Tokens.Total() != want {
		t.Errorf("%d tokens, want %d: %v", f.Tokens.Total(), want, err)
	}
}

// What no check lets through is not put into an inbox by the server. If somebody who took it over does, it goes, it is noted, and keeps nobody
// else's lines waiting.
func TestWhatTablesRefuseLeavesTheInbox(t *testing.T) {
	name := cluster.Database(t)
	s := serve(t, name)
	mira, _ := continuing(t, s, "mira")
	adam, want := continuing(t, s, "adam")
	cluster.Exec(t, name, fmt.Sprintf("UPDATE tf.inbox SET rows = replace(rows, ' standard 0 3 ', ' standard 0 -3 ') WHERE user_id = %d", mira.user))
	for n, err := s.CatchUp(t.Context(), 9, noon().Add(time.Hour)); n > 0 || err != nil; n, err = s.CatchUp(t.Context(), 9, noon().Add(time.Hour)) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if l, err := s.LineOf(t.Context(), store.Board{Period: "all", Metric: store.ByTokens}, store.Actor{}, adam.user); err != nil || l.Tokens.Total() != want {
		t.Errorf("adam's line: %d tokens, want %d: %v", l.Tokens.Total(), want, err)
	}
	acts, err := s.Host.Acts(t.Context(), mira.user, 9)
	if err != nil || !slices.ContainsFunc(acts, func(a store.Act) bool { return a.Action == "refuse" && a.Detail == "23514" }) {
		t.Errorf("noted: %+v, %v", acts, err)
	}
	if n := inboxes(t, name); n != 0 {
		t.Errorf("%d inboxes have something", n)
	}
	if _, err := mira.send(t.Context(), s, growing(mira, 4, 4000)); err != nil { // a device tells all of its days again
		t.Error(err)
	}
	if f, err := s.SumOf(t.Context(), store.Actor{User: mira.user, Key: mira.secret}); err != nil || f.Tokens.Input != 8001 {
		t.Errorf("mira's sum: %+v, %v", f, err)
	}
}

// Whatever empties inboxes of others leaves the transaction as nobody, or as whom it was. Fails where the identity that it takes on stays.
func TestEmptyingAnInboxLeavesNoIdentity(t *testing.T) {
	name := cluster.Database(t)
	s := serve(t, name)
	mira, _ := continuing(t, s, "mira")
	adam := newSender(t, s, 0, "adam")
	c := dial(t, postgres.App, name)
	for i, tt := range []struct{ empties, enter, want string }{
		{"SELECT tf.catch_up(9, '2026-12-01', true, 9999999999)", "SELECT 1", ""},
		{"SELECT tf.catch_up(9, '2026-12-01', true, 9999999999)", "SELECT tf.enter($1, 0)", fmt.Sprint(adam.user)},
		{fmt.Sprintf("SELECT tf.settle_one(%d, '2026-12-01')", mira.user), "SELECT 1", ""},
		{"SELECT tf.roll_on('2030-01-01', 0, 9)", "SELECT 1", ""},
	} {
		if _, err := mira.send(t.Context(), s, growing(mira, 4+int64(i), 4000+1000*int64(i))); err != nil {
			t.Fatal(err)
		}
		tx, err := c.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n := inboxes(t, name); n != 1 {
			t.Fatalf("%d inboxes have something", n)
		}
		var args []any
		if strings.Contains(tt.enter, "$1") {
			args = append(args, adam.secret[:])
		}
		if _, err := tx.Exec(t.Context(), tt.enter, args...); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), tt.empties); err != nil {
			t.Fatalf("%s: %v", tt.empties, err)
		}
		var who string
		if err := tx.QueryRow(t.Context(), "SELECT coalesce(tf.uid()::text, '')").Scan(&who); err != nil || who != tt.want {
			t.Errorf("after %s the transaction is %q, want %q: %v", tt.empties, who, tt.want, err)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// What the server takes for sound is what the checks of usage_day let in. Fails where either changes without the other.
func TestSoundIsWhatChecksLetIn(t *testing.T) {
	name := cluster.Database(t)
	s := serve(t, name)
	d := newSender(t, s, 0, "mira")
	c := dial(t, "postgres", name)
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	counts := []int64{0, 1, 2, 999, 1_000_000_000_000, 1_000_000_000_001, -1}
	pick := func(of []int64) int64 {
		if r.IntN(3) > 0 {
			return of[r.IntN(4)]
		}
		return of[r.IntN(len(of))]
	}
	text := func(good []string, bad ...string) string {
		if r.IntN(12) > 0 {
			return good[r.IntN(len(good))]
		}
		return bad[r.IntN(len(bad))]
	}
	kinds := [2]int{}
	for range 3000 {
		row := usage.Day{Key: usage.Key{
			Date:   text([]string{"2026-11-01", "0000-00-00"}, "2026-1-01", "2026-11-011", "2026/11/01", "", "２026-11-1"),
			Source: text([]string{"codex", "a", "9-", strings.Repeat("x", 32)}, "", "-a", "Codex", "a_b", strings.Repeat("x", 33), "a\n"),
			Model:  text([]string{"gpt-5", "a/b:c@d+e._-", strings.Repeat("y", 96)}, "", ".a", "A", "a b", strings.Repeat("y", 97), "ä"),
			Band:   usage.Band(pick([]int64{0, 32_000, 200_000, 512_000, 1, -1})), Tier: usage.Tier(text([]string{"standard", "batch", "flex"}, "", "x", "Standard"))},
			Requests: pick(counts), Tokens: usage.Tokens{Input: pick(counts), CacheRead: pick(counts), CacheWrite5m: pick(counts), CacheWrite1h: pick(counts), Output: pick(counts),
				Reasoning: pick(counts)}, Cost: usage.Money(pick([]int64{0, 1, 1000, 2000, 4_004_000, 5_000_000_000_000_001, -1})), Priced: r.IntN(4) > 0}
		t5 := row.Tokens
		_, err := c.Exec(t.Context(), `INSERT INTO tf.usage_day (user_id, device_id, day, source, model, band, tier, requests, input, cache_read, cache_write_5m, cache_write_1h,
			output, reasoning, cost_uusd, priced, book, parser, first_seen_at)
			SELECT $1, id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, '', 0, 0 FROM tf.devices WHERE user_id = $1
			ON CONFLICT (user_id, day, source, device_id, model, band, tier) DO UPDATE SET input = EXCLUDED.input, requests = EXCLUDED.requests, cost_uusd = EXCLUDED.cost_uusd,
			cache_read = EXCLUDED.cache_read, cache_write_5m = EXCLUDED.cache_write_5m, cache_write_1h = EXCLUDED.cache_write_1h, output = EXCLUDED.output,
			reasoning = EXCLUDED.reasoning, priced = EXCLUDED.priced`, d.user, row.Date, row.Source, row.Model, int(row.Band), string(row.Tier), row.Requests, t5.Input, t5.CacheRead,
			t5.CacheWrite5m, t5.CacheWrite1h, t5.Output, t5.Reasoning, int64(row.Cost), row.Priced)
		sound := postgres.Sound(row)
		if sound != (err == nil) {
			t.Fatalf("%+v: sound: %v, and the database says %v", row, sound, err)
		}
		if sound {
			kinds[0]++
		} else {
			kinds[1]++
		}
	}
	if kinds[0] < 200 || kinds[1] < 200 {
		t.Errorf("%d sound, %d not", kinds[0], kinds[1])
	}
}
