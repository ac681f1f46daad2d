// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package github reads GitHub by its public REST API: one repository, or all public repositories of an organization or
// a person. Discussions come by GraphQL, which GitHub gives to signed-in callers only, so they need a token.
//
// A read goes through the repositories in the order of their names, and in each through the sections of sections.go:
// issues, comments, reviews, stars and so on, page by page (client.go). What an object means is known to package
// githubevent, which the GH Archive connector shares, so that an issue seen by both is one activity.
//
// # Going on, and coming back
//
// Lists that change while they are read are read newest first. Something that is touched meanwhile moves to the front
// and pushes the rest back, so that a page repeats things rather than missing some; repeats are dropped. The cursor
// (cursor.go) names repository, section and page. The last cursor of a read that came to its end holds the time at which
// it began, and the next read asks for what was updated since then.
package github

import (
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// Kind is what the connector is called.
const Kind = "github"

// The names of the options.
const (
	optionRepository  = "repository"
	optionToken       = "token"
	optionReviews     = "reviews"
	optionStars       = "stars"
	optionForks       = "forks"
	optionDiscussions = "discussions"
	optionProfiles    = "profiles"
	optionStaff       = "staff-org"
	optionBase        = "base-url"
)

const defaultBase = "https://api.github.com"

const help = `Give the repository as owner/name, or the owner alone for all public repositories of an organization.

Without a token GitHub answers 60 requests an hour, which is enough for a small repository; each request brings up to
100 issues or comments. With a token it answers 5,000. To make one, open GitHub, Settings, Developer settings, Personal
access tokens, Fine-grained tokens, and make a token with read access to public repositories and nothing else.

When the limit is reached the import stops and says when it can go on. Start it again then: it goes on where it was.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind:        Kind,
		Title:       "GitHub",
		Platform:    "github",
		Summary:     "Issues, pull requests, comments, reviews, releases, stars, forks and discussions of a repository or an organization.",
		Help:        help,
		Primary:     optionRepository,
		Options:     options(),
		New:         New,
		Incremental: true,
	}
}

func options() []connector.Option {
	return []connector.Option{
		{
			Name: optionRepository, Label: "Repository or organization", Type: connector.Text, Required: true,
			Help: "owner/name for one repository, or the owner alone for all of its public repositories.", Example: "acme/website",
		},
		{
			Name: optionToken, Label: "Token", Type: connector.Secret,
			Help: "A personal access token that may read public repositories. Without one GitHub answers 60 requests an hour.",
		},
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
		{
			Name: optionProfiles, Label: "Profiles", Type: connector.Bool, Default: "false",
			Help: "Bring in the public profile of each person: name, company, place, website, e-mail address. Needs a token; costs one request a person.",
		},
		{
			Name: optionStaff, Label: "Team's organization", Type: connector.Text, Example: "acme",
			Help: "Members of this GitHub organization are marked as the team. Without a token of a member only those who show their membership are seen.",
		},
		{
			Name: optionBase, Label: "Address of the API", Type: connector.Address, Default: defaultBase,
			Help: "For GitHub Enterprise Server.", Example: "https://github.example.com/api/v3",
		},
	}
}

// config is the settings, checked.
type config struct {
	owner, repo string // repo "" = all of the owner's
	token       string
	staffOrg    string
	base        string // without a slash at the end
	reviews     bool
	stars       bool
	forks       bool
	discussions bool
	profiles    bool
}

// Source reads one repository or the repositories of one owner.
type Source struct {
	config
	log    *slog.Logger
	now    func() time.Time
	client *client
}

// New opens a source. It fails with CodeInvalid where a setting cannot be used; nothing is asked of GitHub yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	c, err := parse(values)
	if err != nil {
		return nil, err
	}
	if env.HTTP == nil {
		return nil, greenroom.Errorf(greenroom.CodeUnavailable, "GitHub cannot be reached: this process has no access to the network")
	}
	return &Source{
		config: c,
		log:    env.Log,
		now:    env.Now,
		client: &client{http: env.HTTP, base: c.base, token: c.token, now: env.Now, sleep: sleep, log: env.Log},
	}, nil
}

var (
	ownerForm = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$`)
	repoForm  = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
)

func parse(values connector.Values) (config, error) {
	c := config{token: strings.TrimSpace(values[optionToken]), base: strings.TrimSpace(values[optionBase])}
	where := strings.TrimSuffix(strings.TrimSpace(values[optionRepository]), "/")
	if where == "" {
		return c, greenroom.Errorf(greenroom.CodeInvalid, "github needs a repository as owner/name, or an owner")
	}
	if u, err := url.Parse(where); err == nil && u.Host != "" {
		where = strings.Trim(u.Path, "/")
	}
	c.owner, c.repo, _ = strings.Cut(strings.TrimSuffix(where, ".git"), "/")
	if !ownerForm.MatchString(c.owner) || (c.repo != "" && !repoForm.MatchString(c.repo)) || c.repo == "." || c.repo == ".." {
		return c, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a repository; expected owner/name such as acme/website, or an owner such as acme", where)
	}
	if c.base == "" {
		c.base = defaultBase
	}
	u, err := url.Parse(c.base)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return c, greenroom.Errorf(greenroom.CodeInvalid, "the address of the API, %q, is not a web address; expected something like %s", c.base, defaultBase)
	}
	c.base = strings.TrimSuffix(c.base, "/")
	c.staffOrg = strings.TrimSpace(values[optionStaff])
	if c.staffOrg != "" && !ownerForm.MatchString(c.staffOrg) {
		return c, greenroom.Errorf(greenroom.CodeInvalid, "%q is not the name of a GitHub organization", c.staffOrg)
	}
	return c, c.switches(values)
}

// switches reads the yes-or-no options and checks what they need.
func (c *config) switches(values connector.Values) error {
	for _, o := range options() {
		if o.Type != connector.Bool {
			continue
		}
		v := strings.ToLower(strings.TrimSpace(values[o.Name]))
		if v == "" {
			v = o.Default
		}
		on := v == "true" || v == "1" || v == "yes" || v == "on"
		if !on && v != "false" && v != "0" && v != "no" && v != "off" {
			return greenroom.Errorf(greenroom.CodeInvalid, "the option %s is %q; expected true or false", o.Name, values[o.Name])
		}
		switch o.Name {
		case optionReviews:
			c.reviews = on
		case optionStars:
			c.stars = on
		case optionForks:
			c.forks = on
		case optionDiscussions:
			c.discussions = on && c.token != ""
		case optionProfiles:
			c.profiles = on
		}
	}
	if c.profiles && c.token == "" {
		return greenroom.Errorf(greenroom.CodeInvalid, "profiles need a token: GitHub answers 60 requests an hour without one, and a profile is a request")
	}
	return nil
}
