// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package maildomain says what an e-mail domain tells of an employer: the registrable domain behind an address, and
// whether it is a provider that anybody can have an address at, which tells nothing.
package maildomain

import (
	_ "embed"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// free.txt is the list of providers, one domain a line, kept in alphabetical order. A domain that a user reports as
// wrongly taken for a company is added there.
//
//go:embed free.txt
var freeList string

// Free knows the domains that say nothing of an employer.
type Free struct{ domains map[string]bool }

// NewFree reads the list of providers.
func NewFree() *Free {
	f := &Free{domains: make(map[string]bool)}
	for line := range strings.Lines(freeList) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			f.domains[line] = true
		}
	}
	return f
}

// Organization returns the registrable domain of an address where it tells of an organization, else "". Addresses of
// free-mail providers, of machines (localhost, .local, bare names) and no-reply forms of platforms tell nothing.
func (f *Free) Organization(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 {
		return ""
	}
	host := strings.TrimSuffix(strings.ToLower(address[at+1:]), ".")
	if !strings.Contains(host, ".") || strings.ContainsAny(host, " /[]:_") || f.domains[host] {
		return ""
	}
	for _, suffix := range []string{".local", ".localdomain", ".lan", ".internal", ".invalid", ".test", ".localhost", ".home", ".arpa"} {
		if strings.HasSuffix(host, suffix) {
			return ""
		}
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil || f.domains[domain] || isDigits(strings.TrimRight(domain, ".0123456789")) {
		return ""
	}
	return domain
}

// isDigits reports whether nothing is left of a domain but digits and dots: an IP address.
func isDigits(rest string) bool { return rest == "" }
