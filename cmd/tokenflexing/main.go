// Command tokenflexing shows what AI coding tools used and cost, and syncs day totals to one site.
package main

import (
	"os"

	"tokenflex.ing/internal/client/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}
