// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import "strings"

// The addresses that GitHub's objects drag along. They are most of an event's bytes.
const (
	userLinks  = "followers following gists starred subscriptions organizations repos events received_events"
	issueLinks = "labels_url comments_url events_url timeline_url"
	repoLinks  = "forks keys collaborators teams hooks issue_events events assignees branches tags blobs git_tags git_refs trees statuses languages stargazers contributors subscribers subscription commits git_commits comments issue_comment contents compare merges archive downloads issues pulls milestones notifications labels releases deployments"
)

// head writes an event up to its payload.
func (w *line) head(id int, kind string, actor, repo int) {
	w.text(`{"id":"`).number(40_000_000_000 + id).text(`","type":"`).text(kind).text(`","actor":{"id":`).number(actor + 1).text(`,"login":"`).login(actor).
		text(`","display_login":"`).login(actor).text(`","gravatar_id":"","url":"https://api.github.com/users/`).login(actor).
		text(`","avatar_url":"https://avatars.githubusercontent.com/u/`).number(actor + 1).text(`?"},"repo":{"id":`).number(repo + 1).text(`,"name":"`).repo(repo).
		text(`","url":"https://api.github.com/repos/`).repo(repo).text(`"},"payload":`)
}

// user writes an account.
func (w *line) user(actor int) *line {
	w.text(`{"login":"`).login(actor).text(`","id":`).number(actor + 1).text(`,"node_id":"MDQ6VXNlcg==","avatar_url":"https://avatars.githubusercontent.com/u/`).
		number(actor + 1).text(`?v=4","gravatar_id":"","url":"https://api.github.com/users/`).login(actor).text(`","html_url":"https://github.com/`).login(actor).text(`",`)
	for l := range strings.FieldsSeq(userLinks) {
		w.text(`"`).text(l).text(`_url":"https://api.github.com/users/`).login(actor).text(`/`).text(l).text(`",`)
	}
	return w.text(`"type":"User","site_admin":false}`)
}

// item writes an issue or a pull request.
func (w *line) item(c *community, t *thread, state string) *line {
	folder := "issues"
	if t.pull {
		folder = "pull"
	}
	w.text(`{"url":"https://api.github.com/repos/`).repo(t.repo).text(`/issues/`).number(t.number).text(`",`)
	for l := range strings.FieldsSeq(issueLinks) {
		w.text(`"`).text(l).text(`":"https://api.github.com/repos/`).repo(t.repo).text(`/issues/`).number(t.number).text(`/`).text(l).text(`",`)
	}
	w.text(`"html_url":"https://github.com/`).repo(t.repo).text(`/`).text(folder).text(`/`).number(t.number).text(`","id":`).number(t.repo*1_000_000 + t.number).
		text(`,"node_id":"MDU6SXNzdWU=","number":`).number(t.number).text(`,"title":"`).text(t.title).text(`","user":`).user(t.author).
		text(`,"labels":[],"state":"`).text(state).text(`","locked":false,"assignee":null,"milestone":null,"comments":1,"created_at":"`).text(w.at).text(`","updated_at":"`).text(w.at)
	if state == "closed" {
		w.text(`","closed_at":"`).text(w.at).text(`"`)
	} else {
		w.text(`","closed_at":null`)
	}
	return w.text(`,"author_association":"NONE","body":"`).text(c.words.body(c.r, 300)).text(`"}`)
}

// comment writes a comment.
func (w *line) comment(c *community, t *thread, actor int) *line {
	return w.text(`{"url":"https://api.github.com/repos/`).repo(t.repo).text(`/issues/comments/`).number(c.id).text(`","html_url":"https://github.com/`).repo(t.repo).
		text(`/issues/`).number(t.number).text(`#issuecomment-`).number(c.id).text(`","id":`).number(c.id).text(`,"user":`).user(actor).text(`,"created_at":"`).text(w.at).
		text(`","updated_at":"`).text(w.at).text(`","author_association":"CONTRIBUTOR","body":"`).text(c.words.body(c.r, 220)).text(`"}`)
}

// repository writes a fork of a repository.
func (w *line) repository(id, actor, repo int) *line {
	w.text(`{"id":`).number(1_000_000 + id).text(`,"name":"project-`).number(repo).text(`","full_name":"`).login(actor).text(`/project-`).number(repo).
		text(`","private":false,"owner":`).user(actor).text(`,"html_url":"https://github.com/`).login(actor).text(`/project-`).number(repo).
		text(`","description":"A thing to build with","fork":true,`)
	for l := range strings.FieldsSeq(repoLinks) {
		w.text(`"`).text(l).text(`_url":"https://api.github.com/repos/`).login(actor).text(`/project-`).number(repo).text(`/`).text(l).text(`",`)
	}
	return w.text(`"created_at":"`).text(w.at).text(`","updated_at":"`).text(w.at).text(`","size":1200,"stargazers_count":0,"language":"Go","public":true}`)
}
