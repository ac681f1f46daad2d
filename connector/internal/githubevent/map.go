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

// Facts is what one record tells: one activity with what it needs around it, unless LeftOut or Problem is set.
type Facts struct {
	Channel      connector.Channel      // ExternalID "" = no repository
	Author       connector.Identity     // ExternalID "" = not known
	Activity     connector.Activity     // ExternalID "" = nothing happened that is wanted
	Conversation connector.Conversation // Thread "" = the record says nothing of it
	LeftOut      string                 // why the record is not wanted
	Problem      string                 // why the record cannot be used
	Expected     string                 // what was expected instead
}

// Emit passes the facts on, all with the same payload.
func (f *Facts) Emit(out *connector.Sink, raw connector.RawRef) {
	f.Channel.Raw, f.Author.Raw, f.Activity.Raw = raw, raw, raw
	out.Channel(f.Channel)
	out.Identity(f.Author)
	if f.Activity.ExternalID != "" {
		out.Activity(f.Activity)
	}
	if c := &f.Conversation; c.Title != "" || c.URL != "" || c.State != "" {
		out.Conversation(*c)
	}
}

// EventID is the external id of an event that stands for nothing but itself.
func EventID(id string) string { return "event:" + id }

// mapping is one event on its way to facts.
type mapping struct {
	e    *Event
	p    *Payload
	f    *Facts
	a    *connector.Activity
	repo string // the repository's key
	page string // the repository's address, "" where unknown
}

// Map turns an event into exactly one activity, or says why not. The event needs an ID: the caller makes a stable one
// for the forms that have none. What f held before is overwritten.
func Map(e *Event, f *Facts) {
	*f = Facts{}
	at := parseTime(e.CreatedAt)
	if at.IsZero() {
		f.Problem, f.Expected = "the event has no time that can be read", `"created_at" such as 2015-01-01T15:00:00Z`
		return
	}
	if e.Type == "" {
		f.Problem, f.Expected = "the event has no type", `"type" such as "IssuesEvent"`
		return
	}
	f.Channel = Channel(&e.Repo)
	f.Author = Identity(&e.Actor)
	f.Activity = connector.Activity{
		ExternalID: EventID(clean(e.ID)),
		Channel:    f.Channel.ExternalID,
		Author:     f.Author.ExternalID,
		OccurredAt: at,
		URL:        webAddress(e.URL, f.Channel.URL),
	}
	m := mapping{e: e, p: &e.Payload, f: f, a: &f.Activity, repo: f.Channel.ExternalID, page: f.Channel.URL}
	if !m.conversational() && !m.code() && !m.social() {
		*f = Facts{LeftOut: "events of other types"}
	}
}

// conversational maps what belongs to an issue, a pull request, a discussion or a commit.
func (m *mapping) conversational() bool {
	switch m.e.Type {
	case "IssuesEvent":
		m.item(m.p.Issue, greenroom.KindIssue)
	case "PullRequestEvent":
		m.item(m.p.PullRequest, greenroom.KindPullRequest)
	case "DiscussionEvent":
		m.discussion(m.p.Discussion)
	case "IssueCommentEvent":
		m.within(m.p.Issue)
		m.comment("comment:")
	case "PullRequestReviewEvent":
		m.within(m.p.PullRequest)
		m.review()
	case "PullRequestReviewCommentEvent":
		m.within(m.p.PullRequest)
		m.comment("review_comment:")
	case "DiscussionCommentEvent":
		m.withinDiscussion(m.p.Discussion)
		m.comment("discussion_comment:")
	case "CommitCommentEvent":
		m.commitComment()
	default:
		return false
	}
	return true
}

// code maps what happens to the code and its surroundings.
func (m *mapping) code() bool {
	switch m.e.Type {
	case "PushEvent":
		m.push()
	case "CreateEvent", "DeleteEvent":
		m.branch()
	case "ReleaseEvent":
		m.release()
	case "ForkEvent":
		m.fork()
	case "ForkApplyEvent":
		m.set(greenroom.KindPush, "Applied a patch from a fork")
	case "GollumEvent":
		m.wiki()
	case "PublicEvent":
		m.set(greenroom.KindBranch, "Made the repository public")
	case "DownloadEvent":
		m.set(greenroom.KindFile, "Uploaded a download")
	case "GistEvent":
		m.set(greenroom.KindFile, "Shared a gist")
		if g := m.p.Gist; g != nil {
			m.a.Body, m.a.URL = clean(g.Description), webAddress(g.HTMLURL, m.a.URL)
		}
	default:
		return false
	}
	return true
}

// social maps what people do to each other and to a repository as a whole.
func (m *mapping) social() bool {
	switch m.e.Type {
	case "WatchEvent", "StarEvent":
		m.set(greenroom.KindStar, "")
		if m.p.Action == "deleted" {
			m.set(greenroom.KindModeration, "Took the star away")
		}
	case "FollowEvent":
		m.set(greenroom.KindFollow, "Followed "+login(m.p.Target))
	case "SponsorshipEvent":
		m.set(greenroom.KindFollow, "Sponsorship "+clean(m.p.Action))
		if m.p.Action != "created" {
			m.a.Kind = greenroom.KindModeration
		}
	case "MembershipEvent":
		m.set(greenroom.KindMembership, clean(capital(m.p.Action)+" "+login(m.p.Member)+" as a member of the team "+teamName(m.p.Team)))
	case "OrganizationEvent":
		m.set(greenroom.KindMembership, clean("Organization: "+strings.ReplaceAll(m.p.Action, "_", " ")))
	case "MemberEvent":
		m.set(greenroom.KindMembership, clean(capital(m.p.Action)+" "+login(m.p.Member)+" as a collaborator"))
	case "TeamAddEvent":
		m.set(greenroom.KindMembership, "Added a team to the repository")
	default:
		return false
	}
	return true
}

func (m *mapping) set(kind greenroom.Kind, title string) { m.a.Kind, m.a.Title = kind, title }

func (m *mapping) push() {
	n := max(m.p.Size, int64(len(m.p.Commits)))
	what := "Pushed"
	switch {
	case n == 1:
		what = "Pushed 1 commit"
	case n > 1:
		what = "Pushed " + strconv.FormatInt(n, 10) + " commits"
	}
	m.set(greenroom.KindPush, clean(what+" to "+branchName(m.p.Ref)))
	if m.page != "" && isHex(m.p.Head) {
		m.a.URL = m.page + "/commit/" + m.p.Head
	}
	var body strings.Builder
	for i := range m.p.Commits {
		subject, _, _ := strings.Cut(strings.TrimSpace(m.p.Commits[i].Message), "\n")
		if subject == "" {
			continue
		}
		if body.Len() > 0 {
			body.WriteByte('\n')
		}
		body.WriteString("- ")
		body.WriteString(strings.TrimSpace(subject))
	}
	m.a.Body = clean(body.String())
}

func (m *mapping) branch() {
	what := "Created "
	if m.e.Type == "DeleteEvent" {
		what = "Deleted "
	}
	kind := m.p.RefType
	if kind == "" {
		kind = "repository"
	}
	m.set(greenroom.KindBranch, clean(strings.TrimSpace(what+"the "+kind+" "+m.p.Ref)))
	if kind == "repository" {
		m.a.Body = clean(m.p.Description)
	}
}

func (m *mapping) release() {
	r := m.p.Release
	if r == nil {
		m.set(greenroom.KindRelease, "")
		return
	}
	f := Publication(m.repo, r)
	if m.p.Action != "published" && m.p.Action != "" {
		m.set(greenroom.KindModeration, f.Activity.Title)
		m.a.Body, m.a.URL = m.p.Action, webAddress(r.HTMLURL, m.a.URL)
		return
	}
	m.adopt(&f.Activity)
}

// adopt takes over an activity that was made from the object which the event carries; who did it and where it was are
// the event's to say, and the time where the object has none.
func (m *mapping) adopt(a *connector.Activity) {
	at, page := m.a.OccurredAt, m.a.URL
	a.Channel, a.Author = m.a.Channel, m.a.Author
	if a.ExternalID == "" {
		a.ExternalID = m.a.ExternalID
	}
	if a.OccurredAt.IsZero() {
		a.OccurredAt = at
	}
	if a.URL == "" {
		a.URL = page
	}
	*m.a = *a
}

func (m *mapping) fork() {
	m.set(greenroom.KindFork, "")
	if r := m.p.Forkee; r != nil && r.ID != 0 {
		f := Fork(r)
		m.adopt(&f.Activity)
	}
}

func (m *mapping) wiki() {
	var titles []string
	for i := range m.p.Pages {
		p := &m.p.Pages[i]
		title := p.Title
		if title == "" {
			title = p.PageName
		}
		titles = append(titles, clean(title))
		if i == 0 {
			m.a.URL = webAddress(p.HTMLURL, m.a.URL)
			m.a.Body = clean(p.Summary)
		}
	}
	m.set(greenroom.KindWiki, strings.Join(titles, ", "))
}

func teamName(t *Named) string {
	if t == nil {
		return ""
	}
	return t.Name
}

func login(u *User) string {
	if u == nil || u.Login == "" {
		return "somebody"
	}
	return clean(u.Login)
}

func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

func branchName(ref string) string {
	for _, prefix := range [...]string{"refs/heads/", "refs/tags/"} {
		if name, ok := strings.CutPrefix(ref, prefix); ok {
			return name
		}
	}
	if ref == "" {
		return "the repository"
	}
	return ref
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) >= 7
}

func later(a, b string) time.Time {
	at := parseTime(b)
	if at.After(parseTime(a)) {
		return at
	}
	return time.Time{}
}
