// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/task"
)

// byItself is who does what nobody had to ask for.
const byItself = "Greenroom"

// Deliver freezes a draft with its data and sends it to whom its report names, from the version that was looked at. Done twice,
// it is CodeConflict the second time, and nothing is sent twice.
func (s *Service) Deliver(ctx context.Context, id, version int64, by string) (Edition, error) {
	e, err := s.open(ctx, id, version)
	if err != nil {
		return e, err
	}
	return s.deliver(ctx, e, by)
}

func (s *Service) deliver(ctx context.Context, e Edition, by string) (Edition, error) {
	r, err := s.Store.Report(ctx, e.ReportID)
	if err != nil {
		return e, err
	}
	if s.Print == nil {
		return e, greenroom.Errorf(greenroom.CodeUnavailable, "reports cannot be delivered here")
	}
	messages, to, err := s.messages(ctx, &r, &e, by)
	if err != nil {
		return e, err
	}
	zone := e.Period.From.Location()
	e.DeliveredBy, e.DeliveredAt, e.Recipients, e.State = by, s.Now(), to, Delivered
	if e, err = s.Store.DeliverEdition(ctx, e, messages); err != nil {
		return e, fmt.Errorf("delivering %s: %w", r.Title, err)
	}
	e.Period = e.Period.in(zone)
	if s.Wake != nil {
		s.Wake()
	}
	return e, s.note(ctx, by, "report.deliver", fmt.Sprintf("report %d", r.ID), fmt.Sprintf("%s, to %d", e.Period.Key, len(to)))
}

// messages writes what goes out: a mail for each address, with the PDF, and a card for each destination, with a link.
func (s *Service) messages(ctx context.Context, r *Report, e *Edition, by string) (all []outbox.Message, to []string, err error) {
	if len(r.Schedule.Mail)+len(r.Schedule.Destinations) == 0 {
		return nil, nil, nil
	}
	pdf, err := s.Print.PDF(&e.Content)
	if err != nil {
		return nil, nil, fmt.Errorf("making the PDF: %w", err)
	}
	subject := e.Content.Title + ": " + e.Content.Period
	for _, address := range r.Schedule.Mail {
		link, err := s.linkFor(ctx, r, e, address, by)
		if err != nil {
			return nil, nil, err
		}
		text, html, pictures, err := s.Print.Mail(&e.Content, link)
		if err != nil {
			return nil, nil, fmt.Errorf("writing the mail: %w", err)
		}
		files := append(pictures, outbox.File{Name: FileName(&e.Content, "pdf"), Type: "application/pdf", Data: pdf})
		all = append(all, outbox.Message{
			Key: messageKey(e, "mail "+address), Channel: outbox.Email, Origin: outbox.Origin{Kind: "report", ID: r.ID, Run: e.ID}, To: address, Subject: subject, Text: text, HTML: html, Files: files,
			State: outbox.Queued, CreatedAt: s.Now(), ReplyTo: r.Owner,
		})
		to = append(to, address)
	}
	for _, id := range r.Schedule.Destinations {
		if s.Destinations == nil {
			break
		}
		d, err := s.Destinations(ctx, id)
		if err != nil || !d.RemovedAt.IsZero() { // the others get it all the same
			s.Log.Warn("a report's destination is gone", "report", r.ID, "destination", id, "error", err)
			continue
		}
		m, err := s.card(ctx, r, e, &d, subject, by)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, m)
		to = append(to, d.Name)
	}
	return all, to, nil
}

func messageKey(e *Edition, to string) string {
	return fmt.Sprintf("report/%d/%s/%s", e.ReportID, e.Period.Key, to)
}

// linkFor is the link in what goes to somebody: their own, so that it is known who opened it. "" where none is wanted, or it is
// not known where people reach it.
func (s *Service) linkFor(ctx context.Context, r *Report, e *Edition, to, by string) (string, error) {
	if r.Schedule.LinkDays == 0 || s.Links == nil {
		return "", nil
	}
	sh, err := s.share(ctx, e.ID, NewShare{Label: to, Days: r.Schedule.LinkDays}, messageKey(e, to), by)
	if greenroom.ErrorCode(err) == greenroom.CodeUnavailable {
		return "", nil
	}
	return sh.URL, err
}

func (s *Service) card(ctx context.Context, r *Report, e *Edition, d *outbox.Destination, subject, by string) (outbox.Message, error) {
	link, err := s.linkFor(ctx, r, e, d.Name, by)
	if err != nil {
		return outbox.Message{}, err
	}
	c := outbox.Card{Title: subject, URL: link, Foot: "For " + e.Content.For + ". Figures as of " + e.Content.MadeAt.In(e.Period.From.Location()).Format("2 January 2006, 15:04") + "."}
	for i := range e.Content.Blocks {
		b := &e.Content.Blocks[i]
		if f := b.Figure; f != nil && b.Block.Kind != Chart && len(c.Facts) < 8 {
			value := ValueText(f.Unit, f.Value)
			if change := ChangeText(f.Unit, f.Value, f.Previous); change != "" {
				value += " (" + change + ")"
			}
			c.Facts = append(c.Facts, outbox.CardFact{Label: b.Title, Value: value})
		}
		if b.Block.Kind == Text && c.Text == "" {
			c.Text = firstRunes(PlainText(b.Comment.Text), 600)
		}
	}
	if link != "" {
		c.Links = []outbox.CardLink{{Label: "Read the report", URL: link, Primary: true}}
	}
	data, err := c.Data()
	if err != nil {
		return outbox.Message{}, err
	}
	return outbox.Message{
		Key: messageKey(e, fmt.Sprintf("destination %d", d.ID)), Channel: d.Channel, Destination: d.ID, Origin: outbox.Origin{Kind: "report", ID: r.ID, Run: e.ID}, Subject: subject,
		Text: subject + "\n\n" + c.Markdown(), Data: data, State: outbox.Queued, CreatedAt: s.Now(),
	}, nil
}

func firstRunes(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return text
}

// PlainText is Markdown without its marks, for places that draw none.
func PlainText(markdown string) string {
	return strings.TrimSpace(strings.NewReplacer("**", "", "__", "", "`", "", "*", "", "### ", "", "## ", "", "# ", "").Replace(markdown))
}

// FileName is what a file of an edition is called.
func FileName(c *Content, extension string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(c.Title + " " + c.Period) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	text := strings.Trim(b.String(), "-")
	if text == "" {
		text = "report"
	}
	return text + "." + extension
}

// Due makes what is due now: drafts for reports whose editions a person looks at, deliveries for the others. One report that
// fails does not keep the others.
func (s *Service) Due(ctx context.Context) error {
	all, err := s.Store.Reports(ctx)
	if err != nil {
		return fmt.Errorf("looking for reports that are due: %w", err)
	}
	for i := range all {
		r := &all[i]
		if r.Archived || !r.Schedule.On {
			continue
		}
		if err := s.dueOne(ctx, r); err != nil {
			if ctx.Err() != nil {
				return err
			}
			s.Log.Error("making a report that is due", "report", r.ID, "error", err)
		}
	}
	return nil
}

func (s *Service) dueOne(ctx context.Context, r *Report) error {
	now := s.Now().In(s.zone(r.Zone))
	p := r.Rhythm.Last(now)
	due := r.Schedule.due(p)
	if now.Before(due) || r.Since.After(due) {
		return nil
	}
	var tasks []task.Task
	if r.Schedule.Review {
		tasks = []task.Task{{
			Key: fmt.Sprintf("report/%d/%s", r.ID, p.Key), Title: "Look at " + r.Title + ", " + p.Label() + ", and deliver it", Note: "It is drafted with its figures and comments. Edit what you like; it goes out when you deliver it.",
			Link: fmt.Sprintf("/reports/%d", r.ID), Origin: "report", OriginID: r.ID, Owner: r.Owner, DueAt: due.Add(24 * time.Hour), CreatedBy: byItself,
		}}
	}
	e, err := s.draft(ctx, r, p, byItself, tasks)
	if errors.Is(err, errNotRead) {
		return nil // the next look may find it
	}
	if err != nil || e.State == Delivered || r.Schedule.Review {
		return err
	}
	_, err = s.deliver(ctx, e, byItself)
	if greenroom.ErrorCode(err) == greenroom.CodeConflict { // somebody else was first
		return nil
	}
	return err
}

// dueEvery is how often it is looked whether a report is due.
const dueEvery = time.Minute

// Run makes reports as they come due, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(dueEvery)
	defer tick.Stop()
	for {
		if err := s.Due(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("making reports that are due", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
