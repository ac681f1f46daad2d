// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/program"
	chore "greenroom/internal/task"
	"greenroom/internal/web/ui"
)

// Programs are lasting initiatives with members enrolled in them; program.Service keeps them.
type Programs interface {
	List(ctx context.Context, closed bool) ([]program.Program, error)
	Get(ctx context.Context, ref string) (program.Program, error)
	Add(ctx context.Context, d program.Draft, by string) (program.Program, error)
	Edit(ctx context.Context, ref string, d program.Draft, by string) (program.Program, error)
	ProgramTurns
	ProgramPeople
	ProgramWork
}

// ProgramTurns begin and end programs, and begin them again as others.
type ProgramTurns interface {
	Copy(ctx context.Context, ref, name, by string) (program.Program, error)
	Approve(ctx context.Context, ref, by string) (program.Program, error)
	Start(ctx context.Context, ref, by string) (program.Program, error)
	Close(ctx context.Context, ref, reason, by string) (program.Program, error)
}

// ProgramPeople are those who are in a program, want to be, or could be.
type ProgramPeople interface {
	Enrollments(ctx context.Context, f program.PeopleFilter) ([]program.Enrollment, error)
	Admit(ctx context.Context, key string, member int64, a program.Admission, by string) (program.Enrollment, error)
	Stage(ctx context.Context, key string, member int64, stage, reason, by string) (program.Enrollment, error)
	Step(ctx context.Context, key string, member int64, step string, done bool, by string) (program.Enrollment, error)
	Leave(ctx context.Context, key string, member int64, reason, by string) (program.Enrollment, error)
	Propose(ctx context.Context, ref string, limit int) ([]program.Candidate, error)
	ProgramApplications
}

// ProgramApplications are made and decided.
type ProgramApplications interface {
	Apply(ctx context.Context, ref string, w program.Wish, by string) (program.Application, error)
	Applications(ctx context.Context, ref string, verdicts ...program.Verdict) ([]program.Application, error)
	Decide(ctx context.Context, id int64, v program.Verdict, adm program.Admission, by string) (program.Application, error)
	History(ctx context.Context, ref string, member, below int64, limit int) ([]program.Happening, error)
}

// ProgramWork is what the team does for a program, and what came of it.
type ProgramWork interface {
	Figures(ctx context.Context, ref string) (program.Figures, error)
	Review(ctx context.Context, ref string, d program.Decision, reason, by string) (program.Review, error)
	Reviews(ctx context.Context, ref string) ([]program.Review, error)
	StartRun(ctx context.Context, ref, name, by string) (program.Run, error)
	Runs(ctx context.Context, ref string) ([]program.Run, error)
	ProgramDealings
}

// ProgramDealings are what members of a program get and are told.
type ProgramDealings interface {
	Spend(ctx context.Context, ref string, x program.Spend, by string) (program.Spend, error)
	Spends(ctx context.Context, ref string) ([]program.Spend, error)
	Write(ctx context.Context, ref string, n program.Note, by string) (program.Sent, error)
}

// ProgramTasks lists tasks; the record store does.
type ProgramTasks interface {
	Tasks(ctx context.Context, f chore.Filter) ([]chore.Task, error)
}

type programPages struct {
	boardPages
	members *memberPage
}

func (s *Site) addPrograms() error {
	if s.cfg.Programs == nil {
		return nil
	}
	boards, err := s.boards()
	if err != nil {
		return err
	}
	p := &programPages{boardPages: boards, members: &memberPage{Site: s}}
	s.handle("GET /programs", p.list)
	s.change("GET /programs/new", mayWrite, p.edit)
	s.change("POST /programs/new", mayWrite, p.save)
	s.handle("GET /programs/{key}", p.overview)
	s.handle("GET /programs/{key}/members", p.enrolled)
	s.handle("GET /programs/{key}/applications", p.applications)
	s.handle("GET /programs/{key}/team", p.team)
	s.handle("GET /programs/{key}/history", p.history)
	s.change("GET /programs/{key}/edit", mayWrite, p.edit)
	s.change("POST /programs/{key}/edit", mayWrite, p.save)
	for what, do := range map[string]func(http.ResponseWriter, *http.Request) error{
		"copy": p.copied, "approve": p.approve, "start": p.start, "close": p.closed, "enroll": p.enroll, "move": p.move, "step": p.step, "leave": p.leave, "propose": p.propose, "decide": p.decide,
		"review": p.review, "run": p.run, "spend": p.spend, "write": p.write,
	} {
		s.change("POST /programs/{key}/"+what, mayWrite, do)
	}
	return nil
}

func programHref(key, tab string) string {
	h := "/programs/" + url.PathEscape(key)
	if tab != "" {
		h += "/" + tab
	}
	return h
}

// programMembers is the list of those who are in a program, or in a stage of it.
func programMembers(key, stage string) string {
	return "/members?q=" + url.QueryEscape(program.Named(key, stage))
}

func programPill(s program.State) ui.Pill {
	switch s {
	case program.Running:
		return ui.Pill{Text: "running", Tone: ui.ToneGood}
	case program.Planned:
		return ui.Pill{Text: "planned", Tone: ui.ToneWarn}
	case program.Closed:
	}
	return ui.Pill{Text: "closed"}
}

func (p *programPages) list(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Programs.List(r.Context(), false)
	if err != nil {
		return err
	}
	body := boardBody{Head: ui.Head{Title: "Programs", Subtitle: "Champions, beta testers, speakers and others: who is in, who could be, and what comes of it", Find: true}}
	may := person(r).MayWrite
	add := ui.Action{Label: "New program", Href: "/programs/new", Style: ui.StylePrimary}
	if may {
		body.Head.Actions = []ui.Action{add}
	}
	t := ui.Table{Caption: "Programs", Columns: []ui.Column{{Label: "Program"}, {Label: "In it", Number: true}, {Label: "To decide", Number: true}, {Label: "Goal"}, {Label: "Owner"}}}
	for i := range all {
		x := &all[i]
		waiting := ui.Cell{}
		if x.Waiting > 0 {
			waiting = ui.Cell{Text: ui.Number(int(x.Waiting)), Href: programHref(x.Key, "applications")}
		}
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(x.ID), Cells: []ui.Cell{
			{Text: x.Name, Href: programHref(x.Key, ""), Sub: excerpt(x.Plan.Purpose, 140), Pills: []ui.Pill{programPill(x.State), {Text: x.Kind.Label()}}},
			{Text: ui.Number(int(x.Enrolled)), Href: programMembers(x.Key, "")},
			waiting,
			{Text: excerpt(x.Plan.Goal, 80)},
			{Text: x.Owner},
		}})
	}
	if len(all) > 0 {
		body.Main = []boardCard{{Head: ui.CardHead{Title: countText(int64(len(all)), "program", "programs")}, Table: &t}}
	} else {
		body.Empty = &ui.Empty{Title: "No programs yet", Text: "A program is something lasting that members take part in. It says what it is for and what it should move, proposes who fits, and keeps who was in it when and why. Begin with a template, or with an empty plan."}
		if may {
			body.Empty.Actions = []ui.Action{add}
		}
	}
	closed, err := p.cfg.Programs.List(r.Context(), true)
	if err != nil {
		return err
	}
	if len(closed) > 0 {
		card := boardCard{Head: ui.CardHead{Title: "Closed"}, Rows: ui.Rows{Label: "Closed programs"}}
		for i := range closed {
			card.Rows.Items = append(card.Rows.Items, ui.Row{Title: closed[i].Name, Href: programHref(closed[i].Key, ""), Meta: []ui.Meta{{Text: closed[i].Kind.Label()}, {Text: "closed", Time: closed[i].ClosedAt}}})
		}
		body.Main = append(body.Main, card)
	}
	if may {
		body.Offers = programOffers(all)
	}
	return p.draw(w, r, body)
}

// programOffers are the templates that no program is of yet.
func programOffers(all []program.Program) []boardOffer {
	var offers []boardOffer
	for _, d := range program.Templates() {
		if slices.ContainsFunc(all, func(x program.Program) bool { return x.Kind == d.Kind }) {
			continue
		}
		offers = append(offers, boardOffer{Name: d.Name, Text: d.Plan.Purpose, Use: ui.Action{Label: "Use it", Label2: "Use the template " + d.Name, Href: "/programs/new?template=" + string(d.Kind), Small: true}})
	}
	return offers
}

// formMember is the member that a form names by number, or by what fits exactly one.
func (p *programPages) formMember(r *http.Request) (int64, error) {
	text := strings.TrimSpace(r.FormValue("member"))
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		return id, nil
	}
	if text == "" {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "say who: a name, an e-mail address or a member's number")
	}
	m, err := p.members.findOne(r, text, 0)
	return m.ID, err
}

func (p *programPages) approve(w http.ResponseWriter, r *http.Request) error {
	x, err := p.cfg.Programs.Approve(r.Context(), r.PathValue("key"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, programHref(x.Key, ""), "The plan of "+x.Name+" is approved.", "")
}

func (p *programPages) start(w http.ResponseWriter, r *http.Request) error {
	x, err := p.cfg.Programs.Start(r.Context(), r.PathValue("key"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, programHref(x.Key, ""), x.Name+" runs. Next: look at who is proposed.", "")
}

func (p *programPages) closed(w http.ResponseWriter, r *http.Request) error {
	x, err := p.cfg.Programs.Close(r.Context(), r.PathValue("key"), r.FormValue("reason"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, programHref(x.Key, ""), x.Name+" is closed. Its history stays.", "")
}

func (p *programPages) copied(w http.ResponseWriter, r *http.Request) error {
	x, err := p.cfg.Programs.Copy(r.Context(), r.PathValue("key"), r.FormValue("name"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, programHref(x.Key, "edit"), "Copied. Change what is different, then start it.", "")
}

func (p *programPages) enroll(w http.ResponseWriter, r *http.Request) error {
	id, err := p.formMember(r)
	if err != nil {
		return err
	}
	e, err := p.cfg.Programs.Admit(r.Context(), r.PathValue("key"), id, program.Admission{Stage: r.FormValue("stage"), Cohort: r.FormValue("cohort"), Reason: r.FormValue("reason")}, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, programHref(e.Program, "members"), e.Member+" is in the program.", "")
}

func (p *programPages) move(w http.ResponseWriter, r *http.Request) error {
	id, err := p.formMember(r)
	if err != nil {
		return err
	}
	e, err := p.cfg.Programs.Stage(r.Context(), r.PathValue("key"), id, r.FormValue("stage"), r.FormValue("reason"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, programHref(e.Program, "members"), e.Member+" was moved.", "")
}

func (p *programPages) step(w http.ResponseWriter, r *http.Request) error {
	id, err := p.formMember(r)
	if err != nil {
		return err
	}
	e, err := p.cfg.Programs.Step(r.Context(), r.PathValue("key"), id, r.FormValue("step"), r.FormValue("done") != "no", person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, programHref(e.Program, "members"), "Noted.", "")
}

func (p *programPages) leave(w http.ResponseWriter, r *http.Request) error {
	id, err := p.formMember(r)
	if err != nil {
		return err
	}
	e, err := p.cfg.Programs.Leave(r.Context(), r.PathValue("key"), id, r.FormValue("reason"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, programHref(e.Program, "members"), e.Member+" has left the program.", "")
}

func (p *programPages) propose(w http.ResponseWriter, r *http.Request) error {
	id, err := p.formMember(r)
	if err != nil {
		return err
	}
	a, err := p.cfg.Programs.Apply(r.Context(), r.PathValue("key"), program.Wish{Member: id, Note: r.FormValue("note")}, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, programHref(a.Program, "applications"), a.Member+" is put forward. Somebody decides below.", "")
}

func (p *programPages) decide(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(r.FormValue("application"), 10, 64)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "say which application is decided")
	}
	a, err := p.cfg.Programs.Decide(r.Context(), id, program.Verdict(r.FormValue("verdict")), program.Admission{Stage: r.FormValue("stage"), Reason: r.FormValue("reason")}, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, programHref(a.Program, "applications"), a.Member+": "+string(a.Verdict)+".", "")
}
