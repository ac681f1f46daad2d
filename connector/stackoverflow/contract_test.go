// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stackoverflow_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/stackoverflow"
)

// These tests hold what Stack Exchange publishes of its API 2.3: api.stackexchange.com/docs, and announcements on
// meta.stackexchange.com, which each test names.

// TestSites gives sites by address and by the short name that /sites has for them; links go to the address.
func TestSites(t *testing.T) {
	for site, want := range map[string]string{
		"stackoverflow": "stackoverflow.com", "https://stackoverflow.com/questions/tagged/go": "stackoverflow.com", "www.superuser.com": "superuser.com",
		"meta.stackoverflow": "meta.stackoverflow.com", "ru.stackoverflow": "ru.stackoverflow.com", "es.meta.stackoverflow": "es.meta.stackoverflow.com",
		"meta.askubuntu": "meta.askubuntu.com", "coffee": "coffee.stackexchange.com", "coffee.meta": "coffee.meta.stackexchange.com", "meta": "meta.stackexchange.com",
		"mathoverflow.net": "mathoverflow.net", "meta.mathoverflow": "meta.mathoverflow.net", "coffee.stackexchange.com": "coffee.stackexchange.com",
	} {
		asked := ""
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = r.URL.Query().Get("site")
			_, _ = w.Write([]byte(`{"items":[{"total_questions":1}],"has_more":false,"quota_max":300,"quota_remaining":299}`))
		}))
		v := values(srv.URL)
		v["site"] = site
		src, err := stackoverflow.New(connectortest.LiveEnv(t), v)
		if err != nil {
			t.Fatal(err)
		}
		check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck // the compiler has checked it
		if err != nil || check.Account != want || asked != want {
			t.Errorf("%s: asked for the site %q, which is %q (%v), want %q", site, asked, check.Account, err, want)
		}
		srv.Close()
	}
}

// TestFilter makes the filter once and not with every read: docs/filters says that filters never expire and should not be made
// at run time.
func TestFilter(t *testing.T) {
	made := 0
	h := newFake(5)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/2.3/filters/create" {
			made++
		}
		h.ServeHTTP(w, r)
	}))
	defer srv.Close()
	f := connectortest.Collect(t, stackoverflow.Spec(), values(srv.URL), srv.Client(), "", 0)
	next := connectortest.Collect(t, stackoverflow.Spec(), values(srv.URL), srv.Client(), f.Cursors[len(f.Cursors)-1], 0)
	if made != 1 || len(f.Activities) == 0 || len(next.Rejects) != 0 {
		t.Errorf("the filter was made %d times, want once", made)
	}
}

// TestKey sends the key as a header and nowhere else (meta.stackexchange.com/q/417382: since June 2026), nothing without a
// key, and tells of one that is refused by any of the errors that docs/error-handling has for that.
func TestKey(t *testing.T) {
	var sent []string
	h := newFake(5)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent = append(sent, r.Header.Get("Authorization")+"|"+r.URL.Query().Get("key"))
		h.ServeHTTP(w, r)
	}))
	defer srv.Close()
	for key, want := range map[string]greenroom.Code{"k": "", "": "", "wrong": greenroom.CodeUnauthorized} {
		v := values(srv.URL)
		v["key"], sent = key, nil
		src, err := stackoverflow.New(connectortest.LiveEnv(t), v)
		if err != nil {
			t.Fatal(err)
		}
		_, err = src.(connector.Tester).Test(t.Context()) //nolint:errcheck // the compiler has checked it
		header := "|"
		if key != "" {
			header = "Bearer " + key + "|"
		}
		if greenroom.ErrorCode(err) != want || len(sent) == 0 || sent[0] != header {
			t.Errorf("with the key %q the test sent %q and says %v, want %q", key, sent, err, want)
		}
	}
	for _, id := range []int{401, 402, 405, 406} {
		refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fail(w, id, "some_error", "no") }))
		src, err := stackoverflow.New(connectortest.LiveEnv(t), values(refusing.URL))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := src.(connector.Tester).Test(t.Context()); greenroom.ErrorCode(err) != greenroom.CodeUnauthorized { //nolint:errcheck // the compiler has checked it
			t.Errorf("error %d gives %v", id, err)
		}
		refusing.Close()
	}
}

// TestOverlookedKey reads from an API of before the change, which takes the key in the address and does not see a header: the
// first answer has the quota of a request without a key, even one that is used up, and from then on both are sent.
func TestOverlookedKey(t *testing.T) {
	h := newFake(5)
	plain, keyed := 0, 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("key") == "" {
			plain++
			_, _ = w.Write([]byte(`{"items":[{"filter":"!abc"}],"has_more":false,"quota_max":300,"quota_remaining":0}`))
			return
		}
		keyed++
		q := r.URL.Query()
		q.Del("key")
		r.URL.RawQuery = q.Encode()
		h.ServeHTTP(w, r)
	}))
	defer srv.Close()
	v := values(srv.URL)
	v["key"] = "k"
	if f := connectortest.Collect(t, stackoverflow.Spec(), v, srv.Client(), "", 0); len(f.Activities) == 0 || plain != 1 || keyed == 0 {
		t.Errorf("%d activities came in with %d requests without the key and %d with it", len(f.Activities), plain, keyed)
	}
}

// TestListed reads a question with all of its answers and comments, of which docs/types/question has the numbers: what is
// missing among them was deleted, which the API does not tell. Where it gives fewer than it says to have, nothing is.
func TestListed(t *testing.T) {
	for fewer, want := range map[bool][]string{false: {"comment:102", "comment:103", "post:101"}, true: nil} {
		h := newFake(10)
		h.(*fake).fewer = fewer //nolint:errcheck // newFake's
		srv := httptest.NewServer(h)
		f := connectortest.Collect(t, stackoverflow.Spec(), values(srv.URL), srv.Client(), "", 0)
		srv.Close()
		for i := range f.Conversations {
			c := &f.Conversations[i]
			if c.Thread != "post:100" {
				continue
			}
			var got []string
			if c.Listed != nil {
				got = c.Listed.IDs
				if age := connectortest.Now().Sub(c.Listed.At); age < time.Minute || len(c.Listed.Kinds) != 3 {
					t.Errorf("the list is of %s ago, want some time for answers that the API gives again, and has the kinds %v", age, c.Listed.Kinds)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("with fewer comments (%t) the list is (-want +got):\n%s", fewer, diff)
			}
		}
	}
}
