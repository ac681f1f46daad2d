// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"cmp"
	"context"
	"slices"

	"greenroom"
	"greenroom/internal/business"
	"greenroom/internal/writeback"
)

// Business makes the service that reads business data and keeps accounts.
func (a *App) Business() *business.Service {
	return business.New(a.Store, auditor{a.Auth}, a.Now, a.Zone)
}

// books tells of accounts what is written back of them.
type books struct {
	*business.Service

	today func() string // YYYY-MM-DD, where the community is
}

// Accounts lists the accounts of a filter, ordered by organization.
func (b books) Accounts(ctx context.Context, f writeback.AccountFilter) ([]writeback.Account, error) {
	state := greenroom.LifecycleState(f.Lifecycle)
	if states := []greenroom.LifecycleState{"", greenroom.Prospect, greenroom.Trial, greenroom.Customer, greenroom.Churned}; !slices.Contains(states, state) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is no state of a lifecycle; expected prospect, trial, customer or churned", f.Lifecycle)
	}
	views, err := b.List(ctx, business.Filter{List: f.List, Owner: f.Owner, Lifecycle: state})
	if err != nil {
		return nil, err
	}
	today := b.today()
	all := make([]writeback.Account, len(views))
	for i := range views {
		v := &views[i]
		a := writeback.Account{
			Organization: v.Organization, Name: v.Name, Level: string(v.Health.Level), Points: v.Health.Points, AtRisk: v.Health.Level == business.AtRisk, Questions: v.Questions,
			LastActive: v.LastActive, Owner: v.Owner, Renewal: v.Renewal, RenewalOf: v.RenewalOf,
			Reasons: writtenReasons(v.Health.Reasons), Chances: writtenReasons(v.Chances), NextStep: v.NextStep, FollowUp: v.FollowUp, Snoozed: v.Snoozed >= today,
		}
		all[i] = a
	}
	slices.SortFunc(all, func(a, b writeback.Account) int { return cmp.Compare(a.Organization, b.Organization) })
	return all, nil
}

func writtenReasons(all []business.Reason) (written []writeback.AccountReason) {
	for _, r := range all {
		written = append(written, writeback.AccountReason{Kind: r.Kind, Text: r.Text})
	}
	return written
}
