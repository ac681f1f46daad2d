// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package git

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// maxNames bounds how many spellings of a name are kept of one account.
const maxNames = 50

// people collects the accounts of a repository. It grows with their number, not with that of the commits.
type people struct {
	mailmap  *mailmap
	accounts map[string]*account
	sames    map[[2]string]bool // account and the proper one
}

// account is what the log says of one identity.
type account struct {
	id, name, email string
	renamed         bool // the name is the mailmap's and goes before those in the commits
	zone            string
	nameAt, zoneAt  time.Time
	told            []string // "Name <address>" as written in the commits, in order
}

func newPeople(m *mailmap) *people {
	return &people{mailmap: m, accounts: make(map[string]*account), sames: make(map[[2]string]bool)}
}

// see takes in one mention of a person in a commit.
func (p *people) see(who person, author bool) {
	w := p.mailmap.resolve(who.name, who.email)
	if w.id == "" {
		return
	}
	at, offset, _ := who.when()
	a := p.account(w.id, w.email)
	a.nameSeen(w, at)
	if z := zone(offset); author && z != "" && !at.Before(a.zoneAt) {
		a.zone, a.zoneAt = z, at
	}
	if told := who.name + " <" + who.email + ">"; len(a.told) < maxNames && !slices.Contains(a.told, told) {
		a.told = append(a.told, told)
	}
	if w.proper != "" {
		p.account(w.proper, w.proper).nameSeen(w, at)
		p.sames[[2]string{w.id, w.proper}] = true
	}
}

func (p *people) account(id, email string) *account {
	a := p.accounts[id]
	if a == nil {
		a = &account{id: id, email: email}
		p.accounts[id] = a
	}
	return a
}

// nameSeen keeps the last name, and the last of the mailmap's where it names the account. Of two at the same second the
// later in the alphabet stays, so that the order of the log does not matter.
func (a *account) nameSeen(w who, at time.Time) {
	if w.name == "" || (a.renamed && !w.renamed) {
		return
	}
	if c := at.Compare(a.nameAt); a.name != "" && w.renamed == a.renamed && (c < 0 || c == 0 && w.name < a.name) {
		return
	}
	a.name, a.nameAt, a.renamed = w.name, at, w.renamed
}

// ordered lists the accounts by external id, and who is the same by account.
func (p *people) ordered() ([]*account, []connector.Same) {
	list := slices.SortedFunc(maps.Values(p.accounts), func(a, b *account) int { return strings.Compare(a.id, b.id) })
	pairs := slices.SortedFunc(maps.Keys(p.sames), func(a, b [2]string) int {
		return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1]))
	})
	sames := make([]connector.Same, 0, len(pairs))
	for _, pair := range pairs {
		sames = append(sames, connector.Same{A: pair[0], B: pair[1], Reason: "mailmap"})
	}
	return list, sames
}

// identity turns the account into a fact.
func (a *account) identity() connector.Identity {
	id := connector.Identity{ExternalID: a.id, Name: a.name, TimeZone: a.zone, Bot: isBot(a.name, a.email)}
	if isAddress(a.email) {
		id.Emails = []greenroom.Email{{Address: a.email}}
	}
	if login, page := hostAccount(a.email); login != "" {
		id.Handle, id.Links = login, []string{page}
	}
	return id
}

// isAddress reports whether s has the form of an address: old commits carry host names and worse.
func isAddress(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && domain != "" && !strings.ContainsAny(s, " \t<>()[]\",;:") && !strings.Contains(domain, "@")
}

// hostAccount reads the login out of an address that a code host gives to people who hide theirs.
func hostAccount(email string) (login, page string) {
	local, domain, _ := strings.Cut(email, "@")
	var site, sep string
	switch domain {
	case "users.noreply.github.com":
		site, sep = "https://github.com/", "+"
	case "users.noreply.gitlab.com":
		site, sep = "https://gitlab.com/", "-"
	default:
		return "", ""
	}
	if number, rest, ok := strings.Cut(local, sep); ok && isDigits(number) {
		local = rest
	}
	if local == "" || strings.Trim(local, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
		return "", ""
	}
	return local, site + local
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// isBot knows automata by how they sign: hosts put "[bot]" behind the name of an app, and the others are few.
func isBot(name, email string) bool {
	name = strings.ToLower(name)
	local, domain, _ := strings.Cut(email, "@")
	if _, after, ok := strings.Cut(local, "+"); ok && domain == "users.noreply.github.com" {
		local = after
	}
	for _, s := range []string{name, local} {
		if strings.HasSuffix(s, "[bot]") || strings.HasSuffix(s, "-bot") || strings.HasSuffix(s, " bot") || strings.HasSuffix(s, "_bot") || s == "bot" {
			return true
		}
	}
	switch name {
	case "dependabot", "dependabot-preview", "renovate", "renovatebot", "greenkeeper", "greenkeeperio-bot", "github-actions", "github actions",
		"github", "web-flow", "snyk", "imgbot", "imgbotapp", "codecov", "mergify", "bors", "homu", "travis ci", "travis-ci", "circleci", "jenkins",
		"hosted weblate", "weblate", "weblate (bot)", "crowdin", "transifex", "allcontributors", "pyup.io", "pyup bot", "copybara-service", "copybara",
		"semantic-release", "gitlab ci", "gitlab-ci", "netlify", "deepsource", "lgtm-com", "restyled.io", "copilot", "claude", "cursor agent",
		"pre-commit-ci", "azure pipelines", "gerrit code review", "zuul", "k8s-merge-robot", "k8s ci robot", "kubernetes prow robot":
		return true
	}
	switch email {
	case "noreply@github.com", "support@github.com", "noreply@anthropic.com", "cursoragent@cursor.com", "hosted@weblate.org", "noreply@weblate.org",
		"support@dependabot.com", "bot@renovateapp.com", "builds@travis-ci.org", "action@github.com", "actions@github.com":
		return true
	}
	return false
}
