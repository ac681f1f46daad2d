// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slack

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/signature"
	"greenroom/connector/internal/slackwire"
)

// tolerance is how old a signature may be: an older one may be somebody's recording.
const tolerance = 5 * time.Minute

// delivery is what Slack posts, and what an envelope of Socket Mode holds.
type delivery struct {
	Type           string         `json:"type"` // event_callback, url_verification, app_rate_limited
	Challenge      string         `json:"challenge"`
	TeamID         string         `json:"team_id"`
	EventID        string         `json:"event_id"`
	EventTime      int64          `json:"event_time"`
	Event          jsontext.Value `json:"event"`
	Authorizations []struct {
		TeamID     string `json:"team_id"`
		Enterprise bool   `json:"is_enterprise_install"`
	} `json:"authorizations"`
}

// Verify checks the signature: "v0=" and the HMAC-SHA256 of "v0:TIME:BODY", not older than five minutes. Slack's question
// whether the address is right is answered at once.
func (s *source) Verify(d *connector.Delivery) (connector.Reply, error) {
	secret, stamp := s.set.Text(optSecret), d.Header.Get("X-Slack-Request-Timestamp")
	message := append([]byte("v0:"+stamp+":"), d.Body...)
	if secret == "" || !signature.Equal("v0="+signature.Hex256(secret, message), d.Header.Get("X-Slack-Signature")) {
		return connector.Reply{}, signature.Wrong(title)
	}
	received := d.ReceivedAt
	if received.IsZero() {
		received = s.env.Now()
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if age := received.Sub(time.Unix(seconds, 0)); err != nil || age > tolerance || age < -tolerance {
		return connector.Reply{}, greenroom.Errorf(greenroom.CodeForbidden, "the delivery was signed more than five minutes ago; if it comes from Slack, the clock of this server is wrong")
	}
	var b delivery
	if err := rest.Unmarshal(d.Body, &b); err != nil {
		return connector.Reply{}, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the delivery is no event of Slack", Err: err}
	}
	if b.Type == "url_verification" {
		return connector.Reply{Drop: true, Status: http.StatusOK, ContentType: "text/plain", Body: []byte(b.Challenge)}, nil
	}
	return connector.Reply{ID: b.EventID}, nil // the same one when Slack tries again
}

// Receive turns an event into facts.
func (s *source) Receive(ctx context.Context, d *connector.Delivery, out *connector.Sink) error {
	out.Read(1)
	var b delivery
	if err := rest.Unmarshal(d.Body, &b); err != nil {
		reject(out, "event", 0, d.Body, err, "an event as Slack's Events API describes it")
		return nil
	}
	if b.Type == "app_rate_limited" {
		s.env.Meter.Warn("Slack held events back, because there were more than 30,000 in an hour. The next read brings what is missing of them, but for deletions.")
	}
	if b.Type != "event_callback" || len(b.Event) == 0 {
		out.LeftOut("event "+b.Type, 1)
		return nil
	}
	if s.inbox == nil {
		ss, err := s.open(ctx)
		if err != nil {
			return err
		}
		s.inbox = ss
	}
	if err := s.inbox.people(ctx); err != nil {
		return err
	}
	if !s.inbox.ours(&b) {
		out.LeftOut("events of other workspaces", 1)
		return nil
	}
	return s.inbox.event(ctx, &b, out)
}

// ours reports whether an event is of this workspace: an app can be installed in several.
func (ss *session) ours(b *delivery) bool {
	if ss.Home == "" || b.TeamID == "" || b.TeamID == ss.Home {
		return true
	}
	for _, a := range b.Authorizations {
		if a.TeamID == ss.Home || a.Enterprise {
			return true
		}
	}
	return false
}

// wireEvent is what the wanted kinds of events have. Channel is an id in most and an object in those about channels.
type wireEvent struct {
	Type      string         `json:"type"`
	Subtype   string         `json:"subtype"`
	Channel   jsontext.Value `json:"channel"`
	TS        string         `json:"ts"`
	EventTS   string         `json:"event_ts"`
	DeletedTS string         `json:"deleted_ts"`
	User      jsontext.Value `json:"user"` // an id, or an object in those about people
	Reaction  string         `json:"reaction"`
	Item      struct {
		Type    string `json:"type"`
		Channel string `json:"channel"`
		TS      string `json:"ts"`
	} `json:"item"`
	Message  jsontext.Value `json:"message"`
	Previous jsontext.Value `json:"previous_message"`
}

// text is a JSON string's text, "" for anything else.
func text(v jsontext.Value) string {
	if v.Kind() != '"' {
		return ""
	}
	s, _ := jsontext.AppendUnquote(nil, v) // its only error is invalid UTF-8
	return string(s)
}

func (ss *session) event(ctx context.Context, b *delivery, out *connector.Sink) error {
	var e wireEvent
	if err := rest.Unmarshal(b.Event, &e); err != nil {
		reject(out, "event", 0, b.Event, err, "an event as Slack's Events API describes it")
		return nil
	}
	switch e.Type {
	case "message":
		return ss.posted(ctx, b, &e, out)
	case "reaction_added", "reaction_removed":
		return ss.reacted(ctx, b, &e, out)
	case "team_join", "user_change":
		ss.account(b, &e, out)
	case "channel_rename", "group_rename":
		ss.renamed(&e, out)
	case "tokens_revoked", "app_uninstalled":
		ss.s.env.Meter.Warn("The app was removed from the workspace, or its token was taken back. Install it again and enter the new token.")
		out.LeftOut("event "+e.Type, 1)
	case "member_joined_channel", "member_left_channel":
		out.LeftOut("event "+e.Type+", which comes as a message, too", 1)
	default:
		out.LeftOut("event "+e.Type, 1)
	}
	return nil
}

// at finds the place of an event. One that was made since the inbox was opened is asked for.
func (ss *session) at(ctx context.Context, id string) (*place, error) {
	if p := ss.places[id]; p != nil || id == "" || id[0] == 'D' { // direct messages are not read
		return p, nil
	}
	var answer struct {
		Channel jsontext.Value `json:"channel"`
	}
	_, err := ss.s.client.Into(ctx, "/conversations.info", url.Values{"channel": {id}}, &answer)
	c := wireChannel{ID: id, IsPrivate: id[0] != 'C'}
	switch {
	case rest.Gone(err), rest.Refused(err): // it is known by its id alone
	case err != nil:
		return nil, err
	default:
		if rest.Unmarshal(answer.Channel, &c) != nil {
			c = wireChannel{ID: id}
		}
		c.ID = id
	}
	return ss.add(&c, answer.Channel, false), nil
}

// posted passes on a message that was written, edited or deleted.
func (ss *session) posted(ctx context.Context, b *delivery, e *wireEvent, out *connector.Sink) error {
	p, err := ss.at(ctx, text(e.Channel))
	if err != nil {
		return err
	}
	if p == nil || !p.wanted {
		out.LeftOut("messages of places that are not read", 1)
		return nil
	}
	happened := b.when(e)
	raw := b.Event
	switch e.Subtype {
	case "message_deleted":
		ss.deleted(p, e, happened, out)
		return nil
	case "message_changed":
		if e.Message.Kind() != '{' {
			reject(out, "event message_changed", 0, b.Event, errNoMessage, "an object with the message as it is now")
			return nil
		}
		raw = e.Message
	}
	ss.channel(p, out)
	var h head
	if rest.Unmarshal(raw, &h) == nil && h.UserProfile == nil {
		if err := ss.meet(ctx, h.User, out); err != nil {
			return err
		}
	}
	ss.facts.Reset()
	if err := ss.Message(raw, &p.Place, &ss.facts); err != nil {
		reject(out, "event message "+e.Subtype, 0, b.Event, err, "a message with ts and text")
		return nil
	}
	for i := range ss.facts.Activities {
		if a := &ss.facts.Activities[i]; a.Deleted { // a tombstone: replies still hang on it
			a.EditedAt = happened
		}
	}
	ss.facts.Push(raw, out)
	return nil
}

// when says when an event happened.
func (b *delivery) when(e *wireEvent) time.Time {
	if at, ok := slackwire.ParseTS(e.EventTS); ok {
		return at
	}
	return time.Unix(b.EventTime, 0).UTC()
}

// deleted takes back a message, and the reactions that it had.
func (ss *session) deleted(p *place, e *wireEvent, happened time.Time, out *connector.Sink) {
	ts := e.DeletedTS
	if _, ok := slackwire.ParseTS(ts); !ok {
		reject(out, "event message_deleted", 0, e.Previous, errNoTS, "deleted_ts, the time of the message")
		return
	}
	ids := []string{p.ID + ":" + ts}
	ss.facts.Reset()
	if ss.Message(e.Previous, &p.Place, &ss.facts) == nil {
		for i := range ss.facts.Activities {
			if id := ss.facts.Activities[i].ExternalID; !slices.Contains(ids, id) && strings.HasPrefix(id, ids[0]+":") {
				ids = append(ids, id)
			}
		}
	}
	for _, id := range ids {
		out.Activity(connector.Activity{ExternalID: id, Deleted: true, EditedAt: happened})
	}
}

// reacted passes on a reaction that was added or taken away. It has the external id that a read gives it, and the time at
// which it happened, which a read does not know.
func (ss *session) reacted(ctx context.Context, b *delivery, e *wireEvent, out *connector.Sink) error {
	user := text(e.User)
	if e.Item.Type != "message" {
		out.LeftOut("reactions to files", 1)
		return nil
	}
	p, err := ss.at(ctx, e.Item.Channel)
	if err != nil {
		return err
	}
	if p == nil || !p.wanted {
		out.LeftOut("reactions in places that are not read", 1)
		return nil
	}
	if _, ok := slackwire.ParseTS(e.Item.TS); !ok || user == "" || e.Reaction == "" {
		reject(out, "event "+e.Type, 0, b.Event, errNoTS, "a reaction with user, reaction and item")
		return nil
	}
	if err := ss.meet(ctx, user, out); err != nil {
		return err
	}
	a := ss.Reaction(&p.Place, e.Item.TS, e.Reaction, user, b.when(e))
	if e.Type == "reaction_removed" {
		out.Activity(connector.Activity{ExternalID: a.ExternalID, Deleted: true, EditedAt: a.OccurredAt})
		return nil
	}
	ss.channel(p, out)
	out.Identity(connector.Identity{ExternalID: user})
	a.Raw = out.Raw(b.Event)
	out.Activity(a)
	return nil
}

// account passes on somebody who joined the workspace or whose profile changed.
func (ss *session) account(b *delivery, e *wireEvent, out *connector.Sink) {
	u, err := slackwire.ReadUser(e.User)
	if err != nil {
		reject(out, "event "+e.Type, 0, b.Event, err, "a user with id, name and profile")
		return
	}
	ss.facts.Reset()
	ss.Listed(u, &ss.facts)
	if e.Type == "team_join" {
		ss.facts.Identities[0].JoinedAt = b.when(e)
	}
	ss.facts.Push(e.User, out)
}

func (ss *session) renamed(e *wireEvent, out *connector.Sink) {
	var c wireChannel
	if rest.Unmarshal(e.Channel, &c) != nil || c.ID == "" || c.Name == "" {
		out.LeftOut("event "+e.Type+" without a channel", 1)
		return
	}
	p := ss.places[c.ID]
	if p == nil || !p.wanted {
		out.LeftOut("event "+e.Type+" of a place that is not read", 1)
		return
	}
	p.Name, ss.Channels[c.ID] = c.Name, c.Name
	p.raw = nil
	ss.channel(p, out)
}
