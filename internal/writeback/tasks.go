// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package writeback

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/action"
)

// TasksKind is what actions are called that make tasks in a CRM for the owners of accounts.
const TasksKind = "account-tasks"

const tasksTitle = "Make tasks for owners of accounts in "

// TaskStore knows which tasks were made for accounts.
type TaskStore interface {
	// AccountTasks lists the tasks that were made, or are about to be, for the accounts of a source, the oldest first. Those that
	// failed, or whose action was ended before it came to them, are left out.
	AccountTasks(ctx context.Context, source string) ([]MadeTask, error)
	// OrganizationSources names the sources that tell of an organization by an id of theirs.
	OrganizationSources(ctx context.Context, organization int64) ([]string, error)
	// KeyedAction finds the action that has a key; its id is 0 where there is none.
	KeyedAction(ctx context.Context, key string) (action.Action, error)
}

// MadeTask is a task that was made, or is about to be.
type MadeTask struct {
	Account int64
	Claim   string // action.Item.Claim
	At      time.Time
}

// TaskRequest is what somebody wants tasks for.
type TaskRequest struct {
	AccountFilter

	Source   string   `json:"source"`
	Accounts []int64  `json:"accounts,omitempty"` // these only, by their organizations' ids, also where they are snoozed; none = all of the filter
	Reasons  []string `json:"reasons,omitempty"`  // as TaskReasons names them; none = all
	Within   int      `json:"within,omitempty"`   // days to a renewal that is ahead; 0 = 90
	Link     string   `json:"link,omitempty"`     // address of this Greenroom, for links to accounts; "" = none
}

// TaskPreview says which tasks a request would make.
type TaskPreview struct {
	Accounts  int64     `json:"accounts"`   // that give cause for a task
	NoCompany int64     `json:"no_company"` // those of them that have no company in the source
	Known     int64     `json:"known"`      // tasks that were made before
	Tasks     []TaskRow `json:"tasks"`      // that would be made
}

// TaskRow is a task that would be made.
type TaskRow struct {
	Account int64  `json:"account"`
	Name    string `json:"name"`    // the account's
	Company string `json:"company"` // the platform's id
	Reason  string `json:"reason"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	Owner   string `json:"owner,omitempty"` // whose it becomes, where the CRM knows the address; else it is the company's owner's
	Due     string `json:"due"`             // a day, YYYY-MM-DD

	claim, key string
}

// SendTasks makes an action with an item for each task that was not made yet; CodeConflict where there is none. Key, by and approved
// are as for Send.
func (s *Service) SendTasks(ctx context.Context, r *TaskRequest, key, by string, approved bool) (action.Action, error) {
	a, p, err := s.makeTasks(ctx, r, key, by, approved)
	switch {
	case err != nil || a.ID > 0:
		return a, err
	case p.NoCompany == p.Accounts && p.Accounts > 0:
		return a, greenroom.Errorf(greenroom.CodeConflict, "there is no task to make: none of the %s that give cause for one has a company in %s", plural(int(p.Accounts), "account", "accounts"), r.Source)
	case p.Known > 0:
		return a, greenroom.Errorf(greenroom.CodeConflict, "there is no task to make: %s made before or %s to be, and each is made once, also where it is done or removed in %s by now", plural(int(p.Known), "was", "were"), waits(p.Known), r.Source)
	}
	return a, greenroom.Errorf(greenroom.CodeConflict, "there is no task to make: no account gives cause for one")
}

func waits(n int64) string {
	if n == 1 {
		return "waits"
	}
	return "wait"
}

// makeTasks does what SendTasks does; where there is no task to make, the action has the id 0.
func (s *Service) makeTasks(ctx context.Context, r *TaskRequest, key, by string, approved bool) (action.Action, *TaskPreview, error) {
	if a, err := s.store.KeyedAction(ctx, key); err != nil || a.ID > 0 {
		return a, nil, err //nolint:wrapcheck // the store says what it did
	}
	full, w, err := s.checkTasks(ctx, r)
	if err != nil {
		return action.Action{}, nil, err
	}
	p, err := s.tasks(ctx, full, w.Accounts())
	if err != nil || len(p.Tasks) == 0 {
		return action.Action{}, p, err
	}
	items := make([]action.Item, len(p.Tasks))
	for i := range p.Tasks {
		t := &p.Tasks[i]
		items[i] = action.Item{
			Target: t.Company, Account: t.Account, Name: t.Name, Note: t.Text, Link: accountHref(full.Link, t.Account), Claim: t.claim,
			After: map[string]string{TaskSubject: t.Subject, TaskDue: t.Due, taskKey: t.key},
		}
		if t.Owner != "" {
			items[i].After[TaskOwner] = t.Owner
		}
	}
	text, err := json.Marshal(full)
	if err != nil {
		return action.Action{}, nil, fmt.Errorf("encoding a plan: %w", err)
	}
	a := action.Action{Key: key, Kind: TasksKind, Source: r.Source, Plan: text, State: action.Proposed, CreatedBy: by, Title: tasksTitle + r.Source}
	if approved {
		a.State, a.ApprovedBy, a.ApprovedAt = action.Approved, by, s.now()
	}
	stored, added, err := s.store.AddAction(ctx, a, items)
	if err != nil {
		return stored, nil, err //nolint:wrapcheck // the store says what it did
	}
	if stored.ID == 0 { // somebody else made them meanwhile
		p.Known, p.Tasks = p.Known+int64(len(p.Tasks)), nil
	}
	if added && approved {
		s.wake()
	}
	return stored, p, nil
}

// Values of the item of a task.
const (
	TaskSubject = "task"
	TaskDue     = "due"   // a day, YYYY-MM-DD
	TaskOwner   = "owner" // left out where it is the company's owner's
	taskKey     = "key"
)

// PreviewTasks says which tasks a request would make, and makes none.
func (s *Service) PreviewTasks(ctx context.Context, r *TaskRequest) (*TaskPreview, error) {
	full, w, err := s.checkTasks(ctx, r)
	if err != nil {
		return nil, err
	}
	return s.tasks(ctx, full, w.Accounts())
}

// TaskSources names the sources in which tasks can be made for an account.
func (s *Service) TaskSources(ctx context.Context, organization int64) ([]string, error) {
	all, err := s.store.OrganizationSources(ctx, organization)
	if err != nil {
		return nil, fmt.Errorf("asking who tells of organization %d: %w", organization, err)
	}
	return slices.DeleteFunc(all, func(name string) bool {
		_, err := s.accountTarget(ctx, name)
		return err != nil
	}), nil
}

// checkTasks fills in what is usual and says what is wrong.
func (s *Service) checkTasks(ctx context.Context, r *TaskRequest) (*TaskRequest, connector.AccountWriter, error) {
	w, err := s.accountTarget(ctx, r.Source)
	if err != nil {
		return nil, nil, err
	}
	var names []string
	for _, x := range TaskReasons() {
		names = append(names, x.Name)
	}
	full := *r
	for _, name := range full.Reasons {
		if !slices.Contains(names, name) {
			return nil, nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is no reason that tasks are made for; expected some of %s", name, strings.Join(names, ", "))
		}
	}
	if len(full.Reasons) == 0 {
		full.Reasons = names
	}
	full.Within = cmp.Or(full.Within, tasksWithin)
	if full.Within < 1 || full.Within > tasksWithinMax {
		return nil, nil, greenroom.Errorf(greenroom.CodeInvalid, "a renewal is ahead within 1 to %d days, not %d", tasksWithinMax, r.Within)
	}
	return &full, w, checkLink(r.Link)
}

func (s *Service) tasks(ctx context.Context, r *TaskRequest, to connector.Fields) (*TaskPreview, error) {
	src, err := s.store.Source(ctx, r.Source)
	if err != nil {
		return nil, fmt.Errorf("looking for a source: %w", err)
	}
	c, err := s.companies(ctx, r.Source, to, r.AccountFilter)
	if err != nil {
		return nil, err
	}
	for _, id := range r.Accounts {
		if !slices.ContainsFunc(c.accounts, func(a Account) bool { return a.Organization == id }) {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "organization %d is none of these accounts", id)
		}
	}
	all, err := s.store.AccountTasks(ctx, r.Source)
	if err != nil {
		return nil, fmt.Errorf("looking for tasks that were made: %w", err)
	}
	made := make(map[int64][]MadeTask)
	for _, m := range all {
		made[m.Account] = append(made[m.Account], m)
	}
	p := &TaskPreview{Tasks: []TaskRow{}}
	for i := range c.accounts {
		a := &c.accounts[i]
		if chosen := slices.Contains(r.Accounts, a.Organization); len(r.Accounts) > 0 && !chosen || a.Snoozed && !chosen {
			continue
		}
		causes := causesOf(a, r, s.now().In(s.zone()))
		if len(causes) == 0 {
			continue
		}
		p.Accounts++
		of := c.of[a.Organization]
		if len(of) == 0 {
			p.NoCompany++
			continue
		}
		for n := range causes {
			row, fresh := causes[n].row(a, src.ID, made[a.Organization], s.now())
			if !fresh {
				p.Known++
				continue
			}
			row.Company = of[0]
			p.Tasks = append(p.Tasks, row)
		}
	}
	return p, nil
}

// row is the task of a cause; it is not fresh where it was made before.
func (c *cause) row(a *Account, source int64, made []MadeTask, now time.Time) (row TaskRow, fresh bool) {
	prefix := fmt.Sprintf("task/%d/%d/%s/", source, a.Organization, c.reason)
	occasion := c.occasion
	if occasion == "" { // it is numbered: the next one is not made before a while has passed
		n := 1
		for _, m := range made {
			if strings.HasPrefix(m.Claim, prefix) {
				if n++; m.At.After(now.AddDate(0, 0, -taskAgain)) {
					return row, false
				}
			}
		}
		occasion = strconv.Itoa(n)
	}
	row = TaskRow{
		Account: a.Organization, Name: a.Name, Reason: c.reason, Subject: c.subject, Text: c.text, Due: c.due.Format(time.DateOnly), claim: prefix + occasion,
		key: fmt.Sprintf("[Greenroom account %d: %s %s]", a.Organization, strings.ReplaceAll(c.reason, "_", " "), occasion), // the brackets keep one from being the start of another
	}
	if strings.Contains(a.Owner, "@") {
		row.Owner = a.Owner
	}
	return row, !slices.ContainsFunc(made, func(m MadeTask) bool { return m.Claim == row.claim })
}

// TaskWriter carries out the actions that make tasks.
type TaskWriter struct{ *Service }

// Perform makes the tasks of an action's items; it is what action.Runner calls. An item that has lost its claim since is made by
// another action.
func (w TaskWriter) Perform(ctx context.Context, a *action.Action, items []action.Item) error {
	to, err := w.accountTarget(ctx, a.Source)
	if err != nil {
		return err
	}
	var tasks []connector.AccountTask
	var some []action.Item
	var at []int // where in items each of some stands
	for i := range items {
		it := &items[i]
		if it.Claim == "" {
			it.State, it.Reason = action.ItemUnchanged, "another action makes this task"
			continue
		}
		due, err := time.ParseInLocation(time.DateOnly, it.After[TaskDue], w.zone())
		if err != nil {
			return fmt.Errorf("decoding item %d of action %d: %w", it.Seq, a.ID, err)
		}
		at, some = append(at, i), append(some, *it)
		tasks = append(tasks, connector.AccountTask{
			Account: it.Target, Key: it.After[taskKey], Subject: it.After[TaskSubject], Text: it.Note, Link: it.Link, Due: due.Add(taskHour), Owner: it.After[TaskOwner],
		})
	}
	if len(tasks) == 0 {
		return nil
	}
	written, err := to.AddTasks(ctx, tasks)
	if err != nil {
		return fmt.Errorf("making tasks in %s: %w", a.Source, err)
	}
	if err := noteOutcomes(a.Source, some, written); err != nil {
		return err
	}
	for n, i := range at {
		items[i] = some[n]
		switch it := &items[i]; it.State { //nolint:exhaustive // the others need no words
		case action.ItemFailed:
			it.Reason = fmt.Sprintf("no task was made for %s: %s; put that right in %s, and make tasks again", it.Name, it.Reason, a.Source)
		case action.ItemUnchanged:
			it.Reason = "the task is there already"
		}
	}
	return nil
}

// MakeAction makes an action of a schedule that makes tasks, where there are some to make.
func (w TaskWriter) MakeAction(ctx context.Context, plan json.RawMessage, key, by string) (action.Action, error) {
	var r TaskRequest
	if err := json.Unmarshal(plan, &r); err != nil {
		return action.Action{}, fmt.Errorf("decoding a plan: %w", err)
	}
	a, _, err := w.makeTasks(ctx, &r, key, by, true)
	return a, err
}
