package browsertest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Tab is one tab with its own cookies. It remembers everything that a page may not do.
type Tab struct {
	t      testing.TB
	ctx    context.Context
	axe    string
	origin string

	mu     sync.Mutex
	faults []string
}

// Open opens a tab for the pages of one origin. Without script the pages run no JavaScript of their own.
func (b *Browser) Open(t testing.TB, origin string, script bool) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	tab := &Tab{t: t, ctx: ctx, axe: b.axe, origin: origin}
	if err := chromedp.Listen(ctx, tab.listen); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	call(tab, network.Enable, network.EnableParams{})
	call(tab, log.Enable, cdp.Empty{})
	call(tab, runtime.Enable, cdp.Empty{})
	call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !script})
	return tab
}

// call sends one command of the protocol.
func call[P, R any](tab *Tab, command cdp.Command[P, R], params P) R {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	if err != nil {
		tab.t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

// run does one action.
func run[T any](tab *Tab, what string, action chromedp.Action[T]) T {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	result, err := chromedp.Run(ctx, action)
	if err != nil {
		tab.t.Fatalf("%s: %v", what, err)
	}
	return result
}

// listen notes console messages, exceptions, log entries and requests to other origins.
func (tab *Tab) listen(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		var words []string
		for _, a := range e.Args {
			words = append(words, string(a.Value))
		}
		tab.note("console %s: %s", e.Type, strings.Join(words, " "))
	case *runtime.EventExceptionThrown:
		tab.note("exception: %s", e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		tab.note("log %s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
	case *network.EventRequestWillBeSent:
		url := e.Request.URL
		if !strings.HasPrefix(url, tab.origin+"/") && !strings.HasPrefix(url, "data:") && url != "about:blank" {
			tab.note("request to another origin: %s", url)
		}
	}
}

func (tab *Tab) note(format string, args ...any) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.faults = append(tab.faults, fmt.Sprintf(format, args...))
}

// Faults returns what was noted since the last call, except for entries that contain one of the allowed words, such as
// the log entry of a 404 that the test asked for.
func (tab *Tab) Faults(allowed ...string) []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	f := tab.faults
	tab.faults = nil
	return slices.DeleteFunc(f, func(fault string) bool {
		return slices.ContainsFunc(allowed, func(word string) bool { return strings.Contains(fault, word) })
	})
}

// Go loads an address of the origin.
func (tab *Tab) Go(path string) {
	tab.t.Helper()
	run(tab, "go to "+path, chromedp.Navigate(tab.origin+path))
}

// Press clicks what the CSS selector finds and waits for the page that it leads to.
func (tab *Tab) Press(selector string) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		tab.t.Fatalf("press %s: %v", selector, err)
	}
}

// Tick clicks what the CSS selector finds and stays on the page.
func (tab *Tab) Tick(selector string) {
	tab.t.Helper()
	run(tab, "tick "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Authenticator plugs in something that makes and uses passkeys and asks nobody, and returns how to say whether it knows
// its owner's finger.
func (tab *Tab) Authenticator() (knows func(bool)) {
	tab.t.Helper()
	call(tab, webauthn.Enable, webauthn.EnableParams{})
	id := call(tab, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true,
		HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}}).AuthenticatorID
	return func(knows bool) {
		call(tab, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: id, IsUserVerified: knows})
	}
}

// Script runs JavaScript in the page and returns what it leads to.
func (tab *Tab) Script(code string) string {
	tab.t.Helper()
	return run(tab, "script", chromedp.Evaluate[string](code, chromedp.EvalAwaitPromise))
}

// Type writes into the field that the CSS selector finds, in place of what it holds.
func (tab *Tab) Type(selector, words string) {
	tab.t.Helper()
	run(tab, "clear "+selector, chromedp.Evaluate[string](fmt.Sprintf(`document.querySelector(%q).value = ""`, selector)))
	run(tab, "type into "+selector, chromedp.SendKeys(chromedp.CSS(selector), words))
}

// Text returns the visible text of what the CSS selector finds.
func (tab *Tab) Text(selector string) string {
	tab.t.Helper()
	return run(tab, "text of "+selector, chromedp.Text(chromedp.CSS(selector)))
}

// Path returns the address of the page without its origin.
func (tab *Tab) Path() string {
	tab.t.Helper()
	return strings.TrimPrefix(run(tab, "address", chromedp.Location()), tab.origin)
}

// Look sets the width of the window in CSS pixels and the colours of the reader's system: light or dark.
func (tab *Tab) Look(width int, theme string) {
	tab.t.Helper()
	call(tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: int64(width), Height: windowHeight, DeviceScaleFactor: 1})
	tab.Media("screen", "prefers-color-scheme", theme)
}

// Media sets what the page is shown on, screen or print, and features of it: pairs of a name and its value.
func (tab *Tab) Media(media string, features ...string) {
	tab.t.Helper()
	all := []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}
	for pair := range slices.Chunk(features, 2) {
		all = append(all, &emulation.MediaFeature{Name: pair[0], Value: pair[1]})
	}
	call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media, Features: all})
}

// TooWide returns by how many pixels the page is wider than its window and what sticks out; "" if nothing does.
func (tab *Tab) TooWide() string {
	tab.t.Helper()
	const check = `(() => {
		const root = document.documentElement, room = root.clientWidth, extra = root.scrollWidth - room;
		if (extra <= 0) return "";
		const out = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > room + 1 && !e.closest(".scroll, .term"));
		return extra + " px: " + out.slice(0, 6).map(e => e.tagName.toLowerCase() + (e.getAttribute("class") ? "." + e.getAttribute("class") : "")).join(", ");
	})()`
	return run(tab, "width", chromedp.Evaluate[string](check))
}

// Violations runs axe-core, in a tab with script: WCAG 2.0 to 2.2, A and AA, and its best practices. Each answer names a rule and the places.
func (tab *Tab) Violations() []string {
	tab.t.Helper()
	if !run(tab, "look for axe", chromedp.Evaluate[bool](`typeof axe !== "undefined"`)) {
		run(tab, "load axe", chromedp.Evaluate[bool](tab.axe+";true"))
	}
	const check = `axe.run(document, {preload: false, resultTypes: ["violations"], runOnly: {type: "tag",
		values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]}})
		.then(r => r.violations.map(v => v.id + ": " + v.nodes.slice(0, 4).map(n => n.target.join(" ") + " " + n.failureSummary).join(" | ")))`
	return run(tab, "axe", chromedp.Evaluate[[]string](check, chromedp.EvalAwaitPromise))
}

// Picture returns the whole page as PNG, in a window as high as the page: what sticks to the window's edge is at its end.
func (tab *Tab) Picture(width int) []byte {
	tab.t.Helper()
	size := func(height int) {
		call(tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: int64(width), Height: int64(height), DeviceScaleFactor: 1})
	}
	size(run(tab, "height", chromedp.Evaluate[int](`document.documentElement.scrollHeight`)))
	png := call(tab, page.CaptureScreenshot, page.CaptureScreenshotParams{}).Data
	size(windowHeight)
	return png
}

// windowHeight is that of all windows, in CSS pixels.
const windowHeight = 900
