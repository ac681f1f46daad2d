// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/action"
	chore "greenroom/internal/task"
	"greenroom/internal/web/ui"
	"greenroom/internal/writeback"
)

// AccountTasks makes tasks in CRMs for the owners of accounts, and tells what was done of an account.
type AccountTasks interface {
	PreviewTasks(ctx context.Context, r *writeback.TaskRequest) (*writeback.TaskPreview, error)
	SendTasks(ctx context.Context, r *writeback.TaskRequest, key, by string, approved bool) (action.Action, error)
	// TaskSources names the sources in which tasks can be made for an account.
	TaskSources(ctx context.Context, organization int64) ([]string, error)
	// AccountActions lists items of actions that are about an account, the newest first.
	AccountActions(ctx context.Context, organization int64, limit int) ([]action.OfAccount, error)
}

const (
	writeTasks   = "/tasks"
	reasonField  = "reason-" // and a reason's name
	accountField = "account" // the only account that is meant
)

func (p *actionPages) accountTasks(w http.ResponseWriter, r *http.Request) error {
	values := map[string]string{accountField: r.URL.Query().Get(accountField)}
	for _, x := range writeback.TaskReasons() {
		values[reasonField+x.Name] = "true"
	}
	return p.showAccountTasks(w, r, values, nil, nil)
}

// taskRequest reads the form.
func (p *actionPages) taskRequest(r *http.Request) (*writeback.TaskRequest, map[string]string, error) {
	values, err := sentValues(r)
	if err != nil {
		return nil, nil, err
	}
	req := &writeback.TaskRequest{AccountFilter: writeback.AccountFilter{List: values["list"], Lifecycle: values["lifecycle"]}, Source: r.PathValue("name"), Link: p.greenroomAddress(r)}
	for _, x := range writeback.TaskReasons() {
		if values[reasonField+x.Name] != "" {
			req.Reasons = append(req.Reasons, x.Name)
		}
	}
	if len(req.Reasons) == 0 {
		return req, values, greenroom.Errorf(greenroom.CodeInvalid, "choose at least one reason that tasks are made for")
	}
	if text := values["within"]; text != "" {
		if req.Within, err = strconv.Atoi(text); err != nil || req.Within == 0 {
			return req, values, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a number of days to a renewal; expected 1 to 366", text)
		}
	}
	if text := values[accountField]; text != "" {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return req, values, greenroom.Errorf(greenroom.CodeInvalid, "%q is not the number of an account", text)
		}
		req.Accounts = []int64{id}
	}
	return req, values, nil
}

func (p *actionPages) previewOrSendTasks(w http.ResponseWriter, r *http.Request) error {
	req, values, err := p.taskRequest(r)
	if err == nil && values[thenField] == thenSend {
		return p.onceOrRepeated(w, r, values, writeback.Repeated{Tasks: req}, func(ctx context.Context) (action.Action, error) {
			return p.cfg.WriteBack.SendTasks(ctx, req, values[sendKey], person(r).Actor, true)
		}, func(err error) error { return p.showAccountTasks(w, r, values, nil, err) })
	}
	var preview *writeback.TaskPreview
	if err == nil {
		preview, err = p.cfg.WriteBack.PreviewTasks(r.Context(), req)
	}
	if err != nil && !forPeople(err) {
		return err
	}
	return p.showAccountTasks(w, r, values, preview, err)
}

func (p *actionPages) showAccountTasks(w http.ResponseWriter, r *http.Request, values map[string]string, preview *writeback.TaskPreview, problem error) error {
	src, err := p.cfg.Sources.Source(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	if !p.cfg.WriteBack.Writable(&src) {
		return greenroom.Errorf(greenroom.CodeNotFound, "nothing can be written to %s", src.Name)
	}
	body := writeBackBody{
		Head: ui.Head{
			Title: "Write back to " + src.Name, Back: &ui.Action{Label: src.Name, Href: sourceHref(src.Name)}, Subtitle: "What accounts give cause for, as tasks of their owners. You see which tasks would be made before anything is sent.",
			Actions: []ui.Action{{Label: "Earlier actions", Href: "/actions?source=" + url.QueryEscape(src.Name)}},
		},
		What: writeBackKinds(src.Name, writeTasks), Action: writeBackHref(src.Name) + writeTasks, Title: "Which accounts, and what for",
	}
	if text := values[accountField]; text != "" {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return greenroom.Errorf(greenroom.CodeNotFound, "%q is not the number of an account", text)
		}
		o, err := p.cfg.Objects.Organization(r.Context(), id)
		if err != nil {
			return err
		}
		body.Title, body.Hidden = "What for", []ui.Hidden{{Name: accountField, Value: text}}
		body.Head.Back, body.Head.Subtitle = &ui.Action{Label: o.Name, Href: accountHref(id)}, "What "+o.Name+" gives cause for, as tasks of its owner. You see which tasks would be made before anything is sent."
		body.What = ui.Segments{}
	} else {
		body.Asked = whichAccounts(values, "Tasks are put beside those of them that are a company in "+src.Name+". Accounts that are snoozed are left out.")
	}
	for _, x := range writeback.TaskReasons() {
		body.Asked = append(body.Asked, ui.Field{Name: reasonField + x.Name, Label: x.Label, Type: "checkbox", Value: "true", Checked: values[reasonField+x.Name] != "", Help: sentence(x.Once)})
	}
	body.Asked = append(body.Asked, ui.Field{Name: "within", Label: "Days to a renewal that is ahead", Type: "number", Value: firstText(values["within"], "90")})
	if len(body.Hidden) == 0 {
		body.Asked = append(body.Asked, repeatField(values[everyField], ""))
	}
	if body.Repeated, body.Dialogs, err = p.repeated(r.Context(), src.Name, writeBackHref(src.Name)); err != nil {
		return err
	}
	code := http.StatusOK
	if problem != nil {
		body.Problem, code = sentence(greenroom.ErrorMessage(problem)), http.StatusUnprocessableEntity
	}
	if preview != nil && problem == nil {
		body.Preview = taskPreviewCard(preview, values)
	}
	return send(w, code, func(to io.Writer) error { return p.write.Render(to, p.shell(r, body.Head.Title), body) })
}

const shownTasks = 50

// taskPreviewCard shows a preview, with a form that makes exactly what was previewed.
func taskPreviewCard(v *writeback.TaskPreview, values map[string]string) *previewCard {
	n := int64(len(v.Tasks))
	c := &previewCard{Title: "Which tasks would be made", KPIs: []ui.KPI{
		{Label: "Will be made", Value: ui.Number(int(n)), Note: "tasks"},
		{Label: "Made before", Value: ui.Number(int(v.Known)), Note: "are not made again"},
		{Label: "No company", Value: ui.Number(int(v.NoCompany)), Note: "of " + countText(v.Accounts, "account", "accounts") + " that give cause"},
	}}
	c.Rows = ui.Table{Caption: "Tasks that would be made", Columns: []ui.Column{{Label: "Account"}, {Label: "Task"}, {Label: "Whose"}, {Label: "Due"}}, Empty: &ui.Empty{Title: "No task to make", Text: "No account gives cause for a task that was not made before."}}
	if v.Accounts > 0 && v.NoCompany == v.Accounts {
		c.Rows.Empty.Text = "None of the accounts that give cause for one is a company here. Companies become accounts when they are taken in from this source."
	}
	for i := range v.Tasks[:min(n, shownTasks)] {
		t := &v.Tasks[i]
		c.Rows.Rows = append(c.Rows.Rows, ui.TableRow{ID: idText(t.Account) + "-" + t.Reason, Cells: []ui.Cell{
			{Text: t.Name, Href: accountHref(t.Account)}, {Text: t.Subject, Sub: excerpt(oneLine(t.Text), 140)}, {Text: firstText(t.Owner, "the company’s owner")}, {Text: unbroken(dayText(t.Due))},
		}})
	}
	if n > shownTasks {
		c.More = "The first " + strconv.Itoa(shownTasks) + " are shown."
	}
	more := c.More
	c.More = "" // which here says only what is shown
	c.offer(n, values)
	c.More = more
	if c.Send != nil {
		c.Send.Label = "Make " + countText(n, "task", "tasks")
		if values[everyField] != "" {
			c.Send.Label += " and repeat"
		}
	}
	return c
}

// oneLine writes the lines of a text behind each other.
func oneLine(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], ".:")
	}
	return strings.Join(lines, " · ")
}

// unbroken keeps the words of a date on one line.
func unbroken(text string) string { return strings.ReplaceAll(text, " ", "\u00a0") }

func taskTitle(it *action.Item) string { return firstText(it.After[writeback.TaskSubject], "(erased)") }

// dueWords says when a task is due, and whose it is.
func dueWords(day, owner string) string {
	if day == "" {
		return ""
	}
	return "due " + dayText(day) + ", for " + firstText(owner, "the company’s owner")
}

const shownOfAccount = 50

// accountTodo shows what is to be done for an account: tasks of the team, tasks in CRMs, and writes that are open or have failed.
func (p *accountPages) accountTodo(r *http.Request, id int64, body *accountBody) error {
	body.Todo.Label = "Tasks and actions"
	if p.cfg.ProgramTasks != nil {
		todo, err := p.cfg.ProgramTasks.Tasks(r.Context(), chore.Filter{Origin: "account", OriginID: id, Limit: shownOfAccount})
		if err != nil {
			return err
		}
		for i := range todo {
			t := &todo[i]
			row := ui.Row{Title: t.Title, Meta: []ui.Meta{{Text: firstText(t.Owner, "nobody yet")}}, Foot: []ui.Pill{{Text: "task of the team"}}}
			if !t.DueAt.IsZero() {
				row.Meta = append(row.Meta, ui.Meta{Text: "due " + dateText(t.DueAt)})
			}
			body.Todo.Items = append(body.Todo.Items, row)
		}
	}
	if p.cfg.WriteBack == nil {
		return nil
	}
	all, err := p.cfg.WriteBack.AccountActions(r.Context(), id, shownOfAccount)
	if err != nil {
		return err
	}
	may := person(r).MayConnect
	for i := range all {
		if row, ok := accountActionRow(&all[i], may); ok {
			body.Todo.Items = append(body.Todo.Items, row)
		}
	}
	if !may {
		return nil
	}
	sources, err := p.cfg.WriteBack.TaskSources(r.Context(), id)
	if err != nil {
		return err
	}
	for _, name := range sources {
		body.Make = append(body.Make, ui.Action{Label: "Make tasks in " + name + "…", Href: writeBackHref(name) + writeTasks + "?" + accountField + "=" + idText(id), Small: true})
	}
	return nil
}

// accountActionRow is a task in a CRM, or a write that is open or has failed; of the others there is none.
func accountActionRow(x *action.OfAccount, may bool) (ui.Row, bool) {
	it := &x.Item
	row := ui.Row{Title: x.Title, Foot: []ui.Pill{{Text: "in " + x.Source}, itemPill(it)}, Text: it.Reason}
	switch {
	case x.Kind == writeback.TasksKind:
		row.Title, row.Href, row.Meta = taskTitle(it), it.Result, []ui.Meta{{Text: dueWords(it.After[writeback.TaskDue], it.After[writeback.TaskOwner])}}
		if it.State == action.ItemDone {
			row.Foot[1], row.Text = ui.Pill{Text: "made", Tone: ui.ToneGood}, ""
		}
	case !x.Open() && it.State != action.ItemFailed:
		return row, false
	}
	if !it.At.IsZero() {
		row.Meta = append(row.Meta, ui.Meta{Time: it.At})
	}
	if may {
		row.Meta = append(row.Meta, ui.Meta{Text: "action " + idText(x.ID), Href: actionHref(x.ID)})
	}
	return row, true
}
