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
	"time"

	"greenroom"
	todo "greenroom/internal/task"
	"greenroom/internal/web/ui"
)

// Tasks are what people of the team are to do, and what they are told; todo.Service keeps them.
type Tasks interface {
	List(ctx context.Context, f todo.Filter) ([]todo.Task, error)
	Get(ctx context.Context, id int64) (todo.Task, error)
	Add(ctx context.Context, d todo.Draft, by string) (todo.Task, error)
	Edit(ctx context.Context, id int64, p todo.Patch, by string) (todo.Task, error)
	Finish(ctx context.Context, id int64, done bool, by string) (todo.Task, error)
	Told
}

// Told is what people are told.
type Told interface {
	Told(ctx context.Context, person string, unseen bool, below int64, limit int) ([]todo.Notice, error)
	See(ctx context.Context, person string, upTo int64) error
	SeeOne(ctx context.Context, person string, id int64) error
	Unseen(ctx context.Context, person string) (int64, error)
}

const (
	tasksPath   = "/tasks"
	noticesPath = "/notices"
)

// tasksBody is what tasks.html shows.
type tasksBody struct {
	Head    ui.Head
	Views   ui.Segments
	Groups  []taskGroup
	Empty   *ui.Empty
	Dialogs []ui.Dialog
}

// taskGroup is tasks that are due at about the same time.
type taskGroup struct {
	Head ui.CardHead
	Rows ui.Rows
}

// noticesBody is what notices.html shows.
type noticesBody struct {
	Head  ui.Head
	Views ui.Segments
	Rows  ui.Rows
	Pager *ui.Pager
	Empty *ui.Empty
}

type taskPages struct {
	*Site
	tasks   *ui.View[tasksBody]
	notices *ui.View[noticesBody]
}

func (s *Site) addTasks() error {
	if s.cfg.Tasks == nil {
		return nil
	}
	p := &taskPages{Site: s}
	var err error
	if p.tasks, err = ui.Parse[tasksBody](s.kit, templates, "templates/tasks.html"); err != nil {
		return err
	}
	if p.notices, err = ui.Parse[noticesBody](s.kit, templates, "templates/notices.html"); err != nil {
		return err
	}
	s.handle("GET /tasks", p.show)
	s.change("POST /tasks", mayWrite, p.add)
	s.change("POST /tasks/{id}", mayWrite, p.edit)
	s.change("POST /tasks/{id}/done", mayWrite, p.finish(true))
	s.change("POST /tasks/{id}/reopen", mayWrite, p.finish(false))
	s.handle("GET /notices", p.told)
	s.change("POST /notices/seen", func(Person) bool { return true }, p.see)
	s.change("POST /notices/{id}/open", func(Person) bool { return true }, p.openNotice)
	return nil
}

// taskViews are the lists of tasks.
var taskViews = [][2]string{{"Mine", ""}, {"Nobody's", "open"}, {"Everybody's", "all"}, {"Done", "done"}}

func (p *taskPages) show(w http.ResponseWriter, r *http.Request) error {
	view, me := r.URL.Query().Get("view"), person(r)
	f := todo.Filter{Owner: me.Seed}
	switch view {
	case "open":
		f = todo.Filter{Unowned: true}
	case "all":
		f = todo.Filter{}
	case "done":
		f = todo.Filter{Done: true}
	}
	all, err := p.cfg.Tasks.List(r.Context(), f)
	if err != nil {
		return err
	}
	people, err := p.people(r)
	if err != nil {
		return err
	}
	body := tasksBody{Head: ui.Head{Title: "My work", Subtitle: "What you and your team are to do, by when it is due", Find: true}, Views: ui.Segments{Label: "Whose work"}}
	for _, v := range taskViews {
		body.Views.Items = append(body.Views.Items, ui.Segment{Label: v[0], Href: withQuery(tasksPath, nonEmpty("view", v[1])), Active: v[1] == view})
	}
	if me.MayWrite {
		body.Head.Actions = []ui.Action{{Label: "New task", Dialog: "new", Key: "n", Style: ui.StylePrimary}}
		body.Dialogs = append(body.Dialogs, ui.Dialog{ID: "new", Title: "New task", Form: p.form(tasksPath, "Make the task", &todo.Task{Owner: me.Seed}, people, view)})
	}
	body.Groups = p.groups(all, people, view, me.MayWrite)
	if me.MayWrite {
		for i := range all {
			id := idText(all[i].ID)
			body.Dialogs = append(body.Dialogs, ui.Dialog{ID: "task" + id, Title: "Change the task", Form: p.form(tasksPath+"/"+id, "Save", &all[i], people, view)})
		}
	}
	if view == "" {
		ofPlans, err := p.planTasks(r, me.Seed)
		if err != nil {
			return err
		}
		body.Groups = append(body.Groups, ofPlans...)
	}
	if len(body.Groups) == 0 {
		body.Empty = &ui.Empty{Title: "Nothing to do here", Text: "Tasks come from workflows, programs and rules, and from you: press n to make one, with a day on which it is due and whoever is to do it."}
		if view == "done" {
			body.Empty = &ui.Empty{Title: "Nothing is done yet", Text: "What you mark as done stands here, and can be taken back."}
		}
	}
	return render(p.Site, w, r, p.tasks, "My work", body)
}

func nonEmpty(name, value string) url.Values {
	if value == "" {
		return nil
	}
	return url.Values{name: {value}}
}

// people are those who can own a task, by mail address.
func (p *taskPages) people(r *http.Request) ([]ui.Option, error) {
	all := []ui.Option{{Value: "", Label: "Nobody yet"}}
	if p.cfg.Inbox == nil {
		return append(all, ui.Option{Value: person(r).Seed, Label: "Me"}), nil
	}
	team, err := p.cfg.Inbox.Team(r.Context())
	for _, t := range team {
		all = append(all, ui.Option{Value: t.Email, Label: t.Label()})
	}
	return all, err
}

// withOwner adds an owner who is among the people no longer, so that a form does not take away what is theirs.
func withOwner(people []ui.Option, owner string) []ui.Option {
	if owner == "" || slices.ContainsFunc(people, func(o ui.Option) bool { return strings.EqualFold(o.Value, owner) }) {
		return people
	}
	return append(slices.Clone(people), ui.Option{Value: owner, Label: owner + " (no longer on the team)"})
}

func (p *taskPages) form(post, button string, t *todo.Task, people []ui.Option, view string) ui.Form {
	due := ""
	if !t.DueAt.IsZero() {
		due = t.DueAt.In(p.cfg.Zones.Zone()).Format(time.DateOnly)
	}
	f := ui.Form{Post: post, Hidden: []ui.Hidden{{Name: "view", Value: view}}, Actions: []ui.Action{{Label: button, Submit: true, Style: ui.StylePrimary}}, Fields: []ui.Field{
		{Name: "title", Label: "What is to be done", Required: true, Value: t.Title},
		{Name: "due", Label: "Due", Type: "date", Value: due},
		{Name: "owner", Label: "Who does it", Type: "select", Options: withOwner(people, t.Owner), Value: t.Owner},
		{Name: "note", Label: "Note", Type: "textarea", Value: t.Note},
		{Name: "link", Label: "Link", Value: t.Link, Placeholder: "https://docs.example.org/plan"},
	}}
	for i := range f.Fields {
		f.Fields[i].Prefix = "t" + idText(t.ID)
	}
	return f
}

// groups puts tasks under when they are due.
func (p *taskPages) groups(all []todo.Task, people []ui.Option, view string, may bool) []taskGroup {
	now := p.cfg.Now().In(p.cfg.Zones.Zone())
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	var groups []taskGroup
	for i := range all {
		t := &all[i]
		name := "No date"
		switch due := t.DueAt; {
		case view == "done":
			name = "Done"
		case due.IsZero():
		case due.Before(today):
			name = "Overdue"
		case due.Before(today.AddDate(0, 0, 1)):
			name = "Today"
		case due.Before(today.AddDate(0, 0, 8)):
			name = "In the next 7 days"
		default:
			name = "Later"
		}
		if n := len(groups); n == 0 || groups[n-1].Head.Title != name {
			groups = append(groups, taskGroup{Head: ui.CardHead{Title: name}, Rows: ui.Rows{Label: name}})
		}
		g := &groups[len(groups)-1]
		g.Rows.Items = append(g.Rows.Items, taskRow(t, now, people, view, may))
	}
	for i := range groups {
		groups[i].Head.Note = countText(int64(len(groups[i].Rows.Items)), "task", "tasks")
	}
	return groups
}

func taskRow(t *todo.Task, now time.Time, people []ui.Option, view string, may bool) ui.Row {
	id := idText(t.ID)
	row := ui.Row{ID: "task" + id, Title: t.Title, Strong: t.DoneAt.IsZero(), Text: t.Note}
	if strings.HasPrefix(t.Link, "/") {
		row.Href = inside(t.Link).String()
	} else if to := outside(t.Link); to != "" {
		row.Href = to
	}
	owner := firstText(t.Owner, "nobody yet")
	for _, o := range people {
		if o.Value == t.Owner && t.Owner != "" {
			owner = o.Label
		}
	}
	row.Meta = []ui.Meta{{Text: owner}}
	if t.MemberID > 0 {
		row.Meta = append(row.Meta, ui.Meta{Text: firstText(t.Member, "member"), Href: memberHref(t.MemberID)})
	}
	if t.Origin != "" && t.Origin != "person" {
		row.Meta = append(row.Meta, ui.Meta{Text: "from " + t.Origin})
	}
	if !t.DueAt.IsZero() {
		pill := ui.Pill{Text: "due " + t.DueAt.In(now.Location()).Format("2 January 2006")}
		if t.DoneAt.IsZero() && t.DueAt.Before(now.AddDate(0, 0, -1)) {
			pill.Tone = ui.ToneBad
		}
		row.Pills = append(row.Pills, pill)
	}
	hidden := []ui.Hidden{{Name: "view", Value: view}}
	switch {
	case !may:
	case t.DoneAt.IsZero():
		row.Actions = []ui.Action{{Label: "Change", Label2: "Change: " + t.Title, Dialog: "task" + id, Small: true, Style: ui.StyleQuiet}, {Label: "Done", Label2: "Done: " + t.Title, Post: tasksPath + "/" + id + "/done", Hidden: hidden, Small: true}}
	default:
		row.Meta = append(row.Meta, ui.Meta{Text: "done by " + t.DoneBy, Time: t.DoneAt})
		row.Actions = []ui.Action{{Label: "Not done", Label2: "Not done: " + t.Title, Post: tasksPath + "/" + id + "/reopen", Hidden: hidden, Small: true}}
	}
	return row
}

// due reads a day; the zero time where none is given.
func (p *taskPages) due(r *http.Request) (time.Time, error) {
	text := r.FormValue("due")
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, p.cfg.Zones.Zone())
	if err != nil {
		return day, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the day on which it is due is written as 2026-12-24", Err: err}
	}
	return day, nil
}

func (p *taskPages) add(w http.ResponseWriter, r *http.Request) error {
	due, err := p.due(r)
	if err != nil {
		return err
	}
	if _, err := p.cfg.Tasks.Add(r.Context(), todo.Draft{Title: r.FormValue("title"), Note: r.FormValue("note"), Link: r.FormValue("link"), Owner: r.FormValue("owner"), DueAt: due}, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, p.list(r), "The task is made.", "")
}

// list is the address of the list that a form was sent from.
func (p *taskPages) list(r *http.Request) string {
	return withQuery(tasksPath, nonEmpty("view", r.FormValue("view")))
}

func (p *taskPages) edit(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	due, err := p.due(r)
	if err != nil {
		return err
	}
	text := func(name string) *string { v := r.FormValue(name); return &v }
	if _, err := p.cfg.Tasks.Edit(r.Context(), id, todo.Patch{Title: text("title"), Note: text("note"), Link: text("link"), Owner: text("owner"), DueAt: &due}, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, p.list(r), "The task is changed.", "")
}

func (p *taskPages) finish(done bool) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		t, err := p.cfg.Tasks.Finish(r.Context(), id, done, person(r).Actor)
		if err != nil {
			return err
		}
		if !done {
			return p.back(w, r, p.list(r), "To be done again: "+t.Title+".", "")
		}
		return p.back(w, r, p.list(r), "Done: "+t.Title+".", tasksPath+"/"+idText(id)+"/reopen")
	}
}

const shownNotices = 50

func (p *taskPages) told(w http.ResponseWriter, r *http.Request) error {
	me := person(r).Seed
	unseen := r.URL.Query().Get("view") != "all"
	below, err := strconv.ParseInt(r.URL.Query().Get("below"), 10, 64)
	if err != nil || below < 0 {
		below = 0
	}
	all, err := p.cfg.Tasks.Told(r.Context(), me, unseen, below, shownNotices+1)
	if err != nil {
		return err
	}
	body := noticesBody{Head: ui.Head{Title: "Notices", Subtitle: "What Greenroom and your team tell you: mentions, what was given to you, what is late", Find: true}, Views: ui.Segments{Label: "Which notices", Items: []ui.Segment{
		{Label: "New", Href: noticesPath, Active: unseen}, {Label: "All", Href: noticesPath + "?view=all", Active: !unseen},
	}}, Rows: ui.Rows{Label: "Notices"}}
	if len(all) > shownNotices {
		all = all[:shownNotices]
		q := nonEmpty("view", r.URL.Query().Get("view"))
		if q == nil {
			q = url.Values{}
		}
		q.Set("below", idText(all[len(all)-1].ID))
		body.Pager = &ui.Pager{Text: ui.Number(shownNotices) + " shown", Older: withQuery(noticesPath, q)}
	}
	for i := range all {
		n := &all[i]
		row := ui.Row{ID: "n" + idText(n.ID), Title: n.Title, Strong: n.SeenAt.IsZero(), Text: excerpt(n.Text, 300), Meta: []ui.Meta{{Time: n.At}}, Pills: []ui.Pill{{Text: n.Kind}}}
		if n.Link != "" {
			row.Href = inside(n.Link).String()
			row.Actions = []ui.Action{{Label: "Open", Label2: "Open: " + n.Title, Post: noticesPath + "/" + idText(n.ID) + "/open", Hidden: []ui.Hidden{{Name: "to", Value: row.Href}}, Small: true}}
		}
		body.Rows.Items = append(body.Rows.Items, row)
	}
	if unseen && len(all) > 0 {
		body.Head.Actions = []ui.Action{{Label: "Mark all as seen", Post: noticesPath + "/seen", Hidden: []ui.Hidden{{Name: "to", Value: idText(all[0].ID)}}, Key: "d"}}
	}
	if len(all) == 0 {
		body.Empty = &ui.Empty{Title: "Nothing new", Text: "You are told when somebody names you in a note with @, gives you a conversation or a task, and when a rule of the inbox says that something is late."}
	}
	return render(p.Site, w, r, p.notices, "Notices", body)
}

func (p *taskPages) see(w http.ResponseWriter, r *http.Request) error {
	upTo, err := strconv.ParseInt(r.FormValue("to"), 10, 64)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "say up to which notice all were seen")
	}
	if err := p.cfg.Tasks.See(r.Context(), person(r).Seed, upTo); err != nil {
		return err
	}
	return p.back(w, r, noticesPath, "Marked as seen.", "")
}

// openNotice leads to what a notice is about, which counts as seen then.
func (p *taskPages) openNotice(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := p.cfg.Tasks.SeeOne(r.Context(), person(r).Seed, id); err != nil {
		return err
	}
	http.Redirect(w, r, inside(r.FormValue("to")).String(), http.StatusSeeOther)
	return nil
}
