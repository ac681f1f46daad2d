// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package asof says of a figure over past periods which of the properties that its query names are known only as of today.
//
// An activity keeps its time for good. What an organization or a member is does not: their lifecycle, tags, segments and
// levels are known as they are now. A query such as org.lifecycle:trial therefore names those who are on trial today, in all
// periods, and trials that became customers drop out of their own past. Such a figure is no mistake, and often what is wanted;
// read as a history it misleads. So whatever shows it says it, by Note, in one sentence and the same everywhere.
//
// What does not change is left out: names and addresses, ids, the first activity, when somebody joined. So is what says itself
// as of when it holds: segment:KEY@DAY and program:KEY@DAY. Which organization somebody belongs to is not judged here either:
// org:NAME says which people, and their history of organizations is its own matter. Whether somebody is of the team, a bot or
// hidden is said beside each figure by how many are left out.
package asof

import (
	"slices"
	"strings"
	"time"

	"greenroom/internal/query"
)

// Note is the sentence that belongs to a figure, "" where there is none to say: its range begins before the day of now, in
// now's time zone, and one of the queries that it was asked with, or what it is broken down by, is known only as of today. A nil
// query is everybody and everything.
func Note(from, now time.Time, breakdown string, asked ...*query.Query) string {
	y, m, d := now.Date()
	if !from.Before(time.Date(y, m, d, 0, 0, 0, 0, now.Location())) {
		return ""
	}
	return Says(breakdown, asked...)
}

// Says is the sentence for figures that certainly look at past periods; "" where there is none to say.
func Says(breakdown string, asked ...*query.Query) string {
	known := Properties(asked...)
	if by, ok := map[string]string{"tag": "tags", "country": "country"}[breakdown]; ok && !slices.Contains(known, by) {
		known = append(known, by)
	}
	if len(known) == 0 {
		return ""
	}
	list := strings.Join(known, ", ")
	if n := len(known) - 1; n > 0 {
		list = strings.Join(known[:n], ", ") + " and " + known[n]
	}
	return "Past periods go by today's " + list + ": who or what has changed since counts there as it is now."
}

// Properties names what queries ask for that is known only as of today, in people's words, each once and in the order of the
// text.
func Properties(asked ...*query.Query) []string {
	var all []string
	for _, q := range asked {
		if q == nil {
			continue
		}
		query.Walk(q.Root, func(n query.Node) bool {
			word := ""
			switch n := n.(type) {
			case *query.Term:
				word = ofTerm(n)
			case *query.Did:
				word = "record of what was done"
			}
			if word != "" && !slices.Contains(all, word) {
				all = append(all, word)
			}
			return true
		})
	}
	return all
}

// ofTerm is the property that a term asks for; "" where it holds of the past as well.
func ofTerm(t *query.Term) string {
	switch t.Field.Owner {
	case query.Members:
		return ofMember(t)
	case query.Organizations:
		return ofOrganization(t)
	case query.Conversations:
		return ofConversation(t)
	default:
		return "" // what an activity says of itself stays
	}
}

func ofMember(t *query.Term) string {
	switch t.Field.Attr {
	case "name", "email", "handle", "id", "joined", "first_active":
		return ""
	case "tag":
		return "tags"
	case "segment", "program":
		if dated(t) {
			return ""
		}
		return t.Field.Attr + "s"
	case "is":
		return flags(t, []string{"new", "active", "quiet", "gone", "overdue"}, "activity of members")
	case "level":
		return "Orbit level"
	case "source", "identities":
		return "accounts"
	case "channel", "activities", "last_active":
		return "record of what was done"
	case "asked", "answered", "answer", "nps", "csat", "ces":
		return "survey answers"
	}
	return words(t.Field)
}

func ofOrganization(t *query.Term) string {
	switch t.Field.Attr {
	case "name", "domain", "id", "first_active":
		return ""
	case "tag":
		return "tags of organizations"
	case "members":
		return "number of members"
	case "activities", "last_active":
		return "record of what was done"
	case "parent", "group":
		return "record of which organization is below which"
	case "is":
		return "kind of organizations"
	case "size", "country":
		return t.Field.Attr + " of organizations"
	}
	return words(t.Field)
}

func ofConversation(t *query.Term) string {
	switch t.Field.Attr {
	case "state", "waiting":
		return "state of conversations"
	case "is":
		return flags(t, []string{"waiting", "open", "answered", "resolved", "ignored"}, "state of conversations")
	}
	return ""
}

// dated reports whether all values of a term say themselves as of which day they hold.
func dated(t *query.Term) bool {
	for i := range t.Values {
		if !strings.Contains(t.Values[i].Text, "@") {
			return false
		}
	}
	return len(t.Values) > 0
}

// flags gives word where a term asks for one of some flags.
func flags(t *query.Term, some []string, word string) string {
	if slices.ContainsFunc(t.Values, func(v query.Value) bool { return slices.Contains(some, v.Text) }) {
		return word
	}
	return ""
}

// words is a property as people say it: a field of the team's own by its name.
func words(f *query.Field) string {
	if f.Type == query.TypeCustom {
		return "field " + f.Attr
	}
	return strings.ReplaceAll(f.Attr, "_", " ")
}
