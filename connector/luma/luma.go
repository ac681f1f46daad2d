// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package luma reads a Luma calendar by the public API: its events, and who came to them.
//
// Events are asked for from a day on: those of the last days and all that are to come are read again each time. Guests are
// read for events that have begun. Luma records who was checked in at the door and who opened the link to an event online;
// where neither is used, the option takes everybody who was approved. Other registrations are people without an activity and are counted as left out by
// their status.
package luma

import (
	"context"
	"net/http"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "luma"

const title = "Luma"

// The names of the options.
const (
	optKey        = "api-key"
	optAttendance = "attendance"
	optAgain      = "look-again-days"
	optSince      = "since"
	optAPI        = "api"
)

// The choices of what counts as having come.
const (
	cameChecked  = "checked in"
	cameApproved = "approved"
)

const help = `1. The API is part of **Luma Plus**. Open [luma.com/calendar/manage/api-keys](https://luma.com/calendar/manage/api-keys) and choose your calendar; or your calendar's
   **Settings → Developer → API keys**.
2. **Create API key**, name it *Greenroom*, and copy it. A key belongs to one calendar: connect each calendar as a source of its own.
3. Enter the key. Guests count as having come when they are checked in at the door or open the link to an event online. If you use
   neither, choose *approved* below.

Events that your calendar manages come in. Luma does not give those of others that are merely listed on it.`

const limits = `Luma allows 200 requests a minute for each calendar; a page holds 50 events or 100 guests, and each event takes a request of its own for
its description and hosts. 100 events with 10,000 guests take about 250 requests. Guests' answers to the questions of your registration form stay in the raw payload; links to profiles and the company are
taken from them. Luma does not say that an event was canceled: it leaves the list, and stays here as it was.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "luma", Primary: optKey, Help: help, Group: connector.GroupCommunity, Limits: limits,
		Summary:  "Events of a Luma calendar, and who came to them.",
		Keywords: []string{"events", "lu.ma", "rsvp", "attendance", "check-in"},
		Options:  options(), New: New, Incremental: true, Rhythm: 6 * time.Hour,
		Scopes: []connector.Scope{{Name: "API key of the calendar", Why: "Events and guests; it needs Luma Plus."}},
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optKey, Label: "API key", Type: connector.Secret, Required: true, Help: "Of the calendar, from Settings → Developer."},
		{Name: optAttendance, Label: "Who came", Type: connector.Choice, Default: cameChecked, Choices: []string{cameChecked, cameApproved}, Help: "Who was checked in or joined online, or everybody who was approved and did not cancel."},
		{Name: optAgain, Label: "Look again at events, days", Type: connector.Number, Default: "14", Help: "Events of so many days are read again each time, for who came."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "all", Help: "From when on events are wanted."},
		{Name: optAPI, Label: "Address of the API", Type: connector.Address, Default: "https://public-api.luma.com", Help: "Leave it as it is, unless requests go through a proxy of yours."},
	}
}

// source is a calendar.
type source struct {
	set    connector.Settings
	env    connector.Env
	client *rest.Client
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{set: set, env: env}
	key := set.Text(optKey)
	const perMinute, atOnce, minute = 190, 10, 60.0 // 200 in any minute; who asks more often is shut out for one
	s.client, err = rest.New(rest.Config{
		Name: title, Base: set.Text(optAPI) + "/v1", Env: env, Token: "API key", PerSecond: perMinute / minute, Burst: atOnce,
		Authorize: func(_ context.Context, r *http.Request) error {
			r.Header.Set("X-Luma-Api-Key", key)
			return nil
		},
		Refuse: func(ans *rest.Answer) error {
			if ans.Status == http.StatusPaymentRequired {
				return greenroom.Errorf(greenroom.CodeForbidden, "%s gives the API to calendars with Luma Plus only; upgrade the calendar", title)
			}
			return nil
		},
	})
	return s, err
}

var _ interface {
	connector.Tester
	connector.Surveyor
} = (*source)(nil)
