// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"

	"greenroom/internal/analytics"
	"greenroom/internal/report"
)

// paperFake is a fake of reports with one edition.
type paperFake struct{ *fake }

func (p paperFake) report() report.Report {
	return report.Report{ID: 2, Version: 1, CreatedBy: "ana", CreatedAt: now, Draft: report.Draft{Title: "For the board", For: report.Executive, Rhythm: report.Monthly, Blocks: []report.Block{{ID: "b1", Kind: report.Metric, Metric: "active_members"}}}}
}

func (p paperFake) edition() report.Edition {
	v := 12.0
	return report.Edition{ID: 7, ReportID: 2, Version: 1, State: report.Drafted, Period: report.Period{Key: "2026-10", From: now, To: now}, CreatedBy: "ana", CreatedAt: now, Content: report.Content{
		Title: "For the board", Community: "Acme", Period: "October 2026", Zone: "UTC", MadeAt: now, Blocks: []report.Filled{{Block: report.Block{ID: "b1", Kind: report.Metric}, Title: "Active members", Figure: &report.Figure{Label: "Active members", Unit: analytics.UnitMembers, Value: &v}}},
	}}
}

func (p paperFake) List(context.Context) ([]report.Report, error) {
	return []report.Report{p.report()}, p.err
}
func (p paperFake) Get(context.Context, int64) (report.Report, error) { return p.report(), p.err }

func (p paperFake) Add(context.Context, report.Draft, string) (report.Report, error) {
	return p.report(), p.err
}

func (p paperFake) Edit(context.Context, int64, int64, report.Draft, string) (report.Report, error) {
	return p.report(), p.err
}

func (p paperFake) Archive(context.Context, int64, int64, bool, string) (report.Report, error) {
	return p.report(), p.err
}

func (p paperFake) Preview(context.Context, report.Draft, string) (report.Content, report.Period, error) {
	return p.edition().Content, p.edition().Period, p.err
}

func (p paperFake) Editions(context.Context, int64) ([]report.Edition, error) {
	return []report.Edition{p.edition()}, p.err
}

func (p paperFake) Edition(context.Context, int64) (report.Edition, error) { return p.edition(), p.err }

func (p paperFake) Make(context.Context, int64, string, string) (report.Edition, error) {
	return p.edition(), p.err
}

func (p paperFake) Write(context.Context, int64, int64, report.Comments, string) (report.Edition, error) {
	return p.edition(), p.err
}

func (p paperFake) Refresh(context.Context, int64, int64, string) (report.Edition, error) {
	return p.edition(), p.err
}

func (p paperFake) Deliver(context.Context, int64, int64, string) (report.Edition, error) {
	return p.edition(), p.err
}

func (p paperFake) Restate(context.Context, int64) ([]report.Restated, error) {
	return []report.Restated{{Block: "b1", Label: "Active members", Unit: analytics.UnitMembers}}, p.err
}

func (p paperFake) Share(context.Context, int64, report.NewShare, string) (report.Share, error) {
	return report.Share{ID: 4, EditionID: 7, ExpiresAt: now, CreatedAt: now, URL: "https://x.example/c/report?t=x"}, p.err
}

func (p paperFake) Shares(ctx context.Context, id int64) ([]report.Share, error) {
	one, err := p.Share(ctx, id, report.NewShare{}, "")
	return []report.Share{one}, err
}
func (p paperFake) Revoke(context.Context, int64, string) error { return p.err }

func (p paperFake) Openings(context.Context, int64) ([]report.Opening, error) {
	return []report.Opening{{EditionID: 7, Who: "ana", What: "pdf", At: now}}, p.err
}
func (p paperFake) Looked(context.Context, int64, string, string) error { return p.err }

// reportRequests call every operation on reports.
func reportRequests() []string {
	const draft = `{"title":"A","for":"executive","rhythm":"monthly","blocks":[],"schedule":{"on":false,"review":true,"day":2,"hour":9}`
	return []string{
		"GET /reports", "GET /report-templates", "POST /reports " + draft + "}", "GET /reports/2", "PUT /reports/2 " + draft + `,"version":1}`, `POST /reports/2/archive {"version":1,"archived":true}`, `POST /reports/2/preview {"period":"2026-10"}`,
		"GET /reports/2/editions", `POST /reports/2/editions {"period":"2026-10"}`, "GET /report-editions/7", `PUT /report-editions/7/words {"version":1,"words":{"b1":"x"}}`, `POST /report-editions/7/refresh {"version":1}`, `POST /report-editions/7/deliver {"version":1}`,
		"GET /report-editions/7/shares", `POST /report-editions/7/shares {"label":"x","days":3}`, "DELETE /report-shares/4", "GET /report-editions/7/openings", "GET /report-editions/7/files/pdf", "GET /report-editions/7/restated",
	}
}
