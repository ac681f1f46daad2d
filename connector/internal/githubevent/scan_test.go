// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package githubevent

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// FuzzScanEvent holds that what the fast scanner takes, the general decoder takes too, with the same result.
func FuzzScanEvent(f *testing.F) {
	for _, seed := range []string{
		`{"id":"1","type":"WatchEvent","actor":{"id":7,"login":"a"},"repo":{"id":3,"name":"o/r"},"payload":{"action":"started"},"created_at":"2015-01-01T00:00:00Z"}`,
		`{"payload":{"issue":{"number":1,"title":"a \u00e9 \ud83d\ude00 \\ \" \n","user":null,"pull_request":{}},"commits":[{"sha":"a","message":"é"},null],"pages":[]}}`,
		`{"payload":{"issue":12,"commits":null,"x":[1,-2.5e+3,true,false,null,{"y":[[]]}]}}`,
		`{"id":"1","id":"2","\u0069d":"3","actor":{},"actor":{"id":01}}`,
		`{"id":"` + "\xff\x00" + `"}`, `{"a":tru}`, `{"a":1.}`, `{"a":"\u12"}`, `{}x`, `[]`, ``, `{"actor":"a"}`, ` { } `,
		`{"type":"\ud800","payload":{"number":9223372036854775807,"merged":true}}`,
		`{"payload":{"release":{"id":1,"draft":true,"author":{"id":2}},"discussion":{"category":{"is_answerable":true}}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var fast, slow Event
		if !scanEvent(line, &fast) {
			return
		}
		if err := Decode(line, &slow); err != nil {
			t.Fatalf("the scanner takes what the decoder refuses: %v\n%q", err, line)
		}
		if diff := cmp.Diff(slow, fast, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-decoder +scanner):\n%s\n%q", diff, line)
		}
	})
}

// FuzzReadEvent holds that no line of any form stops the reader, and that a mapped event is whole.
func FuzzReadEvent(f *testing.F) {
	for _, seed := range []string{
		`{"type":"PushEvent","actor":"a","actor_attributes":{"login":"a","type":"User"},"repository":{"id":1,"name":"r","owner":"o"},"payload":{"shas":[["a","b","c","d",true]],"size":1,"ref":"refs/heads/x"},"created_at":"2012/03/10 22:55:55 -0800"}`,
		`{"type":"IssueCommentEvent","actor":"a","repository":{"name":"r","owner":"o"},"payload":{"issue_id":4,"comment_id":5},"url":"https://github.com/o/r/issues/12#issuecomment-5","created_at":"2013-01-01T00:00:00-08:00"}`,
		`{"type":"GollumEvent","repo":{"name":"o/r"},"payload":{"page_name":"Home"},"created_at":"2011-02-12T00:00:00Z"}`,
		`{"id":"9","type":"IssuesEvent","actor":{"id":7,"login":"a"},"repo":{"id":3,"name":"o/r"},"payload":{"action":"closed","issue":{"number":1,"state":"closed","closed_at":"2015-01-01T00:00:00Z"}},"created_at":"2015-01-01T00:00:00Z"}`,
		`null`, `7`, `{"type":7,"payload":[]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var e Event
		if err := ReadEvent(line, &e); err != nil {
			return
		}
		if e.ID == "" {
			e.ID = "x"
		}
		var facts Facts
		Map(&e, &facts)
		a := &facts.Activity
		if facts.Problem == "" && facts.LeftOut == "" && (a.ExternalID == "" || a.Kind == 0 || a.OccurredAt.IsZero()) {
			t.Fatalf("an activity without id, kind or time: %+v", a)
		}
		if a.Author != facts.Author.ExternalID || a.Channel != facts.Channel.ExternalID {
			t.Fatalf("author %q or channel %q was not given", a.Author, a.Channel)
		}
	})
}
