// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discourse_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/discourse"
)

var update = flag.Bool("update", false, "write the golden files anew")

const sample = "testdata/forum"

// forum answers as a Discourse forum does, from the files of the sample. It wants every third request to be made again.
type forum struct {
	requests atomic.Int64
	busy     bool
	latest   func() []byte // replaces the list of topics
}

func (f *forum) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if n := f.requests.Add(1); f.busy && n%3 == 0 {
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "latest.json" && f.latest != nil {
		_, _ = w.Write(f.latest())
		return
	}
	if page := r.URL.Query().Get("page"); name == "latest.json" && page != "0" {
		name = "latest-" + page + ".json"
	}
	data, err := os.ReadFile(filepath.Join(sample, filepath.FromSlash(name)))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	_, _ = w.Write(data)
}

func serve(t *testing.T, f *forum) (*httptest.Server, connector.Values) {
	t.Helper()
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	return srv, connector.Values{"forum": srv.URL + "/latest", "requests-per-second": "10000", "profiles": "true"}
}

func TestConformanceByAddress(t *testing.T) {
	srv, values := serve(t, &forum{busy: true})
	connectortest.Run(t, discourse.Spec(), values, srv.Client())
}

func TestConformanceFolder(t *testing.T) {
	for _, dir := range []string{sample, "testdata/odd"} {
		connectortest.Run(t, discourse.Spec(), connector.Values{"forum": dir, "forum-address": "forum.example.com", "include-whispers": "true"}, nil)
	}
}

// What is read by address is what the saved answers of the same forum give.
func TestBothWaysGiveTheSame(t *testing.T) {
	srv, values := serve(t, &forum{})
	values["include-whispers"] = "true"
	net := connectortest.Collect(t, discourse.Spec(), values, srv.Client(), "", 0)
	dir := connectortest.Collect(t, discourse.Spec(), connector.Values{"forum": sample, "forum-address": srv.URL, "include-whispers": "true"}, nil, "", 0)
	for _, f := range []*connectortest.Facts{net, dir} {
		slices.SortFunc(f.Activities, func(a, b connector.Activity) int { return cmp.Compare(a.ExternalID, b.ExternalID) })
	}
	if diff := gocmp.Diff(net.Activities, dir.Activities); diff != "" {
		t.Errorf("activities (-address +folder):\n%s", diff)
	}
	if diff := gocmp.Diff(net.Identities, dir.Identities); diff != "" {
		t.Errorf("identities (-address +folder):\n%s", diff)
	}
	if diff := gocmp.Diff(told(net), told(dir)); diff != "" {
		t.Errorf("conversations (-address +folder):\n%s", diff)
	}
}

// told is what was told of each conversation in the end: a topic that was saved in parts is told of in parts.
func told(f *connectortest.Facts) map[string]connector.Conversation {
	all := map[string]connector.Conversation{}
	for _, c := range f.Conversations {
		have := all[c.Thread]
		c.Title, c.URL = cmp.Or(c.Title, have.Title), cmp.Or(c.URL, have.URL)
		c.UpdatedAt = time.Time{} // when it was asked for; a saved answer does not say that
		all[c.Thread] = c
	}
	return all
}

func TestGolden(t *testing.T) {
	for _, dir := range []string{sample, "testdata/odd"} {
		f := connectortest.Collect(t, discourse.Spec(), connector.Values{"forum": dir, "forum-address": "https://forum.example.com"}, nil, "", 0)
		f.Cursors, f.Payloads = nil, nil
		got, err := json.MarshalIndent(f, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, '\n')
		file := filepath.Join("testdata", "golden-"+filepath.Base(dir)+".json")
		if *update {
			if err := os.WriteFile(file, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s differs (-want +got); run with -update and look at the change:\n%s", file, diff)
		}
	}
}

// A second sync reads only topics with new activity.
func TestIncremental(t *testing.T) {
	f := &forum{}
	srv, values := serve(t, f)
	first := connectortest.Collect(t, discourse.Spec(), values, srv.Client(), "", 0)
	cursor := first.Cursors[len(first.Cursors)-1]
	before := f.requests.Load()
	again := connectortest.Collect(t, discourse.Spec(), values, srv.Client(), cursor, 0)
	if len(again.Activities) != 0 || again.Read != 0 {
		t.Errorf("nothing has changed, but %d activities came of %d records", len(again.Activities), again.Read)
	}
	if n := f.requests.Load() - before; n > 3 {
		t.Errorf("%d requests to find that nothing has changed", n)
	}
	f.latest = func() []byte {
		return []byte(`{"topic_list":{"more_topics_url":"/latest?page=1","topics":[
			{"id":103,"bumped_at":"2024-04-01T08:07:00Z","pinned":true},
			{"id":104,"bumped_at":"2024-07-01T08:00:00Z"},
			{"id":106,"bumped_at":"2024-05-04T08:05:00Z"}]}}`)
	}
	later := connectortest.Collect(t, discourse.Spec(), values, srv.Client(), cursor, 0)
	if len(later.Activities) != 1 || later.Activities[0].ExternalID != "post:4001" {
		t.Errorf("got %d activities, want the one of topic 104: %+v", len(later.Activities), later.Activities)
	}
}

// A folder to which an answer was added is read anew; one that is as it was holds nothing more.
func TestFolderThatGrew(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(sample)); err != nil {
		t.Fatal(err)
	}
	values := connector.Values{"forum": dir}
	first := connectortest.Collect(t, discourse.Spec(), values, nil, "", 0)
	cursor := first.Cursors[len(first.Cursors)-1]
	if again := connectortest.Collect(t, discourse.Spec(), values, nil, cursor, 0); again.Read != 0 {
		t.Errorf("nothing has changed, but %d records were read", again.Read)
	}
	more := `{"id":1,"topic_id":9,"post_number":1,"post_type":1,"created_at":"2024-07-01T08:00:00Z","cooked":"<p>new</p>","user_id":12,"username":"ben_o"}`
	if err := os.WriteFile(filepath.Join(dir, "a.json"), []byte(more), 0o600); err != nil {
		t.Fatal(err)
	}
	later := connectortest.Collect(t, discourse.Spec(), values, nil, cursor, 0)
	if want := len(first.Activities) + 1; len(later.Activities) != want {
		t.Errorf("got %d activities, want %d", len(later.Activities), want)
	}
}

func TestForumsThatCannotBeRead(t *testing.T) {
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		want    greenroom.Code
	}{
		{"not a forum", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, greenroom.CodeInvalid},
		{"nothing there", http.NotFound, greenroom.CodeInvalid},
		{"login required", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, greenroom.CodeForbidden},
		{"wants a day of rest", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "86400")
			w.WriteHeader(http.StatusTooManyRequests)
		}, greenroom.CodeLimited},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := httptest.NewServer(tt.handler)
			defer srv.Close()
			src, err := discourse.Spec().New(connectortest.Env(t, srv.Client()), connector.Values{"forum": srv.URL})
			if err != nil {
				t.Fatal(err)
			}
			err = src.Read(t.Context(), "", connector.NewSink(t.Context(), 0, nil))
			if greenroom.ErrorCode(err) != tt.want || !strings.Contains(greenroom.ErrorMessage(err), srv.URL) {
				t.Errorf("got %v, want code %q and the address", err, tt.want)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	for _, v := range []connector.Values{
		{"forum": "no such folder"},
		{"forum": "missing.json"},
		{"forum": "ftp://forum.example.com"},
		{"forum": sample, "profiles": "maybe"},
		{"forum": sample, "requests-per-second": "0"},
		{"forum": "forum.example.com"}, // no network here
	} {
		if _, err := discourse.Spec().New(connectortest.Env(t, nil), v); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%v: got %v, want code %q", v, err, greenroom.CodeInvalid)
		}
	}
	src, err := discourse.Spec().New(connectortest.Env(t, nil), connector.Values{"forum": t.TempDir()})
	if err == nil {
		err = src.Read(t.Context(), "", connector.NewSink(t.Context(), 0, nil))
	}
	if greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("an empty folder: got %v, want code %q", err, greenroom.CodeInvalid)
	}
}

func TestRecording(t *testing.T) {
	dir := filepath.Join(connectortest.Recordings(t), "discourse", "urho3d-2019q1")
	f := connectortest.Collect(t, discourse.Spec(), connector.Values{"forum": dir}, nil, "", 0)
	got := map[string]int{"topics": len(f.Conversations), "rejects": len(f.Rejects)}
	authors := map[string]bool{}
	for i := range f.Activities {
		switch a := &f.Activities[i]; a.Kind {
		case greenroom.KindReaction:
			got["likes"]++
		case greenroom.KindModeration:
			got["posts"]++
		default:
			got["posts"]++
			got["regular"]++
			authors[a.Author] = true
		}
	}
	for _, c := range f.Conversations {
		if c.State == greenroom.StateResolved {
			got["resolved"]++
		}
	}
	got["authors"], got["accepted"], got["questions"] = len(authors), f.Kinds()["accepted_answer"], f.Kinds()["question"]
	want := map[string]int{
		"topics": 153, "posts": 1550, "regular": 1546, "authors": 89, "likes": 761, "rejects": 0,
		"resolved": 39, "accepted": 39, "questions": 39,
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("counts differ (-want +got):\n%s", diff)
	}
}

// The recorded forum, served as forums do: topics in pages, the first 20 posts with the topic, further ones in parts.
func TestRecordingByAddress(t *testing.T) {
	dir := filepath.Join(connectortest.Recordings(t), "discourse", "urho3d-2019q1")
	srv := httptest.NewServer(newReplay(t, dir))
	defer srv.Close()
	net := connectortest.Collect(t, discourse.Spec(), connector.Values{"forum": srv.URL, "requests-per-second": "10000"}, srv.Client(), "", 500)
	disk := connectortest.Collect(t, discourse.Spec(), connector.Values{"forum": dir, "forum-address": srv.URL}, nil, "", 0)
	for _, f := range []*connectortest.Facts{net, disk} {
		slices.SortFunc(f.Activities, func(a, b connector.Activity) int { return cmp.Compare(a.ExternalID, b.ExternalID) })
	}
	if len(net.Activities) != 1550+761 || len(net.Conversations) != 153 {
		t.Errorf("got %d activities in %d topics", len(net.Activities), len(net.Conversations))
	}
	if diff := gocmp.Diff(disk.Activities, net.Activities); diff != "" {
		t.Errorf("activities (-folder +address):\n%s", diff)
	}
}

// replay serves saved topics.
type replay struct {
	topics map[string]map[string]any
	order  []map[string]any
}

func newReplay(t *testing.T, dir string) *replay {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	r := &replay{topics: map[string]map[string]any{}}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var topic map[string]any
		if err := json.Unmarshal(data, &topic); err != nil {
			t.Fatal(err)
		}
		r.topics[fmt.Sprint(topic["id"])] = topic
		r.order = append(r.order, map[string]any{"id": topic["id"], "bumped_at": topic["last_posted_at"]})
	}
	slices.SortFunc(r.order, func(a, b map[string]any) int {
		return strings.Compare(fmt.Sprint(b["bumped_at"]), fmt.Sprint(a["bumped_at"]))
	})
	return r
}

func (r *replay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	write := func(v any) { _ = json.NewEncoder(w).Encode(v) }
	parts := strings.Split(strings.TrimSuffix(strings.Trim(req.URL.Path, "/"), ".json"), "/")
	switch {
	case parts[0] == "site":
		write(map[string]any{"categories": []any{}})
	case parts[0] == "latest":
		page, _ := strconv.Atoi(req.URL.Query().Get("page"))
		list := map[string]any{"topics": r.order[min(page*30, len(r.order)):min(page*30+30, len(r.order))]}
		if page*30+30 < len(r.order) {
			list["more_topics_url"] = "/latest?page=" + strconv.Itoa(page+1)
		}
		write(map[string]any{"topic_list": list})
	case parts[0] == "t" && r.topics[parts[1]] != nil:
		topic := maps.Clone(r.topics[parts[1]])
		stream, _ := topic["post_stream"].(map[string]any)
		posts, _ := stream["posts"].([]any)
		if len(parts) == 2 {
			topic["post_stream"] = map[string]any{"stream": stream["stream"], "posts": posts[:min(20, len(posts))]}
			write(topic)
			return
		}
		var some []any
		for _, p := range posts {
			if post, _ := p.(map[string]any); slices.Contains(req.URL.Query()["post_ids[]"], fmt.Sprint(post["id"])) {
				some = append(some, p)
			}
		}
		write(map[string]any{"id": topic["id"], "post_stream": map[string]any{"posts": some}})
	default:
		http.NotFound(w, req)
	}
}

// Answers of many kinds, recorded by others, are either read or left out.
func TestOtherRecordings(t *testing.T) {
	root := connectortest.Recordings(t)
	for _, dir := range []string{"discourse/discourse_api-fixtures", "perceval/discourse"} {
		f := connectortest.Collect(t, discourse.Spec(), connector.Values{"forum": filepath.Join(root, dir)}, nil, "", 0)
		if len(f.Activities) == 0 || len(f.Identities) == 0 {
			t.Errorf("%s gave %d activities and %d identities", dir, len(f.Activities), len(f.Identities))
		}
		t.Logf("%s: %v, %d identities, left out %v", dir, f.Kinds(), len(f.Identities), f.LeftOut)
		for _, r := range f.Rejects {
			t.Logf("%s:%d: %s", r.File, r.Line, r.Reason)
		}
	}
}

// TestDocumentation holds that the page for users describes the options that it lists as they are.
func TestDocumentation(t *testing.T) {
	doc, err := os.ReadFile("../../docs/connectors/discourse.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(doc), "| option | what it does | default |\n|---|---|---|\n")
	rows := map[string]string{}
	for _, o := range discourse.Spec().Options {
		rows[o.Name] = fmt.Sprintf("| `%s` | %s | %s |", o.Name, o.Help, o.Default)
	}
	for row := range strings.Lines(table) {
		name, _, _ := strings.Cut(strings.TrimPrefix(row, "| `"), "`")
		if diff := gocmp.Diff(rows[name], strings.TrimSuffix(row, "\n")); diff != "" {
			t.Errorf("the option %s in docs/connectors/discourse.md (-spec +page):\n%s", name, diff)
		}
	}
}
