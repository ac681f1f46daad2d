// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/maturity"
	"greenroom/internal/tool"
)

// ToolReviews compare vendors.
type ToolReviews interface {
	Reviews(ctx context.Context) ([]*tool.Scorecard, error)
	Review(ctx context.Context, id int64) (*tool.Scorecard, error)
	AddReview(ctx context.Context, d tool.ReviewDraft, by string) (tool.Review, error)
	EditReview(ctx context.Context, id, version int64, d tool.ReviewDraft, by string) (tool.Review, error)
	Give(ctx context.Context, id int64, all []tool.Score, by string) (*tool.Scorecard, error)
	Decide(ctx context.Context, id, version int64, v tool.Verdict, by string) (tool.Review, error)
}

// Maturity says where the community stands; maturity.Service does.
type Maturity interface {
	Result(ctx context.Context) (*maturity.Result, error)
	Answer(ctx context.Context, all []maturity.Answer, by string) (*maturity.Result, error)
	Keep(ctx context.Context, note, by string) (maturity.Assessment, error)
	Assessments(ctx context.Context) ([]maturity.Assessment, error)
	Settings(ctx context.Context) (maturity.Settings, error)
	Set(ctx context.Context, v maturity.Settings, by string) error
	Plan(ctx context.Context, idea, by string) (int64, error)
}

// NewReview begins a review.
type NewReview struct {
	tool.ReviewDraft
	Template string `json:"template,omitempty" doc:"Where no criteria are sent: the template that they come from: platform, crm, analytics, events, surveys, support or automation."`
}

// ReviewChange is all that can be said of a review, with the version that it was made from.
type ReviewChange struct {
	tool.ReviewDraft
	Version int64 `json:"version" doc:"The version that was looked at. With another one nothing is changed."`
}

// ReviewScores are one person's scores.
type ReviewScores struct {
	Scores []tool.Score `json:"scores" doc:"Those that are not sent stay as they are; whose they are is who asks."`
}

// ReviewDecision records what was chosen.
type ReviewDecision struct {
	Version    int64  `json:"version" doc:"The version that was looked at."`
	Candidate  string `json:"candidate,omitempty" doc:"The key of what was chosen; left out = none of them."`
	Why        string `json:"why,omitempty" doc:"In words. Left out, with no candidate, the review is opened again."`
	Objections string `json:"objections,omitempty" doc:"What was said against it, and heard."`
}

// MaturityAnswers are one person's answers.
type MaturityAnswers struct {
	Answers []maturity.Answer `json:"answers" doc:"Those that are not sent stay as they are; whose they are is who asks."`
}

// MaturityKeep keeps an assessment.
type MaturityKeep struct {
	Note string `json:"note,omitempty" doc:"What is to be said with it."`
}

// MaturityPlan makes the plan of an idea.
type MaturityPlan struct {
	Idea string `json:"idea" doc:"The idea's key."`
}

// MaturityPlanned is the plan that was made.
type MaturityPlanned struct {
	Plan int64 `json:"plan" doc:"The plan's number."`
}

// momentOf reads a moment of a body; nothing is the zero time.
func momentOf(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, greenroom.Errorf(greenroom.CodeInvalid, "%s: %q is no moment; one looks like 2026-11-22T09:00:00Z", name, text)
	}
	return t, nil
}

func (a *api) reviewOps() []op {
	id := idParam("The review's number.")
	conflict := []greenroom.Code{greenroom.CodeConflict}
	one := content{of: tool.Review{}, example: exampleReview().Review}
	card := content{of: tool.Scorecard{}, example: exampleReview()}
	give := func(r tool.Review, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		return ok(r)
	}
	return []op{
		{
			method: http.MethodGet, path: "/vendor-reviews", id: "listVendorReviews", tag: "Tools", need: auth.Read, reply: content{of: Items[tool.Scorecard]{}, example: Items[tool.Scorecard]{Items: []tool.Scorecard{exampleReview()}}},
			summary: "List vendor reviews", text: "With their scorecards, the newest first.",
			do: func(c *call) (answer, error) {
				all, err := a.Tools.Reviews(c.ctx())
				if err != nil {
					return answer{}, err
				}
				flat := make([]tool.Scorecard, len(all))
				for i := range all {
					flat[i] = *all[i]
				}
				return itemsOf(flat)
			},
		},
		{
			method: http.MethodPost, path: "/vendor-reviews", id: "createVendorReview", tag: "Tools", need: auth.Write, status: http.StatusCreated, repeatable: true, reply: one,
			summary: "Begin a vendor review", text: "With criteria of its own, or those of a template.", body: &content{of: NewReview{}, text: "The review.", example: NewReview{ReviewDraft: tool.ReviewDraft{Title: "A forum for 2027", Criteria: []tool.Criterion{}, Candidates: []tool.Candidate{{Name: "Forum"}}}, Template: "platform"}},
			do: func(c *call) (answer, error) {
				d, err := decode[NewReview](c)
				if err != nil {
					return answer{}, err
				}
				if len(d.Criteria) == 0 && d.Template != "" {
					t, err := tool.FindTemplate(d.Template)
					if err != nil {
						return answer{}, err
					}
					d.Criteria = t.Criteria()
				}
				return give(a.Tools.AddReview(c.ctx(), d.ReviewDraft, c.by()))
			},
		},
		{
			method: http.MethodGet, path: "/vendor-reviews/{id}", id: "getVendorReview", tag: "Tools", need: auth.Read, params: []param{id}, reply: card,
			summary: "The scorecard of a review", text: "Weighted totals, what everybody gave, and which weight would change the winner.",
			do: func(c *call) (answer, error) {
				v, err := a.Tools.Review(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				return ok(v)
			},
		},
		{
			method: http.MethodPut, path: "/vendor-reviews/{id}", id: "changeVendorReview", tag: "Tools", need: auth.Write, params: []param{id}, reply: one, codes: conflict,
			summary: "Change a review", text: "Scores stay with criteria and candidates of the same key, or the same name where no key is sent.", body: &content{of: ReviewChange{}, text: "The review, and its version.", example: ReviewChange{ReviewDraft: exampleReview().ReviewDraft, Version: 1}},
			do: func(c *call) (answer, error) {
				d, err := decode[ReviewChange](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Tools.EditReview(c.ctx(), c.id(), d.Version, d.ReviewDraft, c.by()))
			},
		},
		{
			method: http.MethodPut, path: "/vendor-reviews/{id}/scores", id: "giveVendorScores", tag: "Tools", need: auth.Write, params: []param{id}, reply: card, codes: conflict,
			summary: "Give scores", text: "Each person has their own.", body: &content{of: ReviewScores{}, text: "The scores.", example: ReviewScores{Scores: []tool.Score{{Candidate: "forum", Criterion: "search", Score: 4, Note: "Tried it."}}}},
			do: func(c *call) (answer, error) {
				d, err := decode[ReviewScores](c)
				if err != nil {
					return answer{}, err
				}
				v, err := a.Tools.Give(c.ctx(), c.id(), d.Scores, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(v)
			},
		},
		{
			method: http.MethodPost, path: "/vendor-reviews/{id}/decision", id: "decideVendorReview", tag: "Tools", need: auth.Write, params: []param{id}, reply: one, codes: conflict,
			summary: "Record what was chosen", text: "Or, without candidate and reason, open a decided review again.", body: &content{of: ReviewDecision{}, text: "The decision.", example: ReviewDecision{Version: 1, Candidate: "forum", Why: "Members like to be there."}},
			do: func(c *call) (answer, error) {
				d, err := decode[ReviewDecision](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Tools.Decide(c.ctx(), c.id(), d.Version, tool.Verdict{Candidate: d.Candidate, Why: d.Why, Objections: d.Objections}, c.by()))
			},
		},
	}
}

func exampleReview() tool.Scorecard {
	r := tool.Review{ID: 2, Version: 1, ReviewDraft: tool.ReviewDraft{Title: "A forum for 2027", Owner: "ana@acme.example", Category: "platform", Criteria: []tool.Criterion{{Key: "search", Name: "Search", Weight: 20}}, Candidates: []tool.Candidate{{Key: "forum", Name: "Forum"}}}, CreatedBy: "ana@acme.example", CreatedAt: exampleTime(2)}
	return *tool.Card(r, []tool.Score{{Candidate: "forum", Criterion: "search", Person: "ana@acme.example", Score: 4, Note: "Tried it.", At: exampleTime(3)}})
}

func (a *api) maturityOps() []op {
	if a.Maturity == nil {
		return nil
	}
	level := 2.5
	kept := maturity.Assessment{ID: 1, At: exampleTime(2), By: "ana@acme.example", Stage: maturity.Grow, People: 3, Levels: []maturity.Level{{Competency: "strategy", Level: &level, Low: 2, High: 3}}}
	result := content{of: maturity.Result{}, example: maturity.Result{Stage: maturity.Grow, Measured: maturity.Grow, Next: maturity.Impact, Checks: []maturity.Check{}, Standing: []maturity.Standing{}, Ideas: []maturity.Idea{}, People: 3, Due: "2027-05-02"}}
	settings := content{of: maturity.Settings{}, text: "Stage and rhythm.", example: maturity.Settings{Months: 6, Owner: "ana@acme.example"}}
	return []op{
		{
			method: http.MethodGet, path: "/maturity", id: "getMaturity", tag: "Maturity", need: auth.Read, reply: result,
			summary: "Where the community stands", text: "Its stage with the checks behind it, the eight competencies with what people and data say, and plans that would close the gap.",
			do: func(c *call) (answer, error) {
				v, err := a.Maturity.Result(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return ok(v)
			},
		},
		{
			method: http.MethodPut, path: "/maturity/answers", id: "answerMaturity", tag: "Maturity", need: auth.Write, reply: result, body: &content{of: MaturityAnswers{}, text: "The answers.", example: MaturityAnswers{Answers: []maturity.Answer{{Question: "goals", Level: 3, Note: "Since last quarter."}}}},
			summary: "Answer questions", text: "The questions stand in the result. Each person has their own answers.",
			do: func(c *call) (answer, error) {
				d, err := decode[MaturityAnswers](c)
				if err != nil {
					return answer{}, err
				}
				v, err := a.Maturity.Answer(c.ctx(), d.Answers, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(v)
			},
		},
		{
			method: http.MethodGet, path: "/maturity/assessments", id: "listAssessments", tag: "Maturity", need: auth.Read, reply: content{of: Items[maturity.Assessment]{}, example: Items[maturity.Assessment]{Items: []maturity.Assessment{kept}}},
			summary: "Assessments that were kept", text: "The newest first.",
			do: func(c *call) (answer, error) {
				all, err := a.Maturity.Assessments(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/maturity/assessments", id: "keepAssessment", tag: "Maturity", need: auth.Write, status: http.StatusCreated, reply: content{of: maturity.Assessment{}, example: kept}, body: &content{of: MaturityKeep{}, text: "What is said with it.", example: MaturityKeep{Note: "After the autumn."}},
			summary: "Keep an assessment", text: "Stage and levels of now become part of the history.",
			do: func(c *call) (answer, error) {
				d, err := decode[MaturityKeep](c)
				if err != nil {
					return answer{}, err
				}
				v, err := a.Maturity.Keep(c.ctx(), d.Note, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(v)
			},
		},
		{
			method: http.MethodPost, path: "/maturity/plans", id: "planMaturity", tag: "Maturity", need: auth.Write, status: http.StatusCreated, reply: content{of: MaturityPlanned{}, example: MaturityPlanned{Plan: 4}}, body: &content{of: MaturityPlan{}, text: "The idea.", example: MaturityPlan{Idea: "champions"}},
			summary: "Make the plan of an idea", text: "As a draft on the roadmap.",
			do: func(c *call) (answer, error) {
				d, err := decode[MaturityPlan](c)
				if err != nil {
					return answer{}, err
				}
				n, err := a.Maturity.Plan(c.ctx(), d.Idea, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(MaturityPlanned{Plan: n})
			},
		},
		{
			method: http.MethodGet, path: "/maturity/settings", id: "getMaturitySettings", tag: "Maturity", need: auth.Read, reply: settings,
			summary: "Stage and rhythm", text: "As the team set them.",
			do: func(c *call) (answer, error) {
				v, err := a.Maturity.Settings(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return ok(v)
			},
		},
		{
			method: http.MethodPut, path: "/maturity/settings", id: "setMaturitySettings", tag: "Maturity", need: auth.Connect, reply: settings, body: &settings,
			summary: "Set stage and rhythm", text: "Without a stage, it is as data say.",
			do: func(c *call) (answer, error) {
				v, err := decode[maturity.Settings](c)
				if err != nil {
					return answer{}, err
				}
				if err := a.Maturity.Set(c.ctx(), v, c.by()); err != nil {
					return answer{}, err
				}
				return ok(v)
			},
		},
	}
}
