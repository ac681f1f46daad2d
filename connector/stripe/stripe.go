// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package stripe reads the customers and subscriptions of a Stripe account, and takes its webhooks.
//
// The first read lists all customers and subscriptions. Later reads go through Stripe's events, which name what changed,
// behind the last event that was seen; what they name is asked for again, so that the order in which events arrive changes
// nothing (events.go). Stripe keeps events for 30 days: after a longer pause everything is listed again. A webhook delivers
// one such event, or only the name of what it is about, and is treated in the same way (push.go).
//
// A subscription becomes a business record: its status is the stage, the amount of a billing period the amount, and what it
// brings a month (MRR, before discounts and taxes, without what is billed by use) a field. Stripe tells when a subscription began, left its trial and
// ended; steps between, such as a payment that is late, are known from the events.
package stripe

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "stripe"

const title = "Stripe"

// The names of the options.
const (
	optKey      = "key"
	optSecret   = "webhook-secret"
	optMetadata = "metadata"
	optCompany  = "company-metadata"
	optAddress  = "address"
)

// version is the version of the API that is spoken. Stripe keeps versions for good.
const version = "2024-06-20"

const help = `1. In Stripe open **Developers → API keys → Create restricted key**.
2. Call it *Greenroom* and choose **Read** for *Customers*, *Subscriptions*, *Invoices* and *Events*. Leave everything else at *None*.
3. Create the key, copy it (it begins with ` + "`rk_live_`" + `) and enter it here.

A secret key (` + "`sk_…`" + `) would work too, but may move money: do not use one.`

const pushHelp = `In Stripe open **Developers → Webhooks → Add endpoint** (**Workbench → Webhooks → Add destination**), enter the address
below, and choose the events *customer.created, customer.updated, customer.deleted*, all of *customer.subscription*,
*invoice.paid, invoice.payment_failed, invoice.voided* and *invoice.marked_uncollectible*. Of the payload
styles *snapshot* and *thin* either will do; the names of thin events begin with ` + "`v1.`" + `. Then reveal the *signing secret* (` + "`whsec_…`" + `) and enter it here.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "stripe", Primary: optKey, Help: help, Group: connector.GroupBusiness, Business: true,
		Summary:  "Customers and subscriptions with their status, amounts and monthly revenue from a Stripe account.",
		Keywords: []string{"payments", "billing", "subscriptions", "revenue", "mrr"},
		Options:  options(), New: New, Incremental: true, Rhythm: time.Hour,
		Scopes: []connector.Scope{
			{Name: "Customers: Read", Why: "Who the customers are."},
			{Name: "Subscriptions: Read", Why: "What they subscribe to, since when, and what it brings."},
			{Name: "Events: Read", Why: "What changed since the last read."},
			{Name: "Invoices: Read", Why: "Whether the last invoice was paid.", Optional: true},
		},
		Limits: "Stripe allows 100 requests a second, and 25 of one kind (25 in all in a sandbox); Greenroom sends at most 20. A request brings 100 customers or subscriptions: 100,000 of each take 2,000 requests and a few minutes. " +
			"A price that is paid in another currency than its own takes one more, once.",
		Push: &connector.Push{Help: pushHelp, Secret: optSecret, Given: true},
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optKey, Label: "Restricted key", Type: connector.Secret, Required: true, Example: "rk_live_…", Help: "A key that may read customers, subscriptions, invoices and events."},
		{Name: optMetadata, Label: "Metadata", Type: connector.List, Example: "plan, user_id", Help: "Keys of the metadata of customers and subscriptions that come in as fields."},
		{Name: optCompany, Label: "Metadata with the company", Type: connector.Text, Example: "company", Help: "The key of the metadata of customers that holds the company's name or domain, where you keep one."},
		{Name: optSecret, Label: "Signing secret", Type: connector.Secret, Example: "whsec_…", Help: "Of the webhook, as Stripe shows it."},
		{Name: optAddress, Label: "Address of the API", Type: connector.Address, Default: "https://api.stripe.com", Help: "Only to be changed where requests go through a proxy."},
	}
}

// source is one account.
type source struct {
	env    connector.Env
	set    connector.Settings
	client *rest.Client
	prices sync.Map // id of a price that is not of its subscription's currency → what it is in others, map[string]wireAmount
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{env: env, set: set}
	s.client, err = rest.New(rest.Config{
		Name: title, Base: set.Text(optAddress), Env: env, Token: "key", Header: http.Header{"Stripe-Version": {version}}, PerSecond: 20, Burst: 5,
		Authorize: func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+set.Text(optKey))
			return nil
		},
	})
	return s, err
}

// Test asks for one of each thing.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	var check connector.Check
	var account struct {
		ID       string `json:"id"`
		Settings struct {
			Dashboard struct {
				Name string `json:"display_name"`
			} `json:"dashboard"`
		} `json:"settings"`
		Profile struct {
			Name string `json:"name"`
		} `json:"business_profile"`
	}
	switch _, err := s.client.Into(ctx, "/v1/account", nil, &account); {
	case rest.Refused(err): // which restricted keys usually are
		check.Account = "a restricted key"
	case err != nil:
		return check, err
	default:
		check.Account = strings.TrimSpace(firstOf(account.Profile.Name, account.Settings.Dashboard.Name) + " " + account.ID)
	}
	for _, probe := range []struct {
		path, name, then string
		must             bool
	}{
		{"/v1/customers", "Customers: Read", "Nothing comes in.", true},
		{"/v1/subscriptions", "Subscriptions: Read", "Subscriptions do not come in.", true},
		{"/v1/events", "Events: Read", "What changes later does not come in.", true},
		{"/v1/invoices", "Invoices: Read", "Whether the last invoice was paid is not known.", false},
	} {
		_, err := s.client.Get(ctx, probe.path, url.Values{"limit": {"1"}})
		if rest.Refused(err) {
			check.Missing = append(check.Missing, connector.Missing{Name: probe.name, Then: probe.then, Must: probe.must, Do: "Edit the restricted key in Stripe and choose Read there."})
		} else if err != nil {
			return check, err
		}
	}
	if strings.Contains(s.set.Text(optKey), "_test_") {
		check.Notes = append(check.Notes, "This key is of a sandbox: what comes in is test data.")
	}
	if strings.HasPrefix(s.set.Text(optKey), "sk_") {
		check.Notes = append(check.Notes, "This is a secret key, which may do anything; make a restricted one instead.")
	}
	return check, nil
}

// countMax is how many Stripe's search counts; of more it does not say how many.
const countMax = 10_000

// Survey tells Stripe's own counts, which its search gives.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	for _, what := range []struct{ name, of, query string }{{"customers", "identities", ""}, {"subscriptions", "records", "type:subscription"}} {
		var found struct {
			Total int64 `json:"total_count"`
		}
		_, err := s.client.Into(ctx, "/v1/"+what.name+"/search", url.Values{"query": {"created>0"}, "limit": {"1"}, "expand[]": {"total_count"}}, &found)
		place := connector.Place{ExternalID: what.name, Name: strings.ToUpper(what.name[:1]) + what.name[1:], Covered: true, Members: -1, Items: -1}
		switch {
		case rest.Refused(err):
			place.Covered, place.Why = false, "the key may not read "+what.name+"; edit it in Stripe and choose Read there"
		case err != nil && rest.Status(err) < 400:
			return v, err
		case err == nil && found.Total >= countMax:
			v.Items += found.Total
			v.Requests += found.Total/pageSize + 1
			place.Name += " (10,000 or more; Stripe does not count further)"
		case err == nil: // search is not offered in every country
			place.Items = found.Total
			v.Counts = append(v.Counts, connector.Count{What: what.name, Platform: found.Total, Query: what.query, Of: what.of})
			v.Items += found.Total
			v.Requests += found.Total/pageSize + 1
		}
		v.Places = append(v.Places, place)
	}
	return v, nil
}

var _ interface {
	connector.Receiver
	connector.Tester
	connector.Surveyor
} = (*source)(nil)
