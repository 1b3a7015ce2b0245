package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"tokenflex.ing/internal/server/store"
)

// codeAlphabet has no vowels, so that no code is a word, and no letters that look like another (RFC 8628 section 6.1).
const codeAlphabet = "BCDFGHJKLMNPQRSTVWXZ"

// A code has eight letters, and ten while many are guessed: four hundred times as many to try.
const (
	codeLen     = 8
	longCodeLen = 10
)

// NewUserCode returns a code to be typed, without its dash.
func NewUserCode(long bool) string {
	length := codeLen
	if long {
		length = longCodeLen
	}
	var b strings.Builder
	const fair = 256 / len(codeAlphabet) * len(codeAlphabet) // bytes from here on would favour the first letters
	for b.Len() < length {
		for _, c := range random(length) {
			if int(c) < fair && b.Len() < length {
				b.WriteByte(codeAlphabet[int(c)%len(codeAlphabet)])
			}
		}
	}
	return b.String()
}

// ShowUserCode writes a code as people read it: WDJB-MJHT.
func ShowUserCode(code string) string {
	if !isCode(code) {
		return code
	}
	return code[:len(code)/2] + "-" + code[len(code)/2:]
}

// ReadUserCode returns the code that somebody typed, whatever they put between its letters, and whether it can be one.
func ReadUserCode(typed string) (string, bool) {
	if len(typed) > 64 {
		return "", false
	}
	code := strings.Map(func(r rune) rune {
		if strings.ContainsRune(codeAlphabet, r) {
			return r
		}
		return -1
	}, strings.ToUpper(typed))
	return code, isCode(code)
}

func isCode(letters string) bool { return len(letters) == codeLen || len(letters) == longCodeLen }

// HashUserCode returns what is stored of a code. There are few enough codes to try them all, hence the server's key.
func HashUserCode(key []byte, code string) store.Hash {
	m := hmac.New(sha256.New, key)
	m.Write([]byte("user code\x00" + code))
	return store.Hash(m.Sum(nil))
}

// NewSecret returns 256 random bits as 43 characters that fit into an address: a device code, a sign-in link, a session.
func NewSecret() string { return base64.RawURLEncoding.EncodeToString(random(secretSize)) }

// IsSecret reports whether s has the form of NewSecret.
func IsSecret(s string) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(b) == secretSize
}
