// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package hubspot

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// object pushes one object of a kind.
func (s *source) object(k *objectKind, o *wireObject, know *knowledge, raw []byte, out *connector.Sink) {
	switch k.name {
	case "companies":
		s.company(k, o, know, raw, out)
	case "contacts":
		s.contact(k, o, know, raw, out)
	default:
		s.record(k, o, know, raw, out)
	}
}

// archived takes an object back. The CRM keeps no organizations that are gone, and neither does Greenroom forget one that
// people belong to.
func (s *source) archived(k *objectKind, id string, at time.Time, out *connector.Sink) {
	switch k.name {
	case "companies":
		out.LeftOut("archived companies", 1)
	case "contacts":
		out.Identity(connector.Identity{ExternalID: id, Deleted: true})
	default:
		out.Record(connector.Record{ExternalID: id, Type: recordType(k), Deleted: true, UpdatedAt: at})
	}
}

func recordType(k *objectKind) string {
	if k.name == "deals" {
		return "deal"
	}
	return "case"
}

func (s *source) company(k *objectKind, o *wireObject, know *knowledge, raw []byte, out *connector.Sink) {
	p := o.Properties
	org := connector.Organization{
		ExternalID: o.ID, Name: p["name"], Lifecycle: lifecycle(p["lifecyclestage"]), Size: whole(p["numberofemployees"]), Country: p["country"], URL: know.link(k, o.ID), Raw: out.Raw(raw),
		Fields: fields("industry", p["industry"], "annual revenue", p["annualrevenue"], "type", p["type"], "owner", know.owner(p["hubspot_owner_id"]), "lifecycle stage", p["lifecyclestage"]),
	}
	for _, d := range append([]string{p["domain"]}, strings.Split(p["hs_additional_domains"], ";")...) {
		if d = domain(d); d != "" && !slices.Contains(org.Domains, d) {
			org.Domains = append(org.Domains, d)
		}
	}
	if org.Name == "" && len(org.Domains) > 0 {
		org.Name = org.Domains[0]
	}
	if above := strings.TrimSpace(p["hs_parent_company_id"]); above != o.ID {
		org.Parent = above
	}
	org.Fields = further(k, o, org.Fields)
	out.Organization(org)
}

func (s *source) contact(k *objectKind, o *wireObject, know *knowledge, raw []byte, out *connector.Sink) {
	p := o.Properties
	who := connector.Identity{
		ExternalID: o.ID, Name: strings.TrimSpace(p["firstname"] + " " + p["lastname"]), Company: p["company"], JobTitle: p["jobtitle"],
		Location: place(p["city"], p["state"], p["country"]), TimeZone: zone(p["hs_timezone"]), ProfileURL: know.link(k, o.ID), Raw: out.Raw(raw),
		Fields: fields("lifecycle stage", p["lifecyclestage"], "lead status", p["hs_lead_status"], "owner", know.owner(p["hubspot_owner_id"])),
	}
	for _, mail := range append([]string{p["email"]}, strings.Split(p["hs_additional_emails"], ";")...) {
		if mail = strings.ToLower(strings.TrimSpace(mail)); strings.Count(mail, "@") == 1 && !slices.ContainsFunc(who.Emails, func(e greenroom.Email) bool { return e.Address == mail }) {
			who.Emails = append(who.Emails, greenroom.Email{Address: mail})
		}
	}
	if handle := strings.TrimPrefix(strings.TrimSpace(p["twitterhandle"]), "@"); handle != "" && !strings.ContainsAny(handle, "/ ") {
		who.Links = append(who.Links, "https://x.com/"+handle)
	}
	for _, link := range []string{p["hs_linkedin_url"], p["website"]} {
		if link = strings.TrimSpace(link); strings.HasPrefix(link, "http") && !slices.Contains(who.Links, link) {
			who.Links = append(who.Links, link)
		}
	}
	who.Fields = further(k, o, who.Fields)
	out.Identity(who)
	for _, old := range merged(o) {
		out.Same(connector.Same{A: o.ID, B: old, Reason: "merged in HubSpot"})
	}
	if company := p["associatedcompanyid"]; company != "" && s.reads("companies") {
		out.Membership(connector.Membership{Identity: o.ID, Organization: company})
	}
}

// record pushes a deal or a ticket.
func (s *source) record(k *objectKind, o *wireObject, know *knowledge, raw []byte, out *connector.Sink) {
	p := o.Properties
	r := connector.Record{ExternalID: o.ID, Type: recordType(k), OpenedAt: when(p["createdate"], o.CreatedAt), UpdatedAt: o.UpdatedAt}
	var pipeline string
	if k.name == "deals" {
		pipeline = p["pipeline"]
		r.Name, r.Currency = p["dealname"], p["deal_currency_code"]
		r.Amount, _ = strconv.ParseFloat(p["amount"], 64) // no amount is none
		if r.Currency == "" {
			r.Currency = know.Currency
		}
		state := "open"
		switch {
		case p["hs_is_closed_won"] == "true":
			state = "won"
		case p["hs_is_closed"] == "true":
			state = "lost"
		}
		r.Fields = fields("state", state, "deal type", p["dealtype"], "probability", p["hs_deal_stage_probability"], "lost reason", p["closed_lost_reason"])
		closes := when(p["closedate"], time.Time{})
		if state != "open" {
			r.ClosedAt = closes
		} else if !closes.IsZero() {
			r.Fields["expected close"] = closes.UTC().Format(time.DateOnly)
		}
	} else {
		pipeline = p["hs_pipeline"]
		r.Name = p["subject"]
		r.Fields = fields("priority", strings.ToLower(p["hs_ticket_priority"]), "category", p["hs_ticket_category"], "came by", strings.ToLower(p["source_type"]))
		r.ClosedAt = when(p["closed_date"], time.Time{})
	}
	if !s.wanted(pipeline, know) {
		out.LeftOut(k.name+" of other pipelines", 1)
		return
	}
	now := know.stage(pipeline, p[k.history])
	r.Stage = now.label
	r.Stages = stages(o.History[k.history], pipeline, know)
	if k.name == "tickets" && !now.closed && len(know.lines) > 0 {
		r.ClosedAt = time.Time{} // it was opened again
	}
	for name, value := range fields("pipeline", know.lines[pipeline], "owner", know.owner(p["hubspot_owner_id"])) {
		r.Fields[name] = value
	}
	r.Fields = further(k, o, r.Fields)
	r.Raw = out.Raw(raw)
	if s.reads("companies") {
		r.Organization = primary(o, "companies")
	}
	if s.reads("contacts") {
		r.Identity = primary(o, "contacts")
	}
	for _, old := range merged(o) {
		out.Record(connector.Record{ExternalID: old, Type: r.Type, Deleted: true, UpdatedAt: o.UpdatedAt})
	}
	out.Record(r)
}

// wanted reports whether a pipeline is among those that were chosen.
func (s *source) wanted(pipeline string, know *knowledge) bool {
	return len(s.pipeline) == 0 || s.pipeline[strings.ToLower(pipeline)] || s.pipeline[strings.ToLower(know.lines[pipeline])]
}

// stages are the steps in the order in which they were taken; one that names the stage it is in already is none.
func stages(history []change, pipeline string, know *knowledge) []connector.StageChange {
	if len(history) == 0 {
		return nil
	}
	steps := make([]connector.StageChange, 0, len(history))
	for _, h := range slices.Backward(history) {
		if h.Value != "" && !h.Timestamp.IsZero() {
			steps = append(steps, connector.StageChange{Stage: know.stage(pipeline, h.Value).label, At: h.Timestamp})
		}
	}
	slices.SortStableFunc(steps, func(a, b connector.StageChange) int { return a.At.Compare(b.At) })
	return slices.CompactFunc(steps, func(a, b connector.StageChange) bool { return a.Stage == b.Stage })
}

// primary is the object that another is associated with: the primary one where HubSpot says so, else the oldest. Lists say
// "deal_to_company" of the primary one and "deal_to_company_unlabeled" of each.
func primary(o *wireObject, kind string) string {
	best, first := "", false
	for _, r := range o.Associations[kind].Results {
		is := kind == "companies" && strings.HasSuffix(r.Type, "_to_company")
		switch {
		case best == "", is && !first, is == first && older(r.ID, best):
			best, first = r.ID, is
		}
	}
	return best
}

// older compares ids, which are numbers that grow.
func older(a, b string) bool { return len(a) < len(b) || len(a) == len(b) && a < b }

// merged lists the ids of objects that were merged into this one.
func merged(o *wireObject) []string {
	var ids []string
	for id := range strings.SplitSeq(o.Properties["hs_merged_object_ids"], ";") {
		if id = strings.TrimSpace(id); id != "" && id != o.ID {
			ids = append(ids, id)
		}
	}
	return ids
}

// owners pushes the users of HubSpot as the team.
func (s *source) owners(know *knowledge, out *connector.Sink) {
	ids := make([]string, 0, len(know.people))
	for id := range know.people {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		o := know.people[id]
		if o.Type == "QUEUE" {
			continue
		}
		who := connector.Identity{ExternalID: "owner/" + id, Name: strings.TrimSpace(o.FirstName + " " + o.LastName), Staff: true, Deleted: o.Archived}
		if mail := strings.ToLower(o.Email); strings.Count(mail, "@") == 1 {
			who.Emails = []greenroom.Email{{Address: mail, Verified: o.UserID != 0}} // users sign in with it
		}
		out.Identity(who)
	}
}

// lifecycle is HubSpot's lifecycle stage in Greenroom's words; stages of the account's own are told in a field.
func lifecycle(stage string) string {
	switch stage {
	case "subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity":
		return "prospect"
	case "customer", "evangelist":
		return "customer"
	case "other":
		return "other"
	}
	return ""
}

// fields are names and values; empty values are left out.
func fields(pairs ...string) map[string]string {
	f := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if v := clean(pairs[i+1]); v != "" {
			f[pairs[i]] = v
		}
	}
	return f
}

// further adds the properties that were asked for beyond the usual.
func further(k *objectKind, o *wireObject, f map[string]string) map[string]string {
	for _, name := range k.more {
		if v := clean(o.Properties[name]); v != "" {
			f[name] = v
		}
	}
	return f
}

func clean(v string) string { return strings.TrimSpace(strings.ReplaceAll(v, "\x00", "")) }

func whole(v string) int64 {
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || n < 0 || n > 1e12 {
		return 0
	}
	return int64(n)
}

// when reads a time as HubSpot writes it: ISO 8601, or milliseconds.
func when(v string, otherwise time.Time) time.Time {
	if v == "" {
		return otherwise
	}
	if at, err := time.Parse(time.RFC3339, v); err == nil {
		return at
	}
	if at, err := time.Parse(time.DateOnly, v); err == nil {
		return at
	}
	if ms, err := strconv.ParseInt(v, 10, 64); err == nil && ms > 0 {
		return time.UnixMilli(ms).UTC()
	}
	return otherwise
}

// domain is a host name in lower case without what people type around it.
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

// zone is an IANA name; HubSpot writes "america_slash_new_york".
func zone(v string) string {
	if v == "" || !strings.Contains(v, "_slash_") {
		return ""
	}
	parts := strings.Split(v, "_slash_")
	for i, part := range parts {
		words := strings.Split(part, "_")
		for j, w := range words {
			if w != "" {
				words[j] = strings.ToUpper(w[:1]) + w[1:]
			}
		}
		parts[i] = strings.Join(words, "_")
	}
	name := strings.Join(parts, "/")
	if _, err := time.LoadLocation(name); err != nil {
		return ""
	}
	return name
}

func place(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", ")
}
