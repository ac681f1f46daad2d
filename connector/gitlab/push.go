// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitlab

import (
	"cmp"
	"context"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/signature"
)

// signingToken is how GitLab's signing tokens begin; a secret token is any other text.
const signingToken = "whsec_"

// oldest is how old a signed delivery may be: an older one may have been overheard and sent again.
const oldest = 10 * time.Minute

// Verify checks the secret token that GitLab sends with a delivery, or where it is a signing token, the signature as the
// Standard Webhooks specification has it: HMAC-SHA256 of id, time and body.
func (s *source) Verify(d *connector.Delivery) (connector.Reply, error) {
	reply := connector.Reply{ID: d.Header.Get("Idempotency-Key")}
	secret := s.set.Text(optSecret)
	key, signed := strings.CutPrefix(secret, signingToken)
	if !signed {
		if !signature.Equal(secret, d.Header.Get("X-Gitlab-Token")) {
			return connector.Reply{}, signature.Wrong("GitLab")
		}
		return reply, nil
	}
	name, at := d.Header.Get("Webhook-Id"), d.Header.Get("Webhook-Timestamp")
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		return connector.Reply{}, greenroom.Errorf(greenroom.CodeInvalid, "the secret of the webhook begins with %s and is no signing token of GitLab; enter it again", signingToken)
	}
	want := "v1," + signature.Base256(string(raw), append([]byte(name+"."+at+"."), d.Body...))
	good := false
	for one := range strings.FieldsSeq(d.Header.Get("Webhook-Signature")) { // several while a token is being replaced
		good = good || signature.Equal(want, one)
	}
	unix, err := strconv.ParseInt(at, 10, 64)
	if !good || err != nil || d.ReceivedAt.Sub(time.Unix(unix, 0)).Abs() > oldest {
		return connector.Reply{}, signature.Wrong("GitLab")
	}
	if reply.ID == "" {
		reply.ID = name
	}
	return reply, nil
}

// delivery is a webhook's body: the event's objects, each raw.
type delivery struct {
	Kind    string         `json:"object_kind"`
	Type    string         `json:"event_type"` // the kind, confidential_ and the kind, or of emoji: award, revoke
	Event   string         `json:"event_name"` // of member events, which have no kind
	User    *wireUser      `json:"user"`
	Project *wireProject   `json:"project"`
	Object  jsontext.Value `json:"object_attributes"`
	Issue   *wireItem      `json:"issue"`
	Work    *wireItem      `json:"work_item"` // what emoji events call an issue that was opened as a work item
	Merge   *wireItem      `json:"merge_request"`
	Note    *wireNote      `json:"note"`
	Action  string         `json:"action"` // of releases, whose fields stand beside it
	Tag     any            `json:"tag"`    // of releases their tag; of jobs, whether they run for one

	UserID   int64  `json:"user_id"` // these of member events
	UserName string `json:"user_name"`
	Username string `json:"user_username"`
	Access   string `json:"group_access"`
}

// Receive turns a delivery into facts.
func (s *source) Receive(ctx context.Context, d *connector.Delivery, out *connector.Sink) error {
	event := d.Header.Get("X-Gitlab-Event")
	out.Read(1)
	var b delivery
	if err := rest.Unmarshal(d.Body, &b); err != nil {
		reject(out, "webhook "+event, 0, d.Body, err)
		return nil
	}
	if b.Kind == "" {
		b.Kind = b.Event
	}
	if strings.HasPrefix(b.Kind, "user_add_to_") || strings.HasPrefix(b.Kind, "user_update_for_") {
		s.joined(&b, out)
		return s.profiles(ctx, out)
	}
	if b.Project == nil || b.Project.ID == 0 {
		out.LeftOut("event "+b.Kind+" without a project", 1)
		return nil
	}
	err := s.event(ctx, &b, d, out)
	if err == nil {
		err = s.profiles(ctx, out)
	}
	return err
}

// event passes on what a delivery is about.
func (s *source) event(ctx context.Context, b *delivery, d *connector.Delivery, out *connector.Sink) error {
	out.Channel(channel(b.Project))
	at := &place{project: b.Project, pull: b.Merge != nil, item: cmp.Or(b.Issue, b.Work)}
	if at.pull {
		at.item = b.Merge
	}
	var err error
	switch b.Kind {
	case "issue", "work_item", "merge_request":
		var it wireItem
		if err = read(b.Object, &it, it.good); err == nil {
			at.item, at.pull = &it, b.Kind == "merge_request"
			return s.touched(ctx, at, b, out)
		}
	case "note":
		var n wireNote
		if err = read(b.Object, &n, func() bool { return n.ID != 0 && !n.CreatedAt.IsZero() }); err == nil {
			return s.noted(ctx, at, &n, b, out)
		}
	case "emoji":
		var e struct {
			wireAward

			UserID int64  `json:"user_id"`
			Type   string `json:"awardable_type"`
			Action string `json:"action"`
		}
		if err = read(b.Object, &e, func() bool { return e.ID != 0 && !e.CreatedAt.IsZero() }); err == nil {
			revoked := e.Action == "revoke" || b.Type == "revoke" // the first GitLab servers that had these events say it there alone
			return s.reacted(ctx, at, b, &reaction{wireAward: &e.wireAward, user: e.UserID, kind: e.Type, revoked: revoked}, out)
		}
	case "release":
		return s.released(ctx, b, d, out)
	default:
		out.LeftOut("event "+b.Kind, 1)
	}
	if err != nil {
		reject(out, "webhook "+b.Kind, 0, d.Body, err)
	}
	return nil
}

// touched passes on an issue or a merge request. While it is open, the delivery says all there is to say; what ended it, and
// who approved it, the API is asked for.
func (s *source) touched(ctx context.Context, p *place, b *delivery, out *connector.Sink) error {
	it := p.item
	hidden := it.Confidential && !s.set.On(optConfidential)
	plain := it.State == "opened" && (it.Action == "open" || it.Action == "update" || it.Action == "") && !hidden
	if plain && !strings.Contains(it.Description, "![") { // GitLab writes other addresses of pictures than in the API
		author := s.somebody(it.AuthorID, b.User, out)
		s.opened(p, author, out.Raw(b.Object), out)
		p.conversation("", out)
		return nil
	}
	ans, err := s.client.Get(ctx, p.path(), nil)
	if s.unseen(err) { // deleted meanwhile, or not for this token
		out.LeftOut("events of what GitLab does not show", 1)
		return nil
	}
	if err != nil {
		return err
	}
	var now wireItem
	if err := read(ans.Body, &now, now.good); err != nil {
		reject(out, "webhook "+b.Kind, 0, ans.Body, err)
		return nil
	}
	p.item = &now
	return s.item(ctx, p, ans.Body, out)
}

// noted passes on a comment.
func (s *source) noted(ctx context.Context, p *place, n *wireNote, b *delivery, out *connector.Sink) error {
	switch {
	case p.item == nil || p.item.ID == 0:
		out.LeftOut("comments on commits and snippets", 1)
		return nil
	case n.System:
		out.LeftOut("notes of GitLab itself, which come with the next read", 1)
		return nil
	}
	if !s.set.On(optConfidential) && (p.item.Confidential || n.hidden() || b.Type == "confidential_note") {
		out.LeftOut("internal comments", 1)
		p.hidden = true
	}
	first := int64(0)
	if n.Type != "" && n.DiscussionID != "" && !p.hidden {
		var thread struct {
			Notes []wireNote `json:"notes"`
		}
		_, err := s.client.Into(ctx, p.path()+"/discussions/"+url.PathEscape(n.DiscussionID), nil, &thread)
		if err != nil && !s.unseen(err) {
			return err
		}
		if len(thread.Notes) > 0 {
			first = thread.Notes[0].ID
		}
	}
	n.Body = n.Note
	s.comment(p, n, first, s.somebody(n.AuthorID, b.User, out), out.Raw(b.Object), out)
	return nil
}

// reaction is an emoji of a webhook.
type reaction struct {
	*wireAward

	user    int64
	kind    string // of what it is on: Issue, MergeRequest, Note, Snippet
	revoked bool
}

// reacted passes on an emoji, or that it was taken back.
func (s *source) reacted(ctx context.Context, p *place, b *delivery, e *reaction, out *connector.Sink) error {
	on := ""
	if e.kind == "Note" && b.Note != nil {
		on = noteID(b.Note.ID)
	}
	setting := s.set.Text(optReactions)
	switch {
	case setting == reactionsNone || on != "" && setting != reactionsAll:
		out.LeftOut("emoji, as the settings of the source say", 1)
	case e.revoked:
		deleted(awardID(e.ID), e.CreatedAt.Time, out.Raw(b.Object), out)
	case p.item == nil || p.item.ID == 0:
		out.LeftOut("emoji on commits and snippets", 1)
	default:
		if !s.set.On(optConfidential) {
			p.hidden = p.item.Confidential
			if on != "" && !p.hidden {
				hidden, err := s.internal(ctx, p, b.Note)
				if err != nil {
					return err
				}
				p.hidden = hidden
			}
		}
		s.award(p, e.wireAward, on, s.somebody(e.user, b.User, out), out.Raw(b.Object), out)
	}
	return nil
}

// internal reports whether a comment is for the team alone. The emoji events of older servers do not say so, and these
// events come whatever the webhook's choice of confidential ones, so that the API is asked then.
func (s *source) internal(ctx context.Context, p *place, n *wireNote) (bool, error) {
	if n.Internal != nil {
		return n.hidden(), nil
	}
	var now wireNote
	_, err := s.client.Into(ctx, p.path()+"/notes/"+id(n.ID), nil, &now)
	if s.unseen(err) { // not for this token
		return true, nil
	}
	return now.hidden(), err
}

// released passes on a release. A delivery does not say who made it, so the API is asked.
func (s *source) released(ctx context.Context, b *delivery, d *connector.Delivery, out *connector.Sink) error {
	tag, _ := b.Tag.(string)
	if tag == "" {
		reject(out, "webhook release", 0, d.Body, errRecord)
		return nil
	}
	ans, err := s.client.Get(ctx, "/projects/"+b.Project.key()+"/releases/"+url.PathEscape(tag), nil)
	switch {
	case rest.Gone(err):
		deleted(releaseID(b.Project, tag), d.ReceivedAt, out.Raw(d.Body), out)
		return nil
	case s.unseen(err): // it is there, but not for this token
		out.LeftOut("events of what GitLab does not show", 1)
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.oneRelease(b.Project, out)(ctx, ans.Body); err != nil {
		reject(out, "webhook release", 0, ans.Body, err)
	}
	return nil
}

// joined tells who is a member, and whether of the team.
func (s *source) joined(b *delivery, out *connector.Sink) {
	u := &wireUser{ID: b.UserID, Name: b.UserName, Username: b.Username, AccessLevel: staffLevel(strings.ToLower(b.Access))}
	if u.ID == 0 {
		out.LeftOut("event "+b.Kind+" without a user", 1)
		return
	}
	s.person(u, out)
}
