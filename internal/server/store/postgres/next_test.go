package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/postgres/pgtest"
	"tokenflex.ing/internal/usage"
)

// sender is a device of an account, with the hash of its token.
type sender struct {
	user   int64
	secret store.Hash
}

// newSender makes an account, or with a user another device of it.
func newSender(t *testing.T, s pgtest.Service, user int64, name string) sender {
	t.Helper()
	if user == 0 {
		u, err := s.AddUser(t.Context(), name, noon())
		if err != nil {
			t.Fatal(err)
		}
		user = u.ID
	}
	d := sender{user, store.HashOf(name)}
	n := store.NewToken{Secret: d.secret, ID: fmt.Sprintf("00000000-0000-0000-0000-%x", d.secret[:6]), Hint: "abcd", Scope: "usage:write", At: noon()}
	if _, err := s.AddToken(t.Context(), user, name, n); err != nil {
		t.Fatal(err)
	}
	return d
}

// send uploads as whoever the token speaks for.
func (d sender) send(ctx context.Context, s store.Store, up store.Upload) (store.Receipt, error) {
	who, err := s.Sender(ctx, d.secret, up.At)
	if err != nil {
		return store.Receipt{}, err
	}
	return s.PutDays(ctx, who, up)
}

// growing is an upload of the last two days whose rows have so many tokens.
func growing(d sender, seq int64, tokens int64) store.Upload {
	up := store.Upload{Seq: seq, Body: store.HashOf(fmt.Sprint(seq)), Book: "2026-11-01", At: noon().Add(time.Duration(seq) * time.Second), Families: map[string]string{"gpt-5": "gpt"},
		Judge: func(store.Review) ([]store.Hold, error) { return nil, nil },
		Print: func(rows []usage.Day) store.Hash {
			var total, cost int64
			for _, r := range rows {
				total, cost = total+r.Tokens.Total(), cost+int64(r.Cost)
			}
			return store.HashOf(fmt.Sprint(len(rows), total, cost))
		},
		Charges: []store.Charge{{Quota: store.Quota{Key: store.HashOf(fmt.Sprint("uploads of ", d.user)), Every: time.Millisecond, Burst: 1000}, N: 1}}}
	for i := range 2 {
		up.Days = append(up.Days, usage.Day{Key: usage.Key{Date: noon().AddDate(0, 0, -i).Format(time.DateOnly), Source: "codex", Model: "gpt-5", Tier: usage.Standard},
			Requests: seq, Tokens: usage.Tokens{Input: tokens + int64(i), Output: 1_000_000 * d.user}, Cost: 5, Priced: true})
	}
	return up
}

// The next upload of an account that the server remembers is one question, and none once anything has happened to the account that the
// server cannot know of. Fails where the door takes what memory made of an account that has changed since.
func TestWhatIsRememberedIsHeldAgainstTheDatabase(t *testing.T) {
	name := cluster.Database(t)
	s, other := serve(t, name), serve(t, name)
	// Without this door an upload goes by what is remembered or not at all.
	hide := func(hidden bool) {
		from, to := "open_upload", "hidden_upload"
		if !hidden {
			from, to = to, from
		}
		cluster.Exec(t, name, "ALTER FUNCTION tf."+from+" RENAME TO "+to)
	}
	never := errors.New("never")
	for i, tt := range []struct {
		name   string
		happen func(d sender) error
		kept   bool
		after  error // of the next upload; never: it is stored
	}{
		{"nothing", func(sender) error { return nil }, true, never},
		{"its lines are made", func(d sender) error {
			_, err := other.CatchUp(t.Context(), 9, noon().Add(time.Hour))
			return err
		}, true, never},
		{"an upload to another server", func(d sender) error {
			_, err := d.send(t.Context(), other, growing(d, 4, 400))
			return err
		}, false, never},
		{"an upload of another device", func(d sender) error {
			phone := newSender(t, s, d.user, fmt.Sprint("phone-", d.user))
			up := growing(phone, 4, 50)
			up.Days = up.Days[:1]
			up.Days[0].Source = "claude-code"
			_, err := phone.send(t.Context(), other, up)
			return err
		}, false, never},
		{"it goes public", func(d sender) error {
			return other.SetVisibility(t.Context(), store.Actor{User: d.user, Key: d.secret}, store.Public)
		}, false, never},
		{"it has another name", func(d sender) error {
			return other.Rename(t.Context(), store.Actor{User: d.user, Key: d.secret}, fmt.Sprint("other", d.user), noon().AddDate(1, 0, 0))
		}, false, never},
		{"its token ends", func(d sender) error {
			id := fmt.Sprintf("00000000-0000-0000-0000-%x", d.secret[:6])
			return other.RevokeToken(t.Context(), store.Actor{User: d.user, Key: d.secret}, id, noon())
		}, false, store.ErrNotFound},
		{"the host holds a day", func(d sender) error {
			return s.HoldCell(t.Context(), d.user, noon().Format(time.DateOnly), "codex", noon())
		}, false, never},
		{"the host suspends it", func(d sender) error { return s.Suspend(t.Context(), d.user, true, noon()) }, false, store.ErrSuspended},
		{"new prices", func(d sender) error {
			var rates []store.Rated
			keys, err := s.Host.StaleRates(t.Context(), "2026-11-02", 99)
			for _, k := range keys {
				rates = append(rates, store.Rated{RateKey: k, Family: "gpt"})
			}
			if err == nil {
				_, err = s.Host.Reprice(t.Context(), store.Repricing{Book: "2026-11-02", Rates: rates, At: noon(), Most: 99})
			}
			return err
		}, false, never},
		{"another account sends the same", func(d sender) error {
			twin := newSender(t, s, 0, fmt.Sprint("twin", d.user))
			up := growing(twin, 4, 500)
			for i := range up.Days {
				up.Days[i].Tokens.Output = 1_000_000 * d.user
			}
			_, err := twin.send(t.Context(), other, up)
			return err
		}, false, never},
	} {
		d := newSender(t, s, 0, fmt.Sprint("user", i))
		for seq := range int64(3) {
			if seq == 2 { // what was not remembered the second time would fail
				hide(true)
			}
			if who, err := s.Sender(t.Context(), d.secret, noon()); err != nil || who.Recalled != (seq > 0) {
				t.Fatalf("%s: before upload %d the sender is remembered: %v, %v", tt.name, seq, who.Recalled, err)
			}
			_, err := d.send(t.Context(), s, growing(d, 1+seq, 100+100*seq))
			if seq == 2 {
				hide(false)
			}
			if err != nil {
				t.Fatalf("%s: upload %d: %v", tt.name, seq, err)
			}
		}
		who, err := s.Sender(t.Context(), d.secret, noon()) // as the server learnt it before it happened
		if err != nil {
			t.Fatal(err)
		}
		if err := tt.happen(d); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		hide(true)
		_, err = s.PutDays(t.Context(), who, growing(d, 5, 500))
		if (err == nil) != tt.kept {
			t.Errorf("%s: the next upload by what is remembered: %v", tt.name, err)
		}
		hide(false)
		if _, err := d.send(t.Context(), s, growing(d, 6, 600)); !errors.Is(err, tt.after) && (tt.after != never || err != nil) {
			t.Errorf("%s: the one after it: %v", tt.name, err)
		}
	}
}

// Two servers that remember accounts leave in the database, and answer, what one that remembers nothing does, whatever happens in between.
func TestRememberingChangesNothing(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	remembering, forgetful := cluster.Database(t), cluster.Database(t)
	here, there, plain := serve(t, remembering), serve(t, remembering), serve(t, forgetful)
	here.Store.WriteAtOnce(1)
	var people []sender
	for i := range 3 {
		d := newSender(t, here, 0, fmt.Sprint("user", i))
		newSender(t, plain, 0, fmt.Sprint("user", i))
		people = append(people, d)
	}
	refused := errors.New("refused")
	clock := noon()
	left, right := dial(t, "postgres", remembering), dial(t, "postgres", forgetful)
	for step := range 300 {
		clock = clock.Add(time.Duration(r.IntN(30)) * time.Second)
		if r.IntN(100) == 0 {
			clock = clock.Add(12 * time.Hour)
		}
		d := people[r.IntN(len(people))]
		s := here
		if r.IntN(6) == 0 {
			s = there
		}
		day := clock.AddDate(0, 0, -r.IntN(2)).Format(time.DateOnly)
		var do func(s pgtest.Service) (any, error)
		switch r.IntN(30) {
		case 0:
			do = func(s pgtest.Service) (any, error) { return s.CatchUp(t.Context(), 9, clock.AddDate(1, 0, 0)) }
		case 1:
			v := store.Visibility(r.IntN(3))
			do = func(s pgtest.Service) (any, error) {
				return nil, s.SetVisibility(t.Context(), store.Actor{User: d.user, Key: d.secret}, v)
			}
		case 2:
			stop := r.IntN(3) == 0
			do = func(s pgtest.Service) (any, error) { return nil, s.Suspend(t.Context(), d.user, stop, clock) }
		case 3:
			if step > 220 {
				do = func(s pgtest.Service) (any, error) { return nil, s.HoldCell(t.Context(), d.user, day, "codex", clock) }
			} else {
				do = func(s pgtest.Service) (any, error) { return nil, s.RollOn(t.Context(), clock.Format(time.DateOnly)) }
			}
		case 4:
			if step > 150 && len(people) < 5 {
				more := fmt.Sprint("phone-", len(people))
				people = append(people, newSender(t, here, d.user, more))
				newSender(t, plain, d.user, more)
			}
			continue
		default:
			up := walk(r, d, int64(step+1), clock, refused)
			do = func(s pgtest.Service) (any, error) {
				return d.send(t.Context(), s, up)
			}
		}
		plain.Store.Forget()
		got, err := do(s)
		want, wantErr := do(plain)
		if !reflect.DeepEqual(got, want) || fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Fatalf("step %d:\ngot  %+v: %v\nwant %+v: %v", step, got, err, want, wantErr)
		}
		if got, want := everything(t, left, clock), everything(t, right, clock); got != want {
			t.Fatalf("step %d: only with what is remembered\n%s\nand only without\n%s", step, linesWithout(got, want), linesWithout(want, got))
		}
	}
}

// linesWithout are the lines of a that b lacks.
func linesWithout(a, b string) string {
	var lines []string
	for line := range strings.Lines(a) {
		if !strings.Contains(b, line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// walk is some upload of the last days: a part of its rows grow, a few go, and the judge refuses or holds by what it sees.
func walk(r *rand.Rand, d sender, seq int64, at time.Time, refused error) store.Upload {
	up := growing(d, seq, 0)
	up.Days, up.At, up.Replace, up.Book, up.Parsers = nil, at, r.IntN(8) == 0, fmt.Sprint("b", r.IntN(2)), map[string]int{"codex": r.IntN(2)}
	up.Charges[0].Every, up.Charges[0].Burst = 10*time.Second, 20
	up.Families = map[string]string{}
	for i := range 1 + min(2, r.IntN(6)) {
		c := store.Cell{Day: at.AddDate(0, 0, -i).Format(time.DateOnly), Source: "codex"}
		for j := range 3 {
			if r.IntN(4) > 0 {
				model := fmt.Sprint("model-", j)
				up.Families[model] = fmt.Sprint("family-", j)
				up.Days = append(up.Days, usage.Day{Key: usage.Key{Date: c.Day, Source: c.Source, Model: model, Tier: usage.Standard}, Requests: 1,
					Tokens: usage.Tokens{Input: seq * r.Int64N(3), Output: d.user * r.Int64N(2)}, Cost: usage.Money(r.Int64N(3)), Priced: true})
			}
		}
		if r.IntN(20) == 0 {
			up.Gone = append(up.Gone, store.Cell{Day: c.Day, Source: "gemini-cli"})
		}
	}
	for i := range up.Days {
		if up.Days[i].Tokens.Total() == 0 {
			up.Days[i].Cost = 0
		}
	}
	if len(up.Days) == 0 {
		up.Print = nil
	}
	up.Judge = func(seen store.Review) ([]store.Hold, error) {
		switch h := store.HashOf(fmt.Sprintf("%+v", seen)); {
		case h[0] < 16:
			return nil, refused
		case h[0] < 17 && len(seen.Rows) > 0:
			return []store.Hold{{Day: seen.Rows[0].Date, Source: seen.Rows[0].Source, Reason: "walk", Line: 1, Value: int64(h[1])}}, nil
		}
		return nil, nil
	}
	return up
}

// everything is what uploads write, as it is once inboxes are empty; they stay as they are. Quotas that are whole may be gone, and sums by device are kept from when they are needed on.
func everything(t *testing.T, c *pgx.Conn, at time.Time) string {
	t.Helper()
	tx, err := c.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(background)
	if _, err := tx.Exec(t.Context(), emptyInboxes); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, table := range []string{"usage_day", "prints", "models", "holds", "copies",
		fmt.Sprint("(SELECT k, until FROM tf.quotas WHERE until > ", at.UnixNano(), ")"),
		`(SELECT user_id, rows, late_days, late_tokens, requests, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, cost_uusd, unpriced, active_days,
			first_day, nullif(by_device, tf.sum_devices(user_id)) FROM tf.account_sums)`,
		"(SELECT user_id, at, not_before, ARRAY(SELECT unnest(string_to_array(days, ' ')) ORDER BY 1) FROM tf.due)",
		"(SELECT id, user_id, name, os, client, last_seq, last_body, last_receipt, synced_at FROM tf.devices)"} {
		if !strings.HasPrefix(table, "(") {
			table = "tf." + table
		}
		var rows string
		if err := tx.QueryRow(t.Context(), `SELECT coalesce(string_agg(x::text, E'\n' ORDER BY x::text COLLATE "C"), '') FROM `+table+" x").Scan(&rows); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&all, "%s\n%s\n", table, rows)
	}
	return all.String()
}

// Uploads that share a transaction are each stored or refused for themselves, also where one of them cannot be stored, two servers are at the
// same accounts, and connections end: what was acknowledged is there, whole, and none waited for another without end.
func TestUploadsThatShareATransaction(t *testing.T) {
	name := cluster.Database(t)
	servers := []pgtest.Service{serve(t, name), serve(t, name)}
	for _, s := range servers {
		s.Store.WriteAtOnce(1)
	}
	const accounts, each = 10, 25
	var people []sender
	for i := range accounts {
		people = append(people, newSender(t, servers[0], 0, fmt.Sprint("user", i)))
	}
	watch := dial(t, "postgres", name)
	for _, ends := range []bool{false, true} {
		var acknowledged [accounts]atomic.Int64
		var all, killing sync.WaitGroup
		stored := make(chan struct{}, accounts*each)
		if ends {
			killing.Go(func() { // while the others are on their way, and no faster than they come through
				for range stored {
					watch.Exec(background, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tf_app' AND random() < 0.2")
				}
			})
		}
		base := int64(1)
		if ends {
			base = 1000
		}
		for i, d := range people {
			all.Go(func() {
				for n := range int64(each) {
					up := growing(d, base+n, 100*(base+n))
					if i == 0 && n%5 == 4 { // which the database refuses
						up.Days[0].Cost = 1 << 60
					}
					for tries := 0; ; tries++ {
						_, err := d.send(t.Context(), servers[(int64(i)+n)%2], up)
						if i == 0 && n%5 == 4 && err != nil && !errors.Is(err, store.ErrBusy) {
							break
						}
						if err == nil {
							acknowledged[i].Store(base + n)
							stored <- struct{}{}
							break
						}
						if !errors.Is(err, store.ErrBusy) || tries == 100 {
							t.Errorf("account %d, upload %d: %v", i, n, err)
							return
						}
					}
				}
			})
		}
		all.Wait()
		close(stored)
		killing.Wait()
		cluster.Exec(t, name, emptyInboxes)
		for i, d := range people {
			var seq, requests int64
			var same bool
			if err := watch.QueryRow(t.Context(), `SELECT d.last_seq, (SELECT max(u.requests) FROM tf.usage_day u WHERE u.user_id = d.user_id),
				(SELECT (s.rows, s.requests, s.input, s.output, s.active_days, s.first_day) = (a.rows, a.requests, a.input, a.output, a.active_days, a.first_day)
					FROM tf.account_sums s, tf.sum_account(d.user_id, 3) a WHERE s.user_id = d.user_id) FROM tf.devices d WHERE d.user_id = $1`, d.user).Scan(&seq, &requests, &same); err != nil {
				t.Fatal(err)
			}
			if want := acknowledged[i].Load(); seq != want || requests != want || !same {
				t.Errorf("connections end: %v; account %d: upload %d of %d requests is stored, %d was acknowledged; its sums are those of its rows: %v", ends, i, seq, requests, want, same)
			}
		}
		if ends {
			continue
		}
		var deadlocks int64
		if err := watch.QueryRow(t.Context(), "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").Scan(&deadlocks); err != nil || deadlocks > 0 {
			t.Errorf("%d deadlocks: %v", deadlocks, err)
		}
	}
}

// A server that writes for several does so once: fails if each upload has a transaction of its own.
func TestWaitingUploadsShareATransaction(t *testing.T) {
	name := cluster.Database(t)
	waitTogether(t, name, func(d sender) (store.Upload, bool) { return growing(d, 2, 200), true })
	var transactions int
	if err := dial(t, "postgres", name).QueryRow(t.Context(), "SELECT count(DISTINCT xmin::text) FROM tf.inbox").Scan(&transactions); err != nil || transactions != 2 {
		t.Errorf("%d transactions: %v", transactions, err)
	}
}

// waitTogether has six accounts that have sent before send again by a server that writes one transaction at a time: the first waits
// for a quota, which somebody is counting, and the others for it. Each says what it sends, and whether that is within its limits.
func waitTogether(t *testing.T, database string, next func(d sender) (up store.Upload, within bool)) {
	t.Helper()
	s := serve(t, database)
	s.Store.WriteAtOnce(1)
	var people []sender
	for i := range 6 {
		d := newSender(t, s, 0, fmt.Sprint("user", i))
		if _, err := d.send(t.Context(), s, growing(d, 1, 100)); err != nil {
			t.Fatal(err)
		}
		people = append(people, d)
	}
	tx, err := dial(t, "postgres", database).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(background)
	if _, err := tx.Exec(t.Context(), "SELECT FROM tf.quotas WHERE k = $1 FOR UPDATE", growing(people[0], 1, 1).Charges[0].Key[:]); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	send := func(d sender) {
		all.Go(func() {
			up, within := next(d)
			_, err := d.send(t.Context(), s, up)
			var over *store.ErrLimited
			if errors.As(err, &over) == within || within && err != nil {
				t.Errorf("account %d: %v", d.user, err)
			}
		})
	}
	send(people[0])
	for waits := false; !waits; {
		if err := tx.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)").Scan(&waits); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range people[1:] {
		send(d)
	}
	for s.Store.Waiting() < len(people)-1 {
		runtime.Gosched()
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	all.Wait()
}

// An account that somebody is at work on keeps nobody else's upload waiting: its own waits for it apart from others. Fails where the
// transaction that uploads share waits for an account.
func TestAnAccountAtWorkKeepsNobodyWaiting(t *testing.T) {
	name := cluster.Database(t)
	s := serve(t, name)
	s.Store.WriteAtOnce(1)
	mira, adam := newSender(t, s, 0, "mira"), newSender(t, s, 0, "adam")
	for _, d := range []sender{mira, adam} {
		if _, err := d.send(t.Context(), s, growing(d, 1, 100)); err != nil {
			t.Fatal(err)
		}
	}
	tx, err := dial(t, "postgres", name).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(background)
	if _, err := tx.Exec(t.Context(), "SELECT FROM tf.users WHERE id = $1 FOR UPDATE", mira.user); err != nil {
		t.Fatal(err)
	}
	stored := make(chan error)
	go func() {
		_, err := mira.send(t.Context(), s, growing(mira, 2, 200))
		stored <- err
	}()
	for waits := false; !waits; {
		if err := tx.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)").Scan(&waits); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := adam.send(t.Context(), s, growing(adam, 2, 200)); err != nil {
		t.Error(err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-stored; err != nil {
		t.Error(err)
	}
}

// A transaction that is stuck keeps those that wait for it no longer than a moment, while there are connections. Fails where they wait until
// it ends.
func TestUploadsPassOneThatIsStuck(t *testing.T) {
	name := cluster.Database(t)
	s := serve(t, name)
	s.Store.WriteAtOnce(1)
	s.Store.WriteWhenStuck(2)
	mira, adam := newSender(t, s, 0, "mira"), newSender(t, s, 0, "adam")
	for _, d := range []sender{mira, adam} {
		if _, err := d.send(t.Context(), s, growing(d, 1, 100)); err != nil {
			t.Fatal(err)
		}
	}
	tx, err := dial(t, "postgres", name).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(background)
	if _, err := tx.Exec(t.Context(), "SELECT FROM tf.quotas WHERE k = $1 FOR UPDATE", growing(mira, 1, 1).Charges[0].Key[:]); err != nil {
		t.Fatal(err)
	}
	stored := make(chan error)
	go func() {
		_, err := mira.send(t.Context(), s, growing(mira, 2, 200))
		stored <- err
	}()
	for waits := false; !waits; {
		if err := tx.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)").Scan(&waits); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := adam.send(t.Context(), s, growing(adam, 2, 200)); err != nil {
		t.Error(err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-stored; err != nil && !errors.Is(err, store.ErrBusy) { // it waits no longer than a lock may
		t.Error(err)
	}
}

// Quotas that are whole are cleared away, so that the next upload of whoever sends now and then finds none of its own: it goes its short way all
// the same, and counts. Fails where the door takes an account without one for one that has no room.
func TestQuotasThatAreWholeAreNotMissed(t *testing.T) {
	name := cluster.Database(t)
	s := serve(t, name)
	d, _ := continuing(t, s, "mira")
	cluster.Exec(t, name, "DELETE FROM tf.quotas")
	if _, err := d.send(t.Context(), s, growing(d, 4, 4000)); err != nil {
		t.Fatal(err)
	}
	var seq, quotas int64
	if err := dial(t, "postgres", name).QueryRow(t.Context(), "SELECT seq, (SELECT count(*) FROM tf.quotas) FROM tf.inbox").Scan(&seq, &quotas); err != nil || seq != 4 || quotas != 1 {
		t.Errorf("upload %d is in the inbox, %d quotas: %v", seq, quotas, err)
	}
	up := growing(d, 5, 5000)
	up.Charges[0].Burst, up.Charges[0].Every = 2, time.Hour
	up.Charges = append(up.Charges, store.Charge{Quota: store.Quota{Key: store.HashOf("rows"), Every: time.Hour, Burst: 1}, N: 1})
	if _, err := d.send(t.Context(), s, up); err != nil {
		t.Fatal(err)
	}
	up.Seq, up.At = 6, up.At.Add(time.Minute)
	var over *store.ErrLimited
	if _, err := d.send(t.Context(), s, up); !errors.As(err, &over) || over.Charge != 1 {
		t.Errorf("a quota that was new counts nothing: %v", err)
	}
}

// Whoever has no room left in a quota takes nothing from those who share its transaction. Fails where all are sent back.
func TestOneOverItsLimitKeepsNobodyBack(t *testing.T) {
	name := cluster.Database(t)
	var over atomic.Int64
	waitTogether(t, name, func(d sender) (store.Upload, bool) {
		up := growing(d, 2, 200)
		if d.secret != store.HashOf("user3") {
			return up, true
		}
		over.Store(d.user)
		up.Charges[0].Every, up.Charges[0].Burst, up.Charges[0].N = time.Hour, 1, 2
		return up, false
	})
	var transactions, there, passed int
	if err := dial(t, "postgres", name).QueryRow(t.Context(), "SELECT count(DISTINCT xmin::text), count(*), count(*) FILTER (WHERE user_id = $1) FROM tf.inbox", over.Load()).
		Scan(&transactions, &there, &passed); err != nil || transactions != 2 || there != 5 || passed != 0 {
		t.Errorf("%d uploads in %d transactions, %d over a limit: %v", there, transactions, passed, err)
	}
}
