// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package enrichment

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/enrich"
	"greenroom/internal/query"
)

const (
	again     = 180 * 24 * time.Hour // after which somebody is looked up again by itself
	rhythm    = time.Hour            // of looking who is next
	atOnce    = 50                   // lookups of one time
	mostAsked = 20                   // addresses, or links, of one lookup
	mostMonth = 1_000_000

	mostFindings = 20
	mostValue    = 200 // bytes
)

// Service asks the service that the team has connected.
type Service struct {
	keep    Keeper
	people  People
	connect Connect
	vault   Vault
	log     *slog.Logger
	now     func() time.Time
	zone    func() *time.Location // in which months begin
	schema  *query.Schema         // of members
}

// New returns a service. zone says in which time zone a month of the budget begins.
func New(keep Keeper, people People, connect Connect, vault Vault, log *slog.Logger, now func() time.Time, zone func() *time.Location) *Service {
	kinds := make([]string, 0, len(greenroom.Kinds()))
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	return &Service{keep: keep, people: people, connect: connect, vault: vault, log: log, now: now, zone: zone, schema: query.NewSchema(query.Members, kinds)}
}

// Status says how lookups stand, with the key left out.
func (s *Service) Status(ctx context.Context) (Status, error) {
	set, err := s.keep.EnrichmentSettings(ctx)
	if err != nil {
		return Status{}, err
	}
	st := Status{Settings: set, HasKey: set.Key != "", Since: s.month()}
	st.Settings.Key = ""
	if st.Used, err = s.keep.LookupsSince(ctx, st.Since); err != nil {
		return st, err
	}
	st.Accounts, err = s.keep.OutsideKept(ctx)
	return st, err
}

func (s *Service) month() time.Time {
	t := s.now().In(s.zone())
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, t.Location())
}

// Lookups lists the last lookups, the newest first; of one member, or, where that is 0, of all.
func (s *Service) Lookups(ctx context.Context, member int64, limit int) ([]Lookup, error) {
	return s.keep.Lookups(ctx, member, limit)
}

// Save stores settings. key is a new key, in clear; nil leaves the one that is there, "" forgets it. Where the address
// leads to another host, an old key is forgotten, so that it is not sent to anybody it was not meant for.
func (s *Service) Save(ctx context.Context, set Settings, key *string) error {
	old, err := s.keep.EnrichmentSettings(ctx)
	if err != nil {
		return err
	}
	if err := s.check(&set); err != nil {
		return err
	}
	set.Key = old.Key
	if origin(old.Address) != origin(set.Address) {
		set.Key = ""
	}
	if key != nil {
		set.Key = ""
		if k := strings.TrimSpace(*key); k != "" {
			if set.Key, err = s.vault.Seal([]byte(k), KeyPlace); err != nil {
				return fmt.Errorf("sealing the key of the outside service: %w", err)
			}
		}
	}
	return s.keep.SetEnrichmentSettings(ctx, &set)
}

// origin is the scheme and host of an address.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

var word = regexp.MustCompile(`^[a-z][a-z0-9-]{0,29}$`)

// check makes settings whole.
func (s *Service) check(set *Settings) error {
	set.Name, set.Address, set.Consent = strings.ToLower(strings.TrimSpace(set.Name)), strings.TrimSpace(set.Address), strings.TrimSpace(set.Consent)
	invalid := func(format string, args ...any) error {
		return greenroom.Errorf(greenroom.CodeInvalid, format, args...)
	}
	if set.Month < 0 || set.Month > mostMonth {
		return invalid("the lookups of a month are from 0 to %d, not %d", mostMonth, set.Month)
	}
	if set.Consent != "" {
		if _, err := query.Parse(s.schema, set.Consent); err != nil {
			return invalid("who agreed to being looked up: %v", err)
		}
	}
	u, err := url.Parse(set.Address)
	switch {
	case set.Address == "" && !set.On:
	case err != nil, u.Scheme != "https" && u.Scheme != "http", u.Host == "", u.User != nil:
		return invalid("the address of the service is one of the web, such as https://lookup.example.com/person")
	}
	if !set.On {
		return nil
	}
	switch {
	case !word.MatchString(set.Name):
		return invalid("give the service a name of one word, such as registry; it is shown beside what it said")
	case set.Consent == "":
		return invalid("say who agreed to being looked up, by a query on members such as tag:lookup-ok; nobody else is")
	case set.Month == 0:
		return invalid("say how many lookups a month may have, such as 200")
	}
	return nil
}

// ready reads the settings and the condition of consent.
func (s *Service) ready(ctx context.Context) (Settings, query.Node, error) {
	set, err := s.keep.EnrichmentSettings(ctx)
	if err != nil {
		return set, nil, err
	}
	if !set.On {
		return set, nil, greenroom.Errorf(greenroom.CodeConflict, "no outside service is asked; an owner can turn that on")
	}
	q, err := query.Parse(s.schema, set.Consent)
	if err != nil || q.Root == nil {
		return set, nil, greenroom.Errorf(greenroom.CodeConflict, "it is not clear who agreed to being looked up; an owner can say so with a query")
	}
	return set, q.Root, nil
}

// LookUp asks about one member.
func (s *Service) LookUp(ctx context.Context, member int64, by string) (Lookup, error) {
	set, agreed, err := s.ready(ctx)
	if err != nil {
		return Lookup{}, err
	}
	m, err := s.people.Member(ctx, member)
	if err != nil {
		return Lookup{}, err
	}
	holds, err := s.people.Holds(ctx, []query.Node{agreed}, []int64{m.ID}, s.now())
	if err != nil {
		return Lookup{}, fmt.Errorf("reading who agreed to being looked up: %w", err)
	}
	if h := holds[m.ID]; len(h) == 0 || !h[0] {
		return Lookup{}, greenroom.Errorf(greenroom.CodeForbidden, "%s has not agreed to being looked up: %s does not fit", m.Name, set.Consent)
	}
	return s.lookUp(ctx, &set, m.ID, by)
}

// lookUp asks about a member who agreed, unless they want to be left alone.
func (s *Service) lookUp(ctx context.Context, set *Settings, member int64, by string) (Lookup, error) {
	contacts, err := s.people.Contacts(ctx, []int64{member}, s.now())
	if err != nil {
		return Lookup{}, fmt.Errorf("reading what member %d chose: %w", member, err)
	}
	if consent.Silent(contacts[member].Choices) {
		return Lookup{}, greenroom.Errorf(greenroom.CodeForbidden, "this member does not want to be contacted, and is not looked up either")
	}
	accounts, err := s.people.MemberIdentities(ctx, member)
	if err != nil {
		return Lookup{}, fmt.Errorf("reading the accounts of member %d: %w", member, err)
	}
	account, addresses, links := asked(accounts)
	if account == 0 {
		return Lookup{}, greenroom.Errorf(greenroom.CodeConflict, "nothing is known of this member by which they could be looked up: no mail address and no profile link")
	}
	key := ""
	if set.Key != "" {
		clear, err := s.vault.Open(set.Key, KeyPlace)
		if err != nil {
			return Lookup{}, fmt.Errorf("opening the key of the outside service: %w", err)
		}
		key = string(clear)
	}
	l := Lookup{
		At: s.now(), Member: member, Provider: set.Name, By: by, Outcome: Asked, Fields: []string{},
		Addresses: int64(len(addresses)), Links: int64(len(links)),
	}
	if l.ID, err = s.keep.BeginLookup(ctx, &l, s.month(), set.Month); err != nil {
		return Lookup{}, err
	}
	findings, at, asking := s.connect(set.Name, set.Address, key).Lookup(ctx, addresses, links)
	found := &Outside{Provider: set.Name, At: at, Findings: usable(findings)}
	switch {
	case asking != nil:
		l.Outcome, l.Problem, found = Failed, greenroom.ErrorMessage(asking), nil
	case len(found.Findings) == 0:
		l.Outcome = Nobody
	default:
		l.Outcome = Found
		for _, f := range found.Findings {
			l.Fields = append(l.Fields, f.Field)
		}
	}
	if found != nil && (found.At.IsZero() || found.At.After(l.At)) {
		found.At = l.At
	}
	// What was sent has been sent, also where whoever asked has gone.
	if err := s.keep.EndLookup(context.WithoutCancel(ctx), &l, account, found); err != nil {
		return l, fmt.Errorf("keeping what the outside service said: %w", err)
	}
	return l, asking
}

// asked is what a member is looked up by, and the first account that has some of it.
func asked(accounts []greenroom.Identity) (account int64, addresses, links []string) {
	for i := range accounts {
		a := &accounts[i]
		if a.Bot {
			continue
		}
		for _, e := range a.Emails {
			addresses = append(addresses, strings.ToLower(e.Address))
		}
		for _, l := range append([]string{a.ProfileURL}, a.Links...) {
			if l != "" {
				links = append(links, strings.ToLower(l))
			}
		}
		if account == 0 && len(addresses)+len(links) > 0 {
			account = a.ID
		}
	}
	short := func(all []string) []string {
		slices.Sort(all)
		all = slices.Compact(all)
		return all[:min(len(all), mostAsked)]
	}
	return account, short(addresses), short(links)
}

var (
	fieldName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)
	country   = regexp.MustCompile(`^[A-Z]{2}$`)
)

// usable leaves out what is no field, and says each field once.
func usable(all []enrich.Finding) []enrich.Finding {
	kept := []enrich.Finding{}
	for _, f := range all {
		f.Value = strings.TrimSpace(f.Value)
		seen := slices.ContainsFunc(kept, func(k enrich.Finding) bool { return k.Field == f.Field })
		switch {
		case seen, f.Value == "", len(f.Value) > mostValue, strings.ContainsFunc(f.Value, unicode.IsControl), !fieldName.MatchString(f.Field), len(kept) == mostFindings:
		case f.Field == enrich.Country && !country.MatchString(f.Value):
		default:
			kept = append(kept, enrich.Finding{Field: f.Field, Value: f.Value, From: f.From, Words: strings.ToValidUTF8(f.Words[:min(len(f.Words), mostValue)], "")})
		}
	}
	return kept
}

// Work looks up, within the budget, some of those who agreed and were not looked up for half a year. It returns how many.
func (s *Service) Work(ctx context.Context) (int, error) {
	set, agreed, err := s.ready(ctx)
	if err != nil {
		if greenroom.ErrorCode(err) == greenroom.CodeConflict {
			return 0, nil
		}
		return 0, err
	}
	who, err := s.people.SegmentFits(ctx, agreed, s.now())
	if err != nil {
		return 0, fmt.Errorf("reading who agreed to being looked up: %w", err)
	}
	known, err := s.keep.LookedUp(ctx, s.now().Add(-again))
	if err != nil {
		return 0, err
	}
	n := 0
	for _, id := range who {
		if known[id] || n == atOnce {
			continue
		}
		_, err := s.lookUp(ctx, &set, id, "")
		if c := greenroom.ErrorCode(err); c == greenroom.CodeForbidden || c == greenroom.CodeConflict {
			continue // they want to be left alone, or there is nothing to look them up by
		}
		if err != nil {
			return n, err // the month is used up, or the service is not well
		}
		n++
	}
	return n, nil
}

// Run works until ctx ends.
func (s *Service) Run(ctx context.Context) {
	ticker := time.NewTicker(rhythm)
	defer ticker.Stop()
	for {
		n, err := s.Work(ctx)
		if err != nil && !errors.Is(err, context.Canceled) && greenroom.ErrorCode(err) != greenroom.CodeLimited {
			s.log.Warn("members are not looked up", "error", err)
		}
		if n > 0 {
			s.log.Info("members looked up", "members", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Said lists what is kept of what outside services said, by account, after one; 0 begins.
func (s *Service) Said(ctx context.Context, after int64, limit int) ([]Told, error) {
	return s.keep.OutsideSaid(ctx, after, limit)
}

// Forget takes away everything that outside services said.
func (s *Service) Forget(ctx context.Context) (int, error) { return s.keep.ForgetOutside(ctx) }
