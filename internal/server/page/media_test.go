package page_test

import (
	"testing"

	"tokenflex.ing/internal/server/page/browsertest"
)

// On paper there is nothing to press, every table is unfolded and the bars keep their ink. A width of 690 px is that of A4
// within the margins.
func TestPagesOnPaper(t *testing.T) {
	server := serve(t)
	tab := browsertest.Start(t).Open(t, server.URL, true)
	for _, name := range []string{"board", "board-own-line", "profile", "prices-log"} {
		t.Run(name, func(t *testing.T) {
			tab.Look(690, "dark") // the reader's screen has no say
			tab.Go("/state/" + name)
			tab.Media("print", "prefers-color-scheme", "dark")
			for what, code := range map[string]string{
				"shown, although it does nothing on paper": `[...document.querySelectorAll(".head nav, .bar-c, .pin, .switch, .pages, .cmd button, .theme, .skip, button, summary")]
					.filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 80)).join("\n")`,
				"folded": `[...document.querySelectorAll("details > :not(summary)")].filter(e => !e.closest(".bar-c") && e.getBoundingClientRect().height === 0)
					.map(e => e.outerHTML.slice(0, 80)).join("\n")`,
				"printed without its ink": `[...document.querySelectorAll(".list tbody tr, .kb, .heat, .area")]
					.filter(e => getComputedStyle(e).printColorAdjust !== "exact").map(e => e.outerHTML.slice(0, 80)).join("\n")`,
				"not dark ink on white": `["color", "backgroundColor"].map(p => getComputedStyle(document.body)[p])
					.filter((c, i) => i === 0 ? Math.max(...c.match(/[\d.]+/g).slice(0, 3)) > 100 : c !== "rgba(0, 0, 0, 0)").join(" ")`,
				"wider than the sheet": `[...document.body.querySelectorAll("*")].filter(e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".vh"))
					.slice(0, 6).map(e => e.outerHTML.slice(0, 80)).join("\n")`,
			} {
				if found := tab.Script(code); found != "" {
					t.Errorf("%s:\n%s", what, found)
				}
			}
			keep(t, tab, name+"-print", 690)
		})
	}
}

// Where the system forces its own colours the charts keep the fills that tell their parts, and the current choice of a switch
// is outlined, since its ground is gone.
func TestPagesInForcedColours(t *testing.T) {
	server := serve(t)
	tab := browsertest.Start(t).Open(t, server.URL, true)
	for _, theme := range []string{"light", "dark"} {
		for _, name := range []string{"board", "profile", "settings", "device-compare"} {
			t.Run(name+"/"+theme, func(t *testing.T) {
				tab.Look(1440, theme)
				tab.Media("screen", "prefers-color-scheme", theme, "forced-colors", "active")
				tab.Go("/state/" + name)
				for what, code := range map[string]string{
					"forced to one colour": `[...document.querySelectorAll(".kb rect, .heat rect, .area path, .sw rect")]
						.filter(e => getComputedStyle(e).forcedColorAdjust !== "none").map(e => e.outerHTML.slice(0, 80)).join("\n")`,
					"not outlined": `[...document.querySelectorAll(".switch [aria-current], .switch [aria-pressed=true]")]
						.filter(e => getComputedStyle(e).outlineStyle !== "solid").map(e => e.outerHTML.slice(0, 80)).join("\n")`,
				} {
					if found := tab.Script(code); found != "" {
						t.Errorf("%s:\n%s", what, found)
					}
				}
				keep(t, tab, name+"-forced-"+theme, 1440)
			})
		}
	}
}
