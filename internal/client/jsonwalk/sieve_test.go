package jsonwalk

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

var testSieve = NewSieve("_tokens", "_meta", "_count")

func TestTheSieveLetsThroughEverySpelling(t *testing.T) {
	for _, s := range []string{
		`{"input_tokens":1}`, `{"a":"session_meta"}`, `{"token_count" : {}}`, `{"_tokens":1}`, `"_count"`, `{"x_y_tokens":1}`, `{"__tokens":1}`,
		`{"input\u005ftokens":1}`, `{"input\u005Ftokens":1}`, `{"input_\u0074okens":1}`, `{"input_token\u0073":1}`, `{"inp\u0075t_tokens":1}`, `{"5\u005fcoun\u0074":0}`,
	} {
		for _, n := range []int{0, 1, tail - 30, tail - 9, tail, tail + 1, 3 * tail} {
			long := fmt.Sprintf(`[%s,"%s"]`, s, strings.Repeat("x", n))
			if !testSieve.Passes([]byte(s)) || !testSieve.Passes([]byte(long)) {
				t.Errorf("held back %.200s", long)
			}
		}
	}
}

func TestTheSieveHoldsTextsBack(t *testing.T) {
	for _, s := range []string{
		``, `_`, `5`, `{"a":"the \"input_tokens\": 9"}`, `{"input_tokens_details":1}`, `{"a":"_tokens"`[:13], `{"tokens":1,"meta":2}`, `{"a":"\\u005"}`, `{"a":"my_test"}`,
		`{"a":"_token\"s"}`[:8], `{"a":"5f005f"}`, `{"_counts":1}`, `_count`,
	} {
		if testSieve.Passes([]byte(s)) {
			t.Errorf("let through %s", s)
		}
	}
}

// strings of a decoded value: keys and values.
func each(v any, yield func(string)) {
	switch v := v.(type) {
	case string:
		yield(v)
	case []any:
		for _, e := range v {
			each(e, yield)
		}
	case map[string]any:
		for k, e := range v {
			yield(k)
			each(e, yield)
		}
	}
}

// FuzzSieve: what is held back has no string that ends in a word, whether encoding/json reads it or the walker does.
func FuzzSieve(f *testing.F) {
	for _, s := range samples {
		f.Add([]byte(s))
	}
	f.Add([]byte(usageLine(10)))
	for _, s := range []string{`{"a_tokens":1}`, `{"a\u005ftokens":1}`, `{"a_t\u006fkens":1}`, `{"a":"\"_tokens\""}`, `"\\u005f_count"`, `{"a\_tokens":1}`, `"_to\kens"`, `"_tokens\"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if testSieve.Passes(b) {
			return
		}
		check := func(s string) {
			for _, word := range testSieve.words {
				if strings.HasSuffix(s, word) {
					t.Errorf("%q held back %q", b, s)
				}
			}
		}
		var v any
		if json.Unmarshal(b, &v) == nil {
			each(v, check)
		}
		each(tree(New(b)), check)
	})
}

func BenchmarkSieve(b *testing.B) {
	for _, words := range []int{60, 6000} {
		b.Run(fmt.Sprint(words, " words"), func(b *testing.B) {
			line := []byte(strings.ReplaceAll(usageLine(words), "_tokens", "_things"))
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				if testSieve.Passes(line) {
					b.Fatal("let through")
				}
			}
		})
	}
}
