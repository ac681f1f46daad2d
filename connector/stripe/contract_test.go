// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stripe_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/stripe"
)

// These tests hold what Stripe publishes of its API: the types of its own library for version 2024-06-20 (stripe for Python,
// 10.12.0) and of the newest version, its changelog, and docs.stripe.com.

// parameters are those of each list and object that the library of that version knows.
func parameters() map[string][]string {
	list := []string{"limit", "starting_after", "ending_before", "expand[]"}
	created := []string{"created[gt]", "created[gte]", "created[lt]", "created[lte]"}
	search := []string{"query", "limit", "page", "expand[]"}
	return map[string][]string{
		"account": {"expand[]"}, "customers": slices.Concat(list, created, []string{"email", "test_clock"}), "customers/search": search, "customers/ID": {"expand[]"},
		"subscriptions":        slices.Concat(list, created, []string{"collection_method", "customer", "plan", "price", "status", "test_clock"}),
		"subscriptions/search": search, "subscriptions/ID": {"expand[]"}, "invoices/ID": {"expand[]"}, "subscription_items": append([]string{"subscription"}, list...),
		"invoices": slices.Concat(list, created, []string{"collection_method", "customer", "status", "subscription"}),
		"events":   slices.Concat(list, created, []string{"delivery_success", "type", "types[]"}),
	}
}

// eventTypes are the types of events about customers, subscriptions and invoices.
func eventTypes() []string {
	return []string{
		"customer.created", "customer.deleted", "customer.updated", "customer.subscription.created", "customer.subscription.deleted", "customer.subscription.paused",
		"customer.subscription.pending_update_applied", "customer.subscription.pending_update_expired", "customer.subscription.resumed",
		"customer.subscription.trial_will_end", "customer.subscription.updated", "invoice.created", "invoice.deleted", "invoice.finalization_failed", "invoice.finalized",
		"invoice.marked_uncollectible", "invoice.overdue", "invoice.paid", "invoice.payment_action_required", "invoice.payment_failed", "invoice.payment_succeeded",
		"invoice.sent", "invoice.upcoming", "invoice.updated", "invoice.voided", "invoice.will_be_due",
	}
}

// breach says what in a request the published contract does not allow, "" = nothing.
func breach(r *http.Request) string {
	path := strings.TrimPrefix(r.URL.Path, "/v1/")
	if kind, id, ok := strings.Cut(path, "/"); ok && id != "search" {
		path = kind + "/ID"
	}
	known, ok := parameters()[path]
	q := r.URL.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	switch {
	case !ok || r.Method != http.MethodGet:
		return "Unrecognized request URL"
	case q.Has("limit") && (err != nil || limit < 1 || limit > 100):
		return "Invalid integer: limit"
	case q.Has("starting_after") && q.Has("ending_before"), len(q["types[]"]) > 20, path == "subscription_items" && !q.Has("subscription"):
		return "Invalid request"
	}
	for name := range q {
		if !slices.Contains(known, name) {
			return "Received unknown parameter: " + name
		}
	}
	for _, e := range q["expand[]"] {
		if strings.Count(e, ".") > 3 {
			return "You cannot expand more than 4 levels of a property"
		}
	}
	for _, kind := range q["types[]"] {
		if !slices.Contains(eventTypes(), kind) {
			return "Invalid event type: " + kind
		}
	}
	return ""
}

// one serves one subscription and the full list of its items.
func one(t *testing.T, sub dict, items ...dict) *connectortest.Facts {
	t.Helper()
	if sub["items"] == nil {
		sub["items"] = dict{"data": items, "has_more": false}
	}
	for name, v := range map[string]any{"id": "sub_1", "created": 1, "status": "active", "currency": "usd", "customer": "cus_1", "latest_invoice": nil} {
		if _, told := sub[name]; !told {
			sub[name] = v
		}
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if why := breach(r); why != "" {
			t.Errorf("%s: %s", r.URL, why)
		}
		data := []dict{}
		switch q := r.URL.Query(); r.URL.Path {
		case "/v1/subscriptions":
			data = append(data, sub)
		case "/v1/subscription_items":
			for _, item := range items {
				price := maps.Clone(item["price"].(dict)) //nolint:errcheck,forcetypeassert // of this file
				if !slices.Contains(q["expand[]"], "data.price.currency_options") {
					delete(price, "currency_options")
				}
				data = append(data, dict{"id": item["id"], "quantity": item["quantity"], "price": price})
			}
		}
		give(w, dict{"data": data, "has_more": false})
	}))
	defer srv.Close()
	return connectortest.Collect(t, stripe.Spec(), live(t).Values(srv.URL), srv.Client(), "", 0)
}

func price(amount int, interval string, more dict) dict {
	p := dict{"id": "price_" + interval, "currency": "usd", "unit_amount": amount, "unit_amount_decimal": strconv.Itoa(amount), "recurring": dict{"interval": interval, "interval_count": 1, "usage_type": "licensed"}}
	maps.Copy(p, more)
	return dict{"id": "si_" + interval, "quantity": 3, "price": p}
}

// TestWorth holds what a subscription comes to.
func TestWorth(t *testing.T) {
	metered := price(5, "month", dict{"recurring": dict{"interval": "month", "interval_count": 1, "usage_type": "metered"}})
	metered["quantity"] = nil
	euros := dict{"currency_options": dict{"usd": dict{"unit_amount": 900, "unit_amount_decimal": "900"}, "eur": dict{"unit_amount": 800, "unit_amount_decimal": "800"}}}
	abroad := price(900, "month", euros)
	withheld := price(900, "month", dict{})
	delete(withheld["price"].(dict), "currency_options") //nolint:errcheck,forcetypeassert // of this test
	for name, c := range map[string]struct {
		sub           dict
		items         []dict
		amount        float64
		interval, mrr string
	}{
		"what is metered has the amount of one use, which is no revenue": {dict{}, []dict{metered}, 0, "month", ""},
		"a flat fee beside what is metered":                              {dict{}, []dict{price(1000, "year", nil), metered}, 30, "year", ""},
		"packages of ten, rounded up":                                    {dict{}, []dict{price(1000, "month", dict{"transform_quantity": dict{"divide_by": 10, "round": "up"}})}, 10, "month", "10"},
		"packages of two, rounded down":                                  {dict{}, []dict{price(1000, "month", dict{"transform_quantity": dict{"divide_by": 2, "round": "down"}})}, 10, "month", "10"},
		"every three months":                                             {dict{"status": "trialing"}, []dict{price(1000, "month", dict{"recurring": dict{"interval": "month", "interval_count": 3}})}, 30, "3 months", ""},
		"a year and a month in one":                                      {dict{}, []dict{price(1200, "year", nil), price(500, "month", nil)}, 18, "month", "18"},
		"in another of the price's currencies":                           {dict{"currency": "eur", "items": dict{"data": []dict{withheld}}}, []dict{abroad}, 24, "month", "24"},
		"in a currency that the price does not tell":                     {dict{"currency": "sek", "items": dict{"data": []dict{withheld}}}, []dict{abroad}, 0, "month", ""},
		"items behind the first ones":                                    {dict{"items": dict{"data": []dict{price(500, "month", nil)}, "has_more": true}}, []dict{price(500, "month", nil), price(700, "month", nil)}, 36, "month", "36"},
		"invoices are voided":                                            {dict{"pause_collection": dict{"behavior": "void"}}, []dict{price(500, "month", nil)}, 15, "month", "0"},
		"invoices are kept for later":                                    {dict{"pause_collection": dict{"behavior": "keep_as_draft"}}, []dict{price(500, "month", nil)}, 15, "month", "15"},
	} {
		f := one(t, c.sub, c.items...)
		if len(f.Records) != 1 {
			t.Errorf("%s: %d records, rejected %v", name, len(f.Records), f.Rejects)
			continue
		}
		if r := f.Records[0]; r.Amount != c.amount || r.Fields["interval"] != c.interval || r.Fields["mrr"] != c.mrr {
			t.Errorf("%s: %v each %q, MRR %q; want %v, %q and %q", name, r.Amount, r.Fields["interval"], r.Fields["mrr"], c.amount, c.interval, c.mrr)
		}
	}
}

// TestRenews holds that the earliest end of a period is when something is billed next: of a subscription in versions up to
// 2024, of its items in later ones.
func TestRenews(t *testing.T) {
	soon, late := at(1).Unix(), at(5000).Unix()
	year, month := price(1200, "year", nil), price(500, "month", nil)
	year["current_period_end"], month["current_period_end"] = late, soon
	for _, sub := range []dict{{"current_period_end": soon}, {}} {
		if r := one(t, sub, year, month).Records[0]; r.Fields["renews"] != at(1).Format(time.DateOnly) {
			t.Errorf("renews %s, want %s", r.Fields["renews"], at(1).Format(time.DateOnly))
		}
	}
}

// TestPaused holds that a trial that ended without anything to pay with was followed by a pause, not by a payment.
func TestPaused(t *testing.T) {
	details := func(why string, since int) dict {
		return dict{"paused": dict{"type": "subscription", "subscription": dict{"type": why}, "transitioned_at": at(since).Unix()}}
	}
	trial, active := connector.StageChange{Stage: "trialing", At: at(0)}, connector.StageChange{Stage: "active", At: at(24)}
	for name, c := range map[string]struct {
		more dict
		want []connector.StageChange
	}{
		"told by the trial's settings": {dict{"trial_settings": dict{"end_behavior": dict{"missing_payment_method": "pause"}}}, []connector.StageChange{trial, {Stage: "paused", At: at(24)}}},
		"told by the status":           {dict{"status_details": details("trial_end_without_payment_method", 24)}, []connector.StageChange{trial, {Stage: "paused", At: at(24)}}},
		"asked for, long after":        {dict{"status_details": details("pause_requested", 99)}, []connector.StageChange{trial, active, {Stage: "paused", At: at(99)}}},
		"not told":                     {dict{}, []connector.StageChange{trial, active}},
	} {
		sub := dict{"status": "paused", "start_date": at(0).Unix(), "trial_start": at(0).Unix(), "trial_end": at(24).Unix()}
		maps.Copy(sub, c.more)
		if diff := cmp.Diff(c.want, one(t, sub, price(500, "month", nil)).Records[0].Stages); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// again reads what is new since a cursor, as subscriptions that events were about.
func again(t *testing.T, f *fake, from connector.Cursor) (subs []string) {
	t.Helper()
	srv := httptest.NewServer(f)
	defer srv.Close()
	next := connectortest.Collect(t, stripe.Spec(), live(t).Values(srv.URL), srv.Client(), from, 0)
	for i := range next.Records {
		subs = append(subs, next.Records[i].ExternalID)
	}
	slices.Sort(subs)
	return slices.Compact(subs)
}

// TestForgottenEvent goes on when Stripe, which keeps events for thirty days, has thrown the last one away that was seen,
// though the last read is an hour ago: what happened in that hour comes in.
func TestForgottenEvent(t *testing.T) {
	f := newFake(20).(*fake) //nolint:errcheck,forcetypeassert // newFake's
	srv := httptest.NewServer(f)
	first := connectortest.Collect(t, stripe.Spec(), live(t).Values(srv.URL), srv.Client(), "", 0)
	srv.Close()
	cursor := string(first.Cursors[len(first.Cursors)-1])
	if !strings.Contains(cursor, "evt_0@"+today.Format(time.RFC3339)) {
		t.Fatalf("the cursor does not tell when the event was seen: %s", cursor)
	}
	f.forget = 1
	f.happen("customer.subscription.updated", today.Add(-time.Hour), dict{"id": "sub_1", "status": "active"}, nil)
	for i := 11; i < 16; i++ { // more than a page of the fake
		f.happen("customer.subscription.updated", today.Add(-time.Minute), dict{"id": fmt.Sprintf("sub_%d", i), "status": "past_due"}, nil)
	}
	if diff := cmp.Diff([]string{"sub_11", "sub_12", "sub_13", "sub_14", "sub_15"}, again(t, f, connector.Cursor(cursor))); diff != "" {
		t.Errorf("what came in (-want +got):\n%s", diff)
	}
	// A cursor of before does not tell when the event was seen: all that Stripe has is gone through.
	old := strings.Replace(cursor, "evt_0@"+today.Format(time.RFC3339), "evt_0", 1)
	if diff := cmp.Diff([]string{"sub_1", "sub_11", "sub_12", "sub_13", "sub_14", "sub_15"}, again(t, f, connector.Cursor(old))); diff != "" {
		t.Errorf("what came in for an old cursor (-want +got):\n%s", diff)
	}
}

// TestFirstEvents goes on from a read at which there was no event yet; more than a page of them have come since.
func TestFirstEvents(t *testing.T) {
	f := newFake(20).(*fake) //nolint:errcheck,forcetypeassert // newFake's
	f.events = nil
	srv := httptest.NewServer(f)
	first := connectortest.Collect(t, stripe.Spec(), live(t).Values(srv.URL), srv.Client(), "", 0)
	srv.Close()
	for i := 5; i < 10; i++ {
		f.happen("customer.subscription.updated", today.Add(time.Minute), dict{"id": fmt.Sprintf("sub_%d", i), "status": "active"}, nil)
	}
	if diff := cmp.Diff([]string{"sub_5", "sub_6", "sub_7", "sub_8", "sub_9"}, again(t, f, first.Cursors[len(first.Cursors)-1])); diff != "" {
		t.Errorf("what came in (-want +got):\n%s", diff)
	}
}

// TestManyCustomers holds that Stripe's search counts to 10,000 only: a larger account's figure is no count to compare with.
func TestManyCustomers(t *testing.T) {
	srv := httptest.NewServer(newFake(50_001))
	defer srv.Close()
	src, err := stripe.New(connectortest.LiveEnv(t), live(t).Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck // the compiler has checked it
	if err != nil || len(v.Counts) != 0 || v.Items != 20_000 || v.Places[0].Items != -1 || !strings.Contains(v.Places[0].Name, "10,000 or more") {
		t.Errorf("the survey says %+v, %v", v, err)
	}
}

// TestSandbox holds that what is in a sandbox is seen at another address.
func TestSandbox(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data := []dict{}
		if r.URL.Path == "/v1/customers" {
			data = append(data, dict{"id": "cus_1", "created": 1, "livemode": false, "metadata": dict{}})
		}
		give(w, dict{"data": data, "has_more": false})
	}))
	defer srv.Close()
	f := connectortest.Collect(t, stripe.Spec(), live(t).Values(srv.URL), srv.Client(), "", 0)
	if got := f.Identities["cus_1"].ProfileURL; got != "https://dashboard.stripe.com/test/customers/cus_1" {
		t.Errorf("the customer is seen at %s", got)
	}
}

// TestThinEvents reads webhooks of the payload style that Stripe recommends since 2026-09-30: they name their object only.
func TestThinEvents(t *testing.T) {
	h := newFake(10)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if breach(r) == "" && r.URL.Path == "/v1/invoices/in_7" {
			give(w, dict{"id": "in_7", "object": "invoice", "subscription": "sub_7"})
			return
		}
		h.ServeHTTP(w, r)
	}))
	defer srv.Close()
	src, err := stripe.New(connectortest.LiveEnv(t), live(t).Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	thin := func(kind, object, id string, changes dict) connector.Delivery {
		e := dict{
			"id": "evt_" + kind + id, "object": "v2.core.event", "type": kind, "created": at(300).Format("2006-01-02T15:04:05.000Z"), "livemode": true,
			"related_object": dict{"id": id, "type": object, "url": "/v1/" + object + "s/" + id},
		}
		if changes != nil {
			e["changes"] = changes
		}
		return connector.Delivery{Body: encode(t, e), ReceivedAt: at(300)}
	}
	f := connectortest.Receive(t, src.(connector.Receiver), //nolint:errcheck // the compiler has checked it
		thin("v1.customer.created", "customer", "cus_1", nil), thin("v1.customer.deleted", "customer", "cus_9", nil),
		thin("v1.customer.subscription.past_due", "subscription", "sub_4", nil),
		thin("v1.customer.subscription.updated", "subscription", "sub_6", dict{"before": dict{"status": "active"}, "after": dict{"status": "unpaid"}}),
		thin("v1.invoice.paid", "invoice", "in_7", nil), thin("v2.core.event_destination.ping", "event_destination", "ed_1", nil))
	if _, known := f.Identities["cus_1"]; !known || !f.Identities["cus_9"].Deleted || len(f.Rejects) != 0 || f.LeftOut["event v2.core.event_destination.ping"] != 1 {
		t.Errorf("identities %v, rejected %v, left out %v", f.Identities, f.Rejects, f.LeftOut)
	}
	got := map[string]string{}
	for i := range f.Records {
		steps := f.Records[i].Stages
		got[f.Records[i].ExternalID] = steps[len(steps)-1].Stage
	}
	if diff := cmp.Diff(map[string]string{"sub_4": "past_due", "sub_6": "unpaid", "sub_7": "active"}, got); diff != "" {
		t.Errorf("subscriptions and their last steps (-want +got):\n%s", diff)
	}
}

// TestOtherEvents leaves events of other objects out, whose fields of the same names hold other things.
func TestOtherEvents(t *testing.T) {
	src, err := stripe.New(connectortest.LiveEnv(t), live(t).Values("http://127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	body := encode(t, dict{"id": "evt_1", "object": "event", "type": "account.updated", "created": 1, "data": dict{"object": dict{"id": "acct_1", "status": dict{"of": "it"}, "parent": "x"}, "previous_attributes": dict{"status": dict{}}}})
	f := connectortest.Receive(t, src.(connector.Receiver), connector.Delivery{Body: body, ReceivedAt: at(1)}) //nolint:errcheck // the compiler has checked it
	if len(f.Rejects) != 0 || f.LeftOut["event account.updated"] != 1 {
		t.Errorf("rejected %v, left out %v", f.Rejects, f.LeftOut)
	}
}

// TestDeletedBetweenPages goes on when the customer behind whom the next page begins has been deleted, of whom Stripe then
// says that there is none.
func TestDeletedBetweenPages(t *testing.T) {
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if why := breach(r); why != "" {
			t.Errorf("%s: %s", r.URL, why)
		}
		customer := func(i int) dict {
			return dict{"id": fmt.Sprintf("cus_%d", i), "created": at(i).Unix(), "metadata": dict{}}
		}
		switch {
		case r.URL.Path != "/v1/customers":
			give(w, dict{"data": []dict{}, "has_more": false})
		case q.Get("starting_after") == "cus_8":
			w.WriteHeader(http.StatusBadRequest)
			give(w, dict{"error": dict{"code": "resource_missing", "param": "starting_after", "message": "No such customer: 'cus_8'", "type": "invalid_request_error"}})
		case q.Has("created[lte]"), q.Get("starting_after") == "cus_7":
			asked = append(asked, q.Get("created[lte]"))
			give(w, dict{"data": []dict{customer(7), customer(6)}, "has_more": false})
		default:
			asked = append(asked, "")
			give(w, dict{"data": []dict{customer(9), customer(8)}, "has_more": true})
		}
	}))
	defer srv.Close()
	f := connectortest.Collect(t, stripe.Spec(), live(t).Values(srv.URL), srv.Client(), "", 0)
	if diff := cmp.Diff([]string{"", strconv.FormatInt(at(8).Unix(), 10)}, asked); diff != "" || len(f.Identities) != 4 {
		t.Errorf("%d customers, asked for those created until (-want +got):\n%s", len(f.Identities), diff)
	}
}
