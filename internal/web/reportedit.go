// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/report"
	"greenroom/internal/web/ui"
)

// reportEditBody is what reportedit.html shows: a report as a form, with its blocks in order.
type reportEditBody struct {
	Head     ui.Head
	Action   string
	Version  string
	Problem  string
	Fields   []ui.Field
	Blocks   []reportBlockForm
	Kind     ui.Field // of the block that is added
	Schedule []ui.Field
	Places   []ui.Field // destinations
	Save     string
	Cancel   string
}

// reportBlockForm is a block in the form.
type reportBlockForm struct {
	I           string // its number in the form
	Title       string
	Hidden      []ui.Hidden
	Fields      []ui.Field
	First, Last bool
	Focus       string // "up" or "down" where that button was just pressed
}

func (p *reportPages) showNew(w http.ResponseWriter, r *http.Request) error {
	t, err := report.TemplateFor(report.Stakeholder(firstText(r.URL.Query().Get("template"), string(report.Executive))))
	if err != nil {
		return err
	}
	t.New.Owner = person(r).Seed
	return p.drawEdit(w, r, &t.New, 0, "", "")
}

func (p *reportPages) showEdit(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	x, err := p.cfg.Reports.Get(r.Context(), id)
	if err != nil {
		return err
	}
	return p.drawEdit(w, r, &x.Draft, x.Version, "", "")
}

// drawEdit draws the form. pressed is the button that was pressed last, which keeps the focus.
func (p *reportPages) drawEdit(w http.ResponseWriter, r *http.Request, d *report.Draft, version int64, pressed, problem string) error {
	body := reportEditBody{
		Head: ui.Head{Title: "New report", Subtitle: "Change what you like; every block can be moved and removed", Back: &ui.Action{Label: "Reports", Href: reportsPath}}, Action: r.URL.Path, Version: idText(version), Problem: problem, Save: "Make it", Cancel: reportsPath,
	}
	if r.PathValue("id") != "" {
		at := reportsPath + "/" + url.PathEscape(r.PathValue("id"))
		body.Head.Title, body.Save, body.Cancel, body.Head.Back = "Change: "+d.Title, "Save", at, &ui.Action{Label: d.Title, Href: at}
	}
	body.Fields = []ui.Field{
		{Name: "title", Label: "Title", Value: d.Title, Required: true},
		{Name: "for", Label: "For", Type: "select", Value: string(d.For), Options: reportOptions(report.Stakeholders(), report.Stakeholder.Label)},
		{Name: "rhythm", Label: "Rhythm", Type: "select", Value: string(d.Rhythm), Options: reportOptions(report.Rhythms(), func(x report.Rhythm) string { return title(string(x)) })},
		{Name: "owner", Label: "Owner", Value: d.Owner, Placeholder: "ana@example.org", Help: "Answers to its mail go to them, and the task to look at a draft."},
		{Name: "zone", Label: "Time zone", Value: d.Zone, Zones: true, Placeholder: "Europe/Lisbon", Help: "In which periods begin and the hour is. Empty: the community's."},
	}
	what, at, _ := strings.Cut(pressed, "-")
	for i := range d.Blocks {
		f, err := p.blockForm(r, &d.Blocks[i], i, len(d.Blocks))
		if err != nil {
			return err
		}
		if (what == "up" || what == "down") && at == strconv.Itoa(i) {
			if f.Focus = what; f.First && what == "up" {
				f.Focus = "down"
			}
			if f.Last && what == "down" {
				f.Focus = "up"
			}
		}
		body.Blocks = append(body.Blocks, f)
	}
	body.Kind = ui.Field{Name: "kind", Label: "Another block", Type: "select", Options: reportOptions(p.blockKinds(r), report.Kind.Label)}
	s := &d.Schedule
	body.Schedule = []ui.Field{
		{Name: "on", Label: "Make an edition by itself when a period is over", Type: "checkbox", Checked: s.On},
		{Name: "review", Label: "As a draft: a person looks at it and delivers it", Type: "checkbox", Checked: s.Review},
		{Name: "day", Label: "On which day of the new period", Type: "number", Value: strconv.Itoa(max(s.Day, 1)), Required: true, Help: "1 is the first day; of a week, Monday. On the second day, what came in late is mostly there."},
		{Name: "hour", Label: "At which hour", Type: "number", Value: strconv.Itoa(s.Hour), Required: true, Help: "0 to 23."},
		{Name: "mail", Label: "Mail to", Type: "textarea", Value: strings.Join(s.Mail, "\n"), Placeholder: "vp@example.org", Help: "One address a line. Each gets a mail of its own with the PDF."},
		{Name: "link-days", Label: "For how many days the link in it opens", Type: "number", Value: strconv.Itoa(s.LinkDays), Required: true, Help: "0: it has no link. With a link you see who opened it."},
	}
	for _, o := range p.destinationOptions(r) {
		id, _ := strconv.ParseInt(o.Value, 10, 64)
		body.Places = append(body.Places, ui.Field{Name: "to-" + o.Value, Label: o.Label, Type: "checkbox", Checked: slices.Contains(s.Destinations, id)})
	}
	return render(p.Site, w, r, p.edit, body.Head.Title, body)
}

func reportOptions[T ~string](all []T, label func(T) string) []ui.Option {
	out := make([]ui.Option, len(all))
	for i, x := range all {
		out[i] = ui.Option{Value: string(x), Label: label(x)}
	}
	return out
}

// blockKinds are the kinds that can be added: proof only where there are measures.
func (p *reportPages) blockKinds(r *http.Request) []report.Kind {
	all := report.Kinds()
	if m, err := p.cfg.Reports.Measures(r.Context()); err != nil || len(m) == 0 {
		all = slices.DeleteFunc(all, func(k report.Kind) bool { return k == report.Proof })
	}
	return all
}

func (p *reportPages) blockForm(r *http.Request, b *report.Block, i, n int) (reportBlockForm, error) {
	at := strconv.Itoa(i)
	f := reportBlockForm{I: at, Title: strconv.Itoa(i+1) + ". " + reportBlockTitle(b), First: i == 0, Last: i == n-1}
	pre := "b" + at + "-"
	f.Hidden = []ui.Hidden{{Name: "order", Value: at}, {Name: pre + "id", Value: b.ID}, {Name: pre + "kind", Value: string(b.Kind)}}
	add := func(x ui.Field) { x.Name = pre + x.Name; f.Fields = append(f.Fields, x) }
	add(ui.Field{Name: "title", Label: "Heading", Value: b.Title, Placeholder: blockText(b)})
	limit := func(label string) {
		add(ui.Field{Name: "limit", Label: label, Type: "number", Value: zeroAsNone(strconv.Itoa(b.Limit))})
	}
	switch b.Kind {
	case report.Metric, report.Chart, report.Breakdown:
		add(ui.Field{Name: "metric", Label: "Metric", Type: "select", Value: b.Metric, Options: measurable()})
		if b.Kind == report.Breakdown {
			add(ui.Field{Name: "by", Label: "By", Type: "select", Value: string(b.By), Options: reportOptions(analytics.Dimensions(), func(d analytics.Dimension) string { return title(string(d)) })})
			limit("Rows at most")
		}
		if b.Kind == report.Chart {
			add(ui.Field{Name: "periods", Label: "How many periods", Type: "number", Value: zeroAsNone(strconv.Itoa(b.Periods)), Placeholder: "12"})
		}
		add(ui.Field{Name: "query", Label: "What counts, as a query", Value: b.Query, Placeholder: "channel:#help"})
		add(ui.Field{Name: "segment", Label: "Whose activities count, as a query over members", Value: b.Segment, Placeholder: "org.lifecycle:customer"})
	case report.Text, report.Unknown:
		add(ui.Field{Name: "text", Label: "Text to begin with", Type: "textarea", Value: b.Text, Help: "Markdown. It can be edited in each edition."})
	case report.Goal:
		if p.cfg.Goals != nil {
			goals, err := p.cfg.Goals.List(r.Context())
			if err != nil {
				return f, err
			}
			options := []ui.Option{{Value: "0", Label: "All that are open"}}
			for j := range goals {
				options = append(options, ui.Option{Value: idText(goals[j].ID), Label: goals[j].Title})
			}
			add(ui.Field{Name: "goal", Label: "Which goal", Type: "select", Value: idText(b.Goal), Options: options})
		}
	case report.Program:
		add(ui.Field{Name: "program", Label: "Which program, by its key", Value: b.Program, Placeholder: "champions", Help: "Empty: those that run."})
	case report.Proof:
		measures, err := p.cfg.Reports.Measures(r.Context())
		if err != nil {
			return f, err
		}
		options := make([]ui.Option, len(measures))
		for j := range measures {
			options[j] = ui.Option{Value: measures[j].Key, Label: measures[j].Label}
		}
		add(ui.Field{Name: "measure", Label: "Measure", Type: "select", Value: b.Measure, Options: options})
	case report.Quotes:
		limit("Quotes at most")
	case report.Changes:
		limit("Changes at most")
	}
	return f, nil
}

// errForm is what is said of a form that was cut off.
var errForm = greenroom.Errorf(greenroom.CodeInvalid, "the form did not arrive whole; send it again")

// reportDraftIn reads the form; blocks stand in the order of its fields.
func reportDraftIn(v url.Values) report.Draft {
	get := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	number := func(name string) int {
		n, err := strconv.Atoi(get(name))
		if err != nil && get(name) != "" {
			return -1 // the service says what is right
		}
		return n
	}
	d := report.Draft{Title: get("title"), For: report.Stakeholder(get("for")), Rhythm: report.Rhythm(get("rhythm")), Owner: get("owner"), Zone: get("zone")}
	d.Schedule = report.Schedule{On: v.Get("on") != "", Review: v.Get("review") != "", Day: number("day"), Hour: number("hour"), LinkDays: number("link-days")}
	d.Schedule.Mail = strings.FieldsFunc(v.Get("mail"), func(r rune) bool { return r == '\n' || r == '\r' || r == ',' || r == ';' })
	for name := range v {
		if id, ok := strings.CutPrefix(name, "to-"); ok {
			if n, err := strconv.ParseInt(id, 10, 64); err == nil {
				d.Schedule.Destinations = append(d.Schedule.Destinations, n)
			}
		}
	}
	for _, at := range v["order"] {
		pre := "b" + at + "-"
		goal, _ := strconv.ParseInt(get(pre+"goal"), 10, 64)
		d.Blocks = append(d.Blocks, report.Block{
			ID: get(pre + "id"), Kind: report.Kind(get(pre + "kind")), Title: get(pre + "title"), Metric: get(pre + "metric"), Query: get(pre + "query"), Segment: get(pre + "segment"), By: analytics.Dimension(get(pre + "by")),
			Periods: number(pre + "periods"), Limit: number(pre + "limit"), Goal: goal, Program: get(pre + "program"), Measure: get(pre + "measure"), Text: strings.ReplaceAll(get(pre+"text"), "\r\n", "\n"),
		})
	}
	return d
}

// reportRearrange does what a button says: up-2, down-2, drop-2, add. It returns the button that has the focus next.
func reportRearrange(d *report.Draft, do string, kind report.Kind) string {
	if do == "add" {
		b := report.Block{Kind: kind}
		switch kind {
		case report.Metric, report.Chart:
			b.Metric = "active_members"
		case report.Breakdown:
			b.Metric, b.By = "activities", analytics.BySource
		case report.Text, report.Quotes, report.Goal, report.Program, report.Changes, report.Proof, report.Unknown:
		}
		d.Blocks = append(d.Blocks, b)
		return "up-" + strconv.Itoa(len(d.Blocks)-1)
	}
	what, number, _ := strings.Cut(do, "-")
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || n >= len(d.Blocks) {
		return ""
	}
	switch what {
	case "drop":
		d.Blocks = slices.Delete(d.Blocks, n, n+1)
	case "up", "down":
		to := n - 1
		if what == "down" {
			to = n + 1
		}
		if to >= 0 && to < len(d.Blocks) {
			d.Blocks[n], d.Blocks[to] = d.Blocks[to], d.Blocks[n]
			return what + "-" + strconv.Itoa(to)
		}
	}
	return ""
}

func (p *reportPages) save(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errForm
	}
	version, err := formID(r, "version")
	if err != nil {
		return err
	}
	d := reportDraftIn(r.PostForm)
	if do := r.PostFormValue("do"); do != "save" && do != "" {
		return p.drawEdit(w, r, &d, version, reportRearrange(&d, do, report.Kind(r.PostFormValue("kind"))), "")
	}
	var x report.Report
	said := " is made. Make its first edition, or switch its schedule on."
	if r.PathValue("id") == "" {
		x, err = p.cfg.Reports.Add(r.Context(), d, person(r).Actor)
	} else {
		var id int64
		if id, err = pathID(r); err != nil {
			return err
		}
		x, err = p.cfg.Reports.Edit(r.Context(), id, version, d, person(r).Actor)
		said = " is changed. Editions that are drafted take it over when they are refreshed."
	}
	if err != nil {
		if !forPeople(err) {
			return err
		}
		return p.drawEdit(w, r, &d, version, "", sentence(greenroom.ErrorMessage(err)))
	}
	return p.back(w, r, reportHref(x.ID), x.Title+said, "")
}
