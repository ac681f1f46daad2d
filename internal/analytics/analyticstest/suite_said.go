// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analyticstest

import (
	"testing"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/text"
)

// testReadings follows what is read. Of the first week (see activityTable), by number: 2 and 3 are praise and positive, 4 is a bug and negative, 9 is left
// open in both, 16 is other and neutral. 21 is by the team, 29 by a contact. Then 4 turns out to be praise, and positive.
func (e Engine) testReadings(t *testing.T) {
	f, dir := TableFeed(t), e.Place(t)
	c := e.Community(t, f, dir)
	c.Update(t)
	praise := analytics.SaidOf(text.CategoryPraise, text.SentimentPositive, text.UrgencyNone)
	for id, said := range map[int64]analytics.Said{
		2: praise, 3: praise, 4: analytics.SaidOf(text.CategoryBug, text.SentimentNegative, text.UrgencyNow), 9: analytics.SaidOf(0, 0, 0),
		16: analytics.SaidOf(text.CategoryOther, text.SentimentNeutral, text.UrgencyNone), 21: praise, 29: praise,
	} {
		f.ReadFact(id, said)
	}
	check := func(when, messages, categories, urgent, net, open string) {
		t.Helper()
		week := analytics.Request{From: at(t, berlin(t), "2026-03-02"), To: at(t, berlin(t), "2026-03-09")}
		ask := func(metric, query string, by analytics.Dimension) string {
			week.Metric, week.Breakdown = metric, by
			return Row(c.Ask(t, week, query))
		}
		for what, got := range map[string][2]string{
			"messages": {ask("messages", "", ""), messages}, "messages by category": {ask("messages", "", analytics.ByCategory), categories},
			"urgent activities": {ask("activities", "urgency:now", ""), urgent}, "net sentiment": {ask("net_sentiment", "", ""), net}, "unsure": {ask("unsure_share", "", ""), open},
		} {
			if got[0] != got[1] {
				t.Errorf("%s: %s: %s, want %s", when, what, got[0], got[1])
			}
		}
	}
	c.Update(t)
	check("read", "5", "praise: 2 bug: 1 other: 1 unsure: 1", "1", "0.25", "0.2")
	f.ReadFact(4, praise)
	c.Update(t)
	check("read again", "5", "praise: 3 other: 1 unsure: 1", "0", "0.75", "0.2")
	c.Close(t)
	c = e.Community(t, f, dir)
	c.Update(t)
	check("opened again", "5", "praise: 3 other: 1 unsure: 1", "0", "0.75", "0.2")
	f.ChangeFact(2, analytics.Fact{})
	c.Update(t)
	check("one deleted", "4", "praise: 2 other: 1 unsure: 1", "0", "0.6667", "0.25")
}

// testRemovedConversation removes a question with its source: what is left of it is its number.
func (e Engine) testRemovedConversation(t *testing.T) {
	f := TableFeed(t)
	for id, c := range f.Conversations { // what they say comes with them
		c.Said = analytics.SaidOf(text.CategoryBug, text.SentimentNeutral, text.UrgencyNone)
		f.Conversations[id] = c
	}
	c := e.Community(t, f, e.Place(t))
	c.Update(t)
	rows := func() string {
		return Row(c.Ask(t, analytics.Request{Metric: "conversations"}, "")) + ", " + Row(c.Ask(t, analytics.Request{Metric: "bug_reports"}, "-kind:issue"))
	}
	if got, want := rows(), "6 1 0 1 0, 6 1 0 1 0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	f.Put(nil, analytics.Conversation{ID: 1, State: greenroom.StateOpen})
	c.Update(t)
	if got, want := rows(), "5 1 0 1 0, 5 1 0 1 0"; got != want {
		t.Errorf("removed: got %s, want %s", got, want)
	}
	f.Put(nil, analytics.Conversation{ID: 1, State: greenroom.StateOpen}) // told again
	c.Update(t)
	if got, want := rows(), "5 1 0 1 0, 5 1 0 1 0"; got != want {
		t.Errorf("told again: got %s, want %s", got, want)
	}
}
