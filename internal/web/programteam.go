// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/program"
	chore "greenroom/internal/task"
	"greenroom/internal/web/ui"
)

// team shows what the team does for the program: the runbook and its runs, tasks, money and messages.
func (p *programPages) team(w http.ResponseWriter, r *http.Request) error {
	x, body, err := p.begin(r, "team")
	if err != nil {
		return err
	}
	may := person(r).MayWrite
	runs, err := p.cfg.Programs.Runs(r.Context(), x.Key)
	if err != nil {
		return err
	}
	body.Main = []boardCard{runbookCard(&x, runs, may)}
	if p.cfg.ProgramTasks != nil {
		todo, err := p.cfg.ProgramTasks.Tasks(r.Context(), chore.Filter{Origin: "program", OriginID: x.ID, Limit: shownPeople})
		if err != nil {
			return err
		}
		card := boardCard{Head: ui.CardHead{Title: "To do"}, Rows: ui.Rows{Label: "Tasks of the program"}}
		for i := range todo {
			t := &todo[i]
			row := ui.Row{Title: t.Title, Meta: []ui.Meta{{Text: firstText(t.Owner, "nobody yet")}, {Text: t.Note}}}
			if !t.DueAt.IsZero() {
				row.Badge = &ui.Pill{Text: "due " + ui.Date(t.DueAt)}
				if t.DueAt.Before(p.cfg.Now()) {
					row.Badge.Tone = ui.ToneWarn
				}
			}
			card.Rows.Items = append(card.Rows.Items, row)
		}
		if len(todo) > 0 {
			body.Main = append(body.Main, card)
		}
	}
	money, err := p.money(r, &x)
	if err != nil {
		return err
	}
	body.Main = append(body.Main, money)
	if may {
		body.Side = []boardCard{p.writeCard(&x), p.spendCard(&x)}
		body.Dialogs = []ui.Dialog{{ID: "run", Title: "Start a run", Text: "Every step becomes a task of its owner, due from today on.", Form: ui.Form{Post: programHref(x.Key, "run"), Fields: []ui.Field{{Name: "name", Label: "Name", Required: true, Placeholder: "2026 autumn", Help: "Tells runs apart; each name can be used once.", Prefix: "run-"}}, Actions: []ui.Action{{Label: "Start", Submit: true, Style: ui.StylePrimary}}}}}
	}
	return p.draw(w, r, body)
}

func runbookCard(x *program.Program, runs []program.Run, may bool) boardCard {
	card := boardCard{Head: ui.CardHead{Title: "Runbook"}, Rows: ui.Rows{Label: "Runbook"}}
	for i, s := range x.Plan.Runbook {
		when := "at once"
		if s.Days > 0 {
			when = fmt.Sprintf("after %d days", s.Days)
		}
		card.Rows.Items = append(card.Rows.Items, ui.Row{Lead: &ui.Pill{Text: strconv.Itoa(i + 1)}, Title: s.Title, Meta: []ui.Meta{{Text: firstText(s.Owner, x.Owner)}, {Text: when}}})
	}
	for i := range runs {
		t := &runs[i]
		card.Rows.Items = append(card.Rows.Items, ui.Row{Title: "Run " + t.Name, Meta: []ui.Meta{{Text: "by " + t.By, Time: t.At}}, Badge: &ui.Pill{Text: fmt.Sprintf("%d of %d done", t.Done, t.Tasks)}})
	}
	if may && len(x.Plan.Runbook) > 0 {
		card.Head.Actions = []ui.Action{{Label: "Start a run", Dialog: "run", Small: true}}
	}
	return card.orEmpty("The runbook is empty", "Write down what the team does in which order, once; each run makes tasks of it.")
}

func (p *programPages) money(r *http.Request, x *program.Program) (boardCard, error) {
	all, err := p.cfg.Programs.Spends(r.Context(), x.Key)
	if err != nil {
		return boardCard{}, err
	}
	card := boardCard{ID: "money", Head: ui.CardHead{Title: "Perks and money", Note: "in " + x.Plan.Currency}}
	t := ui.Table{Caption: "What was spent", Columns: []ui.Column{{Label: "For"}, {Label: "Perk"}, {Label: "Amount", Number: true}, {Label: "Noted"}}}
	var sum int64
	names := make(map[string]string)
	var perks []string
	for _, k := range x.Plan.Perks {
		names[k.Key] = k.Name
		perks = append(perks, k.Name+" ("+program.Money(k.Cost)+" each)")
	}
	for i := range all {
		s := &all[i]
		sum += s.Amount
		who := ui.Cell{Text: firstText(s.Member, "The program"), Sub: s.Note}
		if s.MemberID > 0 {
			who.Href, who.Avatar = memberHref(s.MemberID), memberAvatar(s.MemberID, s.Member)
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{who, {Text: names[s.Perk]}, {Text: program.Money(s.Amount)}, {Time: s.At, Sub: s.By}}})
	}
	card.Facts = []ui.Fact{{Label: "Budget", Value: program.Money(x.Plan.Budget)}, {Label: "Spent", Value: program.Money(sum)}, {Label: "Perks", Value: firstText(strings.Join(perks, ", "), "none")}}
	card.Table = &t
	return card.orEmpty("Nothing was spent yet", "Note what a member got, and the budget keeps count."), nil
}

func (p *programPages) spendCard(x *program.Program) boardCard {
	perks := []ui.Option{{Label: "None of the plan"}}
	for _, k := range x.Plan.Perks {
		perks = append(perks, ui.Option{Value: k.Key, Label: k.Name})
	}
	return boardCard{Head: ui.CardHead{Title: "Note what was spent"}, Form: &ui.Form{Post: programHref(x.Key, "spend"), Fields: []ui.Field{
		{Name: "member", Label: "On whom", Placeholder: "Name, e-mail address, handle or number", Autocomplete: "off", Choose: "/members/choose", Help: "Left empty: on the program as a whole.", Prefix: "spend-"},
		{Name: "amount", Label: "Amount in " + x.Plan.Currency, Required: true, Placeholder: "35.00", Prefix: "spend-"},
		{Name: "perk", Label: "Perk", Type: "select", Options: perks, Prefix: "spend-"},
		{Name: "note", Label: "Note", Prefix: "spend-"},
	}, Actions: []ui.Action{{Label: "Note it", Submit: true}}}}
}

func (p *programPages) writeCard(x *program.Program) boardCard {
	stages := append([]ui.Option{{Label: "Everybody in the program"}}, stageOptions(x)...)
	return boardCard{Head: ui.CardHead{Title: "Write to them"}, Text: "A mail to each member. Who has refused such messages, or had too many of late, gets none: the outbox decides.", Form: &ui.Form{Post: programHref(x.Key, "write"), Fields: []ui.Field{
		{Name: "stage", Label: "To", Type: "select", Options: stages, Prefix: "write-"},
		{Name: "subject", Label: "Subject", Required: true, Prefix: "write-"},
		{Name: "text", Label: "Text", Type: "textarea", Required: true, Help: "{name} becomes their first name.", Prefix: "write-"},
		{Name: "now", Label: "Send without a second look", Type: "checkbox", Help: "Otherwise drafts wait in the outbox.", Prefix: "write-"},
	}, Actions: []ui.Action{{Label: "Write", Submit: true}}}}
}

func (p *programPages) run(w http.ResponseWriter, r *http.Request) error {
	t, err := p.cfg.Programs.StartRun(r.Context(), r.PathValue("key"), r.FormValue("name"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, programHref(r.PathValue("key"), "team"), countText(t.Tasks, "task was", "tasks were")+" made.", "")
}

func (p *programPages) spend(w http.ResponseWriter, r *http.Request) error {
	s := program.Spend{Perk: r.FormValue("perk"), Note: r.FormValue("note")}
	var err error
	if s.Amount, err = program.Cents(r.FormValue("amount")); err != nil {
		return err
	}
	if strings.TrimSpace(r.FormValue("member")) != "" {
		if s.MemberID, err = p.formMember(r); err != nil {
			return err
		}
	}
	if _, err := p.cfg.Programs.Spend(r.Context(), r.PathValue("key"), s, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, programHref(r.PathValue("key"), "team"), "Noted.", "")
}

func (p *programPages) write(w http.ResponseWriter, r *http.Request) error {
	n := program.Note{Stage: r.FormValue("stage"), Subject: r.FormValue("subject"), Text: r.FormValue("text"), Now: r.FormValue("now") != ""}
	sent, err := p.cfg.Programs.Write(r.Context(), r.PathValue("key"), n, person(r).Actor)
	if err != nil {
		return err
	}
	what := countText(int64(sent.Queued), "message goes", "messages go") + " out"
	if sent.Drafts {
		what = countText(int64(sent.Queued), "draft waits", "drafts wait") + " in the outbox"
	}
	if n := len(sent.Missing); n > 0 {
		what += "; of " + countText(int64(n), "member", "members") + " no mail address is known"
	}
	return p.back(w, r, programHref(r.PathValue("key"), "team"), what+".", "")
}

// edit shows the form of a new program, from a template, or of one that is there.
func (p *programPages) edit(w http.ResponseWriter, r *http.Request) error {
	key := r.PathValue("key")
	d := program.Draft{Owner: person(r).Seed, Plan: program.Plan{Stages: []program.Stage{{Name: "Active"}}}}
	if key != "" {
		x, err := p.cfg.Programs.Get(r.Context(), key)
		if err != nil {
			return err
		}
		d = program.Draft{Name: x.Name, Kind: x.Kind, Owner: x.Owner, Sponsor: x.Sponsor, Plan: x.Plan}
	}
	for _, t := range program.Templates() {
		if key == "" && string(t.Kind) == r.URL.Query().Get("template") {
			owner := d.Owner
			d = t
			d.Owner = owner
		}
	}
	lines := program.Written(&d.Plan, p.cfg.Zones.Zone())
	return p.form(w, r, &d, &lines, "")
}

func (p *programPages) form(w http.ResponseWriter, r *http.Request, d *program.Draft, l *program.Lines, problem string) error {
	key := r.PathValue("key")
	body := boardBody{Head: ui.Head{Title: "New program", Subtitle: "Say what it is for first; the rest can be changed at any time", Back: &ui.Action{Label: "Programs", Href: "/programs"}}}
	post, cancel := "/programs/new", "/programs"
	if key != "" {
		body.Head = ui.Head{Title: "Plan of " + d.Name, Subtitle: "Its key stays: queries go on naming it as program:" + key, Back: &ui.Action{Label: d.Name, Href: programHref(key, "")}}
		post, cancel = programHref(key, "edit"), programHref(key, "")
	}
	var kinds []ui.Option
	for _, k := range program.Kinds() {
		kinds = append(kinds, ui.Option{Value: string(k), Label: k.Label()})
	}
	list := func(name, label, value, help string, rows int) ui.Field {
		return ui.Field{Name: name, Label: label, Type: "textarea", Value: value, Help: help, Rows: rows}
	}
	places := ""
	if d.Plan.Places > 0 {
		places = strconv.FormatInt(d.Plan.Places, 10)
	}
	cards := []boardCard{{Head: ui.CardHead{Title: "The plan"}, Form: &ui.Form{Post: post, Error: problem, Fields: []ui.Field{
		{Name: "name", Label: "Name", Value: d.Name, Required: true, Placeholder: "Champions"},
		{Name: "kind", Label: "Kind", Type: "select", Options: kinds, Value: firstText(string(d.Kind), string(program.Other))},
		{Name: "purpose", Label: "What it is for", Type: "textarea", Value: d.Plan.Purpose},
		{Name: "goal", Label: "Goal in a sentence", Value: d.Plan.Goal},
		list("targets", "Targets", l.Targets, "A line each: metric | value | month or quarter | query, such as helpers | 10 | month. The metric enrolled is how many are in it.", 3),
		{Name: "qualifies", Label: "Who qualifies", Value: d.Plan.Qualifies, Placeholder: "did:answer since:90d count:>=5 -is:staff", Help: "A query over members. Who fits is proposed, ranked, with reasons."},
		list("form", "What applicants are asked", l.Form, "A line each. A star makes an answer necessary; [docs / help] gives answers to choose from, [link] asks for an address.", 3),
		list("stages", "Stages and steps", l.Stages, "A line for each stage, as Name: what it means. Below it, lines that begin with - are its steps; a link may follow.", 8),
		list("perks", "Perks", l.Perks, "A line each: name | cost for each member | stage from which on.", 3),
		list("runbook", "Runbook of the team", l.Runbook, "A line each, in order: what | owner's mail address | days after the run begins.", 5),
		list("dates", "Dates", l.Dates, "A line each: 2026-12-01 | title | link. They stand in the calendar.", 3),
	}, More: []ui.Field{
		{Name: "public", Label: "Show it to members", Type: "checkbox", Checked: d.Plan.Public, Help: "While it runs, whoever has its address sees what it is, and members can ask for their own link to apply."},
		{Name: "owner", Label: "Owner", Value: d.Owner, Help: "The mail address of who looks after it."},
		{Name: "sponsor", Label: "Sponsor", Value: d.Sponsor, Help: "Who answers for the money. With one, the plan has to be approved before it runs."},
		{Name: "cohort", Label: "Cohort of new members", Value: d.Plan.Cohort, Placeholder: "2026 autumn"},
		{Name: "places", Label: "Places", Type: "number", Value: places, Help: "How many can be in it at a time; empty for any."},
		{Name: "budget", Label: "Budget", Value: program.Money(d.Plan.Budget)},
		{Name: "currency", Label: "Currency", Value: firstText(d.Plan.Currency, "USD")},
	}, Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}, {Label: "Cancel", Href: cancel}}}}}
	body.Main = cards
	return p.draw(w, r, body)
}

func (p *programPages) save(w http.ResponseWriter, r *http.Request) error {
	key := r.PathValue("key")
	d := program.Draft{Name: r.FormValue("name"), Kind: program.Kind(r.FormValue("kind")), Owner: r.FormValue("owner"), Sponsor: r.FormValue("sponsor")}
	if key != "" {
		x, err := p.cfg.Programs.Get(r.Context(), key)
		if err != nil {
			return err
		}
		d.Plan = x.Plan // whose keys stay
	}
	d.Plan.Public = r.FormValue("public") != ""
	d.Plan.Purpose, d.Plan.Goal, d.Plan.Qualifies, d.Plan.Cohort, d.Plan.Currency = r.FormValue("purpose"), r.FormValue("goal"), r.FormValue("qualifies"), r.FormValue("cohort"), r.FormValue("currency")
	l := program.Lines{Targets: r.FormValue("targets"), Form: r.FormValue("form"), Stages: r.FormValue("stages"), Perks: r.FormValue("perks"), Runbook: r.FormValue("runbook"), Dates: r.FormValue("dates")}
	err := l.Fill(&d.Plan, p.cfg.Zones.Zone())
	if err == nil {
		d.Plan.Budget, err = program.Cents(r.FormValue("budget"))
	}
	if err == nil {
		var places int
		places, err = wholeNumber(r.FormValue("places"), "places", "Places")
		d.Plan.Places = int64(places)
	}
	var x program.Program
	switch {
	case err != nil:
	case key == "":
		x, err = p.cfg.Programs.Add(r.Context(), d, person(r).Actor)
	default:
		x, err = p.cfg.Programs.Edit(r.Context(), key, d, person(r).Actor)
	}
	if err != nil {
		if !forPeople(err) {
			return err
		}
		return p.form(w, r, &d, &l, sentence(greenroom.ErrorMessage(err)))
	}
	if key == "" {
		return p.back(w, r, programHref(x.Key, ""), x.Name+" is planned. Start it when it is ready.", "")
	}
	return p.back(w, r, programHref(x.Key, ""), "The plan is saved.", "")
}
