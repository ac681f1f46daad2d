// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"greenroom"
	crew "greenroom/internal/team"
	"greenroom/internal/web/ui"
)

const (
	crewPath  = "/team"
	myDayPath = "/my-day"
)

// Crew is who is on the community team; team.Service keeps it.
type Crew interface {
	People(ctx context.Context) ([]crew.Person, error)
	Person(ctx context.Context, email string) (crew.Person, error)
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

// crewBody is what team.html shows.
type crewBody struct {
	Head    ui.Head
	People  ui.Table
	Away    ui.Rows
	NoAway  *ui.Empty
	Duties  []crewDuty
	NoDuty  *ui.Empty
	Dialogs []ui.Dialog
}

// crewDuty is a line of who answers for what.
type crewDuty struct {
	Kind, Subject, Href                           string
	Accountable, Responsible, Consulted, Informed string
	Gap                                           string
	Actions                                       []ui.Action
}

// dayBody is what myday.html shows.
type dayBody struct {
	Head   ui.Head
	Views  ui.Segments
	Groups []taskGroup
	Away   ui.Rows
	Empty  *ui.Empty
}

type crewPages struct {
	*Site
	list *ui.View[crewBody]
	edit *ui.View[goalEditBody]
	day  *ui.View[dayBody]
}

func (s *Site) addCrew() error {
	if s.cfg.Crew == nil {
		return nil
	}
	p := &crewPages{Site: s}
	var err error
	if p.list, err = ui.Parse[crewBody](s.kit, templates, "templates/team.html"); err != nil {
		return err
	}
	if p.edit, err = ui.Parse[goalEditBody](s.kit, templates, "templates/goaledit.html"); err != nil {
		return err
	}
	if p.day, err = ui.Parse[dayBody](s.kit, templates, "templates/myday.html"); err != nil {
		return err
	}
	s.handle("GET /team", p.show)
	s.change("GET /team/person", mayWrite, p.showPerson)
	s.change("POST /team/person", mayWrite, p.savePerson)
	s.change("POST /team/absences", mayWrite, p.leave)
	s.change("POST /team/absences/{id}/end", mayWrite, p.returned)
	s.change("POST /team/duties", mayWrite, p.saveDuty)
	s.change("POST /team/duties/{id}/remove", mayWrite, p.removeDuty)
	s.handle("GET /my-day", p.showDay)
	return nil
}

func crewHref(email string) string {
	return crewPath + "/person?" + url.Values{"who": {email}}.Encode()
}

// mayFor reports whether somebody changes what is said of a person: themselves, and managers.
func mayFor(p Person, email string) bool {
	return p.MayConnect || p.MayWrite && strings.EqualFold(p.Seed, email)
}

func (p *crewPages) show(w http.ResponseWriter, r *http.Request) error {
	people, err := p.cfg.Crew.People(r.Context())
	if err != nil {
		return err
	}
	away, err := p.cfg.Crew.Absences(r.Context(), false)
	if err != nil {
		return err
	}
	duties, err := p.cfg.Crew.Duties(r.Context())
	if err != nil {
		return err
	}
	me := person(r)
	body := crewBody{Head: ui.Head{Title: "Team", Subtitle: "Who does what and when, who is away, and who takes over", Find: true, Actions: []ui.Action{{Label: "My day", Href: myDayPath}}}}
	names := crewNames(people)
	body.People = crewTable(people, me)
	body.Away, body.NoAway = p.awayRows(away, names, me)
	for i := range duties {
		d := &duties[i]
		x := crewDuty{Kind: string(d.Kind), Subject: d.Subject, Href: d.Link, Accountable: named(names, d.Accountable), Responsible: named(names, d.Responsible...), Consulted: named(names, d.Consulted...), Informed: named(names, d.Informed...), Gap: d.Gap()}
		if me.MayWrite {
			id := "duty" + idText(d.ID)
			x.Actions = []ui.Action{{Label: "Change", Label2: "Change: " + d.Subject, Dialog: id, Small: true, Style: ui.StyleQuiet}, {Label: "Remove", Label2: "Remove: " + d.Subject, Post: "/team/duties/" + idText(d.ID) + "/remove", Small: true, Style: ui.StyleQuiet}}
			body.Dialogs = append(body.Dialogs, dutyDialog(id, "Change who answers for it", d))
		}
		body.Duties = append(body.Duties, x)
	}
	if len(duties) == 0 {
		body.NoDuty = &ui.Empty{Title: "Nothing is written down yet", Text: "Say for each process, program, plan and channel who does it, who answers for it, who is asked before and who is told afterwards. The division of labor has it, too."}
	}
	if me.MayWrite {
		body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Who answers for…", Dialog: "duty"}, ui.Action{Label: "Be away…", Dialog: "away", Style: ui.StylePrimary})
		body.Dialogs = append(body.Dialogs, dutyDialog("duty", "Who answers for what", &crew.Duty{DutyDraft: crew.DutyDraft{Kind: crew.OfProcess}}), awayDialog(people, me))
	}
	return render(p.Site, w, r, p.list, "Team", body)
}

func crewTable(people []crew.Person, me Person) ui.Table {
	t := ui.Table{Caption: "The team", Columns: []ui.Column{{Label: "Who"}, {Label: "Role"}, {Label: "Works"}, {Label: "Time zone"}, {Label: "Hours a week", Number: true}, {Label: "Member"}}, Empty: &ui.Empty{Title: "Nobody signs in yet", Text: "The team are those who may sign in. Invite them under Settings, People."}}
	for i := range people {
		x := &people[i]
		c := ui.Cell{Text: x.Label(), Avatar: &ui.Avatar{Name: x.Label(), Seed: x.Email, Size: "sm"}, Sub: x.Email}
		if mayFor(me, x.Email) {
			c.Href = crewHref(x.Email)
		}
		if x.Away != "" {
			c.Pills = []ui.Pill{{Text: "away until " + dayText(x.Away), Tone: ui.ToneWarn}}
		}
		works := ui.Cell{Text: crew.FormatDays(x.Days)}
		if !x.Said() {
			works = ui.Cell{Sub: "not said: 40 h are taken"}
		}
		member := ui.Cell{Text: x.Member}
		if x.MemberID > 0 {
			member.Href = memberHref(x.MemberID)
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{c, {Text: x.Role, Sub: strings.Join(x.Also, ", ")}, works, {Text: x.Zone}, {Text: ui.Decimal(x.Weekly, 1)}, member}})
	}
	return t
}

func (p *crewPages) awayRows(all []crew.Absence, names teamNames, me Person) (ui.Rows, *ui.Empty) {
	rows := ui.Rows{Label: "Absences"}
	now := p.cfg.Now()
	for i := range all {
		a := &all[i]
		row := ui.Row{Title: named(names, a.Person), Text: a.Note, Meta: []ui.Meta{{Text: daysOf(a.From, a.To)}}}
		if a.StandIn == "" {
			row.Meta = append(row.Meta, ui.Meta{Text: "nobody stands in, everything stays"})
		} else {
			row.Meta = append(row.Meta, ui.Meta{Text: named(names, a.StandIn) + " stands in"})
		}
		label := "Call off"
		if a.Now(now) {
			row.Pills, label = []ui.Pill{{Text: "away", Tone: ui.ToneWarn}}, "Back already"
			if a.Moved > 0 {
				row.Meta = append(row.Meta, ui.Meta{Text: countText(a.Moved, "thing", "things") + " handed over"})
			}
		}
		if mayFor(me, a.Person) {
			row.Actions = []ui.Action{{Label: label, Label2: label + ": " + row.Title, Post: "/team/absences/" + idText(a.ID) + "/end", Small: true}}
		}
		rows.Items = append(rows.Items, row)
	}
	if len(all) > 0 {
		return rows, nil
	}
	return rows, &ui.Empty{Title: "Everybody is here", Text: "Write down when somebody is away and who stands in. Their tasks and conversations go to the stand-in then, and what is still open comes back."}
}

func awayDialog(people []crew.Person, me Person) ui.Dialog {
	var who, stand []ui.Option
	stand = append(stand, ui.Option{Label: "Nobody: everything stays"})
	for i := range people {
		o := ui.Option{Value: people[i].Email, Label: people[i].Label()}
		if mayFor(me, o.Value) {
			who = append(who, o)
		}
		stand = append(stand, o)
	}
	return ui.Dialog{ID: "away", Title: "Be away", Text: "Open tasks and conversations go to the stand-in on the first day, and what is still open comes back after the last.", Form: ui.Form{Post: "/team/absences", Fields: []ui.Field{
		{Name: "person", Label: "Who is away", Type: "select", Options: who, Value: me.Seed},
		{Name: "from", Label: "First day", Type: "date", Required: true},
		{Name: "to", Label: "Last day", Type: "date", Required: true},
		{Name: "stand_in", Label: "Who stands in", Type: "select", Options: stand},
		{Name: "note", Label: "What the stand-in should know", Type: "textarea"},
	}, Actions: []ui.Action{{Label: "Write it down", Submit: true, Style: ui.StylePrimary}}}}
}

func dutyDialog(id, title string, d *crew.Duty) ui.Dialog {
	var kinds []ui.Option
	for _, k := range crew.Kinds() {
		kinds = append(kinds, ui.Option{Value: string(k), Label: string(k)})
	}
	f := ui.Form{Post: "/team/duties", Hidden: []ui.Hidden{{Name: "id", Value: idText(d.ID)}, {Name: "version", Value: idText(d.Version)}}, Fields: []ui.Field{
		{Name: "kind", Label: "What it is", Type: "select", Options: kinds, Value: string(d.Kind)},
		{Name: "subject", Label: "Its name", Value: d.Subject, Required: true, Placeholder: "#help on Slack"},
		{Name: "accountable", Label: "Accountable: answers for it", Value: d.Accountable, Placeholder: "ana@example.org"},
		{Name: "responsible", Label: "Responsible: do it", Value: strings.Join(d.Responsible, ", "), Help: "Mail addresses, roles or names, with commas between."},
		{Name: "consulted", Label: "Consulted: asked before", Value: strings.Join(d.Consulted, ", ")},
		{Name: "informed", Label: "Informed: told afterwards", Value: strings.Join(d.Informed, ", ")},
		{Name: "link", Label: "Its page", Value: d.Link, Placeholder: "/processes/1"},
	}, Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}}}
	for i := range f.Fields {
		f.Fields[i].Prefix = id
	}
	return ui.Dialog{ID: id, Title: title, Form: f}
}

func (p *crewPages) showPerson(w http.ResponseWriter, r *http.Request) error {
	x, err := p.cfg.Crew.Person(r.Context(), firstText(r.URL.Query().Get("who"), person(r).Seed))
	if err != nil {
		return err
	}
	v := url.Values{"who": {x.Email}, "version": {idText(x.Version)}, "role": {x.Role}, "also": {strings.Join(x.Also, ", ")}, "zone": {x.Zone}, "hours": {crew.FormatDays(x.Days)}, "member": {zeroAsNone(idText(x.MemberID))}, "muted": x.Muted}
	return p.personForm(w, r, &x, v, nil)
}

func (p *crewPages) personForm(w http.ResponseWriter, r *http.Request, x *crew.Person, v url.Values, problem error) error {
	body := goalEditBody{Head: ui.Head{Title: x.Label(), Subtitle: x.Email, Back: &ui.Action{Label: "Team", Href: crewPath}}, Form: ui.Form{Post: "/team/person", Hidden: []ui.Hidden{{Name: "who", Value: x.Email}, {Name: "version", Value: v.Get("version")}}}}
	if problem != nil {
		body.Form.Error = sentence(greenroom.ErrorMessage(problem))
	}
	body.Form.Fields = []ui.Field{
		{Name: "role", Label: "Role in the community team", Type: "select", Value: v.Get("role"), Options: processRoleOptions(v.Get("role"), true)},
		{Name: "also", Label: "Other roles", Value: v.Get("also"), Help: "With commas between. Roles may overlap."},
		{Name: "hours", Label: "Working hours", Value: v.Get("hours"), Placeholder: "Mon-Fri 9:00-17:00", Help: "Several with commas between: Mon-Thu 9:00-15:00, Fri 9:00-12:00."},
		{Name: "zone", Label: "Time zone", Value: v.Get("zone"), Zones: true, Placeholder: "Europe/Lisbon", Help: "Empty = that of the community."},
		{Name: "member", Label: "Member that they are, by number", Value: v.Get("member"), Type: "number"},
	}
	for _, k := range crew.NoticeKinds() {
		body.Form.Fields = append(body.Form.Fields, ui.Field{Name: "tell", Type: "checkbox", Value: k, Prefix: k, Label: "Tell of: " + k, Checked: !slices.Contains(v["muted"], k)})
	}
	body.Form.Actions = []ui.Action{{Label: "Cancel", Href: crewPath}, {Label: "Save", Submit: true, Style: ui.StylePrimary}}
	return render(p.Site, w, r, p.edit, x.Label(), body)
}

func (p *crewPages) savePerson(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form did not arrive whole; send it again")
	}
	v, me := r.PostForm, person(r)
	x, err := p.cfg.Crew.Person(r.Context(), v.Get("who"))
	if err != nil {
		return err
	}
	if !mayFor(me, x.Email) {
		return greenroom.Errorf(greenroom.CodeForbidden, "what is said of %s is changed by themselves or a manager", x.Label())
	}
	pr := crew.Profile{Email: x.Email, Role: v.Get("role"), Also: listIn(v.Get("also")), Zone: v.Get("zone")}
	for _, k := range crew.NoticeKinds() {
		if !slices.Contains(v["tell"], k) {
			pr.Muted = append(pr.Muted, k)
		}
	}
	v["muted"] = pr.Muted
	pr.Days, err = crew.ParseDays(v.Get("hours"))
	if err == nil {
		pr.Version, err = formID(r, "version")
	}
	if err == nil && v.Get("member") != "" {
		pr.MemberID, err = formID(r, "member")
	}
	if err == nil {
		_, err = p.cfg.Crew.SetProfile(r.Context(), pr, me.Actor)
	}
	if err != nil {
		if !forPeople(err) {
			return err
		}
		return p.personForm(w, r, &x, v, err)
	}
	return p.back(w, r, crewPath, "What is said of "+x.Label()+" is changed.", "")
}

func (p *crewPages) leave(w http.ResponseWriter, r *http.Request) error {
	who := firstText(r.FormValue("person"), person(r).Seed)
	if !mayFor(person(r), who) {
		return greenroom.Errorf(greenroom.CodeForbidden, "an absence is written down by whoever is away, or by a manager")
	}
	a, err := p.cfg.Crew.Leave(r.Context(), crew.Absence{Person: who, From: r.FormValue("from"), To: r.FormValue("to"), StandIn: r.FormValue("stand_in"), Note: r.FormValue("note")}, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, crewPath, "Away "+daysOf(a.From, a.To)+".", "")
}

func (p *crewPages) returned(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	all, err := p.cfg.Crew.Absences(r.Context(), false)
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].ID == id && !mayFor(person(r), all[i].Person) {
			return greenroom.Errorf(greenroom.CodeForbidden, "an absence is ended by whoever is away, or by a manager")
		}
	}
	if _, err := p.cfg.Crew.Return(r.Context(), id, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, crewPath, "The absence is over; what is still open is back.", "")
}

func (p *crewPages) saveDuty(w http.ResponseWriter, r *http.Request) error {
	d := crew.Duty{DutyDraft: crew.DutyDraft{Kind: crew.Kind(r.FormValue("kind")), Subject: r.FormValue("subject"), Link: r.FormValue("link"), Accountable: r.FormValue("accountable"), Responsible: listIn(r.FormValue("responsible")), Consulted: listIn(r.FormValue("consulted")), Informed: listIn(r.FormValue("informed"))}}
	var err error
	if d.ID, err = formID(r, "id"); err != nil {
		return err
	}
	if d.Version, err = formID(r, "version"); err != nil {
		return err
	}
	if d, err = p.cfg.Crew.SaveDuty(r.Context(), d, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, crewPath, "Who answers for "+d.Subject+" is written down.", "")
}

func (p *crewPages) removeDuty(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := p.cfg.Crew.RemoveDuty(r.Context(), id, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, crewPath, "It is taken away.", "")
}
