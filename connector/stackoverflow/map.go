// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stackoverflow

import (
	"html"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/htmltext"
	"greenroom/connector/internal/jsonfile"
)

// channelID is the one channel of a site, as the data dump's connector has it.
const channelID = "site"

// community is the number of the account that the site itself acts by.
const community = -1

func postID(number int64) string { return "post:" + strconv.FormatInt(number, 10) }

// plain undoes what the API does to titles and names so that they can stand in a page.
func plain(s string) string { return strings.TrimSpace(html.UnescapeString(jsonfile.Clean(s))) }

// person pushes an account and returns its external id; "" where the account is gone.
func (s *source) person(u *wireUser, out *connector.Sink) string {
	if u == nil || u.ID == 0 || u.Type == "does_not_exist" {
		return ""
	}
	id := strconv.FormatInt(u.ID, 10)
	who := connector.Identity{ExternalID: id, Name: plain(u.Name), AvatarURL: u.Avatar, Bot: u.ID == community, Staff: s.staff[id]}
	if u.ID != community {
		who.ProfileURL = s.site + "/users/" + id
		if _, seen := s.known[u.ID]; !seen {
			s.known[u.ID] = false
			s.open = append(s.open, u.ID)
		}
	}
	if u.AccountID > 0 { // the one account behind those on all sites of the network
		who.Links = []string{"https://stackexchange.com/users/" + strconv.FormatInt(u.AccountID, 10)}
	}
	out.Identity(who)
	return id
}

// profile pushes what a person tells of themselves.
func (s *source) profile(u *wireUser, out *connector.Sink) {
	s.person(u, out)
	who := connector.Identity{
		ExternalID: strconv.FormatInt(u.ID, 10), Location: plain(u.Location), Bio: htmltext.Convert(jsonfile.Clean(u.About), s.site).Text, JoinedAt: u.Created.time(),
	}
	if link := plain(u.Website); link != "" {
		if at, err := url.Parse(link); err == nil && at.Host != "" && (at.Scheme == "https" || at.Scheme == "http") {
			who.Links = []string{link}
		}
	}
	out.Identity(who)
}

// question pushes a question with its answers and the comments on all of them. They are one payload.
func (s *source) question(q *wireQuestion, raw []byte, out *connector.Sink) {
	ref := out.Raw(raw)
	a := connector.Activity{
		ExternalID: postID(q.ID), Kind: greenroom.KindQuestion, Channel: channelID, Author: s.person(q.Owner, out), OccurredAt: q.Created.time(),
		EditedAt: q.Edited.time(), Question: true, Title: plain(q.Title), Body: s.text(q.Body), URL: s.site + "/q/" + strconv.FormatInt(q.ID, 10), Raw: ref,
	}
	a.Thread = a.ExternalID
	if len(q.Tags) > 0 {
		a.Body = strings.TrimSpace(a.Body + "\n\nTags: " + strings.Join(q.Tags, ", "))
	}
	out.Activity(a)
	c := connector.Conversation{Thread: a.Thread, Title: a.Title, URL: a.URL, State: greenroom.StateOpen, UpdatedAt: q.Activity.time()}
	ids := s.comments(q.Comments, q.ID, q.ID, ref, out)
	for i := range q.Answers {
		ids = append(ids, s.answer(q, &q.Answers[i], ref, out)...)
	}
	if q.whole() {
		c.Listed = &connector.Listing{Kinds: []greenroom.Kind{greenroom.KindAnswer, greenroom.KindAcceptedAnswer, greenroom.KindComment}, IDs: ids, At: s.now().Add(-cached)}
	}
	switch {
	case q.Accepted != 0:
		c.State, c.ResolvedBy = greenroom.StateResolved, postID(q.Accepted)
	case q.Closed != 0:
		c.State, c.ResolvedAt = greenroom.StateResolved, q.Closed.time()
	}
	out.Conversation(c)
}

func (s *source) text(body string) string { return htmltext.Convert(jsonfile.Clean(body), s.site).Text }

// cached is how old the API's answers may be, with room to spare: it gives the same ones again for some minutes.
const cached = 15 * time.Minute

// answer pushes an answer with the comments on it, and returns the external ids of all of them.
func (s *source) answer(q *wireQuestion, v *wireAnswer, ref connector.RawRef, out *connector.Sink) []string {
	a := connector.Activity{
		ExternalID: postID(v.ID), Kind: greenroom.KindAnswer, Channel: channelID, Author: s.person(v.Owner, out), OccurredAt: v.Created.time(),
		EditedAt: v.Edited.time(), Thread: postID(q.ID), ReplyTo: postID(q.ID), Body: s.text(v.Body),
		URL: s.site + "/a/" + strconv.FormatInt(v.ID, 10), Raw: ref,
	}
	if v.Accepted || v.ID == q.Accepted {
		a.Kind = greenroom.KindAcceptedAnswer
	}
	out.Activity(a)
	return append(s.comments(v.Comments, v.ID, q.ID, ref, out), a.ExternalID)
}

// comments pushes the comments on a post and returns their external ids. The API does not say when a comment was edited.
func (s *source) comments(all []wireComment, post, question int64, ref connector.RawRef, out *connector.Sink) (ids []string) {
	for i := range all {
		c := &all[i]
		number := strconv.FormatInt(c.ID, 10)
		anchor := strconv.FormatInt(question, 10) + "#comment" + number + "_" + strconv.FormatInt(post, 10)
		ids = append(ids, "comment:"+number)
		out.Activity(connector.Activity{
			ExternalID: "comment:" + number, Kind: greenroom.KindComment, Channel: channelID, Author: s.person(c.Owner, out), OccurredAt: c.Created.time(),
			Thread: postID(question), ReplyTo: postID(post), Body: plain(c.Text), URL: s.site + "/q/" + anchor, Raw: ref,
		})
	}
	return ids
}
