package board

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"tokenflex.ing/internal/server/store"
)

// ErrCursor is a cursor that this server did not make for this board.
var ErrCursor = errors.New("not a cursor of this board")

const macLen = 8 // bytes

// Cursor writes a mark as text that only the server's key can make, and that holds for its board alone.
func Cursor(key []byte, b store.Board, m store.Mark) string {
	text := fmt.Sprintf("v1|%d|%d", m.Value, m.User)
	return base64.RawURLEncoding.EncodeToString(append([]byte(text), mac(key, b, text)...))
}

// ParseCursor returns the mark that Cursor wrote for the board.
func ParseCursor(key []byte, b store.Board, cursor string) (store.Mark, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) <= macLen || len(raw) > 64 {
		return store.Mark{}, ErrCursor
	}
	text, sum := string(raw[:len(raw)-macLen]), raw[len(raw)-macLen:]
	if !hmac.Equal(sum, mac(key, b, text)) {
		return store.Mark{}, ErrCursor
	}
	parts := strings.Split(text, "|")
	if len(parts) != 3 || parts[0] != "v1" {
		return store.Mark{}, ErrCursor
	}
	value, err1 := strconv.ParseInt(parts[1], 10, 64)
	user, err2 := strconv.ParseInt(parts[2], 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		return store.Mark{}, ErrCursor
	}
	return store.Mark{Value: value, User: user}, nil
}

func mac(key []byte, b store.Board, text string) []byte {
	m := hmac.New(sha256.New, key)
	fmt.Fprintf(m, "cursor\x00%s\x00%s\x00%s\x00%s\x00%s", b.Period, b.Source, b.Family, b.Metric, text)
	return m.Sum(nil)[:macLen]
}
