package server

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
)

// behindBy is a store whose boards have been behind since a time.
type behindBy struct {
	store.Store
	since time.Time
}

func (b behindBy) Behind(context.Context) (store.Behind, error) {
	return store.Behind{Since: b.since}, nil
}

func TestHowFarBoardsAreBehindIsShown(t *testing.T) {
	b := newBench(t)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for want, since := range map[string]time.Time{"0": {}, "90": now.Add(-90 * time.Second), "0 ": now.Add(time.Minute)} {
		w := httptest.NewRecorder()
		NewMetrics(behindBy{b.store, since}, func() time.Time { return now }).Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		if line := "\ntokenflexd_board_snapshot_age_seconds " + strings.TrimSpace(want) + "\n"; !strings.Contains(w.Body.String(), line) {
			t.Errorf("behind since %v: no %q", since, line)
		}
	}
}

// What has not happened is shown as 0.
func TestFiguresAreThereBeforeTheyCount(t *testing.T) {
	b := newBench(t)
	w := httptest.NewRecorder()
	b.s.Metrics.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, figure := range []string{`ingest_rows_total{result="written"}`, `ingest_rows_total{result="rejected"}`, `ratelimited_total{bucket="ingest-token"}`, `ratelimited_total{bucket="export"}`, `auth_failures_total{kind="token"}`} {
		if line := "\ntokenflexd_" + figure + " 0\n"; !strings.Contains(w.Body.String(), line) {
			t.Errorf("no %q", line)
		}
	}
}
