// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package githubevent

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// The functions here map the objects of the REST API, which webhooks carry too. repo is the repository's key, which the
// caller sets as the channel too; the ids equal those that events about the same objects get. An object tells when it
// changed last, unlike an event of the archive, so that the newer one of two tellings is known.

// Opened maps an issue or a pull request to its opening, with its state as the conversation's.
func Opened(repo string, it *Item) Facts {
	kind := greenroom.KindIssue
	if it.PullRequest != nil {
		kind = greenroom.KindPullRequest
	}
	f := opened(repo, it, kind)
	f.Activity.Channel = repo
	f.version(it)
	if end := Ended(repo, it); end.Activity.ExternalID != "" {
		f.Conversation.ResolvedAt = end.Activity.OccurredAt
		f.Conversation.ResolvedBy = end.Activity.ExternalID
	}
	return f
}

// version says when what is told of an item was true, and what its state was then.
func (f *Facts) version(it *Item) {
	f.Activity.EditedAt = later(it.CreatedAt, it.UpdatedAt)
	c := &f.Conversation
	if c.Thread == "" {
		return
	}
	c.UpdatedAt = firstTime(it.UpdatedAt, it.CreatedAt)
	if c.State == "" && it.State != "closed" {
		c.State = greenroom.StateOpen
	}
}

// Talk is what an item says of its conversation, for events about something in it.
func Talk(repo string, it *Item) connector.Conversation { return Opened(repo, it).Conversation }

// Ended maps the last closing or the merge of an issue or pull request; empty where it is open. The list of issues names
// no person for a merge, and none for many closings: the author is then empty.
func Ended(repo string, it *Item) Facts {
	if it.State != "closed" {
		return Facts{}
	}
	mergedAt := firstTime(it.MergedAt)
	if it.PullRequest != nil && mergedAt.IsZero() {
		mergedAt = parseTime(it.PullRequest.MergedAt)
	}
	by := it.ClosedBy
	a := connector.Activity{Kind: greenroom.KindClose, OccurredAt: parseTime(it.ClosedAt)}
	if !mergedAt.IsZero() {
		a.Kind, a.OccurredAt = greenroom.KindMerge, mergedAt
		a.ExternalID = numbered("merge:", repo, it.Number)
		if it.MergedBy != nil {
			by = it.MergedBy
		}
	}
	if a.OccurredAt.IsZero() {
		return Facts{}
	}
	if a.ExternalID == "" {
		a.ExternalID = closeID(repo, it.Number, a.OccurredAt)
	}
	thread := ItemID(repo, it.Number)
	a.Channel, a.Author = repo, by.Key()
	a.Thread, a.ReplyTo = thread, thread
	a.Title, a.URL = clean(it.Title), webAddress(it.HTMLURL, "")
	if at := parseTime(it.UpdatedAt); at.After(a.OccurredAt) {
		a.EditedAt = at // of the title
	}
	return Facts{Author: Identity(orNobody(by)), Activity: a}
}

// IssueComment maps a comment on an issue or pull request, found by the number in its addresses.
func IssueComment(repo string, c *Comment) Facts {
	return remark(repo, "comment:", c, c.IssueURL)
}

// ReviewComment maps a comment on a line of a pull request.
func ReviewComment(repo string, c *Comment) Facts {
	return remark(repo, "review_comment:", c, c.PullURL)
}

// CommitComment maps a comment on a commit.
func CommitComment(repo string, c *Comment) Facts {
	thread := ""
	if c.CommitID != "" {
		thread = "commit:" + repo + ":" + clean(c.CommitID)
	}
	f := Facts{Author: Identity(orNobody(c.User)), Activity: commentActivity("commit_comment:", thread, c)}
	f.Activity.Channel = repo
	return f
}

func remark(repo, prefix string, c *Comment, address string) Facts {
	number := NumberIn(address)
	if number == 0 {
		number = NumberIn(c.HTMLURL)
	}
	thread := ""
	if number != 0 {
		thread = ItemID(repo, number)
	}
	f := Facts{Author: Identity(orNobody(c.User)), Activity: commentActivity(prefix, thread, c)}
	f.Activity.Channel = repo
	return f
}

// PullReview maps a review of pull request number.
func PullReview(repo string, number int64, r *Review) Facts {
	f := Facts{Author: Identity(orNobody(r.User)), Activity: reviewActivity(ItemID(repo, number), r)}
	f.Activity.Channel = repo
	return f
}

// Publication maps a published release.
func Publication(repo string, r *Release) Facts {
	title := r.Name
	if title == "" {
		title = r.TagName
	}
	a := connector.Activity{
		Kind:       greenroom.KindRelease,
		Channel:    repo,
		Author:     r.Author.Key(),
		OccurredAt: firstTime(r.PublishedAt, r.CreatedAt),
		Title:      clean(title),
		Body:       clean(r.Body),
		URL:        webAddress(r.HTMLURL, ""),
	}
	if at := parseTime(r.UpdatedAt); at.After(a.OccurredAt) {
		a.EditedAt = at
	}
	if r.ID != 0 {
		a.ExternalID = objectID("release:", r.ID)
	}
	return Facts{Author: Identity(orNobody(r.Author)), Activity: a}
}

// Fork maps a fork by the repository that it made; the person is its owner.
func Fork(r *Repo) Facts {
	return Facts{
		Author: Identity(&r.Owner),
		Activity: connector.Activity{
			ExternalID: objectID("fork:", r.ID),
			Kind:       greenroom.KindFork,
			Author:     r.Owner.Key(),
			OccurredAt: parseTime(r.CreatedAt),
			Title:      clean(r.name()),
			URL:        webAddress(r.HTMLURL, r.url()),
		},
	}
}

// Star maps a star by its person and time; GitHub gives it no id.
func Star(repo string, u *User, at string) Facts {
	f := Facts{Author: Identity(orNobody(u))}
	f.Activity = connector.Activity{
		ExternalID: "star:" + repo + ":" + f.Author.ExternalID,
		Kind:       greenroom.KindStar,
		Channel:    repo,
		Author:     f.Author.ExternalID,
		OccurredAt: parseTime(at),
	}
	return f
}

// Discussion maps a discussion to its opening, with its state and its answer as the conversation's.
func Discussion(repo string, it *Item) Facts {
	f := discussion(repo, it)
	if f.Activity.ExternalID == "" {
		return f
	}
	f.version(it)
	if answer := AnswerIn(it.AnswerURL); answer != 0 && f.Conversation.State == greenroom.StateResolved {
		f.Conversation.ResolvedBy = objectID("discussion_comment:", answer)
	}
	return f
}

func discussion(repo string, it *Item) Facts {
	thread := DiscussionID(repo, it.Number)
	f := opened(repo, it, greenroom.KindDiscussion)
	f.Activity.ExternalID, f.Activity.Thread, f.Activity.Channel = thread, thread, repo
	f.Activity.Question = it.Category != nil && it.Category.Answerable
	f.Conversation.Thread = thread
	if at := parseTime(it.AnswerChosenAt); !at.IsZero() {
		f.Conversation.State, f.Conversation.ResolvedAt = greenroom.StateResolved, at
	}
	if it.Number == 0 {
		f.Activity.ExternalID, f.Activity.Thread, f.Conversation = "", "", connector.Conversation{}
	}
	return f
}

// AnswerIn finds the id of a discussion's comment in its address; 0 where there is none.
func AnswerIn(address string) int64 {
	_, id, _ := strings.Cut(address, "#discussioncomment-")
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// DiscussionComment maps a comment in discussion number. chosen is when it was marked as the answer, or when the mark was
// taken off: its own time does not move then; zero where it never was. answer says that it is marked now.
func DiscussionComment(repo string, number int64, c *Comment, answer bool, chosen time.Time) Facts {
	a := commentActivity("discussion_comment:", DiscussionID(repo, number), c)
	a.Channel = repo
	if answer {
		a.Kind = greenroom.KindAcceptedAnswer
	}
	if chosen.After(a.OccurredAt) && chosen.After(a.EditedAt) {
		a.EditedAt = chosen
	}
	return Facts{Author: Identity(orNobody(c.User)), Activity: a}
}

// Sponsorship maps that somebody began to sponsor an account. GitHub gives it different ids by REST and by GraphQL, so it
// is told by person and time.
func Sponsorship(sponsor *User, of, at string) Facts {
	f := Facts{Author: Identity(orNobody(sponsor))}
	began := parseTime(at)
	f.Activity = connector.Activity{
		ExternalID: "sponsorship:" + strings.ToLower(clean(of)) + ":" + f.Author.ExternalID + ":" + strconv.FormatInt(began.Unix(), 10),
		Kind:       greenroom.KindFollow, Author: f.Author.ExternalID, OccurredAt: began,
		Title: clean("Began to sponsor " + of), URL: webAddress(site+"sponsors/"+url.PathEscape(clean(of)), ""),
	}
	return f
}

// Time reads a time in any of GitHub's formats; zero where it is none.
func Time(s string) time.Time { return parseTime(s) }
