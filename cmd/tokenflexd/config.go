package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// configName is the config file's name in systemd's folder for it.
const configName = "tokenflexd.toml"

// settle sets every flag that the command line leaves out to what the environment, a credential or the config file says.
func (p *program) settle(cmd *cobra.Command) error {
	p.origin = make(map[string]string)
	file, err := p.readConfig(cmd)
	if err != nil {
		return errUsage{err}
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed || err != nil || f.Name == "config" || f.Name == "help" {
			return
		}
		var values []string
		var from string
		if values, from, err = p.look(f.Name, file); err != nil || from == "" {
			return
		}
		for _, v := range values {
			if bad := f.Value.Set(v); bad != nil {
				err = fmt.Errorf("%s: --%s takes %s, not %q", from, f.Name, article(f.Value.Type()), v)
				return
			}
		}
		f.Changed = true
		p.origin[f.Name] = from
	})
	if err != nil {
		return errUsage{err}
	}
	return nil
}

// article names what a flag takes.
func article(kind string) string {
	switch kind {
	case "int":
		return "a whole number"
	case "bool":
		return "true or false"
	case "duration":
		return "a duration such as 90s or 2160h"
	}
	return "a " + kind
}

// variable is the environment's name of a flag.
func variable(flag string) string {
	return "TOKENFLEXD_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// look returns what is said of a flag outside the command line, and where; nothing if from is empty.
func (p *program) look(flag string, file configFile) (values []string, from string, err error) {
	name := variable(flag)
	if v, ok := p.env(name); ok && v != "" {
		return []string{v}, name, nil
	}
	if path, ok := p.env(name + "_FILE"); ok && path != "" {
		v, err := readSecret(path)
		if err != nil {
			err = fmt.Errorf("%s_FILE: %w", name, err)
		}
		return []string{v}, name + "_FILE", err
	}
	if dir, ok := p.env("CREDENTIALS_DIRECTORY"); ok && dir != "" {
		v, err := readSecret(filepath.Join(dir, flag))
		if err == nil {
			return []string{v}, "the credential " + flag, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, "", err
		}
	}
	if v, ok := file.values[flag]; ok {
		return v, fmt.Sprintf("%s, line %d", file.name, file.line(flag)), nil
	}
	return nil, "", nil
}

// readSecret returns the text of a file without the line ends behind it.
func readSecret(path string) (string, error) {
	b, err := os.ReadFile(path)
	return strings.TrimRight(string(b), "\r\n"), err
}

// configFile is a file of flags.
type configFile struct {
	name   string
	text   []byte
	values map[string][]string
}

// readConfig reads the config file that is named, or the one in systemd's folder if there is one. A key that is no flag of any
// command is an error.
func (p *program) readConfig(cmd *cobra.Command) (configFile, error) {
	var c configFile
	name, err := cmd.Flags().GetString("config")
	if err != nil {
		return c, err
	}
	if name == "" {
		name, _ = p.env("TOKENFLEXD_CONFIG")
	}
	if dir, ok := p.env("CONFIGURATION_DIRECTORY"); name == "" && ok && dir != "" {
		name = filepath.Join(dir, configName)
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			return c, nil
		}
	}
	if name == "" {
		return c, nil
	}
	if c.text, err = os.ReadFile(name); err != nil {
		return c, fmt.Errorf("read the config: %w", err)
	}
	c.name = name
	return c, c.parse(knownFlags(cmd.Root()))
}

// knownFlags lists the flags of every command.
func knownFlags(root *cobra.Command) []string {
	var names []string
	root.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name != "config" && f.Name != "help" {
			names = append(names, f.Name)
		}
	})
	for _, c := range root.Commands() {
		names = append(names, knownFlags(c)...)
	}
	return names
}

func (c *configFile) parse(known []string) error {
	var keys map[string]any
	if err := toml.Unmarshal(c.text, &keys); err != nil {
		var at *toml.DecodeError
		if errors.As(err, &at) {
			line, _ := at.Position()
			return fmt.Errorf("%s, line %d: %s", c.name, line, strings.TrimPrefix(at.Error(), "toml: "))
		}
		return fmt.Errorf("%s: %w", c.name, err)
	}
	c.values = make(map[string][]string, len(keys))
	for key, value := range keys {
		if !slices.Contains(known, key) {
			return fmt.Errorf("%s, line %d: no flag %q", c.name, c.line(key), key)
		}
		texts, ok := flagTexts(value)
		if !ok {
			return fmt.Errorf("%s, line %d: %s takes a text, a number, true or false, or a list of them", c.name, c.line(key), key)
		}
		c.values[key] = texts
	}
	return nil
}

// flagTexts writes a value of TOML as flags are written: a list as the flag repeated.
func flagTexts(value any) ([]string, bool) {
	switch v := value.(type) {
	case string, int64, bool:
		return []string{fmt.Sprint(v)}, true
	case []any:
		var all []string
		for _, each := range v {
			one, ok := flagTexts(each)
			if !ok || len(one) != 1 {
				return nil, false
			}
			all = append(all, one...)
		}
		return all, true
	}
	return nil, false
}

// line finds the line that a key stands in; 0 if it is written in some other way.
func (c *configFile) line(key string) int {
	pattern := regexp.MustCompile(`^\s*\[?\s*["']?` + regexp.QuoteMeta(key) + `["']?\s*[=.\]]`)
	for i, l := range strings.Split(string(c.text), "\n") {
		if pattern.MatchString(l) {
			return i + 1
		}
	}
	return 0
}
