// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitea

import (
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

func id(n int64) string { return strconv.FormatInt(n, 10) }

// The accounts that are nobody's: of people who were deleted, and of the server's own automation.
const (
	ghost   = -1 // "Ghost"
	actions = -2 // "gitea-actions", "forgejo-actions"
)

// person pushes an account and returns its external id.
func (s *source) person(u *wireUser, out *connector.Sink) string {
	if u == nil || u.ID == 0 {
		return ""
	}
	who := connector.Identity{
		ExternalID: id(u.ID), Handle: u.Login, Name: u.FullName, AvatarURL: u.AvatarURL, ProfileURL: u.HTMLURL,
		Location: u.Location, Bio: u.Description, JoinedAt: u.Created, Deleted: u.ID == ghost,
		Staff: s.staff[strings.ToLower(u.Login)], Bot: u.ID == actions || strings.HasSuffix(u.Login, "[bot]") || strings.HasSuffix(u.Login, "-bot"),
	}
	if u.Website != "" {
		who.Links = []string{u.Website}
	}
	// An address that a person hides is shown as one at the server's noreply domain, which says nothing. What that is called is
	// up to the server: noreply.codeberg.org, users.noreply.example.org.
	if mail := strings.ToLower(u.Email); strings.Count(mail, "@") == 1 && !strings.Contains(mail[strings.IndexByte(mail, '@'):], "noreply") {
		who.Emails = []greenroom.Email{{Address: mail}}
	}
	out.Identity(who)
	return who.ExternalID
}

func channel(r *wireRepo) connector.Channel {
	return connector.Channel{ExternalID: r.key(), Name: r.FullName, URL: r.HTMLURL}
}

// thread is the key of an issue's or a pull request's conversation. Both share one row of numbers.
func thread(r *wireRepo, number int64) string { return r.key() + "#" + id(number) }

// place is an issue or a pull request.
type place struct {
	repo *wireRepo
	item *wireIssue
	pull bool
}

// root is the external id of the issue or pull request.
func (p *place) root() string {
	if p.pull {
		return "pull/" + id(p.item.ID)
	}
	return "issue/" + id(p.item.ID)
}

func (p *place) thread() string { return thread(p.repo, p.item.Number) }

// path is where the API has what belongs to it: a pull request is an issue as well.
func (p *place) path() string { return "/repos/" + p.repo.FullName + "/issues/" + id(p.item.Number) }

func (p *place) pullPath() string { return "/repos/" + p.repo.FullName + "/pulls/" + id(p.item.Number) }

// opened pushes that an issue or a pull request was opened.
func (s *source) opened(p *place, ref connector.RawRef, out *connector.Sink) {
	it, kind := p.item, greenroom.KindIssue
	if p.pull {
		kind = greenroom.KindPullRequest
	}
	out.Activity(connector.Activity{
		ExternalID: p.root(), Kind: kind, Channel: p.repo.key(), Author: s.person(it.User, out), OccurredAt: it.CreatedAt,
		EditedAt: it.UpdatedAt, Thread: p.thread(), Title: it.Title, Body: it.Body, URL: it.HTMLURL, Raw: ref,
	})
}

// ended pushes that a pull request was merged, or that something was closed of which the timeline does not tell, and
// returns the activity's id.
func (s *source) ended(p *place, ref connector.RawRef, out *connector.Sink) string {
	it := p.item
	a := connector.Activity{
		ExternalID: p.root() + "/closed", Kind: greenroom.KindClose, Channel: p.repo.key(), Thread: p.thread(), ReplyTo: p.root(),
		OccurredAt: it.UpdatedAt, Title: it.Title, URL: it.HTMLURL, Raw: ref,
	}
	if it.ClosedAt != nil {
		a.OccurredAt = *it.ClosedAt
	}
	if it.Merged {
		a.ExternalID, a.Kind, a.Author = p.root()+"/merged", greenroom.KindMerge, s.person(it.MergedBy, out)
		if it.MergedAt != nil {
			a.OccurredAt = *it.MergedAt
		}
	}
	out.Activity(a)
	return a.ExternalID
}

// conversation pushes the state of an issue or a pull request.
func (p *place) conversation(resolvedBy string, out *connector.Sink) {
	it := p.item
	c := connector.Conversation{Thread: p.thread(), Title: it.Title, URL: it.HTMLURL, State: greenroom.StateOpen, UpdatedAt: it.UpdatedAt}
	if it.State == "closed" {
		c.State, c.ResolvedBy = greenroom.StateResolved, resolvedBy
		if it.ClosedAt != nil {
			c.ResolvedAt = *it.ClosedAt
		}
	}
	out.Conversation(c)
}

// moderation are the entries of a timeline that are housekeeping, by what is said of them.
var moderation = map[string]string{
	"label": "label", "milestone": "milestone", "assignees": "assigned", "change_title": "changed the title", "lock": "locked",
	"unlock": "unlocked", "pin": "pinned", "unpin": "unpinned", "project": "moved in a project", "project_board": "moved in a project",
	"project_column": "moved in a project", "added_deadline": "set a due date", "modified_deadline": "changed the due date",
	"removed_deadline": "removed the due date", "add_dependency": "added a dependency", "remove_dependency": "removed a dependency",
	"change_target_branch": "changed the target branch", "review_request": "requested a review", "dismiss_review": "dismissed a review",
	"delete_branch": "deleted the branch", "change_time_estimate": "changed the estimate",
}

// event pushes an entry of the timeline; comments, reviews and the merge come by lists of their own.
func (s *source) event(p *place, e *wireEvent, raw []byte, out *connector.Sink) (external string, closed bool) {
	a := connector.Activity{
		ExternalID: "event/" + id(e.ID), Channel: p.repo.key(), OccurredAt: e.CreatedAt, Thread: p.thread(), ReplyTo: p.root(),
		Title: p.item.Title, URL: e.HTMLURL,
	}
	said, housekeeping := moderation[e.Type]
	switch {
	case e.Type == "close":
		a.Kind = greenroom.KindClose
	case e.Type == "reopen":
		a.Kind = greenroom.KindReopen
	case housekeeping:
		a.Kind, a.Title = greenroom.KindModeration, said+details(e)
	case e.Type == "comment", e.Type == "review", e.Type == "code", e.Type == "merge_pull":
		return "", false
	default:
		out.LeftOut("timeline: "+e.Type, 1)
		return "", false
	}
	a.Author, a.Raw = s.person(e.User, out), out.Raw(raw)
	out.Activity(a)
	return a.ExternalID, a.Kind == greenroom.KindClose
}

// details is what an entry of the timeline is about, in words.
func details(e *wireEvent) string {
	switch {
	case e.Type == "label" && e.Label != nil && e.Body == "":
		return " " + e.Label.Name + " removed"
	case e.Type == "label" && e.Label != nil:
		return " " + e.Label.Name + " added"
	case e.Type == "milestone" && e.Milestone != nil:
		return " " + e.Milestone.Title
	case e.Type == "assignees" && e.Assignee != nil && e.Removed:
		return ": no longer " + e.Assignee.Login
	case e.Type == "assignees" && e.Assignee != nil:
		return " " + e.Assignee.Login
	case e.Type == "change_title":
		return ": " + e.OldTitle + " → " + e.NewTitle
	}
	return ""
}

// reaction pushes an emoji, which has no number of its own: a person gives each one once.
func (s *source) reaction(p *place, v *wireReaction, raw []byte, out *connector.Sink) {
	out.Activity(connector.Activity{
		ExternalID: "reaction/" + p.root() + "/" + v.Content + "/" + id(v.User.ID), Kind: greenroom.KindReaction, Channel: p.repo.key(),
		Author: s.person(v.User, out), OccurredAt: v.CreatedAt, Thread: p.thread(), ReplyTo: p.root(), Body: ":" + v.Content + ":",
		URL: p.item.HTMLURL, Raw: out.Raw(raw),
	})
}

// number is that of the issue or pull request that a comment is about: it stands at the end of the address.
func (c *wireComment) number() (int64, bool) {
	of := c.IssueURL
	if of == "" {
		of = c.PullURL
	}
	number, err := strconv.ParseInt(of[strings.LastIndexByte(of, '/')+1:], 10, 64)
	return number, err == nil
}

// comment pushes a remark on an issue or a pull request; replyTo is the review that it is part of, "" = none.
func (s *source) comment(r *wireRepo, c *wireComment, replyTo string, raw []byte, out *connector.Sink) bool {
	number, ok := c.number()
	if !ok {
		return false
	}
	out.Activity(connector.Activity{
		ExternalID: "comment/" + id(c.ID), Kind: greenroom.KindComment, Channel: r.key(), Author: s.person(c.User, out),
		OccurredAt: c.CreatedAt, EditedAt: c.UpdatedAt, Thread: thread(r, number), ReplyTo: replyTo, Body: c.Body, URL: c.HTMLURL,
		Raw: out.Raw(raw),
	})
	return true
}

// review pushes a review that was handed in; others are what a person is still writing, or was asked for.
func (s *source) review(p *place, v *wireReview, raw []byte, out *connector.Sink) bool {
	if v.State == "PENDING" || v.State == "REQUEST_REVIEW" {
		out.LeftOut("reviews that are not handed in", 1)
		return false
	}
	out.Activity(connector.Activity{
		ExternalID: "review/" + id(v.ID), Kind: greenroom.KindReview, Channel: p.repo.key(), Author: s.person(v.User, out),
		OccurredAt: v.SubmittedAt, EditedAt: v.UpdatedAt, Thread: p.thread(), ReplyTo: p.root(),
		Title: strings.ToLower(strings.ReplaceAll(v.State, "_", " ")), Body: v.Body, URL: v.HTMLURL, Raw: out.Raw(raw),
	})
	return true
}

func (s *source) release(r *wireRepo, v *wireRelease, raw []byte, out *connector.Sink) {
	if v.Draft {
		out.LeftOut("drafts of releases", 1)
		return
	}
	name := v.Name
	if name == "" {
		name = v.Tag
	}
	at := v.PublishedAt
	if at.IsZero() {
		at = v.CreatedAt
	}
	out.Activity(connector.Activity{
		ExternalID: "release/" + id(v.ID), Kind: greenroom.KindRelease, Channel: r.key(), Author: s.person(v.Author, out),
		OccurredAt: at, Title: name, Body: v.Body, URL: v.HTMLURL, Raw: out.Raw(raw),
	})
}

// fork pushes that somebody forked a repository: the fork's owner, when the fork was made.
func (s *source) fork(r, f *wireRepo, raw []byte, out *connector.Sink) {
	out.Activity(connector.Activity{
		ExternalID: "fork/" + f.key(), Kind: greenroom.KindFork, Channel: r.key(), Author: s.person(f.Owner, out),
		OccurredAt: f.CreatedAt, Title: f.FullName, URL: f.HTMLURL, Raw: out.Raw(raw),
	})
}

// deleted takes an activity back.
func deleted(external string, at time.Time, out *connector.Sink) {
	out.Activity(connector.Activity{ExternalID: external, Deleted: true, EditedAt: at})
}
