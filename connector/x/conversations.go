// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package x

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"greenroom/connector"
	"greenroom/connector/internal/walk"
)

// follow notes a conversation, to be read whole while X's search reaches it. The oldest go when there are too many.
func (s *source) follow(channel, root string) {
	k := &s.money.kept
	if made(root).Before(s.env.Now().Add(-week)) || slices.ContainsFunc(k.Threads[channel], func(t thread) bool { return t.ID == root }) {
		return
	}
	if k.Threads == nil {
		k.Threads = map[string][]thread{}
	}
	all := append(k.Threads[channel], thread{ID: root})
	slices.SortFunc(all, func(a, b thread) int {
		if newer(a.ID, b.ID) {
			return -1
		}
		return 1
	})
	k.Threads[channel] = all[:min(len(all), maxThreads)]
	s.money.keep()
}

// batch is conversations that are asked for at once, all new or all known.
type batch struct {
	roots []string
	known bool
}

// batches puts the conversations of a channel into as few searches as X's limit on their length allows.
func (s *source) batches(channel, without string) []batch {
	var all []batch
	for _, known := range []bool{false, true} {
		length := queryBytes
		for _, t := range s.money.kept.Threads[channel] {
			if t.Known != known || made(t.ID).Before(s.env.Now().Add(-week)) {
				continue
			}
			part := len(" OR conversation_id:") + len(t.ID)
			if length+part > queryBytes {
				all, length = append(all, batch{known: known}), len("()")+len(without)
			}
			last := &all[len(all)-1]
			last.roots = append(last.roots, t.ID)
			length += part
		}
	}
	return all
}

// conversations is the section of what others write in the conversations of an account's posts and mentions. A page's name
// is the first conversation of a batch and X's token; the mark is the newest id, from which known conversations go on.
func (s *source) conversations(ch connector.Channel, without string, out *connector.Sink) walk.Section {
	return walk.Section{Name: "conversations/" + ch.ExternalID, Title: "conversations of " + ch.Name, Read: func(ctx context.Context, at *walk.At) (string, error) {
		all := s.batches(ch.ExternalID, without)
		first, token, _ := strings.Cut(at.Page, "|")
		i := slices.IndexFunc(all, func(b batch) bool { return first == "" || b.roots[0] == first })
		if i < 0 {
			at.Leave(s.settle(ch.ExternalID, at))
			return "", nil
		}
		if at.Page == "" {
			at.Leave(at.Mark)
		}
		out.Channel(ch)
		l := &list{title: "conversations of " + ch.Name, path: "/2/tweets/search/recent", channel: ch, least: 10, search: true}
		q := url.Values{"query": {"(conversation_id:" + strings.Join(all[i].roots, " OR conversation_id:") + ")" + without}}
		if since := s.since(l, at.Mark); all[i].known && since == "" {
			q.Set("since_id", at.Mark)
		}
		next, newest, err := s.page(ctx, l, q, token, out)
		if err != nil {
			return "", err
		}
		if newer(newest, at.Left()) {
			at.Leave(newest)
		}
		switch {
		case next != "":
			return all[i].roots[0] + "|" + next, nil
		case i+1 < len(all):
			return all[i+1].roots[0] + "|", nil
		}
		at.Leave(s.settle(ch.ExternalID, at))
		return "", nil
	}}
}

// settle marks the conversations as read, forgets those that search no longer reaches, and returns the mark.
func (s *source) settle(channel string, at *walk.At) string {
	k := &s.money.kept
	mark := at.Left()
	k.Threads[channel] = slices.DeleteFunc(k.Threads[channel], func(t thread) bool { return made(t.ID).Before(s.env.Now().Add(-week)) })
	for i := range k.Threads[channel] {
		t := &k.Threads[channel][i]
		t.Known = true
		if mark == "" {
			mark = t.ID
		}
	}
	s.money.keep()
	return mark
}
