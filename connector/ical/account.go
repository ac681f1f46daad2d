// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ical

import (
	"context"
	"fmt"
	"path/filepath"

	"greenroom/connector"
)

// each opens the calendars one after the other and passes them on, with their names and numbers of events known.
func (s *source) each(ctx context.Context, pass func(*calendarFile)) error {
	one := func(f *calendarFile, open func() error) error {
		defer f.close()
		if err := open(); err != nil {
			return err
		}
		if err := s.survey(f); err != nil {
			return err
		}
		pass(f)
		return nil
	}
	if s.client != nil {
		f := &calendarFile{name: "feed", title: "the feed"}
		return one(f, func() error { return s.fetch(ctx, f, "") })
	}
	for _, path := range s.files {
		f := &calendarFile{name: filepath.Base(path), title: filepath.Base(path)}
		if err := one(f, func() error { return f.open(path, "") }); err != nil {
			return err
		}
	}
	return nil
}

// Test reads the calendars and says how many events there are.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	check := connector.Check{Account: "nobody: whoever has the address may read it"}
	err := s.each(ctx, func(f *calendarFile) {
		check.Notes = append(check.Notes, fmt.Sprintf("%s holds %d events.", f.cal.name, f.cal.events))
	})
	return check, err
}

// Survey counts the events.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	err := s.each(ctx, func(f *calendarFile) {
		v.Places = append(v.Places, connector.Place{ExternalID: f.name, Name: f.cal.name, Covered: true, Members: -1, Items: f.cal.events})
		v.Counts = append(v.Counts, connector.Count{
			What: "events", Place: f.name, Platform: f.cal.events, Query: `in:"#` + f.cal.name + `" kind:announcement`, Of: "activities",
			Explain: []connector.Explanation{{Text: "A recurring event is one in the calendar and one for each time that it took place here"}},
		})
		v.Items += f.cal.events
		v.Requests++
	})
	return v, err
}
