package main

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"tokenflex.ing/internal/server"
)

func newConfig(p *program) *cobra.Command {
	config := &cobra.Command{
		Use: "config", Short: "Look at how serve is set up",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return errUsage{fmt.Errorf("unknown command %q\nrun: tokenflexd config --help", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	config.AddCommand(
		newConfigOf(p, "check", "Exit 0 if serve would take these flags, without opening anything", p.configCheck),
		newConfigOf(p, "dump", "Print every flag of serve as it would hold, as TOML, secrets left out", p.configDump))
	return config
}

// newConfigOf is a command with the flags of serve that does something else with them.
func newConfigOf(p *program, use, short string, do func(*serveOptions, *pflag.FlagSet) error) *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{Use: use, Short: short, Args: arguments()}
	o.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return do(&o, cmd.LocalFlags()) }
	return cmd
}

func (p *program) configCheck(o *serveOptions, _ *pflag.FlagSet) error {
	if _, err := o.check(o.listen); err != nil {
		return errUsage{err}
	}
	if err := o.signIn.apply(&server.Options{}); err != nil {
		return errUsage{err}
	}
	_, err := fmt.Fprintln(p.out, "serve would take this")
	return err
}

func (p *program) configDump(_ *serveOptions, flags *pflag.FlagSet) error {
	var err error
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Name == "config" || f.Name == "help" || err != nil {
			return
		}
		from := p.origin[f.Name]
		switch {
		case from == "" && f.Changed:
			from = "the command line"
		case from == "":
			from = "default"
		}
		_, err = fmt.Fprintf(p.out, "%s = %s # %s\n", f.Name, tomlOf(f), from)
	})
	return err
}

// tomlOf writes a flag's value as TOML, with nothing secret in it.
func tomlOf(f *pflag.Flag) string {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		var quoted []string
		for _, v := range list.GetSlice() {
			quoted = append(quoted, strconv.Quote(v))
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	}
	switch f.Value.Type() {
	case "bool", "int":
		return f.Value.String()
	}
	return strconv.Quote(redact(f.Name, f.Value.String()))
}

// redact leaves out what a flag's value has that opens something: all of a secret, or the password in an address.
func redact(flag, value string) string {
	if value == "" {
		return ""
	}
	for _, end := range []string{"secret", "password", "token"} {
		if flag == end || strings.HasSuffix(flag, "-"+end) {
			return "(set)"
		}
	}
	if !strings.Contains(value, "://") {
		return value
	}
	u, err := url.Parse(value)
	if err != nil {
		return "(set)"
	}
	q := u.Query()
	for _, name := range []string{"password", "sslpassword"} {
		if q.Has(name) {
			q.Set(name, "xxxxx")
		}
	}
	u.RawQuery = q.Encode()
	return u.Redacted()
}

func newOpenAPI(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "openapi", Short: "Print the API's description, as it is served at /api/v1/openapi.json", Args: arguments(),
		RunE: func(*cobra.Command, []string) error {
			_, err := p.out.Write(server.OpenAPI())
			return err
		},
	}
}
