// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
	"greenroom/internal/task"
)

const origin = "event"

// talkDays is for how long after an event it is looked who speaks of it.
const talkDays = 14

// Figures says what an event got.
func (s *Service) Figures(ctx context.Context, id int64) (Figures, error) {
	e, err := s.Store.EventByID(ctx, id)
	if err != nil {
		return Figures{}, err
	}
	zone := s.Zone()
	now := s.Now()
	f := Figures{Counts: e.Counts, Days: talkDays}
	from, to := e.Start.In(zone), e.Start.In(zone).AddDate(0, 0, talkDays)
	span := from.Format(time.DateOnly) + ".." + to.Format(time.DateOnly)
	f.TalkQuery, f.SignQuery = talkQuery(&e)+" occurred:"+span+" -source:"+sourcePlatform, "first_active:"+span+" -is:staff -is:bot"
	if now.Before(e.Start) {
		return f, nil
	}
	f.StillToRun = now.Before(to)
	if all := e.Counts.Attended + e.Counts.Missed + e.Counts.Registered; all > 0 && !now.Before(e.End) {
		share := float64(e.Counts.Attended) / float64(all)
		f.Share = &share
	}
	fresh, err := s.Store.EventPeople(ctx, PeopleFilter{Event: id, States: []Presence{Attended}, New: true, Limit: 1 << 30})
	if err != nil {
		return f, fmt.Errorf("reading who is new: %w", err)
	}
	f.New = int64(len(fresh))
	if f.Talk, err = s.count(ctx, query.Activities, f.TalkQuery); err != nil {
		return f, fmt.Errorf("counting what was said of event %d: %w", id, err)
	}
	if f.SignUps, err = s.count(ctx, query.Members, f.SignQuery); err != nil {
		return f, fmt.Errorf("counting new members after event %d: %w", id, err)
	}
	return f, nil
}

func (s *Service) count(ctx context.Context, e query.Entity, text string) (*int64, error) {
	q, err := query.Parse(s.schemas[e], text)
	if err != nil {
		return nil, fmt.Errorf("reading %q: %w", text, err)
	}
	n, err := s.Store.CountAll(ctx, e, q)
	return &n, err
}

// talkQuery asks for what names the event's title or link.
func talkQuery(e *Event) string {
	phrase := func(text string) string {
		return `"` + strings.Join(strings.Fields(strings.Map(func(r rune) rune {
			if r == '"' || r == '\\' || r == '“' || r == '”' || r < ' ' {
				return ' '
			}
			return r
		}, text)), " ") + `"`
	}
	if _, rest, ok := strings.Cut(e.Link, "://"); ok && strings.Contains(rest, "/") { // a bare domain would find everything
		return "(" + phrase(e.Title) + " or " + phrase(strings.TrimRight(rest, "/")) + ")"
	}
	return phrase(e.Title)
}

// FollowUp makes the tasks that follow an event; making them again changes nothing.
func (s *Service) FollowUp(ctx context.Context, id int64, by string) (added int, err error) {
	e, err := s.Store.EventByID(ctx, id)
	if err != nil {
		return 0, err
	}
	var all []task.Task
	for i, step := range []struct {
		days  int
		title string
	}{
		{0, "Import who came to " + e.Title}, {1, "Thank the speakers of " + e.Title}, {1, "Write to those who came to " + e.Title}, {2, "Write to those who missed " + e.Title}, {3, "Share the recording and slides of " + e.Title}, {talkDays, "Look at what " + e.Title + " got"},
	} {
		all = append(all, task.Task{
			Key: fmt.Sprintf("event/%d/follow/%d", id, i), Title: step.title, Link: fmt.Sprintf("/events/%d", id), Origin: origin, OriginID: id, Owner: e.Owner, DueAt: e.End.AddDate(0, 0, step.days), CreatedBy: by,
		})
	}
	if added, err = s.Store.AddTasks(ctx, all...); err != nil {
		return 0, fmt.Errorf("making the tasks that follow event %d: %w", id, err)
	}
	return added, s.Audit.Audit(ctx, by, "event.follow", fmt.Sprintf("event %d", id), "")
}

// Note is a message to people of an event. {name} in it is who reads it.
type Note struct {
	To      []Presence `json:"to"` // such as attended, or missed
	Subject string     `json:"subject"`
	Text    string     `json:"text"`          // Markdown
	Now     bool       `json:"now,omitempty"` // sent at once; otherwise drafts wait in the outbox
}

// Sent says what became of a message to many.
type Sent struct {
	Queued  int  `json:"queued"`
	Drafts  bool `json:"drafts"`
	Unknown int  `json:"unknown"` // who is no member, or of whom no address is known: they are not written to
}

// Write writes a mail to people of an event. Only members are written to, because of them it is known whether they want it.
func (s *Service) Write(ctx context.Context, id int64, n Note, by string) (Sent, error) {
	out := Sent{Drafts: !n.Now}
	e, err := s.Store.EventByID(ctx, id)
	if err != nil {
		return out, err
	}
	if strings.TrimSpace(n.Subject) == "" || strings.TrimSpace(n.Text) == "" || len(n.To) == 0 {
		return out, invalid("a message needs a subject, a text, and whom it is for")
	}
	if s.Sender == nil {
		return out, greenroom.Errorf(greenroom.CodeUnavailable, "messages are not sent from here")
	}
	people, err := s.Store.EventPeople(ctx, PeopleFilter{Event: id, States: n.To, Limit: 1 << 30})
	if err != nil {
		return out, fmt.Errorf("reading who came: %w", err)
	}
	state := outbox.Draft
	if n.Now {
		state = outbox.Queued
	}
	batch := rand.Text()
	var all []outbox.Message
	for i := range people {
		r := &people[i]
		if r.MemberID == 0 || r.Address == "" {
			out.Unknown++
			continue
		}
		m := outbox.Message{
			Key: fmt.Sprintf("event/%d/%s/%d", id, batch, r.MemberID), Channel: outbox.Email, Purpose: consent.Event, Origin: outbox.Origin{Kind: origin, ID: id}, MemberID: r.MemberID, To: r.Address,
			Subject: personal(n.Subject, r.Called()), Text: personal(n.Text, r.Called()), State: state,
		}
		if strings.Contains(e.Owner, "@") {
			m.ReplyTo = e.Owner
		}
		all = append(all, m)
	}
	if len(all) == 0 {
		return out, nil
	}
	if out.Queued, err = s.Sender().Queue(ctx, all...); err != nil {
		return out, fmt.Errorf("writing to people of event %d: %w", id, err)
	}
	return out, s.Audit.Audit(ctx, by, "event.write", fmt.Sprintf("event %d", id), fmt.Sprintf("%d messages", out.Queued))
}

// personal puts a name into a text.
func personal(text, name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	if first == "" || strings.Contains(first, "@") {
		first = "there"
	}
	return strings.ReplaceAll(text, "{name}", first)
}
