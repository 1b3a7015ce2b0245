// Command samplehome writes a sample home folder to try the product on.
//
//	go run ./tools/samplehome DIR
package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"tokenflex.ing/internal/samplehome"
	"tokenflex.ing/internal/usage"
)

func main() {
	if len(os.Args) != 2 || strings.HasPrefix(os.Args[1], "-") {
		fmt.Fprintln(os.Stderr, "usage: samplehome DIR")
		os.Exit(2)
	}
	days, err := samplehome.Write(os.Args[1], samplehome.Options{Seed: 1, Until: time.Now(), Days: 75, Sessions: 4})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var sum usage.Tokens
	for _, d := range days {
		sum = sum.Add(d.Tokens)
	}
	fmt.Printf("%s: %d tokens on record\n", os.Args[1], sum.Total())
}
