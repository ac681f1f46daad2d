// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package maildomain

import (
	_ "embed"
	"path"
	"slices"
	"strings"
)

//go:embed schools.txt
var schoolList string

// Schools knows the domains of schools and universities: whoever has an address there studies or teaches, and often works elsewhere
// later or besides.
type Schools struct {
	domains  map[string]bool
	patterns []string
}

// NewSchools reads the list of those whose domains do not say so by their ending.
func NewSchools() *Schools {
	s := &Schools{domains: make(map[string]bool)}
	for line := range strings.Lines(schoolList) {
		switch line = strings.TrimSpace(line); {
		case line == "" || line[0] == '#':
		case strings.Contains(line, "*"):
			s.patterns = append(s.patterns, line)
		default:
			s.domains[line] = true
		}
	}
	return s
}

// Has reports whether a domain, or one above it, is a school's: by its ending (.edu, .edu.xx, .ac.xx, .sch.xx, .k12.xx.us) or by the
// list.
func (s *Schools) Has(domain string) bool {
	labels := strings.Split(strings.TrimSuffix(strings.ToLower(domain), "."), ".")
	last := len(labels) - 1
	switch {
	case last < 1 || slices.Contains(labels, ""):
		return false
	case labels[last] == "edu", slices.Contains(labels[1:], "k12"):
		return true
	case last > 1 && len(labels[last]) == 2 && slices.Contains([]string{"edu", "ac", "sch"}, labels[last-1]):
		return true
	}
	for i := range last {
		rest := strings.Join(labels[i:], ".")
		if s.domains[rest] {
			return true
		}
		if i < last-1 {
			continue // those of the list with a * are of two labels
		}
		for _, p := range s.patterns {
			if ok, err := path.Match(p, rest); err == nil && ok {
				return true
			}
		}
	}
	return false
}
