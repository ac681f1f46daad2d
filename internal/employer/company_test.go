// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package employer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom/internal/employer"
)

// TestCompanyKey has one company be found however people write it, and no company where they mean none.
func TestCompanyKey(t *testing.T) {
	c := employer.NewCompanies()
	for text, want := range map[string]string{
		"Acme": "acme", "@acme": "acme", " @Acme ": "acme", "Acme, Inc.": "acme", "ACME GmbH & Co. KG": "acme", "acme.com": "acme", "https://www.acme.co.uk/": "acme", "Acme Labs": "acmelabs",
		"Node.js": "nodejs", "Booking.com": "booking", "dev @acme": "devacme", "@acme @globex": "", "https://acme.com/team": "httpsacmecomteam",
		"": "", "-": "", "n/a": "", "N/A": "", "None": "", "@home": "", "Self-Employed": "", "freelance": "", "Freelancer Ltd": "", "Student": "", "Étudiant": "", "Selbstständig": "", "学生": "", "X": "", "Inc.": "inc",
	} {
		if got := c.Key(text); got != want {
			t.Errorf("%q is found by %q, want %q", text, got, want)
		}
	}
	if diff := cmp.Diff(map[string]bool{"acme": true, "acmelabs": true}, c.Keys([]string{"Acme Inc.", "none"}, []string{"acme-labs.io", "mail.acme.com", "home.de"})); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}
