package postgres_test

import (
	"context"
	"encoding/json"
	"errors"
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

func serve(t *testing.T, name string) pgtest.Service {
	t.Helper()
	return cluster.Serve(t, name, noon)
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return serve(t, cluster.Database(t)) })
}

// A request that has used its patience up is told that the store is busy, and does not wait once more for each question.
func TestAFullPoolIsBusy(t *testing.T) {
	name := cluster.Database(t)
	host := serve(t, name)
	app, err := postgres.Open(t.Context(), cluster.DSN(postgres.App, name)+"&pool_max_conns=1", noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { app.Close() })
	u, err := host.AddUser(t.Context(), "mira", noon())
	if err != nil {
		t.Fatal(err)
	}
	secret := store.HashOf("mira")
	if _, err := host.Host.AddToken(t.Context(), u.ID, "laptop", store.NewToken{Secret: secret, ID: "00000000-0000-0000-0000-000000000000", Hint: "abcd", Scope: "usage:write", At: noon()}); err != nil {
		t.Fatal(err)
	}
	asked := 0
	err = app.Export(t.Context(), store.Actor{User: u.ID, Key: secret}, func(string, json.RawMessage) error { // which keeps the only connection
		short := store.WithPatience(t.Context(), time.Millisecond)
		for range 2 {
			asked++
			if _, err := app.Behind(short); !errors.Is(err, store.ErrBusy) {
				t.Errorf("error %v", err)
			}
		}
		if left := store.Patience(short, time.Minute); left >= time.Second {
			t.Errorf("%v of patience are left", left)
		}
		return nil
	})
	if err != nil || asked == 0 {
		t.Errorf("asked %d times: %v", asked, err)
	}
}
