// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"

	"greenroom"
)

// version begins every sealed text. Another way of sealing would get another one.
const version = "s1"

// Keys seals and opens. It may be used by several goroutines. It prints as the names of its keys, which tell nothing.
type Keys struct {
	all    []key // the first one seals
	random io.Reader
}

type key struct {
	id   string // the first 8 hexadecimal digits of the SHA-256 of the key
	aead cipher.AEAD
	root []byte // what Derive derives from
}

// Parse reads keys that are separated by commas, spaces or line breaks; the first one seals. A key is 32 random bytes in
// base64, as `openssl rand -base64 32` prints them. random has to be cryptographically strong. Errors are of CodeInvalid
// and do not repeat the text.
func Parse(text string, random io.Reader) (*Keys, error) {
	k := &Keys{random: random}
	fields := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })
	for i, field := range fields {
		raw, ok := decodeKey(field)
		if !ok {
			return nil, greenroom.Errorf(greenroom.CodeInvalid,
				"key %d of %d is not 32 bytes in base64; make one with: openssl rand -base64 32", i+1, len(fields))
		}
		one, err := newKey(raw)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(k.all, func(other key) bool { return other.id == one.id }) {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "key %d of %d is there twice", i+1, len(fields))
		}
		k.all = append(k.all, one)
	}
	if len(k.all) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "there is no key; make one with: openssl rand -base64 32")
	}
	return k, nil
}

// Fresh returns one key that nothing else knows: for what is sealed and opened by the same process.
func Fresh(random io.Reader) (*Keys, error) {
	text, err := generate(random)
	if err != nil {
		return nil, err
	}
	return Parse(text, random)
}

// decodeKey reads base64 of either alphabet, padded or not.
func decodeKey(text string) ([]byte, bool) {
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	raw, err := base64.RawStdEncoding.DecodeString(text)
	return raw, err == nil && len(raw) == chacha20poly1305.KeySize
}

func newKey(raw []byte) (key, error) {
	aead, err := chacha20poly1305.NewX(raw)
	if err != nil {
		return key{}, fmt.Errorf("preparing a key: %w", err)
	}
	root, err := hkdf.Key(sha256.New, raw, nil, version+".derive", sha256.Size)
	if err != nil {
		return key{}, fmt.Errorf("preparing a key: %w", err)
	}
	sum := sha256.Sum256(raw)
	return key{id: hex.EncodeToString(sum[:4]), aead: aead, root: root}, nil
}

// String names the keys, the one that seals first.
func (k *Keys) String() string {
	ids := make([]string, len(k.all))
	for i := range k.all {
		ids[i] = k.all[i].id
	}
	return "keys " + strings.Join(ids, ", ")
}

// GoString is String.
func (k *Keys) GoString() string { return k.String() }

// LogValue is String.
func (k *Keys) LogValue() slog.Value { return slog.StringValue(k.String()) }

// Seal returns a secret in the form in which it is stored: "s1.", the key's name, and nonce and ciphertext in base64url.
// place says where it is kept and has to be given again to open it.
func (k *Keys) Seal(secret []byte, place string) (string, error) {
	current := k.all[0]
	nonce := make([]byte, current.aead.NonceSize(), current.aead.NonceSize()+len(secret)+current.aead.Overhead())
	if _, err := io.ReadFull(k.random, nonce); err != nil {
		return "", fmt.Errorf("drawing a nonce: %w", err)
	}
	box := current.aead.Seal(nonce, nonce, secret, bound(current.id, place))
	return version + "." + current.id + "." + base64.RawURLEncoding.EncodeToString(box), nil
}

// bound is what a sealed text is tied to beside its key.
func bound(id, place string) []byte { return []byte(version + "." + id + "." + place) }

// Open returns the secret of a sealed text. CodeInvalid when it was not sealed here, was changed or belongs elsewhere;
// CodeUnavailable when its key is missing.
func (k *Keys) Open(sealed, place string) ([]byte, error) {
	id, box, err := parse(sealed)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(k.all, func(one key) bool { return one.id == id })
	if i < 0 {
		return nil, greenroom.Errorf(greenroom.CodeUnavailable,
			"a secret is sealed with the key %s, which is missing (there are %s); restore the key, or type the secret in again", id, k)
	}
	aead := k.all[i].aead
	if len(box) < aead.NonceSize()+aead.Overhead() {
		return nil, damaged()
	}
	secret, err := aead.Open(nil, box[:aead.NonceSize()], box[aead.NonceSize():], bound(id, place))
	if err != nil {
		return nil, damaged()
	}
	return secret, nil
}

// Stale reports whether a sealed text was sealed with an older key, or is none.
func (k *Keys) Stale(sealed string) bool {
	id, _, err := parse(sealed)
	return err != nil || id != k.all[0].id
}

// Reseal seals a sealed text with the newest key. One that is not stale comes back as it is.
func (k *Keys) Reseal(sealed, place string) (string, error) {
	if !k.Stale(sealed) {
		return sealed, nil
	}
	secret, err := k.Open(sealed, place)
	if err != nil {
		return "", err
	}
	return k.Seal(secret, place)
}

// Derive returns a secret that belongs to a place and follows from the newest key, as 64 hexadecimal digits: for what has to be
// the same tomorrow and is stored nowhere. Another key gives another one.
func (k *Keys) Derive(place string) string {
	mac := hmac.New(sha256.New, k.all[0].root)
	mac.Write([]byte(place))
	return hex.EncodeToString(mac.Sum(nil))
}

// IsSealed reports whether a text has the form that Seal gives.
func IsSealed(text string) bool {
	_, _, err := parse(text)
	return err == nil
}

func parse(sealed string) (id string, box []byte, err error) {
	v, rest, _ := strings.Cut(sealed, ".")
	id, text, ok := strings.Cut(rest, ".")
	if !ok || v != version || len(id) != 8 {
		return "", nil, damaged()
	}
	box, err = base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		return "", nil, damaged()
	}
	return id, box, nil
}

func damaged() error {
	return greenroom.Errorf(greenroom.CodeInvalid, "a sealed secret is damaged or belongs elsewhere; type the secret in again")
}
