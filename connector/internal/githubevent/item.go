// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package githubevent

import (
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// item maps what happened to an issue or a pull request.
func (m *mapping) item(it *Item, kind greenroom.Kind) {
	it = m.whole(it)
	m.within(it)
	switch m.p.Action {
	case "opened", "":
		m.opened(it, kind)
	case "closed":
		m.closed(it, kind == greenroom.KindPullRequest && (it.Merged || it.MergedAt != ""))
	case "merged":
		m.closed(it, true)
	case "reopened":
		m.a.Kind = greenroom.KindReopen
		m.a.Title = clean(it.Title)
		m.talk(it).State = greenroom.StateOpen
	case "synchronize":
		m.set(greenroom.KindPush, "Pushed to the pull request")
	default:
		m.housekeeping(it)
	}
}

// whole returns the item with the number that the event gives beside it, and an empty one where the event has none.
func (m *mapping) whole(it *Item) *Item {
	if it == nil {
		it = &Item{}
	}
	if it.Number == 0 {
		it.Number = m.p.Number
	}
	if it.Number == 0 {
		it.Number = NumberIn(m.e.URL)
	}
	return it
}

func (m *mapping) opened(it *Item, kind greenroom.Kind) {
	if it.Number == 0 {
		m.a.Kind, m.a.Title, m.a.Body = kind, clean(it.Title), clean(it.Body)
		return
	}
	f := opened(m.repo, it, kind)
	f.Activity.URL = m.a.URL
	m.adopt(&f.Activity)
	if m.f.Conversation.State == "" { // an opening carries its own title; there is nothing else to say
		m.f.Conversation = connector.Conversation{}
	}
}

// closed maps a closing. The object's own time names it, so that the same closing is told from a later one.
func (m *mapping) closed(it *Item, merged bool) {
	a := m.a
	a.Kind, a.Title = greenroom.KindClose, clean(it.Title)
	at := parseTime(it.ClosedAt)
	if merged {
		a.Kind = greenroom.KindMerge
		if t := parseTime(it.MergedAt); !t.IsZero() {
			at = t
		}
	}
	if it.Number != 0 {
		switch {
		case merged:
			a.ExternalID = numbered("merge:", m.repo, it.Number)
		case !at.IsZero():
			a.ExternalID = closeID(m.repo, it.Number, at)
		}
	}
	if !at.IsZero() {
		a.OccurredAt = at
	}
	c := m.talk(it)
	c.State, c.ResolvedAt, c.ResolvedBy = greenroom.StateResolved, a.OccurredAt, a.ExternalID
}

// housekeeping maps the changes of status: labels, assignments, milestones, locks, edits.
func (m *mapping) housekeeping(it *Item) {
	what := strings.ReplaceAll(m.p.Action, "_", " ")
	switch p := m.p; {
	case p.Label != nil && strings.HasSuffix(p.Action, "labeled"):
		what += " " + p.Label.Name
	case p.Assignee != nil && strings.HasSuffix(p.Action, "assigned"):
		what += " " + p.Assignee.Login
	case p.Milestone != nil && strings.HasSuffix(p.Action, "milestoned"):
		what += " " + p.Milestone.Title
	}
	m.a.Kind, m.a.Title, m.a.Body = greenroom.KindModeration, clean(it.Title), clean(what)
}

// within puts the activity into the thread of an issue or pull request.
func (m *mapping) within(it *Item) {
	it = m.whole(it)
	if it.Number == 0 {
		return
	}
	thread := ItemID(m.repo, it.Number)
	m.a.Thread, m.a.ReplyTo = thread, thread
	m.a.URL = webAddress(it.HTMLURL, m.a.URL)
	if m.a.URL == m.page && m.page != "" { // a short form has no address
		folder := "/issues/"
		if it == m.p.PullRequest || m.e.Type == "PullRequestEvent" {
			folder = "/pull/"
		}
		m.a.URL = m.page + folder + strconv.FormatInt(it.Number, 10)
	}
	m.talk(it)
}

// talk says what the event shows of the conversation: its title and address, and that it was closed by then.
func (m *mapping) talk(it *Item) *connector.Conversation {
	c := &m.f.Conversation
	if m.a.Thread == "" {
		return &connector.Conversation{}
	}
	*c = conversation(m.a.Thread, it)
	return c
}

// conversation tells the state of an item. One that is open says nothing: it may never have been anything else.
func conversation(thread string, it *Item) connector.Conversation {
	c := connector.Conversation{Thread: thread, Title: clean(it.Title), URL: webAddress(it.HTMLURL, "")}
	switch {
	case it.State == "closed":
		c.State, c.ResolvedAt = greenroom.StateResolved, parseTime(it.ClosedAt)
	case it.State == "open" && it.Reason == "reopened":
		c.State = greenroom.StateOpen
	}
	return c
}

func (m *mapping) discussion(it *Item) {
	it = m.whole(it)
	m.withinDiscussion(it)
	switch m.p.Action {
	case "created", "opened", "":
		f := discussion(m.repo, it)
		m.adopt(&f.Activity)
	case "closed":
		m.closed(it, false)
	case "reopened":
		m.a.Kind, m.a.Title = greenroom.KindReopen, clean(it.Title)
		m.talk(it).State = greenroom.StateOpen
	case "answered":
		m.housekeeping(it)
		c := m.talk(it)
		c.State, c.ResolvedAt = greenroom.StateResolved, m.a.OccurredAt
		if m.p.Answer != nil {
			c.ResolvedBy = objectID("discussion_comment:", m.p.Answer.ID)
		}
	case "unanswered":
		m.housekeeping(it)
		m.talk(it).State = greenroom.StateOpen
	default:
		m.housekeeping(it)
	}
}

func (m *mapping) withinDiscussion(it *Item) {
	it = m.whole(it)
	if it.Number == 0 {
		return
	}
	thread := DiscussionID(m.repo, it.Number)
	m.a.Thread, m.a.ReplyTo = thread, thread
	m.a.URL = webAddress(it.HTMLURL, m.a.URL)
	m.talk(it)
	if at := parseTime(it.AnswerChosenAt); !at.IsZero() {
		m.f.Conversation.State, m.f.Conversation.ResolvedAt = greenroom.StateResolved, at
	}
}

// comment maps a comment of any sort; what happens to one later is housekeeping.
func (m *mapping) comment(prefix string) {
	c := m.p.Comment
	switch {
	case c == nil && m.p.CommentID == 0:
		m.a.Kind = greenroom.KindComment
		return
	case c == nil:
		c = &Comment{ID: m.p.CommentID}
	}
	if m.p.Action != "created" && m.p.Action != "" {
		m.a.Kind, m.a.Body = greenroom.KindModeration, clean("comment "+m.p.Action)
		m.a.URL = webAddress(c.HTMLURL, m.a.URL)
		return
	}
	a := commentActivity(prefix, m.a.Thread, c)
	if c.ID == 0 {
		a.ExternalID = ""
	}
	m.adopt(&a)
}

func (m *mapping) review() {
	r := m.p.Review
	if r == nil || r.ID == 0 {
		m.a.Kind = greenroom.KindReview
		return
	}
	switch m.p.Action {
	case "created", "submitted", "":
		a := reviewActivity(m.a.Thread, r)
		m.adopt(&a)
	default:
		m.a.Kind, m.a.Body = greenroom.KindModeration, clean("review "+m.p.Action)
		m.a.URL = webAddress(r.HTMLURL, m.a.URL)
	}
}

func (m *mapping) commitComment() {
	sha := m.p.CommitID
	if c := m.p.Comment; c != nil && c.CommitID != "" {
		sha = c.CommitID
	}
	if sha != "" {
		m.a.Thread = "commit:" + m.repo + ":" + clean(sha)
		m.a.ReplyTo = m.a.Thread
	}
	m.comment("commit_comment:")
}

func commentActivity(prefix, thread string, c *Comment) connector.Activity {
	a := connector.Activity{
		ExternalID: objectID(prefix, c.ID),
		Kind:       greenroom.KindComment,
		Author:     c.User.Key(),
		OccurredAt: parseTime(c.CreatedAt),
		EditedAt:   later(c.CreatedAt, c.UpdatedAt),
		Thread:     thread,
		ReplyTo:    thread,
		Body:       clean(c.Body),
		URL:        webAddress(c.HTMLURL, ""),
	}
	if parent := max(c.InReplyTo, c.ParentID); parent != 0 {
		a.ReplyTo = objectID(prefix, parent)
	}
	return a
}

func reviewActivity(thread string, r *Review) connector.Activity {
	return connector.Activity{
		ExternalID: objectID("review:", r.ID),
		Kind:       greenroom.KindReview,
		Author:     r.User.Key(),
		OccurredAt: parseTime(r.SubmittedAt),
		Thread:     thread,
		ReplyTo:    thread,
		Title:      reviewTitle(r.State),
		Body:       clean(r.Body),
		URL:        webAddress(r.HTMLURL, ""),
	}
}

func reviewTitle(state string) string {
	switch strings.ToLower(state) {
	case "approved":
		return "Approved"
	case "changes_requested":
		return "Requested changes"
	case "dismissed":
		return "Review dismissed"
	}
	return ""
}

func opened(repo string, it *Item, kind greenroom.Kind) Facts {
	thread := ItemID(repo, it.Number)
	return Facts{
		Author: Identity(orNobody(it.User)),
		Activity: connector.Activity{
			ExternalID: thread,
			Kind:       kind,
			Author:     it.User.Key(),
			OccurredAt: parseTime(it.CreatedAt),
			Thread:     thread,
			Title:      clean(it.Title),
			Body:       clean(it.Body),
			URL:        webAddress(it.HTMLURL, ""),
		},
		Conversation: conversation(thread, it),
	}
}

func orNobody(u *User) *User {
	if u == nil {
		return &User{}
	}
	return u
}

func firstTime(values ...string) time.Time {
	for _, v := range values {
		if at := parseTime(v); !at.IsZero() {
			return at
		}
	}
	return time.Time{}
}
