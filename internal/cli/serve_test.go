// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"greenroom/internal/cli"
)

// TestServeBehindProxy starts the server with the flags for what stands in front of it. The first link leads to the
// public address, and a cookie is for https alone where that address, or a proxy that is believed, says https.
func TestServeBehindProxy(t *testing.T) {
	for name, c := range map[string]struct {
		flags  []string
		link   string // "" = where it listens
		secure bool
	}{
		"alone":                        {nil, "", false},
		"a proxy here":                 {[]string{"--behind-proxy"}, "", true},
		"a proxy elsewhere":            {[]string{"--trust-proxy", "198.51.100.0/24"}, "", false},
		"a public address":             {[]string{"--public-url", "https://community.example.org/"}, "https://community.example.org", true},
		"a public address without TLS": {[]string{"--public-url", "http://community.example.org"}, "http://community.example.org", false},
	} {
		t.Run(name, func(t *testing.T) {
			address := free(t)
			link := serving(t, append([]string{"serve", "--data", t.TempDir(), "--addr", address}, c.flags...))
			if c.link == "" {
				c.link = "http://" + address
			}
			token, found := strings.CutPrefix(link, c.link)
			if !found || !strings.HasPrefix(token, "/join/") {
				t.Fatalf("it says to open %s, want %s/join/…", link, c.link)
			}
			form := url.Values{"email": {"ana@example.org"}, "name": {"Ana"}, "password": {"plum tart on sunday"}}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+token, strings.NewReader(form.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Forwarded-Proto", "https")
			res, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if cookie := res.Header.Get("Set-Cookie"); cookie == "" || strings.Contains(cookie, "; Secure") != c.secure {
				t.Errorf("%d, the cookie is %q; want it for https alone: %v", res.StatusCode, cookie, c.secure)
			}
		})
	}
}

// TestServeRefuses names what is wrong with a flag.
func TestServeRefuses(t *testing.T) {
	for flag, want := range map[string]string{
		"--public-url=community.example.org":       "--public-url is an address such as",
		"--public-url=https://example.org/rooms":   "without a path",
		"--public-url=https://ana:pw@example.org/": "--public-url is an address such as",
		"--trust-proxy=127.0.0.1":                  "write one as 10.0.0.0/8",
		"--max-upload=0":                           "--max-upload is a number of GiB above 0",
		"--zone=Atlantis":                          "write one as Europe/Lisbon",
	} {
		var errs strings.Builder
		if code := cli.Run(t.Context(), []string{"serve", "--data", t.TempDir(), "--addr", "127.0.0.1:0", flag}, cli.IO{In: strings.NewReader(""), Out: io.Discard, Err: &errs}); code == 0 || !strings.Contains(errs.String(), want) {
			t.Errorf("%s: %d, %q", flag, code, errs.String())
		}
	}
}

// free is an address of this machine at which nothing listens.
func free(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return address
}

// serving runs the server until the test ends and returns the link that it prints.
func serving(t *testing.T, args []string) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	out, in := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- cli.Run(ctx, args, cli.IO{In: strings.NewReader(""), Out: in, Err: io.Discard})
		_ = in.Close()
	}()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != 0 {
			t.Errorf("it ended with %d", code)
		}
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, link, ok := strings.Cut(lines.Text(), "Open "); ok {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return link
		}
	}
	t.Fatal("it printed no link")
	return ""
}
