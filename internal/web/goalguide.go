// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/goal"
	"greenroom/internal/web/ui"
)

// The guided exercise: from a business aim by a few questions to goals, key results and a draft of a plan. Three steps on one
// address; what was said travels in the address and in the form, so it can be gone back in and works without a script.

// goalGuideBody is what goalguide.html shows.
type goalGuideBody struct {
	Head    ui.Head
	Problem string
	Steps   []ui.Step
	Aims    []guideAim
	Ask     *ui.Form
	Post    string
	Hidden  []ui.Hidden
	Goals   []guideGoal
	Results []guideResult
	Plan    []ui.Field
	Cancel  string
	Save    string
}

type guideAim struct{ Says, Text, Href string }

type guideGoal struct {
	Title  string
	Fields []ui.Field
}

type guideResult struct {
	Title  string
	Says   string
	Bad    bool
	Fields []ui.Field
	Hidden []ui.Hidden
}

func (p *goalPages) showGuide(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	body := goalGuideBody{Head: ui.Head{Title: "From a business aim to a plan", Subtitle: "Three questions. Nothing is made before the end, and everything can be changed.", Back: &ui.Action{Label: "Goals", Href: "/goals"}}}
	step := 1
	aim, err := goal.FindAim(v.Get("aim"))
	if err == nil {
		step = 2
	}
	if step == 2 && v.Has("from") {
		body.Problem, err = p.propose(r, v, &body)
		if err != nil {
			return err
		}
		if body.Problem == "" {
			step = 3
		}
	}
	body.Steps = []ui.Step{
		{Title: "What does the business want?", Done: step > 1, Now: step == 1}, {Title: "Who is it about, and by when?", Done: step > 2, Now: step == 2}, {Title: "Goals, key results and a draft of a plan", Now: step == 3},
	}
	switch step {
	case 1:
		for _, a := range goal.Aims() {
			body.Aims = append(body.Aims, guideAim{Says: a.Says, Text: a.Goal, Href: "/goals/guide?aim=" + a.Key})
		}
	case 2:
		body.Ask = p.guideQuestions(&aim, v)
	}
	return render(p.Site, w, r, p.guide, "From a business aim to a plan", body)
}

func (p *goalPages) guideQuestions(aim *goal.Aim, v url.Values) *ui.Form {
	from, to := thisQuarter(p.cfg.Now().In(p.cfg.Zones.Zone()))
	who := aim.Who
	if v.Has("who") {
		who = v.Get("who")
	}
	return &ui.Form{Get: "/goals/guide", Hidden: []ui.Hidden{{Name: "aim", Value: aim.Key}}, Fields: []ui.Field{
		{Name: "words", Label: "The aim in your own words", Value: cmp.Or(v.Get("words"), aim.Says), Help: "As whoever asks for it says it. It stands with the company goal."},
		{Name: "who", Label: aim.Ask, Value: who, Placeholder: "everybody", Help: "A query over members, such as org.lifecycle:trial, or segment:NAME. Empty is everybody."},
		{Name: "owner", Label: "Who answers for it", Value: v.Get("owner"), Placeholder: "ana@example.org"},
		{Name: "from", Label: "First day", Type: "date", Value: cmp.Or(v.Get("from"), from), Required: true},
		{Name: "to", Label: "Last day", Type: "date", Value: cmp.Or(v.Get("to"), to), Required: true},
	}, Actions: []ui.Action{{Label: "Another aim", Href: "/goals/guide"}, {Label: "Go on", Submit: true, Style: ui.StylePrimary}}}
}

// propose fills in the last step. What is wrong with the answers comes as a text.
func (p *goalPages) propose(r *http.Request, v url.Values, body *goalGuideBody) (problem string, err error) {
	prop, err := p.cfg.Goals.Propose(r.Context(), goal.Answers{Aim: v.Get("aim"), Words: v.Get("words"), Who: v.Get("who"), Owner: v.Get("owner"), From: v.Get("from"), To: v.Get("to")})
	if err != nil {
		if forPeople(err) {
			return sentence(greenroom.ErrorMessage(err)), nil
		}
		return "", err
	}
	body.Post, body.Save = "/goals/guide", "Make goals and plan"
	if !mayApprove(person(r)) {
		body.Save = "Propose them"
	}
	again := url.Values{"aim": v["aim"], "words": v["words"], "who": v["who"], "owner": v["owner"]}
	body.Cancel = "/goals/guide?" + again.Encode()
	body.Hidden = []ui.Hidden{{Name: "aim", Value: v.Get("aim")}, {Name: "results", Value: strconv.Itoa(len(prop.Results))}}
	for i, d := range []*goal.Draft{&prop.Company, &prop.Community} {
		prefix := "g" + strconv.Itoa(i) + "-"
		body.Hidden = append(body.Hidden, hiddenDraft(prefix, d)...)
		body.Goals = append(body.Goals, guideGoal{Title: d.Kind.Label(), Fields: []ui.Field{
			{Name: prefix + "title", Label: "Title", Value: d.Title, Required: true}, {Name: prefix + "why", Label: "What it is for", Type: "textarea", Value: d.Why},
		}})
	}
	for i := range prop.Results {
		body.Results = append(body.Results, guideResultOf(i, &prop.Results[i]))
	}
	body.Plan = p.guidePlan(prop)
	return "", nil
}

// hiddenDraft carries what of a draft is not edited in the exercise.
func hiddenDraft(prefix string, d *goal.Draft) []ui.Hidden {
	return []ui.Hidden{
		{Name: prefix + "kind", Value: string(d.Kind)}, {Name: prefix + "audience", Value: string(d.Audience)}, {Name: prefix + "letter", Value: string(d.Letter)}, {Name: prefix + "owner", Value: d.Owner}, {Name: prefix + "from", Value: d.From}, {Name: prefix + "to", Value: d.To},
	}
}

func guideResultOf(i int, x *goal.Result) guideResult {
	prefix := "k" + strconv.Itoa(i) + "-"
	m := x.Measure
	u := unitOf(m.Metric)
	out := guideResult{Title: x.Title, Hidden: append(hiddenDraft(prefix, &x.Draft), ui.Hidden{Name: prefix + "segment", Value: m.Segment}, ui.Hidden{Name: prefix + "entry", Value: m.Entry}, ui.Hidden{Name: prefix + "how", Value: string(m.How)}, ui.Hidden{Name: prefix + "every", Value: m.Every})}
	base, target := "", ""
	if m.Baseline != nil {
		base, target = figureText(u, roundTo(u, *m.Baseline)), figureText(u, m.Target)
	}
	out.Fields = []ui.Field{
		{Name: prefix + "use", Label: "Use this key result: " + x.Title, Type: "checkbox", Value: "1", Checked: x.Problem == ""},
		{Name: prefix + "title", Label: "Title", Value: x.Title},
		{Name: prefix + "metric", Label: "Metric", Type: "select", Value: m.Metric, Options: measurable()},
		{Name: prefix + "baseline", Label: "Baseline", Value: base, OneOf: true},
		{Name: prefix + "target", Label: "Target", Value: target, OneOf: true},
	}
	out.Bad = x.Problem != ""
	out.Says = sentence(x.Problem)
	if !out.Bad && x.Progress != nil && m.Baseline != nil {
		out.Says = "It began at " + chartUnit(u).Format(*m.Baseline) + "; the target is " + chartUnit(u).Format(m.Target) + "."
		if x.Progress.Value != nil {
			out.Says += " Now it is " + chartUnit(u).Format(*x.Progress.Value) + "."
		}
		out.Says = strings.TrimSpace(out.Says + " " + x.Progress.Note)
	}
	return out
}

// roundTo leaves out digits that say nothing.
func roundTo(u analytics.Unit, v float64) float64 {
	by := 100.0
	if u == analytics.UnitShare {
		by = 1000
	}
	return float64(int64(v*by+.5)) / by
}

func (p *goalPages) makeGuided(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form did not arrive whole; send it again")
	}
	v, who := r.PostForm, person(r)
	var prop goal.Proposal
	var err error
	if prop.Company, err = draftIn(v, "g0-"); err != nil {
		return err
	}
	if prop.Community, err = draftIn(v, "g1-"); err != nil {
		return err
	}
	n, err := strconv.Atoi(v.Get("results"))
	if err != nil || n < 0 || n > 20 {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form did not arrive whole; send it again")
	}
	for i := range n {
		prefix := "k" + strconv.Itoa(i) + "-"
		if v.Get(prefix+"use") == "" {
			continue
		}
		d, err := draftIn(v, prefix)
		if err != nil {
			return err
		}
		prop.Results = append(prop.Results, goal.Result{Draft: d})
	}
	g, err := p.cfg.Goals.Make(r.Context(), &prop, who.Actor, mayApprove(who))
	if err != nil {
		return err
	}
	to, said, err := p.draftPlan(r, &g)
	if err != nil {
		return err
	}
	return p.back(w, r, to, said, "")
}
