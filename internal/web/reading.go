// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"greenroom"
	"greenroom/internal/text"
	"greenroom/internal/understand"
	"greenroom/internal/web/ui"
)

// Reading reads messages, and takes what people say of them; understand.Service does.
type Reading interface {
	Readings(ctx context.Context, ids []int64) (map[int64]understand.Reading, error)
	Correct(ctx context.Context, activity int64, c text.Category, f text.Sentiment, by string) (id int64, err error)
	UndoCorrection(ctx context.Context, correction int64, by string) (understand.Correction, error)
	Report(ctx context.Context) (*understand.Report, error)
	Uncertain(ctx context.Context, limit int) ([]int64, error)
	Trainings
}

// Trainings makes and chooses models.
type Trainings interface {
	Retrain(ctx context.Context, by string) error
	Models(ctx context.Context) ([]understand.Model, error)
	Activate(ctx context.Context, model int64, by string) error
}

const readingPath = "/reading"

// readingBody is what reading.html shows.
type readingBody struct {
	Head      ui.Head
	Busy      string // address of the page, where something goes on that changes it; "" = nothing does
	Progress  *ui.Progress
	Failed    string // why the last training failed
	Empty     *ui.Empty
	KPIs      []ui.KPI
	Invite    string // what to do to have figures
	Tasks     []taskView
	Queue     *ui.Rows
	Languages *ui.Table
	Models    *ui.Rows
	MayWrite  bool
}

// taskView is how well one task is done.
type taskView struct {
	Title     string
	Note      string
	Classes   ui.Table
	Confusion ui.Heat
}

type readingPage struct {
	*Site
	view *ui.View[readingBody]
}

func (s *Site) addReading() error {
	if s.cfg.Reading == nil {
		return nil
	}
	view, err := ui.Parse[readingBody](s.kit, templates, "templates/reading.html")
	if err != nil {
		return err
	}
	p := &readingPage{Site: s, view: view}
	s.handle("GET "+readingPath, p.show)
	s.change("POST "+readingPath+"/{id}", mayWrite, p.correct)
	s.change("POST "+readingPath+"/corrections/{id}/undo", mayWrite, p.undo)
	s.change("POST "+readingPath+"/retrain", mayWrite, p.retrain)
	s.change("POST "+readingPath+"/models/{model}", mayWrite, p.activate)
	return nil
}

// queued is how many messages are offered to be labeled next.
const queued = 12

func (p *readingPage) show(w http.ResponseWriter, r *http.Request) error {
	rep, err := p.cfg.Reading.Report(r.Context())
	if err != nil {
		return err
	}
	who := person(r)
	body := readingBody{MayWrite: who.MayWrite, Head: ui.Head{
		Title: "Reading", Subtitle: "How well does Greenroom read us? Every message is read on this machine; what you correct holds at once, and it learns from it.",
	}}
	if rep.Judge != "" {
		body.Head.Pills = []ui.Pill{{Text: rep.Judge, Title: "The model that reads"}}
	}
	if rep.Coverage.Messages == 0 && rep.Left == 0 {
		body.Empty = &ui.Empty{
			Title: "There is nothing to read yet", Text: "As soon as messages are imported, each is read: what it is for, how it feels, how urgent it is. Here you then see how well, and correct what is wrong.",
			Actions: []ui.Action{{Label: "Import your data", Href: "/start", Style: ui.StylePrimary}},
		}
		return render(p.Site, w, r, p.view, "Reading", body)
	}
	p.progress(rep, &body)
	if who.MayWrite {
		a := ui.Action{Label: "Retrain", Post: readingPath + "/retrain", Style: ui.StylePrimary}
		switch {
		case rep.Job.Running:
			a = ui.Action{Label: "Retraining …", Disabled: "a training is running"}
		case rep.Corrections == 0:
			a = ui.Action{Label: "Retrain", Disabled: "correct some messages first"}
		}
		body.Head.Actions = []ui.Action{a}
	}
	figures(rep, &body)
	if err := p.queue(r, &body); err != nil {
		return err
	}
	body.Languages = languages(rep)
	if body.Models, err = p.models(r, rep); err != nil {
		return err
	}
	return render(p.Site, w, r, p.view, "Reading", body)
}

// progress says what goes on.
func (p *readingPage) progress(rep *understand.Report, body *readingBody) {
	if rep.Left > 0 || rep.Job.Running {
		body.Busy = readingPath
	}
	switch {
	case rep.Job.Running:
		body.Progress = &ui.Progress{ID: "reading-progress", Label: "Learning from " + countText(int64(rep.Corrections), "correction", "corrections"), Unit: "done", Next: "It takes a few seconds, and goes on when this page is left."}
	case rep.Left > 0:
		label := "Reading what is new"
		if rep.Again {
			label = "Reading everything again with the new model, the newest first"
		}
		body.Progress = &ui.Progress{ID: "reading-progress", Label: label, Done: int(rep.Left), Unit: "activities to go", Next: "It goes on when this page is left, and leaves the machine to everything else."}
	}
	if rep.Job.Error != "" {
		body.Failed = "The last training failed: " + sentence(rep.Job.Error) + " Nothing was changed."
	}
}

// figures fills in how well messages are read: the team's model against the base model, or the base model alone.
func figures(rep *understand.Report, body *readingBody) {
	activities := func(q string) string { return "/activities?q=" + url.QueryEscape(q) }
	category, sentiment := understand.Change{Before: rep.Base.Category}, understand.Change{Before: rep.Base.Sentiment}
	trained := rep.Model != nil
	if trained {
		category, sentiment = rep.Model.Gain.Category, rep.Model.Gain.Sentiment
	}
	add := func(label string, c *understand.Change) {
		if c.Before.N == 0 {
			return
		}
		k := ui.KPI{Label: label, Value: ui.Percent(c.Before.Accuracy), Href: activities("is:corrected"), Note: "of " + countText(int64(c.Before.N), "corrected message", "corrected messages") + ", by the base model"}
		if trained {
			change := c.After.Accuracy - c.Before.Accuracy
			k.Value = ui.Percent(c.After.Accuracy)
			k.Note = "of " + countText(int64(c.After.N), "corrected message", "corrected messages") + "; the base model had " + ui.Percent(c.Before.Accuracy)
			k.Delta = &ui.Delta{Text: ui.Decimal(100*max(change, -change), 1) + " points", Up: change > 0, Flat: change == 0, Tone: toneOf(change), Than: "than the base model"}
		}
		body.KPIs = append(body.KPIs, k)
	}
	add("Category read right", &category)
	add("Sentiment read right", &sentiment)
	if m := rep.Coverage.Messages; m > 0 {
		body.KPIs = append(body.KPIs, ui.KPI{
			Label: "Left open", Value: ui.Percent(float64(rep.Coverage.Unsure) / float64(m)), Href: activities("category:unsure"),
			Note: "of the newest " + countText(m, "message", "messages") + ": too short, in a language the model does not know, or two answers too close",
		})
	}
	body.KPIs = append(body.KPIs, ui.KPI{Label: "Corrections", Value: ui.Number(rep.Corrections), Href: activities("is:corrected"), Note: sinceTraining(rep)})
	if rep.Corrections == 0 {
		body.Invite = "Figures appear with the first correction. Label the messages below: they are the ones that teach most. Twenty take two minutes; from about fifty on, retraining helps."
	}
	for _, t := range []struct {
		title  string
		change *understand.Change
	}{{"Category", &category}, {"Sentiment", &sentiment}} {
		if t.change.Before.N > 0 {
			body.Tasks = append(body.Tasks, task(t.title, t.change, trained))
		}
	}
}

func toneOf(change float64) ui.Tone {
	switch {
	case change > 0:
		return ui.ToneGood
	case change < 0:
		return ui.ToneBad
	}
	return ui.ToneNone
}

func sinceTraining(rep *understand.Report) string {
	if rep.Model == nil {
		return "messages that somebody labeled; the base model has not learned from them"
	}
	if n := rep.Corrections - rep.Model.Corrections; n > 0 {
		return ui.Number(n) + " since the last training"
	}
	return "all were learned from"
}

// task is the table of one task and what was taken for what.
func task(name string, c *understand.Change, trained bool) taskView {
	now, before := &c.Before, &c.Before
	if trained {
		now = &c.After
	}
	v := taskView{Title: name, Note: "by the base model, which has seen none of these messages"}
	switch {
	case trained && !c.Used:
		v.Note = "nothing was learned: there are too few corrections, or they would not have made it better"
	case trained:
		v.Note = "each message judged by a model trained without it; in brackets the base model"
	}
	v.Classes = ui.Table{Caption: name + ": precision and recall", Columns: []ui.Column{{Label: name}, {Label: "Messages", Number: true}, {Label: "Precision", Number: true}, {Label: "Recall", Number: true}, {Label: "F1", Number: true}}}
	v.Confusion = ui.Heat{Caption: name + ": a line is what messages are, a column what they were read as", Corner: "It is"}
	field := fieldCategory
	if name == "Sentiment" {
		field = fieldSentiment
	}
	figure := func(now, before float64) string {
		if !trained {
			return ui.Percent(now)
		}
		return ui.Percent(now) + " (" + ui.Percent(before) + ")"
	}
	for i := range now.Classes {
		k, was := &now.Classes[i], &before.Classes[i]
		if k.N == 0 {
			continue
		}
		v.Classes.Rows = append(v.Classes.Rows, ui.TableRow{ID: k.Label, Cells: []ui.Cell{
			{Text: labelText(field, k.Label), Href: "/activities?q=" + url.QueryEscape("is:corrected "+field+":"+k.Label)},
			{Text: ui.Number(k.N)},
			{Text: figure(k.Precision, was.Precision)},
			{Text: figure(k.Recall, was.Recall)},
			{Text: figure(k.F1, was.F1)},
		}})
	}
	confusion(&v.Confusion, now, field)
	return v
}

// labelText is a label as pages write it.
func labelText(field, label string) string {
	if c, err := text.ParseCategory(label); err == nil && field == fieldCategory {
		return categoryText(c)
	}
	return label
}

// confusion fills in what was taken for what; labels that nothing has and nothing was read as are left out.
func confusion(h *ui.Heat, f *understand.Figures, field string) {
	var shown []int
	for i := range f.Labels {
		n := f.Classes[i].N
		for j := range f.Labels {
			n += f.Confusion[j][i]
		}
		if n > 0 {
			shown = append(shown, i)
			h.Columns = append(h.Columns, labelText(field, f.Labels[i]))
		}
	}
	h.Columns = append(h.Columns, "left open")
	for _, i := range shown {
		n := f.Classes[i].N
		if n == 0 {
			continue
		}
		row := ui.HeatRow{Label: labelText(field, f.Labels[i])}
		open := n
		cell := func(count int, as string) ui.HeatCell {
			c := ui.HeatCell{Text: ui.Number(count), Share: float64(count) / float64(n), Title: fmt.Sprintf("%s of %s %s messages were %s", ui.Number(count), ui.Number(n), row.Label, as)}
			if count == 0 {
				c.Text, c.Title = ui.None, ""
			}
			return c
		}
		for _, j := range shown {
			open -= f.Confusion[i][j]
			row.Cells = append(row.Cells, cell(f.Confusion[i][j], "read as "+labelText(field, f.Labels[j])))
		}
		h.Rows = append(h.Rows, ui.HeatRow{Label: row.Label, Cells: append(row.Cells, cell(open, "left open"))})
	}
}

// queue is the list of what is best labeled next.
func (p *readingPage) queue(r *http.Request, body *readingBody) error {
	ids, err := p.cfg.Reading.Uncertain(r.Context(), queued)
	if err != nil {
		return err
	}
	all, err := p.cfg.Reading.Readings(r.Context(), ids)
	if err != nil {
		return err
	}
	rows := ui.Rows{Label: "Messages to label next"}
	for _, id := range ids {
		a, err := p.cfg.Objects.Activity(r.Context(), id)
		if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
			continue // it went while we looked
		}
		if err != nil {
			return err
		}
		v := all[id]
		row := activityRow(&a, true)
		row.Lead, row.Title, row.Text = nil, firstText(excerpt(a.Title, excerptRunes), excerpt(a.Body, 2*excerptRunes)), ""
		row.Label = p.label(r, &a, &v, readingPath, true)
		rows.Items = append(rows.Items, row)
	}
	if len(rows.Items) > 0 {
		body.Queue = &rows
	}
	return nil
}

// shownLanguages is how many languages the table has.
const shownLanguages = 12

func languages(rep *understand.Report) *ui.Table {
	t := &ui.Table{Caption: "Languages", Columns: []ui.Column{{Label: "Language"}, {Label: "Messages", Number: true}, {Label: "Left open", Number: true}}}
	for i, l := range rep.Coverage.Languages {
		if i == shownLanguages {
			break
		}
		c := ui.Cell{Text: l.Code, Href: "/activities?q=" + url.QueryEscape("language:"+l.Code)}
		if l.Code == "" {
			c = ui.Cell{Text: "cannot be told", Href: "/activities?q=" + url.QueryEscape("has:category -has:language")}
		}
		t.Rows = append(t.Rows, ui.TableRow{ID: "language-" + l.Code, Cells: []ui.Cell{c, {Text: ui.Number(int(l.Messages))}, {Text: ui.Percent(float64(l.Unsure) / float64(l.Messages))}}})
	}
	return t
}

// models lists what was trained, with the base model at the end.
func (p *readingPage) models(r *http.Request, rep *understand.Report) (*ui.Rows, error) {
	all, err := p.cfg.Reading.Models(r.Context())
	if err != nil || len(all) == 0 {
		return nil, err
	}
	rows := &ui.Rows{Label: "Models"}
	add := func(id int64, name string, active bool, meta ...ui.Meta) {
		row := ui.Row{ID: "model-" + idText(id), Title: name, Meta: meta}
		switch {
		case active:
			row.Badge = &ui.Pill{Text: "reads now", Tone: ui.ToneGood}
		case person(r).MayWrite:
			row.Actions = []ui.Action{{Label: "Use", Label2: "Use " + name, Post: readingPath + "/models/" + idText(id), Small: true}}
		}
		rows.Items = append(rows.Items, row)
	}
	for i := range all {
		m := &all[i]
		meta := []ui.Meta{{Text: countText(int64(m.Corrections), "correction", "corrections")}}
		for _, t := range []struct {
			name string
			c    *understand.Change
		}{{"category", &m.Gain.Category}, {"sentiment", &m.Gain.Sentiment}} {
			if t.c.After.N > 0 {
				meta = append(meta, ui.Meta{Text: t.name + " " + ui.Percent(t.c.Before.Accuracy) + " → " + ui.Percent(t.c.After.Accuracy)})
			}
		}
		add(m.ID, m.Version, m.Active, append(meta, ui.Meta{Text: "trained by " + m.By}, ui.Meta{Time: m.TrainedAt})...)
	}
	add(0, "Base model", rep.Model == nil, ui.Meta{Text: "as Greenroom comes, without your corrections"})
	return rows, nil
}

func (p *readingPage) retrain(w http.ResponseWriter, r *http.Request) error {
	if err := p.cfg.Reading.Retrain(r.Context(), person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, readingPath, "Training has begun. The figures change when it is done.", "")
}

// activate lets another model read.
func (p *readingPage) activate(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(r.PathValue("model"), 10, 64)
	if err != nil || id < 0 {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no such model")
	}
	if err := p.cfg.Reading.Activate(r.Context(), id, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, readingPath, "Another model reads from now on, and reads everything again in the background. Choosing the other one takes that back.", "")
}
