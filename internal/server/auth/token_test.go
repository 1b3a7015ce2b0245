package auth

import (
	"regexp"
	"strings"
	"testing"

	"tokenflex.ing/internal/server/store"
)

func TestTokensPassTheirOwnCheck(t *testing.T) {
	pattern, seen := regexp.MustCompile("^"+TokenPattern+"$"), map[string]bool{}
	for range 200 {
		token := NewToken()
		if len(token) != 57 || !pattern.MatchString(token) || CheckToken(token) != nil || seen[token] {
			t.Fatalf("token %q", token)
		}
		seen[token] = true
		if Hint(token) != token[53:] {
			t.Errorf("hint %q of %q", Hint(token), token)
		}
	}
}

// A checksum is good for nothing but telling a slip from a token, so any slip must show.
func TestSlipsAreNoTokens(t *testing.T) {
	token := NewToken()
	for i := range token {
		other := byte('0')
		if token[i] == other {
			other = '1'
		}
		if slip := token[:i] + string(other) + token[i+1:]; CheckToken(slip) == nil {
			t.Errorf("%q passes for %q", slip, token)
		}
	}
	for _, bad := range []string{"", TokenPrefix, token[1:], token + "0", strings.ToUpper(token), strings.Replace(token, "live", "test", 1), " " + token} {
		if CheckToken(bad) == nil {
			t.Errorf("%q passes", bad)
		}
	}
}

func TestUserCodes(t *testing.T) {
	letters := map[rune]int{}
	for i := range 500 {
		code := NewUserCode(i%2 == 0)
		shown := ShowUserCode(code)
		if want := 9 + 2*(1-i%2); len(shown) != want || shown[want/2] != '-' {
			t.Fatalf("%q is not %d letters", shown, want-1)
		}
		for _, typed := range []string{code, shown, strings.ToLower(shown), " " + strings.Join(strings.Split(shown, ""), " ") + ".\n"} {
			if got, ok := ReadUserCode(typed); !ok || got != code {
				t.Fatalf("%q is read as %q", typed, got)
			}
		}
		for _, r := range code {
			letters[r]++
		}
	}
	if len(letters) != len(codeAlphabet) {
		t.Errorf("letters %v", letters)
	}
	for _, bad := range []string{"", "WDJB", "WDJBMJHTX", "WDJBMJHTXZB", "AEIOUAEI", strings.Repeat("B-", 64)} {
		if code, ok := ReadUserCode(bad); ok {
			t.Errorf("%q is read as %q", bad, code)
		}
	}
}

func TestCodesAreHashedWithTheServersKey(t *testing.T) {
	a, b := HashUserCode([]byte("key a"), "WDJBMJHT"), HashUserCode([]byte("key b"), "WDJBMJHT")
	if a == b || a == store.HashOf("WDJBMJHT") || a != HashUserCode([]byte("key a"), "WDJBMJHT") {
		t.Error("the hash does not depend on the key alone")
	}
}

func TestSecrets(t *testing.T) {
	s := NewSecret()
	if len(s) != 43 || !IsSecret(s) || s == NewSecret() {
		t.Errorf("secret %q", s)
	}
	for _, bad := range []string{"", s[1:], s + "A", strings.Repeat("!", 43), s[:42] + "="} {
		if IsSecret(bad) {
			t.Errorf("%q passes", bad)
		}
	}
}

func FuzzToken(f *testing.F) {
	f.Add(NewToken())
	f.Add("tf_live_")
	f.Fuzz(func(t *testing.T, s string) {
		if CheckToken(s) == nil && !regexp.MustCompile("^"+TokenPattern+"$").MatchString(s) {
			t.Errorf("%q passes", s)
		}
		if code, ok := ReadUserCode(s); ok && strings.Trim(code, codeAlphabet) != "" {
			t.Errorf("%q is read as %q", s, code)
		}
		Hint(s)
	})
}

func BenchmarkCheckToken(b *testing.B) {
	token := NewToken()
	b.ReportAllocs()
	for b.Loop() {
		if err := CheckToken(token); err != nil {
			b.Fatal(err)
		}
	}
}
