// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/retryafter"
)

// Poster sends requests; *http.Client does, the guarded one of package fetch in a server.
type Poster interface {
	Do(r *http.Request) (*http.Response, error)
}

// answer is what a platform said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// Sizes of what is read of an answer.
const (
	maxAnswer  = 64 << 10
	maxExcerpt = 200
)

// limitedError is a platform's wish to be left alone for a while.
type limitedError struct {
	error

	wait time.Duration
}

// WaitFor is how long.
func (l limitedError) WaitFor() time.Duration { return l.wait }

// Unwrap gives what was said.
func (l limitedError) Unwrap() error { return l.error }

// post sends a body and sorts out what came of it. name is what the receiver is called for people; the address may be
// secret and is in no error.
func post(ctx context.Context, p Poster, r *http.Request, name string) (*answer, error) {
	res, err := p.Do(r.WithContext(ctx))
	if err != nil {
		return nil, notPosted(err, name)
	}
	defer res.Body.Close() // what was read is there
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil && res.StatusCode < http.StatusMultipleChoices {
		return nil, &outbox.UncertainError{Err: fmt.Errorf("reading what %s answered: %w", name, err)}
	}
	a := &answer{status: res.StatusCode, header: res.Header, body: body}
	switch {
	case a.status < http.StatusMultipleChoices:
		return a, nil
	case a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable && a.header.Get("Retry-After") != "":
		return a, &greenroom.Error{Code: greenroom.CodeLimited, Message: name + " asks to be left alone for a while", Err: limitedError{errors.New(res.Status), leftAlone(a.header)}}
	case a.status >= http.StatusInternalServerError || a.status == http.StatusRequestTimeout:
		// It may have done something before it failed.
		return a, &outbox.UncertainError{Err: greenroom.Errorf(greenroom.CodeUnavailable, "%s answered %d", name, a.status)}
	default:
		return a, greenroom.Errorf(greenroom.CodeInvalid, "%s refused it (%d %s)", name, a.status, excerpt(a.body))
	}
}

// notPosted tells failures to connect, after which nothing was sent, from others. The address is in neither.
func notPosted(err error, name string) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var dial *net.OpError
	var dns *net.DNSError
	switch {
	case greenroom.ErrorCode(err) == greenroom.CodeForbidden:
		return err
	case errors.As(err, &dns), errors.As(err, &dial) && dial.Op == "dial":
		return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: name + " cannot be reached", Err: err}
	default:
		return &outbox.UncertainError{Err: &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the connection to " + name + " broke", Err: err}}
	}
}

// longestWait is the longest that a receiver is left alone at its word. Who asks for more is asked again sooner.
const longestWait = 24 * time.Hour

// leftAlone is how long a receiver asks to be left alone; 0 = not said.
func leftAlone(h http.Header) time.Duration {
	wait, _ := retryafter.Read(h, time.Time{})
	return min(wait, longestWait)
}

func excerpt(body []byte) []byte {
	body = bytes.ToValidUTF8(bytes.TrimSpace(body), []byte("?"))
	if len(body) > maxExcerpt {
		body = append(bytes.ToValidUTF8(body[:maxExcerpt], nil), "…"...)
	}
	return body
}
