package pricing

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestABookFromOutsideIsAdmittedOrRefused(t *testing.T) {
	const present = `prices 1
date 2026-11-20
form acme/{model}
model a-1 acme other
also a-one a-uno
from 2025-03-01 checked 2026-11-18 the price page
rate 0 standard 3 0.3 3.75 6 15
from 2026-03-01 checked 2026-11-18 the price page
rate 0 standard 2 0.2 2.5 4 10
model free-1 acme other
from 2026-01-01 checked 2026-11-18 the price page
rate 0 standard 0 - - - 0
`
	const dear = "model b-9 acme other\n%s\nfrom 2026-01-01 checked 2026-11-18 the price page\nrate 0 standard 900 - - - 900\n"
	also := func(names string) string { return fmt.Sprintf(dear, names) }
	swap := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(present) }
	for _, c := range []struct{ name, book, want string }{
		{"the same", present, ""},
		{"a newer one", swap("date 2026-11-20", "date 2026-11-23"), ""},
		{"older", swap("date 2026-11-20", "date 2026-11-19"), "older"},
		{"of a day to come", swap("date 2026-11-20", "date 2026-12-20"), "to come"},
		{"a price ten times off", swap("standard 2 ", "standard 20 "), ""},
		{"a thousand times the price", swap("standard 2 0.2 2.5 4 10", "standard 2 0.2 2.5 4 1000"), "output price of a-1 on 2026-03-01"},
		{"a thousandth of it", swap("standard 2 ", "standard 0.002 "), "input price of a-1"},
		{"a cache read a thousand times off", swap("0.3 ", "300 "), "cache read price of a-1 on 2025-03-01"},
		{"what was never free", swap("standard 2 0.2 2.5 4 10", "standard 0 0 0 0 0"), "too far"},
		{"what was always free", swap("standard 0 - - - 0", "standard 1 - - - 2"), "free-1"},
		{"free from a later day", present + "from 2026-11-01 checked 2026-11-18 the price page\nrate 0 standard 1 - - - 2\n", ""},
		{"another day between, far off", swap("model free-1", "from 2026-06-01 checked 2026-11-18 x\nrate 0 standard 2000 1 1 1 1\nmodel free-1"), "error"},
		{"a later price far off", swap("model free-1", "from 2026-06-01 checked 2026-11-18 x\nrate 0 standard 900 0.2 2.5 4 10\nmodel free-1"), "input price of a-1 on 2026-06-01"},
		{"a new model, as dear as it may be", present + also(""), ""},
		{"another name of it, given to a dear model", swap("also a-one a-uno", "also a-one") + also("also a-uno"), "input price of a-uno"},
		{"a gateway's spelling of it, listed as a dear model", present + also("also acme/a-1"), "input price of acme/a-1"},
		{"another name of it, moving to a dear model", swap("also a-one a-uno", "also a-one\nmoved a-uno 2026-01-01 a-1\nmoved a-uno 2026-06-01 b-9") + also(""),
			"input price of a-uno on 2026-06-01"},
		{"half of it gone", present[:strings.Index(present, "model free-1")], "lacks 1 of 2 models"},
	} {
		old, err := Parse([]byte(present))
		if err != nil {
			t.Fatal(err)
		}
		next, err := Parse([]byte(c.book))
		if err != nil {
			if c.want != "error" {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		err = old.Admit(next, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if next.Text() != c.book {
			t.Errorf("%s: its text changed", c.name)
		}
	}
}
