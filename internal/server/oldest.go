package server

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tokenflex.ing/internal/wire"
)

// Oldest is what a client must be for its uploads to be taken. The zero Oldest takes every client.
type Oldest struct {
	Client string         // version, 1.2.3
	Parser map[string]int // revision by source
}

// upgrade is what brings a client up to date.
const upgrade = "go install tokenflex.ing/cmd/tokenflexing@latest"

// check refuses an upload of an older client, or of rows that a parser read which is older than must be.
func (o Oldest) check(u wire.Usage) error {
	if older(u.Client.Version, o.Client) {
		return outdated(fmt.Sprintf("tokenflexing %s is too old for this server, which takes %s and later", u.Client.Version, o.Client))
	}
	for _, row := range u.Rows {
		if need := o.Parser[row.Source]; need > 0 && u.Parsers[row.Source] < need {
			return outdated(fmt.Sprintf("its parser of %s has revision %d, and this server takes %d and later", row.Source, u.Parsers[row.Source], need))
		}
	}
	return nil
}

func outdated(why string) error {
	return &refusal{code: wire.ClientOutdated, detail: why + "\nrun: " + upgrade}
}

// older reports whether a version is below another. One without numbers is somebody's own build, which is as new as can be;
// a release comes after what was tried before it.
func older(version, oldest string) bool {
	have, ok1 := ParseVersion(version)
	need, ok2 := ParseVersion(oldest)
	if !ok1 || !ok2 {
		return false
	}
	if c := slices.Compare(have[:], need[:]); c != 0 {
		return c < 0
	}
	return strings.Contains(version, "-") && !strings.Contains(oldest, "-")
}

// ParseVersion reads the numbers of 1.2.3, v1.2.3 or 1.2.3-rc.1.
func ParseVersion(s string) (numbers [3]int, ok bool) {
	s, _, _ = strings.Cut(strings.TrimPrefix(s, "v"), "+")
	s, _, _ = strings.Cut(s, "-")
	parts := strings.Split(s, ".")
	if len(parts) != len(numbers) {
		return numbers, false
	}
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return numbers, false
		}
		numbers[i] = n
	}
	return numbers, true
}
