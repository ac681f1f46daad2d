// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package linkedin

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// LinkedIn tells the administrators of a page what happens around it as notifications (Organization Social Action
// Notifications), which can be asked for, for 60 days, and are pushed. They are the only way in which it tells who
// mentions the page, who shares its posts, and which comments were deleted.

// The actions of notifications.
const (
	noticeLike       = "LIKE"
	noticeComment    = "COMMENT"
	noticeOwnComment = "ADMIN_COMMENT" // a comment of the page itself
	noticeEdit       = "COMMENT_EDIT"
	noticeDelete     = "COMMENT_DELETE"
	noticeShare      = "SHARE"
	noticeMention    = "SHARE_MENTION"
)

// noticeDays is how long notifications can be asked for.
const noticeDays = 60

// wireNotice is a notification.
type wireNotice struct {
	ID           jsontext.Value `json:"notificationId"` // a long
	Organization string         `json:"organizationalEntity"`
	Action       string         `json:"action"`
	Source       string         `json:"sourcePost"` // urn:li:activity of what was acted on
	Post         wireDecorated  `json:"decoratedSourcePost"`
	Modified     int64          `json:"lastModifiedAt"`
	Made         string         `json:"generatedActivity"` // URN of the comment, share or like
	What         struct {
		Share   wireDecorated `json:"share"`
		Comment wireDecorated `json:"comment"`
	} `json:"decoratedGeneratedActivity"`
}

// wireDecorated is a post or a comment as notifications have it.
type wireDecorated struct {
	Entity string `json:"entity"` // urn:li:share, urn:li:ugcPost or urn:li:comment
	Owner  string `json:"owner"`  // who wrote it
	Text   string `json:"text"`
}

// post is the post that was acted on, as the Posts API calls it; "" where the notification does not say.
func (n *wireNotice) post() string {
	for _, urn := range []string{n.Post.Entity, n.Source} {
		if isPost(urn) {
			return urn
		}
	}
	return ""
}

func isPost(urn string) bool {
	return strings.HasPrefix(urn, "urn:li:share:") || strings.HasPrefix(urn, "urn:li:ugcPost:")
}

var commentURN = regexp.MustCompile(`^urn:li:comment:\((?:urn:li:)?([a-zA-Z]+:\d+),(\d+)\)$`)

// comment is the comment that was made, as the Comments API calls it, and its id on the post; "" where there is none.
// Notifications spell the URN inside with and without its beginning.
func (n *wireNotice) comment() (urn, id string) {
	for _, c := range []string{n.What.Comment.Entity, n.Made} {
		if m := commentURN.FindStringSubmatch(c); m != nil {
			return "urn:li:comment:(urn:li:" + m[1] + "," + m[2] + ")", m[2]
		}
	}
	return "", ""
}

// notices is the section of what only notifications tell. Its pages are "END|START": until when, in milliseconds, and the
// place in the list.
func (s *source) notices(o *wireOrganization, out *connector.Sink) walk.Section {
	urn := organizationURN + strconv.FormatInt(o.ID, 10)
	return walk.Section{Name: "notices/" + strconv.FormatInt(o.ID, 10), Title: o.Name + ": mentions", Read: func(ctx context.Context, at *walk.At) (string, error) {
		page(o, out)
		until, start, err := noticePage(at.Page, s.env.Now())
		if err != nil {
			return "", err
		}
		from := time.UnixMilli(until).AddDate(0, 0, -noticeDays)
		for _, later := range []time.Time{at.Since, s.set.Since(optSince), s.from} {
			if later.After(from) {
				from = later
			}
		}
		var l wireList
		err = s.ask(ctx, "FINDER", fmt.Sprintf("/organizationalEntityNotifications?q=criteria&actions=List(%s,%s,%s)&organizationalEntity=%s&timeRange=(start:%d,end:%d)&start=%d&count=%d",
			noticeMention, noticeShare, noticeDelete, enc(urn), from.UnixMilli(), until, start, pageComments), &l)
		if rest.Refused(err) || rest.Gone(err) || greenroom.ErrorCode(err) == greenroom.CodeInvalid {
			s.env.Meter.Warn("LinkedIn does not show the notifications of " + o.Name + " to this token (" + greenroom.ErrorMessage(err) +
				"); it needs rw_organization_admin and an administrator of the page. Mentions and shares do not come in, and deleted comments stay.")
			return "", nil
		}
		if err != nil {
			return "", err
		}
		var people []string
		for i, raw := range l.Elements {
			out.Read(1)
			var n wireNotice
			if err := rest.Unmarshal(raw, &n); err != nil || n.Action == "" {
				reject(out, o.Name+": notifications", i+1, raw, "this is not a notification with an action")
				continue
			}
			if who := s.noticed(&n, urn, raw, out); who != "" {
				people = append(people, who)
			}
		}
		if err := s.names(ctx, people, out); err != nil || !l.more() {
			return "", err
		}
		return strconv.FormatInt(until, 10) + "|" + strconv.Itoa(start+pageComments), nil
	}}
}

// noticePage reads a page's name.
func noticePage(name string, now time.Time) (until int64, start int, err error) {
	if name == "" {
		return now.UnixMilli(), 0, nil
	}
	end, at, _ := strings.Cut(name, "|")
	if until, err = strconv.ParseInt(end, 10, 64); err == nil {
		start, err = strconv.Atoi(at)
	}
	if err != nil {
		return 0, 0, greenroom.Errorf(greenroom.CodeInvalid, "the place to go on from, %q, is not one of this connector's", name)
	}
	return until, start, nil
}

// noticed pushes what a notification itself tells, and returns who did it, "" = nobody.
func (s *source) noticed(n *wireNotice, organization string, raw []byte, out *connector.Sink) string {
	switch n.Action {
	case noticeDelete:
		urn, _ := n.comment()
		if urn == "" || n.Modified <= 0 {
			reject(out, "notifications", 0, raw, "this is not a deleted comment with its URN and a time")
			return ""
		}
		out.Activity(connector.Activity{ExternalID: urn, Deleted: true, EditedAt: when(n.Modified)})
	case noticeMention, noticeShare:
		return s.spread(n, organization, raw, out)
	default:
		out.LeftOut("notifications of "+strings.ToLower(n.Action), 1)
	}
	return ""
}

// spread pushes a post of somebody else that mentions the page or shares one of its posts, and returns who wrote it.
func (s *source) spread(n *wireNotice, organization string, raw []byte, out *connector.Sink) string {
	made := n.What.Share
	if made.Entity == "" {
		made.Entity = n.Made
	}
	switch {
	case n.Modified <= 0 || !strings.HasPrefix(made.Entity, "urn:li:"):
		reject(out, "notifications", 0, raw, "this is not a post with its URN and a time")
		return ""
	case made.Owner == organization:
		out.LeftOut("shares and mentions by the page itself", 1)
		return ""
	case s.expired(made.Owner, n.Modified, out):
		return ""
	}
	text, mentions := littleText(made.Text)
	a := connector.Activity{
		ExternalID: made.Entity, Kind: greenroom.KindMessage, Channel: organization, Author: who(made.Owner, out), OccurredAt: when(n.Modified),
		Thread: made.Entity, Body: text, URL: "https://www.linkedin.com/feed/update/" + made.Entity, Raw: out.Raw(raw),
	}
	if post := n.post(); n.Action == noticeShare && post != "" {
		a.Kind, a.Title, a.Thread, a.ReplyTo = greenroom.KindReaction, "share", post, post
		if text != "" {
			a.Kind, a.Title = greenroom.KindReply, ""
		}
	}
	for _, m := range append(mentions, organization) {
		if id := who(m, out); id != "" && id != a.Author && !slices.Contains(a.Mentions, id) {
			a.Mentions = append(a.Mentions, id)
		}
	}
	out.Activity(a)
	return a.Author
}
