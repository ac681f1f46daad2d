// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"greenroom/internal/proof"
	"greenroom/internal/sample"
	"greenroom/internal/server"
	"greenroom/internal/workflow"
)

// sampleImpact asks two questions of the sample, one of a workflow that holds some out by chance, and says what the sample's
// community costs, unless somebody has asked already. Nothing is sent.
func sampleImpact(ctx context.Context, app *server.App) error {
	engine, err := app.Analytics(ctx)
	if err != nil {
		return err
	}
	s := app.Proof(engine)
	if all, err := s.List(ctx); err != nil || len(all) > 0 {
		return err
	}
	flow, err := sampleHoldOut(ctx, app)
	if err != nil {
		return err
	}
	const by = "sample"
	now := app.Now()
	day := func(ago int) string { return now.AddDate(0, 0, -ago).Format(time.DateOnly) }
	for _, d := range []proof.Draft{
		{
			Title: "Do first-month tips bring people back?", Decides: "Whether the tips are written for every product", Exposure: proof.Exposure{Kind: proof.ByWorkflow, Ref: flow}, Outcome: proof.Outcome{Kind: proof.Says, Days: 60},
			From: day(540), To: day(61), Owner: "maya@" + sampleTeam,
		},
		{
			Title: "Does an answer within four hours keep people?", Decides: "The target time of the inbox", Exposure: proof.Exposure{Kind: proof.ByAnswer, Hours: 4}, Outcome: proof.Outcome{Kind: proof.Active, Days: 60},
			From: day(540), To: day(62), Owner: "maya@" + sampleTeam,
		},
	} {
		x, err := s.Add(ctx, d, by)
		if err != nil {
			return fmt.Errorf("making the study %s: %w", d.Title, err)
		}
		if _, err := s.Ask(ctx, x.ID, by); err != nil {
			return fmt.Errorf("asking for the study %s: %w", d.Title, err)
		}
	}
	if err := s.WorkOnce(ctx); err != nil {
		return fmt.Errorf("computing the sample's studies: %w", err)
	}
	if _, err := s.AddCosts(ctx, []proof.Cost{
		{Name: "Community manager", Category: "people", Rhythm: proof.EachMonth, From: day(700), Hours: 150, Rate: 55, Currency: "EUR", Note: "payroll, with everything on top"},
		{Name: "Engineers who answer", Category: "people", Rhythm: proof.EachMonth, From: day(700), Hours: 20, Rate: 80, Currency: "EUR", Note: "hours as they noted them"},
		{Name: "Forum hosting", Category: "platform", Rhythm: proof.EachYear, From: day(700), Amount: 1200, Currency: "EUR", Note: "invoice"},
		{Name: "Autumn meetup", Category: "events", Rhythm: proof.Once, From: day(40), Amount: 1800, Currency: "EUR", Note: "venue and food"},
	}, by); err != nil {
		return fmt.Errorf("adding the sample's costs: %w", err)
	}
	for _, in := range sampleInputs() {
		if _, err := s.SetInput(ctx, in, by); err != nil {
			return fmt.Errorf("setting %s: %w", in.Key, err)
		}
	}
	return nil
}

// sampleInputs is what the sample's team has counted elsewhere: on its web site, at the form of its help desk, and by asking visitors.
func sampleInputs() []proof.Input {
	all := []proof.Input{
		{Key: "case.cost", Low: 14, Likely: 18, High: 26, Origin: "help desk, last year"},
		{Key: "views.answered", Low: 2400, Likely: 3000, High: 3600, Origin: "web statistics, a month"},
		{Key: "views.other", Low: 5000, Likely: 6500, High: 8000, Origin: "web statistics, a month"},
		{Key: "visits", Low: 3800, Likely: 4200, High: 4600, Origin: "web statistics, a month"},
		{Key: "others.words", Words: sample.Rivals(), Origin: "whom prospects name, by the sales team"},
		{Key: "brand.words", Words: []string{"Lumen"}, Origin: "the product's name"},
	}
	for _, counted := range []struct {
		key    string
		n      float64
		origin string
	}{
		{"forms.sessions", 420, "help desk, a month"},
		{"forms.deflected", 96, "help desk, a month"},
		{"forms.returned", 22, "help desk, a month"},
		{"searches.all", 2600, "search of the forum, a month"},
		{"searches.clicked", 1450, "search of the forum, a month"},
		{"searches.went_on", 190, "search of the forum, a month"},
		{"survey.asked", 310, "banner on the forum, October"},
		{"survey.support", 208, "banner on the forum, October"},
		{"survey.found", 117, "banner on the forum, October"},
		{"survey.instead", 49, "banner on the forum, October"},
	} {
		all = append(all, proof.Input{Key: counted.key, Low: counted.n, Likely: counted.n, High: counted.n, Origin: counted.origin})
	}
	return all
}

// sampleHoldOut makes a workflow that is over: who came in the last year and a half entered it, and a fifth was held out.
func sampleHoldOut(ctx context.Context, app *server.App) (id int64, err error) {
	acts, err := app.Acts(app.Importer, nil)
	if err != nil {
		return 0, err
	}
	const by, percent = "sample", 20
	var w workflow.Workflow
	if err := flowsOf(app, acts, func(flows *server.Workflows, _ *server.Outbox) error {
		if w, err = flows.Add(ctx, "First-month tips", workflow.Definition{
			Trigger: workflow.Trigger{Kind: workflow.OnHand}, HoldOut: workflow.HoldOut{Percent: percent, Outcome: "kind:message,reply,question,answer,comment", Days: 60},
			Steps: []workflow.Step{{Kind: workflow.StepTask, Title: "Send {{name}} three tips for the first month", Days: 7}},
		}, by); err != nil {
			return err
		}
		if w, err = flows.Turn(ctx, w.Key, workflow.On, by); err != nil {
			return err
		}
		w, err = flows.Turn(ctx, w.Key, workflow.Off, by)
		return err
	}); err != nil {
		return 0, fmt.Errorf("making a workflow with a hold-out: %w", err)
	}
	ids, err := app.Store.SegmentFits(ctx, nil, app.Now())
	if err != nil {
		return 0, err
	}
	people, err := app.Store.StudyPeople(ctx, ids)
	if err != nil {
		return 0, err
	}
	p := workflow.Portion{}
	for _, member := range ids {
		at := people[member].First
		if people[member].Out || at.Before(app.Now().AddDate(0, -18, 0)) {
			continue
		}
		at = at.AddDate(0, 0, 1)
		run := workflow.Run{WorkflowID: w.ID, Version: w.Version, MemberID: member, State: workflow.Done, Cause: "came for the first time", Key: "first/" + strconv.FormatInt(member, 10), EnteredAt: at, Since: at, EndedAt: at.AddDate(0, 0, 7), Outcome: -1}
		if workflow.HeldOut(w.ID, member, percent) {
			run.State, run.EndedAt = workflow.Held, at
		}
		if run.EndedAt.Before(app.Now()) {
			p.Runs = append(p.Runs, run)
		}
	}
	if _, err := app.Store.Enter(ctx, &p); err != nil {
		return 0, fmt.Errorf("letting members into the sample's workflow: %w", err)
	}
	return w.ID, nil
}
