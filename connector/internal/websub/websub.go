// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package websub asks hubs to tell of what is published, and knows again what they tell: the subscriber's side of WebSub
// (W3C Recommendation, https://www.w3.org/TR/websub/), which was PubSubHubbub before.
//
// # What is remembered
//
// Nothing has to be. A hub is given an address of this subscription alone, below the one at which pushes to the source
// arrive: three parts that say what is subscribed to, what the connector wants to hear again (its mark), and a token over
// both and the topic, made with the source's own secret. So any process knows a hub's question and what a hub tells
// from the address, without having been the one that asked, and nobody can make such an address for another topic. The
// secret that signs what the hub tells follows from the address, too, so no hub knows that of another.
//
// What a read keeps in its cursor (State) is only when the hub was asked last. A process that is killed between asking and
// keeping that asks again, which changes nothing at the hub.
//
// # How long it holds
//
// Ten days are asked for, which the recommendation calls a good default, and it is asked again each day with a read, so
// that it does not matter which lease a hub grants as long as that is more than a day. A hub that cannot be reached is asked
// again after some hours, and the source is read in its rhythm meanwhile. Nothing is ever taken back: what is no longer
// wanted is answered 404 and 410 to, and ends.
package websub

import (
	"context"
	"crypto/sha1" //nolint:gosec // what most hubs sign with
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/signature"
)

const (
	lease    = 10 * 24 * time.Hour // that is asked for
	renewal  = 24 * time.Hour      // after which it is asked for anew
	again    = 4 * time.Hour       // after which a hub that failed is asked again
	patience = 20 * time.Second    // with a hub

	maxAnswer    = 64 << 10 // bytes of a hub's answer
	maxAddress   = 2000     // of a hub or a topic
	maxChallenge = 1024
	tagLength    = 16 // hexadecimal digits, 64 bits
	tokenLength  = 32 // hexadecimal digits, 128 bits
)

// Topic is what a hub is asked for.
type Topic struct {
	Hub  string // its address; "" = none is named
	Self string // the address under which it knows what is published
}

// Link is an element of a feed that links to somewhere.
type Link struct{ Rel, Href string }

// Discover finds the hub and the topic of what was read at an address: in the Link headers of the answer, and where these
// name no hub, among the links in the document.
func Discover(address string, ans *rest.Answer, links []Link) Topic {
	t := Topic{Hub: ans.Link("hub"), Self: ans.Link("self")}
	for _, l := range links {
		switch l.Rel {
		case "hub":
			if t.Hub == "" || ans.Link("hub") == "" && !isTLS(t.Hub) && isTLS(l.Href) {
				t.Hub = l.Href
			}
		case "self":
			if t.Self == "" {
				t.Self = l.Href
			}
		}
	}
	t.Hub = absolute(address, t.Hub)
	if t.Self = absolute(address, t.Self); t.Self == "" {
		t.Self = address
	}
	return t
}

func isTLS(address string) bool { return strings.HasPrefix(strings.ToLower(address), "https:") }

// absolute is an address of the web, seen from a document; "" where it is none.
func absolute(from, address string) string {
	base, err := url.Parse(from)
	if err != nil || address == "" || len(address) > maxAddress {
		return ""
	}
	u, err := base.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.String()
}

// State is what a read keeps in its cursor of a subscription.
type State struct {
	Hub    string    `json:"hub,omitzero"`
	Topic  string    `json:"topic,omitzero"`
	Mark   string    `json:"mark,omitzero"`
	Place  string    `json:"place,omitzero"`  // a digest of hub and address that it was asked with
	Asked  time.Time `json:"asked,omitzero"`  // when
	Failed bool      `json:"failed,omitzero"` // the hub did not take it
}

// Subscriber asks and hears for one source.
type Subscriber struct {
	env   connector.Env
	names []string
}

// New returns the subscriber of a source. names are what its options name as the things to subscribe to.
func New(env connector.Env, names []string) *Subscriber { return &Subscriber{env: env, names: names} }

// On reports whether hubs can be asked: the source is stored, and the server can be reached.
func (s *Subscriber) On() bool { return s.env.Hook != "" && s.env.HookKey != "" }

// Tag is a short digest that only this source can make.
func (s *Subscriber) Tag(text string) string { return s.digest("tag", text)[:tagLength] }

func (s *Subscriber) digest(parts ...string) string {
	return signature.Hex256(s.env.HookKey, []byte(strings.Join(parts, "\n")))
}

// Path is the address of a subscription, below the source's.
func (s *Subscriber) Path(name, mark, topic string) string {
	return s.Tag(name) + "/" + mark + "/" + s.digest("token", name, mark, topic)[:tokenLength]
}

// Secret signs what a hub tells at the address of a subscription.
func (s *Subscriber) Secret(path string) string { return s.digest("secret", path) }

// Ask asks a hub to tell of a topic, where that is due, and returns what to keep of it. before is what was kept last, nil
// where nothing was. mark is what the connector hears again with each push: letters, digits, "-" and "_". A hub that fails
// is a warning on the source.
func (s *Subscriber) Ask(ctx context.Context, name string, t Topic, mark string, before *State) *State {
	now := State{Hub: t.Hub, Topic: t.Self, Mark: mark}
	if !s.On() || t.Hub == "" || !plain(mark) {
		return &now
	}
	path, at := s.Path(name, mark, t.Self), s.env.Now().UTC().Truncate(time.Second)
	now.Place = s.Tag(t.Hub + " " + s.env.Hook + "/" + path)
	if before != nil && !due(before, &now, at) {
		now.Place, now.Asked, now.Failed = before.Place, before.Asked, before.Failed
		return &now
	}
	err := s.subscribe(ctx, t, path)
	if ctx.Err() != nil {
		return before
	}
	if now.Asked, now.Failed = at, err != nil; now.Failed {
		why, _, _ := strings.Cut(greenroom.ErrorMessage(err), ";") // what follows is what reads do
		s.env.Meter.Warn("The hub " + t.Hub + " could not be asked to tell of " + name + " at once: " + why + ". It is read in its rhythm, and the hub is asked again later.")
	}
	return &now
}

// due reports whether a hub is to be asked, or asked again.
func due(before, now *State, at time.Time) bool {
	since := at.Sub(before.Asked).Abs()
	switch {
	case before.Asked.IsZero():
		return true
	case before.Failed:
		return since >= again
	}
	return before.Place != now.Place || since >= renewal
}

func plain(mark string) bool {
	for _, c := range mark {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '_' {
			return false
		}
	}
	return mark != ""
}

// subscribe asks a hub, one that is named without TLS first with it, as the recommendation has it.
func (s *Subscriber) subscribe(ctx context.Context, t Topic, path string) error {
	u, err := url.Parse(t.Hub)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "%q is no address of a hub", t.Hub)
	}
	form := url.Values{
		"hub.callback": {s.env.Hook + "/" + path}, "hub.mode": {"subscribe"}, "hub.topic": {t.Self}, "hub.secret": {s.Secret(path)},
		"hub.lease_seconds": {strconv.Itoa(int(lease.Seconds()))},
		"hub.verify":        {"async"}, // which hubs from before the recommendation (PubSubHubbub 0.3) ask for, and others pass over
	}
	schemes := []string{u.Scheme}
	if u.Scheme == "http" && u.Port() == "" {
		schemes = []string{"https", "http"}
	}
	for _, scheme := range schemes {
		if err = s.post(ctx, scheme+"://"+u.Host, u.RequestURI(), form); err == nil || rest.Status(err) != 0 {
			break
		}
	}
	return err
}

func (s *Subscriber) post(ctx context.Context, base, path string, form url.Values) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client, err := rest.New(rest.Config{Name: "the hub", Base: base, Env: s.env, PlainText: true, Attempts: 1, MaxBody: maxAnswer})
	if err != nil {
		return err
	}
	_, err = client.Do(ctx, rest.Request{Method: http.MethodPost, Path: path, Body: []byte(form.Encode()), Type: "application/x-www-form-urlencoded"})
	return err
}

// aside is the header in which Verify notes on a delivery what there is to count of it instead of taking it in.
const aside = "Greenroom-Aside"

// Why deliveries are not taken in.
const (
	Unsigned = "pushes without the right signature"
	Denied   = "subscriptions that a hub denied"
	Gone     = "pushes of what is no longer read"
)

// find tells what a subscription is about from its address.
func (s *Subscriber) find(path string) (name, mark, token string, ok bool) {
	parts := strings.Split(path, "/")
	if len(parts) != 3 || s.env.HookKey == "" {
		return "", "", "", false
	}
	for _, n := range s.names {
		if signature.Equal(s.Tag(n), parts[0]) {
			return n, parts[1], parts[2], true
		}
	}
	return "", "", "", false
}

// Verify answers what a hub asks and takes what it tells. What is not signed as it should be is acknowledged and kept
// without its content, so that it is counted: the recommendation has it ignored and not refused.
func (s *Subscriber) Verify(d *connector.Delivery) (connector.Reply, error) {
	d.Header.Del(aside)
	name, mark, token, ok := s.find(d.Path)
	switch {
	case d.Method == http.MethodGet && ok:
		topic := d.Query.Get("hub.topic")
		if !signature.Equal(s.digest("token", name, mark, topic)[:tokenLength], token) {
			return connector.Reply{}, unwanted()
		}
		return s.answer(d, name)
	case d.Method == http.MethodGet:
		return connector.Reply{}, unwanted()
	case d.Method != http.MethodPost:
		return connector.Reply{}, greenroom.Errorf(greenroom.CodeInvalid, "a hub asks with GET and tells with POST, not %s", d.Method)
	case !ok: // of a feed that was taken out of the settings, or asked for under another name or key
		return connector.Reply{Status: http.StatusGone, Drop: true}, nil
	}
	if !signed(s.Secret(d.Path), d.Header.Get("X-Hub-Signature"), d.Body) {
		set(d, Unsigned)
	}
	return connector.Reply{}, nil
}

func unwanted() error {
	return greenroom.Errorf(greenroom.CodeNotFound, "this was not subscribed to")
}

// set keeps of a delivery only why it is not taken in.
func set(d *connector.Delivery, why string) {
	d.Header, d.Body = http.Header{aside: {why}}, nil
}

// answer says that a subscription is wanted, or notes that it is denied.
func (s *Subscriber) answer(d *connector.Delivery, name string) (connector.Reply, error) {
	switch d.Query.Get("hub.mode") {
	case "subscribe":
		challenge := d.Query.Get("hub.challenge")
		if !harmless(challenge) {
			return connector.Reply{}, greenroom.Errorf(greenroom.CodeInvalid, "hub.challenge is 1 to %d printable characters of ASCII", maxChallenge)
		}
		if seconds, err := strconv.ParseInt(d.Query.Get("hub.lease_seconds"), 10, 64); err == nil && seconds < int64(renewal.Seconds()) {
			s.env.Log.Warn("a hub tells of a source for less than a day at a time; it is read in its rhythm in between", "of", name, "seconds", seconds)
		}
		return connector.Reply{ContentType: "application/octet-stream", Body: []byte(challenge), Drop: true}, nil
	case "denied":
		s.env.Log.Warn("a hub denied a subscription; the source is read in its rhythm", "of", name, "reason", short(d.Query.Get("hub.reason")))
		set(d, Denied)
		return connector.Reply{}, nil
	}
	return connector.Reply{}, unwanted() // nothing is unsubscribed from here
}

// harmless reports whether a challenge can be sent back: anybody may have made it up.
func harmless(challenge string) bool {
	for i := range len(challenge) {
		if challenge[i] < ' ' || challenge[i] > '~' {
			return false
		}
	}
	return challenge != "" && len(challenge) <= maxChallenge
}

func short(reason string) string {
	const most = 200
	if len(reason) > most {
		reason = reason[:most]
	}
	return strings.ToValidUTF8(reason, "")
}

// signed checks the signature of a content distribution request: an algorithm, "=", and the HMAC in hexadecimal digits.
func signed(secret, header string, body []byte) bool {
	method, sum, _ := strings.Cut(strings.TrimSpace(header), "=")
	var h func() hash.Hash
	switch strings.ToLower(method) {
	case "sha1":
		h = sha1.New
	case "sha256":
		h = sha256.New
	case "sha384":
		h = sha512.New384
	case "sha512":
		h = sha512.New
	default:
		return false
	}
	return signature.Equal(signature.Hex(h, secret, body), strings.ToLower(sum))
}

// Told says of a delivery that Verify has let through what it is about: one of the names, and the mark that the
// subscription was made with. Where there is nothing to take in, it is counted, and ok is false.
func (s *Subscriber) Told(d *connector.Delivery, out *connector.Sink) (name, mark string, ok bool) {
	switch why := d.Header.Get(aside); why {
	case "":
	case Denied:
		out.LeftOut(Denied, 1)
		return "", "", false
	default:
		out.LeftOut(Unsigned, 1)
		return "", "", false
	}
	name, mark, _, ok = s.find(d.Path)
	if !ok {
		out.LeftOut(Gone, 1)
	}
	return name, mark, ok
}
