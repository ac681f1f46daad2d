// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"
	"strings"

	"greenroom/internal/analytics"
	"greenroom/internal/maturity"
	"greenroom/internal/tool"
)

// Whose the sample's tools are.
const (
	sampleOwner = "maya@lumenlabs.example"
	sampleTeam  = "lumenlabs.example"
)

// SampleTools enters a small stack, a review of vendors, and what two people say of where the community stands, unless there
// are tools already.
func (a *App) SampleTools(ctx context.Context, engine *analytics.Engine) error {
	if have, err := a.Store.Tools(ctx); err != nil || len(have) > 0 {
		return err
	}
	trust := a.Stack(engine, nil)
	tools := a.Tools(trust)
	suggested, err := tools.Suggestions(ctx)
	if err != nil {
		return fmt.Errorf("looking at the sample's sources: %w", err)
	}
	crm, err := sampleSources(ctx, tools, suggested)
	if err != nil {
		return err
	}
	day := func(days int) string { return a.Now().AddDate(0, 0, days).Format("2006-01-02") }
	ids := map[string]int64{}
	for _, d := range []tool.Draft{
		{Name: "Warehouse", Category: "analytics", State: tool.InUse, Owner: "data@" + sampleTeam, Cost: 400, Currency: "USD", Every: tool.Monthly, Users: 6, Suits: []tool.Stage{tool.Impact}, FromGR: true, Data: []string{"figures", "product usage"}, Region: "US"},
		{Name: "HubSpot", Category: "crm", State: tool.InUse, Owner: "sales@" + sampleTeam, Cost: 9600, Currency: "EUR", Every: tool.Yearly, Users: 22, Renewal: day(75), Notice: 60, Personal: true, Data: []string{"contacts", "deals"}, Region: "EU", FromGR: true, Sources: crm},
		{Name: "Swag shop", Category: "rewards", State: tool.Trial, Owner: sampleOwner, Cost: 49, Currency: "EUR", Every: tool.Monthly, Users: 2, Personal: true, Data: []string{"postal addresses"}, Region: "EU"},
		{Name: "Survey desk", Category: "surveys", State: tool.Retired, Note: "Greenroom's own surveys do."},
	} {
		t, err := tools.Add(ctx, d, sampleOwner)
		if err != nil {
			return fmt.Errorf("entering a tool of the sample: %w", err)
		}
		ids[d.Name] = t.ID
	}
	stream := tool.Draft{Name: "Usage stream", Purpose: "What people do in the product.", Category: "product", State: tool.InUse, Owner: "data@" + sampleTeam, Feeds: []tool.Feed{{To: ids["Warehouse"], What: "product usage"}, {To: ids["HubSpot"], What: "active accounts"}}}
	if _, err := tools.Add(ctx, stream, sampleOwner); err != nil {
		return fmt.Errorf("entering a tool of the sample: %w", err)
	}
	if err := tools.SetMoney(ctx, tool.Money{Currency: "EUR", Rates: []tool.Rate{{Currency: "USD", Day: day(-300), Rate: .92}}}, sampleOwner); err != nil {
		return fmt.Errorf("setting the sample's currency: %w", err)
	}
	if _, err := tools.AddIncident(ctx, tool.Incident{ToolID: ids["HubSpot"], From: a.Now().AddDate(0, 0, -12), To: a.Now().AddDate(0, 0, -11), Note: "Contacts were not written for a day: the token had run out."}, sampleOwner); err != nil {
		return fmt.Errorf("writing down the sample's incident: %w", err)
	}
	if err := sampleReview(ctx, tools); err != nil {
		return err
	}
	return sampleMaturity(ctx, a.Maturity(engine, trust))
}

// sampleSources enters the tools behind some of the sample's sources, with what they cost; the others stay suggestions. It
// gives the names of the sources that are files of the system for customers.
func sampleSources(ctx context.Context, tools *tool.Service, suggested []tool.Suggestion) (crm []string, err error) {
	costs := map[string]tool.Draft{
		"slack":   {Owner: sampleOwner, Cost: 7.25 * 12, Currency: "EUR", Every: tool.Monthly, Users: 12, Personal: true, Data: []string{"messages", "profiles"}, Region: "US"},
		"forum":   {Owner: sampleOwner, Cost: 1200, Currency: "EUR", Every: tool.Yearly, Users: 4, Personal: true, Data: []string{"messages", "profiles"}, Region: "EU"},
		"github":  {Owner: "sam@" + sampleTeam, Users: 30, Data: []string{"issues", "code"}, Region: "US"},
		"discord": {Owner: "sam@" + sampleTeam, Users: 5, Personal: true, Data: []string{"messages", "profiles"}, Region: "US"},
		"billing": {Owner: "finance@" + sampleTeam, Cost: 90, Currency: "EUR", Every: tool.Monthly, Users: 3, Personal: true, Data: []string{"subscriptions"}, Region: "EU"},
	}
	for i := range suggested {
		source := suggested[i].Source.Name
		if strings.HasPrefix(source, "crm-") {
			crm = append(crm, source)
			continue
		}
		with, is := costs[source]
		if !is {
			continue
		}
		t, err := tools.Accept(ctx, source, sampleOwner)
		if err != nil {
			return nil, fmt.Errorf("entering a tool of the sample: %w", err)
		}
		d := t.Draft
		if source == "billing" {
			d.Name = "Billing"
		}
		d.Owner, d.Users, d.Cost, d.Currency, d.Every, d.Personal, d.Data, d.Region = with.Owner, with.Users, with.Cost, with.Currency, with.Every, with.Personal, with.Data, with.Region
		if _, err := tools.Edit(ctx, t.ID, t.Version, d, sampleOwner); err != nil {
			return nil, fmt.Errorf("saying what a tool of the sample costs: %w", err)
		}
	}
	return crm, nil
}

// sampleReview compares two tools, with two people who do not agree.
func sampleReview(ctx context.Context, tools *tool.Service) error {
	t, err := tool.FindTemplate("events")
	if err != nil {
		return err
	}
	r, err := tools.AddReview(ctx, tool.ReviewDraft{
		Title: "A tool for meetups", Why: "Hosts in six cities should not need us for each evening.", Category: t.Category, Owner: sampleOwner, Criteria: t.Criteria(),
		Candidates: []tool.Candidate{{Name: "Gather", Cost: "900 EUR a year"}, {Name: "Evenings", Cost: "1,400 EUR a year"}},
	}, sampleOwner)
	if err != nil {
		return fmt.Errorf("beginning the sample's review: %w", err)
	}
	for person, given := range map[string][2][]int{sampleOwner: {{4, 4, 2, 3, 5, 3, 4, 4, 3}, {4, 5, 5, 4, 2, 4, 3, 3, 4}}, "sam@" + sampleTeam: {{5, 3, 2, 4, 5, 4, 4, 3, 3}, {3, 5, 4, 4, 4, 3, 4, 4, 3}}} {
		var all []tool.Score
		for i, candidate := range r.Candidates {
			for k, criterion := range r.Criteria {
				if k < len(given[i]) {
					all = append(all, tool.Score{Candidate: candidate.Key, Criterion: criterion.Key, Score: given[i][k]})
				}
			}
		}
		if person == sampleOwner {
			all[2].Note = "Each chapter would share one account."
		}
		if _, err := tools.Give(ctx, r.ID, all, person); err != nil {
			return fmt.Errorf("giving scores in the sample: %w", err)
		}
	}
	return nil
}

// sampleMaturity answers for two people, and keeps what comes out.
func sampleMaturity(ctx context.Context, s *maturity.Service) error {
	for person, levels := range map[string]map[string]int{
		sampleOwner:         {"why": 3, "goals": 3, "follow": 2, "sponsor": 3, "away": 2, "heard": 3, "shared": 2, "kept": 2, "conduct": 3, "rights": 2, "consent": 3, "rhythm": 2},
		"sam@" + sampleTeam: {"why": 3, "sponsor": 1, "newcomers": 3, "heard": 2, "soon": 2, "shared": 2, "kept": 1, "conduct": 3, "rights": 2, "rule": 2},
	} {
		var all []maturity.Answer
		for _, q := range maturity.Questions() {
			if level := levels[q.Key]; level > 0 {
				all = append(all, maturity.Answer{Question: q.Key, Level: level})
			}
		}
		if _, err := s.Answer(ctx, all, person); err != nil {
			return fmt.Errorf("answering in the sample: %w", err)
		}
	}
	if _, err := s.Keep(ctx, "The first time.", sampleOwner); err != nil {
		return fmt.Errorf("keeping the sample's assessment: %w", err)
	}
	return nil
}
