// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/action"
	"greenroom/internal/auth"
	"greenroom/internal/writeback"
)

// office is a log of one action, and a CRM with one contact that would change.
type office struct {
	did []string
	a   action.Action
}

func (o *office) Actions(context.Context, string, int64, int) ([]action.Action, error) {
	if o.a.ID == 0 {
		return nil, nil
	}
	return []action.Action{o.a}, nil
}

func (o *office) Action(context.Context, int64) (action.Action, error) { return o.a, nil }

func (o *office) ActionItems(_ context.Context, _ int64, state action.ItemState, _ int64, _ int) ([]action.Item, error) {
	return []action.Item{{Seq: 1, Target: "501", MemberID: 7, Name: payload, Before: map[string]string{"seen": payload}, After: map[string]string{"seen": "2026-11-20"}, Note: payload, State: action.ItemFailed, Reason: payload + string(state), At: now}}, nil
}

func (o *office) ApproveAction(_ context.Context, id int64, by string) error {
	o.did = append(o.did, fmt.Sprintf("approve %d by %s", id, by))
	return nil
}

func (o *office) CancelAction(_ context.Context, id int64) error {
	o.did = append(o.did, fmt.Sprintf("cancel %d", id))
	return nil
}

func (o *office) Writable(src *greenroom.Source) bool { return src.Name == "forum" }

func (o *office) Properties(context.Context, string) ([]connector.Property, error) {
	return []connector.Property{{Name: "seen", Label: payload, Type: connector.PropertyDay}, {Name: "tags", Label: "Tags", Type: connector.PropertyText}}, nil
}

func (o *office) Preview(_ context.Context, r *writeback.Request) (*writeback.Preview, error) {
	if r.Query == "nonsense:" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the query cannot be used")
	}
	return &writeback.Preview{
		Members: 3, NoContact: 2, Contacts: 1, Change: 1, Mapping: []writeback.Mapping{{Field: "last_active", Property: connector.Property{Name: "seen", Label: payload}}},
		Rows: []writeback.Row{{Contact: "501", MemberID: 7, Name: payload, Before: map[string]string{"seen": payload}, After: map[string]string{"seen": "2026-11-20"}}},
	}, nil
}

func (o *office) Send(_ context.Context, r *writeback.Request, key, by string, approved bool) (action.Action, error) {
	o.did = append(o.did, fmt.Sprintf("send %v of %q by %s, approved %v, key %v, note %v, link %v", r.Set, r.Query, by, approved, key != "", r.Note, r.Link != ""))
	return action.Action{ID: 12}, nil
}

func (o *office) AccountProperties(context.Context, string) ([]connector.Property, error) {
	return []connector.Property{{Name: "score", Label: payload, Type: connector.PropertyNumber}, {Name: "greenroom_health", Label: "Greenroom: Health", Type: connector.PropertyText, New: true}}, nil
}

func (o *office) PreviewAccounts(_ context.Context, r *writeback.AccountRequest) (*writeback.AccountPreview, error) {
	if len(r.Set) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "choose at least one field")
	}
	return &writeback.AccountPreview{
		Accounts: 3, NoCompany: 2, Companies: 1, Change: 1, Mapping: []writeback.Mapping{{Field: "health_points", Property: connector.Property{Name: "score", Label: payload}}},
		Rows: []writeback.AccountRow{{Company: "701", Organization: 7, Name: payload, Before: map[string]string{"score": payload}, After: map[string]string{"score": "57"}}},
	}, nil
}

func (o *office) SendAccounts(_ context.Context, r *writeback.AccountRequest, key, by string, approved bool) (action.Action, error) {
	o.did = append(o.did, fmt.Sprintf("send accounts %v of %s by %s, approved %v, key %v, link %v", r.Set, r.Lifecycle, by, approved, key != "", r.Link != ""))
	return action.Action{ID: 12}, nil
}

func (o *office) PreviewTasks(_ context.Context, r *writeback.TaskRequest) (*writeback.TaskPreview, error) {
	if r.Within > 366 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "that is too far ahead")
	}
	return &writeback.TaskPreview{Accounts: 3, NoCompany: 1, Known: 1, Tasks: []writeback.TaskRow{{Account: 7, Name: payload, Company: "701", Reason: "risk", Subject: payload, Text: payload, Owner: payload, Due: "2026-11-23"}}}, nil
}

func (o *office) SendTasks(_ context.Context, r *writeback.TaskRequest, key, by string, approved bool) (action.Action, error) {
	if r.List == "snoozed" {
		return action.Action{}, greenroom.Errorf(greenroom.CodeConflict, "there is no task to make")
	}
	o.did = append(o.did, fmt.Sprintf("tasks for %v of %v in %s within %d by %s, approved %v, key %v, link %v", r.Reasons, r.Accounts, r.Source, r.Within, by, approved, key != "", r.Link != ""))
	return action.Action{ID: 12}, nil
}

func (o *office) TaskSources(context.Context, int64) ([]string, error) { return []string{"forum"}, nil }

func (o *office) AccountActions(context.Context, int64, int) ([]action.OfAccount, error) {
	item := func(state action.ItemState, result, subject string) action.Item {
		return action.Item{Seq: 1, Target: "701", Account: 7, Name: payload, Note: payload, State: state, Result: result, After: map[string]string{"task": subject, "due": "2026-11-23"}, At: now}
	}
	return []action.OfAccount{
		{ID: 12, Kind: writeback.TasksKind, Source: "forum", State: action.Running, Item: item(action.ItemWaits, "", "Talk to them"+payload)},
		{ID: 11, Kind: writeback.TasksKind, Source: "forum", State: action.Done, Item: item(action.ItemDone, "https://crm.example/t/1", "They renew")},
		{ID: 10, Kind: writeback.AccountsKind, Source: "forum", Title: "Write 1 field", State: action.Done, Item: item(action.ItemDone, "", "")},
		{ID: 9, Kind: writeback.AccountsKind, Source: "forum", Title: "Write 2 fields", State: action.Done, Item: item(action.ItemFailed, "", "")},
	}, nil
}

func (o *office) Loadable(src *greenroom.Source) (can, allowed bool) {
	return src.Name == "forum", o.a.ID != 0
}

func (o *office) Push(_ context.Context, r *writeback.PushRequest, key, by string) (action.Action, error) {
	if r.Query == "nonsense:" {
		return action.Action{}, greenroom.Errorf(greenroom.CodeInvalid, "the query cannot be used")
	}
	o.did = append(o.did, fmt.Sprintf("push members %q by %s, key %v", r.Query, by, key != ""))
	return action.Action{ID: 12}, nil
}

func (o *office) PushMetrics(_ context.Context, r *writeback.MetricsRequest, _, _ string) (action.Action, error) {
	o.did = append(o.did, fmt.Sprintf("push metrics %v by %s and %s, %d", r.Metrics, r.By, r.Breakdown, r.Periods))
	return action.Action{ID: 12}, nil
}

func (o *office) PushedGone(context.Context, string) ([]int64, error) { return []int64{4, 5}, nil }

func (o *office) Schedules(context.Context, string) ([]action.Schedule, error) {
	if o.a.ID == 0 {
		return nil, nil
	}
	return []action.Schedule{
		{ID: 1, Title: payload, Every: 86400, NextAt: now, Times: 3, LastAction: 12, Error: payload},
		{ID: 2, Title: "Push", Every: 3600, StoppedAt: now},
	}, nil
}

func (o *office) ActionSchedule(context.Context, int64) (action.Schedule, error) {
	return action.Schedule{}, nil
}

func (o *office) Repeat(_ context.Context, what writeback.Repeated, every time.Duration, _ string) (action.Schedule, error) {
	o.did = append(o.did, fmt.Sprintf("repeat %v %v %v every %s", what.WriteBack != nil, what.Members != nil, what.Metrics != nil, every))
	return action.Schedule{LastAction: 12}, nil
}

func (o *office) StopSchedule(_ context.Context, id int64, stopped bool) error {
	o.did = append(o.did, fmt.Sprintf("stop %d %v", id, stopped))
	return nil
}

func (o *office) DropSchedule(_ context.Context, id int64) error {
	o.did = append(o.did, fmt.Sprintf("drop %d", id))
	return nil
}

// TestPushOutPages pushes members and figures, has them repeated, and ends that.
func TestPushOutPages(t *testing.T) {
	h, o := full(t), &office{}
	s := h.site(func(c *Config) { c.Actions, c.WriteBack, c.Pushes = o, o, o })
	manager := auth.RoleManager
	page := func(code int, form url.Values, texts ...string) {
		t.Helper()
		method := "POST"
		if form == nil {
			method = "GET"
		}
		w := visit(t, s, manager, method, "/sources/forum/push-out", form)
		if w.Code != code || strings.Contains(w.Body.String(), payload) {
			t.Errorf("%s %v: %d; want %d without a text that a browser would run", method, form, w.Code, code)
		}
		for _, text := range texts {
			if !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s %v does not hold %q", method, form, text)
			}
		}
	}
	page(200, nil, "may not be written to yet", "2 rows of members who were erased", "Nothing is repeated here")
	o.a.ID = 12
	page(200, nil, ">Push members<", ">Push figures<", "every day", "done 3 times", ">Stop: ", ">Resume: Push<")
	page(422, url.Values{"what": {"members"}, "q": {"nonsense:"}}, "The query cannot be used.", `value="nonsense:"`)
	page(422, url.Values{"what": {"metrics"}, "periods": {"many"}}, "is not a number of periods")
	page(303, url.Values{"what": {"members"}, "q": {"name:ana"}, "key": {"k"}})
	page(303, url.Values{"what": {"metrics"}, "metric": {"members"}, "by": {"day"}, "breakdown": {"source"}, "periods": {"7"}})
	page(303, url.Values{"what": {"metrics"}, "every": {"day"}})
	page(422, url.Values{"what": {"members"}, "every": {"moment"}}, "is not how often")
	for _, what := range []string{"stop", "resume", "drop"} {
		for back, to := range map[string]string{"/sources/forum/push-out": "/sources/forum/push-out?", "https://evil.example/": "/actions?", "/sources//evil.example": "/actions?"} {
			if w := visit(t, s, manager, "POST", "/repeated-actions/2/"+what, url.Values{"back": {back}}); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), to) {
				t.Errorf("%s: %d to %s; want %s", what, w.Code, w.Header().Get("Location"), to)
			}
		}
		if w := visit(t, s, auth.RoleContributor, "POST", "/repeated-actions/2/"+what, url.Values{}); w.Code != http.StatusForbidden {
			t.Errorf("%s as a contributor: %d", what, w.Code)
		}
	}
	if w := visit(t, s, auth.RoleContributor, "GET", "/sources/forum/push-out", nil); w.Code != http.StatusForbidden {
		t.Errorf("as a contributor: %d", w.Code)
	}
	want := `push members "name:ana" by ana@example.org, key true|push metrics [members] by day and source, 7|repeat false false true every 24h0m0s|stop 2 true|stop 2 true|stop 2 true|stop 2 false|stop 2 false|stop 2 false|drop 2|drop 2|drop 2`
	if got := strings.Join(o.did, "|"); got != want {
		t.Errorf("was done: %s\nwant: %s", got, want)
	}
}

// TestWriteBackPages previews, sends what was previewed, and shows what became of it; to those who may.
func TestWriteBackPages(t *testing.T) {
	h, o := full(t), &office{}
	s := h.site(func(c *Config) { c.Actions, c.WriteBack, c.Pushes = o, o, o })
	for _, target := range []string{"/actions", "/actions/12", "/sources/forum/write-back"} {
		if w := visit(t, s, auth.RoleContributor, "GET", target, nil); w.Code != http.StatusForbidden {
			t.Errorf("%s as a contributor: %d; want 403", target, w.Code)
		}
	}
	holds := func(role auth.Role, method, target string, form url.Values, code int, texts ...string) string {
		t.Helper()
		w := visit(t, s, role, method, target, form)
		body := w.Body.String()
		if w.Code != code {
			t.Errorf("%s %s: %d; want %d", method, target, w.Code, code)
		}
		if strings.Contains(body, payload) {
			t.Errorf("%s %s holds a text that a browser would run", method, target)
		}
		for _, text := range texts {
			if !strings.Contains(body, text) {
				t.Errorf("%s %s does not hold %q", method, target, text)
			}
		}
		return body
	}
	manager := auth.RoleManager
	holds(manager, "GET", "/actions", nil, 200, "No action yet", `href="/actions"`)
	holds(manager, "GET", "/sources/forum/write-back", nil, 200, `name="to-last_active"`, `value="-is:staff -is:bot"`, ">Preview<")
	holds(manager, "GET", "/sources/nothing/write-back", nil, 404)
	form := url.Values{"q": {"last_active:<30d"}, "to-last_active": {"seen"}, "note": {"true"}}
	body := holds(manager, "POST", "/sources/forum/write-back", form, 200, "Will change", "2026-11-20", "Send 1 change<", `name="to-last_active" value="seen"`, `name="key"`)
	if strings.Contains(body, `name="to-tags" value=""`) {
		t.Error("what is not written is sent along")
	}
	holds(manager, "POST", "/sources/forum/write-back", url.Values{"q": {"nonsense:"}, "to-last_active": {"seen"}}, 422, "The query cannot be used.", `value="nonsense:"`)
	holds(manager, "POST", "/sources/forum/write-back", url.Values{"to-tags": {"tags"}, "to-channels": {"tags"}}, 422, "cannot both be written to tags")
	form.Set("then", "send")
	form.Set("key", "k")
	if w := visit(t, s, manager, "POST", "/sources/forum/write-back", form); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/actions/12?") {
		t.Errorf("sending: %d to %s", w.Code, w.Header().Get("Location"))
	}
	body = holds(manager, "GET", "/sources/forum/write-back/accounts", nil, 200, `name="to-health_points"`, "New property: Greenroom: Health", `href="/sources/forum/write-back"`, ">Preview<")
	if strings.Count(body, "greenroom_health") != 2 { // its value and its label
		t.Error("a property that would be made is offered for other fields, too")
	}
	accounts := url.Values{"lifecycle": {"customer"}, "to-health_points": {"score"}}
	holds(manager, "POST", "/sources/forum/write-back/accounts", accounts, 200, "No company", "57", "Send 1 change<", `name="to-health_points" value="score"`, `name="lifecycle" value="customer"`, `href="/accounts/7"`)
	holds(manager, "POST", "/sources/forum/write-back/accounts", url.Values{}, 422, "Choose at least one field.")
	accounts.Set("then", "send")
	if w := visit(t, s, manager, "POST", "/sources/forum/write-back/accounts", accounts); w.Code != http.StatusSeeOther {
		t.Errorf("sending accounts: %d", w.Code)
	}
	if want := "send accounts map[score:health_points] of customer by "; !strings.HasPrefix(o.did[len(o.did)-1], want) {
		t.Errorf("it did %q; want %q", o.did[len(o.did)-1], want)
	}
	o.did = o.did[:len(o.did)-1]
	tasks := "/sources/forum/write-back/tasks"
	holds(manager, "GET", tasks, nil, 200, `name="reason-risk" value="true" checked`, `name="within"`, `name="every"`, ">Preview<")
	for _, bad := range []url.Values{{}, {"reason-risk": {"true"}, "within": {"soon"}}, {"reason-risk": {"true"}, "within": {"400"}}} {
		holds(manager, "POST", tasks, bad, 422)
	}
	todo := url.Values{"reason-risk": {"true"}, "within": {"60"}}
	body = holds(manager, "POST", tasks, todo, 200, "Made before", "Make 1 task<", `href="/accounts/7"`, `name="reason-risk" value="true"`)
	if strings.Contains(body, `name="reason-renewal" value="true" checked`) {
		t.Error("a reason that was not chosen is chosen")
	}
	todo.Set("then", "send")
	todo.Set("key", "k")
	if w := visit(t, s, manager, "POST", tasks, todo); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/actions/12?") {
		t.Errorf("making tasks: %d to %s", w.Code, w.Header().Get("Location"))
	}
	if want := "tasks for [risk] of [] in forum within 60 by ana@example.org, approved true, key true, link true"; o.did[len(o.did)-1] != want {
		t.Errorf("it did %q; want %q", o.did[len(o.did)-1], want)
	}
	todo.Set("list", "snoozed")
	holds(manager, "POST", tasks, todo, 422, "There is no task to make.")
	o.did = o.did[:len(o.did)-1]
	o.a = action.Action{ID: 12, Key: "k", Kind: writeback.Kind, Source: "forum", Title: payload, State: action.Running, Error: payload, CreatedBy: payload, CreatedAt: now, Items: 2, Failed: 1}
	holds(manager, "GET", "/actions", nil, 200, "goes on later")
	holds(manager, "GET", "/actions/12", nil, 200, `hx-trigger="every 2s"`, "1 of 2 items", ">Stop<")
	o.a.State = action.Failed
	if body := holds(manager, "GET", "/actions/12?state=failed", nil, 200, ">Go on<"); strings.Contains(body, "every 2s") {
		t.Error("what has ended is asked for again and again")
	}
	for _, change := range []string{"approve", "cancel"} {
		if w := visit(t, s, manager, "POST", "/actions/12/"+change, url.Values{}); w.Code != http.StatusSeeOther {
			t.Errorf("%s: %d", change, w.Code)
		}
		if w := visit(t, s, auth.RoleContributor, "POST", "/actions/12/"+change, url.Values{}); w.Code != http.StatusForbidden {
			t.Errorf("%s as a contributor: %d", change, w.Code)
		}
	}
	want := "send map[seen:last_active] of \"last_active:<30d\" by ana@example.org, approved true, key true, note true, link true|approve 12 by ana@example.org|cancel 12"
	if got := strings.Join(o.did, "|"); got != want {
		t.Errorf("was done: %s\nwant: %s", got, want)
	}
}
