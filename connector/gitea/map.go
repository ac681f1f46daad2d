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

// person pushes an account and returns its external id. Accounts that were deleted are Gitea's "Ghost" with id -1.
func (s *source) person(u *wireUser, out *connector.Sink) string {
	if u == nil || u.ID == 0 {
		return ""
	}
	who := connector.Identity{
		ExternalID: id(u.ID), Handle: u.Login, Name: u.FullName, AvatarURL: u.AvatarURL, ProfileURL: u.HTMLURL,
		Location: u.Location, Bio: u.Description, JoinedAt: u.Created, Deleted: u.ID < 0,
		Staff: s.staff[strings.ToLower(u.Login)], Bot: strings.HasSuffix(u.Login, "[bot]") || strings.HasSuffix(u.Login, "-bot"),
	}
	if u.Website != "" {
		who.Links = []string{u.Website}
	}
	// An address that a person hides is shown as one at the server's noreply domain, which says nothing.
	if mail := strings.ToLower(u.Email); strings.Count(mail, "@") == 1 && !strings.Contains(mail, "@noreply.") {
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

// issue pushes an issue or a pull request: that it was opened, that it was closed or merged, and its state.
func (s *source) issue(r *wireRepo, it *wireIssue, pull bool, raw []byte, out *connector.Sink) {
	ref := out.Raw(raw)
	kind, prefix := greenroom.KindIssue, "issue/"
	if pull {
		kind, prefix = greenroom.KindPullRequest, "pull/"
	}
	opened := connector.Activity{
		ExternalID: prefix + id(it.ID), Kind: kind, Channel: r.key(), Author: s.person(it.User, out), OccurredAt: it.CreatedAt,
		EditedAt: it.UpdatedAt, Thread: thread(r, it.Number), Title: it.Title, Body: it.Body, URL: it.HTMLURL, Raw: ref,
	}
	out.Activity(opened)
	c := connector.Conversation{Thread: opened.Thread, Title: it.Title, URL: it.HTMLURL, State: greenroom.StateOpen, UpdatedAt: it.UpdatedAt}
	if it.State == "closed" && it.ClosedAt != nil {
		ended := connector.Activity{
			ExternalID: opened.ExternalID + "/closed", Kind: greenroom.KindClose, Channel: r.key(), OccurredAt: *it.ClosedAt,
			EditedAt: it.UpdatedAt, Thread: opened.Thread, ReplyTo: opened.ExternalID, Title: it.Title, URL: it.HTMLURL, Raw: ref,
		}
		if it.Merged {
			ended.Kind, ended.Author = greenroom.KindMerge, s.person(it.MergedBy, out)
			if it.MergedAt != nil {
				ended.OccurredAt = *it.MergedAt
			}
		}
		out.Activity(ended)
		c.State, c.ResolvedAt, c.ResolvedBy = greenroom.StateResolved, ended.OccurredAt, ended.ExternalID
	}
	out.Conversation(c)
}

// comment pushes a remark on an issue or a pull request, whose number stands at the end of its address.
func (s *source) comment(r *wireRepo, c *wireComment, raw []byte, out *connector.Sink) bool {
	of := c.IssueURL
	if of == "" {
		of = c.PullURL
	}
	number, err := strconv.ParseInt(of[strings.LastIndexByte(of, '/')+1:], 10, 64)
	if err != nil {
		return false
	}
	out.Activity(connector.Activity{
		ExternalID: "comment/" + id(c.ID), Kind: greenroom.KindComment, Channel: r.key(), Author: s.person(c.User, out),
		OccurredAt: c.CreatedAt, EditedAt: c.UpdatedAt, Thread: thread(r, number), Body: c.Body, URL: c.HTMLURL, Raw: out.Raw(raw),
	})
	return true
}

// review pushes a review that was handed in; others are what a person is still writing, or was asked for.
func (s *source) review(r *wireRepo, number int64, v *wireReview, raw []byte, out *connector.Sink) {
	if v.State == "PENDING" || v.State == "REQUEST_REVIEW" {
		out.LeftOut("reviews that are not handed in", 1)
		return
	}
	out.Activity(connector.Activity{
		ExternalID: "review/" + id(v.ID), Kind: greenroom.KindReview, Channel: r.key(), Author: s.person(v.User, out),
		OccurredAt: v.SubmittedAt, EditedAt: v.UpdatedAt, Thread: thread(r, number), Title: strings.ToLower(strings.ReplaceAll(v.State, "_", " ")),
		Body: v.Body, URL: v.HTMLURL, Raw: out.Raw(raw),
	})
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
