// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bounce

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"

	"greenroom"
)

// Report is what a mail server says of mail that it could not deliver.
type Report struct {
	MessageID  string      `json:"message_id"` // of the mail that came back, without angle brackets; "" = it does not say
	Recipients []Recipient `json:"recipients"`
}

// Recipient is one address, and what became of the mail to it.
type Recipient struct {
	Address   string `json:"address"`
	Permanent bool   `json:"permanent"`        // it is of no use to try again
	Status    string `json:"status,omitempty"` // RFC 3463, such as 5.1.1; "" = it does not say
	Reason    string `json:"reason"`           // in the server's words
}

// ErrNoReport says that a message is no report of a mail that came back: somebody's vacation, an answer, or a note that
// mail was delivered.
var ErrNoReport = errors.New("the message does not report mail that could not be delivered")

// Sizes of what is read.
const (
	maxPart       = 256 << 10
	maxRecipients = 100
	maxReason     = 500
)

// Parse reads a message as the report of a mail server (RFC 3464), or by the header X-Failed-Recipients, as Exim and Gmail
// write it. It returns ErrNoReport for other messages, and an error of CodeInvalid for what is no message.
func Parse(r io.Reader) (*Report, error) {
	m, err := mail.ReadMessage(bufio.NewReader(r))
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "expected a mail message, with headers, an empty line and a body", Err: err}
	}
	report := &Report{}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err == nil && kind == "multipart/report" && strings.EqualFold(params["report-type"], "delivery-status") {
		if err := report.parts(multipart.NewReader(m.Body, params["boundary"])); err != nil {
			return nil, err
		}
	}
	if len(report.Recipients) == 0 {
		report.failed(m.Header.Get("X-Failed-Recipients"))
	}
	if len(report.Recipients) == 0 {
		return nil, ErrNoReport
	}
	return report, nil
}

// parts reads the parts of a report: words for people, fields for machines, and what came back.
func (r *Report) parts(parts *multipart.Reader) error {
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the report's parts cannot be told apart", Err: err}
		}
		kind, _, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil {
			continue
		}
		body, err := io.ReadAll(io.LimitReader(decoded(p, p.Header.Get("Content-Transfer-Encoding")), maxPart))
		if err != nil && len(body) == 0 {
			return fmt.Errorf("reading a part of a report: %w", err)
		}
		switch kind {
		case "message/delivery-status", "message/global-delivery-status":
			r.fields(body)
		case "message/rfc822", "message/rfc822-headers", "text/rfc822-headers", "message/global", "message/global-headers":
			r.original(body)
		}
	}
}

// decoded undoes the encoding of a part.
func decoded(r io.Reader, encoding string) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		return quotedprintable.NewReader(r)
	}
	return r
}

// fields reads groups of fields: one for the report, and one for each address.
func (r *Report) fields(body []byte) {
	tp := textproto.NewReader(bufio.NewReader(bytes.NewReader(append(body, "\r\n\r\n"...))))
	for len(r.Recipients) < maxRecipients {
		h, err := tp.ReadMIMEHeader()
		if action := strings.ToLower(strings.TrimSpace(h.Get("Action"))); action == "failed" || action == "delayed" {
			to := address(h.Get("Original-Recipient"))
			if to == "" {
				to = address(h.Get("Final-Recipient"))
			}
			status := strings.TrimSpace(h.Get("Status"))
			if to != "" {
				r.Recipients = append(r.Recipients, Recipient{Address: to, Permanent: action == "failed" && permanent(status), Status: status, Reason: clip(typed(h.Get("Diagnostic-Code")))})
			}
		}
		if err != nil {
			return
		}
	}
}

// permanent tells what is for good from a full mailbox and the like, which servers report as failed after some days, too.
func permanent(status string) bool {
	switch {
	case status == "":
		return true
	case strings.HasPrefix(status, "4."):
		return false
	case status == "5.2.2" || status == "5.3.4" || strings.HasPrefix(status, "5.7."): // full; too large; not let in, which says nothing of the address
		return false
	}
	return true
}

// address is the address of a typed field, such as "rfc822; ana@example.com".
func address(field string) string {
	text := strings.TrimSpace(typed(field))
	a, err := mail.ParseAddress(text)
	if err != nil {
		return ""
	}
	return strings.ToLower(a.Address)
}

// typed is the value of a field that begins with its type.
func typed(field string) string {
	if _, value, ok := strings.Cut(field, ";"); ok {
		return strings.TrimSpace(value)
	}
	return strings.TrimSpace(field)
}

// original reads the id of the mail that came back.
func (r *Report) original(body []byte) {
	h, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(append(body, "\r\n\r\n"...)))).ReadMIMEHeader()
	if id := strings.Trim(strings.TrimSpace(h.Get("Message-Id")), "<>"); id != "" && r.MessageID == "" && (err == nil || len(h) > 0) {
		r.MessageID = id
	}
}

// failed reads the addresses of a header with commas between.
func (r *Report) failed(header string) {
	for part := range strings.SplitSeq(header, ",") {
		if to := address(part); to != "" && len(r.Recipients) < maxRecipients {
			r.Recipients = append(r.Recipients, Recipient{Address: to, Permanent: true, Reason: "the mail server says that it could not be delivered"})
		}
	}
}

func clip(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	if runes := []rune(text); len(runes) > maxReason {
		return string(runes[:maxReason-1]) + "…"
	}
	return text
}
