// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Bounds of what is taken from one event.
const (
	clockError = 10 * time.Second // a difference of clocks below this is the network's
	maxID      = 200              // bytes of an id; a longer one is replaced by its hash
	maxTitle   = 300
)

// anonymousPrefix keeps the ids of visitors apart from those of users, groupPrefix those of groups from the names, domains
// and ids by which other sources call organizations: products number their accounts from 1.
const (
	anonymousPrefix = "anonymous:"
	groupPrefix     = "group:"
)

// told is an event on its way to facts.
type told struct {
	event

	raw    jsontext.Value
	number int64 // in the request, from 1
	at     time.Time
	who    string // external id of the person; "" = nobody is told
}

// Receive turns a request into facts. Events of a batch are told in the order in which they happened, so that of two
// tellings of a trait the newer one holds.
func (s *source) Receive(_ context.Context, d *connector.Delivery, out *connector.Sink) error {
	typ, isPixel, _ := route(d.Path)
	body, err := payload(d, isPixel)
	var c call
	if err == nil {
		err = rest.Unmarshal(body, &c)
	}
	if err != nil {
		out.Read(1)
		reject(out, d.Path, 0, d.Body, "the request cannot be read: "+greenroom.ErrorMessage(err), "a JSON object")
		return nil
	}
	raws := c.Batch
	if typ != "batch" {
		raws = []jsontext.Value{withoutKey(body)}
	}
	events := make([]told, 0, len(raws))
	for i, raw := range raws {
		out.Read(1)
		t := told{raw: raw, number: int64(i) + 1}
		if len(raw) > maxEvent {
			reject(out, d.Path, t.number, raw, "the event is larger than 32 KB", "a smaller one")
			continue
		}
		if raw.Kind() != '{' || rest.Unmarshal(raw, &t.event) != nil {
			reject(out, d.Path, t.number, raw, "the event is no JSON object", `an object such as {"type": "track", "userId": "1", "event": "Signed up"}`)
			continue
		}
		if typ != "batch" {
			t.Type = text(typ)
		}
		t.at = occurred(&t.event, &c, d.ReceivedAt)
		events = append(events, t)
	}
	slices.SortStableFunc(events, func(a, b told) int { return a.at.Compare(b.at) })
	for i := range events {
		s.tell(&events[i], &c.Context, d.Path, out)
	}
	return nil
}

// tell pushes the facts of one event.
func (s *source) tell(e *told, shared *eventContext, path string, out *connector.Sink) {
	user, anonymous := s.realID(e.UserID), s.realID(e.AnonymousID)
	switch {
	case user != "":
		e.who = user
	case anonymous != "" && s.anonymous:
		e.who = anonymousPrefix + anonymous
	case anonymous == "" && e.Type != "alias":
		reject(out, path, e.number, e.raw, "the event says of nobody", "userId or anonymousId")
		return
	}
	switch strings.ToLower(string(e.Type)) {
	case "track":
		if e.Event == "" {
			reject(out, path, e.number, e.raw, "the event has no name", `a name in event, such as "Signed up"`)
			return
		}
		s.usage(e, shared, string(e.Event), out)
	case "page", "screen":
		if !s.pages {
			out.LeftOut("views of pages and screens", 1)
			return
		}
		s.usage(e, shared, "Viewed "+s.viewed(e), out)
	case "identify":
		if e.who == "" {
			out.LeftOut("traits of visitors who are not signed in", 1)
			return
		}
		s.person(e, shared, true, out)
	case "group":
		s.group(e, shared, path, out)
	case "alias":
		s.alias(e, path, out)
	default:
		out.LeftOut("type "+cut(string(e.Type), 40), 1)
	}
}

// usage pushes what somebody did in the product.
func (s *source) usage(e *told, shared *eventContext, name string, out *connector.Sink) {
	if s.skipped(name) {
		out.LeftOut("events that are not wanted", 1)
		return
	}
	s.person(e, shared, false, out)
	address := e.Properties.get("url")
	if address == "" {
		address = e.Context.Page.get("url")
	}
	out.Activity(connector.Activity{
		ExternalID: e.id(), Kind: greenroom.KindUsage, Author: e.who, OccurredAt: e.at, Title: cut(name, maxTitle), URL: webAddress(address), Raw: out.Raw(e.raw),
	})
	// A library's group call before says for which of a user's accounts this is.
	if group := s.realID(firstOf(e.Context.GroupID, shared.GroupID)); group != "" && e.who != "" {
		out.Membership(connector.Membership{Identity: e.who, Organization: groupPrefix + group})
	}
}

// viewed is what a page or screen is called.
func (s *source) viewed(e *told) string {
	name := strings.TrimSpace(string(e.Category) + " " + string(e.Name))
	if name == "" {
		name = e.Properties.get("title", "name", "path", "url")
	}
	if name == "" {
		name = e.Context.Page.get("title", "path", "url")
	}
	if name == "" {
		return "a " + string(e.Type)
	}
	return name
}

// alias pushes that two ids are one person. The earlier one may be a user's or a visitor's.
func (s *source) alias(e *told, path string, out *connector.Sink) {
	user, before := s.realID(e.UserID), s.realID(e.PreviousID)
	if user == "" || before == "" {
		reject(out, path, e.number, e.raw, "the alias does not name two ids", "userId and previousId")
		return
	}
	if user == before {
		out.LeftOut("aliases of an id with itself", 1)
		return
	}
	ref := out.Raw(e.raw)
	ids := []string{before}
	if s.anonymous {
		ids = append(ids, anonymousPrefix+before)
	}
	out.Identity(connector.Identity{ExternalID: user})
	for _, id := range ids {
		out.Identity(connector.Identity{ExternalID: id, Raw: ref})
		out.Same(connector.Same{A: user, B: id, Reason: "alias"})
	}
}

// id is the event's own id. One without any is known by what it says, or, where that has no time either, by when it came.
func (e *told) id() string {
	if id := string(e.MessageID); id != "" {
		if len(id) > maxID {
			return "long:" + hash(id)
		}
		return id
	}
	return "made:" + hash(string(e.raw), e.at.Format(time.RFC3339Nano))
}

// occurred is when an event happened, by our clock.
func occurred(e *event, c *call, received time.Time) time.Time {
	received = received.UTC().Truncate(time.Microsecond)
	at, ok := moment(e.Timestamp)
	if !ok {
		at, ok = moment(e.OriginalTimestamp)
	}
	if !ok {
		return received
	}
	sent, ok := moment(e.SentAt)
	if !ok {
		sent, ok = moment(c.SentAt)
	}
	if skew := received.Sub(sent); ok && skew.Abs() >= clockError {
		at = at.Add(skew)
	}
	if at.After(received) {
		return received
	}
	return at
}

// realID is an id of somebody; what programs write where they know nobody is none.
func (s *source) realID(id text) string {
	v := strings.TrimSpace(string(id))
	switch strings.ToLower(v) {
	case "undefined", "null", "nil", "none", "nan", "true", "false", "0", "-1", "anonymous", "guest", "unknown", "not_authenticated", "[object object]",
		"00000000-0000-0000-0000-000000000000", "distinct_id", "userid", "user_id", "anonymousid", "anonymous_id":
		s.env.Meter.Warn("Some events carry the user id “" + cut(v, 40) + "”, which a program writes where it knows no user; they are kept without a person.")
		return ""
	}
	if len(v) > maxID {
		return "long:" + hash(v)
	}
	return v
}

// withoutKey takes the write key out of what is kept.
func withoutKey(body []byte) []byte {
	if !strings.Contains(string(body), `"writeKey"`) {
		return body
	}
	var fields map[string]jsontext.Value
	if rest.Unmarshal(body, &fields) != nil {
		return body
	}
	delete(fields, "writeKey")
	kept, err := json.Marshal(fields, json.Deterministic(true), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if err != nil {
		return body
	}
	return kept
}

func reject(out *connector.Sink, path string, number int64, raw []byte, reason, expected string) {
	out.Reject(greenroom.Reject{File: "call " + cut(clean(path), 60), Line: number, Reason: reason, Expected: expected, Excerpt: cut(clean(string(raw)), 200)})
}

func firstOf(texts ...text) text {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// cut shortens a text to n bytes without cutting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

func hash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:12])
}

// webAddress is s where it is a whole web address, else "".
func webAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || len(s) > 2000 {
		return ""
	}
	return s
}
