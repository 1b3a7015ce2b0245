package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ErrSeal is a sealed value that was not made here, not for this, or too long ago.
var ErrSeal = errors.New("not sealed here, or too long ago")

// sealed is what is inside a seal.
type sealed struct {
	Until int64           `json:"u"` // seconds since 1970
	Value json.RawMessage `json:"v"`
}

// Seal writes v so that a browser can keep it without reading or changing it. Only Open with the same key and purpose
// reads it, until it ends.
func Seal(key []byte, purpose string, v any, until time.Time) (string, error) {
	value, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(sealed{until.Unix(), value})
	if err != nil {
		return "", err
	}
	box, err := boxOf(key, purpose)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(box.Seal(nil, nil, text, nil)), nil
}

// Open reads into v what Seal wrote.
func Open(key []byte, purpose, text string, now time.Time, v any) error {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return ErrSeal
	}
	box, err := boxOf(key, purpose)
	if err != nil {
		return err
	}
	plain, err := box.Open(nil, nil, raw, nil)
	if err != nil {
		return ErrSeal
	}
	var s sealed
	if err := json.Unmarshal(plain, &s); err != nil {
		return fmt.Errorf("read a seal: %w", err)
	}
	if now.Unix() >= s.Until {
		return ErrSeal
	}
	return json.Unmarshal(s.Value, v)
}

func boxOf(key []byte, purpose string) (cipher.AEAD, error) {
	k, err := hkdf.Key(sha256.New, key, nil, "tokenflex seal "+purpose, secretSize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
