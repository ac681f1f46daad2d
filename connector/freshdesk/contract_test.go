// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package freshdesk_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/freshdesk"
)

// These tests hold what the documentation of Freshdesk's API (developers.freshdesk.com/api) says. The server of fake_test.go
// refuses parameters, values and sizes of pages that it does not have, as it says that Freshdesk does (invalid_field).

func fakeOf(n int) *fake { return newFake(n).(*fake) } //nolint:errcheck,forcetypeassert // newFake's

// serve answers as the fake does, but first asks other, which reports whether it has answered.
func serve(t *testing.T, f *fake, other func(w http.ResponseWriter, r *http.Request) bool) connector.Values {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if other == nil || !other(w, r) {
			f.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	return live(t).Values(srv.URL)
}

func collect(t *testing.T, v connector.Values, from connector.Cursor) *connectortest.Facts {
	t.Helper()
	return connectortest.Collect(t, freshdesk.Spec(), v, http.DefaultClient, from, 0)
}

func last(f *connectortest.Facts) connector.Cursor { return f.Cursors[len(f.Cursors)-1] }

// TestUpdatedSince asks for contacts and companies that were changed by the name that the documentation has for that, by
// the one that contacts had before, and where there is neither it lists all.
func TestUpdatedSince(t *testing.T) {
	for name, c := range map[string]struct {
		unknown map[string]bool
		changed int // contacts and companies each
	}{
		"as documented":   {nil, 1},
		"an older server": {map[string]bool{"updated_since": true}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := fakeOf(25)
			v := serve(t, f, nil)
			first := collect(t, v, "")
			f.moved, f.unknown = 2, c.unknown
			v = serve(t, f, func(_ http.ResponseWriter, r *http.Request) bool {
				f.mu.Lock()
				defer f.mu.Unlock()
				f.unknown = c.unknown // the list of tickets always had the name
				if strings.HasSuffix(r.URL.Path, "/tickets") {
					f.unknown = nil
				}
				return false
			})
			next := collect(t, v, last(first))
			if who := next.Identities["5000002"]; who.Name != "Somebody else" || len(next.Identities) != 1+c.changed { // and the agent
				t.Errorf("the next read tells of %d identities, want the agent and the contact that was changed", len(next.Identities))
			}
			want := c.changed
			if len(c.unknown) > 0 {
				want = 5 // of companies it never had another name, so they are listed whole
			}
			if len(next.Organizations) != want {
				t.Errorf("the next read tells of %d companies, want %d", len(next.Organizations), want)
			}
		})
	}
}

// TestClassicRatings reads the answers to a classic survey, which are numbers of their own, and those without an answer to
// the first question.
func TestClassicRatings(t *testing.T) {
	f := fakeOf(1)
	f.classic = true
	var titles []string
	got := collect(t, serve(t, f, nil), "")
	for i := range got.Activities {
		titles = append(titles, got.Activities[i].Title)
	}
	if diff := cmp.Diff([]string{"Satisfaction: good", "Satisfaction: neutral", "Satisfaction: bad"}, titles); diff != "" {
		t.Errorf("the answers 1, 2 and 3 (-want +got):\n%s", diff)
	}
	got = collect(t, serve(t, f, func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/satisfaction_ratings") {
			return false
		}
		give(w, []dict{{"id": 1, "ratings": dict{"question_2": 103}, "created_at": at(1), "updated_at": at(1)}, {"id": 2, "ratings": dict{"default_question": 100}, "created_at": at(1), "updated_at": at(1)}})
		return true
	}), "")
	if len(got.Activities) != 1 || got.Activities[0].Title != "Satisfaction: neutral" || got.LeftOut["ratings without an answer to the first question"] != 1 {
		t.Errorf("got %+v, left out %v", got.Activities, got.LeftOut)
	}
}

// TestLateFeedback reads what a customer wrote days after the rating: Freshdesk tells ratings by when they were made.
func TestLateFeedback(t *testing.T) {
	made := today.AddDate(0, 0, -3)
	late := dict{"id": 1, "user_id": firstContact, "ticket_id": firstTicket, "feedback": "", "ratings": dict{"default_question": 103}, "created_at": made, "updated_at": made}
	v := serve(t, fakeOf(1), func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/satisfaction_ratings") {
			return false
		}
		if q := r.URL.Query().Get("created_since"); q > made.Format("2006-01-02T15:04:05Z") {
			give(w, []dict{})
			return true
		}
		give(w, []dict{late})
		return true
	})
	first := collect(t, v, "")
	late["feedback"], late["updated_at"] = "Still works!", today
	next := collect(t, v, last(first))
	if len(next.Activities) != 1 || next.Activities[0].Body != "Still works!" || !next.Activities[0].EditedAt.Equal(today) {
		t.Errorf("the next read tells of %+v, want what was written later", next.Activities)
	}
}

// TestRatingsSince leaves out ratings from before the time from which on tickets come in.
func TestRatingsSince(t *testing.T) {
	v := serve(t, fakeOf(1), nil)
	v["since"] = at(100).Format("2006-01-02")
	if got := collect(t, v, ""); len(got.Activities) != 3 {
		t.Errorf("%d ratings since their own day came in, want 3", len(got.Activities))
	}
	v["since"] = at(100).AddDate(0, 0, 1).Format("2006-01-02")
	if got := collect(t, v, ""); len(got.Activities) != 0 {
		t.Errorf("%d ratings came in from before, want none", len(got.Activities))
	}
}

// TestContacts reads accounts on X, of which Freshdesk tells numbers since 2020, and a contact that was deleted, which it
// tells where the contact is asked for by itself.
func TestContacts(t *testing.T) {
	f := fakeOf(1)
	v := serve(t, f, func(w http.ResponseWriter, r *http.Request) bool {
		o := contact(0)
		switch r.URL.Path {
		case "/api/v2/contacts":
			o["twitter_id"] = "1417253"
			give(w, []dict{o})
		case "/api/v2/contacts/5000000":
			o["deleted"] = true
			give(w, o)
		default:
			return false
		}
		return true
	})
	if who := collect(t, v, "").Identities["5000000"]; !slices.Equal(who.Links, []string{"https://x.com/i/user/1417253"}) {
		t.Errorf("the account 1417253 is linked as %v", who.Links)
	}
	src, err := freshdesk.New(connectortest.LiveEnv(t), v)
	if err != nil {
		t.Fatal(err)
	}
	got := connectortest.Receive(t, src.(connector.Receiver), connector.Delivery{Method: http.MethodPost, ReceivedAt: today, Body: []byte(`{"ticket_id": 1}`), Header: http.Header{"X-Greenroom-Secret": {secret}}}) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if who := got.Identities["5000000"]; !who.Deleted || who.Name != "" {
		t.Errorf("the requester who was deleted is %+v", who)
	}
}

// TestLastEdited reads replies that were edited, of which Freshdesk tells the time in a field of its own.
func TestLastEdited(t *testing.T) {
	v := serve(t, fakeOf(1), func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/conversations") {
			return false
		}
		m := messages(0)[:1]
		m[0]["last_edited_at"], m[0]["last_edited_user_id"] = at(99), agentID
		give(w, m)
		return true
	})
	v["messages"] = "true"
	got := collect(t, v, "")
	for i := range got.Activities {
		if a := &got.Activities[i]; strings.HasPrefix(a.ExternalID, "conversation/") && !a.EditedAt.Equal(at(99)) {
			t.Errorf("the reply was edited at %s, want %s", a.EditedAt, at(99))
		}
	}
}

// TestAgentsAreForAdministrators names the role that the agent lacks: Freshdesk tells agents to administrators only.
func TestAgentsAreForAdministrators(t *testing.T) {
	v := serve(t, fakeOf(3), func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/api/v2/agents" {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		give(w, dict{"code": "access_denied", "message": "You are not authorized to perform this action."})
		return true
	})
	src, err := freshdesk.New(connectortest.LiveEnv(t), v)
	if err != nil {
		t.Fatal(err)
	}
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || len(check.Missing) != 1 || check.Missing[0].Name != "agents" || check.Missing[0].Must {
		t.Errorf("the test says %+v, %v", check, err)
	}
}

// TestWordsStayOut looks for what customers and agents wrote in all that is kept where messages are not wanted.
func TestWordsStayOut(t *testing.T) {
	src, err := freshdesk.New(connectortest.LiveEnv(t), serve(t, fakeOf(7), nil))
	if err != nil {
		t.Fatal(err)
	}
	sink := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
		for i := range b.Payloads.Len() {
			if kept := string(b.Payloads.At(connector.RawRef(i + 1))); strings.Contains(kept, "It does not work") {
				t.Errorf("the payload %s is kept", kept)
			}
		}
		return nil
	})
	if err := src.Read(t.Context(), "", sink); err != nil || sink.Flush() != nil {
		t.Fatal(err)
	}
	d := connector.Delivery{Method: http.MethodPost, Header: http.Header{"X-Greenroom-Secret": {secret}}, Body: []byte(`{"freshdesk_webhook":{"ticket_id":4,"ticket_latest_private_comment":"A secret."}}`)}
	if _, err := src.(connector.Receiver).Verify(&d); err != nil || string(d.Body) != `{"ticket_id":4}` { //nolint:errcheck,forcetypeassert // the compiler has checked it
		t.Errorf("of the delivery %s is kept, %v", d.Body, err)
	}
}
