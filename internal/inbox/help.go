// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package inbox

import (
	"context"
	"fmt"
	"time"

	"greenroom"
	"greenroom/internal/text/alike"
)

// Help is what may help to answer a conversation.
type Help struct {
	Team    []Candidate `json:"team"`    // who of the team answered most of its kind
	Members []Candidate `json:"members"` // who else could answer; those who are tired come last
	Similar []Similar   `json:"similar"` // questions like it that were answered
	Topics  []string    `json:"topics"`
}

// Similar is a question that was answered before.
type Similar struct {
	Conversation greenroom.Conversation `json:"conversation"`
	Share        float64                `json:"share"` // how much its words are those of the question, 0 to 1
}

const (
	learnFor      = 180 * 24 * time.Hour // how far back answers say who knows what
	mostAnswerers = 200
	shownPeople   = 3
	shownSimilar  = 5
	leastAlike    = .12
	mostAnswered  = 8000
	indexFor      = 10 * time.Minute
)

// index is the index of answered questions, and when it was made.
type index struct {
	at   time.Time
	docs *alike.Index
}

// Help finds what may help to answer a conversation.
func (s *Service) Help(ctx context.Context, id int64) (Help, error) {
	h := Help{Team: []Candidate{}, Members: []Candidate{}, Similar: []Similar{}, Topics: []string{}}
	all, err := s.store.ConversationsByID(ctx, []int64{id})
	if err != nil {
		return h, err
	}
	c, ok := all[id]
	if !ok {
		return h, greenroom.Errorf(greenroom.CodeNotFound, "there is no conversation %d", id)
	}
	if err := s.people(ctx, &c, &h); err != nil {
		return h, fmt.Errorf("finding who could answer: %w", err)
	}
	if err := s.similar(ctx, &c, &h); err != nil {
		return h, fmt.Errorf("finding questions like it: %w", err)
	}
	return h, nil
}

func (s *Service) people(ctx context.Context, c *greenroom.Conversation, h *Help) error {
	set, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	topics, err := s.store.InboxTopics(ctx, c.ID)
	if err != nil {
		return err
	}
	ids := make([]int64, len(topics))
	for i, t := range topics {
		ids[i] = t.ID
		h.Topics = append(h.Topics, t.Name)
	}
	now := s.now()
	all, err := s.store.InboxAnswerers(ctx, c.ChannelID, ids, now.Add(-learnFor), now, mostAnswerers)
	if err != nil {
		return err
	}
	team, err := s.store.InboxTeam(ctx)
	if err != nil {
		return err
	}
	channel := c.Channel
	if channel == "" {
		channel = c.Source
	}
	asks := make([]Answerer, 0, len(all))
	for i := range all {
		if all[i].MemberID != c.AuthorMemberID {
			asks = append(asks, all[i])
		}
	}
	staff, members := rank(asks, &set, team, h.Topics, channel, now)
	h.Team = append(h.Team, staff[:min(shownPeople, len(staff))]...)
	h.Members = append(h.Members, members[:min(shownPeople, len(members))]...)
	return nil
}

func (s *Service) similar(ctx context.Context, c *greenroom.Conversation, h *Help) error {
	x, err := s.answered(ctx)
	if err != nil {
		return err
	}
	like := x.Find(c.Title, "", c.ID, leastAlike, shownSimilar)
	ids := make([]int64, len(like))
	for i := range like {
		ids[i] = like[i].ID
	}
	found, err := s.store.ConversationsByID(ctx, ids)
	if err != nil {
		return err
	}
	for _, a := range like {
		if q, ok := found[a.ID]; ok { // one that was erased meanwhile is not
			h.Similar = append(h.Similar, Similar{Conversation: q, Share: a.Share})
		}
	}
	return nil
}

// answered is the index of questions that were answered, made anew now and then.
func (s *Service) answered(ctx context.Context) (*alike.Index, error) {
	now := s.now()
	s.mu.Lock()
	kept := s.index
	s.mu.Unlock()
	if kept != nil && now.Sub(kept.at) < indexFor {
		return kept.docs, nil
	}
	docs, err := s.store.InboxAnswered(ctx, mostAnswered)
	if err != nil {
		return nil, err
	}
	made := &index{at: now, docs: alike.NewIndex(docs)}
	s.mu.Lock()
	s.index = made
	s.mu.Unlock()
	return made.docs, nil
}
