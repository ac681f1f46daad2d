// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package gitea reads a Gitea or Forgejo server, such as Codeberg, by its API, and takes its webhooks.
//
// A read goes through the chosen repositories in the order of their names and in each through issues, pull requests,
// comments, releases and forks (read.go). Lists that can be asked for what was updated since are read that way the next
// time; others are read whole, which changes nothing where nothing has changed. For each issue and pull request that was
// touched, its timeline (who closed it, opened it again, gave it a label), its reviews and the remarks on lines in them are
// read (details.go). A webhook brings the same objects in the same shape (push.go), so map.go turns both into the same
// facts; for what a webhook lacks, such as the number of a review, the one object is asked for.
//
// What the API does not tell: when somebody starred a repository (the number is compared in the survey), and what was
// deleted, which only webhooks say: of comments and releases all servers, of issues and pull requests Gitea from 1.25, and of
// reviews none. Of issues and pull requests, whose numbers leave none out, those that are missing among the newest are noticed
// (gone.go). Nor who wrote what was brought in with a repository from another server: its field original_author is never
// filled, and the user is the "Ghost" on Forgejo, and on Gitea whoever brought it in.
package gitea

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "gitea"

const title = "Gitea or Forgejo"

// The names of the options.
const (
	optAddress = "address"
	optToken   = "token"
	optRepos   = "repositories"
	optReviews = "reviews"
	optStaff   = "staff-org"
	optSecret  = "webhook-secret"

	optReactions = "reactions"
)

const help = `1. Open your Gitea or Forgejo, **Settings → Applications → Generate new token**.
2. Give the token *read* access to **repository**, **issue** and **user**, to **organization** if you enter the team's one, and nothing else.
3. Enter the server's address, the token, and the owner (or owner/name for single repositories) whose work you want to see.

Public repositories can be read without a token; a token sees private ones too and may ask more often.`

const pushHelp = `In the repository, organization or user: **Settings → Webhooks → Add webhook → Gitea** (or Forgejo).
Enter the address below as *Target URL*, POST with *application/json*, the secret, and choose the events *Issues, Issue
comment, Pull request, Pull request comment, Pull request reviewed, Release, Fork, Repository*.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "gitea", Primary: optAddress, Help: help, Group: connector.GroupCommunity,
		Summary:  "Issues, pull requests, reviews, comments, releases and forks of repositories on a Gitea or Forgejo server such as Codeberg.",
		Keywords: []string{"forgejo", "codeberg", "git", "code host"},
		Options:  options(), New: New, Incremental: true, Rhythm: 15 * time.Minute,
		Scopes: []connector.Scope{
			{Name: "read:repository", Why: "Repositories, releases, forks and pull requests."},
			{Name: "read:issue", Why: "Issues and comments."},
			{Name: "read:user", Why: "Which repositories an owner has. Not needed where every repository is entered as owner/name."},
			{Name: "read:organization", Why: "Who belongs to the team, where the team's organization is entered.", Optional: true},
		},
		Limits: `Gitea and Forgejo set no limit of their own; a server's administrator may. A page holds 50 entries, so 10,000 comments take 200 requests;
each issue and pull request that somebody touched takes two or three more, and one for each review with remarks.

Forgejo, and Gitea before 1.25, do not tell that an issue or a pull request was deleted: it is missed with the next read among the newest ones of its
repository, as many as a page holds, and stays if it is older. Of a repository that was
brought in from another server, they do not tell who wrote what is there: on Forgejo it counts for *Ghost*, on Gitea for the one who brought it in.`,
		Push: &connector.Push{Help: pushHelp, Secret: optSecret},
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optAddress, Label: "Address of the server", Type: connector.Address, Required: true, Example: "https://codeberg.org", Help: "The start page of the Gitea or Forgejo server."},
		{Name: optRepos, Label: "Repositories", Type: connector.List, Required: true, FromSurvey: true, Example: "acme, friends/website", Help: "Owners, for all of their repositories, or owner/name for single ones."},
		{Name: optToken, Label: "Token", Type: connector.Secret, Help: "An access token; without one only public repositories are seen."},
		{Name: optReviews, Label: "Reviews", Type: connector.Bool, Default: "true", Help: "Bring in reviews of pull requests with their remarks on lines. Costs a request for each pull request that was touched since the last read, and one for each review with remarks."},
		{Name: optReactions, Label: "Emoji reactions", Type: connector.Bool, Default: "false", Help: "Bring in emoji on issues and pull requests. Costs a request for each one that was touched since the last read; webhooks do not tell of them."},
		{Name: optStaff, Label: "Team's organization", Type: connector.Text, Example: "acme", Help: "Members of this organization are marked as the team."},
		{Name: optSecret, Label: "Secret of the webhook", Type: connector.Secret, Help: "The secret that you enter with the webhook; leave it empty to have one made."},
	}
}

// source is one server with the repositories that are wanted.
type source struct {
	set    connector.Settings
	now    func() time.Time
	client *rest.Client
	staff  map[string]bool // lower-case logins of the team
	wanted map[int64]bool  // repositories that come in, by id; nil = not asked yet
	most   int             // how many rows of a list the server takes for a page; 0 = not asked yet
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	for _, r := range set.List(optRepos) {
		if owner, name, _ := strings.Cut(r, "/"); owner == "" || strings.Contains(name, "/") || strings.ContainsAny(r, " ?#%\\") {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a repository; expected owner/name such as acme/website, or an owner such as acme", r)
		}
	}
	s := &source{set: set, now: env.Now}
	token := set.Text(optToken)
	c := rest.Config{Name: title, Base: set.Text(optAddress) + "/api/v1", Env: env, Token: "token"}
	if token != "" {
		c.Authorize = func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "token "+token)
			return nil
		}
	}
	s.client, err = rest.New(c)
	return s, err
}

// Test asks who the token is and whether each repository can be read.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	var check connector.Check
	var version struct {
		Version string `json:"version"`
	}
	if _, err := s.client.Into(ctx, "/version", nil, &version); err != nil {
		return check, err
	}
	check.Notes = append(check.Notes, "The server runs version "+version.Version+".")
	unnamed := false
	if s.set.Text(optToken) != "" {
		var me wireUser
		switch _, err := s.client.Into(ctx, "/user", nil, &me); {
		case rest.Refused(err):
			unnamed = true
		case err != nil:
			return check, err
		default:
			check.Account = me.Login
		}
	}
	repos, err := s.repositories(ctx)
	if unnamed { // for the same want of a permission, the server does not list the repositories of owners
		m := connector.Missing{Name: "read:user", Then: "The token's own account cannot be named.", Do: "Make a token with read access to user, too."}
		if m.Must = rest.Refused(err); m.Must {
			m.Then = "The repositories of an owner cannot be listed, so nothing comes in."
		}
		check.Missing = append(check.Missing, m)
	}
	if rest.Refused(err) {
		if !unnamed {
			check.Missing = append(check.Missing, connector.Missing{Name: "read:repository", Then: "Nothing comes in.", Do: "Make a token with read access to repository and issue.", Must: true})
		}
		return check, nil
	}
	if err != nil {
		return check, err
	}
	names := make([]string, len(repos))
	for i := range repos {
		names[i] = repos[i].FullName
	}
	if len(names) == 0 {
		check.Missing = append(check.Missing, connector.Missing{Name: "repositories", Then: "Nothing comes in.", Do: "None of the owners has a repository that the token may see; check the names.", Must: true})
		return check, nil
	}
	check.Notes = append(check.Notes, "These repositories come in: "+strings.Join(names, ", ")+".")
	if _, err := s.client.Get(ctx, "/repos/"+repos[0].FullName+"/issues", page("", "limit", "1")); rest.Refused(err) {
		check.Missing = append(check.Missing, connector.Missing{Name: "read:issue", Then: "No issues, pull requests and comments come in.", Do: "Make a token with read access to issue.", Must: true})
	} else if err != nil && !rest.Gone(err) {
		return check, err
	}
	return check, nil
}

// Survey tells the server's own counts of each repository.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	repos, err := s.repositories(ctx)
	if err != nil {
		return v, err
	}
	for i := range repos {
		r := &repos[i]
		v.Places = append(v.Places, connector.Place{ExternalID: r.key(), Name: r.FullName, Covered: true, Members: -1, Items: r.OpenIssues + r.OpenPulls})
		in := "in:" + quote(r.FullName)
		v.Counts = append(v.Counts,
			connector.Count{What: "forks", Place: r.key(), Platform: r.Forks, Query: in + " kind:fork", Of: "activities"},
			connector.Count{What: "releases", Place: r.key(), Platform: r.Releases, Query: in + " kind:release", Of: "activities"},
			connector.Count{What: "open issues", Place: r.key(), Platform: r.OpenIssues, Query: in + " kind:issue -state:resolved", Of: "conversations"},
			connector.Count{What: "open pull requests", Place: r.key(), Platform: r.OpenPulls, Query: in + " kind:pull_request -state:resolved", Of: "conversations"},
			connector.Count{
				What: "stars", Place: r.key(), Platform: r.Stars, Query: in + " kind:star", Of: "activities",
				Explain: []connector.Explanation{{Text: "The API does not say when a star was given, so stars are not activities", Items: -r.Stars}},
			})
		v.Requests += 6 + 3*(r.OpenIssues+r.OpenPulls)
	}
	return v, nil
}

// quote writes a name for the query language.
func quote(name string) string { return `"#` + strings.ReplaceAll(name, `"`, "") + `"` }

// repositories lists what is wanted, by name.
func (s *source) repositories(ctx context.Context) ([]wireRepo, error) {
	var all []wireRepo
	for _, wanted := range s.set.List(optRepos) {
		if strings.Contains(wanted, "/") {
			var r wireRepo
			if _, err := s.client.Into(ctx, "/repos/"+wanted, nil, &r); err != nil {
				return nil, err
			}
			all = append(all, r)
			continue
		}
		for n := ""; ; {
			var some []wireRepo
			ans, err := s.client.Get(ctx, "/users/"+wanted+"/repos", page(n)) // an organization is a user here
			if err == nil {
				err = s.client.Decode(ans, &some)
			}
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
			if n = following(ans, n, len(some)); n == "" {
				break
			}
		}
	}
	slices.SortFunc(all, func(a, b wireRepo) int { return strings.Compare(a.FullName, b.FullName) })
	return slices.CompactFunc(all, func(a, b wireRepo) bool { return a.ID == b.ID }), nil
}
