package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tokenflex.ing/internal/client/config"
	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/wire"
)

// forgetThere takes what was forgotten here off the site, whole UTC days of it, and sends again what still counts of these days.
// It touches nothing that other devices have sent. It returns what it did in words.
func (a *App) forgetThere(ctx context.Context, s settings, acc account, what []ledger.Forgotten, left []wire.Day, by sketching) (string, error) {
	gone, err := a.takeOff(ctx, s, acc, what)
	if err != nil {
		return "", err
	}
	if _, err := a.send(ctx, s, acc, left, by); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s of this device on %s", render.Count(int64(gone), "row"), acc.site.Name()), nil
}

// stillThere says that something is forgotten here alone.
func stillThere(acc account, err error) error {
	code, lines := outcome(err)
	return &failure{code, append([]string{"forgotten here, but not all of it on " + acc.site.Name()}, lines...)}
}

// takeOff has the site delete the days and no longer counts on what it confirmed of them.
func (a *App) takeOff(ctx context.Context, s settings, acc account, what []ledger.Forgotten) (gone int, err error) {
	unlock, err := oneSync(ctx, s)
	if err != nil {
		return 0, err
	}
	defer unlock()
	state := s.Synced(acc.site)
	for _, one := range what {
		from, to := utcDays(one)
		answer, err := acc.remote.ForgetDays(ctx, from, to, one.Source)
		if err != nil {
			return gone, sendFailure(acc.site, err)
		}
		gone += answer.Rows
		unconfirm(&state, from, to, one.Source)
		if err := s.SaveSynced(acc.site, state); err != nil {
			return gone, err
		}
	}
	return gone, nil
}

// utcDays are the first and the last UTC day that something of it lies on.
func utcDays(f ledger.Forgotten) (from, to string) {
	from = wire.FirstDay
	if !f.From.IsZero() {
		from = max(from, f.From.UTC().Format(time.DateOnly))
	}
	return from, f.Until.Add(-time.Nanosecond).UTC().Format(time.DateOnly)
}

// unconfirm forgets what the site confirmed of some days, of one source or of all.
func unconfirm(state *config.Synced, from, to, source string) {
	for name, row := range state.Rows {
		day, of, _ := strings.Cut(row.Cell, " ")
		if from <= day && day <= to && (source == "" || source == of) {
			delete(state.Rows, name)
		}
	}
}
