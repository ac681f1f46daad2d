// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretPrintsNowhere(t *testing.T) {
	s := Secret("open-sesame")
	link := Link{Token: s}
	out := &bytes.Buffer{}
	log := slog.New(slog.NewJSONHandler(out, nil))
	log.Info("logged", "secret", s, "link", link, "in", SignedIn{Token: s}, "known", Credential{PasswordHash: s}, "error", fmt.Errorf("of %s", s))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
		fmt.Fprintf(out, verb+verb+verb, s, link, []any{&s, map[string]Secret{"k": s}})
	}
	text, err := json.Marshal(map[string]any{"link": link, "secret": s})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(text)
	for _, leaked := range []string{"sesame", fmt.Sprintf("%x", "sesame"), fmt.Sprintf("%X", "sesame")} {
		if strings.Contains(out.String(), leaked) {
			t.Errorf("%q shows in %s", leaked, out)
		}
	}
	if s.Reveal() != "open-sesame" {
		t.Errorf("Reveal = %q", s.Reveal())
	}
}

func TestNewToken(t *testing.T) {
	seen := map[Secret]bool{}
	letters := map[rune]bool{}
	for range 200 {
		token, err := newToken(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if !IsToken(token.Reveal()) || seen[token] {
			t.Fatalf("newToken = %s, which is no token or was there before", token.Reveal())
		}
		seen[token] = true
		for _, r := range token.Reveal()[len(TokenPrefix):] {
			letters[r] = true
		}
	}
	if len(letters) != len(base62) {
		t.Errorf("200 tokens have %d different letters, want all %d", len(letters), len(base62))
	}
	// Bytes that would favor the first letters are drawn again.
	token, err := newToken(bytes.NewReader(append(bytes.Repeat([]byte{255}, tokenLetters), make([]byte, tokenLetters)...)))
	if want := TokenPrefix + strings.Repeat("0", tokenLetters); err != nil || token.Reveal() != want {
		t.Errorf("newToken from bytes 255 and 0 = %s, %v; want %s", token.Reveal(), err, want)
	}
	if _, err := newToken(strings.NewReader("short")); err == nil {
		t.Error("newToken accepts a random source that ends")
	}
}

func FuzzIsToken(f *testing.F) {
	for _, s := range []string{"", TokenPrefix, TokenPrefix + strings.Repeat("a", 43), TokenPrefix + strings.Repeat("a", 42) + "-", "grm-" + strings.Repeat("a", 43), strings.Repeat("A", 43)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if IsToken(s) {
			if len(s) != len(TokenPrefix)+tokenLetters || !strings.HasPrefix(s, TokenPrefix) || strings.Trim(s[len(TokenPrefix):], base62) != "" {
				t.Errorf("IsToken(%q)", s)
			}
			if wellFormed(s) {
				t.Errorf("%q passes for a session's token too", s)
			}
		}
		if wellFormed(s) && strings.ContainsAny(s, "\r\n ;=+/%") {
			t.Errorf("wellFormed(%q)", s)
		}
	})
}
