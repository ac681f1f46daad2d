// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"fmt"
	"strings"

	"greenroom/internal/query"
)

// Words says that a condition holds of a member now and did not before, or the other way round, in a few words.
func Words(n query.Node, holds bool) string {
	switch n := n.(type) {
	case *query.Not:
		return Words(n.Node, !holds)
	case *query.Did:
		return didWords(n, holds)
	case *query.Term:
		if said := termWords(n, holds); said != "" {
			return said
		}
	}
	if holds {
		return query.Format(n) + " holds now"
	}
	return query.Format(n) + " no longer holds"
}

// termWords says it of a term; "" where there are no better words than the query's own.
func termWords(t *query.Term, holds bool) string {
	label := strings.ReplaceAll(strings.NewReplacer("org.", "organization ", "field.", "").Replace(t.Field.Name), "_", " ")
	what := valueWords(t.Values)
	switch {
	case t.Op == query.Has && holds:
		return "has a value for " + label + " now"
	case t.Op == query.Has:
		return "has no value for " + label + " any more"
	case t.Field.Attr == "tag" && t.Op == query.Equal:
		return "tag " + what + either(holds, " was added", " was removed")
	case t.Field.Attr == fieldSegment && t.Op == query.Equal:
		return either(holds, "entered", "left") + " segment " + what
	case t.Field.Attr == "is":
		return flagWords(t, holds)
	case t.Field.Type == query.TypeDate:
		return dateWords(t, label, holds)
	case t.Field.Type == query.TypeNumber:
		return "the number of " + label + either(holds, " is now ", " is no longer ") + numberWords(t)
	case t.Op == query.Equal:
		return label + either(holds, " is ", " is no longer ") + what
	}
	return ""
}

func either(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

func valueWords(values []query.Value) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = v.Text
		if v.Prefix {
			parts[i] += "…"
		}
	}
	return strings.Join(parts, " or ")
}

// flagWords says it of is:.
func flagWords(t *query.Term, holds bool) string {
	if len(t.Values) > 1 {
		return ""
	}
	said := map[string][2]string{
		"new":     {"first active is within the last 30 days", "first active is now over 30 days ago"},
		"active":  {"last active is within the last 30 days", "last active is now over 30 days ago"},
		"quiet":   {"last active is now over 30 days ago", "is active again, or last active is now over 180 days ago"},
		"gone":    {"last active is now over 180 days ago", "is active again"},
		"staff":   {"is staff now", "is not staff any more"},
		"bot":     {"is marked as a bot now", "is not marked as a bot any more"},
		"hidden":  {"is hidden now", "is not hidden any more"},
		"contact": {"is known from business systems only", "is active in the community now"},
	}[t.Values[0].Text]
	if holds {
		return said[0]
	}
	return said[1]
}

// dateWords says it of a date that is compared with an age.
func dateWords(t *query.Term, label string, holds bool) string {
	if t.Values[0].Form != query.FormSpan || t.Op == query.Between {
		return ""
	}
	recent := t.Op == query.Less || t.Op == query.LessEqual
	if recent == holds {
		return label + " is within the last " + spanWords(t.Values[0].Span)
	}
	return label + " is now over " + spanWords(t.Values[0].Span) + " ago"
}

func spanWords(s query.Span) string {
	unit := map[query.Unit]string{query.Minute: "minute", query.Hour: "hour", query.Day: "day", query.Week: "week", query.Month: "month", query.Year: "year"}[s.Unit]
	if s.N != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", s.N, unit)
}

func numberWords(t *query.Term) string {
	b := t.Bounds()
	if len(b) != 1 || len(t.Values) == 0 {
		return strings.TrimPrefix(query.Format(t), t.Field.Name+":")
	}
	n := func(v query.Value) string { return fmt.Sprintf("%g", v.Number) }
	switch t.Op {
	case query.GreaterEqual:
		return n(t.Values[0]) + " or more"
	case query.Greater:
		return "over " + n(t.Values[0])
	case query.LessEqual:
		return n(t.Values[0]) + " or less"
	case query.Less:
		return "below " + n(t.Values[0])
	case query.Equal:
		return n(t.Values[0])
	case query.Between, query.Has:
	}
	return strings.TrimPrefix(query.Format(t), t.Field.Name+":")
}

// didWords says it of did:.
func didWords(d *query.Did, holds bool) string {
	kinds := make([]string, len(d.Kinds))
	for i, k := range d.Kinds {
		kinds[i] = kindWords(k)
	}
	what := strings.Join(kinds, " or ")
	if what == "" {
		what = "anything"
	}
	if len(d.In) > 0 {
		what += " in " + valueWords(d.In)
	}
	if len(d.Source) > 0 {
		what += " on " + valueWords(d.Source)
	}
	said := d.Said()
	read := make([]string, len(said))
	for i := range said {
		read[i] = " read as " + valueWords(said[i].Values)
	}
	what += strings.Join(read, "")
	switch d.Since.Form {
	case query.FormSpan:
		what += " in the last " + spanWords(d.Since.Span)
	case query.FormDate:
		what += " since " + d.Since.Date.String()
	case query.FormNone, query.FormText, query.FormNumber:
	}
	if d.Until.Form == query.FormSpan || d.Until.Form == query.FormDate {
		what += " until " + untilWords(&d.Until)
	}
	switch {
	case d.Max == query.Unlimited && d.Min <= 1:
		return either(holds, "did ", "did not do ") + what
	case d.Max == query.Unlimited:
		return fmt.Sprintf("did %s %s%d times", what, either(holds, "at least ", "fewer than "), d.Min)
	case d.Min <= 0 && d.Max == 0:
		return either(holds, "did not do ", "did ") + what
	case d.Min <= 0:
		return fmt.Sprintf("did %s %s%d times", what, either(holds, "at most ", "more than "), d.Max)
	}
	return fmt.Sprintf("did %s %s%d to %d times", what, either(holds, "", "no longer "), d.Min, d.Max)
}

func untilWords(v *query.Value) string {
	if v.Form == query.FormSpan {
		return spanWords(v.Span) + " ago"
	}
	return v.Date.String()
}
