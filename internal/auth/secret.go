// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Secret is a text that opens something: a token, a password's hash. However it is printed, logged or encoded, it shows
// as "[secret]"; Reveal is the one way to its text, so that every place where a secret leaves is easy to find.
type Secret string

const hidden = "[secret]"

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// Format prints the word "[secret]", whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) {
	if _, err := io.WriteString(f, hidden); err != nil {
		return // the printer keeps it
	}
}

// LogValue logs the word "[secret]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText encodes the word "[secret]".
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// secretBytes is the strength of everything that is handed out: 256 bits.
const secretBytes = 32

// plainLength is the length of a session's or a link's token in base64url.
const plainLength = 43

// newPlain makes the token of a session or of a link.
func newPlain(random io.Reader) (Secret, error) {
	b := make([]byte, secretBytes)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("drawing a random token: %w", err)
	}
	return Secret(base64.RawURLEncoding.EncodeToString(b)), nil
}

// wellFormed reports whether a text can be the token of a session or of a link.
func wellFormed(token string) bool {
	if len(token) != plainLength {
		return false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	return err == nil && len(b) == secretBytes
}

const (
	// TokenPrefix begins every API token, so that people and scanners for leaked secrets recognize one.
	TokenPrefix = "grm_"
	// base62 needs no escaping anywhere, and a double click selects all of it.
	base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	// tokenLetters is how many letters of base62 hold 256 bits.
	tokenLetters = 43
	// hintLength is how much of a token is kept readable, for telling tokens apart in a list: the prefix and 4 letters,
	// which leaves 232 bits.
	hintLength = len(TokenPrefix) + 4
)

// newToken makes an API token. Bytes of 248 and more are drawn again, so that every letter is equally likely.
func newToken(random io.Reader) (Secret, error) {
	const fair = 256 - 256%len(base62)
	var sb strings.Builder
	sb.WriteString(TokenPrefix)
	b := make([]byte, tokenLetters)
	for sb.Len() < len(TokenPrefix)+tokenLetters {
		if _, err := io.ReadFull(random, b); err != nil {
			return "", fmt.Errorf("drawing a random token: %w", err)
		}
		for _, v := range b {
			if int(v) < fair && sb.Len() < len(TokenPrefix)+tokenLetters {
				sb.WriteByte(base62[int(v)%len(base62)])
			}
		}
	}
	return Secret(sb.String()), nil
}

// IsToken reports whether a text can be an API token: the prefix and 43 letters of base62. It says nothing about whether
// there is such a token; what is not one need not be looked up.
func IsToken(s string) bool {
	letters, ok := strings.CutPrefix(s, TokenPrefix)
	if !ok || len(letters) != tokenLetters {
		return false
	}
	for i := range len(letters) {
		if strings.IndexByte(base62, letters[i]) < 0 {
			return false
		}
	}
	return true
}

// hashed is the form in which the store keeps a token: its SHA-256 in base64url. It also names the session or the
// invitation in lists, since it opens nothing.
func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
