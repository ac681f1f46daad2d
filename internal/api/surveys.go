// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/outbox"
	"greenroom/internal/survey"
)

// Surveys asks members and says what came of it; survey.Service does.
type Surveys interface {
	SurveyWork
	SurveyAsks
	SurveyResults
	SurveyAnswerWork
}

// SurveyWork makes surveys and changes them.
type SurveyWork interface {
	List(ctx context.Context) ([]survey.Survey, error)
	Get(ctx context.Context, key string) (survey.Survey, error)
	Add(ctx context.Context, n *survey.New, by string) (survey.Survey, error)
	Edit(ctx context.Context, key string, c survey.Change, by string) (survey.Survey, error)
	Open(ctx context.Context, key, by string) (survey.Survey, error)
	Close(ctx context.Context, key, by string) (survey.Survey, error)
	Remove(ctx context.Context, key, by string) error
}

// SurveyAsks asks.
type SurveyAsks interface {
	Preview(ctx context.Context, key string) (survey.Round, error)
	Send(ctx context.Context, key, by string) (survey.Round, error)
	Invite(ctx context.Context, key string, member int64, origin outbox.Origin) (survey.Outcome, error)
}

// SurveyResults says what came of it.
type SurveyResults interface {
	Results(ctx context.Context, key, only string) (*survey.Results, error)
	Dimension(ctx context.Context, name string) (survey.Dimension, error)
	Bias(ctx context.Context, key string, by survey.Dimension) (*survey.Bias, error)
	Breakdown(ctx context.Context, key, question string, by survey.Dimension) ([]survey.Part, error)
}

// SurveyAnswerWork has the answers one by one.
type SurveyAnswerWork interface {
	Answers(ctx context.Context, key string) (survey.Survey, []survey.Response, error)
	Import(ctx context.Context, key string, in io.Reader, by string) (*survey.Imported, error)
	RemoveResponse(ctx context.Context, id int64, by string) error
}

// SurveyInfo is one survey.
type SurveyInfo struct {
	Key        string          `json:"key" doc:"How addresses and queries name it; never changes."`
	Name       string          `json:"name" doc:"How people call it."`
	State      string          `json:"state" doc:"draft, open or closed."`
	ClosedWhy  string          `json:"closed_why,omitempty" doc:"Why it closed by itself; left out where somebody closed it."`
	Settings   json.RawMessage `json:"settings" doc:"Who is asked and how: who (anonymous, known or ask), open, query, share, recontact_days, quota, close_at, channel, subject, message, sender, reply_to, approve, rolling."`
	Version    int64           `json:"version" doc:"Of the definition, from 1 on."`
	Revision   string          `json:"revision" doc:"Names name, settings and definition as they are now; another one once any of them is changed."`
	Definition json.RawMessage `json:"definition" doc:"What is asked: language, title, intro, thanks, and pages with questions and jumps, as docs/surveys.md describes."`
	CreatedBy  string          `json:"created_by" doc:"Who made it."`
	CreatedAt  time.Time       `json:"created_at" doc:"When it was made."`
	OpenedAt   time.Time       `json:"opened_at,omitzero" doc:"When it was opened first."`
	ClosedAt   time.Time       `json:"closed_at,omitzero" doc:"When it was closed."`
	Asked      int64           `json:"asked" doc:"Invitations."`
	Answered   int64           `json:"answered" doc:"Complete answers."`
	Partial    int64           `json:"partial" doc:"Answers that were begun."`
}

// SurveyDraft is the survey to make.
type SurveyDraft struct {
	Key        string          `json:"key,omitempty" doc:"How addresses and queries name it; made of the name where it is left out."`
	Name       string          `json:"name,omitempty" doc:"How people call it; the title where it is left out."`
	Settings   json.RawMessage `json:"settings,omitempty" doc:"Who is asked and how."`
	Definition json.RawMessage `json:"definition" doc:"What is asked."`
}

// SurveyPatch changes a survey. What is not sent stays.
type SurveyPatch struct {
	Revision   string          `json:"revision,omitempty" doc:"That the change was made from: where the survey has another one by now, the answer is 409 and nothing is changed. Left out: whatever it is now."`
	Name       *string         `json:"name,omitempty" doc:"How people call it."`
	Settings   json.RawMessage `json:"settings,omitempty" doc:"Who is asked and how, all of it."`
	Definition json.RawMessage `json:"definition,omitempty" doc:"What is asked, all of it: a new version."`
}

// SurveyOutcome is a figure of a survey, or what came of asking.
type SurveyOutcome struct {
	Survey string          `json:"survey" doc:"Its key."`
	Data   json.RawMessage `json:"data" doc:"What was asked for, as the operation's text describes it."`
}

// SurveyInvite says whom to ask.
type SurveyInvite struct {
	Member int64 `json:"member" doc:"The member's id."`
}

// SurveyAnswers are answers from elsewhere.
type SurveyAnswers struct {
	CSV string `json:"csv" doc:"A table with a column for each question, named by its id, and, where they are there, response, email, name, completed_at and language."`
}

func infoOf(v *survey.Survey) (SurveyInfo, error) {
	settings, err := json.Marshal(v.Settings)
	if err != nil {
		return SurveyInfo{}, fmt.Errorf("encoding the settings of a survey: %w", err)
	}
	definition, err := json.Marshal(v.Definition)
	if err != nil {
		return SurveyInfo{}, fmt.Errorf("encoding a survey: %w", err)
	}
	return SurveyInfo{v.Key, v.Name, string(v.State), v.ClosedWhy, settings, v.Version, v.Revision, definition, v.CreatedBy, v.CreatedAt, v.OpenedAt, v.ClosedAt, v.Asked, v.Answered, v.Partial}, nil
}

func oneSurvey(v survey.Survey, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	i, err := infoOf(&v)
	return given(i, err)
}

func outcomeOf(key string, data any, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	text, err := json.Marshal(data)
	if err != nil {
		return answer{}, fmt.Errorf("encoding what came of a survey: %w", err)
	}
	return ok(SurveyOutcome{key, text})
}

func exampleQuestions() SurveyInfo {
	return SurveyInfo{
		Key: "community-nps", Name: "Community NPS", State: "open", Settings: json.RawMessage(`{"who":"known","query":"is:active -is:staff","share":25,"recontact_days":90,"channel":"email"}`), Version: 1, Revision: "9f2c41d07be85a36",
		Definition: json.RawMessage(`{"language":"en","title":"How likely are you to recommend us?","pages":[{"id":"score","questions":[{"id":"recommend","type":"nps","text":"How likely?"}]}]}`),
		CreatedBy:  "ana@acme.example", CreatedAt: exampleTime(2), OpenedAt: exampleTime(3), Asked: 120, Answered: 41, Partial: 3,
	}
}

const surveyTag = "Surveys"

func (a *api) surveyOps() []op {
	if a.Surveys == nil {
		return nil
	}
	ref := nameParam("survey", "The survey's key.", "community-nps")
	one := content{of: SurveyInfo{}, example: exampleQuestions()}
	conflict := []greenroom.Code{greenroom.CodeConflict}
	do := func(f func(c *call, key string) (survey.Survey, error)) func(*call) (answer, error) {
		return func(c *call) (answer, error) { return oneSurvey(f(c, c.text("survey"))) }
	}
	draft := exampleQuestions()
	name := "Community NPS, autumn"
	return append([]op{
		{
			method: http.MethodGet, path: "/surveys", id: "listSurveys", tag: surveyTag, need: auth.Read, summary: "List surveys", text: "All surveys, the newest first, with how many were asked and answered.",
			reply: content{of: Items[SurveyInfo]{}, example: Items[SurveyInfo]{Items: []SurveyInfo{exampleQuestions()}}},
			do: func(c *call) (answer, error) {
				all, err := a.Surveys.List(c.ctx())
				if err != nil {
					return answer{}, err
				}
				infos := make([]SurveyInfo, len(all))
				for i := range all {
					if infos[i], err = infoOf(&all[i]); err != nil {
						return answer{}, err
					}
				}
				return itemsOf(infos)
			},
		},
		{
			method: http.MethodPost, path: "/surveys", id: "createSurvey", tag: surveyTag, need: auth.Write, status: http.StatusCreated, codes: conflict, summary: "Make a survey", text: "Makes a draft. Nobody is asked before it is opened.",
			body:  &content{of: SurveyDraft{}, text: "What to ask, of whom.", example: SurveyDraft{Key: draft.Key, Name: draft.Name, Settings: draft.Settings, Definition: draft.Definition}},
			reply: one,
			do: func(c *call) (answer, error) {
				d, err := decode[SurveyDraft](c)
				if err != nil {
					return answer{}, err
				}
				n := &survey.New{Key: d.Key, Name: d.Name, Definition: d.Definition}
				if err := settingsOf(d.Settings, &n.Settings); err != nil {
					return answer{}, err
				}
				return oneSurvey(a.Surveys.Add(c.ctx(), n, c.by()))
			},
		},
		{
			method: http.MethodGet, path: "/surveys/{survey}", id: "getSurvey", tag: surveyTag, need: auth.Read, params: []param{ref}, reply: one, summary: "A survey", text: "What it asks, of whom, and how far it is.",
			do: do(func(c *call, key string) (survey.Survey, error) { return a.Surveys.Get(c.ctx(), key) }),
		},
		{
			method: http.MethodPatch, path: "/surveys/{survey}", id: "changeSurvey", tag: surveyTag, need: auth.Write, params: []param{ref}, reply: one, codes: conflict, summary: "Change a survey", conditional: true, text: "What is not sent stays. Of two people who change it at a time the second is refused: by revision, or by If-Match, which also changes as people answer. Another definition is a new version; a question that has answers keeps its type.",
			body: &content{of: SurveyPatch{}, text: "What to change.", example: SurveyPatch{Revision: draft.Revision, Name: &name}},
			do:   do(a.changeSurvey),
		},
		{
			method: http.MethodDelete, path: "/surveys/{survey}", id: "removeSurvey", tag: surveyTag, need: auth.Write, params: []param{ref}, status: http.StatusNoContent, summary: "Remove a survey", text: "Removes it with all its answers. **This cannot be undone.**",
			do: func(c *call) (answer, error) { return answer{}, a.Surveys.Remove(c.ctx(), c.text("survey"), c.by()) },
		},
		{
			method: http.MethodPost, path: "/surveys/{survey}/open", id: "openSurvey", tag: surveyTag, need: auth.Write, params: []param{ref}, reply: one, codes: conflict, summary: "Open a survey", text: "From now on it takes answers.",
			do: do(func(c *call, key string) (survey.Survey, error) { return a.Surveys.Open(c.ctx(), key, c.by()) }),
		},
		{
			method: http.MethodPost, path: "/surveys/{survey}/close", id: "closeSurvey", tag: surveyTag, need: auth.Write, params: []param{ref}, reply: one, codes: conflict, summary: "Close a survey", text: "It takes no more answers. It can be opened again.",
			do: do(func(c *call, key string) (survey.Survey, error) { return a.Surveys.Close(c.ctx(), key, c.by()) }),
		},
	}, slices.Concat(a.surveyAskOps(ref), a.surveyResultOps(ref), a.surveyTranslationOps(ref))...)
}

func settingsOf(text json.RawMessage, to *survey.Settings) error {
	if len(text) == 0 {
		to.Recontact = survey.DefaultRecontact
		return nil
	}
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(to); err != nil {
		return wrong("settings", "settings cannot be read: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

func (a *api) changeSurvey(c *call, key string) (survey.Survey, error) {
	p, err := decode[SurveyPatch](c)
	if err != nil {
		return survey.Survey{}, err
	}
	a.editing.Lock()
	defer a.editing.Unlock()
	if err := unchanged(c, func(ctx context.Context, _ int64) (SurveyInfo, error) {
		v, err := a.Surveys.Get(ctx, key)
		if err != nil {
			return SurveyInfo{}, err
		}
		return infoOf(&v)
	}); err != nil {
		return survey.Survey{}, err
	}
	if p.Name == nil && p.Settings == nil && p.Definition == nil {
		return survey.Survey{}, greenroom.Errorf(greenroom.CodeInvalid, "the body names nothing to change")
	}
	change := survey.Change{Revision: p.Revision, Name: p.Name}
	if p.Settings != nil {
		change.Settings = &survey.Settings{}
		if err := settingsOf(p.Settings, change.Settings); err != nil {
			return survey.Survey{}, err
		}
	}
	if p.Definition != nil {
		if change.Definition, err = survey.Parse(p.Definition); err != nil {
			return survey.Survey{}, err //nolint:wrapcheck // it says where
		}
	}
	return a.Surveys.Edit(c.ctx(), key, change, c.by())
}

func (a *api) surveyAskOps(ref param) []op {
	round := content{of: SurveyOutcome{}, example: SurveyOutcome{"community-nps", json.RawMessage(`{"fit":480,"drawn":122,"invited":97,"already":20,"left_out":{"they were asked less than 90 days ago":5}}`)}}
	conflict := []greenroom.Code{greenroom.CodeConflict}
	return []op{
		{
			method: http.MethodGet, path: "/surveys/{survey}/round", id: "previewSurvey", tag: surveyTag, need: auth.Read, params: []param{ref}, reply: round, summary: "How many sending would ask", text: "`fit` of the query, `drawn` in the random share, `invited` now, `already` asked by it before, and why others are left out.",
			do: func(c *call) (answer, error) {
				r, err := a.Surveys.Preview(c.ctx(), c.text("survey"))
				return outcomeOf(c.text("survey"), r, err)
			},
		},
		{
			method: http.MethodPost, path: "/surveys/{survey}/send", id: "sendSurvey", tag: surveyTag, need: auth.Write, params: []param{ref}, reply: round, codes: conflict, timeout: actionTimeout, summary: "Ask everybody whom a survey is for", text: "Invites the random share of those whom its query fits. Doing it again asks only who was not asked before.",
			do: func(c *call) (answer, error) {
				r, err := a.Surveys.Send(c.ctx(), c.text("survey"), c.by())
				return outcomeOf(c.text("survey"), r, err)
			},
		},
		{
			method: http.MethodPost, path: "/surveys/{survey}/invitations", id: "inviteToSurvey", tag: surveyTag, need: auth.Write, params: []param{ref}, codes: conflict, summary: "Ask one member", text: "`invited` says whether they are asked now, `already` whether they were before, `reason` why not.",
			body:  &content{of: SurveyInvite{}, text: "Whom.", example: SurveyInvite{Member: 42}},
			reply: content{of: SurveyOutcome{}, example: SurveyOutcome{"community-nps", json.RawMessage(`{"invited":true,"already":false,"invitation_id":7}`)}},
			do: func(c *call) (answer, error) {
				i, err := decode[SurveyInvite](c)
				if err != nil {
					return answer{}, err
				}
				out, err := a.Surveys.Invite(c.ctx(), c.text("survey"), i.Member, outbox.Origin{Kind: "person"})
				return outcomeOf(c.text("survey"), out, err)
			},
		},
	}
}

func (a *api) surveyResultOps(ref param) []op {
	by := param{name: "by", form: formText, initial: "activity", text: "How to part members: activity, tenure, level, lifecycle, segment, or q: and a query.", example: "level"}
	data := func(text string) content {
		return content{of: SurveyOutcome{}, example: SurveyOutcome{"community-nps", json.RawMessage(text)}}
	}
	return []op{
		{
			method: http.MethodGet, path: "/surveys/{survey}/results", id: "getSurveyResults", tag: surveyTag, need: auth.Read, summary: "What came of a survey", text: "Response rate and, for each question, the score, mean or share with its 95 % interval, the distribution, and what was written. Of fewer than five anonymous answers nothing.",
			params: []param{ref, {name: "q", form: formText, text: "Only answers of members whom this query fits.", example: "level:1"}},
			reply:  data(`{"asked":120,"complete":41,"questions":[{"question":"recommend","type":"nps","n":41,"nps":{"value":32,"low":11,"high":52}}]}`),
			do: func(c *call) (answer, error) {
				r, err := a.Surveys.Results(c.ctx(), c.text("survey"), c.text("q"))
				return outcomeOf(c.text("survey"), r, err)
			},
		},
		{
			method: http.MethodGet, path: "/surveys/{survey}/bias", id: "getSurveyBias", tag: surveyTag, need: auth.Read, summary: "Who answers, and who does not", text: "Compares who answered with who was asked, group by group, with intervals; `biased` where the difference is more than noise.",
			params: []param{ref, by}, reply: data(`{"asked":120,"answered":41,"biased":true,"groups":[]}`),
			do: func(c *call) (answer, error) {
				d, err := a.Surveys.Dimension(c.ctx(), c.text("by"))
				if err != nil {
					return answer{}, err
				}
				b, err := a.Surveys.Bias(c.ctx(), c.text("survey"), d)
				return outcomeOf(c.text("survey"), b, err)
			},
		},
		{
			method: http.MethodGet, path: "/surveys/{survey}/breakdown", id: "getSurveyBreakdown", tag: surveyTag, need: auth.Read, summary: "Answers by group", text: "The answers to a question by who gave them. Groups of fewer than five are not shown.",
			params: []param{ref, by, {name: "question", form: formText, required: true, text: "The question's id.", example: "recommend"}}, reply: data(`[{"label":"1, leading","query":"level:1","n":9,"few":false}]`),
			do: func(c *call) (answer, error) {
				d, err := a.Surveys.Dimension(c.ctx(), c.text("by"))
				if err != nil {
					return answer{}, err
				}
				b, err := a.Surveys.Breakdown(c.ctx(), c.text("survey"), c.text("question"), d)
				return outcomeOf(c.text("survey"), b, err)
			},
		},
		{
			method: http.MethodGet, path: "/surveys/{survey}/answers", id: "listSurveyAnswers", tag: surveyTag, need: auth.Read, params: []param{ref}, summary: "Answers one by one", text: "All of them, also those that are half way, in the order in which they began.",
			reply: data(`[{"id":3,"member_id":42,"state":"complete","answers":{"recommend":{"number":9}}}]`),
			do: func(c *call) (answer, error) {
				_, all, err := a.Surveys.Answers(c.ctx(), c.text("survey"))
				return outcomeOf(c.text("survey"), all, err)
			},
		},
		{
			method: http.MethodPost, path: "/surveys/{survey}/answers", id: "importSurveyAnswers", tag: surveyTag, need: auth.Write, params: []param{ref}, timeout: actionTimeout, summary: "Bring in answers from elsewhere", text: "Lines that were imported before are known again. `rejected` says which could not be read, and why.",
			body:  &content{of: SurveyAnswers{}, text: "The answers.", example: SurveyAnswers{CSV: "recommend,email\n9,ana@acme.example\n"}},
			reply: data(`{"read":1,"added":1,"known":0,"rejected":[]}`),
			do: func(c *call) (answer, error) {
				in, err := decode[SurveyAnswers](c)
				if err != nil {
					return answer{}, err
				}
				done, err := a.Surveys.Import(c.ctx(), c.text("survey"), strings.NewReader(in.CSV), c.by())
				return outcomeOf(c.text("survey"), done, err)
			},
		},
		{
			method: http.MethodDelete, path: "/survey-answers/{id}", id: "removeSurveyAnswer", tag: surveyTag, need: auth.Write, params: []param{idParam("answer")}, status: http.StatusNoContent, summary: "Remove an answer", text: "Removes one answer, and the activity that it became. **This cannot be undone.**",
			do: func(c *call) (answer, error) { return answer{}, a.Surveys.RemoveResponse(c.ctx(), c.id(), c.by()) },
		},
	}
}
