// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/report"
	"greenroom/internal/report/paper"
	"greenroom/internal/web/ui"
)

// Reports are made for stakeholders and delivered to them; report.Service does.
type Reports interface {
	List(ctx context.Context) ([]report.Report, error)
	Get(ctx context.Context, id int64) (report.Report, error)
	Measures(ctx context.Context) ([]report.MeasureInfo, error)
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

const reportsPath = "/reports"

// reportsBody is what reports.html shows.
type reportsBody struct {
	Head      ui.Head
	Shown     ui.Segments
	Table     ui.Table
	Templates []reportTemplate
	Title     string // of the templates
}

// reportTemplate is a card of a template.
type reportTemplate struct {
	Title, Text string
	Action      ui.Action
}

// reportBody is what report.html shows.
type reportBody struct {
	Head     ui.Head
	Editions ui.Table
	Facts    []ui.Fact
	Blocks   ui.Rows
	Dialogs  []ui.Dialog
}

// reportPaperBody is what reportpaper.html shows: a preview.
type reportPaperBody struct {
	Head   ui.Head
	Report template.HTML
}

type reportPages struct {
	*Site
	press   *paper.Press
	list    *ui.View[reportsBody]
	one     *ui.View[reportBody]
	paper   *ui.View[reportPaperBody]
	edit    *ui.View[reportEditBody]
	edition *ui.View[reportEditionBody]
	words   *ui.View[goalEditBody]
	restate *ui.View[reportRestateBody]
}

func (s *Site) addReports() error {
	if s.cfg.Reports == nil {
		return nil
	}
	p := &reportPages{Site: s}
	var err error
	if p.press, err = paper.New(); err != nil {
		return err //nolint:wrapcheck // it says what it did
	}
	if p.list, err = ui.Parse[reportsBody](s.kit, templates, "templates/reports.html"); err != nil {
		return err
	}
	if p.one, err = ui.Parse[reportBody](s.kit, templates, "templates/report.html"); err != nil {
		return err
	}
	if p.paper, err = ui.Parse[reportPaperBody](s.kit, templates, "templates/reportpaper.html"); err != nil {
		return err
	}
	if p.edit, err = ui.Parse[reportEditBody](s.kit, templates, "templates/reportedit.html"); err != nil {
		return err
	}
	if p.edition, err = ui.Parse[reportEditionBody](s.kit, templates, "templates/reportedition.html"); err != nil {
		return err
	}
	if p.words, err = ui.Parse[goalEditBody](s.kit, templates, "templates/goaledit.html"); err != nil {
		return err
	}
	if p.restate, err = ui.Parse[reportRestateBody](s.kit, templates, "templates/reportrestate.html"); err != nil {
		return err
	}
	p.routes()
	return nil
}

func (p *reportPages) routes() {
	s := p.Site
	s.mux.HandleFunc("GET /reports/style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("Cache-Control", "private, max-age=3600")
		_, _ = w.Write(paper.Style())
	})
	s.handle("GET /reports", p.showList)
	s.change("GET /reports/new", mayWrite, p.showNew)
	s.change("POST /reports/new", mayWrite, p.save)
	s.handle("GET /reports/{id}", p.show)
	s.change("GET /reports/{id}/edit", mayWrite, p.showEdit)
	s.change("POST /reports/{id}/edit", mayWrite, p.save)
	s.handle("GET /reports/{id}/preview", p.preview)
	s.change("POST /reports/{id}/make", mayWrite, p.makeEdition)
	s.change("POST /reports/{id}/archive", mayWrite, p.archive)
	s.handle("GET /reports/{report}/editions/{id}", p.showEdition)
	s.change("GET /reports/{report}/editions/{id}/words", mayWrite, p.showWords)
	s.change("POST /reports/{report}/editions/{id}/words", mayWrite, p.write)
	s.change("POST /reports/{report}/editions/{id}/refresh", mayWrite, p.refresh)
	s.change("POST /reports/{report}/editions/{id}/deliver", mayWrite, p.deliver)
	s.change("POST /reports/{report}/editions/{id}/share", mayWrite, p.share)
	s.change("POST /reports/{report}/editions/{id}/unshare", mayWrite, p.unshare)
	s.handle("GET /reports/{report}/editions/{id}/restate", p.showRestated)
	s.handle("GET /reports/{report}/editions/{id}/files/{form}", p.file)
}

func reportHref(id int64) string { return reportsPath + "/" + idText(id) }

func editionHref(e *report.Edition) string {
	return reportHref(e.ReportID) + "/editions/" + idText(e.ID)
}

func editionPill(e *report.Edition) ui.Pill {
	if e.State == report.Delivered {
		return ui.Pill{Text: "delivered", Tone: ui.ToneGood}
	}
	return ui.Pill{Text: "draft", Tone: ui.ToneWarn}
}

func (p *reportPages) showList(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Reports.List(r.Context())
	if err != nil {
		return err
	}
	away := r.URL.Query().Get("archived") != ""
	body := reportsBody{Head: ui.Head{Title: "Reports", Subtitle: "Figures and words for those who pay, in a rhythm, frozen when they are delivered", Find: true}, Title: "Begin with a template"}
	body.Shown = ui.Segments{Label: "Which reports", Items: []ui.Segment{{Label: "In use", Href: reportsPath, Active: !away}, {Label: "Archived", Href: reportsPath + "?archived=1", Active: away}}}
	body.Table = ui.Table{Caption: "Reports", Columns: []ui.Column{{Label: "Report"}, {Label: "For"}, {Label: "Rhythm"}, {Label: "Goes to"}, {Label: "Last edition"}}}
	may := person(r).MayWrite
	for i := range all {
		x := &all[i]
		if x.Archived != away {
			continue
		}
		row := ui.TableRow{ID: idText(x.ID), Cells: []ui.Cell{{Text: x.Title, Href: reportHref(x.ID), Sub: x.Owner}, {Text: x.For.Label()}, {Text: rhythmText(&x.Draft)}, {Text: recipientsText(&x.Schedule)}, {}}}
		editions, err := p.cfg.Reports.Editions(r.Context(), x.ID)
		if err != nil {
			return err
		}
		if len(editions) > 0 {
			e := &editions[0]
			row.Cells[4] = ui.Cell{Text: e.Content.Period, Href: editionHref(e), Pills: []ui.Pill{editionPill(e)}}
		}
		body.Table.Rows = append(body.Table.Rows, row)
	}
	if len(body.Table.Rows) == 0 {
		body.Table.Empty = &ui.Empty{Title: "No reports yet", Text: "Choose for whom it is. The template has the figures that they ask about, says by rule what changed, and you edit what you like before it goes out."}
		if away {
			body.Table.Empty = &ui.Empty{Title: "Nothing is archived", Text: "A report that is put away is kept here with its editions."}
		}
	}
	if may && !away {
		for _, t := range report.Templates() {
			body.Templates = append(body.Templates, reportTemplate{t.Title, t.Text, ui.Action{Label: "Use it", Label2: "Use the template for " + t.Title, Href: reportsPath + "/new?template=" + string(t.Key), Small: true}})
		}
	}
	return render(p.Site, w, r, p.list, "Reports", body)
}

// rhythmText says when editions are made.
func rhythmText(d *report.Draft) string {
	text := title(string(d.Rhythm))
	if !d.Schedule.On {
		return text + ", by hand"
	}
	day := "day " + strconv.Itoa(d.Schedule.Day)
	if d.Rhythm == report.Weekly {
		day = time.Weekday(d.Schedule.Day % 7).String()
	}
	text += fmt.Sprintf(", %s at %02d:00", day, d.Schedule.Hour)
	if d.Schedule.Review {
		text += ", as a draft"
	}
	return text
}

func recipientsText(s *report.Schedule) string {
	n := len(s.Mail) + len(s.Destinations)
	switch n {
	case 0:
		return "nobody yet"
	case 1:
		if len(s.Mail) == 1 {
			return s.Mail[0]
		}
		return "1 destination"
	default:
		return ui.Number(n) + " recipients"
	}
}

func (p *reportPages) show(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	x, err := p.cfg.Reports.Get(r.Context(), id)
	if err != nil {
		return err
	}
	editions, err := p.cfg.Reports.Editions(r.Context(), id)
	if err != nil {
		return err
	}
	body := reportBody{Head: ui.Head{Title: x.Title, Subtitle: "For " + x.For.Label() + " · " + rhythmText(&x.Draft), Back: &ui.Action{Label: "Reports", Href: reportsPath}}}
	body.Editions = ui.Table{Caption: "Editions", Columns: []ui.Column{{Label: "Period"}, {Label: "State"}, {Label: "By"}, {Label: "When"}, {Label: "Went to", Number: true}}}
	for i := range editions {
		e := &editions[i]
		by, at := e.CreatedBy, e.CreatedAt
		if e.State == report.Delivered {
			by, at = e.DeliveredBy, e.DeliveredAt
		}
		body.Editions.Rows = append(body.Editions.Rows, ui.TableRow{ID: idText(e.ID), Cells: []ui.Cell{
			{Text: e.Content.Period, Href: editionHref(e)}, {Pills: []ui.Pill{editionPill(e)}}, {Text: by}, {Time: at}, {Text: some(int64(len(e.Recipients)))},
		}})
	}
	if len(editions) == 0 {
		body.Editions.Empty = &ui.Empty{Title: "No edition yet", Text: "An edition is about one whole period. Make one: it is drafted with its figures, and you edit its words before it goes out."}
	}
	p.reportFacts(r, &x, &body)
	for i := range x.Blocks {
		b := &x.Blocks[i]
		body.Blocks.Items = append(body.Blocks.Items, ui.Row{Title: firstText(b.Title, blockText(b)), Meta: []ui.Meta{{Text: b.Kind.Label()}, {Text: strings.TrimSpace(b.Query + " " + b.Segment)}}})
	}
	body.Blocks.Label = "Blocks"
	preview := ui.Action{Label: "Preview", Href: reportHref(id) + "/preview"}
	if !person(r).MayWrite {
		body.Head.Actions = []ui.Action{preview}
		return render(p.Site, w, r, p.one, x.Title, body)
	}
	away := ui.Action{Label: "Archive", Post: reportHref(id) + "/archive", Hidden: []ui.Hidden{{Name: "version", Value: idText(x.Version)}}, Style: ui.StyleQuiet}
	if x.Archived {
		away.Label, away.Hidden = "Take out of the archive", append(away.Hidden, ui.Hidden{Name: "back", Value: "1"})
		body.Head.Actions = []ui.Action{away}
	} else {
		last := x.Rhythm.Last(p.cfg.Now().In(p.cfg.Zones.Zone()))
		body.Head.Actions = []ui.Action{away, preview, {Label: "Edit", Href: reportHref(id) + "/edit"}, {Label: "Make an edition…", Dialog: "make", Style: ui.StylePrimary}}
		body.Dialogs = []ui.Dialog{{ID: "make", Title: "Make an edition", Text: "It is drafted with the figures of the period. Nothing is sent before you deliver it.", Form: ui.Form{
			Post: reportHref(id) + "/make", Fields: []ui.Field{{Name: "period", Label: "Period", Value: last.Key, Required: true, Help: "The last whole one is " + last.Label() + ". Earlier ones are written in the same way."}},
			Actions: []ui.Action{{Label: "Make it", Submit: true, Style: ui.StylePrimary}},
		}}}
	}
	return render(p.Site, w, r, p.one, x.Title, body)
}

func (p *reportPages) reportFacts(r *http.Request, x *report.Report, body *reportBody) {
	body.Facts = []ui.Fact{
		{Label: "Owner", Value: firstText(x.Owner, "nobody yet")},
		{Label: "Rhythm", Value: rhythmText(&x.Draft)},
		{Label: "Time zone", Value: firstText(x.Zone, "the community's")},
		{Label: "Mail to", Value: firstText(strings.Join(x.Schedule.Mail, ", "), "nobody")},
	}
	if names := p.destinationNames(r, x.Schedule.Destinations); names != "" {
		body.Facts = append(body.Facts, ui.Fact{Label: "Cards to", Value: names, Href: "/settings/sending"})
	}
	link := "no link"
	if x.Schedule.LinkDays > 0 {
		link = "opens for " + strconv.Itoa(x.Schedule.LinkDays) + " days"
	}
	body.Facts = append(body.Facts, ui.Fact{Label: "Link in what is sent", Value: link}, ui.Fact{Label: "Made by", Value: x.CreatedBy + ", " + ui.Date(x.CreatedAt.In(p.cfg.Zones.Zone()))})
}

func (p *reportPages) destinationNames(r *http.Request, ids []int64) string {
	var names []string
	for _, o := range p.destinationOptions(r) {
		for _, id := range ids {
			if o.Value == idText(id) {
				names = append(names, o.Label)
			}
		}
	}
	return strings.Join(names, ", ")
}

// destinationOptions lists where cards can go.
func (p *reportPages) destinationOptions(r *http.Request) []ui.Option {
	if p.cfg.Sending == nil {
		return nil
	}
	all, err := p.cfg.Sending.Destinations(r.Context())
	if err != nil {
		p.cfg.Log.WarnContext(r.Context(), "listing destinations", "error", err)
	}
	var out []ui.Option
	for i := range all {
		out = append(out, ui.Option{Value: idText(all[i].ID), Label: all[i].Name})
	}
	return out
}

func (p *reportPages) preview(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	x, err := p.cfg.Reports.Get(r.Context(), id)
	if err != nil {
		return err
	}
	c, period, err := p.cfg.Reports.Preview(r.Context(), x.Draft, r.URL.Query().Get("period"))
	if err != nil {
		return err
	}
	body := reportPaperBody{Head: ui.Head{Title: "Preview: " + x.Title, Subtitle: period.Label() + ", as of now. Nothing of it is stored.", Back: &ui.Action{Label: x.Title, Href: reportHref(id)}}}
	if body.Report, err = paper.Fragment(&c, paper.Inside); err != nil {
		return err //nolint:wrapcheck // it says what it did
	}
	return render(p.Site, w, r, p.paper, "Preview", body)
}

func (p *reportPages) makeEdition(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	e, err := p.cfg.Reports.Make(r.Context(), id, strings.TrimSpace(r.FormValue("period")), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, editionHref(&e), e.Content.Period+" is drafted.", "")
}

func (p *reportPages) archive(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	version, err := formID(r, "version")
	if err != nil {
		return err
	}
	away := r.FormValue("back") == ""
	x, err := p.cfg.Reports.Archive(r.Context(), id, version, away, person(r).Actor)
	if err != nil {
		return err
	}
	said := " is put away. Nothing is made of it any more."
	if !away {
		said = " is in use again."
	}
	return p.back(w, r, reportHref(id), x.Title+said, "")
}

// reportBlockTitle says of which kind a block is and what it shows, once where that is the same.
func reportBlockTitle(b *report.Block) string {
	kind, text := b.Kind.Label(), firstText(b.Title, blockText(b))
	if kind == text {
		return kind
	}
	return kind + ": " + text
}

// blockText says what a block shows.
func blockText(b *report.Block) string {
	switch b.Kind {
	case report.Metric, report.Chart:
		return metricLabel(b.Metric)
	case report.Breakdown:
		return metricLabel(b.Metric) + " by " + string(b.By)
	case report.Text, report.Quotes, report.Goal, report.Program, report.Changes, report.Proof, report.Unknown:
	}
	return b.Kind.Label()
}

func metricLabel(name string) string {
	for _, o := range measurable() {
		if o.Value == name {
			return o.Label
		}
	}
	return name
}

// reportIDs are the edition, and the version that somebody looked at.
func reportIDs(r *http.Request) (id, version int64, err error) {
	if id, err = pathID(r); err != nil {
		return 0, 0, err
	}
	version, err = formID(r, "version")
	return id, version, err
}

// editionOf finds the edition that an address names. One of another report is not there.
func (p *reportPages) editionOf(r *http.Request) (report.Edition, error) {
	id, err := pathID(r)
	if err != nil {
		return report.Edition{}, err
	}
	e, err := p.cfg.Reports.Edition(r.Context(), id)
	if err == nil && idText(e.ReportID) != r.PathValue("report") {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no page at this address")
	}
	return e, err
}

func (p *reportPages) file(w http.ResponseWriter, r *http.Request) error {
	e, err := p.editionOf(r)
	if err != nil {
		return err
	}
	form, _ := url.PathUnescape(r.PathValue("form"))
	f, err := p.press.File(&e.Content, form)
	if err != nil {
		return err //nolint:wrapcheck // its words are for people
	}
	what, _, _ := strings.Cut(form, ":")
	if err := p.cfg.Reports.Looked(r.Context(), e.ID, person(r).Actor, what); err != nil {
		return err
	}
	f.Write(w)
	return nil
}
