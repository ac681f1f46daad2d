// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bounce_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/bounce"
)

// report is a message of a mail server with the given fields for each address.
func report(fields, original string) string {
	return strings.ReplaceAll(`From: Mail Delivery System <mailer-daemon@mx.example.net>
To: team@example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

I could not deliver your message.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: Sun, 22 Nov 2026 10:00:00 +0000

`+fields+`
--b1
Content-Type: text/rfc822-headers

`+original+`
--b1--
`, "\n", "\r\n")
}

func TestParse(t *testing.T) {
	for name, c := range map[string]struct {
		message string
		want    *bounce.Report
	}{
		"unknown user": {
			report("Final-Recipient: rfc822; Ana@Example.com\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no\n such user\n", "Message-ID: <m1@greenroom>\nSubject: Welcome\n"),
			&bounce.Report{MessageID: "m1@greenroom", Recipients: []bounce.Recipient{{Address: "ana@example.com", Permanent: true, Status: "5.1.1", Reason: "550 5.1.1 no such user"}}},
		},
		"two addresses, one of which was rewritten on the way": {
			report("Final-Recipient: rfc822; x@inner.example\nOriginal-Recipient: rfc822; ana@example.com\nAction: failed\nStatus: 5.0.0\n\nFinal-Recipient: rfc822; ben@example.com\nAction: delivered\nStatus: 2.0.0\n", "Message-ID: <m2@greenroom>\n"),
			&bounce.Report{MessageID: "m2@greenroom", Recipients: []bounce.Recipient{{Address: "ana@example.com", Permanent: true, Status: "5.0.0"}}},
		},
		"full, and let in another day": {
			report("Final-Recipient: rfc822; ana@example.com\nAction: failed\nStatus: 5.2.2\n\nFinal-Recipient: rfc822; ben@example.com\nAction: failed\nStatus: 5.7.26\n\nFinal-Recipient: rfc822; cleo@example.com\nAction: delayed\nStatus: 4.4.1\n", ""),
			&bounce.Report{Recipients: []bounce.Recipient{{Address: "ana@example.com", Status: "5.2.2"}, {Address: "ben@example.com", Status: "5.7.26"}, {Address: "cleo@example.com", Status: "4.4.1"}}},
		},
		"by header": {
			"X-Failed-Recipients: ana@example.com, Ben <ben@example.com>\r\nSubject: failed\r\n\r\nSorry.\r\n",
			&bounce.Report{Recipients: []bounce.Recipient{
				{Address: "ana@example.com", Permanent: true, Reason: "the mail server says that it could not be delivered"},
				{Address: "ben@example.com", Permanent: true, Reason: "the mail server says that it could not be delivered"},
			}},
		},
		"vacation":       {"From: ana@example.com\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n", nil},
		"delivered":      {report("Final-Recipient: rfc822; ana@example.com\nAction: delivered\nStatus: 2.0.0\n", ""), nil},
		"without fields": {report("", ""), nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := bounce.Parse(strings.NewReader(c.message))
			if c.want == nil {
				if !errors.Is(err, bounce.ErrNoReport) {
					t.Fatalf("got %+v, %v; want that it is no report", got, err)
				}
				return
			}
			if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
	if _, err := bounce.Parse(strings.NewReader("no message")); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("of what is no message: %v", err)
	}
}

// Whatever comes in, the addresses of a report are addresses, and their number has a limit.
func FuzzParse(f *testing.F) {
	f.Add(report("Final-Recipient: rfc822; ana@example.com\nAction: failed\nStatus: 5.1.1\n", "Message-ID: <m1@greenroom>\n"))
	f.Add("X-Failed-Recipients: ana@example.com\r\n\r\n")
	f.Add("Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\nQWN0aW9u\r\n--b--")
	f.Fuzz(func(t *testing.T, message string) {
		r, err := bounce.Parse(strings.NewReader(message))
		if err != nil {
			return
		}
		if len(r.Recipients) == 0 || len(r.Recipients) > 100 {
			t.Errorf("%d addresses", len(r.Recipients))
		}
		for _, to := range r.Recipients {
			if !strings.Contains(to.Address, "@") || strings.ContainsAny(to.Address, "\r\n") {
				t.Errorf("address %q", to.Address)
			}
		}
	})
}

// An answer names the mail that it answers; what a machine wrote is none.
func TestParseReply(t *testing.T) {
	const named = "In-Reply-To: <m2@greenroom>\r\nReferences: <m1@greenroom>\r\n <m2@greenroom>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0100\r\n"
	r, err := bounce.ParseReply(strings.NewReader("From: Ana <ana@example.com>\r\n" + named + "\r\nThank you!"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"m2@greenroom", "m1@greenroom", "m2@greenroom"}, r.To); diff != "" || r.At.UTC().Hour() != 9 {
		t.Errorf("answers, at %s (-want +got):\n%s", r.At, diff)
	}
	for name, head := range map[string]string{
		"a vacation": named + "Auto-Submitted: auto-replied\r\n", "a list": named + "List-Id: <users.example.org>\r\n", "a machine": named + "Return-Path: <>\r\n",
		"an older machine": named + "Precedence: auto_reply\r\n", "a new letter": "Subject: Hello\r\n",
	} {
		if _, err := bounce.ParseReply(strings.NewReader("From: Ana <ana@example.com>\r\n" + head + "\r\nHello")); !errors.Is(err, bounce.ErrNoReport) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := bounce.ParseReply(strings.NewReader("no message")); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("of what is no message: %v", err)
	}
}

// Whatever comes in, what an answer names looks like a Message-ID, and their number has a limit.
func FuzzParseReply(f *testing.F) {
	f.Add("In-Reply-To: <m2@greenroom>\r\n\r\n")
	f.Add("References: <a@b>,<c@d>\r\n\te@f\r\nDate: yesterday\r\n\r\n")
	f.Fuzz(func(t *testing.T, message string) {
		r, err := bounce.ParseReply(strings.NewReader(message))
		if err != nil {
			return
		}
		if len(r.To) == 0 || len(r.To) > 100 {
			t.Errorf("it answers %d messages", len(r.To))
		}
		for _, id := range r.To {
			if !strings.Contains(id, "@") || strings.ContainsAny(id, " <>\r\n") {
				t.Errorf("it answers %q", id)
			}
		}
	})
}
