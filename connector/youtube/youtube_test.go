// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package youtube_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/connectortest/contract"
	"greenroom/connector/youtube"
)

func refuse(status int, reason string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"error":{"code":400,"message":"refused","errors":[{"domain":"x","reason":"`+reason+`"}]}}`, status)
	}
}

func live() connectortest.Live {
	return connectortest.Live{
		Spec:  youtube.Spec(),
		Serve: newFake,
		Values: func(url string) connector.Values {
			return connector.Values{"api-key": "k", "channels": "@acme", "api": url, "since": "all", "units-a-day": "100000"}
		},
		Activities: 3 + 25 + 2*7 + 3*1,
		Change:     func(h http.Handler) { h.(*fake).edited[24] = true }, //nolint:errcheck,forcetypeassert // newFake's
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			for i := range next.Activities {
				if a := &next.Activities[i]; (a.ExternalID == "comment:T24") != (a.Body == "Edited" && !a.EditedAt.IsZero()) {
					t.Errorf("the next read tells %+v", a)
				}
			}
		},
		Limited: refuse(http.StatusForbidden, "rateLimitExceeded"),
		Expired: refuse(http.StatusBadRequest, "keyInvalid"),
		Pushes:  pushes(), Ignores: true,
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live()) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live()) }

func open(t *testing.T, values connector.Values) connector.Source {
	t.Helper()
	src, err := youtube.New(connectortest.LiveEnv(t), values)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// TestContract checks every request against Google's own description.
func TestContract(t *testing.T) {
	spec := contract.Open(t, "youtube/youtube-v3-swagger2.converted.json", contract.Options{Swagger2: true})
	srv := httptest.NewServer(spec.Wrap(t, newFake(25)))
	defer srv.Close()
	src := open(t, live().Values(srv.URL))
	if _, err := src.(connector.Tester).Test(t.Context()); err != nil { //nolint:errcheck,forcetypeassert // the compiler has checked it
		t.Error(err)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || len(v.Counts) != 3 || v.Counts[1].Platform != 40 || v.Cost == "" {
		t.Errorf("the survey says %+v, %v", v, err)
	}
	values := live().Values(srv.URL)
	values["channels"] = acme
	connectortest.Collect(t, youtube.Spec(), values, srv.Client(), "", 0)
}

// TestFacts looks at what a person would look at.
func TestFacts(t *testing.T) {
	srv := httptest.NewServer(newFake(10))
	defer srv.Close()
	f := connectortest.Collect(t, youtube.Spec(), live().Values(srv.URL), srv.Client(), "", 0)
	if d := cmp.Diff(map[string]int{"announcement": 3, "comment": 10, "reply": 8}, f.Kinds()); d != "" {
		t.Errorf("kinds (-want +got):\n%s", d)
	}
	for i := range f.Activities {
		switch a := &f.Activities[i]; a.ExternalID {
		case "comment:T10.1":
			if !f.Identities[a.Author].Staff || a.ReplyTo != "comment:T10" || a.Thread != "video:V2" || a.Kind != greenroom.KindReply {
				t.Errorf("the channel's own reply is %+v", a)
			}
		case "comment:T3":
			if f.Identities[a.Author].Handle != "person4" || a.ReplyTo != "video:V1" || a.URL != "https://www.youtube.com/watch?v=V1&lc=T3" || f.Identities[a.Author].Staff {
				t.Errorf("a comment is %+v by %+v", a, f.Identities[a.Author])
			}
		}
	}
	if f.LeftOut["videos that are not public or no longer there"] != 1 {
		t.Errorf("left out: %v", f.LeftOut)
	}
}

// TestQuota reads until the day's units are used up; the next read of the same day asks for nothing.
func TestQuota(t *testing.T) {
	f := &fake{n: 500}
	srv := httptest.NewServer(f)
	defer srv.Close()
	values := live().Values(srv.URL)
	values["units-a-day"] = "20"
	cursor := connector.Cursor("")
	for range 2 {
		out := connector.NewSink(t.Context(), 1, func(_ context.Context, b *connector.Batch) error {
			cursor = b.Cursor
			return nil
		})
		err := open(t, values).Read(t.Context(), cursor, out)
		if greenroom.ErrorCode(err) != greenroom.CodeLimited || !strings.Contains(greenroom.ErrorMessage(err), "2026-11-23 08:00 UTC") {
			t.Fatalf("the read ended with %v, want code %q until midnight in California", err, greenroom.CodeLimited)
		}
	}
	if f.units > 24 {
		t.Errorf("%d units were used, want 20 and what the last page had asked for", f.units)
	}
	srv2 := httptest.NewServer(refuse(http.StatusForbidden, "quotaExceeded"))
	defer srv2.Close()
	out := connector.NewSink(t.Context(), 1, func(context.Context, *connector.Batch) error { return nil })
	if err := open(t, live().Values(srv2.URL)).Read(t.Context(), "", out); greenroom.ErrorCode(err) != greenroom.CodeLimited {
		t.Errorf("quotaExceeded ends a read with %v", err)
	}
}

// TestRecordings reads what YouTube answered to another client.
func TestRecordings(t *testing.T) {
	dir := filepath.Join(connectortest.Recordings(t), "youtube", "python-youtube")
	files := map[string]string{
		"/youtube/v3/channels": "channels/info.json", "/youtube/v3/playlistItems": "playlist_items/playlist_items_multi.json",
		"/youtube/v3/videos": "videos/videos_info_multi.json", "/youtube/v3/commentThreads": "comment_threads/comment_threads_by_video_paged_1.json", "/youtube/v3/comments": "comments/comments_single.json",
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("pageToken") {
			_, _ = w.Write([]byte(`{"items":[]}`))
			return
		}
		text, err := os.ReadFile(filepath.Join(dir, files[r.URL.Path]))
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(text)
	}))
	defer srv.Close()
	f := connectortest.Collect(t, youtube.Spec(), live().Values(srv.URL), srv.Client(), "", 0)
	if d := cmp.Diff(map[string]int{"announcement": 2, "comment": 5, "reply": 1}, f.Kinds()); d != "" || len(f.Rejects) > 0 {
		t.Errorf("kinds (-want +got):\n%s\nrejects %+v", d, f.Rejects)
	}
}
