// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/goal"
	"greenroom/internal/web/ui"
)

// goalEditBody is what goaledit.html shows: the form of a goal.
type goalEditBody struct {
	Head ui.Head
	Form ui.Form
}

func (p *goalPages) showNew(w http.ResponseWriter, r *http.Request) error {
	now := p.cfg.Now().In(p.cfg.Zones.Zone())
	from, to := thisQuarter(now)
	v := url.Values{"kind": {"community"}, "from": {from}, "to": {to}, "audience": {"external"}, "how": {"level"}, "every": {"month"}, "metric": {"active_members"}}
	for key, value := range r.URL.Query() {
		v[key] = value
	}
	return p.showForm(w, r, v, nil)
}

// thisQuarter is the quarter of a moment, from its first day to its last.
func thisQuarter(now time.Time) (from, to string) {
	first := analytics.Quarter.Start(now)
	return first.Format(time.DateOnly), analytics.Quarter.Step(first, 1).AddDate(0, 0, -1).Format(time.DateOnly)
}

func (p *goalPages) showEdit(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	st, err := p.cfg.Goals.Get(r.Context(), id)
	if err != nil {
		return err
	}
	v := url.Values{
		"kind": {string(st.Kind)}, "title": {st.Title}, "why": {st.Why}, "audience": {string(st.Audience)}, "letter": {string(st.Letter)}, "owner": {st.Owner}, "from": {st.From}, "to": {st.To},
		"parent": {idText(st.Parent)}, "version": {idText(st.Version)}, "confidence": {strconv.Itoa(st.Confidence)},
	}
	if m := st.Measure; m != nil {
		u := unitOf(m.Metric)
		v.Set("metric", m.Metric)
		v.Set("query", m.Query)
		v.Set("segment", m.Segment)
		v.Set("entry", m.Entry)
		v.Set("how", string(m.How))
		v.Set("every", m.Every)
		v.Set("target", figureText(u, m.Target))
		if m.Baseline != nil {
			v.Set("baseline", figureText(u, *m.Baseline))
		}
	}
	return p.showForm(w, r, v, nil)
}

func unitOf(metric string) analytics.Unit {
	m, err := analytics.Lookup(metric)
	if err != nil {
		return ""
	}
	return m.Unit
}

// figureText writes a figure so that goal.ParseFigure reads the same one.
func figureText(u analytics.Unit, v float64) string {
	if u == analytics.UnitShare {
		return strconv.FormatFloat(math.Round(v*1e8)/1e6, 'f', -1, 64) + " %" // as many digits as people write, and none that only computers do
	}
	if u == analytics.UnitSeconds {
		return time.Duration(v * float64(time.Second)).String()
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func (p *goalPages) showForm(w http.ResponseWriter, r *http.Request, v url.Values, problem error) error {
	kind := goal.Kind(v.Get("kind"))
	body := goalEditBody{Head: ui.Head{Title: "New " + strings.ToLower(kind.Label()), Back: &ui.Action{Label: "Goals", Href: "/goals"}}, Form: ui.Form{Post: r.URL.Path, Hidden: []ui.Hidden{{Name: "version", Value: v.Get("version")}}}}
	save, back := "Make it", "/goals"
	if r.PathValue("id") != "" {
		body.Head.Title, save, back = "Change: "+v.Get("title"), "Save", "/goals/"+url.PathEscape(r.PathValue("id"))
	} else if !mayApprove(person(r)) {
		save = "Propose it"
		body.Head.Subtitle = "A manager approves it before it counts."
	}
	if problem != nil {
		body.Form.Error = sentence(greenroom.ErrorMessage(problem))
	}
	parents, err := p.parents(r, kind)
	if err != nil {
		return err
	}
	body.Form.Hidden = append(body.Form.Hidden, ui.Hidden{Name: "kind", Value: string(kind)})
	body.Form.Fields = []ui.Field{{Name: "title", Label: "Title", Value: v.Get("title"), Required: true, Placeholder: "People on trial find help in their first 30 days"}}
	if kind != goal.Company {
		body.Form.Fields = append(body.Form.Fields, ui.Field{Name: "parent", Label: "Serves", Type: "select", Value: firstText(v.Get("parent"), "0"), Options: parents})
	}
	if kind == goal.KeyResult {
		body.Form.Fields = append(body.Form.Fields, measureFields(v)...)
	}
	body.Form.Fields = append(body.Form.Fields,
		ui.Field{Name: "from", Label: "First day", Type: "date", Value: v.Get("from"), Required: true}, ui.Field{Name: "to", Label: "Last day", Type: "date", Value: v.Get("to"), Required: true},
		ui.Field{Name: "owner", Label: "Owner", Value: v.Get("owner"), Placeholder: "ana@example.org", Help: "Who answers for it."},
		ui.Field{Name: "why", Label: "What it is for", Type: "textarea", Value: v.Get("why")},
	)
	letters := []ui.Option{{Value: "", Label: "Not said"}}
	for _, l := range goal.Letters() {
		letters = append(letters, ui.Option{Value: string(l), Label: l.Name()})
	}
	body.Form.Fields = append(body.Form.Fields,
		ui.Field{Name: "audience", Label: "For whom", Type: "select", Value: v.Get("audience"), Options: []ui.Option{{Value: "external", Label: "External: members feel it"}, {Value: "internal", Label: "Internal: the team's own work"}}},
		ui.Field{Name: "letter", Label: "What it does for the business (SPACES)", Type: "select", Value: v.Get("letter"), Options: letters},
		ui.Field{Name: "confidence", Label: "Confidence, in percent", Type: "number", Value: zeroAsNone(v.Get("confidence"))},
	)
	body.Form.Actions = []ui.Action{{Label: "Cancel", Href: back}, {Label: save, Submit: true, Style: ui.StylePrimary}}
	if r.PathValue("id") == "" {
		for _, k := range goal.Kinds() {
			if k != kind {
				body.Head.Actions = append(body.Head.Actions, ui.Action{Label: k.Label() + " instead", Href: "/goals/new?kind=" + string(k), Small: true, Style: ui.StyleQuiet})
			}
		}
	}
	return render(p.Site, w, r, p.edit, body.Head.Title, body)
}

func zeroAsNone(text string) string {
	if text == "0" {
		return ""
	}
	return text
}

func measureFields(v url.Values) []ui.Field {
	return []ui.Field{
		{Name: "metric", Label: "Metric", Type: "select", Value: v.Get("metric"), Options: measurable(), Help: "Progress is computed from it. What each one counts stands under Insights."},
		{Name: "target", Label: "Target", Value: v.Get("target"), Required: true, Placeholder: "42 %, 120 or 4h", Help: "A share in percent, a time as 4h or 90m, anything else as a number. Above the baseline more is better, below it less."},
		{Name: "baseline", Label: "Baseline", Value: v.Get("baseline"), Help: "Leave it empty: it is read from your data, the last whole period before the first day."},
		{Name: "how", Label: "What counts as the figure", Type: "select", Value: v.Get("how"), Options: []ui.Option{{Value: "level", Label: "The level: the last whole period"}, {Value: "total", Label: "The total since the first day"}}},
		{Name: "every", Label: "Periods", Type: "select", Value: v.Get("every"), Options: []ui.Option{{Value: "week", Label: "Weeks"}, {Value: "month", Label: "Months"}, {Value: "quarter", Label: "Quarters"}}},
		{Name: "query", Label: "What counts, as a query", Value: v.Get("query"), Placeholder: "channel:#help"},
		{Name: "segment", Label: "Whose activities count, as a query over members", Value: v.Get("segment"), Placeholder: "tag:champion", Help: "Members as they are today. Who was on trial in months past is known by the next field."},
		{Name: "entry", Label: "Of whom each figure is", Type: "select", Value: v.Get("entry"), Options: entryOptions(), Help: "By when organizations came in, as subscriptions, the CRM's stages or the field trial_started tell. Who stays counts in the period of the entry all the same."},
	}
}

func entryOptions() []ui.Option {
	all := []ui.Option{{Value: "", Label: "Of everybody above, in each period"}}
	for _, state := range goal.EntryStates() {
		all = append(all, ui.Option{Value: string(state), Label: entryLabel(string(state))})
	}
	return all
}

// entryLabel says what cohorts are made by.
func entryLabel(state string) string {
	if state == string(greenroom.Trial) {
		return "Of organizations whose trial began in the period"
	}
	return "Of organizations that became customers in the period"
}

// parents lists what a goal of a kind can serve.
func (p *goalPages) parents(r *http.Request, kind goal.Kind) ([]ui.Option, error) {
	all, err := p.cfg.Goals.List(r.Context())
	if err != nil {
		return nil, err
	}
	out := []ui.Option{{Value: "0", Label: "No goal yet"}}
	for i := range all {
		g := &all[i]
		if g.Kind == goal.KeyResult || g.State == goal.Closed || g.State == goal.Declined || idText(g.ID) == r.PathValue("id") || kind == goal.Community && g.Kind != goal.Company {
			continue
		}
		out = append(out, ui.Option{Value: idText(g.ID), Label: g.Title})
	}
	return out, nil
}

// draftIn reads a goal's form.
func draftIn(v url.Values, prefix string) (goal.Draft, error) {
	get := func(name string) string { return strings.TrimSpace(v.Get(prefix + name)) }
	d := goal.Draft{Kind: goal.Kind(get("kind")), Title: get("title"), Why: get("why"), Audience: goal.Audience(get("audience")), Letter: goal.Letter(get("letter")), Owner: get("owner"), From: get("from"), To: get("to")}
	var err error
	if text := get("parent"); text != "" {
		if d.Parent, err = strconv.ParseInt(text, 10, 64); err != nil {
			return d, greenroom.Errorf(greenroom.CodeInvalid, "choose what it serves from the list")
		}
	}
	if d.Confidence, err = percentIn(get("confidence")); err != nil || d.Kind != goal.KeyResult {
		return d, err
	}
	d.Measure = &goal.Measure{Metric: get("metric"), Query: get("query"), Segment: get("segment"), Entry: get("entry"), How: goal.How(get("how")), Every: get("every")}
	u := unitOf(d.Measure.Metric)
	if d.Measure.Target, err = goal.ParseFigure(u, get("target")); err != nil {
		return d, fmt.Errorf("reading the target: %w", err)
	}
	if text := get("baseline"); text != "" {
		v, err := goal.ParseFigure(u, text)
		if err != nil {
			return d, fmt.Errorf("reading the baseline: %w", err)
		}
		d.Measure.Baseline = &v
	}
	return d, nil
}

func (p *goalPages) save(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form did not arrive whole; send it again")
	}
	who, v := person(r), r.PostForm
	d, err := draftIn(v, "")
	var g goal.Goal
	said := "is made."
	switch {
	case err != nil:
	case r.PathValue("id") == "":
		if g, err = p.cfg.Goals.Add(r.Context(), d, who.Actor, mayApprove(who)); g.State == goal.Proposed {
			said = "is proposed. A manager decides."
		}
	default:
		var id, version int64
		if id, err = pathID(r); err != nil {
			return err
		}
		if version, err = formID(r, "version"); err != nil {
			return err
		}
		g, err = p.cfg.Goals.Edit(r.Context(), id, version, d, who.Actor, mayApprove(who))
		said = "is changed."
	}
	if err != nil {
		if !forPeople(err) {
			return err
		}
		return p.showForm(w, r, v, err)
	}
	return p.back(w, r, goalHref(g.ID), g.Title+" "+said, "")
}
