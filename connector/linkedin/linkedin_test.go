// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package linkedin_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
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
			return connector.Values{"access-token": "old", "api": url, "sign-in": url, "since": "all", "look-again-days": "3", "agreement": "yes", "client-id": "id", "client-secret": "s3cret"}
		},
		Activities: 3 + 25 + 5 + 3*2 + 5 + 3,                         // posts, comments, replies, reactions, followers, mentions and shares
		Change:     func(h http.Handler) { h.(*fake).edited = true }, //nolint:errcheck,forcetypeassert // newFake's
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			if !slices.ContainsFunc(next.Activities, func(a connector.Activity) bool { return a.ExternalID == commentURN(0, gone) && a.Deleted }) {
				t.Error("the next read does not tell of the deleted comment")
			}
			for i := range next.Activities {
				if a := &next.Activities[i]; (a.ExternalID == commentURN(0, 3)) != (a.Body == "Edited" && !a.EditedAt.IsZero()) {
					t.Errorf("the next read tells %+v", a)
				}
			}
		},
		Pushes: pushes(),
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
		"/rest/organizationalEntityNotifications?q=criteria&actions=List(SHARE_MENTION,SHARE,COMMENT_DELETE)&organizationalEntity=urn%3Ali%3Aorganization%3A42&timeRange=(start:" +
			strconv.FormatInt(connectortest.Now().AddDate(0, 0, -60).UnixMilli(), 10) + ",end:" + strconv.FormatInt(connectortest.Now().UnixMilli(), 10) + ")&start=0&count=100",
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
	if d := cmp.Diff(map[string]int{"announcement": 1, "comment": 6, "reply": 3, "message": 1, "reaction": 3, "follow": 5}, f.Kinds()); d != "" {
		t.Errorf("kinds (-want +got):\n%s", d)
	}
	post := f.Activities[0]
	if post.Body != "News from @Devtestco (really) #release\nhttps://acme.example/0" || post.Title != "Release" || !f.Identities[post.Author].Staff || len(post.Mentions) != 1 {
		t.Errorf("the post is %+v", post)
	}
	for i := range f.Activities {
		if a := &f.Activities[i]; a.Kind == greenroom.KindReply && a.Body != "Worth reading" && (a.Thread != share(0) || !strings.HasPrefix(a.ReplyTo, "urn:li:comment:") || !cmp.Equal(a.Mentions, []string{"urn:li:person:p1"})) {
			t.Errorf("a reply is %+v", a)
		}
	}
}

// TestSpread looks at mentions and shares of the page's posts by others.
func TestSpread(t *testing.T) {
	srv := httptest.NewServer(newFake(6))
	defer srv.Close()
	at := connectortest.Now().Add(-2 * time.Hour)
	made := func(n int) string { return fmt.Sprintf("urn:li:share:9%010d", n) }
	link := func(n int) string { return "https://www.linkedin.com/feed/update/" + made(n) }
	want := map[string]connector.Activity{
		made(0): {ExternalID: made(0), Kind: greenroom.KindMessage, Channel: acme, Author: "urn:li:person:p3", OccurredAt: at, Thread: made(0), Body: "We moved to @Acme today", URL: link(0), Mentions: []string{acme}},
		made(1): {ExternalID: made(1), Kind: greenroom.KindReply, Channel: acme, Author: "urn:li:person:p4", OccurredAt: at, Thread: share(0), ReplyTo: share(0), Body: "Worth reading", URL: link(1), Mentions: []string{acme}},
		made(2): {ExternalID: made(2), Kind: greenroom.KindReaction, Channel: acme, Author: "urn:li:organization:77", OccurredAt: at, Thread: share(0), ReplyTo: share(0), Title: "share", URL: link(2), Mentions: []string{acme}},
	}
	got := map[string]connector.Activity{}
	f := connectortest.Collect(t, linkedin.Spec(), live().Values(srv.URL), srv.Client(), "", 0)
	for _, a := range f.Activities {
		if strings.HasPrefix(a.ExternalID, "urn:li:share:9") {
			a.Raw = 0
			got[a.ExternalID] = a
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("mentions and shares (-want +got):\n%s", d)
	}
	values, env := live().Values(srv.URL), connectortest.LiveEnv(t)
	delete(values, "agreement")
	env.Now = func() time.Time { return at.Add(49 * time.Hour) }
	out := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
		for i := range b.Activities {
			if strings.HasPrefix(b.Activities[i].ExternalID, "urn:li:share:9") {
				t.Errorf("49 hours later came in %+v", b.Activities[i])
			}
		}
		return nil
	})
	if err := open(t, env, values).Read(t.Context(), "", out); err != nil {
		t.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
}

// TestNoNotices reads where LinkedIn does not show notifications, whatever it says: all else comes in, and a warning.
func TestNoNotices(t *testing.T) {
	for _, status := range []int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound} {
		h := newFake(6)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/rest/organizationalEntityNotifications") {
				http.Error(w, `{"message":"no"}`, status)
				return
			}
			h.ServeHTTP(w, r)
		}))
		defer srv.Close()
		env, n := connectortest.LiveEnv(t), 0
		out := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
			n += len(b.Activities)
			return nil
		})
		if err := open(t, env, live().Values(srv.URL)).Read(t.Context(), "", out); err != nil || out.Flush() != nil || n != 1+6+2+2+5 || len(env.Meter.Metered().Warnings) != 1 {
			t.Errorf("%d: got %v, %d activities and the warnings %v", status, err, n, env.Meter.Metered().Warnings)
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
	if asked := strings.Join(f.asked, "\n"); strings.Contains(asked, "comments") || len(f.asked) != 6 {
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
	values["refresh-token"] = "r"
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
	values["mentions"] = "no"
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
