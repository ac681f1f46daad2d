// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rowmap

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// Facts are what one row tells. What it does not tell is nil.
type Facts struct {
	Key          string // what makes the row one of a kind: a second row with it is not told
	Identity     *connector.Identity
	Organization *connector.Organization
	Membership   *connector.Membership
	Channel      *connector.Channel
	Activity     *connector.Activity
	Record       *connector.Record
}

// Problem says why a row cannot be told, and what was expected.
type Problem struct{ Reason, Expected string }

// MadeUp begins the external ids of what has none in the table.
const MadeUp = "row:"

// cells are the values of a row by field.
type cells struct {
	*Mapper

	values []string
}

func (c cells) get(field string) string {
	i, ok := c.index[field]
	if !ok || i >= len(c.values) || IsNothing(c.values[i]) {
		return ""
	}
	return c.values[i]
}

// Row turns a row into facts. It may hold fewer values than the header has columns.
func (m *Mapper) Row(values []string) (Facts, *Problem) {
	c := cells{m, values}
	switch m.Type {
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
func (c cells) member() (f Facts, p *Problem) {
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
	for _, link := range SplitList(c.get(fProfile)) {
		if link = WebAddress(link); link != "" {
			id.Links = append(id.Links, link)
		}
	}
	id.AvatarURL = WebAddress(c.get(fAvatar))
	id.Tags, id.Fields = SplitList(c.get(fTags)), c.custom()
	if id.ExternalID == "" && id.Name != "" {
		id.ExternalID = MadeUp + hash(id.Name, id.Company, id.JobTitle, id.Location)
	}
	if id.ExternalID == "" {
		return f, &Problem{"the row names nobody", "an e-mail address, a handle, a name or an id"}
	}
	f.Organization, p = c.belongsTo()
	if p != nil {
		return f, p
	}
	f.Key, f.Identity = id.ExternalID, id
	if f.Organization != nil {
		f.Membership = &connector.Membership{Identity: id.ExternalID, Organization: f.Organization.ExternalID}
	}
	return f, nil
}

// person reads who a row is about. The external id is empty where only a name, or nothing, is told.
func (c cells) person(idField, nameField string) (*connector.Identity, *Problem) {
	emails, bad := Emails(c.get(fEmail))
	if bad != "" {
		return nil, &Problem{fmt.Sprintf("%q is not an e-mail address", bad), "an address such as ada@example.com, or nothing"}
	}
	id := &connector.Identity{ExternalID: c.get(idField), Handle: strings.TrimPrefix(c.get(fHandle), "@"), Name: c.get(nameField)}
	for _, e := range emails {
		id.Emails = append(id.Emails, greenroom.Email{Address: e, Verified: c.set.Verified})
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
func (c cells) belongsTo() (*connector.Organization, *Problem) {
	o := &connector.Organization{Name: c.get(fOrganization)}
	if v := c.get(fDomain); v != "" {
		d := Domain(v)
		if d == "" {
			return nil, &Problem{fmt.Sprintf("%q is not a domain", v), "a domain such as example.com, or nothing"}
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
func (c cells) organization() (f Facts, p *Problem) {
	o := &connector.Organization{ExternalID: c.get(fID), Name: c.get(fName), Country: c.get(fCountry), Tags: SplitList(c.get(fTags)), Fields: c.custom()}
	for _, v := range SplitList(c.get(fDomain)) {
		d := Domain(v)
		if d == "" {
			return f, &Problem{fmt.Sprintf("%q is not a domain", v), "domains such as example.com, or nothing"}
		}
		o.Domains = append(o.Domains, d)
	}
	var known bool
	stage := c.get(fLifecycle)
	if o.Lifecycle, known = Lifecycle(stage); !known {
		o.Fields = withField(o.Fields, "lifecycle", stage)
	}
	if v := c.get(fSize); v != "" {
		if o.Size, known = ParseSize(v); !known {
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
		return f, &Problem{"the row names no organization", "a name, a domain or an id"}
	}
	f.Key, f.Organization = o.ExternalID, o
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
func (c cells) activity() (f Facts, p *Problem) {
	a := &connector.Activity{
		ExternalID: c.get(fID), Kind: c.set.Kind, Thread: c.get(fThread), ReplyTo: c.get(fReplyTo), Title: c.get(fTitle), Body: c.get(fBody),
	}
	if a.OccurredAt, p = c.date(fWhen); p != nil {
		return f, p
	}
	if a.OccurredAt.IsZero() {
		return f, &Problem{"the row has no date", "a date such as 2025-12-31 14:05"}
	}
	if v := c.get(fURL); v != "" {
		if a.URL = WebAddress(v); a.URL == "" {
			return f, &Problem{fmt.Sprintf("%q is not a web address", v), "an address such as https://example.com/1, or nothing"}
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
		f.Identity, a.Author = who, who.ExternalID
	}
	if name := strings.TrimPrefix(c.get(fChannel), "#"); name != "" {
		f.Channel = &connector.Channel{ExternalID: name, Name: name}
		a.Channel = name
	}
	if a.ExternalID == "" {
		a.ExternalID = MadeUp + hash(c.get(fKind), a.Author, a.OccurredAt.Format(time.RFC3339Nano), a.Channel, a.Thread, a.ReplyTo, a.Title, a.Body, a.URL)
	}
	if v := c.get(fKind); v != "" {
		if a.Kind = ParseKind(v); a.Kind == greenroom.KindUnknown {
			return f, &Problem{fmt.Sprintf("there is no activity kind %q", v), "a kind such as message, reply, reaction, attendance or usage"}
		}
	} else if a.Kind == greenroom.KindMessage && (a.ReplyTo != "" || a.Thread != "" && a.Thread != a.ExternalID) {
		a.Kind = greenroom.KindReply
	}
	f.Key, f.Activity = a.ExternalID, a
	return f, nil
}

// record turns a row into a business record, its organization and its contact.
func (c cells) record() (f Facts, p *Problem) {
	r := &connector.Record{ExternalID: c.get(fID), Type: c.set.RecordType, Name: c.get(fName), Stage: c.get(fStage), Currency: c.set.Currency, Fields: c.custom()}
	if v := c.get(fType); v != "" {
		word, known := RecordType(v)
		if !known {
			return f, &Problem{fmt.Sprintf("%q is not a type of business record", v), "deal, case or subscription"}
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
	if f.Organization, p = c.belongsTo(); p != nil {
		return f, p
	}
	if f.Organization != nil {
		r.Organization = f.Organization.ExternalID
	}
	contact, p := c.person("", fMember)
	switch {
	case p != nil:
		return f, p
	case contact.ExternalID != "":
		f.Identity, r.Identity = contact, contact.ExternalID
		if f.Organization != nil {
			f.Membership = &connector.Membership{Identity: contact.ExternalID, Organization: f.Organization.ExternalID}
		}
	case contact.Name != "":
		r.Fields = withField(r.Fields, "contact", contact.Name)
	}
	if r.ExternalID == "" {
		if r.Name == "" && r.Organization == "" {
			return f, &Problem{"the row has neither id nor name nor organization", "one of them"}
		}
		r.ExternalID = MadeUp + hash(r.Type, r.Name, r.Organization, r.OpenedAt.Format(time.RFC3339Nano), r.Identity)
	}
	f.Key, f.Record = r.Type+" "+r.ExternalID, r
	return f, nil
}

func (c cells) amount(r *connector.Record) *Problem {
	if v := c.get(fAmount); v != "" {
		amount, currency, ok := ParseAmount(v, c.comma)
		if !ok {
			return &Problem{fmt.Sprintf("%q is not an amount", v), "a number such as 1234.56, with its currency or without"}
		}
		r.Amount = amount
		if currency != "" {
			r.Currency = currency
		}
	}
	if v := c.get(fCurrency); v != "" {
		code, ok := currencyCode(strings.ToUpper(v))
		if !ok {
			return &Problem{fmt.Sprintf("%q is not a currency", v), "a code of three letters such as EUR"}
		}
		r.Currency = code
	}
	return nil
}

// date reads a field's date; nothing there is the zero time.
func (c cells) date(field string) (time.Time, *Problem) {
	v := c.get(field)
	if v == "" || IsNoDate(v) {
		return time.Time{}, nil
	}
	t, bad := c.dates.parse(v)
	switch bad {
	case "":
		return t, nil
	case dateAmbiguous:
		return t, &Problem{fmt.Sprintf("%s: %q %s", field, v, bad), "set the option date-order to " + valueDayFirst + " or " + valueMonFirst}
	}
	return t, &Problem{fmt.Sprintf("%s: %q %s", field, v, bad), "a date such as 2025-12-31, 31.12.2025 14:05 or 2025-12-31T14:05:00Z"}
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
	if !c.set.Unmapped {
		return nil
	}
	var out map[string]string
	for i, v := range c.values {
		if i < len(c.Fields) && c.Fields[i] == "" && !IsNothing(v) {
			out = withField(out, c.Header[i], v)
		}
	}
	return out
}

// hash makes an id of what tells a row from others.
func hash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:10])
}
