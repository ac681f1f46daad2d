// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/maturity"
	"greenroom/internal/web/ui"
)

// Maturity says where the community stands; maturity.Service does.
type Maturity interface {
	Result(ctx context.Context) (*maturity.Result, error)
	Answer(ctx context.Context, all []maturity.Answer, by string) (*maturity.Result, error)
	Keep(ctx context.Context, note, by string) (maturity.Assessment, error)
	Assessments(ctx context.Context) ([]maturity.Assessment, error)
	Settings(ctx context.Context) (maturity.Settings, error)
	Set(ctx context.Context, v maturity.Settings, by string) error
	Plan(ctx context.Context, idea, by string) (int64, error)
}

type maturityPages struct {
	*Site
	view *ui.View[toolBody]
}

func (s *Site) addMaturity() error {
	if s.cfg.Maturity == nil {
		return nil
	}
	view, err := ui.Parse[toolBody](s.kit, templates, "templates/toolpage.html")
	if err != nil {
		return err
	}
	p := &maturityPages{Site: s, view: view}
	s.handle("GET /maturity", p.show)
	s.change("GET /maturity/questions", mayWrite, p.showQuestions)
	s.change("POST /maturity/questions", mayWrite, p.answer)
	s.change("POST /maturity/keep", mayWrite, p.keep)
	s.change("POST /maturity/settings", mayApprove, p.saveSettings)
	s.change("POST /maturity/plans", mayWrite, p.plan)
	s.handle("GET /maturity/{competency}", p.showCompetency)
	return nil
}

func levelText(v *float64) string {
	if v == nil {
		return ui.None
	}
	return ui.Decimal(*v, 1)
}

func maturityTone(v *float64) ui.Tone {
	switch {
	case v == nil:
		return ui.ToneNone
	case *v < 2:
		return ui.ToneBad
	case *v < 3:
		return ui.ToneWarn
	default:
		return ui.ToneGood
	}
}

func (p *maturityPages) show(w http.ResponseWriter, r *http.Request) error {
	res, err := p.cfg.Maturity.Result(r.Context())
	if err != nil {
		return err
	}
	kept, err := p.cfg.Maturity.Assessments(r.Context())
	if err != nil {
		return err
	}
	body := toolBody{Head: ui.Head{Title: "Maturity", Subtitle: "Where the community stands, and what the next stage needs", Find: true}}
	if err := p.actions(r, res, &body); err != nil {
		return err
	}
	body.KPIs = []ui.KPI{stageKPI(res), {Label: "People who answered", Value: strconv.Itoa(res.People), Note: "each keeps their own answers"}, dueKPI(res, kept)}
	body.Sections = append(body.Sections, checkSection(res), competencySection(res), p.ideaSection(r, res), p.historySection(kept))
	return render(p.Site, w, r, p.view, "Maturity", body)
}

func stageKPI(res *maturity.Result) ui.KPI {
	k := ui.KPI{Label: "Stage", Value: res.Stage.Label(), Note: "as data say", Definition: &ui.Definition{Term: "Stages", Text: "Seed, grow, business impact: after Common Room’s phases of community growth. A stage is reached when all of its checks but one hold. The checks are rules of thumb of ours.", MoreURL: "https://www.commonroom.io/blog/phases-of-community-growth/"}}
	if res.Stage != res.Measured {
		k.Note = "as the team says; data say " + res.Measured.Label()
	}
	return k
}

func dueKPI(res *maturity.Result, kept []maturity.Assessment) ui.KPI {
	k := ui.KPI{Label: "Look again", Value: ui.None, Note: "keep an assessment, and it is said here"}
	if res.Due != "" {
		k.Value, k.Note = dayText(res.Due), "last kept on "+ui.Date(kept[0].At)
	}
	return k
}

func (p *maturityPages) actions(r *http.Request, res *maturity.Result, body *toolBody) error {
	who := person(r)
	if !who.MayWrite {
		return nil
	}
	set, err := p.cfg.Maturity.Settings(r.Context())
	if err != nil {
		return err
	}
	if who.MayConnect {
		stages := []ui.Option{{Value: "", Label: "As data say: " + res.Measured.Label()}}
		for _, s := range maturity.Stages() {
			stages = append(stages, ui.Option{Value: string(s), Label: s.Label()})
		}
		body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Settings…", Dialog: "settings"})
		body.Dialogs = append(body.Dialogs, ui.Dialog{ID: "settings", Title: "Stage and rhythm", Form: ui.Form{Post: "/maturity/settings", Fields: []ui.Field{
			{Name: "stage", Label: "Stage", Type: "select", Value: string(set.Stage), Options: stages}, {Name: "months", Label: "Look again after months", Type: "number", Value: strconv.Itoa(set.Months), Required: true, Help: "0 = never."}, {Name: "owner", Label: "Who gets the task", Value: set.Owner, Placeholder: "ana@example.org"},
		}, Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}}}})
	}
	body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Keep this assessment…", Dialog: "keep"}, ui.Action{Label: "Answer the questions", Href: "/maturity/questions", Style: ui.StylePrimary})
	body.Dialogs = append(body.Dialogs, ui.Dialog{ID: "keep", Title: "Keep this assessment", Text: "Stage and levels of now become part of the history.", Form: ui.Form{Post: "/maturity/keep", Fields: []ui.Field{{Name: "note", Label: "What is to be said with it", Type: "textarea"}}, Actions: []ui.Action{{Label: "Keep it", Submit: true, Style: ui.StylePrimary}}}})
	return nil
}

// checkSection says what the stages need.
func checkSection(res *maturity.Result) toolSection {
	t := &ui.Table{Caption: "What the stages need", Columns: []ui.Column{{Label: "Needs"}, {Label: "For"}, {Label: "Today", Number: true}, {Label: "Holds"}}}
	for i := range res.Checks {
		c := &res.Checks[i]
		row := ui.TableRow{Cells: []ui.Cell{{Text: c.Needs}, {Text: c.Stage.Label()}, {Text: ui.None}, {Pills: []ui.Pill{{Text: "not yet", Tone: ui.ToneWarn}}}}}
		switch {
		case c.Evidence == nil:
			row.Cells[3].Pills = []ui.Pill{{Text: "cannot be told", Title: "There are no data that say it"}}
		case c.Holds:
			row.Cells[3].Pills = []ui.Pill{{Text: "holds", Tone: ui.ToneGood}}
		}
		if c.Evidence != nil {
			row.Cells[2] = ui.Cell{Text: c.Evidence.Text(), Href: c.Evidence.Href}
		}
		t.Rows = append(t.Rows, row)
	}
	return toolSection{Head: ui.CardHead{Title: res.Stage.Label()}, Text: res.Stage.About(), Table: t, Foot: "Figures of the last whole month; each opens the records behind it. Thresholds are rules of thumb of ours."}
}

// competencySection draws the eight as bars, with the same as a table.
func competencySection(res *maturity.Result) toolSection {
	c := &ui.Chart{Title: "Competencies, from 1 to 4", Kind: ui.BarsAcross, Axis: "Competency"}
	series := ui.Series{Name: "Level"}
	t := &ui.Table{Caption: "Competencies", Columns: []ui.Column{{Label: "Competency"}, {Label: "Level", Number: true}, {Label: "From the lowest voice to the highest"}, {Label: "Known"}, {Label: "Look at"}}}
	for i := range res.Standing {
		s := &res.Standing[i]
		v := math.NaN()
		cells := []ui.Cell{{Text: s.Name, Href: "/maturity/" + s.Key, Sub: s.About}, {Text: levelText(s.Level), Tone: maturityTone(s.Level)}, {}, {Text: fmt.Sprintf("%d of %d questions", s.Known, len(s.Questions))}, {}}
		if s.Level != nil {
			v = math.Round(*s.Level*10) / 10
			cells[2].Text = ui.Decimal(s.Low, 1) + " to " + ui.Decimal(s.High, 1)
		}
		if s.Disagree > 0 {
			cells[4].Pills = append(cells[4].Pills, ui.Pill{Text: "people disagree", Tone: ui.ToneWarn, Href: "/maturity/" + s.Key})
		}
		for j := range s.Questions {
			if s.Questions[j].Against {
				cells[4].Pills = append(cells[4].Pills, ui.Pill{Text: "data say less", Tone: ui.ToneInfo, Href: "/maturity/" + s.Key})
				break
			}
		}
		c.Labels, series.Values, series.Hrefs = append(c.Labels, s.Name), append(series.Values, v), append(series.Hrefs, "/maturity/"+s.Key)
		t.Rows = append(t.Rows, ui.TableRow{ID: s.Key, Cells: cells})
	}
	c.Series = []ui.Series{series}
	return toolSection{
		Head: ui.CardHead{Title: "Competencies", Definition: &ui.Definition{Term: "Competencies", Text: "The eight that The Community Roundtable names in its Community Maturity Model. Questions, levels and thresholds are ours; a level here is none of theirs.", MoreURL: "https://communityroundtable.com/best-practices/2019-edition-of-the-community-maturity-model"}}, Chart: c, Table: t,
		Foot: "1 not yet · 2 here and there · 3 usually · 4 always, and it gets better. Where nobody answered, data are taken where they can tell.",
	}
}

func (p *maturityPages) ideaSection(r *http.Request, res *maturity.Result) toolSection {
	s := toolSection{Head: ui.CardHead{Title: "Plans that would close the gap"}, Rows: ui.Rows{Label: "Suggested plans"}}
	may := person(r).MayWrite && p.cfg.Plans != nil
	for i := range res.Ideas {
		x := &res.Ideas[i]
		row := ui.Row{Title: x.Title, Text: x.Intent}
		for _, b := range x.Because {
			row.Meta = append(row.Meta, ui.Meta{Text: b})
		}
		if may {
			row.Actions = []ui.Action{{Label: "Make the plan", Label2: "Make the plan: " + x.Title, Post: "/maturity/plans", Hidden: []ui.Hidden{{Name: "idea", Value: x.Key}}, Small: true}}
		}
		s.Rows.Items = append(s.Rows.Items, row)
	}
	if len(res.Ideas) == 0 {
		s.Empty = &ui.Empty{Title: "Nothing to propose", Text: "What the next stage needs holds, and no competency that is known is low. Answer the questions to see more."}
	}
	return s
}

func (p *maturityPages) historySection(kept []maturity.Assessment) toolSection {
	s := toolSection{Head: ui.CardHead{Title: "History"}}
	if len(kept) == 0 {
		s.Empty = &ui.Empty{Title: "No assessment was kept yet", Text: "Answer the questions, ask others to, and keep the assessment. The next one shows what has changed."}
		return s
	}
	const shown = 5
	last := kept[:min(shown, len(kept))]
	t := &ui.Table{Caption: "Levels by competency in the assessments that were kept, the newest first", Columns: []ui.Column{{Label: "Competency"}}}
	stage := ui.TableRow{Cells: []ui.Cell{{Text: "Stage", Href: "/maturity"}}}
	for i := range last {
		a := &last[i]
		t.Columns = append(t.Columns, ui.Column{Label: ui.Date(a.At.In(p.cfg.Zones.Zone())), Number: true})
		stage.Cells = append(stage.Cells, ui.Cell{Text: a.Stage.Label(), Sub: strings.TrimSuffix(a.By+": "+a.Note, ": ")})
	}
	t.Rows = append(t.Rows, stage)
	for _, c := range maturity.Competencies() {
		row := ui.TableRow{ID: c.Key, Cells: []ui.Cell{{Text: c.Name, Href: "/maturity/" + c.Key}}}
		for i := range last {
			cell := ui.Cell{Text: ui.None}
			for _, l := range last[i].Levels {
				if l.Competency == c.Key && l.Level != nil {
					cell = ui.Cell{Text: levelText(l.Level), Sub: "from " + ui.Decimal(l.Low, 1) + " to " + ui.Decimal(l.High, 1)}
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	if len(kept) > shown {
		s.Foot = "The last five of " + strconv.Itoa(len(kept)) + "; the API gives all."
	}
	s.Table = t
	return s
}

func (p *maturityPages) showCompetency(w http.ResponseWriter, r *http.Request) error {
	res, err := p.cfg.Maturity.Result(r.Context())
	if err != nil {
		return err
	}
	for i := range res.Standing {
		s := &res.Standing[i]
		if s.Key != r.PathValue("competency") {
			continue
		}
		body := toolBody{Head: ui.Head{Title: s.Name, Subtitle: s.About, Back: &ui.Action{Label: "Maturity", Href: "/maturity"}}}
		if person(r).MayWrite {
			body.Head.Actions = []ui.Action{{Label: "Answer the questions", Href: "/maturity/questions", Style: ui.StylePrimary}}
		}
		for j := range s.Questions {
			body.Sections = append(body.Sections, toldSection(&s.Questions[j]))
		}
		return render(p.Site, w, r, p.view, s.Name, body)
	}
	return greenroom.Errorf(greenroom.CodeNotFound, "there is no page at this address")
}

// toldSection is a question with what people and data say.
func toldSection(q *maturity.Told) toolSection {
	s := toolSection{Head: ui.CardHead{Title: q.Text}, Rows: ui.Rows{Label: q.Text}}
	if q.Disagree {
		s.Head.Pills = append(s.Head.Pills, ui.Pill{Text: "people disagree", Tone: ui.ToneWarn})
	}
	if q.Against {
		s.Head.Pills = append(s.Head.Pills, ui.Pill{Text: "data say less", Tone: ui.ToneInfo})
	}
	for _, a := range q.Answers {
		s.Rows.Items = append(s.Rows.Items, ui.Row{Avatar: &ui.Avatar{Name: a.Person, Size: "sm"}, Title: a.Person, Text: a.Note, Value: maturity.LevelName(a.Level), Meta: []ui.Meta{{Time: a.At}}})
	}
	if e := q.Evidence; e != nil {
		s.Rows.Items = append(s.Rows.Items, ui.Row{Lead: &ui.Pill{Text: "data", Tone: ui.ToneInfo}, Title: e.Label + ": " + e.Text(), Href: e.Href, Value: maturity.LevelName(e.Level)})
	}
	if len(s.Rows.Items) == 0 {
		s.Empty = &ui.Empty{Title: "Nobody has answered, and data cannot tell", Text: "Ask those who know."}
	}
	return s
}

func (p *maturityPages) showQuestions(w http.ResponseWriter, r *http.Request) error {
	res, err := p.cfg.Maturity.Result(r.Context())
	if err != nil {
		return err
	}
	who := person(r).Actor
	options := []ui.Option{{Value: "0", Label: "I do not know"}}
	for level := 1; level <= 4; level++ {
		options = append(options, ui.Option{Value: strconv.Itoa(level), Label: maturity.LevelName(level)})
	}
	form := &ui.Form{Post: "/maturity/questions", Actions: []ui.Action{{Label: "Keep my answers", Submit: true, Style: ui.StylePrimary}, {Label: "Back", Href: "/maturity"}}}
	for i := range res.Standing {
		for j := range res.Standing[i].Questions {
			q := &res.Standing[i].Questions[j]
			level, note := "0", ""
			for _, a := range q.Answers {
				if a.Person == who {
					level, note = strconv.Itoa(a.Level), a.Note
				}
			}
			help := res.Standing[i].Name + "."
			if q.Evidence != nil {
				help += " Data: " + q.Evidence.Label + ": " + q.Evidence.Text() + "."
			}
			form.Fields = append(form.Fields, ui.Field{Name: "q-" + q.Key, Label: q.Text, Type: "select", Value: level, Options: options, Help: help}, ui.Field{Name: "n-" + q.Key, Label: "Evidence, or why", Prefix: "why-", Value: note})
		}
	}
	body := toolBody{Head: ui.Head{Title: "How far does this hold?", Subtitle: "Your own view; others give theirs, and where you disagree is what to talk about", Back: &ui.Action{Label: "Maturity", Href: "/maturity"}}, Sections: []toolSection{{Form: form}}}
	return render(p.Site, w, r, p.view, "Questions", body)
}

func (p *maturityPages) answer(w http.ResponseWriter, r *http.Request) error {
	var all []maturity.Answer
	for _, q := range maturity.Questions() {
		text := r.FormValue("q-" + q.Key)
		if text == "" {
			continue
		}
		level, err := strconv.Atoi(text)
		if err != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "choose a level from the list")
		}
		all = append(all, maturity.Answer{Question: q.Key, Level: level, Note: r.FormValue("n-" + q.Key)})
	}
	if _, err := p.cfg.Maturity.Answer(r.Context(), all, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, "/maturity", "Your answers are kept. Ask others for theirs.", "")
}

func (p *maturityPages) keep(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.cfg.Maturity.Keep(r.Context(), r.FormValue("note"), person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, "/maturity", "The assessment is kept.", "")
}

func (p *maturityPages) saveSettings(w http.ResponseWriter, r *http.Request) error {
	months, err := strconv.Atoi(strings.TrimSpace(r.FormValue("months")))
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "%q is no number of months", r.FormValue("months"))
	}
	v := maturity.Settings{Stage: maturity.Stage(r.FormValue("stage")), Months: months, Owner: r.FormValue("owner")}
	if err := p.cfg.Maturity.Set(r.Context(), v, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, "/maturity", "Stage and rhythm are set.", "")
}

func (p *maturityPages) plan(w http.ResponseWriter, r *http.Request) error {
	id, err := p.cfg.Maturity.Plan(r.Context(), r.FormValue("idea"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, planHref(id), "The plan is made, as a draft. Say which goal it serves, and who owns it.", "")
}
