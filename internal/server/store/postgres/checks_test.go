package postgres_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// What a row may be called is checked without patterns, which are slow, and is what these patterns say.
func TestNamesAreCheckedAsPatternsSay(t *testing.T) {
	conn, err := pgx.Connect(t.Context(), cluster.DSN("postgres", cluster.Database(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for column, pattern := range map[string]string{
		"day":    `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`,
		"source": `^[a-z0-9][a-z0-9-]{0,31}$`,
		"model":  `^[a-z0-9][a-z0-9._:/@+-]{0,95}$`,
	} {
		var check string
		if err := conn.QueryRow(t.Context(), `SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint
			WHERE conrelid = 'tf.usage_day'::regclass AND convalidated AND conname = $1`, "usage_day_"+column+"_check").Scan(&check); err != nil {
			t.Fatalf("%s: %v", column, err)
		}
		var allowed, other int
		var differ []string
		if err := conn.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE ok), count(*) FILTER (WHERE NOT ok), coalesce(array_agg(`+column+`) FILTER (WHERE ok <> matches), '{}')
			FROM (SELECT x AS `+column+`, x ~ $2 AS matches, `+strings.ReplaceAll(check, column, "x")+` AS ok FROM unnest($1::text[] COLLATE "C") x) y`, names(column), pattern).
			Scan(&allowed, &other, &differ); err != nil {
			t.Fatalf("%s: %v", column, err)
		}
		if len(differ) > 0 || allowed < 100 || other < 100 {
			t.Errorf("%s: %d allowed, %d not, and other than the pattern says: %q", column, allowed, other, differ)
		}
	}
}

// names are what a column may hold and what it may not, many of them one character away from the other kind.
func names(column string) []string {
	all := []string{"", " ", "\n", "-", strings.Repeat("a", 32), strings.Repeat("a", 33), strings.Repeat("a", 96), strings.Repeat("a", 97), "ａ", "é", strings.Repeat("é", 32)}
	random := rand.New(rand.NewPCG(1, 2))
	characters := []rune("0123456789-abcxyz._:/@+ABZ \n\t'\"\\`{[,;%é٣ａ")
	for _, c := range characters {
		all = append(all, string(c), string(c)+"a", "a"+string(c))
	}
	for range 5000 {
		name := []rune("2026-11-26")
		if column != "day" {
			name = name[:0]
			for range 1 + random.IntN(12) {
				name = append(name, characters[random.IntN(24)])
			}
		} else {
			for _, i := range []int{0, 1, 2, 3, 5, 6, 8, 9} {
				name[i] = '0' + rune(random.IntN(10))
			}
		}
		at := random.IntN(len(name))
		switch c := characters[random.IntN(len(characters))]; random.IntN(4) {
		case 0:
			name[at] = c
		case 1:
			name = append(name[:at], name[at+1:]...)
		case 2:
			name = append(name, c)
		}
		all = append(all, string(name))
	}
	return all
}
