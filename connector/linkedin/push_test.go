// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package linkedin_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/linkedin"
)

// sign is LinkedIn's signature: of the words hmacsha256= and the body, in hexadecimal.
func sign(text string) string {
	h := hmac.New(sha256.New, []byte("s3cret"))
	_, _ = h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

func delivery(notices ...object) connector.Delivery {
	body, _ := json.Marshal(object{"type": "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS", "notifications": notices})
	return connector.Delivery{Method: http.MethodPost, Body: body, ReceivedAt: connectortest.Now(), Header: http.Header{"X-Li-Signature": {sign("hmacsha256=" + string(body))}}}
}

// pushes are a comment, an edit, likes, a mention and a deletion. LinkedIn spells URNs inside of others in two ways.
func pushes() []connector.Delivery {
	f := &fake{n: 25}
	at := connectortest.Now().Add(-time.Minute).UnixMilli()
	made := func(i int) string { return fmt.Sprintf("urn:li:comment:(activity:80000000000,%d)", i) }
	whole := func(i int) object {
		return object{"comment": object{"entity": commentURN(0, i), "owner": "urn:li:person:p1", "text": "x"}}
	}
	mention := "urn:li:share:90000000009"
	return []connector.Delivery{
		delivery(f.notice(11, "COMMENT", at, made(2), whole(2)), f.notice(12, "COMMENT_EDIT", at, made(3), nil)),
		delivery(f.notice(13, "LIKE", at, "urn:li:like:(urn:li:person:p1,urn:li:activity:80000000000)", nil), f.notice(14, "LIKE", at, "urn:li:like:(urn:li:person:p0,urn:li:activity:80000000000)", nil)),
		delivery(f.notice(15, "SHARE_MENTION", at, mention, object{"share": object{"entity": mention, "owner": "urn:li:person:p5", "text": "Thanks @[Acme](urn:li:organization:42)"}})),
		delivery(f.notice(16, "COMMENT", at, made(gone), nil)),
		delivery(f.notice(17, "COMMENT_DELETE", at, made(gone), nil)),
	}
}

// TestPushEqualsRead checks that what is pushed comes out as a read tells it.
func TestPushEqualsRead(t *testing.T) {
	srv := httptest.NewServer(newFake(25))
	defer srv.Close()
	read := map[string]connector.Activity{}
	for _, a := range connectortest.Collect(t, linkedin.Spec(), live().Values(srv.URL), srv.Client(), "", 0).Activities {
		a.Raw = 0
		read[a.ExternalID] = a
	}
	seen := 0
	for _, a := range receive(t, live().Values(srv.URL), pushes()[:2]).Activities {
		a.Raw = 0
		seen++
		if d := cmp.Diff(read[a.ExternalID], a); d != "" {
			t.Errorf("%s differs (-read +pushed):\n%s", a.ExternalID, d)
		}
	}
	if seen != 4 {
		t.Errorf("of two comments and two likes came %d activities", seen)
	}
}

// receive gives deliveries to the connector and returns the last batch.
func receive(t *testing.T, values connector.Values, all []connector.Delivery) *connector.Batch {
	t.Helper()
	r := open(t, connectortest.LiveEnv(t), values).(connector.Receiver) //nolint:errcheck,forcetypeassert // the compiler has checked it
	var got *connector.Batch
	out := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
		got = b
		return nil
	})
	for i := range all {
		if _, err := r.Verify(&all[i]); err != nil {
			t.Fatal(err)
		}
		if err := r.Receive(t.Context(), &all[i], out); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	return got
}

// TestChallenge answers as LinkedIn's documentation computes it, and refuses what does not come from LinkedIn.
func TestChallenge(t *testing.T) {
	srv := httptest.NewServer(newFake(3))
	defer srv.Close()
	r := open(t, connectortest.LiveEnv(t), live().Values(srv.URL)).(connector.Receiver) //nolint:errcheck,forcetypeassert // the compiler has checked it
	code := "890e4665-4dfe-4ab1-b689-ed553bceeed0"
	reply, err := r.Verify(&connector.Delivery{Method: http.MethodGet, Query: url.Values{"challengeCode": {code}}})
	var got struct{ ChallengeCode, ChallengeResponse string }
	if err != nil || !reply.Drop || reply.ContentType != "application/json" || json.Unmarshal(reply.Body, &got) != nil || got.ChallengeCode != code || got.ChallengeResponse != sign(code) {
		t.Errorf("the challenge is answered with %+v, %s, %v", got, reply.Body, err)
	}
	bare := live().Values(srv.URL)
	delete(bare, "client-secret")
	unsigned := delivery(object{})
	unsigned.Header = http.Header{}
	for name, c := range map[string]struct {
		values connector.Values
		d      connector.Delivery
	}{
		"no challenge": {live().Values(srv.URL), connector.Delivery{Method: http.MethodGet, Query: url.Values{}}},
		"no secret":    {bare, delivery(object{})},
		"no signature": {live().Values(srv.URL), unsigned},
	} {
		r := open(t, connectortest.LiveEnv(t), c.values).(connector.Receiver) //nolint:errcheck,forcetypeassert // the compiler has checked it
		if _, err := r.Verify(&c.d); greenroom.ErrorCode(err) != greenroom.CodeForbidden {
			t.Errorf("%s: got %v, want it refused", name, err)
		}
	}
}

// TestPushLeftOut counts what is not taken: of other pages, of other kinds, and what cannot be read.
func TestPushLeftOut(t *testing.T) {
	srv := httptest.NewServer(newFake(3))
	defer srv.Close()
	values := live().Values(srv.URL)
	values["pages"], values["mentions"], values["reactions"] = "42", "no", "no"
	f := &fake{n: 3}
	other := f.notice(1, "COMMENT", 1, "", nil)
	other["organizationalEntity"] = "urn:li:organization:77"
	unnamed := f.notice(2, "COMMENT", 1, "urn:li:comment:(activity:1,2)", nil)
	delete(unnamed, "decoratedSourcePost")
	lead := delivery()
	lead.Body = []byte(`{"type":"LEAD_ACTION"}`)
	lead.Header = http.Header{"X-Li-Signature": {sign("hmacsha256=" + string(lead.Body))}}
	got := receive(t, values, []connector.Delivery{delivery(other, unnamed, f.notice(3, "LIKE", 1, "", nil), f.notice(4, "SHARE", 1, "", nil), object{"action": 7}), lead})
	want := map[string]int64{
		"notifications of other pages": 1, "comments whose post LinkedIn does not name, which come in with the next read": 1, "reactions, which are not wanted": 1,
		"mentions, shares and deletions, which are not wanted": 1, "events of type LEAD_ACTION": 1,
	}
	if d := cmp.Diff(want, got.LeftOut); d != "" || len(got.Rejects) != 1 || len(got.Activities) != 0 {
		t.Errorf("left out (-want +got):\n%srejects: %+v, activities: %+v", d, got.Rejects, got.Activities)
	}
}

// TestSubscribe asks for pushes with the first read, not with the next one, again after a day and at another address, and
// reads on where LinkedIn does not let it.
func TestSubscribe(t *testing.T) {
	f := &fake{n: 3}
	srv := httptest.NewServer(f)
	defer srv.Close()
	values := live().Values(srv.URL)
	env := connectortest.LiveEnv(t)
	env.Hook = "https://greenroom.example.org/hooks/linkedin"
	var cursor connector.Cursor
	read := func(what string, want int) {
		t.Helper()
		out := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
			cursor = b.Cursor
			return nil
		})
		if err := open(t, env, values).Read(t.Context(), cursor, out); err != nil || out.Flush() != nil || len(f.hooks) != want {
			t.Errorf("%s: %v, subscribed to are %v, want %d", what, err, f.hooks, want)
		}
	}
	read("without the app's id", 0)
	values["app-id"] = "7"
	read("first", 1)
	read("soon after", 1)
	env.Now = func() time.Time { return connectortest.Now().Add(25 * time.Hour) }
	read("a day later", 2)
	env.Hook = "https://elsewhere.example.org/hooks/linkedin"
	read("at another address", 3)
	f.unapproved, env.Hook, env.Meter = true, "https://third.example.org/hooks/linkedin", &connector.Meter{}
	read("not approved", 3)
	if w := env.Meter.Metered().Warnings; len(w) != 1 {
		t.Errorf("the refusal is told as %v", w)
	}
	values["app-id"] = "my app"
	if _, err := linkedin.New(env, values); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("an app's id in words gives %v", err)
	}
}
