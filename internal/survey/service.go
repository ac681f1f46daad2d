// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
)

// Store keeps surveys.
type Store interface {
	Surveys
	Invitations
	Responses
	People
}

// Surveys keeps what is asked.
type Surveys interface {
	// SurveyList lists surveys with their definitions and counts, the newest first.
	SurveyList(ctx context.Context) ([]Survey, error)
	// FindSurvey finds a survey by its key.
	FindSurvey(ctx context.Context, key string) (Survey, error)
	// AddSurvey stores a new one. CodeConflict where the key is taken.
	AddSurvey(ctx context.Context, s Survey, by string) (Survey, error)
	// ChangeSurvey stores name and settings, and, where the version is a new one, the definition. Moved where the revision is
	// another one than it was read with.
	ChangeSurvey(ctx context.Context, s Survey, by string) error
	// SetSurveyState stores how far a survey is: its state, and when it was opened and closed.
	SetSurveyState(ctx context.Context, s Survey) error
	// DropSurvey removes a survey with everything that was answered.
	DropSurvey(ctx context.Context, id int64) error
}

// Invitations keeps who was asked.
type Invitations interface {
	// AddSurveyInvitation stores an invitation and the message that it makes of its id, in one transaction. Where the survey has
	// one of the key already, that one comes back and added is false.
	AddSurveyInvitation(ctx context.Context, i Invitation, message func(id int64) (outbox.Message, error)) (stored Invitation, added bool, err error)
	SurveyInvitation(ctx context.Context, id int64) (Invitation, error)
	// SurveyInvitations lists who was asked, as the members that they are now.
	SurveyInvitations(ctx context.Context, survey int64) ([]Invitation, error)
	// ActiveBefore says of a survey's invitations when their members did something last before, other than answer surveys.
	ActiveBefore(ctx context.Context, survey int64) (map[int64]time.Time, error)
	// LastAsked says when members were asked last by any survey, where that was after since.
	LastAsked(ctx context.Context, members []int64, since time.Time) (map[int64]time.Time, error)
}

// Responses keeps what was answered.
type Responses interface {
	// SaveResponse stores an answer; a new one gets its id. used is the invitation that it uses up, 0 = none.
	SaveResponse(ctx context.Context, r *Response, used int64, flat []Flat) error
	Response(ctx context.Context, id int64) (Response, error)
	// ResponseBy finds the answer to an invitation. CodeNotFound where there is none.
	ResponseBy(ctx context.Context, invitation int64) (Response, error)
	// SurveyResponses lists answers in the order in which they began, with members as they are now.
	SurveyResponses(ctx context.Context, survey int64) ([]Response, error)
	// ReleaseResponses has complete answers told that were held back on days before a time, and returns how many.
	ReleaseResponses(ctx context.Context, before time.Time) (int64, error)
	// DropResponse removes an answer; the activity that it became is taken back.
	DropResponse(ctx context.Context, id int64) error
}

// People finds members.
type People interface {
	Member(ctx context.Context, id int64) (greenroom.Member, error)
	MemberIdentities(ctx context.Context, member int64) ([]greenroom.Identity, error)
	// SegmentFits gives the members whom a query fits.
	SegmentFits(ctx context.Context, root query.Node, now time.Time) ([]int64, error)
	// Holds says which of some conditions hold for members.
	Holds(ctx context.Context, conditions []query.Node, ids []int64, now time.Time) (map[int64][]bool, error)
	// Sources lists the sources.
	Sources(ctx context.Context) ([]greenroom.Source, error)
}

// Flat is one answer as queries look for it.
type Flat struct {
	Question string
	Value    string // number, id of a choice, or row=choice; "" for texts
	Number   int64  // of scales
	Scale    Type   // nps, csat, ces; "" = another type
}

// Sender says whether a member may be asked, and has messages sent; outbox.Service does.
type Sender interface {
	May(ctx context.Context, m *outbox.Message) (consent.Verdict, error)
	Contact(ctx context.Context, member int64) (outbox.Contact, error)
}

// Links makes addresses for members; front.Links does.
type Links interface {
	Survey(ctx context.Context, key string, invitation int64) (string, error)
	OpenSurvey(ctx context.Context, key string) (string, error)
	Unsubscribe(ctx context.Context, member int64, p consent.Purpose) (string, error)
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Config is what the service needs.
type Config struct {
	Store  Store
	Sender Sender
	Links  Links
	Audit  Auditor
	Sent   func() // an invitation was stored: have it sent
	Told   func() // an answer is complete: have it become an activity
	Log    *slog.Logger
	Now    func() time.Time
	Name   func(ctx context.Context) string // the community's, for mails
	// More lists dimensions beside those that are always there, such as segments; nil = none.
	More func(ctx context.Context) ([]Dimension, error)
}

// Service makes surveys, asks members, takes answers and says what came of it.
type Service struct {
	Config

	schema *query.Schema
}

// NewService returns the service.
func NewService(c Config) *Service {
	kinds := make([]string, 0, len(greenroom.Kinds()))
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	return &Service{Config: c, schema: query.NewSchema(query.Members, kinds)}
}

// List lists surveys, the newest first.
func (s *Service) List(ctx context.Context) ([]Survey, error) { return s.Store.SurveyList(ctx) }

// Get finds a survey by its key.
func (s *Service) Get(ctx context.Context, key string) (Survey, error) {
	return s.Store.FindSurvey(ctx, strings.ToLower(key))
}

const maxName = 120

func checkName(name string) error {
	if name == "" || utf8.RuneCountInString(name) > maxName {
		return greenroom.Errorf(greenroom.CodeInvalid, "a survey needs a name of at most %d characters", maxName)
	}
	return nil
}

// Add makes a survey, which is a draft.
func (s *Service) Add(ctx context.Context, n *New, by string) (Survey, error) {
	d, err := Parse(n.Definition)
	if err != nil {
		return Survey{}, err
	}
	v := Survey{Key: strings.ToLower(strings.TrimSpace(n.Key)), Name: strings.TrimSpace(n.Name), State: Draft, Settings: n.Settings, Version: 1, Definition: d, CreatedBy: by, CreatedAt: s.Now()}
	if v.Name == "" {
		v.Name = d.Title.In(d.Language, d.Language)
	}
	if err := checkName(v.Name); err != nil {
		return v, err
	}
	if v.Settings == (Settings{}) {
		v.Settings.Recontact = DefaultRecontact
	}
	if err := s.checkSettings(&v.Settings); err != nil {
		return v, err
	}
	own := v.Key != ""
	if !own {
		v.Key = keyOf(v.Name)
	}
	if !validKey.MatchString(v.Key) {
		return v, greenroom.Errorf(greenroom.CodeInvalid, "%q is no key; expected lower-case letters, digits and hyphens", v.Key)
	}
	free := v.Key
	for n := 2; ; n++ {
		made, err := s.Store.AddSurvey(ctx, v, by)
		if greenroom.ErrorCode(err) == greenroom.CodeConflict && !own && n < 100 {
			v.Key = free + "-" + strconv.Itoa(n)
			continue
		}
		if err != nil {
			return made, fmt.Errorf("making a survey: %w", err)
		}
		return made, s.Audit.Audit(ctx, by, "survey.add", made.Key, "")
	}
}

// checkSettings checks settings and the query in them, which is written as Greenroom writes it.
func (s *Service) checkSettings(set *Settings) error {
	if err := set.Validate(); err != nil {
		return err
	}
	if set.Query = strings.TrimSpace(set.Query); set.Query == "" {
		return nil
	}
	q, err := s.parse(set.Query, "whom to ask", "query")
	if err != nil {
		return err
	}
	set.Query = q.String()
	return nil
}

// parse reads a query over members that a field has. CodeInvalid says where it is wrong.
func (s *Service) parse(text, what, field string) (*query.Query, error) {
	q, err := query.Parse(s.schema, text)
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the query of " + what + " cannot be used: " + err.Error(), Field: field, Err: err}
	}
	return q, nil
}

// Change is what to change of a survey. What is nil stays.
type Change struct {
	Revision   string      `json:"revision,omitempty"` // that the change was made from; "" = whatever it is now
	Name       *string     `json:"name,omitempty"`
	Settings   *Settings   `json:"settings,omitempty"`
	Definition *Definition `json:"definition,omitempty"`
}

// Edit changes a survey. A definition that changes gets a new version. Moved where the change was made from another revision.
func (s *Service) Edit(ctx context.Context, key string, c Change, by string) (Survey, error) {
	v, err := s.Get(ctx, key)
	if err != nil {
		return v, err
	}
	if c.Revision != "" && c.Revision != v.Revision {
		return v, Moved(v.Name)
	}
	if c.Name != nil {
		if v.Name = strings.TrimSpace(*c.Name); checkName(v.Name) != nil {
			return v, checkName(v.Name)
		}
	}
	if c.Settings != nil {
		set := *c.Settings
		if err := s.checkSettings(&set); err != nil {
			return v, err
		}
		if set.Who != v.Settings.Who && v.Asked+v.Answered+v.Partial > 0 {
			return v, greenroom.Errorf(greenroom.CodeConflict, "whether it is known who answers was promised to those who were asked; make a new survey to change it")
		}
		v.Settings = set
	}
	if c.Definition != nil {
		if err := c.Definition.Validate(); err != nil {
			return v, err
		}
		if v.Answered+v.Partial > 0 {
			for _, q := range c.Definition.Questions() {
				if old, ok := v.Definition.Question(q.ID); ok && old.Type != q.Type {
					return v, greenroom.Errorf(greenroom.CodeConflict, "the question %q has answers of the type %s; give the new one another id", q.ID, old.Type.Label())
				}
			}
		}
		v.Definition = c.Definition
		v.Version++
	}
	if err := s.Store.ChangeSurvey(ctx, v, by); err != nil {
		return v, fmt.Errorf("changing the survey %s: %w", v.Key, err)
	}
	if v, err = s.Get(ctx, v.Key); err != nil {
		return v, err
	}
	return v, s.Audit.Audit(ctx, by, "survey.edit", v.Key, "")
}

// Open has a survey take answers.
func (s *Service) Open(ctx context.Context, key, by string) (Survey, error) {
	v, err := s.Get(ctx, key)
	if err != nil {
		return v, err
	}
	now := s.Now()
	if !v.Settings.CloseAt.IsZero() && !v.Settings.CloseAt.After(now) {
		return v, greenroom.Errorf(greenroom.CodeConflict, "the day on which it closes is over; set another one first")
	}
	if v.Settings.Quota > 0 && v.Answered >= int64(v.Settings.Quota) {
		return v, greenroom.Errorf(greenroom.CodeConflict, "its %d answers are there; set a higher quota first", v.Settings.Quota)
	}
	v.State, v.ClosedAt, v.ClosedWhy = Opened, time.Time{}, ""
	if v.OpenedAt.IsZero() {
		v.OpenedAt = now
	}
	if err := s.Store.SetSurveyState(ctx, v); err != nil {
		return v, fmt.Errorf("opening the survey %s: %w", v.Key, err)
	}
	return v, s.Audit.Audit(ctx, by, "survey.open", v.Key, "")
}

// Close ends a survey. It can be opened again.
func (s *Service) Close(ctx context.Context, key, by string) (Survey, error) {
	v, err := s.Get(ctx, key)
	if err != nil {
		return v, err
	}
	if err := s.close(ctx, &v, ""); err != nil {
		return v, err
	}
	return v, s.Audit.Audit(ctx, by, "survey.close", v.Key, "")
}

func (s *Service) close(ctx context.Context, v *Survey, why string) error {
	v.State, v.ClosedAt, v.ClosedWhy = Closed, s.Now(), why
	if err := s.Store.SetSurveyState(ctx, *v); err != nil {
		return fmt.Errorf("closing the survey %s: %w", v.Key, err)
	}
	return nil
}

// Remove removes a survey with all its answers, for good.
func (s *Service) Remove(ctx context.Context, key, by string) error {
	v, err := s.Get(ctx, key)
	if err != nil {
		return err
	}
	if err := s.Store.DropSurvey(ctx, v.ID); err != nil {
		return fmt.Errorf("removing the survey %s: %w", v.Key, err)
	}
	s.Told()
	return s.Audit.Audit(ctx, by, "survey.remove", v.Key, fmt.Sprintf("%d answers", v.Answered))
}

// RemoveResponse removes one answer.
func (s *Service) RemoveResponse(ctx context.Context, id int64, by string) error {
	if err := s.Store.DropResponse(ctx, id); err != nil {
		return fmt.Errorf("removing an answer: %w", err)
	}
	s.Told()
	return s.Audit.Audit(ctx, by, "survey.answer.remove", "answer "+strconv.FormatInt(id, 10), "")
}

// Answers lists what was answered.
func (s *Service) Answers(ctx context.Context, key string) (Survey, []Response, error) {
	v, err := s.Get(ctx, key)
	if err != nil {
		return v, nil, err
	}
	all, err := s.Store.SurveyResponses(ctx, v.ID)
	return v, all, err
}

// tidyEvery is how often it is looked which surveys close, and whom rolling ones ask.
const tidyEvery = 10 * time.Minute

// Run closes surveys whose time is over, and has rolling ones ask, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		if err := s.Tidy(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("looking after surveys", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Tidy closes surveys whose time is over or whose answers are enough, and has rolling ones ask.
func (s *Service) Tidy(ctx context.Context) error {
	all, err := s.Store.SurveyList(ctx)
	if err != nil {
		return fmt.Errorf("listing surveys: %w", err)
	}
	now := s.Now()
	if n, err := s.Store.ReleaseResponses(ctx, now.UTC().Truncate(24*time.Hour)); err != nil {
		return fmt.Errorf("telling anonymous answers: %w", err)
	} else if n > 0 {
		s.Told()
	}
	for i := range all {
		v := &all[i]
		if v.State != Opened {
			continue
		}
		why := ""
		switch {
		case !v.Settings.CloseAt.IsZero() && !now.Before(v.Settings.CloseAt):
			why = "its last day is over"
		case v.Settings.Quota > 0 && v.Answered >= int64(v.Settings.Quota):
			why = "its answers are enough"
		}
		if why != "" {
			if err := s.close(ctx, v, why); err != nil {
				return err
			}
			continue
		}
		if v.Settings.Rolling && v.Settings.Query != "" {
			if _, err := s.Send(ctx, v.Key, "greenroom"); err != nil {
				return err
			}
		}
	}
	return nil
}
