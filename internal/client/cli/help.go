package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tokenflex.ing/internal/client/render"
)

// flagGroups is how a command's flags are told apart in its help. What is in none of them comes last, as "also".
var flagGroups = []struct {
	name  string
	flags []string
}{
	{"period", []string{"since", "until", "today", "week", "month", "year", "timezone"}},
	{"filter", []string{"source", "model", "project"}},
	{"group", []string{"by"}},
	{"order", []string{"sort", "limit"}},
	{"print", []string{"format", "output", "json", "csv", "markdown", "compact", "ascii", "no-color", "quiet"}},
	{"read", []string{"home"}},
}

func newHelpCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Help for a command, or for the flags of every report.",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 && args[0] == "flags" {
				return render.Help(app.Out, app.helpStyle(), flagsPage(app))
			}
			of, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(c.Root(), args)
			}
			app.help(of)
			return nil
		},
	}
}

func (a *App) helpStyle() render.Style {
	s, _ := a.settings() // a broken config is no reason to give no help
	return a.plainStyle(s)
}

// help prints the page of a command.
func (a *App) help(c *cobra.Command) {
	page := commandPage(c)
	if !c.HasParent() {
		page = rootPage()
	}
	_ = render.Help(a.Out, a.helpStyle(), page) // there is nowhere to say that it cannot be printed
}

func rootPage() render.Page {
	return render.Page{
		About: []string{"See what your AI coding tools used, and what it cost.", "Nothing leaves this machine until you sign in."},
		Usage: "tokenflexing [command] [flags]",
		Groups: []render.Group{
			{Name: "look", Lines: []render.Line{
				{Write: "(none)", Does: "today, 7 days, 30 days, all"},
				{Write: "daily weekly monthly hourly"},
				{Write: "models projects sessions blocks"},
				{Write: "sources", Does: "which tools are counted, and why not"},
				{Write: "statusline", Does: "one line for an agent's prompt"},
				{Write: "explain", Does: "one day, from file to price"},
				{Write: "prices", Does: "what models cost; set your own rates"},
			}},
			{Name: "share", Lines: []render.Line{
				{Write: "connect", Does: "sign in, read and sync"},
				{Write: "login logout whoami status"},
				{Write: "sync", Does: "--dry-run shows every byte"},
			}},
			{Name: "keep", Lines: []render.Line{
				{Write: "import", Does: "count a tool's export"},
				{Write: "export", Does: "all days as CSV or JSON"},
				{Write: "forget", Does: "count something no more"},
			}},
			{Name: "trust", Lines: []render.Line{{Write: "doctor", Does: "what is wrong, and the next step"}}},
			{Name: "scripts", Lines: []render.Line{{Write: "schema completion man version"}}},
		},
		Run:  []render.Suggestion{{Command: "tokenflexing help flags", Remark: "the flags of every report"}},
		Exit: []string{"0 ok", "1 failure", "2 usage", "3 not signed in", "4 a check failed", "5 partial"},
	}
}

func commandPage(c *cobra.Command) render.Page {
	page := render.Page{
		About:    []string{c.Short},
		Usage:    c.CommandPath() + strings.TrimPrefix(c.Use, c.Name()) + " [flags]",
		Groups:   groupsOf(c.Flags()),
		Examples: strings.Split(c.Example, "\n"),
		Exit:     []string{"0 ok", "1 failure", "2 usage"},
	}
	if c.Long != "" {
		page.Notes = strings.Split(c.Long, "\n")
	}
	if c.Flags().Lookup("json") != nil && c.Flags().Lookup("home") != nil || c.Name() == "sync" || c.Name() == "connect" {
		page.Exit = append(page.Exit, "5 partial")
	}
	if c.Name() == "doctor" {
		page.Exit = append(page.Exit, "4 a check failed")
	}
	if slices.Contains([]string{"sync", "status", "whoami", "logout", "explain"}, c.Name()) {
		page.Exit = slices.Insert(page.Exit, 3, "3 not signed in")
	}
	return page
}

func flagsPage(app *App) render.Page {
	c := newReportCommand(app, reports[0].kind, "")
	return render.Page{
		About:  []string{"The flags of every report."},
		Usage:  "tokenflexing [report] [flags]",
		Groups: groupsOf(c.Flags()),
		Notes:  strings.Split(c.Long, "\n"),
		Exit:   []string{"0 ok", "1 failure", "2 usage", "5 partial"},
	}
}

// groupsOf puts a command's flags into groups, each with what it does.
func groupsOf(flags *pflag.FlagSet) []render.Group {
	var groups []render.Group
	grouped := []string{"help"}
	for _, g := range flagGroups {
		var lines []render.Line
		for _, name := range g.flags {
			if f := flags.Lookup(name); f != nil {
				lines, grouped = append(lines, flagLine(f)), append(grouped, name)
			}
		}
		if len(lines) > 0 {
			groups = append(groups, render.Group{Name: g.name, Lines: lines})
		}
	}
	var rest []render.Line
	flags.VisitAll(func(f *pflag.Flag) {
		if !slices.Contains(grouped, f.Name) {
			rest = append(rest, flagLine(f))
		}
	})
	if len(rest) > 0 {
		groups = append(groups, render.Group{Name: "flags", Lines: rest})
	}
	return groups
}

func flagLine(f *pflag.Flag) render.Line {
	value, does := pflag.UnquoteUsage(f)
	write := "--" + f.Name
	if value != "" {
		write += " " + strings.ToUpper(value)
	}
	return render.Line{Write: write, Does: does}
}
