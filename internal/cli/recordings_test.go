// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector/connectortest"
)

// count is one number that is stated of a recording, and the query that gives it.
type count struct {
	what  string // as it is stated
	want  int
	list  string // what is listed
	query string
	by    string // counts the different values of that field; "" counts what is listed
}

// recording is an export or archive of a real community, with what is stated of it from its raw files alone.
type recording struct {
	kind   string
	path   string // in the folder of recordings
	flags  []string
	counts []count

	// resumes is set where the second import starts where the first one ended and so meets nothing. Elsewhere it reads all
	// again and finds as much unchanged as the first one stored.
	resumes bool
}

var recordings = []recording{
	{
		kind: "slack-export", path: "slack/r-contributors-slice",
		counts: []count{
			// 136 people and apps of users.json, and an app that only a message names.
			{"users, and one that only a message names", 137, "members", "source:slack", ""},
			// What Slack calls a message: posts, joins and notices, by people and bots. Reactions are none.
			{"messages", 1100, "activities", "-kind:reaction", ""},
			// No system subtype, no bot: what somebody wrote, or wrote in a thread.
			{"human messages", 957, "activities", "kind:message,reply -is:bot", ""},
			{"their authors", 79, "activities", "kind:message,reply -is:bot", "member_id"},
			{"their authors, asked of members", 79, "members", "did:message,reply -is:bot", ""},
			// Messages outside threads are put into conversations too, so a thread is where a reply in a thread is.
			{"threads", 150, "activities", "kind:reply", "conversation_id"},
			{"replies in threads", 592, "activities", "kind:reply", ""},
			{"reactions", 872, "activities", "kind:reaction", ""},
			// Three of channels.json, and the directory that it lacks.
			{"channels", 4, "activities", "", "channel"},
		},
	},
	{
		kind: "discourse", path: "discourse/urho3d-2019q1", resumes: true,
		counts: []count{
			{"topics", 153, "conversations", "", ""},
			// Posts are messages, replies, questions and accepted answers; the four that are not regular are moderation.
			{"posts", 1550, "activities", "-kind:reaction", ""},
			{"regular posts", 1546, "activities", "-kind:reaction,moderation", ""},
			{"authors of regular posts", 89, "activities", "-kind:reaction,moderation", "member_id"},
			{"likes", 761, "activities", "kind:reaction", ""},
		},
	},
	{
		kind: "gharchive", path: "github/gharchive-2015-02-01-sample.jsonl",
		counts: []count{
			{"events", 100, "activities", "source:github", ""},
			{"actors", 96, "activities", "source:github", "identity_id"},
			{"repositories", 96, "activities", "source:github", "channel"},
		},
	},
	{
		kind: "stackexchange", path: "stackexchange/coffee.stackexchange.com",
		counts: []count{
			// All posts: questions, answers, and 40 texts of tags, which are wiki edits.
			{"posts", 592, "activities", "", ""},
			{"questions", 225, "activities", "kind:question", ""},
			{"questions without any answer", 13, "conversations", "kind:question replies:0", ""},
			{"questions with an accepted answer", 105, "activities", "kind:accepted_answer", "conversation_id"},
			{"answers", 327, "activities", "kind:answer,accepted_answer", ""},
			{"authors", 116, "members", "source:stackexchange", ""},
		},
	},
	{
		kind: "mbox", path: "mail/r-package-devel",
		counts: []count{
			{"messages", 200, "activities", "kind:message,reply", ""},
			{"different Message-IDs", 200, "activities", "", "external_id"},
		},
	},
	{
		kind: "git", path: "git/jquery-ui.metadata.bundle", flags: []string{"--mailmap", "git/jquery-ui.metadata.mailmap"},
		counts: []count{
			{"commits", 7414, "activities", "kind:commit", ""},
			// Each address is an identity; .mailmap makes fewer members of them.
			{"author addresses", 385, "activities", "kind:commit", "identity_id"},
		},
	},
}

// summary is what an import ends with, as far as it is compared.
type summary struct {
	State                             string
	Read, Stored, Unchanged, Rejected int64
}

// TestRecordings imports recordings of real communities by the command line, asks for the counts that are stated of
// them with queries as a user would write them, and imports them again.
func TestRecordings(t *testing.T) {
	t.Parallel()
	dir := connectortest.Recordings(t)
	for _, r := range recordings {
		t.Run(r.kind, func(t *testing.T) {
			t.Parallel()
			path := place(t, filepath.Join(dir, r.path))
			var onSQLite map[string][]byte
			t.Run("sqlite", func(t *testing.T) { onSQLite = r.check(t, dir, path, sqliteData(t)) })
			t.Run("postgres", func(t *testing.T) {
				for name, got := range r.check(t, dir, path, postgresData(t)) {
					sameLines(t, name, onSQLite[name], got)
				}
			})
		})
	}
}

// check imports a recording twice, asks for its counts, and returns its export.
func (r *recording) check(t *testing.T, dir, path string, at data) map[string][]byte {
	t.Helper()
	args := []string{"import", r.kind, path, "--source", strings.TrimSuffix(r.kind, "-export"), "--format", "json"}
	for _, f := range r.flags {
		if !strings.HasPrefix(f, "--") {
			f = filepath.Join(dir, f)
		}
		args = append(args, f)
	}
	var first, second summary
	decode(t, run(t, at, args...), &first)
	if first.State != "done" || first.Rejected != 0 || first.Stored == 0 {
		t.Errorf("the import ended with %+v, want it done and nothing rejected", first)
	}
	for _, c := range r.counts {
		if got := c.ask(t, at); got != c.want {
			t.Errorf("%s: list %s --query %q by %q gives %d, want %d", c.what, c.list, c.query, c.by, got, c.want)
		}
	}
	before := exported(t, at)
	decode(t, run(t, at, args...), &second)
	want := summary{State: "done", Read: first.Read, Unchanged: first.Stored}
	if r.resumes {
		want = summary{State: "done"}
	}
	if diff := cmp.Diff(want, second); diff != "" {
		t.Errorf("the second import differs (-want +got):\n%s", diff)
	}
	for name, got := range exported(t, at) {
		sameLines(t, name, before[name], got)
	}
	return before
}

// place is what to import of a recording: the clone of a bundle, else the recording itself.
func place(t *testing.T, path string) string {
	t.Helper()
	if filepath.Ext(path) != ".bundle" {
		return path
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	clone := filepath.Join(t.TempDir(), "clone.git")
	if out, err := exec.CommandContext(t.Context(), "git", "clone", "--quiet", "--bare", path, clone).CombinedOutput(); err != nil {
		t.Fatalf("cloning %s: %v\n%s", path, err, out)
	}
	return clone
}

func (c *count) ask(t *testing.T, at data) int {
	t.Helper()
	var items []map[string]any
	decode(t, run(t, at, "list", c.list, "--query", c.query, "--format", "json"), &items)
	if c.by == "" {
		return len(items)
	}
	values := make(map[any]bool)
	for _, item := range items {
		values[item[c.by]] = true
	}
	return len(values)
}
