// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"math"
	"strconv"
	"strings"

	"greenroom/internal/query"
)

// What is asked of organizations about activities and conversations holds for the organization of then. Members who have
// never moved are with member.organization_id; of the few others, member_stint is asked. As long as nobody has moved, the
// conditions are those without it.

// moment is the column with the time at which what is listed happened; "" where members or organizations are listed.
func (c *compiler) moment() string {
	switch {
	case c.people:
		return ""
	case c.entity == query.Activities:
		return "a.occurred_at"
	case c.entity == query.Conversations:
		return "c.opened_at"
	}
	return ""
}

// someMoved reports whether anybody has changed jobs.
func (c *compiler) someMoved() bool {
	ids, _ := c.ask("SELECT x.id FROM member x WHERE x.moved = 1", nil, 1)
	return len(ids) > 0
}

// employedBy makes of a condition on organizations, alias o, with arguments from before on, one on who was with them at the
// time of what is listed.
func (c *compiler) employedBy(t *query.Term, cond string, before int, at string) string {
	own := append([]any(nil), c.args[before:]...)
	again := func() string {
		c.args = append(c.args, own...)
		return "(SELECT o.id FROM organization o WHERE " + cond + ")"
	}
	today := "(m.organization_id > 0 AND m.organization_id IN (SELECT o.id FROM organization o WHERE " + cond + "))" // the index is a partial one
	then := "EXISTS (SELECT 1 FROM member_stint w WHERE w.member_id = m.id AND w.since <= " + at + " AND " + at + " < w.until AND w.organization_id > 0 AND w.organization_id IN "
	if t.Op == query.Has || !namesFew(t.Field) {
		return "(CASE WHEN m.moved = 0 THEN CASE WHEN " + today + " THEN 1 ELSE 0 END WHEN " + then + again() + ") THEN 1 ELSE 0 END = 1)"
	}
	// The few who ever were with them are found first, and what they did looked at one by one.
	few := "(m.moved = 0 AND " + today + " OR m.id IN (SELECT w.member_id FROM member_stint w WHERE w.organization_id IN " + again() + "))"
	return "(" + c.byAuthor(few) + " AND (m.moved = 0 OR " + then + again() + ")))"
}

// byEmployer makes of a count of activities by account, alias x, one by the organization of then.
func (c *compiler) byEmployer(cond, from string, before int) string {
	c.args = append(c.args, c.args[before:]...)
	return "(SELECT dm.organization_id, x.n FROM " + from + " JOIN member dm ON dm.id = di.member_id AND dm.moved = 0 UNION ALL " +
		"SELECT w.organization_id, 1 FROM activity da JOIN identity di ON di.id = da.identity_id JOIN member dm ON dm.id = di.member_id AND dm.moved = 1 " +
		"JOIN member_stint w ON w.member_id = dm.id AND w.since <= da.occurred_at AND da.occurred_at < w.until WHERE " + cond + ") x"
}

// formerly compiles a condition on the names of organizations that a member was with and is with no more.
func (c *compiler) formerly(t *query.Term) (string, error) {
	const was = "m.moved = 1 AND EXISTS (SELECT 1 FROM member_stint w JOIN organization wo ON wo.id = w.organization_id WHERE w.member_id = m.id AND w.organization_id > 0 AND w.organization_id <> m.organization_id"
	if t.Op == query.Has {
		return "(" + was + "))", nil
	}
	return "(" + was + " AND " + c.contains(t, "wo.name") + "))", nil
}

// employed is the members of organizations as a table m: those who have never moved, and of the others each time that they
// were with one of them, from m.since up to but not including m.until. In is a condition on m.organization_id.
func employed(in string) string {
	return "(SELECT m.id, m.organization_id, m.contact, m.staff, m.bot, m.hidden, m.merged_into, 0 AS since, " + strconv.FormatInt(math.MaxInt64, 10) + " AS until FROM member m WHERE m.moved = 0 AND " + in +
		" UNION ALL SELECT m.id, w.organization_id, m.contact, m.staff, m.bot, m.hidden, m.merged_into, w.since, w.until FROM member_stint w JOIN member m ON m.id = w.member_id WHERE w.organization_id > 0 AND " +
		strings.ReplaceAll(in, "m.organization_id", "w.organization_id") + ") m"
}

// then is the condition that something happened while a member of employed was there.
func then(at string) string { return " AND " + at + " >= m.since AND " + at + " < m.until" }

// workedAt is the organization that a member, alias m, was with at a time; 0 = none.
func workedAt(at string) string {
	return "CASE WHEN m.moved = 0 THEN m.organization_id ELSE coalesce((SELECT w.organization_id FROM member_stint w WHERE w.member_id = m.id AND w.since <= " + at + " AND " + at + " < w.until), 0) END"
}
