// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"strconv"
	"strings"

	"greenroom/internal/query"
	"greenroom/internal/text"
)

// fewReadings is up to how many messages a condition on what they say is looked up beforehand; the list is then read from
// those on.
const fewReadings = 2000

// reading compiles a condition on what the message says whose id stands in a column. What is rare has an index and is
// looked up by it; of the rest, each message of the list is looked at.
func (c *compiler) reading(t *query.Term, id string) string {
	cond, indexed, args := readingCondition(t)
	if indexed {
		if ids, all := c.ask("SELECT rd.activity_id FROM reading rd WHERE "+cond, args, fewReadings); all {
			return among(id, ids)
		}
	}
	c.args = append(c.args, args...)
	return "EXISTS (SELECT 1 FROM reading rd WHERE rd.activity_id = " + id + " AND " + cond + ")"
}

// readingCondition is a condition on a reading, alias rd, and whether an index knows all that fits it. It repeats the
// index's own condition then, without which SQLite would not take it.
func readingCondition(t *query.Term) (cond string, indexed bool, args []any) {
	column := "rd." + t.Field.Attr
	if t.Field.Attr == "language" {
		if t.Op == query.Has {
			return column + " <> ''", false, nil
		}
		indexed = true
		for _, v := range t.Values {
			code := strings.ToLower(v.Text)
			args, indexed = append(args, code), indexed && code != "en"
		}
		cond = column + " IN (" + placeholders(len(args)) + ")"
		if indexed {
			cond += " AND rd.language <> 'en'"
		}
		return cond, indexed, args
	}
	if t.Op == query.Has {
		return column + " > 0", t.Field.Attr == "urgency", nil
	}
	numbers := readingNumbers(t)
	known := map[string]struct {
		has  func(n int) bool
		cond string
	}{
		"category":  {func(n int) bool { return n >= 1 && n <= 7 }, "rd.category BETWEEN 1 AND 7"},
		"sentiment": {func(n int) bool { return n == 1 || n == 3 }, "rd.sentiment IN (1, 3)"},
		"urgency":   {func(n int) bool { return n > 0 }, "rd.urgency > 0"},
	}[t.Field.Attr]
	indexed = true
	list := make([]string, len(numbers))
	for i, n := range numbers {
		list[i], indexed = strconv.Itoa(n), indexed && known.has(n)
	}
	cond = column + " = " + list[0]
	if len(list) > 1 {
		cond = column + " IN (" + strings.Join(list, ", ") + ")"
	}
	if indexed {
		cond += " AND " + known.cond
	}
	return cond, indexed, nil
}

// readingNumbers are the stored numbers of a term's values, which the parser has checked.
func readingNumbers(t *query.Term) []int {
	var numbers []int
	for _, v := range t.Values {
		var n int
		var err error
		switch t.Field.Attr {
		case "category":
			var x text.Category
			x, err = text.ParseCategory(v.Text)
			n = int(x)
		case "sentiment":
			var x text.Sentiment
			x, err = text.ParseSentiment(v.Text)
			n = int(x)
		default:
			var x text.Urgency
			x, err = text.ParseUrgency(v.Text)
			n = int(x)
		}
		if err != nil {
			n = -1 // fits nothing
		}
		numbers = append(numbers, n)
	}
	return numbers
}
