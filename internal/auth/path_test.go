// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"net/url"
	"strings"
	"testing"
)

func TestLocalPath(t *testing.T) {
	same := []string{
		"/", "/members", "/members?query=name%3Aana&sort=-last_active", "/members/7#identities", "/a//b", "/sign-ins", "/joint", "/caf%C3%A9",
		"/search?q=http://other.example/",
	}
	for _, next := range same {
		if got := LocalPath(next); got != next {
			t.Errorf("LocalPath(%q) = %q, want it as it is", next, got)
		}
	}
	home := []string{
		"", "members", "//other.example", "///other.example", "/\\other.example", "\\\\other.example", "/\t/other.example", "/\n/other.example",
		"http://other.example/", "https:/other.example", "javascript:alert(1)", " /members", "/members ", "/..//other.example", "/a/../..//x",
		"/%2e%2e//other.example", "/./x", "/sign-in", "/sign-in?next=/x", "/sign-out", "/join/abc", "/join", "/café", "/%zz", "/\x00", "/\x7f",
		"/" + strings.Repeat("a", 3000), "?x=1", "#x",
	}
	for _, next := range home {
		if got := LocalPath(next); got != "/" {
			t.Errorf("LocalPath(%q) = %q, want /", next, got)
		}
	}
}

func FuzzLocalPath(f *testing.F) {
	for _, s := range []string{"/", "//x", "/\\x", "/members?a=b", "/%5cx", "/%2f/x", "/a/..//x", "http:x", "/;@x", "/:80"} {
		f.Add(s)
	}
	base, err := url.Parse("https://greenroom.example/sign-in")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, next string) {
		got := LocalPath(next)
		if got != next && got != "/" {
			t.Fatalf("LocalPath(%q) = %q, neither as it is nor /", next, got)
		}
		if !strings.HasPrefix(got, "/") || len(got) > 1 && (got[1] == '/' || got[1] == '\\') {
			t.Fatalf("LocalPath(%q) = %q", next, got)
		}
		u, err := base.Parse(got)
		if err != nil {
			t.Fatalf("LocalPath(%q) = %q: %v", next, got, err)
		}
		if u.Host != base.Host || u.Scheme != base.Scheme || u.User != nil {
			t.Fatalf("LocalPath(%q) = %q leads to %s", next, got, u)
		}
		if LocalPath(got) != got {
			t.Fatalf("LocalPath(%q) = %q changes again", next, got)
		}
	})
}
