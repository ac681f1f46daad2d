// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slackwire

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"greenroom/connector/internal/jsonfile"
)

// FuzzMessage maps a record as a message of a day file.
func FuzzMessage(f *testing.F) {
	days, err := filepath.Glob("../../slackexport/testdata/export/general/*.json")
	if err != nil || len(days) == 0 {
		f.Fatal("no sample days", err)
	}
	for _, day := range days {
		eachRecord(f, day, f.Add)
	}
	f.Fuzz(func(t *testing.T, record []byte) {
		m := NewMapper("https://acme.slack.com")
		var got Facts
		if err := m.Message(record, &Place{ID: "C1", Name: "general", Linked: true}, &got); err != nil {
			return
		}
		checkFacts(t, &got)
	})
}

// FuzzUser maps a record as a member.
func FuzzUser(f *testing.F) {
	eachRecord(f, "../../slackexport/testdata/export/users.json", f.Add)
	f.Fuzz(func(t *testing.T, record []byte) {
		var got Facts
		if NewMapper("").User(record, &got) == nil {
			checkFacts(t, &got)
		}
	})
}

// FuzzMrkdwn turns Slack's markup into text.
func FuzzMrkdwn(f *testing.F) {
	for _, s := range []string{"a <@U1|x> &lt;b&gt; <#C1|c> <https://x.example|y>", "<!date^1^{date}|d> <!subteam^S1>", "<", "<>", "<@>", "<|>", "&amp;lt;"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var mentions []string
		s := &speaker{People: map[string]string{"U1": "ana"}}
		if got := s.mrkdwn(text, &mentions); utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Errorf("%q became %q", text, got)
		}
	})
}

func checkFacts(t *testing.T, f *Facts) {
	t.Helper()
	for i := range f.Activities {
		a := &f.Activities[i]
		if a.ExternalID == "" || a.OccurredAt.IsZero() || a.Kind == 0 {
			t.Errorf("not whole: %+v", a)
		}
		if !utf8.ValidString(a.Body) || strings.ContainsRune(a.Body, 0) {
			t.Errorf("not text: %q", a.Body)
		}
	}
	for i := range f.Identities {
		if id := &f.Identities[i]; !utf8.ValidString(id.Name) || strings.ContainsRune(id.Name+id.Handle+id.JobTitle, 0) {
			t.Errorf("not text: %q", id.Name)
		}
	}
}

func eachRecord(f *testing.F, name string, add func(...any)) {
	f.Helper()
	file, err := jsonfile.Open(opener(name))
	if err != nil {
		f.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for {
		v, err := file.Next()
		if err != nil {
			return
		}
		add([]byte(v.Clone()))
	}
}

func opener(name string) jsonfile.Opener {
	return func() (io.ReadCloser, error) { return os.Open(name) }
}
