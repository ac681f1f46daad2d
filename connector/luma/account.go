// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package luma

import (
	"context"
	"fmt"
	"net/url"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Test asks whose key it is, and for an event.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	check := connector.Check{Account: "the key of a calendar"}
	var self struct {
		Name  string `json:"name"`
		Email string `json:"email"`
	}
	if _, err := s.client.Into(ctx, "/users/get-self", nil, &self); err == nil {
		if name := first(self.Name, self.Email); name != "" {
			check.Account = "the key of " + name
		}
	} else if !rest.Gone(err) && !rest.Refused(err) {
		return check, err
	}
	l, err := s.list(ctx, "/calendars/events/list", "", url.Values{"pagination_limit": {"1"}})
	switch {
	case rest.Refused(err):
		check.Missing = append(check.Missing, connector.Missing{Name: "Luma Plus", Then: "Nothing comes in.", Do: "Upgrade the calendar to Luma Plus and make an API key in its settings.", Must: true})
	case err != nil:
		return check, err
	case len(l.Entries) == 0:
		check.Notes = append(check.Notes, "The calendar has no events yet.")
	}
	return check, nil
}

// Survey counts the events, since Luma tells no numbers, and forecasts requests.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	for cursor := ""; ; {
		l, err := s.list(ctx, "/calendars/events/list", cursor, url.Values{"pagination_limit": {pageEvents}, "sort_column": {"start_at"}, "sort_direction": {"asc"}})
		if err != nil {
			return v, err
		}
		v.Items += int64(len(l.Entries))
		v.Requests++
		if cursor = l.next(); cursor == "" {
			break
		}
	}
	v.Places = []connector.Place{{ExternalID: calendar, Name: "Events", Covered: true, Members: -1, Items: v.Items}}
	count := connector.Count{What: "events", Place: calendar, Platform: v.Items, Query: "kind:announcement", Of: "activities"}
	if since := s.set.Since(optSince); !since.IsZero() {
		count.Explain = []connector.Explanation{{Text: "Events before " + since.Format("2 January 2006") + " are not wanted, by the option of the source"}}
	}
	v.Counts = []connector.Count{count}
	v.Requests += 2 * v.Items // the event, and its guests
	v.Cost = fmt.Sprintf("about %d requests of 200 a minute", v.Requests)
	return v, nil
}
