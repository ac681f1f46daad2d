// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"

	"greenroom"
	"greenroom/internal/report"
	"greenroom/internal/server"
)

// sampleReports makes an executive report with two editions, one delivered inside only and one drafted, unless there are
// reports already. It goes to nobody.
func sampleReports(ctx context.Context, app *server.App) error {
	engine, err := app.Analytics(ctx)
	if err != nil {
		return err
	}
	s, err := app.Reports(engine, nil, "Lumen (sample)", nil)
	if err != nil {
		return err
	}
	if all, err := s.List(ctx); err != nil || len(all) > 0 {
		return err
	}
	if err := app.Projector.CatchUp(ctx); err != nil {
		return fmt.Errorf("bringing the figures up to date: %w", err)
	}
	t, err := report.TemplateFor(report.Executive)
	if err != nil {
		return err
	}
	t.New.Owner = "maya@" + sampleTeam
	r, err := s.Add(ctx, t.New, "sample")
	if err != nil {
		return fmt.Errorf("making the sample's report: %w", err)
	}
	now := app.Now().In(app.Zone())
	before := report.Monthly.PeriodOf(report.Monthly.Last(now).From.AddDate(0, 0, -1)).Key
	for _, period := range []string{before, ""} {
		e, err := s.Make(ctx, r.ID, period, "sample")
		if greenroom.ErrorCode(err) == greenroom.CodeInvalid {
			continue // the sample does not reach so far back
		}
		if err != nil {
			return fmt.Errorf("drafting the sample's report: %w", err)
		}
		words := report.Comments{e.Content.Blocks[0].Block.ID: "Members answer more and more of the questions themselves. We ask for **two days a month of an engineer** in the forum: what stays open is mostly about self-hosting."}
		if period == "" {
			continue
		}
		if e, err = s.Write(ctx, e.ID, e.Version, words, t.New.Owner); err != nil {
			return fmt.Errorf("editing the sample's report: %w", err)
		}
		if _, err = s.Deliver(ctx, e.ID, e.Version, t.New.Owner); err != nil {
			return fmt.Errorf("delivering the sample's report: %w", err)
		}
	}
	return nil
}
