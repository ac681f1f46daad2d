// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package git

import (
	"strings"

	"greenroom"
)

// mailmap says which addresses are one person. It knows the four forms of a line:
//
//	Proper Name <commit@address>
//	<proper@address> <commit@address>
//	Proper Name <proper@address> <commit@address>
//	Proper Name <proper@address> Commit Name <commit@address>
//
// As in git, a line for a name goes before one for the whole address, later lines complete earlier ones, upper and
// lower case are one, and nothing is followed twice.
type mailmap struct {
	byAddress map[string]*addressMap // by lower-case commit address
}

// addressMap is what the mailmap says of one commit address.
type addressMap struct {
	whole  proper
	byName map[string]*proper // by lower-case commit name
	shared bool               // several people commit under the address
}

// proper is who somebody really is; what is empty stays as the commit has it.
type proper struct{ name, email string }

// parseMailmap reads the text of a mailmap and lists the lines that cannot be read.
func parseMailmap(file, text string) (*mailmap, []greenroom.Reject) {
	m := &mailmap{byAddress: make(map[string]*addressMap)}
	var rejects []greenroom.Reject
	n := int64(0)
	for line := range strings.Lines(strings.TrimPrefix(text, "\uFEFF")) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if reason := m.line(line); reason != "" {
			rejects = append(rejects, greenroom.Reject{
				File: file, Line: n, Reason: reason, Excerpt: line,
				Expected: "a line such as: Proper Name <proper@example.com> <commit@example.com>",
			})
		}
	}
	for address, a := range m.byAddress {
		a.shared = a.isShared(address)
	}
	return m, rejects
}

// line takes in one line and returns what is wrong with it, "" for nothing.
func (m *mailmap) line(line string) string {
	name1, email1, rest, ok := mailmapPart(line)
	if !ok {
		return "the mailmap line has no address in angle brackets"
	}
	name2, email2, rest, ok := mailmapPart(rest)
	if !ok {
		if rest = strings.TrimSpace(rest); rest != "" && rest[0] != '#' {
			return "the mailmap line has text behind its address"
		}
		if name1 == "" {
			return "the mailmap line maps an address to nothing"
		}
		m.address(email1).whole.complete(proper{name: name1})
		return ""
	}
	to := proper{name: name1, email: email1}
	a := m.address(email2)
	if name2 == "" {
		a.whole.complete(to)
		return ""
	}
	key := strings.ToLower(name2)
	if a.byName[key] == nil {
		a.byName[key] = &proper{}
	}
	a.byName[key].complete(to)
	return ""
}

// mailmapPart reads "Name <address>" from the start of a line and returns what is left.
func mailmapPart(s string) (name, email, rest string, ok bool) {
	open := strings.IndexByte(s, '<')
	if open < 0 || strings.HasPrefix(strings.TrimSpace(s), "#") {
		return "", "", s, false
	}
	end := strings.IndexByte(s[open:], '>')
	if end < 0 {
		return "", "", s, false
	}
	return strings.TrimSpace(s[:open]), strings.TrimSpace(s[open+1 : open+end]), s[open+end+1:], true
}

func (m *mailmap) address(email string) *addressMap {
	key := strings.ToLower(email)
	a := m.byAddress[key]
	if a == nil {
		a = &addressMap{byName: make(map[string]*proper)}
		m.byAddress[key] = a
	}
	return a
}

func (p *proper) complete(with proper) {
	if with.name != "" {
		p.name = with.name
	}
	if with.email != "" {
		p.email = with.email
	}
}

// isShared reports whether lines for single names make several people of the address. One line that only corrects a
// name, or several that lead to one and the same person, do not.
func (a *addressMap) isShared(address string) bool {
	if len(a.byName) == 0 {
		return false
	}
	people := make(map[string]bool)
	for _, p := range a.byName {
		people[p.key(address)] = true
	}
	switch {
	case a.whole != (proper{}):
		people[a.whole.key(address)] = true
	case !people[strings.ToLower(address)] && !a.staysHere(address):
		people[strings.ToLower(address)] = true // whoever else commits under it is not one of those named
	}
	return len(people) > 1
}

// staysHere reports whether every named line keeps the address.
func (a *addressMap) staysHere(address string) bool {
	for _, p := range a.byName {
		if p.email != "" && !strings.EqualFold(p.email, address) {
			return false
		}
	}
	return true
}

// key tells people apart: by their address, and under one address by name.
func (p *proper) key(address string) string {
	if p.email == "" || strings.EqualFold(p.email, address) {
		return strings.ToLower(p.name) + " <" + strings.ToLower(address) + ">"
	}
	return strings.ToLower(p.email)
}

// who is somebody as the mailmap sees them.
type who struct {
	id      string // external id of the identity that wrote the commit
	name    string // to be shown
	email   string // lower case; "" where the address is shared by several people, or is none
	proper  string // external id of the identity that the mailmap names, where it is another one
	renamed bool   // the name is the mailmap's
}

// resolve finds who wrote under a name and an address.
func (m *mailmap) resolve(name, email string) who {
	address := strings.ToLower(email)
	w := who{id: address, name: name, email: address}
	if address == "" || !strings.Contains(address, "@") {
		w.id, w.email = specificID(name, address), "" // "root" or nothing at all: only the name tells people apart
	}
	a := m.byAddress[address]
	if a == nil {
		return w
	}
	to, named := a.byName[strings.ToLower(name)]
	if !named {
		to = &a.whole
	}
	if to.name != "" {
		w.name, w.renamed = to.name, true
	}
	target := strings.ToLower(to.email)
	switch {
	case target != "" && target != address:
		w.proper = target
		if named && a.shared {
			w.id, w.email = specificID(name, address), ""
		}
	case a.shared && (named || a.whole.name != ""):
		w.id, w.email = specificID(w.name, address), ""
	}
	return w
}

// specificID is the external id of one of several people under an address; "" where there is nothing to tell them by.
func specificID(name, address string) string {
	name = strings.ToLower(strings.Join(strings.Fields(name), " "))
	if name == "" && address == "" {
		return ""
	}
	return strings.TrimSpace(name + " <" + address + ">")
}
