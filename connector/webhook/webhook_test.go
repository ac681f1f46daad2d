// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/webhook"
)

const secret = "a secret"

var received = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

func post(body string) connector.Delivery {
	return connector.Delivery{
		Method: http.MethodPost, ReceivedAt: received, Body: []byte(body),
		Header: http.Header{"Content-Type": {"application/json"}, "X-Greenroom-Secret": {secret}},
	}
}

const ticketMapping = `# Two things of one payload
if = $.type != "ping"
kind = message
external_id = $.message.id
occurred_at = $.message.created
edited_at = $.message.updated
deleted = $.type == "message.deleted"
body = html($.message.html)
channel = $.room.name
channel.id = $.room.id
thread = either($.message.parent,
	$.message.id)
author.id = $.user.id
author.email = lower($.user.email)
author.name = $.user.first + " " + $.user.last
author.fields.plan = $.user.plan
---
each = $.deals
record = deal
external_id = @.id
record.name = @.title
record.amount = @.value
record.currency = "EUR"
edited_at = $.message.updated
organization.name = @.company
organization.domain = domain($.user.email)`

func message(typ, updated, text string) string {
	return fmt.Sprintf(`{"type":%q,"room":{"id":7,"name":"help"},"message":{"id":1234567890123456789,"created":"2026-11-19T08:00:00Z","updated":%q,"html":"<p>%s</p>"},
		"user":{"id":42,"email":"Ada@Example.com","first":"Ada","last":"Lovelace","plan":"pro"},"deals":[{"id":1,"title":"Big one","value":"1234.50","company":"Initech"}]}`, typ, updated, text)
}

func TestReceiver(t *testing.T) {
	query := post(message("message.created", "2026-11-19T08:00:00Z", "Hello"))
	query.Header, query.Query = http.Header{}, url.Values{"key": {secret}}
	connectortest.RunReceiver(t, connectortest.Live{
		Spec:   webhook.Spec(),
		Values: func(string) connector.Values { return connector.Values{"secret": secret, "mapping": ticketMapping} },
		Pushes: []connector.Delivery{
			post(message("message.created", "2026-11-19T08:00:00Z", "Hello")), post(message("message.updated", "2026-11-19T09:00:00Z", "Hello, world")), query,
			post(strings.Replace(message("message.created", "2026-11-19T08:30:00Z", "Second"), "1234567890123456789", "2", 1)),
			post(strings.Replace(message("message.deleted", "2026-11-19T08:40:00Z", "Second"), "1234567890123456789", "2", 1)), post(`{"type":"ping"}`),
		}[:],
	})
}

// lines shows a preview as text.
func lines(p webhook.Preview) []string {
	var all []string
	for _, f := range p.Facts {
		words := []string{f.What}
		for _, v := range f.Values {
			words = append(words, v.Name+"="+v.Text)
		}
		all = append(all, strings.Join(words, " "))
	}
	return all
}

func TestTry(t *testing.T) {
	p, problems := webhook.Try(ticketMapping, post(message("message.created", "2026-11-19T08:00:00Z", "Hello &amp; <b>more</b>")))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := []string{
		"message external_id=1234567890123456789 occurred_at=2026-11-19T08:00:00Z edited_at=2026-11-19T08:00:00Z author=42 channel=7 body=Hello & more thread=1234567890123456789",
		"deal external_id=1 name=Big one organization=example.com amount=1234.5 EUR",
		"person id=42 name=Ada Lovelace email=ada@example.com field plan=pro",
		"organization id=example.com name=Initech domain=example.com",
	}
	if diff := cmp.Diff(want, lines(p)); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}

// TestProblems has each mistake named with its line and what to write instead.
func TestProblems(t *testing.T) {
	for _, tt := range []struct{ mapping, payload, want string }{
		{"", "{}", "the mapping has no lines; expected lines such as kind = \"message\""},
		{"kind message", "{}", `line 1: "kind message" is not a line of a mapping; expected field = expression, such as title = $.subject`},
		{"kind = message\n\nauthor.mail = $.x", "{}", `line 3: there is no field "author.mail"; expected author.email`},
		{"kind = message\nemail = $.x", "{}", `line 2: there is no field "email"; expected author.email`},
		{"kind = message\ntitle =", "{}", `line 2: title has nothing behind the =; expected an expression such as $.subject or "message"`},
		{"kind = message\ntitle = subject", "{}", `line 2: "subject" cannot be read: unknown name subject; expected a path such as $.subject, or a text in quotation marks such as "message"`},
		{"kind = message\ntitle = $.user-id", "{}", `line 2: "$.user-id" cannot be read: unknown name id; expected a name with a dash in brackets, such as $['user-id']`},
		{"kind = message\ntitle = $.a[x]", "{}", `line 2: [x] is neither a position such as [0] nor a name in quotation marks such as ['name']`},
		{"kind = message\ntitle = $a", "{}", `line 2: "$a" is not a path; expected $.name for the payload's name, or @.name for an entry's`},
		{"kind = message\ntitle = $.a\ntitle = $.b", "{}", "line 3: title is filled twice; expected one line for each field; a line with --- between two things that one payload tells"},
		{"title = $.a", "{}", `line 1: nothing says what kind of activity it is; expected a line such as kind = "message", or record = "deal"`},
		{"kind = dance", `{"a":1}`, `line 1: there is no kind of activity "dance"; expected one such as message, reply, reaction, attendance, survey_answer or usage`},
		{"kind = message\noccurred_at = $.when", `{"when":"soon"}`, `line 2: occurred_at: "soon" is not a date; expected a time such as 2025-12-31T14:05:00Z, or seconds since 1970`},
		{"kind = message\nauthor.email = $.mail", `{"mail":"ada"}`, `line 2: "ada" is not an e-mail address; expected one such as ada@example.com, or nothing`},
		{"kind = message\ntitle = $.a + 1", `{"a":"x"}`, `line 2: title cannot be worked out from this payload: invalid operation: string + int; expected values that are there; text(…) makes an empty text of a missing one`},
		{"kind = message", `{`, "the body is neither JSON nor a form: unexpected EOF"},
		{"author.name = $.name", `{"x":1}`, "line 1: the payload names neither a person nor an organization; expected an id, an e-mail address or a name"},
	} {
		_, problems := webhook.Try(tt.mapping, post(tt.payload))
		got := make([]string, len(problems))
		for i, p := range problems {
			got[i] = p.String()
		}
		if len(got) != 1 || got[0] != tt.want && !strings.HasPrefix(got[0], strings.TrimSuffix(tt.want, "unexpected EOF")) {
			t.Errorf("%q:\n got %q\nwant %q", tt.mapping, got, tt.want)
		}
	}
}

// TestPaths follows what RFC 9535 says of the parts that are known here.
func TestPaths(t *testing.T) {
	payload := `{"store":{"book":[{"title":"A","price":8,"tags":["x"]},{"title":"B","price":9.5},{"title":"C","isbn":"1"}],"bike":{"color":"red"}},"user-id":5,"ü":"ok","list":[0,1,2,3]}`
	for path, want := range map[string]string{
		"$.store.book[0].title": "A", "$.store.book[-1].title": "C", "$.store.book[5].title": "", "$['user-id']": "5", `$["store"]['bike'].color`: "red",
		"$.store.book[*].title": "A, B, C", "$.store.book[1:].title": "B, C", "$.list[1:-1]": "1, 2", "$..title": "A, B, C", "$..color": "red",
		"$.store.book[?@.price == 9.5].title": "B", "$.store.book[?(@.isbn)].title": "C", "$.store.book[?@.title != 'A'].title": "B, C",
		"$.store.book[?@.tags[0] == 'x'].title": "A", "$.ü": "ok", "$.gone.deeper": "", "$.store.*.color": "red", "$.store.book[?@.gone == null].title": "A, B, C",
		`either($.gone, $.ü) + "!"`: "ok!", `len($.store.book) > 2 ? "many" : "few"`: "many", `$.list[0] == 0 and "$.ü" != '@.x'`: "true",
		`join(map($.store.book, .title), "/")`: "A/B/C", `headers["x-kind"] + text($.gone)`: "test", `upper($.store.book[0].title)`: "A",
		`$.store.book[0].price * 2 + 1`: "17", `split("a,b", ",")[1]`: "b", `date($.gone ?? "2026-01-02").Format("2006")`: "2026",
	} {
		d := post(payload)
		d.Header.Set("X-Kind", "test")
		p, problems := webhook.Try("kind = message\ntitle = "+path, d)
		got := ""
		for _, v := range p.Facts[:min(1, len(p.Facts))] {
			for _, x := range v.Values {
				if x.Name == "title" {
					got = x.Text
				}
			}
		}
		if len(problems) > 0 || got != want {
			t.Errorf("%s: got %q %v, want %q", path, got, problems, want)
		}
	}
}

// TestBodies reads forms as well as JSON.
func TestBodies(t *testing.T) {
	form := post("id=7&text=Hello+you&tag=a&tag=b&payload=%7B%22x%22%3A%7B%22y%22%3A1%7D%7D")
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	parts := post("--B\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n7\r\n--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nHello you\r\n--B--\r\n")
	parts.Header.Set("Content-Type", "multipart/form-data; boundary=B")
	query := connector.Delivery{Method: http.MethodGet, Query: url.Values{"id": {"7"}, "text": {"Hello you"}, "key": {secret}}, ReceivedAt: received}
	for name, d := range map[string]connector.Delivery{"form": form, "parts": parts, "query": query, "JSON": post(`{"id":7,"text":"Hello you"}`)} {
		p, problems := webhook.Try("kind = message\nexternal_id = $.id\nbody = $.text", d)
		if len(problems) > 0 || len(p.Facts) != 1 || p.Facts[0].Values[0].Text != "7" || p.Facts[0].Values[2].Text != "Hello you" || strings.Contains(p.Payload, secret) {
			t.Errorf("%s: %v %v", name, p, problems)
		}
	}
	p, _ := webhook.Try("kind = message\nexternal_id = $.payload.x.y\nbody = $.tag", form)
	if p.Facts[0].Values[0].Text != "1" || p.Facts[0].Values[2].Text != "a\nb" {
		t.Errorf("of JSON inside of a form came %v", p.Facts)
	}
}

// TestSignatures takes what senders sign, in the ways they do.
func TestSignatures(t *testing.T) {
	body := `{"id":1}`
	sum := func(message string) []byte {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(message))
		return mac.Sum(nil)
	}
	at := strconv.FormatInt(received.Unix(), 10)
	old := strconv.FormatInt(received.Add(-time.Hour).Unix(), 10)
	for header, want := range map[string]greenroom.Code{
		"sha256=" + base64.StdEncoding.EncodeToString(sum(body)):          "", // Typeform
		base64.StdEncoding.EncodeToString(sum(body)):                      "", // Tally
		hex.EncodeToString(sum(body)):                                     "", // Cal.com
		"sha256=" + hex.EncodeToString(sum(body)):                         "", // as GitHub
		"t=" + at + ",v1=" + hex.EncodeToString(sum(at+"."+body)):         "", // Calendly
		"t=" + at + ", v1=00, v1=" + hex.EncodeToString(sum(at+"."+body)): "",
		"t=" + old + ",v1=" + hex.EncodeToString(sum(old+"."+body)):       greenroom.CodeForbidden,
		"t=x,v1=" + hex.EncodeToString(sum(body)):                         greenroom.CodeForbidden,
		"sha256=" + hex.EncodeToString(sum(body+" ")):                     greenroom.CodeForbidden,
		"":     greenroom.CodeForbidden,
		secret: greenroom.CodeForbidden,
	} {
		src, err := webhook.New(connectortest.LiveEnv(t), connector.Values{"secret": secret, "signature-header": "X-Sign", "mapping": "kind = message"})
		if err != nil {
			t.Fatal(err)
		}
		d := post(body)
		d.Header.Set("X-Sign", header)
		if _, err := src.(connector.Receiver).Verify(&d); greenroom.ErrorCode(err) != want { //nolint:errcheck // the compiler has checked it
			t.Errorf("%q: got %v, want code %q", header, err, want)
		}
	}
}

// TestAnswers takes what is there to test an address, and keeps two payloads without ids apart.
func TestAnswers(t *testing.T) {
	src, err := webhook.New(connectortest.LiveEnv(t), connector.Values{"secret": secret, "mapping": "kind = usage\nauthor.email = $.email"})
	if err != nil {
		t.Fatal(err)
	}
	r := src.(connector.Receiver) //nolint:errcheck // the compiler has checked it
	challenge := post(`{"challenge":"abc"}`)
	reply, err := r.Verify(&challenge)
	if err != nil || !reply.Drop || string(reply.Body) != `{"challenge":"abc"}` {
		t.Errorf("a challenge is answered %+v, %v", reply, err)
	}
	empty := post("")
	if reply, err = r.Verify(&empty); err != nil || !reply.Drop {
		t.Errorf("an empty request is answered %+v, %v", reply, err)
	}
	one, two := post(`{"email":"ada@example.com"}`), post(`{"email":"ada@example.com"}`)
	two.ReceivedAt = received.Add(time.Hour)
	ids := make(map[string]bool)
	out := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
		for i := range b.Activities {
			ids[b.Activities[i].ExternalID] = true
		}
		return nil
	})
	for _, d := range []connector.Delivery{one, two, one} {
		if reply, err := r.Verify(&d); err != nil || reply.ID != "" {
			t.Errorf("answered %+v, %v", reply, err)
		}
		if err := r.Receive(t.Context(), &d, out); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Flush(); err != nil || len(ids) != 2 {
		t.Errorf("%d activities, want 2; %v", len(ids), err)
	}
}

// TestExamples tries the ready-made mappings on payloads as their senders document them.
func TestExamples(t *testing.T) {
	payloads := map[string]string{
		"Typeform": `{"event_id":"e1","event_type":"form_response","form_response":{"form_id":"f1","token":"tok1","submitted_at":"2026-11-18T18:17:02Z","hidden":{"name":"Ada"},
			"definition":{"id":"f1","title":"How was the meetup?"},"answers":[{"type":"text","text":"Very good","field":{"id":"1","type":"long_text"}},{"type":"number","number":9,"field":{"id":"2"}},
			{"type":"email","email":"ada@example.com","field":{"id":"3","type":"email"}},{"type":"text","text":"More of it","field":{"id":"4"}}]}}`,
		"Tally": `{"eventId":"e1","eventType":"FORM_RESPONSE","createdAt":"2026-11-18T18:17:02.000Z","data":{"responseId":"r1","submissionId":"r1","respondentId":"p1","formId":"f1","formName":"Feedback",
			"createdAt":"2026-11-18T18:17:01.000Z","fields":[{"key":"q1","label":"Mail","type":"INPUT_EMAIL","value":"ada@example.com"},{"key":"q2","label":"More","type":"TEXTAREA","value":"Very good"}]}}`,
		"Calendly": `{"event":"invitee.created","created_at":"2026-11-18T18:17:02.000000Z","payload":{"uri":"https://api.calendly.com/scheduled_events/A/invitees/B","email":"ada@example.com","name":"Ada Lovelace",
			"timezone":"Europe/Berlin","updated_at":"2026-11-18T18:17:02.000000Z","scheduled_event":{"uri":"https://api.calendly.com/scheduled_events/A","name":"Office hour","start_time":"2026-11-24T09:00:00.000000Z"}}}`,
		"Cal.com":             `{"triggerEvent":"BOOKING_CREATED","createdAt":"2026-11-18T18:17:02.000Z","payload":{"uid":"u1","title":"Office hour","startTime":"2026-11-24T09:00:00Z","attendees":[{"email":"ada@example.com","name":"Ada Lovelace","timeZone":"Europe/Berlin"}]}}`,
		"Zapier, Make or n8n": `{"id":"1","when":"2026-11-18T18:17:02Z","text":"<b>Hello</b>","email":"ada@example.com","name":"Ada"}`,
		"A list of events":    `{"items":[{"id":1,"type":"reply","created_at":1763489822,"text":"Yes","user":{"id":7,"name":"Ada"}},{"id":2,"type":"test"}]}`,
	}
	want := map[string]string{
		"Typeform":            "survey_answer external_id=tok1 occurred_at=2026-11-18T18:17:02Z author=ada@example.com channel=f1 title=How was the meetup? body=Very good\nMore of it",
		"Tally":               "survey_answer external_id=r1 occurred_at=2026-11-18T18:17:01Z author=ada@example.com channel=f1 title=Feedback body=Very good",
		"Calendly":            "attendance external_id=https://api.calendly.com/scheduled_events/A/invitees/B occurred_at=2026-11-24T09:00:00Z edited_at=2026-11-18T18:17:02Z author=ada@example.com title=Office hour",
		"Cal.com":             "attendance external_id=u1 occurred_at=2026-11-24T09:00:00Z edited_at=2026-11-18T18:17:02Z author=ada@example.com title=Office hour",
		"Zapier, Make or n8n": "message external_id=1 occurred_at=2026-11-18T18:17:02Z author=ada@example.com body=Hello",
		"A list of events":    "reply external_id=1 occurred_at=2025-11-18T18:17:02Z author=7 body=Yes",
	}
	for _, e := range webhook.Examples() {
		d := post(payloads[e.Sender])
		p, problems := webhook.Try(e.Mapping, d)
		if got := lines(p); len(problems) > 0 || len(got) == 0 || got[0] != want[e.Sender] {
			t.Errorf("%s: %v\n got %v\nwant %s", e.Sender, problems, got, want[e.Sender])
		}
		if s, ok := webhook.Suggest(d); e.Sender != "Zapier, Make or n8n" && (!ok || s.Sender != e.Sender) {
			t.Errorf("for a payload of %s is suggested %q", e.Sender, s.Sender)
		}
	}
	if p, problems := webhook.Try(webhook.Spec().Options[0].Default, post(`{"id":1,"text":"Hello","email":"ada@example.com"}`)); len(problems) > 0 || len(p.Facts) != 2 {
		t.Errorf("the default mapping gives %v %v", p, problems)
	}
}

func FuzzTry(f *testing.F) {
	f.Add(ticketMapping, message("message.created", "2026-11-19T08:00:00Z", "x"))
	for _, e := range webhook.Examples() {
		f.Add(e.Mapping, `{"items":[{"id":1,"type":"reply"}],"form_response":{"answers":[{"type":"email"}]}}`)
	}
	f.Add("kind = $..a[?(@.b=='c')][-1:2]['d']\ntitle = \"", `[[[{"a":{"b":"c"}}]]]`)
	f.Fuzz(func(t *testing.T, mapping, payload string) {
		if strings.Contains(mapping, "repeat") || strings.Contains(mapping, "..") && strings.Count(mapping, "map") > 2 {
			return // takes long, and is a person's own doing
		}
		p, problems := webhook.Try(mapping, post(payload))
		for _, f := range p.Facts {
			for _, v := range f.Values {
				if strings.ContainsRune(v.Text, 0) {
					t.Errorf("not clean: %q", v)
				}
			}
		}
		for _, x := range problems {
			if x.Text == "" {
				t.Error("a problem without a text")
			}
		}
	})
}

func FuzzReceive(f *testing.F) {
	f.Add("application/json", message("message.created", "2026-11-19T08:00:00Z", "x"))
	f.Add("application/x-www-form-urlencoded", "a=b&c=%7B%7D")
	f.Add("multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n7\r\n--B--\r\n")
	src, err := webhook.New(connector.Env{Now: connectortest.Now}, connector.Values{"secret": secret, "mapping": ticketMapping})
	if err != nil {
		f.Fatal(err)
	}
	r := src.(connector.Receiver) //nolint:errcheck // the compiler has checked it
	f.Fuzz(func(t *testing.T, kind, body string) {
		d := post(body)
		d.Header.Set("Content-Type", kind)
		_, _ = r.Verify(&d)
		out := connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
		if err := r.Receive(t.Context(), &d, out); err != nil {
			t.Error(err)
		}
		if err := out.Flush(); err != nil {
			t.Error(err)
		}
	})
}

func BenchmarkReceive(b *testing.B) {
	src, err := webhook.New(connector.Env{Now: connectortest.Now}, connector.Values{"secret": secret, "mapping": ticketMapping})
	if err != nil {
		b.Fatal(err)
	}
	r := src.(connector.Receiver) //nolint:errcheck // the compiler has checked it
	d := post(message("message.created", "2026-11-19T08:00:00Z", "Hello"))
	for b.Loop() {
		out := connector.NewSink(b.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
		if err := r.Receive(b.Context(), &d, out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(4*float64(b.N)/b.Elapsed().Seconds(), "facts/s")
}
