// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"fmt"
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
type bell struct{ *fake }

func (b bell) one() alert.Alert {
	return alert.Alert{ID: 42, CreatedAt: now, ChangedAt: now, Draft: alert.Draft{Name: "Asks", Watch: alert.Activities, Query: "is:question", Destinations: []int64{1}, Owner: "ana"}}
}

func (b bell) firing() alert.Firing {
	return alert.Firing{ID: 42, AlertID: 42, Object: alert.Object{Kind: "activity", ID: 1}, At: now, LastAt: now, Count: 1, Title: "Ana asks", State: alert.Sent}
}

func (b bell) List(context.Context) ([]alert.Alert, error) { return []alert.Alert{b.one()}, b.err }

func (b bell) Get(_ context.Context, id int64) (alert.Alert, error) {
	if id != 42 && b.err == nil {
		return alert.Alert{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no alert %d", id)
	}
	return b.one(), b.err
}

func (b bell) Add(_ context.Context, d alert.Draft, by string) (alert.Alert, error) {
	b.did = append(b.did, fmt.Sprintf("alert %s by %s", d.Name, by))
	return b.one(), b.err
}

func (b bell) Edit(context.Context, int64, alert.Draft, string) (alert.Alert, error) {
	return b.one(), b.err
}

func (b bell) Mute(context.Context, int64, time.Duration, string) (alert.Alert, error) {
	return b.one(), b.err
}
func (b bell) Remove(context.Context, int64, string) error      { return b.err }
func (b bell) Test(context.Context, int64, string) (int, error) { return 1, b.err }

func (b bell) Firings(context.Context, alert.Filter) ([]alert.Firing, error) {
	return []alert.Firing{b.firing()}, b.err
}

func (b bell) Tallies(context.Context) (map[int64]alert.Tally, error) {
	return map[int64]alert.Tally{42: {Month: 3, Useful: 2, Useless: 1, LastAt: now}}, b.err
}

func (b bell) Judge(context.Context, int64, *bool, string) (alert.Firing, error) {
	return b.firing(), b.err
}

func (b bell) Suggest(context.Context, int64) (*alert.Suggestion, error) { return nil, b.err }

func (b bell) Preview(context.Context, alert.Draft) (*alert.Preview, error) {
	return &alert.Preview{Days: 30, Times: 1, Firings: []alert.Firing{b.firing()}}, b.err
}

func (b bell) place() outbox.Destination {
	return outbox.Destination{ID: 42, Name: "#team", Channel: outbox.Slack, Secret: "sealed", Shown: "hooks.slack.com", CreatedBy: "ana", CreatedAt: now}
}

func (b bell) Destinations(context.Context) ([]outbox.Destination, error) {
	return []outbox.Destination{b.place()}, b.err
}

func (b bell) AddDestination(context.Context, outbox.DestinationDraft, string) (outbox.Destination, error) {
	return b.place(), b.err
}
func (b bell) RemoveDestination(context.Context, int64, string) error { return b.err }

func (b bell) TryDestination(context.Context, int64, string) (string, error) { return "try X", b.err }

func (b bell) Rules(context.Context) (consent.Rules, error)          { return consent.Usual(), b.err }
func (b bell) SetRules(context.Context, consent.Rules, string) error { return b.err }

// The address of a destination is never given out, and precision comes with its interval.
func TestAlerts(t *testing.T) {
	c := newClient(t, newFake(t).handler(t), user(auth.RoleOwner))
	if res := c.do(t, "GET", base+"/destinations", ""); res.Code != 200 || strings.Contains(res.Body.String(), "sealed") {
		t.Errorf("destinations: %d, %s", res.Code, res.Body)
	}
	res := c.do(t, "GET", base+"/alerts/42", "")
	if res.Code != 200 || !strings.Contains(res.Body.String(), `"judged":3`) || !strings.Contains(res.Body.String(), `"low":0.2`) {
		t.Errorf("an alert: %d, %s", res.Code, res.Body)
	}
	if res := c.do(t, "GET", base+"/alerts/7", ""); res.Code != 404 {
		t.Errorf("no alert: %d", res.Code)
	}
	viewer := c.as(user(auth.RoleViewer))
	for _, ask := range [][3]string{{"POST", "/alerts", `{"name":"x","watch":"activities"}`}, {"DELETE", "/alerts/42", ""}, {"POST", "/destinations", `{"name":"x","channel":"slack","address":"https://x.example"}`}, {"PUT", "/contact-rules", `{"caps":[],"gap_hours":0,"quiet_from":0,"quiet_to":0,"weekdays":false}`}} {
		if res := viewer.do(t, ask[0], base+ask[1], ask[2]); res.Code != 403 {
			t.Errorf("a viewer may %s %s: %d", ask[0], ask[1], res.Code)
		}
	}
}
