// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package maildomain

import (
	"slices"
	"strings"
	"testing"
)

func TestSchools(t *testing.T) {
	s := NewSchools()
	for domain, want := range map[string]bool{
		"mit.edu": true, "cs.mit.edu": true, "unimelb.edu.au": true, "ox.ac.uk": true, "maths.ox.ac.uk": true, "u-tokyo.ac.jp": true, "lincoln.k12.ca.us": true, "hill.sch.uk": true,
		"ethz.ch": true, "student.ethz.ch": true, "uni-heidelberg.de": true, "stud.uni-heidelberg.de": true, "tu-berlin.de": true, "TUM.de.": true,
		"acme.com": false, "ac.uk": false, "edu": false, "edu.au": false, "acme.ac": false, "education.com": false, "uni-acme.com": false, "unity.de": false, "notethz.ch": false, "acme.edu.com": false, "": false, ".edu": false, "k12.com": false,
	} {
		if got := s.Has(domain); got != want {
			t.Errorf("Has(%q) = %t, want %t", domain, got, want)
		}
	}
	var lines []string
	for line := range strings.Lines(schoolList) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	if !slices.IsSorted(lines) || len(slices.Compact(slices.Clone(lines))) != len(lines) {
		t.Error("the list of schools is not in alphabetical order, or has one twice")
	}
}
