// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discourse

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"greenroom"
	"greenroom/connector/internal/jsonfile"
	"greenroom/connector/internal/rest"
)

// longest is the longest wait; a forum that wants a longer one is asked again at the next sync.
const longest = 10 * time.Minute

// withKey is how often a forum is asked with a key where no pace is set: forums allow 60 requests a minute with one.
const withKey = 1

// client asks one forum, as a visitor or with a key.
type client struct {
	*rest.Client
	key bool
}

func newClient(s *source) (*client, error) {
	key, user := s.set.Text(optKey), s.set.Text(optUser)
	c := &client{key: key != ""}
	conf := rest.Config{
		Name: "Discourse at " + s.api, Base: s.api, Env: s.env, Token: "API key", Refuse: c.refuse,
		PerSecond: s.pace, MaxWait: longest,
	}
	if c.key {
		conf.Authorize = func(_ context.Context, r *http.Request) error {
			r.Header.Set("Api-Key", key)
			r.Header.Set("Api-Username", user)
			return nil
		}
	}
	var err error
	c.Client, err = rest.New(conf)
	return c, err
}

// get asks for a path and reads the answer into v.
func (c *client) get(ctx context.Context, path string, v any) error {
	_, err := c.Into(ctx, path, nil, v)
	return err
}

// gone reports whether the forum says that what was asked for is not there, or not for who asks: it tells the two apart in
// some places only.
func gone(err error) bool { return rest.Gone(err) || rest.Refused(err) }

// refuse reads the forum's own ways of refusing: a wrong key is 403, the wait stands in the body, and an address that is no
// forum's answers with a page.
func (c *client) refuse(ans *rest.Answer) error {
	fail := func(code greenroom.Code, message string) error {
		return &greenroom.Error{Code: code, Message: c.Name + message, Err: &rest.StatusError{Platform: c.Name, Status: ans.Status, Path: ans.Path}}
	}
	switch ans.Status {
	case http.StatusOK:
		if body := bytes.TrimSpace(ans.Body); bytes.HasPrefix(body, []byte("<")) {
			return greenroom.Errorf(greenroom.CodeInvalid, "%s does not answer %s as a Discourse forum does; check the address", c.Name, ans.Path)
		}
	case http.StatusForbidden:
		switch {
		case c.key && bytes.Contains(ans.Body, []byte("API username or key is invalid")):
			return &greenroom.Error{Code: greenroom.CodeUnauthorized, Message: c.Name + " refuses the API key or its user name; make a new one and enter it in the settings of the source"}
		case !c.key:
			return fail(greenroom.CodeForbidden, " shows "+ans.Path+" only to people who are signed in; enter an API key, or save its answers and import them from a folder")
		}
	case http.StatusTooManyRequests:
		var says struct {
			Extras struct {
				WaitSeconds float64 `json:"wait_seconds"`
			} `json:"extras"`
		}
		limit := &rest.Limit{}
		if ans.Header.Get("Retry-After") == "" && jsonfile.Unmarshal(ans.Body, &says) == nil {
			limit.Wait = time.Duration(min(max(says.Extras.WaitSeconds, 0), 24*time.Hour.Seconds()) * float64(time.Second))
		}
		return limit
	}
	return nil
}
