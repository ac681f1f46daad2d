// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package avatar

import (
	"crypto/md5" //nolint:gosec // it is how these pictures are named, not a secret
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"path"
	"strings"
)

// OfAddress is the hash of a mail address, in hexadecimal, that the address of a picture at Gravatar or Libravatar is made
// of; "" if it is of no such picture.
func OfAddress(picture string) string {
	if !strings.Contains(picture, "avatar") {
		return ""
	}
	u, err := url.Parse(picture)
	if err != nil || !at(u.Hostname(), "gravatar.com") && !at(u.Hostname(), "libravatar.org") {
		return ""
	}
	folder, name := path.Split(strings.ToLower(u.Path))
	name = strings.TrimSuffix(name, path.Ext(name))
	if folder != "/avatar/" || len(name) != 2*md5.Size && len(name) != 2*sha256.Size {
		return ""
	}
	if _, err := hex.DecodeString(name); err != nil {
		return ""
	}
	return name
}

// at says whether a host is in a domain.
func at(host, domain string) bool {
	host = strings.ToLower(host)
	return host == domain || strings.HasSuffix(host, "."+domain)
}

// Names are what pictures of a mail address are called: its MD5, and, as Gravatar has it since 2024, its SHA-256
// (https://docs.gravatar.com/rest/hash/).
func Names(address string) [2]string {
	text := []byte(strings.ToLower(strings.TrimSpace(address)))
	old, now := md5.Sum(text), sha256.Sum256(text) //nolint:gosec // as above
	return [2]string{hex.EncodeToString(old[:]), hex.EncodeToString(now[:])}
}
