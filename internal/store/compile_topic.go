// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"strconv"
	"strings"

	"greenroom/internal/query"
)

// aboutTopic compiles a condition on the topic of messages: head selects from topic_activity, alias x, and is closed here.
func (c *compiler) aboutTopic(t *query.Term, head string) string {
	if t.Op == query.Has {
		return head + ")"
	}
	return head + " WHERE " + c.inTopics("x.topic_id", t.Values) + ")"
}

// inTopics is the condition that a column has a topic of these names or ids, one that was merged into it, or a part of it.
func (c *compiler) inTopics(column string, values []query.Value) string {
	var parts []string
	var args []any
	for _, v := range values {
		name := strings.ToLower(v.Text)
		const shown = "lower(CASE WHEN name_set <> '' THEN name_set ELSE name END)"
		if v.Prefix {
			parts, args = append(parts, shown+` LIKE ? ESCAPE '\'`), append(args, likeEscape.Replace(name)+"%")
			continue
		}
		parts, args = append(parts, shown+" = ?"), append(args, name)
		if id, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
			parts, args = append(parts, "id = ?"), append(args, id)
		}
	}
	named := "SELECT CASE WHEN merged_into > 0 THEN merged_into ELSE id END FROM topic WHERE " + strings.Join(parts, " OR ")
	return c.found(column, "SELECT id FROM topic WHERE id IN ("+named+") OR merged_into IN ("+named+") OR parent IN ("+named+
		") OR merged_into IN (SELECT id FROM topic WHERE parent IN ("+named+"))", append(append(append(append([]any{}, args...), args...), args...), args...))
}
