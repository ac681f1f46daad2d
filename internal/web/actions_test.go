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

// TestWriteBackPages previews, sends what was previewed, and shows what became of it; to those who may.
func TestWriteBackPages(t *testing.T) {
	h, o := full(t), &office{}
	s := h.site(func(c *Config) { c.Actions, c.WriteBack = o, o })
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
