package source

import "strings"

// unrouted returns a model's name without the provider that is written before it, with the separator after it.
func unrouted(model, separator string) string {
	if _, name, ok := strings.Cut(model, separator); ok && name != "" {
		return name
	}
	return model
}

// ungated returns a model's name without what a gateway that passes requests on writes before it: "hf:org/" or
// "accounts/name/models/". Other names are as they were recorded.
func ungated(model string) string {
	if rest, ok := strings.CutPrefix(model, "hf:"); ok {
		return unrouted(rest, "/")
	}
	if rest, ok := strings.CutPrefix(model, "accounts/"); ok {
		if _, name, ok := strings.Cut(rest, "/models/"); ok && name != "" {
			return name
		}
	}
	return model
}
