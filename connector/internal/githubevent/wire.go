// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package githubevent

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Decode reads JSON into a wire type. It is lenient where real payloads are: a name that stands twice counts as its last
// value, and bytes that are not UTF-8 become U+FFFD. Names that the type does not have are checked and skipped.
func Decode(data []byte, into any) error {
	return json.Unmarshal(data, into, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// Event is something that happened, in the form of the Events API and of GH Archive since 2015.
type Event struct {
	ID        string  `json:"id"` // empty in the older forms and in webhooks
	Type      string  `json:"type"`
	Actor     User    `json:"actor"`
	Repo      Repo    `json:"repo"`
	Payload   Payload `json:"payload"`
	CreatedAt string  `json:"created_at"`
	URL       string  `json:"-"` // the page of the event, in the timeline form only
}

// User is an account. The events carry the first fields, a profile has all.
type User struct {
	ID        int64  `json:"id"` // 0 in the older forms
	Login     string `json:"login"`
	AvatarURL string `json:"avatar_url"`
	HTMLURL   string `json:"html_url"`
	Type      string `json:"type"` // "User", "Bot", "Organization", "Mannequin"
	Name      string `json:"name"`
	Company   string `json:"company"`
	Blog      string `json:"blog"`
	Location  string `json:"location"`
	Email     string `json:"email"`
	Bio       string `json:"bio"`
	Twitter   string `json:"twitter_username"`
	CreatedAt string `json:"created_at"`
}

// Repo is a repository. Name is "owner/name" in events; the REST API has that as FullName.
type Repo struct {
	ID        int64  `json:"id"` // 0 in the older forms where the repository was gone
	Name      string `json:"name"`
	FullName  string `json:"full_name"`
	HTMLURL   string `json:"html_url"`
	CreatedAt string `json:"created_at"`
	Owner     User   `json:"owner"`

	HasDiscussions bool  `json:"has_discussions"`
	Stars          int64 `json:"stargazers_count"`
	Forks          int64 `json:"forks_count"`
	OpenIssues     int64 `json:"open_issues_count"` // with pull requests
}

// Payload is what the events of all types carry; each type fills a few of the fields.
type Payload struct {
	Action      string   `json:"action"`
	Number      int64    `json:"number"`
	Ref         string   `json:"ref"`
	Head        string   `json:"head"` // the commit that a push ended at
	RefType     string   `json:"ref_type"`
	Description string   `json:"description"`
	Size        int64    `json:"size"`
	Commits     []Commit `json:"commits"`
	Issue       *Item    `json:"issue"`
	PullRequest *Item    `json:"pull_request"`
	Discussion  *Item    `json:"discussion"`
	Comment     *Comment `json:"comment"`
	Review      *Review  `json:"review"`
	Release     *Release `json:"release"`
	Forkee      *Repo    `json:"forkee"`
	Pages       []Page   `json:"pages"`
	Member      *User    `json:"member"`
	Assignee    *User    `json:"assignee"`
	Label       *Named   `json:"label"`
	Milestone   *Named   `json:"milestone"`
	Answer      *Comment `json:"answer"`
	Target      *User    `json:"target"` // of a FollowEvent
	Team        *Named   `json:"team"`
	Gist        *Gist    `json:"gist"`
	CommentID   int64    `json:"comment_id"` // in the timeline form
	CommitID    string   `json:"-"`          // of a commit comment in the timeline form
}

// Commit is a commit in a push. Its author is not an account and no activity is made from it.
type Commit struct {
	SHA     string `json:"sha"`
	Message string `json:"message"`
}

// Item is an issue, a pull request or a discussion: whatever has a number in a repository.
type Item struct {
	ID        int64  `json:"id"`
	Number    int64  `json:"number"`
	Title     string `json:"title"`
	Body      string `json:"body"`
	HTMLURL   string `json:"html_url"`
	State     string `json:"state"`        // "open", "closed"
	Reason    string `json:"state_reason"` // "completed", "not_planned", "reopened"
	User      *User  `json:"user"`
	CreatedAt string `json:"created_at"`
	UpdatedAt string `json:"updated_at"` // moves with every remark on it
	ClosedAt  string `json:"closed_at"`
	ClosedBy  *User  `json:"closed_by"`

	PullRequest *PullRef `json:"pull_request"` // an issue that is a pull request
	Merged      bool     `json:"merged"`
	MergedAt    string   `json:"merged_at"`
	MergedBy    *User    `json:"merged_by"`

	Category       *Category `json:"category"` // of a discussion
	AnswerChosenAt string    `json:"answer_chosen_at"`
	AnswerURL      string    `json:"answer_html_url"` // ends in the answer's id
}

// PullRef marks an issue as a pull request.
type PullRef struct {
	HTMLURL  string `json:"html_url"`
	MergedAt string `json:"merged_at"`
}

// Category is the category of a discussion.
type Category struct {
	Name       string `json:"name"`
	Answerable bool   `json:"is_answerable"`
}

// Comment is a comment of any sort.
type Comment struct {
	ID        int64  `json:"id"`
	Body      string `json:"body"`
	HTMLURL   string `json:"html_url"`
	User      *User  `json:"user"`
	CreatedAt string `json:"created_at"`
	UpdatedAt string `json:"updated_at"`
	InReplyTo int64  `json:"in_reply_to_id"` // of a review comment
	ParentID  int64  `json:"parent_id"`      // of a discussion comment
	CommitID  string `json:"commit_id"`
	IssueURL  string `json:"issue_url"`        // REST: ends in the issue's number
	PullURL   string `json:"pull_request_url"` // REST: ends in the pull request's number
}

// Review is a review of a pull request.
type Review struct {
	ID          int64  `json:"id"`
	Body        string `json:"body"`
	State       string `json:"state"` // "approved", "changes_requested", "commented", "dismissed", in either case
	HTMLURL     string `json:"html_url"`
	User        *User  `json:"user"`
	SubmittedAt string `json:"submitted_at"`
}

// Release is a release.
type Release struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	TagName     string `json:"tag_name"`
	Body        string `json:"body"`
	HTMLURL     string `json:"html_url"`
	PublishedAt string `json:"published_at"`
	CreatedAt   string `json:"created_at"`
	UpdatedAt   string `json:"updated_at"`
	Draft       bool   `json:"draft"`
	Author      *User  `json:"author"`
}

// Page is an edited page of a wiki.
type Page struct {
	PageName string `json:"page_name"`
	Title    string `json:"title"`
	Summary  string `json:"summary"`
	Action   string `json:"action"` // "created", "edited"
	HTMLURL  string `json:"html_url"`
}

// Named is anything of which only the name is wanted; a milestone calls it title.
type Named struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

// Gist is a gist of the years in which gists were events.
type Gist struct {
	Description string `json:"desc"`
	HTMLURL     string `json:"url"`
}
