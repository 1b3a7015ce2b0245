package accept

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"tokenflex.ing/internal/wire"
)

// maxDepth is how deep objects and arrays may nest. An upload needs three; the fourth is for members yet to be invented.
const maxDepth = 4

// maxMembers is how many members an object may have. An upload needs a dozen, and one for each source; each costs a hundred times
// the bytes that it comes in.
const maxMembers = 512

// ErrMalformed is a body that is not JSON as it must be. Its text says where and what.
type ErrMalformed struct{ Detail string }

func (e *ErrMalformed) Error() string { return "malformed JSON: " + e.Detail }

// checkJSON refuses what encoding/json would let pass: invalid UTF-8, members that come twice, deep nesting, and
// anything behind the first value. It also bounds what reading the value can cost.
func checkJSON(body []byte) error {
	if !utf8.Valid(body) {
		return &ErrMalformed{"invalid UTF-8"}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := checkValue(d, 1); err != nil {
		return malformed(d, err)
	}
	if _, err := d.Token(); err == nil || d.More() {
		return &ErrMalformed{fmt.Sprintf("something follows the value at byte %d", d.InputOffset())}
	}
	if !json.Valid(body) {
		return &ErrMalformed{"not one JSON value"}
	}
	return nil
}

func malformed(d *json.Decoder, err error) error {
	var already *ErrMalformed
	var tooMany *ErrTooMany
	if errors.As(err, &already) || errors.As(err, &tooMany) {
		return err
	}
	return &ErrMalformed{fmt.Sprintf("not JSON at byte %d", d.InputOffset())}
}

func checkValue(d *json.Decoder, depth int) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	open, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	if depth > maxDepth {
		return &ErrMalformed{fmt.Sprintf("nested deeper than %d", maxDepth)}
	}
	if open == '{' {
		return checkObject(d, depth)
	}
	n := 0
	for ; d.More(); n++ {
		if err := checkValue(d, depth+1); err != nil {
			return err
		}
	}
	if n > wire.MaxRows {
		return &ErrTooMany{n}
	}
	_, err = d.Token()
	return err
}

func checkObject(d *json.Decoder, depth int) error {
	seen := make(map[string]bool)
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		name, ok := t.(string)
		if !ok {
			return &ErrMalformed{"a member without a name"}
		}
		if seen[name] {
			return &ErrMalformed{fmt.Sprintf("a member comes twice at byte %d", d.InputOffset())}
		}
		if seen[name] = true; len(seen) > maxMembers {
			return &ErrMalformed{fmt.Sprintf("an object of more than %d members", maxMembers)}
		}
		if err := checkValue(d, depth+1); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}
