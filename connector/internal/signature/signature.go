// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package signature checks that a delivery was made by somebody who knows the secret, in constant time.
package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strings"

	"greenroom"
)

// Hex256 is the HMAC-SHA256 of a message in lower-case hexadecimal.
func Hex256(secret string, message []byte) string {
	return hex.EncodeToString(sum(sha256.New, secret, message))
}

// Base256 is the HMAC-SHA256 of a message in base 64.
func Base256(secret string, message []byte) string {
	return base64.StdEncoding.EncodeToString(sum(sha256.New, secret, message))
}

// Hex is the HMAC of a message with another hash, in lower-case hexadecimal, for platforms that still use one.
func Hex(h func() hash.Hash, secret string, message []byte) string {
	return hex.EncodeToString(sum(h, secret, message))
}

func sum(h func() hash.Hash, secret string, message []byte) []byte {
	mac := hmac.New(h, []byte(secret))
	mac.Write(message)
	return mac.Sum(nil)
}

// Equal reports whether two texts are the same, in a time that does not depend on where they differ. An empty text equals
// nothing: a source without a secret takes no deliveries.
func Equal(want, got string) bool {
	return want != "" && subtle.ConstantTimeCompare([]byte(want), []byte(strings.TrimSpace(got))) == 1
}

// Wrong is the error for a delivery whose signature is missing or wrong.
func Wrong(platform string) error {
	return greenroom.Errorf(greenroom.CodeForbidden, "the delivery is not signed with the secret of this source; enter the same secret on %s and here", platform)
}
