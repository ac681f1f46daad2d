// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stripe_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/internal/signature"
	"greenroom/connector/stripe"
)

const secret = "whsec_of_the_webhook"

func live(tb testing.TB) connectortest.Live {
	tb.Helper()
	return connectortest.Live{
		Spec:  stripe.Spec(),
		Serve: newFake,
		Values: func(url string) connector.Values {
			return connector.Values{"address": url, "key": "rk_test_x", "webhook-secret": secret, "metadata": "user_id", "company-metadata": "company"}
		},
		Change: func(h http.Handler) {
			f := h.(*fake) //nolint:errcheck,forcetypeassert // newFake's
			f.status[3], f.gone[2] = "past_due", true
			f.happen("customer.subscription.updated", today.Add(-time.Minute), dict{"id": "sub_3", "object": "subscription", "status": "past_due"}, dict{"status": "active"})
			f.happen("invoice.payment_failed", today.Add(-time.Minute), dict{"id": "in_9", "object": "invoice", "subscription": "sub_3"}, nil)
			f.happen("customer.deleted", today, dict{"id": "cus_2", "object": "customer"}, nil)
		},
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			if len(next.Records) == 0 || next.Records[0].ExternalID != "sub_3" || next.Records[0].Stage != "past_due" {
				tb.Fatalf("the next read tells of %+v, want the subscription that is past due", next.Records)
			}
			steps := next.Records[0].Stages
			if last := steps[len(steps)-1]; last.Stage != "past_due" || !last.At.Equal(today.Add(-time.Minute)) {
				t.Errorf("the last step is %+v", last)
			}
			if !next.Identities["cus_2"].Deleted {
				t.Error("the deleted customer is not told to be deleted")
			}
			for i := range next.Records {
				if next.Records[i].ExternalID != "sub_3" {
					t.Errorf("the next read tells of %s, too", next.Records[i].ExternalID)
				}
			}
		},
		Pushes: pushes(tb),
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live(t)) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live(b)) }

func encode(tb testing.TB, e dict) []byte {
	tb.Helper()
	body, err := json.Marshal(e)
	if err != nil {
		tb.Fatal(err)
	}
	return body
}

func deliver(tb testing.TB, e dict) connector.Delivery {
	tb.Helper()
	body := encode(tb, e)
	when := time.Unix(e["created"].(int64), 0) //nolint:errcheck,forcetypeassert // of this file
	sign := signature.Hex256(secret, fmt.Appendf(nil, "%d.%s", when.Unix(), body))
	return connector.Delivery{
		Method: http.MethodPost, ReceivedAt: when.Add(3 * time.Second), Body: body,
		Header: http.Header{"Stripe-Signature": {fmt.Sprintf("t=%d,v1=%064d,v1=%s,v0=0", when.Unix(), 0, sign)}},
	}
}

// pushes tell that somebody subscribes, does not pay, pays, and leaves; that a customer goes; and of something else.
func pushes(tb testing.TB) []connector.Delivery {
	tb.Helper()
	f := newFake(10).(*fake) //nolint:errcheck,forcetypeassert // newFake's
	return []connector.Delivery{
		deliver(tb, f.happen("customer.created", at(1), dict{"id": "cus_1"}, nil)),
		deliver(tb, f.happen("customer.subscription.created", at(2), dict{"id": "sub_4", "status": "trialing", "customer": "cus_1"}, nil)),
		deliver(tb, f.happen("customer.subscription.updated", at(3), dict{"id": "sub_4", "status": "past_due", "customer": "cus_1"}, dict{"status": "trialing"})),
		deliver(tb, f.happen("invoice.paid", at(4), dict{"id": "in_1", "parent": dict{"subscription_details": dict{"subscription": "sub_4"}}}, nil)),
		deliver(tb, f.happen("customer.subscription.deleted", at(5), dict{"id": "sub_5", "status": "canceled", "customer": dict{"id": "cus_1"}}, nil)),
		deliver(tb, f.happen("customer.deleted", at(6), dict{"id": "cus_9"}, nil)),
		deliver(tb, f.happen("charge.succeeded", at(7), dict{"id": "ch_9"}, nil)),
	}
}

// TestFacts looks at a customer and at subscriptions that run and have ended.
func TestFacts(t *testing.T) {
	srv := httptest.NewServer(newFake(3))
	defer srv.Close()
	f := connectortest.Collect(t, stripe.Spec(), live(t).Values(srv.URL), srv.Client(), "", 0)
	if diff := cmp.Diff(connector.Identity{
		ExternalID: "cus_0", Name: "Person 0", Emails: []greenroom.Email{{Address: "p0@c0.example"}}, Location: "Berlin, DE", JoinedAt: at(0),
		ProfileURL: "https://dashboard.stripe.com/customers/cus_0", Fields: map[string]string{"user_id": "0"},
	}, f.Identities["cus_0"]); diff != "" {
		t.Errorf("the customer (-want +got):\n%s", diff)
	}
	want := connector.Record{
		ExternalID: "sub_0", Type: "subscription", Name: "Team", Organization: "Company 0", Identity: "cus_0", Stage: "active", Amount: 144, Currency: "EUR", OpenedAt: at(0), UpdatedAt: today,
		Stages: []connector.StageChange{{Stage: "trialing", At: at(0)}, {Stage: "active", At: at(24)}},
		Fields: map[string]string{"interval": "year", "mrr": "12", "renews": at(8000).Format(time.DateOnly), "trial ends": at(24).Format(time.DateOnly), "last invoice": "paid", "last invoice amount": "144"},
	}
	if diff := cmp.Diff(want, f.Records[0]); diff != "" {
		t.Errorf("the subscription (-want +got):\n%s", diff)
	}
	ended := f.Records[1]
	if diff := cmp.Diff([]connector.StageChange{{Stage: "trialing", At: at(1)}, {Stage: "active", At: at(25)}, {Stage: "canceled", At: at(101)}}, ended.Stages); diff != "" {
		t.Errorf("steps of the one that has ended (-want +got):\n%s", diff)
	}
	if ended.Fields["mrr"] != "" || ended.Fields["cancellation reason"] != "too_expensive" || !ended.ClosedAt.Equal(at(101)) {
		t.Errorf("the subscription that has ended is %+v", ended)
	}
}

// TestTestConnection names what the key may not read, and reads without it.
func TestTestConnection(t *testing.T) {
	f := newFake(3).(*fake) //nolint:errcheck,forcetypeassert // newFake's
	f.refuse["invoices"] = true
	srv := httptest.NewServer(f)
	defer srv.Close()
	env := connectortest.LiveEnv(t)
	src, err := stripe.New(env, live(t).Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || len(check.Missing) != 1 || check.Missing[0].Name != "Invoices: Read" || check.Missing[0].Must || len(check.Notes) != 1 {
		t.Errorf("the test says %+v, %v", check, err)
	}
	records := 0
	sink := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
		records += len(b.Records)
		return nil
	})
	if err := src.Read(t.Context(), "", sink); err != nil || sink.Flush() != nil || records != 3 || len(env.Meter.Metered().Warnings) != 1 {
		t.Errorf("without invoices %d subscriptions came in, %v", records, err)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || v.Items != 4 || v.Counts[1].Query != "type:subscription" {
		t.Errorf("the survey says %+v, %v", v, err)
	}
}

// TestLongPause goes on when the last event that was seen is gone: everything is listed again.
func TestLongPause(t *testing.T) {
	srv := httptest.NewServer(newFake(3))
	defer srv.Close()
	f := connectortest.Collect(t, stripe.Spec(), live(t).Values(srv.URL), srv.Client(), "", 0)
	old := strings.NewReplacer("evt_0", "evt_77", "2026-11-22", "2026-09-22").Replace(string(f.Cursors[len(f.Cursors)-1]))
	again := connectortest.Collect(t, stripe.Spec(), live(t).Values(srv.URL), srv.Client(), connector.Cursor(old), 0)
	if len(again.Records) != 3 || len(again.Identities) != 1 {
		t.Errorf("after a long pause %d subscriptions and %d customers came in, want 3 and 1", len(again.Records), len(again.Identities))
	}
}

// TestMoney covers currencies and intervals.
func TestMoney(t *testing.T) {
	for _, c := range []struct {
		currency, interval string
		amount, count      int
		want               float64
		mrr                string
	}{
		{"jpy", "month", 500, 1, 500, "500"},
		{"kwd", "month", 1500, 3, 1.5, "0.5"},
		{"usd", "week", 1200, 1, 12, "52"},
		{"usd", "day", 100, 1, 1, "30.417"},
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			data := []dict{}
			if strings.HasSuffix(r.URL.Path, "/subscriptions") {
				data = append(data, dict{"id": "sub_1", "created": 1, "status": "active", "currency": c.currency, "customer": "cus_1", "latest_invoice": "in_1", "items": dict{"data": []dict{
					{"price": dict{"unit_amount": c.amount, "recurring": dict{"interval": c.interval, "interval_count": c.count}}},
				}}})
			}
			give(w, dict{"data": data, "has_more": false})
		}))
		f := connectortest.Collect(t, stripe.Spec(), live(t).Values(srv.URL), srv.Client(), "", 0)
		srv.Close()
		if r := f.Records[0]; r.Amount != c.want || r.Fields["mrr"] != c.mrr {
			t.Errorf("%d %s each %d %s: amount %v, mrr %s, want %v and %s", c.amount, c.currency, c.count, c.interval, r.Amount, r.Fields["mrr"], c.want, c.mrr)
		}
	}
}

func FuzzReceive(f *testing.F) {
	for _, d := range pushes(f) {
		f.Add(d.Body)
	}
	srv := httptest.NewServer(newFake(10))
	f.Cleanup(srv.Close)
	src, err := stripe.New(connectortest.LiveEnv(f), live(f).Values(srv.URL))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		sink := connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
		_ = src.(connector.Receiver).Receive(t.Context(), &connector.Delivery{Body: body, ReceivedAt: day0}, sink) //nolint:errcheck,forcetypeassert // nothing may panic
	})
}

func FuzzVerify(f *testing.F) {
	f.Add("t=1,v1=abc", []byte("{}"))
	src, err := stripe.New(connectortest.LiveEnv(f), live(f).Values("http://127.0.0.1:1"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		d := connector.Delivery{Body: body, ReceivedAt: day0, Header: http.Header{"Stripe-Signature": {header}}}
		if _, err := src.(connector.Receiver).Verify(&d); err == nil { //nolint:errcheck,forcetypeassert // the compiler has checked it
			t.Errorf("%q is taken for a signature", header)
		}
	})
}
