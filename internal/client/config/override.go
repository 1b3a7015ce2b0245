package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// AddOverride writes an override at the end of config.toml and keeps the rest of the file as it is. It fails, and writes
// nothing, if the file would not be understood afterwards.
func (p Paths) AddOverride(o Override) error {
	if err := o.Check(); err != nil {
		return err
	}
	path := p.ConfigFile()
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // of those who keep their settings elsewhere
	}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	if len(text) > 0 {
		text = append(text, '\n')
	}
	text = append(text, o.toml()...)
	if _, err := parse(path, text); err != nil {
		return err
	}
	return writePrivate(path, text)
}

func (o Override) toml() string {
	var b strings.Builder
	b.WriteString("[[prices.override]]\n")
	for _, f := range []struct{ key, value string }{
		{"model", o.Model}, {"input", o.Input.String()}, {"cache_read", o.CacheRead.String()}, {"cache_write_5m", o.CacheWrite5m.String()},
		{"cache_write_1h", o.CacheWrite1h.String()}, {"output", o.Output.String()}, {"multiplier", o.Multiplier.String()},
		{"from", string(o.From)}, {"until", string(o.Until)},
	} {
		if f.value != "" {
			b.WriteString(f.key + " = " + quoted(f.value) + "\n")
		}
	}
	return b.String()
}

// quoted writes a basic string of TOML.
func quoted(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r < ' ' || r == 0x7f:
			b.WriteString(`\u` + strings.Repeat("0", 4-len(strconv.FormatInt(int64(r), 16))) + strconv.FormatInt(int64(r), 16))
		default:
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`
}
