// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package segment takes product usage by the Segment HTTP tracking API, so that the libraries of Segment and RudderStack
// report to Greenroom when only their host is changed.
//
// Nothing is read: calls come as deliveries, are checked by their write key (push.go) and become facts later (map.go). A
// track, page or screen call is an activity of kind usage, an identify call tells of a person, a group call of an
// organization and who belongs to it, an alias call that two ids are one person. A message id is an external id, so an
// event that a library sends again is known.
//
// # Visitors who are not signed in
//
// An event that carries a user id belongs to that user, whatever anonymous id stands beside it. An anonymous id is never
// taken as proof that two users are one: on a shared device the same one stands beside the ids of several people, and
// which of them came first depends on the order in which deliveries arrive. An event that carries an anonymous id alone
// is kept without a person, or, by an option, with a contact of its own for each anonymous id. What joins an anonymous id
// or an older user id to a user is an alias call, which is the application's own word for just that.
//
// # Time
//
// A device's clock may be wrong. As Segment does, the time of an event is moved by the difference between when the
// request was sent, by the sender's clock, and when it was received, by ours. Differences under ten seconds are the way
// over the network rather than a wrong clock, and are left alone: so an event that is sent twice has the same time.
package segment

import (
	"context"
	"strings"

	"greenroom"
	"greenroom/connector"
)

// Kind is what the connector is called.
const Kind = "segment"

const title = "Product usage (Segment API)"

// The names of the options.
const (
	optKey       = "write-key"
	optAnonymous = "anonymous"
	optPages     = "pages"
	optSkip      = "skip"

	valueNobody   = "without a person"
	valueContacts = "as contacts"
)

const help = `Your product reports what its users do, with any library of Segment or RudderStack, or by plain HTTP.

1. Connect this source. Leave the write key empty to have one made; it is shown once.
2. Give your developers the write key and the address of this server. In the library they already use, they change the host:
   - **Node:** ` + "`new Analytics({ writeKey: 'KEY', host: 'https://greenroom.example.org' })`" + `
   - **Python:** ` + "`analytics.write_key = 'KEY'; analytics.host = 'https://greenroom.example.org'`" + `
   - **Go, Java, Ruby, PHP, .NET, RudderStack:** the *endpoint*, *host* or *data plane URL* option, with the same address.
   - **Browser (` + "`@segment/analytics-next`" + `):** ` + "`AnalyticsBrowser.load({ writeKey: 'KEY', cdnURL: 'https://greenroom.example.org' })`" + `
   - **Browser (` + "`@rudderstack/analytics-js`" + `):** ` + "`rudderAnalytics.load('KEY', 'https://greenroom.example.org', { configUrl: 'https://greenroom.example.org' })`" + `
   - **E-mails:** an image at ` + "`/v1/pixel/track?data=…`" + `, as with Segment's pixel.
3. Ask them to call *identify* with the user's id and **email** as users sign in: the address is what joins product usage to the people of your community.
4. Ask them to call *group* with the company's id, **name** and **website** where your product has accounts of companies.

People who are only known from product usage are contacts; they become members when they act in the community.`

const pushHelp = `Libraries append ` + "`/v1/batch`, `/v1/track`" + ` and so on themselves: enter the server's address as their host, without
a path. The write key tells which source is meant. A host that ends with the source's own address works too.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "product", Primary: optKey, Help: help, Group: connector.GroupDoor, Business: true,
		Summary:  "What users do in your product, from any Segment or RudderStack library with only its host changed.",
		Keywords: []string{"segment", "rudderstack", "analytics", "tracking", "events", "product usage", "cdp"},
		Options:  options(), New: New,
		Limits: "32 KB for an event, as Segment has it, and 4 MB for a batch; larger ones are refused with 400. There is no limit to the number of requests.",
		Push:   &connector.Push{Help: pushHelp, Mount: "/v1/", Beside: []string{"/beacon/v1/", "/pixel/v1/", "/sourceConfig", "/sourceConfig/"}, Secret: optKey},
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optKey, Label: "Write key", Type: connector.Secret, Help: "The key that libraries send; leave it empty to have one made."},
		{
			Name: optAnonymous, Label: "Visitors who are not signed in", Type: connector.Choice, Default: valueNobody, Choices: []string{valueNobody, valueContacts},
			Help: "Whether events without a user id are kept without a person, or with a contact for each anonymous id. Most products want the first: every browser is another anonymous id.",
		},
		{Name: optPages, Label: "Page and screen views", Type: connector.Bool, Default: "true", Help: "Whether views of pages and screens come in, beside the events that the product names."},
		{Name: optSkip, Label: "Events to leave out", Type: connector.List, Example: "Heartbeat, Debug *", Help: "Names of events that are not wanted; a * at the end stands for anything."},
	}
}

// source takes the events of one product.
type source struct {
	key       string
	anonymous bool // as contacts
	pages     bool
	skip      []string
	env       connector.Env
}

// New opens a source. Without a write key it would take anybody's events, so there has to be one.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	if set.Text(optKey) == "" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s needs a write key: the key that libraries send with every request", title)
	}
	return &source{
		key: set.Text(optKey), anonymous: set.Text(optAnonymous) == valueContacts, pages: set.On(optPages), skip: set.List(optSkip), env: env,
	}, nil
}

// Read finds nothing: events only come in.
func (s *source) Read(_ context.Context, from connector.Cursor, out *connector.Sink) error {
	return out.Checkpoint(from, connector.Progress{}) //nolint:wrapcheck // the sink's own words
}

// Test says how to send a first event, since there is nothing to ask.
func (s *source) Test(context.Context) (connector.Check, error) {
	return connector.Check{Notes: []string{
		"There is nothing to ask: events come in as your product sends them.",
		"To try it, send an event with curl: curl -u WRITE_KEY: -H 'Content-Type: application/json' -d '{\"userId\":\"1\",\"event\":\"Tried it\"}' https://YOUR-SERVER/v1/track",
	}}, nil
}

// skipped reports whether an event is one that is not wanted.
func (s *source) skipped(name string) bool {
	for _, pattern := range s.skip {
		if start, open := strings.CutSuffix(pattern, "*"); open && strings.HasPrefix(name, start) || pattern == name {
			return true
		}
	}
	return false
}
