// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/action"
	"greenroom/internal/analytics"
	"greenroom/internal/web/ui"
	"greenroom/internal/writeback"
)

// Pushes pushes into warehouses, and repeats actions.
type Pushes interface {
	Loadable(src *greenroom.Source) (can, allowed bool)
	Push(ctx context.Context, r *writeback.PushRequest, key, by string) (action.Action, error)
	PushMetrics(ctx context.Context, r *writeback.MetricsRequest, key, by string) (action.Action, error)
	// PushedGone lists members whose rows stand in a source's table though they are no more.
	PushedGone(ctx context.Context, source string) ([]int64, error)
	Repeats
}

// Repeats is what is done again and again.
type Repeats interface {
	Schedules(ctx context.Context, source string) ([]action.Schedule, error)
	ActionSchedule(ctx context.Context, id int64) (action.Schedule, error)
	Repeat(ctx context.Context, what writeback.Repeated, every time.Duration, by string) (action.Schedule, error)
	StopSchedule(ctx context.Context, id int64, stopped bool) error
	DropSchedule(ctx context.Context, id int64) error
}

// pushOutBody is what pushout.html shows.
type pushOutBody struct {
	Head     ui.Head
	Note     string // why nothing can be pushed
	Members  ui.Form
	Metrics  ui.Form
	Gone     string // rows that the next push deletes
	Repeated ui.Rows
	Dialogs  []ui.Dialog
}

// Fields of the forms.
const (
	everyField   = "every"
	pushWhat     = "what"
	pushMembers  = "members"
	pushMetrics  = "metrics"
	allMetrics   = ""
	queryField   = "q"
	segmentField = "segment"
)

func pushOutHref(source string) string { return sourceHref(source) + "/push-out" }

// everyField offers to repeat.
func repeatField(value, prefix string) ui.Field {
	return ui.Field{
		Name: everyField, Prefix: prefix, Label: "How often", Type: "select", Value: value, Help: "What is repeated is made anew each time, from what is known then.",
		Options: []ui.Option{{Label: "Once, now"}, {Value: "hour", Label: "Now and every hour"}, {Value: "6h", Label: "Now and every 6 hours"}, {Value: "day", Label: "Now and every day"}, {Value: "week", Label: "Now and every week"}},
	}
}

func (p *actionPages) pushOut(w http.ResponseWriter, r *http.Request) error {
	return p.showPushOut(w, r, map[string]string{}, nil)
}

// doPush pushes once, or has it repeated.
func (p *actionPages) doPush(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form did not arrive whole; send it again")
	}
	values := make(map[string]string)
	for name := range r.PostForm {
		values[name] = strings.TrimSpace(r.PostForm.Get(name))
	}
	source := r.PathValue("name")
	what := writeback.Repeated{Members: &writeback.PushRequest{Source: source, Query: values[queryField]}}
	once := func(ctx context.Context) (action.Action, error) {
		return p.cfg.Pushes.Push(ctx, what.Members, values[sendKey], person(r).Actor)
	}
	if values[pushWhat] == pushMetrics {
		m := &writeback.MetricsRequest{
			Source: source, By: analytics.Granularity(values["by"]), Breakdown: analytics.Dimension(values["breakdown"]), Query: values[queryField], Segment: values[segmentField],
		}
		if values["metric"] != allMetrics {
			m.Metrics = []string{values["metric"]}
		}
		if n, err := strconv.Atoi(values["periods"]); err == nil {
			m.Periods = n
		} else if values["periods"] != "" {
			return p.showPushOut(w, r, values, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a number of periods", values["periods"]))
		}
		what = writeback.Repeated{Metrics: m}
		once = func(ctx context.Context) (action.Action, error) {
			return p.cfg.Pushes.PushMetrics(ctx, m, values[sendKey], person(r).Actor)
		}
	}
	return p.onceOrRepeated(w, r, values, what, once, func(err error) error { return p.showPushOut(w, r, values, err) })
}

// onceOrRepeated does what a form says, and leads to the action that it made.
func (p *actionPages) onceOrRepeated(w http.ResponseWriter, r *http.Request, values map[string]string, what writeback.Repeated, once func(context.Context) (action.Action, error), again func(error) error) error {
	var id int64
	var err error
	if values[everyField] == "" {
		var a action.Action
		a, err = once(r.Context())
		id = a.ID
	} else {
		var every time.Duration
		if every, err = action.Rhythm(values[everyField]); err == nil {
			var s action.Schedule
			s, err = p.cfg.Pushes.Repeat(r.Context(), what, every, person(r).Actor)
			id = s.LastAction
		}
	}
	switch {
	case err == nil && values[everyField] == "":
		return p.back(w, r, actionHref(id), "On its way. This page shows what becomes of it.", "")
	case err == nil && id == 0:
		return p.back(w, r, r.URL.Path, "From now on repeated. This time there was nothing to do.", "")
	case err == nil:
		return p.back(w, r, actionHref(id), "On its way, and from now on repeated. This page shows what becomes of the first time.", "")
	case forPeople(err):
		return again(err)
	}
	return err
}

func (p *actionPages) showPushOut(w http.ResponseWriter, r *http.Request, values map[string]string, problem error) error {
	src, err := p.cfg.Sources.Source(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	can, allowed := p.cfg.Pushes.Loadable(&src)
	if !can {
		return greenroom.Errorf(greenroom.CodeNotFound, "nothing can be pushed to %s", src.Name)
	}
	body := pushOutBody{Head: ui.Head{
		Title: "Push out to " + src.Name, Back: &ui.Action{Label: src.Name, Href: sourceHref(src.Name)},
		Subtitle: "Members and figures, written to tables of the database. Rows are merged by key, so that pushing again brings them up to date and doubles nothing.",
		Actions:  []ui.Action{{Label: "Earlier actions", Href: "/actions?source=" + src.Name}},
	}}
	if !allowed {
		body.Note = "This source may not be written to yet. Turn on “May be written to” in its settings."
		body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Settings", Href: sourceHref(src.Name) + "/settings", Style: ui.StylePrimary})
	}
	body.Members, body.Metrics = membersForm(&src, values), metricsForm(&src, values)
	code := http.StatusOK
	if problem != nil {
		code = http.StatusUnprocessableEntity
		form := &body.Members
		if values[pushWhat] == pushMetrics {
			form = &body.Metrics
		}
		form.Error = sentence(greenroom.ErrorMessage(problem))
	}
	gone, err := p.cfg.Pushes.PushedGone(r.Context(), src.Name)
	if err != nil {
		return err
	}
	body.Gone = "When a member is erased, or becomes part of another, the next push of members deletes their row from the database. Nothing waits for that now."
	if len(gone) > 0 {
		body.Gone = countText(int64(len(gone)), "row", "rows") + " of members who were erased, or are part of another member by now, still stand in the database. The next push of members deletes them there."
	}
	if body.Repeated, body.Dialogs, err = p.repeated(r.Context(), src.Name, pushOutHref(src.Name)); err != nil {
		return err
	}
	return send(w, code, func(to io.Writer) error { return p.push.Render(to, p.shell(r, body.Head.Title), body) })
}

func membersForm(src *greenroom.Source, values map[string]string) ui.Form {
	if values[pushWhat] == pushMetrics {
		values = nil // they are of the other form
	}
	return ui.Form{
		Post: pushOutHref(src.Name), Hidden: []ui.Hidden{{Name: pushWhat, Value: pushMembers}, {Name: sendKey, Value: rand.Text()}},
		Fields: []ui.Field{
			{Name: queryField, Prefix: "m-", Label: "Which members", Value: values[queryField], Placeholder: usualQuery, Help: "A query; left empty, all. They go into the table members, with names, addresses, organization, tags, and when they were active."},
			repeatField(values[everyField], "m-"),
		},
		Actions: []ui.Action{{Label: "Push members", Submit: true, Style: ui.StylePrimary}},
	}
}

func metricsForm(src *greenroom.Source, values map[string]string) ui.Form {
	if values[pushWhat] != pushMetrics {
		values = nil
	}
	metric := ui.Field{Name: "metric", Prefix: "f-", Label: "Metric", Type: "select", Value: values["metric"], Options: []ui.Option{{Label: "All of them"}}}
	for _, m := range analytics.Catalog() {
		metric.Options = append(metric.Options, ui.Option{Value: m.Name, Label: m.Label})
	}
	by := ui.Field{Name: "by", Prefix: "f-", Label: "By", Type: "select", Value: firstText(values["by"], string(analytics.Week))}
	for _, g := range []analytics.Granularity{analytics.Day, analytics.Week, analytics.Month, analytics.Quarter} {
		by.Options = append(by.Options, ui.Option{Value: string(g), Label: title(string(g))})
	}
	breakdown := ui.Field{Name: "breakdown", Prefix: "f-", Label: "A row for each", Type: "select", Value: values["breakdown"], Options: []ui.Option{{Label: "— one for all —"}}}
	for _, d := range analytics.Dimensions() {
		breakdown.Options = append(breakdown.Options, ui.Option{Value: string(d), Label: title(string(d))})
	}
	return ui.Form{
		Post: pushOutHref(src.Name), Hidden: []ui.Hidden{{Name: pushWhat, Value: pushMetrics}, {Name: sendKey, Value: rand.Text()}},
		Fields: []ui.Field{metric, by, breakdown, repeatField(values[everyField], "f-")},
		More: []ui.Field{
			{Name: "periods", Prefix: "f-", Label: "How many periods", Value: values["periods"], Help: "Up to the one that is running. Left empty: 30 days, 12 weeks, 12 months or 8 quarters. Each push brings all of them up to date."},
			{Name: queryField, Prefix: "f-", Label: "What counts", Value: values[queryField], Placeholder: "channel:#help", Help: "A query over what the metric counts."},
			{Name: segmentField, Prefix: "f-", Label: "Whose activities count", Value: values[segmentField], Placeholder: "org.lifecycle:trial", Help: "A query over members. Lifecycle, tags and the like are those of today in rows of past periods, too."},
		},
		Actions: []ui.Action{{Label: "Push figures", Submit: true, Style: ui.StylePrimary}},
	}
}

// repeated lists what is repeated on a source, or on all where it is "", with what can be done about it.
func (p *actionPages) repeated(ctx context.Context, source, back string) (ui.Rows, []ui.Dialog, error) {
	rows := ui.Rows{Label: "What is repeated"}
	all, err := p.cfg.Pushes.Schedules(ctx, source)
	if err != nil {
		return rows, nil, err
	}
	var dialogs []ui.Dialog
	for i := range all {
		s := &all[i]
		id := idText(s.ID)
		here, hidden := "/repeated-actions/"+id, []ui.Hidden{{Name: "back", Value: back}}
		row := ui.Row{Title: s.Title, Meta: []ui.Meta{{Text: everyWords(time.Duration(s.Every) * time.Second)}}}
		drop := ui.Action{Label: "Remove…", Label2: "Remove: " + s.Title, Dialog: "drop-" + id, Small: true}
		dialogs = append(dialogs, ui.Dialog{ID: "drop-" + id, Title: "Stop repeating for good", Text: s.Title + ": it is not done again. What it did stays.", Form: ui.Form{Post: here + "/drop", Hidden: hidden, Actions: []ui.Action{{Label: "Remove", Submit: true, Style: ui.StyleDanger}}}})
		if s.StoppedAt.IsZero() {
			row.Meta = append(row.Meta, ui.Meta{Text: "next", Time: s.NextAt})
			row.Actions = []ui.Action{{Label: "Stop", Label2: "Stop: " + s.Title, Post: here + "/stop", Hidden: hidden, Small: true}, drop}
		} else {
			row.Pills = []ui.Pill{{Text: "stopped", Tone: ui.ToneWarn}}
			row.Actions = []ui.Action{{Label: "Resume", Label2: "Resume: " + s.Title, Post: here + "/resume", Hidden: hidden, Small: true}, drop}
		}
		if s.LastAction > 0 {
			row.Meta = append(row.Meta, ui.Meta{Text: "done " + countText(s.Times, "time", "times") + ", last as action " + idText(s.LastAction), Href: actionHref(s.LastAction)})
		}
		if s.Error != "" {
			row.Pills, row.Text = append(row.Pills, ui.Pill{Text: "failed", Tone: ui.ToneBad}), sentence(s.Error)
		}
		rows.Items = append(rows.Items, row)
	}
	return rows, dialogs, nil
}

// everyWords says how often something is repeated.
func everyWords(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == time.Hour:
		return "every hour"
	case d == day:
		return "every day"
	case d == 7*day:
		return "every week"
	case d%day == 0:
		return "every " + countText(int64(d/day), "day", "days")
	}
	return "every " + rhythmWords(d)
}

func (p *actionPages) stopRepeated(w http.ResponseWriter, r *http.Request) error {
	return p.changeRepeated(w, r, "Stopped. It is not done again until you resume it.", func(id int64) error {
		return p.cfg.Pushes.StopSchedule(r.Context(), id, true)
	})
}

func (p *actionPages) resumeRepeated(w http.ResponseWriter, r *http.Request) error {
	return p.changeRepeated(w, r, "It goes on, first within a minute.", func(id int64) error {
		return p.cfg.Pushes.StopSchedule(r.Context(), id, false)
	})
}

func (p *actionPages) dropRepeated(w http.ResponseWriter, r *http.Request) error {
	return p.changeRepeated(w, r, "Removed. What it did stays.", func(id int64) error { return p.cfg.Pushes.DropSchedule(r.Context(), id) })
}

func (p *actionPages) changeRepeated(w http.ResponseWriter, r *http.Request, done string, change func(int64) error) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := change(id); err != nil {
		return err
	}
	to := r.PostFormValue("back")
	if !strings.HasPrefix(to, "/sources/") || strings.Contains(to, "//") || strings.ContainsAny(to, "\\?#") {
		to = "/actions"
	}
	return p.back(w, r, to, done, "")
}
