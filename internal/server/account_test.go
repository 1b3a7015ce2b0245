package server

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/storetest"
	"tokenflex.ing/internal/wire"
)

func TestExport(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Private)
	if err := b.store.SetName(t.Context(), store.Actor{User: mira.ID}, "=cmd()"); err != nil {
		t.Fatal(err)
	}
	token := b.token(mira, "studio")
	b.put(token, row("2026-11-20", "codex", 7, 1), row("2026-11-21", "codex", 8, 1))
	b.put(b.token(b.account("adam", store.Public), "adams"), row("2026-11-20", "codex", 9, 1))
	cookie := b.signIn(mira)
	b.want(http.StatusForbidden, b.ask("GET", wire.PathExport, token, "")) // a device's token does not reach that far
	b.want(http.StatusBadRequest, b.ask("GET", wire.PathExport+"?format=xml", cookie, ""))
	var doc struct {
		Format int
		Handle string
		Tables map[string][]map[string]any
	}
	w := b.want(http.StatusOK, b.ask("GET", wire.PathExport, cookie, ""))
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Handle != "mira" || len(doc.Tables["usage_day"]) != 2 || len(doc.Tables["devices"]) != 1 || len(doc.Tables["sessions"]) != 1 {
		t.Errorf("%s", w.Body)
	}
	if strings.Contains(w.Body.String(), "adam") {
		t.Error("somebody else is in the export")
	}
	w = b.want(http.StatusOK, b.ask("GET", "/settings/export?format=csv", cookie, ""))
	files, err := zip.NewReader(bytes.NewReader(w.Body.Bytes()), int64(w.Body.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"usage_day.csv": 3, "users.csv": 2} {
		f, err := files.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		if err != nil || len(rows) != want {
			t.Errorf("%s: %v %v", name, rows, err)
		}
		if name == "users.csv" && !strings.Contains(fmt.Sprint(rows), "'=cmd()") {
			t.Errorf("a name is a formula: %v", rows)
		}
	}
}

func TestTwoExportsADay(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Limits = DefaultLimits() })
	cookie := b.signIn(b.account("mira", store.Private))
	for range 2 {
		b.want(http.StatusOK, b.ask("GET", wire.PathExport, cookie, ""))
	}
	b.want(http.StatusTooManyRequests, b.ask("GET", wire.PathExport, cookie, ""))
	b.wait(13 * time.Hour)
	b.want(http.StatusOK, b.ask("GET", wire.PathExport, cookie, ""))
}

// After erasing, the database, down to the bytes of its file and of the log beside it, and its journal hold nothing that names the
// account. Fails without secure_delete, where the log is not emptied, and where a table keeps a row.
func TestErasedIsGone(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "erasures")
	b := newBench(t, func(o *Options) { o.Journal = journal })
	const canary = "canary-handle"
	mira := b.account(canary, store.Public)
	token := b.token(mira, "canary-device")
	b.sketch(token, row("2026-11-20", "canary-source", 7, 1), "what was told")
	sketch := storetest.SketchOf("what was told")
	sketched := func() bool {
		return strings.Contains(b.raw(), string(sketch)) || strings.Contains(b.raw(), hex.EncodeToString(sketch))
	}
	cookie := b.signIn(mira)
	b.want(http.StatusSeeOther, b.ask("POST", "/settings/name", cookie, form("name", "Canary Name")))
	if kept := b.raw(); !strings.Contains(kept, canary) || !strings.Contains(kept, "Canary Name") || !strings.Contains(kept, "canary-source") || !sketched() {
		t.Fatal("what is looked for is not there before either")
	}
	b.want(http.StatusForbidden, b.ask("DELETE", wire.PathMe, token, `{"confirm":"`+canary+`"}`, "Content-Type", "application/json"))
	b.want(http.StatusBadRequest, b.ask("DELETE", wire.PathMe, cookie, `{"confirm":"mira"}`, "Content-Type", "application/json"))
	if to := b.ask("POST", "/settings/erase", cookie, form("confirm", "mira")).Header().Get("Location"); to != "/settings?wrong=confirm#data" {
		t.Errorf("a wrong handle leads to %s", to)
	}
	b.wait(11 * time.Minute)
	if to := b.ask("POST", "/settings/erase", cookie, form("confirm", canary)).Header().Get("Location"); !strings.HasPrefix(to, "/signin") {
		t.Errorf("without signing in again it leads to %s", to)
	}
	cookie = b.signIn(mira)
	b.want(http.StatusOK, b.ask("POST", "/settings/erase", cookie, form("confirm", canary)))
	if i := strings.Index(strings.ToLower(b.raw()), "canary"); i >= 0 {
		t.Errorf("the database still holds %q", b.raw()[max(0, i-40):i+40])
	}
	if sketched() {
		t.Error("the database still holds a sketch")
	}
	b.want(http.StatusUnauthorized, b.ask("GET", wire.PathMe, token, ""))
	b.want(http.StatusSeeOther, b.ask("GET", "/settings", cookie, ""))
	b.want(http.StatusNotFound, b.ask("GET", "/u/"+canary, "", ""))
	if text := b.ask("GET", wire.PathLeaderboard+"?period=all", "", "").Body.String(); strings.Contains(text, canary) {
		t.Errorf("board: %s", text)
	}
	entries, err := ReadJournal(journal)
	if err != nil || len(entries) != 1 {
		t.Fatalf("journal: %v %v", entries, err)
	}
	b.s.KeepHouse(t.Context())
	if again, err := os.ReadFile(journal); err != nil || strings.Count(string(again), "\n") != 1 || strings.Contains(string(again), canary) {
		t.Errorf("journal: %s %v", again, err)
	}
	err = b.store.Export(t.Context(), store.Actor{User: mira.ID}, func(table string, row json.RawMessage) error {
		t.Errorf("%s still has %s", table, row)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := b.store.AddUser(t.Context(), canary, b.now()); err == nil {
		t.Error("the handle is free at once")
	}
}
