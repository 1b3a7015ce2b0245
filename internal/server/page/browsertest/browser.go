// Package browsertest drives one headless Chromium for the tests of the site's pages. Only tests import it.
//
// Without Chromium or axe-core its tests skip with a loud message; with TOKENFLEX_REQUIRE_BROWSER=1 they fail instead.
// scripts/test-setup.sh fetches both.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Browser is one running Chromium with a profile of its own.
type Browser struct {
	ctx context.Context
	axe string // source of axe-core
}

// Start runs a browser until the test ends.
func Start(t testing.TB) *Browser {
	t.Helper()
	exe, axe := need(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(exe), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, quit := chromedp.NewContext(alloc)
	t.Cleanup(quit)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", exe, err)
	}
	return &Browser{ctx: ctx, axe: axe}
}

// need returns the path of Chromium and the source of axe-core, or ends the test.
func need(t testing.TB) (exe, axe string) {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			exe = path
			break
		}
	}
	if found, _ := filepath.Glob(filepath.Join(root(t), ".cache", "axe-core-*", "axe.min.js")); len(found) > 0 {
		source, err := os.ReadFile(found[len(found)-1])
		if err != nil {
			t.Fatal(err)
		}
		axe = string(source)
	}
	if exe != "" && axe != "" {
		return exe, axe
	}
	const message = "THE PAGES ARE NOT TESTED IN A BROWSER: Chromium or axe-core is missing. run: sh scripts/test-setup.sh"
	if os.Getenv("TOKENFLEX_REQUIRE_BROWSER") == "1" {
		t.Fatal(message)
	}
	t.Skip(message)
	return "", ""
}

// root returns the folder of the module.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test's folder")
		}
		dir = up
	}
}

// patience is how long one step of a tab may take before its test fails.
const patience = 30 * time.Second
