// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"testing"

	"greenroom/internal/auth"
	"greenroom/internal/maturity"
	"greenroom/internal/tool"
)

// stackFake is a fake of the tech stack with one tool in it.
type stackFake struct{ *fake }

func (s stackFake) one() tool.Tool {
	return tool.Tool{ID: 3, Version: 2, Draft: tool.Draft{Name: "Forum", Category: "platform", State: tool.InUse}, CreatedBy: "ana", CreatedAt: now}
}

func (s stackFake) review() tool.Review {
	return tool.Review{ID: 2, Version: 1, ReviewDraft: tool.ReviewDraft{Title: "A", Criteria: []tool.Criterion{{Key: "a", Name: "A", Weight: 1}}, Candidates: []tool.Candidate{{Key: "x", Name: "X"}}}, CreatedBy: "ana", CreatedAt: now}
}

func (s stackFake) List(_ context.Context, f tool.Filter) ([]tool.View, error) {
	if f.State == tool.Retired {
		return nil, s.err
	}
	return []tool.View{{Tool: s.one()}}, s.err
}

func (s stackFake) Get(context.Context, int64) (tool.View, error) {
	return tool.View{Tool: s.one()}, s.err
}

func (s stackFake) Add(context.Context, tool.Draft, string) (tool.Tool, error) {
	return s.one(), s.err
}

func (s stackFake) Edit(context.Context, int64, int64, tool.Draft, string) (tool.Tool, error) {
	return s.one(), s.err
}

func (s stackFake) Undo(context.Context, int64, int64, string) (tool.Tool, error) {
	return s.one(), s.err
}

func (s stackFake) Import(_ context.Context, table []tool.Named, _ string) (int, int, error) {
	return len(table), 0, s.err
}

func (s stackFake) Costs(context.Context) (*tool.Costs, error) {
	return &tool.Costs{Currency: "EUR", ByCategory: []tool.Sum{}, ByOwner: []tool.Sum{}}, s.err
}

func (s stackFake) Map(context.Context) (*tool.Map, error) {
	return &tool.Map{Nodes: []tool.Node{{Name: "Greenroom"}}, Edges: []tool.Edge{}}, s.err
}

func (s stackFake) Needs(context.Context, tool.Stage) ([]tool.Need, error) {
	return []tool.Need{{Stage: tool.Grow, Category: "crm"}}, s.err
}

func (s stackFake) Money(context.Context) (tool.Money, error) {
	return tool.Money{Currency: "EUR", Rates: []tool.Rate{}}, s.err
}
func (s stackFake) SetMoney(context.Context, tool.Money, string) error { return s.err }
func (s stackFake) ToolIncidents(context.Context, int64) ([]tool.Incident, error) {
	return []tool.Incident{{ID: 1, ToolID: 3, From: now, Note: "n", By: "ana"}}, s.err
}

func (s stackFake) AddIncident(_ context.Context, i tool.Incident, by string) (tool.Incident, error) {
	i.ID, i.By = 4, by
	return i, s.err
}
func (s stackFake) EndIncident(context.Context, int64, string) error { return s.err }
func (s stackFake) Suggestions(context.Context) ([]tool.Suggestion, error) {
	return []tool.Suggestion{{Source: tool.SourceHealth{Name: "s", Health: tool.Good}, Draft: s.one().Draft}}, s.err
}

func (s stackFake) Accept(context.Context, string, string) (tool.Tool, error) {
	return s.one(), s.err
}
func (s stackFake) Decline(context.Context, string, string) error { return s.err }
func (s stackFake) Reviews(context.Context) ([]*tool.Scorecard, error) {
	return []*tool.Scorecard{tool.Card(s.review(), []tool.Score{})}, s.err
}

func (s stackFake) Review(context.Context, int64) (*tool.Scorecard, error) {
	return tool.Card(s.review(), []tool.Score{}), s.err
}

func (s stackFake) AddReview(_ context.Context, d tool.ReviewDraft, _ string) (tool.Review, error) {
	r := s.review()
	r.ReviewDraft = d
	return r, s.err
}

func (s stackFake) EditReview(context.Context, int64, int64, tool.ReviewDraft, string) (tool.Review, error) {
	return s.review(), s.err
}

func (s stackFake) Give(ctx context.Context, id int64, _ []tool.Score, _ string) (*tool.Scorecard, error) {
	return s.Review(ctx, id)
}

func (s stackFake) Decide(context.Context, int64, int64, tool.Verdict, string) (tool.Review, error) {
	return s.review(), s.err
}

// ripe is a fake of where the community stands.
type ripe struct{ *fake }

func (r ripe) Result(context.Context) (*maturity.Result, error) {
	return &maturity.Result{Stage: maturity.Seed, Measured: maturity.Seed, Next: maturity.Grow, Checks: []maturity.Check{}, Standing: []maturity.Standing{}, Ideas: []maturity.Idea{}}, r.err
}

func (r ripe) Answer(ctx context.Context, _ []maturity.Answer, _ string) (*maturity.Result, error) {
	return r.Result(ctx)
}

func (r ripe) Keep(_ context.Context, note, by string) (maturity.Assessment, error) {
	return maturity.Assessment{ID: 1, At: now, By: by, Note: note, Stage: maturity.Seed, Levels: []maturity.Level{}}, r.err
}

func (r ripe) Assessments(context.Context) ([]maturity.Assessment, error) {
	return []maturity.Assessment{}, r.err
}

func (r ripe) Settings(context.Context) (maturity.Settings, error) {
	return maturity.Settings{Months: 6}, r.err
}
func (r ripe) Set(context.Context, maturity.Settings, string) error { return r.err }
func (r ripe) Plan(context.Context, string, string) (int64, error)  { return 4, r.err }

// toolRequests is a request for each operation on tools and maturity.
func toolRequests() []string {
	return []string{
		"GET /tools?state=in_use", `POST /tools {"name":"Forum","category":"platform","state":"in_use"}`, "GET /tools/3", `PUT /tools/3 {"name":"Forum","category":"platform","state":"in_use","version":2}`, `POST /tools/3/undo {"version":2}`, "GET /tools.csv", `POST /tool-imports {"csv":"name\nForum\n"}`,
		"GET /tool-costs", "GET /tool-map", "GET /tool-needs?stage=grow", "GET /tool-money", `PUT /tool-money {"currency":"EUR","rates":[]}`,
		"GET /tools/3/incidents", `POST /tools/3/incidents {"note":"x","from":"2026-11-02T08:00:00Z"}`, "POST /tool-incidents/4/end", "GET /tool-suggestions", `POST /tool-suggestions {"source":"s","accept":true}`,
		"GET /vendor-reviews", `POST /vendor-reviews {"title":"A","criteria":[],"candidates":[],"template":"crm"}`, "GET /vendor-reviews/2", `PUT /vendor-reviews/2 {"title":"A","criteria":[{"key":"","name":"A","weight":1}],"candidates":[],"version":1}`, `PUT /vendor-reviews/2/scores {"scores":[]}`, `POST /vendor-reviews/2/decision {"version":1,"why":"x"}`,
		"GET /maturity", `PUT /maturity/answers {"answers":[{"question":"why","level":2}]}`, "GET /maturity/assessments", `POST /maturity/assessments {"note":"x"}`, `POST /maturity/plans {"idea":"goals"}`, "GET /maturity/settings", `PUT /maturity/settings {"months":6}`,
	}
}

func TestToolsRights(t *testing.T) {
	f := newFake(t)
	c := newClient(t, f.handler(t), user(auth.RoleViewer))
	for _, x := range []struct {
		role         auth.Role
		method, path string
		body         string
		want         int
	}{
		{auth.RoleViewer, "GET", "/tools", "", 200},
		{auth.RoleViewer, "POST", "/tools", `{"name":"A","category":"other","state":"in_use"}`, 403},
		{auth.RoleContributor, "PUT", "/tool-money", `{"currency":"EUR","rates":[]}`, 403},
		{auth.RoleContributor, "PUT", "/maturity/settings", `{"months":6}`, 403},
		{auth.RoleViewer, "PUT", "/maturity/answers", `{"answers":[]}`, 403},
		{auth.RoleContributor, "POST", "/tools/3/incidents", `{"note":"x","from":"noon"}`, 400},
		{auth.RoleContributor, "POST", "/vendor-reviews", `{"title":"A","criteria":[],"candidates":[],"template":"magic"}`, 400},
	} {
		if w := c.as(user(x.role)).do(t, x.method, base+x.path, x.body); w.Code != x.want {
			t.Errorf("%s %s as %s: %d, want %d; %s", x.method, x.path, x.role, w.Code, x.want, w.Body)
		}
	}
}
