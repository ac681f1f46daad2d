// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitlab

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// pageSize is how many entries a page holds; GitLab gives no more.
const pageSize = 100

// query makes a query of names and values.
func query(pairs ...string) url.Values {
	q := url.Values{"per_page": {strconv.Itoa(pageSize)}}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return q
}

// list asks for one page of a list: page is the link that the one before gave, "" = the first. It returns the link to the
// next page, "" at the end.
func (s *source) list(ctx context.Context, path string, q url.Values, page string) (items []jsontext.Value, next string, err error) {
	if page != "" {
		path, q = page, nil
	}
	ans, err := s.client.Get(ctx, path, q)
	if err != nil {
		return nil, "", err
	}
	if err := s.client.Decode(ans, &items); err != nil {
		return nil, "", err
	}
	s.answered, _ = http.ParseTime(ans.Header.Get("Date")) // the zero time where it is none
	next = ans.Link("next")
	if n := ans.Header.Get("X-Next-Page"); next == "" && n != "" { // a proxy took the links away
		next = withPage(path, q, n)
	}
	return items, next, nil
}

func withPage(path string, q url.Values, page string) string {
	base, old, _ := strings.Cut(path, "?")
	all, err := url.ParseQuery(old)
	if err != nil {
		all = url.Values{}
	}
	for name, values := range q {
		all[name] = values
	}
	all.Set("page", page)
	return base + "?" + all.Encode()
}

// every passes on each entry of a list that is read in one go, such as the comments of one issue.
func (s *source) every(ctx context.Context, path string, q url.Values, pass func(item jsontext.Value) error) error {
	for page := ""; ; {
		items, next, err := s.list(ctx, path, q, page)
		if err != nil {
			return err
		}
		for _, item := range items {
			if err := pass(item); err != nil {
				return err
			}
		}
		if page = next; page == "" {
			return nil
		}
	}
}

// unseen reports whether GitLab does not show a list: it is gone, turned off in the project, for other roles or, where
// there is no token, for those who have one.
func (s *source) unseen(err error) bool {
	return rest.Gone(err) || rest.Refused(err) || rest.Status(err) == http.StatusMethodNotAllowed || s.stranger(err)
}

// stranger reports whether GitLab wants a token for something and there is none. It does so for discussions and histories
// of states even in public projects, and older servers for emoji, too.
func (s *source) stranger(err error) bool {
	return rest.Status(err) == http.StatusUnauthorized && s.set.Text(optToken) == ""
}

// What belongs to an issue or a merge request.
const (
	listDiscussions = "discussions"
	listStates      = "resource_state_events"
	listEmoji       = "award_emoji"
)

// under passes on each entry of a list that belongs to an issue, a merge request or a comment, and reports whether GitLab
// shows it. One that is for those who have a token alone is not asked for again.
func (s *source) under(ctx context.Context, path, list string, pass func(item jsontext.Value) error) (shown bool, err error) {
	if s.shut[list] {
		return false, nil
	}
	err = s.every(ctx, path+"/"+list, query(), pass)
	if s.stranger(err) {
		s.shut[list] = true
		s.env.Meter.Warn("Without a token, GitLab does not show the " + strings.ReplaceAll(list, "_", " ") + " of issues and merge requests.")
	}
	if s.unseen(err) {
		return false, nil
	}
	return err == nil, err
}

// moment is a time as GitLab writes it, cut to seconds: in ISO 8601 in the API, and as "2015-05-17 18:08:09 UTC" in webhooks.
type moment struct{ time.Time }

// UnmarshalJSON reads a time; null, an empty text and what is none give the zero time.
func (m *moment) UnmarshalJSON(data []byte) error {
	m.Time = time.Time{}
	text, err := strconv.Unquote(string(data))
	if err != nil {
		return nil //nolint:nilerr // it is null or of another type, which counts as absent
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05 MST", "2006-01-02 15:04:05 -0700", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			m.Time = at.UTC().Truncate(time.Second)
			return nil
		}
	}
	return nil
}

type wireUser struct {
	ID          int64  `json:"id"`
	Username    string `json:"username"`
	Name        string `json:"name"`
	State       string `json:"state"` // active, blocked, deactivated, ...
	Email       string `json:"email"` // in webhooks: the public address, or "[REDACTED]"
	PublicEmail string `json:"public_email"`
	AvatarURL   string `json:"avatar_url"`
	WebURL      string `json:"web_url"`
	Bot         bool   `json:"bot"`
	AccessLevel int64  `json:"access_level"` // in lists of members
}

type wireProject struct {
	ID                int64     `json:"id"`
	PathWithNamespace string    `json:"path_with_namespace"`
	WebURL            string    `json:"web_url"`
	CreatedAt         moment    `json:"created_at"`
	CreatorID         int64     `json:"creator_id"`
	Owner             *wireUser `json:"owner"`
	Stars             int64     `json:"star_count"`
	Forks             int64     `json:"forks_count"`
	OpenIssues        int64     `json:"open_issues_count"`
	IssuesEnabled     *bool     `json:"issues_enabled"`
	RequestsEnabled   *bool     `json:"merge_requests_enabled"`
	Archived          bool      `json:"archived"`
}

func (p *wireProject) key() string { return strconv.FormatInt(p.ID, 10) }

// wireItem is an issue or a merge request, as the API has it and, where the names differ, as webhooks do.
type wireItem struct {
	ID           int64     `json:"id"`
	IID          int64     `json:"iid"`
	ProjectID    int64     `json:"project_id"`
	Title        string    `json:"title"`
	Description  string    `json:"description"`
	State        string    `json:"state"` // opened, closed, locked, merged
	Confidential bool      `json:"confidential"`
	Author       *wireUser `json:"author"`
	CreatedAt    moment    `json:"created_at"`
	UpdatedAt    moment    `json:"updated_at"`
	ClosedAt     moment    `json:"closed_at"`
	ClosedBy     *wireUser `json:"closed_by"`
	MergedAt     moment    `json:"merged_at"`
	MergedBy     *wireUser `json:"merged_by"`
	MergeUser    *wireUser `json:"merge_user"` // newer servers call merged_by so
	WebURL       string    `json:"web_url"`
	Notes        int64     `json:"user_notes_count"`
	Upvotes      int64     `json:"upvotes"`
	Downvotes    int64     `json:"downvotes"`

	AuthorID int64  `json:"author_id"` // these in webhooks only
	URL      string `json:"url"`
	Action   string `json:"action"`
	Type     string `json:"type"`
}

func (it *wireItem) good() bool { return it.ID != 0 && it.IID != 0 && !it.CreatedAt.IsZero() }

// untouched reports whether nothing happened to it since it was opened.
func (it *wireItem) untouched() bool {
	return it.State == "opened" && it.Notes == 0 && it.UpdatedAt.Sub(it.CreatedAt.Time) < 2*time.Second
}

type wireNote struct {
	ID           int64     `json:"id"`
	Type         string    `json:"type"` // DiscussionNote, DiffNote, or nothing
	Body         string    `json:"body"`
	Author       *wireUser `json:"author"`
	System       bool      `json:"system"`
	Internal     *bool     `json:"internal"`     // nil = an old server, or a webhook of one
	Confidential bool      `json:"confidential"` // what older servers call internal
	CreatedAt    moment    `json:"created_at"`
	UpdatedAt    moment    `json:"updated_at"`

	Note         string `json:"note"` // these in webhooks only
	AuthorID     int64  `json:"author_id"`
	DiscussionID string `json:"discussion_id"`
	URL          string `json:"url"`
}

// hidden reports whether a comment is for the team alone.
func (n *wireNote) hidden() bool { return n.Internal != nil && *n.Internal || n.Confidential }

type wireDiscussion struct {
	ID    string           `json:"id"`
	Notes []jsontext.Value `json:"notes"`
}

type wireState struct {
	ID        int64     `json:"id"`
	User      *wireUser `json:"user"`
	CreatedAt moment    `json:"created_at"`
	State     string    `json:"state"` // closed, reopened, merged, locked
}

type wireAward struct {
	ID        int64     `json:"id"`
	Name      string    `json:"name"`
	User      *wireUser `json:"user"`
	CreatedAt moment    `json:"created_at"`
}

type wireRelease struct {
	Tag         string    `json:"tag_name"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Author      *wireUser `json:"author"`
	CreatedAt   moment    `json:"created_at"`
	ReleasedAt  moment    `json:"released_at"`
	Links       struct {
		Self string `json:"self"`
	} `json:"_links"`
}

type wireStar struct {
	Since moment    `json:"starred_since"`
	User  *wireUser `json:"user"`
}

// errRecord is a record that cannot be read; reading goes on behind it.
var errRecord = errors.New("not an object of this list")

// read decodes an object and checks that it is what was asked for.
func read(data []byte, v any, good func() bool) error {
	if err := rest.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%w: %w", errRecord, err)
	}
	if !good() {
		return fmt.Errorf("%w: an id or a time is missing", errRecord)
	}
	return nil
}

func reject(out *connector.Sink, file string, line int64, item []byte, err error) {
	out.Reject(greenroom.Reject{File: file, Line: line, Reason: err.Error(), Expected: "an object as GitLab's API describes it", Excerpt: string(item)})
}
