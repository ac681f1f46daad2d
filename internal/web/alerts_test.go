// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/alert"
	"greenroom/internal/auth"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
)

// bell is a fake of alerts with one in it.
type bell struct{ *house }

func (b bell) one() alert.Alert {
	return alert.Alert{ID: 3, CreatedAt: now, ChangedAt: now, Problem: payload, Draft: alert.Draft{Name: "Asks " + payload, Watch: alert.Activities, Query: payload, Destinations: []int64{1}, People: []string{payload}, Group: alert.GroupMember, GroupMinutes: 90, Do: payload, Owner: payload, Severity: alert.Urgent, Quiet: alert.Quiet{From: 20, To: 8, Zone: "Europe/Lisbon"}}}
}

func (b bell) List(context.Context) ([]alert.Alert, error) { return []alert.Alert{b.one()}, nil }

func (b bell) Get(_ context.Context, id int64) (alert.Alert, error) {
	if id != 3 {
		return alert.Alert{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no alert %d", id)
	}
	return b.one(), nil
}

func (b bell) Add(_ context.Context, d alert.Draft, by string) (alert.Alert, error) {
	if d.Name == "" {
		return alert.Alert{}, greenroom.Errorf(greenroom.CodeInvalid, "an alert needs a name")
	}
	b.note("alert %s on %s %s to %v, quiet %d to %d, by %s", d.Name, d.Watch, d.Query, d.Destinations, d.Quiet.From, d.Quiet.To, by)
	return b.one(), nil
}

func (b bell) Edit(_ context.Context, id int64, d alert.Draft, by string) (alert.Alert, error) {
	b.note("edit alert %d to %s by %s", id, d.Query, by)
	return b.one(), nil
}

func (b bell) Mute(_ context.Context, id int64, d time.Duration, by string) (alert.Alert, error) {
	b.note("mute %d for %s by %s", id, d, by)
	return b.one(), nil
}

func (b bell) Remove(_ context.Context, id int64, by string) error {
	b.note("remove alert %d by %s", id, by)
	return nil
}

func (b bell) Test(_ context.Context, id int64, by string) (int, error) {
	b.note("test alert %d by %s", id, by)
	return 1, nil
}

func (b bell) Firings(context.Context, alert.Filter) ([]alert.Firing, error) {
	yes := true
	f := alert.Firing{ID: 7, AlertID: 3, Object: alert.Object{Kind: "activity", ID: 1}, At: now, LastAt: now, Count: 3, Title: payload, State: alert.Held, DueAt: now, Organization: payload, OrganizationID: 5, JudgedBy: payload, Useful: &yes}
	gone := alert.Firing{ID: 6, AlertID: 3, Object: alert.Object{Kind: "member", ID: 9}, At: now, Count: 1, State: alert.Dropped}
	return []alert.Firing{f, gone}, nil
}

func (b bell) Tallies(context.Context) (map[int64]alert.Tally, error) {
	return map[int64]alert.Tally{3: {Month: 9, Week: 2, Useful: 7, Useless: 3, Failed: 1, LastAt: now}}, nil
}

func (b bell) Judge(_ context.Context, id int64, useful *bool, by string) (alert.Firing, error) {
	b.note("firing %d useful %v by %s", id, useful != nil && *useful, by)
	return alert.Firing{}, nil
}

func (b bell) Suggest(context.Context, int64) (*alert.Suggestion, error) {
	return &alert.Suggestion{Term: payload, Query: payload, Says: payload}, nil
}

func (b bell) Preview(ctx context.Context, d alert.Draft) (*alert.Preview, error) {
	if d.Query == payload {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the query cannot be used: %s", payload)
	}
	all, err := b.Firings(ctx, alert.Filter{})
	if d.Watch == alert.Members {
		return &alert.Preview{Days: 30, Matches: 40, FitNow: 40, Basis: alert.BasisNow, Says: payload, Firings: all}, err
	}
	return &alert.Preview{Days: 30, Times: 12, Basis: alert.BasisPast, Matches: 14, Exact: true, Says: payload, Firings: all}, err
}

func (b bell) Asked(token string) (int64, bool, error) {
	if token != "good" {
		return 0, false, greenroom.Errorf(greenroom.CodeNotFound, "this link does not open")
	}
	return 7, true, nil
}

func (b bell) Answer(ctx context.Context, token string) (alert.Firing, error) {
	id, useful, err := b.Asked(token)
	if err != nil {
		return alert.Firing{}, err
	}
	b.note("answer %d %v", id, useful)
	return alert.Firing{Useful: &useful}, nil
}

// post is a fake of where messages go.
type post struct{ *house }

func (p post) Destinations(context.Context) ([]outbox.Destination, error) {
	return []outbox.Destination{{ID: 1, Name: payload, Channel: outbox.Slack, Shown: payload, CreatedBy: payload, CreatedAt: now, SentAt: now, Problem: payload}, {ID: 2, Name: "mail", Channel: outbox.Email, Shown: "ana@example.org"}}, nil
}

func (p post) AddDestination(_ context.Context, d outbox.DestinationDraft, by string) (outbox.Destination, error) {
	p.note("destination %s %s %s by %s", d.Name, d.Channel, d.Address, by)
	return outbox.Destination{ID: 2, Name: d.Name}, nil
}

func (p post) RemoveDestination(_ context.Context, id int64, by string) error {
	p.note("remove destination %d by %s", id, by)
	return nil
}

func (p post) TryDestination(_ context.Context, id int64, by string) (string, error) {
	p.note("try %d by %s", id, by)
	return "key", nil
}

func (p post) List(context.Context, outbox.Filter) ([]outbox.Message, error) {
	return []outbox.Message{{ID: 5, Subject: payload, State: outbox.Failed, Reason: payload, Destination: 1, CreatedAt: now}}, nil
}

func (p post) Rules(context.Context) (consent.Rules, error) { return consent.Usual(), nil }

func (p post) SetRules(_ context.Context, r consent.Rules, by string) error {
	p.note("rules %v gap %d quiet %d-%d weekdays %v by %s", r.Caps, r.GapHours, r.QuietFrom, r.QuietTo, r.Weekdays, by)
	return nil
}

// What the forms say becomes what they mean; who may not change anything changes nothing; a link of a message counts when
// its button is pressed, not when it is opened, and without signing in.
func TestAlertForms(t *testing.T) {
	h := full(t)
	s := h.site()
	send := func(role auth.Role, target string, form url.Values, code int, want string) {
		t.Helper()
		h.did = nil
		w := visit(t, s, role, "POST", target, form)
		if w.Code != code || strings.Join(h.did, "; ") != want {
			t.Errorf("POST %s: %d, %q; want %d, %q", target, w.Code, h.did, code, want)
		}
	}
	made := url.Values{"name": {"Asks"}, "watch": {"activities"}, "q": {"is:question"}, "to": {"1", "2"}, "people": {"all"}, "group": {"member"}, "rhythm": {"now"}, "severity": {"info"}, "quiet_from": {"20"}, "quiet_to": {"8"}}
	send(auth.RoleContributor, "/alerts/new", made, http.StatusSeeOther, "alert Asks on activities is:question to [1 2], quiet 20 to 8, by ana@example.org")
	send(auth.RoleViewer, "/alerts/new", made, http.StatusForbidden, "")
	send(auth.RoleContributor, "/alerts/new", url.Values{"watch": {"activities"}}, http.StatusUnprocessableEntity, "")
	made.Set("per_hour", "many")
	send(auth.RoleContributor, "/alerts/new", made, http.StatusUnprocessableEntity, "")
	send(auth.RoleContributor, "/alerts/3/mute", url.Values{"hours": {"24"}}, http.StatusSeeOther, "mute 3 for 24h0m0s by ana@example.org")
	send(auth.RoleContributor, "/alerts/3/firings/7", url.Values{"useful": {"no"}}, http.StatusSeeOther, "firing 7 useful false by ana@example.org")
	send(auth.RoleViewer, "/alerts/3/firings/7", url.Values{"useful": {"no"}}, http.StatusForbidden, "")
	send(auth.RoleOwner, "/settings/sending/rules", url.Values{"messages": {"5", "2", ""}, "days": {"30", "7", ""}, "gap": {"24"}, "from": {"20"}, "until": {"8"}, "weekdays": {"on"}}, http.StatusSeeOther, "rules [{2 7} {5 30}] gap 24 quiet 20-8 weekdays true by ana@example.org")
	send(auth.RoleContributor, "/settings/sending/rules", url.Values{}, http.StatusForbidden, "")
	send(auth.RoleOwner, "/settings/sending/destinations", url.Values{"name": {"#team"}, "channel": {"slack"}, "address": {"https://x.example"}}, http.StatusSeeOther, "destination #team slack https://x.example by ana@example.org")

	h.did = nil
	if w := visit(t, s, "", "GET", "/alerts/answer?t=good", nil); w.Code != 200 || len(h.did) > 0 {
		t.Errorf("opening a link: %d, %q; want that it asks", w.Code, h.did)
	}
	send("", "/alerts/answer", url.Values{"t": {"good"}}, http.StatusOK, "answer 7 true")
	send("", "/alerts/answer", url.Values{"t": {"bad"}}, http.StatusNotFound, "")
}

// A preview that shows who fits now does not read as if they would have been told.
func TestAlertPreviewNow(t *testing.T) {
	s := full(t).site()
	body := visit(t, s, auth.RoleOwner, "GET", "/alerts/new?name=Quiet&watch=members&q=is:quiet", nil).Body.String()
	for _, want := range []string{"<h2>Who fits now</h2>", "not what it would have told</span>", "of the 40 who fit now are shown."} {
		if !strings.Contains(body, want) {
			t.Errorf("the preview lacks %q", want)
		}
	}
	if strings.Contains(body, "What it would have") {
		t.Error("who fits now is shown as what it would have done")
	}
}
