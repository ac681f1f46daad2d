// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"time"

	"greenroom"
	"greenroom/internal/business"
	"greenroom/internal/server"
)

// sampleAccounts gives the sample's currencies rates, and the first accounts at risk an owner, a next step and a note, unless
// rates are there already.
func sampleAccounts(ctx context.Context, app *server.App) error {
	svc := app.Business()
	if have, err := svc.Rates(ctx); err != nil || len(have) > 0 {
		return err
	}
	// Invented, near what they were; one for each year that the sample can reach back to.
	var rates []greenroom.Rate
	for year, usd := range []float64{1.11, 1.08, 1.09, 1.07, 1.10} {
		day := time.Date(app.Now().Year()-4+year, 1, 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		rates = append(rates, greenroom.Rate{Base: "EUR", Currency: "USD", Day: day, Value: usd, Origin: "sample"}, greenroom.Rate{Base: "EUR", Currency: "GBP", Day: day, Value: 0.86, Origin: "sample"})
	}
	if err := app.Store.SetCurrencyRates(ctx, rates); err != nil {
		return err
	}
	risky, err := svc.List(ctx, business.Filter{List: business.ListRisk})
	if err != nil || len(risky) == 0 {
		return err
	}
	const owner = "maya@lumenlabs.example"
	step, follow := "Call before the renewal and ask what is missing", app.Now().AddDate(0, 0, 3).Format(time.DateOnly)
	who := owner
	if _, err := svc.Change(ctx, []int64{risky[0].Organization}, 0, business.Patch{Owner: &who, NextStep: &step, FollowUp: &follow}, "sample"); err != nil {
		return fmt.Errorf("giving an account to somebody: %w", err)
	}
	_, err = svc.AddNote(ctx, risky[0].Organization, "Their project lead has moved to another team; nobody has taken over yet.", owner)
	return err
}
