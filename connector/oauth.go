// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package connector

import "strings"

// OAuth says how a platform gives an app tokens by the consent of a person in the browser: OAuth 2.0's authorization code
// with PKCE (RFC 6749, 7636). Whoever connects sources goes through it; what comes of it are values of the connector's own
// options, the same ones that can be entered by hand, and the connector renews them as it does those.
type OAuth struct {
	Consent string // address at which people consent
	Token   string // address that gives tokens for the code
	// Base names the Address option whose scheme and host stand for those of both addresses, where they are the source's own;
	// "" = they are the platform's.
	Base      string
	Scopes    []string
	Separator string            // between scopes; "" = a space
	Params    map[string]string // what the consent is asked for with besides, e.g. access_type=offline

	// The options of the app, and those that take the tokens; "" = the connector does not keep that one.
	Client, Secret, Access, Refresh string

	Register string // Markdown: where an app is made and the address to come back to is registered
}

// Scope is what is asked for, in one text.
func (o *OAuth) Scope() string {
	sep := o.Separator
	if sep == "" {
		sep = " "
	}
	return strings.Join(o.Scopes, sep)
}
