// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"slices"
	"strings"

	"greenroom/internal/program"
	"greenroom/internal/web/ui"
)

// enrolled shows who is in the program, by stage, and who was.
func (p *programPages) enrolled(w http.ResponseWriter, r *http.Request) error {
	x, body, err := p.begin(r, "members")
	if err != nil {
		return err
	}
	in, err := p.cfg.Programs.Enrollments(r.Context(), program.PeopleFilter{Program: x.ID, Cohort: r.URL.Query().Get("cohort"), Limit: 10 * shownPeople})
	if err != nil {
		return err
	}
	may := person(r).MayWrite
	for i := range x.Plan.Stages {
		stage := &x.Plan.Stages[i]
		card := boardCard{ID: "stage-" + stage.Key, Head: ui.CardHead{Title: stage.Name}, Text: stage.Text, Rows: ui.Rows{Label: stage.Name}}
		n := int64(0)
		for j := range in {
			if e := &in[j]; e.Stage == stage.Key {
				if n++; n <= shownPeople {
					card.Rows.Items = append(card.Rows.Items, p.enrolledRow(&x, stage, e, may, &body))
				}
			}
		}
		card.Head.Actions = []ui.Action{{Label: countText(n, "member", "members"), Label2: countText(n, "member", "members") + " in " + stage.Name, Href: programMembers(x.Key, stage.Key), Small: true}}
		if n == 0 {
			card.Note = "Nobody is in this stage."
		}
		body.Main = append(body.Main, card)
	}
	was, err := p.cfg.Programs.Enrollments(r.Context(), program.PeopleFilter{Program: x.ID, Ended: true, Limit: shownPeople})
	if err != nil {
		return err
	}
	if len(was) > 0 {
		card := boardCard{Head: ui.CardHead{Title: "Were in it"}, Rows: ui.Rows{Label: "Were in it"}}
		for i := range was {
			e := &was[i]
			card.Rows.Items = append(card.Rows.Items, ui.Row{Title: e.Member, Href: memberHref(e.MemberID), Avatar: memberAvatar(e.MemberID, e.Member), Meta: []ui.Meta{{Text: "from " + ui.Date(e.Since) + " to " + ui.Date(e.Until)}, {Text: firstText(e.LeftReason, "no reason noted")}, {Text: "noted by " + e.LeftBy}}})
		}
		body.Main = append(body.Main, card)
	}
	if may {
		body.Dialogs = append(body.Dialogs, p.enrollDialog(&x))
	}
	return p.draw(w, r, body)
}

func (p *programPages) enrollDialog(x *program.Program) ui.Dialog {
	return ui.Dialog{ID: "enroll", Title: "Enroll a member", Text: "Who is in the program already stays as they are.", Form: ui.Form{Post: programHref(x.Key, "enroll"), Fields: []ui.Field{
		{Name: "member", Label: "Member", Required: true, Placeholder: "Name, e-mail address, handle or number", Autocomplete: "off", Choose: "/members/choose", Prefix: "enroll-"},
		{Name: "stage", Label: "Stage", Type: "select", Options: stageOptions(x), Value: x.Plan.First(), Prefix: "enroll-"},
		{Name: "cohort", Label: "Cohort", Value: x.Plan.Cohort, Prefix: "enroll-"},
		{Name: "reason", Label: "Why", Prefix: "enroll-"},
	}, Actions: []ui.Action{{Label: "Enroll", Submit: true, Style: ui.StylePrimary}}}}
}

func stageOptions(x *program.Program) []ui.Option {
	var all []ui.Option
	for _, s := range x.Plan.Stages {
		all = append(all, ui.Option{Value: s.Key, Label: s.Name})
	}
	return all
}

// enrolledRow is a member in a stage, with what they did of it and the next step.
func (p *programPages) enrolledRow(x *program.Program, stage *program.Stage, e *program.Enrollment, may bool, body *boardBody) ui.Row {
	row := ui.Row{Title: e.Member, Href: memberHref(e.MemberID), Avatar: memberAvatar(e.MemberID, e.Member), Meta: []ui.Meta{{Text: "in this stage", Time: e.StageSince}, {Text: "in the program since " + ui.Date(e.Since)}}}
	for _, t := range []string{e.Cohort, e.Reason} {
		if t != "" {
			row.Meta = append(row.Meta, ui.Meta{Text: t})
		}
	}
	if e.Spent != 0 {
		row.Meta = append(row.Meta, ui.Meta{Text: program.Money(e.Spent) + " " + x.Plan.Currency + " spent"})
	}
	who := ui.Hidden{Name: "member", Value: idText(e.MemberID)}
	open := ""
	for _, s := range stage.Steps {
		pill := ui.Pill{Text: s.Title}
		if slices.Contains(e.Done, stage.Key+"/"+s.Key) {
			pill = ui.Pill{Text: "✓ " + s.Title, Tone: ui.ToneGood}
		} else if open == "" {
			open = s.Key
			if may {
				row.Actions = append(row.Actions, ui.Action{Label: "Done: " + excerpt(s.Title, 24), Label2: e.Member + " has done: " + s.Title, Post: programHref(x.Key, "step"), Hidden: []ui.Hidden{who, {Name: "step", Value: s.Key}}, Small: true})
			}
		}
		row.Foot = append(row.Foot, pill)
	}
	if !may {
		return row
	}
	at := slices.IndexFunc(x.Plan.Stages, func(s program.Stage) bool { return s.Key == stage.Key })
	if open == "" && at+1 < len(x.Plan.Stages) {
		next := x.Plan.Stages[at+1]
		row.Actions = append(row.Actions, ui.Action{Label: "To " + excerpt(next.Name, 20), Label2: "Move " + e.Member + " to " + next.Name, Post: programHref(x.Key, "move"), Hidden: []ui.Hidden{who, {Name: "stage", Value: next.Key}}, Small: true})
	}
	id := "member-" + idText(e.MemberID)
	row.Actions = append(row.Actions, ui.Action{Label: "More", Label2: "Move " + e.Member + ", or let them go", Dialog: id, Small: true, Style: ui.StyleQuiet})
	body.Dialogs = append(body.Dialogs, ui.Dialog{ID: id, Title: e.Member, Text: "Move them to another stage, or let them go. The reason stays in the history.", Form: ui.Form{Post: programHref(x.Key, "move"), Hidden: []ui.Hidden{who}, Fields: []ui.Field{
		{Name: "stage", Label: "Stage", Type: "select", Options: stageOptions(x), Value: e.Stage, Prefix: id + "-"},
		{Name: "reason", Label: "Why", Prefix: id + "-"},
	}, Actions: []ui.Action{{Label: "Move", Submit: true, Style: ui.StylePrimary}}}}, ui.Dialog{ID: id + "-go", Title: "Let " + e.Member + " go", Form: ui.Form{Post: programHref(x.Key, "leave"), Hidden: []ui.Hidden{who}, Fields: []ui.Field{{Name: "reason", Label: "Why", Prefix: id + "-go-"}}, Actions: []ui.Action{{Label: "They leave", Submit: true, Style: ui.StyleDanger}}}})
	row.Actions = append(row.Actions, ui.Action{Label: "Leave", Label2: e.Member + " leaves", Dialog: id + "-go", Small: true, Style: ui.StyleQuiet})
	return row
}

// applications shows who wants to be in the program, and who could be.
func (p *programPages) applications(w http.ResponseWriter, r *http.Request) error {
	x, body, err := p.begin(r, "applications")
	if err != nil {
		return err
	}
	all, err := p.cfg.Programs.Applications(r.Context(), x.Key)
	if err != nil {
		return err
	}
	may := person(r).MayWrite
	open := boardCard{ID: "open", Head: ui.CardHead{Title: "To decide"}, Rows: ui.Rows{Label: "Applications to decide"}}
	over := boardCard{Head: ui.CardHead{Title: "Decided"}, Rows: ui.Rows{Label: "Applications that were decided"}}
	for i := range all {
		a := &all[i]
		row := p.applicationRow(&x, a)
		if a.Verdict.Decided() {
			over.Rows.Items = append(over.Rows.Items, row)
			continue
		}
		if may {
			id := "decide-" + idText(a.ID)
			row.Actions = []ui.Action{{Label: "Decide", Label2: "Decide about " + a.Member, Dialog: id, Small: true}}
			body.Dialogs = append(body.Dialogs, p.decideDialog(&x, a, id))
		}
		open.Rows.Items = append(open.Rows.Items, row)
	}
	body.Main = []boardCard{open.orEmpty("No application waits", "Members apply on the program's page, workflows and surveys put people forward, and so do you, from those who are proposed.")}
	card, err := p.proposed(r, &x, may)
	if err != nil {
		return err
	}
	body.Main = append(body.Main, card)
	if len(over.Rows.Items) > 0 {
		body.Main = append(body.Main, over)
	}
	return p.draw(w, r, body)
}

func (p *programPages) applicationRow(x *program.Program, a *program.Application) ui.Row {
	row := ui.Row{Title: a.Member, Href: memberHref(a.MemberID), Avatar: memberAvatar(a.MemberID, a.Member), Meta: []ui.Meta{{Text: a.Origin + ", " + a.By, Time: a.At}}}
	var said []string
	for _, q := range x.Plan.Form {
		if v := a.Answers[q.Key]; v != "" {
			said = append(said, q.Label+" "+v)
		}
	}
	if a.Note != "" {
		said = append(said, a.Note)
	}
	row.Text = strings.Join(said, "\n")
	switch a.Verdict {
	case program.Accepted:
		row.Badge = &ui.Pill{Text: "accepted", Tone: ui.ToneGood}
	case program.Declined:
		row.Badge = &ui.Pill{Text: "declined", Tone: ui.ToneWarn}
	case program.Open, program.Waiting, program.Withdrawn:
		row.Badge = &ui.Pill{Text: string(a.Verdict)}
	}
	if a.Verdict != program.Open {
		row.Meta = append(row.Meta, ui.Meta{Text: firstText(a.Reason, "no reason noted")}, ui.Meta{Text: "by " + a.DecidedBy, Time: a.DecidedAt})
	}
	return row
}

func (p *programPages) decideDialog(x *program.Program, a *program.Application, id string) ui.Dialog {
	var verdicts []ui.Option
	for _, v := range []struct {
		v     program.Verdict
		label string
	}{{program.Accepted, "Accept: they are enrolled"}, {program.Waiting, "Wait: not now"}, {program.Declined, "Decline"}, {program.Withdrawn, "They withdrew"}} {
		if a.Verdict.May(v.v) {
			verdicts = append(verdicts, ui.Option{Value: string(v.v), Label: v.label})
		}
	}
	return ui.Dialog{ID: id, Title: "Decide about " + a.Member, Form: ui.Form{Post: programHref(x.Key, "decide"), Hidden: []ui.Hidden{{Name: "application", Value: idText(a.ID)}}, Fields: []ui.Field{
		{Name: "verdict", Label: "Decision", Type: "radio", Options: verdicts, Value: string(program.Accepted), Required: true, Prefix: id + "-"},
		{Name: "stage", Label: "Stage, if accepted", Type: "select", Options: stageOptions(x), Value: x.Plan.First(), Prefix: id + "-"},
		{Name: "reason", Label: "Reason", Type: "textarea", Help: "Declining needs one. Members do not see it.", Prefix: id + "-"},
	}, Actions: []ui.Action{{Label: "Decide", Submit: true, Style: ui.StylePrimary}}}}
}

// proposed lists who fits the plan and is not in the program.
func (p *programPages) proposed(r *http.Request, x *program.Program, may bool) (boardCard, error) {
	card := boardCard{ID: "proposed", Head: ui.CardHead{Title: "Proposed"}, Rows: ui.Rows{Label: "Proposed members"}, Note: "Ranked by the mean of their places in what speaks for them: replies and answers, accepted answers, active days, points, Orbit level. Who is or was in it, or has applied, is left out."}
	all, err := p.cfg.Programs.Propose(r.Context(), x.Key, 25)
	if err != nil {
		return card, err
	}
	for i := range all {
		c := &all[i]
		row := ui.Row{Title: c.Member, Href: memberHref(c.MemberID), Avatar: memberAvatar(c.MemberID, c.Member), Meta: []ui.Meta{{Text: strings.Join(c.Reasons, ", ")}}}
		if c.Organization != "" {
			row.Pills = []ui.Pill{{Text: c.Organization}}
		}
		if may {
			who := ui.Hidden{Name: "member", Value: idText(c.MemberID)}
			reason := strings.Join(c.Reasons, ", ")
			row.Actions = []ui.Action{{Label: "Put forward", Label2: "Put " + c.Member + " forward", Post: programHref(x.Key, "propose"), Hidden: []ui.Hidden{who, {Name: "note", Value: reason}}, Small: true}}
			if x.State == program.Running {
				row.Actions = append(row.Actions, ui.Action{Label: "Enroll", Label2: "Enroll " + c.Member, Post: programHref(x.Key, "enroll"), Hidden: []ui.Hidden{who, {Name: "reason", Value: reason}}, Small: true})
			}
		}
		card.Rows.Items = append(card.Rows.Items, row)
	}
	if len(all) == 0 {
		card.Note = ""
	}
	why := "Nobody fits who qualifies, or everybody who does is in it or has applied."
	if x.Plan.Qualifies == "" {
		why = "Say in the plan who qualifies, as a query over members; then those who fit are proposed here."
	}
	return card.orEmpty("Nobody is proposed", why), nil
}
