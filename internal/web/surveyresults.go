// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"

	"greenroom/internal/survey"
	"greenroom/internal/web/ui"
)

// surveyBody is what survey.html shows: results, or the answers one by one.
type surveyBody struct {
	Head    ui.Head
	Tabs    ui.Segments
	KPIs    []ui.KPI
	Note    string
	Cards   []surveyCard
	Empty   *ui.Empty
	Dialogs []ui.Dialog
}

type surveyCard struct {
	Head     ui.CardHead
	Says     string
	Interval *ui.Interval
	Chips    ui.Segments
	Table    *ui.Table
	Rows     []ui.Row
	Form     *ui.Form
}

func shareText(share float64) string { return ui.Decimal(100*share, 0) + " %" }

func shareBetween(v *survey.Interval) string { return shareText(v.Low) + " to " + shareText(v.High) }

func scoreText(x float64) string {
	text := ui.Decimal(math.Abs(x), 0)
	if math.Round(x) < 0 {
		return "−" + text
	}
	return text
}

func (p *surveyPages) show(w http.ResponseWriter, r *http.Request) error {
	only := strings.TrimSpace(r.FormValue("q"))
	res, err := p.cfg.Surveys.Results(r.Context(), r.PathValue("key"), only)
	if err != nil {
		return err
	}
	v := &res.Survey
	may := person(r).MayWrite
	body := surveyBody{Head: surveyHead(r, v), Tabs: surveyTabs(r, v, may)}
	body.Head.Actions = append([]ui.Action{{Label: "Download answers", Href: surveyHref(v.Key) + "/answers.csv"}}, body.Head.Actions...)
	body.KPIs = surveyKPIs(res)
	if res.Complete+res.Asked == 0 {
		body.Empty = &ui.Empty{Title: "No answers yet", Text: "What members answer stands here, question by question, with what chance alone would make of it."}
		if may {
			body.Empty.Actions = []ui.Action{{Label: "Ask members", Href: surveyHref(v.Key) + "/ask", Style: ui.StylePrimary}}
		}
		return render(p.Site, w, r, p.results, v.Name, body)
	}
	if res.Few {
		body.Note = "Fewer than five answered. So that nobody can be told apart, nothing is shown yet."
	}
	for i := range res.Questions {
		body.Cards = append(body.Cards, resultCard(v, &res.Questions[i], may && p.cfg.Segments != nil))
	}
	by := firstText(r.FormValue("by"), "activity")
	dims, err := p.cfg.Surveys.Dimensions(r.Context())
	if err != nil {
		return err
	}
	chips := ui.Segments{Label: "Groups"}
	for i := range dims {
		q := url.Values{"by": {dims[i].Name}}
		chips.Items = append(chips.Items, ui.Segment{Label: dims[i].Label, Href: surveyHref(v.Key) + "?" + q.Encode() + "#who", Active: dims[i].Name == by})
	}
	dim, err := p.cfg.Surveys.Dimension(r.Context(), by)
	if err != nil {
		return err
	}
	if res.Asked == 0 && v.Settings.Who != survey.Anonymous && res.Complete > 0 {
		body.Cards = append(body.Cards, surveyCard{Head: ui.CardHead{Title: "By group"}, Chips: chips})
	}
	if res.Asked > 0 {
		card, err := p.biasCard(r, v, dim, chips)
		if err != nil {
			return err
		}
		body.Cards = append(body.Cards, card)
	}
	if v.Settings.Who != survey.Anonymous && res.Complete > 0 {
		card, err := p.breakdownCard(r, v, dim)
		if err != nil {
			return err
		}
		body.Cards = append(body.Cards, card)
	}
	return render(p.Site, w, r, p.results, v.Name, body)
}

func surveyKPIs(res *survey.Results) []ui.KPI {
	v := &res.Survey
	kpis := []ui.KPI{
		{Label: "Asked", Value: ui.Number(int(res.Asked)), Href: askedHref(v)},
		{Label: "Answered", Value: ui.Number(int(res.Complete)), Href: surveyHref(v.Key) + "/answers"},
		{Label: "Half way", Value: ui.Number(int(res.Partial)), Href: surveyHref(v.Key) + "/answers?partial=1"},
	}
	if res.Rate != nil {
		kpis = append(kpis, ui.KPI{Label: "Response rate", Value: shareText(res.Rate.Value), Note: shareBetween(res.Rate), Href: "#who", Definition: &ui.Definition{
			Term: "Response rate", Text: "Of the invitations that were sent or are about to be, how many were answered to the end, with Wilson's 95 % interval. Answers by an open link are not in it.",
		}})
	}
	return kpis
}

// resultCard shows what came of one question.
func resultCard(v *survey.Survey, q *survey.Result, may bool) surveyCard {
	card := surveyCard{Head: ui.CardHead{Title: q.Text, Note: countText(q.N, "answer", "answers")}}
	if q.N == 0 {
		card.Says = "Nobody has answered it yet."
		return card
	}
	switch {
	case q.NPS != nil:
		s := q.NPS
		card.Says = fmt.Sprintf("NPS %s, with 95 %% between %s and %s: %d promoters (9, 10), %d passives (7, 8), %d detractors (0 to 6).", scoreText(s.Value), scoreText(s.Low), scoreText(s.High), s.Promoters, s.Passives, s.Detractors)
		if s.Population > 0 {
			card.Says += fmt.Sprintf(" The interval is corrected for the %d who were asked.", s.Population)
		}
		card.Interval = &ui.Interval{Low: s.Low, Value: s.Value, High: s.High, From: -100, To: 100, Ticks: []float64{-100, -50, 0, 50, 100}, Label: card.Says}
		card.Head.Definition = &ui.Definition{Term: "Net Promoter Score", Text: "100 times the share of promoters less that of detractors. The variance is 100²·(p + d − (p − d)²)/n, times (N − n)/(N − 1) where everybody who could answer was asked. Below 50 answers, and where all are alike, an adjusted Wald interval."}
	case q.Top != nil && q.Type == survey.CSAT:
		card.Says = fmt.Sprintf("%s are satisfied (4 or 5), with 95 %% %s. The mean is %s.", shareText(q.Top.Value), shareBetween(q.Top), ui.Decimal(q.Mean.Value, 1))
		card.Head.Definition = &ui.Definition{Term: "CSAT", Text: "The share that chose one of the top two of five, with Wilson's interval."}
	case q.Top != nil:
		card.Says = fmt.Sprintf("The mean is %s of 7, with 95 %% %s to %s; %s agree (5 to 7).", ui.Decimal(q.Mean.Value, 1), ui.Decimal(q.Mean.Low, 1), ui.Decimal(q.Mean.High, 1), shareText(q.Top.Value))
		card.Head.Definition = &ui.Definition{Term: "CES 2.0", Text: "How much members agree that it was easy, from 1 to 7: the mean with Student's interval, and the share of 5 to 7."}
	case q.Mean != nil:
		card.Says = fmt.Sprintf("The mean is %s, with 95 %% %s to %s.", ui.Decimal(q.Mean.Value, 1), ui.Decimal(q.Mean.Low, 1), ui.Decimal(q.Mean.High, 1))
	}
	if len(q.Bars) > 0 {
		card.Table = barTable(q.Text, q.Bars)
		if may && v.Settings.Who != survey.Anonymous {
			for i := range q.Bars {
				if b := &q.Bars[i]; b.Count > 0 {
					name := v.Name + ": " + b.Text
					card.Table.Rows[i].Cells = append(card.Table.Rows[i].Cells, ui.Cell{Text: "Make a cohort", Href: "/segments/new?" + url.Values{"q": {b.Query}, "name": {excerpt(name, 60)}}.Encode()})
				} else {
					card.Table.Rows[i].Cells = append(card.Table.Rows[i].Cells, ui.Cell{})
				}
			}
			card.Table.Columns = append(card.Table.Columns, ui.Column{Label: "Cohort"})
		}
		card.Head.Actions = groupCohorts(v, q, may)
	}
	for i := range q.Rows {
		t := barTable(q.Rows[i].Text, q.Rows[i].Bars)
		if card.Table == nil {
			card.Table = &ui.Table{Caption: q.Text, Columns: append([]ui.Column{{Label: "Row"}}, t.Columns...)}
		}
		for j := range t.Rows {
			card.Table.Rows = append(card.Table.Rows, ui.TableRow{Cells: append([]ui.Cell{{Text: q.Rows[i].Text}}, t.Rows[j].Cells...)})
		}
	}
	for i := range q.Texts {
		t := &q.Texts[i]
		row := ui.Row{Title: "Anonymous", Text: t.Text, Meta: []ui.Meta{{Time: t.At}}}
		if t.MemberID > 0 {
			row.Title, row.Href = t.Member, memberHref(t.MemberID)
		}
		card.Rows = append(card.Rows, row)
	}
	return card
}

// groupCohorts are the cohorts of a score that are wanted most.
func groupCohorts(v *survey.Survey, q *survey.Result, may bool) []ui.Action {
	if q.NPS == nil || !may || v.Settings.Who == survey.Anonymous {
		return nil
	}
	var actions []ui.Action
	for _, g := range []struct {
		name     string
		from, to int
	}{{"Promoters", 9, 10}, {"Detractors", 0, 6}} {
		var values []string
		for n := g.from; n <= g.to; n++ {
			values = append(values, fmt.Sprintf("%q", fmt.Sprintf("%s/%s/%d", v.Key, q.Question, n)))
		}
		form := url.Values{"q": {"answer:" + strings.Join(values, ",")}, "name": {excerpt(v.Name+": "+strings.ToLower(g.name), 60)}}
		actions = append(actions, ui.Action{Label: g.name + " as a segment", Href: "/segments/new?" + form.Encode(), Small: true})
	}
	return actions
}

func barTable(caption string, bars []survey.Bar) *ui.Table {
	t := &ui.Table{Caption: caption, Columns: []ui.Column{{Label: "Answer"}, {Label: "Members", Number: true}, {Label: "Share", Number: true}, {Label: "95 % interval"}}}
	for i := range bars {
		b := &bars[i]
		href := ""
		if b.Query != "" && b.Count > 0 {
			href = "/members?q=" + url.QueryEscape(b.Query)
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: b.Text}, {Text: ui.Number(int(b.Count)), Href: href}, {Text: shareText(b.Share.Value)}, {Text: shareBetween(&b.Share)}}})
	}
	return t
}

// biasCard compares who answered with who was asked.
func (p *surveyPages) biasCard(r *http.Request, v *survey.Survey, dim survey.Dimension, chips ui.Segments) (surveyCard, error) {
	b, err := p.cfg.Surveys.Bias(r.Context(), v.Key, dim)
	if err != nil {
		return surveyCard{}, err
	}
	card := surveyCard{Head: ui.CardHead{Title: "Who answers, and who does not", Note: dim.Label}, Chips: chips, Says: "Nothing here is more than noise: those who answered look like those who were asked.", Table: &ui.Table{
		Caption: "Who answers, by " + strings.ToLower(dim.Label), Columns: []ui.Column{{Label: "Group"}, {Label: "Asked", Number: true}, {Label: "Rate", Number: true}, {Label: "95 % interval"}, {Label: "Of the asked", Number: true}, {Label: "Of the answers", Number: true}, {Label: "What it tells"}},
	}}
	if b.Biased {
		card.Says = "The answers are not those of everybody: some groups answer more often than others, by more than chance. Read the figures above with that in mind."
	}
	for i := range b.Groups {
		g := &b.Groups[i]
		cells := []ui.Cell{{Text: g.Label, Href: groupHref("asked:"+v.Key, g.Query)}, {Text: ui.Number(int(g.Asked))}, {Text: "too few"}, {}, {}, {}, {}}
		if g.Rate != nil {
			cells[2], cells[3], cells[4], cells[5], cells[6] = ui.Cell{Text: shareText(g.Rate.Value)}, ui.Cell{Text: shareBetween(g.Rate)}, ui.Cell{Text: shareText(g.Among)}, ui.Cell{Text: shareText(g.Of)}, ui.Cell{Text: g.Tells}
		}
		card.Table.Rows = append(card.Table.Rows, ui.TableRow{Cells: cells})
	}
	return card, nil
}

// breakdownCard parts the answers to a question by who gave them: the one that is asked for, or the first with a scale.
func (p *surveyPages) breakdownCard(r *http.Request, v *survey.Survey, dim survey.Dimension) (surveyCard, error) {
	var q *survey.Question
	for _, one := range v.Definition.Questions() {
		if one.ID == r.FormValue("of") || q == nil && one.Type.Scaled() {
			q = one
		}
	}
	if q == nil {
		q = v.Definition.Questions()[0]
	}
	parts, err := p.cfg.Surveys.Breakdown(r.Context(), v.Key, q.ID, dim)
	if err != nil {
		return surveyCard{}, err
	}
	card := surveyCard{Head: ui.CardHead{Title: "By group: " + q.Text.In(v.Definition.Language, ""), Note: dim.Label}, Table: &ui.Table{
		Caption: "Answers by " + strings.ToLower(dim.Label), Columns: []ui.Column{{Label: "Group"}, {Label: "Answers", Number: true}, {Label: "Figure", Number: true}, {Label: "95 % interval"}},
	}}
	for i := range parts {
		g := &parts[i]
		cells := []ui.Cell{{Text: g.Label, Href: groupHref("answered:"+v.Key, g.Query)}, {Text: ui.Number(int(g.N))}, {}, {}}
		switch {
		case g.Few:
			cells[1], cells[2] = ui.Cell{Text: "fewer than 5"}, ui.Cell{Text: "not shown"}
		case g.Result == nil:
		case g.Result.NPS != nil:
			cells[2], cells[3] = ui.Cell{Text: scoreText(g.Result.NPS.Value)}, ui.Cell{Text: scoreText(g.Result.NPS.Low) + " to " + scoreText(g.Result.NPS.High)}
		case g.Result.Mean != nil:
			cells[2], cells[3] = ui.Cell{Text: ui.Decimal(g.Result.Mean.Value, 1)}, ui.Cell{Text: ui.Decimal(g.Result.Mean.Low, 1) + " to " + ui.Decimal(g.Result.Mean.High, 1)}
		case len(g.Result.Bars) > 0:
			top := g.Result.Bars[0]
			for _, b := range g.Result.Bars {
				if b.Count > top.Count {
					top = b
				}
			}
			cells[2], cells[3] = ui.Cell{Text: top.Text + ": " + shareText(top.Share.Value)}, ui.Cell{Text: shareBetween(&top.Share)}
		}
		card.Table.Rows = append(card.Table.Rows, ui.TableRow{Cells: cells})
	}
	return card, nil
}

// answersShown is how many answers one page lists.
const answersShown = 300

// showAnswers lists answers one by one.
func (p *surveyPages) showAnswers(w http.ResponseWriter, r *http.Request) error {
	v, all, err := p.cfg.Surveys.Answers(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	may := person(r).MayWrite
	body := surveyBody{Head: surveyHead(r, &v), Tabs: surveyTabs(r, &v, may)}
	body.Head.Actions = append([]ui.Action{{Label: "Download answers", Href: surveyHref(v.Key) + "/answers.csv"}}, body.Head.Actions...)
	card := surveyCard{Head: ui.CardHead{Title: "Answers, the latest first", Note: countText(v.Answered, "answer", "answers")}}
	own := v.Definition.Language
	for i := len(all) - 1; i >= 0 && len(card.Rows) < answersShown; i-- {
		a := &all[i]
		if r.FormValue("partial") != "" && a.State != survey.Partial {
			continue
		}
		row := ui.Row{Title: firstText(a.Member, a.Name, a.Email, "Anonymous"), Meta: []ui.Meta{{Text: string(a.State)}, {Time: a.UpdatedAt}}}
		if a.MemberID > 0 {
			row.Href = memberHref(a.MemberID)
		}
		var lines []string
		for _, q := range v.Definition.Questions() {
			if value, ok := a.Answers[q.ID]; ok {
				lines = append(lines, q.Text.In(own, own)+" "+strings.Join(value.Texts(), ", "))
			}
		}
		row.Text = strings.Join(lines, "\n")
		if may {
			row.Actions = []ui.Action{{Label: "Remove", Label2: "Remove this answer for good", Post: surveyHref(v.Key) + "/answers/" + idText(a.ID) + "/remove", Small: true, Style: ui.StyleQuiet}}
		}
		card.Rows = append(card.Rows, row)
	}
	if len(card.Rows) == 0 {
		body.Empty = &ui.Empty{Title: "No answers yet", Text: "They stand here as they come, also those that are half way."}
	} else {
		body.Cards = append(body.Cards, card)
	}
	if may {
		body.Cards = append(body.Cards, surveyCard{Head: ui.CardHead{Title: "Answers from elsewhere"}, Says: "A CSV file with a column for each question, named by its id, and, if you have them, email, name, completed_at and language. Importing a file again adds nothing.", Form: &ui.Form{
			Post: surveyHref(v.Key) + "/import", Upload: true, Fields: []ui.Field{{Name: "file", Label: "File", Type: "file", Required: true, MaxBytes: maxAnswersFile, TooLarge: "The file is larger than 32 MB."}}, Actions: []ui.Action{{Label: "Import", Submit: true}},
		}})
	}
	return render(p.Site, w, r, p.results, v.Name, body)
}

// groupHref is the list of a group's members; "" where no query says who they are.
func groupHref(of, group string) string {
	if group == "" {
		return ""
	}
	return "/members?q=" + url.QueryEscape(of+" ("+group+")")
}
