// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gharchive

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"greenroom/connector"
	"greenroom/connector/connectortest"
)

// generate writes n events in about the mix and the sizes of an hour of 2015 to 2025, some 2.3 KB a line.
func generate(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var out bytes.Buffer
	words := strings.Fields("the build fails on windows when path has spaces see log below and try again with option set to false please update docs for new release thanks")
	text := func(n int) string {
		var b strings.Builder
		for b.Len() < n {
			b.WriteString(words[r.IntN(len(words))])
			b.WriteString([]string{" ", " ", " ", `\r\n`, `\"`}[r.IntN(5)])
		}
		return b.String()
	}
	urls := func(repo string, n int) string { // the addresses that every object drags along
		var b strings.Builder
		for _, k := range strings.Fields("url labels_url comments_url events_url forks_url keys_url teams_url hooks_url assignees_url branches_url tags_url blobs_url git_refs_url trees_url statuses_url languages_url stargazers_url contributors_url")[:n] {
			fmt.Fprintf(&b, `"%s":"https://api.github.com/repos/%s/%s{/number}",`, k, repo, k)
		}
		return b.String()
	}
	for i := range n {
		actor, repoID := r.IntN(n/4+10), r.IntN(n/6+10)
		login, repo := fmt.Sprintf("person-%d", actor), fmt.Sprintf("org-%d/project-%d", repoID%97, repoID)
		user := fmt.Sprintf(`{"login":"%s","id":%d,"avatar_url":"https://avatars.githubusercontent.com/u/%d?v=4","gravatar_id":"",%s"type":"User","site_admin":false}`, login, actor+1, actor+1, urls(login, 9))
		issue := fmt.Sprintf(`{"id":%d,"number":%d,"title":"%s",%s"user":%s,"labels":[],"state":"open","locked":false,"comments":0,"created_at":"2020-01-01T%02d:00:00Z","closed_at":null,"html_url":"https://github.com/%s/issues/%d","body":"%s"}`,
			i, i+1, text(40), urls(repo, 7), user, i%24, repo, i+1, text(300))
		var payload string
		kind := "PushEvent"
		switch p := r.IntN(100); {
		case p < 50:
			var commits []string
			for range 1 + r.IntN(5) {
				commits = append(commits, fmt.Sprintf(`{"sha":"%040x","author":{"email":"a%d@example.com","name":"A"},"message":"%s","distinct":true,"url":"https://api.github.com/repos/%s/commits/%040x"}`, r.Uint64(), actor, text(60), repo, r.Uint64()))
			}
			payload = fmt.Sprintf(`{"push_id":%d,"size":%d,"distinct_size":1,"ref":"refs/heads/main","head":"%040x","before":"%040x","commits":[%s]}`, i, len(commits), i, i, strings.Join(commits, ","))
		case p < 62:
			kind, payload = "CreateEvent", `{"ref":"topic","ref_type":"branch","master_branch":"main","description":"A thing","pusher_type":"user"}`
		case p < 74:
			kind, payload = "IssueCommentEvent", fmt.Sprintf(`{"action":"created","issue":%s,"comment":{"url":"https://api.github.com/x","html_url":"https://github.com/%s/issues/%d#issuecomment-%d","id":%d,"user":%s,"created_at":"2020-01-01T00:00:00Z","updated_at":"2020-01-01T00:00:00Z","body":"%s"}}`, issue, repo, i+1, i, i, user, text(400))
		case p < 82:
			kind, payload = "WatchEvent", `{"action":"started"}`
		case p < 92:
			kind, payload = "PullRequestEvent", fmt.Sprintf(`{"action":"opened","number":%d,"pull_request":%s,"more":{%s"head":%s,"base":{%s"user":%s}}}`, i+1, issue, urls(repo, 18), user, urls(repo, 18), user)
		case p < 97:
			kind, payload = "IssuesEvent", fmt.Sprintf(`{"action":"opened","issue":%s}`, issue)
		default:
			kind, payload = "ForkEvent", fmt.Sprintf(`{"forkee":{"id":%d,"name":"x","full_name":"%s/x",%s"owner":%s,"html_url":"https://github.com/%s/x","created_at":"2020-01-01T00:00:00Z"}}`, i, login, urls(repo, 18), user, login)
		}
		fmt.Fprintf(&out, `{"id":"%d","type":"%s","actor":{"id":%d,"login":"%s","display_login":"%s","gravatar_id":"","url":"https://api.github.com/users/%s","avatar_url":"https://avatars.githubusercontent.com/u/%d?"},"repo":{"id":%d,"name":"%s","url":"https://api.github.com/repos/%s"},"payload":%s,"public":true,"created_at":"2020-01-01T%02d:%02d:%02dZ"}`+"\n",
			40000000000+i, kind, actor+1, login, login, login, actor+1, repoID+1, repo, repo, payload, i/3600%24, i/60%60, i%60)
	}
	return out.Bytes()
}

// BenchmarkRead reads packed generated events whole: unpacked, decoded, mapped, passed into batches. Run it with -cpu 1,2.
func BenchmarkRead(b *testing.B) {
	const n = 60000
	plain := generate(n)
	path := filepath.Join(b.TempDir(), "2020-01-01-0.json.gz")
	pack(b, path, plain)
	b.SetBytes(int64(len(plain)))
	b.ReportMetric(float64(len(plain))/n, "bytes/event")
	b.ReportAllocs()
	for b.Loop() {
		src, err := New(connector.Env{Now: nil}, connector.Values{optionPath: path})
		if err != nil {
			b.Fatal(err)
		}
		facts := 0
		sink := connector.NewSink(b.Context(), 0, func(_ context.Context, batch *connector.Batch) error {
			facts += len(batch.Activities)
			return nil
		})
		if err := src.Read(b.Context(), "", sink); err != nil {
			b.Fatal(err)
		}
		if err := sink.Flush(); err != nil {
			b.Fatal(err)
		}
		if facts != n {
			b.Fatalf("got %d activities of %d events", facts, n)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkDecode measures decoding and mapping alone, on one core.
func BenchmarkDecode(b *testing.B) {
	const n = 2000
	data := generate(n)
	s := &Source{}
	b.SetBytes(int64(len(data)))
	blk := &block{}
	for b.Loop() {
		blk.data, blk.first, blk.results = data, 1, blk.results[:0]
		s.decode(blk)
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// TestMemory reads far more than the limit of the heap would allow to be held.
func TestMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "2020-01-01-0.json.gz")
	chunk := generate(4000)
	var all bytes.Buffer
	for range 12 { // more than 100 MB; the repetitions are duplicates, which cost the same to read
		all.Write(chunk)
	}
	pack(t, path, all.Bytes())
	size := all.Len()
	all = bytes.Buffer{}
	src, err := New(connectortest.Env(t, nil), connector.Values{optionPath: path})
	if err != nil {
		t.Fatal(err)
	}
	var peak uint64
	batches := 0
	sink := connector.NewSink(t.Context(), 500, func(context.Context, *connector.Batch) error {
		if batches++; batches%5 != 0 {
			return nil
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		peak = max(peak, m.HeapAlloc)
		return nil
	})
	if err := src.Read(t.Context(), "", sink); err != nil {
		t.Fatal(err)
	}
	if peak > uint64(size/2) {
		t.Errorf("the heap reached %d MB while reading %d MB", peak>>20, size>>20)
	}
}

func pack(tb testing.TB, path string, plain []byte) {
	tb.Helper()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(plain); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, packed.Bytes(), 0o600); err != nil {
		tb.Fatal(err)
	}
}
