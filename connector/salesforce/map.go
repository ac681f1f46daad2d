// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// extras are what other objects tell of opportunities and cases, by their ids.
type extras struct {
	stages map[string][]connector.StageChange
	people map[string]string // the contact that an opportunity is about
}

// record pushes a record of any object.
func (s *source) record(k *sobject, r *row, raw []byte, ex *extras, out *connector.Sink) {
	if r.Deleted {
		s.deleted(k, r, out)
		return
	}
	switch k.name {
	case "Account":
		s.account(k, r, raw, out)
	case "User":
		s.user(k, r, raw, out)
	case "Contact", "Lead":
		s.person(k, r, raw, out)
	case "Opportunity":
		out.Record(s.opportunity(k, r, raw, ex, out))
	case "Case":
		out.Record(s.supportCase(k, r, raw, ex, out))
	}
}

// deleted takes a record back. One that was merged into another is the same as that; an organization is not forgotten
// while people belong to it.
func (s *source) deleted(k *sobject, r *row, out *connector.Sink) {
	switch k.name {
	case "Account", "User":
		out.LeftOut("deleted "+k.plural, 1)
	case "Contact", "Lead":
		if r.Master != "" {
			out.Same(connector.Same{A: r.Master, B: r.ID, Reason: "merged in Salesforce"})
		}
		out.Identity(connector.Identity{ExternalID: r.ID, Deleted: true})
	case "Opportunity":
		out.Record(connector.Record{ExternalID: r.ID, Type: "deal", Deleted: true, UpdatedAt: r.Modified.Time})
	case "Case":
		out.Record(connector.Record{ExternalID: r.ID, Type: "case", Deleted: true, UpdatedAt: r.Modified.Time})
	}
}

func (s *source) account(k *sobject, r *row, raw []byte, out *connector.Sink) {
	if r.IsPerson {
		out.LeftOut("person accounts, which come in as contacts", 1)
		return
	}
	o := connector.Organization{
		ExternalID: r.ID, Name: r.Name, Lifecycle: lifecycle(r.Type), Country: r.BillCode, URL: s.link(r.ID), Raw: out.Raw(raw),
		Fields: fields("industry", r.Industry, "annual revenue", number(r.Revenue), "type", r.Type, "owner", r.Owner.Name),
	}
	if o.Country == "" {
		o.Country = r.BillCountry
	}
	if r.Employees > 0 && r.Employees < 1e12 {
		o.Size = int64(r.Employees)
	}
	if d := domain(r.Website); d != "" {
		o.Domains = []string{d}
	}
	if r.ParentID != r.ID {
		o.Parent = r.ParentID
	}
	k.further(raw, o.Fields)
	out.Organization(o)
}

// user pushes a user of Salesforce as one of the team.
func (s *source) user(k *sobject, r *row, raw []byte, out *connector.Sink) {
	who := connector.Identity{
		ExternalID: r.ID, Handle: r.Username, Name: r.Name, Emails: mail(r.Email), JobTitle: r.Title, TimeZone: r.Zone, Staff: true, Deleted: !r.IsActive,
		Location: place(r.City, r.State, r.Country), ProfileURL: s.link(r.ID), Raw: out.Raw(raw), Fields: map[string]string{},
	}
	k.further(raw, who.Fields)
	out.Identity(who)
}

// person pushes a contact or a lead. A lead that was converted is the same person as the contact that it became.
func (s *source) person(k *sobject, r *row, raw []byte, out *connector.Sink) {
	who := connector.Identity{
		ExternalID: r.ID, Name: r.Name, Emails: mail(r.Email), JobTitle: r.Title, Company: r.Company, Location: place(r.MailCity, r.MailState, r.MailCountry),
		ProfileURL: s.link(r.ID), Raw: out.Raw(raw), Fields: fields("lead source", r.LeadSource, "owner", r.Owner.Name),
	}
	if k.name == "Lead" {
		who.Location = place(r.City, r.State, r.Country)
		if r.Status != "" {
			who.Fields["lead status"] = r.Status
		}
		if strings.HasPrefix(r.Website, "http") {
			who.Links = []string{r.Website}
		}
	}
	k.further(raw, who.Fields)
	out.Identity(who)
	if r.IsConverted && r.ConvertedTo != "" {
		out.Same(connector.Same{A: r.ConvertedTo, B: r.ID, Reason: "converted in Salesforce"})
	}
	if r.AccountID != "" && !r.IsPerson && s.reads("Account") {
		out.Membership(connector.Membership{Identity: r.ID, Organization: r.AccountID})
	}
}

func (s *source) opportunity(k *sobject, r *row, raw []byte, ex *extras, out *connector.Sink) connector.Record {
	rec := connector.Record{
		ExternalID: r.ID, Type: "deal", Name: r.Name, Stage: r.Stage, Amount: r.Amount, Currency: r.Currency, OpenedAt: r.Created.Time, UpdatedAt: r.Modified.Time,
		Stages: ex.stages[r.ID], Raw: out.Raw(raw),
		Fields: fields("deal type", r.Type, "lead source", r.LeadSource, "forecast", r.Forecast, "owner", r.Owner.Name, "probability", number(r.Probability)),
	}
	if rec.Currency == "" {
		rec.Currency = s.set.Text(optCurrency)
	}
	switch {
	case r.IsWon:
		rec.Fields["state"] = "won"
	case r.IsClosed:
		rec.Fields["state"] = "lost"
	default:
		rec.Fields["state"] = "open"
		if !r.CloseDate.IsZero() {
			rec.Fields["expected close"] = r.CloseDate.Format(time.DateOnly)
		}
	}
	if r.IsClosed {
		rec.ClosedAt = r.CloseDate.Time
	}
	s.concerns(&rec, r, ex.people[r.ID])
	k.further(raw, rec.Fields)
	return rec
}

func (s *source) supportCase(k *sobject, r *row, raw []byte, ex *extras, out *connector.Sink) connector.Record {
	rec := connector.Record{
		ExternalID: r.ID, Type: "case", Name: r.Subject, Stage: r.Status, OpenedAt: r.Created.Time, ClosedAt: r.ClosedDate.Time, UpdatedAt: r.Modified.Time,
		Stages: ex.stages[r.ID], Raw: out.Raw(raw),
		Fields: fields("number", r.Number, "priority", r.Priority, "came by", r.Origin, "case type", r.Type, "reason", r.Reason, "owner", r.Owner.Name),
	}
	if rec.Name == "" {
		rec.Name = "Case " + r.Number
	}
	if steps := rec.Stages; len(steps) > 0 && steps[0].At.IsZero() { // the one it was opened with
		steps[0].At = r.Created.Time
	}
	if len(rec.Stages) == 0 && r.Status != "" && !r.IsClosed && !r.Created.IsZero() && r.Created.Equal(r.Modified.Time) {
		rec.Stages = []connector.StageChange{{Stage: r.Status, At: r.Created.Time}}
	}
	s.concerns(&rec, r, r.ContactID)
	k.further(raw, rec.Fields)
	return rec
}

// concerns says whom a record is about. An account that is a person comes in as their contact and as no organization.
func (s *source) concerns(rec *connector.Record, r *row, contact string) {
	if s.reads("Account") && !r.Account.IsPerson {
		rec.Organization = r.AccountID
	}
	if s.reads("Contact") {
		rec.Identity = cmp.Or(contact, r.Account.Contact)
	}
}

// link is the address of a record's page.
func (s *source) link(id string) string {
	if home := s.tokens.address(); home != "" {
		return home + "/" + url.PathEscape(id)
	}
	return ""
}

// steps puts the rows of a history in order, by record.
func steps(rows []step) map[string][]connector.StageChange {
	slices.SortStableFunc(rows, func(a, b step) int { return a.At.Compare(b.At.Time) })
	all := map[string][]connector.StageChange{}
	for i := range rows {
		r := &rows[i]
		id, stage := r.OpportunityID, r.Stage
		if id == "" {
			id, stage = r.CaseID, r.New
			if len(all[id]) == 0 && r.Old != "" {
				all[id] = append(all[id], connector.StageChange{Stage: r.Old})
			}
		}
		have := all[id]
		if stage == "" || len(have) > 0 && have[len(have)-1].Stage == stage { // something else of it was changed
			continue
		}
		all[id] = append(have, connector.StageChange{Stage: stage, At: r.At.Time})
	}
	return all
}

// roles finds the contact that an opportunity is about: the primary one, else the first that is named.
func roles(rows []step) map[string]string {
	all, primary := map[string]string{}, map[string]bool{}
	slices.SortStableFunc(rows, func(a, b step) int { return strings.Compare(a.ContactID, b.ContactID) })
	for i := range rows {
		r := &rows[i]
		if r.ContactID != "" && (all[r.OpportunityID] == "" || r.Primary && !primary[r.OpportunityID]) {
			all[r.OpportunityID], primary[r.OpportunityID] = r.ContactID, r.Primary
		}
	}
	return all
}

// lifecycle reads an account's type, of which organizations make their own: "Customer - Direct", "Channel Partner".
func lifecycle(kind string) string {
	kind = strings.ToLower(kind)
	switch {
	case kind == "":
		return ""
	case strings.Contains(kind, "former"), strings.Contains(kind, "churned"), strings.Contains(kind, "ex-customer"):
		return "churned"
	case strings.Contains(kind, "partner"), strings.Contains(kind, "reseller"):
		return "partner"
	case strings.Contains(kind, "customer"):
		return "customer"
	case strings.Contains(kind, "prospect"):
		return "prospect"
	case strings.Contains(kind, "trial"):
		return "trial"
	}
	return "other"
}

func fields(pairs ...string) map[string]string {
	f := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if v := strings.TrimSpace(pairs[i+1]); v != "" {
			f[pairs[i]] = v
		}
	}
	return f
}

func number(v float64) string {
	if v == 0 {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// plain is a field's value as text; a list of choices is told as it is.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

func mail(address string) []greenroom.Email {
	address = strings.ToLower(strings.TrimSpace(address))
	if strings.Count(address, "@") != 1 {
		return nil
	}
	return []greenroom.Email{{Address: strings.TrimSuffix(address, ".invalid")}} // as sandboxes write them
}

func domain(v string) string {
	v = strings.ToLower(strings.TrimSpace(v))
	if _, rest, ok := strings.Cut(v, "://"); ok {
		v = rest
	}
	v, _, _ = strings.Cut(v, "/")
	v = strings.TrimPrefix(v, "www.")
	if !strings.Contains(v, ".") || strings.ContainsAny(v, " @") {
		return ""
	}
	return v
}

func place(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", ")
}
