// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/business"
	"greenroom/internal/web/ui"
)

const accountsPath = "/accounts"

// Accounts are the organizations that the business deals with; business.Service keeps them.
type Accounts interface {
	List(ctx context.Context, f business.Filter) ([]business.View, error)
	Get(ctx context.Context, organization int64) (business.View, *business.Facts, []greenroom.Deal, error)
	Change(ctx context.Context, organizations []int64, version int64, p business.Patch, by string) ([]business.Account, error)
	Notes(ctx context.Context, organization int64) ([]business.Note, error)
	AddNote(ctx context.Context, organization int64, text, by string) (business.Note, error)
	RemoveNote(ctx context.Context, organization, id int64, by string) error
	BusinessData
}

// BusinessData is how business records are read.
type BusinessData interface {
	Settings(ctx context.Context) (business.Settings, error)
	SetSettings(ctx context.Context, set business.Settings, by string) error
	Stages(ctx context.Context) ([]business.StageLine, error)
	SetStages(ctx context.Context, rules []business.StageRule, by string) error
	Reconcile(ctx context.Context, source string, export io.Reader) (*business.Reconciliation, error)
	CurrencyRates
}

// CurrencyRates are the dated rates.
type CurrencyRates interface {
	Rates(ctx context.Context) ([]greenroom.Rate, error)
	Missing(ctx context.Context) ([]greenroom.MissingRateError, error)
	AddRate(ctx context.Context, r greenroom.Rate, by string) error
	RemoveRate(ctx context.Context, base, currency, day, by string) error
	ImportRates(ctx context.Context, in io.Reader, name, by string) (stored int, problems []business.Problem, err error)
}

// AccountTopics names what people of an organization talked about.
type AccountTopics interface {
	AccountTopics(ctx context.Context, organization int64, days int) ([]business.TopicCount, error)
}

// accountsBody is what accounts.html shows.
type accountsBody struct {
	Head    ui.Head
	Lists   ui.Segments
	Find    ui.Form
	KPIs    []ui.KPI
	Table   ui.Table
	Note    string
	Problem string
}

type accountPages struct {
	*Site
	list *ui.View[accountsBody]
	one  *ui.View[accountBody]
	data *ui.View[businessBody]
}

func (s *Site) addAccounts() error {
	if s.cfg.Accounts == nil {
		return nil
	}
	p := &accountPages{Site: s}
	var err error
	if p.list, err = ui.Parse[accountsBody](s.kit, templates, "templates/accounts.html"); err != nil {
		return err
	}
	if p.one, err = ui.Parse[accountBody](s.kit, templates, "templates/account.html"); err != nil {
		return err
	}
	if p.data, err = ui.Parse[businessBody](s.kit, templates, "templates/business.html"); err != nil {
		return err
	}
	s.handle("GET /accounts", p.showList)
	s.handle("GET /accounts/accounts.csv", p.download)
	s.change("POST /accounts/bulk", mayWrite, p.bulk)
	s.handle("GET /accounts/data", p.showStages)
	s.handle("GET /accounts/data/rates", p.showRates)
	s.handle("GET /accounts/data/reconcile", p.showReconcile)
	s.change("POST /accounts/data/reconcile", mayWrite, p.showReconcile)
	s.change("POST /accounts/data/stages", mayConnect, p.saveStages)
	s.change("POST /accounts/data/settings", mayConnect, p.saveSettings)
	s.change("POST /accounts/data/rates", mayConnect, p.addRate)
	s.change("POST /accounts/data/rates/remove", mayConnect, p.removeRate)
	s.change("POST /accounts/data/rates/import", mayConnect, p.importRates)
	s.handle("GET /accounts/{id}", p.show)
	s.change("POST /accounts/{id}", mayWrite, p.save)
	s.change("POST /accounts/{id}/notes", mayWrite, p.addNote)
	s.change("POST /accounts/{id}/notes/remove", mayWrite, p.removeNote)
	return nil
}

func accountHref(id int64) string { return accountsPath + "/" + idText(id) }

// accountFilter reads which accounts an address means.
func accountFilter(r *http.Request) business.Filter {
	q := r.URL.Query()
	f := business.Filter{List: q.Get("list"), Lifecycle: greenroom.LifecycleState(q.Get("lifecycle")), Find: strings.TrimSpace(q.Get("find"))}
	if q.Get("mine") != "" {
		f.Owner = person(r).Seed
	}
	return f
}

func accountsHref(f business.Filter, mine bool) string {
	q := url.Values{}
	for name, v := range map[string]string{"list": f.List, "lifecycle": string(f.Lifecycle), "find": f.Find} {
		if v != "" {
			q.Set(name, v)
		}
	}
	if mine {
		q.Set("mine", "1")
	}
	if len(q) == 0 {
		return accountsPath
	}
	return accountsPath + "?" + q.Encode()
}

// accountLists are the lists as the page calls them.
func accountLists() []ui.Option {
	return []ui.Option{{Value: "", Label: "All"}, {Value: business.ListRisk, Label: "At risk"}, {Value: business.ListChances, Label: "Opportunities"}, {Value: business.ListDue, Label: "Due"}, {Value: business.ListSnoozed, Label: "Snoozed"}}
}

func (p *accountPages) showList(w http.ResponseWriter, r *http.Request) error {
	f := accountFilter(r)
	all, err := p.cfg.Accounts.List(r.Context(), f)
	if err != nil {
		return err
	}
	mine := r.URL.Query().Get("mine") != ""
	body := accountsBody{Head: ui.Head{Title: "Accounts", Subtitle: countText(int64(len(all)), "account", "accounts") + ": who is here, how they do, and why", Find: true}}
	body.Head.Actions = []ui.Action{{Label: "Business data", Href: "/accounts/data"}, {Label: "CSV", Label2: "Download as CSV", Href: strings.Replace(accountsHref(f, mine), accountsPath, accountsPath+"/accounts.csv", 1)}}
	body.Lists = ui.Segments{Label: "Which accounts"}
	for _, l := range accountLists() {
		to := f
		to.List = l.Value
		body.Lists.Items = append(body.Lists.Items, ui.Segment{Label: l.Label, Href: accountsHref(to, mine), Active: f.List == l.Value})
	}
	body.Find = ui.Form{Get: accountsPath, Fields: []ui.Field{
		{Name: "find", Label: "Name", Type: "search", Value: f.Find},
		{Name: "lifecycle", Label: "Lifecycle", Type: "select", Value: string(f.Lifecycle), Options: []ui.Option{{Value: "", Label: "Any"}, {Value: "prospect", Label: "Prospects"}, {Value: "trial", Label: "On trial"}, {Value: "customer", Label: "Customers"}, {Value: "churned", Label: "Churned"}}},
		{Name: "mine", Label: "Only mine", Type: "checkbox", Value: "1", Checked: mine},
	}, Actions: []ui.Action{{Label: "Show", Submit: true}}}
	if f.List != "" {
		body.Find.Hidden = []ui.Hidden{{Name: "list", Value: f.List}}
	}
	body.KPIs = accountKPIs(all)
	names, err := p.teamNames(r)
	if err != nil {
		return err
	}
	body.Table = p.accountTable(r, all, f, names)
	body.Note = "Health is a sum of reasons, computed by rule; open an account to see each with its numbers. Money is in the reporting currency, by the rates of the day."
	return render(p.Site, w, r, p.list, "Accounts", body)
}

// accountKPIs sums up the accounts that are listed.
func accountKPIs(all []business.View) []ui.KPI {
	if len(all) == 0 {
		return nil
	}
	var mrr, atStake, pipeline float64
	var risk, problems int
	for i := range all {
		v := &all[i]
		mrr, pipeline = mrr+v.MRR, pipeline+v.Pipeline
		if v.Health.Level == business.AtRisk {
			risk, atStake = risk+1, atStake+v.MRR
		}
		if len(v.Problems) > 0 {
			problems++
		}
	}
	c := all[0].Currency
	note := "of all that are listed"
	if problems > 0 {
		note = countText(int64(problems), "account has", "accounts have") + " amounts that are in no sum"
	}
	return []ui.KPI{
		{Label: "Recurring a month", Value: moneyText(mrr, c), Note: note},
		{Label: "At risk", Value: ui.Number(risk), Href: accountsPath + "?list=risk", Note: moneyText(atStake, c) + " a month at stake"},
		{Label: "Open deals", Value: moneyText(pipeline, c), Note: "not weighed by probability"},
	}
}

func moneyText(v float64, currency string) string {
	if v == 0 {
		return "0 " + currency
	}
	return ui.Decimal(v, 0) + " " + currency
}

func healthTone(l business.Level) ui.Tone {
	switch l {
	case business.AtRisk:
		return ui.ToneBad
	case business.Watch:
		return ui.ToneWarn
	case business.Healthy:
		return ui.ToneGood
	default:
		return ui.ToneNone
	}
}

func healthPill(h *business.Health) ui.Pill {
	text := title(string(h.Level))
	if h.Points > 0 {
		text += " " + strconv.Itoa(h.Points)
	}
	return ui.Pill{Text: text, Tone: healthTone(h.Level), Title: strconv.Itoa(h.Points) + " of 100 points; more is worse"}
}

// ownerCell names who an account belongs to.
func ownerCell(names teamNames, owner string) ui.Cell {
	text, title := names.who(owner)
	return ui.Cell{Text: text, Title: title}
}

func (p *accountPages) accountTable(r *http.Request, all []business.View, f business.Filter, names teamNames) ui.Table {
	t := ui.Table{Caption: "Accounts", Columns: []ui.Column{{Label: "Account"}, {Label: "Health"}, {Label: "Why"}, {Label: "People", Number: true}, {Label: "Per month", Number: true}, {Label: "Renewal"}, {Label: "Owner"}, {Label: "Next step"}}}
	if person(r).MayWrite && len(all) > 0 {
		t.Select, t.BulkPost = "account", "/accounts/bulk"
		t.Bulk = []ui.Action{{Label: "Give them to me", Submit: true, Name: "do", Value: "mine"}, {Label: "Follow up in a week", Submit: true, Name: "do", Value: "week"}, {Label: "Snooze 30 days", Submit: true, Name: "do", Value: "snooze"}}
		if f.List == business.ListSnoozed {
			t.Bulk = append(t.Bulk, ui.Action{Label: "Wake", Submit: true, Name: "do", Value: "wake"})
		}
	}
	for i := range all {
		v := &all[i]
		why := ""
		switch {
		case f.List == business.ListChances && len(v.Chances) > 0:
			why = v.Chances[0].Text
		case len(v.Health.Reasons) > 0:
			why = v.Health.Reasons[0].Text
		}
		health := ui.Cell{Pills: []ui.Pill{healthPill(&v.Health)}}
		if f.List == business.ListChances {
			health.Pills = append(health.Pills, ui.Pill{Text: "opportunity " + strconv.Itoa(v.ChancePts), Tone: ui.ToneIdea})
		}
		name := ui.Cell{Text: v.Name, Href: accountHref(v.Organization)}
		if v.Lifecycle.State != "" {
			name.Pills = []ui.Pill{lifecyclePill(string(v.Lifecycle.State))}
		}
		renewal := ui.Cell{Text: dateText(v.Renewal)}
		step := ui.Cell{Text: v.NextStep}
		if v.FollowUp != "" {
			step.Sub = dayText(v.FollowUp)
		}
		mrr := ui.Cell{}
		if v.MRR > 0 {
			mrr.Text = moneyText(v.MRR, v.Currency)
		}
		if len(v.Problems) > 0 {
			mrr.Pills = []ui.Pill{{Text: "not all known", Tone: ui.ToneWarn, Title: v.Problems[0]}}
		}
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(v.Organization), Cells: []ui.Cell{
			name, health,
			{Text: why},
			{Text: ui.Number(int(v.People)), Href: "/members?q=" + url.QueryEscape("org.id:"+idText(v.Organization)+" -is:bot"), Sub: strconv.Itoa(v.Active) + " active"},
			mrr, renewal,
			ownerCell(names, v.Owner),
			step,
		}})
	}
	if len(all) > 0 {
		return t
	}
	if f.List == "" && f.Find == "" && f.Lifecycle == "" && f.Owner == "" {
		t.Empty = &ui.Empty{Title: "No accounts yet", Text: "Accounts come from a CRM, a ticketing or a billing system: connect HubSpot, Salesforce, Zendesk, Intercom or Stripe, or import deals, tickets and subscriptions as CSV files. What they tell is set beside what their people do here.", Actions: []ui.Action{{Label: "Connect a source", Href: "/sources", Style: ui.StylePrimary}}}
		return t
	}
	t.Empty = &ui.Empty{Title: "No account fits", Text: "Nobody is in this list now.", Actions: []ui.Action{{Label: "All accounts", Href: accountsPath}}}
	return t
}

func (p *accountPages) download(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Accounts.List(r.Context(), accountFilter(r))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="accounts.csv"`)
	to := csv.NewWriter(w)
	if err := business.WriteCSV(to, all); err != nil {
		return nil //nolint:nilerr // who has left needs no answer
	}
	return nil
}

// chosenAccounts reads the accounts that were ticked.
func chosenAccounts(r *http.Request) ([]int64, error) {
	if err := r.ParseForm(); err != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the form cannot be read")
	}
	var ids []int64
	for _, v := range r.PostForm["account"] {
		id, err := strconv.ParseInt(v, 10, 64)
		if err != nil || id <= 0 {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is no account", v)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (p *accountPages) bulk(w http.ResponseWriter, r *http.Request) error {
	ids, err := chosenAccounts(r)
	if err != nil {
		return err
	}
	in := func(days int) *string {
		day := p.cfg.Now().In(p.cfg.Zones.Zone()).AddDate(0, 0, days).Format(time.DateOnly)
		return &day
	}
	var patch business.Patch
	var said string
	switch do := r.FormValue("do"); do {
	case "mine":
		me := person(r).Seed
		patch.Owner, said = &me, "are yours."
	case "week":
		patch.FollowUp, said = in(7), "are due in a week."
	case "snooze":
		patch.Snoozed, said = in(30), "are left out of the lists for 30 days."
	case "wake":
		awake := ""
		patch.Snoozed, said = &awake, "are in the lists again."
	default:
		return greenroom.Errorf(greenroom.CodeInvalid, "there is nothing called %q to do with accounts", do)
	}
	if _, err := p.cfg.Accounts.Change(r.Context(), ids, -1, patch, person(r).Actor); err != nil {
		return err
	}
	to := accountsPath
	if from := referer(r); strings.HasPrefix(from, accountsPath) {
		to = from
	}
	return p.back(w, r, to, countText(int64(len(ids)), "account", "accounts")+" "+said, "")
}
