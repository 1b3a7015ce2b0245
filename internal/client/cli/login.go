package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/config"
	"tokenflex.ing/internal/client/remote"
	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/version"
	"tokenflex.ing/internal/wire"
)

type loginOptions struct {
	tokenStdin bool
	device     string
}

func newLoginCommand(app *App) *cobra.Command {
	var o loginOptions
	c := &cobra.Command{
		Use:   "login",
		Short: "Sign this machine in, through the browser.",
		Long:  "A token is minted when you approve, kept for you alone, and sent to no other site.",
		Example: "tokenflexing login\n" +
			"tokenflexing login --token-stdin < token.txt",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runLogin(c.Context(), app, o) },
	}
	c.Flags().BoolVar(&o.tokenStdin, "token-stdin", false, "take a token from standard input, where there is no browser")
	c.Flags().StringVar(&o.device, "device", "", "what to call this machine; never its host name by itself")
	return c
}

func runLogin(ctx context.Context, app *App, o loginOptions) error {
	s, err := app.settings()
	if err != nil {
		return err
	}
	site, err := app.site(s)
	if err != nil {
		return err
	}
	if app.Getenv("TOKENFLEX_TOKEN") != "" {
		return failureError("TOKENFLEX_TOKEN is set and would win over this sign-in", "unset it first")
	}
	var d config.Device
	if o.tokenStdin {
		d, err = app.loginByToken(ctx, s, site)
	} else {
		d, err = app.loginByBrowser(ctx, s, site, o.device)
	}
	if err != nil {
		return err
	}
	style := app.plainStyle(s)
	return errors.Join(
		render.Done(app.Out, style, "signed in", fmt.Sprintf("as @%s on %s; this device is %q", d.Handle, site.Name(), d.Name)),
		render.Done(app.Out, style, "token kept", fmt.Sprintf("in %s, for you alone", app.tilde(s.TokenFile()))),
		render.Suggest(app.Out, style, "tokenflexing sync", ""))
}

// loginByToken keeps a token that was minted elsewhere, once the site knows it.
func (a *App) loginByToken(ctx context.Context, s settings, site config.Site) (config.Device, error) {
	line, err := bufio.NewReader(a.In).ReadString('\n')
	token := strings.TrimSpace(line)
	if token == "" {
		if err == nil || line == "" {
			err = errors.New("standard input is empty")
		}
		return config.Device{}, usageError("no token to sign in with: "+err.Error(), "run: tokenflexing login --token-stdin < token.txt")
	}
	if !strings.HasPrefix(token, "tf_live_") {
		return config.Device{}, usageError("what was given is not a token: it does not start with tf_live_")
	}
	me, err := a.remote(site, token).Me(ctx)
	if errors.Is(err, remote.ErrUnauthorized) {
		return config.Device{}, &failure{exitNotSignedIn, []string{site.Name() + " does not know this token", "run: tokenflexing login"}}
	}
	if err != nil {
		return config.Device{}, err
	}
	return a.keep(s, site, wire.DeviceToken{AccessToken: token, Handle: me.Handle, Device: me.Device.Name, DeviceID: me.Device.ID}, me.SketchKey)
}

// loginByBrowser runs the device flow (RFC 8628).
func (a *App) loginByBrowser(ctx context.Context, s settings, site config.Site, device string) (config.Device, error) {
	// Whether the token can be kept is found out before the person is asked for anything.
	if _, _, err := s.Device(site); err != nil {
		return config.Device{}, err
	}
	c := a.remote(site, "")
	if device == "" {
		device = a.GOOS
	}
	code, err := c.Begin(ctx, device, version.String(), a.GOOS)
	if err != nil {
		return config.Device{}, err
	}
	if !sameSite(site, code.VerificationURI) {
		return config.Device{}, failureError(site.Name()+" sends you to another site to sign in: not followed", "it said "+code.VerificationURI)
	}
	if err := render.SignIn(a.Out, a.plainStyle(s), site.Name(), code.VerificationURI, code.UserCode, device); err != nil {
		return config.Device{}, err
	}
	a.openBrowser(site, code)
	token, err := c.Await(ctx, code, a.countdown(code))
	switch {
	case errors.Is(err, remote.ErrDenied):
		return config.Device{}, failureError("the request was denied in the browser")
	case errors.Is(err, remote.ErrExpired):
		return config.Device{}, failureError(fmt.Sprintf("the code ran out after %d minutes", code.ExpiresIn/60), "run: tokenflexing login")
	case err != nil:
		return config.Device{}, err
	}
	me, err := a.remote(site, token.AccessToken).Me(ctx)
	if err != nil {
		me.SketchKey = "" // the next sync asks again
	}
	return a.keep(s, site, token, me.SketchKey)
}

// keep stores what was minted. The device's old confirmations go: they were another's, or will be made again.
func (a *App) keep(s settings, site config.Site, t wire.DeviceToken, key string) (config.Device, error) {
	d := config.Device{Token: t.AccessToken, Handle: t.Handle, Name: t.Device, ID: t.DeviceID, SignedIn: a.Now().UTC().Format(time.DateOnly), SketchKey: key}
	return d, s.SaveDevice(site, d)
}

// countdown waits between polls, and shows what is left of the code's life: one line that is written anew each second on
// a terminal, and written once elsewhere.
func (a *App) countdown(code wire.DeviceCode) func(context.Context, time.Duration) error {
	end := a.Now().Add(time.Duration(code.ExpiresIn) * time.Second)
	live := a.errTerminal()
	if !live {
		fmt.Fprintf(a.Err, "waiting for your approval, %d minutes left\n", code.ExpiresIn/60)
	}
	return func(ctx context.Context, d time.Duration) error {
		poll := time.NewTimer(d)
		defer poll.Stop()
		second := time.NewTicker(time.Second)
		defer second.Stop()
		for {
			left := end.Sub(a.Now())
			if left <= 0 {
				a.clearLine(live)
				return remote.ErrExpired
			}
			if live {
				fmt.Fprintf(a.Err, "\r\x1b[Kwaiting for your approval, %d:%02d left, Ctrl-C cancels", int(left.Minutes()), int(left.Seconds())%60)
			}
			select {
			case <-ctx.Done():
				a.clearLine(live)
				return ctx.Err()
			case <-poll.C:
				a.clearLine(live)
				return nil
			case <-second.C:
			}
		}
	}
}

func (a *App) clearLine(live bool) {
	if live {
		fmt.Fprint(a.Err, "\r\x1b[K")
	}
}
