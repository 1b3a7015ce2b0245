package accept

import (
	"crypto/hmac"
	"crypto/sha256"
	"testing"

	"pgregory.net/rapid"
	"tokenflex.ing/internal/server/store"
)

// A print is what crypto/hmac makes, whatever the key and the text are. Fails where a long key is not hashed first.
func TestSignerIsHMAC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, text := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "key"), rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "text")
		m := hmac.New(sha256.New, key)
		m.Write(text)
		if got := newSigner(key).of(append(make([]byte, sha256.BlockSize), text...)); got != store.Hash(m.Sum(nil)) {
			t.Fatalf("%x", got)
		}
	})
}
