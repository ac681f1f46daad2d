// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"greenroom"
	"greenroom/internal/action"
	"greenroom/internal/analytics"
	"greenroom/internal/auth"
	"greenroom/internal/bounce"
	"greenroom/internal/consent"
	"greenroom/internal/digest"
	"greenroom/internal/health"
	"greenroom/internal/orbit"
	"greenroom/internal/outbox"
	"greenroom/internal/reported"
)

// reportedFake has kept nothing.
type reportedFake struct{ *fake }

func (f reportedFake) Points(context.Context, analytics.Request, *analytics.Result) ([]reported.Point, error) {
	return nil, f.err
}

// digestFake has one recipient.
type digestFake struct{ *fake }

func (f digestFake) Show(context.Context) (*digest.Digest, error) {
	return &digest.Digest{Week: "2026-W48"}, f.err
}

func (f digestFake) Settings(context.Context) (digest.Settings, error) {
	return digest.Settings{On: true, Hook: "sealed", Server: digest.Server{Password: "sealed"}}, f.err
}

func (f digestFake) SetRhythm(_ context.Context, r digest.Settings, slack *string) error {
	f.did = append(f.did, fmt.Sprintf("digest on %s to %v, %v", r.Weekday, r.Recipients, slack))
	return f.err
}

func (f digestFake) SetServer(_ context.Context, v digest.Server, password *string) error {
	f.did = append(f.did, fmt.Sprintf("mail by %s:%d, password %t", v.Host, v.Port, password != nil))
	return f.err
}

func (f digestFake) Test(_ context.Context, to string) error {
	f.did = append(f.did, "test mail to "+to)
	return f.err
}

func (f digestFake) Send(_ context.Context, by string, _ bool) ([]action.Action, error) {
	f.did = append(f.did, "digest by "+by)
	return []action.Action{f.act()}, f.err
}

// bounceFake has a mailbox.
type bounceFake struct{ *fake }

func (f bounceFake) Take(_ context.Context, message io.Reader) (*bounce.Report, error) {
	if f.err != nil {
		return nil, f.err
	}
	return bounce.Parse(message)
}

func (f bounceFake) Settings(context.Context) (bounce.Settings, error) {
	return bounce.Settings{Box: bounce.Box{Server: "imap.example.com", Password: "sealed"}}, f.err
}

func (f bounceFake) SetBox(_ context.Context, b bounce.Box, password *string) error {
	f.did = append(f.did, fmt.Sprintf("mail comes back to %s at %s, %t", b.User, b.Server, password != nil))
	return f.err
}

func (f bounceFake) Refused(context.Context) (int64, error) { return 3, f.err }

// writingFake writes to everybody.
type writingFake struct{ *fake }

func (f writingFake) Reach(context.Context, int64) (*outbox.Reach, error) {
	return &outbox.Reach{Addresses: []string{"ana@acme.example"}, Refusing: []string{}, Purposes: []outbox.Agreement{{Purpose: consent.News}}, At: now, Reason: "it is quiet time where they live", Messages: []outbox.Message{{ID: 1, Channel: outbox.Email, Text: "hello", State: outbox.Sent, CreatedAt: now}}}, f.err
}

func (f writingFake) Write(_ context.Context, member int64, l outbox.Letter, _, by string) (outbox.Message, error) {
	f.did = append(f.did, fmt.Sprintf("%s writes to %d: %s", by, member, l.Subject))
	return outbox.Message{ID: 2, Channel: outbox.Email, Subject: l.Subject, Text: l.Text, State: outbox.Queued, CreatedAt: now}, f.err
}

func (f writingFake) Choose(_ context.Context, member int64, c consent.Choice, by string) error {
	f.did = append(f.did, fmt.Sprintf("%s: %d takes %q: %t, %s", by, member, c.Purpose, c.Allowed, c.How))
	return f.err
}

// healthFake is a community of which little is known.
type healthFake struct{ *fake }

func (f healthFake) Board(_ context.Context, by analytics.Granularity) (*health.Board, error) {
	return &health.Board{By: by, Purposes: []health.Purpose{}}, f.err
}

func (f healthFake) Changes(_ context.Context, by analytics.Granularity) (*health.Changes, error) {
	return &health.Changes{By: by, Looked: []health.Look{}, Moved: []health.Moved{}, People: []health.Circle{}, Next: []health.Task{}}, f.err
}

func (f healthFake) Movement(_ context.Context, r health.MovementRequest) (*health.Movement, error) {
	return &health.Movement{By: r.By, From: now, To: now, Item: health.Item{Metric: r.Metric, Unit: analytics.UnitMembers, Series: []*float64{}, Seasonal: &health.Season{Every: "year"}}}, f.err
}

func (f healthFake) Orbit(_ context.Context, by analytics.Granularity) (*health.Orbit, error) {
	m, _ := orbit.Default(orbit.Levels)
	return &health.Orbit{Model: m, By: by, Periods: []health.OrbitPeriod{}, V1: health.OrbitV1{Model: m}}, f.err
}

func (f healthFake) Quiet(_ context.Context, limit int) ([]health.Silent, int, error) {
	return []health.Silent{{Member: 42, Silent: limit}}, 1, f.err
}

func (f healthFake) Network(context.Context) (*health.Network, error) {
	return &health.Network{Helpers: []health.Helper{}, Bridges: []health.Bridge{}, Between: []health.Between{}, Unanswered: []greenroom.Conversation{}}, f.err
}

func (f healthFake) Introduce(_ context.Context, from, to int64) ([]health.Step, error) {
	return []health.Step{{Member: from}, {Member: to, Last: now}}, f.err
}

func (f healthFake) Funnel(_ context.Context, r health.FunnelRequest) (*health.Funnel, error) {
	out := &health.Funnel{Within: r.Within, At: r.At, Steps: []health.FunnelStep{}}
	for _, s := range r.Steps {
		out.Steps = append(out.Steps, health.FunnelStep{Step: strings.TrimSpace(s)})
	}
	return out, f.err
}

func (f healthFake) Paths(_ context.Context, by string) ([]health.Path, int64, error) {
	return []health.Path{{Steps: []string{by}, Members: 1}}, 1, f.err
}

func (f healthFake) Compare(_ context.Context, r health.CompareRequest) (*health.Comparison, error) {
	return &health.Comparison{Metric: r.Metric, Across: r.Across, Unit: analytics.UnitMembers, By: r.By, Groups: []health.Group{}}, f.err
}

func (f healthFake) Models(context.Context) ([]orbit.Model, error) { return orbit.Defaults(), f.err }

func (f healthFake) History(_ context.Context, name string) ([]greenroom.ScoreVersion, error) {
	return []greenroom.ScoreVersion{{Name: name, Version: 1, At: now}}, f.err
}

func (f healthFake) Preview(_ context.Context, m orbit.Model) (*health.Preview, error) {
	return &health.Preview{Model: m, Moves: []health.Move{}}, f.err
}

func (f healthFake) Save(_ context.Context, m orbit.Model, note, by string) (orbit.Model, error) {
	f.did = append(f.did, by+" saves "+m.Name+": "+note)
	m.Version++
	return m, f.err
}

func (f healthFake) Undo(_ context.Context, name, _ string) (orbit.Model, error) {
	m, _ := orbit.Default(name)
	return m, f.err
}

func (f healthFake) Explain(context.Context, int64) ([]health.Why, error) {
	m, _ := orbit.Default(orbit.Levels)
	return []health.Why{{Model: m, Kinds: []health.KindWorth{}}}, f.err
}

func (f healthFake) Silence(context.Context, int64) (*health.Silent, error) { return nil, f.err }

// TestHealth asks for everything on health, and holds the answers against the document.
func TestHealth(t *testing.T) {
	f := newFake(t)
	c := newClient(t, f.handler(t), user(auth.RoleManager))
	for path, want := range map[string]string{
		"/health/board?by=week":             `"by":"week"`,
		"/health/orbit":                     `"by":"month"`,
		"/health/quiet?limit=7":             `"silent_days":7`,
		"/health/network":                   `"helpers":[]`,
		"/health/introduction?from=42&to=7": `"member":7`,
		"/health/funnel?steps=joined|is:question&within=90&at=1": `"step":"is:question"`,
		"/health/paths?by=channel":                               `"steps":["channel"]`,
		"/health/compare?metric=active_members&across=source":    `"across":"source"`,
		"/health/compare?metric=active_members&across=program":   `"across":"program"`,
		"/metrics/active_members/movement?by=month":              `"every":"year"`,
		"/digest/rhythm":        `"slack":true`,
		"/members/17/scores":    `"scores":[`,
		"/scores":               `"rule":"orbit_v2"`,
		"/scores/love/versions": `"version":1`,
	} {
		if w := c.do(t, "GET", base+path, ""); w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s, want %s", path, w.Code, w.Body, want)
		}
	}
	model := `{"name":"points","version":0,"rule":"points","weights":{"reply":5},"thresholds":[3,2,1]}`
	if w := c.do(t, "POST", base+"/scores/points/preview", model); w.Code != 200 || !strings.Contains(w.Body.String(), `"moves":[]`) {
		t.Errorf("preview: %d %s", w.Code, w.Body)
	}
	if w := c.do(t, "PUT", base+"/scores/points", `{"model":`+model+`,"note":"more"}`); w.Code != 200 || !strings.Contains(w.Body.String(), `"version":1`) {
		t.Errorf("save: %d %s", w.Code, w.Body)
	}
	if w := c.do(t, "PUT", base+"/scores/love", `{"model":`+model+`}`); w.Code != 422 && w.Code != 400 {
		t.Errorf("another name: %d %s", w.Code, w.Body)
	}
	if w := c.do(t, "POST", base+"/scores/points/undo", ""); w.Code != 200 {
		t.Errorf("undo: %d %s", w.Code, w.Body)
	}
	viewer := newClient(t, f.handler(t), user(auth.RoleViewer))
	if w := viewer.do(t, "PUT", base+"/scores/points", `{"model":`+model+`}`); w.Code != 403 {
		t.Errorf("a viewer saves: %d", w.Code)
	}
}

// TestDigestIsSet sets where digests go and the server that mail goes by. What is secret is taken, and never given.
func TestDigestIsSet(t *testing.T) {
	f := newFake(t)
	c := newClient(t, f.handler(t), user(auth.RoleOwner))
	for _, call := range [][2]string{
		{"/digest/rhythm", `{"on":true,"weekday":1,"hour":8,"team":false,"recipients":[],"slack":false,"slack_webhook":"https://hooks.slack.com/services/secret"}`},
		{"/mail/server", `{"host":"smtp.example.com","port":587,"security":"starttls","from":"a@example.com","user":"","has_password":false,"password":"secret"}`},
	} {
		if w := c.do(t, "PUT", base+call[0], call[1]); w.Code != 200 || strings.Contains(w.Body.String(), "sealed") || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: %d %s", call[0], w.Code, w.Body)
		}
	}
	if w := c.do(t, "POST", base+"/mail/test", `{"to":"ana@example.com"}`); w.Code != 200 {
		t.Errorf("test: %d %s", w.Code, w.Body)
	}
	if w := c.do(t, "POST", base+"/mail/test", `{"to":"ana"}`); w.Code != 422 && w.Code != 400 {
		t.Errorf("a test to nobody: %d %s", w.Code, w.Body)
	}
	if w := c.do(t, "GET", base+"/mail/server", ""); w.Code != 200 || !strings.Contains(w.Body.String(), `"has_password":true`) || strings.Contains(w.Body.String(), "sealed") {
		t.Errorf("the mail server: %d %s", w.Code, w.Body)
	}
	did := strings.Join(f.did, "; ")
	if strings.Contains(did, "<nil>") || !strings.Contains(did, "mail by smtp.example.com:587, password true; test mail to ana@example.com") {
		t.Errorf("did %s", did)
	}
	if w := newClient(t, f.handler(t), user(auth.RoleManager)).do(t, "PUT", base+"/mail/server", `{}`); w.Code != 403 {
		t.Errorf("a manager sets the mail server: %d", w.Code)
	}
}
