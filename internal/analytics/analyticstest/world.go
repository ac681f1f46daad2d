// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analyticstest

import (
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
)

// world is a community of chance: a feed, and beside it what a record store would answer about it.
type world struct {
	*Feed
	zone  *time.Location
	now   time.Time
	meant map[analytics.Said]reading
}

// hiddenChannel is the channel that the team has hidden.
const hiddenChannel = 3

var zones = []string{"UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe"}

// worldStart is when the first things happen, and worldNow when it is asked first.
func worldStart() time.Time { return time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC) }
func worldNow() time.Time   { return time.Date(2026, 4, 15, 7, 0, 0, 0, time.UTC) }

func newWorld(t *rapid.T) *world {
	zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{Feed: NewFeed(), zone: zone, now: worldNow(), meant: readings()}
	w.Sources = []analytics.Source{{ID: 1, Name: "slack"}, {ID: 2, Name: "Hub", Platform: "github"}}
	w.Channels = []analytics.Channel{{ID: 1, Source: 1, Name: "Help"}, {ID: 2, Source: 2, Name: "app"}, {ID: hiddenChannel, Source: 1, Name: "secret", Hidden: true}}
	return w
}

func drawTime(t *rapid.T) int64 {
	return worldStart().Add(time.Duration(rapid.IntRange(0, 73*24*4).Draw(t, "quarter")) * 15 * time.Minute).UnixMicro()
}

func drawFact(t *rapid.T) analytics.Fact {
	f := analytics.Fact{
		At: drawTime(t), Identity: int64(rapid.IntRange(0, 9).Draw(t, "identity")), Channel: int64(rapid.IntRange(0, 3).Draw(t, "channel")),
		Kind:     rapid.SampledFrom([]greenroom.Kind{greenroom.KindMessage, greenroom.KindReply, greenroom.KindJoin, greenroom.KindIssue, greenroom.KindCommit}).Draw(t, "kind"),
		Question: rapid.Bool().Draw(t, "question"), Edited: rapid.Bool().Draw(t, "edited"), Said: drawSaid(t),
	}
	f.Source = []int64{1, 1, 2, 1}[f.Channel]
	return f
}

func drawIdentity(t *rapid.T) analytics.Identity {
	i := analytics.Identity{
		ID: int64(rapid.IntRange(1, 9).Draw(t, "identity")), Member: int64(rapid.IntRange(0, 6).Draw(t, "member")),
		Country: rapid.SampledFrom([]string{"", "DE", "FR"}).Draw(t, "country"), Organization: int64(rapid.IntRange(0, 2).Draw(t, "organization")),
	}
	if rapid.IntRange(0, 2).Draw(t, "moves") == 0 {
		i.Moves = analytics.Moves{{Organization: int64(rapid.IntRange(0, 2).Draw(t, "first organization"))}}
		at := drawTime(t)
		for range rapid.IntRange(1, 2).Draw(t, "moved") {
			i.Moves = append(i.Moves, analytics.Move{Since: at, Organization: int64(rapid.IntRange(0, 2).Draw(t, "next organization"))})
			at += int64(rapid.IntRange(1, 60).Draw(t, "days")) * 86400e6
		}
		i.Organization = i.Moves[len(i.Moves)-1].Organization
	}
	switch rapid.IntRange(0, 12).Draw(t, "flag") {
	case 0:
		i.Staff = true
	case 1:
		i.Bot = true
	case 2:
		i.Hidden = true
	case 3:
		i.Contact = true
	case 4:
		i.JoinedAt = drawTime(t)
	}
	return i
}

func drawConversation(t *rapid.T) analytics.Conversation {
	c := analytics.Conversation{
		ID: int64(rapid.IntRange(1, 40).Draw(t, "conversation")), Source: 1, Channel: int64(rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "channel")),
		Author: int64(rapid.IntRange(0, 9).Draw(t, "author")), Kind: rapid.SampledFrom([]greenroom.Kind{greenroom.KindMessage, greenroom.KindIssue}).Draw(t, "kind"),
		Question: rapid.Bool().Draw(t, "question"), OpenedAt: drawTime(t),
		State: rapid.SampledFrom([]greenroom.State{greenroom.StateOpen, greenroom.StateAnswered, greenroom.StateResolved, greenroom.StateIgnored}).Draw(t, "state"),
		Said:  drawSaid(t),
	}
	after := func(name string) int64 {
		if !rapid.Bool().Draw(t, name) {
			return 0
		}
		return c.OpenedAt + int64(rapid.IntRange(0, 96).Draw(t, name+" hours"))*3600e6
	}
	c.FirstResponse, c.FirstStaff, c.FirstMember = after("responded"), after("staff responded"), after("member responded")
	if c.State == greenroom.StateResolved {
		c.ResolvedAt = after("resolved")
	}
	switch rapid.IntRange(0, 15).Draw(t, "opening unknown or removed") {
	case 0:
		c.OpenedAt = 0
	case 1:
		c = analytics.Conversation{ID: c.ID, State: greenroom.StateOpen}
	}
	return c
}

// change changes the world: activities come, in any order of time, are edited, deleted, and read; accounts become one member and
// two again; conversations go on; a person is erased.
func (w *world) change(t *rapid.T) {
	for range rapid.IntRange(0, 25).Draw(t, "added") {
		w.AddFact(drawFact(t))
	}
	for range rapid.IntRange(0, 4).Draw(t, "changed") {
		if len(w.Facts) == 0 {
			break
		}
		id := int64(rapid.IntRange(1, len(w.Facts)).Draw(t, "change"))
		switch rapid.IntRange(0, 2).Draw(t, "how") {
		case 0:
			w.ChangeFact(id, analytics.Fact{})
		default:
			w.ChangeFact(id, drawFact(t))
		}
	}
	for range rapid.IntRange(0, 4).Draw(t, "read") {
		if len(w.Facts) == 0 {
			break
		}
		if id := int64(rapid.IntRange(1, len(w.Facts)).Draw(t, "reading of")); w.Facts[id-1].Source != 0 {
			w.ReadFact(id, drawSaid(t))
		}
	}
	var ids []analytics.Identity
	for range rapid.IntRange(0, 6).Draw(t, "identities") {
		if i := drawIdentity(t); !slices.Contains(w.Gone, i.ID) {
			ids = append(ids, i)
		}
	}
	var convs []analytics.Conversation
	for range rapid.IntRange(0, 8).Draw(t, "conversations") {
		convs = append(convs, drawConversation(t))
	}
	w.Put(ids, convs...)
	if rapid.IntRange(0, 9).Draw(t, "erase") == 0 {
		w.erase(int64(rapid.IntRange(1, 9).Draw(t, "erased")))
	}
}

// erase takes an account and what it did out of the world.
func (w *world) erase(id int64) {
	if slices.Contains(w.Gone, id) {
		return
	}
	for i := range w.Facts {
		if w.Facts[i].Identity == id && w.Facts[i].Source != 0 {
			w.ChangeFact(int64(i+1), analytics.Fact{})
		}
	}
	delete(w.Identities, id)
	w.Gone = append(w.Gone, id)
}

// champion reports whether the condition tag:champion finds an account, tagged whether a member carries a tag, and found
// whether free text finds an activity or a conversation.
func (w *world) champion(identity int64) bool {
	_, known := w.Identities[identity]
	return known && identity%3 == 1
}

func tagged(member int64, tag string) bool {
	return member != 0 && (tag == "speaker" || member%2 == 0)
}

func found(id int64) bool { return id%4 == 1 }

// employer is the organization that an account's member was with at a time.
func (w *world) employer(identity, at int64) int64 {
	i := w.Identities[identity]
	if len(i.Moves) > 0 {
		return i.Moves.At(at)
	}
	return i.Organization
}

// harbor reports whether somebody was with Blue Harbor at a time.
func (w *world) harbor(identity, at int64) bool { return w.employer(identity, at) == 1 }

// OrganizationSet implements analytics.Organizations: whatever is asked for is Blue Harbor.
func (w *world) OrganizationSet(context.Context, query.Node) ([]int64, error) {
	return []int64{1}, nil
}

// IdentitySet implements analytics.Members.
func (w *world) IdentitySet(_ context.Context, n query.Node) ([]int64, error) {
	if t, ok := n.(*query.Term); ok && t.Field.Owner == query.Organizations {
		return slices.DeleteFunc(slices.Sorted(maps.Keys(w.Identities)), func(id int64) bool { return w.Identities[id].Organization != 1 }), nil
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(w.Identities)), func(id int64) bool { return !w.champion(id) }), nil
}

// OrganizationNames implements analytics.Names.
func (w *world) OrganizationNames(context.Context, []int64) (map[int64]string, error) {
	return map[int64]string{1: "Blue Harbor", 2: "Night Train"}, nil
}

// MemberTags implements analytics.Names.
func (w *world) MemberTags(context.Context) ([]analytics.Tag, error) {
	var all []analytics.Tag
	for m := range int64(7) {
		for _, tag := range []string{"champion", "speaker"} {
			if tagged(m, tag) {
				all = append(all, analytics.Tag{Name: tag, Member: m})
			}
		}
	}
	return all, nil
}

// ActivityIDs implements analytics.Finder.
func (w *world) ActivityIDs(context.Context, query.Node) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		for _, f := range w.Facts {
			if f.Source != 0 && found(f.ID) && !yield(f.ID, nil) {
				return
			}
		}
	}
}

// ConversationIDs implements analytics.Finder.
func (w *world) ConversationIDs(context.Context, query.Node) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		for id := range w.Conversations {
			if found(id) && !yield(id, nil) {
				return
			}
		}
	}
}
