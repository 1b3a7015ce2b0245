package cli

import (
	"errors"
	"strings"

	"tokenflex.ing/internal/client/config"
	"tokenflex.ing/internal/client/remote"
)

// The exit codes of the contract.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitNotSignedIn = 3
	exitChecked     = 4
	exitPartial     = 5
)

// failure is an error as a person meets it: what is wrong, why if it is not obvious, and what to do.
type failure struct {
	code  int
	lines []string
}

func (f *failure) Error() string { return f.lines[0] }

func usageError(lines ...string) error   { return &failure{exitUsage, lines} }
func failureError(lines ...string) error { return &failure{exitFailure, lines} }

// errPartial means that the answer was printed but misses something, which a warning has said.
var errPartial = errors.New("partial")

// errChecked means that a check failed, which the answer says.
var errChecked = errors.New("a check failed")

// errUnpriced means that the answer, which was printed, is that there is no price.
var errUnpriced = errors.New("unpriced")

// outcome is the exit code for err and what is said of it, in at most three lines.
func outcome(err error) (code int, lines []string) {
	var said *failure
	var exposed *config.ErrExposed
	var wrong *config.Error
	switch {
	case err == nil:
		return exitOK, nil
	case errors.Is(err, errPartial):
		return exitPartial, nil
	case errors.Is(err, errChecked):
		return exitChecked, nil
	case errors.Is(err, errUnpriced):
		return exitFailure, nil
	case errors.As(err, &said):
		return said.code, said.lines
	case errors.As(err, &exposed):
		return exitFailure, []string{exposed.Error(), "run: chmod 600 " + exposed.Path}
	case errors.As(err, &wrong):
		lines := []string{wrong.Error()}
		if wrong.Hint != "" {
			lines = append(lines, wrong.Hint)
		}
		return exitUsage, lines
	case errors.Is(err, remote.ErrUnauthorized):
		return exitNotSignedIn, []string{"this device is no longer signed in: its token was revoked or has expired", "run: tokenflexing login"}
	}
	return exitFailure, []string{strings.TrimSpace(err.Error())}
}
