// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/consent"
)

// Store keeps messages, destinations and what members chose.
type Store interface {
	Messages
	Destinations
	Choices
}

// Messages keeps what people see of messages and decide about them.
type Messages interface {
	// AddMessages stores messages; those whose key is known are left as they are. It returns how many are new.
	AddMessages(ctx context.Context, all []Message) (added int, err error)
	Message(ctx context.Context, id int64) (Message, error)
	// MessageList lists messages, the newest first.
	MessageList(ctx context.Context, f Filter) ([]Message, error)
	MessageCounts(ctx context.Context, f Filter) (Counts, error)
	// EditMessage changes subject and text of a draft. CodeConflict where it is none.
	EditMessage(ctx context.Context, id int64, subject, text string) error
	// MoveMessages sets the state of messages that are in one of from, and returns how many were. Approving notes by whom.
	MoveMessages(ctx context.Context, ids []int64, from []State, to State, reason, by string) (int64, error)
}

// Choices keeps what members chose, and the team's rules.
type Choices interface {
	Contacts(ctx context.Context, members []int64, since time.Time) (map[int64]Contact, error)
	// SetChoice notes a choice for all of a member's accounts and mail addresses.
	SetChoice(ctx context.Context, member int64, c consent.Choice) error
	ContactRules(ctx context.Context) (consent.Rules, error)
	SetContactRules(ctx context.Context, r consent.Rules) error
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Service is what people do with messages, destinations and choices.
type Service struct {
	store Store
	audit Auditor
	seal  Sealer
	wake  func() // tells the runner that there is something to send
	log   *slog.Logger
	now   func() time.Time
	zone  func() *time.Location
}

// New returns the service. zone is that of members of whom it is not known.
func New(store Store, audit Auditor, seal Sealer, wake func(), log *slog.Logger, now func() time.Time, zone func() *time.Location) *Service {
	return &Service{store: store, audit: audit, seal: seal, wake: wake, log: log, now: now, zone: zone}
}

// Queue stores messages, and has those that need no approval sent.
func (s *Service) Queue(ctx context.Context, all ...Message) (added int, err error) {
	for i := range all {
		if err := all[i].Validate(); err != nil {
			return 0, err
		}
	}
	if added, err = s.store.AddMessages(ctx, all); err != nil {
		return 0, fmt.Errorf("queueing messages: %w", err)
	}
	s.wake()
	return added, nil
}

// Message finds one.
func (s *Service) Message(ctx context.Context, id int64) (Message, error) {
	return s.store.Message(ctx, id)
}

// List lists messages, the newest first.
func (s *Service) List(ctx context.Context, f Filter) ([]Message, error) {
	return s.store.MessageList(ctx, f)
}

// Counts counts messages by state; f's States, Below and Limit do not matter.
func (s *Service) Counts(ctx context.Context, f Filter) (Counts, error) {
	return s.store.MessageCounts(ctx, f)
}

// Edit changes a draft.
func (s *Service) Edit(ctx context.Context, id int64, subject, text, by string) error {
	m, err := s.store.Message(ctx, id)
	if err != nil {
		return err
	}
	m.Subject, m.Text = strings.TrimSpace(subject), text
	if err := m.Validate(); err != nil {
		return err
	}
	if err := s.store.EditMessage(ctx, id, m.Subject, m.Text); err != nil {
		return fmt.Errorf("editing message %d: %w", id, err)
	}
	return s.audit.Audit(ctx, by, "message.edit", fmt.Sprintf("message %d", id), m.Subject)
}

// Approve has drafts sent, and returns how many there were.
func (s *Service) Approve(ctx context.Context, ids []int64, by string) (int64, error) {
	return s.move(ctx, ids, []State{Draft}, Queued, "", by, "message.approve")
}

// Skip has messages that wait not sent.
func (s *Service) Skip(ctx context.Context, ids []int64, reason, by string) (int64, error) {
	if reason = strings.TrimSpace(reason); reason == "" {
		reason = "skipped by " + by
	}
	return s.move(ctx, ids, []State{Draft, Queued}, Skipped, reason, by, "message.skip")
}

// Again sends messages again that failed, or of which nobody knows whether they arrived.
func (s *Service) Again(ctx context.Context, ids []int64, by string) (int64, error) {
	return s.move(ctx, ids, []State{Failed, Uncertain}, Queued, "", by, "message.again")
}

func (s *Service) move(ctx context.Context, ids []int64, from []State, to State, reason, by, what string) (int64, error) {
	n, err := s.store.MoveMessages(ctx, ids, from, to, reason, by)
	if err != nil {
		return 0, fmt.Errorf("changing messages: %w", err)
	}
	if n == 0 {
		return 0, greenroom.Errorf(greenroom.CodeConflict, "nothing was changed: the messages are %s no longer", from[0])
	}
	s.wake()
	return n, s.audit.Audit(ctx, by, what, fmt.Sprintf("%d messages", n), reason)
}

// Destinations lists those that are not removed, by name.
func (s *Service) Destinations(ctx context.Context) ([]Destination, error) {
	return s.store.Destinations(ctx)
}

// AddDestination makes a destination.
func (s *Service) AddDestination(ctx context.Context, d DestinationDraft, by string) (Destination, error) {
	address, shown, err := d.check()
	if err != nil {
		return Destination{}, err
	}
	sealed, err := s.seal.Seal([]byte(address), placeOf(d.Name))
	if err != nil {
		return Destination{}, fmt.Errorf("sealing the address of a destination: %w", err)
	}
	made, err := s.store.AddDestination(ctx, Destination{Name: d.Name, Channel: d.Channel, Secret: sealed, Shown: shown, CreatedBy: by, CreatedAt: s.now()})
	if err != nil {
		return made, fmt.Errorf("making a destination: %w", err)
	}
	return made, s.audit.Audit(ctx, by, "destination.add", made.Name, shown)
}

// RemoveDestination takes one away; what waits for it is not sent.
func (s *Service) RemoveDestination(ctx context.Context, id int64, by string) error {
	d, err := s.store.Destination(ctx, id)
	if err != nil {
		return err
	}
	if err := s.store.RemoveDestination(ctx, id); err != nil {
		return fmt.Errorf("removing destination %d: %w", id, err)
	}
	return s.audit.Audit(ctx, by, "destination.remove", d.Name, "")
}

// TryDestination queues a message that says that a destination works, and returns its key.
func (s *Service) TryDestination(ctx context.Context, id int64, by string) (key string, err error) {
	d, err := s.store.Destination(ctx, id)
	if err != nil {
		return "", err
	}
	key = "try " + rand.Text()
	_, err = s.Queue(ctx, Message{
		Key: key, Channel: d.Channel, Destination: id, Origin: Origin{Kind: "person"}, Subject: "Greenroom can write here",
		Text: "This is a test by " + by + ": Greenroom can write here.", State: Queued, CreatedAt: s.now(),
	})
	return key, err
}

// Address opens the address of a destination: of its webhook, or mail addresses with commas between.
func (s *Service) Address(ctx context.Context, id int64) (Destination, string, error) {
	d, err := s.store.Destination(ctx, id)
	if err != nil {
		return d, "", err
	}
	if !d.RemovedAt.IsZero() {
		return d, "", greenroom.Errorf(greenroom.CodeInvalid, "the destination %s was removed", d.Name)
	}
	address, err := s.seal.Open(d.Secret, placeOf(d.Name))
	if err != nil {
		return d, "", &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the address of " + d.Name + " cannot be opened; remove the destination and make it again", Err: err}
	}
	return d, string(address), nil
}

// Rules are the team's rules on writing to members.
func (s *Service) Rules(ctx context.Context) (consent.Rules, error) { return s.store.ContactRules(ctx) }

// SetRules sets them.
func (s *Service) SetRules(ctx context.Context, r consent.Rules, by string) error {
	if err := r.Validate(); err != nil {
		return err
	}
	if err := s.store.SetContactRules(ctx, r); err != nil {
		return fmt.Errorf("storing the rules on writing to members: %w", err)
	}
	return s.audit.Audit(ctx, by, "contact.rules", "rules on writing to members", "")
}

// Choose notes what a member chose, or what the team knows of it.
func (s *Service) Choose(ctx context.Context, member int64, c consent.Choice, by string) error {
	if c.Purpose != consent.All && !c.Purpose.Valid() {
		return greenroom.Errorf(greenroom.CodeInvalid, "there is no purpose %q", c.Purpose)
	}
	c.At, c.By = s.now(), by
	if err := s.store.SetChoice(ctx, member, c); err != nil {
		return fmt.Errorf("noting what a member chose: %w", err)
	}
	what := "contact.refuse"
	if c.Allowed {
		what = "contact.allow"
	}
	return s.audit.Audit(ctx, by, what, fmt.Sprintf("member %d", member), string(c.Purpose))
}

// Contact tells what is known of a member that matters to whether they may be written to.
func (s *Service) Contact(ctx context.Context, member int64) (Contact, error) {
	rules, err := s.store.ContactRules(ctx)
	if err != nil {
		return Contact{}, fmt.Errorf("reading the rules on writing to members: %w", err)
	}
	all, err := s.store.Contacts(ctx, []int64{member}, s.now().Add(-rules.Window()))
	return all[member], err
}

// May judges whether a message may go to its member now, for those who want to know before they write it.
func (s *Service) May(ctx context.Context, m *Message) (consent.Verdict, error) {
	rules, err := s.store.ContactRules(ctx)
	if err != nil {
		return consent.Verdict{}, fmt.Errorf("reading the rules on writing to members: %w", err)
	}
	now := s.now()
	all, err := s.store.Contacts(ctx, []int64{m.MemberID}, now.Add(-rules.Window()))
	if err != nil {
		return consent.Verdict{}, fmt.Errorf("reading whether a member may be written to: %w", err)
	}
	c := all[m.MemberID]
	return Judge(&rules, &c, m, now, s.zone()), nil
}
