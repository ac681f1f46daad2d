// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"strings"
	"unicode"
)

// parsedMail is what parseMail found in one address.
type parsedMail struct {
	canonical string   // what equality is judged by; "" for a placeholder
	local     string   // squashed local part without tag, "" when it is a role
	system    string   // the system of a private-address form: "github", "gitlab"
	login     string   // the login such a form holds
	number    string   // the account number such a form holds
	domain    string   // registrable domain, "" when it says nothing
	label     string   // first label of that domain
	machine   string   // first label of a host name that is one machine's
	free      bool     // a mail service open to all
	role      bool     // the local part names a function
	via       bool     // a gateway wrote it in somebody's name
	words     []string // of the local part, where dots or the like part it
}

// parseMail takes an address apart. It never fails: what is no address is
// either a placeholder, and then empty, or an opaque text that can be equal.
func (d *dictionary) parseMail(raw string) parsedMail {
	var m parsedMail
	s := strings.ToLower(strings.Trim(strings.TrimSpace(raw), "<>[]\"',; "))
	s = strings.TrimPrefix(s, "mailto:")
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		if s != "" && !has(d.placeholder, s) && !d.isRole(s) {
			m.canonical = s
		}
		return m
	}
	local, host := s[:at], strings.Trim(s[at+1:], ". ")
	if has(d.placeholder, s) || local == "" {
		return m
	}
	if d.parsePrivate(&m, local, host) {
		return m
	}
	if plus := strings.IndexByte(local, '+'); plus > 0 {
		local = local[:plus]
	}
	m.domain = d.domainOf(host)
	m.machine = d.machineOf(host, m.domain)
	if m.domain != "" {
		m.free = has(d.free, m.domain)
		m.label, _, _ = strings.Cut(m.domain, ".")
	}
	folded := fold(local)
	m.role = d.isRole(folded)
	if m.domain == "gmail.com" || m.domain == "googlemail.com" {
		local = strings.ReplaceAll(local, ".", "")
		host = "gmail.com"
	}
	if m.role && (m.domain == "" || has(d.placeholder, host) || has(d.role, m.label)) {
		return m // root@localhost, user@example.com: as many as there are machines
	}
	m.canonical = local + "@" + host
	if !m.role {
		m.local = squash(folded)
		m.words = d.localWords(folded)
	}
	return m
}

// localWords splits a local part like "jane.roe" or "jane_q_roe"; it returns
// nil unless all parts are letters, none names a function, and at least two
// are longer than two.
func (d *dictionary) localWords(local string) []string {
	if !strings.ContainsAny(local, "._-") {
		return nil
	}
	words := strings.FieldsFunc(local, func(r rune) bool { return r == '.' || r == '_' || r == '-' })
	if len(words) < 2 || len(words) > 3 {
		return nil
	}
	long := 0
	for _, w := range words {
		if has(d.role, w) || strings.IndexFunc(w, func(r rune) bool { return !unicode.IsLetter(r) }) >= 0 {
			return nil
		}
		if len(w) >= 3 {
			long++
		}
	}
	if long < 2 {
		return nil
	}
	return words
}

// parsePrivate reads the forms that platforms give out in place of an
// address: "123+login@users.noreply.github.com" and its relatives.
func (d *dictionary) parsePrivate(m *parsedMail, local, host string) bool {
	rest, ok := strings.CutPrefix(host, "users.noreply.")
	if !ok {
		if rest, ok = strings.CutPrefix(host, "noreply."); !ok {
			return false
		}
	}
	m.system, _, _ = strings.Cut(rest, ".")
	m.canonical = local + "@" + host
	m.login = local
	if plus := strings.IndexByte(local, '+'); plus > 0 && allDigits(local[:plus]) {
		m.number, m.login = local[:plus], local[plus+1:]
	} else if dash := strings.IndexByte(local, '-'); dash > 0 && allDigits(local[:dash]) && m.system != "github" {
		m.number, m.login = local[:dash], local[dash+1:]
	}
	if m.login == "" || (m.number == "" && d.isRole(m.login)) {
		m.canonical, m.login = "", ""
		return true
	}
	m.local = squash(fold(m.login))
	return true
}

// domainOf returns the registrable domain of a mail host, or "" for the names
// of single machines, which say nothing about anyone else.
func (d *dictionary) domainOf(host string) string {
	if !strings.Contains(host, ".") || strings.ContainsAny(host, "()[]") {
		return ""
	}
	for _, end := range []string{".local", ".localdomain", ".lan", ".home", ".internal", ".arpa", ".invalid", ".example", ".localhost"} {
		if strings.HasSuffix(host, end) {
			return ""
		}
	}
	return d.registrable(host)
}

// machineOf returns the name of the single machine a host name stands for, as
// mail that was never set up has it: "kiwi" of "jane@kiwi.(none)" and of
// "jane@kiwi.lab.example.edu".
func (d *dictionary) machineOf(host, domain string) string {
	if host == domain {
		return ""
	}
	name, _, _ := strings.Cut(host, ".")
	if len(name) < 4 || d.isRole(name) || has(d.host, name) {
		return ""
	}
	for _, start := range []string{"ubuntu", "debian", "fedora", "centos", "vagrant", "localhost", "ip-"} {
		if strings.HasPrefix(name, start) {
			return ""
		}
	}
	return name
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
