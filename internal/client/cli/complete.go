package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tokenflex.ing/internal/client/render"
)

// completion offers the words of which one, or a list of some, is a value.
type completion struct {
	words []string
	list  bool // values may be joined by commas, and begin with !
}

func (k completion) complete(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	before := ""
	if k.list {
		before = begun[:strings.LastIndexByte(begun, ',')+1]
		if strings.HasPrefix(begun[len(before):], "!") {
			before += "!"
		}
	}
	var fitting []string
	for _, word := range k.words {
		if strings.HasPrefix(word, begun[len(before):]) {
			fitting = append(fitting, before+word)
		}
	}
	directive := cobra.ShellCompDirectiveNoFileComp
	if k.list {
		directive |= cobra.ShellCompDirectiveNoSpace
	}
	return fitting, directive
}

// addCompletions says what the values of flags and arguments can be, and says flags without the quotes that mark their values for help.
// Of values that are anything nothing is offered, not even files.
func (a *App) addCompletions(root *cobra.Command) {
	days := completion{words: []string{"today", "yesterday", "7d", "2w", "30d"}}
	flags := map[string]completion{
		"source": {a.sourceIDs(), true},
		"by":     {[]string{"source", "model", "project", "session", "tier"}, true},
		"sort":   {words: []string{"requests", "input", "cache-read", "cache-write", "output", "reasoning", "total", "cost"}},
		"since":  {words: days.words[1:]},
		"until":  {words: days.words[1:2]},
		"on":     {words: days.words[:2]},
	}
	args := map[string][]completion{
		"doctor": {{words: a.sourceIDs()}}, "explain": {days, {words: a.sourceIDs()}}, "schema": {{words: render.Schemas()}}, "completion": {{words: shells}},
		"import": {{words: a.sourceIDs()}},
	}
	for _, c := range slices.Concat([]*cobra.Command{root}, everyCommand(root)) {
		words := args[c.Name()]
		c.ValidArgs, c.ValidArgsFunction = nil, func(c *cobra.Command, before []string, begun string) ([]string, cobra.ShellCompDirective) {
			switch {
			case len(before) < len(words):
				return words[len(before)].complete(c, before, begun)
			case c.Name() == "import":
				return nil, cobra.ShellCompDirectiveDefault
			}
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			_, f.Usage = pflag.UnquoteUsage(f)
			switch {
			case f.Name == "output" || f.Value.Type() == "bool":
			case f.Name == "home":
				_ = c.MarkFlagDirname(f.Name)
			default:
				words := flags[f.Name]
				if c.Name() == "export" && f.Name == "format" {
					words = completion{words: []string{"csv", "json"}}
				}
				_ = c.RegisterFlagCompletionFunc(f.Name, words.complete)
			}
		})
	}
}

// everyCommand lists what is below a command.
func everyCommand(c *cobra.Command) (all []*cobra.Command) {
	for _, below := range c.Commands() {
		all = append(append(all, below), everyCommand(below)...)
	}
	return all
}
