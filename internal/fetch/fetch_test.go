// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package fetch

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"greenroom"
)

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1::1": true, "127.0.0.1": false, "10.1.2.3": false, "192.168.0.1": false, "172.16.5.5": false,
		"169.254.169.254": false, "::1": false, "fd00::1": false, "fe80::1": false, "::ffff:127.0.0.1": false, "0.0.0.0": false, "100.64.1.1": false,
		"64:ff9b::7f00:1": false, "224.0.0.1": false, "255.255.255.255": false,
	} {
		if got := Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("Public(%s) = %v, want %v", address, got, want)
		}
	}
}

func TestGuardedRefusesOwnNetwork(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the request arrived") }))
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := Guarded(time.Second, nil).Do(req)
	if err == nil {
		t.Fatal(res.Body.Close())
	}
	if greenroom.ErrorCode(err) != greenroom.CodeForbidden {
		t.Errorf("got %v, want an error with code %q", err, greenroom.CodeForbidden)
	}
}
