package cli

import (
	"github.com/spf13/cobra"
)

var shells = []string{"bash", "zsh", "fish", "powershell"}

func newCompletionCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:       "completion SHELL",
		Short:     "What makes your shell complete commands and flags.",
		Example:   "tokenflexing completion bash > ~/.local/share/bash-completion/completions/tokenflexing\ntokenflexing completion zsh > ~/.zfunc/_tokenflexing",
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: shells,
		RunE:      func(c *cobra.Command, args []string) error { return runCompletion(app, c.Root(), args) },
	}
}

func runCompletion(app *App, root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usageError("completion for which shell?", "write bash, zsh, fish or powershell")
	}
	switch args[0] {
	case "bash":
		return root.GenBashCompletionV2(app.Out, true)
	case "zsh":
		return root.GenZshCompletion(app.Out)
	case "fish":
		return root.GenFishCompletion(app.Out, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(app.Out)
	}
	return usageError("no completion for \""+args[0]+"\"", "write bash, zsh, fish or powershell")
}
