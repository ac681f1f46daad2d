// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rowmap

import (
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// The names of the options that all connectors of tables share.
const (
	OptType       = "type"
	OptMapping    = "mapping"
	OptUnmapped   = "unmapped"
	OptDateOrder  = "date-order"
	OptTimeZone   = "time-zone"
	OptBusiness   = "business"
	OptVerified   = "verified"
	OptKind       = "kind"
	OptRecordType = "record-type"
	OptCurrency   = "currency"

	valueAuto     = "auto"
	valueField    = "field"
	valueIgnore   = "ignore"
	valueDayFirst = "day-month"
	valueMonFirst = "month-day"
)

// Options are the options that all connectors of tables share, in the order of the form.
func Options() []connector.Option {
	return []connector.Option{
		{
			Name: OptType, Label: "What the rows are", Type: connector.Choice, Default: TypeAuto,
			Choices: []string{TypeAuto, TypeMembers, TypeOrganizations, TypeActivities, TypeRecords},
			Help:    "Members, organizations, activities, or records (deals, cases, subscriptions); auto tells by the column names.",
		},
		{
			Name: OptMapping, Label: "Mapping of the columns", Type: connector.Mapping, Example: `email=Mail,name=Full name,joined=#4`,
			Help: "Pairs field=column, with commas between them. A column is given by its name, in quotation marks if it holds a comma, or its number such as #4; nothing behind = leaves the field empty. Other columns are found by their names.",
		},
		{
			Name: OptUnmapped, Label: "Other columns", Type: connector.Choice, Default: valueField, Choices: []string{valueField, valueIgnore},
			Help: "Whether the columns without a field become custom fields or are ignored. Activities have none.",
		},
		{
			Name: OptDateOrder, Label: "Order of dates", Type: connector.Choice, Default: valueAuto,
			Choices: []string{valueAuto, valueDayFirst, valueMonFirst},
			Help:    "How 02/03/2025 is meant; auto goes by the dates in the file that can mean only one thing.",
		},
		{
			Name: OptTimeZone, Label: "Time zone", Type: connector.Text, Default: "UTC", Example: "Europe/Berlin",
			Help: "The time zone of times that do not say theirs.",
		},
		{
			Name: OptVerified, Label: "Addresses are verified", Type: connector.Bool, Default: "false",
			Help: "Whether the file comes from a system that has confirmed that people own their e-mail addresses. It is shown as the reason where an address joins two accounts.",
		},
		{
			Name: OptBusiness, Label: "From a business system", Type: connector.Bool, Default: "false",
			Help: "Whether the people in the file are contacts, known from a CRM or a ticketing system, and become members only when they act in the community.",
		},
		{
			Name: OptKind, Label: "Kind of the activities", Type: connector.Text, Default: "message", Example: "attendance",
			Help: "The kind of activities whose row does not say it.",
		},
		{
			Name: OptRecordType, Label: "Type of the records", Type: connector.Choice, Default: "deal", Choices: []string{"deal", "case", "subscription"},
			Help: "What a business record is whose row does not say it.",
		},
		{
			Name: OptCurrency, Label: "Currency", Type: connector.Text, Example: "EUR",
			Help: "The currency of amounts that do not name theirs, as a code of three letters.",
		},
	}
}

// Settings are the shared options, checked.
type Settings struct {
	Asked      string // the type of rows, or auto
	Mapping    []Pair
	Unmapped   bool // columns without a field become custom fields
	Verified   bool // e-mail addresses are
	Kind       greenroom.Kind
	RecordType string
	Currency   string

	order dateOrder
	zone  *time.Location
}

// ReadSettings checks the shared options. The error, with CodeInvalid, says what was expected.
func ReadSettings(v connector.Values) (*Settings, error) {
	s := &Settings{
		Asked: TypeAuto, Unmapped: v[OptUnmapped] != valueIgnore, Kind: greenroom.KindMessage, RecordType: "deal",
		Currency: strings.ToUpper(strings.TrimSpace(v[OptCurrency])), zone: time.UTC,
	}
	all := Options()
	for i := range all {
		if o := &all[i]; len(o.Choices) > 0 && v[o.Name] != "" && !slices.Contains(o.Choices, v[o.Name]) {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "the option %s is one of %s, not %q", o.Name, strings.Join(o.Choices, ", "), v[o.Name])
		}
	}
	if v[OptType] != "" {
		s.Asked = v[OptType]
	}
	switch v[OptDateOrder] {
	case valueDayFirst:
		s.order = orderDayFirst
	case valueMonFirst:
		s.order = orderMonthFirst
	}
	var err error
	if z := strings.TrimSpace(v[OptTimeZone]); z != "" {
		if s.zone, err = time.LoadLocation(z); err != nil || z == "Local" {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "there is no time zone %q; give one such as Europe/Berlin or UTC", z)
		}
	}
	switch v[OptVerified] {
	case "", "false":
	case "true":
		s.Verified = true
	default:
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the option %s is true or false, not %q", OptVerified, v[OptVerified])
	}
	if k := strings.TrimSpace(v[OptKind]); k != "" {
		if s.Kind = ParseKind(k); s.Kind == greenroom.KindUnknown {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "there is no activity kind %q; give one such as message, attendance or usage", k)
		}
	}
	if v[OptRecordType] != "" {
		s.RecordType = v[OptRecordType]
	}
	if _, ok := currencyCode(s.Currency); !ok || s.Currency != "" && len(s.Currency) != 3 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the currency is a code of three letters such as EUR, not %q", s.Currency)
	}
	s.Mapping, err = ParseMapping(v[OptMapping])
	return s, err
}
