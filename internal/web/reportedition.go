// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"greenroom/internal/report"
	"greenroom/internal/report/paper"
	"greenroom/internal/web/ui"
)

// reportEditionBody is what reportedition.html shows.
type reportEditionBody struct {
	Head     ui.Head
	Report   template.HTML
	Facts    []ui.Fact
	Files    []ui.Action
	Missing  []string // letters that PDF and PNG have no picture of
	Shares   ui.Rows
	NoShare  string
	Openings ui.Rows
	Dialogs  []ui.Dialog
}

// reportRestateBody is what reportrestate.html shows.
type reportRestateBody struct {
	Head  ui.Head
	Says  string
	Table ui.Table
}

func (p *reportPages) showEdition(w http.ResponseWriter, r *http.Request) error {
	e, err := p.editionOf(r)
	if err != nil {
		return err
	}
	body := reportEditionBody{Head: ui.Head{Title: e.Content.Period, Subtitle: e.Content.Title, Back: &ui.Action{Label: e.Content.Title, Href: reportHref(e.ReportID)}, Pills: []ui.Pill{editionPill(&e)}}}
	if body.Report, err = paper.Fragment(&e.Content, paper.Inside); err != nil {
		return err //nolint:wrapcheck // it says what it did
	}
	zone := p.cfg.Zones.Zone()
	body.Facts = []ui.Fact{{Label: "Figures of", Value: ui.DateTime(e.Content.MadeAt.In(zone))}, {Label: "Drafted by", Value: e.CreatedBy}}
	if e.EditedBy != "" {
		body.Facts = append(body.Facts, ui.Fact{Label: "Edited by", Value: e.EditedBy + ", " + ui.DateTime(e.EditedAt.In(zone))})
	}
	if e.State == report.Delivered {
		body.Facts = append(body.Facts, ui.Fact{Label: "Delivered by", Value: e.DeliveredBy + ", " + ui.DateTime(e.DeliveredAt.In(zone))}, ui.Fact{Label: "Went to", Value: firstText(strings.Join(e.Recipients, ", "), "nobody: it was frozen only")})
		if len(e.Recipients) > 0 && p.cfg.Outbox != nil {
			body.Facts = append(body.Facts, ui.Fact{Label: "What became of it", Value: "see the outbox", Href: "/outbox?origin=report"})
		}
	}
	files := editionHref(&e) + "/files/"
	body.Files = []ui.Action{
		{Label: "Present", Href: files + "slides", Small: true}, {Label: "PDF", Href: files + "pdf", Small: true}, {Label: "HTML", Href: files + "html", Small: true}, {Label: "Data as CSV", Href: files + "csv", Small: true}, {Label: "Charts as PNG", Href: files + "png", Small: true},
	}
	body.Missing = p.press.Missing(&e.Content)
	if err := p.sharesOf(r, &e, &body); err != nil {
		return err
	}
	p.editionActions(r, &e, &body)
	return render(p.Site, w, r, p.edition, e.Content.Title+": "+e.Content.Period, body)
}

func (p *reportPages) editionActions(r *http.Request, e *report.Edition, body *reportEditionBody) {
	at := editionHref(e)
	version := []ui.Hidden{{Name: "version", Value: idText(e.Version)}}
	if e.State == report.Delivered {
		body.Head.Actions = []ui.Action{{Label: "Restate", Href: at + "/restate"}}
	}
	if !person(r).MayWrite {
		return
	}
	share := ui.Action{Label: "Share…", Dialog: "share"}
	body.Dialogs = []ui.Dialog{{ID: "share", Title: "Share this edition", Text: "Whoever has the link sees it without signing in, until it expires or you take it back.", Form: ui.Form{
		Post: at + "/share", Fields: []ui.Field{
			{Name: "label", Label: "For whom", Placeholder: "the board", Help: "Told with each opening, so that you see who looked."},
			{Name: "days", Label: "Opens for how many days", Type: "number", Value: "30", Required: true},
			{Name: "password", Label: "Password", Type: "password", Autocomplete: "new-password", Help: "At least 8 characters. Tell it in another way than the link."},
		}, Actions: []ui.Action{{Label: "Make the link", Submit: true, Style: ui.StylePrimary}},
	}}}
	if e.State == report.Delivered {
		body.Head.Actions = append(body.Head.Actions, share)
		return
	}
	body.Head.Actions = []ui.Action{
		{Label: "Refresh", Post: at + "/refresh", Hidden: version, Style: ui.StyleQuiet}, share, {Label: "Edit the words", Href: at + "/words", Key: "e"}, {Label: "Deliver…", Dialog: "deliver", Style: ui.StylePrimary},
	}
	text := "It is frozen with its figures. The report names nobody, so nothing is sent; add recipients by editing the report."
	if x, err := p.cfg.Reports.Get(r.Context(), e.ReportID); err == nil && len(x.Schedule.Mail)+len(x.Schedule.Destinations) > 0 {
		text = "It is frozen with its figures and goes to " + recipientsText(&x.Schedule) + ", with the PDF. This cannot be taken back."
	}
	body.Dialogs = append(body.Dialogs, ui.Dialog{ID: "deliver", Title: "Deliver " + e.Content.Period, Text: text, Form: ui.Form{
		Post: at + "/deliver", Hidden: version, Actions: []ui.Action{{Label: "Deliver it", Submit: true, Style: ui.StylePrimary}},
	}})
}

// sharesOf lists the links, and who opened them.
func (p *reportPages) sharesOf(r *http.Request, e *report.Edition, body *reportEditionBody) error {
	shares, err := p.cfg.Reports.Shares(r.Context(), e.ID)
	if err != nil {
		return err
	}
	zone := p.cfg.Zones.Zone()
	body.Shares.Label = "Links"
	for i := range shares {
		sh := &shares[i]
		row := ui.Row{Title: firstText(sh.Label, "Whoever has the link"), Meta: []ui.Meta{{Text: "until " + ui.Date(sh.ExpiresAt.In(zone))}, {Text: "by " + sh.CreatedBy}}}
		if sh.Locked {
			row.Pills = append(row.Pills, ui.Pill{Text: "password"})
		}
		switch {
		case !sh.RevokedAt.IsZero():
			row.Pills = append(row.Pills, ui.Pill{Text: "taken back", Tone: ui.ToneWarn})
		case sh.URL == "":
			row.Pills = append(row.Pills, ui.Pill{Text: "expired", Tone: ui.ToneWarn})
		case person(r).MayWrite:
			row.Href = sh.URL
			row.Actions = []ui.Action{{Label: "Take back", Label2: "Take back the link for " + firstText(sh.Label, "whoever has it"), Post: editionHref(e) + "/unshare", Hidden: []ui.Hidden{{Name: "share", Value: idText(sh.ID)}}, Small: true, Style: ui.StyleQuiet}}
		}
		body.Shares.Items = append(body.Shares.Items, row)
	}
	opened, err := p.cfg.Reports.Openings(r.Context(), e.ID)
	if err != nil {
		return err
	}
	body.Openings.Label = "Who opened it"
	const shown = 20
	for i := range opened[:min(len(opened), shown)] {
		o := &opened[i]
		how := "signed in"
		if o.ShareID > 0 {
			how = "by link"
		}
		body.Openings.Items = append(body.Openings.Items, ui.Row{Title: o.Who, Meta: []ui.Meta{{Text: o.What + ", " + how}, {Time: o.At}}})
	}
	return nil
}

func (p *reportPages) showWords(w http.ResponseWriter, r *http.Request) error {
	e, err := p.editionOf(r)
	if err != nil {
		return err
	}
	body := goalEditBody{Head: ui.Head{Title: "Words: " + e.Content.Period, Subtitle: "Markdown. What you leave empty is written by rule again.", Back: &ui.Action{Label: e.Content.Period, Href: editionHref(&e)}}}
	body.Form = ui.Form{Post: editionHref(&e) + "/words", Hidden: []ui.Hidden{{Name: "version", Value: idText(e.Version)}}, Actions: []ui.Action{{Label: "Cancel", Href: editionHref(&e)}, {Label: "Save", Submit: true, Style: ui.StylePrimary}}}
	for i := range e.Content.Blocks {
		b := &e.Content.Blocks[i]
		f := ui.Field{Name: "w-" + b.Block.ID, Label: firstText(b.Title, b.Block.Kind.Label()), Type: "textarea", Value: b.Comment.Text}
		switch {
		case b.Comment.Edited && b.Comment.Rule != "":
			f.Help = "Edited by " + b.Comment.By + ". By rule: " + b.Comment.Rule
		case b.Comment.Edited:
			f.Help = "Edited by " + b.Comment.By + "."
		case b.Comment.Rule != "":
			f.Help = "Written by rule from the data."
		}
		body.Form.Fields = append(body.Form.Fields, f)
	}
	return render(p.Site, w, r, p.words, body.Head.Title, body)
}

func (p *reportPages) write(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errForm
	}
	id, version, err := reportIDs(r)
	if err != nil {
		return err
	}
	words := report.Comments{}
	for name, values := range r.PostForm {
		if block, ok := strings.CutPrefix(name, "w-"); ok && len(values) > 0 {
			words[block] = values[0]
		}
	}
	e, err := p.cfg.Reports.Write(r.Context(), id, version, words, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, editionHref(&e), "The words are saved. Refreshing the figures keeps them.", "")
}

func (p *reportPages) refresh(w http.ResponseWriter, r *http.Request) error {
	id, version, err := reportIDs(r)
	if err != nil {
		return err
	}
	e, err := p.cfg.Reports.Refresh(r.Context(), id, version, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, editionHref(&e), "The figures are of now. What you wrote is as it was.", "")
}

func (p *reportPages) deliver(w http.ResponseWriter, r *http.Request) error {
	id, version, err := reportIDs(r)
	if err != nil {
		return err
	}
	e, err := p.cfg.Reports.Deliver(r.Context(), id, version, person(r).Actor)
	if err != nil {
		return err
	}
	said := "It is frozen. Nobody was to get it."
	if n := len(e.Recipients); n > 0 {
		said = "It is frozen and on its way to " + ui.Number(n) + "."
	}
	return p.back(w, r, editionHref(&e), said, "")
}

func (p *reportPages) share(w http.ResponseWriter, r *http.Request) error {
	e, err := p.editionOf(r)
	if err != nil {
		return err
	}
	days, err := strconv.Atoi(strings.TrimSpace(r.FormValue("days")))
	if err != nil {
		days = -1 // the service says what is right
	}
	if _, err := p.cfg.Reports.Share(r.Context(), e.ID, report.NewShare{Label: r.FormValue("label"), Password: r.FormValue("password"), Days: days}, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, editionHref(&e), "The link is made; it stands under Links.", "")
}

func (p *reportPages) unshare(w http.ResponseWriter, r *http.Request) error {
	e, err := p.editionOf(r)
	if err != nil {
		return err
	}
	id, err := formID(r, "share")
	if err != nil {
		return err
	}
	if err := p.cfg.Reports.Revoke(r.Context(), id, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, editionHref(&e), "The link does not open any more.", "")
}

func (p *reportPages) showRestated(w http.ResponseWriter, r *http.Request) error {
	e, err := p.editionOf(r)
	if err != nil {
		return err
	}
	all, err := p.cfg.Reports.Restate(r.Context(), e.ID)
	if err != nil {
		return err
	}
	body := reportRestateBody{Head: ui.Head{Title: "Restated: " + e.Content.Period, Subtitle: e.Content.Title, Back: &ui.Action{Label: e.Content.Period, Href: editionHref(&e)}}}
	body.Table = ui.Table{Caption: "Figures as they were and as they are", Columns: []ui.Column{{Label: "Figure"}, {Label: "As of " + ui.Date(e.Content.MadeAt.In(p.cfg.Zones.Zone())), Number: true}, {Label: "Today", Number: true}, {Label: "Difference", Number: true}}}
	moved := 0
	for i := range all {
		x := &all[i]
		row := ui.TableRow{Cells: []ui.Cell{{Text: x.Label}, {Text: report.ValueText(x.Unit, x.Then)}, {Text: report.ValueText(x.Unit, x.Now)}, {Text: "same"}}}
		if !x.Same {
			moved++
			row.Cells[3] = ui.Cell{Text: firstText(report.ChangeText(x.Unit, x.Now, x.Then), "differs"), Tone: ui.ToneWarn}
		}
		body.Table.Rows = append(body.Table.Rows, row)
	}
	body.Says = "Every figure is today what it was."
	if moved > 0 {
		body.Says = ui.Number(moved) + " of " + ui.Number(len(all)) + " figures are others today. Reasons are: something came in late, members were found to be one or marked as staff, questions got their answers, something was edited or deleted. The edition stays as it was delivered."
	}
	if len(all) == 0 {
		body.Table.Empty = &ui.Empty{Title: "Nothing to restate", Text: "The edition has no figures that are computed for a period."}
	}
	return render(p.Site, w, r, p.restate, body.Head.Title, body)
}
