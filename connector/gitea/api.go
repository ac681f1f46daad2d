// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitea

import (
	"net/url"
	"strconv"
	"time"

	"greenroom/connector/internal/rest"
)

// pageSize is how many entries a page holds: 50 is what servers allow unless their administrator set another number.
const pageSize = 50

// page is the query of a page, with more names and values.
func page(number string, more ...string) url.Values {
	if number == "" {
		number = "1"
	}
	q := url.Values{"page": {number}, "limit": {strconv.Itoa(pageSize)}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return q
}

// following is the number of the page after one that holds n entries; "" = there is none. Some lists link to the next page
// and may leave out all of a page's entries, such as repositories that the token may not see. Others only say how many
// entries there are in all, and the server may give fewer than asked for: there an empty page is the end.
func following(ans *rest.Answer, number string, n int) string {
	linked, next := ans.Header.Get("Link") != "", ans.Link("next") != ""
	if n == 0 && !next || linked && !next || ans.Header.Get("X-Total-Count") == strconv.Itoa(n) {
		return ""
	}
	return strconv.Itoa(pageNumber(number) + 1)
}

func pageNumber(number string) int {
	if at, err := strconv.Atoi(number); err == nil {
		return at
	}
	return 1
}

type wireUser struct {
	ID          int64     `json:"id"`
	Login       string    `json:"login"`
	FullName    string    `json:"full_name"`
	Email       string    `json:"email"`
	AvatarURL   string    `json:"avatar_url"`
	HTMLURL     string    `json:"html_url"`
	Location    string    `json:"location"`
	Website     string    `json:"website"`
	Description string    `json:"description"`
	Created     time.Time `json:"created"`
}

type wireRepo struct {
	ID         int64     `json:"id"`
	FullName   string    `json:"full_name"`
	HTMLURL    string    `json:"html_url"`
	Owner      *wireUser `json:"owner"`
	Forks      int64     `json:"forks_count"`
	Stars      int64     `json:"stars_count"`
	OpenIssues int64     `json:"open_issues_count"`
	OpenPulls  int64     `json:"open_pr_counter"`
	Releases   int64     `json:"release_counter"`
	HasIssues  bool      `json:"has_issues"`
	HasPulls   bool      `json:"has_pull_requests"`
	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
}

func (r *wireRepo) key() string { return strconv.FormatInt(r.ID, 10) }

// wireIssue is an issue, and the part of a pull request that looks like one.
type wireIssue struct {
	ID        int64      `json:"id"`
	Number    int64      `json:"number"`
	User      *wireUser  `json:"user"`
	Title     string     `json:"title"`
	Body      string     `json:"body"`
	State     string     `json:"state"` // open, closed
	HTMLURL   string     `json:"html_url"`
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt time.Time  `json:"updated_at"`
	ClosedAt  *time.Time `json:"closed_at"`
	Comments  int64      `json:"comments"`

	PullRequest *struct { // in lists of issues: it is a pull request
		Merged bool `json:"merged"`
	} `json:"pull_request"`

	Merged   bool       `json:"merged"` // these three in lists of pull requests only
	MergedAt *time.Time `json:"merged_at"`
	MergedBy *wireUser  `json:"merged_by"`
}

type wireComment struct {
	ID        int64     `json:"id"`
	User      *wireUser `json:"user"`
	Body      string    `json:"body"`
	HTMLURL   string    `json:"html_url"`
	IssueURL  string    `json:"issue_url"`
	PullURL   string    `json:"pull_request_url"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func (it *wireIssue) good() bool { return it.ID != 0 && !it.CreatedAt.IsZero() }

// untouched reports whether nothing happened to it since it was opened.
func (it *wireIssue) untouched() bool {
	return it.State == "open" && it.Comments == 0 && it.UpdatedAt.Sub(it.CreatedAt) < 2*time.Second
}

// wireEvent is an entry of an issue's timeline.
type wireEvent struct {
	ID        int64     `json:"id"`
	Type      string    `json:"type"` // close, reopen, label, ...
	User      *wireUser `json:"user"`
	Body      string    `json:"body"`
	HTMLURL   string    `json:"html_url"`
	CreatedAt time.Time `json:"created_at"`
	OldTitle  string    `json:"old_title"`
	NewTitle  string    `json:"new_title"`
	Label     *struct {
		Name string `json:"name"`
	} `json:"label"`
	Milestone *struct {
		Title string `json:"title"`
	} `json:"milestone"`
	Assignee *wireUser `json:"assignee"`
	Removed  bool      `json:"removed_assignee"`
}

type wireReaction struct {
	User      *wireUser `json:"user"`
	Content   string    `json:"content"`
	CreatedAt time.Time `json:"created_at"`
}

type wireReview struct {
	ID          int64     `json:"id"`
	User        *wireUser `json:"user"`
	Body        string    `json:"body"`
	State       string    `json:"state"` // APPROVED, PENDING, COMMENT, REQUEST_CHANGES, REQUEST_REVIEW
	HTMLURL     string    `json:"html_url"`
	Comments    int64     `json:"comments_count"`
	SubmittedAt time.Time `json:"submitted_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

type wireRelease struct {
	ID          int64     `json:"id"`
	Name        string    `json:"name"`
	Tag         string    `json:"tag_name"`
	Body        string    `json:"body"`
	HTMLURL     string    `json:"html_url"`
	Draft       bool      `json:"draft"`
	Author      *wireUser `json:"author"`
	CreatedAt   time.Time `json:"created_at"`
	PublishedAt time.Time `json:"published_at"`
}
