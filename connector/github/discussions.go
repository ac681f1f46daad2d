// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector/internal/githubevent"
	"greenroom/connector/internal/rest"
)

// The queries ask for so little at once that GitHub's limit of half a million nodes an answer is far away.
const (
	commentFields = `databaseId body url createdAt updatedAt isAnswer author{__typename login avatarUrl ... on User{databaseId} ... on Bot{databaseId} ... on Organization{databaseId} ... on Mannequin{databaseId}}`
	commentQuery  = `pageInfo{hasNextPage endCursor} nodes{` + commentFields + ` replies(first:100){totalCount nodes{` + commentFields + `}}}`
	listQuery     = `query($owner:String!,$name:String!,$after:String){repository(owner:$owner,name:$name){discussions(first:10,after:$after,orderBy:{field:UPDATED_AT,direction:DESC}){pageInfo{hasNextPage endCursor} nodes{
number title body url createdAt updatedAt closed closedAt answerChosenAt answer{url} category{name isAnswerable} author{__typename login avatarUrl ... on User{databaseId} ... on Bot{databaseId} ... on Organization{databaseId} ... on Mannequin{databaseId}} comments(first:50){` + commentQuery + `}}}}}`
	moreQuery = `query($owner:String!,$name:String!,$number:Int!,$after:String){repository(owner:$owner,name:$name){discussion(number:$number){comments(first:50,after:$after){` + commentQuery + `}}}}`
)

// The wire types of GraphQL, where the same things have other names than in the REST API.
type (
	gqlAnswer struct {
		Data struct {
			Repository *struct {
				Discussions gqlList        `json:"discussions"`
				Discussion  *gqlDiscussion `json:"discussion"`
			} `json:"repository"`
			Owner *struct {
				Sponsors gqlList `json:"sponsorshipsAsMaintainer"`
			} `json:"repositoryOwner"`
		} `json:"data"`
		Errors []struct {
			Type    string `json:"type"`
			Message string `json:"message"`
		} `json:"errors"`
		Message string `json:"message"`
	}
	gqlPage struct {
		HasNextPage bool   `json:"hasNextPage"`
		EndCursor   string `json:"endCursor"`
	}
	gqlList struct {
		PageInfo   gqlPage          `json:"pageInfo"`
		TotalCount int              `json:"totalCount"`
		Nodes      []jsontext.Value `json:"nodes"`
	}
	gqlAuthor struct {
		TypeName   string `json:"__typename"`
		Login      string `json:"login"`
		AvatarURL  string `json:"avatarUrl"`
		DatabaseID int64  `json:"databaseId"`
	}
	gqlDiscussion struct {
		Number         int64  `json:"number"`
		Title          string `json:"title"`
		Body           string `json:"body"`
		URL            string `json:"url"`
		CreatedAt      string `json:"createdAt"`
		UpdatedAt      string `json:"updatedAt"`
		Closed         bool   `json:"closed"`
		ClosedAt       string `json:"closedAt"`
		AnswerChosenAt string `json:"answerChosenAt"`
		Answer         *struct {
			URL string `json:"url"`
		} `json:"answer"`
		Author   *gqlAuthor `json:"author"`
		Comments gqlList    `json:"comments"`
		Category *struct {
			Name         string `json:"name"`
			IsAnswerable bool   `json:"isAnswerable"`
		} `json:"category"`
	}
	gqlCounts struct {
		Stars       gqlTotal `json:"stargazers"`
		Forks       int64    `json:"forkCount"`
		Issues      gqlTotal `json:"issues"`
		Open        gqlTotal `json:"open"`
		Pulls       gqlTotal `json:"pulls"`
		OpenPulls   gqlTotal `json:"openPulls"`
		Discussions gqlTotal `json:"discussions"`
		Releases    gqlTotal `json:"releases"`
	}
	gqlTotal struct {
		Count int64 `json:"totalCount"`
	}
	gqlSponsorship struct {
		CreatedAt string     `json:"createdAt"`
		Sponsor   *gqlAuthor `json:"sponsorEntity"`
	}
	gqlComment struct {
		DatabaseID int64      `json:"databaseId"`
		Body       string     `json:"body"`
		URL        string     `json:"url"`
		CreatedAt  string     `json:"createdAt"`
		UpdatedAt  string     `json:"updatedAt"`
		IsAnswer   bool       `json:"isAnswer"`
		Author     *gqlAuthor `json:"author"`
		Replies    gqlList    `json:"replies"`
	}
)

// user brings an author into the REST form. Apps are "Bot" there and end in [bot].
func (a *gqlAuthor) user() *githubevent.User {
	if a == nil {
		return nil
	}
	u := &githubevent.User{ID: a.DatabaseID, Login: a.Login, AvatarURL: a.AvatarURL, Type: a.TypeName}
	if u.Type == "Bot" && !strings.HasSuffix(u.Login, "[bot]") {
		u.Login += "[bot]"
	}
	return u
}

func (d *gqlDiscussion) item() *githubevent.Item {
	it := &githubevent.Item{
		Number: d.Number, Title: d.Title, Body: d.Body, HTMLURL: d.URL, State: "open", User: d.Author.user(),
		CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt, ClosedAt: d.ClosedAt, AnswerChosenAt: d.AnswerChosenAt,
	}
	if d.Closed {
		it.State = "closed"
	}
	if d.Answer != nil {
		it.AnswerURL = d.Answer.URL
	}
	if d.Category != nil {
		it.Category = &githubevent.Category{Name: d.Category.Name, Answerable: d.Category.IsAnswerable}
	}
	return it
}

// discussionPages reads the discussions, the last touched first; the cursor's Next is GraphQL's own.
func (r *run) discussionPages(ctx context.Context, sec section) error {
	phase := r.repo.FullName + ": " + sec.name
	for {
		variables := map[string]any{}
		if r.c.Next != "" {
			variables["after"] = r.c.Next
		}
		ans, ok, err := r.graphql(ctx, listQuery, variables)
		if err != nil || !ok {
			return err
		}
		list := ans.Data.Repository.Discussions
		for i := r.c.Index; i < len(list.Nodes); i++ {
			r.line = int64(i) + 1
			old, err := r.discussion(ctx, list.Nodes[i])
			if err != nil {
				return err
			}
			if old {
				return nil
			}
			r.c.Index = i + 1
			if err := r.checkpoint(phase); err != nil {
				return err
			}
		}
		if !list.PageInfo.HasNextPage || list.PageInfo.EndCursor == "" || list.PageInfo.EndCursor == r.c.Next {
			return nil
		}
		r.c.Next, r.c.Index = list.PageInfo.EndCursor, 0
		if err := r.checkpoint(phase); err != nil {
			return err
		}
	}
}

func (r *run) discussion(ctx context.Context, data []byte) (old bool, err error) {
	var d gqlDiscussion
	if !decoded(data, &d) || d.Number == 0 {
		r.count()
		r.reject(sectionDiscussions, data, "not a discussion")
		return false, nil
	}
	if r.isOld(d.UpdatedAt) {
		return true, nil
	}
	r.count()
	facts := githubevent.Discussion(r.key, d.item())
	chosen := githubevent.Time(d.AnswerChosenAt)
	if err := r.emit(ctx, sectionDiscussions, data, facts); err != nil {
		return false, err
	}
	comments := d.Comments
	for {
		for _, c := range comments.Nodes {
			if err := r.discussionComment(ctx, d.Number, 0, c, chosen); err != nil {
				return false, err
			}
		}
		if !comments.PageInfo.HasNextPage || comments.PageInfo.EndCursor == "" {
			return false, nil
		}
		ans, ok, err := r.graphql(ctx, moreQuery, map[string]any{"number": d.Number, "after": comments.PageInfo.EndCursor})
		if err != nil || !ok || ans.Data.Repository.Discussion == nil {
			return false, err
		}
		comments = ans.Data.Repository.Discussion.Comments
	}
}

func (r *run) count() {
	r.out.Read(1)
	r.done++
}

// discussionComment passes on a comment and the replies below it.
func (r *run) discussionComment(ctx context.Context, number, parent int64, data []byte, chosen time.Time) error {
	r.count()
	var c gqlComment
	if !decoded(data, &c) || c.DatabaseID == 0 {
		r.reject(sectionDiscussions, data, "not a comment of a discussion")
		return nil
	}
	facts := githubevent.DiscussionComment(r.key, number, &githubevent.Comment{
		ID: c.DatabaseID, Body: c.Body, HTMLURL: c.URL, User: c.Author.user(),
		CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, ParentID: parent,
	}, c.IsAnswer, answeredAt(c.IsAnswer, chosen))
	if err := r.emit(ctx, sectionDiscussions, data, facts); err != nil {
		return err
	}
	if more := c.Replies.TotalCount - len(c.Replies.Nodes); more > 0 {
		r.out.LeftOut("replies behind the first 100 to one comment of a discussion", more)
	}
	for _, reply := range c.Replies.Nodes {
		if err := r.discussionComment(ctx, number, c.DatabaseID, reply, chosen); err != nil {
			return err
		}
	}
	return nil
}

func answeredAt(answer bool, chosen time.Time) time.Time {
	if answer {
		return chosen
	}
	return time.Time{}
}

// graphql asks a query about the repository. It returns false where GitHub does not give the discussions, which is
// listed as a reject.
func (r *run) graphql(ctx context.Context, query string, variables map[string]any) (gqlAnswer, bool, error) {
	owner, name, _ := strings.Cut(r.repo.FullName, "/")
	variables["owner"], variables["name"] = owner, name
	var ans gqlAnswer
	body, err := r.query(ctx, query, variables, &ans)
	if err != nil {
		return ans, false, err
	}
	if len(ans.Errors) == 0 && ans.Data.Repository != nil {
		return ans, true, nil
	}
	r.reject(sectionDiscussions, body, "GitHub does not give the discussions: "+ans.reason())
	return ans, false, nil
}

// reason is what GitHub says of a query that it does not answer.
func (a *gqlAnswer) reason() string {
	if len(a.Errors) > 0 {
		return a.Errors[0].Message
	}
	return a.Message
}

// query asks a query and returns the answer's text, too. Trouble of GitHub's own, mostly a timeout, is waited for once.
func (s *Source) query(ctx context.Context, query string, variables map[string]any, into *gqlAnswer) ([]byte, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables}, json.Deterministic(true))
	if err != nil {
		return nil, unexpected("a query", err)
	}
	// On GitHub Enterprise Server the REST API is below /api/v3 and GraphQL below /api.
	address := strings.TrimSuffix(s.client.Base, "/v3") + "/graphql"
	for attempt := 1; ; attempt++ {
		ans, err := s.client.Do(ctx, rest.Request{Method: http.MethodPost, Path: address, Body: body})
		if err != nil {
			return nil, err
		}
		*into = gqlAnswer{}
		if err := githubevent.Decode(ans.Body, into); err != nil {
			return nil, unexpected("a query", err)
		}
		if attempt > 1 || len(into.Errors) == 0 || into.Errors[0].Type != "" {
			return ans.Body, nil
		}
		if err := s.client.Env.Sleep(ctx, time.Second); err != nil {
			return nil, err
		}
	}
}
