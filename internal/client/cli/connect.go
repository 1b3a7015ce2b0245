package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/client/scan"
)

func newConnectCommand(app *App) *cobra.Command {
	var o loginOptions
	var home string
	c := &cobra.Command{
		Use:     "connect",
		Short:   "Sign in, read and sync, in one go.",
		Long:    "Who sees you is never changed by it: a new account is private until you say otherwise on the site.",
		Example: "tokenflexing connect",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runConnect(c.Context(), app, o, home) },
	}
	c.Flags().StringVar(&o.device, "device", "", "what to call this machine; never its host name by itself")
	c.Flags().StringVar(&home, "home", "", "read the data of that home")
	return c
}

func runConnect(ctx context.Context, app *App, o loginOptions, home string) error {
	s, err := app.settings()
	if err != nil {
		return err
	}
	acc, err := app.connected(ctx, s, o)
	if err != nil {
		return err
	}
	style := app.plainStyle(s)
	step := func(n int, word, text string) error {
		return render.Facts(app.Out, style, render.Fact{Label: fmt.Sprintf("%d of 3  %-8s", n, word), Text: text})
	}
	if err := step(1, "sign in", fmt.Sprintf("as @%s on %s, device %q", acc.device.Handle, acc.site.Name(), acc.device.Name)); err != nil {
		return err
	}
	start := app.Now()
	found, err := app.read(ctx, s, home, false)
	if err != nil {
		return err
	}
	rows := app.rows(s, found)
	text := fmt.Sprintf("%s, %s, %s in %.1f s; %s", render.Count(measured(found), "source"), render.Count(int64(found.Files), "file"),
		render.Bytes(found.Bytes), app.Now().Sub(start).Seconds(), amount(app.worth(s, found)))
	if err := step(2, "read", text); err != nil {
		return err
	}
	done, err := app.send(ctx, s, acc, rows, app.sketching(s, acc, home, found))
	if err != nil {
		return err
	}
	text = fmt.Sprintf("%s, %s sent; no prompt, path or project", render.Count(int64(dates(done.sent.rows)), "day"), render.Bytes(int64(done.bytes)))
	if len(done.sent.rows) == 0 {
		text = "nothing new to send"
	}
	if err := step(3, "sync", text); err != nil {
		return err
	}
	if facts := heldFacts(done.held); len(facts) > 0 {
		if err := render.Facts(app.Out, style, facts...); err != nil {
			return err
		}
	}
	if err := app.sayPage(ctx, style, acc); err != nil {
		return err
	}
	return app.warn(s, found.Warnings, viewOptions{})
}

// connected is the account, signed in to first if it has to be.
func (a *App) connected(ctx context.Context, s settings, o loginOptions) (account, error) {
	acc, err := a.account(s)
	var not *failure
	switch {
	case err == nil:
		err = acc.identify(ctx)
		return acc, err
	case !errors.As(err, &not) || not.code != exitNotSignedIn:
		return acc, err
	}
	site, err := a.site(s)
	if err != nil {
		return acc, err
	}
	if _, err := a.loginByBrowser(ctx, s, site, o.device); err != nil {
		return acc, err
	}
	return a.account(s)
}

// sayPage tells where the person's page is, and who sees it.
func (a *App) sayPage(ctx context.Context, style render.Style, acc account) error {
	me, err := acc.remote.Me(ctx)
	if err != nil {
		return err
	}
	who := map[string]string{"private": "private: only you", "aggregate": "only in sums: not shown", "public": "public: anyone can see it"}[me.Visibility]
	if _, err := fmt.Fprintln(a.Out); err != nil {
		return err
	}
	return render.Facts(a.Out, style, render.Fact{Label: "your page", Text: fmt.Sprintf("%s/u/%s (%s)", acc.site, me.Handle, who)})
}

func measured(found *scan.Result) int64 {
	var n int64
	for _, s := range found.Sources {
		if s.Status == scan.Measured {
			n++
		}
	}
	return n
}
