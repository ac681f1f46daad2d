// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package hubspot

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// tokens puts the credential on requests: a fixed token, or one that is had for a refresh token and good for half an hour.
type tokens struct {
	set    connector.Settings
	env    connector.Env
	client *rest.Client // without a credential

	mu      sync.Mutex
	access  string
	refresh string
}

func newTokens(set connector.Settings, c rest.Config) (*tokens, error) {
	c.Token = "refresh token"
	client, err := rest.New(c)
	return &tokens{set: set, env: c.Env, client: client, access: set.Text(optToken), refresh: set.Text(optRefresh)}, err
}

func (t *tokens) authorize(ctx context.Context, r *http.Request) error {
	t.mu.Lock()
	access := t.access
	t.mu.Unlock()
	if access == "" {
		if _, err := t.renew(ctx); err != nil {
			return err
		}
		t.mu.Lock()
		access = t.access
		t.mu.Unlock()
	}
	r.Header.Set("Authorization", "Bearer "+access)
	return nil
}

// renew gets a new access token, and keeps the refresh token where HubSpot gives a new one.
func (t *tokens) renew(ctx context.Context) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	form := url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {t.refresh}, "client_id": {t.set.Text(optClient)}, "client_secret": {t.set.Text(optSecret)},
	}
	ans, err := t.client.Do(ctx, rest.Request{Method: http.MethodPost, Path: "/oauth/v3/token", Body: []byte(form.Encode()), Type: "application/x-www-form-urlencoded"})
	if status := rest.Status(err); status == http.StatusBadRequest || status == http.StatusForbidden {
		return false, &greenroom.Error{Code: greenroom.CodeUnauthorized, Message: "HubSpot refuses the refresh token or the client's id and secret; install the app again and enter the new ones", Err: err}
	}
	if err != nil {
		return false, err
	}
	var got struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	if err := t.client.Decode(ans, &got); err != nil {
		return false, err
	}
	if got.Access == "" {
		return false, greenroom.Errorf(greenroom.CodeUnauthorized, "HubSpot gave no access token for the refresh token")
	}
	t.access = got.Access
	if got.Refresh != "" && got.Refresh != t.refresh {
		t.refresh = got.Refresh
		if t.env.Keep != nil {
			if err := t.env.Keep(ctx, optRefresh, got.Refresh); err != nil {
				return true, fmt.Errorf("keeping HubSpot's new refresh token: %w", err)
			}
		}
	}
	return true, nil
}

// tokenInfo is what HubSpot says of a token. A private app's and an OAuth app's are told in different spellings.
type tokenInfo struct {
	Hub    int64    `json:"hubId"`
	Hub2   int64    `json:"hub_id"`
	Domain string   `json:"hub_domain"`
	User   string   `json:"user"`
	Scopes []string `json:"scopes"`
}

// info asks about the token. Nothing is said of service keys everywhere: then the scopes stay empty.
func (t *tokens) info(ctx context.Context, client *rest.Client) (tokenInfo, error) {
	var info tokenInfo
	var err error
	if token := t.set.Text(optToken); token != "" {
		_, err = client.Post(ctx, "/oauth/v2/private-apps/get/access-token-info", map[string]string{"tokenKey": token}, &info)
	} else {
		if _, err := t.renew(ctx); err != nil {
			return info, err
		}
		form := url.Values{"token": {t.access}, "token_type_hint": {"access_token"}, "client_id": {t.set.Text(optClient)}, "client_secret": {t.set.Text(optSecret)}}
		var ans *rest.Answer
		ans, err = t.client.Do(ctx, rest.Request{Method: http.MethodPost, Path: "/oauth/v3/token/introspect", Body: []byte(form.Encode()), Type: "application/x-www-form-urlencoded"})
		if err == nil {
			err = t.client.Decode(ans, &info)
		}
	}
	if status := rest.Status(err); status >= 400 && status < 500 && status != http.StatusUnauthorized {
		return tokenInfo{}, nil
	}
	if info.Hub == 0 {
		info.Hub = info.Hub2
	}
	return info, err
}

// knowledge is what is known of an account beyond its objects.
type knowledge struct {
	wireAccount

	owners bool // they could be asked for
	people map[string]wireOwner
	stages map[string]stage  // by pipeline and id, and by id alone
	lines  map[string]string // names of pipelines by id
}

type stage struct {
	label  string
	closed bool
}

// ask learns what the account's owners, pipelines and stages are called. What the token may not see is done without.
func (s *source) ask(ctx context.Context) (*knowledge, error) {
	know := &knowledge{people: map[string]wireOwner{}, stages: map[string]stage{}, lines: map[string]string{}}
	if _, err := s.client.Into(ctx, "/account-info/v3/details", nil, &know.wireAccount); err != nil && !without(err) {
		return nil, err
	}
	s.days.in(know.Zone)
	if err := s.askOwners(ctx, know); err != nil {
		return nil, err
	}
	for _, k := range s.kinds {
		if k.history == "" {
			continue
		}
		var all struct {
			Results []wirePipeline `json:"results"`
		}
		if _, err := s.client.Into(ctx, "/crm/v3/pipelines/"+k.name, nil, &all); without(err) {
			s.env.Meter.Warn("HubSpot does not tell what the stages of " + k.name + " are called, so their ids are shown; the token lacks the scope " + k.scope + ".")
			continue
		} else if err != nil {
			return nil, err
		}
		for i := range all.Results {
			know.add(&all.Results[i])
		}
	}
	s.mu.Lock()
	s.known = know
	s.mu.Unlock()
	return know, nil
}

// without reports whether a refusal means only that something has to be done without.
func without(err error) bool {
	status := rest.Status(err)
	return status == http.StatusBadRequest || rest.Refused(err) || rest.Gone(err)
}

func (s *source) askOwners(ctx context.Context, know *knowledge) error {
	for after := ""; ; {
		q := url.Values{"limit": {"100"}}
		if after != "" {
			q.Set("after", after)
		}
		var all struct {
			Results []wireOwner `json:"results"`
			Paging  paging      `json:"paging"`
		}
		if _, err := s.client.Into(ctx, "/crm/v3/owners", q, &all); without(err) {
			s.env.Meter.Warn("HubSpot does not tell who the owners are, because the token lacks the scope crm.objects.owners.read.")
			return nil
		} else if err != nil {
			return err
		}
		know.owners = true
		for i := range all.Results {
			know.people[all.Results[i].ID] = all.Results[i]
		}
		next := all.Paging.Next.After
		if next == "" || next == after {
			return nil
		}
		after = next
	}
}

func (k *knowledge) add(p *wirePipeline) {
	k.lines[p.ID] = p.Label
	for i := range p.Stages {
		st := &p.Stages[i]
		is := stage{label: st.Label, closed: st.Metadata.Closed == "true" || st.Metadata.State == "CLOSED"}
		k.stages[p.ID+"/"+st.ID], k.stages[st.ID] = is, is
	}
}

// stage is what a stage is called, its id where that is not known.
func (k *knowledge) stage(pipeline, id string) stage {
	if st, ok := k.stages[pipeline+"/"+id]; ok {
		return st
	}
	if st, ok := k.stages[id]; ok { // of a pipeline that it was in before
		return st
	}
	return stage{label: id}
}

// named reports whether there is a pipeline with that lower-case name or id.
func (k *knowledge) named(want string) bool {
	for id, label := range k.lines {
		if strings.ToLower(id) == want || strings.ToLower(label) == want {
			return true
		}
	}
	return len(k.lines) == 0
}

// account is who the token is.
func (k *knowledge) account(info tokenInfo) string {
	id := info.Hub
	if id == 0 {
		id = k.Portal
	}
	name := "HubSpot account " + strconv.FormatInt(id, 10)
	switch {
	case info.User != "":
		return info.User + " in " + name
	case info.Domain != "":
		return name + " (" + info.Domain + ")"
	}
	return name
}

// link is the address of an object's page.
func (k *knowledge) link(kind *objectKind, id string) string {
	if k.Portal == 0 || k.Domain == "" {
		return ""
	}
	return "https://" + k.Domain + "/contacts/" + strconv.FormatInt(k.Portal, 10) + "/record/" + kind.typeID + "/" + id
}

// owner is an owner's name, else the e-mail address, else "".
func (k *knowledge) owner(id string) string {
	o, ok := k.people[id]
	if !ok {
		return ""
	}
	if name := strings.TrimSpace(o.FirstName + " " + o.LastName); name != "" {
		return name
	}
	return o.Email
}

// accountDay knows when the account's day ends, at which the day's requests begin anew.
type accountDay struct{ zone atomic.Pointer[time.Location] }

func (d *accountDay) in(zone string) {
	if loc, err := time.LoadLocation(zone); err == nil && zone != "" {
		d.zone.Store(loc)
	}
}

func (d *accountDay) left(now time.Time) time.Duration {
	if loc := d.zone.Load(); loc != nil {
		now = now.In(loc)
	} else {
		now = now.UTC()
	}
	midnight := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
	return midnight.Sub(now)
}

// budgets reads HubSpot's headers.
func (s *source) budgets(h http.Header, now time.Time) []connector.Budget {
	number := func(name string) (int64, bool) {
		n, err := strconv.ParseInt(h.Get("X-Hubspot-Ratelimit-"+name), 10, 64)
		return n, err == nil
	}
	var all []connector.Budget
	if left, ok := number("Remaining"); ok {
		limit, _ := number("Max")
		span, ok := number("Interval-Milliseconds")
		if !ok {
			span = 10_000
		}
		all = append(all, connector.Budget{Name: "requests in ten seconds", Limit: limit, Remaining: left, ResetAt: now.Add(time.Duration(span) * time.Millisecond)})
	}
	if left, ok := number("Daily-Remaining"); ok {
		limit, _ := number("Daily")
		all = append(all, connector.Budget{Name: "requests a day", Limit: limit, Remaining: left, ResetAt: now.Add(s.days.left(now))})
	}
	return all
}
