package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"tokenflex.ing/internal/version"
)

const (
	exitFailure = 1
	exitUsage   = 2
)

// program is what every command needs from outside.
type program struct {
	env    func(string) (string, bool)
	out    io.Writer
	errOut io.Writer
}

// errUsage is a command line that cannot be run.
type errUsage struct{ error }

func run(ctx context.Context, args []string, env func(string) (string, bool), out, errOut io.Writer) int {
	root := newRoot(&program{env: env, out: out, errOut: errOut})
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(errOut, "tokenflexd:", err)
	var usage errUsage
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailure
}

func newRoot(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:   "tokenflexd",
		Short: "The server of tokenflexing",
		Long: `tokenflexd takes the day totals that tokenflexing sends and shows the board.

Every flag can also be set in the environment: --listen as TOKENFLEXD_LISTEN.`,
		SilenceErrors: true, SilenceUsage: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return errUsage{fmt.Errorf("unknown command %q\nrun: tokenflexd --help", args[0])}
			}
			return nil
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return fromEnv(cmd.Flags(), p.env) },
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(p.out)
	root.SetErr(p.errOut)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return errUsage{fmt.Errorf("%w\nrun: %s --help", err, cmd.CommandPath())}
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(newServe(p), newMigrate(p), newDoctor(p), newAdmin(p), newHealthcheck(p), newVersion(p))
	return root
}

// fromEnv sets every flag that the command line leaves out and the environment names.
func fromEnv(flags *pflag.FlagSet, env func(string) (string, bool)) error {
	var err error
	flags.VisitAll(func(f *pflag.Flag) {
		name := "TOKENFLEXD_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, ok := env(name)
		if !ok || value == "" || f.Changed || err != nil {
			return
		}
		if bad := flags.Set(f.Name, value); bad != nil {
			err = errUsage{fmt.Errorf("%s: %w", name, bad)}
		}
	})
	return err
}

// arguments refuses a command line with any other number of arguments than the names.
func arguments(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != len(names) {
			return errUsage{fmt.Errorf("%s takes %d arguments: %s", cmd.CommandPath(), len(names), strings.Join(names, " "))}
		}
		return nil
	}
}

func newVersion(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: arguments(),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(p.out, "tokenflexd", version.String())
			return err
		},
	}
}
