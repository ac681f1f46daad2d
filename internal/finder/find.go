// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package finder

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/list"
	"greenroom/internal/query"
)

// Candidate is somebody who fits and may be asked.
type Candidate struct {
	Member       int64      `json:"member_id" doc:"Who."`
	Name         string     `json:"name" doc:"Their name."`
	Organization string     `json:"organization,omitempty" doc:"Where they work."`
	Country      string     `json:"country,omitempty" doc:"Two letters."`
	LastActive   time.Time  `json:"last_active,omitzero" doc:"Their last activity."`
	Evidence     []Evidence `json:"evidence" doc:"What they did and said that fits, the newest first."`
	Reasons      []string   `json:"reasons" doc:"Why they are at this place, in words."`
	Asked        int        `json:"asked" doc:"How often they were asked for a study before."`
	ByMail       bool       `json:"by_mail" doc:"They can be invited by mail; others are asked where they are active."`

	address string
	score   float64
	lot     uint64
}

// Evidence is an activity that fits.
type Evidence struct {
	Activity     int64     `json:"activity_id" doc:"The activity."`
	Conversation int64     `json:"conversation_id,omitempty" doc:"The conversation that it is part of."`
	Kind         string    `json:"kind" doc:"did (the first query) or said (the second)."`
	Text         string    `json:"text" doc:"What it says."`
	At           time.Time `json:"at" doc:"When."`
}

// LeftOut counts those who fit and may not be asked.
type LeftOut struct {
	Reason string `json:"reason" doc:"Why."`
	Count  int    `json:"count" doc:"How many."`
}

// Shortlist is who fits.
type Shortlist struct {
	Candidates []Candidate `json:"candidates" doc:"Who fits and may be asked, the best first."`
	LeftOut    []LeftOut   `json:"left_out" doc:"Who fits and may not, counted by the reason."`
	Cut        bool        `json:"cut,omitempty" doc:"More fits than was looked at; ask for less."`
}

const (
	lookedAt   = 20_000 // activities of a query, and members
	evidenceOf = 5      // that are shown of each kind
	halfLife   = 90.0   // days after which evidence counts half
	excerptLen = 300
)

// hits is what one member did that fits a query.
type hits struct {
	n     int
	score float64
	shown []Evidence
}

// Find finds who fits a study. study is its number, whose lot orders those who are alike; 0 before it is kept.
func (s *Service) Find(ctx context.Context, d *Draft, study int64) (*Shortlist, error) {
	if err := s.check(d); err != nil {
		return nil, err
	}
	f := &Shortlist{Candidates: []Candidate{}, LeftOut: []LeftOut{}}
	did, err := s.hits(ctx, d.Uses, "did", f)
	if err != nil {
		return nil, err
	}
	said, err := s.hits(ctx, d.Said, "said", f)
	if err != nil {
		return nil, err
	}
	members, err := s.members(ctx, d.Who, f)
	if err != nil {
		return nil, err
	}
	members = slices.DeleteFunc(members, func(m greenroom.Member) bool {
		return m.Staff || m.Bot || m.Hidden || d.Uses != "" && did[m.ID] == nil || d.Said != "" && said[m.ID] == nil
	})
	return f, s.judge(ctx, d, study, members, did, said, f)
}

// hits gathers what fits a query by member.
func (s *Service) hits(ctx context.Context, text, kind string, f *Shortlist) (map[int64]*hits, error) {
	all := make(map[int64]*hits)
	if text == "" {
		return all, nil
	}
	q, err := s.parse(query.Activities, text)
	if err != nil {
		return nil, err
	}
	now, seen := s.now(), 0
	for req := (list.Request{Query: q, Limit: list.MaxLimit}); ; {
		page, err := s.people.ListActivities(ctx, req)
		if err != nil {
			return nil, fmt.Errorf("looking for what members did: %w", err)
		}
		for i := range page.Items {
			a := &page.Items[i]
			if a.MemberID == 0 {
				continue
			}
			h := all[a.MemberID]
			if h == nil {
				h = &hits{}
				all[a.MemberID] = h
			}
			h.n++
			h.score += weight(now.Sub(a.OccurredAt))
			if len(h.shown) < evidenceOf {
				h.shown = append(h.shown, Evidence{Activity: a.ID, Conversation: a.ConversationID, Kind: kind, Text: excerpt(cmp.Or(strings.TrimSpace(a.Title+" "+a.Body), a.Kind.String())), At: a.OccurredAt})
			}
		}
		if seen += len(page.Items); page.Next == "" {
			return all, nil
		}
		if seen >= lookedAt {
			f.Cut = true
			return all, nil
		}
		req.Cursor = page.Next
	}
}

// weight is 1 for what is new and half of it after halfLife.
func weight(age time.Duration) float64 { return halfLife / (halfLife + max(age.Hours()/24, 0)) }

func excerpt(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > excerptLen {
		return string(r[:excerptLen]) + "…"
	}
	return text
}

func (s *Service) members(ctx context.Context, text string, f *Shortlist) ([]greenroom.Member, error) {
	q, err := s.parse(query.Members, text)
	if err != nil {
		return nil, err
	}
	var all []greenroom.Member
	for req := (list.Request{Query: q, Limit: list.MaxLimit}); ; {
		page, err := s.people.ListMembers(ctx, req)
		if err != nil {
			return nil, fmt.Errorf("looking for members: %w", err)
		}
		all = append(all, page.Items...)
		if page.Next == "" {
			return all, nil
		}
		if len(all) >= lookedAt {
			f.Cut = true
			return all, nil
		}
		req.Cursor = page.Next
	}
}

// past is what asking somebody was like before.
type past struct {
	here, asked, year int
	last              time.Time
	came, declined    int
}

// judge leaves out who may not be asked, and orders the others.
func (s *Service) judge(ctx context.Context, d *Draft, study int64, members []greenroom.Member, did, said map[int64]*hits, f *Shortlist) error {
	ids := make([]int64, len(members))
	for i := range members {
		ids[i] = members[i].ID
	}
	contacts, err := s.people.Contacts(ctx, ids, s.now())
	if err != nil {
		return fmt.Errorf("reading whether members may be written to: %w", err)
	}
	before, err := s.before(ctx, study)
	if err != nil {
		return err
	}
	out := make(map[string]int)
	for i := range members {
		m := &members[i]
		p, contact := before[m.ID], contacts[m.ID]
		if reason := s.refused(d, &p, contact.Choices); reason != "" {
			out[reason]++
			continue
		}
		c := Candidate{Member: m.ID, Name: m.Name, Organization: m.Organization, Country: m.Country, LastActive: m.LastActive, Evidence: []Evidence{}, Asked: p.asked, lot: lot(study, m.ID)}
		for _, a := range contact.Addresses {
			if !contact.Bounced[a] && c.address == "" {
				c.address, c.ByMail = a, true
			}
		}
		s.weigh(&c, said[m.ID], did[m.ID], &p)
		f.Candidates = append(f.Candidates, c)
	}
	for reason, n := range out {
		f.LeftOut = append(f.LeftOut, LeftOut{reason, n})
	}
	slices.SortFunc(f.LeftOut, func(a, b LeftOut) int { return cmp.Or(b.Count-a.Count, strings.Compare(a.Reason, b.Reason)) })
	slices.SortFunc(f.Candidates, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.Asked, b.Asked), cmp.Compare(a.lot, b.lot), cmp.Compare(a.Member, b.Member))
	})
	return nil
}

func (s *Service) before(ctx context.Context, study int64) (map[int64]past, error) {
	asks, err := s.store.Asks(ctx, 0, 0)
	if err != nil {
		return nil, fmt.Errorf("reading who was asked: %w", err)
	}
	year := s.now().AddDate(-1, 0, 0)
	all := make(map[int64]past)
	for i := range asks {
		a := &asks[i]
		p := all[a.Member]
		p.asked++
		if a.Study == study {
			p.here++
		}
		if a.At.After(year) {
			p.year++
		}
		if a.At.After(p.last) {
			p.last = a.At
		}
		switch a.State {
		case Done:
			p.came++
		case Declined, NoShow:
			p.declined++
		case Invited, Agreed:
		}
		all[a.Member] = p
	}
	return all, nil
}

// refused says why somebody may not be asked; "" = they may.
func (s *Service) refused(d *Draft, p *past, choices []consent.Choice) string {
	switch {
	case consent.Silent(choices):
		return "they are not to be contacted"
	case !consent.Agrees(choices, consent.Research):
		return "they do not want to be asked for interviews"
	case p.here > 0:
		return "they were asked for this already"
	case p.asked > 0 && s.now().Sub(p.last) < time.Duration(d.Rest)*24*time.Hour:
		return fmt.Sprintf("they were asked for something in the last %d days", d.Rest)
	case p.year >= d.Yearly:
		return fmt.Sprintf("they were asked %d times within a year", d.Yearly)
	}
	return ""
}

// weigh gives somebody a score, rounded so that small differences do not decide, and says why.
func (s *Service) weigh(c *Candidate, said, did *hits, p *past) {
	for _, part := range []struct {
		of   *hits
		verb string
		most float64
	}{{said, "said", 3}, {did, "did", 2}} {
		if part.of == nil {
			continue
		}
		c.Evidence = append(c.Evidence, part.of.shown...)
		c.score += min(part.of.score, part.most)
		times := "once"
		if part.of.n > 1 {
			times = fmt.Sprintf("%d times", part.of.n)
		}
		c.Reasons = append(c.Reasons, fmt.Sprintf("%s what is looked for %s, last on %s", part.verb, times, part.of.shown[0].At.Format(time.DateOnly)))
	}
	if !c.LastActive.IsZero() {
		c.score += weight(s.now().Sub(c.LastActive))
	}
	switch {
	case p.asked == 0:
		c.Reasons = append(c.Reasons, "was never asked before")
	case p.came > 0:
		c.Reasons = append(c.Reasons, fmt.Sprintf("came %d of %d times when asked before", p.came, p.asked))
	default:
		c.Reasons = append(c.Reasons, fmt.Sprintf("was asked %d times before, last on %s", p.asked, p.last.Format(time.DateOnly)))
	}
	c.score -= .5 * float64(p.declined)
	c.score = float64(int(c.score*2+.5)) / 2
}

// lot draws a lot that is the same whenever a study is looked at, and another in each study.
func lot(study, member int64) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d/%d", study, member) // never fails
	return h.Sum64() * 0x9e3779b97f4a7c15
}
