// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/analytics"
	"greenroom/internal/api"
	"greenroom/internal/auth"
	"greenroom/internal/brand"
	"greenroom/internal/connect"
	"greenroom/internal/list"
	"greenroom/internal/member"
	"greenroom/internal/query"
	"greenroom/internal/stack"
)

// now is the clock of the tests.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// fake is everything that the API stands on, with one object of each sort. What a test wants to go wrong it sets.
type fake struct {
	err     error // of everything that reads
	clock   time.Time
	member  greenroom.Member
	merges  int
	running *greenroom.Run
	asked   analytics.Request
	stream  int // activities that a list has
	broken  int // the page of a list, counted from 1, that cannot be read
	pages   int
	panics  bool
	block   chan struct{} // merges wait for it
	log     bytes.Buffer
	zone    *time.Location
	days    int
	audited []string
	did     []string // changes of sources
	users   []auth.User
}

func newFake(t *testing.T) *fake {
	t.Helper()
	return &fake{
		clock:  now,
		member: greenroom.Member{ID: 42, Name: "Ana", Emails: []string{}, Tags: []string{}, Identities: []greenroom.IdentityRef{}},
		users:  []auth.User{{ID: 1, Email: "ana@acme.example", Role: auth.RoleOwner, CreatedAt: now}},
	}
}

func (f *fake) deps() api.Deps {
	return api.Deps{
		Log: slog.New(slog.NewTextHandler(&f.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Now: func() time.Time { return f.clock }, Version: "1.2.3",
		Lists: f, Objects: f, Sources: f, Counts: f, Members: f, Employers: employersFake{f}, Conversations: f, Imports: f, Connect: f, Metrics: f, People: f, Tokens: f, Audit: f, Privacy: f, Settings: f, Stack: f, Health: healthFake{f}, Deliveries: f,
		TryMapping: func(string, string, []greenroom.Delivery) ([]api.Tried, []string, error) {
			return []api.Tried{{ID: 1, Facts: []api.TriedFact{}, Problems: []string{}}}, nil, f.err
		}, Actions: f, Matches: fakeMatches{f}, Enrichment: fakeEnrichment{f}, Pictures: fakePictures{f}, Origins: fakeOrigins{f}, Organizations: fakeOrganizations{f}, OrganizationMatches: fakeOrganizations{f}, Segments: club{f}, Programs: initiatives{f}, Events: stage{f}, Readings: fakeReader{f}, Topics: topicsFake{f}, Assistant: assistantFake{f}, Writing: writingFake{f}, Bounces: bounceFake{f}, Digests: digestFake{f}, Reported: reportedFake{f}, Pushes: f, Alerts: bell{f}, Sending: bell{f},
		PublicPages: brandFake{f}, Workflows: flowsFake{f}, Outbox: outboxFake{f}, Inbox: fakeInbox{f}, Tasks: fakeTasks{f}, Recognition: thankful{f}, Requests: wishful{f}, Goals: aims{f}, Plans: worksFake{f}, Proof: proofFake{f}, Knowledge: shelfFake{f}, Reports: paperFake{f}, Surveys: surveyFake{f}, Accounts: accountsFake{f}, Tools: stackFake{f}, Maturity: ripe{f}, Processes: chores{f}, Crew: crewFake{f}, SQL: sqlFake{}, Studies: studyFake{},
		Search: func(context.Context, string, int) (api.Found, error) { return api.Found{}, f.err },
		Lookup: func(_ context.Context, field *query.Field, _ string, _ int) ([]string, error) {
			if field.Attr == "channel" {
				return []string{"hélp", "help"}, f.err
			}
			return nil, f.err
		},
		Connectors: []connector.Spec{{
			Kind: "test", Title: "Test", Platform: "test", Summary: "For tests.", Primary: "path", Push: &connector.Push{Help: "Enter it.", Secret: "key"},
			Options: []connector.Option{
				{Name: "path", Label: "Path", Type: connector.Path, Required: true, Help: "where it is"},
				{Name: "key", Label: "Key", Type: connector.Secret},
				{Name: "site", Label: "Site", Type: connector.Address},
				{Name: "mode", Label: "Mode", Type: connector.Choice, Choices: []string{"a", "b"}},
			},
		}},
		Rebuild: func(context.Context) error { return f.err },
	}
}

func (f *fake) handler(t *testing.T) http.Handler {
	t.Helper()
	h, err := api.New(f.deps())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (f *fake) ListMembers(_ context.Context, req list.Request) (list.Page[greenroom.Member], error) {
	if f.panics {
		panic("out of cheese")
	}
	p := list.Page[greenroom.Member]{Items: []greenroom.Member{f.member}, Prev: "p", Total: -1}
	if req.Cursor == "" {
		p.Next = "n"
	}
	return p, f.err
}

func (f *fake) ListOrganizations(context.Context, list.Request) (list.Page[greenroom.Organization], error) {
	return list.Page[greenroom.Organization]{Total: -1}, f.err
}

func (f *fake) ListActivities(_ context.Context, req list.Request) (list.Page[greenroom.Activity], error) {
	f.pages++
	if f.pages == f.broken {
		return list.Page[greenroom.Activity]{}, errors.New("disk on fire")
	}
	p := list.Page[greenroom.Activity]{Total: -1}
	for range min(f.stream, req.Size()) {
		p.Items = append(p.Items, greenroom.Activity{ID: int64(f.stream), OccurredAt: now})
		f.stream--
	}
	if f.stream > 0 {
		p.Next = "more"
	}
	return p, f.err
}

func (f *fake) ListConversations(context.Context, list.Request) (list.Page[greenroom.Conversation], error) {
	return list.Page[greenroom.Conversation]{Total: -1}, f.err
}

func (f *fake) Member(_ context.Context, id int64) (greenroom.Member, error) {
	if id == 17 {
		id = 42 // was merged
	}
	if id != f.member.ID {
		return greenroom.Member{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no member %d", id)
	}
	return f.member, f.err
}

func (f *fake) MemberIdentities(context.Context, int64) ([]greenroom.Identity, error) {
	return []greenroom.Identity{{ID: 1}}, f.err
}

func (f *fake) Organization(_ context.Context, id int64) (greenroom.Organization, error) {
	if id == 7 {
		return greenroom.Organization{ID: id, Name: "Globex"}, f.err
	}
	return greenroom.Organization{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no organization %d", id)
}

func (f *fake) Activity(context.Context, int64) (greenroom.Activity, error) {
	return greenroom.Activity{ID: 1, Kind: greenroom.KindReply, OccurredAt: now}, f.err
}

func (f *fake) ActivityPayload(_ context.Context, id int64) ([]byte, error) {
	if id == 2 {
		return []byte("<script>alert(1)</script>"), f.err
	}
	return []byte(`{"ts":"1"}`), f.err
}

func (f *fake) Conversation(context.Context, int64) (greenroom.Conversation, error) {
	return greenroom.Conversation{ID: 1, Kind: greenroom.KindMessage, State: greenroom.StateIgnored, OpenedAt: now, LastActivityAt: now, FirstResponseAt: now}, f.err
}

func (f *fake) ConversationActivities(context.Context, int64, int) ([]greenroom.Activity, error) {
	return nil, f.err
}

func (f *fake) source() greenroom.Source {
	return greenroom.Source{ID: 1, Name: "a/b c", Kind: "test", Config: map[string]string{
		"path": "/data/x", "key": "hunter2", "site": "https://bot:hunter2@forum.example/x", "gone": "hunter2",
	}, CreatedAt: now}
}

func (f *fake) Sources(context.Context) ([]greenroom.Source, error) {
	return []greenroom.Source{f.source()}, f.err
}

func (f *fake) Source(_ context.Context, name string) (greenroom.Source, error) {
	if name != "a/b c" {
		return greenroom.Source{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no source %q", name)
	}
	return f.source(), f.err
}

func (f *fake) LastRuns(context.Context) (map[int64]greenroom.Run, error) {
	return map[int64]greenroom.Run{1: {ID: 3, State: greenroom.RunDone, StartedAt: now, UpdatedAt: now}}, f.err
}

func (f *fake) Runs(context.Context, int64, int) ([]greenroom.Run, error) {
	return []greenroom.Run{{ID: 3, State: greenroom.RunDone, StartedAt: now, UpdatedAt: now}}, f.err
}

func (f *fake) Rejects(_ context.Context, _ int64, offset, limit int) ([]greenroom.Reject, error) {
	var all []greenroom.Reject
	for i := offset; i < 5 && len(all) < limit; i++ {
		all = append(all, greenroom.Reject{Line: int64(i)})
	}
	return all, f.err
}

func (f *fake) LeftOut(context.Context, int64) (map[string]int64, error) { return nil, f.err }

func (f *fake) Overview(context.Context) (greenroom.Overview, error) {
	return greenroom.Overview{}, f.err
}

func (f *fake) Ledger(context.Context, int64) (greenroom.Ledger, error) {
	return greenroom.Ledger{}, f.err
}

func (f *fake) SourceKinds(context.Context, int64) (map[greenroom.Kind]int64, error) {
	return map[greenroom.Kind]int64{greenroom.KindReply: 2}, f.err
}

func (f *fake) SourceChannels(context.Context, int64, int) ([]greenroom.Channel, []int64, error) {
	return []greenroom.Channel{{ID: 1, Name: "help"}}, []int64{2}, f.err
}

func (f *fake) Merge(_ context.Context, _, _ int64, _, _ string) (int64, error) {
	if f.block != nil {
		f.block <- struct{}{} // has begun
		<-f.block             // may go on
	}
	if f.err != nil {
		return 0, f.err
	}
	f.merges++
	return int64(f.merges), nil
}

func (f *fake) Split(context.Context, int64, []int64, string, string) (int64, int64, error) {
	return 1, 42, f.err
}

func (f *fake) Undo(context.Context, int64, string) (greenroom.Decision, error) {
	return greenroom.Decision{ID: 1, At: now}, f.err
}

func (f *fake) History(context.Context, int64) ([]greenroom.Decision, error) { return nil, f.err }

func (f *fake) Edit(_ context.Context, _ int64, e member.Edit, _ string) error {
	if e.Name != nil {
		f.member.Name = *e.Name
	}
	return f.err
}

func (f *fake) IgnoreConversation(context.Context, int64, bool) error { return f.err }

func (f *fake) StartImport(_ context.Context, i api.Import) (greenroom.Source, greenroom.Run, error) {
	return greenroom.Source{Name: i.Source, Kind: i.Spec.Kind}, greenroom.Run{ID: 4, State: greenroom.RunRunning, StartedAt: now, UpdatedAt: now}, f.err
}

func (f *fake) RunningImport(string) (greenroom.Run, bool) {
	if f.running == nil {
		return greenroom.Run{}, false
	}
	return *f.running, true
}

func (f *fake) StopImport(context.Context, string) error { return f.err }

func (f *fake) Compute(_ context.Context, r analytics.Request) (*analytics.Result, error) {
	f.asked = r
	return &analytics.Result{Name: r.Metric, Version: 1, Unit: analytics.UnitMembers, AsOf: now, Series: []analytics.Point{{From: r.From, To: r.To}}}, f.err
}

func (f *fake) Records(analytics.Request, *analytics.Result, int) (query.Entity, string, error) {
	return query.Members, "is:active country:PT", f.err
}

func (f *fake) Users(context.Context, auth.Caller) ([]auth.User, error) { return f.users, f.err }

func (f *fake) SetRole(_ context.Context, _ auth.Caller, _ int64, r auth.Role) (auth.User, error) {
	f.users[0].Role = r
	return f.users[0], f.err
}

func (f *fake) SetDisabled(_ context.Context, _ auth.Caller, _ int64, yes bool) (auth.User, error) {
	f.users[0].Disabled = yes
	return f.users[0], f.err
}

func (f *fake) LinkFor(context.Context, auth.Caller, int64) (auth.Link, error) {
	return auth.Link{Token: "abc", ExpiresAt: now}, f.err
}

func (f *fake) Invite(context.Context, auth.Caller, string, auth.Role) (auth.Link, error) {
	return auth.Link{Token: "abc", ExpiresAt: now}, f.err
}

func (f *fake) Invitations(context.Context, auth.Caller) ([]auth.Invitation, error) {
	return []auth.Invitation{{ID: "x", Kind: auth.LinkInvite, Role: auth.RoleViewer, CreatedAt: now, ExpiresAt: now}}, f.err
}

func (f *fake) RevokeInvitation(context.Context, auth.Caller, string) error { return f.err }

func (f *fake) CreateToken(_ context.Context, _ auth.Caller, n auth.NewToken) (auth.Secret, auth.Token, error) {
	return "grm_secret", auth.Token{ID: 1, Name: n.Name, Scope: n.Scope, CreatedAt: now}, f.err
}

func (f *fake) Tokens(context.Context, auth.Caller, int64) ([]auth.Token, error) {
	return []auth.Token{{ID: 1, Scope: auth.ScopeRead, CreatedAt: now}}, f.err
}

func (f *fake) RevokeToken(context.Context, auth.Caller, int64) error { return f.err }

func (f *fake) Audit(_ context.Context, c auth.Caller, action, target, _ string) error {
	f.audited = append(f.audited, c.Actor()+" "+action+" "+target)
	return f.err
}

func (f *fake) AuditPage(context.Context, auth.Caller, auth.Filter) ([]auth.Entry, int64, error) {
	return []auth.Entry{{ID: 9, At: now}}, 9, f.err
}

func (f *fake) ExportMember(_ context.Context, id int64, w io.Writer) error {
	if id != f.member.ID {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no member %d", id)
	}
	_, err := io.WriteString(w, `{"member":{}}`)
	return err
}

func (f *fake) EraseMember(context.Context, int64, string) error { return f.err }

func (f *fake) Zone() *time.Location { return cmp.Or(f.zone, time.UTC) }

func (f *fake) SetZone(_ context.Context, name string) (err error) {
	if f.zone, err = time.LoadLocation(name); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "there is no time zone %q", name)
	}
	return f.err
}

func (f *fake) RawRetention(context.Context) (int, error) { return f.days, f.err }

func (f *fake) SetRawRetention(_ context.Context, days int, _ string) error {
	f.days = days
	return f.err
}

func (f *fake) AlertRetention(context.Context) (int, error) { return 400, f.err }

func (f *fake) SetAlertRetention(context.Context, int, string) error { return f.err }

func (f *fake) Reports(ctx context.Context) ([]stack.Report, error) {
	r, err := f.Report(ctx, "box")
	if err != nil {
		return nil, err
	}
	return []stack.Report{*r}, nil
}

func (f *fake) Report(context.Context, string) (*stack.Report, error) {
	if f.err != nil {
		return nil, f.err
	}
	return &stack.Report{State: stack.StateGood, Budgets: []greenroom.Budget{}, Volume: []stack.Day{}, Alerts: []stack.Alert{}, Changes: []stack.Change{}}, nil
}

func (f *fake) LastDeliveries(context.Context, int64, int) ([]greenroom.Delivery, error) {
	return []greenroom.Delivery{{ID: 1, State: greenroom.DeliveryDone}}, f.err
}

func (f *fake) RetryDeliveries(context.Context, int64) (int64, error) { return 2, f.err }

func (f *fake) Test(context.Context, string, connector.Values) (connect.Tested, error) {
	return connect.Tested{Asked: true, Check: connector.Check{Account: "bot", Missing: []connector.Missing{{Name: "read:issue", Must: true}}}}, f.err
}

func (f *fake) TestSource(_ context.Context, name string, options map[string]string) (connect.Tested, error) {
	f.did = append(f.did, fmt.Sprintf("test %s %v", name, options))
	return connect.Tested{}, f.err
}

func (f *fake) Survey(context.Context, string, connector.Values) (connect.Surveyed, error) {
	return connect.Surveyed{Survey: connector.Survey{Places: []connector.Place{{ExternalID: "7", Name: "acme/site", Members: -1}}, Requests: 90}, Time: time.Minute}, f.err
}

func (f *fake) SurveySource(context.Context, string, map[string]string) (connect.Surveyed, error) {
	return connect.Surveyed{}, f.err
}

func (f *fake) Authorize(_ context.Context, a connect.Asking) (connect.Consent, error) {
	f.did = append(f.did, fmt.Sprintf("authorize %s %s %v %s", a.Kind, a.Source, a.Options, a.Redirect))
	return connect.Consent{URL: "https://platform.example/consent", Redirect: a.Redirect, Until: now}, f.err
}

func (f *fake) Redeem(_ context.Context, back url.Values, _ string) (connect.Granted, error) {
	f.did = append(f.did, "redeem "+back.Encode())
	return connect.Granted{Kind: "test", Source: "a/b c", Stored: back.Get("state") == "s", Options: connector.Values{"path": "x"}}, f.err
}

func (f *fake) Change(_ context.Context, name string, c connect.Change) (greenroom.Source, error) {
	f.did = append(f.did, fmt.Sprintf("change %s %v %v %v", name, c.Options, c.Forget, c.FromStart))
	return greenroom.Source{ID: 1, Name: name, Kind: "test", Config: map[string]string{"mode": "b", "key": "sealed:x"}, CreatedAt: now}, f.err
}

func (f *fake) RenewSecret(context.Context, string) (string, error) { return "0123", f.err }

func (f *fake) Remove(_ context.Context, name, confirm, by string) error {
	f.did = append(f.did, fmt.Sprintf("remove %s, confirmed %s by %s", name, confirm, by))
	return f.err
}

func (f *fake) Removals(context.Context) ([]greenroom.Removal, error) {
	return []greenroom.Removal{{Source: "a/b c", AskedAt: now, AskedBy: "ana", Total: 3, Done: 1}}, f.err
}

func (f *fake) Rename(_ context.Context, name, to string) (greenroom.Source, error) {
	f.did = append(f.did, "rename "+name+" to "+to)
	return greenroom.Source{ID: 1, Name: to, Kind: "test", CreatedAt: now}, f.err
}

func (f *fake) Disconnect(_ context.Context, name string) error {
	f.did = append(f.did, "disconnect "+name)
	return f.err
}

// brandFake is how public pages look.
type brandFake struct{ f *fake }

func (b brandFake) Brand(context.Context) (brand.Brand, error) { return brand.Usual(), b.f.err }

func (b brandFake) SetBrand(context.Context, brand.Brand, string) error { return b.f.err }

// employersFake is where members of the fake work.
type employersFake struct{ *fake }

func (f employersFake) Stints(context.Context, int64) ([]greenroom.Stint, error) {
	return nil, f.err
}

func (f employersFake) FormerMembers(context.Context, int64) ([]greenroom.Stint, error) {
	return nil, f.err
}

func (f employersFake) Placements(context.Context, int64) ([]greenroom.Placement, error) {
	return nil, f.err
}

func (f employersFake) Place(_ context.Context, p greenroom.Placement, _ string) (greenroom.Placement, error) {
	return p, f.err
}

func (f employersFake) Undo(context.Context, int64, string) (greenroom.Placement, error) {
	return greenroom.Placement{ID: 1, MemberID: 42, Kind: greenroom.PlacedMoved}, f.err
}
