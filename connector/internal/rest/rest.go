// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rest is the one HTTP client of all connectors: it asks a platform, keeps to what the platform allows, tries
// again what may be better next time, and turns refusals into sentences that say what to do.
//
// # What is tried again
//
// A request is sent up to Config.Attempts times: when the connection fails or breaks off, when the answer is cut short or
// is no JSON where JSON was asked for, on 408, 425 and 5xx, and on a limit (429, and what Config.Refuse says is one).
// Between attempts it waits as long as the platform asks for (Retry-After, RateLimit-Reset and their relatives), else one
// second, then two, four and so on, each spread by half so that many clients do not come back at once. A platform that
// asks for more than Config.MaxWait ends the read with CodeLimited: the cursor stands, and the source is read again when
// the budget is back. That, and the growing distance at which a source that fails is tried again, is the circuit breaker:
// a platform that is down is asked a few times an hour, not in a loop.
//
// # What is kept to
//
// Every answer's headers are read for what is left of the platform's budgets (RateLimit-Remaining, X-RateLimit-*,
// X-HubSpot-*, and so on), which the source's page shows. A budget that is used up is waited for before the next request
// rather than after its refusal. Config.PerSecond paces requests below the published limit.
//
// # What is never done
//
// The credential goes to the host of Config.Base alone: links that a platform gives are followed there or refused. Neither
// the credential nor a body is logged. Redirects to other hosts are not followed with it.
package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/time/rate"

	"greenroom"
	"greenroom/connector"
)

// The limits of a client whose Config names none.
const (
	defaultAttempts = 6
	defaultMaxWait  = 5 * time.Minute
	defaultMaxBody  = 64 << 20
	maxRedirects    = 5
)

// Config says what a client asks and how.
type Config struct {
	Name string // of the platform, as it stands in messages, e.g. "GitHub"
	Base string // address that paths are below, without a slash at the end
	Env  connector.Env

	Header    http.Header                                   // sent with every request, e.g. Accept and a version
	Authorize func(context.Context, *http.Request) error    // puts the credential on; nil = none
	Renew     func(context.Context) (renewed bool, _ error) // after a 401, once a request: gets a fresh credential; nil = none can be had
	Token     string                                        // what the credential is called, for the message of a 401, e.g. "token"; "" = "credential"

	// Refuse reads a platform's own way of refusing: an answer with status 200 that holds an error, or a status that means
	// something else there. It returns nil where the usual reading is right, a *Limit to wait and ask again, ErrAgain to
	// ask again soon, or any other error, which is final.
	Refuse func(*Answer) error
	// Budgets reads what is left from headers that the usual reading does not know.
	Budgets func(http.Header, time.Time) []connector.Budget
	// Route names what has a budget of its own, by the path of a request, where the platform keeps one for each route and
	// says when it is full in seconds from now. Nil = all requests share one.
	Route func(path string) string

	PerSecond float64       // requests a second at most; 0 = not paced
	Burst     int           // how many may be sent at once when paced; 0 = 1
	Attempts  int           // how often one request is sent at most; 0 = 6
	MaxWait   time.Duration // a longer wait ends the read; 0 = 5 minutes
	MaxBody   int64         // bytes of an answer; 0 = 64 MiB
	PlainText bool          // answers need not be JSON
}

// Client asks one platform. It is safe for several goroutines.
type Client struct {
	Config

	pace  *rate.Limiter
	empty emptied
}

// New returns a client. It fails with CodeUnavailable where there is no network and CodeInvalid where Base is no address.
func New(c Config) (*Client, error) {
	if c.Env.HTTP == nil {
		return nil, greenroom.Errorf(greenroom.CodeUnavailable, "%s cannot be reached: this process has no access to the network", c.Name)
	}
	u, err := url.Parse(c.Base)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not the address of %s; expected something like https://example.org", c.Base, c.Name)
	}
	c.Base = strings.TrimSuffix(c.Base, "/")
	if c.Attempts == 0 {
		c.Attempts = defaultAttempts
	}
	if c.MaxWait == 0 {
		c.MaxWait = defaultMaxWait
	}
	if c.MaxBody == 0 {
		c.MaxBody = defaultMaxBody
	}
	if c.Token == "" {
		c.Token = "credential"
	}
	if c.Env.Sleep == nil {
		c.Env.Sleep = sleep
	}
	if c.Env.Log == nil {
		c.Env.Log = slog.New(slog.DiscardHandler)
	}
	c.Env.HTTP = stayAtHome(c.Env.HTTP, c.Authorize != nil)
	client := &Client{Config: c}
	if c.PerSecond > 0 {
		client.pace = rate.NewLimiter(rate.Limit(c.PerSecond), max(1, c.Burst))
	}
	return client, nil
}

// stayAtHome returns a client that follows redirects within a host only and not from https to http, where a credential is
// sent: net/http takes the Authorization header off for other hosts, but knows nothing of platforms' own ones.
func stayAtHome(h *http.Client, credential bool) *http.Client {
	if !credential {
		return h
	}
	mine, usual := *h, h.CheckRedirect
	mine.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if r.URL.Host != via[0].URL.Host || r.URL.Scheme != via[0].URL.Scheme && r.URL.Scheme != "https" {
			return http.ErrUseLastResponse
		}
		if usual != nil {
			return usual(r, via)
		}
		if len(via) >= maxRedirects {
			return errors.New("too many redirects")
		}
		return nil
	}
	return &mine
}

// Request is one request. The zero method is GET.
type Request struct {
	Method string
	Path   string // below Base, with a slash in front; or a whole address on Base's host that the platform gave as a link
	Query  url.Values
	Header http.Header
	Body   []byte
	Type   string // of the body; "" = application/json
	ETag   string // of the answer that is known: an unchanged one comes back as 304 and costs some platforms' budgets nothing
}

// Get asks for a path.
func (c *Client) Get(ctx context.Context, path string, query url.Values) (*Answer, error) {
	return c.Do(ctx, Request{Path: path, Query: query})
}

// Into asks for a path and decodes the answer into v.
func (c *Client) Into(ctx context.Context, path string, query url.Values, v any) (*Answer, error) {
	ans, err := c.Get(ctx, path, query)
	if err != nil {
		return nil, err
	}
	return ans, c.Decode(ans, v)
}

// Post sends v as JSON and decodes the answer into out; a nil out takes none.
func (c *Client) Post(ctx context.Context, path string, v, out any) (*Answer, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encoding a request to %s: %w", c.Name, err)
	}
	ans, err := c.Do(ctx, Request{Method: http.MethodPost, Path: path, Body: body})
	if err != nil || out == nil {
		return ans, err
	}
	return ans, c.Decode(ans, out)
}

// Do sends a request until there is an answer with a status below 400, or 304 to an ETag, a refusal or no hope.
func (c *Client) Do(ctx context.Context, r Request) (*Answer, error) {
	address, err := c.address(&r)
	if err != nil {
		return nil, err
	}
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.Multiplier, pause.MaxInterval = time.Second, 2, time.Minute
	path, renewed := "", false
	if u, err := url.Parse(address); err == nil {
		path = u.Path
	}
	for attempt := 1; ; attempt++ {
		if err := c.await(ctx, path); err != nil {
			return nil, err
		}
		c.Env.Meter.Request(attempt > 1)
		ans, err := c.once(ctx, address, &r)
		if err == nil {
			return ans, nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("asking %s was stopped: %w", c.Name, ctx.Err())
		}
		var status *StatusError
		if c.Renew != nil && !renewed && errors.As(err, &status) && status.Status == http.StatusUnauthorized {
			if renewed, err = c.renew(ctx, err); renewed {
				continue
			}
			return nil, err
		}
		wait, final := c.wait(err, pause)
		if final || attempt >= c.Attempts {
			return nil, err
		}
		c.Env.Log.InfoContext(ctx, "waiting to ask again", "platform", c.Name, "seconds", int(wait.Seconds()), "why", greenroom.ErrorMessage(err))
		if err := c.sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

func (c *Client) renew(ctx context.Context, refused error) (bool, error) {
	ok, err := c.Renew(ctx)
	if err != nil {
		return false, err
	}
	if !ok {
		return false, refused
	}
	return true, nil
}

// wait says how long to wait before the request is sent again, or that this is of no use.
func (c *Client) wait(err error, pause *backoff.ExponentialBackOff) (_ time.Duration, final bool) {
	var limit *Limit
	if errors.As(err, &limit) {
		wait := limit.Wait
		if wait <= 0 {
			wait = pause.NextBackOff()
		}
		return wait, wait > c.MaxWait
	}
	var again *againError
	if !errors.As(err, &again) {
		return 0, true
	}
	if again.wait > 0 {
		return again.wait, again.wait > c.MaxWait
	}
	return pause.NextBackOff(), false
}

// address is the whole address of a request. One that the platform gave as a link is brought to the host of the API,
// because the credential is for that host only: a proxy or a recording may link to the platform itself.
func (c *Client) address(r *Request) (string, error) {
	text := r.Path
	if strings.HasPrefix(text, "/") || text == "" {
		text = c.Base + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" {
		return "", &greenroom.Error{Code: greenroom.CodeInvalid, Message: c.Name + " gave a link that is no address", Err: err}
	}
	base, err := url.Parse(c.Base)
	if err != nil {
		return "", fmt.Errorf("reading the address of %s: %w", c.Name, err)
	}
	u.Scheme, u.Host, u.User = base.Scheme, base.Host, base.User
	if len(r.Query) > 0 {
		q := u.Query()
		for name, values := range r.Query {
			q[name] = values
		}
		u.RawQuery = q.Encode()
	}
	return u.String(), nil
}

// once sends a request one time.
func (c *Client) once(ctx context.Context, address string, r *Request) (*Answer, error) {
	method := r.Method
	if method == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(r.Body))
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", c.Name, err)
	}
	c.head(req, r)
	if c.Authorize != nil {
		if err := c.Authorize(ctx, req); err != nil {
			return nil, err
		}
	}
	res, err := c.Env.HTTP.Do(req)
	if err != nil {
		if greenroom.ErrorCode(err) == greenroom.CodeForbidden { // the guard's word
			return nil, &greenroom.Error{Code: greenroom.CodeForbidden, Message: greenroom.ErrorMessage(err), Err: err}
		}
		return nil, c.again(err, "%s cannot be reached", c.Name)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, c.MaxBody+1))
	if err != nil {
		return nil, c.again(err, "%s's answer broke off", c.Name)
	}
	if int64(len(body)) > c.MaxBody {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s's answer to %s is larger than %d MB", c.Name, req.URL.Path, c.MaxBody>>20)
	}
	ans := &Answer{Status: res.StatusCode, Header: res.Header, Body: body, Path: req.URL.Path}
	c.budgets(ans)
	return ans, c.judge(ans)
}

func (c *Client) head(req *http.Request, r *Request) {
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "Greenroom (+https://greenroom.example; self-hosted community operations)")
	if len(r.Body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.Type != "" {
		req.Header.Set("Content-Type", r.Type)
	}
	for _, from := range []http.Header{c.Header, r.Header} {
		for name, values := range from {
			req.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	if r.ETag != "" {
		req.Header.Set("If-None-Match", r.ETag)
	}
}

// judge says whether an answer is one.
func (c *Client) judge(ans *Answer) error {
	if c.Refuse != nil {
		switch err := c.Refuse(ans); {
		case errors.Is(err, ErrAgain):
			return c.again(err, "%s answers with an error that passes", c.Name)
		case err != nil:
			var limit *Limit
			if errors.As(err, &limit) {
				return c.limited(ans, limit)
			}
			return err
		}
	}
	switch code := ans.Status; {
	case code == http.StatusNotModified:
		return nil
	case code >= 200 && code < 300:
		if !c.PlainText && len(ans.Body) > 0 && !complete(ans.Body) {
			return c.again(nil, "%s's answer to %s is cut short or is no JSON", c.Name, ans.Path)
		}
		return nil
	case code == http.StatusTooManyRequests:
		return c.limited(ans, &Limit{})
	default:
		return c.refusal(ans)
	}
}

// complete reports whether a body is one whole JSON value; vendors' double names and odd UTF-8 are let through.
func complete(body []byte) bool {
	dec := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if err := dec.SkipValue(); err != nil {
		return false
	}
	_, err := dec.ReadToken()
	return errors.Is(err, io.EOF)
}

// Decode reads a JSON answer leniently: unknown fields are passed over, names match as they are written.
func (c *Client) Decode(ans *Answer, v any) error {
	if err := Unmarshal(ans.Body, v); err != nil {
		return &greenroom.Error{
			Code: greenroom.CodeInvalid, Err: err,
			Message: fmt.Sprintf("the answer to %s is not one of %s; check the address", ans.Path, c.Name),
		}
	}
	return nil
}

// Unmarshal decodes JSON as lenient as vendors are: double names and invalid UTF-8 are let through.
func Unmarshal(data []byte, v any) error {
	return json.Unmarshal(data, v, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)) //nolint:wrapcheck // callers wrap
}

func (c *Client) sleep(ctx context.Context, d time.Duration) error {
	c.Env.Meter.Wait(d)
	return c.Env.Sleep(ctx, d)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting was stopped: %w", ctx.Err())
	}
}
