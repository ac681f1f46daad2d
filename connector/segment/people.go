// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/connector"
)

// Bounds of the custom fields that traits become.
const (
	maxFields     = 40
	maxFieldName  = 60
	maxFieldValue = 300
)

// person pushes who an event is about, with the traits that it carries. Libraries of RudderStack put the traits of an
// identify call into its context; others put there what an earlier call told.
func (s *source) person(e *told, shared *eventContext, identify bool, out *connector.Sink) {
	if e.who == "" {
		return
	}
	t := make(traits)
	maps.Copy(t, shared.Traits)
	maps.Copy(t, e.Context.Traits)
	if identify {
		maps.Copy(t, e.Traits)
	}
	id := connector.Identity{ExternalID: e.who}
	if len(t) == 0 {
		out.Identity(id)
		return
	}
	id.Handle, id.Name = cut(t.get("username", "userName", "handle", "login"), maxTitle), cut(t.get("name", "fullName", "full_name", "displayName"), maxTitle)
	if id.Name == "" {
		id.Name = cut(strings.TrimSpace(t.get("firstName", "first_name", "firstname")+" "+t.get("lastName", "last_name", "lastname")), maxTitle)
	}
	if mail := email(t.get("email", "emailAddress", "email_address")); mail != "" {
		id.Emails = []greenroom.Email{{Address: mail}}
	}
	id.AvatarURL, id.Bio = webAddress(t.get("avatar", "avatarUrl", "avatar_url")), cut(t.get("description", "bio"), 1000)
	id.JobTitle, id.Location = cut(t.get("title", "jobTitle", "job_title", "position"), maxTitle), cut(place(t), maxTitle)
	if id.TimeZone = t.get("timezone", "timeZone", "time_zone"); id.TimeZone == "" {
		id.TimeZone = string(e.Context.Timezone)
	}
	if link := webAddress(t.get("website", "url")); link != "" {
		id.Links = []string{link}
	}
	if at, ok := moment(text(t.get("createdAt", "created_at", "signupDate", "signup_date"))); ok {
		id.JoinedAt = at
	}
	if identify {
		id.Fields = fields(t)
		id.Raw = out.Raw(e.raw)
	}
	id.Company = cut(s.company(e, t, out), maxTitle)
	out.Identity(id)
}

// company reads the company trait: a name, or an object that may have an id too.
func (s *source) company(e *told, t traits, out *connector.Sink) string {
	c := t.within("company")
	if c == nil {
		return t.get("company", "companyName", "company_name", "organization")
	}
	key := s.realID(text(c.get("id", "company_id")))
	if key == "" {
		return c.get("name")
	}
	o := organization(key, c)
	out.Organization(o)
	out.Membership(connector.Membership{Identity: e.who, Organization: o.ExternalID})
	return o.Name
}

// group pushes an organization and that somebody belongs to it.
func (s *source) group(e *told, shared *eventContext, path string, out *connector.Sink) {
	key := s.realID(e.GroupID)
	if key == "" {
		reject(out, path, e.number, e.raw, "the group call names no group", "groupId")
		return
	}
	o := organization(key, e.Traits)
	o.Raw = out.Raw(e.raw)
	out.Organization(o)
	if e.who == "" {
		return
	}
	s.person(e, shared, false, out)
	out.Membership(connector.Membership{Identity: e.who, Organization: o.ExternalID})
}

func organization(key string, t traits) connector.Organization {
	o := connector.Organization{
		ExternalID: groupPrefix + key, Name: cut(t.get("name"), maxTitle), Country: t.within("address").get("country"), Lifecycle: lifecycle(t), Fields: fields(t),
	}
	if o.Country == "" {
		o.Country = t.get("country", "country_code")
	}
	for _, name := range []string{"domain", "website", "url"} {
		if d := domain(t.get(name)); d != "" && !slices.Contains(o.Domains, d) {
			o.Domains = append(o.Domains, d)
		}
	}
	if n, err := strconv.ParseFloat(t.get("employees", "employee_count", "employeeCount", "size"), 64); err == nil && n > 0 && n < 1e12 {
		o.Size = int64(n)
	}
	return o
}

// lifecycle takes a group's word for what it is to the company, where it is one of Greenroom's.
func lifecycle(t traits) string {
	for _, name := range []string{"lifecycle", "lifecycle_stage", "lifecycleStage", "status", "subscription_status", "plan"} {
		switch strings.ToLower(t.get(name)) {
		case "prospect", "lead":
			return "prospect"
		case "trial", "trialing":
			return "trial"
		case "customer", "active", "paying", "paid":
			return "customer"
		case "churned", "canceled", "cancelled": //nolint:misspell // as some write it
			return "churned"
		case "partner":
			return "partner"
		}
	}
	return ""
}

// fields are the traits that have no place of their own, as far as they are plain. What is nobody's business here stays
// in the payload only.
func fields(t traits) map[string]string {
	var out map[string]string
	for _, name := range slices.Sorted(maps.Keys(t)) {
		switch name {
		case "name", "fullName", "full_name", "displayName", "firstName", "first_name", "firstname", "lastName", "last_name", "lastname", "email", "emailAddress",
			"email_address", "username", "userName", "handle", "login", "avatar", "avatarUrl", "avatar_url", "description", "bio", "title", "jobTitle", "job_title",
			"position", "createdAt", "created_at", "signupDate", "signup_date", "website", "url", "company", "companyName", "company_name", "organization", "address",
			"city", "country", "timezone", "timeZone", "time_zone", "domain", "employees", "employee_count", "employeeCount", "size", "id",
			"phone", "birthday", "password", "token", "ssn":
			continue
		}
		v := plain(t[name])
		if v == "" || len(name) > maxFieldName || len(out) >= maxFields {
			continue
		}
		if out == nil {
			out = make(map[string]string)
		}
		out[clean(name)] = cut(v, maxFieldValue)
	}
	return out
}

// place is where somebody lives: an address in parts, or as it is written.
func place(t traits) string {
	parts := t.within("address")
	if parts == nil {
		if v := t.get("address", "location"); v != "" {
			return v
		}
		parts = t
	}
	var words []string
	for _, name := range []string{"city", "state", "country"} {
		if v := parts.get(name); v != "" {
			words = append(words, v)
		}
	}
	return strings.Join(words, ", ")
}

// email is an address in lower case, "" where it is none.
func email(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	local, host, ok := strings.Cut(s, "@")
	if !ok || local == "" || len(s) > 254 || !strings.Contains(strings.Trim(host, "."), ".") || strings.ContainsAny(s, " \t\r\n<>()[],;:\"\\") || strings.Contains(host, "@") {
		return ""
	}
	return s
}

// domain is the host of an address or a bare domain, "" where it is none.
func domain(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if _, after, ok := strings.Cut(s, "://"); ok {
		s = after
	}
	s = strings.TrimPrefix(s, "www.")
	if i := strings.IndexAny(s, "/?#:"); i >= 0 {
		s = s[:i]
	}
	if s = strings.Trim(s, "."); !strings.Contains(s, ".") || strings.ContainsAny(s, " \t@\"<>(),;\\_") || len(s) > 253 {
		return ""
	}
	return s
}
