package signed

import (
	"bytes"
	"errors"
	"testing"
)

func TestOnlyTheSignersBytesHold(t *testing.T) {
	s, err := NewSigner(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	other, _ := NewSigner(bytes.Repeat([]byte{8}, 32))
	body := []byte("prices 1\n")
	good := s.Sign(body)
	for _, c := range []struct {
		name, key, signature string
		body                 string
		want                 error
	}{
		{"as it was signed", s.Key(), good, string(body), nil},
		{"one byte more", s.Key(), good, string(body) + "x", ErrForged},
		{"nothing", s.Key(), good, "", ErrForged},
		{"by another", s.Key(), other.Sign(body), string(body), ErrForged},
		{"another's key", other.Key(), good, string(body), ErrForged},
		{"not signed", s.Key(), "", string(body), ErrUnsigned},
		{"no key", "", good, string(body), ErrKey},
		{"half a key", s.Key()[:20], good, string(body), ErrKey},
		{"another scheme", s.Key(), "rsa:" + good, string(body), ErrForged},
		{"half a signature", s.Key(), good[:30], string(body), ErrForged},
	} {
		if err := Verify(c.key, c.signature, []byte(c.body)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := NewSigner([]byte("short")); !errors.Is(err, ErrKey) {
		t.Errorf("a short secret: %v", err)
	}
}
