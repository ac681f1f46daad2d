// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package tool

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/schedule"
	"greenroom/internal/task"
)

// remindBefore is how many days before the last day for notice the reminder is written. Short rhythms have it later, so that
// it is not always there.
func (r Rhythm) remindBefore() int {
	switch r {
	case Monthly:
		return 7
	case Quarterly:
		return 14
	default:
		return 30
	}
}

// watchEvery is how often renewals and sources are looked at.
const watchEvery = 10 * time.Minute

// Run looks after renewals and incidents until ctx ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		if _, err := s.Watch(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("looking after the stack", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Watch writes the reminders that are due, once each, and opens and ends incidents by how the sources are. It says how many
// reminders are new.
func (s *Service) Watch(ctx context.Context) (int, error) {
	all, err := s.store.Tools(ctx)
	if err != nil {
		return 0, err
	}
	if err := s.watchSources(ctx, all); err != nil {
		return 0, err
	}
	var tasks []task.Task
	var notices []task.Notice
	for i := range all {
		t := &all[i]
		r := t.next(s.today())
		if r == nil || r.Missed || r.Left > t.Every.remindBefore() {
			continue
		}
		until, err := schedule.ParseDate(r.Until)
		if err != nil {
			return 0, err
		}
		key := fmt.Sprintf("tool %d renewal %s", t.ID, r.Day)
		link := "/tools/" + strconv.FormatInt(t.ID, 10)
		title := fmt.Sprintf("%s renews on %s: keep it?", t.Name, r.Day)
		note := fmt.Sprintf("Notice can be given until %s.", r.Until)
		if t.Cost > 0 {
			note += fmt.Sprintf(" It costs %s %s each %s.", strconv.FormatFloat(t.Cost, 'f', -1, 64), t.Currency, t.Every)
		}
		tasks = append(tasks, task.Task{Key: key, Title: title, Note: note, Link: link, Origin: "tool", OriginID: t.ID, Owner: t.Owner, DueAt: (until + 1).Begin(s.now().Location()).Add(-time.Second), CreatedBy: "stack", CreatedAt: s.now()})
		if t.Owner != "" {
			notices = append(notices, task.Notice{Key: key, Person: t.Owner, Kind: "tool", Title: title, Text: note, Link: link})
		}
	}
	if len(tasks) == 0 {
		return 0, nil
	}
	return s.store.RemindTools(ctx, tasks, notices)
}

func (s *Service) watchSources(ctx context.Context, all []Tool) error {
	health, err := s.health(ctx)
	if err != nil {
		return err
	}
	var open []Incident
	for i := range all {
		t := &all[i]
		if !t.State.Paid() {
			continue
		}
		for _, name := range t.Sources {
			if h, is := health[name]; is && h.Health == Trouble {
				open = append(open, Incident{ToolID: t.ID, Source: name, From: s.now(), Note: h.Says, By: "stack"})
			}
		}
	}
	return s.store.SourceIncidents(ctx, open, s.now())
}

// ToolIncidents lists what happened to a tool, or with 0 to all, the newest first.
func (s *Service) ToolIncidents(ctx context.Context, tool int64) ([]Incident, error) {
	return s.store.ToolIncidents(ctx, tool)
}

// AddIncident writes down what happened to a tool. Without a day it was now; without an end it goes on.
func (s *Service) AddIncident(ctx context.Context, i Incident, by string) (Incident, error) {
	if _, err := s.Get(ctx, i.ToolID); err != nil {
		return i, err
	}
	i.Note = strings.TrimSpace(i.Note)
	if i.From.IsZero() {
		i.From = s.now()
	}
	switch {
	case i.Note == "" || utf8.RuneCountInString(i.Note) > maxText:
		return i, bad("say what happened, in at most %d characters", maxText)
	case !i.To.IsZero() && i.To.Before(i.From):
		return i, bad("an incident ends after it began")
	}
	i.ID, i.Source, i.By = 0, "", by
	return s.store.AddToolIncident(ctx, i)
}

// EndIncident says that an incident is over.
func (s *Service) EndIncident(ctx context.Context, id int64, by string) error {
	if err := s.store.EndToolIncident(ctx, id, s.now()); err != nil {
		return err
	}
	return s.audit.Audit(ctx, by, "tool.incident.end", "incident "+strconv.FormatInt(id, 10), "")
}

// Reviews lists reviews with their scorecards, the newest first.
func (s *Service) Reviews(ctx context.Context) ([]*Scorecard, error) {
	all, err := s.store.ToolReviews(ctx)
	if err != nil {
		return nil, err
	}
	cards := make([]*Scorecard, len(all))
	for i := range all {
		scores, err := s.store.ToolScores(ctx, all[i].ID)
		if err != nil {
			return nil, err
		}
		cards[i] = Card(all[i], scores)
	}
	return cards, nil
}

// Review gives a review's scorecard.
func (s *Service) Review(ctx context.Context, id int64) (*Scorecard, error) {
	r, err := s.store.ToolReview(ctx, id)
	if err != nil {
		return nil, err
	}
	scores, err := s.store.ToolScores(ctx, id)
	if err != nil {
		return nil, err
	}
	return Card(r, scores), nil
}

// AddReview begins a review.
func (s *Service) AddReview(ctx context.Context, d ReviewDraft, by string) (Review, error) {
	if err := d.Validate(); err != nil {
		return Review{}, err
	}
	r, err := s.store.KeepToolReview(ctx, Review{ReviewDraft: d, CreatedBy: by, CreatedAt: s.now()})
	if err != nil {
		return r, err
	}
	return r, s.audit.Audit(ctx, by, "vendor.review", "review "+strconv.FormatInt(r.ID, 10), d.Title)
}

// EditReview changes a review from the version that was looked at. Scores stay with criteria and candidates of the same key,
// or the same name where no key is sent.
func (s *Service) EditReview(ctx context.Context, id, version int64, d ReviewDraft, by string) (Review, error) {
	r, err := s.store.ToolReview(ctx, id)
	if err != nil {
		return r, err
	}
	if r.Verdict != nil {
		return r, greenroom.Errorf(greenroom.CodeConflict, "%q is decided; open it again before you change it", r.Title)
	}
	d.Keep(&r.ReviewDraft)
	if err := d.Validate(); err != nil {
		return r, err
	}
	r.ReviewDraft, r.Version = d, version
	if r, err = s.store.KeepToolReview(ctx, r); err != nil {
		return r, err
	}
	return r, s.audit.Audit(ctx, by, "vendor.edit", "review "+strconv.FormatInt(id, 10), d.Title)
}

// Give stores one person's scores; those of other people, and theirs that are not sent, stay.
func (s *Service) Give(ctx context.Context, id int64, all []Score, by string) (*Scorecard, error) {
	r, err := s.store.ToolReview(ctx, id)
	if err != nil {
		return nil, err
	}
	if r.Verdict != nil {
		return nil, greenroom.Errorf(greenroom.CodeConflict, "%q is decided; open it again before you give scores", r.Title)
	}
	candidates, criteria := make(map[string]bool), make(map[string]bool)
	for _, c := range r.Candidates {
		candidates[c.Key] = true
	}
	for _, c := range r.Criteria {
		criteria[c.Key] = true
	}
	for i := range all {
		x := &all[i]
		x.Note = strings.TrimSpace(x.Note)
		switch {
		case !candidates[x.Candidate]:
			return nil, bad("%q is no candidate of this review", x.Candidate)
		case !criteria[x.Criterion]:
			return nil, bad("%q is no criterion of this review", x.Criterion)
		case x.Score < -1 || x.Score > maxScore:
			return nil, bad("a score is from 0 to %d, not %d", maxScore, x.Score)
		case utf8.RuneCountInString(x.Note) > maxText:
			return nil, bad("a note has at most %d characters", maxText)
		}
		x.Person, x.At = by, s.now()
	}
	if err := s.store.KeepToolScores(ctx, id, all); err != nil {
		return nil, err
	}
	return s.Review(ctx, id)
}

// Decide records what was chosen; an empty reason with no candidate opens the review again.
func (s *Service) Decide(ctx context.Context, id, version int64, v Verdict, by string) (Review, error) {
	r, err := s.store.ToolReview(ctx, id)
	if err != nil {
		return r, err
	}
	v.Why, v.Objections = strings.TrimSpace(v.Why), strings.TrimSpace(v.Objections)
	known := v.Candidate == ""
	for _, c := range r.Candidates {
		known = known || c.Key == v.Candidate
	}
	reopen := v.Candidate == "" && v.Why == "" && r.Verdict != nil
	switch {
	case !known:
		return r, bad("%q is no candidate of this review", v.Candidate)
	case v.Why == "" && !reopen:
		return r, bad("say why it was decided so")
	case utf8.RuneCountInString(v.Why) > maxText || utf8.RuneCountInString(v.Objections) > maxText:
		return r, bad("a text has at most %d characters", maxText)
	}
	v.By, v.At = by, s.now()
	r.Verdict, r.Version = &v, version
	if reopen {
		r.Verdict = nil
	}
	if r, err = s.store.KeepToolReview(ctx, r); err != nil {
		return r, err
	}
	return r, s.audit.Audit(ctx, by, "vendor.decide", "review "+strconv.FormatInt(id, 10), v.Candidate)
}
