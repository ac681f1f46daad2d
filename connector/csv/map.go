// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package csv

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// mapper turns rows into facts.
type mapper struct {
	*settings
	*plan
}

// facts are what one row tells. What it does not tell is nil.
type facts struct {
	key        string // what makes the row one of a kind: a second row with it is not told
	identity   *connector.Identity
	org        *connector.Organization
	membership *connector.Membership
	channel    *connector.Channel
	activity   *connector.Activity
	record     *connector.Record
}

// problem says why a row cannot be told, and what was expected.
type problem struct{ reason, expected string }

// madeUp begins the external ids of what has none in the file.
const madeUp = "row:"

// cells are the values of a row by field.
type cells struct {
	*mapper
	values []string
}

func (c cells) get(field string) string {
	i, ok := c.index[field]
	if !ok || i >= len(c.values) || isNothing(c.values[i]) {
		return ""
	}
	return c.values[i]
}

// row turns a row into facts.
func (m *mapper) row(values []string) (facts, *problem) {
	c := cells{m, values}
	switch m.typ {
	case TypeMembers:
		return c.member()
	case TypeOrganizations:
		return c.organization()
	case TypeActivities:
		return c.activity()
	default:
		return c.record()
	}
}

// member turns a row into an identity and its organization.
func (c cells) member() (f facts, p *problem) {
	id, p := c.person(fID, fName)
	if p != nil {
		return f, p
	}
	if id.Name == "" {
		id.Name = strings.TrimSpace(c.get(fFirstName) + " " + c.get(fLastName))
	}
	if id.JoinedAt, p = c.date(fJoined); p != nil {
		return f, p
	}
	id.JobTitle, id.Company, id.Bio, id.TimeZone = c.get(fTitle), c.get(fOrganization), c.get(fBio), c.zone()
	id.Location = c.get(fLocation)
	if country := c.get(fCountry); country != "" && !strings.Contains(strings.ToLower(id.Location), strings.ToLower(country)) {
		id.Location = strings.TrimPrefix(id.Location+", "+country, ", ")
	}
	for _, link := range splitList(c.get(fProfile)) {
		if link = webAddress(link); link != "" {
			id.Links = append(id.Links, link)
		}
	}
	id.AvatarURL = webAddress(c.get(fAvatar))
	id.Tags, id.Fields = splitList(c.get(fTags)), c.custom()
	if id.ExternalID == "" && id.Name != "" {
		id.ExternalID = madeUp + hash(id.Name, id.Company, id.JobTitle, id.Location)
	}
	if id.ExternalID == "" {
		return f, &problem{"the row names nobody", "an e-mail address, a handle, a name or an id"}
	}
	f.org, p = c.belongsTo()
	if p != nil {
		return f, p
	}
	f.key, f.identity = id.ExternalID, id
	if f.org != nil {
		f.membership = &connector.Membership{Identity: id.ExternalID, Organization: f.org.ExternalID}
	}
	return f, nil
}

// person reads who a row is about. The external id is empty where only a name, or nothing, is told.
func (c cells) person(idField, nameField string) (*connector.Identity, *problem) {
	emails, bad := emailList(c.get(fEmail))
	if bad != "" {
		return nil, &problem{fmt.Sprintf("%q is not an e-mail address", bad), "an address such as ada@example.com, or nothing"}
	}
	id := &connector.Identity{ExternalID: c.get(idField), Handle: strings.TrimPrefix(c.get(fHandle), "@"), Name: c.get(nameField)}
	for _, e := range emails {
		id.Emails = append(id.Emails, greenroom.Email{Address: e, Verified: c.verified})
	}
	switch {
	case id.ExternalID != "":
	case len(emails) > 0:
		id.ExternalID = emails[0]
	case id.Handle != "":
		id.ExternalID = "@" + strings.ToLower(id.Handle)
	}
	return id, nil
}

// belongsTo reads the organization that a person or record belongs to.
func (c cells) belongsTo() (*connector.Organization, *problem) {
	o := &connector.Organization{Name: c.get(fOrganization)}
	if v := c.get(fDomain); v != "" {
		d := domainOf(v)
		if d == "" {
			return nil, &problem{fmt.Sprintf("%q is not a domain", v), "a domain such as example.com, or nothing"}
		}
		o.Domains = []string{d}
	}
	switch {
	case len(o.Domains) > 0:
		o.ExternalID = o.Domains[0]
	case o.Name != "":
		o.ExternalID = nameKey(o.Name)
	default:
		return nil, nil //nolint:nilnil // the row names none
	}
	return o, nil
}

// nameKey is the external id of an organization that has a name only: however it is spaced and capitalized, it is one.
func nameKey(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// organization turns a row into an organization.
func (c cells) organization() (f facts, p *problem) {
	o := &connector.Organization{ExternalID: c.get(fID), Name: c.get(fName), Country: c.get(fCountry), Tags: splitList(c.get(fTags)), Fields: c.custom()}
	for _, v := range splitList(c.get(fDomain)) {
		d := domainOf(v)
		if d == "" {
			return f, &problem{fmt.Sprintf("%q is not a domain", v), "domains such as example.com, or nothing"}
		}
		o.Domains = append(o.Domains, d)
	}
	var known bool
	stage := c.get(fLifecycle)
	if o.Lifecycle, known = lifecycle(stage); !known {
		o.Fields = withField(o.Fields, "lifecycle", stage)
	}
	if v := c.get(fSize); v != "" {
		if o.Size, known = parseSize(v); !known {
			o.Size, o.Fields = 0, withField(o.Fields, "size", v)
		}
	}
	switch {
	case o.ExternalID != "":
	case len(o.Domains) > 0:
		o.ExternalID = o.Domains[0]
	default:
		o.ExternalID = nameKey(o.Name)
	}
	if o.ExternalID == "" {
		return f, &problem{"the row names no organization", "a name, a domain or an id"}
	}
	f.key, f.org = o.ExternalID, o
	return f, nil
}

func withField(m map[string]string, name, value string) map[string]string {
	if m == nil {
		m = make(map[string]string)
	}
	m[name] = value
	return m
}

// activity turns a row into an activity and its author.
func (c cells) activity() (f facts, p *problem) {
	a := &connector.Activity{
		ExternalID: c.get(fID), Kind: c.kind, Thread: c.get(fThread), ReplyTo: c.get(fReplyTo), Title: c.get(fTitle), Body: c.get(fBody),
	}
	if a.OccurredAt, p = c.date(fWhen); p != nil {
		return f, p
	}
	if a.OccurredAt.IsZero() {
		return f, &problem{"the row has no date", "a date such as 2025-12-31 14:05"}
	}
	if v := c.get(fURL); v != "" {
		if a.URL = webAddress(v); a.URL == "" {
			return f, &problem{fmt.Sprintf("%q is not a web address", v), "an address such as https://example.com/1, or nothing"}
		}
	}
	who, p := c.person(fMember, fName)
	if p != nil {
		return f, p
	}
	if who.ExternalID == "" {
		who.ExternalID = strings.ToLower(who.Name)
	}
	if who.ExternalID != "" {
		f.identity, a.Author = who, who.ExternalID
	}
	if name := strings.TrimPrefix(c.get(fChannel), "#"); name != "" {
		f.channel = &connector.Channel{ExternalID: name, Name: name}
		a.Channel = name
	}
	if a.ExternalID == "" {
		a.ExternalID = madeUp + hash(c.get(fKind), a.Author, a.OccurredAt.Format(time.RFC3339Nano), a.Channel, a.Thread, a.ReplyTo, a.Title, a.Body, a.URL)
	}
	if v := c.get(fKind); v != "" {
		if a.Kind = parseKind(v); a.Kind == greenroom.KindUnknown {
			return f, &problem{fmt.Sprintf("there is no activity kind %q", v), "a kind such as message, reply, reaction, attendance or usage"}
		}
	} else if a.Kind == greenroom.KindMessage && (a.ReplyTo != "" || a.Thread != "" && a.Thread != a.ExternalID) {
		a.Kind = greenroom.KindReply
	}
	f.key, f.activity = a.ExternalID, a
	return f, nil
}

// record turns a row into a business record, its organization and its contact.
func (c cells) record() (f facts, p *problem) {
	r := &connector.Record{ExternalID: c.get(fID), Type: c.recordType, Name: c.get(fName), Stage: c.get(fStage), Currency: c.currency, Fields: c.custom()}
	if v := c.get(fType); v != "" {
		word, known := recordType(v)
		if !known {
			return f, &problem{fmt.Sprintf("%q is not a type of business record", v), "deal, case or subscription"}
		}
		r.Type = word
	}
	if r.OpenedAt, p = c.date(fOpened); p != nil {
		return f, p
	}
	if r.ClosedAt, p = c.date(fClosed); p != nil {
		return f, p
	}
	if p = c.amount(r); p != nil {
		return f, p
	}
	if f.org, p = c.belongsTo(); p != nil {
		return f, p
	}
	if f.org != nil {
		r.Organization = f.org.ExternalID
	}
	contact, p := c.person("", fMember)
	switch {
	case p != nil:
		return f, p
	case contact.ExternalID != "":
		f.identity, r.Identity = contact, contact.ExternalID
		if f.org != nil {
			f.membership = &connector.Membership{Identity: contact.ExternalID, Organization: f.org.ExternalID}
		}
	case contact.Name != "":
		r.Fields = withField(r.Fields, "contact", contact.Name)
	}
	if r.ExternalID == "" {
		if r.Name == "" && r.Organization == "" {
			return f, &problem{"the row has neither id nor name nor organization", "one of them"}
		}
		r.ExternalID = madeUp + hash(r.Type, r.Name, r.Organization, r.OpenedAt.Format(time.RFC3339Nano), r.Identity)
	}
	f.key, f.record = r.Type+" "+r.ExternalID, r
	return f, nil
}

func (c cells) amount(r *connector.Record) *problem {
	if v := c.get(fAmount); v != "" {
		amount, currency, ok := parseAmount(v, c.delim == ';')
		if !ok {
			return &problem{fmt.Sprintf("%q is not an amount", v), "a number such as 1234.56, with its currency or without"}
		}
		r.Amount = amount
		if currency != "" {
			r.Currency = currency
		}
	}
	if v := c.get(fCurrency); v != "" {
		code, ok := currencyCode(strings.ToUpper(v))
		if !ok {
			return &problem{fmt.Sprintf("%q is not a currency", v), "a code of three letters such as EUR"}
		}
		r.Currency = code
	}
	return nil
}

// date reads a field's date; nothing there is the zero time.
func (c cells) date(field string) (time.Time, *problem) {
	v := c.get(field)
	if v == "" || isNoDate(v) {
		return time.Time{}, nil
	}
	t, bad := c.dates.parse(v)
	switch bad {
	case "":
		return t, nil
	case dateAmbiguous:
		return t, &problem{fmt.Sprintf("%s: %q %s", field, v, bad), "set the option date-order to " + valueDayFirst + " or " + valueMonFirst}
	}
	return t, &problem{fmt.Sprintf("%s: %q %s", field, v, bad), "a date such as 2025-12-31, 31.12.2025 14:05 or 2025-12-31T14:05:00Z"}
}

// zone is the time zone column where it holds the name of one or an offset such as +02:00.
func (c cells) zone() string {
	v := c.get(fTimeZone)
	if v == "" {
		return ""
	}
	if name, ok := c.zones[v]; ok {
		return name
	}
	name := ""
	if loc, ok := parseZone(strings.ToLower(v)); ok {
		name = time.Date(2000, 1, 1, 0, 0, 0, 0, loc).Format("-07:00")
	} else if _, err := time.LoadLocation(v); err == nil && v != "Local" {
		name = v
	}
	if len(c.zones) < maxZones {
		c.zones[v] = name
	}
	return name
}

// custom collects the columns without a field.
func (c cells) custom() map[string]string {
	if !c.unmapped {
		return nil
	}
	var out map[string]string
	for i, v := range c.values {
		if i < len(c.fields) && c.fields[i] == "" && !isNothing(v) {
			out = withField(out, c.header[i], v)
		}
	}
	return out
}

// hash makes an id of what tells a row from others.
func hash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:10])
}
