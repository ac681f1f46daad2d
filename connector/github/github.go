// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package github reads GitHub: repositories, or all of an organization or a person, by the REST API, as a token, as a
// GitHub App or as nobody. Discussions and sponsorships come by GraphQL, which GitHub gives to signed-in callers only.
//
// A read goes through the repositories in the order of their names, and in each through the sections of sections.go:
// issues, comments, reviews, stars and so on, page by page. Webhooks (push.go) carry the same objects. What an object
// means is known to package githubevent, which the GH Archive connector shares, so that an issue seen by both is one
// activity.
//
// # Going on, and coming back
//
// Lists that change while they are read are read newest first. Something that is touched meanwhile moves to the front
// and pushes the rest back, so that a page repeats things rather than missing some; repeats are dropped. The cursor
// (cursor.go) names repository, section and page. The last cursor of a read that came to its end holds the time at which
// it began; the next read takes each list from its newest entry back to that time. The ETag of a list's first page is
// kept, too, because GitHub does not count the answer that nothing has changed.
//
// # What a version is
//
// An issue's updated_at moves with every remark on it. It is told as the time of an edit all the same: it says which of
// two tellings is the newer one. What webhooks delete has the time of the delivery. Reactions are not told, since nothing
// says when their number changed.
package github

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "github"

const title = "GitHub"

// The names of the options.
const (
	optionRepository   = "repository"
	optionToken        = "token"
	optionApp          = "app-id"
	optionKey          = "private-key"
	optionClient       = "client-id"
	optionClientSecret = "client-secret"
	optionInstallation = "installation-id"
	optionPrivate      = "private"
	optionSince        = "since"
	optionReviews      = "reviews"
	optionStars        = "stars"
	optionForks        = "forks"
	optionDiscussions  = "discussions"
	optionSponsors     = "sponsors"
	optionProfiles     = "profiles"
	optionStaff        = "staff-org"
	optionSecret       = "webhook-secret"
	optionBase         = "base-url"
)

const defaultBase = "https://api.github.com"

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind:        Kind,
		Title:       title,
		Platform:    "github",
		Summary:     "Issues, pull requests, comments, reviews, releases, stars, forks and discussions of a repository or an organization.",
		Help:        help,
		Primary:     optionRepository,
		Options:     options(),
		New:         New,
		Incremental: true,
		Group:       connector.GroupCommunity,
		Keywords:    []string{"git", "code host", "issues", "pull requests", "discussions", "stars", "sponsors", "open source"},
		Rhythm:      15 * time.Minute,
		Scopes:      scopes(),
		Limits:      limits,
		OAuth: &connector.OAuth{
			Consent: "https://github.com/login/oauth/authorize", Token: "https://github.com/login/oauth/access_token", Scopes: []string{"read:org"},
			Client: optionClient, Secret: optionClientSecret, Access: optionToken,
			Register: "**Settings → Developer settings → [OAuth apps](https://github.com/settings/developers) → New OAuth app**: the address is the *Authorization callback URL*. The token that comes of it sees what is public and who belongs to your organizations; for private repositories, or GitHub Enterprise Server, enter a token or use a GitHub App.",
		},
		Push:     &connector.Push{Help: pushHelp, Secret: optionSecret},
		Manifest: []connector.Manifest{{Title: "GitHub App manifest", Format: "json", Where: manifestHelp, Template: manifest}},
	}
}

// scopes are the permissions of a fine-grained token or an app, as GitHub's API calls them. Public repositories need none.
func scopes() []connector.Scope {
	return []connector.Scope{
		{Name: "metadata", Why: "Repositories, stars and forks."},
		{Name: "issues", Why: "Issues and comments of private repositories.", Optional: true},
		{Name: "pull_requests", Why: "Pull requests and reviews of private repositories.", Optional: true},
		{Name: "discussions", Why: "Discussions of private repositories, and the discussions of all repositories to an app.", Optional: true},
		{Name: "contents", Why: "Releases of private repositories.", Optional: true},
		{Name: "members", Why: "Who belongs to the team's organization, also those who do not show it.", Optional: true},
	}
}

func options() []connector.Option {
	return []connector.Option{
		{
			Name: optionRepository, Label: "Repository or organization", Type: connector.List, FromSurvey: true,
			Help: "owner/name for one repository, or the owner alone for all of its public repositories.", Example: "acme/website, acme-labs",
		},
		{
			Name: optionToken, Label: "Token", Type: connector.Secret,
			Help: "A personal access token that may read public repositories. Without one GitHub answers 60 requests an hour.",
		},
		{Name: optionApp, Label: "App ID", Type: connector.Text, Example: "123456", Help: "Of a GitHub App, in place of a token. Then repositories may be left empty for all that the app is installed on."},
		{Name: optionKey, Label: "Private key of the app", Type: connector.Secret, Help: "The whole text of the .pem file that GitHub gave for the app."},
		{Name: optionInstallation, Label: "Installation of the app", Type: connector.Text, Example: "7654321", Help: "The number at the end of the address of the app's installation; it is found by itself where the app is installed once."},
		{Name: optionClient, Label: "Client ID", Type: connector.Text, Example: "Ov23liAbCdEfGhIjKlMn", Help: "Of an OAuth app, to connect by consent instead of entering a token."},
		{Name: optionClientSecret, Label: "Client secret", Type: connector.Secret, Help: "Of the OAuth app."},
		{Name: optionPrivate, Label: "Private repositories", Type: connector.Bool, Default: "false", Help: "Also bring in private repositories of the owners, as far as the token or the app may see them. Repositories given by name come in anyway."},
		{Name: optionSince, Label: "How far back", Type: connector.Since, Default: "all", Help: "The first sync brings what was touched since: a day, or a span such as 90d, 6m or 2y."},
		{
			Name: optionReviews, Label: "Reviews", Type: connector.Bool, Default: "false",
			Help: "Bring in reviews of pull requests. Costs one request for each pull request. Comments on lines come in without this.",
		},
		{Name: optionStars, Label: "Stars", Type: connector.Bool, Default: "true", Help: "Bring in who starred a repository, and when."},
		{Name: optionForks, Label: "Forks", Type: connector.Bool, Default: "true", Help: "Bring in who forked a repository, and when."},
		{
			Name: optionDiscussions, Label: "Discussions", Type: connector.Bool, Default: "true",
			Help: "Bring in discussions with their answers. Needs a token; without one they are left out.",
		},
		{Name: optionSponsors, Label: "Sponsors", Type: connector.Bool, Default: "true", Help: "Bring in who sponsors the owners by GitHub Sponsors. Needs a token; without one they are left out. Private sponsorships stay private."},
		{
			Name: optionProfiles, Label: "Profiles", Type: connector.Bool, Default: "false",
			Help: "Bring in the public profile of each person: name, company, place, website, e-mail address. Needs a token; costs one request a person.",
		},
		{
			Name: optionStaff, Label: "Team's organization", Type: connector.Text, Example: "acme",
			Help: "Members of this GitHub organization are marked as the team. Without a token of a member only those who show their membership are seen.",
		},
		{Name: optionSecret, Label: "Secret of the webhook", Type: connector.Secret, Help: "The secret that you enter with the webhook; leave it empty to have one made."},
		{
			Name: optionBase, Label: "Address of the API", Type: connector.Address, Default: defaultBase,
			Help: "For GitHub Enterprise Server.", Example: "https://github.example.com/api/v3",
		},
	}
}

// target is an owner, or one of the owner's repositories.
type target struct {
	owner, repo string // repo "" = all of the owner's
}

// Source reads repositories and takes their webhooks.
type Source struct {
	set     connector.Settings
	env     connector.Env
	targets []target // none = all that the app is installed on
	client  *rest.Client
	app     *app // nil = by token, or as nobody
}

// New opens a source. It fails with CodeInvalid where a setting cannot be used; nothing is asked of GitHub yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	s := &Source{set: set, env: env}
	if err := s.check(); err != nil {
		return nil, err
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	return s, nil
}

// signedIn reports whether GitHub knows who asks.
func (s *Source) signedIn() bool { return s.set.Text(optionToken) != "" || s.set.Text(optionApp) != "" }

var (
	ownerForm  = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?$`)
	repoForm   = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
	numberForm = regexp.MustCompile(`^[0-9]{1,18}$`)
)

// check checks what the types of the options do not.
func (s *Source) check() error {
	app := s.set.Text(optionApp)
	for _, where := range s.set.List(optionRepository) {
		t, err := parseTarget(where)
		if err != nil {
			return err
		}
		s.targets = append(s.targets, t)
	}
	org, installation := s.set.Text(optionStaff), s.set.Text(optionInstallation)
	switch {
	case len(s.targets) == 0 && app == "":
		return greenroom.Errorf(greenroom.CodeInvalid, "github needs a repository as owner/name, or an owner")
	case (app == "") != (s.set.Text(optionKey) == ""):
		return greenroom.Errorf(greenroom.CodeInvalid, "a GitHub App needs both its App ID and its private key")
	case app != "" && s.set.Text(optionToken) != "":
		return greenroom.Errorf(greenroom.CodeInvalid, "give a token or a GitHub App, not both")
	case installation != "" && !numberForm.MatchString(installation):
		return greenroom.Errorf(greenroom.CodeInvalid, "%q is not the number of an installation; it stands at the end of the address of the app's installation", installation)
	case org != "" && !ownerForm.MatchString(org):
		return greenroom.Errorf(greenroom.CodeInvalid, "%q is not the name of a GitHub organization", org)
	case s.set.On(optionProfiles) && !s.signedIn():
		return greenroom.Errorf(greenroom.CodeInvalid, "profiles need a token: GitHub answers 60 requests an hour without one, and a profile is a request")
	}
	return nil
}

func parseTarget(where string) (target, error) {
	given := where
	where = strings.TrimSuffix(where, "/")
	if u, err := url.Parse(where); err == nil && u.Host != "" {
		where = strings.Trim(u.Path, "/")
	}
	var t target
	t.owner, t.repo, _ = strings.Cut(strings.TrimSuffix(where, ".git"), "/")
	if !ownerForm.MatchString(t.owner) || (t.repo != "" && !repoForm.MatchString(t.repo)) || t.repo == "." || t.repo == ".." {
		return t, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a repository; expected owner/name such as acme/website, or an owner such as acme", given)
	}
	return t, nil
}

// wanted reports whether a repository is one of those that are chosen, by its name.
func (s *Source) wanted(fullName string, private bool) bool {
	owner, repo, _ := strings.Cut(fullName, "/")
	if len(s.targets) == 0 {
		return true
	}
	for _, t := range s.targets {
		if !strings.EqualFold(t.owner, owner) {
			continue
		}
		if strings.EqualFold(t.repo, repo) || t.repo == "" && (!private || s.set.On(optionPrivate)) {
			return true
		}
	}
	return false
}
