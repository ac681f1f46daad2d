// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"context"
	"slices"
	"strings"
	"time"

	"greenroom/connector/internal/rest"
)

// sobject is an object of Salesforce and what is asked of it.
type sobject struct {
	name      string // as the API calls it, e.g. "Opportunity"
	plural    string // as people call it, e.g. "opportunities"
	fields    []string
	important []string // without which a person would wonder
	more      []string // further fields
	where     string   // which records; "" = all
	history   bool     // it goes through stages
	query     string   // ours, for the survey
	of        string

	there bool            // it may be read; set by describe
	has   map[string]bool // its fields in lower case
}

// sobjects are the objects that are known, in the order in which they have to be read.
func sobjects() []sobject {
	return []sobject{
		{
			name: "Account", plural: "accounts", of: "organizations", important: []string{"Name", "Website"},
			fields: []string{
				"Name", "Website", "Type", "Industry", "NumberOfEmployees", "AnnualRevenue", "BillingCountry", "BillingCountryCode", "OwnerId",
				"CreatedDate", "IsPersonAccount", "ParentId",
			},
		},
		{
			name: "User", plural: "users", of: "identities", where: "UserType = 'Standard'",
			fields: []string{"Name", "Email", "Username", "Title", "IsActive", "TimeZoneSidKey", "City", "State", "Country", "CreatedDate"},
		},
		{
			name: "Contact", plural: "contacts", of: "identities", important: []string{"Name", "Email", "AccountId"},
			fields: []string{
				"Name", "Email", "Title", "AccountId", "MailingCity", "MailingState", "MailingCountry", "LeadSource", "OwnerId", "CreatedDate",
				"IsPersonAccount", "MasterRecordId",
			},
		},
		{
			name: "Lead", plural: "leads", of: "identities", important: []string{"Name", "Email"},
			fields: []string{
				"Name", "Email", "Title", "Company", "City", "State", "Country", "Website", "Status", "LeadSource", "OwnerId", "CreatedDate",
				"IsConverted", "ConvertedContactId", "MasterRecordId",
			},
		},
		{
			name: "Opportunity", plural: "opportunities", of: "records", query: "type:deal", history: true, important: []string{"Name", "StageName", "Amount", "AccountId"},
			fields: []string{
				"Name", "StageName", "Amount", "CurrencyIsoCode", "CloseDate", "IsClosed", "IsWon", "Probability", "Type", "LeadSource",
				"ForecastCategoryName", "AccountId", "OwnerId", "CreatedDate",
			},
		},
		{
			name: "Case", plural: "cases", of: "records", query: "type:case", history: true, important: []string{"Subject", "Status", "ContactId"},
			fields: []string{
				"CaseNumber", "Subject", "Status", "Priority", "Origin", "Type", "Reason", "IsClosed", "ClosedDate", "AccountId", "ContactId", "OwnerId",
				"CreatedDate", "MasterRecordId",
			},
		},
	}
}

// describe learns which fields an object has for the user that the app runs as.
func (s *source) describe(ctx context.Context, k *sobject) error {
	if k.has != nil {
		return nil
	}
	var d struct {
		Queryable bool `json:"queryable"`
		Fields    []struct {
			Name string `json:"name"`
		} `json:"fields"`
	}
	if _, err := s.client.Into(ctx, api+"/sobjects/"+k.name+"/describe", nil, &d); err != nil && !without(err) {
		return err
	}
	k.there, k.has = d.Queryable, make(map[string]bool, len(d.Fields))
	for i := range d.Fields {
		k.has[strings.ToLower(d.Fields[i].Name)] = true
	}
	if !k.there {
		s.env.Meter.Warn("Salesforce does not let this app read " + k.plural + ": the user that it runs as lacks Read on " + k.name + ".")
	}
	return nil
}

// columns are what is selected of an object: what there is of what is wanted, and of its account whether it is a person.
func (s *source) columns(k *sobject) string {
	all := []string{"Id", "SystemModstamp"}
	if k.has["isdeleted"] {
		all = append(all, "IsDeleted")
	}
	for _, list := range [][]string{k.fields, k.more} {
		for _, f := range list {
			if k.has[strings.ToLower(f)] {
				all = append(all, f)
			}
		}
	}
	if k.has["ownerid"] {
		all = append(all, "Owner.Name")
	}
	if k.history && k.has["accountid"] && slices.ContainsFunc(s.kinds, func(a *sobject) bool { return a.name == "Account" && a.has["ispersonaccount"] }) {
		all = append(all, "Account.IsPersonAccount", "Account.PersonContactId")
	}
	return strings.Join(all, ", ")
}

// row is a record of any object.
type row struct {
	ID        string `json:"Id"`
	Modified  moment `json:"SystemModstamp"`
	Created   moment `json:"CreatedDate"`
	Deleted   bool   `json:"IsDeleted"`
	Master    string `json:"MasterRecordId"` // that a deleted record was merged into
	Name      string `json:"Name"`
	AccountID string `json:"AccountId"`
	Owner     struct {
		Name string `json:"Name"`
	} `json:"Owner"`
	Account struct { // of opportunities and cases, where the organization has person accounts
		IsPerson bool   `json:"IsPersonAccount"`
		Contact  string `json:"PersonContactId"`
	} `json:"Account"`

	Website     string  `json:"Website"`
	Type        string  `json:"Type"`
	Industry    string  `json:"Industry"`
	Employees   float64 `json:"NumberOfEmployees"`
	Revenue     float64 `json:"AnnualRevenue"`
	BillCountry string  `json:"BillingCountry"`
	BillCode    string  `json:"BillingCountryCode"`
	IsPerson    bool    `json:"IsPersonAccount"`
	ParentID    string  `json:"ParentId"`

	Email         string `json:"Email"`
	Username      string `json:"Username"`
	Title         string `json:"Title"`
	Company       string `json:"Company"`
	IsActive      bool   `json:"IsActive"`
	Zone          string `json:"TimeZoneSidKey"`
	City          string `json:"City"`
	State         string `json:"State"`
	Country       string `json:"Country"`
	MailCity      string `json:"MailingCity"`
	MailState     string `json:"MailingState"`
	MailCountry   string `json:"MailingCountry"`
	LeadSource    string `json:"LeadSource"`
	Status        string `json:"Status"`
	IsConverted   bool   `json:"IsConverted"`
	ConvertedTo   string `json:"ConvertedContactId"`
	ContactID     string `json:"ContactId"`
	OpportunityID string `json:"OpportunityId"`

	Stage       string  `json:"StageName"`
	Amount      float64 `json:"Amount"`
	Currency    string  `json:"CurrencyIsoCode"`
	CloseDate   moment  `json:"CloseDate"`
	IsClosed    bool    `json:"IsClosed"`
	IsWon       bool    `json:"IsWon"`
	Probability float64 `json:"Probability"`
	Forecast    string  `json:"ForecastCategoryName"`
	Number      string  `json:"CaseNumber"`
	Subject     string  `json:"Subject"`
	Priority    string  `json:"Priority"`
	Origin      string  `json:"Origin"`
	Reason      string  `json:"Reason"`
	ClosedDate  moment  `json:"ClosedDate"`
}

// step is a row of OpportunityHistory, CaseHistory or OpportunityContactRole.
type step struct {
	OpportunityID string `json:"OpportunityId"`
	CaseID        string `json:"CaseId"`
	Stage         string `json:"StageName"`
	Old           string `json:"OldValue"`
	New           string `json:"NewValue"`
	At            moment `json:"CreatedDate"`
	ContactID     string `json:"ContactId"`
	Primary       bool   `json:"IsPrimary"`
}

// moment is a time as Salesforce writes it: "2011-07-07T00:37:00.000+0000", or a day.
type moment struct{ time.Time }

// UnmarshalJSON reads a time, a day or null; anything else is no time.
func (m *moment) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	for _, layout := range []string{"2006-01-02T15:04:05.000-0700", time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			m.Time = at.UTC()
			break
		}
	}
	return nil
}

// further reads the fields that were asked for beyond the usual.
func (k *sobject) further(raw []byte, f map[string]string) {
	if len(k.more) == 0 {
		return
	}
	var all map[string]any
	if rest.Unmarshal(raw, &all) != nil {
		return
	}
	for _, name := range k.more {
		for have, v := range all {
			if strings.EqualFold(have, name) {
				if text := plain(v); text != "" {
					f[have] = text
				}
			}
		}
	}
}
