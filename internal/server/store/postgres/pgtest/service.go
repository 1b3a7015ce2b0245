package pgtest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/postgres"
)

// Service is a store as people meet it: the server's role, beside which the host runs its commands as the owner.
type Service struct {
	*postgres.Store
	Host *postgres.Store
}

// Serve opens a database as the server does, and beside it as the host does, until the test ends.
func (c *Cluster) Serve(t testing.TB, name string, now func() time.Time) Service {
	t.Helper()
	app, err := postgres.Open(t.Context(), c.DSN(postgres.App, name), now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { app.Close() })
	host, err := postgres.OpenHost(t.Context(), c.DSN(postgres.Owner, name), now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { host.Close() })
	return Service{app, host}
}

// AddUser is the host's.
func (s Service) AddUser(ctx context.Context, handle string, at time.Time) (store.User, error) {
	return s.Host.AddUser(ctx, handle, at)
}

// UserByHandle is the host's.
func (s Service) UserByHandle(ctx context.Context, handle string) (store.User, error) {
	return s.Host.UserByHandle(ctx, handle)
}

// Users is the host's.
func (s Service) Users(ctx context.Context) ([]store.User, error) { return s.Host.Users(ctx) }

// SetSite is the host's.
func (s Service) SetSite(ctx context.Context, site string) error { return s.Host.SetSite(ctx, site) }

// AddInvite is the host's.
func (s Service) AddInvite(ctx context.Context, user int64, secret store.Hash, at, expires time.Time) error {
	return s.Host.AddInvite(ctx, user, secret, at, expires)
}

// AddToken is the host's.
func (s Service) AddToken(ctx context.Context, user int64, device string, n store.NewToken) (store.Token, error) {
	return s.Host.AddToken(ctx, user, device, n)
}

// ReleaseHold is the host's.
func (s Service) ReleaseHold(ctx context.Context, user int64, day, source string, at time.Time) error {
	return s.Host.ReleaseHold(ctx, user, day, source, at)
}

// Suspend is the host's.
func (s Service) Suspend(ctx context.Context, user int64, stop bool, at time.Time) error {
	return s.Host.Suspend(ctx, user, stop, at)
}

// HoldCell is the host's.
func (s Service) HoldCell(ctx context.Context, user int64, day, source string, at time.Time) error {
	return s.Host.HoldCell(ctx, user, day, source, at)
}

// Acts is the host's.
func (s Service) Acts(ctx context.Context, user int64, limit int) ([]store.Act, error) {
	return s.Host.Acts(ctx, user, limit)
}

// Export is the host's for whoever cannot prove who they are.
func (s Service) Export(ctx context.Context, who store.Actor, emit func(string, json.RawMessage) error) error {
	return s.as(who).Export(ctx, who, emit)
}

// SetVisibility is the host's for whoever cannot prove who they are.
func (s Service) SetVisibility(ctx context.Context, who store.Actor, v store.Visibility) error {
	return s.as(who).SetVisibility(ctx, who, v)
}

// SetName is the host's for whoever cannot prove who they are.
func (s Service) SetName(ctx context.Context, who store.Actor, name string) error {
	return s.as(who).SetName(ctx, who, name)
}

// SetHidden is the host's for whoever cannot prove who they are.
func (s Service) SetHidden(ctx context.Context, who store.Actor, h store.Hidden) error {
	return s.as(who).SetHidden(ctx, who, h)
}

// as is the store for somebody: the server's for whoever can prove who they are.
func (s Service) as(who store.Actor) *postgres.Store {
	if who.Key == (store.Hash{}) {
		return s.Host
	}
	return s.Store
}

// ReplayErasures is the host's.
func (s Service) ReplayErasures(ctx context.Context, journal []store.Erasure) (int, error) {
	return s.Host.ReplayErasures(ctx, journal)
}

// PutDays goes through the server's role for whoever can prove who they are.
func (s Service) PutDays(ctx context.Context, who store.Actor, up store.Upload) (store.Receipt, error) {
	return s.as(who).PutDays(ctx, who, up)
}
