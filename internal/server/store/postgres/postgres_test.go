package postgres_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
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
