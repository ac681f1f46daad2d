// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"greenroom/internal/query"
)

// A compiler is one switch over the nodes. This one writes a condition for
// readers; a store writes SQL the same way.
func ExampleParse() {
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	var write func(n query.Node) string
	join := func(nodes []query.Node, with string) string {
		var parts []string
		for _, n := range nodes {
			parts = append(parts, write(n))
		}
		return "(" + strings.Join(parts, with) + ")"
	}
	write = func(n query.Node) string {
		switch n := n.(type) {
		case *query.And:
			return join(n.Nodes, " AND ")
		case *query.Or:
			return join(n.Nodes, " OR ")
		case *query.Not:
			return "NOT " + write(n.Node)
		case *query.Text:
			return fmt.Sprintf("matches(%q)", n.Words)
		case *query.Did:
			return fmt.Sprintf("at least %d of %v", n.Min, n.Kinds)
		case *query.Term:
			column := string(n.Field.Owner) + "." + n.Field.Attr
			if n.Field.Type == query.TypeDate {
				return column + " >= " + n.Intervals(now)[0].From.Format(time.DateOnly)
			}
			var words []string
			for _, v := range n.Values {
				words = append(words, v.Text)
			}
			return fmt.Sprintf("%s IN %v", column, words)
		}
		return "TRUE" // nil: everything
	}
	schema := query.NewSchema(query.Members, []string{"question", "answer"})
	q, err := query.Parse(schema, "did:question count:>=3 (org.lifecycle:trial,customer or last_active:<30d) -is:staff sort:-activities")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(write(q.Root))
	fmt.Println(q)
	// Output:
	// (at least 3 of [question] AND (organizations.lifecycle IN [trial customer] OR members.last_active >= 2026-03-01) AND NOT members.is IN [staff])
	// did:question count:>=3 (org.lifecycle:trial,customer or last_active:<30d) -is:staff sort:-activities
}

func ExampleError_Caret() {
	_, err := query.Parse(query.NewSchema(query.Conversations, nil), "is:question is:unanswered")
	var e *query.Error
	if errors.As(err, &e) {
		fmt.Println(e.Caret())
		fmt.Println(e.Fix())
	}
	// Output:
	// is:question is:unanswered
	//             ^^^^^^^^^^^^^
	// is:question -is:answered
}
