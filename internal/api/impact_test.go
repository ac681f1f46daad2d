// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"testing"
	"time"

	"greenroom/internal/auth"
	"greenroom/internal/proof"
)

// proofFake is a fake of impact with one study in it.
type proofFake struct{ *fake }

func (p proofFake) one() proof.Study {
	return proof.Study{ID: 1, Version: 1, State: proof.Open, CreatedBy: "ana", CreatedAt: now, Draft: proof.Draft{Title: "S", Exposure: proof.Exposure{Kind: proof.ByAnswer, Hours: 4}, Outcome: proof.Outcome{Kind: proof.Active, Days: 30}, From: "2026-01-01", To: "2026-02-01"}}
}

func (p proofFake) run() proof.Run {
	return proof.Run{ID: 3, StudyID: 1, State: proof.Waiting, By: "ana", AskedAt: now}
}

func (p proofFake) figure() proof.Figure {
	v := 1.0
	return proof.Figure{Key: "mentions", From: now, To: now, Value: &v, Unit: proof.UnitCount, Count: 1}
}

func (p proofFake) Measures() []proof.Measure { return proof.Measures() }

func (p proofFake) Measure(_ context.Context, key string, _, _ time.Time) (proof.Figure, error) {
	if _, err := proof.FindMeasure(key); err != nil {
		return proof.Figure{}, err
	}
	return p.figure(), p.err
}

func (p proofFake) Figures(context.Context, time.Time, time.Time) ([]proof.Figure, error) {
	return []proof.Figure{p.figure()}, p.err
}

func (p proofFake) Records(context.Context, string, time.Time, time.Time) ([]proof.Record, error) {
	return []proof.Record{{Name: "A", Value: 1}}, p.err
}

func (p proofFake) List(context.Context) ([]proof.Study, error) { return []proof.Study{p.one()}, p.err }

func (p proofFake) Get(context.Context, int64) (proof.Study, error) { return p.one(), p.err }

func (p proofFake) Subjects(context.Context) ([]proof.Subject, error) {
	return []proof.Subject{{Kind: proof.ByEvent, Ref: 2, Name: "Meetup"}}, p.err
}

func (p proofFake) Add(_ context.Context, d proof.Draft, by string) (proof.Study, error) {
	p.did = append(p.did, "study by "+by)
	x := p.one()
	x.Draft = d
	return x, p.err
}

func (p proofFake) Edit(context.Context, int64, int64, proof.Draft, string) (proof.Study, error) {
	return p.one(), p.err
}

func (p proofFake) Remove(context.Context, int64, int64, bool, string) (proof.Study, error) {
	return p.one(), p.err
}

func (p proofFake) Runs(context.Context, int64) ([]proof.Run, error) {
	return []proof.Run{p.run()}, p.err
}

func (p proofFake) Run(context.Context, int64) (proof.Run, error) { return p.run(), p.err }

func (p proofFake) Compared(context.Context, int64, int) ([]proof.Compared, error) {
	return []proof.Compared{{MemberID: 7, Name: "Ana", At: now}}, p.err
}

func (p proofFake) Ask(context.Context, int64, string) (proof.Run, error) { return p.run(), p.err }

func (p proofFake) Cancel(context.Context, int64) (proof.Run, error) { return p.run(), p.err }

func (p proofFake) Costs(context.Context) ([]proof.Cost, error) {
	return []proof.Cost{{ID: 1, Version: 1, Name: "Venue", Category: "events", Rhythm: proof.Once, From: "2026-05-02", Amount: 1200, Currency: "EUR"}}, p.err
}

func (p proofFake) AddCosts(_ context.Context, all []proof.Cost, _ string) ([]proof.Cost, error) {
	return all, p.err
}

func (p proofFake) ChangeCost(_ context.Context, c proof.Cost, _ bool, _ string) (proof.Cost, error) {
	return c, p.err
}

func (p proofFake) Inputs(context.Context) ([]proof.Input, error) {
	return []proof.Input{{Key: "case.cost", Likely: 12}}, p.err
}

func (p proofFake) SetInput(_ context.Context, in proof.Input, _ string) (proof.Input, error) {
	return in, p.err
}

// The bodies of requests.
const (
	impactQuestion = `{"title":"A","exposure":{"kind":"answer","hours":24},"outcome":{"kind":"says","days":60},"from":"2026-01-01","to":"2026-02-01"`
	impactCost     = `{"name":"Venue","category":"events","rhythm":"once","from":"2026-05-02","amount":1200,"currency":"EUR","version":1,"id":1}`
)

// impactRequests call every operation of impact.
func impactRequests() []string {
	return []string{
		"GET /impact/measures", "GET /impact/measures/mentions?from=2026-01-01&to=2026-03-31", "GET /impact/measures/mentions/records", "GET /impact/figures", "GET /impact/studies", "GET /impact/subjects",
		"POST /impact/studies " + impactQuestion + "}", "GET /impact/studies/1", "PUT /impact/studies/1 " + impactQuestion + `,"version":1}`, `POST /impact/studies/1/remove {"version":1}`, "GET /impact/studies/1/runs", "POST /impact/studies/1/runs",
		"GET /impact/runs/3", "POST /impact/runs/3/cancel", "GET /impact/runs/3/people", "GET /impact/costs", "POST /impact/costs " + impactCost, `POST /impact/cost-files {"csv":"name,category,from,amount,currency\nVenue,events,2026-05-02,1200,EUR\n"}`,
		"PUT /impact/costs/1 " + impactCost, "POST /impact/costs/1/remove " + impactCost, "GET /impact/assumptions", `PUT /impact/assumptions/case.cost {"key":"case.cost","name":"","low":10,"likely":12,"high":20,"origin":"support","editable":true,"known":true}`,
	}
}

func TestImpact(t *testing.T) {
	f := newFake(t)
	c := newClient(t, f.handler(t), user(auth.RoleManager))
	for _, x := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/impact/measures/mentions?from=May", "", 400},
		{"GET", "/impact/measures/joy", "", 404},
		{"POST", "/impact/cost-files", `{"csv":"name,category,from,amount,currency\nVenue,joy,2026-05-02,1200,EUR\n"}`, 400},
	} {
		if w := c.do(t, x.method, base+x.path, x.body); w.Code != x.want {
			t.Errorf("%s %s: %d, want %d; %s", x.method, x.path, w.Code, x.want, w.Body)
		}
	}
	if w := c.as(user(auth.RoleViewer)).do(t, "POST", base+"/impact/studies", impactQuestion+"}"); w.Code != 403 {
		t.Errorf("a viewer makes a study: %d", w.Code)
	}
}
