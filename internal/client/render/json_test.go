package render

import (
	"testing"

	"pgregory.net/rapid"
)

func TestValuesAreWrittenAsTheEncoderWould(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.SampledFrom(names), rapid.String())
		for _, v := range []any{nil, rapid.Int().Draw(t, "int"), rapid.Int64().Draw(t, "int64"), text.Draw(t, "text"), rapid.SliceOf(text).Draw(t, "texts"), []string(nil), true,
			object{}, object{{"a", text.Draw(t, "member")}, {"b", object{{"c", 1.5}}}}} {
			want, err := marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := appendValue([]byte("x"), v); err != nil || string(got) != "x"+string(want) {
				t.Errorf("%#v: %s, not %s, %v", v, got, want, err)
			}
		}
	})
}
