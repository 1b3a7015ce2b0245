package source

import "strings"

// unrouted returns a model's name without the provider that is written before it, with the separator after it.
func unrouted(model, separator string) string {
	if _, name, ok := strings.Cut(model, separator); ok && name != "" {
		return name
	}
	return model
}
