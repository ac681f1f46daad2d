// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

type hubUser struct {
	Login      string `json:"login"`
	ID         int    `json:"id"`
	NodeID     string `json:"node_id"`
	AvatarURL  string `json:"avatar_url"`
	GravatarID string `json:"gravatar_id"`
	URL        string `json:"url"`
	HTMLURL    string `json:"html_url"`
	Type       string `json:"type"`
	SiteAdmin  bool   `json:"site_admin"`
}

func hubUserOf(a *account) *hubUser {
	u := &hubUser{Login: a.handle, ID: number(a.id), NodeID: "U_" + base36(scramble(uint64(a.owner.id)), 10), Type: "User"}
	if a.owner.kind == bot {
		u.Type = "Bot"
	}
	u.URL, u.HTMLURL = "https://api.github.com/users/"+a.handle, "https://github.com/"+a.handle
	return u
}

type hubLabel struct {
	ID      int    `json:"id"`
	URL     string `json:"url"`
	Name    string `json:"name"`
	Color   string `json:"color"`
	Default bool   `json:"default"`
}

// hubIssue is an issue, or a pull request as issue comments see it.
type hubIssue struct {
	URL           string            `json:"url"`
	RepositoryURL string            `json:"repository_url"`
	HTMLURL       string            `json:"html_url"`
	ID            int               `json:"id"`
	Number        int               `json:"number"`
	Title         string            `json:"title"`
	User          *hubUser          `json:"user"`
	Labels        []hubLabel        `json:"labels"`
	State         string            `json:"state"`
	StateReason   *string           `json:"state_reason"`
	Locked        bool              `json:"locked"`
	Comments      int               `json:"comments"`
	CreatedAt     string            `json:"created_at"`
	UpdatedAt     string            `json:"updated_at"`
	ClosedAt      *string           `json:"closed_at"`
	Association   string            `json:"author_association"`
	Body          string            `json:"body"`
	PullRequest   map[string]string `json:"pull_request,omitempty"`
}

type hubPull struct {
	URL         string     `json:"url"`
	ID          int        `json:"id"`
	HTMLURL     string     `json:"html_url"`
	DiffURL     string     `json:"diff_url"`
	Number      int        `json:"number"`
	State       string     `json:"state"`
	Locked      bool       `json:"locked"`
	Title       string     `json:"title"`
	User        *hubUser   `json:"user"`
	Body        string     `json:"body"`
	CreatedAt   string     `json:"created_at"`
	UpdatedAt   string     `json:"updated_at"`
	ClosedAt    *string    `json:"closed_at"`
	MergedAt    *string    `json:"merged_at"`
	Merged      bool       `json:"merged"`
	MergedBy    *hubUser   `json:"merged_by"`
	Labels      []hubLabel `json:"labels"`
	Draft       bool       `json:"draft"`
	Association string     `json:"author_association"`
	Comments    int        `json:"comments"`
	Commits     int        `json:"commits"`
	Additions   int        `json:"additions"`
	Deletions   int        `json:"deletions"`
	Changed     int        `json:"changed_files"`
	Head        hubBranch  `json:"head"`
	Base        hubBranch  `json:"base"`
}

type hubBranch struct {
	Label string  `json:"label"`
	Ref   string  `json:"ref"`
	SHA   string  `json:"sha"`
	Repo  hubRepo `json:"repo"`
}

type hubComment struct {
	URL         string   `json:"url"`
	HTMLURL     string   `json:"html_url"`
	IssueURL    string   `json:"issue_url"`
	ID          int      `json:"id"`
	User        *hubUser `json:"user"`
	CreatedAt   string   `json:"created_at"`
	UpdatedAt   string   `json:"updated_at"`
	Association string   `json:"author_association"`
	Body        string   `json:"body"`
}

// hubThread is a thread with its number in the repository.
type hubThread struct {
	*thread
	h      *hubWriter
	number int
}

func (h *hubWriter) thread(t *thread) error {
	h.counts[t.channel]++
	x := hubThread{t, h, h.counts[t.channel]}
	opened, kind := func() any { return map[string]any{"action": "opened", "issue": x.issue(0, false)} }, "IssuesEvent"
	if t.intent == pull {
		opened, kind = func() any {
			return map[string]any{"action": "opened", "number": x.number, "pull_request": x.pull(0, false)}
		}, "PullRequestEvent"
	}
	h.add(t.at, kind, t.author, t.channel, opened)
	for i := 1; i < len(t.posts); i++ {
		p := &t.posts[i]
		if p.role == approve || p.role == change {
			h.add(p.at, "PullRequestReviewEvent", p.author, t.channel, func() any {
				return map[string]any{"action": "created", "review": x.review(i), "pull_request": x.pull(i, false)}
			})
			continue
		}
		h.add(p.at, "IssueCommentEvent", p.author, t.channel, func() any {
			return map[string]any{"action": "created", "issue": x.issue(i, false), "comment": x.comment(i)}
		})
	}
	x.close()
	h.log.wrote(t, t.channel.key+"#"+strconv.Itoa(x.number))
	return nil
}

// close adds how the issue or pull request ended; a merged one is followed by a push.
func (x hubThread) close() {
	if x.closed.IsZero() || x.closedBy == nil || x.closedBy.accounts[github] == nil {
		return
	}
	n := len(x.posts) - 1
	x.h.log.sum.Other++
	if x.intent != pull {
		x.h.add(x.closed, "IssuesEvent", x.closedBy, x.channel, func() any { return map[string]any{"action": "closed", "issue": x.issue(n, true)} })
		return
	}
	x.h.add(x.closed, "PullRequestEvent", x.closedBy, x.channel, func() any {
		return map[string]any{"action": "closed", "number": x.number, "pull_request": x.pull(n, true)}
	})
	x.h.add(x.closed.Add(2*time.Second), "PushEvent", x.closedBy, x.channel, x.push)
	x.h.log.sum.Other++
}

func (x hubThread) url(kind string) string {
	return fmt.Sprintf("https://github.com/%s/%s/%d", x.channel.key, kind, x.number)
}

func (x hubThread) api(kind string) string {
	return fmt.Sprintf("https://api.github.com/repos/%s/%s/%d", x.channel.key, kind, x.number)
}

// id is the number of the issue or pull request over all repositories.
func (x hubThread) id() int { return 992_000_000 + x.thread.id }

func (x hubThread) labels() []hubLabel {
	names := append([]string{x.intent.String()}, x.topic.tags[:1]...)
	switch x.intent {
	case idea:
		names[0] = "enhancement"
	case pull:
		names = names[1:]
	default:
	}
	list := make([]hubLabel, len(names))
	for i, name := range names {
		list[i] = hubLabel{ID: 991_800_000 + len(name), URL: "https://api.github.com/repos/" + x.channel.key + "/labels/" + name, Name: name, Color: color(len(name))}
	}
	return list
}

// issue is the issue as it was after the post with index last.
func (x hubThread) issue(last int, closed bool) *hubIssue {
	issue := &hubIssue{
		URL: x.api("issues"), RepositoryURL: "https://api.github.com/repos/" + x.channel.key, HTMLURL: x.url("issues"), ID: x.id(), Number: x.number,
		Title: x.title, User: hubUserOf(x.author.accounts[github]), Labels: x.labels(), State: "open", Comments: last,
		CreatedAt: x.at.Format(time.RFC3339), UpdatedAt: x.posts[last].at.Format(time.RFC3339), Association: association(x.author), Body: asMarkdown(x.posts[0].body, ""),
	}
	if x.intent == pull {
		issue.HTMLURL = x.url("pull")
		issue.PullRequest = map[string]string{"url": x.api("pulls"), "html_url": x.url("pull"), "diff_url": x.url("pull") + ".diff"}
	}
	if closed {
		at, reason := x.closed.Format(time.RFC3339), "completed"
		issue.State, issue.StateReason, issue.ClosedAt, issue.UpdatedAt = "closed", &reason, &at, at
	}
	return issue
}

func (x hubThread) pull(last int, closed bool) *hubPull {
	size := int(scramble(uint64(x.id())) % 240)
	a := x.author.accounts[github]
	branch := strings.Join(strings.Fields(strings.ToLower(x.title))[:2], "-")
	p := &hubPull{
		URL: x.api("pulls"), ID: x.id(), HTMLURL: x.url("pull"), DiffURL: x.url("pull") + ".diff", Number: x.number, State: "open", Title: x.title,
		User: hubUserOf(a), Body: asMarkdown(x.posts[0].body, ""), CreatedAt: x.at.Format(time.RFC3339), UpdatedAt: x.posts[last].at.Format(time.RFC3339),
		Labels: x.labels(), Association: association(x.author), Comments: last, Commits: 1 + size%4, Additions: 3 + size, Deletions: size / 3, Changed: 1 + size%7,
		Head: hubBranch{a.handle + ":" + branch, branch, sha(x.id(), 1), hubRepo{991_000_000 + a.owner.id*8 + x.h.repos[x.channel]%8, a.handle + "/" + x.channel.title, ""}},
		Base: hubBranch{"lumen-labs-example:main", "main", sha(x.id(), 2), x.h.repo(x.channel)},
	}
	if closed {
		at := x.closed.Format(time.RFC3339)
		p.State, p.ClosedAt, p.UpdatedAt = "closed", &at, at
		if p.Merged = x.merged; x.merged {
			p.MergedAt, p.MergedBy = &at, hubUserOf(x.closedBy.accounts[github])
		}
	}
	return p
}

func (x hubThread) comment(i int) *hubComment {
	p := &x.posts[i]
	id := 993_000_000 + x.thread.id*32 + i
	kind := "issues"
	if x.intent == pull {
		kind = "pull"
	}
	before := ""
	if p.mention != nil {
		before = "@" + p.mention.accounts[github].handle + " "
	}
	c := &hubComment{
		URL: fmt.Sprintf("https://api.github.com/repos/%s/issues/comments/%d", x.channel.key, id), HTMLURL: fmt.Sprintf("%s#issuecomment-%d", x.url(kind), id),
		IssueURL: x.api("issues"), ID: id, User: hubUserOf(p.author.accounts[github]), CreatedAt: p.at.Format(time.RFC3339), UpdatedAt: p.at.Format(time.RFC3339),
		Association: association(p.author), Body: asMarkdown(p.body, before),
	}
	return c
}

func (x hubThread) review(i int) any {
	p := &x.posts[i]
	id := 993_000_000 + x.thread.id*32 + i
	state := "approved"
	if p.role == change {
		state = "changes_requested"
	}
	return map[string]any{
		"id": id, "user": hubUserOf(p.author.accounts[github]), "body": asMarkdown(p.body, ""), "commit_id": sha(x.id(), 1), "submitted_at": p.at.Format(time.RFC3339),
		"state": state, "html_url": fmt.Sprintf("%s#pullrequestreview-%d", x.url("pull"), id), "pull_request_url": x.api("pulls"), "author_association": association(p.author),
	}
}

// push is what reaches the main branch by a merge: the commits with the addresses of their authors.
func (x hubThread) push() any {
	a := x.author.accounts[github]
	email, name := a.email, x.author.name
	if a.lost {
		name = a.handle
	}
	if email == "" {
		email = a.id + "+" + a.handle + "@users.noreply.github.com"
	}
	d := x.h.w.origin.stream("commit", x.id())
	sc := x.h.w.newScene(d, x.seed)
	n := d.between(1, 3)
	commits := make([]map[string]any, n)
	for i := range commits {
		commit := sha(x.id(), 10+i)
		commits[i] = map[string]any{
			"sha": commit, "author": map[string]string{"email": email, "name": name}, "message": sc.say("generic", "commit"), "distinct": true,
			"url": "https://api.github.com/repos/" + x.channel.key + "/commits/" + commit,
		}
	}
	return map[string]any{
		"repository_id": x.h.repos[x.channel], "push_id": 994_000_000 + x.thread.id, "size": n, "distinct_size": n, "ref": "refs/heads/main",
		"head": sha(x.id(), 9+n), "before": sha(x.id(), 2), "commits": commits,
	}
}

func association(p *person) string {
	switch {
	case p.kind == staff:
		return "MEMBER"
	case p.temper >= regular:
		return "CONTRIBUTOR"
	default:
		return "NONE"
	}
}

// sha makes a commit hash.
func sha(id, n int) string {
	x := scramble(uint64(id)<<8 + uint64(n))
	return fmt.Sprintf("%016x%016x%08x", x, scramble(x), scramble(x^1)>>32)
}
