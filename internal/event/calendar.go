// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"greenroom"
)

// Contents lists content.
func (s *Service) Contents(ctx context.Context, f ContentFilter) ([]Content, error) {
	return s.Store.ContentList(ctx, f)
}

// Content finds a piece of content.
func (s *Service) Content(ctx context.Context, id int64) (Content, error) {
	return s.Store.ContentByID(ctx, id)
}

// AddContent makes an idea.
func (s *Service) AddContent(ctx context.Context, p Piece, by string) (Content, error) {
	if err := p.check(); err != nil {
		return Content{}, err
	}
	c := Content{Owner: ownerOf(by), Status: Idea, CreatedBy: by}
	p.fill(&c)
	c, err := s.Store.AddContent(ctx, c)
	if err != nil {
		return c, fmt.Errorf("storing content: %w", err)
	}
	return c, s.Audit.Audit(ctx, by, "content.make", fmt.Sprintf("content %d", c.ID), c.Title)
}

func (p *Piece) fill(c *Content) {
	c.Title, c.Text, c.Channel, c.At, c.Link, c.EventID, c.Program = p.Title, p.Text, p.Channel, p.At, p.Link, p.EventID, p.Program
	if p.Owner != "" {
		c.Owner = p.Owner
	}
}

// EditContent changes content to what a piece says; its status stays.
func (s *Service) EditContent(ctx context.Context, id int64, p Piece, by string) (Content, error) {
	if err := p.check(); err != nil {
		return Content{}, err
	}
	c, err := s.Store.ContentByID(ctx, id)
	if err != nil {
		return c, err
	}
	p.fill(&c)
	if c.Status == Scheduled && c.At.IsZero() {
		return c, invalid("what is scheduled needs a time")
	}
	if err := s.Store.ChangeContent(ctx, c); err != nil {
		return c, fmt.Errorf("changing content %d: %w", id, err)
	}
	if err := s.Audit.Audit(ctx, by, "content.edit", fmt.Sprintf("content %d", id), c.Title); err != nil {
		return c, fmt.Errorf("writing the audit log: %w", err)
	}
	return s.Store.ContentByID(ctx, id)
}

// MoveContent sets the status of content.
func (s *Service) MoveContent(ctx context.Context, id int64, to Status, by string) (Content, error) {
	c, err := s.Store.ContentByID(ctx, id)
	if err != nil {
		return c, err
	}
	switch {
	case !slices.Contains(Statuses(), to):
		return c, invalid("there is no status %q; expected idea, draft, review, scheduled or published", to)
	case to == Scheduled && c.At.IsZero():
		return c, invalid("say when it is to be published before it is scheduled")
	}
	if err := s.Store.MoveContent(ctx, id, to, by); err != nil {
		return c, err
	}
	if err := s.Audit.Audit(ctx, by, "content.move", fmt.Sprintf("content %d", id), string(to)); err != nil {
		return c, fmt.Errorf("writing the audit log: %w", err)
	}
	return s.Store.ContentByID(ctx, id)
}

// ContentMoves lists how a piece of content came to its status, the newest first.
func (s *Service) ContentMoves(ctx context.Context, id int64) ([]Move, error) {
	return s.Store.ContentMoves(ctx, id)
}

// Entries lists everything in the calendar between two times, in order.
func (s *Service) Entries(ctx context.Context, from, to time.Time) ([]Entry, error) {
	all, err := s.own(ctx, from, to)
	if err != nil {
		return nil, err
	}
	outside, err := s.Store.OutsideEntries(ctx, from, to)
	if err != nil {
		return nil, fmt.Errorf("reading calendars of others: %w", err)
	}
	all = append(all, outside...)
	slices.SortStableFunc(all, func(a, b Entry) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.UID, b.UID)) })
	return all, nil
}

// own are the entries that are ours.
func (s *Service) own(ctx context.Context, from, to time.Time) ([]Entry, error) {
	events, err := s.Store.EventList(ctx, Filter{From: from, To: to, Limit: 1 << 20})
	if err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	all := []Entry{}
	for i := range events {
		all = append(all, events[i].entry())
	}
	contents, err := s.Store.ContentList(ctx, ContentFilter{From: from, To: to, Limit: 1 << 20})
	if err != nil {
		return nil, fmt.Errorf("reading content: %w", err)
	}
	for i := range contents {
		all = append(all, contents[i].entry())
	}
	if s.Dates == nil {
		return all, nil
	}
	dates, err := s.Dates(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the dates of programs: %w", err)
	}
	for i := range dates {
		if d := &dates[i]; d.To.After(from) && d.From.Before(to) {
			all = append(all, *d)
		}
	}
	return all, nil
}

func (e *Event) entry() Entry {
	return Entry{
		UID: fmt.Sprintf("event-%d@greenroom", e.ID), Kind: "event", Title: e.Title, Text: e.Text, From: e.Start, To: e.End, Place: e.Place, Link: e.Link, Path: fmt.Sprintf("/events/%d", e.ID), State: string(e.State), Owner: e.Owner,
		Sequence: e.Sequence, ChangedAt: e.ChangedAt,
	}
}

// publishing is how long something that is published takes in a calendar.
const publishing = 30 * time.Minute

func (c *Content) entry() Entry {
	at := c.At
	if at.IsZero() {
		at = c.PublishedAt
	}
	title := c.Title
	if c.Channel != "" {
		title = c.Channel + ": " + title
	}
	return Entry{
		UID: fmt.Sprintf("content-%d@greenroom", c.ID), Kind: "content", Title: title, Text: c.Text, From: at, To: at.Add(publishing), Link: c.Link, Path: fmt.Sprintf("/calendar/content/%d", c.ID), State: string(c.Status), Owner: c.Owner,
		Sequence: c.Sequence, ChangedAt: c.ChangedAt,
	}
}

// FeedPath is where the calendar is read from outside.
const FeedPath = "/calendar/feed.ics"

const feedPlace = "calendar feed"

// ticket is what the address of a feed says.
type ticket struct {
	Who   string `json:"who"` // mail address of a user; "" = the team
	Epoch int64  `json:"epoch"`
}

// FeedToken is what the address of the team's calendar ends with, or of a person's: who "" is the team.
func (s *Service) FeedToken(ctx context.Context, who string) (string, error) {
	epoch, err := s.Store.CalendarEpoch(ctx)
	if err != nil {
		return "", fmt.Errorf("reading which calendar addresses hold: %w", err)
	}
	data, err := json.Marshal(ticket{who, epoch})
	if err != nil {
		return "", fmt.Errorf("writing a calendar's address: %w", err)
	}
	token, err := s.Seal.Seal(data, feedPlace)
	if err != nil {
		return "", fmt.Errorf("sealing a calendar's address: %w", err)
	}
	return token, nil
}

// RenewFeeds makes all addresses that were given out stop working.
func (s *Service) RenewFeeds(ctx context.Context, by string) error {
	if err := s.Store.RenewCalendars(ctx); err != nil {
		return fmt.Errorf("renewing the calendars' addresses: %w", err)
	}
	return s.Audit.Audit(ctx, by, "calendar.renew", "calendar", "")
}

// errFeed says no more than that an address does not hold.
func errFeed() error {
	return greenroom.Errorf(greenroom.CodeNotFound, "this calendar address does not work any more; get a new one in Greenroom")
}

// The part of the calendar that feeds hold.
const (
	feedBack  = 180 * 24 * time.Hour
	feedAhead = 2 * 366 * 24 * time.Hour
)

// FeedOwner says whose calendars a token opens; "" is the team. CodeNotFound where it does not hold, or whose it is has left.
func (s *Service) FeedOwner(ctx context.Context, token string) (string, error) {
	data, err := s.Seal.Open(token, feedPlace)
	if err != nil {
		return "", errFeed()
	}
	var t ticket
	epoch, err := s.Store.CalendarEpoch(ctx)
	if err != nil {
		return "", fmt.Errorf("reading which calendar addresses hold: %w", err)
	}
	if json.Unmarshal(data, &t) != nil || t.Epoch != epoch {
		return "", errFeed()
	}
	if t.Who != "" {
		team, err := s.Team(ctx)
		if err != nil {
			return "", fmt.Errorf("reading who is of the team: %w", err)
		}
		if !slices.Contains(team, t.Who) {
			return "", errFeed()
		}
	}
	return t.Who, nil
}

// Feed writes the calendar that a token opens: of the team, everything that is ours; of a person, events, and what else they
// own. CodeNotFound where the token does not hold.
func (s *Service) Feed(ctx context.Context, token string, w io.Writer) error {
	who, err := s.FeedOwner(ctx, token)
	if err != nil {
		return err
	}
	name := "Greenroom"
	if who != "" {
		name += ", " + who
	}
	now := s.Now()
	all, err := s.own(ctx, now.Add(-feedBack), now.Add(feedAhead))
	if err != nil {
		return err
	}
	if who != "" {
		all = slices.DeleteFunc(all, func(e Entry) bool { return e.Kind != "event" && e.Owner != who })
	}
	slices.SortStableFunc(all, func(a, b Entry) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.UID, b.UID)) })
	return WriteICal(w, name, all, now)
}

// outsidePlace is where the address of a calendar of others is sealed for.
const outsidePlace = "calendar of others"

// Outsides lists calendars of others.
func (s *Service) Outsides(ctx context.Context) ([]Outside, error) {
	return s.Store.OutsideCalendars(ctx)
}

// AddOutside shows a calendar of others beside ours.
func (s *Service) AddOutside(ctx context.Context, name, address, by string) (Outside, error) {
	name, address = strings.TrimSpace(name), strings.TrimSpace(address)
	if rest, ok := strings.CutPrefix(address, "webcal://"); ok {
		address = "https://" + rest
	}
	u, err := url.Parse(address)
	switch {
	case name == "" || len(name) > maxTitle:
		return Outside{}, invalid("a calendar needs a name")
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		return Outside{}, invalid("expected the address of a calendar, which begins with https:// or webcal://") // it may be secret
	}
	sealed, err := s.Seal.Seal([]byte(address), outsidePlace)
	if err != nil {
		return Outside{}, fmt.Errorf("sealing a calendar's address: %w", err)
	}
	o, err := s.Store.AddOutsideCalendar(ctx, Outside{Name: name, Address: sealed, Shown: u.Host, CreatedBy: by, CreatedAt: s.Now()})
	if err != nil {
		return o, fmt.Errorf("storing a calendar: %w", err)
	}
	if err := s.refresh(ctx, &o); err != nil {
		return o, err
	}
	return o, s.Audit.Audit(ctx, by, "calendar.add", o.Name, o.Shown)
}

// RemoveOutside shows a calendar of others no longer.
func (s *Service) RemoveOutside(ctx context.Context, id int64, by string) error {
	if err := s.Store.RemoveOutsideCalendar(ctx, id); err != nil {
		return fmt.Errorf("removing calendar %d: %w", id, err)
	}
	return s.Audit.Audit(ctx, by, "calendar.remove", fmt.Sprintf("calendar %d", id), "")
}

// refresh reads a calendar of others. What goes wrong is kept with it.
func (s *Service) refresh(ctx context.Context, o *Outside) error {
	if s.Fetch == nil {
		return nil
	}
	now := s.Now()
	var entries []Entry
	address, err := s.Seal.Open(o.Address, outsidePlace)
	if err == nil {
		entries, err = s.Fetch(ctx, string(address), now.Add(-feedBack), now.Add(feedAhead))
	}
	o.Problem = ""
	if err != nil {
		o.Problem = greenroom.ErrorMessage(err)
	}
	for i := range entries {
		entries[i].Kind, entries[i].Calendar = "outside", o.Name
	}
	o.FetchedAt, o.Entries = now, int64(len(entries))
	if err := s.Store.SaveOutside(ctx, o.ID, entries, o.Problem); err != nil {
		return fmt.Errorf("storing the calendar %s: %w", o.Name, err)
	}
	return nil
}

// refreshEvery is how old a calendar of others gets at most.
const refreshEvery = 3 * time.Hour

// RefreshDue reads the calendars of others that are due.
func (s *Service) RefreshDue(ctx context.Context) error {
	all, err := s.Store.OutsideCalendars(ctx)
	if err != nil {
		return fmt.Errorf("listing calendars of others: %w", err)
	}
	for i := range all {
		if s.Now().Sub(all[i].FetchedAt) < refreshEvery {
			continue
		}
		if err := s.refresh(ctx, &all[i]); err != nil {
			return err
		}
	}
	return nil
}

// Run keeps the calendars of others current until ctx ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		if err := s.RefreshDue(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("reading calendars of others", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
