// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package webhook takes what any program posts and turns it into facts by a mapping that a person writes.
//
// A mapping is text: a line for each field, "author.email = $.user.email". A path beginning with $ is JSONPath and finds
// something in the payload (path.go); around paths stand expressions, for texts that are put together and conditions
// (mapping.go). Both are one language, because a path is a value of an expression. "each" goes through a list, in whose
// entries paths begin with @; a line of dashes parts two things that one payload tells.
//
// A mapping can be tried: Try says what would come of a payload and what is wrong, line by line, without storing anything.
//
// Paths are of this package rather than a library's, because they stand inside of expressions, where a library would have
// to be told where they end.
package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // for senders that sign with nothing better; an HMAC of it is sound
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/signature"
)

// Kind is what the connector is called.
const Kind = "webhook"

const title = "Generic webhook"

// The names of the options.
const (
	optSecret    = "secret"
	optSignature = "signature-header"
	optMapping   = "mapping"
	optBusiness  = "business"
)

// headerSecret carries the secret where the sender can add a header.
const headerSecret = "X-Greenroom-Secret"

const help = `Any program that can send a request when something happens can report to Greenroom: form and survey tools, event tools,
automation tools such as Zapier, Make or n8n, and programs of your own.

1. Connect this source with the mapping left as it is. Leave the secret empty to have one made; it is shown once.
2. In the sender, enter the address below as the webhook's address, with the secret in one of these ways:
   - where it takes a *signing secret*: enter the secret there, and the name of the header that carries the signature here;
   - where it can add a header: ` + "`X-Greenroom-Secret: SECRET`" + `;
   - else at the end of the address: ` + "`?key=SECRET`" + `.
3. Let it send something: fill in your own form, press *Send test*.
4. Open the source and write the mapping beside the payloads that came. A line says what fills a field:

       kind         = "message"
       external_id  = $.id
       occurred_at  = $.created_at
       title        = $.subject
       body         = html($.content)
       author.email = $.user.email
       author.name  = $.user.first + " " + $.user.last

   ` + "`$.user.email`" + ` is *email* inside of *user* in the payload. ` + "`$.answers[?@.type == 'email'].email`" + ` looks through a list.
   ` + "`each = $.items`" + ` does what follows for each entry of a list, in which paths begin with @. A line ` + "`if = $.event == \"created\"`" + `
   leaves out what is not wanted. A line of three dashes begins another thing that the same payload tells.
5. *Try* shows what would come of the last payloads, and what is wrong in which line. What came before the mapping was right can be done again.`

const pushHelp = `Enter this address in the sender, with the secret as a signing secret, as the header ` + "`X-Greenroom-Secret`" + `, or at its end as ` + "`?key=SECRET`" + `.`

const defaultMapping = `kind         = "message"
external_id  = $.id
occurred_at  = either($.occurred_at, $.created_at, $.timestamp)
title        = either($.title, $.subject)
body         = either($.body, $.text, $.message)
url          = $.url
author.email = $.email
author.name  = $.name`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "webhook", Primary: optMapping, Help: help, Group: connector.GroupDoor,
		Summary:  "Whatever another program posts, as JSON or a form, by a mapping that can be tried on the last payloads.",
		Keywords: []string{"zapier", "make", "n8n", "typeform", "tally", "calendly", "form", "http", "json", "api"},
		Options:  options(), New: New,
		Limits: "A payload has 8 MB at most.",
		Push:   &connector.Push{Help: pushHelp, Secret: optSecret},
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optMapping, Label: "Mapping", Type: connector.Long, Default: defaultMapping, Help: "What fills which field, a line for each: field = path or expression. It can be changed later, and tried on what came."},
		{Name: optSecret, Label: "Secret", Type: connector.Secret, Help: "What the sender proves itself with; leave it empty to have one made."},
		{
			Name: optSignature, Label: "Header of the signature", Type: connector.Text, Example: "Typeform-Signature",
			Help: "Where the sender signs what it sends with the secret: the header that carries the signature. Then nothing else is taken as proof. Empty: the secret itself comes in a header or in the address.",
		},
		{Name: optBusiness, Label: "From a business system", Type: connector.Bool, Default: "false", Help: "Whether the people are contacts, known from a CRM or a ticketing system, who become members only when they act in the community."},
	}
}

// source takes what one sender posts.
type source struct {
	secret    string
	signature string
	mapping   *mapping
}

// New opens a source. The error names the first line of the mapping that cannot be read.
func New(env connector.Env, v connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), v, env.Now())
	if err != nil {
		return nil, err
	}
	if set.Text(optSecret) == "" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s needs a secret: without one it would take what anybody posts", title)
	}
	m, problems := parse(set.Text(optMapping))
	if len(problems) > 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the mapping cannot be used: %s", problems[0])
	}
	return &source{secret: set.Text(optSecret), signature: set.Text(optSignature), mapping: m}, nil
}

// Read finds nothing: payloads only come in.
func (s *source) Read(_ context.Context, from connector.Cursor, out *connector.Sink) error {
	return out.Checkpoint(from, connector.Progress{}) //nolint:wrapcheck // the sink's own words
}

// Verify checks the secret or the signature, and that there is something in the request.
func (s *source) Verify(d *connector.Delivery) (connector.Reply, error) {
	if !s.proven(d) {
		if s.signature != "" {
			return connector.Reply{}, greenroom.Errorf(greenroom.CodeForbidden, "the header %s does not hold the signature of the body; enter the same secret in the sender and here", s.signature)
		}
		return connector.Reply{}, greenroom.Errorf(greenroom.CodeForbidden, "the secret is missing or wrong; expected it in the header %s, or at the end of the address as ?key=", headerSecret)
	}
	if d.Method == http.MethodHead || d.Method == http.MethodOptions {
		return connector.Reply{Drop: true}, nil
	}
	payload, err := decode(d)
	if err != nil {
		return connector.Reply{}, err
	}
	object, isObject := payload.(map[string]any)
	if isObject && len(object) == 0 || payload == nil {
		return connector.Reply{Drop: true, ContentType: "application/json", Body: []byte(`{"ok":true}`)}, nil
	}
	if challenge, ok := object["challenge"].(string); ok && len(object) <= 3 { // of senders that test an address so
		body, err := json.Marshal(map[string]string{"challenge": challenge})
		if err == nil {
			return connector.Reply{Drop: true, ContentType: "application/json", Body: body}, nil
		}
	}
	reply := connector.Reply{ContentType: "application/json", Body: []byte(`{"ok":true}`)}
	if s.mapping.identifies() { // else two payloads that look the same may be two things
		q := maps.Clone(d.Query)
		delete(q, "key")
		sum := sha256.Sum256(append([]byte(d.Path+"\x00"+q.Encode()+"\x00"), d.Body...))
		reply.ID = hex.EncodeToString(sum[:16])
	}
	return reply, nil
}

// proven reports whether the delivery is the sender's.
func (s *source) proven(d *connector.Delivery) bool {
	if s.signature != "" {
		return s.signed(d.Header.Get(s.signature), d)
	}
	_, password, _ := (&http.Request{Header: d.Header}).BasicAuth()
	found := false
	for _, given := range []string{
		d.Header.Get(headerSecret), d.Query.Get("key"), strings.TrimPrefix(d.Header.Get("Authorization"), "Bearer "), password,
	} {
		if signature.Equal(s.secret, given) {
			found = true
		}
	}
	return found
}

// clockError is how old a signature with a time in it may be.
const clockError = 10 * time.Minute

// signed checks an HMAC of the body, in hexadecimal or base 64, with or without the name of its hash in front. A header
// such as "t=1492774577,v1=5257a8…" signs the time, a point and the body.
func (s *source) signed(header string, d *connector.Delivery) bool {
	body := d.Body
	var given []string
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimSpace(part)
		name, value, ok := strings.Cut(part, "=")
		switch {
		case ok && name == "t":
			seconds, err := strconv.ParseInt(value, 10, 64)
			if err != nil || d.ReceivedAt.Sub(time.Unix(seconds, 0)).Abs() > clockError {
				return false
			}
			body = append([]byte(value+"."), d.Body...)
		case ok && len(name) <= 8 && strings.Trim(value, "=") != "": // "sha256=…", "v1=…"; base 64 ends in = itself
			given = append(given, value)
		default:
			given = append(given, part)
		}
	}
	found := false
	for _, h := range []func() hash.Hash{sha256.New, sha512.New, sha1.New} {
		mac := hmac.New(h, []byte(s.secret))
		mac.Write(body)
		sum := mac.Sum(nil)
		for _, g := range given {
			for _, want := range []string{hex.EncodeToString(sum), base64.StdEncoding.EncodeToString(sum), base64.RawURLEncoding.EncodeToString(sum)} {
				if signature.Equal(want, g) || len(g) == len(want) && signature.Equal(want, strings.ToLower(g)) {
					found = true
				}
			}
		}
	}
	return found
}

// Receive makes facts of a payload. What cannot be made is listed with the line of the mapping.
func (s *source) Receive(_ context.Context, d *connector.Delivery, out *connector.Sink) error {
	out.Read(1)
	payload, err := decode(d)
	if err != nil {
		out.Reject(greenroom.Reject{File: "payload", Reason: greenroom.ErrorMessage(err), Expected: "JSON or a form", Excerpt: clean(cut(string(d.Body), 190))})
		return nil
	}
	for _, p := range s.mapping.run(payload, d, out) {
		out.Reject(greenroom.Reject{File: "mapping", Line: int64(p.Line), Reason: p.Text, Expected: p.Expected, Excerpt: clean(cut(string(d.Body), 190))})
	}
	return nil
}

var _ connector.Receiver = (*source)(nil)
