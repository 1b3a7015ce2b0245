package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Config is config.toml: what a person may set once instead of at every call.
type Config struct {
	Site     string            `toml:"site"`     // origin to sync to
	Timezone string            `toml:"timezone"` // IANA name; empty: the machine's
	Glyphs   string            `toml:"glyphs"`   // "ascii" or empty
	Sources  map[string]Source `toml:"sources"`  // by source id
	Prices   Prices            `toml:"prices"`
}

// Source is what config.toml says of one source.
type Source struct {
	Roots []string `toml:"roots"` // folders to read beside the usual ones
}

// Error is a config file that says something it may not, with the line and a hint. It is the user's to mend.
type Error struct {
	Path   string
	Line   int // 0 if not known
	Reason string
	Hint   string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.Path, e.Reason)
	}
	return fmt.Sprintf("%s, line %d: %s", e.Path, e.Line, e.Reason)
}

// Load reads config.toml. A missing file is an empty Config; a wrong one is an *Error.
func (p Paths) Load() (Config, error) {
	path := p.ConfigFile()
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Config{}, nil
	}
	if err != nil {
		return Config{}, &Error{Path: path, Reason: "cannot be read: " + reason(err)}
	}
	return parse(path, b)
}

// parse reads the text of a config file.
func parse(path string, b []byte) (Config, error) {
	var c Config
	err := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().EnableUnmarshalerInterface().Decode(&c)
	var unknown *toml.StrictMissingError
	var wrong *toml.DecodeError
	var value *valueError
	switch {
	case errors.As(err, &unknown) && len(unknown.Errors) > 0:
		e := unknown.Errors[0]
		line, _ := e.Position()
		key := e.Key()[len(e.Key())-1]
		return Config{}, &Error{path, line, fmt.Sprintf("no key %q", key), didYouMean(key)}
	case errors.As(err, &value):
		return Config{}, &Error{Path: path, Line: value.line(b), Reason: value.Error()}
	case errors.As(err, &wrong):
		line, _ := wrong.Position()
		return Config{}, &Error{path, line, strings.TrimPrefix(wrong.Error(), "toml: "), ""}
	case err != nil:
		return Config{}, &Error{Path: path, Reason: strings.TrimPrefix(err.Error(), "toml: ")}
	}
	if c.Glyphs != "" && c.Glyphs != "ascii" {
		return Config{}, &Error{Path: path, Line: place{key: "glyphs"}.line(b), Reason: fmt.Sprintf("glyphs = %q is not known", c.Glyphs), Hint: `write glyphs = "ascii" or leave it out`}
	}
	if at, wrong := c.Prices.check(); wrong != nil {
		return Config{}, &Error{Path: path, Line: at.line(b), Reason: wrong.reason}
	}
	return c, nil
}

// didYouMean names the key that a mistyped one is closest to, if any is close.
func didYouMean(key string) string {
	best, least := "", 3
	for _, t := range []reflect.Type{reflect.TypeFor[Config](), reflect.TypeFor[Source](), reflect.TypeFor[Prices](), reflect.TypeFor[Override](),
		reflect.TypeFor[Subscription]()} {
		for i := range t.NumField() {
			name := t.Field(i).Tag.Get("toml")
			if d := distance(key, name); d < least {
				best, least = name, d
			}
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// distance is the Levenshtein distance of two short words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

// reason is the part of a file error that says why, without the path.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
