// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
)

// Visit is somebody in front of a survey.
type Visit struct {
	Survey     Survey
	Invitation int64    // 0 = they came by the open link
	Response   Response // what they answered up to now; ID 0 = nothing
	Used       bool     // the invitation to an anonymous survey was used up
	Closed     error    // why nothing is taken any more; nil = it is
}

// Enter finds the survey that somebody came to: by an invitation, or, with 0, by its open link. response is the answer that
// the form carries, 0 = none. CodeNotFound where there is nothing for them.
func (s *Service) Enter(ctx context.Context, key string, invitation, response int64) (*Visit, error) {
	survey, err := s.Get(ctx, key)
	if err != nil {
		return nil, noSurvey(err)
	}
	v := &Visit{Survey: survey, Invitation: invitation, Closed: survey.takes(s.Now())}
	if survey.State == Draft {
		return nil, v.Closed
	}
	if invitation == 0 && response == 0 && !survey.Settings.Open {
		return nil, greenroom.Errorf(greenroom.CodeNotFound, "this survey is by invitation; use the link in the message that you got")
	}
	if invitation > 0 {
		i, err := s.Store.SurveyInvitation(ctx, invitation)
		if err != nil || i.SurveyID != survey.ID {
			return nil, noSurvey(err)
		}
		v.Used = i.Answered && survey.Settings.Who == Anonymous
		if survey.Settings.Who != Anonymous {
			v.Response, err = s.Store.ResponseBy(ctx, invitation)
			if err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
				return nil, err
			}
			return v, nil
		}
	}
	if response > 0 {
		r, err := s.Store.Response(ctx, response)
		if err != nil || r.SurveyID != survey.ID || r.Deleted {
			return nil, noSurvey(err)
		}
		if survey.Settings.Who == Anonymous && r.State == Complete { // nothing says any more whose it is
			v.Used = true
			return v, nil
		}
		v.Response = r
	}
	return v, nil
}

func noSurvey(err error) error {
	return &greenroom.Error{Code: greenroom.CodeNotFound, Message: "there is no such survey, or it is no longer for you", Err: err}
}

// Sheet is what somebody sent of one page.
type Sheet struct {
	Page     string                      // its id
	Get      func(field string) []string // values of the form
	Language string
	Name     string // where the survey asks who they are
	Email    string
}

// Sent is what became of a page.
type Sent struct {
	Problems map[string]Problem // by question; where there are some, nothing was stored
	Response Response
	Next     string // id of the page that follows; "" = that was all
}

// The most that somebody says of themselves.
const (
	maxPerson  = 200
	fieldEmail = "email"
)

// Save stores a page that somebody sent.
func (s *Service) Save(ctx context.Context, v *Visit, sheet *Sheet) (*Sent, error) {
	switch {
	case v.Closed != nil:
		return nil, v.Closed
	case v.Used:
		return nil, greenroom.Errorf(greenroom.CodeConflict, "this invitation was used; anonymous answers cannot be changed, since nothing says whose they are")
	}
	d, now := v.Survey.Definition, v.Survey.at(s.Now())
	page := -1
	for i := range d.Pages {
		if d.Pages[i].ID == sheet.Page {
			page = i
		}
	}
	if page < 0 {
		return nil, greenroom.Errorf(greenroom.CodeConflict, "the survey was changed while you answered; please begin again, what you sent is kept")
	}
	r := v.Response
	given := make(Answers, len(r.Answers))
	for id, value := range r.Answers {
		given[id] = value
	}
	out := &Sent{Problems: make(map[string]Problem)}
	for _, q := range d.Visible(page, d.Counted(given)) {
		value, problem := q.Read(sheet.Get)
		if problem != "" {
			out.Problems[q.ID] = problem
		}
		if value.empty() {
			delete(given, q.ID)
			continue
		}
		given[q.ID] = value
	}
	r.Answers = given
	if v.Survey.Settings.Who == Ask {
		if sheet.Name != "" || sheet.Email != "" {
			r.Name, r.Email = strings.TrimSpace(sheet.Name), strings.ToLower(strings.TrimSpace(sheet.Email))
		}
		if utf8.RuneCountInString(r.Name) > maxPerson || len(r.Email) > maxPerson {
			out.Problems[fieldEmail] = TooLong
		} else if a, err := mail.ParseAddress(r.Email); r.Email != "" && (err != nil || a.Address != r.Email) {
			out.Problems[fieldEmail] = Unknown
		}
	}
	out.Response = r
	if len(out.Problems) > 0 {
		return out, nil
	}
	next, done := d.Next(page, given)
	if done {
		if open, all := d.Open(given); !all { // they jumped ahead, or changed an answer that others hang on
			next, done = open, false
		}
	}
	if !done {
		out.Next = d.Pages[next].ID
	}
	if err := s.keep(ctx, v, &r, sheet.Language, now, done); err != nil {
		return nil, err
	}
	out.Response = r
	return out, nil
}

// keep stores an answer as far as it is given.
func (s *Service) keep(ctx context.Context, v *Visit, r *Response, language string, now time.Time, done bool) error {
	r.SurveyID, r.Version, r.Language, r.UpdatedAt = v.Survey.ID, v.Survey.Version, language, now
	if r.StartedAt.IsZero() {
		r.StartedAt = now
	}
	var used int64
	if v.Survey.Settings.Who != Anonymous && v.Invitation > 0 && r.Invitation == 0 {
		i, err := s.Store.SurveyInvitation(ctx, v.Invitation)
		if err != nil {
			return err
		}
		r.Invitation, r.MemberID = i.ID, i.MemberID
	}
	if r.State == "" {
		r.State = Partial
	}
	r.Held = v.Survey.Settings.Who == Anonymous
	if done {
		r.State = Complete
		r.Answers = v.Survey.Definition.Counted(r.Answers)
		used = v.Invitation
		if r.CompletedAt.IsZero() {
			r.CompletedAt = now
		}
	}
	if err := s.Store.SaveResponse(ctx, r, used, flatten(v.Survey.Definition, r.Answers)); err != nil {
		return fmt.Errorf("storing an answer to the survey %s: %w", v.Survey.Key, err)
	}
	if r.State == Complete && !r.Held {
		s.Told()
	}
	return nil
}

// flatten lists answers as queries look for them.
func flatten(d *Definition, a Answers) []Flat {
	var all []Flat
	for _, q := range d.Questions() {
		v, ok := a[q.ID]
		if !ok || q.Type == Text {
			continue
		}
		for _, text := range v.Texts() {
			f := Flat{Question: q.ID, Value: text}
			if v.Number != nil {
				f.Number = int64(*v.Number)
				if q.Type != Rating {
					f.Scale = q.Type
				}
			}
			all = append(all, f)
		}
	}
	return all
}
