// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/csv"
	"greenroom/connector/hubspot"
	"greenroom/internal/action"
	"greenroom/internal/ingest"
	"greenroom/internal/server"
	"greenroom/internal/writeback"
)

// portal is a HubSpot account of two contacts, as far as reading and writing them goes.
type portal struct {
	mu     sync.Mutex
	values map[string]map[string]string
	sent   int

	companies map[string]map[string]string
	made      []string // properties of companies

	tasks []map[string]string // with the company as "to"; nil = removed
	fails bool                // tasks are refused with an error that passes
}

func (p *portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	kept := p.values
	if strings.Contains(r.URL.Path, "/companies") {
		kept = p.companies
	}
	contact := func(id string) string {
		text, err := json.Marshal(kept[id])
		if err != nil {
			return ""
		}
		return fmt.Sprintf(`{"id":%q,"properties":%s,"createdAt":"2026-01-05T09:00:00Z","updatedAt":"2026-01-05T09:00:00Z"}`, id, text)
	}
	var b struct {
		Inputs []struct {
			ID         string
			Properties map[string]string

			Associations []struct{ To struct{ ID string } }
		}
		Name string
	}
	if body, err := io.ReadAll(r.Body); err != nil || len(body) > 0 && json.Unmarshal(body, &b) != nil {
		http.Error(w, `{"message":"unreadable"}`, http.StatusBadRequest)
		return
	}
	if strings.Contains(r.URL.Path, "/tasks/") || r.URL.Path == "/crm/v3/owners" {
		var of []portalTask
		for _, in := range b.Inputs {
			t := portalTask{id: in.ID, properties: in.Properties}
			if len(in.Associations) > 0 {
				t.to = in.Associations[0].To.ID
			}
			of = append(of, t)
		}
		p.task(w, r, of)
		return
	}
	var results []string
	switch path := r.URL.Path; {
	case path == "/crm/v3/properties/contacts":
		results = []string{
			`{"name":"seen","label":"Seen in the community","type":"date","fieldType":"date"}`, `{"name":"posts","label":"Posts","type":"number","fieldType":"number"}`,
			`{"name":"where","label":"Where","type":"string","fieldType":"text"}`,
		}
	case path == "/crm/v3/properties/companies" && r.Method == http.MethodPost:
		p.made = append(p.made, b.Name)
	case path == "/crm/v3/properties/companies":
		results = []string{`{"name":"score","label":"Score","type":"number","fieldType":"number"}`, `{"name":"why","label":"Why","type":"string","fieldType":"text"}`}
		for _, name := range p.made {
			results = append(results, fmt.Sprintf(`{"name":%q,"label":"Made","type":"string","fieldType":"text"}`, name))
		}
	case path == "/crm/v3/objects/companies" && r.URL.Query().Get("archived") == "":
		for _, id := range slices.Sorted(maps.Keys(p.companies)) {
			results = append(results, contact(id))
		}
	case strings.HasSuffix(path, "/companies/batch/read"):
		for _, in := range b.Inputs {
			results = append(results, contact(in.ID))
		}
	case strings.HasSuffix(path, "/companies/batch/update"):
		for _, in := range b.Inputs {
			p.sent++
			for name, v := range in.Properties {
				p.companies[in.ID][name] = v
			}
		}
	case path == "/crm/v3/objects/contacts" && r.URL.Query().Get("archived") == "":
		results = []string{contact("501"), contact("502")}
	case strings.HasSuffix(path, "/contacts/batch/read"):
		for _, in := range b.Inputs {
			results = append(results, contact(in.ID))
		}
	case strings.HasSuffix(path, "/contacts/batch/update"):
		for _, in := range b.Inputs {
			p.sent++
			for name, v := range in.Properties {
				p.values[in.ID][name] = v
			}
		}
	}
	fmt.Fprintf(w, `{"results":[%s]}`, strings.Join(results, ","))
}

// portalTask is what is asked of a task, or a task that is to be made.
type portalTask struct {
	id, to     string
	properties map[string]string
}

// task answers what is asked of tasks and of whose they can be.
func (p *portal) task(w http.ResponseWriter, r *http.Request, of []portalTask) {
	results := []any{}
	switch path := r.URL.Path; {
	case path == "/crm/v3/owners" && r.URL.Query().Get("email") == "maya@acme.example":
		results = append(results, map[string]any{"id": "78", "email": "maya@acme.example"})
	case strings.HasPrefix(path, "/crm/v4/associations/"):
		for _, in := range of {
			to := []any{}
			for i, t := range p.tasks {
				if t["to"] == in.id {
					to = append(to, map[string]any{"toObjectId": i})
				}
			}
			results = append(results, map[string]any{"from": map[string]any{"id": in.id}, "to": to})
		}
	case strings.HasSuffix(path, "/batch/read"):
		for _, in := range of {
			if i, err := strconv.Atoi(in.id); err == nil {
				results = append(results, map[string]any{"id": in.id, "properties": p.tasks[i]})
			}
		}
	case strings.HasSuffix(path, "/batch/create"):
		for _, in := range of {
			in.properties["to"] = in.to
			p.tasks = append(p.tasks, in.properties)
			results = append(results, map[string]any{"id": strconv.Itoa(len(p.tasks)), "properties": in.properties})
		}
		if p.fails { // they have arrived, and nobody is told so
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"message":"strange"}`)
			return
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"results": results})
}

// withPortal is a data folder with a community and a CRM in it: Ana is in both.
func withPortal(t *testing.T, crm *portal) *server.App {
	t.Helper()
	ctx := t.Context()
	srv := httptest.NewServer(crm)
	t.Cleanup(srv.Close)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	app, err := server.Open(ctx, server.Options{Data: t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = app.Close() })
	file := filepath.Join(t.TempDir(), "talk.csv")
	if err := os.WriteFile(file, []byte("Id,Kind,Author,E-mail,Time,Channel,Text\n1,message,Ana,ana@harbor.example,2026-11-20T10:00:00Z,help,Hello\n2,message,Ana,ana@harbor.example,2026-06-01T10:00:00Z,help,Hi\n3,message,Bo,bo@wharf.example,2026-11-19T10:00:00Z,help,Hey\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, req := range []ingest.Request{
		{Spec: csv.Spec(), Name: "talk", Values: connector.Values{"path": file, "type": "activities"}},
		{Spec: hubspot.Spec(), Name: "crm", Values: connector.Values{"address": srv.URL, "token": "pat-x", "objects": "companies, contacts"}},
	} {
		if _, run, err := app.Importer.Import(ctx, req); err != nil || run.Rejected > 0 {
			t.Fatal(req.Name, run, err)
		}
	}
	if err := app.Projector.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
	return app
}

// TestWriteBack takes in a community and a CRM, and writes what the one knows of a member to the contact in the other.
func TestWriteBack(t *testing.T) {
	ctx := t.Context()
	crm := &portal{values: map[string]map[string]string{
		"501": {"email": "ana@harbor.example", "firstname": "Ana", "posts": "1"}, "502": {"email": "nobody@else.example", "firstname": "Else"},
	}}
	app := withPortal(t, crm)
	acts, err := app.Acts(app.Importer, nil)
	if err != nil {
		t.Fatal(err)
	}
	req := &writeback.Request{Source: "crm", Set: map[string]string{"seen": "last_active", "posts": "activities_30d", "where": "channels"}}
	p, err := acts.Preview(ctx, req)
	if err != nil {
		t.Fatal(err)
	}
	if p.Members != 2 || p.NoContact != 1 || p.Change != 1 || p.Unchanged != 0 {
		t.Errorf("the preview is %+v; want one of two members with a contact that changes", p)
	}
	if diff := cmp.Diff(map[string]string{"seen": "2026-11-20", "where": "help"}, p.Rows[0].After); diff != "" {
		t.Errorf("what Ana's contact gets (-want +got):\n%s", diff)
	}
	for range 2 { // the second time is a repeated click
		a, err := acts.Send(ctx, req, "once", "ana@acme.example", true)
		if err != nil || a.ID != 1 {
			t.Fatal(a, err)
		}
		for more := true; more; {
			if more, err = acts.Next(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	a, err := acts.Action(ctx, 1)
	if err != nil || a.State != action.Done || a.Done != 1 || crm.sent != 1 || crm.values["501"]["seen"] != "2026-11-20" {
		t.Errorf("the action is %+v, %v; %d contacts were sent, Ana's is %v; want one", a, err, crm.sent, crm.values["501"])
	}
	if p, err := acts.Preview(ctx, req); err != nil || p.Change != 0 || p.Unchanged != 1 {
		t.Errorf("the preview afterwards is %+v, %v; want nothing to change", p, err)
	}
	for name, r := range map[string]*writeback.Request{
		"no field":        {Source: "crm"},
		"unknown field":   {Source: "crm", Set: map[string]string{"seen": "shoe_size"}},
		"wrong type":      {Source: "crm", Set: map[string]string{"seen": "tags"}},
		"no such":         {Source: "crm", Set: map[string]string{"seam": "last_active"}},
		"not a CRM":       {Source: "talk", Set: req.Set},
		"no address":      {Source: "crm", Set: map[string]string{"where": "member_link"}},
		"wrong query":     {Source: "crm", Set: req.Set, Query: "last_active:yesteryear("},
		"nobody at all":   {Source: "crm", Set: req.Set, Query: "name:Zoe"},
		"a strange place": {Source: "crm", Set: req.Set, Link: "javascript:alert(1)"},
	} {
		if _, err := acts.Send(ctx, r, name, "ana", true); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%s: %v; want CodeInvalid", name, err)
		}
	}
	members, err := app.Store.MemberIdentities(ctx, 1)
	if err != nil || len(members) != 2 {
		t.Fatal(members, err)
	}
	if err := app.Store.EraseMember(ctx, 1); err != nil {
		t.Fatal(err)
	}
	items, err := acts.ActionItems(ctx, 1, "", 0, 10)
	if err != nil || items[0].Name != "" || items[0].Target != "" || items[0].After != nil || items[0].State != action.ItemDone {
		t.Errorf("after erasing Ana her item is %+v, %v; want its outcome only", items, err)
	}
}

// TestWriteBackAccounts writes how an account does to its company: what would change, a property that is made, what differs only, and
// nothing the second time.
func TestWriteBackAccounts(t *testing.T) {
	ctx := t.Context()
	crm := &portal{
		values:    map[string]map[string]string{"501": {"email": "ana@harbor.example", "firstname": "Ana"}},
		companies: map[string]map[string]string{"71": {"name": "Harbor", "domain": "harbor.example", "lifecyclestage": "customer", "score": "0"}, "72": {"name": "Wharf", "domain": "wharf.example", "lifecyclestage": "lead"}},
	}
	app := withPortal(t, crm)
	acts, err := app.Acts(app.Importer, nil)
	if err != nil {
		t.Fatal(err)
	}
	properties, err := acts.AccountProperties(ctx, "crm")
	if err != nil || !slices.ContainsFunc(properties, func(p connector.Property) bool { return p.Name == "greenroom_health" && p.New }) {
		t.Fatalf("what can be written is %+v, %v; want a property that would be made among it", properties, err)
	}
	req := &writeback.AccountRequest{
		Source: "crm", AccountFilter: writeback.AccountFilter{Lifecycle: "customer"}, Link: "https://g.example",
		Set: map[string]string{"score": "health_points", "why": "account_link", "greenroom_health": "health", "greenroom_champions": "active_30d"},
	}
	p, err := acts.PreviewAccounts(ctx, req)
	if err != nil {
		t.Fatal(err)
	}
	if p.Accounts != 1 || p.Companies != 1 || p.Change != 1 || p.NoCompany != 0 || len(p.Rows) != 1 || len(crm.made) != 0 {
		t.Fatalf("the preview is %+v, %v are made; want one company that changes, and nothing made", p, crm.made)
	}
	after := map[string]string{"why": fmt.Sprintf("https://g.example/accounts/%d", p.Rows[0].Organization), "greenroom_health": "healthy", "greenroom_champions": "1"}
	if diff := cmp.Diff(after, p.Rows[0].After); diff != "" {
		t.Errorf("what Harbor gets (-want +got):\n%s", diff)
	}
	for range 2 { // the second time is a repeated click
		if _, err := acts.SendAccounts(ctx, req, "once", "ana@acme.example", true); err != nil {
			t.Fatal(err)
		}
		for more := true; more; {
			if more, err = acts.Next(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	a, err := acts.Action(ctx, 1)
	if err != nil || a.State != action.Done || a.Done != 1 || crm.sent != 1 || crm.companies["71"]["greenroom_health"] != "healthy" {
		t.Errorf("the action is %+v, %v; %d companies were sent, Harbor is %v; want one", a, err, crm.sent, crm.companies["71"])
	}
	if diff := cmp.Diff([]string{"greenroom_champions", "greenroom_health"}, slices.Sorted(slices.Values(crm.made))); diff != "" {
		t.Errorf("properties that were made (-want +got):\n%s", diff)
	}
	s, err := acts.Repeat(ctx, writeback.Repeated{Accounts: req}, 24*time.Hour, "ana@acme.example")
	if err != nil || s.Kind != writeback.AccountsKind || s.LastAction != 2 {
		t.Errorf("repeated it is %+v, %v; want a second action", s, err)
	}
	if _, err := acts.Next(ctx); err != nil || crm.sent != 1 || len(crm.made) != 2 {
		t.Errorf("again %d were sent and %d properties made in all, %v; want nothing more", crm.sent, len(crm.made), err)
	}
	for name, r := range map[string]*writeback.AccountRequest{
		"no field":     {Source: "crm"},
		"no such":      {Source: "crm", Set: map[string]string{"score": "shoe_size"}},
		"wrong type":   {Source: "crm", Set: map[string]string{"score": "champions"}},
		"not there":    {Source: "crm", Set: map[string]string{"scores": "health_points"}},
		"not a CRM":    {Source: "talk", Set: req.Set},
		"no address":   {Source: "crm", Set: map[string]string{"why": "account_link"}},
		"no lifecycle": {Source: "crm", Set: map[string]string{"why": "health"}, AccountFilter: writeback.AccountFilter{Lifecycle: "famous"}},
		"no company":   {Source: "crm", Set: map[string]string{"why": "health"}, AccountFilter: writeback.AccountFilter{Lifecycle: "churned"}},
	} {
		if _, err := acts.SendAccounts(ctx, r, name, "ana", true); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%s: %v; want CodeInvalid", name, err)
		}
	}
}
