// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package employer

import (
	_ "embed"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"
)

//go:embed placeholders.txt
var placeholderList string

// Companies reads what people write into the field for their company, such as "@acme", "Acme, Inc." or "https://acme.com".
type Companies struct {
	namer *Namer
	none  map[string]bool
}

// NewCompanies reads the list of what means no company.
func NewCompanies() *Companies {
	c := &Companies{namer: NewNamer(), none: make(map[string]bool)}
	for line := range strings.Lines(placeholderList) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			c.none[whole(line)] = true
		}
	}
	return c
}

// whole is a text without spaces and signs, legal forms and all.
func whole(text string) string { return strings.ReplaceAll(Fold(text), " ", "") }

// Key is by what a company is found: its name without legal form, or the label of its domain where the text is one. It is "" where
// the text says that there is none (a freelancer, a student, n/a), names several, or is of one letter.
func (c *Companies) Key(text string) string {
	text = strings.TrimSpace(text)
	if strings.Count(text, "@") > 1 || c.none[whole(text)] {
		return ""
	}
	text = strings.TrimSpace(strings.TrimPrefix(text, "@"))
	key := c.namer.Core(text)
	if label := domainLabel(text); label != "" {
		key = label
	}
	if utf8.RuneCountInString(key) < 2 || c.none[key] {
		return ""
	}
	return key
}

// domainLabel is the label of a text that is a domain or a link to the first page of one; "" = it is neither. "Node.js" is none, since
// js is no top-level domain.
func domainLabel(text string) string {
	text = strings.ToLower(text)
	for _, prefix := range []string{"https://", "http://", "www."} {
		text = strings.TrimPrefix(text, prefix)
	}
	text = strings.TrimSuffix(text, "/")
	if strings.ContainsAny(text, " ,/@:") || !strings.Contains(text, ".") {
		return ""
	}
	if _, listed := publicsuffix.PublicSuffix(text); !listed {
		return ""
	}
	return Label(text)
}

// Keys is by what an organization is found: its names, and the labels of its domains.
func (c *Companies) Keys(names, domains []string) map[string]bool {
	all := make(map[string]bool)
	for _, n := range names {
		all[c.Key(n)] = true
	}
	for _, d := range domains {
		if label := Label(d); utf8.RuneCountInString(label) > 1 && !c.none[label] {
			all[label] = true
		}
	}
	delete(all, "")
	return all
}
