// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"io"
	"testing"

	"greenroom/internal/auth"
	"greenroom/internal/outbox"
	"greenroom/internal/survey"
)

// surveyFake has one survey.
type surveyFake struct{ f *fake }

func (s surveyFake) one() (survey.Survey, error) {
	d := &survey.Definition{Language: "en", Title: survey.Plain("t"), Pages: []survey.Page{{ID: "a", Questions: []survey.Question{{ID: "q", Type: survey.NPS, Text: survey.Plain("?")}}}}}
	return survey.Survey{Key: "nps", Name: "NPS", State: survey.Opened, Settings: survey.Settings{Who: survey.Known}, Version: 1, Definition: d}, s.f.err
}

func (s surveyFake) List(context.Context) ([]survey.Survey, error) {
	v, err := s.one()
	return []survey.Survey{v}, err
}
func (s surveyFake) Get(context.Context, string) (survey.Survey, error) { return s.one() }
func (s surveyFake) Add(context.Context, *survey.New, string) (survey.Survey, error) {
	return s.one()
}

func (s surveyFake) Edit(context.Context, string, survey.Change, string) (survey.Survey, error) {
	return s.one()
}
func (s surveyFake) Open(context.Context, string, string) (survey.Survey, error)  { return s.one() }
func (s surveyFake) Close(context.Context, string, string) (survey.Survey, error) { return s.one() }
func (s surveyFake) Remove(context.Context, string, string) error                 { return s.f.err }
func (s surveyFake) Preview(context.Context, string) (survey.Round, error) {
	return survey.Round{}, s.f.err
}

func (s surveyFake) Send(context.Context, string, string) (survey.Round, error) {
	return survey.Round{}, s.f.err
}

func (s surveyFake) Invite(context.Context, string, int64, outbox.Origin) (survey.Outcome, error) {
	return survey.Outcome{}, s.f.err
}

func (s surveyFake) Results(context.Context, string, string) (*survey.Results, error) {
	return &survey.Results{}, s.f.err
}

func (s surveyFake) Dimension(context.Context, string) (survey.Dimension, error) {
	return survey.Dimension{}, s.f.err
}

func (s surveyFake) Bias(context.Context, string, survey.Dimension) (*survey.Bias, error) {
	return &survey.Bias{}, s.f.err
}

func (s surveyFake) Breakdown(context.Context, string, string, survey.Dimension) ([]survey.Part, error) {
	return nil, s.f.err
}

func (s surveyFake) Answers(context.Context, string) (survey.Survey, []survey.Response, error) {
	v, err := s.one()
	return v, nil, err
}

func (s surveyFake) Import(context.Context, string, io.Reader, string) (*survey.Imported, error) {
	return &survey.Imported{}, s.f.err
}
func (s surveyFake) RemoveResponse(context.Context, int64, string) error { return s.f.err }

// TestSurveyIfMatch changes a survey that was read, and one that was read too long ago.
func TestSurveyIfMatch(t *testing.T) {
	c := newClient(t, newFake(t).handler(t), user(auth.RoleOwner))
	tag := c.do(t, "GET", base+"/surveys/nps", "").Header().Get("ETag")
	for _, ask := range []struct {
		tag  string
		want int
	}{{tag, 200}, {`"something-else"`, 412}} {
		if res := c.do(t, "PATCH", base+"/surveys/nps", `{"name":"NPS, autumn"}`, "If-Match", ask.tag); res.Code != ask.want {
			t.Errorf("with %s the answer is %d, want %d: %s", ask.tag, res.Code, ask.want, res.Body)
		}
	}
}
