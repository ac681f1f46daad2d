// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom/connector"
	"greenroom/connector/internal/githubevent"
	"greenroom/connector/internal/rest"
)

// Survey tells GitHub's own counts of each repository, and what reading it all would take.
func (s *Source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	repos, err := s.repositories(ctx)
	if err != nil {
		return v, err
	}
	for i := 0; i < len(repos); i += countsAtOnce {
		some := repos[i:min(i+countsAtOnce, len(repos))]
		counts, err := s.counts(ctx, some)
		if err != nil {
			return v, err
		}
		for j := range some {
			people := int64(-1)
			if i+j < contributorsOf {
				if people, err = s.contributors(ctx, &some[j]); err != nil {
					return v, err
				}
			}
			s.place(&v, &some[j], counts[j], people)
		}
	}
	return v, nil
}

const (
	countsAtOnce   = 20 // repositories in a query
	contributorsOf = 50 // repositories at most whose contributors are counted, at a request each
)

// counts asks for the counts of some repositories in one query; nil where GitHub does not give them.
func (s *Source) counts(ctx context.Context, repos []githubevent.Repo) ([]*gqlCounts, error) {
	all := make([]*gqlCounts, len(repos))
	if !s.signedIn() {
		return all, nil
	}
	var q strings.Builder
	q.WriteString("query{")
	for i := range repos {
		owner, name, _ := strings.Cut(repos[i].FullName, "/")
		_, _ = fmt.Fprintf(&q, "r%d:repository(owner:%q,name:%q){stargazers{totalCount} forkCount issues{totalCount} open:issues(states:OPEN){totalCount} pulls:pullRequests{totalCount} openPulls:pullRequests(states:OPEN){totalCount} discussions{totalCount} releases{totalCount}} ", i, owner, name)
	}
	q.WriteString("}")
	var ans gqlAnswer
	body, err := s.query(ctx, q.String(), nil, &ans)
	if err != nil {
		return nil, err
	}
	var places struct {
		Data map[string]*gqlCounts `json:"data"` // r0, r1, …
	}
	if err := githubevent.Decode(body, &places); err != nil {
		return nil, unexpected("the counts", err)
	}
	for i := range repos {
		all[i] = places.Data["r"+strconv.Itoa(i)]
	}
	return all, nil
}

// contributors is how many people have commits in a repository: the number of the last page of a list by ones.
func (s *Source) contributors(ctx context.Context, repo *githubevent.Repo) (int64, error) {
	ans, err := s.get(ctx, "/repos/"+repo.FullName+"/contributors?per_page=1")
	if gone(err) || rest.Refused(err) { // GitHub does not count the contributors of very large repositories
		return -1, nil
	}
	if err != nil {
		return 0, err
	}
	last, err := url.Parse(ans.Link("last"))
	if err != nil {
		return 0, unexpected("the number of contributors", err)
	}
	if last.Query().Get("page") == "" { // there is one page
		return min(1, int64(len(strings.Trim(string(ans.Body), "[] \n")))), nil
	}
	return strconv.ParseInt(last.Query().Get("page"), 10, 64)
}

// place adds a repository.
func (s *Source) place(v *connector.Survey, repo *githubevent.Repo, c *gqlCounts, people int64) {
	in := `in:"#` + strings.ReplaceAll(repo.FullName, `"`, "") + `" `
	place := connector.Place{ExternalID: repo.Key(), Name: repo.FullName, Covered: true, Members: people, Items: repo.OpenIssues}
	count := func(what string, n int64, query, of string, on bool, without string) {
		k := connector.Count{What: what, Place: place.ExternalID, Platform: n, Query: in + query, Of: of}
		if !on {
			k.Explain = append(k.Explain, connector.Explanation{Text: without, Items: -n})
		} else if from := s.set.Since(optionSince); !from.IsZero() {
			k.Explain = append(k.Explain, connector.Explanation{Text: "What was not touched since " + from.Format(time.DateOnly) + " was not asked for"})
		}
		v.Counts = append(v.Counts, k)
	}
	stars, forks := repo.Stars, repo.Forks
	if c != nil {
		stars, forks = c.Stars.Count, c.Forks
		place.Items = c.Issues.Count + c.Pulls.Count + c.Discussions.Count
		count("issues", c.Issues.Count, "kind:issue", "activities", true, "")
		count("open issues", c.Open.Count, "kind:issue -state:resolved", "conversations", true, "")
		count("pull requests", c.Pulls.Count, "kind:pull_request", "activities", true, "")
		count("open pull requests", c.OpenPulls.Count, "kind:pull_request -state:resolved", "conversations", true, "")
		count("releases", c.Releases.Count, "kind:release", "activities", true, "")
		count("discussions", c.Discussions.Count, "kind:discussion", "activities", s.set.On(optionDiscussions), "The option discussions is off")
	} else {
		count("open issues and pull requests", repo.OpenIssues, "(kind:issue or kind:pull_request) -state:resolved", "conversations", true, "")
	}
	count("stars", stars, "kind:star", "activities", s.set.On(optionStars), "The option stars is off")
	count("forks", forks, "kind:fork", "activities", s.set.On(optionForks), "The option forks is off")
	v.Places = append(v.Places, place)
	s.estimate(v, c, place.Items, stars, forks)
}

// remarks is how many comments an issue has on the average, for an estimate.
const remarks = 4

// estimate adds what a backfill of a repository takes: a request for a hundred entries, and at least one for each list.
func (s *Source) estimate(v *connector.Survey, c *gqlCounts, items, stars, forks int64) {
	v.Items += items * (1 + remarks)
	v.Requests += 7 + items*(1+remarks)/100
	if s.set.On(optionStars) {
		v.Items += stars
		v.Requests += stars / 100
	}
	if s.set.On(optionForks) {
		v.Items += forks
		v.Requests += forks / 100
	}
	if c != nil && s.set.On(optionReviews) {
		v.Requests += c.Pulls.Count
	}
}
