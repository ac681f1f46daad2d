// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package freshdesk reads the tickets, contacts and companies of a Freshdesk account, and takes what its automations send.
//
// Tickets are listed in the order of their last updates. Freshdesk shows 300 pages of a list and no more, and a ticket that
// is updated meanwhile moves to the end, so that a page of a number would miss another: each page therefore asks for what
// was updated since the last ticket of the page before it, and passes over what that page has told (window.go). Contacts
// and companies are asked for by their last update, too; agents are listed whole. Deleted tickets and contacts have lists
// of their own, and so has spam.
//
// A ticket becomes a business record of type case. Where its messages are wanted, it becomes a conversation too: what was
// asked and the public replies, which cost a request for each ticket that was touched. Private notes never come in, and
// where messages are not wanted, raw payloads are without words of customers. What Freshdesk has archived it lists nowhere.
//
// Freshdesk signs nothing: an automation can call an address with a header of its own, which holds the secret (push.go).
package freshdesk

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "freshdesk"

const title = "Freshdesk"

// The names of the options.
const (
	optAddress  = "address"
	optKey      = "key"
	optMessages = "messages"
	optFields   = "custom-fields"
	optSince    = "since"
	optSecret   = "webhook-secret"
)

const help = `1. In Freshdesk make an agent for Greenroom, or choose one, with global access and the role *Administrator*: others do not learn who the agents are.
2. Sign in as that agent, open the picture at the top right, **Profile settings**, and choose **View API key**.
3. Enter the address of your Freshdesk, e.g. ` + "`https://acme.freshdesk.com`" + `, and the key.`

const pushHelp = `Freshdesk sends by its automations: **Admin → Workflows → Automations → Ticket updates → New rule** (and the same under
*Ticket creation*). Choose the events that matter, such as *Status is changed* and *Reply is sent*, and as action **Trigger
webhook**: request type POST, the address below, encoding JSON, *Advanced* content ` + "`{\"ticket_id\": \"{{ticket.id}}\"}`" + `, and
the custom header ` + "`X-Greenroom-Secret`" + ` with the secret.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "freshdesk", Primary: optAddress, Help: help, Group: connector.GroupBusiness, Business: true,
		Summary:  "Support tickets with their public replies and ratings, contacts and companies of a Freshdesk account.",
		Keywords: []string{"support", "tickets", "help desk", "freshworks", "customer service"},
		Options:  options(), New: New, Incremental: true, Rhythm: 30 * time.Minute,
		Scopes: []connector.Scope{
			{Name: "tickets of all groups", Why: "Tickets, their states and replies."},
			{Name: "agents", Why: "The names of agents, who are the team. Freshdesk tells them to administrators.", Optional: true},
			{Name: "contacts", Why: "Who asks.", Optional: true},
			{Name: "companies", Why: "Which company a contact belongs to.", Optional: true},
		},
		Limits: "Freshdesk allows, by plan, 200 to 700 requests a minute for the whole account (50 in a trial), of which 20 to 200 may be lists of tickets; what its automations send counts, too. A request brings 100 tickets and counts for " +
			"three because it tells the times of their states, too; messages cost a request for each ticket: 100,000 tickets take about an hour without their messages on the smallest plan, and most of a " +
			"day with them. Tickets that Freshdesk has archived, which are closed ones that nothing happened to for 120 days, are in no list and do not come in; those that are here stay.",
		Push: &connector.Push{Help: pushHelp, Secret: optSecret},
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optAddress, Label: "Address", Type: connector.Address, Required: true, Example: "https://acme.freshdesk.com", Help: "Where your agents work; the freshdesk.com address, not one of your own."},
		{Name: optKey, Label: "API key", Type: connector.Secret, Required: true, Help: "Of an agent who may see all tickets."},
		{Name: optMessages, Label: "Messages", Type: connector.Bool, Default: "false", Help: "Bring in what was asked and the public replies. Costs a request for each ticket. Private notes never come in."},
		{Name: optFields, Label: "Custom fields", Type: connector.List, Example: "cf_plan, plan", Help: "Names of custom fields of tickets, contacts and companies that come in as fields."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "all", Help: "Tickets that were not touched since then are left out. Contacts and companies always come in."},
		{Name: optSecret, Label: "Secret of the automations", Type: connector.Secret, Help: "The secret that the automations send in the header X-Greenroom-Secret."},
	}
}

// source is one account.
type source struct {
	env    connector.Env
	set    connector.Settings
	client *rest.Client

	mu       sync.Mutex
	agents   map[int64]wireAgent // nil = not asked yet
	statuses map[int64]string
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	credential := "Basic " + base64.StdEncoding.EncodeToString([]byte(set.Text(optKey)+":X"))
	s := &source{env: env, set: set}
	s.client, err = rest.New(rest.Config{
		Name: title, Base: set.Text(optAddress) + "/api/v2", Env: env, Token: "API key", Budgets: budgets,
		Authorize: func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", credential)
			return nil
		},
	})
	return s, err
}

// budgets reads Freshdesk's name for the limit.
func budgets(h http.Header, _ time.Time) []connector.Budget {
	limit, err := strconv.ParseInt(h.Get("X-Ratelimit-Total"), 10, 64)
	if err != nil {
		return nil
	}
	left, err := strconv.ParseInt(h.Get("X-Ratelimit-Remaining"), 10, 64)
	if err != nil {
		return nil
	}
	return []connector.Budget{{Name: "requests", Limit: limit, Remaining: left}}
}

// Test asks whose key it is, and for one of each thing.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	var check connector.Check
	var me wireAgent
	if _, err := s.client.Into(ctx, "/agents/me", nil, &me); err != nil {
		return check, err
	}
	host, _ := url.Parse(s.set.Text(optAddress)) // checked with the settings
	check.Account = me.Contact.Name + " <" + me.Contact.Email + "> at " + host.Host
	for _, p := range []struct {
		path, name, then string
		must             bool
	}{
		{"/tickets", "tickets of all groups", "No tickets come in.", true},
		{"/agents", "agents", "Agents have no names, and nobody is marked as the team.", false},
		{"/contacts", "contacts", "Who asks is not known.", false},
		{"/companies", "companies", "Companies do not come in.", false},
	} {
		_, err := s.client.Get(ctx, p.path, url.Values{"per_page": {"1"}})
		if rest.Refused(err) {
			check.Missing = append(check.Missing, connector.Missing{Name: p.name, Then: p.then, Must: p.must, Do: "Give the agent a role that may see them, or use the key of another agent."})
		} else if err != nil {
			return check, err
		}
	}
	if me.Scope != 0 && me.Scope != 1 { // 1 = global, 2 = its groups, 3 = its own
		check.Missing = append(check.Missing, connector.Missing{Name: "tickets of all groups", Then: "Only tickets of the agent or its groups come in.", Do: "Give the agent the ticket scope Global access."})
	}
	return check, nil
}

// Survey tells Freshdesk's own counts, which its search gives.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	for _, what := range []struct{ name, of, query string }{{"tickets", "records", "type:case"}, {"contacts", "identities", ""}, {"companies", "organizations", ""}} {
		var found struct {
			Total int64 `json:"total"`
		}
		_, err := s.client.Into(ctx, "/search/"+what.name, url.Values{"query": {`"created_at:>'2000-01-01'"`}}, &found)
		place := connector.Place{ExternalID: what.name, Name: strings.ToUpper(what.name[:1]) + what.name[1:], Covered: true, Members: -1, Items: -1}
		switch {
		case rest.Refused(err):
			place.Covered, place.Why = false, "the agent whose key it is may not see them; give it another role"
		case err != nil && rest.Status(err) != http.StatusBadRequest:
			return v, err
		case err == nil:
			place.Items = found.Total
			v.Counts = append(v.Counts, connector.Count{What: what.name, Platform: found.Total, Query: what.query, Of: what.of})
			v.Items += found.Total
			v.Requests += found.Total/pageSize + 1
			if what.name == "tickets" && s.set.On(optMessages) {
				v.Requests += found.Total
			}
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
