// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package business

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/task"
)

// The lists of accounts.
const (
	ListAll     = "all"
	ListRisk    = "risk"    // at risk, the worst first
	ListChances = "chances" // that could buy more
	ListDue     = "due"     // with a follow-up that is due
	ListSnoozed = "snoozed"
)

// Lists are all of them.
func Lists() []string { return []string{ListAll, ListRisk, ListChances, ListDue, ListSnoozed} }

// Filter says which accounts are meant.
type Filter struct {
	List      string // one of Lists; "" = all
	Owner     string // "" = whosever
	Lifecycle greenroom.LifecycleState
	Find      string // part of the name
}

func asMissing(err error, to **greenroom.MissingRateError) bool { return errors.As(err, to) }

// dealDay is the day whose rate a deal is converted by: when it was closed; for an open one today.
func dealDay(d *greenroom.Deal, now time.Time) time.Time {
	if d.State != greenroom.DealOpen && !d.Closed.IsZero() {
		return d.Closed
	}
	return now
}

// List lists the accounts that a filter means: those of organizations of which some source tells that they are prospects, try, pay
// or have left. Snoozed ones are in their own list only, and in that of all.
func (s *Service) List(ctx context.Context, f Filter) ([]View, error) {
	if f.List != "" && !slices.Contains(Lists(), f.List) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "there is no list %q; there are %s", f.List, strings.Join(Lists(), ", "))
	}
	all, err := s.views(ctx, nil)
	if err != nil {
		return nil, err
	}
	today := s.now().In(s.zone()).Format(time.DateOnly)
	all = slices.DeleteFunc(all, func(v View) bool {
		asleep := v.Snoozed >= today
		switch {
		case f.Owner != "" && v.Owner != f.Owner, f.Lifecycle != "" && v.Lifecycle.State != f.Lifecycle, f.Find != "" && !strings.Contains(strings.ToLower(v.Name), strings.ToLower(f.Find)):
			return true
		case f.List == ListRisk:
			return asleep || v.Health.Level != AtRisk || !v.suggested()
		case f.List == ListChances:
			return asleep || v.ChancePts == 0 || !v.suggested()
		case f.List == ListDue:
			return asleep || v.FollowUp == "" || v.FollowUp > today
		case f.List == ListSnoozed:
			return !asleep
		}
		return false
	})
	slices.SortStableFunc(all, func(a, b View) int {
		switch f.List {
		case ListChances:
			return cmp.Or(b.ChancePts-a.ChancePts, cmp.Compare(b.MRR, a.MRR))
		case ListDue:
			return cmp.Compare(a.FollowUp, b.FollowUp)
		}
		return cmp.Or(b.Health.Points-a.Health.Points, cmp.Compare(b.MRR, a.MRR), cmp.Compare(a.Name, b.Name))
	})
	return all, nil
}

// suggested reports whether an account is one to point out. A school that pays nothing is none: many of its people come and go with
// their studies, and few of them buy.
func (v *View) suggested() bool {
	return v.Lifecycle.Kind != greenroom.KindEducation || v.Lifecycle.State == greenroom.Customer
}

// Get is the account of an organization, also of one of which no business system tells.
func (s *Service) Get(ctx context.Context, organization int64) (View, *Facts, []greenroom.Deal, error) {
	set, err := s.collect(ctx, []int64{organization})
	if err != nil {
		return View{}, nil, nil, err
	}
	f := set.facts[organization]
	if f == nil {
		f = &Facts{Organization: organization, Lifecycle: greenroom.Lifecycle{Organization: organization}}
		if e := set.evidence[organization]; e != nil {
			f.Evidence = *e
		}
	}
	v := set.view(f, s.now())
	return v, f, set.deals[organization], nil
}

// collected is what is known of some accounts.
type collected struct {
	ids      []int64
	facts    map[int64]*Facts
	deals    map[int64][]greenroom.Deal
	evidence map[int64]*Evidence
	decided  map[int64]Account
	rates    *greenroom.Rates
	settings *Settings
}

func (s *Service) collect(ctx context.Context, organizations []int64) (*collected, error) {
	c := &collected{facts: make(map[int64]*Facts), deals: make(map[int64][]greenroom.Deal), decided: make(map[int64]Account)}
	of := greenroom.BusinessFilter{Organizations: organizations}
	lives, err := s.store.Lifecycles(ctx, of)
	if err != nil {
		return nil, fmt.Errorf("reading lifecycles: %w", err)
	}
	for _, l := range lives {
		c.ids = append(c.ids, l.Organization)
		c.facts[l.Organization] = &Facts{Organization: l.Organization, Lifecycle: l}
	}
	if organizations == nil {
		organizations = c.ids
		if organizations == nil {
			organizations = []int64{}
		}
	}
	if c.evidence, err = s.store.AccountEvidence(ctx, organizations, s.now()); err != nil {
		return nil, fmt.Errorf("reading what people of accounts did: %w", err)
	}
	deals, err := s.store.Deals(ctx, of)
	if err != nil {
		return nil, fmt.Errorf("reading deals: %w", err)
	}
	for i := range deals {
		c.deals[deals[i].Organization] = append(c.deals[deals[i].Organization], deals[i])
	}
	tickets, err := s.store.Tickets(ctx, of)
	if err != nil {
		return nil, fmt.Errorf("reading tickets: %w", err)
	}
	for i := range tickets {
		if f := c.facts[tickets[i].Organization]; f != nil {
			f.Tickets = append(f.Tickets, tickets[i])
		}
	}
	subs, err := s.store.Subscriptions(ctx, of)
	if err != nil {
		return nil, fmt.Errorf("reading subscriptions: %w", err)
	}
	for i := range subs {
		if f := c.facts[subs[i].Organization]; f != nil {
			f.Subscriptions = append(f.Subscriptions, subs[i])
		}
	}
	for id, f := range c.facts {
		if e := c.evidence[id]; e != nil {
			f.Evidence = *e
		}
	}
	decided, err := s.store.Accounts(ctx, organizations)
	if err != nil {
		return nil, fmt.Errorf("reading what was decided of accounts: %w", err)
	}
	for _, a := range decided {
		c.decided[a.Organization] = a
	}
	c.rates, c.settings, err = s.rates(ctx)
	return c, err
}

func (s *Service) views(ctx context.Context, organizations []int64) ([]View, error) {
	c, err := s.collect(ctx, organizations)
	if err != nil {
		return nil, err
	}
	all := make([]View, 0, len(c.ids))
	for _, id := range c.ids {
		all = append(all, c.view(c.facts[id], s.now()))
	}
	return all, nil
}

// view reckons what is shown of an account.
func (c *collected) view(f *Facts, now time.Time) View {
	v := View{
		Account: c.decided[f.Organization], Name: f.Lifecycle.Name, Lifecycle: f.Lifecycle, Currency: c.rates.Reporting, Health: Look(f, c.settings, now),
		People: f.Evidence.Members, Active: f.Evidence.Active, Questions: f.Evidence.Questions, LastActive: f.Evidence.LastActive, Activity: f.Evidence.Activity[:],
	}
	v.Organization = f.Organization
	if sum(f.Evidence.Usage[:]) > 0 {
		v.Usage = f.Evidence.Usage[:]
	}
	v.Chances, v.ChancePts = Chances(f, c.settings, now)
	v.Renewal, v.RenewalOf = Renewal(f.Subscriptions, now)
	for i := range f.Tickets {
		if !f.Tickets[i].Solved {
			v.Open++
		}
	}
	add := func(to *float64, m greenroom.Money, what string) {
		worth, err := c.rates.Convert(m, now)
		if err != nil {
			v.Problems = append(v.Problems, what+": "+err.Error())
			return
		}
		*to += worth
	}
	for i := range f.Subscriptions {
		sub := &f.Subscriptions[i]
		switch {
		case !sub.State.Pays():
		case !sub.Known:
			v.Problems = append(v.Problems, orName(sub.Name, sub.ExternalID)+": "+sub.Why)
		default:
			add(&v.MRR, greenroom.Money{Amount: sub.MRR, Currency: sub.Currency}, orName(sub.Name, sub.ExternalID))
		}
	}
	deals := c.deals[f.Organization]
	for i := range deals {
		if d := &deals[i]; d.State == greenroom.DealOpen {
			add(&v.Pipeline, d.Money(), orName(d.Name, d.ExternalID))
		}
	}
	return v
}

// Patch says what to change of accounts; what is nil stays.
type Patch struct {
	Owner    *string `json:"owner,omitempty"`
	NextStep *string `json:"next_step,omitempty"`
	FollowUp *string `json:"follow_up,omitempty"` // YYYY-MM-DD, "" = none
	Snoozed  *string `json:"snoozed,omitempty"`   // YYYY-MM-DD, "" = wake it
}

// Change changes accounts, all or none. version is the version that was looked at, and -1 for whatever there is, which is for many
// at once. A next step with an owner and a day becomes a task of theirs; a new owner is told.
func (s *Service) Change(ctx context.Context, organizations []int64, version int64, p Patch, by string) ([]Account, error) {
	if len(organizations) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "choose at least one account")
	}
	lives, err := s.store.Lifecycles(ctx, greenroom.BusinessFilter{Organizations: organizations})
	if err != nil {
		return nil, fmt.Errorf("reading accounts: %w", err)
	}
	called := make(map[int64]string)
	for _, l := range lives {
		called[l.Organization] = l.Name
	}
	have, err := s.store.Accounts(ctx, organizations)
	if err != nil {
		return nil, fmt.Errorf("reading accounts: %w", err)
	}
	before := make(map[int64]Account)
	for _, a := range have {
		before[a.Organization] = a
	}
	var tasks []task.Task
	var notices []task.Notice
	all := make([]Account, 0, len(organizations))
	for _, id := range organizations {
		a := before[id]
		old := a
		a.Organization = id
		if version >= 0 {
			a.Version = version
		}
		for _, x := range []struct{ from, to *string }{{p.Owner, &a.Owner}, {p.NextStep, &a.NextStep}, {p.FollowUp, &a.FollowUp}, {p.Snoozed, &a.Snoozed}} {
			if x.from != nil {
				*x.to = strings.TrimSpace(*x.from)
			}
		}
		if err := a.Validate(); err != nil {
			return nil, err
		}
		name := cmp.Or(called[id], fmt.Sprintf("organization %d", id))
		t, n := s.follows(&a, &old, name, by)
		tasks, notices, all = append(tasks, t...), append(notices, n...), append(all, a)
	}
	stored, err := s.store.SetAccounts(ctx, all, tasks, notices)
	if err != nil {
		return nil, err //nolint:wrapcheck // the store says what was changed meanwhile
	}
	return stored, s.audit.Audit(ctx, by, "account.change", plural(len(all), "account", "accounts"), "of "+numbered("organization", organizations))
}

// numbered names things by their numbers: "organizations 3, 5 and 8".
func numbered(what string, ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	if len(ids) > 1 {
		what += "s"
	}
	return what + " " + greenroom.AllOf(texts)
}

// follows are the task and the notice that follow from a change.
func (s *Service) follows(a, old *Account, name, by string) (tasks []task.Task, notices []task.Notice) {
	link := fmt.Sprintf("/accounts/%d", a.Organization)
	if a.Owner != "" && a.Owner != old.Owner && a.Owner != by {
		notices = append(notices, task.Notice{Key: fmt.Sprintf("account %d %d", a.Organization, s.now().UnixMicro()), Person: a.Owner, Kind: "account", Title: by + " gave you an account", Text: name, Link: link})
	}
	if a.NextStep == "" || a.NextStep == old.NextStep && a.FollowUp == old.FollowUp {
		return tasks, notices
	}
	t := task.Task{
		Key: fmt.Sprintf("account %d step %d", a.Organization, a.Version+1), Title: a.NextStep + " (" + name + ")", Link: link, Origin: "account", OriginID: a.Organization,
		Owner: a.Owner, CreatedBy: by, CreatedAt: s.now(),
	}
	if day, err := time.ParseInLocation(time.DateOnly, a.FollowUp, s.zone()); err == nil {
		t.DueAt = day.Add(17 * time.Hour)
	}
	return append(tasks, t), notices
}

// Notes lists what was written down of an account, the newest first.
func (s *Service) Notes(ctx context.Context, organization int64) ([]Note, error) {
	return s.store.AccountNotes(ctx, organization)
}

// AddNote writes something down.
func (s *Service) AddNote(ctx context.Context, organization int64, text, by string) (Note, error) {
	text, err := noteText(text)
	if err != nil {
		return Note{}, err
	}
	return s.store.AddAccountNote(ctx, Note{Organization: organization, At: s.now(), By: by, Text: text})
}

// RemoveNote takes a note away.
func (s *Service) RemoveNote(ctx context.Context, organization, id int64, by string) error {
	if err := s.store.RemoveAccountNote(ctx, organization, id); err != nil {
		return err //nolint:wrapcheck // the store says which
	}
	return s.audit.Audit(ctx, by, "account.note-removed", fmt.Sprintf("organization %d", organization), fmt.Sprintf("note %d", id))
}
