// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"greenroom/internal/query"
)

func TestRows(t *testing.T) {
	s := query.NewSchema(query.Members, []string{"answer", "reply", "message"})
	for text, want := range map[string]query.Rows{
		"":                 {},
		"is:new -is:staff": {List: []query.Row{{Field: "is", Op: query.RowIs, Value: "new"}, {Field: "is", Op: query.RowNot, Value: "staff"}}},
		"last_active:>30d (tag:vip,champion or -has:org)": {List: []query.Row{
			{Field: "last_active", Op: query.RowAgo, Value: "30", Unit: query.Day},
			{Group: 1, Field: "tag", Op: query.RowIs, Value: "vip, champion"},
			{Group: 1, Field: "org", Op: query.RowNone},
		}},
		"did:answer,reply in:#help since:90d count:>=3 or activities:5..9": {Any: true, List: []query.Row{
			{Field: "did", Op: query.RowIs, Value: "answer, reply", In: "help", Since: "90", Count: "3"},
			{Field: "activities", Op: query.RowBetween, Value: "5", To: "9"},
		}},
		`name:"a, b" -(is:new tag:x) did:reply count:2..3`: {List: []query.Row{
			{Field: "name", Op: query.RowIs, Value: `"a, b"`},
			{Op: query.RowText, Value: "-(is:new tag:x)"},
			{Op: query.RowText, Value: "did:reply count:2..3"},
		}},
	} {
		q, err := query.Parse(s, text)
		if err != nil {
			t.Fatal(err)
		}
		got := query.RowsOf(s, q.Root)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", text, diff)
		}
	}
}

// TestRowsSayTheSame: from the text to lines and back nothing changes.
func TestRowsSayTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := query.NewSchema(query.Members, kinds())
		root := trees{schema: s, t: t}.tree(rapid.IntRange(0, 3).Draw(t, "depth"))
		rows := query.RowsOf(s, root)
		if len(rows.Text()) > query.MaxLength {
			return
		}
		q, err := query.Parse(s, rows.Text())
		if err != nil {
			t.Fatalf("%s became %q: %v", query.Format(root), rows.Text(), err)
		}
		if got, want := query.Format(q.Root), query.Format(root); got != want {
			t.Fatalf("%s became %s by %+v", want, got, rows)
		}
	})
}
