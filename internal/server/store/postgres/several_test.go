package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// Uploads of several devices that have nothing in common go through one door, which keeps what each device's rows add up to; what may be
// a copy is judged, and nothing is kept of it. The sums that are kept are those of the rows. Fails if several devices go the long way, or
// if a door forgets a device.
func TestSeveralDevicesGoTheShortWay(t *testing.T) {
	name := cluster.Database(t)
	s := serve(t, name)
	u, err := s.AddUser(t.Context(), "mira", noon())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), cluster.DSN("postgres", name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(background)
	var devices []store.Actor
	for i := range 3 {
		secret := store.HashOf(fmt.Sprint("device", i))
		if _, err := s.AddToken(t.Context(), u.ID, fmt.Sprint("device", i), store.NewToken{Secret: secret, ID: fmt.Sprintf("00000000-0000-0000-0000-00000000000%d", i),
			Hint: "abcd", Scope: "usage:write", At: noon()}); err != nil {
			t.Fatal(err)
		}
		who, err := s.TokenActor(t.Context(), secret, noon())
		if err != nil {
			t.Fatal(err)
		}
		devices = append(devices, who)
	}
	seq := int64(0)
	send := func(device int, tokens int64, days int) {
		t.Helper()
		seq++
		up := store.Upload{Seq: seq, Body: store.HashOf(fmt.Sprint(seq)), Book: "2026-11-01", At: noon().Add(time.Duration(seq) * time.Minute), Families: map[string]string{"gpt-5": "gpt"},
			Judge: func(store.Review) ([]store.Hold, error) { return nil, nil },
			Print: func(rows []usage.Day) store.Hash { return store.HashOf(fmt.Sprint(rows)) }}
		for i := range days {
			up.Days = append(up.Days, usage.Day{Key: usage.Key{Date: noon().AddDate(0, 0, -i).Format(time.DateOnly), Source: "codex", Model: "gpt-5", Tier: usage.Standard},
				Requests: 1, Tokens: usage.Tokens{Input: tokens + int64(i), Output: 7}, Cost: 5, Priced: true})
		}
		if _, err := s.PutDays(t.Context(), devices[device], up); err != nil {
			t.Fatal(err)
		}
	}
	kept := func() (kept, of int64, same bool) {
		t.Helper()
		err := conn.QueryRow(t.Context(), `SELECT count(*), coalesce(max(cardinality(by_device)) / 12, 0), coalesce(bool_and(by_device = tf.sum_devices(user_id)
			AND (rows, requests, input, active_days, first_day) = (SELECT a.rows, a.requests, a.input, a.active_days, a.first_day FROM tf.sum_account(user_id, 3) a)), true) FROM tf.account_sums`).
			Scan(&kept, &of, &same)
		if err != nil {
			t.Fatal(err)
		}
		return kept, of, same
	}
	for i, step := range []struct {
		device int
		tokens int64
		days   int
		kept   int64
		of     int64
	}{
		{0, 100, 2, 1, 1},
		{1, 2000, 3, 1, 2},
		{0, 300, 2, 1, 2},
		{2, 40000, 6, 1, 3},
		{1, 5000, 1, 1, 3},
		{1, 40000, 6, 0, 0}, // what the third has
		{0, 600, 2, 0, 0},   // copies wait
	} {
		send(step.device, step.tokens, step.days)
		if kept, of, same := kept(); kept != step.kept || of != step.of || !same {
			t.Errorf("step %d: %d sums of %d devices are kept, want %d of %d; they are those of the rows: %v", i, kept, of, step.kept, step.of, same)
		}
	}
}
