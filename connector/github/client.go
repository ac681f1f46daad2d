// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
)

// The limits of the client.
const (
	maxBody     = 64 << 20        // of one answer
	maxAttempts = 5               // for an answer that may be better next time
	maxWait     = 5 * time.Minute // a longer wait stops the read, which can go on later
)

// client asks GitHub, waits where GitHub wants that, and turns refusals into sentences.
type client struct {
	http  *http.Client
	base  string
	token string
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
	log   *slog.Logger
}

// errGone says that a list does not exist: the feature is turned off, or the object is gone.
var errGone = errors.New("GitHub has nothing there")

// answer is a page of GitHub's.
type answer struct {
	body  []byte
	links map[string]string // rel → address, from the Link header
}

const (
	acceptJSON = "application/vnd.github+json"
	acceptStar = "application/vnd.github.star+json" // stars with their times
)

// get asks for an address: a path below the base, or a whole address that GitHub gave as a link.
func (c *client) get(ctx context.Context, address, accept string) (answer, error) {
	if strings.HasPrefix(address, "/") {
		address = c.base + address
	}
	return c.ask(ctx, http.MethodGet, address, accept, nil)
}

// ask sends a request until there is an answer, a refusal or no hope.
func (c *client) ask(ctx context.Context, method, address, accept string, body []byte) (answer, error) {
	address, err := c.own(address)
	if err != nil {
		return answer{}, err
	}
	for attempt := 1; ; attempt++ {
		ans, wait, err := c.once(ctx, method, address, accept, body)
		if err == nil || wait < 0 || attempt == maxAttempts {
			return ans, err
		}
		if wait == 0 { // 1, 2, 4, 8 seconds, each spread by half
			wait = time.Second << (attempt - 1)
			wait = wait/2 + rand.N(wait) //nolint:gosec // spreading needs no secrecy
		}
		c.log.InfoContext(ctx, "waiting for GitHub", "seconds", int(wait.Seconds()), "why", err.Error())
		if err := c.sleep(ctx, wait); err != nil {
			return answer{}, err
		}
	}
}

// own brings an address to the host of the API, wherever a link leads: the token is for that host only. A proxy or a
// recording may link to GitHub itself.
func (c *client) own(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("following a link of GitHub: %w", err)
	}
	base, err := url.Parse(c.base)
	if err != nil {
		return "", fmt.Errorf("reading the address of the API: %w", err)
	}
	u.Scheme, u.Host, u.User = base.Scheme, base.Host, nil
	return u.String(), nil
}

// once sends one request. wait says what to do about an error: negative, give up; 0, try again soon; else, that long
// from now.
func (c *client) once(ctx context.Context, method, address, accept string, body []byte) (ans answer, wait time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return ans, -1, fmt.Errorf("asking GitHub: %w", err)
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("User-Agent", "greenroom")
	req.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return ans, -1, fmt.Errorf("asking GitHub was stopped: %w", ctx.Err())
		}
		return ans, 0, &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "GitHub cannot be reached; nothing was lost, start the same import again later", Err: err}
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	if err != nil || len(data) > maxBody {
		return ans, 0, &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "GitHub's answer broke off; nothing was lost, start the same import again later", Err: err}
	}
	if res.StatusCode == http.StatusOK {
		return answer{body: data, links: parseLinks(res.Header.Get("Link"))}, 0, nil
	}
	wait, err = c.refusal(res, data)
	return ans, wait, err
}

// refusal turns an answer that is none into an error.
func (c *client) refusal(res *http.Response, body []byte) (time.Duration, error) {
	switch code := res.StatusCode; {
	case code == http.StatusUnauthorized:
		return -1, greenroom.Errorf(greenroom.CodeInvalid, "GitHub refuses the token; make a new one and enter it in the settings of the source")
	case code == http.StatusTooManyRequests, code == http.StatusForbidden && isLimit(res, body):
		return c.limited(res)
	case code == http.StatusForbidden:
		return -1, greenroom.Errorf(greenroom.CodeForbidden, "GitHub does not allow reading %s with this token", res.Request.URL.Path)
	case code == http.StatusNotFound, code == http.StatusGone, code == http.StatusUnavailableForLegalReasons, code == http.StatusNoContent, code == http.StatusConflict:
		return -1, fmt.Errorf("%s answers %d: %w", res.Request.URL.Path, code, errGone)
	case code >= http.StatusInternalServerError:
		return 0, greenroom.Errorf(greenroom.CodeUnavailable, "GitHub answers with error %d; nothing was lost, start the same import again later", code)
	default:
		return -1, greenroom.Errorf(greenroom.CodeInvalid, "GitHub answers %s with error %d", res.Request.URL.Path, code)
	}
}

func isLimit(res *http.Response, body []byte) bool {
	return res.Header.Get("X-RateLimit-Remaining") == "0" || res.Header.Get("Retry-After") != "" ||
		bytes.Contains(bytes.ToLower(body), []byte("rate limit"))
}

// limited says how long to wait for a limit. GitHub gives seconds for the one against bursts and a time for the hourly
// one; where it gives neither it asks for a minute.
func (c *client) limited(res *http.Response) (time.Duration, error) {
	wait := time.Minute
	if s, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && s >= 0 {
		wait = time.Duration(s) * time.Second
	} else if at, err := strconv.ParseInt(res.Header.Get("X-RateLimit-Reset"), 10, 64); err == nil && res.Header.Get("X-RateLimit-Remaining") == "0" {
		wait = time.Unix(at, 0).Sub(c.now())
	}
	wait = max(wait, 0) + time.Second // clocks differ
	until := c.now().Add(wait).UTC().Format("15:04 UTC")
	advice := "start the same import again then; it goes on where it was"
	if c.token == "" {
		advice = "start the same import again then, or add a token, with which GitHub answers 5,000 requests an hour; it goes on where it was"
	}
	err := greenroom.Errorf(greenroom.CodeLimited, "GitHub's limit of requests is used up until %s; %s", until, advice)
	if wait > maxWait {
		return -1, err
	}
	return wait, err
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for GitHub was stopped: %w", ctx.Err())
	}
}

// parseLinks reads a Link header: <https://…?page=2>; rel="next", …
func parseLinks(header string) map[string]string {
	links := map[string]string{}
	for part := range strings.SplitSeq(header, ",") {
		target, params, ok := strings.Cut(strings.TrimSpace(part), ">")
		if !ok || !strings.HasPrefix(target, "<") {
			continue
		}
		for param := range strings.SplitSeq(params, ";") {
			if name, value, ok := strings.Cut(strings.TrimSpace(param), "="); ok && strings.EqualFold(name, "rel") {
				links[strings.Trim(value, `"`)] = target[1:]
			}
		}
	}
	return links
}
