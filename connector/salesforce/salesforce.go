// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package salesforce reads the CRM of a Salesforce organization by its REST API.
//
// # How it reads
//
// Accounts come first, then users, contacts, leads, opportunities and cases, so that what is named is known (read.go). Each
// is asked for in the order of ids, behind the last one that came, in queries of their own: a place is then an id, which is
// good for ever, while the query locators of Salesforce last two days and are closed when there are too many. What was
// modified since the last read is found by SystemModstamp, in the recycle bin too, where deleted and merged records stay
// for 15 days. What somebody deletes from there at once is never told.
//
// Which fields there are depends on the organization and on what the user may see, so each object is described first and
// only fields that are there are asked for (fields.go).
//
// The steps of an opportunity stand in OpportunityHistory, those of a case in CaseHistory where the organization tracks
// its status; both are asked for three hundred records at a time.
//
// Salesforce pushes by gRPC and SOAP only, so there are no webhooks: it is asked every hour, and an hour without changes
// costs about a dozen requests.
package salesforce

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "salesforce"

const title = "Salesforce"

// The names of the options.
const (
	optAddress  = "address"
	optClient   = "client-id"
	optSecret   = "client-secret"
	optRefresh  = "refresh-token"
	optObjects  = "objects"
	optFields   = "fields"
	optSince    = "since"
	optCurrency = "currency"
	optReserve  = "reserve"
)

// api is the version that is spoken; Salesforce keeps a version for three years at least.
const api = "/services/data/v62.0"

const help = `You need an administrator of Salesforce.

1. **Setup → Users → New User**: make a user for Greenroom with the license *Salesforce Integration* and the profile
   *Minimum Access - API Only Integrations* (five such licenses are free). Assign it the permission set license *Salesforce
   API Integration*, and a permission set of that license with **Read** and **View All Records** on *Accounts, Contacts,
   Leads, Opportunities* and *Cases* and read access to their fields.
2. **Setup → External Client App Manager → New External Client App**: call it *Greenroom*, distribution *Local*.
3. Under *API (Enable OAuth Settings)* choose **Enable OAuth**, enter ` + "`https://localhost/`" + ` as callback URL (it is not used),
   and add the scope **Manage user data via APIs (api)**.
4. Under *Flow Enablement* choose **Enable Client Credentials Flow**, and create the app.
5. In the app's **Policies → Edit**, choose **Enable Client Credentials Flow** and enter the user of step 1 as *Run As*.
6. In **Settings → OAuth Settings → Consumer Key and Secret** copy both and enter them as client id and client secret.
7. The address is your *My Domain*, e.g. ` + "`https://acme.my.salesforce.com`" + ` (**Setup → My Domain**).

A connected app that was made before works in the same way. If your administrators use another OAuth flow, enter its refresh token, too.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "salesforce", Primary: optAddress, Help: help, Group: connector.GroupBusiness, Business: true,
		Summary:  "Accounts, contacts, leads, opportunities with the stages they went through, and cases of a Salesforce organization.",
		Keywords: []string{"crm", "accounts", "contacts", "leads", "opportunities", "cases", "sales", "sfdc"},
		Options:  options(), New: New, Incremental: true, Rhythm: time.Hour,
		OAuth: &connector.OAuth{
			Consent: "https://login.salesforce.com/services/oauth2/authorize", Token: "https://login.salesforce.com/services/oauth2/token", Base: optAddress,
			Scopes: []string{"api", "refresh_token"}, Client: optClient, Secret: optSecret, Refresh: optRefresh,
			Register: "At your External Client App: **OAuth settings → Callback URL**, with the scopes `api` and `refresh_token` and without the client credentials flow.",
		},
		Scopes: []connector.Scope{
			{Name: "api", Why: "Asking for records at all."},
			{Name: "Read on Contact", Why: "Contacts: who in the community is known to sales."},
			{Name: "Read on Account", Why: "Companies, which of them is below which, and who belongs to which.", Optional: true},
			{Name: "Read on Lead", Why: "Leads, and which contact one became.", Optional: true},
			{Name: "Read on Opportunity", Why: "Deals and their stages.", Optional: true},
			{Name: "Read on Case", Why: "Support cases and their states.", Optional: true},
			{Name: "Edit on Contact", Why: "Writing chosen community fields back to contacts, which happens only when somebody sends it.", Optional: true},
			{Name: "Edit on Account", Why: "Writing chosen fields of accounts back, and tasks for them, likewise.", Optional: true},
			{Name: "Access Activities and Edit Tasks", Why: "Putting a note beside a contact as a completed task, and tasks beside accounts: two permissions of the user, not of an object.", Optional: true},
		},
		Limits: "An organization may make 100,000 API requests in 24 hours and 1,000 more for each user's license (15,000 in a Developer Edition), " +
			"which all of its integrations share. A request brings up to 2,000 records; opportunities and cases take one or two more for every 300. " +
			"100,000 contacts and 20,000 opportunities take about 200 requests. A read ends by itself when less than a tenth of the requests is left for others.",
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optAddress, Label: "Address (My Domain)", Type: connector.Address, Required: true, Example: "https://acme.my.salesforce.com", Help: "Your organization's My Domain, as Setup → My Domain shows it."},
		{Name: optClient, Label: "Client id", Type: connector.Text, Required: true, Help: "The consumer key of the External Client App or connected app."},
		{Name: optSecret, Label: "Client secret", Type: connector.Secret, Required: true, Help: "The consumer secret of the app."},
		{Name: optRefresh, Label: "Refresh token", Type: connector.Secret, Help: "Only where the app does not use the client credentials flow."},
		{Name: optObjects, Label: "What comes in", Type: connector.List, Default: "accounts, contacts, leads, opportunities, cases", Help: "Any of accounts, contacts, leads, opportunities and cases."},
		{
			Name: optFields, Label: "More fields", Type: connector.List, Example: "Contact.Plan__c, Account.ARR__c",
			Help: "Further fields by their API names, each behind its object; custom ones end in __c.",
		},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "all", Help: "Opportunities and cases that were not touched since then are left out. Accounts, contacts and leads always come in."},
		{Name: optCurrency, Label: "Currency", Type: connector.Text, Example: "EUR", Help: "The currency of amounts where the organization has only one; with several currencies each record names its own."},
		{Name: optReserve, Label: "Left for others", Type: connector.Number, Default: "10", Help: "A read ends when less than this percentage of the organization's API requests is left."},
	}
}

// source is one organization.
type source struct {
	env    connector.Env
	set    connector.Settings
	client *rest.Client
	once   *rest.Client // the same, for what is not sent again by itself
	tokens *tokens
	kinds  []*sobject

	mu      sync.Mutex
	missing map[string]bool // objects and histories that cannot be read
	words   *taskWords      // as the organization calls them; nil = not asked yet
}

var (
	currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)
	fieldName    = regexp.MustCompile(`^([A-Za-z]+)\.([A-Za-z][A-Za-z0-9_]*)$`)
)

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	if c := set.Text(optCurrency); c != "" && !currencyCode.MatchString(c) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is no currency; expected a code of three letters such as EUR", c)
	}
	s := &source{env: env, set: set, missing: map[string]bool{}}
	if s.kinds, err = chosen(set.List(optObjects), set.List(optFields)); err != nil {
		return nil, err
	}
	c := rest.Config{Name: title, Base: set.Text(optAddress), Env: env, Token: "client's id and secret", Refuse: s.refuse, Budgets: budgets}
	if s.tokens, err = newTokens(set, c); err != nil {
		return nil, err
	}
	c.Authorize, c.Renew = s.tokens.authorize, s.tokens.renew
	if s.client, err = rest.New(c); err != nil {
		return nil, err
	}
	c.Attempts = 1
	s.once, err = rest.New(c)
	return s, err
}

// chosen finds the objects that are wanted, with the fields that are asked for beyond the usual.
func chosen(names, more []string) ([]*sobject, error) {
	var kinds []*sobject
	for _, k := range sobjects() {
		if k.plural == "users" || slices.Contains(names, k.plural) {
			kinds = append(kinds, &k)
		}
	}
	for _, n := range names {
		if n == "users" || !slices.ContainsFunc(kinds, func(k *sobject) bool { return k.plural == n }) {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is nothing that comes in from Salesforce; expected accounts, contacts, leads, opportunities or cases", n)
		}
	}
	for _, f := range more {
		m := fieldName.FindStringSubmatch(f)
		i := -1
		if m != nil {
			i = slices.IndexFunc(kinds, func(k *sobject) bool { return strings.EqualFold(k.name, m[1]) })
		}
		if i < 0 {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a field of what comes in; expected object and API name, such as Contact.Plan__c", f)
		}
		kinds[i].more = append(kinds[i].more, m[2])
	}
	return kinds, nil
}

// says is how Salesforce refuses: a list of errors.
type says []struct {
	Code    string `json:"errorCode"`
	Message string `json:"message"`
}

// refusal is the code and the message of a refusal, "" where there is none.
func refusal(ans *rest.Answer) (code, message string) {
	var all says
	if ans.Status < http.StatusBadRequest || rest.Unmarshal(ans.Body, &all) != nil || len(all) == 0 {
		return "", ""
	}
	return all[0].Code, all[0].Message
}

// refuse reads limits, which are a 403, errors that pass, an organization without an API, and when enough is left for others
// no longer. What was written is answered for all the same: it cannot be taken back.
func (s *source) refuse(ans *rest.Answer) error {
	switch code, message := refusal(ans); code {
	case "REQUEST_LIMIT_EXCEEDED":
		if strings.HasPrefix(message, "Concurrent") { // of requests that take longer than 20 seconds
			return &rest.Limit{Wait: time.Minute, Why: "the organization's integrations have too many long requests under way at the same time"}
		}
		return &rest.Limit{Wait: time.Hour, Why: "the organization's API requests of the last 24 hours are used up"}
	case "API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED":
		return greenroom.Errorf(greenroom.CodeForbidden, "Salesforce does not let the app use its API (Salesforce says: %s); the edition has to have the API, and the user that the app runs as the permission API Enabled", message)
	case "QUERY_TIMEOUT", "SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW":
		return rest.ErrAgain
	}
	used, limit, ok := usage(ans.Header)
	if ok && limit > 0 && !strings.Contains(ans.Path, "/composite/") && float64(limit-used) < float64(limit)*s.set.Number(optReserve)/100 {
		return &rest.Limit{Wait: time.Hour, Why: fmt.Sprintf("of the organization's %d API requests in 24 hours %d are used, and the rest is left for others", limit, used)}
	}
	return nil
}

// usage reads Sforce-Limit-Info, e.g. "api-usage=10018/100000; api-bursts=1/750".
func usage(h http.Header) (used, limit int64, ok bool) {
	for part := range strings.SplitSeq(h.Get("Sforce-Limit-Info"), ";") {
		text, is := strings.CutPrefix(strings.TrimSpace(part), "api-usage=")
		if !is {
			continue
		}
		a, b, _ := strings.Cut(text, "/")
		var err1, err2 error
		used, err1 = strconv.ParseInt(a, 10, 64)
		limit, err2 = strconv.ParseInt(b, 10, 64)
		return used, limit, err1 == nil && err2 == nil
	}
	return 0, 0, false
}

func budgets(h http.Header, _ time.Time) []connector.Budget {
	used, limit, ok := usage(h)
	if !ok {
		return nil
	}
	return []connector.Budget{{Name: "requests in 24 hours, of the whole organization", Limit: limit, Remaining: max(0, limit-used)}}
}

// Test asks who the app runs as and what it may see.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	var check connector.Check
	if err := s.who(ctx, &check); err != nil {
		return check, err
	}
	for _, k := range s.kinds {
		if err := s.describe(ctx, k); err != nil {
			return check, err
		}
		if !k.there {
			if k.plural != "users" {
				check.Missing = append(check.Missing, connector.Missing{
					Name: "Read on " + k.name, Then: "No " + k.plural + " come in.", Must: k.name == "Contact",
					Do: "Give the user that the app runs as a permission set with Read and View All Records on " + k.name + ".",
				})
			}
			continue
		}
		for _, f := range slices.Concat(k.important, k.more) {
			if !k.has[strings.ToLower(f)] {
				check.Missing = append(check.Missing, connector.Missing{
					Name: "field " + k.name + "." + f, Then: "It stays empty.",
					Do: "Give the user that the app runs as read access to the field, or check its API name in Setup → Object Manager.",
				})
			}
		}
	}
	var limits struct {
		Daily struct{ Max, Remaining int64 } `json:"DailyApiRequests"`
	}
	if _, err := s.client.Into(ctx, api+"/limits", nil, &limits); err != nil && !without(err) {
		return check, err
	}
	if limits.Daily.Max > 0 {
		check.Notes = append(check.Notes, fmt.Sprintf("Of %d API requests in 24 hours %d are left for all integrations.", limits.Daily.Max, limits.Daily.Remaining))
	}
	return check, nil
}

// who names the organization and, where the app may know, the user.
func (s *source) who(ctx context.Context, check *connector.Check) error {
	var org []struct {
		Name    string `json:"Name"`
		Sandbox bool   `json:"IsSandbox"`
		Edition string `json:"OrganizationType"`
	}
	switch err := s.query(ctx, "SELECT Name, IsSandbox, OrganizationType FROM Organization LIMIT 1", &org); {
	case err != nil && !without(err):
		return err
	case len(org) > 0:
		check.Account = org[0].Name
		if org[0].Sandbox {
			check.Notes = append(check.Notes, "This is a sandbox, not the organization that people work in.")
		}
	}
	var user struct {
		Name string `json:"preferred_username"`
	}
	if _, err := s.client.Into(ctx, "/services/oauth2/userinfo", nil, &user); err != nil && !without(err) {
		return err
	}
	if user.Name != "" {
		check.Account = user.Name + " in " + check.Account
	}
	return nil
}

// Survey counts the records that the user may see.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	for _, k := range s.kinds {
		place := connector.Place{ExternalID: k.plural, Name: strings.ToUpper(k.plural[:1]) + k.plural[1:], Covered: true, Members: -1, Items: -1}
		n, err := s.count(ctx, k)
		if without(err) {
			place.Covered, place.Why = false, "the user that the app runs as may not read "+k.name+"; give it a permission set with Read and View All Records"
			v.Places = append(v.Places, place)
			continue
		}
		if err != nil {
			return v, err
		}
		place.Items = n
		v.Places = append(v.Places, place)
		v.Counts = append(v.Counts, connector.Count{What: k.plural, Platform: n, Query: k.query, Of: k.of})
		v.Items += n
		v.Requests += n/pageSize + 2
		if k.history {
			v.Requests += n / chunk * 2
		}
	}
	return v, nil
}

var _ interface {
	connector.Tester
	connector.Surveyor
	connector.Writer
} = (*source)(nil)
