// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/alert"
	"greenroom/internal/outbox"
	"greenroom/internal/web/ui"
)

// Alerts tell the team of what happens; alert.Service does.
type Alerts interface {
	List(ctx context.Context) ([]alert.Alert, error)
	Get(ctx context.Context, id int64) (alert.Alert, error)
	Add(ctx context.Context, d alert.Draft, by string) (alert.Alert, error)
	Edit(ctx context.Context, id int64, d alert.Draft, by string) (alert.Alert, error)
	Mute(ctx context.Context, id int64, d time.Duration, by string) (alert.Alert, error)
	Remove(ctx context.Context, id int64, by string) error
	AlertFirings
}

// AlertFirings tells what alerts did.
type AlertFirings interface {
	Firings(ctx context.Context, f alert.Filter) ([]alert.Firing, error)
	Tallies(ctx context.Context) (map[int64]alert.Tally, error)
	Judge(ctx context.Context, id int64, useful *bool, by string) (alert.Firing, error)
	Suggest(ctx context.Context, id int64) (*alert.Suggestion, error)
	Preview(ctx context.Context, d alert.Draft) (*alert.Preview, error)
	Test(ctx context.Context, id int64, by string) (sent int, err error)
	AlertLinks
}

// AlertLinks reads the links of messages.
type AlertLinks interface {
	Asked(token string) (firing int64, useful bool, err error)
	Answer(ctx context.Context, token string) (alert.Firing, error)
}

// alertsBody is what alerts.html shows.
type alertsBody struct {
	Head   ui.Head
	Table  ui.Table
	Empty  *ui.Empty
	Offers []segmentOffer
	Note   string
	Place  *ui.Action // where a destination is made, as long as there is none
}

type alertPages struct {
	*Site
	list   *ui.View[alertsBody]
	one    *ui.View[alertBody]
	edit   *ui.View[alertEditBody]
	answer *ui.View[accessBody]
}

const alertsPath = "/alerts"

func (s *Site) addAlerts() error {
	if s.cfg.Alerts == nil {
		return nil
	}
	p := &alertPages{Site: s}
	var err error
	if p.list, err = ui.Parse[alertsBody](s.kit, templates, "templates/alerts.html"); err != nil {
		return err
	}
	if p.one, err = ui.Parse[alertBody](s.kit, templates, "templates/alert.html"); err != nil {
		return err
	}
	if p.edit, err = ui.Parse[alertEditBody](s.kit, templates, "templates/alertedit.html"); err != nil {
		return err
	}
	if p.answer, err = ui.Parse[accessBody](s.kit, templates, "templates/access.html"); err != nil {
		return err
	}
	s.handle("GET /alerts", p.showList)
	s.change("GET /alerts/new", mayWrite, p.build)
	s.change("POST /alerts/new", mayWrite, p.save)
	s.mux.HandleFunc("GET "+alert.AnswerPath, p.ask)
	s.mux.HandleFunc("POST "+alert.AnswerPath, p.count)
	s.handle("GET /alerts/{id}", p.show)
	s.change("GET /alerts/{id}/edit", mayWrite, p.build)
	s.change("POST /alerts/{id}/edit", mayWrite, p.save)
	s.change("POST /alerts/{id}/mute", mayWrite, p.mute)
	s.change("POST /alerts/{id}/test", mayWrite, p.test)
	s.change("POST /alerts/{id}/remove", mayWrite, p.remove)
	s.change("POST /alerts/{id}/firings/{firing}", mayWrite, p.judge)
	return nil
}

func alertHref(id int64) string { return alertsPath + "/" + idText(id) }

func (p *alertPages) showList(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Alerts.List(r.Context())
	if err != nil {
		return err
	}
	tallies, err := p.cfg.Alerts.Tallies(r.Context())
	if err != nil {
		return err
	}
	places, err := p.places(r.Context())
	if err != nil {
		return err
	}
	body := alertsBody{Head: ui.Head{Title: "Alerts", Subtitle: "The team hears of what matters the moment it happens, and says whether it helped", Find: true}}
	may := person(r).MayWrite
	if may {
		body.Head.Actions = []ui.Action{{Label: "New alert", Href: "/alerts/new", Style: ui.StylePrimary}}
	}
	body.Table = ui.Table{Caption: "Alerts", Columns: []ui.Column{{Label: "Name"}, {Label: "Goes to"}, {Label: "Fired, 30 days", Number: true}, {Label: "Useful"}, {Label: "Last"}}}
	for i := range all {
		t := tallies[all[i].ID]
		body.Table.Rows = append(body.Table.Rows, p.row(&all[i], &t, places))
	}
	if len(all) == 0 {
		body.Empty = &ui.Empty{Title: "No alerts yet", Text: "An alert watches messages, conversations, members, organizations, figures or sources, and tells the team in a chat, by mail, by a webhook or here. Begin with one of these, or describe your own: you see first how often it would have fired."}
	}
	if may {
		for _, d := range alert.Templates() {
			if !slices.ContainsFunc(all, func(a alert.Alert) bool { return strings.EqualFold(a.Name, d.Name) }) {
				body.Offers = append(body.Offers, alertOffer(&d))
			}
		}
		if len(places) == 0 && p.cfg.Sending != nil {
			body.Note = "There is no destination yet: alerts can tell people here only."
			body.Place = &ui.Action{Label: "Add a channel or webhook", Href: sendingPath, Small: true}
		}
	}
	return render(p.Site, w, r, p.list, "Alerts", body)
}

// places are the destinations by id.
func (s *Site) places(ctx context.Context) (map[int64]outbox.Destination, error) {
	by := make(map[int64]outbox.Destination)
	if s.cfg.Sending == nil {
		return by, nil
	}
	all, err := s.cfg.Sending.Destinations(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		by[all[i].ID] = all[i]
	}
	return by, nil
}

func (p *alertPages) row(a *alert.Alert, t *alert.Tally, places map[int64]outbox.Destination) ui.TableRow {
	name := ui.Cell{Text: a.Name, Href: alertHref(a.ID), Sub: whatWatches(a)}
	if a.Problem != "" {
		name.Pills = append(name.Pills, ui.Pill{Text: "cannot be looked at", Tone: ui.ToneBad, Title: a.Problem})
	}
	if a.Muted(p.cfg.Now()) {
		name.Pills = append(name.Pills, ui.Pill{Text: "muted", Tone: ui.ToneWarn})
	}
	to := ui.Cell{Text: goesTo(a, places)}
	if t.Failed > 0 {
		to.Pills = []ui.Pill{{Text: countText(t.Failed, "message did not arrive", "messages did not arrive"), Tone: ui.ToneBad, Href: alertHref(a.ID)}}
	}
	return ui.TableRow{Cells: []ui.Cell{name, to, {Text: ui.Number(int(t.Month)), Href: alertHref(a.ID) + "#firings"}, {Text: precisionText(t)}, {Time: t.LastAt, Text: pick(t.LastAt.IsZero(), "never", "")}}}
}

func pick(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

// whatWatches says in words what an alert looks at.
func whatWatches(a *alert.Alert) string {
	switch a.Watch {
	case alert.Metric:
		c := a.Condition
		what := strings.ReplaceAll(c.Metric, "_", " ") + " by " + string(c.By) + " "
		if c.When == alert.WhenChanged {
			return what + "changes by more than noise"
		}
		return what + "is " + c.When + " " + strconv.FormatFloat(c.Value, 'f', -1, 64)
	case alert.Source:
		return firstText(a.Source, "any source") + " is late or fails"
	case alert.Activities, alert.Conversations, alert.Members, alert.Organizations:
	}
	return firstText(watchLabels()[a.Watch], title(string(a.Watch))) + ": " + a.Query
}

// watchLabels are what is watched as people call it, where that is not its name.
func watchLabels() map[alert.Watch]string {
	return map[alert.Watch]string{alert.Activities: "Messages", alert.Metric: "A figure", alert.Source: "Sources"}
}

// goesTo says who is told.
func goesTo(a *alert.Alert, places map[int64]outbox.Destination) string {
	var all []string
	for _, id := range a.Destinations {
		if d, ok := places[id]; ok {
			all = append(all, d.Name)
		}
	}
	switch {
	case slices.Contains(a.People, "*"):
		all = append(all, "everybody here")
	case len(a.People) > 0:
		all = append(all, strings.Join(a.People, ", "))
	}
	if len(all) == 0 {
		return "nobody yet"
	}
	return strings.Join(all, ", ")
}

// precisionText says how many of the judged firings were useful.
func precisionText(t *alert.Tally) string {
	p := t.Precision()
	if p.Judged == 0 {
		return "not judged yet"
	}
	return fmt.Sprintf("%d of %d (%s)", t.Useful, p.Judged, between(&p))
}

// between is the interval of a precision.
func between(p *alert.Precision) string {
	return fmt.Sprintf("%.0f–%.0f %%", p.Low*100, p.High*100)
}

func alertOffer(d *alert.Draft) segmentOffer {
	q := url.Values{"template": {d.Name}}
	return segmentOffer{Name: d.Name, Text: d.Do, Query: whatWatches(&alert.Alert{Draft: *d}), Make: ui.Action{Label: "Look and make it", Label2: "Look and make the alert " + d.Name, Href: "/alerts/new?" + q.Encode(), Small: true}}
}

func (p *alertPages) mute(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	hours, err := strconv.Atoi(firstText(r.FormValue("hours"), "0"))
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "choose for how long it is muted")
	}
	a, err := p.cfg.Alerts.Mute(r.Context(), id, time.Duration(hours)*time.Hour, person(r).Actor)
	if err != nil {
		return err
	}
	said, undo := a.Name+" fires again.", ""
	if hours > 0 {
		said, undo = a.Name+" is muted until "+ui.DateTime(a.MutedUntil.In(p.cfg.Zones.Zone()))+". What happens until then is not told later.", alertHref(id)+"/mute"
	}
	return p.back(w, r, alertHref(id), said, undo)
}

func (p *alertPages) test(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	n, err := p.cfg.Alerts.Test(r.Context(), id, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, alertHref(id), "A test is on its way to "+countText(int64(n), "destination", "destinations")+". If it does not arrive, this page says why.", "")
}

func (p *alertPages) remove(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	a, err := p.cfg.Alerts.Get(r.Context(), id)
	if err != nil {
		return err
	}
	if err := p.cfg.Alerts.Remove(r.Context(), id, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, alertsPath, a.Name+" is removed.", "")
}

func (p *alertPages) judge(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	firing, err := strconv.ParseInt(r.PathValue("firing"), 10, 64)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no page at this address")
	}
	var useful *bool
	if v := r.FormValue("useful"); v != "" {
		yes := v == "yes"
		useful = &yes
	}
	if _, err := p.cfg.Alerts.Judge(r.Context(), firing, useful, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, alertHref(id)+"#firings", "Counted.", alertHref(id)+"/firings/"+r.PathValue("firing"))
}

// ask is what a link of a message opens, without signing in. Mail programs and chats open links by themselves, so it only asks.
func (p *alertPages) ask(w http.ResponseWriter, r *http.Request) {
	token := r.FormValue("t")
	_, useful, err := p.cfg.Alerts.Asked(token)
	if err != nil {
		p.say(w, r, http.StatusNotFound, accessBody{Title: "This link does not open", Text: "It was cut off on its way, or is not from this Greenroom."})
		return
	}
	label := "It was not useful"
	if useful {
		label = "It was useful"
	}
	p.say(w, r, http.StatusOK, accessBody{Title: "Was this alert useful?", Text: "Your answer counts for how precise the alert is. The last answer holds.", Form: &ui.Form{
		Post: alert.AnswerPath, Hidden: []ui.Hidden{{Name: "t", Value: token}}, Actions: []ui.Action{{Label: label, Submit: true, Style: ui.StylePrimary}},
	}})
}

// count counts what a link of a message says.
func (p *alertPages) count(w http.ResponseWriter, r *http.Request) {
	f, err := p.cfg.Alerts.Answer(r.Context(), r.PostFormValue("t"))
	if err != nil {
		p.say(w, r, http.StatusNotFound, accessBody{Title: "It was not counted", Text: sentence(greenroom.ErrorMessage(err))})
		return
	}
	body := accessBody{Title: "Thank you", Text: "Counted as not useful. Once enough is known, Greenroom suggests how to make the alert more precise."}
	if f.Useful != nil && *f.Useful {
		body.Text = "Counted as useful."
	}
	p.say(w, r, http.StatusOK, body)
}

func (p *alertPages) say(w http.ResponseWriter, r *http.Request, code int, body accessBody) {
	shell := ui.Shell{Title: body.Title, Community: p.cfg.Community, Bare: true}
	if err := send(w, code, func(to io.Writer) error { return p.answer.Render(to, shell, body) }); err != nil {
		p.fail(w, r, err)
	}
}
