// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discourse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector/internal/jsonfile"
)

const (
	attempts  = 6                // how often one request is tried
	longest   = 10 * time.Minute // a forum that wants a longer wait is asked again at the next sync
	maxAnswer = 64 << 20         // bytes
)

// client asks one forum, one request at a time, with a pause between two and longer ones where the forum wants it.
type client struct {
	http  *http.Client
	now   func() time.Time
	base  string
	pause time.Duration
	asked bool
}

func newClient(s *source) *client {
	return &client{http: s.env.HTTP, now: s.env.Now, base: s.base, pause: s.pause}
}

// statusError is an answer other than 200.
type statusError struct {
	status int
	path   string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("the forum answered %d %s to %s", e.status, http.StatusText(e.status), e.path)
}

// gone reports whether the forum says that what was asked for is not there, or not for visitors.
func gone(err error) bool {
	var s *statusError
	return errors.As(err, &s) && (s.status == http.StatusNotFound || s.status == http.StatusGone || s.status == http.StatusForbidden)
}

// get asks for a path and reads the answer into v. It tries again when the forum is busy.
func (c *client) get(ctx context.Context, path string, v any) error {
	var last error
	for try := range attempts {
		if c.asked {
			if err := pausing(ctx, c.pause); err != nil {
				return err
			}
		}
		c.asked = true
		body, wait, err := c.once(ctx, path, try)
		if err == nil {
			return c.decode(path, body, v)
		}
		if wait < 0 || ctx.Err() != nil {
			return c.explain(ctx, err)
		}
		last = err
		if wait > longest {
			break
		}
		if err := pausing(ctx, wait); err != nil {
			return err
		}
	}
	return &greenroom.Error{
		Code: greenroom.CodeUnavailable, Err: last,
		Message: "the forum " + c.base + " is busy or cannot be reached; what was read is kept, and the next sync goes on from there",
	}
}

// once asks once. wait is how long to wait before asking again, negative where that is of no use.
func (c *client) once(ctx context.Context, path string, try int) (body []byte, wait time.Duration, err error) {
	backoff := time.Second << try
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return nil, -1, fmt.Errorf("asking for %s: %w", path, err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "Greenroom")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, backoff, fmt.Errorf("asking for %s: %w", path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, backoff, fmt.Errorf("reading %s: %w", path, err)
	case len(body) > maxAnswer:
		return nil, -1, fmt.Errorf("the answer to %s is larger than %d MB", path, maxAnswer>>20)
	case resp.StatusCode == http.StatusOK:
		return body, 0, nil
	case resp.StatusCode == http.StatusTooManyRequests:
		return nil, c.asks(resp, body, backoff), &statusError{resp.StatusCode, path}
	case resp.StatusCode >= 500:
		return nil, c.asks(resp, nil, backoff), &statusError{resp.StatusCode, path}
	default:
		return nil, -1, &statusError{resp.StatusCode, path}
	}
}

// asks is how long the forum wants to be left alone: by its header, by its answer, else the given time.
func (c *client) asks(resp *http.Response, body []byte, otherwise time.Duration) time.Duration {
	header := resp.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(header); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, int(longest/time.Second)+1)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(c.now()))
	}
	var answer struct {
		Extras struct {
			WaitSeconds float64 `json:"wait_seconds"`
		} `json:"extras"`
	}
	if len(body) > 0 && jsonfile.Unmarshal(body, &answer) == nil && answer.Extras.WaitSeconds > 0 {
		return time.Duration(min(answer.Extras.WaitSeconds, longest.Seconds()+1) * float64(time.Second))
	}
	return otherwise
}

func (c *client) decode(path string, body []byte, v any) error {
	if err := jsonfile.Unmarshal(body, v); err != nil {
		return &greenroom.Error{
			Code: greenroom.CodeInvalid, Err: err,
			Message: c.base + path + " does not answer as a Discourse forum does; check the address",
		}
	}
	return nil
}

// explain turns an answer that ends the read into words for the user; that something is gone is left to the caller.
func (c *client) explain(ctx context.Context, err error) error {
	var s *statusError
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("reading the forum was stopped: %w", ctx.Err())
	case !errors.As(err, &s):
		return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the forum " + c.base + " cannot be read", Err: err}
	case s.status == http.StatusForbidden || s.status == http.StatusUnauthorized:
		return &greenroom.Error{Code: greenroom.CodeForbidden, Message: "the forum " + c.base + " shows " + cutQuery(s.path) + " only to people who are signed in; save its answers and import them from a folder", Err: err}
	default:
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the forum " + c.base + " has no " + cutQuery(s.path) + "; check that the address is that of a Discourse forum", Err: err}
	}
}

func cutQuery(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}
