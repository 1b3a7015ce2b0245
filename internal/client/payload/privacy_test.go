package payload

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"tokenflex.ing/internal/wire"
)

// Whatever can leave is told: docs/privacy.md has a row for every field of the request.
func TestPrivacyPageNamesEveryField(t *testing.T) {
	page, err := os.ReadFile("../../../docs/privacy.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range fields(reflect.TypeFor[wire.Usage](), "") {
		if !strings.Contains(string(page), "| `"+name+"` |") {
			t.Errorf("docs/privacy.md has no row for %s", name)
		}
	}
}

// No field can hold money or free text: every one but the listed is a number.
func TestTextFieldsAreFew(t *testing.T) {
	text := map[string]bool{"sync_id": true, "mode": true, "client.name": true, "client.version": true, "client.os": true,
		"rows.day": true, "rows.source": true, "rows.model": true, "rows.tier": true,
		"sketches.day": true, "sketches.source": true, "sketches.marks": true}
	var check func(reflect.Type, string)
	check = func(s reflect.Type, prefix string) {
		for i := range s.NumField() {
			f := s.Field(i)
			name := prefix + strings.Split(f.Tag.Get("json"), ",")[0]
			switch {
			case f.Type.Kind() == reflect.Struct:
				check(f.Type, name+".")
			case f.Type.Kind() == reflect.Slice:
				check(f.Type.Elem(), name+".")
			case f.Type.Kind() == reflect.String && !text[name], f.Type.Kind() == reflect.Float64:
				t.Errorf("%s is a %s", name, f.Type)
			case strings.Contains(name, "cost") || strings.Contains(name, "usd"):
				t.Errorf("%s holds money", name)
			}
		}
	}
	check(reflect.TypeFor[wire.Usage](), "")
}

func fields(s reflect.Type, prefix string) []string {
	var names []string
	for i := range s.NumField() {
		f := s.Field(i)
		name := prefix + strings.Split(f.Tag.Get("json"), ",")[0]
		names = append(names, name)
		switch {
		case f.Type.Kind() == reflect.Struct:
			names = append(names, fields(f.Type, name+".")...)
		case f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct:
			names = append(names, fields(f.Type.Elem(), name+".")...)
		}
	}
	return names
}
