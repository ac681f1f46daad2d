// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// This file is what a live connector can do beyond reading: platforms that are asked again and again, that push what
// happens, and that can say of themselves what is covered. A Source that can do one of these has its method; whoever
// keeps sources looks for it with a type assertion.

// Group says on which shelf of the gallery a connector stands.
type Group string

// The groups, in the gallery's order.
const (
	GroupCommunity Group = "community" // places where people talk and work together
	GroupBusiness  Group = "business"  // CRM, tickets, warehouse, subscriptions
	GroupDoor      Group = "door"      // whatever else: product usage, webhooks, feeds, files
	GroupExport    Group = "export"    // files that a platform or a person wrote
)

// Scope is a permission that a credential has to have.
type Scope struct {
	Name     string // as the platform calls it, e.g. "channels:history"
	Why      string // what Greenroom does with it, one sentence
	Optional bool   // without it something is missing, which Why names, and the rest works
}

// Manifest is a text to paste where a platform takes an app's description in one piece. Template is text/template with
// the fields of ManifestData.
type Manifest struct {
	Title    string // e.g. "Slack app manifest"
	Format   string // "json" or "yaml"
	Where    string // where to paste it, Markdown
	Template string
}

// ManifestData fills a manifest's template.
type ManifestData struct {
	Name string // of the source
	Hook string // the address that takes the platform's pushes; "" where the server has no public address
}

// Push says how a platform tells what happens as it happens.
type Push struct {
	// Help says where the address is entered on the platform and what to choose there, Markdown.
	Help string
	// Mount is a path prefix with slashes at both ends, e.g. "/v1/", at which the connector takes requests that cannot
	// carry the source's own address, because a library makes the path. Which source is meant is found by Verify. Empty:
	// the address is /hooks/NAME alone.
	Mount string
	// Beside are further prefixes that are taken as Mount is, for libraries that make other paths, e.g. "/beacon/v1/". Behind
	// one the delivery's path is the request's whole path.
	Beside []string
	// Secret names the option that holds the secret which signs deliveries; where it is left empty when the source is
	// connected, one is made up and shown once.
	Secret string
	// Asks says that the connector asks the platform for its pushes by itself, with Env.Hook and Env.HookKey, so that there is
	// nothing to enter there.
	Asks bool
	// Given says that the platform makes the secret, so that none is made up here: it is copied from there into the option.
	Given bool
}

// Delivery is one push of a platform: a request to the source's address, or a message of its event stream.
type Delivery struct {
	ID         string // the platform's own, so that a repeated one is known; "" = none
	ReceivedAt time.Time
	Method     string
	Path       string // what stands behind the source's address or the mount, e.g. "track"; no slash in front
	Query      url.Values
	Header     http.Header // all of the request's but cookies
	Body       []byte
	Origin     string // the server's own address as the sender wrote it, e.g. "https://greenroom.example.org"; not stored
}

// Reply is what is answered to a delivery. The zero value is 200 without a body.
type Reply struct {
	Status      int
	ContentType string
	Body        []byte
	// Drop says that there is nothing in the delivery to keep: a ping, a challenge, a preflight.
	Drop bool
	// ID becomes the delivery's, where it has one.
	ID string
}

// Receiver is a source that its platform pushes to. Verify is called at once, by many goroutines; a delivery that it
// lets through is stored before it is acknowledged, and Receive turns stored deliveries into facts later, one after the
// other. Platforms deliver twice, late and in another order: Receive has to give the same external ids as Read, and
// EditedAt decides which telling of an activity is the newer one.
type Receiver interface {
	Source
	// Verify checks that the delivery comes from the platform, by its signature, in constant time. An error refuses it:
	// CodeForbidden where the signature is wrong, CodeInvalid where the body cannot be one of the platform's.
	Verify(d *Delivery) (Reply, error)
	// Receive turns a delivery into facts. It rejects what it cannot read and counts what it does not want by the event's
	// name. It returns an error only when the platform has to be asked for more and cannot be; the delivery is then tried
	// again.
	Receive(ctx context.Context, d *Delivery, out *Sink) error
}

// Streamer is a source whose platform pushes over a connection that Greenroom opens: Socket Mode, a gateway. Stream
// connects, passes on each event as a delivery, acknowledges it to the platform once deliver has returned nil, and
// returns when the connection ends or ctx is canceled; it is called again after a pause. What Stream delivers is given
// to Receive later. cursor is what the connector last passed to keep, for streams that can go on where they were.
type Streamer interface {
	Receiver
	Stream(ctx context.Context, deliver func(context.Context, Delivery) error) error
}

// Watcher is a source whose platform tells over a connection that there is something new, and not what: IMAP's IDLE, or a
// stream that holds less than a read brings. Watch connects, calls news once it hears everything that happens from then on
// and whenever it hears of something, and returns when the connection ends or ctx is canceled; it is called again after a
// pause. What is new comes in with Read, from its cursor, so that nothing is lost or doubled where a connection breaks off.
// CodeInvalid says that the source cannot be watched as it is; it is then read in its rhythm, as it is anyway.
type Watcher interface {
	Source
	Watch(ctx context.Context, news func()) error
}

// Check is what a connection test found.
type Check struct {
	Account string    `json:"account,omitempty"` // who the credential is on the platform and where, e.g. "greenroom-bot in Acme"
	Missing []Missing `json:"missing"`           // what it lacks
	Notes   []string  `json:"notes"`             // what is good to know, whole sentences, e.g. how many channels the bot is in
}

// Missing is a permission or a setting that is not there.
type Missing struct {
	Name string `json:"name"` // as the platform calls it
	Then string `json:"then"` // what does not come in without it
	Do   string `json:"do"`   // how to get it
	Must bool   `json:"must"` // nothing works without it
}

// Tester is a source that can be asked whether it would work. Test costs a few requests and reads no content. The error
// says why it does not work at all: a wrong address, a token that the platform refuses.
type Tester interface {
	Test(ctx context.Context) (Check, error)
}

// Survey is what a platform says of itself: its places, and its own counts to compare with ours.
type Survey struct {
	Places   []Place `json:"places"`
	Counts   []Count `json:"counts"` // Estimate of a whole backfill; zero where the platform gives no idea.
	Items    int64   `json:"items"`
	Requests int64   `json:"requests"`
	Cost     string  `json:"cost,omitempty"` // in the platform's money or units, e.g. "about $4.20" or "3,200 of 10,000 units a day"; "" = free
}

// Place is a channel, category, repository or page of the platform.
type Place struct {
	ExternalID string `json:"external_id"` // as Channel.ExternalID
	Name       string `json:"name"`
	Entry      string `json:"entry,omitempty"` // what stands for it in the option that has FromSurvey; "" = Name
	Covered    bool   `json:"covered"`
	Why        string `json:"why,omitempty"` // why it is not covered and what to do, e.g. "the bot is not in this channel; write /invite @greenroom there"
	Members    int64  `json:"members"`       // by the platform; -1 = not told
	Items      int64  `json:"items"`         // messages, topics, issues by the platform; -1 = not told
}

// Count is one of the platform's own figures, with what explains the difference to ours.
type Count struct {
	What     string `json:"what"`            // "accounts", or the name of a Kind, or free words such as "open issues"
	Place    string `json:"place,omitempty"` // external id of the channel it is about; "" = the whole source
	Platform int64  `json:"platform"`        // Query is ours: the query whose number of results is compared, in the query language without "source:". Of is what it
	// lists: "activities", "identities", "conversations"; or "records", whose query is "type:deal" and the like alone.
	Query   string        `json:"query"`
	Of      string        `json:"of"`
	Explain []Explanation `json:"explain,omitempty"`
}

// Explanation is a part of a difference that is known.
type Explanation struct {
	Text  string `json:"text"`  // e.g. "deactivated accounts, which the platform does not count"
	Items int64  `json:"items"` // how many, with the sign that makes Platform + all of them = ours
}

// Surveyor is a source that can say what there is.
type Surveyor interface {
	Survey(ctx context.Context) (Survey, error)
}
