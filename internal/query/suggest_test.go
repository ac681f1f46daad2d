// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom/internal/query"
)

// stored stands for what the store knows.
func stored(f *query.Field, prefix string) []string {
	var all []string
	switch f.Attr {
	case "channel":
		all = []string{"help", "help desk", "general"}
	case "tag":
		all = []string{"champion", "speaker"}
	case "field.NAME":
		all = []string{"plan", "team_size"}
	}
	return slices.DeleteFunc(all, func(s string) bool { return !strings.HasPrefix(s, prefix) })
}

func TestSuggest(t *testing.T) {
	const m, o, a, c = query.Members, query.Organizations, query.Activities, query.Conversations
	tests := []struct {
		entity query.Entity
		text   string   // | is the cursor
		want   []string // the first texts that result
	}{
		// Fields.
		{m, "|", []string{"name:", "email:", "handle:"}},
		{m, "la|", []string{"last_active:", "org.last_active:"}},
		{m, "-la|", []string{"-last_active:", "-org.last_active:"}},
		{m, "(tag:x or life|", []string{"(tag:x or org.lifecycle:"}},
		{m, "tag:x la|st:<30d", []string{"tag:x last_active:<30d"}},
		{m, "compa|", []string{"org:"}},
		{m, "active|", []string{"last_active:", "first_active:"}},
		{a, "member.la|", []string{"member.last_active:"}},
		{m, "é ä|", nil},
		// Closed lists.
		{m, "is:|", []string{"is:staff", "is:bot", "is:hidden"}},
		{m, "-is:n|", []string{"-is:new", "-is:hidden", "-is:contact"}},
		{o, "lifecycle:trial,c|", []string{"lifecycle:trial,customer", "lifecycle:trial,churned", "lifecycle:trial,prospect"}},
		{a, "kind:pull|_req tag:x", []string{"kind:pull_request tag:x"}},
		{m, "has:e|", []string{"has:email", "has:handle"}},
		{m, "did:que|", []string{"did:question", "did:pull_request"}},
		// What the store knows.
		{a, "in:#he|", []string{"in:#help", `in:"help desk"`}},
		{c, "channel:h|", []string{"channel:help", `channel:"help desk"`}},
		{a, `in:"help d|esk"`, []string{`in:"help desk"`}},
		{m, "tag:speaker,|", []string{"tag:speaker,champion", "tag:speaker,speaker", "tag:speaker,*"}},
		{m, "field.|", []string{"field.plan:", "field.team_size:"}},
		{m, "field.te|", []string{"field.team_size:"}},
		{m, "org.fi|", []string{"org.first_active:", "org.field."}},
		// Numbers, dates, durations.
		{m, "last_active:|", []string{"last_active:<7d", "last_active:<30d"}},
		{m, "last_active:>|", []string{"last_active:>30d", "last_active:>90d"}},
		{m, "last_active:<3|", []string{"last_active:<3h", "last_active:<3d", "last_active:<3w", "last_active:<3mo", "last_active:<3y"}},
		{c, "waiting:>4|", []string{"waiting:>4min", "waiting:>4h"}},
		{a, "since:|", []string{"since:7d", "since:30d"}},
		{m, "activities:>|", []string{"activities:>=1", "activities:>=3"}},
		// The modifiers of a did:, and only of it.
		{m, "did:question |", []string{"did:question in:", "did:question source:", "did:question category:", "did:question sentiment:", "did:question since:", "did:question until:", "did:question count:"}},
		{m, "did:question in:#help c|", []string{"did:question in:#help category:", "did:question in:#help count:", "did:question in:#help channel:"}},
		{m, "did:question in:he|", []string{"did:question in:help", `did:question in:"help desk"`}},
		{m, "(did:question) co|", []string{"(did:question) country:", "(did:question) org:"}},
		{m, "did:question or co|", []string{"did:question or country:"}},
		// The order, and or.
		{m, "tag:x so|", []string{"tag:x source:", "tag:x sort:"}},
		{m, "(so|", []string{"(source:"}},
		{m, "sort:-act|", []string{"sort:-activities", "sort:-last_active"}},
		{m, "tag:x o|", []string{"tag:x org:"}},
		{m, "tag:x or|", []string{"tag:x org:"}},
		// Nothing to say.
		{m, `"la|`, nil},
		{m, `name:"a b" "is:|`, nil},
		{m, "nosuch:|", nil},
		{m, "https://la|", nil},
	}
	all := schemas()
	for _, tt := range tests {
		cursor := strings.Index(tt.text, "|")
		text := strings.Replace(tt.text, "|", "", 1)
		var got []string
		for _, g := range query.Suggest(all[tt.entity], text, cursor, stored) {
			got = append(got, text[:g.From]+g.Insert+text[g.To:])
		}
		if len(tt.want) > 0 && len(got) > len(tt.want) {
			got = got[:len(tt.want)]
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s %s (-want +got)\n%s", tt.entity, tt.text, diff)
		}
	}
}

// Following the suggestions alone leads to a query that parses.
func TestSuggestionsParse(t *testing.T) {
	for e, s := range schemas() {
		for _, field := range query.Suggest(s, "", 0, stored) {
			if field.Kind == query.SuggestOperator || strings.HasSuffix(field.Insert, ".") {
				continue
			}
			for _, value := range query.Suggest(s, field.Insert, len(field.Insert), stored) {
				text := field.Insert[:value.From] + value.Insert + field.Insert[value.To:]
				if _, err := query.Parse(s, text); err != nil {
					t.Errorf("%s: %q is suggested: %v", e, text, err)
				}
			}
		}
	}
}
