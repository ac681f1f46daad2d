// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package certain says what an account can be recognized by beyond doubt: its e-mail addresses, the public address of
// its profile and the profiles that it links to. Accounts that share such a key are one person.
//
// What is left out matters more than what is in: an address of a role or of a machine (info@, noreply@, root@localhost)
// is nobody's, and a link to a company's front page is not a profile.
package certain

import (
	"net/url"
	"strings"

	"greenroom"
)

// The kinds of key. A claim is a profile that an account links to: it joins the account with the profile's owner, and
// with others that claim the same profile.
const (
	Email = "email"
	URL   = "url"
	Claim = "claim"
	Same  = "same"

	// Address is an e-mail address that is nobody's own: it finds its account and joins nothing.
	Address = "address"
)

// Key is one thing that an account can be recognized by.
type Key struct {
	Kind, Value string
	Reason      string // in words for the member's page
}

// Keys returns what an account can be recognized by.
func Keys(emails []greenroom.Email, profileURL string, links []string) []Key {
	var keys []Key
	for _, e := range emails {
		if login := GitHubLogin(e.Address); login != "" {
			keys = append(keys, Key{Claim, "github.com/" + login, "GitHub no-reply address"})
		}
		if !Personal(e.Address) {
			keys = append(keys, Key{Address, e.Address, "address of a role"})
			continue
		}
		reason := "same e-mail"
		if e.Verified {
			reason = "same verified e-mail"
		}
		keys = append(keys, Key{Email, e.Address, reason})
	}
	if u := Profile(profileURL); u != "" {
		keys = append(keys, Key{URL, u, "own profile"})
	}
	for _, l := range links {
		if u := Profile(l); u != "" {
			keys = append(keys, Key{Claim, u, "profile links to " + u})
		}
	}
	return keys
}

// roles are local parts that belong to a function, a list or a machine.
var roles = map[string]bool{
	"abuse": true, "account": true, "accounts": true, "admin": true, "administrator": true, "anonymous": true, "apache": true, "backup": true,
	"billing": true, "bot": true, "bots": true, "bugs": true, "build": true, "builder": true, "buildbot": true, "ci": true, "commits": true,
	"contact": true, "cron": true, "daemon": true, "devnull": true, "dev": true, "devel": true, "developer": true, "developers": true,
	"devops": true, "donotreply": true, "do-not-reply": true, "email": true, "feedback": true, "git": true, "github": true, "gitlab": true,
	"hello": true, "help": true, "helpdesk": true, "hi": true, "hostmaster": true, "hr": true, "info": true, "invalid": true, "jenkins": true,
	"jobs": true, "legal": true, "list": true, "lists": true, "localhost": true, "mail": true, "mailer-daemon": true, "maintainer": true,
	"maintainers": true, "marketing": true, "me": true, "me+github": true, "media": true, "news": true, "newsletter": true, "no-reply": true,
	"nobody": true, "none": true, "noreply": true, "notifications": true, "nowhere": true, "null": true, "office": true, "ops": true,
	"owner": true, "patches": true, "postmaster": true, "press": true, "privacy": true, "project": true, "release": true, "releases": true,
	"reply": true, "root": true, "sales": true, "security": true, "service": true, "services": true, "spam": true, "staff": true, "support": true,
	"svn": true, "sysadmin": true, "system": true, "team": true, "test": true, "tester": true, "tests": true, "travis": true, "unknown": true,
	"user": true, "users": true, "webmaster": true, "work": true, "www": true, "www-data": true, "you": true, "your": true, "xxx": true,
}

// Personal reports whether an address can belong to one person: a full domain that others can reach, and a local part
// that is not a role's.
func Personal(address string) bool {
	local, domain, ok := strings.Cut(address, "@")
	if !ok || local == "" || !strings.Contains(domain, ".") || strings.ContainsAny(address, " <>()\"\\,;") {
		return false
	}
	local, _, _ = strings.Cut(local, "+")
	if roles[local] || strings.HasPrefix(local, "noreply") || strings.HasPrefix(local, "no-reply") {
		return false
	}
	for _, suffix := range []string{
		".local", ".localdomain", ".lan", ".invalid", ".internal", ".(none)", "users.noreply.github.com", "users.noreply.gitlab.com",
		"noreply.github.com", "example.com", "example.org", "example.net", "domain.com", "email.com", "test.com", "none.com", "localhost.com",
	} {
		if domain == strings.TrimPrefix(suffix, ".") || strings.HasPrefix(suffix, ".") && strings.HasSuffix(domain, suffix) {
			return false
		}
	}
	return true
}

// GitHubLogin returns the login in a GitHub no-reply address ("login@users.noreply.github.com" or
// "123+login@users.noreply.github.com"), else "".
func GitHubLogin(address string) string {
	local, ok := strings.CutSuffix(strings.ToLower(address), "@users.noreply.github.com")
	if !ok {
		return ""
	}
	if _, login, found := strings.Cut(local, "+"); found {
		local = login
	}
	return local
}

// personalHosts are sites on which a first path segment (or the part behind a prefix) is one person's profile.
var personalHosts = map[string]string{
	"github.com": "", "gitlab.com": "", "codeberg.org": "", "twitter.com": "", "bitbucket.org": "~", "linkedin.com": "in/", "stackoverflow.com": "users/",
	"dev.to": "", "hachyderm.io": "@", "mastodon.social": "@", "fosstodon.org": "@", "keybase.io": "", "medium.com": "@", "bsky.app": "profile/",
	"news.ycombinator.com": "user?id=", "reddit.com": "user/", "youtube.com": "@", "t.me": "",
}

// notPeople are first path segments on those sites that are not a person.
var notPeople = map[string]bool{
	"orgs": true, "about": true, "features": true, "topics": true, "explore": true, "settings": true, "search": true, "login": true,
	"sponsors": true, "marketplace": true, "home": true, "intent": true, "share": true, "i": true, "hashtag": true,
}

// Profile returns the normal form of a profile's address ("github.com/minak"), or "" when the address is not one
// person's profile. An address on a site that is not known is nobody's unless it has a path of a user.
func Profile(address string) string {
	address = strings.TrimSpace(address)
	if address == "" {
		return ""
	}
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	host := strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(u.Hostname()), "www."), "m.")
	if host == "x.com" || host == "mobile.twitter.com" {
		host = "twitter.com"
	}
	path := strings.Trim(u.EscapedPath(), "/")
	if u.RawQuery != "" && host == "news.ycombinator.com" {
		path += "?" + u.RawQuery
	}
	prefix, known := personalHosts[host]
	if !known {
		return userPath(host, path)
	}
	rest, ok := strings.CutPrefix(strings.ToLower(path), prefix)
	if !ok {
		return ""
	}
	name, more, _ := strings.Cut(rest, "/")
	if name == "" || notPeople[name] || prefix == "" && more != "" {
		return ""
	}
	return host + "/" + prefix + name
}

// userPath accepts addresses on other sites that name a user: /u/name, /users/name, /user/name, /@name, /~name.
func userPath(host, path string) string {
	segments := strings.Split(strings.ToLower(path), "/")
	if len(segments) >= 2 {
		switch segments[0] {
		case "u", "users", "user", "profile", "people", "members":
			if segments[1] != "" {
				return host + "/" + segments[0] + "/" + segments[1]
			}
		}
	}
	if len(segments) == 1 && len(segments[0]) > 1 && (segments[0][0] == '@' || segments[0][0] == '~') {
		return host + "/" + segments[0]
	}
	return ""
}
