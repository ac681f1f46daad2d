// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package fetch is the HTTP client for addresses that users enter. It refuses to talk to the machine it runs on and to
// the network around it, so that a form for a forum's address cannot be used to read what only the server can reach
// (server-side request forgery). The check is made on the address that is dialed, after names are resolved, so that a
// name that changes its mind between check and use gains nothing.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"greenroom"
)

// Limits of a request.
const (
	dialTimeout   = 10 * time.Second
	headerTimeout = 30 * time.Second
	maxRedirects  = 5
)

// Guarded returns a client that reaches public addresses, and those of the networks that the operator allows beside, such
// as the one that the company's own code host stands in. timeout bounds a whole request.
func Guarded(timeout time.Duration, allowed []netip.Prefix) *http.Client {
	dialer := &net.Dialer{Timeout: dialTimeout, ControlContext: guard(allowed)}
	return &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: dialTimeout, ResponseHeaderTimeout: headerTimeout,
			MaxIdleConns: 20, IdleConnTimeout: time.Minute,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) >= maxRedirects {
				return errors.New("too many redirects")
			}
			if r.URL.Scheme != "https" && r.URL.Scheme != "http" {
				return fmt.Errorf("a redirect leads to %s, which is not a web address", r.URL.Scheme)
			}
			return nil
		},
	}
}

// guard lets through dialing to public and to allowed addresses only.
func guard(allowed []netip.Prefix) func(context.Context, string, string, syscall.RawConn) error {
	return func(_ context.Context, _, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("reading the address %s: %w", address, err)
		}
		inside := func(p netip.Prefix) bool { return p.Contains(ap.Addr().Unmap()) }
		if !Public(ap.Addr()) && !slices.ContainsFunc(allowed, inside) {
			return greenroom.Errorf(greenroom.CodeForbidden,
				"the address leads to %s, inside this server's own network; such addresses are not read from here. "+
					"An operator can allow the network with `greenroom serve --allow-network`, or import on the command line", ap.Addr())
		}
		return nil
	}
}

// reserved are ranges that are not public and that netip has no method for.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
}

// Public reports whether an address belongs to the public network.
func Public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range reserved {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
