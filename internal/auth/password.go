// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"context"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"greenroom"
)

// What a new password has to be like. Length is what counts; rules about kinds of characters only make people write
// "Password1!" (NIST SP 800-63B).
const (
	MinPassword = 12  // characters
	maxPassword = 512 // bytes
	// minDistinct is how many different characters a password has at the least: "aaaaaaaaaaaa" has one.
	minDistinct = 5
)

// passwords.txt lists passwords that many people choose and that are long enough to pass otherwise, one a line, folded
// as fold does.
//
//go:embed passwords.txt
var commonPasswords string

// checkPassword says what is wrong with a new password; CodeInvalid. The words are what somebody who knows the user
// would try first.
func checkPassword(password string, words ...string) error {
	if utf8.RuneCountInString(password) < MinPassword {
		return greenroom.Errorf(greenroom.CodeInvalid, "a password has at least %d characters; a few words in a row are good", MinPassword)
	}
	if len(password) > maxPassword {
		return greenroom.Errorf(greenroom.CodeInvalid, "a password has at most %d bytes", maxPassword)
	}
	distinct := make(map[rune]bool)
	for _, r := range password {
		distinct[r] = true
	}
	if len(distinct) < minDistinct {
		return greenroom.Errorf(greenroom.CodeInvalid, "this password repeats itself; use at least %d different characters", minDistinct)
	}
	folded := fold(password)
	for line := range strings.Lines(commonPasswords) {
		if strings.TrimSpace(line) == folded {
			return greenroom.Errorf(greenroom.CodeInvalid, "many people choose this password, so it is tried first; choose another one")
		}
	}
	for _, word := range words {
		if f := fold(word); len(f) > 2 && strings.ReplaceAll(folded, f, "") == "" {
			return greenroom.Errorf(greenroom.CodeInvalid, "this password is easy to guess from your name or address; choose another one")
		}
	}
	return nil
}

// fold brings what people take for the same password to one form: lower case, without what is put between and after
// words.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
	return s
}

// hashing is how much work argon2id makes of a password. The parameters are kept with each hash, so raising them here
// is enough: a hash with others is made anew when its user signs in next.
type hashing struct {
	memory  uint32 // KiB
	time    uint32 // passes
	threads uint8
}

// recommended is what OWASP's Password Storage Cheat Sheet gives as the least for argon2id: 19 MiB, two passes.
func recommended() hashing { return hashing{memory: 19 * 1024, time: 2, threads: 1} }

const (
	saltBytes = 16
	keyBytes  = 32
	// hashesAtOnce bounds the memory that sign-ins take together.
	hashesAtOnce = 4
)

// hasher makes and checks hashes of passwords, a few at a time.
type hasher struct {
	with   hashing
	random io.Reader
	busy   chan struct{}
	// derive is argon2.IDKey; tests count its calls.
	derive func(password, salt []byte, time, memory uint32, threads uint8, keyLen uint32) []byte
}

func newHasher(random io.Reader) *hasher {
	return &hasher{with: recommended(), random: random, busy: make(chan struct{}, hashesAtOnce), derive: argon2.IDKey}
}

// key derives the key of a password, when it is its turn.
func (h *hasher) key(ctx context.Context, password string, salt []byte, with hashing) ([]byte, error) {
	select {
	case h.busy <- struct{}{}:
		defer func() { <-h.busy }()
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting to check a password: %w", ctx.Err())
	}
	return h.derive([]byte(norm.NFKC.String(password)), salt, with.time, with.memory, with.threads, keyBytes), nil
}

// hash returns the encoded hash of a password, in the form that the argon2 programs use:
// $argon2id$v=19$m=19456,t=2,p=1$salt$key.
func (h *hasher) hash(ctx context.Context, password string) (Secret, error) {
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(h.random, salt); err != nil {
		return "", fmt.Errorf("drawing a salt: %w", err)
	}
	key, err := h.key(ctx, password, salt, h.with)
	if err != nil {
		return "", err
	}
	return encodeHash(h.with, salt, key), nil
}

// decoy returns a hash that no password has, which takes as long to check as one that some password has.
func (h *hasher) decoy() (Secret, error) {
	b := make([]byte, saltBytes+keyBytes)
	if _, err := io.ReadFull(h.random, b); err != nil {
		return "", fmt.Errorf("drawing a decoy: %w", err)
	}
	return encodeHash(h.with, b[:saltBytes], b[saltBytes:]), nil
}

// verify reports whether a password has that hash, and whether the hash was made with other parameters than a new one
// would be.
func (h *hasher) verify(ctx context.Context, encoded Secret, password string) (ok, outdated bool, err error) {
	with, salt, want, err := decodeHash(encoded.Reveal())
	if err != nil {
		return false, false, err
	}
	key, err := h.key(ctx, password, salt, with)
	if err != nil {
		return false, false, err
	}
	return subtle.ConstantTimeCompare(key, want) == 1, with != h.with, nil
}

func encodeHash(with hashing, salt, key []byte) Secret {
	b64 := base64.RawStdEncoding
	return Secret(fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, with.memory, with.time, with.threads,
		b64.EncodeToString(salt), b64.EncodeToString(key)))
}

// Limits of what decodeHash believes, so that a damaged hash takes neither all memory nor all day.
const (
	maxMemory = 1 << 20 // KiB
	maxTime   = 64
)

func decodeHash(encoded string) (with hashing, salt, key []byte, err error) {
	bad := errors.New("a stored password hash is damaged; set the password anew with a link from greenroom user link")
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return with, nil, nil, bad
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &with.memory, &with.time, &with.threads); err != nil {
		return with, nil, nil, bad
	}
	if with.memory > maxMemory || with.time == 0 || with.time > maxTime || with.threads == 0 {
		return with, nil, nil, bad
	}
	salt, serr := base64.RawStdEncoding.DecodeString(parts[4])
	key, kerr := base64.RawStdEncoding.DecodeString(parts[5])
	if serr != nil || kerr != nil || len(salt) == 0 || len(key) != keyBytes {
		return with, nil, nil, bad
	}
	return with, salt, key, nil
}
