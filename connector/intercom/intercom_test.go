// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package intercom_test

import (
	"context"
	"crypto/sha1" //nolint:gosec // Intercom signs with it
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/intercom"
	"greenroom/connector/internal/signature"
)

const secret = "the app's client secret"

func live(tb testing.TB) connectortest.Live {
	tb.Helper()
	return connectortest.Live{
		Spec:  intercom.Spec(),
		Serve: newFake,
		Values: func(url string) connector.Values {
			return connector.Values{"address": url, "token": "t", "client-secret": secret, "attributes": "plan, seats"}
		},
		Activities: 6, // ratings
		Change: func(h http.Handler) {
			h.(*fake).edited[3] = "A title at last" //nolint:errcheck,forcetypeassert // newFake's
			h.(*fake).gone[5] = today.Unix()        //nolint:errcheck,forcetypeassert // newFake's
			h.(*fake).gone[6] = day0.Unix()         //nolint:errcheck,forcetypeassert // newFake's
		},
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			if len(next.Records) != 2 || next.Records[0].Name != "A title at last" || !next.Records[1].Deleted || next.Records[1].ExternalID != "1005" || len(next.Activities) > 3 {
				t.Errorf("the next read tells of %+v and %d activities, want the conversation that has a title now and the one that was deleted", next.Records, len(next.Activities))
			}
			if !slices.ContainsFunc(next.Conversations, func(c connector.Conversation) bool { return c.Thread == "conversation/1005" && c.Deleted }) {
				t.Errorf("the next read leaves what was said in the deleted conversation: %+v", next.Conversations)
			}
		},
		Pushes: pushes(tb),
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live(t)) }

// TestMessages runs the suite with the messages of conversations.
func TestMessages(t *testing.T) {
	c := live(t)
	values := c.Values
	c.Values = func(url string) connector.Values {
		v := values(url)
		v["messages"] = "true"
		return v
	}
	c.Activities = 6 + 25 + 9
	c.NoBackfill = "each conversation costs a request; the rest is read by TestLive"
	connectortest.RunLive(t, c)
}

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live(b)) }

// pushes tell that a conversation begins, goes on, is rated and another is deleted, of a contact and a company, and of
// something that is not wanted.
func pushes(tb testing.TB) []connector.Delivery {
	tb.Helper()
	bodies := []dict{
		{"topic": "conversation.user.created", "data": dict{"item": dict{"type": "conversation", "id": "1003"}}},
		{"topic": "conversation.admin.replied", "data": dict{"item": dict{"type": "conversation", "id": "1003"}}},
		{"topic": "conversation.rating.added", "data": dict{"item": dict{"type": "conversation", "id": "1001"}}},
		{"topic": "conversation.deleted", "data": dict{"item": dict{"type": "conversation", "conversation_id": 1999}}},
		{"topic": "contact.user.updated", "data": dict{"item": dict{"type": "contact", "id": contact(1)["id"]}}},
		{"topic": "contact.deleted", "data": dict{"item": dict{"type": "contact", "id": "gone"}}},
		{"topic": "company.updated", "data": dict{"item": dict{"type": "company", "id": "company-2"}}},
		{"topic": "ticket.created", "data": dict{"item": dict{"type": "ticket", "id": "5"}}},
	}
	all := make([]connector.Delivery, len(bodies))
	for i, b := range bodies {
		b["id"], b["created_at"] = "notif_"+strconv.Itoa(i), at(100+i).Unix()
		all[i] = sign(tb, b)
		all[i].ReceivedAt = at(101 + i)
	}
	return all
}

// sign is a delivery with a body, signed as Intercom does.
func sign(tb testing.TB, body dict) connector.Delivery {
	tb.Helper()
	body["type"] = "notification_event"
	text, err := json.Marshal(body)
	if err != nil {
		tb.Fatal(err)
	}
	return connector.Delivery{Method: http.MethodPost, ReceivedAt: today, Body: text, Header: http.Header{"X-Hub-Signature": {"sha1=" + signature.Hex(sha1.New, secret, text)}}}
}

// TestFacts looks at one of each kind.
func TestFacts(t *testing.T) {
	srv := httptest.NewServer(newFake(4))
	defer srv.Close()
	values := live(t).Values(srv.URL)
	values["messages"] = "true"
	f := connectortest.Collect(t, intercom.Spec(), values, srv.Client(), "", 0)
	person := f.Identities["600000000000000000000000"]
	if diff := cmp.Diff(connector.Identity{
		ExternalID: "600000000000000000000000", Name: "Person", Emails: []greenroom.Email{{Address: "p0@c0.example"}, {Address: "p@c.example"}}, AvatarURL: "https://img.example/1.png",
		Location: "Berlin, Germany", JoinedAt: at(0), Links: []string{"http://twitter.com/p"}, Fields: map[string]string{"plan": "team", "seats": "3", "role": "user", "external id": "0", "owner": "Ana"},
	}, person); diff != "" {
		t.Errorf("the contact (-want +got):\n%s", diff)
	}
	if a := f.Identities["admin/7"]; !a.Staff || a.Name != "Ana" || !a.Emails[0].Verified || a.AvatarURL == "" {
		t.Errorf("the teammate is %+v", a)
	}
	if o := f.Organizations[0]; o.Domains[0] != "c1.example" || o.Size != 40 || o.Fields["plan"] != "Team" || o.Tags[0] != "vip" {
		t.Errorf("the company is %+v", o)
	}
	want := connector.Record{
		ExternalID: "1001", Type: "case", Name: "It does not work.", Identity: person.ExternalID, Stage: "closed", OpenedAt: at(1), ClosedAt: at(31), UpdatedAt: at(2),
		Stages: []connector.StageChange{{Stage: "open", At: at(1)}, {Stage: "closed", At: at(21)}},
		Fields: map[string]string{"owner": "Ana", "came by": "email", "satisfaction": "5", "reopened": "1"},
	}
	if diff := cmp.Diff(want, f.Records[1]); diff != "" {
		t.Errorf("the conversation (-want +got):\n%s", diff)
	}
	var lines []string
	for i := range f.Activities {
		a := &f.Activities[i]
		lines = append(lines, a.Kind.String()+" "+a.Thread+" "+a.Title+a.Body)
	}
	if diff := cmp.Diff([]string{
		"message conversation/1000 It does not work.", "reply conversation/1000 Which version?", "survey_answer conversation/1001 Satisfaction: 5 of 5Thank you!",
		"message conversation/1001 It does not work.", "message conversation/1002 It does not work.", "message conversation/1003 It does not work.", "reply conversation/1003 Which version?",
	}, lines); diff != "" || f.LeftOut["internal notes"] != 2 || f.LeftOut["steps without words: assignment"] != 2 {
		t.Errorf("left out %v, activities (-want +got):\n%s", f.LeftOut, diff)
	}
}

// TestTestConnection names what the token may not read, and reads the rest.
func TestTestConnection(t *testing.T) {
	f := newFake(7).(*fake) //nolint:errcheck,forcetypeassert // newFake's
	f.refuse["conversations"], f.refuse["admins"] = true, true
	srv := httptest.NewServer(f)
	defer srv.Close()
	src, err := intercom.New(connectortest.LiveEnv(t), live(t).Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || check.Account != "ana@acme.example in Acme" || len(check.Missing) != 2 || !check.Missing[0].Must || check.Missing[1].Name != "Read admins" {
		t.Errorf("the test says %+v, %v", check, err)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || len(v.Places) != 3 || v.Places[2].Covered || v.Items != 4 {
		t.Errorf("the survey says %+v, %v", v, err)
	}
	people := 0
	sink := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
		people += len(b.Identities)
		return nil
	})
	if err := src.Read(t.Context(), "", sink); err != nil || sink.Flush() != nil || people != 2 {
		t.Errorf("without conversations %d contacts came in, %v", people, err)
	}
}

// TestHead lets Intercom find the address.
func TestHead(t *testing.T) {
	src, err := intercom.New(connectortest.LiveEnv(t), live(t).Values("http://127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	if reply, err := src.(connector.Receiver).Verify(&connector.Delivery{Method: http.MethodHead}); err != nil || !reply.Drop { //nolint:errcheck,forcetypeassert // the compiler has checked it
		t.Errorf("HEAD: %+v, %v", reply, err)
	}
}

func FuzzReceive(f *testing.F) {
	for _, d := range pushes(f) {
		f.Add(d.Body)
	}
	srv := httptest.NewServer(newFake(10))
	f.Cleanup(srv.Close)
	values := live(f).Values(srv.URL)
	values["messages"] = "true"
	src, err := intercom.New(connectortest.LiveEnv(f), values)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		sink := connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
		_ = src.(connector.Receiver).Receive(t.Context(), &connector.Delivery{Body: body, ReceivedAt: day0}, sink) //nolint:errcheck,forcetypeassert // nothing may panic
	})
}
