// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package duckdb_test

import (
	"testing"

	"greenroom/internal/analytics"
	"greenroom/internal/text"
)

// Of the first week (see activityTable), by number: 2 and 3 are praise and positive, 4 is a bug and negative, 9 is left
// open in both, 16 is other and neutral. 21 is by the team, 29 by a contact. Then 4 turns out to be praise, and positive.
func TestFiguresFollowReadings(t *testing.T) {
	f := tableFeed(t)
	dir := t.TempDir()
	c := openCommunity(t, f, dir)
	c.update(t)
	praise := analytics.SaidOf(text.CategoryPraise, text.SentimentPositive, text.UrgencyNone)
	for id, said := range map[int64]analytics.Said{
		2: praise, 3: praise, 4: analytics.SaidOf(text.CategoryBug, text.SentimentNegative, text.UrgencyNow), 9: analytics.SaidOf(0, 0, 0),
		16: analytics.SaidOf(text.CategoryOther, text.SentimentNeutral, text.UrgencyNone), 21: praise, 29: praise,
	} {
		f.readFact(id, said)
	}
	check := func(when, messages, categories, urgent, net, open string) {
		t.Helper()
		week := analytics.Request{From: at(t, berlin(t), "2026-03-02"), To: at(t, berlin(t), "2026-03-09")}
		ask := func(metric, query string, by analytics.Dimension) string {
			week.Metric, week.Breakdown = metric, by
			return row(c.ask(t, week, query))
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
	c.update(t)
	check("read", "5", "praise: 2 bug: 1 other: 1 unsure: 1", "1", "0.25", "0.2")
	f.readFact(4, praise)
	c.update(t)
	check("read again", "5", "praise: 3 other: 1 unsure: 1", "0", "0.75", "0.2")
	c.close(t)
	c = openCommunity(t, f, dir)
	c.update(t)
	check("opened again", "5", "praise: 3 other: 1 unsure: 1", "0", "0.75", "0.2")
	f.changeFact(2, analytics.Fact{})
	c.update(t)
	check("one deleted", "4", "praise: 2 other: 1 unsure: 1", "0", "0.6667", "0.25")
}
