// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package zendesk reads the tickets, users and organizations of a Zendesk Support account by its incremental exports, and
// takes its webhooks.
//
// # How it reads
//
// Incremental exports tell everything that changed since a place, a thousand things at a time: tickets and users behind a
// cursor, organizations and ticket events since a time. The place at which an export ended is kept, and the next read goes
// on there. They leave out the last minute, which is told the next time.
//
// # What it takes in
//
// A ticket is a business record of type case, with the times at which it was opened and solved. Where comments are wanted,
// the public ones become a conversation too: the first one opens it, the others are replies. Internal notes never come in,
// neither as activities nor in raw payloads (notes.go).
// Ratings by customers are answers to a survey. Agents and administrators are the team.
//
// Comments are read from the export of ticket events rather than ticket by ticket: one request brings the events of a
// thousand changes. A comment that is made private later is taken back, one that is redacted is asked for again.
package zendesk

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "zendesk"

const title = "Zendesk"

// The names of the options.
const (
	optAddress  = "address"
	optEmail    = "email"
	optToken    = "token"
	optComments = "comments"
	optFields   = "user-fields"
	optSince    = "since"
	optSecret   = "webhook-secret"
)

const help = `You need an administrator of Zendesk: its exports are for administrators only.

1. In Zendesk open **Admin Center → Apps and integrations → APIs → API tokens** (**Zendesk API** in older accounts) and
   allow access by token.
2. Choose **Add API token**, call it *Greenroom*, and copy the token.
3. Enter the address of your Zendesk, e.g. ` + "`https://acme.zendesk.com`" + `, the e-mail address of an administrator, and the token.

An OAuth access token with the scope ` + "`read`" + ` works as well: enter it as the token and leave the e-mail address empty.`

const pushHelp = `In **Admin Center → Apps and integrations → Webhooks → Create webhook** choose *Zendesk events* and there the events of
*tickets*, *users* and *organizations*. Enter the address below as *Endpoint URL*, request method POST, format JSON, no
authentication. Then choose **Show signing secret** and enter the secret here.

A webhook that a trigger calls works, too, when its JSON body has the member ` + "`\"ticket_id\": \"{{ticket.id}}\"`" + `.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "zendesk", Primary: optAddress, Help: help, Group: connector.GroupBusiness, Business: true,
		Summary:  "Support tickets with their public comments, ratings, users and organizations of a Zendesk account.",
		Keywords: []string{"support", "tickets", "help desk", "customer service", "csat"},
		Options:  options(), New: New, Incremental: true, Rhythm: 30 * time.Minute,
		Scopes: []connector.Scope{
			{Name: "administrator", Why: "Zendesk's exports of tickets, users and organizations are for administrators."},
			{Name: "read", Why: "The scope of an OAuth token, where one is used.", Optional: true},
		},
		Limits: "Zendesk allows 10 requests of an export a minute (30 with the High Volume API add-on) and, by plan, 200 to 2,500 requests of all kinds. " +
			"A request of an export brings a thousand tickets, users or changes: 100,000 tickets with their comments take about 500 requests and an hour.",
		Push: &connector.Push{Help: pushHelp, Secret: optSecret, Given: true},
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optAddress, Label: "Address", Type: connector.Address, Required: true, Example: "https://acme.zendesk.com", Help: "Where your agents work."},
		{Name: optEmail, Label: "E-mail address", Type: connector.Text, Example: "ana@acme.example", Help: "Of the administrator whose token it is; empty for an OAuth token."},
		{Name: optToken, Label: "Token", Type: connector.Secret, Required: true, Help: "The API token, or an OAuth access token."},
		{Name: optComments, Label: "Comments", Type: connector.Bool, Default: "false", Help: "Bring in the public comments of tickets as conversations. Internal notes never come in."},
		{Name: optFields, Label: "Fields of users", Type: connector.List, Example: "plan, region", Help: "Keys of user and organization fields that come in as fields."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "all", Help: "Tickets and comments that were not touched since then are left out. Users and organizations always come in."},
		{Name: optSecret, Label: "Signing secret", Type: connector.Secret, Help: "Of the webhook, as Zendesk shows it."},
	}
}

// source is one account.
type source struct {
	env     connector.Env
	set     connector.Settings
	client  *rest.Client
	exports *rest.Client // the same account at the pace of exports

	mu     sync.Mutex
	agents map[int64]string // names by id; nil = not asked yet
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	credential := "Bearer " + set.Text(optToken)
	if email := set.Text(optEmail); email != "" {
		credential = "Basic " + base64.StdEncoding.EncodeToString([]byte(strings.TrimSuffix(email, "/token")+"/token:"+set.Text(optToken)))
	}
	c := rest.Config{
		Name: title, Base: set.Text(optAddress), Env: env, Token: "e-mail address and token", Budgets: budgets,
		Authorize: func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", credential)
			return nil
		},
	}
	s := &source{env: env, set: set}
	if s.client, err = rest.New(c); err != nil {
		return nil, err
	}
	c.PerSecond, c.Burst = 10.0/60, 10
	s.exports, err = rest.New(c)
	return s, err
}

// budgets reads the limits that single endpoints have, e.g.
// "Zendesk-RateLimit-incremental-exports: total=10; remaining=9; resets=41".
func budgets(h http.Header, now time.Time) []connector.Budget {
	var all []connector.Budget
	for name, values := range h {
		what, ok := strings.CutPrefix(name, "Zendesk-Ratelimit-")
		if !ok || len(values) == 0 {
			continue
		}
		b := connector.Budget{Name: "requests of " + strings.ToLower(strings.ReplaceAll(what, "-", " ")), Remaining: -1}
		for part := range strings.SplitSeq(values[0], ";") {
			key, text, _ := strings.Cut(strings.TrimSpace(part), "=")
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				continue
			}
			switch key {
			case "total":
				b.Limit = n
			case "remaining":
				b.Remaining = n
			case "resets":
				b.ResetAt = now.Add(time.Duration(n) * time.Second)
			}
		}
		if b.Remaining >= 0 {
			all = append(all, b)
		}
	}
	return all
}

// Test asks who the token is and whether exports are allowed.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	var check connector.Check
	var me struct {
		User struct {
			ID    int64  `json:"id"`
			Name  string `json:"name"`
			Email string `json:"email"`
			Role  string `json:"role"`
		} `json:"user"`
	}
	if _, err := s.client.Into(ctx, "/api/v2/users/me", nil, &me); err != nil {
		return check, err
	}
	if me.User.ID == 0 { // Zendesk calls whom it does not know "Anonymous user"
		return check, greenroom.Errorf(greenroom.CodeUnauthorized, "Zendesk does not know this e-mail address and token; check both, and that access by token is allowed")
	}
	host, _ := url.Parse(s.set.Text(optAddress)) // checked with the settings
	check.Account = me.User.Name + " <" + me.User.Email + "> at " + host.Host
	missing := connector.Missing{Name: "administrator", Then: "Nothing comes in.", Do: "Use the e-mail address and a token of an administrator of Zendesk.", Must: true}
	if me.User.Role != "admin" {
		check.Missing = append(check.Missing, missing)
		return check, nil
	}
	recent := strconv.FormatInt(s.env.Now().Add(-time.Hour).Unix(), 10)
	_, err := s.exports.Get(ctx, "/api/v2/incremental/tickets/cursor", url.Values{"start_time": {recent}})
	if rest.Refused(err) {
		check.Missing = append(check.Missing, missing)
		return check, nil
	}
	if s.set.Text(optSecret) == "" {
		check.Notes = append(check.Notes, "There is no signing secret, so webhooks are refused; new tickets come in every half an hour.")
	}
	return check, err
}

// Survey tells the account's own counts.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	for _, what := range []struct{ name, path, query, of, explain string }{
		{"users", "/api/v2/users/count", "", "identities", ""},
		{"organizations", "/api/v2/organizations/count", "", "organizations", ""},
		{"tickets", "/api/v2/search/count?query=type%3Aticket", "type:case", "records", ""},
	} {
		var c struct {
			Count jsonCount `json:"count"`
		}
		_, err := s.client.Into(ctx, what.path, nil, &c)
		place := connector.Place{ExternalID: what.name, Name: strings.ToUpper(what.name[:1]) + what.name[1:], Covered: true, Members: -1, Items: int64(c.Count)}
		if rest.Refused(err) {
			place.Covered, place.Items, place.Why = false, -1, "the token's account may not see them; use one of an administrator"
			v.Places = append(v.Places, place)
			continue
		}
		if err != nil {
			return v, err
		}
		v.Places = append(v.Places, place)
		v.Counts = append(v.Counts, connector.Count{What: what.name, Platform: int64(c.Count), Query: what.query, Of: what.of})
		v.Items += int64(c.Count)
		v.Requests += int64(c.Count)/exportSize + 1
		if what.name == "tickets" && s.set.On(optComments) {
			v.Requests += 4 * int64(c.Count) / exportSize
		}
	}
	return v, nil
}

var _ interface {
	connector.Receiver
	connector.Tester
	connector.Surveyor
} = (*source)(nil)
