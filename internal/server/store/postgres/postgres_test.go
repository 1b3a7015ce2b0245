package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/postgres"
	"tokenflex.ing/internal/server/store/postgres/pgtest"
	"tokenflex.ing/internal/server/store/storetest"
)

var cluster *pgtest.Cluster

func TestMain(m *testing.M) {
	var err error
	if cluster, err = pgtest.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := cluster.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

var background = context.Background()

func noon() time.Time { return storetest.Noon }

// service is a store as people meet it: the server's role, beside which the host runs its commands as the owner.
type service struct {
	*postgres.Store
	host *postgres.Store
}

func serve(t *testing.T, name string) service {
	t.Helper()
	app, err := postgres.Open(t.Context(), cluster.DSN(postgres.App, name), noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { app.Close() })
	host, err := postgres.OpenHost(t.Context(), cluster.DSN(postgres.Owner, name), noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { host.Close() })
	return service{app, host}
}

func (s service) AddUser(ctx context.Context, handle string, at time.Time) (store.User, error) {
	return s.host.AddUser(ctx, handle, at)
}

func (s service) UserByHandle(ctx context.Context, handle string) (store.User, error) {
	return s.host.UserByHandle(ctx, handle)
}

func (s service) Users(ctx context.Context) ([]store.User, error) { return s.host.Users(ctx) }

func (s service) SetSite(ctx context.Context, site string) error { return s.host.SetSite(ctx, site) }

func (s service) AddInvite(ctx context.Context, user int64, secret store.Hash, at, expires time.Time) error {
	return s.host.AddInvite(ctx, user, secret, at, expires)
}

func (s service) AddToken(ctx context.Context, user int64, device string, n store.NewToken) (store.Token, error) {
	return s.host.AddToken(ctx, user, device, n)
}

func (s service) ReleaseHold(ctx context.Context, user int64, day, source string, at time.Time) error {
	return s.host.ReleaseHold(ctx, user, day, source, at)
}

func (s service) Suspend(ctx context.Context, user int64, stop bool, at time.Time) error {
	return s.host.Suspend(ctx, user, stop, at)
}

func (s service) HoldCell(ctx context.Context, user int64, day, source string, at time.Time) error {
	return s.host.HoldCell(ctx, user, day, source, at)
}

func (s service) Acts(ctx context.Context, user int64, limit int) ([]store.Act, error) {
	return s.host.Acts(ctx, user, limit)
}

// Export is the host's for whoever cannot prove who they are.
func (s service) Export(ctx context.Context, who store.Actor, emit func(string, json.RawMessage) error) error {
	if who.Key == (store.Hash{}) {
		return s.host.Export(ctx, who, emit)
	}
	return s.Store.Export(ctx, who, emit)
}

func (s service) ReplayErasures(ctx context.Context, journal []store.Erasure) (int, error) {
	return s.host.ReplayErasures(ctx, journal)
}

// PutDays goes through the server's role for whoever can prove who they are.
func (s service) PutDays(ctx context.Context, who store.Actor, up store.Upload) (store.Receipt, error) {
	if who.Key == (store.Hash{}) {
		return s.host.PutDays(ctx, who, up)
	}
	return s.Store.PutDays(ctx, who, up)
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return serve(t, cluster.Database(t)) })
}
