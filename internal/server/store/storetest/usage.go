package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// figures sums days as every part of the product must.
func figures(days ...usage.Day) store.Figures {
	var f store.Figures
	active := map[string]bool{}
	for _, d := range days {
		f.Requests += d.Requests
		f.Tokens = f.Tokens.Add(d.Tokens)
		if d.Priced {
			f.Cost += d.Cost
		} else {
			f.Unpriced += d.Tokens.Total()
		}
		active[d.Date] = true
		if f.First == "" || d.Date < f.First {
			f.First = d.Date
		}
	}
	f.ActiveDays = len(active)
	return f
}

func wantTotal(t *testing.T, s store.Store, who store.Actor, days ...usage.Day) {
	t.Helper()
	if diff := cmp.Diff(figures(days...), must[store.Figures](t)(s.SumOf(t.Context(), who))); diff != "" {
		t.Errorf("total of %s (-want +got):\n%s", who.Handle, diff)
	}
}

func daysOf(t *testing.T, s store.Store, reader store.Actor, user int64) []usage.Day {
	t.Helper()
	return must[[]usage.Day](t)(s.DaysOf(t.Context(), reader, user, "2023-01-01", "2026-12-31"))
}

func unpriced(d usage.Day) usage.Day {
	d.Cost, d.Priced = 0, false
	return d
}

func testUploads(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	days := []usage.Day{
		{Key: usage.Key{Date: "2026-11-22", Source: "claude-code", Model: "claude-opus-4-5", Band: 200_000, Tier: usage.Batch}, Requests: 3,
			Tokens: usage.Tokens{Input: 1, CacheRead: 2, CacheWrite5m: 3, CacheWrite1h: 4, Output: 5, Reasoning: 1}, Cost: 77, Priced: true},
		day("2026-11-22", "claude-code", "claude-opus-4-5", 10, 20),
		unpriced(day("2026-11-23", "codex", "other", 7, 1)),
	}
	want := store.Receipt{SyncID: "sync-5", Written: 3, Unpriced: []string{"other"}, Today: figures(days[2]), Total: figures(days...), Device: figures(days...)}
	if diff := cmp.Diff(want, put(t, s, mira, upload(5, days...))); diff != "" {
		t.Errorf("receipt (-want +got):\n%s", diff)
	}
	want = store.Receipt{SyncID: "sync-6", Unchanged: 3, Unpriced: []string{"other"}, Today: want.Today, Total: want.Total, Device: want.Device}
	if diff := cmp.Diff(want, put(t, s, mira, upload(6, days...))); diff != "" {
		t.Errorf("receipt of the same days again (-want +got):\n%s", diff)
	}
	open := mira
	open.Visibility = store.Public
	if got := put(t, s, open, upload(7, days...)).Month; got != want.Total.Tokens.Total() {
		t.Errorf("the month of a public account is %d", got)
	}
	sorted := []usage.Day{days[1], days[0], days[2]}
	if diff := cmp.Diff(sorted, daysOf(t, s, mira, mira.User)); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
	wantTotal(t, s, mira, days...)
	if diff := cmp.Diff(figures(days...), must[store.Figures](t)(s.DeviceSum(t.Context(), mira, mira.Device))); diff != "" {
		t.Errorf("device (-want +got):\n%s", diff)
	}
	last := slices.DeleteFunc(slices.Clone(sorted), func(d usage.Day) bool { return d.Date != sorted[2].Date })
	if diff := cmp.Diff(last, must[[]usage.Day](t)(s.DeviceDays(t.Context(), mira, mira.Device, sorted[2].Date, sorted[2].Date))); diff != "" {
		t.Errorf("one day of the device (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(sorted, must[[]usage.Day](t)(s.DeviceDays(t.Context(), mira, mira.Device, "2000-01-01", "2100-01-01"))); diff != "" {
		t.Errorf("days of the device (-want +got):\n%s", diff)
	}
}

func testReplays(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	first := upload(10, day("2026-11-23", "codex", "gpt-5", 7, 1))
	want := put(t, s, mira, first)
	want.Replayed = true
	if diff := cmp.Diff(want, put(t, s, mira, first)); diff != "" {
		t.Errorf("the same again (-want +got):\n%s", diff)
	}
	other := upload(10, day("2026-11-23", "codex", "gpt-5", 700, 1))
	for _, stale := range []store.Upload{other, upload(9, first.Days...)} {
		_, err := s.PutDays(t.Context(), mira, stale)
		var e *store.ErrStale
		if !errors.As(err, &e) || e.Last != 10 {
			t.Errorf("upload %d: error %v, want stale after 10", stale.Seq, err)
		}
	}
	put(t, s, mira, upload(11, first.Days...))
	_, err := s.PutDays(t.Context(), mira, first)
	var e *store.ErrStale
	if !errors.As(err, &e) || e.Last != 11 {
		t.Errorf("an upload from before the last: error %v", err)
	}
	wantTotal(t, s, mira, first.Days...)
}

func testMax(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	low, high := day("2026-11-23", "codex", "gpt-5", 100, 1), day("2026-11-23", "codex", "gpt-5", 100, 2)
	put(t, s, mira, upload(1, low))
	put(t, s, mira, upload(2, high))
	wantTotal(t, s, mira, high)
	if r := put(t, s, mira, upload(3, low)); r.Unchanged != 1 || r.Written != 0 {
		t.Errorf("a lower count: %+v", r)
	}
	wantTotal(t, s, mira, high)
	other := day("2026-11-23", "codex", "gpt-5-mini", 3, 3)
	put(t, s, mira, upload(4, other)) // says nothing of the first row
	wantTotal(t, s, mira, high, other)
	dearer := high
	dearer.Cost++
	put(t, s, mira, upload(5, dearer)) // the same tokens at a newer price
	wantTotal(t, s, mira, dearer, other)
}

func testReplace(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	a, b := day("2026-11-23", "codex", "gpt-5", 100, 1), day("2026-11-23", "codex", "other", 50, 1)
	otherSource, otherDay := day("2026-11-23", "claude-code", "gpt-5", 10, 1), day("2026-11-22", "codex", "gpt-5", 10, 1)
	put(t, s, mira, upload(1, a, b, otherSource, otherDay))
	phone := pair(t, s, mira.User, "mira", "phone")
	put(t, s, phone, upload(1, a))

	lower := day("2026-11-23", "codex", "gpt-5", 60, 1)
	up := upload(2, lower)
	up.Replace = true
	if r := put(t, s, mira, up); r.Written != 2 {
		t.Errorf("one row lowered, one gone: %+v", r)
	}
	wantTotal(t, s, mira, lower, otherSource, otherDay, a)
	up = upload(3, lower)
	up.Replace = true
	if r := put(t, s, mira, up); r.Written != 0 || r.Unchanged != 1 {
		t.Errorf("the same truth again: %+v", r)
	}
}

func testDevicesAdd(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	phone := pair(t, s, mira.User, "mira", "phone")
	d := day("2026-11-23", "codex", "gpt-5", 100, 1)
	put(t, s, mira, upload(1, d))
	r := put(t, s, phone, upload(1, d))
	if diff := cmp.Diff(figures(d, d), r.Total); diff != "" {
		t.Errorf("total of both (-want +got):\n%s", diff)
	}
	sum := d
	sum.Requests, sum.Tokens, sum.Cost = 2, d.Tokens.Add(d.Tokens), 2*d.Cost
	if diff := cmp.Diff([]usage.Day{sum}, daysOf(t, s, mira, mira.User)); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
}

func testParallelDevices(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	var devices []store.Actor
	for i := range 8 {
		devices = append(devices, pair(t, s, mira.User, "mira", fmt.Sprint("device", i)))
	}
	var days []usage.Day
	var wg sync.WaitGroup
	for i, who := range devices {
		final := day("2026-11-23", "codex", "gpt-5", int64(1000+i), 10)
		days = append(days, final)
		wg.Go(func() {
			for n := range int64(10) {
				d := final
				d.Tokens.Output, d.Cost = n+1, usage.Money(100*(d.Tokens.Input+n+1))
				err := patiently(func() error {
					_, err := s.PutDays(background, who, upload(n+1, d))
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	wantTotal(t, s, mira, days...)
}

func testRefused(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	fine := day("2026-11-23", "codex", "gpt-5", 100, 1)
	refusal := errors.New("impossible")
	spoil := func(change func(d *usage.Day)) store.Upload {
		d := day("2026-11-23", "codex", "gpt-5-mini", 100, 1)
		change(&d)
		return upload(1, fine, d)
	}
	judged := upload(1, fine)
	judged.Judge = func(store.Review) ([]store.Hold, error) { return nil, refusal }
	for name, up := range map[string]store.Upload{
		"the judge refuses":      judged,
		"a negative count":       spoil(func(d *usage.Day) { d.Tokens.Input = -1 }),
		"a count beyond all":     spoil(func(d *usage.Day) { d.Tokens.Input = 1_000_000_000_001 }),
		"reasoning above output": spoil(func(d *usage.Day) { d.Tokens.Reasoning = 2 }),
		"a price beyond all":     spoil(func(d *usage.Day) { d.Cost = 1_000_000 }),
		"a script for a model":   spoil(func(d *usage.Day) { d.Model = "<img src=x onerror=alert(1)>" }),
		"no model":               spoil(func(d *usage.Day) { d.Model = "" }),
		"a path for a source":    spoil(func(d *usage.Day) { d.Source = "../etc" }),
		"no date":                spoil(func(d *usage.Day) { d.Date = "yesterday" }),
		"an unknown band":        spoil(func(d *usage.Day) { d.Band = 5 }),
		"an unknown tier":        spoil(func(d *usage.Day) { d.Tier = "gold" }),
	} {
		if _, err := s.PutDays(t.Context(), mira, up); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	wantTotal(t, s, mira)
	if r := put(t, s, mira, upload(1, fine)); r.Written != 1 {
		t.Errorf("after refusals the same number is free: %+v", r)
	}
}

// above is a judge that holds every cell with more tokens than the line.
func above(line int64) store.Judge {
	return func(r store.Review) ([]store.Hold, error) {
		sums := map[[2]string]int64{}
		for _, row := range r.Rows {
			sums[[2]string{row.Date, row.Source}] += row.Tokens.Total()
		}
		var holds []store.Hold
		for cell, n := range sums {
			if n > line {
				holds = append(holds, store.Hold{Day: cell[0], Source: cell[1], Reason: "source-day", Line: line, Value: n})
			}
		}
		return holds, nil
	}
}

func judgedBy(j store.Judge, up store.Upload) store.Upload {
	up.Judge = j
	return up
}

func testHolds(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	phone := pair(t, s, mira.User, "mira", "phone")
	share(t, s, mira, store.Public)
	half, small := day("2026-11-23", "codex", "gpt-5", 60, 0), day("2026-11-23", "claude-code", "gpt-5", 60, 0)
	put(t, s, mira, judgedBy(above(100), upload(1, half, small)))
	wantTotal(t, s, mira, half, small)

	// The other device takes the cell over the line: both devices' rows wait, the other cell does not.
	r := put(t, s, phone, judgedBy(above(100), upload(1, half)))
	hold := store.Hold{Day: "2026-11-23", Source: "codex", Reason: "source-day", Line: 100, Value: 120, Tokens: 120}
	if diff := cmp.Diff([]store.Hold{hold}, r.Held); diff != "" {
		t.Errorf("receipt's holds (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(figures(small), r.Total); diff != "" {
		t.Errorf("receipt's total (-want +got):\n%s", diff)
	}
	wantTotal(t, s, mira, small)
	if diff := cmp.Diff([]usage.Day{small}, daysOf(t, s, mira, mira.User)); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]store.Hold{hold}, must[[]store.Hold](t)(s.HoldsOf(t.Context(), mira))); diff != "" {
		t.Errorf("holds (-want +got):\n%s", diff)
	}
	line := must[store.Line](t)(s.LineOf(t.Context(), store.Board{Period: "all", Metric: store.ByTokens}, mira, mira.User))
	if line.Value != 60 {
		t.Errorf("on the board with %d", line.Value)
	}
	if sum := must[store.Figures](t)(s.DeviceSum(t.Context(), mira, phone.Device)); sum.Tokens.Total() != 60 {
		t.Errorf("the device keeps %+v", sum)
	}
	// Corrected, it counts again.
	up := judgedBy(above(100), upload(2, day("2026-11-23", "codex", "gpt-5", 40, 0)))
	up.Replace = true
	put(t, s, phone, up)
	wantTotal(t, s, mira, half, small, up.Days[0])
	if holds := must[[]store.Hold](t)(s.HoldsOf(t.Context(), mira)); len(holds) != 0 {
		t.Errorf("holds after the correction: %+v", holds)
	}
}

func testRelease(t *testing.T, s store.Store) {
	mira := enrol(t, s, "mira")
	big, bigger := day("2026-11-23", "codex", "gpt-5", 120, 0), day("2026-11-23", "codex", "gpt-5", 130, 0)
	put(t, s, mira, judgedBy(above(100), upload(1, big)))
	wantTotal(t, s, mira)
	if err := s.ReleaseHold(t.Context(), mira.User, "2026-11-23", "codex", Noon); err != nil {
		t.Fatal(err)
	}
	wantTotal(t, s, mira, big)
	wantErr(t, "releasing twice", s.ReleaseHold(t.Context(), mira.User, "2026-11-23", "codex", Noon), store.ErrNotFound)
	put(t, s, mira, judgedBy(above(100), upload(2, bigger)))
	wantTotal(t, s, mira, bigger)
}
