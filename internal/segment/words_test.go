// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package segment_test

import (
	"testing"

	"greenroom/internal/query"
	"greenroom/internal/segment"
)

func TestWords(t *testing.T) {
	s := query.NewSchema(query.Members, []string{"answer", "accepted_answer"})
	for text, want := range map[string][2]string{
		"tag:champion":         {"tag champion was added", "tag champion was removed"},
		"-tag:champion":        {"tag champion was removed", "tag champion was added"},
		"last_active:<30d":     {"last active is within the last 30 days", "last active is now over 30 days ago"},
		"first_active:>1y":     {"first active is now over 1 year ago", "first active is within the last 1 year"},
		"is:new":               {"first active is within the last 30 days", "first active is now over 30 days ago"},
		"-is:staff":            {"is not staff any more", "is staff now"},
		"org.lifecycle:trial":  {"organization lifecycle is trial", "organization lifecycle is no longer trial"},
		"has:org":              {"has a value for org now", "has no value for org any more"},
		"activities:>=10":      {"the number of activities is now 10 or more", "the number of activities is no longer 10 or more"},
		"segment:helpers":      {"entered segment helpers", "left segment helpers"},
		"is:new or tag:x":      {"is:new or tag:x holds now", "is:new or tag:x no longer holds"},
		"joined:2026":          {"joined:2026 holds now", "joined:2026 no longer holds"},
		"field.plan:pro,free":  {"plan is pro or free", "plan is no longer pro or free"},
		"did:answer since:30d": {"did answer in the last 30 days", "did not do answer in the last 30 days"},
		"did:* category:bug sentiment:negative since:30d": {"did anything read as bug read as negative in the last 30 days", "did not do anything read as bug read as negative in the last 30 days"},
		"did:answer,accepted_answer in:#help count:>=3":   {"did answer or accepted answer in help at least 3 times", "did answer or accepted answer in help fewer than 3 times"},
	} {
		q, err := query.Parse(s, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]string{segment.Words(q.Root, true), segment.Words(q.Root, false)}; got != want {
			t.Errorf("%s\n got %q\nwant %q", text, got, want)
		}
	}
}
