// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"strconv"
	"strings"
	"time"

	"greenroom/internal/query"
)

const day = 24 * time.Hour

// member compiles a term on a member, alias m.
func (c *compiler) member(t *query.Term) (string, error) {
	switch t.Field.Attr {
	case "name":
		return c.called(t, "m.id", "m.name"), nil
	case "email":
		if t.Op == query.Has {
			return "EXISTS (SELECT 1 FROM identity e JOIN identity_key k ON k.identity_id = e.id AND k.kind IN ('email', 'address') WHERE e.member_id = m.id)", nil
		}
		return "m.id IN (SELECT e.member_id FROM identity_key k JOIN identity e ON e.id = k.identity_id WHERE k.kind IN ('email', 'address') AND " + c.keyword(t, "k.value") + ")", nil
	case "handle":
		if t.Op == query.Has {
			return "EXISTS (SELECT 1 FROM identity e WHERE e.member_id = m.id AND e.handle <> '')", nil
		}
		return "m.id IN (SELECT e.member_id FROM identity e WHERE " + c.keyword(t, "e.handle") + ")", nil
	case "tag":
		if t.Op == query.Has {
			return "EXISTS (SELECT 1 FROM member_tag x WHERE x.member_id = m.id)", nil
		}
		return "m.id IN (SELECT x.member_id FROM member_tag x WHERE " + c.keyword(t, "x.tag") + ")", nil
	case "segment":
		return c.inSegments(t)
	case "program":
		values := make([]programValue, len(t.Values))
		for i, v := range t.Values {
			values[i] = programValueOf(v.Text, v.Prefix)
		}
		return c.inPrograms(values, t.Op == query.Has)
	case "country":
		return c.keyword(t, "m.country"), nil
	case "location":
		return c.contains(t, "m.location"), nil
	case "last_active":
		return c.date(t, "m.last_active"), nil
	case "first_active":
		return c.firstActive(t), nil
	case "joined":
		return c.date(t, "m.joined_at"), nil
	case "activities":
		return c.number(t, "m.activities"), nil
	case "identities":
		return c.number(t, "m.identities"), nil
	case "level":
		return c.score(t, orbitScore, "x.level"), nil
	case "love":
		return c.score(t, loveScore, "x.value / 1000.0"), nil
	case "points":
		return c.score(t, pointsScore, "x.value / 1000.0"), nil
	case "asked", "answered", "answer", "nps", "csat", "ces":
		return c.surveyTerm(t), nil
	case "id":
		return c.ids(t, "m.id"), nil
	case "source":
		if t.Op == query.Has {
			return "1=1", nil
		}
		return "m.id IN (SELECT e.member_id FROM identity e WHERE " + c.inSources("e.source_id", t.Values) + ")", nil
	case "channel":
		if t.Op == query.Has {
			return "EXISTS (SELECT 1 FROM activity x JOIN identity e ON e.id = x.identity_id WHERE e.member_id = m.id AND x.channel_id > 0)", nil
		}
		before := len(c.args)
		return c.peopleOf("m.id", "SELECT DISTINCT e.member_id FROM (SELECT DISTINCT x.identity_id FROM activity x WHERE x.deleted = 0 AND "+
			c.inChannels("x.channel_id", t.Values)+") x JOIN identity e ON e.id = x.identity_id", before), nil
	case "past_org":
		return c.formerly(t)
	case "is":
		return c.flags(t, c.memberFlag)
	}
	if t.Field.Type == query.TypeCustom {
		return c.custom(t, "member_field", "member_id", "m.id"), nil
	}
	return "", c.unknown(t)
}

func (c *compiler) memberFlag(name string) string {
	ago := func(d time.Duration) string { return c.arg(micros(c.now.Add(-d))) }
	switch name {
	case "staff", "bot", "hidden", "contact":
		return "m." + name + " = 1"
	case "new":
		return "(m.first_active >= " + ago(30*day) + " AND m.last_active >= " + ago(30*day) + ")" // the index is on the last one
	case "active":
		return "m.last_active >= " + ago(30*day)
	case "quiet":
		return "(m.last_active < " + ago(30*day) + " AND m.last_active >= " + ago(180*day) + ")"
	case "gone":
		return "(m.last_active < " + ago(180*day) + " AND m.last_active > 0)"
	case "overdue":
		return "EXISTS (SELECT 1 FROM member_score x WHERE x.model = '" + rhythmScore + "' AND x.member_id = m.id AND x.due > 0 AND x.due < " + ago(0) + " AND m.last_active < x.due)"
	}
	return ""
}

// The models of scores as their rows name them.
const (
	orbitScore  = "orbit"
	loveScore   = "love"
	pointsScore = "points"
	rhythmScore = "rhythm"
)

// score compiles a term on a score, of which somebody without a row has none.
func (c *compiler) score(t *query.Term, model, col string) string {
	return "m.id IN (SELECT x.member_id FROM member_score x WHERE x.model = '" + model + "' AND x.level > 0 AND " + c.number(t, col) + ")"
}

// firstActive compiles a condition on the first activity. Nobody's last one is before it, and that is what the index is on.
func (c *compiler) firstActive(t *query.Term) string {
	cond := c.date(t, "m.first_active")
	if t.Op == query.Has {
		return cond
	}
	var least int64
	for i, iv := range t.Intervals(c.now) {
		if from := micros(iv.From); i == 0 || from < least {
			least = from
		}
	}
	if least <= 0 {
		return cond
	}
	return "(" + cond + " AND m.last_active >= " + c.arg(least) + ")"
}

// flags compiles is:, where several values mean any of them.
func (c *compiler) flags(t *query.Term, one func(string) string) (string, error) {
	parts := make([]string, 0, len(t.Values))
	for _, v := range t.Values {
		s := one(v.Text)
		if s == "" {
			return "", c.unknown(t)
		}
		parts = append(parts, s)
	}
	return "(" + strings.Join(parts, " OR ") + ")", nil
}

func (c *compiler) ids(t *query.Term, col string) string {
	marks := []string{"-1"}
	for _, v := range t.Values {
		if id, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
			marks = append(marks, c.arg(id))
		}
	}
	return col + " IN (" + strings.Join(marks, ", ") + ")"
}

// custom compiles a term on a field that the team added.
func (c *compiler) custom(t *query.Term, table, key, id string) string {
	head := id + " IN (SELECT f." + key + " FROM " + table + " f WHERE f.name = " + c.arg(strings.ToLower(t.Field.Attr))
	if t.Op == query.Has {
		return head + " AND f.value <> '')"
	}
	first := t.Values[0]
	if len(t.Values) > 1 && first.Form == query.FormNone {
		first = t.Values[1]
	}
	switch first.Form {
	case query.FormNumber, query.FormSpan:
		if first.Form == query.FormNumber {
			return head + " AND " + c.bounds(t.Op, t.Bounds(), c.d.numeric("f.value"), "f.value <> ''") + ")"
		}
		fallthrough
	case query.FormDate:
		var parts []string
		for _, iv := range t.Intervals(c.now) {
			cond := []string{"f.value <> ''"}
			if !iv.From.IsZero() {
				cond = append(cond, "f.value >= "+c.arg(iv.From.Format("2006-01-02")))
			}
			if !iv.To.IsZero() {
				cond = append(cond, "f.value < "+c.arg(iv.To.Format("2006-01-02")))
			}
			parts = append(parts, "("+strings.Join(cond, " AND ")+")")
		}
		return head + " AND (" + strings.Join(parts, " OR ") + "))"
	default:
		return head + " AND " + c.keyword(t, "f.value") + ")"
	}
}

// organization compiles a term on an organization, alias o.
func (c *compiler) organization(t *query.Term) (string, error) {
	switch t.Field.Attr {
	case "name":
		return c.contains(t, "o.name"), nil
	case "domain":
		if t.Op == query.Has {
			return "EXISTS (SELECT 1 FROM organization_domain x WHERE x.organization_id = o.id)", nil
		}
		return "o.id IN (SELECT x.organization_id FROM organization_domain x WHERE " + c.keyword(t, "x.domain") + ")", nil
	case "lifecycle":
		return c.keyword(t, "o.lifecycle"), nil
	case "members":
		return c.number(t, "o.members"), nil
	case "activities":
		return c.number(t, "o.activities"), nil
	case "last_active":
		return c.date(t, "o.last_active"), nil
	case "first_active":
		return c.date(t, "o.first_active"), nil
	case "tag":
		if t.Op == query.Has {
			return "EXISTS (SELECT 1 FROM organization_tag x WHERE x.organization_id = o.id)", nil
		}
		return "o.id IN (SELECT x.organization_id FROM organization_tag x WHERE " + c.keyword(t, "x.tag") + ")", nil
	case "parent":
		if t.Op == query.Has {
			return "o.parent_id > 0", nil
		}
		return "(o.parent_id > 0 AND o.parent_id IN (SELECT p.id FROM organization p WHERE " + c.contains(t, "p.name") + "))", nil
	case "group":
		if t.Op == query.Has {
			return "(o.parent_id > 0 OR EXISTS (SELECT 1 FROM organization x WHERE x.parent_id = o.id AND x.parent_id > 0))", nil
		}
		return "o.id IN (WITH RECURSIVE below(id) AS (SELECT p.id FROM organization p WHERE " + c.contains(t, "p.name") +
			" UNION SELECT x.id FROM organization x JOIN below ON x.parent_id = below.id WHERE x.parent_id > 0) SELECT below.id FROM below)", nil
	case "is":
		return c.flags(t, func(name string) string {
			if name == "education" {
				return "o.kind = 'education'"
			}
			return ""
		})
	case "size":
		return c.number(t, "o.size"), nil
	case "country":
		return c.keyword(t, "o.country"), nil
	case "id":
		before := len(c.args)
		own := c.ids(t, "o.id")
		c.args = append(c.args, c.args[before:]...)
		return "(" + own + " OR o.id IN (SELECT x.merged_into FROM organization x WHERE x.merged_into > 0 AND " + strings.Replace(own, "o.id", "x.id", 1) + "))", nil // of what is part of it now, too
	}
	if t.Field.Type == query.TypeCustom {
		return c.custom(t, "organization_field", "organization_id", "o.id"), nil
	}
	return "", c.unknown(t)
}

// activity compiles a term on an activity, alias a.
func (c *compiler) activity(t *query.Term) (string, error) {
	switch t.Field.Attr {
	case "kind":
		return kindIs("a.kind", texts(t.Values)), nil
	case "source":
		return c.inSources("a.source_id", t.Values), nil
	case "channel":
		if t.Op == query.Has {
			return "a.channel_id > 0", nil
		}
		return c.inChannels("a.channel_id", t.Values), nil
	case "author":
		return c.called(t, "a.identity_id", "m.name", "i.handle"), nil
	case "occurred":
		return c.date(t, "a.occurred_at"), nil
	case "title":
		return c.contains(t, "a.title"), nil
	case "body":
		return c.contains(t, "a.body"), nil
	case "url":
		return c.contains(t, "a.url"), nil
	case "topic":
		return c.aboutTopic(t, "a.id IN (SELECT x.activity_id FROM topic_activity x"), nil
	case "conversation":
		if t.Op == query.Has {
			return "a.conversation_id > 0", nil
		}
		return "(a.conversation_id > 0 AND " + c.ids(t, "a.conversation_id") + ")", nil // the index is a partial one
	case "id":
		return c.ids(t, "a.id"), nil
	case "category", "sentiment", "urgency", "language":
		return c.reading(t, "a.id"), nil
	case "is":
		return c.flags(t, func(name string) string {
			switch name {
			case "question":
				return "a.question = 1"
			case "reply":
				return "a.kind IN (" + kindNumbers([]string{"reply", "answer", "accepted_answer", "comment", "review"}) + ")"
			case "edited":
				return "a.edited_at > 0"
			case "deleted":
				return "a.deleted = 1"
			case "corrected":
				return "a.id IN (SELECT x.activity_id FROM reading_set x WHERE x.undone_at = 0)"
			case "staff", "bot":
				return "m." + name + " = 1"
			}
			return ""
		})
	}
	return "", c.unknown(t)
}

// conversation compiles a term on a conversation, alias c.
func (c *compiler) conversation(t *query.Term) (string, error) {
	switch t.Field.Attr {
	case "state":
		return "c.state IN " + c.list(t.Values), nil
	case "source":
		return c.inSources("c.source_id", t.Values), nil
	case "channel":
		if t.Op == query.Has {
			return "c.channel_id > 0", nil
		}
		return c.inChannels("c.channel_id", t.Values), nil
	case "author":
		return c.called(t, "c.author_id", "m.name", "i.handle"), nil
	case "opened":
		return c.date(t, "c.opened_at"), nil
	case "last_active":
		return c.date(t, "c.last_activity"), nil
	case "waiting":
		// Waiting runs from the opening to now; a limit on it is a limit on the opening.
		const waits = "c.state = 'open' AND c.question = 1"
		if t.Op == query.Has {
			return "(" + waits + ")", nil
		}
		return "(" + waits + " AND " + c.bounds(t.Op, t.Bounds(), "(("+strconv.FormatInt(micros(c.now), 10)+" - c.opened_at) / 1000000.0)", "") + ")", nil
	case "first_response":
		if t.Op == query.Has {
			return "c.first_response > 0", nil
		}
		return "(c.first_response > 0 AND " + c.bounds(t.Op, t.Bounds(), "((c.first_response - c.opened_at) / 1000000.0)", "") + ")", nil
	case "responder":
		if t.Op == query.Has {
			return "c.first_response > 0", nil
		}
		return c.responder(t), nil
	case "replies":
		return c.number(t, "c.replies"), nil
	case "participants":
		return c.number(t, "c.participants"), nil
	case "kind":
		return kindIs("c.kind", texts(t.Values)), nil
	case "topic":
		return c.aboutTopic(t, "c.id IN (SELECT b.conversation_id FROM topic_activity x JOIN activity b ON b.id = x.activity_id AND b.conversation_id > 0"), nil
	case "title":
		return c.contains(t, "c.title"), nil
	case "id":
		return c.ids(t, "c.id"), nil
	case "category", "sentiment", "urgency", "language":
		return c.reading(t, "c.opening_id"), nil
	case "is":
		return c.flags(t, func(name string) string {
			switch name {
			case "question":
				return "c.question = 1"
			case "waiting":
				return "(c.question = 1 AND c.state = 'open')"
			case "open", "answered", "resolved", "ignored":
				return "c.state = '" + name + "'"
			case "staff", "bot":
				return "m." + name + " = 1"
			}
			return ""
		})
	}
	return "", c.unknown(t)
}

func (c *compiler) responder(t *query.Term) string {
	var parts []string
	for _, v := range t.Values {
		column := "c.first_member"
		if v.Text == "staff" {
			column = "c.first_staff"
		}
		parts = append(parts, "(c.first_response > 0 AND c.first_response = "+column+")")
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}
