package auth

import (
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestSealsAreReadWhereTheyAreMeant(t *testing.T) {
	key, other := []byte(strings.Repeat("k", 32)), []byte(strings.Repeat("o", 32))
	text, err := Seal(key, "flow", Flow{State: "s3cret", Next: "/device"}, noon.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	var f Flow
	if err := Open(key, "flow", text, noon, &f); err != nil || f.State != "s3cret" || f.Next != "/device" {
		t.Errorf("%+v, %v", f, err)
	}
	again, err := Seal(key, "flow", f, noon.Add(time.Minute))
	if err != nil || again == text || strings.Contains(text, "s3cret") {
		t.Error("the seal shows what is in it")
	}
	for name, err := range map[string]error{
		"another key":     Open(other, "flow", text, noon, &f),
		"another purpose": Open(key, "arrival", text, noon, &f),
		"too late":        Open(key, "flow", text, noon.Add(time.Minute), &f),
		"cut":             Open(key, "flow", text[:len(text)-4], noon, &f),
		"nothing":         Open(key, "flow", "", noon, &f),
		"no text":         Open(key, "flow", "!", noon, &f),
	} {
		if err == nil {
			t.Errorf("%s: it opens", name)
		}
	}
}

// Nothing opens that was not sealed by the key: what the fuzzer starts from is sealed by another. Each of its processes seals
// differently, so none can know what another sealed.
func FuzzOpen(f *testing.F) {
	key, other := []byte(strings.Repeat("k", 32)), []byte(strings.Repeat("o", 32))
	text, err := Seal(other, "x", 1, noon)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		var v int
		if Open(key, "x", text, noon.Add(-time.Minute), &v) == nil {
			t.Errorf("%q opens", text)
		}
	})
}

func FuzzSuggestHandle(f *testing.F) {
	f.Add("Mira.K@corp.example")
	f.Add(strings.Repeat("a.", 40))
	f.Fuzz(func(t *testing.T, name string) {
		if s := SuggestHandle(name); s != "" && !store.ValidHandle(s) {
			t.Errorf("%q suggests %q", name, s)
		}
	})
}

func TestHandlesAreSuggested(t *testing.T) {
	for name, want := range map[string]string{
		"mira": "mira", "Mira.K@corp.example": "mira-k", "  --Ada  Lovelock!! ": "ada-lovelock", "@x": "", "": "", "日本": "", "é2": "2",
		strings.Repeat("a", 38) + ".b": strings.Repeat("a", 38),
	} {
		if got := SuggestHandle(name); got != want {
			t.Errorf("%q suggests %q, want %q", name, got, want)
		}
	}
}
