// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package recognition

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/task"
	"greenroom/internal/text/prose"
)

// Testimonials keeps what may be quoted, and finds candidates.
type Testimonials interface {
	// Appreciation lists positive praise by members since a time that nothing was decided about, the latest first, at most
	// limit. A filter's State, Product and Below do not matter.
	Appreciation(ctx context.Context, f Filter, since time.Time, limit int) ([]Testimonial, error)
	// TestimonialList lists what was decided about, the newest first.
	TestimonialList(ctx context.Context, f Filter) ([]Testimonial, error)
	// TestimonialOf finds one by its id, with its proof, or by its activity where id is 0.
	TestimonialOf(ctx context.Context, id, activity int64) (Testimonial, error)
	// KeepTestimonial gives an activity's testimonial its row, unless it has one, and returns its id.
	KeepTestimonial(ctx context.Context, t *Testimonial) (int64, error)
	TestimonialSteps
}

// TestimonialSteps changes testimonials. Each change is one transaction.
type TestimonialSteps interface {
	// StepTestimonial brings a testimonial that is in one of from to the state that the event names, with its words where the
	// event has some, and stores the event, messages and tasks with it. CodeConflict where it is in another state.
	StepTestimonial(ctx context.Context, id int64, from []State, step Step) error
	UseTestimonial(ctx context.Context, u Use) (Use, error)
	// EndUse notes that it is not used any more in a place.
	EndUse(ctx context.Context, testimonial, use int64) error
}

// Step is a change of a testimonial.
type Step struct {
	To        State
	Event     Event
	ExpiresAt time.Time       // with Asked
	Message   *outbox.Message // with Asked
	Tasks     []task.Task
}

// How candidates are looked for.
const (
	candidateDays  = 365
	mostCandidates = 2000 // looked at
	shownLimit     = 100
	mostShown      = 500
)

// Testimonials lists testimonials: candidates where the filter asks for them, else what was decided about.
func (s *Service) Testimonials(ctx context.Context, f Filter) ([]Testimonial, error) {
	if f.Limit <= 0 {
		f.Limit = shownLimit
	}
	f.Limit = min(f.Limit, mostShown)
	if f.State != "" && !slices.Contains(States(), f.State) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "there are no testimonials that are %q", f.State)
	}
	if f.State == Candidate {
		return s.candidates(ctx, f)
	}
	all, err := s.store.TestimonialList(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("listing testimonials: %w", err)
	}
	return all, nil
}

// candidates are what names a product; without products, all appreciation.
func (s *Service) candidates(ctx context.Context, f Filter) ([]Testimonial, error) {
	set, err := s.store.RecognitionSettings(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.store.Appreciation(ctx, f, s.now().AddDate(0, 0, -candidateDays), mostCandidates)
	if err != nil {
		return nil, fmt.Errorf("looking for appreciation: %w", err)
	}
	all := []Testimonial{}
	for i := range found {
		t := &found[i]
		t.Products = named(t.Original, set.Products)
		if len(set.Products) > 0 && len(t.Products) == 0 || f.Product != "" && !slices.ContainsFunc(t.Products, func(p string) bool { return strings.EqualFold(p, f.Product) }) {
			continue
		}
		t.State, t.Quote = Candidate, excerpt(t.Original)
		if all = append(all, *t); len(all) == f.Limit {
			break
		}
	}
	return all, nil
}

// named lists the products that a text names.
func named(text string, products []string) []string {
	if found := prose.Find(text, products).Products; found != nil {
		return found
	}
	return []string{}
}

// Testimonial finds one, with its proof and uses.
func (s *Service) Testimonial(ctx context.Context, id int64) (Testimonial, error) {
	return s.store.TestimonialOf(ctx, id, 0)
}

// kept is the testimonial of an activity; one that nothing was decided about gets its row.
func (s *Service) kept(ctx context.Context, activity int64) (Testimonial, error) {
	t, err := s.store.TestimonialOf(ctx, 0, activity)
	if err != nil || t.ID > 0 {
		return t, err
	}
	set, err := s.store.RecognitionSettings(ctx)
	if err != nil {
		return t, err
	}
	t.State, t.Quote, t.Products = Candidate, excerpt(t.Original), named(t.Original, set.Products)
	if t.Quote == "" {
		return t, greenroom.Errorf(greenroom.CodeInvalid, "activity %d has no text that could be quoted", activity)
	}
	if t.ID, err = s.store.KeepTestimonial(ctx, &t); err != nil {
		return t, fmt.Errorf("keeping a testimonial: %w", err)
	}
	return t, nil
}

// Ask asks the author of a message whether it may be quoted, by a message with a link to a page of their own. The message
// waits for approval unless the settings say that it goes at once. Who was asked is not asked again, but after the ask has
// expired.
func (s *Service) Ask(ctx context.Context, activity int64, by string) (Testimonial, error) {
	t, err := s.kept(ctx, activity)
	if err != nil {
		return t, err
	}
	if t.State != Candidate && t.State != Expired && t.State != Dismissed {
		return t, greenroom.Errorf(greenroom.CodeConflict, "%s was asked already; the testimonial is %s", t.Member.Name, t.State)
	}
	set, err := s.store.RecognitionSettings(ctx)
	if err != nil {
		return t, err
	}
	link, err := s.links.Testimonial(ctx, t.ID)
	if err != nil {
		return t, err
	}
	m := &outbox.Message{
		Key: fmt.Sprintf("testimonial %d ask %d", t.ID, t.Asks+1), Origin: outbox.Origin{Kind: origin, ID: t.ID, Step: "testimonial"}, Subject: "May we quote you?",
		Text: fill(set.Ask, map[string]string{"first_name": t.Member.First(), "name": t.Member.Name, "quote": strings.ReplaceAll(t.Quote, "\n", "\n> "), "link": link}),
	}
	if err := s.address(ctx, m, &t.Member); err != nil {
		return t, err
	}
	if set.AskAtOnce {
		m.State = outbox.Queued
	}
	now := s.now()
	if err := s.store.StepTestimonial(ctx, t.ID, []State{Candidate, Expired, Dismissed}, Step{
		To: Asked, Event: Event{What: string(Asked), At: now, By: by, Quote: t.Quote}, Message: m, ExpiresAt: now.AddDate(0, 0, set.ExpireDays),
	}); err != nil {
		return t, fmt.Errorf("asking for testimonial %d: %w", t.ID, err)
	}
	if err := s.audit.Audit(ctx, by, "testimonial.ask", fmt.Sprintf("testimonial %d", t.ID), t.Member.Name); err != nil {
		return t, err
	}
	return s.store.TestimonialOf(ctx, t.ID, 0)
}

// Dismiss says that the team does not want a candidate.
func (s *Service) Dismiss(ctx context.Context, activity int64, by string) (Testimonial, error) {
	t, err := s.kept(ctx, activity)
	if err != nil {
		return t, err
	}
	if err := s.store.StepTestimonial(ctx, t.ID, []State{Candidate, Expired}, Step{To: Dismissed, Event: Event{What: string(Dismissed), At: s.now(), By: by}}); err != nil {
		return t, fmt.Errorf("dismissing testimonial %d: %w", t.ID, err)
	}
	t.State = Dismissed
	return t, s.audit.Audit(ctx, by, "testimonial.dismiss", fmt.Sprintf("testimonial %d", t.ID), "")
}

// Restore takes back that a candidate was dismissed.
func (s *Service) Restore(ctx context.Context, id int64, by string) error {
	if err := s.store.StepTestimonial(ctx, id, []State{Dismissed}, Step{To: Candidate, Event: Event{What: "restored", At: s.now(), By: by}}); err != nil {
		return fmt.Errorf("restoring testimonial %d: %w", id, err)
	}
	return s.audit.Audit(ctx, by, "testimonial.restore", fmt.Sprintf("testimonial %d", id), "")
}

// AskedOf is what a member sees on the page that they were asked by. CodeNotFound for one that they were not asked about.
func (s *Service) AskedOf(ctx context.Context, id int64) (Testimonial, error) {
	t, err := s.store.TestimonialOf(ctx, id, 0)
	if err == nil && (t.State == Candidate || t.State == Dismissed) {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is nothing to decide here any more")
	}
	return t, err
}

// Grant is a member's yes, with the exact words and naming. One who said yes before says so anew, and whoever uses the old
// words is told.
func (s *Service) Grant(ctx context.Context, id int64, g Grant) error {
	if err := g.Validate(); err != nil {
		return err
	}
	t, err := s.AskedOf(ctx, id)
	if err != nil {
		return err
	}
	now := s.now()
	step := Step{To: Granted, Event: Event{What: string(Granted), At: now, By: byMember, Link: g.Link, Quote: g.Quote, Naming: g.Naming, Statement: g.Statement}}
	if t.State == Granted && (t.Quote != g.Quote || t.Naming != g.Naming) {
		step.Tasks = t.tasks(now, "changed what may be quoted", "Use the new words and name there.")
	}
	if err := s.store.StepTestimonial(ctx, id, []State{Asked, Expired, Granted, Declined, Withdrawn}, step); err != nil {
		return fmt.Errorf("granting testimonial %d: %w", id, err)
	}
	return s.audit.Audit(ctx, byMember, "testimonial.grant", fmt.Sprintf("testimonial %d", id), "")
}

// Decline is a member's no, before or after a yes: what was granted is withdrawn, and the team is told where it is used.
func (s *Service) Decline(ctx context.Context, id int64, link string) error {
	t, err := s.AskedOf(ctx, id)
	if err != nil {
		return err
	}
	now := s.now()
	step := Step{To: Declined}
	if t.State == Granted {
		step.To, step.Tasks = Withdrawn, t.tasks(now, "withdrew a testimonial", "Take it down there.")
	}
	step.Event = Event{What: string(step.To), At: now, By: byMember, Link: link}
	if err := s.store.StepTestimonial(ctx, id, []State{t.State}, step); err != nil {
		return fmt.Errorf("declining testimonial %d: %w", id, err)
	}
	return s.audit.Audit(ctx, byMember, "testimonial."+string(step.To), fmt.Sprintf("testimonial %d", id), "")
}

// byMember is who decides on the public page.
const byMember = "the member, by a link"

// takeDown is how long the team has to follow a member who changed their mind.
const takeDown = 3 * 24 * time.Hour

// tasks are what the team is to do where a testimonial is used.
func (t *Testimonial) tasks(now time.Time, what, then string) []task.Task {
	var places []string
	for i := range t.Uses {
		if t.Uses[i].RemovedAt.IsZero() {
			places = append(places, "- "+t.Uses[i].Link)
		}
	}
	if len(places) == 0 {
		return nil
	}
	return []task.Task{{
		Key: fmt.Sprintf("testimonial %d %s %d", t.ID, what, now.UnixMicro()), Title: t.Member.Name + " " + what, Note: then + " It is used at:\n" + strings.Join(places, "\n"),
		Link: fmt.Sprintf("/recognition/testimonials/%d", t.ID), Origin: origin, OriginID: t.ID, MemberID: t.Member.ID, DueAt: now.Add(takeDown), CreatedBy: byMember,
	}}
}

// Use notes where a testimonial is used. Only one that was granted can be.
func (s *Service) Use(ctx context.Context, id int64, link, note string, at time.Time, by string) (Use, error) {
	u := Use{TestimonialID: id, Link: link, Note: note, UsedAt: at, By: by}
	if at.IsZero() {
		u.UsedAt = s.now()
	}
	if err := u.validate(); err != nil {
		return u, err
	}
	t, err := s.store.TestimonialOf(ctx, id, 0)
	if err != nil {
		return u, err
	}
	if t.State != Granted {
		return u, greenroom.Errorf(greenroom.CodeConflict, "testimonial %d is %s; only what was granted may be used", id, t.State)
	}
	if u, err = s.store.UseTestimonial(ctx, u); err != nil {
		return u, fmt.Errorf("noting where testimonial %d is used: %w", id, err)
	}
	return u, s.audit.Audit(ctx, by, "testimonial.use", fmt.Sprintf("testimonial %d", id), u.Link)
}

// EndUse notes that a testimonial was taken down somewhere.
func (s *Service) EndUse(ctx context.Context, id, use int64, by string) error {
	if err := s.store.EndUse(ctx, id, use); err != nil {
		return fmt.Errorf("noting that testimonial %d was taken down: %w", id, err)
	}
	return s.audit.Audit(ctx, by, "testimonial.use.end", fmt.Sprintf("testimonial %d", id), fmt.Sprintf("use %d", use))
}

// WriteCSV writes the testimonials that a filter names and that were granted, as their authors granted them: nothing that
// would say more of who they are than they agreed to.
func (s *Service) WriteCSV(ctx context.Context, w io.Writer, f Filter) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"id", "quote", "named_as", "granted_at", "products", "topics", "used_at"}); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	f.State, f.Limit = Granted, mostShown
	for {
		all, err := s.store.TestimonialList(ctx, f)
		if err != nil {
			return fmt.Errorf("listing testimonials: %w", err)
		}
		for i := range all {
			t := &all[i]
			var uses []string
			for j := range t.Uses {
				if t.Uses[j].RemovedAt.IsZero() {
					uses = append(uses, t.Uses[j].Link)
				}
			}
			if err := out.Write([]string{number(t.ID), plain(t.Quote), plain(t.Naming), t.AnsweredAt.UTC().Format(time.RFC3339), plain(strings.Join(t.Products, ", ")), plain(strings.Join(t.Topics, ", ")), plain(strings.Join(uses, " "))}); err != nil {
				return fmt.Errorf("writing CSV: %w", err)
			}
		}
		if len(all) < f.Limit {
			out.Flush()
			return out.Error()
		}
		f.Below = all[len(all)-1].ID
	}
}

// plain marks as text what a spreadsheet would take for a formula.
func plain(v string) string {
	if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
		return "'" + v
	}
	return v
}
