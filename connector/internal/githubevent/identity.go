// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package githubevent

import (
	"net/mail"
	"strings"

	"greenroom"
	"greenroom/connector"
)

// knownBots are well-known robots that run as plain user accounts, in lower case. GitHub itself marks apps: by their
// type and by a login that ends in [bot].
var knownBots = map[string]bool{
	"allcontributors": true, "bors": true, "bors-servo": true, "bot-gradle": true, "claassistant": true,
	"codacy-badger": true, "codeclimate-bot": true, "codecov": true, "codecov-commenter": true, "codecov-io": true,
	"coveralls": true, "dependabot": true, "dependabot-preview": true, "facebook-github-bot": true,
	"gitlocalize-app": true, "gitter-badger": true, "googlebot": true, "google-oss-robot": true, "greenkeeperio-bot": true,
	"highfive": true, "homu": true, "houndci-bot": true, "imgbot": true, "imgbotapp": true, "jenkins-x-bot": true,
	"k8s-bot": true, "k8s-ci-robot": true, "k8s-merge-robot": true, "mergify": true, "mention-bot": true,
	"msftclas": true, "nixpkgs-merge-bot": true, "openshift-bot": true, "openshift-ci-robot": true,
	"openshift-merge-robot": true, "pep8speaks": true, "pre-commit-ci": true, "pyup-bot": true, "r-ryantm": true,
	"readthedocs-bot": true, "renovate": true, "renovate-bot": true, "requires": true, "rust-highfive": true,
	"rust-log-analyzer": true, "rust-timer": true, "rustbot": true, "scala-steward": true, "semantic-release-bot": true,
	"snyk-bot": true, "sonarcloud": true, "stale": true, "tensorflow-jenkins": true, "tensorflower-gardener": true,
	"travis-ci": true, "travisbot": true, "waffle-iron": true, "web-flow": true, "whitesource-bolt": true,
}

func isBot(u *User) bool {
	if u.Type == "Bot" || strings.HasSuffix(u.Login, "[bot]") {
		return true
	}
	return knownBots[u.Login] || knownBots[strings.ToLower(u.Login)]
}

// Identity maps an account; its external id is empty for nobody. Only a profile (REST) has more than login and picture.
func Identity(u *User) connector.Identity {
	key := u.Key()
	if key == "" {
		return connector.Identity{}
	}
	id := connector.Identity{
		ExternalID: key,
		Handle:     clean(u.Login),
		AvatarURL:  webAddress(u.AvatarURL, ""),
		Bot:        isBot(u),
	}
	switch {
	case u.HTMLURL != "":
		id.ProfileURL = webAddress(u.HTMLURL, "")
	case strings.HasSuffix(id.Handle, "[bot]"): // an app: its page has another address
		id.ProfileURL = site + "apps/" + strings.TrimSuffix(id.Handle, "[bot]")
	case id.Handle != "":
		id.ProfileURL = site + id.Handle
	}
	if u.Name != "" || u.Company != "" || u.Blog != "" || u.Location != "" || u.Email != "" || u.Bio != "" || u.Twitter != "" || u.CreatedAt != "" {
		profile(&id, u)
	}
	return id
}

// profile adds what the person wrote on the profile page. GitHub shows an address there only when it was verified; in the
// years of the timeline form, which has no ids, it showed any.
func profile(id *connector.Identity, u *User) {
	id.Name, id.Bio, id.Location = clean(u.Name), clean(u.Bio), clean(u.Location)
	id.Company = strings.TrimPrefix(strings.TrimSpace(clean(u.Company)), "@")
	id.JoinedAt = parseTime(u.CreatedAt)
	if a, err := mail.ParseAddress(u.Email); err == nil && strings.Count(a.Address, "@") == 1 {
		id.Emails = []greenroom.Email{{Address: strings.ToLower(a.Address), Verified: u.ID != 0}}
	}
	if blog := strings.TrimSpace(clean(u.Blog)); blog != "" {
		if !strings.Contains(blog, "://") {
			blog = "https://" + blog
		}
		if link := webAddress(blog, ""); link != "" {
			id.Links = append(id.Links, link)
		}
	}
	if u.Twitter != "" {
		id.Links = append(id.Links, "https://twitter.com/"+clean(u.Twitter))
	}
}

// Channel maps a repository; its external id is empty where nothing is known of it.
func Channel(r *Repo) connector.Channel {
	return connector.Channel{ExternalID: r.Key(), Name: clean(r.name()), URL: r.url()}
}
