// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/retryafter"
)

// Answer is what a platform answered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Path   string // that was asked for, without its query
}

// NotModified reports whether the answer says that what the request's ETag stands for has not changed.
func (a *Answer) NotModified() bool { return a.Status == http.StatusNotModified }

// Link is the address that the Link header gives for a relation, e.g. "next"; "" where it gives none.
func (a *Answer) Link(rel string) string {
	for _, header := range a.Header.Values("Link") {
		for header != "" {
			var target, params string
			target, params, header = nextLink(header)
			if target != "" && hasRel(params, rel) {
				return target
			}
		}
	}
	return ""
}

// nextLink cuts the first link off a Link header: its address, which may hold commas, and its parameters, in which commas
// part links unless they are quoted.
func nextLink(header string) (target, params, rest string) {
	_, header, ok := strings.Cut(header, "<")
	if !ok {
		return "", "", ""
	}
	target, header, ok = strings.Cut(header, ">")
	if !ok {
		return "", "", ""
	}
	quoted := false
	for i := range len(header) {
		switch {
		case header[i] == '"':
			quoted = !quoted
		case header[i] == ',' && !quoted:
			return target, header[:i], header[i+1:]
		}
	}
	return target, header, ""
}

// hasRel reports whether a link's parameters name a relation, alone or among others.
func hasRel(params, rel string) bool {
	for param := range strings.SplitSeq(params, ";") {
		name, value, ok := strings.Cut(strings.TrimSpace(param), "=")
		if ok && strings.EqualFold(name, "rel") && slices.Contains(strings.Fields(strings.Trim(value, `"`)), rel) {
			return true
		}
	}
	return false
}

// StatusError is an answer that refuses. It is the cause of the greenroom.Error that Do returns.
type StatusError struct {
	Platform string
	Status   int
	Path     string
	Says     string // what the platform says, cut to a line; "" where it says nothing readable
}

func (e *StatusError) Error() string {
	text := fmt.Sprintf("%s answered %d %s to %s", e.Platform, e.Status, http.StatusText(e.Status), e.Path)
	if e.Says != "" {
		text += ": " + e.Says
	}
	return text
}

// Status is the HTTP status of a refusal; 0 where err is none.
func Status(err error) int {
	var s *StatusError
	if errors.As(err, &s) {
		return s.Status
	}
	return 0
}

// Gone reports whether a platform says that what was asked for is not there: deleted, turned off, or hidden so well that
// it cannot be told from that.
func Gone(err error) bool {
	switch Status(err) {
	case http.StatusNotFound, http.StatusGone, http.StatusUnavailableForLegalReasons:
		return true
	}
	return false
}

// Refused reports whether a platform says that this credential may not have what was asked for, while it may have other
// things.
func Refused(err error) bool { return Status(err) == http.StatusForbidden }

// Limit is a platform's word that it was asked too much. Config.Refuse returns one for platforms that say so in ways of
// their own.
type Limit struct { //nolint:errname // what a platform says, which happens to be an error
	Wait time.Duration // 0 = not told
	Why  string        // e.g. "the daily quota is used up"; "" = the limit of requests
}

// WaitFor is how long to leave the platform alone; whoever schedules reads looks for it.
func (l *Limit) WaitFor() time.Duration { return l.Wait }

func (l *Limit) Error() string { return "the platform's limit is reached" }

// ErrAgain is what Config.Refuse returns for an error that passes, such as Slack's internal_error.
var ErrAgain = errors.New("the platform failed for the moment")

// againError is an error that may be gone the next time.
type againError struct {
	wait time.Duration
	err  error
}

func (e *againError) Error() string {
	if e.err == nil {
		return "it may work the next time"
	}
	return "it may work the next time: " + e.err.Error()
}

func (e *againError) Unwrap() error { return e.err }

const keptSafe = "nothing was lost, the next sync goes on from here"

func (c *Client) again(cause error, format string, args ...any) error {
	return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: fmt.Sprintf(format, args...) + "; " + keptSafe, Err: &againError{err: cause}}
}

// limited says how long to wait for a limit: as long as the platform says, in whatever way it does.
func (c *Client) limited(ans *Answer, limit *Limit) error {
	l := *limit
	if l.Wait <= 0 {
		l.Wait = c.asks(ans.Header)
	}
	if l.Wait > 0 {
		l.Wait += time.Second // clocks differ
	}
	why := l.Why
	if why == "" {
		why = "the limit of requests is used up"
	}
	when := ""
	if l.Wait > 0 {
		when = " until " + c.Env.Now().Add(l.Wait).UTC().Format("2006-01-02 15:04 UTC")
	}
	return &greenroom.Error{Code: greenroom.CodeLimited, Message: c.Name + ": " + why + when + "; " + keptSafe, Err: &l}
}

// asks reads for how long a platform wants to be left alone. 0 = it does not say.
func (c *Client) asks(h http.Header) time.Duration {
	if wait, said := retryafter.Read(h, c.Env.Now()); said {
		return wait
	}
	for _, b := range readBudgets(h, c.Env.Now()) {
		if b.Remaining <= 0 && b.ResetAt.After(c.Env.Now()) {
			return b.ResetAt.Sub(c.Env.Now())
		}
	}
	return 0
}

// refusal turns an answer that is none into an error.
func (c *Client) refusal(ans *Answer) error {
	cause := &StatusError{Platform: c.Name, Status: ans.Status, Path: ans.Path, Says: says(ans.Body)}
	fail := func(code greenroom.Code, format string, args ...any) error {
		message := fmt.Sprintf(format, args...)
		if cause.Says != "" {
			message += fmt.Sprintf(" (%s says: %s)", c.Name, cause.Says)
		}
		return &greenroom.Error{Code: code, Message: message, Err: cause}
	}
	switch code := ans.Status; {
	case code == http.StatusUnauthorized:
		return fail(greenroom.CodeUnauthorized, "%s refuses the %s; make a new one and enter it in the settings of the source", c.Name, c.Token)
	case code == http.StatusForbidden:
		return fail(greenroom.CodeForbidden, "%s does not allow reading %s with this %s", c.Name, ans.Path, c.Token)
	case code == http.StatusNotFound, code == http.StatusGone, code == http.StatusUnavailableForLegalReasons:
		return fail(greenroom.CodeNotFound, "%s has nothing at %s", c.Name, ans.Path)
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code >= http.StatusInternalServerError:
		return &greenroom.Error{
			Code: greenroom.CodeUnavailable, Message: fmt.Sprintf("%s answers with error %d; %s", c.Name, code, keptSafe),
			Err: &againError{wait: c.asks(ans.Header), err: cause},
		}
	case code >= 300 && code < 400:
		return fail(greenroom.CodeInvalid, "%s sends %s elsewhere; check the address", c.Name, ans.Path)
	default:
		return fail(greenroom.CodeInvalid, "%s answers %s with error %d", c.Name, ans.Path, code)
	}
}

// says finds what a platform says in the body of a refusal: the usual names of a message, or nothing.
func says(body []byte) string {
	var b struct {
		Message any `json:"message"`
		Error   any `json:"error"`
		Desc    any `json:"error_description"`
		Detail  any `json:"detail"`
		Errors  any `json:"errors"`
	}
	if Unmarshal(body, &b) != nil {
		var list []any // Salesforce gives a list of errors
		if Unmarshal(body, &list) != nil {
			return ""
		}
		return sentence(list)
	}
	for _, v := range []any{b.Message, b.Desc, b.Detail, b.Error, b.Errors} {
		if text := sentence(v); text != "" {
			return text
		}
	}
	return ""
}

// sentence is a message as text: the text itself, or that of the first object or entry in it.
func sentence(v any) string {
	switch v := v.(type) {
	case string:
		line, _, _ := strings.Cut(strings.TrimSpace(v), "\n")
		if len(line) > 300 {
			line = strings.ToValidUTF8(line[:300], "") + "…"
		}
		return line
	case map[string]any:
		for _, name := range []string{"message", "detail", "title", "description"} {
			if text := sentence(v[name]); text != "" {
				return text
			}
		}
	case []any:
		if len(v) > 0 {
			return sentence(v[0])
		}
	}
	return ""
}
