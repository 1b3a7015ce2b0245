package render

import (
	"embed"
	"slices"
	"strings"
)

//go:embed schema/*.json
var schemas embed.FS

// Schemas lists the names of the published JSON schemas.
func Schemas() []string {
	entries, err := schemas.ReadDir("schema")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".json"))
	}
	slices.Sort(names)
	return names
}

// Schema returns a published JSON schema. The "tokenflexing." of its name may be left out. It is false if there is none.
func Schema(name string) (string, bool) {
	if !strings.HasPrefix(name, "tokenflexing.") {
		name = "tokenflexing." + name
	}
	if !slices.Contains(Schemas(), name) {
		return "", false
	}
	text, err := schemas.ReadFile("schema/" + name + ".json")
	return string(text), err == nil
}
