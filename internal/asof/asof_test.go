// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package asof_test

import (
	"strings"
	"testing"
	"time"

	"greenroom/internal/asof"
	"greenroom/internal/query"
)

func parse(t *testing.T, e query.Entity, text string) *query.Query {
	t.Helper()
	q, err := query.Parse(query.NewSchema(e, []string{"message", "reply"}), text)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// TestProperties has one query for each kind of property.
func TestProperties(t *testing.T) {
	for _, c := range []struct {
		entity query.Entity
		text   string
		want   string // joined by " | "
	}{
		{query.Members, "", ""},
		{query.Members, "name:maria joined:>2026-01-01 first_active:2026-02", ""},
		{query.Members, "org.lifecycle:trial", "lifecycle"},
		{query.Organizations, "stage:trial", "lifecycle"},
		{query.Members, "-tag:champion or (tag:beta org.lifecycle:trial)", "tags | lifecycle"},
		{query.Activities, "org.lifecycle:trial channel:#help is:question sentiment:negative", "lifecycle"},
		{query.Activities, "country:DE", "country"},
		{query.Activities, `org:"Blue Harbor"`, ""}, // which people, not what they are
		{query.Members, "segment:helpers", "segments"},
		{query.Members, "segment:helpers@2026-03-31", ""},
		{query.Members, "program:champions/active", "programs"},
		{query.Members, "program:champions@2026-03-31", ""},
		{query.Members, "-is:staff -is:bot", ""},
		{query.Members, "is:quiet", "activity of members"},
		{query.Members, "level:1..2 activities:>10 last_active:<30d", "Orbit level | record of what was done"},
		{query.Members, "did:message since:30d count:>=3", "record of what was done"},
		{query.Members, "org.field.tier:gold field.role:admin", "field tier | field role"},
		{query.Members, "nps:<=6", "survey answers"},
		{query.Conversations, "is:question", ""},
		{query.Conversations, "is:waiting state:open", "state of conversations"},
		{query.Conversations, "first_response:>24h", ""},
	} {
		if got := strings.Join(asof.Properties(parse(t, c.entity, c.text)), " | "); got != c.want {
			t.Errorf("%s: %q gives %q, want %q", c.entity, c.text, got, c.want)
		}
	}
}

// TestNote says when there is something to say, and how.
func TestNote(t *testing.T) {
	zone := time.FixedZone("east", 2*3600)
	now := time.Date(2026, 11, 23, 1, 0, 0, 0, zone) // still the 22nd in UTC
	today := time.Date(2026, 11, 23, 0, 0, 0, 0, zone)
	trial, tagged := parse(t, query.Members, "org.lifecycle:trial"), parse(t, query.Activities, "tag:beta channel:#help")
	for _, c := range []struct {
		name  string
		from  time.Time
		by    string
		asked []*query.Query
		want  string
	}{
		{"nothing asked", today.AddDate(-1, 0, 0), "", []*query.Query{nil, nil}, ""},
		{"today only", today, "", []*query.Query{nil, trial}, ""},
		{"from yesterday", today.Add(-time.Second), "", []*query.Query{nil, trial}, "Past periods go by today's lifecycle: who or what has changed since counts there as it is now."},
		{"both queries and a breakdown", today.AddDate(0, -3, 0), "country", []*query.Query{tagged, trial}, "Past periods go by today's tags, lifecycle and country: who or what has changed since counts there as it is now."},
		{"the breakdown is asked for, too", today.AddDate(0, -3, 0), "tag", []*query.Query{tagged}, "Past periods go by today's tags: who or what has changed since counts there as it is now."},
		{"a breakdown by what does not change", today.AddDate(0, -3, 0), "channel", nil, ""},
	} {
		if got := asof.Note(c.from, now, c.by, c.asked...); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
