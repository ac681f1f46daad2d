// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	"greenroom"
	"greenroom/internal/auth"
	crew "greenroom/internal/team"
)

// Crew is who is on the community team; team.Service keeps it.
type Crew interface {
	People(ctx context.Context) ([]crew.Person, error)
	SetProfile(ctx context.Context, p crew.Profile, by string) (crew.Person, error)
	Day(ctx context.Context, email string) (crew.Day, error)
	CrewAbsences
	CrewDuties
}

// CrewAbsences are when people are away.
type CrewAbsences interface {
	Absences(ctx context.Context, past bool) ([]crew.Absence, error)
	Leave(ctx context.Context, a crew.Absence, by string) (crew.Absence, error)
	Return(ctx context.Context, id int64, by string) (crew.Absence, error)
}

// CrewDuties are who answers for what.
type CrewDuties interface {
	Duties(ctx context.Context) ([]crew.Duty, error)
	SaveDuty(ctx context.Context, d crew.Duty, by string) (crew.Duty, error)
	RemoveDuty(ctx context.Context, id int64, by string) error
}

// NewAbsence is an absence to be written down.
type NewAbsence struct {
	Person  string `json:"person" doc:"Who is away: a mail address."`
	From    string `json:"from" doc:"The first day, as 2026-12-24."`
	To      string `json:"to" doc:"The last day."`
	StandIn string `json:"stand_in,omitempty" doc:"Who takes over: a mail address; left out = nobody, and everything stays."`
	Note    string `json:"note,omitempty" doc:"What the stand-in should know."`
}

// DutyChange is all of a responsibility, with the version that it was made from.
type DutyChange struct {
	crew.DutyDraft
	Version int64 `json:"version" doc:"The version that was looked at. With another one nothing is changed."`
}

// crewMay asks for somebody's own leave or that of who may connect sources.
func crewMay(c *call, email string) error {
	if c.caller.Can(auth.Connect) || strings.EqualFold(c.caller.User.Email, email) {
		return nil
	}
	return greenroom.Errorf(greenroom.CodeForbidden, "what is said of somebody, and their absences, are changed by themselves or by a manager")
}

func (a *api) crewOps() []op {
	if a.Crew == nil {
		return nil
	}
	conflict := []greenroom.Code{greenroom.CodeConflict}
	who := param{name: "who", form: formText, text: "Whose day, by mail address; left out = yours.", example: "ana@acme.example"}
	return append([]op{
		{
			method: http.MethodGet, path: "/team", id: "listTeam", tag: "Team", need: auth.Read, reply: content{of: Items[crew.Person]{}, example: Items[crew.Person]{Items: []crew.Person{exampleCrew()}}},
			summary: "The team", text: "Who may sign in, with roles, hours and absences, by mail address.",
			do: func(c *call) (answer, error) {
				all, err := a.Crew.People(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPut, path: "/team/profile", id: "setTeamProfile", tag: "Team", need: auth.Write, reply: content{of: crew.Person{}, example: exampleCrew()}, codes: conflict,
			summary: "Say who somebody of the team is and when they work", text: "Everybody for themselves, and managers for all. With another version than the profile has, nothing is changed and the answer is a conflict.",
			body: &content{of: crew.Profile{}, text: "The profile.", example: exampleCrew().Profile},
			do: func(c *call) (answer, error) {
				p, err := decode[crew.Profile](c)
				if err == nil {
					err = crewMay(c, p.Email)
				}
				if err != nil {
					return answer{}, err
				}
				x, err := a.Crew.SetProfile(c.ctx(), p, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(x)
			},
		},
		{
			method: http.MethodGet, path: "/my-day", id: "getDay", tag: "Team", need: auth.Read, params: []param{who},
			reply:   content{of: crew.Day{}, example: crew.Day{Person: exampleCrew(), Date: "2026-11-20", Items: []crew.Item{{Kind: crew.DayTask, Title: "Thank the champions", Link: "/tasks", At: exampleTime(20)}}, StandingIn: []crew.Absence{}, Away: []crew.Absence{}}},
			summary: "What somebody has before them today", text: "Tasks due, conversations, events, plans, checkpoints, notices, and who is away. For another than yourself it takes a manager.",
			do: func(c *call) (answer, error) {
				email := c.text("who")
				if email == "" {
					email = c.caller.User.Email
				}
				if err := crewMay(c, email); err != nil {
					return answer{}, err
				}
				d, err := a.Crew.Day(c.ctx(), email)
				if err != nil {
					return answer{}, err
				}
				return ok(d)
			},
		},
	}, append(a.absenceOps(conflict), a.dutyOps(conflict)...)...)
}

func (a *api) absenceOps(conflict []greenroom.Code) []op {
	one := content{of: crew.Absence{}, example: exampleAbsence()}
	return []op{
		{
			method: http.MethodGet, path: "/team/absences", id: "listAbsences", tag: "Team", need: auth.Read, params: []param{{name: "past", form: formFlag, initial: "false", text: "Those of the last year, too."}},
			reply:   content{of: Items[crew.Absence]{}, example: Items[crew.Absence]{Items: []crew.Absence{exampleAbsence()}}},
			summary: "Who is away", text: "Absences that are not over, by their beginning.",
			do: func(c *call) (answer, error) {
				all, err := a.Crew.Absences(c.ctx(), c.flag("past"))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/team/absences", id: "addAbsence", tag: "Team", need: auth.Write, status: http.StatusCreated, reply: one, codes: conflict,
			summary: "Be away", text: "Open tasks and conversations go to the stand-in on the first day, and what is still open comes back after the last.", body: &content{of: NewAbsence{}, text: "The absence.", example: NewAbsence{Person: "ana@acme.example", From: "2026-12-21", To: "2026-12-31", StandIn: "ben@acme.example"}},
			do: func(c *call) (answer, error) {
				n, err := decode[NewAbsence](c)
				if err == nil {
					err = crewMay(c, n.Person)
				}
				if err != nil {
					return answer{}, err
				}
				x, err := a.Crew.Leave(c.ctx(), crew.Absence{Person: n.Person, From: n.From, To: n.To, StandIn: n.StandIn, Note: n.Note}, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(x)
			},
		},
		{
			method: http.MethodPost, path: "/team/absences/{id}/end", id: "endAbsence", tag: "Team", need: auth.Write, params: []param{idParam("The absence's number.")}, reply: one, codes: conflict,
			summary: "Be back", text: "Ends an absence now, or calls it off where it has not begun.",
			do: func(c *call) (answer, error) {
				all, err := a.Crew.Absences(c.ctx(), false)
				if err != nil {
					return answer{}, err
				}
				for i := range all {
					if all[i].ID == c.id() {
						if err := crewMay(c, all[i].Person); err != nil {
							return answer{}, err
						}
					}
				}
				x, err := a.Crew.Return(c.ctx(), c.id(), c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(x)
			},
		},
	}
}

func (a *api) dutyOps(conflict []greenroom.Code) []op {
	one := content{of: crew.Duty{}, example: exampleDuty()}
	id := idParam("The responsibility's number.")
	save := func(c *call, d crew.Duty) (answer, error) {
		d, err := a.Crew.SaveDuty(c.ctx(), d, c.by())
		if err != nil {
			return answer{}, err
		}
		return ok(d)
	}
	return []op{
		{
			method: http.MethodGet, path: "/team/duties", id: "listDuties", tag: "Team", need: auth.Read, reply: content{of: Items[crew.Duty]{}, example: Items[crew.Duty]{Items: []crew.Duty{exampleDuty()}}},
			summary: "Who answers for what", text: "By kind and name.",
			do: func(c *call) (answer, error) {
				all, err := a.Crew.Duties(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/team/duties", id: "addDuty", tag: "Team", need: auth.Write, status: http.StatusCreated, reply: one,
			summary: "Say who answers for something", text: "A process, a program, a plan, a channel, or anything else.", body: &content{of: crew.DutyDraft{}, text: "Who.", example: exampleDuty().DutyDraft},
			do: func(c *call) (answer, error) {
				d, err := decode[crew.DutyDraft](c)
				if err != nil {
					return answer{}, err
				}
				return save(c, crew.Duty{DutyDraft: d})
			},
		},
		{
			method: http.MethodPut, path: "/team/duties/{id}", id: "changeDuty", tag: "Team", need: auth.Write, params: []param{id}, reply: one, codes: conflict,
			summary: "Change who answers for something", text: "Everything is set as it is sent. With another version, nothing is changed and the answer is a conflict.", body: &content{of: DutyChange{}, text: "Who, and the version.", example: DutyChange{DutyDraft: exampleDuty().DutyDraft, Version: 1}},
			do: func(c *call) (answer, error) {
				d, err := decode[DutyChange](c)
				if err != nil {
					return answer{}, err
				}
				return save(c, crew.Duty{ID: c.id(), Version: d.Version, DutyDraft: d.DutyDraft})
			},
		},
		{
			method: http.MethodDelete, path: "/team/duties/{id}", id: "removeDuty", tag: "Team", need: auth.Write, params: []param{id}, status: http.StatusNoContent,
			summary: "Take a responsibility away", text: "For good.", do: func(c *call) (answer, error) { return answer{}, a.Crew.RemoveDuty(c.ctx(), c.id(), c.by()) },
		},
	}
}

func exampleCrew() crew.Person {
	p := crew.Person{Profile: crew.Profile{Email: "ana@acme.example", Version: 1, Role: "Community manager", Zone: "Europe/Lisbon", Days: crew.OfficeHours()}, Name: "Ana Silva", Access: string(auth.RoleManager)}
	p.Weekly = p.WeekHours()
	return p
}

func exampleAbsence() crew.Absence {
	return crew.Absence{ID: 4, Person: "ana@acme.example", From: "2026-12-21", To: "2026-12-31", StandIn: "ben@acme.example", BeginsAt: exampleTime(21), EndsAt: exampleTime(28), CreatedBy: "ana@acme.example", CreatedAt: exampleTime(2)}
}

func exampleDuty() crew.Duty {
	return crew.Duty{ID: 5, Version: 1, DutyDraft: crew.DutyDraft{Kind: crew.OfChannel, Subject: "#help on Slack", Accountable: "ana@acme.example", Responsible: []string{"ben@acme.example", "Champions"}}}
}

// crewEnums lists the values of the types of the team.
func crewEnums(all map[reflect.Type][]string) {
	enum(all, crew.Kinds()...)
	enum(all, crew.ItemKinds()...)
}

// crewTypeName names the types of the team, which go by short names in their package.
func crewTypeName(t reflect.Type) (string, bool) {
	if t.PkgPath() == reflect.TypeFor[crew.Person]().PkgPath() {
		return "Team" + t.Name(), true
	}
	switch t {
	case reflect.TypeFor[Items[crew.Person]](), reflect.TypeFor[Items[crew.Absence]](), reflect.TypeFor[Items[crew.Duty]]():
		return "Team" + t.Field(0).Type.Elem().Name() + "Items", true
	}
	return "", false
}
