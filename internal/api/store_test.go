// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/slackexport"
	"greenroom/internal/api"
	"greenroom/internal/auth"
	"greenroom/internal/auth/authhttp"
	"greenroom/internal/ingest"
	"greenroom/internal/member"
	"greenroom/internal/projection"
	"greenroom/internal/store"
)

// whole is the API over a real record store, with real access in front of it; only figures are not computed.
type whole struct {
	*client
	project func()
}

func newWhole(t *testing.T) *whole {
	t.Helper()
	clock := func() time.Time { return now }
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "greenroom.db"), log, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	access := auth.New(st, log, clock, rand.Reader)
	projector := projection.New(st, log, nil)
	runner := &runner{importer: ingest.New(st, log, clock, nil, nil)}
	t.Cleanup(runner.wait.Wait)
	d := newFake(t).deps()
	d.Log, d.Now = log, clock
	d.Lists, d.Objects, d.Sources, d.Counts, d.Lookup, d.Conversations = st, st, st, st, st.Lookup, st
	d.Search = func(ctx context.Context, text string, limit int) (api.Found, error) {
		f, err := st.Search(ctx, text, limit)
		return api.Found(f), err
	}
	d.Members = member.New(st, actorLog{access}, projector.Wake)
	d.Connectors, d.Imports = []connector.Spec{slackexport.Spec()}, runner
	d.People, d.Tokens, d.Audit, d.Privacy = access, access, access, nil
	h, err := api.New(d)
	if err != nil {
		t.Fatal(err)
	}
	guard, err := authhttp.New(access, log, authhttp.Options{Public: []string{"/api/v1/openapi.json"}, DenyAPI: api.Deny})
	if err != nil {
		t.Fatal(err)
	}
	u, err := access.AddUser(t.Context(), auth.CommandLine(), auth.NewUser{Email: "ana@acme.example", Role: auth.RoleOwner})
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := access.CreateToken(t.Context(), auth.CommandLine(), auth.NewToken{UserID: u.ID, Name: "test", Scope: auth.ScopeAdmin})
	if err != nil {
		t.Fatal(err)
	}
	w := &whole{client: newClient(t, guard.Handler(h), auth.Caller{})}
	w.token = secret.Reveal()
	w.project = func() {
		if err := projector.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// actorLog is the audit log for those who know a caller only by name.
type actorLog struct{ access *auth.Service }

func (l actorLog) Audit(ctx context.Context, actor, action, target, detail string) error {
	return l.access.Audit(ctx, auth.Caller{User: auth.User{ID: 1, Email: actor}}, action, target, detail)
}

// runner reads one source at a time in the background.
type runner struct {
	importer *ingest.Importer
	wait     sync.WaitGroup
	mu       sync.Mutex
	run      greenroom.Run
}

func (r *runner) StartImport(ctx context.Context, i api.Import) (greenroom.Source, greenroom.Run, error) {
	type begun struct {
		src greenroom.Source
		run greenroom.Run
		err error
	}
	started := make(chan begun, 2)
	r.wait.Go(func() {
		src, run, err := r.importer.Import(context.WithoutCancel(ctx), ingest.Request{
			Spec: i.Spec, Name: i.Source, Values: i.Values,
			Started: func(src greenroom.Source, run greenroom.Run) { started <- begun{src, run, nil} },
			Progress: func(run greenroom.Run) {
				r.mu.Lock()
				r.run = run
				r.mu.Unlock()
			},
		})
		started <- begun{src, run, err}
	})
	b := <-started
	return b.src, b.run, b.err
}

func (r *runner) RunningImport(string) (greenroom.Run, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.run, r.run.State == greenroom.RunRunning
}

func (r *runner) StopImport(context.Context, string) error {
	return greenroom.Errorf(greenroom.CodeNotFound, "nothing is being read")
}

// slackExport writes a small export: two accounts of the same person, a bot, a question that is answered, one that is
// not, and a channel with much talk and one broken message.
func slackExport(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	person := func(id, name, email string) string {
		return fmt.Sprintf(`{"id":%q,"name":%q,"real_name":%q,"is_email_confirmed":true,"profile":{"email":%q,"real_name":%q}}`, id, id, name, email, name)
	}
	write("users.json", "["+strings.Join([]string{
		person("U1", "Mara Lind", "mara@lind.example"), person("U2", "Mara L.", "mara@elsewhere.example"), person("U3", "Joao Reis", "joao@reis.example"),
		`{"id":"B1","name":"helper","is_bot":true,"profile":{"real_name":"Helper"}}`,
	}, ",")+"]")
	write("channels.json", `[{"id":"C1","name":"help"},{"id":"C2","name":"general"}]`)
	at := now.Add(-72 * time.Hour).Unix()
	message := func(user string, n int, text, more string) string {
		return fmt.Sprintf(`{"type":"message","user":%q,"ts":"%d.000100","text":%q%s}`, user, at+int64(n)*60, text, more)
	}
	thread := fmt.Sprintf(`,"thread_ts":"%d.000100"`, at)
	write("help/2026-11-19.json", "["+strings.Join([]string{
		message("U1", 0, "How do I refresh an expired token?", thread), message("U3", 5, "Call the refresh endpoint.", thread),
		message("U2", 300, "Where are the logs kept?", fmt.Sprintf(`,"thread_ts":"%d.000100"`, at+300*60)),
	}, ",")+"]")
	var talk []string
	for i := range 20 {
		talk = append(talk, message([]string{"U1", "U2", "U3"}[i%3], 400+i, fmt.Sprintf("Hello number %d", i), ""))
	}
	talk = append(talk, `{"type":"message","user":"U1","ts":"yesterday","text":"broken"}`)
	write("general/2026-11-19.json", "["+strings.Join(talk, ",")+"]")
	return dir
}

// importSlack brings the export in and waits for it.
func (w *whole) importSlack(t *testing.T) api.ImportState {
	t.Helper()
	send := fmt.Sprintf(`{"kind":"slack-export","source":"slack test","options":{"path":%q}}`, slackExport(t))
	res := w.do(t, "POST", base+"/imports", send, "Idempotency-Key", "first")
	location := res.Header().Get("Location")
	if res.Code != 202 || location != base+"/imports/slack%20test" {
		t.Fatalf("%d %s, Location %q", res.Code, res.Body, location)
	}
	if again := w.do(t, "POST", base+"/imports", send, "Idempotency-Key", "first"); again.Body.String() != res.Body.String() {
		t.Errorf("starting again with the same key: %d %s", again.Code, again.Body)
	}
	for range 500 {
		if s := body[api.ImportState](t, w.do(t, "GET", location, "")); !s.Running {
			w.project()
			return s
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the import does not end")
	return api.ImportState{}
}

func TestImportAndSource(t *testing.T) {
	w := newWhole(t)
	s := w.importSlack(t)
	if s.Run.State != greenroom.RunDone || s.Run.Rejected != 1 || s.Run.Read < 20 {
		t.Errorf("the run is %+v", s.Run)
	}
	d := body[api.SourceDetail](t, w.do(t, "GET", base+"/sources/slack%20test", ""))
	if len(d.Runs) != 1 || d.Ledger.Accounts == 0 || d.Kinds["message"] == 0 || len(d.Channels) != 2 {
		t.Errorf("the source is %+v", d)
	}
	l := d.Ledger
	if l.Accounts != l.Members+l.Merged+l.Staff+l.Bots+l.Hidden+l.Contacts {
		t.Errorf("the ledger does not add up: %+v", l)
	}
	rejects := body[api.Page[greenroom.Reject]](t, w.do(t, "GET", fmt.Sprintf("%s/sources/slack%%20test/runs/%d/rejects", base, s.Run.ID), ""))
	if len(rejects.Items) != 1 || !strings.HasPrefix(rejects.Items[0].File, "general/") {
		t.Errorf("rejected: %+v", rejects.Items)
	}
	again := w.do(t, "POST", base+"/imports", `{"kind":"slack-export","source":"slack test"}`)
	if got := body[api.ImportState](t, again); again.Code != 202 || got.Run.ID != s.Run.ID+1 {
		t.Errorf("reading it again with the same options: %d %s", again.Code, again.Body)
	}
	bad := w.do(t, "POST", base+"/imports", `{"kind":"slack-export","source":"nowhere","options":{"path":"/nowhere"}}`)
	if p := body[api.Problem](t, bad); bad.Code != 400 || !strings.Contains(p.Detail, "/nowhere") {
		t.Errorf("an import of nothing: %d %s", bad.Code, bad.Body)
	}
}

// pages reads a list by following one of its links.
func (w *whole) pages(t *testing.T, target, rel string) (ids []int64, last string) {
	t.Helper()
	for target != "" {
		last = target
		res := w.do(t, "GET", target, "")
		if res.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", target, res.Code, res.Body)
		}
		var page []int64
		for _, item := range body[api.Page[struct{ ID int64 }]](t, res).Items {
			page = append(page, item.ID)
		}
		if rel == "next" {
			ids = append(ids, page...)
		} else {
			ids = append(page, ids...)
		}
		target = linkTo(res, rel)
	}
	return ids, last
}

// Paging to the end, and from there back to the beginning, shows everything once.
func TestPagingBothWays(t *testing.T) {
	w := newWhole(t)
	w.importSlack(t)
	for _, list := range []string{"/members?q=sort:name", "/organizations?", "/activities?", "/conversations?q=sort:-replies"} {
		res := w.do(t, "GET", base+list+"&limit=500&count=true", "")
		all := body[api.Page[struct{ ID int64 }]](t, res)
		if len(all.Items) == 0 || all.Total == nil || *all.Total != int64(len(all.Items)) || all.Next != "" || all.Prev != "" {
			t.Fatalf("%s: %s", list, res.Body)
		}
		var want []int64
		for _, item := range all.Items {
			want = append(want, item.ID)
		}
		forward, last := w.pages(t, base+list+"&limit=2", "next")
		if diff := cmp.Diff(want, forward); diff != "" {
			t.Errorf("%s forward (-want +got):\n%s", list, diff)
		}
		back, _ := w.pages(t, last, "prev")
		if diff := cmp.Diff(want, back); diff != "" {
			t.Errorf("%s back (-want +got):\n%s", list, diff)
		}
		entity, _, _ := strings.Cut(list, "?")
		lines := strings.Fields(strings.TrimSpace(w.do(t, "GET", base+"/export"+entity+".jsonl", "").Body.String()))
		if entity == "/organizations" && len(lines) != len(want) {
			t.Errorf("%s: exported %d, listed %d", list, len(lines), len(want))
		}
	}
	res := w.do(t, "GET", base+"/export/activities.jsonl?q=channel:help", "")
	if n := strings.Count(res.Body.String(), "\n"); n != 3 {
		t.Errorf("exported %d activities of #help, want 3:\n%s", n, res.Body)
	}
	res = w.do(t, "GET", base+"/members?cursor=nonsense", "")
	if p := body[api.Problem](t, res); res.Code != 400 || p.Code != greenroom.CodeInvalid {
		t.Errorf("a damaged cursor: %d %s", res.Code, res.Body)
	}
	res = w.do(t, "GET", base+"/conversations?q=is:wating", "")
	if p := body[api.Problem](t, res); res.Code != 400 || p.Suggestion != "waiting" || p.Caret != "is:wating\n   ^^^^^^" || *p.Position != 3 {
		t.Errorf("a slip of the pen: %d %s", res.Code, res.Body)
	}
}

// byName finds a member.
func (w *whole) byName(t *testing.T, name string) greenroom.Member {
	t.Helper()
	all := body[api.Page[greenroom.Member]](t, w.do(t, "GET", base+"/members?limit=500", ""))
	i := slices.IndexFunc(all.Items, func(m greenroom.Member) bool { return m.Name == name })
	if i < 0 {
		t.Fatalf("there is no member %q", name)
	}
	return all.Items[i]
}

func TestMergeAndUndo(t *testing.T) {
	w := newWhole(t)
	w.importSlack(t)
	one, other := w.byName(t, "Mara Lind"), w.byName(t, "Mara L.")
	address := fmt.Sprintf("%s/members/%d", base, one.ID)
	before := w.do(t, "GET", address, "").Header().Get("ETag")
	if res := w.do(t, "GET", address, "", "If-None-Match", before); res.Code != 304 {
		t.Errorf("nothing has changed: %d, want 304", res.Code)
	}
	res := w.do(t, "POST", address+"/merge", fmt.Sprintf(`{"from":%d,"reason":"told us"}`, other.ID))
	merged := body[api.Changed](t, res)
	if res.Code != 200 || len(merged.Member.Identities) != 2 || merged.Member.Activities != one.Activities+other.Activities {
		t.Fatalf("merging: %d %s", res.Code, res.Body)
	}
	if res := w.do(t, "POST", address+"/merge", fmt.Sprintf(`{"from":%d}`, other.ID)); res.Code != 409 {
		t.Errorf("merging again: %d, want 409", res.Code)
	}
	if res := w.do(t, "GET", address, "", "If-None-Match", before); res.Code != 200 {
		t.Errorf("after merging: %d, want 200", res.Code)
	}
	gone := w.do(t, "GET", fmt.Sprintf("%s/members/%d", base, other.ID), "")
	if m := body[greenroom.Member](t, gone); m.ID != one.ID || gone.Header().Get("Content-Location") != address {
		t.Errorf("who was merged is %d at %q", m.ID, gone.Header().Get("Content-Location"))
	}
	if res := w.do(t, "PATCH", fmt.Sprintf("%s/members/%d", base, other.ID), `{"staff":true}`); res.Code != 409 {
		t.Errorf("changing who was merged: %d, want 409", res.Code)
	}
	history := body[api.Items[greenroom.Decision]](t, w.do(t, "GET", address+"/history", ""))
	if len(history.Items) != 1 || history.Items[0].ID != merged.Decision || history.Items[0].By != "ana@acme.example by token test" || history.Items[0].Reason != "told us" {
		t.Errorf("the history is %+v", history.Items)
	}
	undone := w.do(t, "POST", fmt.Sprintf("%s/decisions/%d/undo", base, merged.Decision), "")
	if d := body[greenroom.Decision](t, undone); undone.Code != 200 || d.UndoneAt.IsZero() {
		t.Errorf("undoing: %d %s", undone.Code, undone.Body)
	}
	for _, was := range []greenroom.Member{one, other} {
		if diff := cmp.Diff(was, w.byName(t, was.Name)); diff != "" {
			t.Errorf("after undoing (-before +after):\n%s", diff)
		}
	}
	if res := w.do(t, "GET", address, ""); res.Header().Get("ETag") != before {
		t.Error("what was undone is not as it was before")
	}
	audit := body[api.Page[api.AuditEntry]](t, w.do(t, "GET", base+"/audit?action=member", ""))
	if len(audit.Items) != 2 || audit.Items[0].Action != "member.undo" || audit.Items[1].Action != "member.merge" {
		t.Errorf("the audit log is %+v", audit.Items)
	}
}

func TestSplitAndEdit(t *testing.T) {
	w := newWhole(t)
	w.importSlack(t)
	one, other := w.byName(t, "Mara Lind"), w.byName(t, "Mara L.")
	address := fmt.Sprintf("%s/members/%d", base, one.ID)
	w.do(t, "POST", address+"/merge", fmt.Sprintf(`{"from":%d}`, other.ID))
	res := w.do(t, "POST", address+"/split", fmt.Sprintf(`{"identities":[%d]}`, other.Identities[0].ID))
	if split := body[api.Changed](t, res); res.Code != 200 || split.Split == nil || split.Split.ID != other.ID || len(split.Member.Identities) != 1 {
		t.Errorf("splitting: %d %s", res.Code, res.Body)
	}
	if res := w.do(t, "POST", address+"/split", fmt.Sprintf(`{"identities":[%d]}`, other.Identities[0].ID)); res.Code != 400 {
		t.Errorf("splitting off what is not there: %d, want 400", res.Code)
	}
	res = w.do(t, "PATCH", address, `{"name":"Mara","country":"pt","add_tags":["Champion"],"fields":{"plan":"pro"},"staff":true}`)
	if m := body[greenroom.Member](t, res); m.Name != "Mara" || m.Country != "PT" || !m.Staff || m.Fields["plan"] != "pro" || !slices.Equal(m.Tags, []string{"champion"}) {
		t.Errorf("changing: %d %s", res.Code, res.Body)
	}
	if res := w.do(t, "PATCH", address, `{"country":"Portugal"}`); res.Code != 400 {
		t.Errorf("a country by its name: %d, want 400", res.Code)
	}
	ids := body[api.Items[greenroom.Identity]](t, w.do(t, "GET", address+"/identities", ""))
	if len(ids.Items) != 1 || ids.Items[0].ExternalID != "U1" {
		t.Errorf("the accounts are %+v", ids.Items)
	}
}

func TestConversation(t *testing.T) {
	w := newWhole(t)
	w.importSlack(t)
	waiting := body[api.Page[greenroom.Conversation]](t, w.do(t, "GET", base+"/conversations?q=is:waiting+channel:help", ""))
	if len(waiting.Items) != 1 || waiting.Items[0].Title != "Where are the logs kept?" {
		t.Fatalf("what waits: %+v", waiting.Items)
	}
	address := fmt.Sprintf("%s/conversations/%d", base, waiting.Items[0].ID)
	for _, step := range []struct {
		send string
		want greenroom.State
	}{{`{"ignored":true}`, greenroom.StateIgnored}, {`{"ignored":false}`, greenroom.StateOpen}} {
		res := w.do(t, "PATCH", address, step.send)
		if v := body[greenroom.Conversation](t, res); v.State != step.want {
			t.Errorf("%s: %d %s", step.send, res.Code, res.Body)
		}
		w.project()
		if got := w.do(t, "GET", address, ""); body[greenroom.Conversation](t, got).State != step.want || got.Header().Get("ETag") != res.Header().Get("ETag") {
			t.Errorf("%s: stored is %s", step.send, got.Body)
		}
	}
	said := body[api.Items[greenroom.Activity]](t, w.do(t, "GET", address+"/activities", ""))
	if len(said.Items) != 1 {
		t.Fatalf("what was said: %+v", said.Items)
	}
	raw := w.do(t, "GET", fmt.Sprintf("%s/activities/%d/raw", base, said.Items[0].ID), "")
	if got := body[struct{ User, Text string }](t, raw); got.User != "U2" || got.Text != "Where are the logs kept?" {
		t.Errorf("what the source said: %s", raw.Body)
	}
	found := body[api.Found](t, w.do(t, "GET", base+"/search?q=refr", ""))
	if len(found.Conversations) != 1 || found.Conversations[0].State != greenroom.StateAnswered {
		t.Errorf("searching: %+v", found)
	}
	suggest := body[api.Items[api.Suggestion]](t, w.do(t, "GET", base+"/query/suggest?entity=conversations&q=channel:%23he", ""))
	if len(suggest.Items) != 1 || suggest.Items[0].Insert != "#help" {
		t.Errorf("suggestions: %+v", suggest.Items)
	}
	overview := body[api.Overview](t, w.do(t, "GET", base+"/overview", ""))
	if overview.Members != 3 || overview.Ledger.Bots != 1 {
		t.Errorf("the overview is %+v", overview)
	}
}

// What stands before the API refuses in the API's words.
func TestRefusedAtTheDoor(t *testing.T) {
	w := newWhole(t)
	for _, token := range []string{"", "grm_" + strings.Repeat("0", 43)} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, base+"/members", nil)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		res := httptest.NewRecorder()
		w.h.ServeHTTP(res, r)
		if p := body[api.Problem](t, res); res.Code != 401 || p.Type != base+"/problems/unauthorized" || res.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("with %q: %d %s", token, res.Code, res.Body)
		}
	}
}

// A token is made, used and revoked by the API itself.
func TestTokenLife(t *testing.T) {
	w := newWhole(t)
	res := w.do(t, "POST", base+"/tokens", `{"name":"report","scope":"read"}`)
	made := body[api.NewToken](t, res)
	if res.Code != 201 || !strings.HasPrefix(made.Secret, "grm_") || res.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %s", res.Code, res.Body)
	}
	reader := *w.client
	reader.token = made.Secret
	root := body[api.Root](t, reader.do(t, "GET", base, ""))
	if root.You == nil || !slices.Equal(root.You.Permissions, []auth.Permission{auth.Read}) {
		t.Errorf("who the token is: %+v", root.You)
	}
	if res := reader.do(t, "POST", base+"/tokens", `{"name":"more","scope":"admin"}`); res.Code != 403 {
		t.Errorf("a token that makes a greater one: %d, want 403", res.Code)
	}
	if res := w.do(t, "DELETE", fmt.Sprintf("%s/tokens/%d", base, made.Token.ID), ""); res.Code != 204 {
		t.Errorf("revoking: %d %s", res.Code, res.Body)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, base, nil)
	r.Header.Set("Authorization", "Bearer "+made.Secret)
	got := httptest.NewRecorder()
	w.h.ServeHTTP(got, r)
	if got.Code != 401 {
		t.Errorf("after revoking: %d, want 401", got.Code)
	}
}
