package cli

import (
	"strings"
	"testing"
)

// The manual has every command that there is, and those below it.
func TestTheManualHasEveryCommand(t *testing.T) {
	var out, errs strings.Builder
	if code := Main([]string{"man"}, strings.NewReader(""), &out, &errs, func(string) string { return "" }); code != 0 || errs.Len() > 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	page := strings.ReplaceAll(out.String(), `\-`, "-")
	for _, name := range append((&App{}).commandNames(), "prices show", "prices override", "prices update") {
		if !strings.Contains(page, `.SS "tokenflexing `+name+" ") {
			t.Errorf("lacks %s", name)
		}
	}
	for _, flag := range []string{"--since DAY", "--dry-run", "--token-stdin"} {
		if !strings.Contains(page, `.B "`+flag+`"`) {
			t.Errorf("lacks %s", flag)
		}
	}
}
