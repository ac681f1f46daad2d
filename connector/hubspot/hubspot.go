// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package hubspot reads the CRM of a HubSpot account by its API, and takes its webhooks.
//
// # How it reads
//
// Companies come first, then contacts, deals and tickets, so that what is named is known (read.go). The first read lists
// each of them: lists have no end, carry associations and, for deals and tickets, the stages that they went through. Later
// reads search for what was modified since. A search ends after 10,000 results, so none ever gets that far: each page asks
// for ids behind the last one's. Searches tell neither associations nor history, which are asked for by the hundred.
// Archived objects are listed in every read, because nothing says which are new among them.
//
// # What it takes in
//
// Contacts are identities, companies organizations, deals and tickets business records with their stages. Owners, who
// are users of HubSpot, come in as the team. A contact that was merged names those that it was merged with.
//
// A webhook names ids only (push.go): what it is about is asked for, so that deliveries in any order end in the same.
package hubspot

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "hubspot"

const title = "HubSpot"

// The names of the options.
const (
	optToken      = "token"
	optClient     = "client-id"
	optSecret     = "client-secret"
	optRefresh    = "refresh-token"
	optObjects    = "objects"
	optPipelines  = "pipelines"
	optProperties = "properties"
	optSince      = "since"
	optHook       = "webhook-address"
	optAddress    = "address"
)

const help = `**With a service key** (the usual way; needs a super admin of HubSpot, or somebody with *Developer tools access*):

1. In HubSpot open **Development**, then **Keys → Service keys**, and choose **Create service key**.
2. Call it *Greenroom* and add the scopes ` + "`crm.objects.contacts.read`, `crm.objects.companies.read`, `crm.objects.deals.read`, `tickets` and `crm.objects.owners.read`" + `.
   Leave out what you do not want in Greenroom.
3. Create it, choose **Show**, copy the key and enter it as *Token*.

The access token of a legacy private app works just as well (HubSpot lets nobody make new ones since October 2026).

**With an app that uses OAuth**: enter its client id, its client secret and a refresh token instead of the token.

Pushes need an app, because service keys have no webhooks; without them everything comes in with the hourly read.`

const pushHelp = `Service keys have no webhooks: this needs an app, either a legacy private app or a project made with HubSpot's
command line. Open the app's **Webhooks**, enter the address below as *Target URL*, and subscribe to *created, deleted,
merged, restored, property changed* and *association changed* of contacts, companies, deals and tickets. For *property
changed* choose the properties that matter to you, such as lifecycle stage, deal stage, amount and e-mail.
Then enter the app's **client secret** and the same address here: HubSpot signs the address, too.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "hubspot", Primary: optToken, Help: help, Group: connector.GroupBusiness, Business: true,
		Summary:  "Contacts, companies, deals with the stages they went through, and tickets of a HubSpot account.",
		Keywords: []string{"crm", "contacts", "companies", "deals", "tickets", "sales", "marketing"},
		Options:  options(), New: New, Incremental: true, Rhythm: time.Hour,
		OAuth: &connector.OAuth{
			Consent: "https://app.hubspot.com/oauth/authorize", Token: "https://api.hubapi.com/oauth/v3/token", Client: optClient, Secret: optSecret, Refresh: optRefresh,
			Scopes:   []string{"oauth", "crm.objects.contacts.read", "crm.objects.companies.read", "crm.objects.deals.read", "tickets", "crm.objects.owners.read"},
			Register: "At your app in HubSpot: **Auth → Redirect URLs**, and the same scopes as below with `oauth`. Leave *Token* empty.",
		},
		Scopes: []connector.Scope{
			{Name: "crm.objects.contacts.read", Why: "Contacts: who in the community is known to sales."},
			{Name: "crm.objects.companies.read", Why: "Companies, which of them is below which, and which contact belongs to which.", Optional: true},
			{Name: "crm.objects.deals.read", Why: "Deals, their stages and pipelines.", Optional: true},
			{Name: "tickets", Why: "Support tickets and their stages.", Optional: true},
			{Name: "crm.objects.owners.read", Why: "The names of owners, and who belongs to the team.", Optional: true},
			{Name: scopeWrite, Why: "Writing chosen community fields and notes back to contacts, and tasks for accounts, which happens only when somebody sends it.", Optional: true},
			{Name: scopeWriteCompanies, Why: "Writing chosen fields of accounts back to companies, likewise.", Optional: true},
			{Name: scopeMakeCompanies, Why: "Making the properties that they are written to, where you let Greenroom make them.", Optional: true},
		},
		Limits: "HubSpot allows 100 requests in ten seconds (190 in Professional and Enterprise accounts), of which searches may be five a second, " +
			"and 250,000 requests a day (650,000 and 1,000,000). A request brings 100 contacts or companies, or 50 deals or tickets with their stages: " +
			"100,000 contacts and 20,000 deals take 1,400 requests and about three minutes. Searches tell of no more than 10,000 things; Greenroom parts them so that nothing is lost.",
		Push: &connector.Push{Help: pushHelp, Secret: optSecret, Given: true},
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optToken, Label: "Token", Type: connector.Secret, Help: "A service key, or the access token of a private app. Leave it empty to use an OAuth app.", Example: "pat-na1-…"},
		{Name: optObjects, Label: "What comes in", Type: connector.List, Default: "companies, contacts, deals, tickets", Help: "Any of companies, contacts, deals and tickets."},
		{Name: optPipelines, Label: "Pipelines", Type: connector.List, Example: "Sales, Support", Help: "Names or ids of the pipelines whose deals and tickets come in; empty = all."},
		{
			Name: optProperties, Label: "More properties", Type: connector.List, Example: "contacts.plan, companies.arr, deals.forecast",
			Help: "Further properties by their internal names, each behind the kind of object; they become fields.",
		},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "all", Help: "Deals and tickets that were not touched since then are left out. Contacts and companies always come in."},
		{Name: optClient, Label: "Client id", Type: connector.Text, Help: "Of the OAuth app, where there is no token."},
		{Name: optSecret, Label: "Client secret", Type: connector.Secret, Help: "Of the app: for OAuth, and to check the signature of webhooks."},
		{Name: optRefresh, Label: "Refresh token", Type: connector.Secret, Help: "Of the OAuth app, where there is no token."},
		{
			Name: optHook, Label: "Address of the webhook", Type: connector.Address, Example: "https://greenroom.example.org/hooks/hubspot",
			Help: "The target URL exactly as it is entered in HubSpot, which signs it. Without it HubSpot's older signature is checked, which covers the content only.",
		},
		{Name: optAddress, Label: "Address of the API", Type: connector.Address, Default: "https://api.hubapi.com", Help: "Only to be changed where requests go through a proxy."},
	}
}

// source is one account.
type source struct {
	env    connector.Env
	set    connector.Settings
	client *rest.Client
	search *rest.Client // the same account at the pace of searches
	once   *rest.Client // the same account, for what is not sent again by itself
	tokens *tokens
	kinds  []*objectKind // what comes in, in the order of reading
	days   *accountDay

	mu       sync.Mutex
	known    *knowledge      // of the account; nil = not asked yet
	refused  map[string]bool // kinds that the credential may not read
	pipeline map[string]bool // lower-case names and ids of the wanted pipelines; empty = all
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	if set.Text(optToken) == "" && (set.Text(optClient) == "" || set.Text(optSecret) == "" || set.Text(optRefresh) == "") {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "HubSpot needs a token; or the client id, client secret and refresh token of an OAuth app")
	}
	s := &source{env: env, set: set, refused: map[string]bool{}, pipeline: map[string]bool{}, days: &accountDay{}}
	for _, p := range set.List(optPipelines) {
		s.pipeline[strings.ToLower(p)] = true
	}
	if s.kinds, err = chosen(set.List(optObjects), set.List(optProperties)); err != nil {
		return nil, err
	}
	base := rest.Config{Name: title, Base: set.Text(optAddress), Env: env, Token: "token", Refuse: s.refuse, Budgets: s.budgets}
	if s.tokens, err = newTokens(set, base); err != nil {
		return nil, err
	}
	base.Authorize = s.tokens.authorize
	if set.Text(optToken) == "" {
		base.Renew = s.tokens.renew
	}
	if s.client, err = rest.New(base); err != nil {
		return nil, err
	}
	single := base
	single.Attempts = 1
	if s.once, err = rest.New(single); err != nil {
		return nil, err
	}
	base.PerSecond, base.Burst = 4, 4
	s.search, err = rest.New(base)
	return s, err
}

// chosen finds the kinds that are wanted, with the properties that are asked for beyond the usual.
func chosen(names, more []string) ([]*objectKind, error) {
	var kinds []*objectKind
	for _, k := range objectKinds() {
		if slices.Contains(names, k.name) {
			kinds = append(kinds, &k)
		}
	}
	for _, n := range names {
		if !slices.ContainsFunc(kinds, func(k *objectKind) bool { return k.name == n }) {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is nothing that comes in from HubSpot; expected companies, contacts, deals or tickets", n)
		}
	}
	for _, p := range more {
		name, property, ok := strings.Cut(p, ".")
		if !ok {
			name, property = "contacts", p
		}
		i := slices.IndexFunc(kinds, func(k *objectKind) bool { return k.name == name })
		if i < 0 || property == "" || strings.ContainsAny(property, " ,&?") {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a property of what comes in; expected the kind of object and the internal name, such as contacts.plan", p)
		}
		kinds[i].more = append(kinds[i].more, property)
	}
	return kinds, nil
}

// refuse reads HubSpot's limits, which name their policy in the body instead of a time in a header.
func (s *source) refuse(ans *rest.Answer) error {
	if ans.Status != http.StatusTooManyRequests || ans.Header.Get("Retry-After") != "" {
		return nil
	}
	var b struct {
		Policy string `json:"policyName"`
	}
	if rest.Unmarshal(ans.Body, &b) != nil {
		return nil //nolint:nilerr // the usual reading is right then
	}
	switch {
	case strings.Contains(b.Policy, "DAILY"):
		return &rest.Limit{Wait: s.days.left(s.env.Now()), Why: "the requests of today are used up"}
	case strings.Contains(b.Policy, "TEN_SECONDLY"):
		return &rest.Limit{Wait: 10 * time.Second}
	case strings.Contains(b.Policy, "SECONDLY"):
		return &rest.Limit{Wait: time.Second}
	}
	return nil
}

// Test asks who the token is and what it may read.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	var check connector.Check
	info, err := s.tokens.info(ctx, s.client)
	if err != nil {
		return check, err
	}
	know, err := s.ask(ctx)
	if err != nil {
		return check, err
	}
	check.Account = know.account(info)
	for _, k := range s.kinds {
		if err := s.may(ctx, k, info, &check); err != nil {
			return check, err
		}
	}
	if !know.owners {
		check.Missing = append(check.Missing, lacks("crm.objects.owners.read", "Owners have no names, and nobody is marked as the team.", false))
	}
	for p := range s.pipeline {
		if !know.named(p) {
			check.Missing = append(check.Missing, connector.Missing{Name: "pipeline " + p, Then: "Its deals or tickets do not come in.", Do: "Check the name in HubSpot under Settings → Objects → Pipelines."})
		}
	}
	if s.set.Text(optSecret) != "" && s.set.Text(optHook) == "" {
		check.Notes = append(check.Notes, "Webhooks are checked by HubSpot's older signature until the address of the webhook is entered.")
	}
	return check, nil
}

func lacks(scope, then string, must bool) connector.Missing {
	return connector.Missing{Name: scope, Then: then, Do: "Add the scope " + scope + " to the service key or app in HubSpot; an app then has to be installed again.", Must: must}
}

// may finds out whether a kind of object can be read, and whether the further properties exist.
func (s *source) may(ctx context.Context, k *objectKind, info tokenInfo, check *connector.Check) error {
	missing := len(info.Scopes) > 0 && !slices.Contains(info.Scopes, k.scope)
	if len(info.Scopes) == 0 {
		_, err := s.client.Get(ctx, k.path(), map[string][]string{"limit": {"1"}})
		if err != nil && !rest.Refused(err) {
			return err
		}
		missing = err != nil
	}
	if missing {
		check.Missing = append(check.Missing, lacks(k.scope, "No "+k.name+" come in.", k.name == "contacts"))
		return nil
	}
	if len(k.more) == 0 {
		return nil
	}
	var all struct {
		Results []struct {
			Name string `json:"name"`
		} `json:"results"`
	}
	switch _, err := s.client.Into(ctx, "/crm/v3/properties/"+k.name, nil, &all); {
	case rest.Refused(err), rest.Gone(err):
		check.Notes = append(check.Notes, "Whether the further properties of "+k.name+" exist could not be checked.")
		return nil
	case err != nil:
		return err
	}
	for _, p := range k.more {
		known := false
		for i := range all.Results {
			known = known || all.Results[i].Name == p
		}
		if !known {
			check.Missing = append(check.Missing, connector.Missing{
				Name: "property " + k.name + "." + p, Then: "It stays empty.",
				Do: "Use the internal name, which HubSpot shows under Settings → Properties → </>.",
			})
		}
	}
	return nil
}

// Survey tells how much of each kind there is.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	know, err := s.ask(ctx)
	if err != nil {
		return v, err
	}
	for _, k := range s.kinds {
		page, err := s.find(ctx, k, time.Time{}, "", 1)
		place := connector.Place{ExternalID: k.name, Name: strings.ToUpper(k.name[:1]) + k.name[1:], Covered: err == nil, Members: -1, Items: -1}
		if rest.Refused(err) {
			place.Why = "the token lacks the scope " + k.scope + "; add it in HubSpot"
			v.Places = append(v.Places, place)
			continue
		}
		if err != nil {
			return v, err
		}
		place.Items = page.Total
		v.Places = append(v.Places, place)
		count := connector.Count{What: k.name, Platform: page.Total, Query: k.query, Of: k.of}
		if k.name == "contacts" && len(know.people) > 0 {
			count.Explain = append(count.Explain, connector.Explanation{Text: "owners, who are users of HubSpot and come in as the team", Items: int64(len(know.people))})
		}
		v.Counts = append(v.Counts, count)
		v.Items += page.Total
		v.Requests += page.Total/int64(k.pageSize()) + 2
	}
	return v, nil
}

var _ interface {
	connector.Receiver
	connector.Tester
	connector.Surveyor
	connector.Writer
} = (*source)(nil)
