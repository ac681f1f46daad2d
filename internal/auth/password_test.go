// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"crypto/rand"
	"strings"
	"testing"

	"greenroom"
)

func TestCheckPassword(t *testing.T) {
	tests := []struct {
		password string
		want     string // a part of the error, "" = accepted
	}{
		{"eleven char", "at least 12 characters"},
		{"twelve chars", ""},
		{"käse brötchen", ""},
		{"žluťoučký kůň", ""},
		{"🐎🔋📎🐴 abcd", "at least 12 characters"},
		{strings.Repeat("long enough ", 60), "at most 512 bytes"},
		{"abababababababab", "repeats itself"},
		{"password1234", "many people"},
		{"Pass-Word 1234!", "many people"},
		{"CORRECT horse battery staple", "many people"},
		{"ana@example.org", "easy to guess"},
		{"Ana Lovelace", "easy to guess"},
		{"analovelaceanalovelace", "easy to guess"},
		{"greenroomgreenroom", "easy to guess"},
		{"greenroom is where I wait", ""},
	}
	for _, tt := range tests {
		err := checkPassword(tt.password, "ana@example.org", "ana", "Ana Lovelace", "greenroom")
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("checkPassword(%q) = %v, want %q", tt.password, err, tt.want)
		}
		if err != nil && greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("checkPassword(%q) has code %s", tt.password, greenroom.ErrorCode(err))
		}
	}
}

// TestCommonPasswords finds lines of the list that can never match.
func TestCommonPasswords(t *testing.T) {
	seen := map[string]bool{}
	for line := range strings.Lines(commonPasswords) {
		line = strings.TrimSuffix(line, "\n")
		if line != fold(line) || len([]rune(line)) < MinPassword-2 || seen[line] {
			t.Errorf("passwords.txt: %q is not folded, too short to pass anyway, or there twice", line)
		}
		seen[line] = true
	}
}

func TestHash(t *testing.T) {
	h := newHasher(rand.Reader)
	encoded, err := h.hash(t.Context(), "a good password")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(encoded.Reveal(), "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash = %s, want OWASP's parameters in it", encoded.Reveal())
	}
	again, err := h.hash(t.Context(), "a good password")
	if err != nil || again == encoded {
		t.Errorf("the same password has the same hash twice, %v", err)
	}
	for password, want := range map[string]bool{"a good password": true, "a good passwore": false, "": false} {
		ok, outdated, err := h.verify(t.Context(), encoded, password)
		if ok != want || outdated || err != nil {
			t.Errorf("verify(%q) = %v, %v, %v; want %v", password, ok, outdated, err, want)
		}
	}
	h.with.time++
	if ok, outdated, err := h.verify(t.Context(), encoded, "a good password"); !ok || !outdated || err != nil {
		t.Errorf("verify after the parameters were raised = %v, %v, %v; want right and outdated", ok, outdated, err)
	}
	// The same letters, written in two ways that look alike.
	composed, err := h.hash(t.Context(), "caf\u00e9 au lait, merci")
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, err := h.verify(t.Context(), composed, "cafe\u0301 au lait, merci"); !ok || err != nil {
		t.Errorf("a decomposed é is another password: %v", err)
	}
	// RFC 9106 has no vector without secret and data; this one is from the argon2 command of the reference
	// implementation: printf password | argon2 somesalt -id -t 2 -m 16 -p 1
	const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, _, err := h.verify(t.Context(), reference, "password"); !ok || err != nil {
		t.Errorf("the reference implementation's hash does not verify: %v", err)
	}
}

func FuzzDecodeHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=4294967295,t=2,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2i$v=19$m=8,t=1,p=1$AAAA$AAAA")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		with, salt, key, err := decodeHash(s)
		if err != nil {
			return
		}
		if with.memory > maxMemory || with.time == 0 || with.time > maxTime || with.threads == 0 || len(salt) == 0 || len(key) != keyBytes {
			t.Errorf("decodeHash(%q) = %+v with %d bytes of salt and %d of key", s, with, len(salt), len(key))
		}
	})
}

// BenchmarkHash is what one sign-in costs.
func BenchmarkHash(b *testing.B) {
	h := newHasher(rand.Reader)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.hash(b.Context(), "a good password"); err != nil {
			b.Fatal(err)
		}
	}
}
