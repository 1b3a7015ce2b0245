package render

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGridsAreWrittenAsPackageCSVWritesThem(t *testing.T) {
	texts := []string{"", "plain", "two words", " before", "behind ", `quo"te`, "com,ma", `\.`, `back\slash`, "line\nfeed", "é", "\u00a0", "=1+1", "-x", "@x", "a\tb", "\x1b[31m", "\xff"}
	for _, n := range []int{0, 1, together, together + 1, 5*together + 3, 3000} {
		want, got := new(bytes.Buffer), new(bytes.Buffer)
		c := csv.NewWriter(want)
		_ = c.Write([]string{"text", "list", "int", "int64", "none"})
		rows := make([]object, n)
		for i := range rows {
			text := texts[i%len(texts)] + fmt.Sprint(i/len(texts))
			if i < len(texts) {
				text = texts[i]
			}
			rows[i] = object{{"text", text}, {"list", []string{text, "x"}}, {"int", i - 3}, {"int64", int64(i) << 40}, {"none", nil}}
			_ = c.Write([]string{harmless(clean(text)), harmless(clean(text + ";x")), fmt.Sprint(i - 3), fmt.Sprint(int64(i) << 40), ""})
		}
		c.Flush()
		if err := writeCSV(got, grid{[]string{"text", "list", "int", "int64", "none"}, streamOf(rows)}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), got.String()); diff != "" {
			t.Errorf("%d rows: %s", n, diff)
		}
	}
}

// full is a writer that takes so many bytes.
type full int

func (f *full) Write(b []byte) (int, error) {
	if n := min(int(*f), len(b)); n < len(b) {
		*f = 0
		return n, errors.New("full")
	}
	*f -= full(len(b))
	return len(b), nil
}

func TestAGridThatCannotBeWrittenIsAFault(t *testing.T) {
	rows := make([]object, 5000)
	for i := range rows {
		rows[i] = object{{"name", fmt.Sprint("a name that takes some room ", i)}}
	}
	for _, room := range []full{0, 100, atOnce + 1, 3 * atOnce} {
		if err := writeCSV(&room, grid{[]string{"name"}, streamOf(rows)}); err == nil {
			t.Error("nothing is said of a full disk")
		}
	}
}
