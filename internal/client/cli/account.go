package cli

import (
	"context"

	"tokenflex.ing/internal/client/config"
	"tokenflex.ing/internal/client/remote"
)

// account is this machine's place on the site: whose device it is, and a client that speaks for it.
type account struct {
	site   config.Site
	device config.Device
	remote *remote.Client
	env    bool // the token came from TOKENFLEX_TOKEN, so nothing of it is stored
}

// account returns the account this machine is signed in to, or the failure that says it is not.
func (a *App) account(s settings) (account, error) {
	site, err := a.site(s)
	if err != nil {
		return account{}, err
	}
	if token := a.Getenv("TOKENFLEX_TOKEN"); token != "" {
		return account{site, config.Device{Token: token}, a.remote(site, token), true}, nil
	}
	d, ok, err := s.Device(site)
	if err != nil {
		return account{}, err
	}
	if !ok {
		return account{}, &failure{exitNotSignedIn, []string{"not signed in to " + site.String(), "run: tokenflexing login"}}
	}
	return account{site, d, a.remote(site, d.Token), false}, nil
}

// unkeyed reports whether a key to make sketches with could be kept, and none is. What comes with the environment has none: a dry run
// could not show what is made with it.
func (acc *account) unkeyed() bool { return !acc.env && acc.device.SketchKey == "" }

// learn keeps the key that the next sync makes sketches with: what this one sends may have been shown already.
func (acc *account) learn(s settings, key string) error {
	if acc.env || key == acc.device.SketchKey {
		return nil
	}
	acc.device.SketchKey = key
	return s.SaveDevice(acc.site, acc.device)
}

// signedIn is the account this machine is signed in to, with the client's own settings.
func (a *App) signedIn() (settings, account, error) {
	s, err := a.settings()
	if err != nil {
		return s, account{}, err
	}
	acc, err := a.account(s)
	return s, acc, err
}

// identify asks the site for what a token from the environment does not say: whose it is.
func (acc *account) identify(ctx context.Context) error {
	if acc.device.Handle != "" {
		return nil
	}
	me, err := acc.remote.Me(ctx)
	if err != nil {
		return err
	}
	acc.device.Handle, acc.device.ID, acc.device.Name = me.Handle, me.Device.ID, me.Device.Name
	return nil
}
