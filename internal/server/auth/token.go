package auth

import (
	"crypto/rand"
	"errors"
	"hash/crc32"
	"math/big"
	"strings"
)

// TokenPrefix begins every device token, so that scanners know one when they see it.
const TokenPrefix = "tf_live_"

// TokenPattern matches every device token, for secret scanners.
const TokenPattern = `tf_live_[0-9A-Za-z]{49}`

const (
	base62     = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	randomLen  = 43 // base62 digits of 256 bits
	checkLen   = 6  // base62 digits of 32 bits
	hintLen    = 4
	secretSize = 32 // bytes
)

// ErrToken is a string that cannot be a token of ours.
var ErrToken = errors.New("not a device token")

// NewToken returns a device token: the prefix, 256 random bits and a checksum, 57 characters.
func NewToken() string {
	text := TokenPrefix + digits(new(big.Int).SetBytes(random(secretSize)), randomLen)
	return text + checksum(text)
}

// CheckToken refuses what cannot be a token, so that noise costs no look-up.
func CheckToken(s string) error {
	if len(s) != len(TokenPrefix)+randomLen+checkLen || !strings.HasPrefix(s, TokenPrefix) {
		return ErrToken
	}
	text, sum := s[:len(s)-checkLen], s[len(s)-checkLen:]
	if check := checkDigits(text); string(check[:]) != sum || strings.Trim(text[len(TokenPrefix):], base62) != "" {
		return ErrToken
	}
	return nil
}

// Hint returns what may be shown of a token: its last four characters.
func Hint(token string) string { return token[max(0, len(token)-hintLen):] }

func checksum(text string) string {
	check := checkDigits(text)
	return string(check[:])
}

// checkDigits are those behind a token's text.
func checkDigits(text string) (out [checkLen]byte) {
	n := crc32.ChecksumIEEE([]byte(text))
	for i := checkLen - 1; i >= 0; i-- {
		out[i] = base62[n%uint32(len(base62))]
		n /= uint32(len(base62))
	}
	return out
}

// digits writes n in base 62, filled up with zeros.
func digits(n *big.Int, width int) string {
	out := []byte(strings.Repeat("0", width))
	base, rest := big.NewInt(int64(len(base62))), new(big.Int)
	for i := width - 1; i >= 0; i-- {
		n, rest = new(big.Int).DivMod(n, base, rest)
		out[i] = base62[rest.Int64()]
	}
	return string(out)
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails: crypto/rand ends the program instead
	return b
}
