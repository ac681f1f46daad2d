// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/program"
	"greenroom/internal/web/ui"
)

// shownPeople is how many members, candidates and lines of history a page shows.
const shownPeople = 100

// begin reads the program of a request and draws what all its tabs share.
func (p *programPages) begin(r *http.Request, tab string) (program.Program, boardBody, error) {
	x, err := p.cfg.Programs.Get(r.Context(), r.PathValue("key"))
	if err != nil {
		return x, boardBody{}, err
	}
	body := boardBody{Head: ui.Head{Title: x.Name, Subtitle: x.Plan.Purpose, Back: &ui.Action{Label: "Programs", Href: "/programs"}, Pills: []ui.Pill{programPill(x.State), {Text: x.Kind.Label()}}}}
	if person(r).MayWrite {
		body.Head.Actions = []ui.Action{{Label: "Edit the plan", Href: programHref(x.Key, "edit"), Key: "e"}}
		switch {
		case x.State != program.Running && x.Sponsor != "" && x.ApprovedAt.IsZero():
			body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Approve", Post: programHref(x.Key, "approve"), Style: ui.StylePrimary})
		case x.State != program.Running:
			body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Start", Post: programHref(x.Key, "start"), Style: ui.StylePrimary})
		case tab == "members":
			body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Enroll a member", Dialog: "enroll", Style: ui.StylePrimary})
		}
	}
	body.Tabs.Label = "Parts of the program"
	for _, t := range []struct{ label, tab, count string }{{"Overview", "", ""}, {"Members", "members", some(x.Enrolled)}, {"Applications", "applications", some(x.Waiting)}, {"Team", "team", ""}, {"History", "history", ""}} {
		body.Tabs.Items = append(body.Tabs.Items, ui.Segment{Label: t.label, Href: programHref(x.Key, t.tab), Active: t.tab == tab, Count: t.count})
	}
	return x, body, nil
}

func (p *programPages) overview(w http.ResponseWriter, r *http.Request) error {
	x, body, err := p.begin(r, "")
	if err != nil {
		return err
	}
	if x.Key != r.PathValue("key") {
		http.Redirect(w, r, programHref(x.Key, ""), http.StatusSeeOther)
		return nil
	}
	f, err := p.cfg.Programs.Figures(r.Context(), x.Key)
	if err != nil && greenroom.ErrorCode(err) != greenroom.CodeUnavailable {
		return err
	}
	money := func(v int64) string { return program.Money(v) + " " + x.Plan.Currency }
	budget := "no budget set"
	if x.Plan.Budget > 0 {
		budget = "of " + money(x.Plan.Budget)
	}
	body.KPIs = []ui.KPI{
		{Label: "In it now", Value: ui.Number(int(f.Enrolled)), Href: programMembers(x.Key, ""), Note: countText(f.Ever, "person", "people") + " ever, " + ui.Number(int(f.Left)) + " left"},
		{Label: "To decide", Value: ui.Number(int(x.Waiting)), Href: programHref(x.Key, "applications"), Note: "applications that wait"},
		{Label: "Spent", Value: money(f.Spent), Href: programHref(x.Key, "team"), Note: budget + "; perks of all who were in it: " + money(f.Planned)},
	}
	body.Main = []boardCard{p.targets(&x, &f), beforeAndSince(&f)}
	body.Side = []boardCard{p.about(&x)}
	card, dialog, err := p.reviews(r, &x)
	if err != nil {
		return err
	}
	body.Side = append(body.Side, card)
	if person(r).MayWrite {
		body.Dialogs = append(body.Dialogs, dialog, ui.Dialog{ID: "copy", Title: "Copy the program", Text: "Its plan, without its members.", Form: ui.Form{Post: programHref(x.Key, "copy"), Fields: []ui.Field{{Name: "name", Label: "Name", Required: true, Prefix: "copy-"}}, Actions: []ui.Action{{Label: "Copy", Submit: true, Style: ui.StylePrimary}}}},
			ui.Dialog{ID: "close", Title: "Close the program", Text: "Everybody who is in it leaves. Its history and figures stay, and it can be started again without its members.", Form: ui.Form{Post: programHref(x.Key, "close"), Fields: []ui.Field{{Name: "reason", Label: "Why", Type: "textarea", Prefix: "close-"}}, Actions: []ui.Action{{Label: "Close it", Submit: true, Style: ui.StyleDanger}}}})
		body.Head.Actions = slices.Insert(body.Head.Actions, 0, ui.Action{Label: "Copy", Dialog: "copy"})
		if x.State != program.Closed {
			body.Head.Actions = slices.Insert(body.Head.Actions, 1, ui.Action{Label: "Close", Dialog: "close"})
		}
	}
	return p.draw(w, r, body)
}

// targets shows planned against actual, a column for each period.
func (p *programPages) targets(x *program.Program, f *program.Figures) boardCard {
	card := boardCard{ID: "targets", Head: ui.CardHead{Title: "Planned and reached"}, Text: x.Plan.Goal, Note: "Each figure is about those who were in the program at the end of its period. It opens to the metric over them."}
	if len(f.Targets) == 0 {
		return card.orEmpty("No targets yet", "Say in the plan which figure the program should move, such as helpers each month.")
	}
	t := ui.Table{Caption: "Targets by period", Columns: []ui.Column{{Label: "Target"}}}
	labels := make(map[string]int) // months and quarters have columns of their own
	for _, o := range f.Targets {
		for _, v := range o.Periods {
			label := periodLabel(v.From, analytics.Granularity(o.Per))
			if _, ok := labels[label]; !ok {
				labels[label] = len(t.Columns)
				t.Columns = append(t.Columns, ui.Column{Label: label, Number: true})
			}
		}
	}
	for _, o := range f.Targets {
		cells := make([]ui.Cell, len(t.Columns))
		want := "at least "
		if o.Lower {
			want = "at most "
		}
		cells[0] = ui.Cell{Text: o.Label, Sub: want + figureOf(o.Unit, o.Value) + " each " + string(o.Per)}
		if o.Query != "" {
			cells[0].Sub += ", " + o.Query
		}
		for _, v := range o.Periods {
			c := &cells[labels[periodLabel(v.From, analytics.Granularity(o.Per))]]
			if v.Value == nil {
				c.Text = ui.None
				continue
			}
			c.Text = figureOf(o.Unit, *v.Value)
			if c.Href = p.targetHref(&o, &v); o.Metric == program.Enrolled {
				c.Href = "/members?q=" + url.QueryEscape(v.Segment)
			}
			switch {
			case v.Met:
				c.Pills = []ui.Pill{{Text: "reached", Tone: ui.ToneGood}}
			case v.Partial:
				c.Pills = []ui.Pill{{Text: "not over"}}
			default:
				c.Pills = []ui.Pill{{Text: "missed", Tone: ui.ToneWarn}}
			}
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: cells})
	}
	card.Table = &t
	return card
}

func (p *programPages) targetHref(o *program.Outcome, v *program.PeriodView) string {
	q := url.Values{"segment": {v.Segment}, "by": {string(o.Per)}}
	if o.Query != "" {
		q.Set("q", o.Query)
	}
	return insightHref(o.Metric, q)
}

// figureOf writes a figure of a unit.
func figureOf(unit string, v float64) string {
	if unit == string(analytics.UnitShare) {
		return ui.Percent(v)
	}
	if unit == string(analytics.UnitSeconds) {
		return ui.Duration(time.Duration(v * float64(time.Second)))
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// beforeAndSince shows what members did before they came and since, and what that does not say.
func beforeAndSince(f *program.Figures) boardCard {
	card := boardCard{ID: "since", Head: ui.CardHead{Title: "Before and since"}, Note: program.Caution}
	if len(f.Members) == 0 {
		return card.orEmpty("Nothing to compare yet", "Who has been in the program for a week is compared with as long before, at most 90 days.")
	}
	c := &f.Change
	card.Text = fmt.Sprintf("Of %s, %d did more since they came than before, %d less. The median went from %s to %s activities a week.", countText(c.Compared, "member", "members"), c.More, c.Less, ui.Decimal(c.Before, 1), ui.Decimal(c.After, 1))
	t := ui.Table{Caption: "What members did before and since", Columns: []ui.Column{{Label: "Member"}, {Label: "In it since"}, {Label: "Days compared", Number: true}, {Label: "Before", Number: true}, {Label: "Since", Number: true}, {Label: "Answers before", Number: true}, {Label: "Answers since", Number: true}}}
	for i := range f.Members {
		if i == 20 {
			card.Note = "The 20 with the largest change. " + card.Note
			break
		}
		m := &f.Members[i]
		span := func(from, to time.Time, kinds string) string {
			return memberHref(m.MemberID) + "?q=" + url.QueryEscape(strings.TrimSpace("occurred:"+from.Format(time.DateOnly)+".."+to.AddDate(0, 0, -1).Format(time.DateOnly)+" "+kinds)) + "#timeline"
		}
		const answers = "kind:reply,answer,accepted_answer"
		length := time.Duration(m.Days) * 24 * time.Hour
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{
			{Text: m.Member, Href: memberHref(m.MemberID), Avatar: memberAvatar(m.MemberID, m.Member)},
			{Text: ui.Date(m.Since)},
			{Text: ui.Number(int(m.Days))},
			{Text: ui.Number(int(m.Before)), Href: span(m.Since.Add(-length), m.Since, "")},
			{Text: ui.Number(int(m.After)), Href: span(m.Since, m.Since.Add(length), "")},
			{Text: ui.Number(int(m.AnswersBefore)), Href: span(m.Since.Add(-length), m.Since, answers)},
			{Text: ui.Number(int(m.AnswersAfter)), Href: span(m.Since, m.Since.Add(length), answers)},
		}})
	}
	card.Table = &t
	return card
}

// about is the plan in short.
func (p *programPages) about(x *program.Program) boardCard {
	card := boardCard{Head: ui.CardHead{Title: "The plan"}, Facts: []ui.Fact{{Label: "Named in queries", Value: program.Named(x.Key, "")}, {Label: "Owner", Value: x.Owner}}}
	fact := func(label, value, href string) {
		if value != "" {
			card.Facts = append(card.Facts, ui.Fact{Label: label, Value: value, Href: href})
		}
	}
	if x.Sponsor != "" {
		approved := "not approved yet"
		if !x.ApprovedAt.IsZero() {
			approved = "approved by " + x.ApprovedBy + " on " + ui.Date(x.ApprovedAt)
		}
		fact("Sponsor", x.Sponsor+", "+approved, "")
	}
	if x.Plan.Qualifies != "" {
		fact("Who qualifies", x.Plan.Qualifies, "/members?q="+url.QueryEscape(x.Plan.Qualifies))
	}
	var stages []string
	for _, s := range x.Plan.Stages {
		stages = append(stages, s.Name)
	}
	fact("Stages", strings.Join(stages, " → "), programHref(x.Key, "members"))
	fact("Cohort now", x.Plan.Cohort, "")
	if x.Plan.Places > 0 {
		fact("Places", fmt.Sprintf("%d of %d taken", x.Enrolled, x.Plan.Places), "")
	}
	if !x.StartedAt.IsZero() {
		fact("Started", ui.Date(x.StartedAt), "")
	}
	for _, d := range x.Plan.Dates {
		if !d.At.Before(p.cfg.Now().AddDate(0, 0, -1)) {
			fact(ui.Date(d.At), d.Title, outside(d.Link))
		}
	}
	return card
}

// reviews shows what was decided about the program, and the dialog that decides.
func (p *programPages) reviews(r *http.Request, x *program.Program) (boardCard, ui.Dialog, error) {
	all, err := p.cfg.Programs.Reviews(r.Context(), x.Key)
	if err != nil {
		return boardCard{}, ui.Dialog{}, err
	}
	card := boardCard{ID: "decisions", Head: ui.CardHead{Title: "Scale, keep, fix or retire"}, Rows: ui.Rows{Label: "Decisions"}}
	decide := ui.Action{Label: "Decide", Dialog: "review", Small: true}
	if person(r).MayWrite && len(all) > 0 {
		card.Head.Actions = []ui.Action{decide}
	}
	tones := map[program.Decision]ui.Tone{program.Scale: ui.ToneGood, program.Fix: ui.ToneWarn, program.Retire: ui.ToneBad}
	for i := range all {
		v := &all[i]
		e := &v.Evidence
		evidence := []string{countText(e.Enrolled, "member", "members"), program.Money(e.Spent) + " " + x.Plan.Currency + " spent"}
		for _, o := range e.Targets {
			if n := len(o.Periods); n > 0 && o.Periods[n-1].Value != nil {
				evidence = append(evidence, o.Label+" "+figureOf(o.Unit, *o.Periods[n-1].Value)+" of "+figureOf(o.Unit, o.Value))
			}
		}
		card.Rows.Items = append(card.Rows.Items, ui.Row{Badge: &ui.Pill{Text: string(v.Decision), Tone: tones[v.Decision]}, Title: excerpt(v.Reason, 160), Meta: []ui.Meta{{Text: strings.Join(evidence, ", ")}, {Text: v.By, Time: v.At}}})
	}
	var offered []ui.Action
	if person(r).MayWrite {
		decide.Small = false
		offered = []ui.Action{decide}
	}
	card = card.orEmpty("Nothing decided yet", "Look at the figures every quarter, and write down what follows and why. They are kept with the decision as they are then.", offered...)
	var options []ui.Option
	for _, d := range program.Decisions() {
		options = append(options, ui.Option{Value: string(d), Label: title(string(d))})
	}
	return card, ui.Dialog{ID: "review", Title: "Decide about the program", Text: "The figures as they are now are kept with the decision.", Form: ui.Form{Post: programHref(x.Key, "review"), Fields: []ui.Field{
		{Name: "decision", Label: "Decision", Type: "select", Options: options, Value: string(program.Keep), Prefix: "review-"},
		{Name: "reason", Label: "Reasons", Type: "textarea", Required: true, Help: "What the figures say, and what they do not.", Prefix: "review-"},
	}, Actions: []ui.Action{{Label: "Record it", Submit: true, Style: ui.StylePrimary}}}}, nil
}

func (p *programPages) review(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.cfg.Programs.Review(r.Context(), r.PathValue("key"), program.Decision(r.FormValue("decision")), r.FormValue("reason"), person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, programHref(r.PathValue("key"), ""), "The decision is recorded with the figures of today.", "")
}

func (p *programPages) history(w http.ResponseWriter, r *http.Request) error {
	x, body, err := p.begin(r, "history")
	if err != nil {
		return err
	}
	below, _ := strconv.ParseInt(r.URL.Query().Get("below"), 10, 64) // whatever it is, the newest are shown
	all, err := p.cfg.Programs.History(r.Context(), x.Key, 0, below, shownPeople)
	if err != nil {
		return err
	}
	card := boardCard{Head: ui.CardHead{Title: "What happened"}, Rows: ui.Rows{Label: "What happened"}}
	for i := range all {
		h := &all[i]
		row := ui.Row{Title: firstText(h.Member, x.Name), Badge: &ui.Pill{Text: h.What}, Meta: []ui.Meta{{Text: h.By, Time: h.At}}}
		if h.MemberID > 0 {
			row.Href, row.Avatar = memberHref(h.MemberID), memberAvatar(h.MemberID, h.Member)
		}
		for _, t := range []string{h.Reason, h.Detail} {
			if t != "" {
				row.Meta = slices.Insert(row.Meta, 0, ui.Meta{Text: t})
			}
		}
		card.Rows.Items = append(card.Rows.Items, row)
	}
	if len(all) == shownPeople {
		card.Head.Actions = []ui.Action{{Label: "Older", Href: programHref(x.Key, "history") + "?below=" + idText(all[len(all)-1].ID), Small: true}}
	}
	body.Main = []boardCard{card.orEmpty("Nothing happened yet", "Who comes, goes and moves on is kept here, with when, by whom and why.")}
	return p.draw(w, r, body)
}
