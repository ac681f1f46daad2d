// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"greenroom"
)

// Batch is what a sink collected up to a checkpoint. It is stored as a whole or not at all.
type Batch struct {
	Payloads      Payloads
	Channels      []Channel
	Identities    []Identity
	Activities    []Activity
	Conversations []Conversation
	Organizations []Organization
	Records       []Record
	Memberships   []Membership
	Sames         []Same
	Companies     []Company // what names organizations, in the order in which it was told
	Rejects       []greenroom.Reject
	LeftOut       map[string]int64 // records that are not wanted by design, counted by reason
	Read          int64            // records read
	Delivered     []int64          // stored deliveries that these facts came from: they are done with this batch
	Cursor        Cursor           // where to go on after this batch
	Progress      Progress
}

// Company is a fact of the batch that names an organization. Organizations get their ids in the order of these, so that
// these do not depend on where batches were cut.
type Company struct {
	Organization int               // index of one that is told, plus 1; 0 = it is one of the others
	Name         string            // as a membership or a business record names it
	Identity     string            // whose membership it is, or whose addresses
	Emails       []greenroom.Email // of an identity, as they were told
}

// Size is the number of facts and rejects in the batch.
func (b *Batch) Size() int {
	return len(b.Channels) + len(b.Identities) + len(b.Activities) + len(b.Conversations) + len(b.Organizations) +
		len(b.Records) + len(b.Memberships) + len(b.Sames) + len(b.Rejects)
}

// Payloads holds raw payloads end to end, so that a batch of thousands is one allocation and one compression.
type Payloads struct {
	Data []byte
	Ends []int // Ends[i] is where payload i+1 ends in Data
}

// Len is the number of payloads.
func (p *Payloads) Len() int { return len(p.Ends) }

// At returns payload ref, nil for the zero ref. The bytes belong to the batch.
func (p *Payloads) At(ref RawRef) []byte {
	if ref <= 0 || int(ref) > len(p.Ends) {
		return nil
	}
	start := 0
	if ref > 1 {
		start = p.Ends[ref-2]
	}
	return p.Data[start:p.Ends[ref-1]]
}

// Limits of a batch: it is handed on at the first checkpoint after one of them is reached.
const (
	DefaultBatchFacts = 12_000
	batchPayloadBytes = 16 << 20
	excerptBytes      = 200
)

// Sink receives facts from a connector and hands them on in batches. It is used by one goroutine.
type Sink struct {
	ctx   context.Context //nolint:containedctx // a sink lives exactly as long as one read
	limit int
	flush func(context.Context, *Batch) error
	batch *Batch
	seen  map[string]int // identity external id → index in the batch
	chans map[string]int
	err   error

	every time.Duration // after which a batch is handed on however small it is; 0 = never
	now   func() time.Time
	last  time.Time // when a batch was handed on last
}

// NewSink returns a sink that hands a batch to flush at the first checkpoint at which it holds limit facts or more.
// flush owns the batch afterwards.
func NewSink(ctx context.Context, limit int, flush func(context.Context, *Batch) error) *Sink {
	if limit <= 0 {
		limit = DefaultBatchFacts
	}
	s := &Sink{ctx: ctx, limit: limit, flush: flush}
	s.reset()
	return s
}

// Hurry makes the sink hand on what it holds at the first checkpoint after so long, too: the facts of a platform that lets
// one ask for little at a time are there soon then, and are not asked for again when the process is stopped meanwhile.
func (s *Sink) Hurry(every time.Duration, now func() time.Time) {
	s.every, s.now, s.last = every, now, now()
}

// reset begins a batch.
func (s *Sink) reset() {
	s.batch = &Batch{}
	s.seen = make(map[string]int)
	s.chans = make(map[string]int)
}

// room makes room in the batch for so many bytes of payloads, payloads and activities, and an eighth more.
func (s *Sink) room(data, payloads, activities int) {
	b := s.batch
	b.Payloads.Data = make([]byte, 0, data+data/8)
	b.Payloads.Ends = make([]int, 0, payloads+payloads/8)
	b.Activities = make([]Activity, 0, activities+activities/8)
}

// Read counts n records as read from the source.
func (s *Sink) Read(n int) { s.batch.Read += int64(n) }

// Raw keeps a payload (copied) and returns the reference that facts made from it carry.
func (s *Sink) Raw(payload []byte) RawRef {
	p := &s.batch.Payloads
	p.Data = append(p.Data, payload...)
	p.Ends = append(p.Ends, len(p.Data))
	return RawRef(len(p.Ends))
}

// Channel adds a channel; a second one with the same id in the batch replaces what it tells.
func (s *Sink) Channel(c Channel) {
	if c.ExternalID == "" {
		return
	}
	if i, ok := s.chans[c.ExternalID]; ok {
		if c.Name == "" {
			c.Name = s.batch.Channels[i].Name
		}
		if c.URL == "" {
			c.URL = s.batch.Channels[i].URL
		}
		s.batch.Channels[i] = c
		return
	}
	s.chans[c.ExternalID] = len(s.batch.Channels)
	s.batch.Channels = append(s.batch.Channels, c)
}

// Identity adds an identity; a second one with the same id in the batch fills in and replaces what it tells.
func (s *Sink) Identity(id Identity) {
	if id.ExternalID == "" {
		return
	}
	if len(id.Emails) > 0 {
		s.batch.Companies = append(s.batch.Companies, Company{Identity: id.ExternalID, Emails: id.Emails})
	}
	if i, ok := s.seen[id.ExternalID]; ok {
		s.batch.Identities[i].Merge(id)
		return
	}
	s.seen[id.ExternalID] = len(s.batch.Identities)
	s.batch.Identities = append(s.batch.Identities, id)
}

// Activity adds an activity. One without an external id, without a kind or, unless deleted, without a time is rejected.
func (s *Sink) Activity(a Activity) {
	switch {
	case a.ExternalID == "":
		s.Reject(greenroom.Reject{Reason: "an activity has no external id", Excerpt: a.Title})
	case a.OccurredAt.IsZero() && !a.Deleted:
		s.Reject(greenroom.Reject{Reason: a.ExternalID + " has no time", Expected: "a date and time"})
	case a.Kind == greenroom.KindUnknown && !a.Deleted:
		s.Reject(greenroom.Reject{Reason: a.ExternalID + " has no known kind"})
	default:
		s.batch.Activities = append(s.batch.Activities, a)
	}
}

// Conversation adds what the source says of a conversation.
func (s *Sink) Conversation(c Conversation) {
	if c.Thread != "" || c.Deleted && c.URL != "" {
		s.batch.Conversations = append(s.batch.Conversations, c)
	}
}

// Organization adds an organization.
func (s *Sink) Organization(o Organization) {
	s.batch.Organizations = append(s.batch.Organizations, o)
	s.batch.Companies = append(s.batch.Companies, Company{Organization: len(s.batch.Organizations)})
}

// Record adds a business record.
func (s *Sink) Record(r Record) {
	s.batch.Records = append(s.batch.Records, r)
	if r.Organization != "" && !r.Deleted {
		s.batch.Companies = append(s.batch.Companies, Company{Name: r.Organization})
	}
}

// Membership adds the membership of an identity in an organization.
func (s *Sink) Membership(m Membership) {
	s.batch.Memberships = append(s.batch.Memberships, m)
	if m.Organization != "" {
		s.batch.Companies = append(s.batch.Companies, Company{Name: m.Organization, Identity: m.Identity})
	}
}

// Same says that two identities are certainly one person.
func (s *Sink) Same(same Same) { s.batch.Sames = append(s.batch.Sames, same) }

// Reject lists a record that could not be read. Reading goes on.
func (s *Sink) Reject(r greenroom.Reject) {
	if len(r.Excerpt) > excerptBytes {
		r.Excerpt = r.Excerpt[:excerptBytes]
	}
	s.batch.Rejects = append(s.batch.Rejects, r)
}

// LeftOut counts a record that was understood and is not wanted by design, e.g. "drafts".
func (s *Sink) LeftOut(reason string, n int) {
	if s.batch.LeftOut == nil {
		s.batch.LeftOut = make(map[string]int64)
	}
	s.batch.LeftOut[reason] += int64(n)
}

// Delivered says that everything of a stored delivery has been pushed. Only what receives deliveries calls it.
func (s *Sink) Delivered(id int64) { s.batch.Delivered = append(s.batch.Delivered, id) }

// Checkpoint says that reading could go on from cursor, and how far it has come. It returns an error when reading has to
// stop: the context was canceled or a batch could not be stored.
func (s *Sink) Checkpoint(cursor Cursor, p Progress) error {
	s.batch.Cursor, s.batch.Progress = cursor, p
	late := s.every > 0 && s.now().Sub(s.last) >= s.every
	if s.batch.Size() < s.limit && len(s.batch.Payloads.Data) < batchPayloadBytes && !late {
		return s.state()
	}
	return s.Flush()
}

func (s *Sink) state() error {
	if s.err != nil {
		return s.err
	}
	if err := s.ctx.Err(); err != nil {
		return fmt.Errorf("reading was stopped: %w", err)
	}
	return nil
}

// Flush hands on what was collected. The owner of the sink calls it after the last checkpoint; connectors need not.
func (s *Sink) Flush() error {
	if err := s.state(); err != nil {
		return err
	}
	b := s.batch
	if b.Size() == 0 && b.Read == 0 && len(b.LeftOut) == 0 && b.Cursor == "" && len(b.Delivered) == 0 {
		return nil
	}
	data, payloads, activities := len(b.Payloads.Data), b.Payloads.Len(), len(b.Activities)
	s.reset()
	s.batch.Cursor, s.batch.Progress = b.Cursor, b.Progress
	if err := s.flush(s.ctx, b); err != nil {
		s.err = fmt.Errorf("storing a batch: %w", err)
		return s.err
	}
	if s.now != nil {
		s.last = s.now() // without the time that the storing took
	}
	s.room(data, payloads, activities) // the next batch is like this one; while that waited, its room was not needed
	return nil
}

// IsStorage reports whether err came from storing rather than from reading.
func (s *Sink) IsStorage(err error) bool { return s.err != nil && errors.Is(err, s.err) }

// Merge fills in and replaces what other tells; what other leaves empty stays.
func (id *Identity) Merge(other Identity) {
	set := func(dst *string, v string) {
		if v != "" {
			*dst = v
		}
	}
	set(&id.Handle, other.Handle)
	set(&id.Name, other.Name)
	set(&id.AvatarURL, other.AvatarURL)
	set(&id.ProfileURL, other.ProfileURL)
	set(&id.Bio, other.Bio)
	set(&id.Location, other.Location)
	set(&id.TimeZone, other.TimeZone)
	set(&id.Company, other.Company)
	set(&id.JobTitle, other.JobTitle)
	id.Emails = mergeEmails(id.Emails, other.Emails)
	id.Links = mergeStrings(id.Links, other.Links)
	id.Tags = mergeStrings(id.Tags, other.Tags)
	id.Bot = id.Bot || other.Bot
	id.Staff = id.Staff || other.Staff
	id.Deleted = id.Deleted || other.Deleted
	if !other.JoinedAt.IsZero() {
		id.JoinedAt = other.JoinedAt
	}
	for k, v := range other.Fields {
		if id.Fields == nil {
			id.Fields = make(map[string]string)
		}
		id.Fields[k] = v
	}
	if other.Raw != 0 {
		id.Raw = other.Raw
	}
}

func mergeEmails(have, more []greenroom.Email) []greenroom.Email {
next:
	for _, m := range more {
		for i := range have {
			if have[i].Address == m.Address {
				have[i].Verified = have[i].Verified || m.Verified
				continue next
			}
		}
		have = append(have, m)
	}
	return have
}

func mergeStrings(have, more []string) []string {
next:
	for _, m := range more {
		for _, h := range have {
			if h == m {
				continue next
			}
		}
		have = append(have, m)
	}
	return have
}
