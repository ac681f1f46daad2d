// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slack

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/jsonfile"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/slackwire"
	"greenroom/connector/internal/walk"
)

// Slack's methods that read messages.
const (
	history = "conversations.history"
	replies = "conversations.replies"
)

// Read goes through the people, the channels and the custom fields of profiles.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	ss, err := s.open(ctx)
	if err != nil {
		return err
	}
	sections := []walk.Section{ss.peopleSection(out)}
	for _, p := range ss.read() {
		sections = append(sections, ss.channelSection(p, out))
	}
	if s.set.On(optProfiles) {
		sections = append(sections, ss.profileSection(out))
	}
	return walk.Sections(ctx, sections, from, s.env.Now(), out)
}

// peopleSection tells those people whose account has changed since the last read.
func (ss *session) peopleSection(out *connector.Sink) walk.Section {
	whole := false
	return walk.Section{Name: "people", Read: func(ctx context.Context, at *walk.At) (string, error) {
		list, next, err := ss.s.users(ctx, at.Page)
		if err != nil {
			return "", err
		}
		whole = whole || at.Page == ""
		for i, raw := range list {
			out.Read(1)
			u, err := slackwire.ReadUser(raw)
			if err != nil {
				reject(out, "users.list", i, raw, err, "an object with id, name and profile")
				continue
			}
			ss.facts.Reset()
			ss.Listed(u, &ss.facts)
			if changed(u, at.Since) {
				ss.facts.Push(raw, out)
			}
		}
		ss.listed = whole && next == ""
		return next, nil
	}}
}

// changed reports whether an account has changed since; one without a time of its change may have.
func changed(u *slackwire.User, since time.Time) bool {
	return u.Updated == 0 || !time.Unix(u.Updated, 0).Before(since)
}

// profileSection reads the custom fields of those people whose account has changed, a request each.
func (ss *session) profileSection(out *connector.Sink) walk.Section {
	return walk.Section{Name: "profiles", Title: "custom profile fields", Read: func(ctx context.Context, at *walk.At) (string, error) {
		list, next, err := ss.s.users(ctx, at.Page)
		if err != nil {
			return "", err
		}
		for _, raw := range list {
			u, err := slackwire.ReadUser(raw)
			if err != nil || u.IsBot || u.Deleted || u.ID == slackwire.Slackbot || !changed(u, at.Since) {
				continue
			}
			var answer struct {
				Profile jsontext.Value `json:"profile"`
			}
			_, err = ss.s.client.Into(ctx, "/users.profile.get", url.Values{"user": {u.ID}}, &answer)
			switch {
			case rest.Refused(err):
				ss.s.env.Meter.Warn("The app lacks the scope users.profile:read, so links in custom profile fields do not come in.")
				return "", nil
			case rest.Gone(err):
				continue
			case err != nil:
				return "", err
			}
			out.Read(1)
			var p slackwire.Profile
			if rest.Unmarshal(answer.Profile, &p) != nil || p.Fields.Kind() != '{' {
				continue
			}
			u.Profile.Fields = p.Fields
			ss.facts.Reset()
			ss.Listed(u, &ss.facts)
			ss.facts.Push(answer.Profile, out)
		}
		return next, nil
	}}
}

// mark is what a channel's section leaves for the next read: the ts of the newest message, and when the read began.
type mark struct {
	newest string
	read   time.Time
}

func parseMark(text string) mark {
	newest, read, _ := strings.Cut(text, " ")
	at, err := strconv.ParseInt(read, 10, 64)
	if _, ok := slackwire.ParseTS(newest); !ok && newest != "0" || err != nil {
		return mark{}
	}
	return mark{newest: newest, read: time.Unix(at, 0)}
}

func (m mark) String() string { return m.newest + " " + strconv.FormatInt(m.read.Unix(), 10) }

// see notes a message's ts. These are texts of one length until the year 2286.
func (m *mark) see(ts string) {
	if len(ts) > len(m.newest) || len(ts) == len(m.newest) && ts > m.newest {
		m.newest = ts
	}
}

// oldest is the ts from which a channel is read: "" = its beginning.
func (s *source) oldest(last mark) string {
	from := s.set.Since(optSince)
	if newest, ok := slackwire.ParseTS(last.newest); ok {
		window := time.Duration(max(0, s.set.Number(optWindow)) * 24 * float64(time.Hour))
		if again := newest.Add(-window); again.After(from) {
			from = again
		}
	}
	if from.IsZero() {
		return ""
	}
	return strconv.FormatInt(from.Unix(), 10) + ".000000"
}

// channelSection reads a channel backwards, and each thread behind the message that opens it.
func (ss *session) channelSection(p *place, out *connector.Sink) walk.Section {
	return walk.Section{Name: "channel/" + p.ID, Title: "#" + p.Name, Read: func(ctx context.Context, at *walk.At) (string, error) {
		if err := ss.people(ctx); err != nil {
			return "", err
		}
		ss.channel(p, out)
		last := parseMark(at.Mark)
		r := &reading{session: ss, place: p, out: out, last: last, oldest: ss.s.oldest(last)}
		page, err := r.page(ctx, at.Page)
		switch {
		case staleCursor(err) && at.Page != "":
			return r.again(at)
		case rest.Gone(err), rest.Refused(err):
			at.Leave("") // whatever was missed is read when the app is let in again
			ss.s.env.Meter.Warn("#" + p.Name + " cannot be read: " + greenroom.ErrorMessage(err) + ".")
			return "", nil
		case err != nil:
			return "", err
		}
		leave := mark{newest: "0", read: ss.s.env.Now()}
		if at.Page != "" && at.Page != restart {
			leave = parseMark(at.Left())
		} else if last.newest != "" {
			leave.newest = last.newest
		}
		for i, raw := range page.Messages {
			ts, err := r.message(ctx, raw, i, "#"+p.Name)
			if err != nil {
				return "", err
			}
			leave.see(ts)
		}
		at.Leave(leave.String())
		return page.Meta.NextCursor, nil
	}}
}

// staleCursor reports whether Slack no longer takes the place to go on from.
func staleCursor(err error) bool {
	var st *rest.StatusError
	return errors.As(err, &st) && st.Status == http.StatusBadRequest && strings.HasPrefix(st.Says, "invalid_cursor")
}

// reading is the reading of one page of a channel.
type reading struct {
	*session
	place  *place
	out    *connector.Sink
	last   mark
	oldest string
}

// again begins a channel anew. What was told is told once more, which changes nothing.
func (r *reading) again(at *walk.At) (string, error) {
	r.s.env.Meter.Warn("Slack has forgotten a place in #" + r.place.Name + " to go on from; the channel was read from its newest message again.")
	at.Leave("")
	return restart, nil
}

// restart is the name of a channel's first page where it is read once more.
const restart = "restart"

func (r *reading) page(ctx context.Context, cursor string) (*messages, error) {
	q := url.Values{"channel": {r.place.ID}}
	if r.oldest != "" {
		q.Set("oldest", r.oldest)
		q.Set("inclusive", "true")
	}
	if cursor != "" && cursor != restart {
		q.Set("cursor", cursor)
	}
	return r.s.messages(ctx, history, q)
}

// head is what reading has to know of a message before it is mapped.
type head struct {
	TS          string       `json:"ts"`
	ThreadTS    string       `json:"thread_ts"`
	Subtype     string       `json:"subtype"`
	User        string       `json:"user"`
	ReplyCount  int64        `json:"reply_count"`
	LatestReply string       `json:"latest_reply"`
	Reactions   []headCount  `json:"reactions"`
	UserProfile *wirePresent `json:"user_profile"`
}

type headCount struct {
	Users []string `json:"users"`
	Count int      `json:"count"`
}

type wirePresent struct{}

// message tells a message of a channel and, where it opens a thread with something new, the thread.
func (r *reading) message(ctx context.Context, raw []byte, i int, file string) (ts string, err error) {
	h, err := r.tell(ctx, &r.place.Place, raw, file, i, r.out)
	if err != nil {
		return "", err
	}
	if h.ReplyCount == 0 || h.ThreadTS != "" && h.ThreadTS != h.TS {
		return h.TS, nil
	}
	if latest, ok := slackwire.ParseTS(h.LatestReply); ok && !r.last.read.IsZero() && latest.Before(r.last.read.Add(-walk.Overlap)) {
		return h.TS, nil
	}
	return h.TS, r.thread(ctx, h.TS)
}

// thread tells the replies of a thread. Replies that were also sent to the channel come with the channel's messages,
// unless they are older than what is read of it.
func (r *reading) thread(ctx context.Context, ts string) error {
	file := "#" + r.place.Name + ": thread " + ts
	for cursor := ""; ; {
		q := url.Values{"channel": {r.place.ID}, "ts": {ts}}
		if r.oldest != "" {
			q.Set("oldest", r.oldest)
		}
		if cursor != "" {
			q.Set("cursor", cursor)
		}
		page, err := r.s.messages(ctx, replies, q)
		if rest.Gone(err) {
			return nil
		}
		if err != nil {
			return err
		}
		for i, raw := range page.Messages {
			var h head
			if rest.Unmarshal(raw, &h) == nil && (h.TS == ts || broadcast(h.Subtype) && h.TS >= r.oldest) {
				continue
			}
			if _, err := r.tell(ctx, &r.place.Place, raw, file, i, r.out); err != nil {
				return err
			}
		}
		if cursor = page.Meta.NextCursor; cursor == "" {
			return nil
		}
	}
}

func broadcast(subtype string) bool {
	return subtype == "thread_broadcast" || subtype == "reply_broadcast"
}

// tell maps a message and pushes what it gives. It returns the message's head.
func (ss *session) tell(ctx context.Context, p *slackwire.Place, raw []byte, file string, i int, out *connector.Sink) (head, error) {
	out.Read(1)
	var h head
	if err := rest.Unmarshal(raw, &h); err != nil {
		reject(out, file, i, raw, err, `an object with type "message", ts and text`)
		return head{}, nil
	}
	if h.UserProfile == nil {
		if err := ss.meet(ctx, h.User, out); err != nil {
			return h, err
		}
	}
	raw, err := ss.complete(ctx, p, &h, raw)
	if err != nil {
		return h, err
	}
	ss.facts.Reset()
	if err := ss.Message(raw, p, &ss.facts); err != nil {
		reject(out, file, i, raw, err, `an object with type "message", ts and text`)
		return h, nil
	}
	for i := range ss.facts.Activities {
		if a := &ss.facts.Activities[i]; a.Deleted { // the API does not say when
			a.EditedAt = ss.s.env.Now()
		}
	}
	ss.facts.Push(raw, out)
	return h, nil
}

// complete asks for all people of a message's reactions, of which Slack names only some where there are many.
func (ss *session) complete(ctx context.Context, p *slackwire.Place, h *head, raw []byte) ([]byte, error) {
	short := false
	for _, r := range h.Reactions {
		short = short || len(r.Users) < r.Count
	}
	if !short {
		return raw, nil
	}
	var answer struct {
		Message struct {
			Reactions jsontext.Value `json:"reactions"`
		} `json:"message"`
	}
	_, err := ss.s.client.Into(ctx, "/reactions.get", url.Values{"channel": {p.ID}, "timestamp": {h.TS}, "full": {"true"}}, &answer)
	if rest.Gone(err) || rest.Refused(err) || greenroom.ErrorCode(err) == greenroom.CodeInvalid {
		return raw, nil // the count is told without names
	}
	if err != nil {
		return nil, err
	}
	var all map[string]jsontext.Value
	if len(answer.Message.Reactions) == 0 || rest.Unmarshal(raw, &all) != nil {
		return raw, nil //nolint:nilerr // rejected when it is mapped
	}
	all["reactions"] = answer.Message.Reactions
	if whole, err := json.Marshal(all, json.Deterministic(true), jsontext.AllowInvalidUTF8(true)); err == nil {
		return whole, nil
	}
	return raw, nil
}

func reject(out *connector.Sink, file string, i int, raw []byte, err error, expected string) {
	out.Reject(greenroom.Reject{File: file, Line: int64(i) + 1, Reason: jsonfile.Reason(err), Expected: expected, Excerpt: string(raw)})
}
