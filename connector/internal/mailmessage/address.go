// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mailmessage

import (
	"strings"
)

// mailbox is somebody in a From field.
type mailbox struct {
	id    string // external id: the address in lower case, else what stands in its place; "" = nobody
	email string // the address; "" where it is hidden beyond recovery
	name  string
	veil  veil
}

// veil says how an archive has hidden an address in a way that cannot be undone from the address alone.
type veil int

const (
	plain     veil = iota
	veiled1        // "edd @end|ng |rom deb|@n@org": a, s and the dot became @; i, l and f became |
	veiled2        // "iuke-tier@ey m@iii@g oii uiow@@edu": a, n and the dot became @; i, l and f became i
	truncated      // "jo...@example.com"
)

const (
	between1 = " @end|ng |rom "
	between2 = " m@iii@g oii "
)

// hide hides an address as an archive would, so that a hidden one can be compared with one that is known.
func (v veil) hide(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	if v == veiled1 {
		r := strings.NewReplacer("a", "@", "s", "@", ".", "@", "i", "|", "l", "|", "f", "|")
		return r.Replace(local) + between1 + r.Replace(domain)
	}
	r := strings.NewReplacer("a", "@", "n", "@", ".", "@", "l", "i", "f", "i")
	return r.Replace(local) + between2 + r.Replace(domain)
}

// parseMailbox reads the first mailbox of a From field, in the forms of the standard ("Name <user@host>",
// "user@host (Name)") and in those in which archives hide addresses from robots.
func parseMailbox(value string) mailbox {
	value = strings.TrimSpace(value)
	var name, address string
	open := indexOutsideQuotes(value, '<')
	switch paren := strings.IndexByte(value, '('); {
	case open >= 0:
		name, address = value[:open], value[open+1:]
		if i := strings.IndexByte(address, '>'); i >= 0 {
			address = address[:i]
		}
	case paren > 0 && strings.HasSuffix(value, ")"):
		name, address = value[paren+1:len(value)-1], value[:paren]
		if !looksHidden(value) {
			break
		}
		if a, _ := unhide(value); a != "" { // "user (at) host (dot) org": the parentheses are no name
			name, address = "", value
		} else if a, _ := unhide(address); a == "" {
			name, address = hiddenWithName(value)
		}
	default:
		name, address = "", value
		if comma := strings.IndexByte(value, ','); comma > 0 {
			address = value[:comma]
		}
	}
	m := mailbox{name: decodeWords([]byte(unquote(name)))}
	plainText := decodeWords([]byte(address))
	m.email, m.veil = unhide(plainText)
	switch {
	case m.email != "":
		m.id = m.email
	case m.veil == truncated && m.name != "":
		m.id = strings.ToLower(m.name + " <" + plainText + ">")
	case plainText != "":
		m.id = strings.ToLower(plainText)
	default:
		m.id = strings.ToLower(m.name)
	}
	if strings.EqualFold(m.name, plainText) || strings.EqualFold(m.name, m.email) {
		m.name = ""
	}
	if a, _ := unhide(m.name); a != "" { // an address in place of a name says nothing new
		m.name = ""
	}
	return m
}

// parseMailboxes reads the mailboxes of a field such as Reply-To.
func parseMailboxes(value string) []mailbox {
	var all []mailbox
	quoted, start := false, 0
	for i := 0; i <= len(value); i++ {
		switch {
		case i == len(value) || value[i] == ',' && !quoted:
			if one := strings.TrimSpace(value[start:i]); one != "" {
				all = append(all, parseMailbox(one))
			}
			start = i + 1
		case value[i] == '\\' && quoted:
			i++
		case value[i] == '"':
			quoted = !quoted
		}
	}
	return all
}

// hiddenWithName splits "user (at) host (Name)" at its last parenthesis.
func hiddenWithName(value string) (name, address string) {
	i := strings.LastIndexByte(value, '(')
	return value[i+1 : len(value)-1], value[:i]
}

func looksHidden(s string) bool {
	s = strings.ToLower(s)
	return strings.Contains(s, "(at)") || strings.Contains(s, "(a)")
}

func indexOutsideQuotes(s string, c byte) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == c && !quoted:
			return i
		}
	}
	return strings.LastIndexByte(s, c) // the quotation marks do not pair up
}

// unquote takes the quotation marks off a name.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 1 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	if strings.Contains(s, `\`) {
		s = strings.NewReplacer(`\"`, `"`, `\\`, `\`, `\(`, "(", `\)`, ")").Replace(s)
	}
	s = strings.Trim(s, " \t\"")
	if len(s) > 1 && s[0] == '\'' && s[len(s)-1] == '\'' {
		s = s[1 : len(s)-1]
	}
	return s
}

// unhide makes an address out of what stands in its place: "user at host", "user [at] host [dot] org" and the like.
// Where it cannot, it says how the address was hidden.
func unhide(s string) (address string, v veil) {
	s = strings.ToLower(strings.Trim(strings.TrimSpace(s), "<>;,"))
	s = strings.TrimPrefix(s, "mailto:")
	switch {
	case isAddress(s):
		if strings.Contains(s, "..") || strings.Contains(s, "xxx@") || strings.HasSuffix(s, "@xxx") || strings.HasPrefix(s, "x@") && len(s) < 6 {
			return "", truncated
		}
		return s, plain
	case strings.Contains(s, between1):
		return "", veiled1
	case strings.Contains(s, between2):
		return "", veiled2
	}
	if local, domain, ok := strings.Cut(s, " at "); ok && strings.Contains(domain, ".") && isAddress(local+"@"+domain) && !strings.Contains(domain, "..") {
		return local + "@" + domain, plain
	}
	at := s
	for _, form := range [...][2]string{
		{"(at)", "@"},
		{"[at]", "@"},
		{"{at}", "@"},
		{"_at_", "@"},
		{" at ", "@"},
		{"&#64;", "@"},
		{"(a)", "@"},
		{"(dot)", "."},
		{"[dot]", "."},
		{"{dot}", "."},
		{" dot ", "."},
		{"_dot_", "."},
	} {
		at = strings.ReplaceAll(at, form[0], form[1])
	}
	if at == s {
		return "", plain
	}
	for _, c := range []string{"@", "."} {
		for strings.Contains(at, " "+c) || strings.Contains(at, c+" ") {
			at = strings.ReplaceAll(strings.ReplaceAll(at, " "+c, c), c+" ", c)
		}
	}
	if _, domain, _ := strings.Cut(at, "@"); isAddress(at) && strings.Contains(domain, ".") && !strings.Contains(at, "..") {
		return at, plain
	}
	return "", plain
}

// isAddress reports whether s has the form of an address in lower case.
func isAddress(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && domain != "" && len(s) < 255 && !strings.ContainsAny(s, " \t\r\n<>()[],;:\"|") && !strings.Contains(domain, "@") &&
		s == strings.ToLower(s) && ValidText(s) == s
}
