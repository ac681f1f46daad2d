// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package intercom reads the conversations, contacts and companies of an Intercom workspace, and takes its webhooks.
//
// Contacts and conversations are searched for by the time of their last update, companies and teammates are listed whole.
// Intercom rounds the times of a search to days, so a search begins a day early and what is older is passed over. Of
// conversations that were deleted there is a list.
//
// A conversation becomes a business record of type case. Where its messages are wanted, it becomes a conversation too: the
// message that began it and the replies, which cost a request for each conversation that was touched. Internal notes never
// come in, neither as activities nor in raw payloads (notes.go). What customers thought of the help of teammates and of Fin
// are answers to surveys. Teammates are the team, Fin and other bots are bots.
//
// A webhook carries the object as it was then; what it names is asked for again (push.go), so that deliveries in any order
// end in the same.
package intercom

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "intercom"

const title = "Intercom"

// The names of the options.
const (
	optToken      = "token"
	optMessages   = "messages"
	optAttributes = "attributes"
	optSince      = "since"
	optSecret     = "client-secret"
	optAddress    = "address"
)

const help = `1. In Intercom open **Settings → Integrations → Developer Hub** and choose **New app**; call it *Greenroom* and choose your workspace.
2. Under **Configure → Authentication → Edit** choose *Read conversations*, *Read and list users and companies* and *Read admins*, and save. For webhooks choose *Read one user and one company*, too.
3. Copy the **access token** from the same page and enter it here.
4. If your workspace is hosted in Europe or Australia, change the address to ` + "`https://api.eu.intercom.io` or `https://api.au.intercom.io`" + `.`

const pushHelp = `In the same app open **Configure → Webhooks**, enter the address below as *Endpoint URL*, and choose the topics
*conversation.user.created, conversation.user.replied, conversation.admin.single.created, conversation.admin.replied,
conversation.operator.replied, conversation.admin.closed, conversation.admin.opened, conversation.admin.snoozed,
conversation.admin.unsnoozed, conversation.rating.added, conversation_part.redacted, conversation.deleted,
contact.user.created, contact.user.updated, contact.lead.created, contact.lead.updated, contact.lead.signed_up,
contact.merged, contact.deleted, company.created* and *company.updated*. Intercom signs with the app's **client secret**
(**Configure → Basic information**): enter it here.`

// The names of permissions, as the Developer Hub has them.
const (
	mayConversations = "Read conversations"
	mayContacts      = "Read and list users and companies"
	mayAdmins        = "Read admins"
)

// version is that of Intercom's API, which decides how objects look.
const version = "2.16"

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "intercom", Primary: optToken, Help: help, Group: connector.GroupBusiness, Business: true,
		Summary:  "Support conversations with their replies and ratings, contacts and companies of an Intercom workspace.",
		Keywords: []string{"support", "chat", "messenger", "help desk", "customer service", "fin"},
		Options:  options(), New: New, Incremental: true, Rhythm: 30 * time.Minute,
		Scopes: []connector.Scope{
			{Name: mayConversations, Why: "Conversations, their state, replies and ratings."},
			{Name: mayContacts, Why: "Contacts and companies."},
			{Name: mayAdmins, Why: "The names of teammates, who are the team.", Optional: true},
			{Name: "Read one user and one company", Why: "The contact or company that a webhook is about.", Optional: true},
		},
		Limits: "Intercom allows an app 10,000 requests a minute, and a workspace 25,000. A search brings 150 contacts or conversations; messages cost a request for each " +
			"conversation: 100,000 conversations take 700 requests without their messages and 100,000 with them, about a quarter of an hour. Companies without contacts it does not list.",
		Push: &connector.Push{Help: pushHelp, Secret: optSecret, Given: true},
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optToken, Label: "Access token", Type: connector.Secret, Required: true, Help: "Of the app that you made for Greenroom."},
		{Name: optMessages, Label: "Messages", Type: connector.Bool, Default: "false", Help: "Bring in what was written in conversations. Costs a request for each conversation. Internal notes never come in."},
		{Name: optAttributes, Label: "Attributes", Type: connector.List, Example: "plan, Account tier", Help: "Custom attributes of contacts, companies and conversations that come in as fields."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "all", Help: "Conversations that were not touched since then are left out. Contacts and companies always come in."},
		{Name: optSecret, Label: "Client secret", Type: connector.Secret, Help: "Of the app, which signs webhooks with it."},
		{Name: optAddress, Label: "Address of the API", Type: connector.Address, Default: "https://api.intercom.io", Example: "https://api.eu.intercom.io", Help: "Where your workspace is hosted: api.intercom.io, api.eu.intercom.io or api.au.intercom.io."},
	}
}

// source is one workspace.
type source struct {
	env    connector.Env
	set    connector.Settings
	client *rest.Client

	mu     sync.Mutex
	app    string            // the workspace's id, for links
	region string            // where it is hosted: us, eu or au
	admins map[string]string // names by id; nil = not asked yet
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{env: env, set: set}
	s.client, err = rest.New(rest.Config{
		Name: title, Base: set.Text(optAddress), Env: env, Token: "access token", Header: http.Header{"Intercom-Version": {version}},
		Authorize: func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+set.Text(optToken))
			return nil
		},
		Refuse: refuse,
	})
	return s, err
}

// refuse reads what Intercom says with statuses of other meanings: it answers 401 where the token is good and lacks a
// permission, as where it is not, and 400 where another reader of the same app holds the only scroll over companies that an
// app may have, which ends a minute after it was last used.
func refuse(ans *rest.Answer) error {
	var b struct {
		Errors []struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	if ans.Status < http.StatusBadRequest {
		return nil
	}
	_ = rest.Unmarshal(ans.Body, &b) // what is no list of errors names none
	if len(b.Errors) == 0 {
		return nil
	}
	switch says := b.Errors[0]; {
	case ans.Status == http.StatusUnauthorized && says.Code == "token_unauthorized":
		return &greenroom.Error{
			Code: greenroom.CodeForbidden, Message: "Intercom does not allow reading " + ans.Path + " with this access token (Intercom says: " + says.Message + "); choose the permission in the Developer Hub",
			Err: &rest.StatusError{Platform: title, Status: http.StatusForbidden, Path: ans.Path, Says: says.Message},
		}
	case ans.Status == http.StatusBadRequest && says.Code == "scroll_exists":
		return &rest.Limit{Wait: time.Minute, Why: "companies are being read by another reader of the same app"}
	}
	return nil
}

// me is who the token is.
type me struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	App   struct {
		Name   string `json:"name"`
		ID     string `json:"id_code"`
		Region string `json:"region"` // US, EU or AU
	} `json:"app"`
}

// Test asks who the token is, and for one of each thing.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	var check connector.Check
	var who me
	switch _, err := s.client.Into(ctx, "/me", nil, &who); {
	case rest.Refused(err): // which lacks Read admins; the probes below say so
		check.Account = "an access token without names"
	case err != nil:
		return check, err
	default:
		check.Account = strings.TrimSpace(who.Email + " in " + who.App.Name)
	}
	var page found
	probes := []struct {
		name, then string
		ask        func() error
	}{
		{mayConversations, "No conversations come in.", func() error {
			_, err := s.client.Post(ctx, "/conversations/search", s.search(time.Time{}, "", 1), &page)
			return err
		}},
		{mayContacts, "No contacts and companies come in.", func() error {
			_, err := s.client.Post(ctx, "/contacts/search", s.search(time.Time{}, "", 1), &page)
			return err
		}},
		{mayAdmins, "Teammates have no names, and nobody is marked as the team.", func() error {
			_, err := s.client.Get(ctx, "/admins", nil)
			return err
		}},
	}
	for i, p := range probes {
		err := p.ask()
		if rest.Refused(err) {
			check.Missing = append(check.Missing, connector.Missing{Name: p.name, Then: p.then, Must: i < 2, Do: "Choose it in the Developer Hub under Configure → Authentication, then copy the token again."})
		} else if err != nil {
			return check, err
		}
	}
	if s.set.Text(optSecret) == "" {
		check.Notes = append(check.Notes, "There is no client secret, so webhooks are refused; what is new comes in every half an hour.")
	}
	return check, nil
}

// Survey tells the workspace's own counts.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	for _, what := range []struct{ name, path, of, query string }{
		{"contacts", "/contacts/search", "identities", ""},
		{"companies", "/companies/list", "organizations", ""},
		{"conversations", "/conversations/search", "records", "type:case"},
	} {
		var page found
		var err error
		if what.name == "companies" {
			err = s.listCompanies(ctx, "1", 1, &page)
		} else {
			_, err = s.client.Post(ctx, what.path, s.search(time.Time{}, "", 1), &page)
		}
		place := connector.Place{ExternalID: what.name, Name: strings.ToUpper(what.name[:1]) + what.name[1:], Covered: true, Members: -1, Items: page.Total}
		if rest.Refused(err) {
			place.Covered, place.Items, place.Why = false, -1, "the token may not read them; choose the permission in the Developer Hub"
			v.Places = append(v.Places, place)
			continue
		}
		if err != nil {
			return v, err
		}
		v.Places = append(v.Places, place)
		v.Counts = append(v.Counts, connector.Count{What: what.name, Platform: page.Total, Query: what.query, Of: what.of})
		v.Items += page.Total
		v.Requests += page.Total/pageSize + 1
		if what.name == "conversations" && s.set.On(optMessages) {
			v.Requests += page.Total
		}
	}
	return v, nil
}

// ask learns the workspace's id and the names of teammates.
func (s *source) ask(ctx context.Context) error {
	s.mu.Lock()
	known := s.admins != nil
	s.mu.Unlock()
	if known {
		return nil
	}
	var who me
	if _, err := s.client.Into(ctx, "/me", nil, &who); err != nil && !rest.Refused(err) {
		return err
	}
	all, err := s.teammates(ctx)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for i := range all {
		names[string(all[i].ID)] = all[i].Name
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.app, s.region, s.admins = who.App.ID, strings.ToLower(who.App.Region), names
	return nil
}

func (s *source) teammates(ctx context.Context) ([]wireAdmin, error) {
	var b struct {
		Admins []wireAdmin `json:"admins"`
	}
	_, err := s.client.Into(ctx, "/admins", url.Values{"display_avatar": {"true"}}, &b)
	if rest.Refused(err) {
		s.env.Meter.Warn("Intercom does not tell who the teammates are, because the token lacks " + mayAdmins + ".")
		return nil, nil
	}
	return b.Admins, err
}

// link is where a conversation is opened, "" where the workspace's id is not known.
func (s *source) link(conversation string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.app == "" {
		return ""
	}
	host := "app.intercom.com"
	if s.region == "eu" || s.region == "au" {
		host = "app." + s.region + ".intercom.com"
	}
	return "https://" + host + "/a/inbox/" + url.PathEscape(s.app) + "/inbox/conversation/" + url.PathEscape(conversation)
}

func (s *source) admin(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.admins[id]
}

// invalid is a record that lacks what every one has.
func invalid(what string) error {
	return greenroom.Errorf(greenroom.CodeInvalid, "a %s without id or time", what)
}

var _ interface {
	connector.Receiver
	connector.Tester
	connector.Surveyor
} = (*source)(nil)
