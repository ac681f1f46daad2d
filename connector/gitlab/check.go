// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitlab

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Test asks who the token is, what it may do, and whether the projects can be read.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	var check connector.Check
	if s.set.Text(optToken) != "" {
		if err := s.whoami(ctx, &check); err != nil {
			return check, err
		}
		if slices.ContainsFunc(check.Missing, func(m connector.Missing) bool { return m.Must }) {
			return check, nil
		}
	}
	projects, err := s.projects(ctx)
	if err != nil {
		return check, err
	}
	if len(projects) == 0 {
		check.Missing = append(check.Missing, connector.Missing{Name: "projects", Then: "Nothing comes in.", Do: "Make the token's account a member of the projects, with the role Reporter, or name public ones.", Must: true})
		return check, nil
	}
	names := make([]string, len(projects))
	for i := range projects {
		names[i] = projects[i].PathWithNamespace
	}
	if extra := len(names) - 20; extra > 0 {
		names = append(names[:20], strconv.Itoa(extra)+" more")
	}
	check.Notes = append(check.Notes, "These projects come in: "+strings.Join(names, ", ")+".")
	if s.set.Text(optToken) == "" {
		check.Notes = append(check.Notes, "Without a token, GitLab shows no comments, reviews and reopenings.")
	}
	for i := range projects {
		if i >= 20 { // a test costs a few requests
			break
		}
		if err := s.seen(ctx, &projects[i], &check); err != nil {
			return check, err
		}
	}
	return check, nil
}

// whoami tells the token's account, its scopes and its end.
func (s *source) whoami(ctx context.Context, check *connector.Check) error {
	var token struct {
		Name    string   `json:"name"`
		Scopes  []string `json:"scopes"`
		Expires string   `json:"expires_at"`
	}
	_, err := s.client.Into(ctx, "/personal_access_tokens/self", nil, &token)
	if err != nil && !s.unseen(err) && rest.Status(err) != 400 { // a token of an OAuth application has no such page
		return err
	}
	if err == nil {
		if !slices.ContainsFunc(token.Scopes, func(scope string) bool { return scope == "api" || scope == "read_api" }) {
			check.Missing = append(check.Missing, connector.Missing{Name: "read_api", Then: "Nothing comes in.", Do: "Make a token with the scope read_api and enter it in the settings of the source.", Must: true})
		}
		if slices.Contains(token.Scopes, "api") {
			check.Notes = append(check.Notes, "The token may also write (scope api); read_api is enough.")
		}
		if token.Expires != "" {
			check.Notes = append(check.Notes, "The token ends on "+token.Expires+"; make a new one before.")
		}
	}
	var me wireUser
	switch _, err := s.client.Into(ctx, "/user", nil, &me); {
	case s.unseen(err):
		check.Account = token.Name
	case err != nil:
		return err
	default:
		check.Account = me.Username
	}
	return nil
}

// seen says which parts of a project do not come in.
func (s *source) seen(ctx context.Context, p *wireProject, check *connector.Check) error {
	for _, part := range []struct {
		name string
		on   *bool
	}{{"issues", p.IssuesEnabled}, {"merge_requests", p.RequestsEnabled}} {
		if part.on != nil && !*part.on {
			continue
		}
		_, err := s.client.Get(ctx, "/projects/"+p.key()+"/"+part.name, url.Values{"per_page": {"1"}})
		if s.unseen(err) {
			check.Missing = append(check.Missing, connector.Missing{
				Name: p.PathWithNamespace + ": " + strings.ReplaceAll(part.name, "_", " "), Then: "They do not come in.",
				Do: "Give the token's account the role Reporter in this project.",
			})
		} else if err != nil {
			return err
		}
	}
	return nil
}

// Survey tells the server's own counts of each project.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	projects, err := s.projects(ctx)
	if err != nil {
		return v, err
	}
	for i := range projects {
		if err := s.survey(ctx, &projects[i], &v); err != nil {
			return v, err
		}
	}
	return v, nil
}

func (s *source) survey(ctx context.Context, p *wireProject, v *connector.Survey) error {
	members, err := s.total(ctx, "/projects/"+p.key()+"/members/all", nil)
	if err != nil && rest.Status(err) != 401 {
		return err
	}
	in := `in:"#` + strings.ReplaceAll(p.PathWithNamespace, `"`, "") + `"`
	items := int64(0)
	count := func(what, part, query, of string, q url.Values) error {
		n, err := s.total(ctx, "/projects/"+p.key()+part, q)
		if err == nil && n < 0 && part == "/issues" {
			n, err = s.issues(ctx, p, q.Get("state"))
		}
		if err != nil || n < 0 {
			return err
		}
		c := connector.Count{What: what, Place: p.key(), Platform: n, Query: in + " " + query, Of: of}
		if part == "/issues" && !s.set.On(optConfidential) {
			q.Set("confidential", "true")
			if hidden, err := s.total(ctx, "/projects/"+p.key()+part, q); err == nil && hidden > 0 {
				c.Explain = append(c.Explain, connector.Explanation{Text: "Confidential issues, which the settings of the source leave out", Items: -hidden})
			}
		}
		if q.Get("state") == "all" {
			items += n
		}
		v.Counts = append(v.Counts, c)
		return nil
	}
	all := func(state string) url.Values { return url.Values{"scope": {"all"}, "state": {state}} }
	for _, c := range []struct {
		what, part, query, of string
		q                     url.Values
	}{
		{"issue", "/issues", "kind:issue", "activities", all("all")},
		{"open issues", "/issues", "kind:issue -state:resolved", "conversations", all("opened")},
		{"pull_request", "/merge_requests", "kind:pull_request", "activities", all("all")},
		{"merge", "/merge_requests", "kind:merge", "activities", all("merged")},
		{"release", "/releases", "kind:release", "activities", nil},
		{"star", "/starrers", "kind:star", "activities", nil},
		{"fork", "/forks", "kind:fork", "activities", nil},
	} {
		if err := count(c.what, c.part, c.query, c.of, c.q); err != nil {
			return err
		}
	}
	v.Places = append(v.Places, connector.Place{ExternalID: p.key(), Name: p.PathWithNamespace, Covered: true, Members: members, Items: items})
	v.Items += items
	v.Requests += items/pageSize + 3*items + 8
	return nil
}

// total is how many entries a list has; -1 where GitLab does not say, as for more than 10,000, or does not show the list.
func (s *source) total(ctx context.Context, path string, q url.Values) (int64, error) {
	one := url.Values{"per_page": {"1"}}
	for name, values := range q {
		one[name] = values
	}
	ans, err := s.client.Get(ctx, path, one)
	if s.unseen(err) {
		return -1, nil
	}
	if err != nil {
		return -1, err
	}
	n, err := strconv.ParseInt(ans.Header.Get("X-Total"), 10, 64)
	if err != nil {
		return -1, nil //nolint:nilerr // not told
	}
	return n, nil
}

// issues is how many issues of a state a project has by GitLab's statistics, which go on counting where the headers of its
// lists stop; -1 where it does not say.
func (s *source) issues(ctx context.Context, p *wireProject, state string) (int64, error) {
	var v struct {
		Statistics struct {
			Counts map[string]int64 `json:"counts"`
		} `json:"statistics"`
	}
	_, err := s.client.Into(ctx, "/projects/"+p.key()+"/issues_statistics", url.Values{"scope": {"all"}}, &v)
	if s.unseen(err) {
		return -1, nil
	}
	if n, ok := v.Statistics.Counts[state]; ok {
		return n, err
	}
	return -1, err
}
