// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package githubevent

import (
	"testing"

	"greenroom/connector/connectortest"
)

// FuzzObjects holds that no answer of the API and no webhook stops the mapping.
func FuzzObjects(f *testing.F) {
	for _, seed := range []string{
		`{"number":5,"title":"T","state":"closed","closed_at":"2024-01-01T00:00:00Z","user":{"id":7,"login":"a"},"closed_by":null,"created_at":"2024-01-01T00:00:00Z","pull_request":{"merged_at":"2024-01-01T00:00:00Z"}}`,
		`{"id":5,"body":"B","issue_url":"https://api.github.com/repos/o/r/issues/12","created_at":"x","commit_id":"abc","in_reply_to_id":4}`,
		`{"action":"answered","discussion":{"number":1,"answer_chosen_at":"2024-01-01T00:00:00Z"},"answer":{"id":2},"sender":{"login":"a[bot]"},"repository":{"id":3,"full_name":"o/r"}}`,
		`{"id":1,"login":"ghost","blog":"x y","email":"A <a@B.c>","created_at":"2012/01/01 00:00:00 -0800"}`,
	} {
		f.Add("discussion", []byte(seed))
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		var e Event
		if ok, err := ReadWebhook(name, "d", connectortest.Now(), data, &e); ok && err == nil {
			var facts Facts
			Map(&e, &facts)
			if facts.Problem == "" && facts.LeftOut == "" && facts.Activity.ExternalID == "" {
				t.Errorf("a %s webhook became nothing", name)
			}
		}
		var it Item
		if Decode(data, &it) == nil {
			Opened("1", &it)
			Ended("1", &it)
			Discussion("1", &it)
		}
		var c Comment
		if Decode(data, &c) == nil {
			IssueComment("1", &c)
			ReviewComment("1", &c)
			CommitComment("1", &c)
		}
		var u User
		if Decode(data, &u) == nil {
			if id := Identity(&u); id.ExternalID == "" && (u.ID != 0 && u.ID != ghostID) {
				t.Errorf("account %d became nobody", u.ID)
			}
		}
	})
}

func BenchmarkObjects(b *testing.B) {
	issue := []byte(`{"url":"https://api.github.com/repos/acme/website/issues/12","repository_url":"https://api.github.com/repos/acme/website","labels_url":"https://api.github.com/repos/acme/website/issues/12/labels{/name}","id":900,"node_id":"MDU6SXNzdWU5MDA=","number":12,"title":"Search finds nothing","user":{"login":"ana","id":7,"avatar_url":"https://avatars.githubusercontent.com/u/7?v=4","html_url":"https://github.com/ana","type":"User","site_admin":false},"labels":[{"id":1,"name":"bug","color":"f29513"}],"state":"closed","locked":false,"comments":3,"created_at":"2024-05-01T09:00:00Z","updated_at":"2024-05-03T09:00:00Z","closed_at":"2024-05-03T09:00:00Z","html_url":"https://github.com/acme/website/issues/12","body":"Type a word into the search of the page for members.\r\n\r\nIt finds nothing, although there are members of that name."}`)
	b.SetBytes(int64(len(issue)))
	for b.Loop() {
		var it Item
		if err := Decode(issue, &it); err != nil {
			b.Fatal(err)
		}
		Opened("3", &it)
		Ended("3", &it)
	}
	b.ReportMetric(2*float64(b.N)/b.Elapsed().Seconds(), "facts/s")
}
