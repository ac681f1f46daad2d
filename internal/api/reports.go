// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/auth"
	"greenroom/internal/report"
	"greenroom/internal/report/paper"
)

// Reports are made for stakeholders and delivered to them; report.Service does.
type Reports interface {
	List(ctx context.Context) ([]report.Report, error)
	Get(ctx context.Context, id int64) (report.Report, error)
	ReportDrafts
	ReportEditions
	ReportShares
}

// ReportDrafts writes what reports consist of.
type ReportDrafts interface {
	Add(ctx context.Context, d report.Draft, by string) (report.Report, error)
	Edit(ctx context.Context, id, version int64, d report.Draft, by string) (report.Report, error)
	Archive(ctx context.Context, id, version int64, away bool, by string) (report.Report, error)
	Preview(ctx context.Context, d report.Draft, period string) (report.Content, report.Period, error)
}

// ReportEditions are what was made of reports.
type ReportEditions interface {
	Editions(ctx context.Context, report int64) ([]report.Edition, error)
	Edition(ctx context.Context, id int64) (report.Edition, error)
	Make(ctx context.Context, report int64, period, by string) (report.Edition, error)
	Write(ctx context.Context, id, version int64, words report.Comments, by string) (report.Edition, error)
	Refresh(ctx context.Context, id, version int64, by string) (report.Edition, error)
	Deliver(ctx context.Context, id, version int64, by string) (report.Edition, error)
	Restate(ctx context.Context, id int64) ([]report.Restated, error)
}

// ReportShares are links to editions, and who opened them.
type ReportShares interface {
	Share(ctx context.Context, edition int64, n report.NewShare, by string) (report.Share, error)
	Shares(ctx context.Context, edition int64) ([]report.Share, error)
	Revoke(ctx context.Context, share int64, by string) error
	Openings(ctx context.Context, edition int64) ([]report.Opening, error)
	Looked(ctx context.Context, edition int64, by, what string) error
}

// ReportChange is all that can be changed of a report, with the version that it was made from.
type ReportChange struct {
	report.Draft
	Version int64 `json:"version" doc:"The version that was looked at. With another one nothing is changed."`
}

// ReportVersion names the version that was looked at.
type ReportVersion struct {
	Version  int64 `json:"version" doc:"The version that was looked at. With another one nothing is changed."`
	Archived bool  `json:"archived,omitempty" doc:"Of archiving: put it away, or take it out again."`
}

// ReportWhich names a period.
type ReportWhich struct {
	Period string `json:"period,omitempty" doc:"Such as 2026-10, 2026-W43 or 2026-Q4; left out: the last whole one."`
}

// ReportWords are comments of an edition.
type ReportWords struct {
	Version int64             `json:"version" doc:"The version that was looked at. With another one nothing is changed."`
	Words   map[string]string `json:"words" doc:"Texts by block, in Markdown. An empty one is written by rule again; blocks that are left out stay as they are."`
}

func (a *api) reportOps() []op {
	if a.Reports == nil {
		return nil
	}
	id := idParam("The report's number.")
	one := content{of: report.Report{}, example: exampleStakeholderReport()}
	conflict := []greenroom.Code{greenroom.CodeConflict}
	draft := exampleStakeholderReport().Draft
	give := func(r report.Report, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		return ok(r)
	}
	all := []op{
		{
			method: http.MethodGet, path: "/reports", id: "listReportDefinitions", tag: "Reports", need: auth.Read, reply: content{of: Items[report.Report]{}, example: Items[report.Report]{Items: []report.Report{exampleStakeholderReport()}}},
			summary: "Reports", text: "The oldest first, those that are archived too.",
			do: func(c *call) (answer, error) {
				all, err := a.Reports.List(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodGet, path: "/report-templates", id: "listReportTemplates", tag: "Reports", need: auth.Read, reply: content{of: Items[report.Template]{}, example: Items[report.Template]{Items: report.Templates()[:1]}},
			summary: "Templates of reports", text: "One for each stakeholder. Send its draft, with what you change, to make a report.",
			do: func(*call) (answer, error) { return itemsOf(report.Templates()) },
		},
		{
			method: http.MethodPost, path: "/reports", id: "createReport", tag: "Reports", need: auth.Write, status: http.StatusCreated, repeatable: true, reply: one,
			summary: "Make a report", text: "Blocks in the order in which they are read, and when it goes to whom.", body: &content{of: report.Draft{}, text: "The report.", example: draft},
			do: func(c *call) (answer, error) {
				d, err := decode[report.Draft](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Reports.Add(c.ctx(), d, c.by()))
			},
		},
		{
			method: http.MethodGet, path: "/reports/{id}", id: "getReportDefinition", tag: "Reports", need: auth.Read, params: []param{id}, reply: one, summary: "A report", text: "What it shows, and when it goes to whom.",
			do: func(c *call) (answer, error) { return give(a.Reports.Get(c.ctx(), c.id())) },
		},
		{
			method: http.MethodPut, path: "/reports/{id}", id: "changeReport", tag: "Reports", need: auth.Write, params: []param{id}, reply: one, codes: conflict,
			summary: "Change a report", text: "Everything is set as it is sent. With another version than the report has, nothing is changed and the answer is a conflict.",
			body: &content{of: ReportChange{}, text: "The report, and its version.", example: ReportChange{Draft: draft, Version: 1}},
			do: func(c *call) (answer, error) {
				d, err := decode[ReportChange](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Reports.Edit(c.ctx(), c.id(), d.Version, d.Draft, c.by()))
			},
		},
		{
			method: http.MethodPost, path: "/reports/{id}/archive", id: "archiveReport", tag: "Reports", need: auth.Write, params: []param{id}, reply: one, codes: conflict,
			summary: "Put a report away, or take it out again", text: "Nothing is made of it any more; its editions stay.", body: &content{of: ReportVersion{}, text: "Its version.", example: ReportVersion{Version: 1, Archived: true}},
			do: func(c *call) (answer, error) {
				d, err := decode[ReportVersion](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Reports.Archive(c.ctx(), c.id(), d.Version, d.Archived, c.by()))
			},
		},
		{
			method: http.MethodPost, path: "/reports/{id}/preview", id: "previewReport", tag: "Reports", need: auth.Read, params: []param{id}, reply: content{of: report.Content{}, example: exampleEdition().Content},
			summary: "What a report would show", text: "Computed now; nothing is stored.", body: &content{of: ReportWhich{}, text: "Of which period.", example: ReportWhich{Period: "2026-10"}},
			do: func(c *call) (answer, error) {
				p, err := decode[ReportWhich](c)
				if err != nil {
					return answer{}, err
				}
				r, err := a.Reports.Get(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				shown, _, err := a.Reports.Preview(c.ctx(), r.Draft, p.Period)
				if err != nil {
					return answer{}, err
				}
				return ok(shown)
			},
		},
	}
	return append(append(all, a.editionOps(id)...), a.editionFiles(), a.editionRestated())
}

func (a *api) editionOps(of param) []op {
	id := idParam("The edition's number.")
	one := content{of: report.Edition{}, example: exampleEdition()}
	conflict := []greenroom.Code{greenroom.CodeConflict}
	give := func(e report.Edition, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		return ok(e)
	}
	version := &content{of: ReportVersion{}, text: "Its version.", example: ReportVersion{Version: 1}}
	turn := func(path, id, summary, text string, do func(ctx context.Context, id, version int64, by string) (report.Edition, error)) op {
		return op{
			method: http.MethodPost, path: "/report-editions/{id}/" + path, id: id, tag: "Reports", need: auth.Write, params: []param{idParam("The edition's number.")}, reply: one, codes: conflict, summary: summary, text: text, body: version,
			do: func(c *call) (answer, error) {
				d, err := decode[ReportVersion](c)
				if err != nil {
					return answer{}, err
				}
				return give(do(c.ctx(), c.id(), d.Version, c.by()))
			},
		}
	}
	all := []op{
		{
			method: http.MethodGet, path: "/reports/{id}/editions", id: "listReportEditions", tag: "Reports", need: auth.Read, params: []param{of}, reply: content{of: Items[report.Edition]{}, example: Items[report.Edition]{Items: []report.Edition{exampleEdition()}}},
			summary: "Editions of a report", text: "The newest period first, each with its content.",
			do: func(c *call) (answer, error) {
				all, err := a.Reports.Editions(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/reports/{id}/editions", id: "makeReportEdition", tag: "Reports", need: auth.Write, params: []param{of}, status: http.StatusCreated, reply: one, codes: conflict,
			summary: "Draft an edition", text: "Of one whole period. There is one for each period: asked again, the same is given.", body: &content{of: ReportWhich{}, text: "Of which period.", example: ReportWhich{Period: "2026-10"}},
			do: func(c *call) (answer, error) {
				p, err := decode[ReportWhich](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Reports.Make(c.ctx(), c.id(), p.Period, c.by()))
			},
		},
		{
			method: http.MethodGet, path: "/report-editions/{id}", id: "getReportEdition", tag: "Reports", need: auth.Read, params: []param{id}, reply: one, summary: "An edition", text: "With everything it shows. One that was delivered is frozen with its data; quotes that were withdrawn since are not in it.",
			do: func(c *call) (answer, error) { return give(a.Reports.Edition(c.ctx(), c.id())) },
		},
		{
			method: http.MethodPut, path: "/report-editions/{id}/words", id: "writeReportEdition", tag: "Reports", need: auth.Write, params: []param{id}, reply: one, codes: conflict, summary: "Edit the words of a draft", text: "Refreshing the figures keeps what is written.",
			body: &content{of: ReportWords{}, text: "The texts.", example: ReportWords{Version: 1, Words: map[string]string{"b1": "A good month: **twelve** new helpers."}}},
			do: func(c *call) (answer, error) {
				d, err := decode[ReportWords](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Reports.Write(c.ctx(), c.id(), d.Version, d.Words, c.by()))
			},
		},
		turn("refresh", "refreshReportEdition", "Compute a draft anew", "With the blocks that its report has now. What people wrote stays.", a.Reports.Refresh),
		turn("deliver", "deliverReportEdition", "Deliver a draft", "Freezes it with its data and sends it to whom its report names, once.", a.Reports.Deliver),
	}
	return append(all, a.editionShares(id)...)
}

func (a *api) editionShares(id param) []op {
	share := report.Share{ID: 4, EditionID: 7, Label: "the board", Locked: true, ExpiresAt: exampleTime(28), CreatedBy: "ana@acme.example", CreatedAt: exampleTime(3), URL: "https://greenroom.example.org/c/report?t=..."}
	opening := report.Opening{EditionID: 7, ShareID: 4, Who: "the board", What: "page", At: exampleTime(4)}
	return []op{
		{
			method: http.MethodGet, path: "/report-editions/{id}/shares", id: "listReportShares", tag: "Reports", need: auth.Write, secret: true, params: []param{id}, reply: content{of: Items[report.Share]{}, example: Items[report.Share]{Items: []report.Share{share}}},
			summary: "Links to an edition", text: "With their addresses while they open.",
			do: func(c *call) (answer, error) {
				all, err := a.Reports.Shares(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/report-editions/{id}/shares", id: "shareReportEdition", tag: "Reports", need: auth.Write, secret: true, status: http.StatusCreated, params: []param{id}, reply: content{of: report.Share{}, example: share},
			summary: "Share an edition by a link", text: "Whoever has the link sees it without signing in.", body: &content{of: report.NewShare{}, text: "For whom, for how long, and with which password.", example: report.NewShare{Label: "the board", Days: 30}},
			do: func(c *call) (answer, error) {
				n, err := decode[report.NewShare](c)
				if err != nil {
					return answer{}, err
				}
				made, err := a.Reports.Share(c.ctx(), c.id(), n, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(made)
			},
		},
		{
			method: http.MethodDelete, path: "/report-shares/{id}", id: "revokeReportShare", tag: "Reports", need: auth.Write, status: http.StatusNoContent, params: []param{idParam("The link's number.")},
			summary: "Take a link back", text: "It does not open any more.",
			do: func(c *call) (answer, error) { return answer{}, a.Reports.Revoke(c.ctx(), c.id(), c.by()) },
		},
		{
			method: http.MethodGet, path: "/report-editions/{id}/openings", id: "listReportOpenings", tag: "Reports", need: auth.Read, params: []param{id}, reply: content{of: Items[report.Opening]{}, example: Items[report.Opening]{Items: []report.Opening{opening}}},
			summary: "Who opened an edition", text: "By a link or as a file, the newest first. Mail is not watched.",
			do: func(c *call) (answer, error) {
				all, err := a.Reports.Openings(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
	}
}

func (a *api) editionFiles() op {
	return op{
		method: http.MethodGet, path: "/report-editions/{id}/files/{form}", id: "getReportFile", tag: "Reports", need: auth.Read,
		params:  []param{idParam("The edition's number."), nameParam("form", "pdf, html, slides, csv (a zip of tables), png (a zip of pictures), or png:BLOCK for one chart.", "pdf")},
		summary: "An edition as a file", text: "The same in every form. That somebody took it is noted.", reply: content{of: "", media: "application/octet-stream", text: "The file; Content-Disposition has its name.", example: "%PDF-1.3 ..."},
		do: func(c *call) (answer, error) {
			e, err := a.Reports.Edition(c.ctx(), c.id())
			if err != nil {
				return answer{}, err
			}
			press, err := paper.New()
			if err != nil {
				return answer{}, err //nolint:wrapcheck // it says what it did
			}
			form := c.r.PathValue("form")
			f, err := press.File(&e.Content, form)
			if err != nil {
				return answer{}, err //nolint:wrapcheck // its words are for people
			}
			what, _, _ := strings.Cut(form, ":")
			if err := a.Reports.Looked(c.ctx(), e.ID, c.by(), what); err != nil {
				return answer{}, err
			}
			return answer{raw: f.Data, media: "application/octet-stream", header: http.Header{"Content-Disposition": {`attachment; filename="` + f.Name + `"`}}}, nil
		},
	}
}

func (a *api) editionRestated() op {
	then, now := 120.0, 123.0
	return op{
		method: http.MethodGet, path: "/report-editions/{id}/restated", id: "restateReportEdition", tag: "Reports", need: auth.Read, params: []param{idParam("The edition's number.")},
		reply:   content{of: Items[report.Restated]{}, example: Items[report.Restated]{Items: []report.Restated{{Block: "b2", Label: "Active members", Unit: analytics.UnitMembers, Then: &then, Now: &now}}}},
		summary: "An edition's figures as they were and as they are", text: "Computed again with the same arguments. The edition stays as it is.",
		do: func(c *call) (answer, error) {
			all, err := a.Reports.Restate(c.ctx(), c.id())
			if err != nil {
				return answer{}, err
			}
			return itemsOf(all)
		},
	}
}

func exampleStakeholderReport() report.Report {
	return report.Report{ID: 2, Version: 1, CreatedBy: "ana@acme.example", CreatedAt: exampleTime(2), Draft: report.Draft{
		Title: "Community report for Executives", For: report.Executive, Rhythm: report.Monthly, Owner: "ana@acme.example",
		Blocks:   []report.Block{{ID: "b1", Kind: report.Text, Title: "In short", Text: "What matters this month."}, {ID: "b2", Kind: report.Metric, Metric: "active_members"}},
		Schedule: report.Schedule{On: true, Review: true, Day: 2, Hour: 9, Mail: []string{"vp@acme.example"}, LinkDays: 90},
	}}
}

func exampleEdition() report.Edition {
	now, before := 120.0, 98.0
	return report.Edition{ID: 7, ReportID: 2, Version: 1, State: report.Drafted, Period: report.Period{Key: "2026-10", From: exampleTime(1), To: exampleTime(30)}, CreatedBy: "ana@acme.example", CreatedAt: exampleTime(2), Content: report.Content{
		Title: "Community report for Executives", Community: "Acme", For: "Executives", Period: "October 2026", Zone: "UTC", MadeAt: exampleTime(2), Blocks: []report.Filled{{
			Block: report.Block{ID: "b2", Kind: report.Metric, Metric: "active_members"}, Title: "Active members", Comment: report.Comment{Rule: "Active members rose from 98 to 120.", Text: "Active members rose from 98 to 120."},
			Figure: &report.Figure{Label: "Active members", Unit: analytics.UnitMembers, Value: &now, Previous: &before, Real: true},
		}},
	}}
}

// reportEnums lists the values of the types of reports.
func reportEnums(all map[reflect.Type][]string) {
	enum(all, report.Stakeholders()...)
	enum(all, report.Rhythms()...)
	enum(all, report.Kinds()...)
	enum(all, report.States()...)
}

// reportTypeName is what a type of reports is called, "" for others. Report is the name of what the health of sources tells.
func reportTypeName(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[report.Report]():
		return "ReportDefinition"
	case t == reflect.TypeFor[Items[report.Report]]():
		return "ReportDefinitionItems"
	case t.PkgPath() == reflect.TypeFor[report.Report]().PkgPath():
		return "Report" + strings.TrimPrefix(t.Name(), "Report")
	case strings.Contains(t.Name(), "internal/report."):
		return "Report" + t.Field(0).Type.Elem().Name() + "Items"
	}
	return ""
}
