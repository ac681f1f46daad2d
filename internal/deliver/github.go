// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/outbox"
)

// GitHub comments on issues, pull requests and discussions with the token of a connected source, which has to be allowed
// to write them. Sources that are connected as a GitHub App have no token to write with.
type GitHub struct{ platform }

// NewGitHub returns the sender.
func NewGitHub(c Credentials, p Poster) *GitHub {
	return &GitHub{platform{"GitHub", c, p}}
}

var githubPlace = regexp.MustCompile(`^https?://[^/]+/([A-Za-z0-9._-]+)/([A-Za-z0-9._-]+)/(issues|pull|discussions)/(\d+)`)

// Send comments once. To is the address of the issue, pull request or discussion on the web.
func (s *GitHub) Send(ctx context.Context, m *outbox.Message) (outbox.Receipt, error) {
	set, err := s.open(ctx, m, "token")
	if err != nil {
		return outbox.Receipt{}, err
	}
	at := githubPlace.FindStringSubmatch(m.To)
	if at == nil {
		return outbox.Receipt{}, greenroom.Errorf(greenroom.CodeInvalid, "%q is no issue, pull request or discussion on GitHub", m.To)
	}
	api := base(set, "base-url", "https://api.github.com")
	header := map[string]string{"Authorization": "Bearer " + set["token"], "Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
	text := m.Text
	if m.Subject != "" {
		text = "**" + m.Subject + "**\n\n" + text
	}
	if at[3] == "discussions" {
		return s.discuss(ctx, api, header, at, text)
	}
	var sent struct {
		ID  int64  `json:"id"`
		URL string `json:"html_url"`
	}
	if err := s.ask(ctx, fmt.Sprintf("%s/repos/%s/%s/issues/%s/comments", api, at[1], at[2], at[4]), header, map[string]any{"body": text}, &sent); err != nil {
		return outbox.Receipt{}, err
	}
	return outbox.Receipt{ID: strconv.FormatInt(sent.ID, 10), URL: sent.URL}, nil
}

type githubErrors []struct {
	Message string `json:"message"`
	Type    string `json:"type"`
}

func (e githubErrors) fault() error {
	if len(e) == 0 {
		return nil
	}
	if e[0].Type == "RATE_LIMITED" {
		return greenroom.Errorf(greenroom.CodeLimited, "GitHub asks to be left alone for a while")
	}
	return greenroom.Errorf(greenroom.CodeInvalid, "GitHub refused it (%s)", e[0].Message)
}

// The two requests that it takes to comment on a discussion.
const (
	findDiscussion = `query($owner:String!,$name:String!,$number:Int!){repository(owner:$owner,name:$name){discussion(number:$number){id}}}`
	addComment     = `mutation($id:ID!,$body:String!){addDiscussionComment(input:{discussionId:$id,body:$body}){comment{id url}}}`
)

// discuss comments on a discussion, which only GraphQL can.
func (s *GitHub) discuss(ctx context.Context, api string, header map[string]string, at []string, text string) (outbox.Receipt, error) {
	graph := strings.TrimSuffix(api, "/v3") + "/graphql" // of GitHub Enterprise Server, /api/v3 and /api/graphql
	number, err := strconv.Atoi(at[4])
	if err != nil {
		return outbox.Receipt{}, greenroom.Errorf(greenroom.CodeInvalid, "%q is no discussion's number", at[4])
	}
	var found struct {
		Errors githubErrors `json:"errors"`
		Data   struct {
			Repository struct {
				Discussion struct {
					ID string `json:"id"`
				} `json:"discussion"`
			} `json:"repository"`
		} `json:"data"`
	}
	if err := s.ask(ctx, graph, header, map[string]any{"query": findDiscussion, "variables": map[string]any{"owner": at[1], "name": at[2], "number": number}}, &found); err != nil {
		return outbox.Receipt{}, harmlessly(err)
	}
	if err := found.Errors.fault(); err != nil {
		return outbox.Receipt{}, err
	}
	var sent struct {
		Errors githubErrors `json:"errors"`
		Data   struct {
			Add struct {
				Comment struct {
					ID  string `json:"id"`
					URL string `json:"url"`
				} `json:"comment"`
			} `json:"addDiscussionComment"`
		} `json:"data"`
	}
	if err := s.ask(ctx, graph, header, map[string]any{"query": addComment, "variables": map[string]any{"id": found.Data.Repository.Discussion.ID, "body": text}}, &sent); err != nil {
		return outbox.Receipt{}, err
	}
	if err := sent.Errors.fault(); err != nil {
		return outbox.Receipt{}, err
	}
	return outbox.Receipt{ID: sent.Data.Add.Comment.ID, URL: sent.Data.Add.Comment.URL}, nil
}
