package postgres_test

import (
	"testing"

	"tokenflex.ing/internal/server/store/storetest"
)

func BenchmarkBoards(b *testing.B) {
	storetest.BenchmarkBoards(b, cluster.Serve(b, cluster.Database(b), noon))
}
