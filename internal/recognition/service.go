// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package recognition

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
)

// Store keeps decisions, and finds in the facts what they are about.
type Store interface {
	Helping
	Milestones
	Testimonials
	Mailing
}

// Helping finds help that went without thanks.
type Helping interface {
	// Unthanked lists help from since until until after which nobody thanked, and which nobody has decided about: the latest
	// first, at most limit.
	Unthanked(ctx context.Context, since, until time.Time, limit int) ([]Help, error)
	// HelpOf is one answer with who gave it and who had asked. CodeNotFound where the activity is no answer of a member.
	HelpOf(ctx context.Context, activity int64) (Help, error)
	// Thank notes what was done about an answer, and stores the draft where there is one. Once decided it stays: CodeConflict.
	Thank(ctx context.Context, activity, member int64, o Outcome, draft *outbox.Message, by string) error
	// Unthank takes back that an answer was marked as thanked. CodeConflict where a message was drafted.
	Unthank(ctx context.Context, activity int64) error
}

// Milestones finds what members have reached.
type Milestones interface {
	// Reached lists the milestones of a kind that were reached from since until until, the latest first.
	Reached(ctx context.Context, k Kind, levels []int64, since, until time.Time) ([]Milestone, error)
	// SeeTo notes what was done about a milestone, and stores the draft where there is one. Once decided it stays: CodeConflict.
	SeeTo(ctx context.Context, m *Milestone, o Outcome, draft *outbox.Message, by string) error
	// Unsee takes back that a milestone was marked. CodeConflict where a message was drafted.
	Unsee(ctx context.Context, member int64, k Kind, level int64) error
}

// Mailing is what is needed to write to members, and the settings.
type Mailing interface {
	// ReachableBy gives the mail addresses of members by which they can be reached; those who have none are left out.
	ReachableBy(ctx context.Context, members []int64) (map[int64]string, error)
	Contacts(ctx context.Context, members []int64, since time.Time) (map[int64]outbox.Contact, error)
	ContactRules(ctx context.Context) (consent.Rules, error)
	RecognitionSettings(ctx context.Context) (Settings, error)
	SetRecognitionSettings(ctx context.Context, set Settings) error
}

// Links makes the links that testimonials are asked for by; front.Links does.
type Links interface {
	Testimonial(ctx context.Context, id int64) (string, error)
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Service finds whom to thank and what may be quoted, and does something about it.
type Service struct {
	store Store
	links Links
	audit Auditor
	log   *slog.Logger
	now   func() time.Time
	zone  func() *time.Location // in which weeks begin
}

// New returns the service.
func New(store Store, links Links, audit Auditor, log *slog.Logger, now func() time.Time, zone func() *time.Location) *Service {
	return &Service{store: store, links: links, audit: audit, log: log, now: now, zone: zone}
}

// Settings are what counts, and how the team writes.
func (s *Service) Settings(ctx context.Context) (Settings, error) {
	return s.store.RecognitionSettings(ctx)
}

// SetSettings sets them.
func (s *Service) SetSettings(ctx context.Context, set Settings, by string) error {
	if err := set.Validate(); err != nil {
		return err
	}
	if err := s.store.SetRecognitionSettings(ctx, set); err != nil {
		return fmt.Errorf("storing the settings of recognition: %w", err)
	}
	return s.audit.Audit(ctx, by, "recognition.settings", "recognition", "")
}

// grace is how long people have to say thanks themselves.
const grace = 24 * time.Hour

// mostHelp is how many answers are looked at.
const mostHelp = 1000

// Unthanked lists help of the last days that went without thanks, ranked; 0 days = as it is set.
func (s *Service) Unthanked(ctx context.Context, days int) ([]Help, error) {
	if days == 0 {
		set, err := s.store.RecognitionSettings(ctx)
		if err != nil {
			return nil, err
		}
		days = set.Days
	}
	if days < 1 || days > maxDays {
		return nil, greenroom.FieldErrorf("days", "the days that are looked back are from 1 to %d, not %d", maxDays, days)
	}
	now := s.now()
	all, err := s.store.Unthanked(ctx, now.AddDate(0, 0, -days), now.Add(-grace), mostHelp)
	if err != nil {
		return nil, fmt.Errorf("looking for help without thanks: %w", err)
	}
	Rank(all)
	return all, nil
}

// Thank drafts a thank-you to whoever gave an answer, or marks the answer as thanked.
func (s *Service) Thank(ctx context.Context, activity int64, o Outcome, by string) (Help, error) {
	if !o.Valid() {
		return Help{}, greenroom.Errorf(greenroom.CodeInvalid, "expected %q or %q", Drafted, Marked)
	}
	h, err := s.store.HelpOf(ctx, activity)
	if err != nil {
		return h, err
	}
	var draft *outbox.Message
	if o == Drafted {
		set, err := s.store.RecognitionSettings(ctx)
		if err != nil {
			return h, err
		}
		draft = &outbox.Message{
			Key: "thanks " + strconv.FormatInt(activity, 10), Origin: outbox.Origin{Kind: origin, ID: activity, Step: "thanks"}, Subject: "Thank you",
			Text: fill(set.Thanks, map[string]string{"first_name": h.Helper.First(), "name": h.Helper.Name, "asker": h.Asker.Name, "title": h.Title, "url": h.URL}),
		}
		if err := s.address(ctx, draft, &h.Helper); err != nil {
			return h, err
		}
	}
	if err := s.store.Thank(ctx, activity, h.Helper.ID, o, draft, by); err != nil {
		return h, fmt.Errorf("thanking for activity %d: %w", activity, err)
	}
	return h, s.audit.Audit(ctx, by, "recognition.thank", fmt.Sprintf("activity %d", activity), string(o))
}

// Unthank takes back that an answer was marked as thanked.
func (s *Service) Unthank(ctx context.Context, activity int64, by string) error {
	if err := s.store.Unthank(ctx, activity); err != nil {
		return fmt.Errorf("taking back thanks for activity %d: %w", activity, err)
	}
	return s.audit.Audit(ctx, by, "recognition.unthank", fmt.Sprintf("activity %d", activity), "")
}

// origin is what recognition is called in the outbox and among tasks.
const origin = "recognition"

// address makes a message one to a member by mail, as a draft for care, and says at once where it could never be sent.
func (s *Service) address(ctx context.Context, m *outbox.Message, to *Person) error {
	all, err := s.store.ReachableBy(ctx, []int64{to.ID})
	if err != nil {
		return fmt.Errorf("looking for an address of member %d: %w", to.ID, err)
	}
	if all[to.ID] == "" {
		return greenroom.Errorf(greenroom.CodeInvalid, "no mail address of %s is known that takes mail; write to them where they are, and mark it then", to.Name)
	}
	m.Channel, m.Purpose, m.MemberID, m.To, m.State, m.CreatedAt = outbox.Email, consent.Care, to.ID, all[to.ID], outbox.Draft, s.now()
	rules, err := s.store.ContactRules(ctx)
	if err != nil {
		return fmt.Errorf("reading the rules on writing to members: %w", err)
	}
	contacts, err := s.store.Contacts(ctx, []int64{to.ID}, m.CreatedAt.Add(-rules.Window()))
	if err != nil {
		return fmt.Errorf("reading whether a member may be written to: %w", err)
	}
	c := contacts[to.ID]
	if v := outbox.Judge(&rules, &c, m, m.CreatedAt, s.zone()); !v.May && v.At.IsZero() {
		return greenroom.Errorf(greenroom.CodeConflict, "%s cannot be written to: %s", to.Name, v.Reason)
	}
	return m.Validate()
}
