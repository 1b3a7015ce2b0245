package cli

import "strings"

// utf8Locale reports whether the locale can show more than ASCII. Where no locale is set, as in many containers, terminals
// of today still do; only a locale that names another character set says no.
func utf8Locale(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		value := strings.ToLower(getenv(name))
		if value == "" {
			continue
		}
		_, charset, named := strings.Cut(value, ".")
		charset, _, _ = strings.Cut(charset, "@")
		return !named || charset == "utf-8" || charset == "utf8"
	}
	return true
}
