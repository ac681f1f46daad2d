// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package gitlab reads a GitLab server, gitlab.com or one's own, by its REST API, and takes its webhooks.
//
// A read goes through the chosen projects in the order of their ids and in each through members, issues, merge requests,
// releases, stars and forks (read.go). Issues and merge requests can be asked for what was updated since; for each one that
// was touched, its discussions, its history of states and its emoji are read (details.go), because GitLab has no list of
// comments of a whole project. What nobody has touched since it was opened costs no request of its own.
//
// A webhook tells the same objects with other names for some fields (push.go). Where it lacks something that a read has,
// such as who closed an issue before, the one object is asked for and goes the way that a read's objects go, so that both
// give the same external ids and the same times. Webhooks write times in whole seconds, so all times are cut to seconds.
//
// GitLab does not tell that an issue, a merge request or a comment was deleted: among the newest of a project that is found
// out (gone.go), in older ones a deleted comment when something else happens there. That a star was taken back, it does not
// tell at all.
package gitlab

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "gitlab"

const title = "GitLab"

// The names of the options.
const (
	optAddress      = "address"
	optProjects     = "projects"
	optToken        = "token"
	optSince        = "since"
	optReactions    = "reactions"
	optConfidential = "confidential"
	optStaff        = "staff"
	optSecret       = "webhook-secret"
)

// The choices of how many emoji reactions come in.
const (
	reactionsNone  = "none"
	reactionsItems = "issues and merge requests"
	reactionsAll   = "comments too"
)

// staffLevels are the access levels from which on a member of a project counts as the team, by their names.
func staffLevel(name string) int64 {
	switch name {
	case "reporter":
		return 20
	case "developer":
		return 30
	case "maintainer":
		return 40
	case "owner":
		return 50
	}
	return 0
}

const help = `1. Open GitLab with an account that sees the projects, best one made for Greenroom with the role *Reporter*.
2. **Edit profile → Access → Personal access tokens → Add new token** (or **Settings → Access tokens** of a group or project).
3. Name it, give it an end as late as your rules allow, tick the scope **read_api** and nothing else, and create it; servers of
   2019 and before have no such scope, there it is **api**.
4. Enter the server's address, the token, and the groups (with all of their subgroups) or projects that you want to see, as
   they stand in the address bar, e.g. *acme* or *acme/web/site*.

Public projects can be read without a token, but then GitLab shows no comments, reviews and reopenings, nobody is marked as the
team, and fewer requests are allowed.`

const pushHelp = `In the project, or with GitLab Premium once for the whole group: **Settings → Webhooks → Add new webhook**.
Enter the address below as *URL* and the secret as *Secret token*, or let GitLab make a *Signing token* and enter that as the
secret here. Choose *Comments*, *Work item events* (*Issues events* in older versions), *Merge request events*, *Releases
events*, *Emoji events* and, for a group, *Member events*. Leave the two *Confidential* ones off unless confidential issues
are to come in.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "gitlab", Primary: optAddress, Help: help, Group: connector.GroupCommunity,
		Summary:  "Issues, merge requests, comments, approvals, releases, stars and forks of projects on gitlab.com or your own GitLab server.",
		Keywords: []string{"git", "code host", "merge requests"},
		Options:  options(), New: New, Incremental: true, Rhythm: 15 * time.Minute,
		Scopes: []connector.Scope{{Name: "read_api", Why: "Projects with their members, issues, merge requests, comments, releases, stars and forks."}},
		Limits: `gitlab.com allows 2,000 requests a minute with a token and 500 without; other servers set limits of their own, or none. A page
holds 100 entries. Each issue and merge request that somebody touched takes two to four requests more, so a project with
10,000 issues takes some 30,000 requests, about half an hour.

GitLab does not tell what was deleted. An issue, a merge request or a comment is missed with the next read among the 100 newest issues
and merge requests of its project; in an older one, a comment is missed when something else happens there, and an issue stays.`,
		Push: &connector.Push{Help: pushHelp, Secret: optSecret},
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optAddress, Label: "Address of the server", Type: connector.Address, Default: "https://gitlab.com", Example: "https://gitlab.example.org", Help: "The start page of the GitLab server."},
		{Name: optProjects, Label: "Groups and projects", Type: connector.List, FromSurvey: true, Example: "acme, friends/website", Help: "Groups, for all projects in them and their subgroups, users, or single projects. Empty: all that the token's account is a member of."},
		{Name: optToken, Label: "Token", Type: connector.Secret, Help: "An access token with the scope read_api; without one only public projects are seen."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "all", Help: "Issues and merge requests that nobody has touched since then, and older releases, stars and forks, do not come in."},
		{Name: optReactions, Label: "Emoji reactions", Type: connector.Choice, Choices: []string{reactionsNone, reactionsItems, reactionsAll}, Default: reactionsItems, Help: "Those on issues and merge requests take a request for each one that was touched; those on comments a request for each comment."},
		{Name: optConfidential, Label: "Confidential issues", Type: connector.Bool, Default: "false", Help: "Bring in confidential issues and internal comments as well. Everybody who uses Greenroom would see them."},
		{Name: optStaff, Label: "Who is the team", Type: connector.Choice, Choices: []string{"nobody", "reporter", "developer", "maintainer", "owner"}, Default: "developer", Help: "Members of a project with this role or a higher one are marked as the team."},
		{Name: optSecret, Label: "Secret of the webhook", Type: connector.Secret, Help: "The secret token that you enter with the webhook, or the signing token that GitLab has made; leave it empty to have a secret token made."},
	}
}

// source is one server with the projects that are wanted.
type source struct {
	set    connector.Settings
	env    connector.Env
	client *rest.Client
	site   string    // the address without the API's path
	level  int64     // access level from which on a member is the team; 0 = nobody
	since  time.Time // nothing older is wanted; zero = all
	people people
	shut   map[string]bool // lists that this server shows to nobody without a token

	answered time.Time // when the server gave the last page of a list, by its own clock; zero = it did not say
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	token := set.Text(optToken)
	if token == "" && len(set.List(optProjects)) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s needs groups or projects such as acme/website, or a token, whose account's projects come in", title)
	}
	for _, p := range set.List(optProjects) {
		if strings.ContainsAny(p, " ?#%\\:") || strings.HasPrefix(p, "/") || strings.HasSuffix(p, "/") {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a project; expected a path such as acme/website, or a group such as acme", p)
		}
	}
	s := &source{set: set, env: env, site: set.Text(optAddress), level: staffLevel(set.Text(optStaff)), since: set.Since(optSince), shut: map[string]bool{}}
	c := rest.Config{Name: title, Base: s.site + "/api/v4", Env: env, Token: "token"}
	if token != "" {
		c.Authorize = func(_ context.Context, r *http.Request) error {
			authorize(r, token)
			return nil
		}
	}
	s.client, err = rest.New(c)
	return s, err
}

// oauthToken is how the tokens look that GitLab gives to applications: 64 hexadecimal digits.
var oauthToken = regexp.MustCompile(`^[0-9a-f]{64}$`)

// authorize sends a token. Access tokens of people, projects and groups go in a header of GitLab's own, which every version
// takes; as a bearer token, which applications' tokens are, servers before 12.2 refuse them.
func authorize(r *http.Request, token string) {
	if oauthToken.MatchString(token) {
		r.Header.Set("Authorization", "Bearer "+token)
		return
	}
	r.Header.Set("PRIVATE-TOKEN", token)
}

var _ interface {
	connector.Receiver
	connector.Tester
	connector.Surveyor
} = (*source)(nil)
