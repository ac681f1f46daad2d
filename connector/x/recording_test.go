// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package x_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/x"
)

// TestRecordings reads what X answered to another client in 2021 and 2022, before it called tweets posts.
func TestRecordings(t *testing.T) {
	answers := map[string][]byte{}
	for path, name := range map[string]string{
		"/2/users/by": "get_users", "/2/users/783214/mentions": "get_users_mentions", "/2/users/783214/tweets": "get_users_tweets",
		"/2/users/783214/followers": "get_users_followers", "/2/tweets/search/recent": "search_recent_tweets",
	} {
		answers[path] = cassette(t, filepath.Join(connectortest.Recordings(t), "x", "tweepy-cassettes", "test_client_"+name+".yaml"))
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := answers[r.URL.Path]
		if r.URL.Query().Has("pagination_token") || body == nil { // what follows was not recorded
			body = []byte(`{"meta":{"result_count":0}}`)
		}
		_, _ = w.Write(body)
	}))
	defer srv.Close()
	f := connectortest.Collect(t, x.Spec(), connector.Values{
		"bearer-token": "t", "api": srv.URL, "accounts": "Twitter, TwitterDev", "searches": "Tweepy", "followers": "yes", "since": "all", "conversations": "no",
	}, srv.Client(), "", 0)
	if d := cmp.Diff(map[string]int{"message": 20, "announcement": 2}, f.Kinds()); d != "" {
		t.Errorf("kinds (-want +got):\n%s", d)
	}
	if len(f.Rejects) > 0 || len(f.Identities) != 101 {
		t.Errorf("%d identities, want 100 followers and the account; rejects %+v", len(f.Identities), f.Rejects)
	}
	for i := range f.Activities {
		if a := &f.Activities[i]; a.OccurredAt.Year() != 2022 {
			t.Errorf("%s is of %s", a.ExternalID, a.OccurredAt)
		}
	}
}

var binary = regexp.MustCompile(`string: !!binary \|\n((?: {8}\S+\n)+)`)

// cassette is the body of the first answer of a recording.
func cassette(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Skip("the recording is not here: ", err)
	}
	found := binary.FindSubmatch(text)
	if found == nil {
		t.Fatalf("%s holds no body", path)
	}
	zipped, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(found[1])), ""))
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
