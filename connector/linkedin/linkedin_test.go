// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package linkedin_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/linkedin"
)

func live() connectortest.Live {
	return connectortest.Live{
		Spec:  linkedin.Spec(),
		Serve: newFake,
		Values: func(url string) connector.Values {
			return connector.Values{"access-token": "old", "api": url, "sign-in": url, "since": "all", "look-again-days": "3", "agreement": "yes"}
		},
		Activities: 3 + 25 + 5 + 3*2 + 5,                             // posts, comments, replies, reactions, followers
		Change:     func(h http.Handler) { h.(*fake).edited = true }, //nolint:errcheck,forcetypeassert // newFake's
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			for i := range next.Activities {
				if a := &next.Activities[i]; (a.ExternalID == commentURN(0, 3)) != (a.Body == "Edited" && !a.EditedAt.IsZero()) {
					t.Errorf("the next read tells %+v", a)
				}
			}
		},
		Limited: func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"status":429,"code":"TOO_MANY_REQUESTS","message":"Resource level throttle APPLICATION limit for calls to this resource is reached."}`, http.StatusTooManyRequests)
		},
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live()) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live()) }

func open(t *testing.T, env connector.Env, values connector.Values) connector.Source {
	t.Helper()
	src, err := linkedin.New(env, values)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// TestSpelling checks that requests are spelled as Rest.li wants them: brackets and commas bare, URNs inside escaped.
func TestSpelling(t *testing.T) {
	f := &fake{n: 13}
	srv := httptest.NewServer(f)
	defer srv.Close()
	values := live().Values(srv.URL)
	values["names"] = "yes"
	facts := connectortest.Collect(t, linkedin.Spec(), values, srv.Client(), "", 0)
	want := []string{
		"/rest/organizationAcls?q=roleAssignee&role=ADMINISTRATOR&state=APPROVED&start=0&count=100",
		"/rest/posts?q=author&author=urn%3Ali%3Aorganization%3A42&sortBy=CREATED&start=0&count=50",
		"/rest/socialMetadata?ids=List(urn%3Ali%3Ashare%3A70000000001,urn%3Ali%3Ashare%3A70000000000)",
		"/rest/socialActions/urn%3Ali%3Ashare%3A70000000000/comments?start=0&count=100",
		"/rest/socialActions/urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A80000000000%2C5%29/comments?start=0&count=100",
		"/rest/reactions/(entity:urn%3Ali%3Ashare%3A70000000000)?q=entity&sort=(value:REVERSE_CHRONOLOGICAL)&start=0&count=100",
		"/rest/people?ids=List((id:p0),(id:p1))",
	}
	asked := strings.Join(f.asked, "\n")
	for _, w := range want {
		if !strings.Contains(asked, w+"\n") {
			t.Errorf("%s was not asked for; asked was\n%s", w, asked)
		}
	}
	if who := facts.Identities["urn:li:person:p1"]; who.Name != "Ana Lee" || who.ProfileURL != "https://www.linkedin.com/in/analee" {
		t.Errorf("names were asked for, but one is %+v", who)
	}
}

// TestFacts looks at what a person would look at.
func TestFacts(t *testing.T) {
	srv := httptest.NewServer(newFake(6))
	defer srv.Close()
	f := connectortest.Collect(t, linkedin.Spec(), live().Values(srv.URL), srv.Client(), "", 0)
	if d := cmp.Diff(map[string]int{"announcement": 1, "comment": 6, "reply": 2, "reaction": 2, "follow": 5}, f.Kinds()); d != "" {
		t.Errorf("kinds (-want +got):\n%s", d)
	}
	post := f.Activities[0]
	if post.Body != "News from @Devtestco (really) #release\nhttps://acme.example/0" || post.Title != "Release" || !f.Identities[post.Author].Staff || len(post.Mentions) != 1 {
		t.Errorf("the post is %+v", post)
	}
	for i := range f.Activities {
		if a := &f.Activities[i]; a.Kind == greenroom.KindReply && (a.Thread != share(0) || !strings.HasPrefix(a.ReplyTo, "urn:li:comment:") || !cmp.Equal(a.Mentions, []string{"urn:li:person:p1"})) {
			t.Errorf("a reply is %+v", a)
		}
	}
}

// TestUnchanged reads a second time, long after: numbers that are the same are reason enough not to ask again.
func TestUnchanged(t *testing.T) {
	f := &fake{n: 25}
	srv := httptest.NewServer(f)
	defer srv.Close()
	values := live().Values(srv.URL)
	values["look-again-days"] = "0"
	first := connectortest.Collect(t, linkedin.Spec(), values, srv.Client(), "", 0)
	f.asked = nil
	connectortest.Collect(t, linkedin.Spec(), values, srv.Client(), first.Cursors[len(first.Cursors)-1], 0)
	if asked := strings.Join(f.asked, "\n"); strings.Contains(asked, "comments") || len(f.asked) != 5 {
		t.Errorf("the second read asked\n%s", asked)
	}
}

// TestRenew lets the access token end: a new one is got and kept, and so is the refresh token that replaces the old one.
func TestRenew(t *testing.T) {
	srv := httptest.NewServer(&fake{n: 5, token: "good"})
	defer srv.Close()
	env, kept := connectortest.LiveEnv(t), map[string]string{}
	env.Keep = func(_ context.Context, option, value string) error {
		kept[option] = value
		return nil
	}
	values := live().Values(srv.URL)
	values["refresh-token"], values["client-id"], values["client-secret"] = "r", "id", "s"
	out := connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
	if err := open(t, env, values).Read(t.Context(), "", out); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]string{"access-token": "new", "refresh-token": "next"}, kept); d != "" {
		t.Errorf("kept (-want +got):\n%s", d)
	}
}

// TestVersion warns before the version ends, and says what to do when it has.
func TestVersion(t *testing.T) {
	srv := httptest.NewServer(newFake(3))
	defer srv.Close()
	env := connectortest.LiveEnv(t)
	env.Now = func() time.Time { return time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC) }
	out := connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
	if err := open(t, env, live().Values(srv.URL)).Read(t.Context(), "", out); err != nil {
		t.Fatal(err)
	}
	if len(env.Meter.Metered().Warnings) != 1 {
		t.Errorf("warnings: %v", env.Meter.Metered().Warnings)
	}
	for _, c := range []struct {
		status int
		body   string
		code   greenroom.Code
	}{
		{http.StatusUpgradeRequired, `{"status":426,"code":"NONEXISTENT_VERSION","message":"Requested version 20230101 is not active"}`, greenroom.CodeInvalid},
		{http.StatusTooManyRequests, `{"status":429,"message":"Resource level throttle APPLICATION DAY limit for calls to this resource is reached."}`, greenroom.CodeLimited},
	} {
		bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, c.body, c.status) }))
		if err := open(t, env, live().Values(bad.URL)).Read(t.Context(), "", out); greenroom.ErrorCode(err) != c.code {
			t.Errorf("%s: got %v, want code %q", c.body, err, c.code)
		}
		bad.Close()
	}
}

// TestExpiry reads without an agreement: what members did more than 48 hours ago is left out by number, what is younger and
// what pages said comes in, and a reply to an old comment does, too.
func TestExpiry(t *testing.T) {
	srv := httptest.NewServer(newFake(25))
	defer srv.Close()
	values := live().Values(srv.URL)
	all := connectortest.Collect(t, linkedin.Spec(), values, srv.Client(), "", 0)
	var newest time.Time
	for i := range all.Activities {
		if a := &all.Activities[i]; a.Kind == greenroom.KindReply && a.OccurredAt.After(newest) {
			newest = a.OccurredAt
		}
	}
	delete(values, "agreement")
	env := connectortest.LiveEnv(t)
	env.Now = func() time.Time { return newest.Add(47 * time.Hour) }
	kinds, left, members := map[string]int{}, map[string]int64{}, 0
	out := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
		for i := range b.Activities {
			a := &b.Activities[i]
			kinds[a.Kind.String()]++
			if a.Kind == greenroom.KindAnnouncement && len(a.Mentions) > 0 && strings.HasPrefix(a.Mentions[0], "urn:li:person:") {
				t.Errorf("a post names a member: %v", a.Mentions)
			}
			if strings.HasPrefix(a.Author, "urn:li:person:") {
				members++
				if a.OccurredAt.Before(newest.Add(-30 * time.Minute)) {
					t.Errorf("what was done at %s came in, an hour and more too old", a.OccurredAt)
				}
			}
		}
		for reason, n := range b.LeftOut {
			left[reason] += n
		}
		return nil
	})
	if err := open(t, env, values).Read(t.Context(), "", out); err != nil {
		t.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	was := all.Kinds()
	social := was["comment"] + was["reply"] + was["reaction"]
	if n := left["older than the 48 hours that LinkedIn's terms allow"]; kinds["reply"] == 0 || members == 0 || int(n)+kinds["comment"]+kinds["reply"]+kinds["reaction"] != social || n == 0 || kinds["announcement"] != was["announcement"] || kinds["follow"] != was["follow"] {
		t.Errorf("of %v came in %v, with %d of members; %v were left out", was, kinds, members, left)
	}
}

// TestAccount tests the connection and surveys the page.
func TestAccount(t *testing.T) {
	h := newFake(25)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/rest/networkSizes") {
			http.Error(w, `{"status":403,"message":"Not enough permissions"}`, http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	}))
	defer srv.Close()
	src := open(t, connectortest.LiveEnv(t), live().Values(srv.URL))
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || check.Account != "administrator of Acme" || len(check.Missing) != 1 || check.Missing[0].Must {
		t.Errorf("the test says %+v, %v", check, err)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || len(v.Places) != 1 || v.Places[0].Items != 3 || len(v.Counts) != 1 {
		t.Errorf("the survey says %+v, %v", v, err)
	}
}
