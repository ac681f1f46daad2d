// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/internal/githubevent"
)

// TestPaginatedRecording reads the recorded list of issues, five pages of three, from a server that answers as recorded.
func TestPaginatedRecording(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(connectortest.Recordings(t), "github", "octokit-fixtures", "paginate-issues.json"))
	if err != nil {
		t.Skip("the recording is not here: ", err)
	}
	var recorded []struct {
		Path     string          `json:"path"`
		Response json.RawMessage `json:"response"`
		Headers  struct {
			Link string `json:"link"`
		} `json:"headers"`
	}
	if err := json.Unmarshal(data, &recorded); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/repos/octokit-fixture-org/paginate-issues" {
			_, _ = w.Write([]byte(`{"id":1000,"name":"paginate-issues","full_name":"octokit-fixture-org/paginate-issues"}`))
			return
		}
		for i, page := range recorded {
			first := i == 0 && r.URL.Path == "/repos/octokit-fixture-org/paginate-issues/issues"
			if first || r.URL.RequestURI() == page.Path {
				w.Header().Set("Link", page.Headers.Link)
				_, _ = w.Write(page.Response)
				return
			}
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	defer server.Close()
	values := connector.Values{optionRepository: "octokit-fixture-org/paginate-issues", optionBase: server.URL}
	facts := connectortest.Collect(t, Spec(), values, server.Client(), "", 0)
	if len(facts.Activities) != 13 || facts.Kinds()["issue"] != 13 || len(facts.Rejects) != 0 {
		t.Errorf("got %v and the rejects %v, want 13 issues", facts.Kinds(), facts.Rejects)
	}
}

// TestRecordedObjects maps every issue, comment and account in the recordings of other clients.
func TestRecordedObjects(t *testing.T) {
	issues, comments, accounts := 0, 0, 0
	visit := func(o map[string]any) {
		text, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case o["number"] != nil && o["comments_url"] != nil && o["title"] != nil:
			var it githubevent.Item
			if err := githubevent.Decode(text, &it); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			f := githubevent.Opened("1", &it)
			if f.Activity.OccurredAt.IsZero() || f.Activity.Title == "" || f.Activity.Author == "" {
				t.Errorf("an issue became %+v", f.Activity)
			}
			issues++
		case o["issue_url"] != nil && o["body"] != nil && o["user"] != nil:
			var c githubevent.Comment
			if err := githubevent.Decode(text, &c); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			if f := githubevent.IssueComment("1", &c); f.Activity.OccurredAt.IsZero() || f.Activity.Thread == "" {
				t.Errorf("a comment became %+v", f.Activity)
			}
			comments++
		case o["login"] != nil && o["avatar_url"] != nil:
			var u githubevent.User
			if err := githubevent.Decode(text, &u); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			if id := githubevent.Identity(&u); id.ExternalID == "" || id.ProfileURL == "" {
				t.Errorf("an account became %+v", id)
			}
			accounts++
		}
	}
	root := filepath.Join(connectortest.Recordings(t), "github")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var v any
		if err := json.Unmarshal(data, &v); err == nil {
			walk(v, visit)
		}
		return nil
	})
	if err != nil {
		t.Skip("the recordings are not here: ", err)
	}
	if issues < 16 || accounts < 50 {
		t.Errorf("only %d issues, %d comments and %d accounts were found", issues, comments, accounts)
	}
}

// walk visits every object in a value, and in JSON texts that are kept as strings, as cassettes do.
func walk(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(v)
		for _, child := range v {
			walk(child, visit)
		}
	case []any:
		for _, child := range v {
			walk(child, visit)
		}
	case string:
		var inner any
		if strings.HasPrefix(v, "[") || strings.HasPrefix(v, "{") {
			if err := json.Unmarshal([]byte(v), &inner); err == nil {
				walk(inner, visit)
			}
		}
	}
}
