// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package zendesk_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/connectortest/contract"
	"greenroom/connector/internal/signature"
	"greenroom/connector/zendesk"
)

const secret = "the webhook's signing secret"

func live(tb testing.TB) connectortest.Live {
	tb.Helper()
	return connectortest.Live{
		Spec:  zendesk.Spec(),
		Serve: newFake,
		Values: func(url string) connector.Values {
			return connector.Values{"address": url, "email": "root@acme.example", "token": "t", "comments": "true", "user-fields": "plan", "webhook-secret": secret}
		},
		Activities: 25 + 9 + 7, // comments that open, replies, ratings
		Change: func(h http.Handler) {
			h.(*fake).rename(3, "Ticket 3, renamed") //nolint:errcheck,forcetypeassert // newFake's
			h.(*fake).remove(5)                      //nolint:errcheck,forcetypeassert // newFake's
		},
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			if len(next.Records) != 2 || next.Records[0].Name != "Ticket 3, renamed" || !next.Records[1].Deleted || next.Records[1].ExternalID != "6" {
				t.Errorf("the next read tells of %+v, want the renamed and the deleted ticket", next.Records)
			}
			if !slices.ContainsFunc(next.Conversations, func(c connector.Conversation) bool { return c.Thread == "ticket/6" && c.Deleted }) {
				t.Errorf("the next read leaves what was said in the deleted ticket: %+v", next.Conversations)
			}
			if len(next.Identities) != 0 || len(next.Organizations) != 0 {
				t.Errorf("the next read tells of %d users and %d organizations again", len(next.Identities), len(next.Organizations))
			}
		},
		Pushes: pushes(tb),
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live(t)) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live(b)) }

func deliver(tb testing.TB, i int, body object) connector.Delivery {
	tb.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		tb.Fatal(err)
	}
	stamp := at(i).Format("2006-01-02T15:04:05Z")
	return connector.Delivery{
		Method: http.MethodPost, ReceivedAt: at(i), Body: text,
		Header: http.Header{"X-Zendesk-Webhook-Signature-Timestamp": {stamp}, "X-Zendesk-Webhook-Signature": {signature.Base256(secret, append([]byte(stamp), text...))}},
	}
}

func event(i int, kind string, n int, detail object) object {
	what, _, _ := strings.Cut(kind, ".")
	return object{
		"type": "zen:event-type:" + kind, "id": fmt.Sprintf("event-%d", i), "time": at(i), "zendesk_event_version": "2022-11-06", "subject": fmt.Sprintf("zen:%s:%d", what, n),
		"detail": object{"id": strconv.Itoa(n)}, "event": detail,
	}
}

// pushes tell that a ticket was made, answered and solved, that one was deleted, that a comment was redacted and another
// hidden, of a user, and of something that is not wanted.
func pushes(tb testing.TB) []connector.Delivery {
	tb.Helper()
	return []connector.Delivery{
		deliver(tb, 100, event(100, "ticket.created", 4, object{})),
		deliver(tb, 101, event(101, "ticket.comment_added", 4, object{"comment": object{"id": "1000031", "is_public": true}})),
		deliver(tb, 102, event(102, "ticket.comment_redacted", 4, object{"comment": object{"id": "1000031"}})),
		deliver(tb, 103, event(103, "ticket.comment_made_private", 4, object{"comment": object{"id": "1000032"}})),
		deliver(tb, 104, event(104, "ticket.status_changed", 2, object{"current": "SOLVED", "previous": "OPEN"})),
		deliver(tb, 105, event(105, "ticket.soft_deleted", 99, object{})),
		deliver(tb, 106, event(106, "user.created", 101, object{})),
		deliver(tb, 107, event(107, "organization.name_changed", 3, object{})),
		deliver(tb, 108, event(108, "article.published", 3, object{})),
		deliver(tb, 109, object{"ticket_id": "7"}),
	}
}

// TestFacts looks at one of each kind.
func TestFacts(t *testing.T) {
	srv := httptest.NewServer(newFake(4))
	defer srv.Close()
	f := connectortest.Collect(t, zendesk.Spec(), live(t).Values(srv.URL), srv.Client(), "", 0)
	if diff := cmp.Diff(connector.Identity{
		ExternalID: "100", Name: "Person 0", Emails: []greenroom.Email{{Address: "p0@c0.example", Verified: true}}, TimeZone: "Europe/Berlin", Tags: []string{"vip"}, JoinedAt: at(0),
		ProfileURL: "https://acme.zendesk.com/agent/users/100", Fields: map[string]string{"plan": "team"},
	}, f.Identities["100"]); diff != "" {
		t.Errorf("the user (-want +got):\n%s", diff)
	}
	if !f.Identities["7"].Staff || f.Organizations[0].Domains[0] != "c0.example" || f.Memberships[0].Organization != "1" {
		t.Errorf("agent %+v, organization %+v", f.Identities["7"], f.Organizations[0])
	}
	want := connector.Record{
		ExternalID: "2", Type: "case", Name: "Ticket 1", Organization: "1", Identity: "100", Stage: "closed", OpenedAt: at(1), ClosedAt: at(21), UpdatedAt: at(31),
		Stages: []connector.StageChange{{Stage: "new", At: at(1)}, {Stage: "solved", At: at(21)}, {Stage: "closed", At: at(31)}},
		Fields: map[string]string{"priority": "high", "came by": "email", "tags": "a, b", "owner": "Ana Agent", "first reply minutes": "3"},
	}
	if diff := cmp.Diff(want, f.Records[1]); diff != "" {
		t.Errorf("the ticket (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(connector.Conversation{Thread: "ticket/2", Title: "Ticket 1", URL: "https://acme.zendesk.com/agent/tickets/2", State: greenroom.StateResolved, ResolvedAt: at(21), UpdatedAt: at(31)}, f.Conversations[1]); diff != "" {
		t.Errorf("the conversation (-want +got):\n%s", diff)
	}
	var lines []string
	for i := range f.Activities {
		a := &f.Activities[i]
		lines = append(lines, a.Kind.String()+" "+a.Thread+" "+a.Author+" "+a.Title+a.Body)
	}
	if diff := cmp.Diff([]string{
		"message ticket/1 100 It does not work.", "reply ticket/1 7 Which version?", "message ticket/2 100 It does not work.", "message ticket/3 100 It does not work.",
		"message ticket/4 100 It does not work.", "reply ticket/4 7 Which version?", "survey_answer ticket/1 100 Satisfaction: goodThank you!",
	}, lines); diff != "" || f.LeftOut["internal notes"] != 2 {
		t.Errorf("%d notes are left out, activities (-want +got):\n%s", f.LeftOut["internal notes"], diff)
	}
}

// TestContract checks every request against Zendesk's own description.
func TestContract(t *testing.T) {
	h := newFake(25)
	spec := contract.Open(t, "zendesk/support-openapi.yaml", contract.Options{
		// Side-loading, cursor pagination and the filters of ratings are described in the text only.
		Extra: []string{"include", "page[size]", "page[after]", "score", "start_time"},
	})
	srv := httptest.NewServer(spec.Wrap(t, h))
	defer srv.Close()
	src, err := zendesk.New(connectortest.LiveEnv(t), live(t).Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	var last connector.Cursor
	sink := func() *connector.Sink {
		return connector.NewSink(t.Context(), 1, func(_ context.Context, b *connector.Batch) error {
			last = b.Cursor
			return nil
		})
	}
	for range 2 {
		out := sink()
		if err := src.Read(t.Context(), last, out); err != nil || out.Flush() != nil {
			t.Fatal(err)
		}
	}
	if _, err := src.(connector.Tester).Test(t.Context()); err != nil { //nolint:errcheck,forcetypeassert // the compiler has checked it
		t.Error(err)
	}
	if _, err := src.(connector.Surveyor).Survey(t.Context()); err != nil { //nolint:errcheck,forcetypeassert // the compiler has checked it
		t.Error(err)
	}
	for _, d := range pushes(t) {
		if err := src.(connector.Receiver).Receive(t.Context(), &d, sink()); err != nil { //nolint:errcheck,forcetypeassert // the compiler has checked it
			t.Error(err)
		}
	}
}

// TestTestConnection says that exports are for administrators, and what there is.
func TestTestConnection(t *testing.T) {
	f := newFake(12).(*fake) //nolint:errcheck,forcetypeassert // newFake's
	srv := httptest.NewServer(f)
	defer srv.Close()
	src, err := zendesk.New(connectortest.LiveEnv(t), live(t).Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || len(check.Missing) != 0 || !strings.HasPrefix(check.Account, "Root <root@acme.example>") {
		t.Errorf("an administrator: %+v, %v", check, err)
	}
	f.role = "agent"
	if check, err = src.(connector.Tester).Test(t.Context()); err != nil || len(check.Missing) != 1 || !check.Missing[0].Must { //nolint:errcheck,forcetypeassert // the compiler has checked it
		t.Errorf("an agent: %+v, %v", check, err)
	}
	out := connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
	if err := src.Read(t.Context(), "", out); greenroom.ErrorCode(err) != greenroom.CodeForbidden || !strings.Contains(greenroom.ErrorMessage(err), "administrators") {
		t.Errorf("reading as an agent: %v", err)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || v.Items != 12+3+3 || len(v.Counts) != 3 || v.Counts[2].Query != "type:case" {
		t.Errorf("the survey says %+v, %v", v, err)
	}
}

// TestRecordings reads pages of users that Zendesk gave.
func TestRecordings(t *testing.T) {
	var tape struct {
		All []struct {
			Request struct {
				URI string `json:"uri"`
			} `json:"request"`
			Response struct {
				Body struct {
					Text string `json:"string"`
					Gzip string `json:"base64_string"`
				} `json:"body"`
			} `json:"response"`
		} `json:"http_interactions"`
	}
	text, err := os.ReadFile(filepath.Join(connectortest.Recordings(t), "zendesk", "zenpy-betamax", "UsersIncrementalTest.test_get_values.json"))
	if err != nil {
		t.Skip("the recording is not here: ", err)
	}
	if err := json.Unmarshal(text, &tape); err != nil {
		t.Fatal(err)
	}
	for i := range tape.All {
		page := []byte(tape.All[i].Response.Body.Text)
		if packed, err := base64.StdEncoding.DecodeString(tape.All[i].Response.Body.Gzip); err == nil && len(packed) > 0 {
			r, err := gzip.NewReader(bytes.NewReader(packed))
			if err != nil {
				t.Fatal(err)
			}
			if page, err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
		if !strings.Contains(tape.All[i].Request.URI, "/incremental/users/cursor") {
			continue
		}
		n, h := bytes.Count(page, []byte(`"role":`)), newFake(0)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/incremental/users/cursor") && r.URL.Query().Get("cursor") == "" {
				_, _ = w.Write(page)
				return
			}
			if strings.HasSuffix(r.URL.Path, "/incremental/users/cursor") {
				give(w, object{"users": []object{}, "after_cursor": r.URL.Query().Get("cursor"), "end_of_stream": true})
				return
			}
			h.ServeHTTP(w, r)
		}))
		f := connectortest.Collect(t, zendesk.Spec(), live(t).Values(srv.URL), srv.Client(), "", 0)
		srv.Close()
		if len(f.Identities) != n || len(f.Rejects) > 0 || n == 0 {
			t.Errorf("%d identities of %d users, rejected %v", len(f.Identities), n, f.Rejects)
		}
		return
	}
	t.Error("no page of users was found in the recording")
}

func FuzzReceive(f *testing.F) {
	for _, d := range pushes(f) {
		f.Add(d.Body)
	}
	srv := httptest.NewServer(newFake(10))
	f.Cleanup(srv.Close)
	src, err := zendesk.New(connectortest.LiveEnv(f), live(f).Values(srv.URL))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		sink := connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
		_ = src.(connector.Receiver).Receive(t.Context(), &connector.Delivery{Body: body, ReceivedAt: day0}, sink) //nolint:errcheck,forcetypeassert // nothing may panic
	})
}
