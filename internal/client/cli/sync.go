package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/config"
	"tokenflex.ing/internal/client/lockfile"
	"tokenflex.ing/internal/client/payload"
	"tokenflex.ing/internal/client/remote"
	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/wire"
)

type syncOptions struct {
	dryRun bool
	home   string
	quiet  bool
}

func newSyncCommand(app *App) *cobra.Command {
	var o syncOptions
	c := &cobra.Command{
		Use:     "sync",
		Short:   "Send day totals to your site.",
		Long:    "Only counts, model names and UTC dates leave; --dry-run prints every byte and needs no sign-in.",
		Example: "tokenflexing sync\ntokenflexing sync --dry-run",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runSync(c.Context(), app, o) },
	}
	c.Flags().BoolVar(&o.dryRun, "dry-run", false, "print the bytes that would be sent, and send nothing")
	c.Flags().StringVar(&o.home, "home", "", "read the data of that home")
	c.Flags().BoolVar(&o.quiet, "quiet", false, "say nothing but errors")
	return c
}

func runSync(ctx context.Context, app *App, o syncOptions) error {
	s, err := app.settings()
	if err != nil {
		return err
	}
	if o.dryRun {
		return runDryRun(ctx, app, s, o)
	}
	acc, err := app.account(s)
	if err != nil {
		return err
	}
	found, err := app.read(ctx, s, o.home, o.quiet)
	if err != nil {
		return err
	}
	done, err := app.send(ctx, s, acc, app.rows(s, found), app.sketching(s, acc, o.home, found))
	if err != nil {
		return err
	}
	done.own = app.worth(s, found)
	if !o.quiet {
		if err := app.saySynced(s, acc, done); err != nil {
			return err
		}
	}
	return app.warn(s, found.Warnings, viewOptions{quiet: o.quiet})
}

// synced is how a sync went.
type synced struct {
	sent    upload
	bytes   int
	before  time.Time // of the sync before, if any
	here    wire.Sum  // what this machine counts
	there   wire.Sum  // what the site has of this device
	own     wire.Sum  // what this machine shows, by the person's own rates
	held    []wire.Held
	board   *wire.Places // where the account stands, if it is public
	skewed  time.Duration
	resent  bool // the site had less than it once confirmed, so all was sent again
	nothing bool // nothing was new
}

// send brings the site to the state of rows. Where the site confirmed all rows before but has less than they hold, it lost
// some: then all are sent again.
func (a *App) send(ctx context.Context, s settings, acc account, rows []wire.Day, by sketching) (synced, error) {
	if err := acc.identify(ctx); err != nil {
		return synced{}, err
	}
	unlock, err := oneSync(ctx, s)
	if err != nil {
		return synced{}, err
	}
	defer unlock()
	state := s.Synced(acc.site)
	if state.Device != acc.device.ID {
		state = config.Synced{Device: acc.device.ID, Pending: state.Pending}
	}
	done := synced{before: state.At, here: sum(rows, a.prices(s).Book())}
	if err := a.post(ctx, s, acc, &state, rows, by, false, &done); err != nil {
		return done, err
	}
	if done.nothing || acc.unkeyed() {
		me, err := acc.remote.Me(ctx)
		if err != nil {
			return done, err
		}
		if done.nothing {
			done.there, done.held, done.board = me.DeviceTotal, me.Held, me.Board
		}
		if err := acc.learn(s, me.SketchKey); err != nil {
			return done, err
		}
	}
	if done.there.Tokens < done.here.Tokens {
		done.resent = true
		if err := a.post(ctx, s, acc, &state, rows, by, true, &done); err != nil {
			return done, err
		}
	}
	state.At, state.Rank = a.Now().UTC(), 0
	if done.board != nil {
		state.Rank = done.board.Month.Rank
	}
	return done, s.SaveSynced(acc.site, state)
}

// syncWithin is how long a sync waits for another one of this machine.
const syncWithin = time.Minute

// oneSync waits until no other process of this machine syncs.
func oneSync(ctx context.Context, s settings) (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, syncWithin)
	defer cancel()
	unlock, err = lockfile.Wait(ctx, s.SyncLock())
	if errors.Is(err, lockfile.ErrLocked) {
		return nil, failureError("another sync of this machine is still running", "run: tokenflexing sync")
	}
	return unlock, err
}

// post sends what is not confirmed yet, or everything, and notes what the site confirms.
func (a *App) post(ctx context.Context, s settings, acc account, state *config.Synced, rows []wire.Day, by sketching, everything bool, done *synced) error {
	up := a.newUpload(rows, *state, everything, by)
	done.sent, done.nothing = up, len(up.requests) == 0
	for _, request := range up.requests {
		body := payload.Encode(request)
		receipt, err := acc.remote.PutUsage(ctx, body)
		if stale := staleSeq(err); stale != 0 {
			request.Seq = max(stale+1, a.Now().UnixMicro())
			body = payload.Encode(request)
			receipt, err = acc.remote.PutUsage(ctx, body)
		}
		if err != nil {
			return sendFailure(acc.site, err)
		}
		done.bytes += len(body)
		done.there, done.held = receipt.DeviceTotal, append(done.held, receipt.Held...)
		done.board = receipt.Board
		done.skewed = time.Duration(receipt.ClockSkewS) * time.Second
		confirm(state, request)
		if err := s.SaveSynced(acc.site, *state); err != nil {
			return err
		}
	}
	state.Pending, state.Sketched = nil, by.name()
	return nil
}

// staleSeq returns the last sequence number the site saw, if that is why it refused.
func staleSeq(err error) int64 {
	var refused *remote.ErrProblem
	if errors.As(err, &refused) && refused.Problem.Code == wire.StaleSeq {
		return refused.Problem.LastSeq
	}
	return 0
}

func sendFailure(site config.Site, err error) error {
	var gone *remote.ErrUnreachable
	var refused *remote.ErrProblem
	switch {
	case errors.As(err, &gone):
		return failureError(gone.Error()+"; nothing was sent", "run: tokenflexing sync")
	case errors.As(err, &refused) && refused.RetryAfter > 0:
		return failureError(refused.Error(), fmt.Sprintf("run: tokenflexing sync    in %d s", int(refused.RetryAfter.Seconds())))
	}
	return err
}

// runDryRun prints the bytes of the next sync, and keeps their identity for it.
func runDryRun(ctx context.Context, app *App, s settings, o syncOptions) error {
	site, err := app.site(s)
	if err != nil {
		return err
	}
	found, err := app.read(ctx, s, o.home, o.quiet)
	if err != nil {
		return err
	}
	state := s.Synced(site)
	acc, err := app.account(s)
	if d := acc.device.ID; err == nil && d != 0 && d != state.Device {
		state = config.Synced{Device: d, Pending: state.Pending}
	}
	up := app.newUpload(app.rows(s, found), state, false, app.sketching(s, acc, o.home, found))
	size := 0
	for _, request := range up.requests {
		body := payload.Encode(request)
		size += len(body)
		if _, err := app.Out.Write(body); err != nil {
			return err
		}
	}
	state.Pending = &up.pending
	_ = s.SaveSynced(site, state) // a dry run is worth its answer even where nothing can be written
	if !o.quiet {
		fmt.Fprintf(app.Err, "would send %s to %s%s\nnothing was sent\n", render.Count(int64(size), "byte"), site, wire.PathUsage)
	}
	return app.warn(s, found.Warnings, viewOptions{quiet: o.quiet})
}
