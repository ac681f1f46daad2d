// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package front

import (
	"context"
	"fmt"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/program"
)

// ProgramPath is where programs are, by their keys.
const ProgramPath = "/c/program/"

// programLife is how long the link of a program opens.
const programLife = 365 * 24 * time.Hour

// Programs keeps programs; program.Service does.
type Programs interface {
	Get(ctx context.Context, ref string) (program.Program, error)
	Enrollments(ctx context.Context, f program.PeopleFilter) ([]program.Enrollment, error)
	Applications(ctx context.Context, ref string, verdicts ...program.Verdict) ([]program.Application, error)
	Apply(ctx context.Context, ref string, w program.Wish, by string) (program.Application, error)
	Decide(ctx context.Context, id int64, v program.Verdict, adm program.Admission, by string) (program.Application, error)
	Step(ctx context.Context, key string, member int64, step string, done bool, by string) (program.Enrollment, error)
	Leave(ctx context.Context, key string, member int64, reason, by string) (program.Enrollment, error)
}

// Mailbox sends mail to members, and finds them by their addresses.
type Mailbox interface {
	Queue(ctx context.Context, all ...outbox.Message) (added int, err error)
	// MemberByAddress finds the one member with a mail address; CodeNotFound where there is none, or more than one.
	MemberByAddress(ctx context.Context, address string) (int64, error)
}

// Program is the link of a member's own page of a program.
func (l *Links) Program(ctx context.Context, key string, id, member int64) (string, error) {
	return l.Make(ctx, KindProgram, ProgramPath+url.PathEscape(key), Claim{Member: member, Ref: id}, programLife)
}

// programBody is what program.html shows.
type programBody struct {
	Name, Purpose, Key string
	Token              string // "" = nobody is known to look
	Person             string // who looks
	Stages             []stageView
	Perks              []string
	Dates              []dateView
	Closed             bool
	In                 bool // they are enrolled
	Waits              bool // their application does
	Form               []questionView
	Apply              bool // they may apply
	Ask                bool // they may ask for a link by mail
	Said, Problem      string
}

type stageView struct {
	Name, Text string
	Now, Past  bool // of who looks
	Steps      []stepView
}

type stepView struct {
	Key, Title, Link string
	Done, Mine       bool
}

type dateView struct{ When, Title, Link string }

type questionView struct {
	Name, Label, Value string
	Choice, Link       bool
	Options            []string
	Required           bool
}

type programPage struct {
	*Site
	view *view[programBody]
}

func (s *Site) addProgram() error {
	if s.cfg.Programs == nil {
		return nil
	}
	v, err := parse[programBody]("program")
	if err != nil {
		return err
	}
	p := &programPage{s, v}
	s.handle("GET "+ProgramPath+"{key}", p.show)
	s.handle("POST "+ProgramPath+"{key}/apply", p.apply)
	s.handle("POST "+ProgramPath+"{key}/withdraw", p.withdraw)
	s.handle("POST "+ProgramPath+"{key}/steps", p.steps)
	s.handle("POST "+ProgramPath+"{key}/leave", p.leave)
	s.handle("POST "+ProgramPath+"{key}/link", p.link)
	return nil
}

// look is a program with who looks at it; the zero member = nobody is known to.
type look struct {
	program.Program
	member greenroom.Member
	in     *program.Enrollment
	waits  *program.Application
}

// read finds the program of the address and, where the request came by a link, who it is for.
func (p *programPage) read(w http.ResponseWriter, r *http.Request) (*look, error) {
	hidden := greenroom.Errorf(greenroom.CodeNotFound, "there is no such program; it may be over")
	l := &look{}
	var err error
	if l.Program, err = p.cfg.Programs.Get(r.Context(), r.PathValue("key")); greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return nil, hidden
	} else if err != nil {
		return nil, err
	}
	if r.FormValue("t") == "" {
		if !l.Plan.Public || l.State != program.Running {
			return nil, hidden
		}
		return l, nil
	}
	c, err := p.open(w, r, KindProgram)
	if err != nil {
		return nil, err
	}
	if c.Ref != l.ID {
		return nil, hidden
	}
	if l.member, err = p.whom(r, c.Member); err != nil {
		return nil, err
	}
	return l, p.standing(r.Context(), l)
}

// standing finds out whether they are in it, or want to be.
func (p *programPage) standing(ctx context.Context, l *look) error {
	in, err := p.cfg.Programs.Enrollments(ctx, program.PeopleFilter{Program: l.ID, Member: l.member.ID, Limit: 1})
	if err != nil {
		return err
	}
	if len(in) > 0 {
		l.in = &in[0]
		return nil
	}
	all, err := p.cfg.Programs.Applications(ctx, l.Key, program.Open, program.Waiting)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(all, func(a program.Application) bool { return a.MemberID == l.member.ID }); i >= 0 {
		l.waits = &all[i]
	}
	return nil
}

func (p *programPage) show(w http.ResponseWriter, r *http.Request) error {
	l, err := p.read(w, r)
	if err != nil {
		return err
	}
	body := programBody{}
	switch r.FormValue("said") {
	case "applied":
		body.Said = "Thank you. We look at every application, and write to you."
	case "withdrawn":
		body.Said = "Your application is withdrawn."
	case "saved":
		body.Said = "Saved."
	case "left":
		body.Said = "You have left the program. Thank you for having been part of it."
	case "sent":
		body.Said = "If we know this address, your link is on its way to it."
	}
	return p.draw(w, r, l, http.StatusOK, body)
}

func (p *programPage) draw(w http.ResponseWriter, r *http.Request, l *look, status int, body programBody) error {
	plan := &l.Plan
	body.Name, body.Purpose, body.Key, body.Token, body.Person = l.Name, plan.Purpose, l.Key, r.FormValue("t"), l.member.Name
	body.Closed = l.State != program.Running
	body.In, body.Waits = l.in != nil, l.waits != nil
	body.Apply = body.Token != "" && !body.In && !body.Waits && !body.Closed
	body.Ask = body.Token == "" && p.cfg.Mailbox != nil
	now := -1
	if body.In {
		now = slices.IndexFunc(plan.Stages, func(s program.Stage) bool { return s.Key == l.in.Stage })
	}
	for i := range plan.Stages {
		s := &plan.Stages[i]
		v := stageView{Name: s.Name, Text: s.Text, Now: i == now, Past: i < now}
		for _, step := range s.Steps {
			key := s.Key + "/" + step.Key
			v.Steps = append(v.Steps, stepView{Key: key, Title: step.Title, Link: webLink(step.Link), Done: body.In && slices.Contains(l.in.Done, key), Mine: i == now})
		}
		body.Stages = append(body.Stages, v)
	}
	for _, perk := range plan.Perks {
		body.Perks = append(body.Perks, perk.Name)
	}
	for _, d := range plan.Dates {
		if d.At.After(p.cfg.Now()) {
			body.Dates = append(body.Dates, dateView{d.At.In(p.cfg.Now().Location()).Format("Monday, 2 January 2006, 15:04 MST"), d.Title, webLink(d.Link)})
		}
	}
	for _, q := range plan.Form {
		body.Form = append(body.Form, questionView{Name: "q-" + q.Key, Label: q.Label, Value: r.FormValue("q-" + q.Key), Choice: q.Type == program.Choice, Link: q.Type == program.Link, Options: q.Options, Required: q.Required})
	}
	return render(p.Site, w, r, p.view, status, english, l.Name, body)
}

// webLink lets only addresses of the web become links.
func webLink(text string) string {
	if u, err := url.Parse(text); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
		return text
	}
	return ""
}

// mine reads a request that only somebody who came by their link may make.
func (p *programPage) mine(w http.ResponseWriter, r *http.Request) (*look, error) {
	if r.FormValue("t") == "" {
		return nil, greenroom.Errorf(greenroom.CodeNotFound, "this needs your own link; ask for it on the program's page")
	}
	return p.read(w, r)
}

func (p *programPage) said(w http.ResponseWriter, r *http.Request, what string) error {
	q := values("said", what)
	if t := r.FormValue("t"); t != "" {
		q = values("t", t, "said", what)
	}
	http.Redirect(w, r, ProgramPath+url.PathEscape(r.PathValue("key"))+"?"+q, http.StatusSeeOther)
	return nil
}

func (p *programPage) apply(w http.ResponseWriter, r *http.Request) error {
	l, err := p.mine(w, r)
	if err != nil {
		return err
	}
	wish := program.Wish{Member: l.member.ID, Origin: "form", Answers: make(map[string]string)}
	for _, q := range l.Plan.Form {
		wish.Answers[q.Key] = r.FormValue("q-" + q.Key)
	}
	if _, err := p.cfg.Programs.Apply(r.Context(), l.Key, wish, byLink); err != nil {
		if greenroom.ErrorCode(err) == greenroom.CodeInvalid {
			return p.draw(w, r, l, http.StatusUnprocessableEntity, programBody{Problem: sentence(greenroom.ErrorMessage(err))})
		}
		return err
	}
	return p.said(w, r, "applied")
}

func (p *programPage) withdraw(w http.ResponseWriter, r *http.Request) error {
	l, err := p.mine(w, r)
	if err != nil {
		return err
	}
	if l.waits != nil {
		if _, err := p.cfg.Programs.Decide(r.Context(), l.waits.ID, program.Withdrawn, program.Admission{Reason: "by themselves"}, byLink); err != nil {
			return err
		}
	}
	return p.said(w, r, "withdrawn")
}

// steps stores which steps of the stage they are in they have done.
func (p *programPage) steps(w http.ResponseWriter, r *http.Request) error {
	l, err := p.mine(w, r)
	if err != nil {
		return err
	}
	if l.in == nil {
		return greenroom.Errorf(greenroom.CodeConflict, "you are not in the program any more")
	}
	stage, _ := l.Plan.Stage(l.in.Stage)
	for _, step := range stage.Steps {
		key := stage.Key + "/" + step.Key
		if done := r.FormValue(key) != ""; done != slices.Contains(l.in.Done, key) {
			if _, err := p.cfg.Programs.Step(r.Context(), l.Key, l.member.ID, step.Key, done, byLink); err != nil {
				return err
			}
		}
	}
	return p.said(w, r, "saved")
}

func (p *programPage) leave(w http.ResponseWriter, r *http.Request) error {
	l, err := p.mine(w, r)
	if err != nil {
		return err
	}
	if r.FormValue("sure") == "" {
		return p.draw(w, r, l, http.StatusUnprocessableEntity, programBody{Problem: "Tick the box above the button to say that you are sure."})
	}
	if l.in != nil {
		if _, err := p.cfg.Programs.Leave(r.Context(), l.Key, l.member.ID, "by themselves", byLink); err != nil {
			return err
		}
	}
	return p.said(w, r, "left")
}

// link sends somebody their link, where the address is known. Whether it is, the page does not tell.
func (p *programPage) link(w http.ResponseWriter, r *http.Request) error {
	l, err := p.read(w, r)
	if err != nil {
		return err
	}
	if p.cfg.Mailbox == nil {
		return greenroom.Errorf(greenroom.CodeUnavailable, "links are sent by the server only")
	}
	a, err := mail.ParseAddress(strings.TrimSpace(r.FormValue("email")))
	if err != nil {
		return p.draw(w, r, l, http.StatusUnprocessableEntity, programBody{Problem: "This is not a mail address; one looks like ana@example.com."})
	}
	member, err := p.cfg.Mailbox.MemberByAddress(r.Context(), a.Address)
	switch {
	case greenroom.ErrorCode(err) == greenroom.CodeNotFound:
	case err != nil:
		return err
	default:
		own, err := p.cfg.Links.Program(r.Context(), l.Key, l.ID, member)
		if err != nil {
			return err
		}
		now := p.cfg.Now()
		if _, err := p.cfg.Mailbox.Queue(r.Context(), outbox.Message{ // once an hour at most
			Key: fmt.Sprintf("program link %d %d %s", l.ID, member, now.UTC().Format("2006-01-02T15")), Channel: outbox.Email, Purpose: consent.Answer, Origin: outbox.Origin{Kind: "program", ID: l.ID, Step: "link"},
			MemberID: member, To: strings.ToLower(a.Address), Subject: l.Name + ": your link", State: outbox.Queued, CreatedAt: now, NotAfter: now.Add(24 * time.Hour),
			Text: "You asked for your link to " + l.Name + ":\n\n" + own + "\n\nIt is yours alone; whoever has it can act for you. If you did not ask for it, nothing happens when you ignore this mail.\n",
		}); err != nil {
			return err
		}
	}
	return p.said(w, r, "sent")
}
