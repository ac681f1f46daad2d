// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom/internal/proof"
	"greenroom/internal/query"
	"greenroom/internal/web/ui"
)

// newStudy asks first what the study is about, then the rest.
func (p *impactPages) newStudy(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	v.Set("kind", firstText(v.Get("kind"), v.Get("of"), v.Get("exposure"))) // as the command line and the API name it
	wrong := ""
	if k := v.Get("kind"); k != "" && !slices.Contains(proof.ExposureKinds(), proof.ExposureKind(k)) {
		wrong = "There is no kind of exposure “" + k + "”. Choose one of these."
		v.Del("kind")
	}
	if v.Get("kind") != "" {
		p.nameParameters(v)
		now := p.cfg.Now().In(p.cfg.Zones.Zone())
		v.Set("from", firstText(v.Get("from"), now.AddDate(0, -9, 0).Format("2006-01-02")))
		v.Set("to", firstText(v.Get("to"), now.AddDate(0, -1, 0).Format("2006-01-02")))
		v.Set("days", firstText(v.Get("days"), "30"))
		v.Set("hours", firstText(v.Get("hours"), "24"))
		v.Set("span", firstText(v.Get("span"), "90"))
		if v.Get("kind") == string(proof.ByCommunity) && v.Get("outcome") == "" {
			v.Set("days", "180")
		}
		return p.studyForm(w, r, v, nil)
	}
	body := impactBody{Head: ui.Head{Title: "New study", Subtitle: "Of what do you want to know what would have happened without?", Back: &ui.Action{Label: "Studies", Href: impactPath + "/studies"}}}
	says := map[proof.ExposureKind]string{
		proof.ByWorkflow:  "With a hold-out it is an experiment, the strongest answer there is. Without one, members are compared with their likes.",
		proof.ByProgram:   "Those enrolled are compared with others who did alike before.",
		proof.ByEvent:     "Those who came are compared with others who did alike before.",
		proof.BySurvey:    "Those who were asked, whether or not they answered.",
		proof.ByActivity:  "Whatever a query over activities finds: a first answer given, a reaction, a post in a channel.",
		proof.ByTeam:      "Members who asked: does it keep them that the team answers within some hours?",
		proof.ByAnswer:    "Members who asked: does it keep them that anybody answers within some hours?",
		proof.ByCommunity: "Accounts: are deals won, and do customers renew, grow and stay more where somebody of them is here? They are compared with accounts like them.",
		proof.ByLaunch:    "A release, a campaign, a change of rules: did a metric go another way from then on?",
	}
	rows := &ui.Rows{Label: "What it is about"}
	for _, k := range proof.ExposureKinds() {
		q := url.Values{"kind": {string(k)}}
		if m := v.Get("measure"); m != "" {
			q.Set("measure", m)
		}
		rows.Items = append(rows.Items, ui.Row{Title: k.Label(), Href: impactPath + "/studies/new?" + q.Encode(), Meta: []ui.Meta{{Text: says[k]}}})
	}
	body.Failed = wrong
	body.Main = []impactCard{{Title: "1. What it is about", Rows: rows}}
	return p.show(w, r, body)
}

// nameParameters takes what the command line and the API call otherwise.
func (p *impactPages) nameParameters(v url.Values) {
	for name, other := range map[string]string{"what": "query", "among": "population", "outcome": "on"} {
		v.Set(name, firstText(v.Get(name), v.Get(other)))
	}
}

// complain says beside each field of a study what is wrong with what it holds, such as a query that cannot be read.
func (p *impactPages) complain(fields []ui.Field, kind proof.ExposureKind) {
	queries := map[string]query.Entity{"among": query.Members, "control": query.Activities, "what": query.Activities}
	if kind == proof.ByCommunity {
		queries["among"] = query.Organizations
	}
	if kind == proof.ByLaunch {
		queries["what"] = query.Members
	}
	for i := range fields {
		f := &fields[i]
		if e, is := queries[f.Name]; is && f.Value != "" {
			if _, err := query.Parse(p.schemas[e], f.Value); err != nil {
				f.Error = sentence("This query cannot be read: " + err.Error())
			}
		}
		chosen := func(o ui.Option) bool { return o.Value == f.Value }
		switch {
		case f.Type == "select" && f.Value != "" && !slices.ContainsFunc(f.Options, chosen):
			f.Error = "There is no “" + f.Value + "” to choose here."
		case f.Type == "date" && f.Value != "":
			if _, err := time.Parse(time.DateOnly, f.Value); err != nil {
				f.Error = "“" + f.Value + "” is no day; write it as 2026-01-31."
			}
		case f.Type == "number" && f.Value != "":
			if n, err := strconv.Atoi(f.Value); err != nil || n < 0 {
				f.Error = "“" + f.Value + "” is no whole number."
			}
		}
	}
}

func (p *impactPages) editStudy(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	x, err := p.cfg.Proof.Get(r.Context(), id)
	if err != nil {
		return err
	}
	v := url.Values{
		"title": {x.Title}, "decides": {x.Decides}, "kind": {string(x.Exposure.Kind)}, "ref": {idText(x.Exposure.Ref)}, "what": {x.Exposure.Query}, "name": {x.Exposure.Name}, "hours": {strconv.Itoa(x.Exposure.Hours)}, "span": {strconv.Itoa(x.Exposure.Days)}, "likes": {string(x.Likes)}, "day": {x.Exposure.Day},
		"outcome": {string(x.Outcome.Kind)}, "days": {strconv.Itoa(x.Outcome.Days)}, "metric": {x.Outcome.Metric}, "among": {x.Population}, "control": {x.Control}, "from": {x.From}, "to": {x.To}, "version": {idText(x.Version)}, "measure": x.Measures,
	}
	return p.studyForm(w, r, v, nil)
}

// exposureFields ask for what the study is about.
func (p *impactPages) exposureFields(r *http.Request, v url.Values) ([]ui.Field, error) {
	kind := proof.ExposureKind(v.Get("kind"))
	switch kind {
	case proof.ByActivity:
		return []ui.Field{{Name: "what", Label: "What they did, as a query over activities", Value: v.Get("what"), Required: true, Placeholder: "kind:attendance"}}, nil
	case proof.ByTeam, proof.ByAnswer:
		return []ui.Field{{Name: "hours", Label: "Within how many hours", Type: "number", Value: v.Get("hours"), Required: true}}, nil
	case proof.ByCommunity:
		return []ui.Field{{Name: "span", Label: "Somebody was in the community in so many days before", Type: "number", Value: v.Get("span"), Required: true, Help: "Before the deal was opened, a month before the renewal, or before a moment that chance draws."}}, nil
	case proof.ByLaunch:
		return []ui.Field{
			{Name: "name", Label: "What happened", Value: v.Get("name"), Placeholder: "Version 3"},
			{Name: "day", Label: "Its day", Type: "date", Value: v.Get("day"), Required: true},
			{Name: "what", Label: "Whom it concerned, as a query over members", Value: v.Get("what"), Help: "With it those are compared with the others, month by month: stronger than a metric alone."},
		}, nil
	case proof.ByWorkflow, proof.ByProgram, proof.ByEvent, proof.BySurvey: // chosen from a list
	}
	all, err := p.cfg.Proof.Subjects(r.Context())
	if err != nil {
		return nil, err
	}
	f := ui.Field{Name: "ref", Label: kind.Label(), Type: "select", Value: v.Get("ref"), Required: true}
	for _, s := range all {
		if s.Kind != kind {
			continue
		}
		label := s.Name
		if s.Held > 0 {
			label += " (" + countText(int64(s.Held), "member", "members") + " held out by chance)"
		}
		f.Options = append(f.Options, ui.Option{Value: idText(s.Ref), Label: label})
	}
	if len(f.Options) == 0 {
		f.Options = []ui.Option{{Value: "0", Label: "There is none yet"}}
	}
	return []ui.Field{f}, nil
}

func (p *impactPages) studyForm(w http.ResponseWriter, r *http.Request, v url.Values, problem error) error {
	fields, err := p.exposureFields(r, v)
	if err != nil {
		return err
	}
	kind := proof.ExposureKind(v.Get("kind"))
	form := &ui.Form{Post: r.URL.Path, Hidden: []ui.Hidden{{Name: "kind", Value: string(kind)}, {Name: "version", Value: v.Get("version")}}}
	if problem != nil {
		form.Error = sentence(errorText(problem))
	}
	outcome := ui.Field{Name: "outcome", Label: "On what", Type: "select", Value: v.Get("outcome")}
	for _, k := range proof.OutcomeKinds() {
		launch := kind == proof.ByLaunch
		answers := kind == proof.ByTeam || kind == proof.ByAnswer
		if k.OfAccounts() != (kind == proof.ByCommunity) || k == proof.ByMetric != launch && (!launch || k != proof.Monthly) || answers && k == proof.Monthly {
			continue
		}
		outcome.Options = append(outcome.Options, ui.Option{Value: string(k), Label: k.Label()})
	}
	form.Fields = append(form.Fields, ui.Field{Name: "title", Label: "Title", Value: v.Get("title"), Required: true, Placeholder: "Does the welcome keep people?"})
	form.Fields = append(form.Fields, fields...)
	form.Fields = append(form.Fields, outcome)
	if kind == proof.ByLaunch {
		form.Fields = append(form.Fields, ui.Field{Name: "metric", Label: "Metric", Type: "select", Value: firstText(v.Get("metric"), "active_members"), Options: measurable(), Help: "Of a metric over time."})
	} else {
		form.Fields = append(form.Fields, ui.Field{Name: "days", Label: "Days", Type: "number", Value: v.Get("days"), Required: true, Help: daysHelp(kind)})
	}
	form.Fields = append(form.Fields,
		ui.Field{Name: "from", Label: "First day", Type: "date", Value: v.Get("from"), Required: true}, ui.Field{Name: "to", Label: "Last day", Type: "date", Value: v.Get("to"), Required: true, Help: "Leave time for the outcome: of whom it is not over yet, nothing can be told."},
		amongField(kind, v.Get("among")),
		ui.Field{Name: "likes", Label: "How likes are found", Type: "select", Value: v.Get("likes"), Options: []ui.Option{{Value: string(proof.ByPropensity), Label: "By propensity: who was as likely to be exposed"}, {Value: string(proof.ByBands), Label: "By bands: coarsened exact matching"}}, Help: "Choose before you see a result. How long it takes is compared by propensity."},
		ui.Field{Name: "decides", Label: "What will be decided by it", Type: "textarea", Value: v.Get("decides"), Help: "Say it before you see the result."},
		measureField(v),
	)
	if kind != proof.ByCommunity {
		form.Fields = append(form.Fields, ui.Field{Name: "control", Label: "Control, as a query over activities", Value: v.Get("control"), Placeholder: "source:github kind:comment", Help: "What this cannot have changed, and what anything else that began at the same time would have. Without one the light is weak evidence at best; experiments and metrics need none."})
	}
	p.complain(form.Fields, kind)
	back := impactPath + "/studies"
	head, save := "New study: "+strings.ToLower(kind.Label()), "Make and run it"
	if id := r.PathValue("id"); id != "" {
		back, head, save = back+"/"+url.PathEscape(id), "Change: "+v.Get("title"), "Save"
	}
	form.Actions = []ui.Action{{Label: "Cancel", Href: back}, {Label: save, Submit: true, Style: ui.StylePrimary}}
	return p.show(w, r, impactBody{Head: ui.Head{Title: head, Subtitle: "The method follows from the question; results that are there stay with the question that they answer.", Back: &ui.Action{Label: "Studies", Href: impactPath + "/studies"}}, Main: []impactCard{{Form: form}}})
}

func daysHelp(kind proof.ExposureKind) string {
	if kind == proof.ByCommunity {
		return "Within how many days a deal is won, or after how many an account pays more; of no matter for the others."
	}
	return "Within how many days it may follow; of staying, how many days without anything end it."
}

func amongField(kind proof.ExposureKind, value string) ui.Field {
	if kind == proof.ByCommunity {
		return ui.Field{Name: "among", Label: "Among which accounts, as a query over organizations", Value: value, Placeholder: "country:US", Help: "Empty: all with deals or subscriptions."}
	}
	return ui.Field{Name: "among", Label: "Among whom, as a query over members", Value: value, Placeholder: "org.lifecycle:trial", Help: "Empty: all but the team and bots."}
}

func measureField(v url.Values) ui.Field {
	f := ui.Field{Name: "measure", Label: "Its light stands beside", Type: "select", Value: v.Get("measure"), Options: []ui.Option{{Value: "", Label: "no measure"}}}
	for _, m := range proof.Measures() {
		if m.Causal != "" {
			f.Options = append(f.Options, ui.Option{Value: m.Key, Label: m.Label})
		}
	}
	return f
}

// studyDraft reads the form of a study.
func studyDraft(v url.Values) proof.Draft {
	number := func(name string) int {
		n, err := strconv.Atoi(strings.TrimSpace(v.Get(name)))
		if err != nil {
			return 0
		}
		return n
	}
	d := proof.Draft{
		Title: v.Get("title"), Decides: v.Get("decides"), Population: v.Get("among"), From: v.Get("from"), To: v.Get("to"),
		Exposure: proof.Exposure{Kind: proof.ExposureKind(v.Get("kind")), Ref: int64(number("ref")), Query: v.Get("what"), Name: strings.TrimSpace(v.Get("name")), Hours: number("hours"), Days: number("span"), Day: v.Get("day")},
		Outcome:  proof.Outcome{Kind: proof.OutcomeKind(v.Get("outcome")), Days: number("days"), Metric: v.Get("metric")},
		Likes:    proof.Likes(v.Get("likes")), Control: v.Get("control"),
	}
	if m := v.Get("measure"); m != "" {
		d.Measures = []string{m}
	}
	return d
}

func (p *impactPages) saveStudy(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	who, v := person(r), r.PostForm
	var x proof.Study
	var err error
	said := "is made, and being computed."
	if r.PathValue("id") == "" {
		if x, err = p.cfg.Proof.Add(r.Context(), studyDraft(v), who.Actor); err == nil {
			_, err = p.cfg.Proof.Ask(r.Context(), x.ID, who.Actor)
		}
	} else {
		var id, version int64
		if id, err = pathID(r); err != nil {
			return err
		}
		if version, err = formID(r, "version"); err != nil {
			return err
		}
		x, err = p.cfg.Proof.Edit(r.Context(), id, version, studyDraft(v), who.Actor)
		said = "is changed. Run it again to have it answered."
	}
	if err != nil {
		if !forPeople(err) {
			return err
		}
		return p.studyForm(w, r, v, err)
	}
	return p.back(w, r, studyHref(x.ID), x.Title+" "+said, "")
}
