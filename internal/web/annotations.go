// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/topic"
	"greenroom/internal/web/ui"
)

// Annotations tells what happened outside; topic.Service does.
type Annotations interface {
	Annotations(ctx context.Context, from, to time.Time) ([]topic.Annotation, error)
	Annotate(ctx context.Context, a topic.Annotation) (topic.Annotation, error)
	RemoveAnnotation(ctx context.Context, id int64, removed bool) error
}

// annotationsBody is what annotations.html shows.
type annotationsBody struct {
	Head    ui.Head
	Rows    ui.Rows
	Empty   *ui.Empty
	Dialogs []ui.Dialog
}

type annotationPages struct {
	*Site
	view *ui.View[annotationsBody]
}

func (s *Site) addAnnotations() error {
	if s.cfg.Annotations == nil {
		return nil
	}
	view, err := ui.Parse[annotationsBody](s.kit, templates, "templates/annotations.html")
	if err != nil {
		return err
	}
	p := &annotationPages{Site: s, view: view}
	s.handle("GET /annotations", p.show)
	s.change("POST /annotations", mayWrite, p.save)
	s.change("POST /annotations/{id}/remove", mayWrite, p.remove)
	return nil
}

// marks are annotations on their way onto a chart.
type marks []topic.Annotation

// marks reads what happened in a time; none where nothing is noted.
func (s *Site) marks(ctx context.Context, from, to time.Time) (marks, error) {
	if s.cfg.Annotations == nil {
		return nil, nil
	}
	return s.cfg.Annotations.Annotations(ctx, from, to)
}

// mostMarked is how many upright lines can be told apart on a chart.
const mostMarked = 16

// on puts them at the labels of a chart, several at one label together, the newest ones where there are too many.
func (m marks) on(label func(at time.Time) string, labels []string) []ui.Mark {
	var out []ui.Mark
	for i := range m {
		at := label(m[i].At)
		if !slices.Contains(labels, at) {
			continue
		}
		if j := slices.IndexFunc(out, func(o ui.Mark) bool { return o.At == at }); j >= 0 {
			out[j].Text += ", " + m[i].Title
			continue
		}
		out = append(out, ui.Mark{At: at, Text: m[i].Title})
	}
	out = out[max(0, len(out)-mostMarked):]
	for i := range out {
		out[i].Text = excerpt(out[i].Text, 28)
	}
	return out
}

// annotationForm is the form for a new one, or for one that is there.
func annotationForm(a *topic.Annotation, back string, zone *time.Location) ui.Form {
	until := ""
	if !a.Until.IsZero() {
		until = a.Until.In(zone).Format(time.DateOnly)
	}
	var kinds []ui.Option
	for _, k := range topic.AnnotationKinds() {
		kinds = append(kinds, ui.Option{Value: k, Label: title(k)})
	}
	prefix := "note" + strconv.FormatInt(a.ID, 10) + "-"
	return ui.Form{
		Post: "/annotations", Hidden: []ui.Hidden{{Name: "id", Value: idText(a.ID)}, {Name: "back", Value: back}},
		Fields: []ui.Field{
			{Name: "title", Label: "What happened", Value: a.Title, Required: true, Placeholder: "Release 2.4", Prefix: prefix},
			{Name: "kind", Label: "Kind", Type: "select", Value: firstText(a.Kind, "release"), Options: kinds, Prefix: prefix},
			{Name: "at", Label: "Day", Type: "date", Value: a.At.In(zone).Format(time.DateOnly), Required: true, Prefix: prefix},
			{Name: "until", Label: "Last day", Type: "date", Value: until, Help: "For what lasted longer than a day.", Prefix: prefix},
			{Name: "url", Label: "Link", Type: "url", Value: a.URL, Placeholder: "https://", Prefix: prefix},
		},
		Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}},
	}
}

// annotate is the button that notes something on the chart of a page, and its dialog.
func (s *Site) annotate(r *http.Request) (ui.Action, ui.Dialog) {
	zone := s.cfg.Zones.Zone()
	return ui.Action{Label: "Annotate", Dialog: "annotate", Small: true}, ui.Dialog{
		ID: "annotate", Title: "Note what happened", Text: "It stands on every chart, so that everybody sees what a rise or a fall goes back to.",
		Form: annotationForm(&topic.Annotation{At: s.cfg.Now()}, r.URL.RequestURI(), zone),
	}
}

func (p *annotationPages) show(w http.ResponseWriter, r *http.Request) error {
	zone := p.cfg.Zones.Zone()
	all, err := p.cfg.Annotations.Annotations(r.Context(), time.Time{}.AddDate(1970, 0, 0), p.cfg.Now().AddDate(10, 0, 0))
	if err != nil {
		return err
	}
	body := annotationsBody{Head: ui.Head{Title: "Annotations", Subtitle: "What happened, as it stands on every chart", Back: &ui.Action{Label: "Insights", Href: "/insights"}}, Rows: ui.Rows{Label: "Annotations"}}
	may := person(r).MayWrite
	if may {
		body.Head.Actions = []ui.Action{{Label: "Add an annotation", Dialog: "annotate", Style: ui.StylePrimary}}
		_, d := p.annotate(r)
		body.Dialogs = append(body.Dialogs, d)
	}
	for i := len(all) - 1; i >= 0; i-- {
		a := &all[i]
		row := ui.Row{Title: excerpt(a.Title, 120), Lead: &ui.Pill{Text: a.Kind, Tone: noteTone(a.Kind)}, Meta: []ui.Meta{{Text: spanText(a, zone)}, {Text: "noted by " + a.By}}}
		if a.ID < 0 {
			row.Meta[1].Text = "from " + a.By
			row.Href = "/activities/" + idText(-a.ID)
		}
		if to := outside(a.URL); to != "" {
			row.Meta = append(row.Meta, ui.Meta{Text: "open link", Href: to})
		}
		if may {
			if a.ID > 0 {
				id := "note-" + idText(a.ID)
				row.Actions = append(row.Actions, ui.Action{Label: "Edit", Label2: "Edit " + a.Title, Dialog: id, Small: true, Style: ui.StyleQuiet})
				body.Dialogs = append(body.Dialogs, ui.Dialog{ID: id, Title: "Change the annotation", Form: annotationForm(a, "/annotations", zone)})
			}
			row.Actions = append(row.Actions, ui.Action{Label: "Remove", Label2: "Remove " + a.Title, Post: "/annotations/" + idText(a.ID) + "/remove", Small: true, Style: ui.StyleQuiet})
		}
		body.Rows.Items = append(body.Rows.Items, row)
	}
	if len(all) == 0 {
		body.Empty = &ui.Empty{Title: "Nothing noted yet", Text: "Releases of connected repositories and announcements come here by themselves. Note outages, events and whatever else moves your figures."}
	}
	if undo := r.URL.Query().Get("restore"); undo != "" && may {
		body.Head.Actions = append([]ui.Action{{Label: "Put it back", Post: "/annotations/" + url.PathEscape(undo) + "/remove", Hidden: []ui.Hidden{{Name: "restore", Value: "1"}}}}, body.Head.Actions...)
	}
	return render(p.Site, w, r, p.view, "Annotations", body)
}

func noteTone(kind string) ui.Tone {
	switch kind {
	case "release":
		return ui.ToneGood
	case "outage":
		return ui.ToneBad
	case "event":
		return ui.ToneIdea
	case "announcement":
		return ui.ToneInfo
	default:
		return ui.ToneNone
	}
}

func spanText(a *topic.Annotation, zone *time.Location) string {
	text := ui.Date(a.At.In(zone))
	if !a.Until.IsZero() && a.Until.In(zone).Format(time.DateOnly) != a.At.In(zone).Format(time.DateOnly) {
		text += " to " + ui.Date(a.Until.In(zone))
	}
	return text
}

func (p *annotationPages) save(w http.ResponseWriter, r *http.Request) error {
	id, err := formID(r, "id")
	if err != nil {
		return err
	}
	a := topic.Annotation{ID: id, Title: r.FormValue("title"), Kind: r.FormValue("kind"), URL: r.FormValue("url"), By: person(r).Actor}
	if a.At, err = p.day(r.FormValue("at")); err != nil {
		return err
	}
	if a.Until, err = p.day(r.FormValue("until")); err != nil {
		return err
	}
	if a, err = p.cfg.Annotations.Annotate(r.Context(), a); err != nil {
		return err
	}
	message := "Noted " + a.Title + "."
	if id > 0 {
		message = "Changed " + a.Title + "."
	}
	return p.back(w, r, firstText(r.FormValue("back"), "/annotations"), message+" All are under Insights, Annotations.", "")
}

// day reads a day of a form; "" is none.
func (p *annotationPages) day(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, p.cfg.Zones.Zone())
	if err != nil {
		return t, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a day such as 2026-03-31", text)
	}
	return t, nil
}

func (p *annotationPages) remove(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id == 0 {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no page at this address")
	}
	restore := r.FormValue("restore") != ""
	if err := p.cfg.Annotations.RemoveAnnotation(r.Context(), id, !restore); err != nil {
		return err
	}
	if restore {
		return p.back(w, r, "/annotations", "It is back.", "")
	}
	return p.back(w, r, "/annotations?restore="+strconv.FormatInt(id, 10), "Removed from all charts. The button at the top puts it back.", "")
}
