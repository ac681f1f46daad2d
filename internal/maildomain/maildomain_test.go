// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package maildomain

import "testing"

func TestOrganization(t *testing.T) {
	f := NewFree()
	for address, want := range map[string]string{
		"ana@northwind.example":          "northwind.example",
		"ana@mail.eng.acme.co.uk":        "acme.co.uk",
		"ana@gmail.com":                  "",
		"ana@GMX.de":                     "",
		"1+ana@users.noreply.github.com": "",
		"ana@localhost":                  "",
		"ana@host.local":                 "",
		"root@10.0.0.1":                  "",
		"ana":                            "",
		"@acme.com":                      "",
		"ana@acme.com.":                  "acme.com",
		"a@b@acme.com":                   "acme.com",
		"ana@[10.0.0.1]":                 "",
		"someone@list.acme.com":          "acme.com",
		"x@com":                          "",
		"ana@students.uni-heidelberg.de": "uni-heidelberg.de",
	} {
		if got := f.Organization(address); got != want {
			t.Errorf("Organization(%q) = %q, want %q", address, got, want)
		}
	}
}
