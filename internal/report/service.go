// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/task"
)

// Store keeps reports, their editions, and who looks at them.
type Store interface {
	// Reports lists all, the oldest first.
	Reports(ctx context.Context) ([]Report, error)
	Report(ctx context.Context, id int64) (Report, error)
	AddReport(ctx context.Context, r Report) (Report, error)
	// ChangeReport stores a report whose version is still the one it was read with. CodeConflict where somebody was first.
	ChangeReport(ctx context.Context, r Report) (Report, error)
	EditionStore
	ShareStore
}

// EditionStore keeps editions.
type EditionStore interface {
	// Editions lists those of a report, the newest period first.
	Editions(ctx context.Context, report int64) ([]Edition, error)
	Edition(ctx context.Context, id int64) (Edition, error)
	// AddEdition stores a draft with the tasks that follow from it, unless there is an edition of its period; then that one is
	// given back.
	AddEdition(ctx context.Context, e Edition, tasks []task.Task) (stored Edition, added bool, err error)
	// ChangeEdition stores a draft whose version is still the one it was read with. CodeConflict where it is not, or was
	// delivered.
	ChangeEdition(ctx context.Context, e Edition) (Edition, error)
	// DeliverEdition freezes a draft and queues its messages in one transaction. CodeConflict as ChangeEdition.
	DeliverEdition(ctx context.Context, e Edition, messages []outbox.Message) (Edition, error)
}

// ShareStore keeps links and who opened them.
type ShareStore interface {
	// AddShare stores a link; one with the same key is given back as it is.
	AddShare(ctx context.Context, s Share) (Share, error)
	Shares(ctx context.Context, edition int64) ([]Share, error)
	Share(ctx context.Context, id int64) (Share, error)
	RevokeShare(ctx context.Context, id int64, at time.Time) error
	NoteOpening(ctx context.Context, o Opening) error
	// Openings lists who looked at an edition, the newest first.
	Openings(ctx context.Context, edition int64) ([]Opening, error)
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Links makes links that open without signing in; front.Links does.
type Links interface {
	Report(ctx context.Context, share int64, until time.Time) (string, error)
}

// Printer writes an edition for mail; package paper does.
type Printer interface {
	PDF(c *Content) ([]byte, error)
	// Mail writes the plain text and the HTML of a mail, and the pictures in it. link is where it can be seen; "" = nowhere.
	Mail(c *Content, link string) (text, html string, pictures []outbox.File, err error)
}

// Config is what the service needs.
type Config struct {
	Store        Store
	Filler       *Filler
	Links        Links   // nil = there are no links
	Print        Printer // nil = nothing is delivered
	Destinations func(ctx context.Context, id int64) (outbox.Destination, error)
	Audit        Auditor
	Wake         func() // has messages sent at once; nil = they go with the next round
	Log          *slog.Logger
	Now          func() time.Time
	Zone         func() *time.Location // of the community
	Community    string
	Base         string // where people who sign in reach Greenroom; "" = not known
}

// Service makes reports and delivers them.
type Service struct {
	Config

	hashes chan struct{} // passwords that are checked at the moment
}

// New makes the service.
func New(c Config) *Service {
	if c.Community == "" {
		c.Community = "Community"
	}
	return &Service{Config: c, hashes: make(chan struct{}, hashesAtOnce)}
}

// List lists the reports, the oldest first.
func (s *Service) List(ctx context.Context) ([]Report, error) { return s.Store.Reports(ctx) }

// Get finds a report.
func (s *Service) Get(ctx context.Context, id int64) (Report, error) { return s.Store.Report(ctx, id) }

// Measures lists the measures of the business that can be shown; none while there are no such measures.
func (s *Service) Measures(ctx context.Context) ([]MeasureInfo, error) {
	if s.Filler == nil || s.Filler.parts.Measures == nil {
		return nil, nil
	}
	return s.Filler.parts.Measures(ctx)
}

// Add makes a report.
func (s *Service) Add(ctx context.Context, d Draft, by string) (Report, error) {
	if err := d.Validate(); err != nil {
		return Report{}, err
	}
	r := Report{Draft: d, CreatedBy: by, CreatedAt: s.Now()}
	if d.Schedule.On {
		r.Since = s.Now()
	}
	r, err := s.Store.AddReport(ctx, r)
	if err != nil {
		return r, fmt.Errorf("making a report: %w", err)
	}
	return r, s.note(ctx, by, "report.add", fmt.Sprintf("report %d", r.ID), r.Title)
}

// Edit changes a report from the version that it was looked at in.
func (s *Service) Edit(ctx context.Context, id, version int64, d Draft, by string) (Report, error) {
	if err := d.Validate(); err != nil {
		return Report{}, err
	}
	return s.change(ctx, id, version, by, "report.change", func(r *Report) {
		switch {
		case !d.Schedule.On:
			r.Since = time.Time{}
		case !r.Schedule.On || r.Rhythm != d.Rhythm:
			r.Since = s.Now()
		}
		r.Draft = d
	})
}

// Archive puts a report away, or takes it out again. What was delivered stays.
func (s *Service) Archive(ctx context.Context, id, version int64, away bool, by string) (Report, error) {
	what := "report.archive"
	if !away {
		what = "report.restore"
	}
	return s.change(ctx, id, version, by, what, func(r *Report) {
		r.Archived = away
		if r.Schedule.On {
			r.Since = s.Now()
		}
	})
}

func (s *Service) change(ctx context.Context, id, version int64, by, what string, alter func(r *Report)) (Report, error) {
	r, err := s.Store.Report(ctx, id)
	if err != nil {
		return r, err
	}
	if r.Version != version {
		return r, greenroom.Errorf(greenroom.CodeConflict, "%q was changed meanwhile; look at it again before you change it. Nothing was overwritten", r.Title)
	}
	alter(&r)
	r.ChangedBy, r.ChangedAt = by, s.Now()
	if r, err = s.Store.ChangeReport(ctx, r); err != nil {
		return r, fmt.Errorf("changing a report: %w", err)
	}
	return r, s.note(ctx, by, what, fmt.Sprintf("report %d", r.ID), r.Title)
}

func (s *Service) note(ctx context.Context, by, what, target, detail string) error {
	if err := s.Audit.Audit(ctx, by, what, target, detail); err != nil {
		return fmt.Errorf("writing the audit log: %w", err)
	}
	return nil
}

// zone is where a report's periods begin.
func (s *Service) zone(name string) *time.Location {
	if name != "" {
		if z, err := time.LoadLocation(name); err == nil {
			return z
		}
	}
	return s.Zone()
}

// Editions lists those of a report, the newest period first.
func (s *Service) Editions(ctx context.Context, id int64) ([]Edition, error) {
	return s.Store.Editions(ctx, id)
}

// Edition finds an edition. Quotes that were taken back since are not in it any more.
func (s *Service) Edition(ctx context.Context, id int64) (Edition, error) {
	e, err := s.Store.Edition(ctx, id)
	if err != nil {
		return e, err
	}
	e.Period = e.Period.in(s.zone(e.Content.Zone))
	return e, s.consented(ctx, &e.Content)
}

func (p Period) in(zone *time.Location) Period {
	p.From, p.To = p.From.In(zone), p.To.In(zone)
	return p
}

// consented takes out the words of quotes that may not be used any more.
func (s *Service) consented(ctx context.Context, c *Content) error {
	var may map[int64]bool
	for i := range c.Blocks {
		for j := range c.Blocks[i].Quotes {
			q := &c.Blocks[i].Quotes[j]
			if may == nil {
				may = make(map[int64]bool)
				if s.Filler != nil && s.Filler.parts.Quotes != nil {
					all, err := s.Filler.parts.Quotes(ctx)
					if err != nil {
						return fmt.Errorf("asking who may be quoted: %w", err)
					}
					for k := range all {
						may[all[k].Testimonial] = true
					}
				}
			}
			if !may[q.Testimonial] {
				*q = Quote{Testimonial: q.Testimonial, Withdrawn: true}
			}
		}
	}
	return nil
}

// Preview computes what a report would show for a period, without storing anything. "" is the last whole period.
func (s *Service) Preview(ctx context.Context, d Draft, period string) (Content, Period, error) {
	if err := d.Validate(); err != nil {
		return Content{}, Period{}, err
	}
	zone := s.zone(d.Zone)
	p := d.Rhythm.Last(s.Now().In(zone))
	if period != "" {
		var err error
		if p, err = d.Rhythm.ParsePeriod(period, zone); err != nil {
			return Content{}, p, err
		}
	}
	if p.From.After(s.Now()) {
		return Content{}, p, greenroom.Errorf(greenroom.CodeInvalid, "%s has not begun yet", p.Label())
	}
	c, err := s.compute(ctx, &d, p)
	return c, p, err
}

func (s *Service) compute(ctx context.Context, d *Draft, p Period) (Content, error) {
	c := Content{Title: d.Title, Community: s.Community, For: d.For.Label(), Period: p.Label(), Zone: p.From.Location().String(), MadeAt: s.Now()}
	var err error
	if c.Blocks, c.AsOf, err = s.Filler.Fill(ctx, d.Blocks, d.Rhythm, p); err != nil {
		return c, fmt.Errorf("computing %s: %w", d.Title, err)
	}
	return c, nil
}

// Make drafts the edition of a period, or gives the one that there is. "" is the last whole period.
func (s *Service) Make(ctx context.Context, id int64, period, by string) (Edition, error) {
	r, err := s.Store.Report(ctx, id)
	if err != nil {
		return Edition{}, err
	}
	zone := s.zone(r.Zone)
	p := r.Rhythm.Last(s.Now().In(zone))
	if period != "" {
		if p, err = r.Rhythm.ParsePeriod(period, zone); err != nil {
			return Edition{}, err
		}
	}
	if p.To.After(s.Now()) {
		return Edition{}, greenroom.Errorf(greenroom.CodeInvalid, "%s is not over yet; an edition is about a whole period", p.Label())
	}
	return s.draft(ctx, &r, p, by, nil)
}

// errNotRead is that the figures do not reach up to the end of a period yet.
var errNotRead = errors.New("not all of the period is read yet")

// patience is how long what is made by itself waits for figures that reach up to the end of the period. In a quiet community
// nothing may come in after it; then they never do.
const patience = 6 * time.Hour

// draft makes the edition of a period, or gives the one that there is. What is made by itself waits a while until all of the
// period is read, such as after a start.
func (s *Service) draft(ctx context.Context, r *Report, p Period, by string, tasks []task.Task) (Edition, error) {
	have, err := s.Store.Editions(ctx, r.ID)
	if err != nil {
		return Edition{}, err
	}
	for i := range have {
		if have[i].Period.Key == p.Key {
			return s.Edition(ctx, have[i].ID)
		}
	}
	c, err := s.compute(ctx, &r.Draft, p)
	if err != nil {
		return Edition{}, err
	}
	if by == byItself && !c.read(p.To) && s.Now().Before(r.Schedule.due(p).Add(patience)) {
		return Edition{}, errNotRead
	}
	e, added, err := s.Store.AddEdition(ctx, Edition{ReportID: r.ID, State: Drafted, Period: p, Content: c, CreatedBy: by, CreatedAt: s.Now()}, tasks)
	if err != nil {
		return e, fmt.Errorf("drafting %s: %w", r.Title, err)
	}
	e.Period = e.Period.in(p.From.Location())
	if !added {
		return e, nil
	}
	return e, s.note(ctx, by, "report.draft", fmt.Sprintf("report %d", r.ID), p.Key)
}

// read reports whether the figures reach up to a time.
func (c *Content) read(to time.Time) bool {
	figures := slices.ContainsFunc(c.Blocks, func(b Filled) bool { return b.Figure != nil || b.Block.Kind == Breakdown })
	return !figures || !c.AsOf.Before(to)
}

// Comments are what somebody writes beside blocks, by their ids. An empty text takes the edit back: what follows by rule
// stands there again.
type Comments map[string]string

// Write edits the comments of a draft, from the version that it was looked at in.
func (s *Service) Write(ctx context.Context, id, version int64, words Comments, by string) (Edition, error) {
	e, err := s.open(ctx, id, version)
	if err != nil {
		return e, err
	}
	known := make(map[string]bool)
	for i := range e.Content.Blocks {
		b := &e.Content.Blocks[i]
		known[b.Block.ID] = true
		text, given := words[b.Block.ID]
		text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
		if !given || text == strings.TrimSpace(b.Comment.Text) {
			continue
		}
		if utf8.RuneCountInString(text) > maxText {
			return e, greenroom.Errorf(greenroom.CodeInvalid, "a text has at most %d characters", maxText)
		}
		own := b.Comment.Rule
		if b.Block.Text != "" && (b.Block.Kind == Text || b.Block.Kind == Unknown) {
			own = b.Block.Text
		}
		if text == "" {
			b.Comment.Text, b.Comment.Edited, b.Comment.By = own, false, ""
			continue
		}
		b.Comment.Text, b.Comment.Edited, b.Comment.By = text, true, by
	}
	for id := range words {
		if !known[id] {
			return e, greenroom.Errorf(greenroom.CodeInvalid, "the edition has no block %q", id)
		}
	}
	return s.keep(ctx, e, by)
}

// Refresh computes a draft anew, with the blocks that its report has now, and keeps what people wrote.
func (s *Service) Refresh(ctx context.Context, id, version int64, by string) (Edition, error) {
	e, err := s.open(ctx, id, version)
	if err != nil {
		return e, err
	}
	r, err := s.Store.Report(ctx, e.ReportID)
	if err != nil {
		return e, err
	}
	edited := make(map[string]Comment)
	for i := range e.Content.Blocks {
		if b := &e.Content.Blocks[i]; b.Comment.Edited {
			edited[b.Block.ID] = b.Comment
		}
	}
	d := r.Draft
	d.Rhythm = rhythmOf(e.Period.Key)
	c, err := s.compute(ctx, &d, e.Period)
	if err != nil {
		return e, err
	}
	for i := range c.Blocks {
		b := &c.Blocks[i]
		if was, ok := edited[b.Block.ID]; ok {
			b.Comment.Text, b.Comment.Edited, b.Comment.By = was.Text, true, was.By
		}
	}
	e.Content = c
	return s.keep(ctx, e, by)
}

// rhythmOf tells the rhythm from the key of a period, which outlasts that the report's is changed.
func rhythmOf(key string) Rhythm {
	switch {
	case strings.Contains(key, "W"):
		return Weekly
	case strings.Contains(key, "Q"):
		return Quarterly
	default:
		return Monthly
	}
}

// open finds a draft in the version that somebody looked at.
func (s *Service) open(ctx context.Context, id, version int64) (Edition, error) {
	e, err := s.Edition(ctx, id)
	switch {
	case err != nil:
	case e.State != Drafted:
		err = greenroom.Errorf(greenroom.CodeConflict, "this edition was delivered on %s and is frozen; restate it to see what is known today", e.DeliveredAt.In(e.Period.From.Location()).Format("2 January 2006"))
	case e.Version != version:
		err = greenroom.Errorf(greenroom.CodeConflict, "this edition was changed meanwhile; look at it again before you change it. Nothing was overwritten")
	}
	return e, err
}

func (s *Service) keep(ctx context.Context, e Edition, by string) (Edition, error) {
	e.EditedBy, e.EditedAt = by, s.Now()
	zone := e.Period.From.Location()
	e, err := s.Store.ChangeEdition(ctx, e)
	if err != nil {
		return e, fmt.Errorf("changing an edition: %w", err)
	}
	e.Period = e.Period.in(zone)
	return e, s.note(ctx, by, "report.edit", fmt.Sprintf("report %d", e.ReportID), e.Period.Key)
}

// Restate computes the figures of an edition again, with the same arguments, and sets both values side by side. Nothing is
// stored.
func (s *Service) Restate(ctx context.Context, id int64) ([]Restated, error) {
	e, err := s.Edition(ctx, id)
	if err != nil {
		return nil, err
	}
	var blocks []Block
	for i := range e.Content.Blocks {
		if b := &e.Content.Blocks[i]; b.Figure != nil || b.Block.Kind == Breakdown {
			blocks = append(blocks, b.Block)
		}
	}
	now, _, err := s.Filler.Fill(ctx, blocks, rhythmOf(e.Period.Key), e.Period)
	if err != nil {
		return nil, fmt.Errorf("computing an edition again: %w", err)
	}
	then := make(map[string]*Filled)
	for i := range e.Content.Blocks {
		then[e.Content.Blocks[i].Block.ID] = &e.Content.Blocks[i]
	}
	all := []Restated{}
	for i := range now {
		all = append(all, restated(then[now[i].Block.ID], &now[i])...)
	}
	return all, nil
}

func restated(then, now *Filled) []Restated {
	same := func(a, b *float64) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }
	var all []Restated
	if then.Figure != nil {
		x := Restated{Block: then.Block.ID, Label: then.Title, Unit: then.Figure.Unit, Then: then.Figure.Value}
		if now.Figure != nil {
			x.Now = now.Figure.Value
		}
		x.Same = same(x.Then, x.Now)
		all = append(all, x)
	}
	if then.Block.Kind != Breakdown || then.Table == nil {
		return all
	}
	values := make(map[string]*float64)
	if now.Table != nil {
		for i := range now.Table.Rows {
			values[now.Table.Rows[i].Cells[0]] = now.Table.Rows[i].Values[1]
		}
	}
	for i := range then.Table.Rows {
		r := &then.Table.Rows[i]
		x := Restated{Block: then.Block.ID, Label: then.Title + ": " + r.Cells[0], Then: r.Values[1], Now: values[r.Cells[0]]}
		if m, err := lookupUnit(then.Block.Metric); err == nil {
			x.Unit = m
		}
		x.Same = same(x.Then, x.Now)
		all = append(all, x)
	}
	return all
}
