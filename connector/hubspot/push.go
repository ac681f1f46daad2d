// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package hubspot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/signature"
)

// tooOld is the age at which a signature is good no longer, by HubSpot's word.
const tooOld = 5 * time.Minute

// Verify checks the signature. The third version covers method, address, body and time, and is asked for where the
// address is known; the first covers the body alone, and HubSpot sends it along.
func (s *source) Verify(d *connector.Delivery) (connector.Reply, error) {
	wrong := signature.Wrong("HubSpot")
	secret, address := s.set.Text(optSecret), s.set.Text(optHook)
	if secret == "" {
		return connector.Reply{}, wrong
	}
	stamp := d.Header.Get("X-Hubspot-Request-Timestamp")
	if address != "" {
		ms, err := strconv.ParseInt(stamp, 10, 64)
		if err != nil {
			return connector.Reply{}, wrong
		}
		if age := d.ReceivedAt.Sub(time.UnixMilli(ms)); age > tooOld || age < -tooOld {
			return connector.Reply{}, greenroom.Errorf(greenroom.CodeForbidden, "the delivery was signed more than five minutes ago; check the clock of this server")
		}
		if len(d.Query) > 0 && !strings.Contains(address, "?") {
			address += "?" + d.Query.Encode()
		}
		want := signature.Base256(secret, slices.Concat([]byte(d.Method+address), d.Body, []byte(stamp)))
		if !signature.Equal(want, d.Header.Get("X-Hubspot-Signature-V3")) {
			return connector.Reply{}, wrong
		}
		return connector.Reply{}, nil
	}
	if v := d.Header.Get("X-Hubspot-Signature-Version"); v != "" && v != "v1" {
		return connector.Reply{}, greenroom.Errorf(greenroom.CodeForbidden, "HubSpot signs these deliveries together with their address; enter the address of the webhook in the settings of this source")
	}
	sum := sha256.Sum256(slices.Concat([]byte(secret), d.Body))
	if !signature.Equal(hex.EncodeToString(sum[:]), d.Header.Get("X-Hubspot-Signature")) {
		return connector.Reply{}, wrong
	}
	return connector.Reply{}, nil
}

// event is one of the events in a delivery: that something happened to an object, which is named by its id.
type event struct {
	Type       string `json:"subscriptionType"` // e.g. "deal.propertyChange", or "object.propertyChange" with a type
	TypeID     string `json:"objectTypeId"`
	ObjectID   text   `json:"objectId"`
	OccurredAt int64  `json:"occurredAt"` // milliseconds
	Primary    text   `json:"primaryObjectId"`
	New        text   `json:"newObjectId"`
	Merged     []text `json:"mergedObjectIds"`
	From       text   `json:"fromObjectId"`
	To         text   `json:"toObjectId"`
	FromType   string `json:"fromObjectTypeId"`
	ToType     string `json:"toObjectTypeId"`
	Link       string `json:"associationType"` // e.g. "CONTACT_TO_COMPANY"
}

// touched are the ids of objects to ask for, by kind, in the order in which they were named.
type touched map[string][]string

func (t touched) add(k *objectKind, ids ...text) {
	for _, id := range ids {
		if id != "" && id != "null" && !slices.Contains(t[k.name], string(id)) {
			t[k.name] = append(t[k.name], string(id))
		}
	}
}

// Receive takes back what was deleted, and asks for everything else that is named.
func (s *source) Receive(ctx context.Context, d *connector.Delivery, out *connector.Sink) error {
	out.Read(1)
	var events []event
	if err := rest.Unmarshal(d.Body, &events); err != nil {
		out.Reject(greenroom.Reject{File: "webhook", Reason: err.Error(), Expected: "a list of events", Excerpt: string(d.Body)})
		return nil //nolint:nilerr // it is rejected
	}
	ask := touched{}
	restored := map[string]time.Time{}
	for i := range events {
		s.event(&events[i], ask, restored, out)
	}
	if len(ask) == 0 {
		return nil
	}
	know, err := s.knowing(ctx)
	if err != nil {
		return err
	}
	return s.refetch(ctx, ask, restored, know, out)
}

// knowing is what is known of the account, asked for once in the life of the source.
func (s *source) knowing(ctx context.Context) (*knowledge, error) {
	s.mu.Lock()
	know := s.known
	s.mu.Unlock()
	if know != nil {
		return know, nil
	}
	return s.ask(ctx)
}

// kind finds the kind of object that an event is about, by name ("deal") or type ("0-3").
func (s *source) kind(name string) *objectKind {
	i := slices.IndexFunc(s.kinds, func(k *objectKind) bool { return k.one == name || k.typeID == name })
	if i < 0 {
		return nil
	}
	return s.kinds[i]
}

func (s *source) event(e *event, ask touched, restored map[string]time.Time, out *connector.Sink) {
	name, what, _ := strings.Cut(e.Type, ".")
	if name == "object" {
		name = e.TypeID
	}
	if what == "associationChange" {
		s.associated(e, name, ask, out)
		return
	}
	k := s.kind(name)
	if k == nil {
		out.LeftOut("event "+e.Type+" of other objects", 1)
		return
	}
	at := time.UnixMilli(e.OccurredAt).UTC()
	switch what {
	case "deletion", "privacyDeletion":
		s.archived(k, string(e.ObjectID), at, out)
	case "merge":
		for _, old := range e.Merged {
			if k.history != "" && old != e.New {
				s.archived(k, string(old), at, out)
			}
		}
		ask.add(k, e.New, e.Primary, e.ObjectID)
	case "restore":
		restored[k.name+string(e.ObjectID)] = at
		ask.add(k, e.ObjectID)
	case "creation", "propertyChange":
		ask.add(k, e.ObjectID)
	default:
		out.LeftOut("event "+e.Type, 1)
	}
}

// associated asks for the deals, tickets and contacts of which an association changed.
func (s *source) associated(e *event, name string, ask touched, out *connector.Sink) {
	from, to, _ := strings.Cut(strings.ToLower(e.Link), "_to_")
	if e.FromType != "" {
		from, to = e.FromType, e.ToType
	}
	if from == "" {
		from = name
	}
	known := false
	for _, end := range []struct {
		name string
		id   text
	}{{from, e.From}, {to, e.To}} {
		if k := s.kind(end.name); k != nil && k.name != "companies" {
			ask.add(k, end.id)
			known = true
		}
	}
	if !known {
		out.LeftOut("event "+e.Type+" of other objects", 1)
	}
}

// loaded is an object that was asked for and waits until what it names is told.
type loaded struct {
	kind *objectKind
	o    wireObject
	raw  []byte
}

// refetch asks for what is named: tickets and deals, the contacts that these name, and the companies that any of them
// names. They are told the other way round, so that what a record names is known.
func (s *source) refetch(ctx context.Context, ask touched, restored map[string]time.Time, know *knowledge, out *connector.Sink) error {
	var waiting []loaded
	for _, k := range slices.Backward(s.kinds) {
		if k.name == "companies" {
			continue
		}
		for some := range slices.Chunk(ask[k.name], k.pageSize()) {
			items, linked, err := s.load(ctx, k, some)
			if err != nil {
				return err
			}
			each("webhook", items, out, func(o *wireObject, item []byte) {
				if k.history != "" {
					o.Associations = linked[o.ID]
				}
				s.names(o, ask)
				if at := restored[k.name+o.ID]; at.After(o.UpdatedAt) {
					o.UpdatedAt = at
				}
				waiting = append(waiting, loaded{k, *o, item})
			})
		}
	}
	if k := s.named("companies"); k != nil {
		if err := s.fetch(ctx, k, ask[k.name], know, out); err != nil {
			return err
		}
	}
	for i := range slices.Backward(waiting) {
		s.object(waiting[i].kind, &waiting[i].o, know, waiting[i].raw, out)
	}
	return nil
}

// names adds the company and the contact that an object names to what is asked for.
func (s *source) names(o *wireObject, ask touched) {
	if k := s.named("companies"); k != nil {
		ask.add(k, text(primary(o, k.name)), text(o.Properties["associatedcompanyid"]))
	}
	if k := s.named("contacts"); k != nil {
		ask.add(k, text(primary(o, k.name)))
	}
}

func (s *source) named(name string) *objectKind {
	i := slices.IndexFunc(s.kinds, func(k *objectKind) bool { return k.name == name })
	if i < 0 {
		return nil
	}
	return s.kinds[i]
}
