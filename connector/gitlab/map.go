// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitlab

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/jsonfile"
)

func id(n int64) string { return strconv.FormatInt(n, 10) }

func clean(s string) string { return strings.ReplaceAll(jsonfile.Clean(s), "\r\n", "\n") }

// ownBots are the accounts that GitLab makes by itself for access tokens, for the service desk and so on.
var ownBots = regexp.MustCompile(`^(project|group)_\d+_bot|^service_account_|^(support|alert|migration|visual-review|security|automation)-bot\d*$|^(GitLab|gitlab)-[A-Za-z-]*[Bb]ot$`)

// fullName is a person's name; "" for the stars that GitLab writes for the bots of projects that the token does not see.
func fullName(s string) string {
	if s = clean(s); strings.Trim(s, "*") == "" {
		return ""
	}
	return s
}

// person pushes an account and returns its external id.
func (s *source) person(u *wireUser, out *connector.Sink) string {
	if u == nil || u.ID == 0 {
		return ""
	}
	who := connector.Identity{
		ExternalID: id(u.ID), Handle: u.Username, Name: fullName(u.Name), AvatarURL: u.AvatarURL, ProfileURL: u.WebURL,
		Bot: u.Bot || ownBots.MatchString(u.Username), Staff: s.level > 0 && u.AccessLevel >= s.level, Deleted: u.Username == "ghost",
	}
	if who.ProfileURL == "" && u.Username != "" {
		who.ProfileURL = s.site + "/" + u.Username
	}
	if strings.HasPrefix(who.AvatarURL, "/") {
		who.AvatarURL = s.site + who.AvatarURL
	}
	// A public address can only be one that its owner has confirmed. Webhooks of old servers carry others, too.
	if mail := address(u.PublicEmail); mail != "" {
		who.Emails = []greenroom.Email{{Address: mail, Verified: true}}
	} else if mail := address(u.Email); mail != "" {
		who.Emails = []greenroom.Email{{Address: mail}}
	}
	out.Identity(who)
	s.people.saw(u.ID)
	return who.ExternalID
}

// somebody pushes an account of which a webhook tells the number alone, or in full where it is the one who acts.
func (s *source) somebody(number int64, actor *wireUser, out *connector.Sink) string {
	if actor != nil && actor.ID == number {
		return s.person(actor, out)
	}
	if number == 0 {
		return ""
	}
	out.Identity(connector.Identity{ExternalID: id(number)})
	s.people.saw(number)
	return id(number)
}

// address returns an e-mail address in lower case; "" where there is none.
func address(s string) string {
	if s = strings.ToLower(strings.TrimSpace(s)); strings.Count(s, "@") == 1 && !strings.Contains(s, "noreply") && !strings.ContainsAny(s, " []") {
		return s
	}
	return ""
}

func channel(p *wireProject) connector.Channel {
	return connector.Channel{ExternalID: p.key(), Name: p.PathWithNamespace, URL: p.WebURL}
}

// place is the issue or merge request that something belongs to.
type place struct {
	project *wireProject
	pull    bool
	item    *wireItem
	hidden  bool // it is confidential and not wanted: what is known of it is taken back
	listed  *listed
}

// listed is what GitLab has listed of a place: it does not tell when a comment was deleted, but it has all comments of an
// issue or a merge request in one list.
type listed struct {
	kinds []greenroom.Kind
	ids   []string // of the comments, and of the reactions where those on comments are read, too
	part  bool     // some list was not shown, had a record that cannot be read, or goes on behind its first page
	at    time.Time
}

// settled is how long GitLab's own changes may take until its lists have them.
const settled = 10 * time.Second

// end says that a list of n entries was read, which the server gave at a time: a longer one may have moved under the hands
// of who turned its pages.
func (l *listed) end(n int64, shown bool, at time.Time) {
	l.part = l.part || !shown || n >= pageSize
	l.asOf(at)
}

// asOf says when a list was given. What counts is the first.
func (l *listed) asOf(at time.Time) {
	if at = at.Add(-settled); l.at.IsZero() || at.Before(l.at) {
		l.at = at
	}
}

// root is the external id of the issue or merge request, and the key of its conversation.
func (p *place) root() string { return rootID(p.pull, p.item.ID) }

func rootID(pull bool, number int64) string {
	if pull {
		return "merge_request/" + id(number)
	}
	return "issue/" + id(number)
}

// path is where the API has what belongs to it.
func (p *place) path() string {
	if p.pull {
		return "/projects/" + p.project.key() + "/merge_requests/" + id(p.item.IID)
	}
	return "/projects/" + p.project.key() + "/issues/" + id(p.item.IID)
}

func (p *place) url() string {
	switch {
	case p.item.WebURL != "":
		return p.item.WebURL
	case p.item.URL != "" || p.project.WebURL == "":
		return p.item.URL
	case p.pull:
		return p.project.WebURL + "/-/merge_requests/" + id(p.item.IID)
	}
	return p.project.WebURL + "/-/issues/" + id(p.item.IID)
}

// tell pushes an activity of the place, or takes it back where it is hidden.
func (p *place) tell(a connector.Activity, out *connector.Sink) {
	if p.hidden {
		deleted(a.ExternalID, later(a.OccurredAt, later(a.EditedAt, p.item.UpdatedAt.Time)), a.Raw, out)
		return
	}
	a.Channel, a.Thread = p.project.key(), p.root()
	out.Activity(a)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// deleted takes an activity back.
func deleted(external string, at time.Time, raw connector.RawRef, out *connector.Sink) {
	out.Activity(connector.Activity{ExternalID: external, Deleted: true, EditedAt: at, Raw: raw})
}

// opened pushes that an issue or a merge request was opened.
func (s *source) opened(p *place, author string, ref connector.RawRef, out *connector.Sink) {
	kind := greenroom.KindIssue
	if p.pull {
		kind = greenroom.KindPullRequest
	}
	it := p.item
	p.tell(connector.Activity{
		ExternalID: p.root(), Kind: kind, Author: author, OccurredAt: it.CreatedAt.Time, EditedAt: it.UpdatedAt.Time,
		Title: clean(it.Title), Body: clean(it.Description), URL: p.url(), Raw: ref,
	}, out)
}

// merged pushes that a merge request was merged, and returns the activity's id; "" where it was not.
func (s *source) merged(p *place, ref connector.RawRef, out *connector.Sink) string {
	it := p.item
	if it.State != "merged" {
		return ""
	}
	by, at := it.MergedBy, it.MergedAt.Time
	if it.MergeUser != nil {
		by = it.MergeUser
	}
	if at.IsZero() { // merged in days when GitLab did not keep the time
		at = it.UpdatedAt.Time
	}
	a := connector.Activity{
		ExternalID: p.root() + "/merged", Kind: greenroom.KindMerge, Author: s.person(by, out), OccurredAt: at,
		ReplyTo: p.root(), Title: clean(it.Title), URL: p.url(), Raw: ref,
	}
	p.tell(a, out)
	return a.ExternalID
}

// closed pushes that something was closed where GitLab's history does not say so, as for what was imported.
func (s *source) closed(p *place, ref connector.RawRef, out *connector.Sink) string {
	it := p.item
	at := it.ClosedAt.Time
	if at.IsZero() {
		at = it.UpdatedAt.Time
	}
	a := connector.Activity{
		ExternalID: p.root() + "/closed", Kind: greenroom.KindClose, Author: s.person(it.ClosedBy, out), OccurredAt: at,
		ReplyTo: p.root(), Title: clean(it.Title), URL: p.url(), Raw: ref,
	}
	p.tell(a, out)
	return a.ExternalID
}

// conversation pushes the state of an issue or a merge request.
func (p *place) conversation(resolvedBy string, out *connector.Sink) {
	if p.hidden {
		return
	}
	it := p.item
	c := connector.Conversation{Thread: p.root(), Title: clean(it.Title), URL: p.url(), State: greenroom.StateOpen, UpdatedAt: it.UpdatedAt.Time}
	switch it.State {
	case "closed":
		c.State, c.ResolvedAt, c.ResolvedBy = greenroom.StateResolved, it.ClosedAt.Time, resolvedBy
	case "merged":
		c.State, c.ResolvedAt, c.ResolvedBy = greenroom.StateResolved, it.MergedAt.Time, resolvedBy
	}
	if l := p.listed; l != nil && !l.part && len(l.kinds) > 0 {
		// The last change of an issue is no good time: GitLab notes it once a minute only, so later comments may be listed.
		c.Listed = &connector.Listing{Kinds: l.kinds, IDs: l.ids, At: later(l.at, it.UpdatedAt.Time)}
	}
	out.Conversation(c)
}

// comment pushes a comment; first is the number of the comment that opened the thread within the issue, 0 = it is this one.
func (s *source) comment(p *place, n *wireNote, first int64, author string, ref connector.RawRef, out *connector.Sink) {
	a := connector.Activity{
		ExternalID: noteID(n.ID), Kind: greenroom.KindComment, Author: author, OccurredAt: n.CreatedAt.Time, Raw: ref,
		Body: clean(n.Body), URL: n.URL,
	}
	if n.UpdatedAt.After(n.CreatedAt.Time) {
		a.EditedAt = n.UpdatedAt.Time
	}
	if first != 0 && first != n.ID {
		a.ReplyTo = noteID(first)
	}
	if a.URL == "" {
		a.URL = p.url() + "#note_" + id(n.ID)
	}
	p.tell(a, out)
}

func noteID(number int64) string { return "note/" + id(number) }

// state pushes that an issue or a merge request was closed or reopened, and returns the activity's id. A merge is told by
// the merge request itself, and a lock lasts only while a merge runs.
func (s *source) state(p *place, e *wireState, ref connector.RawRef, out *connector.Sink) (external string, closed bool) {
	a := connector.Activity{
		ExternalID: "state/" + id(e.ID), OccurredAt: e.CreatedAt.Time, ReplyTo: p.root(), Title: clean(p.item.Title), URL: p.url(), Raw: ref,
	}
	switch e.State {
	case "closed":
		a.Kind = greenroom.KindClose
	case "reopened", "opened":
		a.Kind = greenroom.KindReopen
	default:
		return "", false
	}
	a.Author = s.person(e.User, out)
	p.tell(a, out)
	return a.ExternalID, a.Kind == greenroom.KindClose
}

// award pushes an emoji reaction on the place itself or, where on is given, on one of its comments.
func (s *source) award(p *place, e *wireAward, on string, author string, ref connector.RawRef, out *connector.Sink) {
	if on == "" {
		on = p.root()
	}
	p.tell(connector.Activity{
		ExternalID: awardID(e.ID), Kind: greenroom.KindReaction, Author: author, OccurredAt: e.CreatedAt.Time,
		ReplyTo: on, Body: ":" + clean(e.Name) + ":", URL: p.url(), Raw: ref,
	}, out)
}

func awardID(number int64) string { return "emoji/" + id(number) }

func (s *source) release(p *wireProject, v *wireRelease, ref connector.RawRef, out *connector.Sink) {
	name := v.Name
	if name == "" {
		name = v.Tag
	}
	a := connector.Activity{
		ExternalID: releaseID(p, v.Tag), Kind: greenroom.KindRelease, Channel: p.key(), Author: s.person(v.Author, out),
		OccurredAt: v.ReleasedAt.Time, Title: clean(name), Body: clean(v.Description), URL: v.Links.Self, Raw: ref,
	}
	if a.OccurredAt.IsZero() || a.OccurredAt.After(s.env.Now()) { // it is planned: what has happened is that it was written
		a.OccurredAt = v.CreatedAt.Time
	}
	if v.CreatedAt.After(a.OccurredAt) { // dated back, or made again after it was deleted
		a.EditedAt = v.CreatedAt.Time
	}
	if a.URL == "" && p.WebURL != "" {
		a.URL = p.WebURL + "/-/releases/" + v.Tag
	}
	out.Activity(a)
}

func releaseID(p *wireProject, tag string) string { return "release/" + p.key() + "/" + clean(tag) }

func (s *source) star(p *wireProject, v *wireStar, ref connector.RawRef, out *connector.Sink) {
	out.Activity(connector.Activity{
		ExternalID: "star/" + p.key() + "/" + id(v.User.ID), Kind: greenroom.KindStar, Channel: p.key(), Author: s.person(v.User, out),
		OccurredAt: v.Since.Time, URL: p.WebURL, Raw: ref,
	})
}

// fork pushes that somebody forked a project. Who did is the fork's creator; its owner may be a group.
func (s *source) fork(p, f *wireProject, ref connector.RawRef, out *connector.Sink) {
	author := s.person(f.Owner, out)
	if f.CreatorID != 0 {
		author = s.somebody(f.CreatorID, f.Owner, out)
	}
	out.Activity(connector.Activity{
		ExternalID: "fork/" + f.key(), Kind: greenroom.KindFork, Channel: p.key(), Author: author,
		OccurredAt: f.CreatedAt.Time, Title: clean(f.PathWithNamespace), URL: f.WebURL, Raw: ref,
	})
}
