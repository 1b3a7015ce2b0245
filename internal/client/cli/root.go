package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tokenflex.ing/internal/client/render"
)

// commands lists every command of the client.
func commands(app *App) []*cobra.Command {
	var all []*cobra.Command
	for _, r := range reports {
		all = append(all, newReportCommand(app, r.kind, r.short))
	}
	return append(all,
		newSourcesCommand(app),
		newStatuslineCommand(app),
		newExportCommand(app),
		newForgetCommand(app),
		newDoctorCommand(app),
		newConnectCommand(app),
		newLoginCommand(app),
		newLogoutCommand(app),
		newWhoamiCommand(app),
		newStatusCommand(app),
		newSyncCommand(app),
		newPricesCommand(app),
		newExplainCommand(app),
		newImportCommand(app),
		newSchemaCommand(app),
		newCompletionCommand(app),
		newManCommand(app),
		newVersionCommand(app),
	)
}

// Main runs the client and returns its exit code.
func Main(args []string, in io.Reader, out, errs io.Writer, getenv func(string) string) int {
	holdMemory(getenv)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	app := newApp(in, out, errs, getenv)
	root := newRootCommand(app)
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		app.addCompletions(root)
	}
	root.SetArgs(args)
	root.SetContext(ctx)
	err := root.ExecuteContext(ctx)
	if ctx.Err() != nil {
		return exitFailure
	}
	return app.exit(err)
}

func newRootCommand(app *App) *cobra.Command {
	var o viewOptions
	root := &cobra.Command{
		Use:           "tokenflexing",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          unknownCommand,
		RunE:          func(c *cobra.Command, _ []string) error { return runOverview(c.Context(), app, o) },
	}
	o.register(root)
	all := commands(app)
	root.AddCommand(all...)
	app.names = namesOf(all)
	root.SetIn(app.In)
	root.SetOut(app.Out)
	root.SetErr(app.Err)
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(newHelpCommand(app))
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { app.help(c) })
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(flagError)
	asked := root.Flags().BoolP("version", "v", false, "print the version")
	root.PreRunE = func(c *cobra.Command, _ []string) error {
		if *asked {
			root.RunE = newVersionCommand(app).RunE
		}
		return nil
	}
	for _, c := range root.Commands() {
		c.Args = asUsageArgs(c.Args)
	}
	return root
}

// flagError is what is wrong with the flags of a command, in words that do not ask for a knowledge of Go.
func flagError(c *cobra.Command, err error) error {
	var wrong *pflag.InvalidValueError
	if !errors.As(err, &wrong) {
		return usageError(err.Error(), "run: "+c.CommandPath()+" --help")
	}
	name, said := "--"+wrong.GetFlag().Name, fmt.Sprintf("--%s %s", wrong.GetFlag().Name, wrong.GetValue())
	if wrong.GetFlag().Value.Type() == "bool" {
		return usageError(said+" is not yes or no", "write "+name+" alone, or leave it out")
	}
	return usageError(said+" is not a whole number", "write "+name+" 10")
}

// unknownCommand refuses a word that is no command, and names the one that was meant.
func unknownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	lines := []string{fmt.Sprintf("unknown command %q", args[0])}
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		return usageError(append(lines, "run: tokenflexing "+near[0])...)
	}
	return usageError(append(lines, "run: tokenflexing --help")...)
}

// asUsageArgs makes arguments too many a usage error.
func asUsageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if check == nil || check(c, args) == nil {
			return nil
		}
		return usageError(fmt.Sprintf("%s does not take %q", c.CommandPath(), strings.Join(args, " ")), "run: "+c.CommandPath()+" --help")
	}
}

// commandNames are the commands that may be suggested.
func (a *App) commandNames() []string {
	if a.names == nil {
		a.names = namesOf(commands(a))
	}
	return a.names
}

func namesOf(commands []*cobra.Command) []string {
	var names []string
	for _, c := range commands {
		names = append(names, c.Name())
	}
	slices.Sort(names)
	return names
}

// exit prints what is to be said of err and returns the exit code.
func (a *App) exit(err error) int {
	code, lines := outcome(err)
	if len(lines) > 0 {
		s, _ := a.settings()
		style := render.Style{Width: a.width(), Color: a.color(false) && a.errTerminal(), ASCII: a.ascii(false, s), Commands: a.commandNames()}
		for i, line := range lines {
			lines[i] = a.tildes(line)
		}
		_ = render.Errors(a.Err, style, lines...)
	}
	return code
}
