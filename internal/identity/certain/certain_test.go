// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package certain

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
)

func TestProfile(t *testing.T) {
	for address, want := range map[string]string{
		"https://github.com/MinaK":                           "github.com/minak",
		"http://www.github.com/minak/":                       "github.com/minak",
		"github.com/minak":                                   "github.com/minak",
		"https://github.com/minak/importer":                  "",
		"https://github.com/orgs/acme":                       "",
		"https://x.com/minak":                                "twitter.com/minak",
		"https://www.linkedin.com/in/mina-k/":                "linkedin.com/in/mina-k",
		"https://www.linkedin.com/company/acme":              "",
		"https://stackoverflow.com/users/22656/jon":          "stackoverflow.com/users/22656",
		"https://forum.acme.example/u/minak/summary":         "forum.acme.example/u/minak",
		"https://acme.example":                               "",
		"https://acme.example/about":                         "",
		"https://social.acme.example/@minak":                 "social.acme.example/@minak",
		"javascript:alert(1)":                                "",
		"https://coffee.stackexchange.com/users/12/somebody": "coffee.stackexchange.com/users/12",
		"": "",
	} {
		if got := Profile(address); got != want {
			t.Errorf("Profile(%q) = %q, want %q", address, got, want)
		}
	}
}

func TestPersonal(t *testing.T) {
	for address, want := range map[string]bool{
		"mina@northwind.example": true, "info@northwind.example": false, "noreply@acme.com": false, "root@localhost": false,
		"mina+list@acme.com": true, "1+m@users.noreply.github.com": false, "mina@host.local": false, "mina@gmail.com": true,
		"me@somewhere.org": false, "x": false, "no-reply-7@acme.com": false,
	} {
		if got := Personal(address); got != want {
			t.Errorf("Personal(%q) = %v, want %v", address, got, want)
		}
	}
}

func TestKeys(t *testing.T) {
	got := Keys([]greenroom.Email{{Address: "mina@acme.com", Verified: true}, {Address: "7+minak@users.noreply.github.com"}},
		"https://forum.acme.com/u/minak", []string{"https://github.com/minak", "https://acme.com"})
	want := []Key{
		{Email, "mina@acme.com", "same verified e-mail"},
		{Claim, "github.com/minak", "GitHub no-reply address"},
		{Address, "7+minak@users.noreply.github.com", "address of a role"},
		{URL, "forum.acme.com/u/minak", "own profile"},
		{Claim, "github.com/minak", "profile links to github.com/minak"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Keys (-want +got):\n%s", diff)
	}
}

func FuzzProfile(f *testing.F) {
	f.Add("https://github.com/a")
	f.Add("://")
	f.Add(":/@0")
	f.Fuzz(func(t *testing.T, s string) {
		if p := Profile(s); p != "" && Profile(p) != p {
			t.Errorf("Profile(%q) = %q, which is not a fixed point: %q", s, p, Profile(p))
		}
	})
}
