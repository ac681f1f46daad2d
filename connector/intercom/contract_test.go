// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package intercom_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/intercom"
)

// These tests hold what Intercom publishes of its API: the OpenAPI document of version 2.16 (github.com/intercom/
// Intercom-OpenAPI) and the page of webhook models of its developer documentation. The server of fake_test.go refuses
// parameters, sizes, versions and searches that the document does not have.

func serve(t *testing.T, f *fake) string {
	t.Helper()
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	return srv.URL
}

func fakeOf(n int) *fake { return newFake(n).(*fake) } //nolint:errcheck,forcetypeassert // newFake's

func receive(t *testing.T, v connector.Values, bodies ...dict) *connectortest.Facts {
	t.Helper()
	src, err := intercom.New(connectortest.LiveEnv(t), v)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]connector.Delivery, len(bodies))
	for i, b := range bodies {
		all[i] = sign(t, b)
	}
	return connectortest.Receive(t, src.(connector.Receiver), all...) //nolint:errcheck,forcetypeassert // the compiler has checked it
}

// TestMissingPermission reads with a token that lacks permissions, to which Intercom answers 401 token_unauthorized, and not
// 403: that is no reason to ask for another token, and the rest comes in.
func TestMissingPermission(t *testing.T) {
	f := fakeOf(7)
	f.refuse["me"], f.refuse["admins"], f.refuse["companies"] = true, true, true
	got := connectortest.Collect(t, intercom.Spec(), live(t).Values(serve(t, f)), http.DefaultClient, "", 0)
	if len(got.Records) != 7 || len(got.Identities) != 2 || len(got.Organizations) != 0 {
		t.Errorf("%d conversations, %d contacts and %d companies came in, want 7, 2 and none", len(got.Records), len(got.Identities), len(got.Organizations))
	}
}

// TestDaysOfTheWorkspace searches in a workspace whose clocks were set back: the day of the search's time has 25 hours
// there, and the contact that was updated in the last of them is found.
func TestDaysOfTheWorkspace(t *testing.T) {
	f := fakeOf(1)
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	f.zone = zone
	f.edited[0] = "Asked again"
	src := live(t).Values(serve(t, f))
	// 2026-11-01 began at 04:00 UTC and ended at 05:00 UTC of the next day.
	for _, last := range []string{"2026-11-02T04:20:00Z", "2026-11-01T04:20:00Z", "2026-11-22T05:10:00Z"} {
		at, err := time.Parse(time.RFC3339, last)
		if err != nil {
			t.Fatal(err)
		}
		f.updated = at.Unix() + 60
		from := connector.Cursor(`{"marks":{"conversations":"` + last + `"}}`)
		got := connectortest.Collect(t, intercom.Spec(), src, http.DefaultClient, from, 0)
		if len(got.Records) != 1 {
			t.Errorf("after %s %d conversations came in, want the one that was updated a minute later", last, len(got.Records))
		}
	}
}

// TestScroll reads more companies than Intercom lists, and once goes on from the beginning when the scroll has expired.
func TestScroll(t *testing.T) {
	for name, broken := range map[string]map[int]bool{"whole": {}, "broken once": {3: true}} {
		t.Run(name, func(t *testing.T) {
			f := fakeOf(200)
			f.listed, f.broken = 20, broken // forty companies, ten a page
			got := connectortest.Collect(t, intercom.Spec(), live(t).Values(serve(t, f)), http.DefaultClient, "", 0)
			told := map[string]bool{}
			for i := range got.Organizations {
				told[got.Organizations[i].ExternalID] = true
			}
			if len(told) != 40 {
				t.Errorf("%d companies came in, want 40", len(told))
			}
		})
	}
	f := fakeOf(200)
	f.listed, f.broken = 20, map[int]bool{3: true, 5: true}
	connectortest.Collect(t, intercom.Spec(), live(t).Values(serve(t, f)), http.DefaultClient, "", 0)
	if f.scrolls != 5 {
		t.Errorf("a scroll that broke off twice was asked for %d pages, want 5", f.scrolls)
	}
}

// TestConversationFields reads what 2.16 tells of a conversation: five levels of priority, its company, ratings of
// teammates and of Fin with the times at which they were changed, and texts that were taken out, of which it says so.
func TestConversationFields(t *testing.T) {
	f := fakeOf(3)
	f.alter = func(i int, o dict) {
		switch i {
		case 0:
			o["conversation_rating"] = dict{"rating": 2, "remark": "Slow.", "created_at": at(10).Unix(), "updated_at": at(90).Unix(), "contact": dict{"id": o["contacts"].(dict)["contacts"].([]dict)[0]["id"]}} //nolint:errcheck,forcetypeassert // of the fake
			o["ai_agent"] = dict{"rating": 4, "rating_remark": nil, "created_at": at(5).Unix(), "updated_at": at(5).Unix(), "last_answer_type": "ai_answer"}
		case 1:
			o["source"].(dict)["body"], o["source"].(dict)["redacted"] = "<p><i>This message was deleted</i></p>", true //nolint:errcheck,forcetypeassert // of the fake
			o["ai_agent"] = dict{"rating": nil, "rating_remark": nil, "created_at": nil, "updated_at": nil}
		}
	}
	v := live(t).Values(serve(t, f))
	v["messages"] = "true"
	got := connectortest.Collect(t, intercom.Spec(), v, http.DefaultClient, "", 0)
	if r := got.Records[2]; r.Fields["priority"] != "urgent" || r.Organization != "company-0" {
		t.Errorf("the urgent conversation of a company is %+v", r)
	}
	if r := got.Records[1]; r.Name != "Conversation 1001" {
		t.Errorf("the conversation whose first message was taken out is called %q", r.Name)
	}
	var ratings []string
	for i := range got.Activities {
		a := &got.Activities[i]
		if strings.HasPrefix(a.ExternalID, "rating/1000") {
			ratings = append(ratings, a.ExternalID+" "+a.Title+" "+a.Body+" "+a.EditedAt.Format("15:04"))
		}
		if a.ExternalID == "conversation/1001" && (a.Body != "" || a.EditedAt.IsZero()) {
			t.Errorf("a message that was taken out says %q", a.Body)
		}
		if !strings.HasPrefix(a.URL, "https://app.eu.intercom.com/") && strings.HasPrefix(a.ExternalID, "conversation/") {
			t.Errorf("%s of a workspace in Europe is linked as %s", a.ExternalID, a.URL)
		}
	}
	slices.Sort(ratings)
	if diff := cmp.Diff([]string{"rating/1000 Satisfaction: 2 of 5 Slow. 10:30", "rating/1000/fin Satisfaction with Fin: 4 of 5  00:00"}, ratings); diff != "" {
		t.Errorf("ratings (-want +got):\n%s", diff)
	}
}

// TestMerged reads contacts that were merged, which searches leave out: the one that is left tells of them where that is
// asked for.
func TestMerged(t *testing.T) {
	f := fakeOf(5)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/contacts/search" || r.URL.Query().Get("include_merge_history") != "true" {
			f.ServeHTTP(w, r)
			return
		}
		o := contact(0)
		o["merge_history"] = []dict{{"type": "merge_history", "source_contact_id": "a lead", "source_contact_role": "lead", "merged_at": at(3).Unix()}}
		give(w, dict{"type": "list", "data": []dict{o}, "total_count": 1, "pages": dict{"type": "pages", "next": nil}})
	}))
	t.Cleanup(srv.Close)
	got := connectortest.Collect(t, intercom.Spec(), live(t).Values(srv.URL), http.DefaultClient, "", 0)
	if diff := cmp.Diff([]connector.Same{{A: "600000000000000000000000", B: "a lead", Reason: "merged in Intercom"}}, got.Sames); diff != "" {
		t.Errorf("who is one person (-want +got):\n%s", diff)
	}
}

// TestClosedWithoutReply reads a conversation that was closed before the customer wrote again: Intercom tells no statistics
// of it, or none of its close.
func TestClosedWithoutReply(t *testing.T) {
	f := fakeOf(2)
	f.alter = func(i int, o dict) {
		o["state"], o["statistics"] = "closed", nil
		if i == 1 {
			o["statistics"] = dict{"first_contact_reply_at": nil, "first_close_at": nil, "last_close_at": nil, "count_reopens": 0}
		}
	}
	got := connectortest.Collect(t, intercom.Spec(), live(t).Values(serve(t, f)), http.DefaultClient, "", 0)
	for i := range got.Records {
		if r := got.Records[i]; !r.ClosedAt.Equal(at(i+1)) || len(r.Stages) != 2 || r.Stages[1].Stage != "closed" {
			t.Errorf("the conversation that is closed was closed at %s, with the stages %v", r.ClosedAt, r.Stages)
		}
	}
}

// TestNotesStayOut looks for an internal note in all that is kept, of a read and of a delivery.
func TestNotesStayOut(t *testing.T) {
	f := fakeOf(4)
	f.alter = func(_ int, o dict) {
		list, ok := o["conversation_parts"].(dict)
		if !ok {
			return
		}
		parts := list["conversation_parts"].([]dict) //nolint:errcheck,forcetypeassert // of the fake
		for i, kind := range []string{"note", "note_and_reopen", "call_summary"} {
			parts = append(parts, part(800+i, kind, "<p>A secret.</p>", dict{"type": "admin", "id": "7"}, 4))
		}
		list["conversation_parts"], list["total_count"] = parts, len(parts)
	}
	for _, messages := range []string{"true", "false"} {
		v := live(t).Values(serve(t, f))
		v["messages"] = messages
		for _, kept := range payloads(t, v) {
			if strings.Contains(kept, "A secret") || messages == "false" && strings.Contains(kept, "not</b> work") {
				t.Errorf("with messages = %s the payload %s is kept", messages, kept)
			}
		}
	}
	d := sign(t, dict{"topic": "conversation.admin.noted", "data": dict{"item": dict{"type": "conversation", "id": "1000", "conversation_parts": dict{"conversation_parts": []dict{part(1, "note", "A secret.", nil, 1)}}}}})
	src, err := intercom.New(connectortest.LiveEnv(t), live(t).Values("http://127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.(connector.Receiver).Verify(&d); err != nil || strings.Contains(string(d.Body), "A secret") || !strings.Contains(string(d.Body), `"1000"`) { //nolint:errcheck,forcetypeassert // the compiler has checked it
		t.Errorf("of the delivery %s is kept, %v", d.Body, err)
	}
}

// payloads are the raw payloads that a read keeps.
func payloads(t *testing.T, v connector.Values) (all []string) {
	t.Helper()
	src, err := intercom.New(connectortest.LiveEnv(t), v)
	if err != nil {
		t.Fatal(err)
	}
	sink := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
		for i := range b.Payloads.Len() {
			all = append(all, string(b.Payloads.At(connector.RawRef(i+1))))
		}
		return nil
	})
	if err := src.Read(t.Context(), "", sink); err != nil || sink.Flush() != nil {
		t.Fatal(err)
	}
	return all
}

// TestDocumentedTopics gives the connector the topics that the page of webhook models names, with the objects that it
// says they carry.
func TestDocumentedTopics(t *testing.T) {
	person, firm := contact(0)["id"], "company-0"
	for topic, c := range map[string]struct {
		item dict
		want string
	}{
		"conversation.operator.replied":    {dict{"type": "conversation", "id": "1000"}, "record 1000"},
		"conversation.admin.snoozed":       {dict{"type": "conversation", "id": "1000"}, "record 1000"},
		"conversation.contact.attached":    {dict{"type": "conversation_contact", "conversation": dict{"type": "conversation", "id": "1000"}, "contact": dict{"id": person}}, "record 1000"},
		"conversation_part.redacted":       {dict{"type": "conversation", "id": "1000"}, "record 1000"},
		"conversation_part.tag.created":    {dict{"type": "conversation_part_tag", "conversation": dict{"id": 1000}, "conversation_part": dict{"id": "3"}}, "record 1000"},
		"conversation.deleted":             {dict{"type": "conversation", "conversation_id": 1000, "metrics_retained": true}, "deleted record 1000"},
		"contact.user.created":             {dict{"type": "contact", "id": person}, "person"},
		"contact.lead.updated":             {dict{"type": "contact", "id": person}, "person"},
		"contact.user.tag.created":         {dict{"type": "contact_tag", "tag": dict{"id": "1"}, "contact": dict{"id": person}}, "person"},
		"contact.merged":                   {dict{"type": "contact", "id": person, "merged_from": dict{"type": "contact", "id": "old"}}, "person, same as old"},
		"contact.deleted":                  {dict{"type": "contact", "id": person, "external_id": "1"}, "deleted person"},
		"contact.subscribed":               {dict{"type": "subscription", "id": "91"}, "left out"},
		"company.contact.attached":         {dict{"type": "company_contact", "company": dict{"id": firm}, "contact": dict{"id": person}}, "company"},
		"company.updated":                  {dict{"type": "company", "id": firm}, "company"},
		"company.deleted":                  {dict{"type": "company", "id": firm}, "left out"},
		"ticket.created":                   {dict{"type": "ticket", "id": "5"}, "left out"},
		"content_stat.email":               {dict{"type": "content_stat.email", "content_stat": dict{"id": 1}, "contact": dict{"id": person}}, "left out"},
		"conversation.admin.open.assigned": {dict{"type": "conversation", "id": "1999"}, ""}, // it is gone
	} {
		t.Run(topic, func(t *testing.T) {
			f := receive(t, live(t).Values(serve(t, fakeOf(4))), dict{"topic": topic, "id": "notif_1", "created_at": at(100).Unix(), "data": dict{"item": c.item}})
			var got []string
			for i := range f.Records {
				got = append(got, strings.Repeat("deleted ", map[bool]int{true: 1}[f.Records[i].Deleted])+"record "+f.Records[i].ExternalID)
			}
			if who, ok := f.Identities[person.(string)]; ok && len(f.Records) == 0 { //nolint:errcheck,forcetypeassert // of the fake
				got = append(got, strings.Repeat("deleted ", map[bool]int{true: 1}[who.Deleted])+"person")
			}
			for _, same := range f.Sames {
				got = append(got, "same as "+same.B)
			}
			if len(f.Organizations) > 0 && len(f.Records) == 0 {
				got = append(got, "company")
			}
			if len(f.LeftOut) > 0 {
				got = append(got, "left out")
			}
			if text := strings.Join(got, ", "); text != c.want || len(f.Rejects) > 0 {
				t.Errorf("got %q, want %q; rejected %v", text, c.want, f.Rejects)
			}
		})
	}
}

// TestHelpNamesTopics holds the topics and permissions in the help to those that the documentation has.
func TestHelpNamesTopics(t *testing.T) {
	spec := intercom.Spec()
	for _, wrong := range []string{"contact.created", "contact.updated", "Read users and companies"} {
		if strings.Contains(spec.Help+spec.Push.Help, wrong) {
			t.Errorf("the help names %q, which Intercom does not have", wrong)
		}
	}
	for _, s := range spec.Scopes {
		if !slices.Contains([]string{"Read conversations", "Read and list users and companies", "Read admins", "Read one user and one company"}, s.Name) {
			t.Errorf("Intercom has no permission %q", s.Name)
		}
	}
	if !strings.Contains(spec.Push.Help, "conversation.operator.replied") {
		t.Error("the help leaves out the topic of Fin's replies")
	}
}
