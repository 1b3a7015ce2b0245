package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"tokenflex.ing/internal/version"
)

const (
	exitFailure = 1
	exitUsage   = 2
)

// program is what every command needs from outside.
type program struct {
	env    func(string) (string, bool)
	origin map[string]string // where the value of a flag that the command line leaves out is from
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
		Use:     "tokenflexd",
		Short:   "The server of tokenflexing",
		Version: version.String(),
		Long: `tokenflexd takes the day totals that tokenflexing sends and shows the board.

Every flag can also be set in the environment, --listen as TOKENFLEXD_LISTEN, or by the file that TOKENFLEXD_LISTEN_FILE
names; by a systemd credential of its name; or in the config file, as listen = "127.0.0.1:8480". The first of these that says
something wins, after the command line. tokenflexd config dump shows what holds and why.

It exits with 0 when it did what it was told, 1 when it could not, and 2 when the command line or the config cannot be understood.`,
		SilenceErrors: true, SilenceUsage: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return errUsage{fmt.Errorf("unknown command %q\nrun: tokenflexd --help", args[0])}
			}
			return nil
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return p.settle(cmd) },
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(p.out)
	root.SetErr(p.errOut)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return errUsage{fmt.Errorf("%w\nrun: %s --help", err, cmd.CommandPath())}
	})
	root.SetVersionTemplate("tokenflexd {{.Version}}\n")
	root.SetHelpCommand(newHelp(root))
	root.CompletionOptions.HiddenDefaultCmd = true
	root.PersistentFlags().String("config", "", "TOML `file` of flags (default tokenflexd.toml in $CONFIGURATION_DIRECTORY, if it is there)")
	root.AddCommand(newServe(p), newMigrate(p), newDoctor(p), newAdmin(p), newTokens(p), newUser(p), newBackup(p), newRestore(p), newDB(p), newHealthcheck(p), newConfig(p), newOpenAPI(p), newVersion(p))
	return root
}

// newHelp is the library's, but for a command that there is not: it would show the program's own help and end well.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help [command]", Short: "Help about any command", DisableFlagsInUseLine: true,
		RunE: func(_ *cobra.Command, args []string) error {
			about, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return errUsage{fmt.Errorf("unknown command %q\nrun: tokenflexd --help", strings.Join(args, " "))}
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// arguments refuses a command line with any other number of arguments than the names.
func arguments(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != len(names) {
			takes := "no arguments"
			switch len(names) {
			case 0:
			case 1:
				takes = "one argument: " + names[0]
			default:
				takes = fmt.Sprintf("%d arguments: %s", len(names), strings.Join(names, " "))
			}
			return errUsage{fmt.Errorf("%s takes %s\nrun: %s --help", cmd.CommandPath(), takes, cmd.CommandPath())}
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
