// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package snowflake

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"greenroom"
)

// lifetime is how long a token is good for; Snowflake takes an hour at most.
const lifetime = 55 * time.Minute

// signer makes the tokens that sign in with a key pair: RS256, issued by account, user and the public key's fingerprint.
type signer struct {
	key     *rsa.PrivateKey
	issuer  string
	subject string
	now     func() time.Time

	mu    sync.Mutex
	last  string
	until time.Time
}

func newSigner(account, user, text string, now func() time.Time) (*signer, error) {
	key, err := parseKey(text)
	if err != nil {
		return nil, err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("encoding the public key: %w", err)
	}
	sum := sha256.Sum256(public)
	subject := account + "." + strings.ToUpper(user)
	return &signer{key: key, subject: subject, issuer: subject + ".SHA256:" + base64.StdEncoding.EncodeToString(sum[:]), now: now}, nil
}

// parseKey reads a private key in PEM. Forms turn line ends into blanks, so that any white space in its body is let go.
func parseKey(text string) (*rsa.PrivateKey, error) {
	wrong := func(why string) error {
		return greenroom.Errorf(greenroom.CodeInvalid, "the private key of %s cannot be used: %s; expected the whole text of an RSA key, from -----BEGIN PRIVATE KEY----- on", title, why)
	}
	if strings.Contains(text, "ENCRYPTED") {
		return nil, wrong("it is protected by a passphrase; write it once more without: openssl pkcs8 -topk8 -nocrypt -in old.p8 -out new.p8")
	}
	text = strings.ReplaceAll(text, `\n`, "\n")
	if head, rest, ok := strings.Cut(text, "KEY-----"); ok {
		if body, tail, ok := strings.Cut(rest, "-----END"); ok {
			text = strings.TrimSpace(head) + " KEY-----\n" + strings.Join(strings.Fields(body), "\n") + "\n-----END " + strings.TrimSpace(tail) + "\n"
		}
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, wrong("it is not in PEM form")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, wrong("it is damaged, or a public key")
	}
	key, ok := any.(*rsa.PrivateKey)
	if !ok {
		return nil, wrong("it is not an RSA key")
	}
	return key, nil
}

// token returns one that is good for five minutes more at least.
func (s *signer) token() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now().UTC()
	if s.last != "" && now.Before(s.until) {
		return s.last, nil
	}
	claims, err := json.Marshal(map[string]any{"iss": s.issuer, "sub": s.subject, "iat": now.Unix(), "exp": now.Add(lifetime).Unix()}, json.Deterministic(true))
	if err != nil {
		return "", fmt.Errorf("encoding a token: %w", err)
	}
	signed := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	s.last, s.until = signed+"."+base64.RawURLEncoding.EncodeToString(signature), now.Add(lifetime-5*time.Minute)
	return s.last, nil
}
