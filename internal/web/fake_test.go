// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/analytics"
	"greenroom/internal/auth"
	"greenroom/internal/auth/authhttp"
	"greenroom/internal/connect"
	"greenroom/internal/enrich"
	"greenroom/internal/enrichment"
	"greenroom/internal/list"
	"greenroom/internal/member"
	"greenroom/internal/query"
)

var now = time.Date(2026, 11, 21, 16, 12, 0, 0, time.UTC)

// house is a fake of everything behind the pages, with what they changed.
type house struct {
	removals      []greenroom.Removal
	t             *testing.T
	members       []greenroom.Member
	organizations []greenroom.Organization
	activities    []greenroom.Activity
	conversations []greenroom.Conversation
	identities    []greenroom.Identity
	decisions     []greenroom.Decision
	records       []greenroom.BusinessRecord
	sources       []greenroom.Source
	runs          []greenroom.Run
	rejects       []greenroom.Reject
	running       bool
	ticks         int64 // how often somebody asked what runs
	dir           string
	did           []string // changes, in words
	asked         []string // queries of lists, as they are written
}

func (h *house) note(format string, args ...any) { h.did = append(h.did, fmt.Sprintf(format, args...)) }

func page[T any](h *house, req list.Request, items []T) list.Page[T] {
	text := ""
	if req.Query != nil && req.Query.Root != nil {
		text = query.Format(req.Query.Root)
	}
	h.asked = append(h.asked, text)
	if req.Limit > 0 && len(items) > req.Limit {
		items = items[:req.Limit]
	}
	return list.Page[T]{Items: items, Total: int64(len(items))}
}

func (h *house) Overview(context.Context) (greenroom.Overview, error) {
	return greenroom.Overview{Members: int64(len(h.members)), Sources: int64(len(h.sources)), Waiting: 1}, nil
}

func (h *house) ListMembers(_ context.Context, req list.Request) (list.Page[greenroom.Member], error) {
	return page(h, req, h.members), nil
}

func (h *house) ListOrganizations(_ context.Context, req list.Request) (list.Page[greenroom.Organization], error) {
	return page(h, req, h.organizations), nil
}

func (h *house) ListActivities(_ context.Context, req list.Request) (list.Page[greenroom.Activity], error) {
	return page(h, req, h.activities), nil
}

func (h *house) ListConversations(_ context.Context, req list.Request) (list.Page[greenroom.Conversation], error) {
	return page(h, req, h.conversations), nil
}

func find[T any](items []T, id int64, of func(*T) int64) (T, error) {
	for i := range items {
		if of(&items[i]) == id {
			return items[i], nil
		}
	}
	var none T
	return none, greenroom.Errorf(greenroom.CodeNotFound, "there is no such thing")
}

func (h *house) Member(_ context.Context, id int64) (greenroom.Member, error) {
	return find(h.members, id, func(m *greenroom.Member) int64 { return m.ID })
}

func (h *house) OutsideOf(context.Context, int64) ([]enrichment.Outside, error) {
	return []enrichment.Outside{{Provider: "registry", At: now, Findings: []enrich.Finding{{Field: "shirt", Value: "M"}}}}, nil
}

func (h *house) MemberIdentities(context.Context, int64) ([]greenroom.Identity, error) {
	return h.identities, nil
}

func (h *house) Organization(_ context.Context, id int64) (greenroom.Organization, error) {
	return find(h.organizations, id, func(o *greenroom.Organization) int64 { return o.ID })
}

func (h *house) OrganizationRecords(context.Context, int64) ([]greenroom.BusinessRecord, error) {
	return h.records, nil
}

func (h *house) Activity(_ context.Context, id int64) (greenroom.Activity, error) {
	return find(h.activities, id, func(a *greenroom.Activity) int64 { return a.ID })
}

func (h *house) Conversation(_ context.Context, id int64) (greenroom.Conversation, error) {
	return find(h.conversations, id, func(c *greenroom.Conversation) int64 { return c.ID })
}

func (h *house) ConversationActivities(context.Context, int64, int) ([]greenroom.Activity, error) {
	return h.activities, nil
}

func (h *house) MemberDays(context.Context, int64, time.Time, *time.Location) (map[string]int, error) {
	return map[string]int{"2026-11-03": 4, "2026-06-30": 1}, nil
}

func (h *house) Find(context.Context, string, int) ([]greenroom.Member, []greenroom.Organization, []greenroom.Conversation, error) {
	return h.members, h.organizations, h.conversations, nil
}

func (h *house) Lookup(context.Context, *query.Field, string, int) ([]string, error) {
	return []string{"#help"}, nil
}

func (h *house) Merge(_ context.Context, into, from int64, reason, by string) (int64, error) {
	h.note("merge %d into %d because %q by %s", from, into, reason, by)
	return 77, nil
}

func (h *house) Split(_ context.Context, of int64, ids []int64, _, by string) (decision, newMember int64, err error) {
	h.note("split %v from %d by %s", ids, of, by)
	return 78, 900, nil
}

func (h *house) Undo(_ context.Context, decision int64, by string) (greenroom.Decision, error) {
	h.note("undo %d by %s", decision, by)
	return greenroom.Decision{ID: decision, Action: "merge", MemberID: 7}, nil
}

func (h *house) History(context.Context, int64) ([]greenroom.Decision, error) {
	return h.decisions, nil
}

func (h *house) Edit(_ context.Context, id int64, e member.Edit, by string) error {
	h.note("edit %d: +%v -%v by %s", id, e.AddTags, e.RemoveTags, by)
	return nil
}

func (h *house) ExportMember(_ context.Context, id int64, w io.Writer) error {
	if id != 7 {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no member %d", id)
	}
	h.note("export %d", id)
	_, err := io.WriteString(w, `{"member":7}`)
	return err
}

func (h *house) EraseMember(_ context.Context, id int64, by string) error {
	h.note("erase %d by %s", id, by)
	return nil
}

func (h *house) RawRetention(context.Context) (int, error) { return 90, nil }

func (h *house) SetRawRetention(_ context.Context, days int, by string) error {
	h.note("keep %d days by %s", days, by)
	return nil
}

func (h *house) AlertRetention(context.Context) (int, error) { return 400, nil }

func (h *house) SetAlertRetention(_ context.Context, days int, by string) error {
	h.note("keep alerts %d days by %s", days, by)
	return nil
}

func (h *house) IgnoreConversation(_ context.Context, id int64, ignored bool) error {
	h.note("ignore %d: %v", id, ignored)
	return nil
}

func (h *house) Sources(context.Context) ([]greenroom.Source, error) { return h.sources, nil }

func (h *house) Source(_ context.Context, name string) (greenroom.Source, error) {
	for i := range h.sources {
		if h.sources[i].Name == name {
			return h.sources[i], nil
		}
	}
	return greenroom.Source{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no source %q", name)
}

func (h *house) LastRuns(context.Context) (map[int64]greenroom.Run, error) {
	last := make(map[int64]greenroom.Run)
	for _, r := range h.runs {
		last[r.SourceID] = r
	}
	return last, nil
}

func (h *house) Runs(context.Context, int64, int) ([]greenroom.Run, error) { return h.runs, nil }

func (h *house) Rejects(context.Context, int64, int, int) ([]greenroom.Reject, error) {
	return h.rejects, nil
}

func (h *house) LeftOut(context.Context, int64) (map[string]int64, error) {
	return map[string]int64{"a private channel": 3}, nil
}

func (h *house) Ledger(context.Context, int64) (greenroom.Ledger, error) {
	return greenroom.Ledger{Accounts: 9, Members: 6, Merged: 2, Staff: 1}, nil
}

func (h *house) SourceKinds(context.Context, int64) (map[greenroom.Kind]int64, error) {
	return map[greenroom.Kind]int64{greenroom.KindMessage: 5}, nil
}

func (h *house) SourceChannels(context.Context, int64, int) ([]greenroom.Channel, []int64, error) {
	return []greenroom.Channel{{ID: 1, Name: payload}}, []int64{5}, nil
}

func (h *house) Specs() []connector.Spec {
	return []connector.Spec{{
		Kind: "box", Title: "A box", Platform: "mail", Summary: "Letters.", Help: "1. **Open** it\n\n<script>alert(1)</script>",
		Options: []connector.Option{{Name: "path", Label: "Box", Type: connector.Path, Required: true}, {Name: "lang", Label: "Language", Type: connector.Text}, {Name: "deep", Label: "Deep", Type: connector.Bool}},
	}, {
		Kind: "register", Title: "A register", Platform: "post", Summary: "Letters in a table.", Primary: "path", Options: []connector.Option{
			{Name: "path", Label: "Register", Type: connector.Path, Required: true},
			{Name: "type", Label: "Type", Type: connector.Choice, Default: "auto", Choices: []string{"auto", "letters", "parcels"}},
			{Name: "columns", Label: "Columns", Type: connector.Mapping},
			{Name: "deep", Label: "Deep", Type: connector.Bool},
		},
	}, {
		Kind: "wire", Title: "A wire", Platform: "telegraph", Summary: "Telegrams.", Primary: "address", Rhythm: time.Hour, Limits: "Ten a day.", Group: connector.GroupBusiness, Keywords: []string{"morse"},
		Push: &connector.Push{Help: "Tell the **office**.", Secret: "sign"}, OAuth: &connector.OAuth{Client: "client", Access: "token", Register: "At the **office**."}, Scopes: []connector.Scope{{Name: "listen", Why: "To hear.", Optional: true}},
		Manifest: []connector.Manifest{{Title: "Form", Format: "json", Where: "At the *counter*.", Template: `{"name": {{printf "%q" .Name}}}`}},
		Options: []connector.Option{
			{Name: "address", Label: "Address", Type: connector.Address, Required: true},
			{Name: "token", Label: "Token", Type: connector.Secret, Required: true},
			{Name: "client", Label: "Client", Type: connector.Text},
			{Name: "lines", Label: "Lines", Type: connector.List, FromSurvey: true},
			{Name: "since", Label: "How far back", Type: connector.Since, Default: "18m"},
			{Name: "note", Label: "Note", Type: connector.Long},
			{Name: "fields", Label: "Fields", Type: connector.Mapping},
			{Name: "sign", Label: "Secret", Type: connector.Secret},
		},
	}}
}

func (h *house) Test(_ context.Context, kind string, v connector.Values) (connect.Tested, error) {
	h.note("test %s: %v", kind, v)
	if v["token"] == "bad" {
		return connect.Tested{}, greenroom.Errorf(greenroom.CodeUnauthorized, "the office refuses %s; make another one and enter it in the settings of the source; nothing was lost, the next sync goes on from here", payload)
	}
	return connect.Tested{Asked: true, Check: connector.Check{Account: payload, Notes: []string{payload}, Missing: []connector.Missing{{Name: payload, Then: payload, Do: payload}}}}, nil
}

func (h *house) TestSource(_ context.Context, name string, options map[string]string) (connect.Tested, error) {
	h.note("test source %s: %v", name, options)
	return connect.Tested{}, nil
}

func (h *house) Survey(context.Context, string, connector.Values) (connect.Surveyed, error) {
	return connect.Surveyed{Time: 3 * time.Hour, Survey: connector.Survey{Items: 12, Requests: 3, Cost: payload, Places: []connector.Place{
		{Name: payload, Covered: true, Members: 2, Items: -1}, {Name: "east", Entry: "line/east", Why: payload, Members: -1, Items: -1}, {Name: "west", Covered: true, Members: -1, Items: 4},
	}}}, nil
}

func (h *house) SurveySource(context.Context, string, map[string]string) (connect.Surveyed, error) {
	return connect.Surveyed{}, greenroom.Errorf(greenroom.CodeUnavailable, "busy with %s", payload)
}

func (h *house) Change(_ context.Context, name string, c connect.Change) (greenroom.Source, error) {
	if c.Rhythm == nil {
		h.note("change %s: %v", name, c.Options)
		return greenroom.Source{Name: name}, nil
	}
	h.note("change %s: %v, rhythm %d, from the start %v", name, c.Options, *c.Rhythm, c.FromStart)
	return greenroom.Source{Name: name}, nil
}

func (h *house) Authorize(_ context.Context, a connect.Asking) (connect.Consent, error) {
	h.note("authorize %s %s: %v, back to %s", a.Kind, a.Source, a.Options, a.Redirect)
	if a.Options["client"] == "" && a.Kind != "" {
		return connect.Consent{}, greenroom.Errorf(greenroom.CodeInvalid, "needs the app of %s", payload)
	}
	return connect.Consent{URL: "https://office.example/consent?state=s"}, nil
}

func (h *house) Redeem(_ context.Context, back url.Values, by string) (connect.Granted, error) {
	h.note("redeem %s by %s", back.Encode(), by)
	g := connect.Granted{Kind: "wire", Source: "desk", Options: connector.Values{"address": "https://office.example", "client": "id", "token": "granted"}}
	switch back.Get("state") {
	case "stored":
		g.Source, g.Stored, g.Options = "office", true, connector.Values{"token": "granted"}
	case "refused":
		return g, greenroom.Errorf(greenroom.CodeForbidden, "the office has not granted access")
	case "new":
	default:
		return connect.Granted{}, greenroom.Errorf(greenroom.CodeInvalid, "this consent is not waited for")
	}
	return g, nil
}

func (h *house) RenewSecret(_ context.Context, name string) (string, error) {
	h.note("renew %s", name)
	return payload, nil
}

func (h *house) Remove(_ context.Context, name, confirm, by string) error {
	if confirm != name {
		return greenroom.Errorf(greenroom.CodeInvalid, "type the name of the source")
	}
	h.note("remove %s by %s", name, by)
	return nil
}

func (h *house) Removals(context.Context) ([]greenroom.Removal, error) { return h.removals, nil }

func (h *house) Rename(_ context.Context, name, to string) (greenroom.Source, error) {
	if to == "" {
		return greenroom.Source{}, greenroom.Errorf(greenroom.CodeInvalid, "it needs a name")
	}
	h.note("rename %s to %s", name, to)
	return greenroom.Source{Name: to}, nil
}

func (h *house) Disconnect(_ context.Context, name string) error {
	h.note("disconnect %s", name)
	return nil
}

func (h *house) Start(_ context.Context, kind, source string, values connector.Values, by string) (greenroom.Source, error) {
	if values["path"] == "" {
		return greenroom.Source{}, greenroom.Errorf(greenroom.CodeInvalid, "name the box")
	}
	text, err := os.ReadFile(values["path"])
	if err != nil {
		return greenroom.Source{}, err
	}
	if strings.Contains(values["columns"], "to=,") {
		return greenroom.Source{}, greenroom.Errorf(greenroom.CodeInvalid, "a letter needs somebody to get it")
	}
	more := ""
	if values["columns"] != "" {
		more = ", columns=" + values["columns"]
	}
	h.note("import %s as %s by %s: %s, lang=%s%s", kind, source, by, text, values["lang"], more)
	return greenroom.Source{Name: source}, nil
}

func (h *house) Stop(_ context.Context, source, by string) error {
	h.note("stop %s by %s", source, by)
	return nil
}

func (h *house) Running() map[string]Work {
	if !h.running {
		return nil
	}
	h.ticks++
	return map[string]Work{"forum": {Run: greenroom.Run{ID: 2, SourceID: 4, Read: h.ticks * 1000, Stored: 7, Done: h.ticks * 1_000_000, Total: 90_000_000, Unit: "bytes", Phase: payload}, Rate: 1234, Left: 95 * time.Second}}
}

func (h *house) Preview(_ context.Context, kind string, values connector.Values, _ int) (Sheet, error) {
	h.note("preview %s: %v", kind, values)
	s := Sheet{Type: "letters", Fields: []SheetField{{"to", payload}, {"from", "From"}}, Columns: []SheetColumn{{Name: payload, Field: "to", Samples: []string{payload}}, {Name: "Sender"}}}
	if strings.Contains(values["columns"], "to=,") {
		return s, greenroom.Errorf(greenroom.CodeInvalid, "a letter needs somebody to get it")
	}
	s.Rows = []SheetRow{{Line: 2, Values: map[string]string{"to": payload}}, {Line: 3, Problem: payload, Expected: payload}}
	s.Problems = []string{payload}
	return s, nil
}

type sentFile struct{ *os.File }

func (f sentFile) Close() (string, error) { return f.Name(), f.File.Close() }
func (f sentFile) Discard()               { _ = os.Remove(f.Name()) }

func (h *house) Upload(name string) (Upload, error) {
	f, err := os.Create(filepath.Join(h.dir, filepath.Base(name)))
	return sentFile{f}, err
}

// Compute draws a rising line; of retention, a table.
func (h *house) Records(r analytics.Request, res *analytics.Result, point int) (query.Entity, string, error) {
	return query.Activities, "occurred:" + res.Series[point].From.Format("2006-01-02") + " -is:staff -is:bot", nil
}

func (h *house) Compute(_ context.Context, r analytics.Request) (*analytics.Result, error) {
	if r.Breakdown == "nonsense" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "there is no breakdown by nonsense")
	}
	res := &analytics.Result{Name: r.Metric, LeftOut: analytics.LeftOut{Staff: 2}}
	value := .5
	for i := range 3 {
		p := analytics.Point{From: r.From.AddDate(0, i, 0), To: r.From.AddDate(0, i+1, 0), Value: &value, N: 10, Count: 5}
		if r.Breakdown != "" {
			p.Group = payload
		}
		if r.Metric == "retention" {
			p.Offset = &i
			p.From = r.From
		}
		res.Series = append(res.Series, p)
	}
	return res, nil
}

func (h *house) Users(context.Context, auth.Caller) ([]auth.User, error) {
	return []auth.User{{ID: 1, Email: "ana@example.org", Role: auth.RoleOwner}, {ID: 2, Email: "vic@example.org", Name: payload, Role: auth.RoleViewer}}, nil
}

func (h *house) SetRole(_ context.Context, _ auth.Caller, id int64, role auth.Role) (auth.User, error) {
	h.note("role of %d: %s", id, role)
	return auth.User{ID: id, Email: "vic@example.org", Role: role}, nil
}

func (h *house) SetDisabled(_ context.Context, _ auth.Caller, id int64, disabled bool) (auth.User, error) {
	h.note("disabled %d: %v", id, disabled)
	return auth.User{ID: id, Disabled: disabled}, nil
}

func (h *house) LinkFor(context.Context, auth.Caller, int64) (auth.Link, error) {
	return auth.Link{}, nil
}

func (h *house) Invite(_ context.Context, _ auth.Caller, email string, role auth.Role) (auth.Link, error) {
	h.note("invite %s as %s", email, role)
	return auth.Link{}, nil
}

func (h *house) Invitations(context.Context, auth.Caller) ([]auth.Invitation, error) {
	return []auth.Invitation{{ID: "i", Email: payload, Role: auth.RoleViewer}}, nil
}

func (h *house) RevokeInvitation(context.Context, auth.Caller, string) error {
	h.note("revoke invitation")
	return nil
}

func (h *house) SetName(_ context.Context, _ auth.Caller, name string) (auth.User, error) {
	h.note("name %s", name)
	return auth.User{}, nil
}

func (h *house) SetPassword(context.Context, auth.Caller, string, string) error {
	h.note("password")
	return nil
}

func (h *house) Sessions(context.Context, auth.Caller) ([]auth.Session, error) {
	return []auth.Session{{ID: "own", Agent: payload}, {ID: "other", Agent: "Firefox"}}, nil
}

func (h *house) EndSession(context.Context, auth.Caller, string) error {
	h.note("end session")
	return nil
}

func (h *house) CreateToken(context.Context, auth.Caller, auth.NewToken) (auth.Secret, auth.Token, error) {
	h.note("token")
	return "", auth.Token{Name: payload}, nil
}

func (h *house) Tokens(context.Context, auth.Caller, int64) ([]auth.Token, error) {
	return []auth.Token{{ID: 1, Name: payload}}, nil
}

func (h *house) RevokeToken(context.Context, auth.Caller, int64) error {
	h.note("revoke token")
	return nil
}

func (h *house) AuditPage(context.Context, auth.Caller, auth.Filter) ([]auth.Entry, int64, error) {
	return []auth.Entry{{ID: 1, Actor: payload, Action: "merge", Target: payload, Detail: payload}}, 9, nil
}

func (h *house) TeamDomains(context.Context) ([]string, error) { return []string{"acme.com"}, nil }

func (h *house) SetTeamDomains(_ context.Context, domains []string) error {
	h.note("team %v", domains)
	return nil
}

func (h *house) Zone() *time.Location { return time.UTC }

func (h *house) UsualZone() *time.Location { return time.UTC }

func (h *house) SetZone(_ context.Context, name string) error {
	h.note("zone %s", name)
	return nil
}

// payload is what somebody might call themselves.
const payload = `<img src=x onerror=alert(1)>"'><script>alert(2)</script>{{.}}`

const script = "javascript:alert(3)//"

// full is a house in which everything that comes from outside is hostile.
func full(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir()}
	refs := []greenroom.IdentityRef{{ID: 1, Source: payload, Platform: payload, Handle: payload}, {ID: 2, Source: "forum", Platform: "discourse"}}
	h.members = []greenroom.Member{
		{ID: 7, Name: payload + " b", Emails: []string{payload}, Organization: payload, OrganizationID: 5, Title: payload, Location: payload, Tags: []string{payload}, Fields: map[string]string{payload: payload}, Identities: refs, Activities: 30, FirstActive: now.AddDate(-1, 0, 0), LastActive: now.AddDate(0, -2, 0)},
		{ID: 8, Name: payload + " b", Activities: 2, FirstActive: now.AddDate(0, 0, -3), LastActive: now.AddDate(0, 0, -3), Identities: []greenroom.IdentityRef{{Source: "elsewhere", Platform: "slack"}}},
		{ID: 9, Name: "Nobody"},
	}
	h.organizations = []greenroom.Organization{{ID: 5, Name: payload, Domains: []string{payload, "b"}, Lifecycle: payload, Fields: map[string]string{"a": payload}, Members: 2, LastActive: now}}
	h.identities = []greenroom.Identity{{ID: 1, Source: payload, Handle: payload, ProfileURL: script, MatchReason: payload, Emails: []greenroom.Email{{Address: payload}}}, {ID: 2, Source: "forum", Name: "b", ProfileURL: "https://forum.example/u/b"}}
	h.activities = []greenroom.Activity{
		{ID: 40, Kind: greenroom.KindQuestion, Question: true, Title: payload, Body: "> " + payload + "\n```\n" + payload + "\n```\n" + payload, URL: script, Source: payload, Channel: payload, ConversationID: 30, MemberID: 7, Member: payload, OccurredAt: now},
		{ID: 41, Kind: greenroom.KindReaction, Body: payload, URL: "DATA:text/html,x", MemberID: 8, Member: payload, OccurredAt: now},
		{ID: 42, Kind: greenroom.KindReply, Body: "fine", URL: "https://forum.example/t/1", MemberID: 8, Member: "b", OccurredAt: now},
	}
	h.conversations = []greenroom.Conversation{{ID: 30, Kind: greenroom.KindQuestion, Question: true, State: greenroom.StateOpen, Title: payload, URL: script, Author: payload, AuthorMemberID: 7, Source: payload, Channel: payload, OpenedAt: now.AddDate(0, 0, -3)}}
	h.decisions = []greenroom.Decision{{ID: 77, Action: "merge", MemberID: 7, OtherID: 8, Identities: []int64{2}, By: payload, Reason: payload, At: now}, {ID: 76, Action: "split", MemberID: 7, UndoneAt: now}}
	h.records = []greenroom.BusinessRecord{{ID: 1, Name: payload, Type: payload, Stage: payload, Amount: 10, Currency: payload}}
	h.sources = []greenroom.Source{{ID: 3, Name: payload, Kind: "box", Platform: payload}, {ID: 4, Name: "forum", Kind: "box", Platform: "discourse"}, {ID: 5, Name: "office", Kind: "wire", Platform: "telegraph", Config: map[string]string{"address": payload, "token": "sealed:x", "since": "2025-01-31", "lines": payload}}}
	h.runs = []greenroom.Run{{ID: 1, SourceID: 3, State: greenroom.RunFailed, Read: 10, Rejected: 1, LeftOut: 3, Error: payload, Phase: payload, StartedAt: now, UpdatedAt: now, FinishedAt: now}}
	h.rejects = []greenroom.Reject{{File: payload, Line: 3, Reason: payload, Expected: payload, Excerpt: payload}}
	return h
}

func (h *house) site(edits ...func(*Config)) *Site {
	h.t.Helper()
	guard, err := authhttp.New(nil, slog.New(slog.DiscardHandler), authhttp.Options{})
	if err != nil {
		h.t.Fatal(err)
	}
	c := Config{
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }, Zones: h, Community: payload, Sample: true,
		Overview: h, Lists: h, Objects: h, Calendar: h, Finder: h, Members: h, Privacy: h, Talks: h, Sources: h, Imports: h, Connect: h, Figures: h, Segments: club{h}, Alerts: bell{h}, Sending: post{h}, Enrichment: bureau{h}, Pictures: booth{h}, Origins: twice{h}, Organizations: firm{h}, OrganizationMatches: firm{h}, Workflows: &shop{house: h}, Outbox: outbag{h}, People: h, Account: h, AuditLog: h, Team: h, Guard: guard,
	}
	for _, edit := range edits {
		edit(&c)
	}
	s, err := New(c)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// visit asks for a page as somebody with a role; edits change the request before.
func visit(t *testing.T, s *Site, role auth.Role, method, target string, form url.Values, edits ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, edit := range edits {
		edit(r)
	}
	r = r.WithContext(auth.With(r.Context(), auth.Caller{User: auth.User{ID: 1, Email: "ana@example.org", Role: role}, Session: "own"}))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func parse(t *testing.T, w *httptest.ResponseRecorder) *html.Node {
	t.Helper()
	node, err := html.Parse(strings.NewReader(w.Body.String()))
	if err != nil {
		t.Fatal(err)
	}
	return node
}
