// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package writeback

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// Account is what is known of an account that can be written.
type Account struct {
	Organization int64
	Name         string
	Level        string // of its health, in a word
	Points       int    // of its health, from 0 to 100
	AtRisk       bool
	Reasons      []AccountReason // for its health, the weightiest first
	Questions    int             // open ones
	LastActive   time.Time
	Owner        string // a person's address, "" = nobody
	Renewal      time.Time
	RenewalOf    string          // what renews
	Chances      []AccountReason // signals that it could buy more
	NextStep     string          // what the team decided to do, "" = nothing
	FollowUp     string          // on which day, YYYY-MM-DD, "" = on none
	Snoozed      bool            // it is to be left alone for now
}

// AccountReason is one reason for an account's health, or one signal that it could buy more.
type AccountReason struct {
	Kind string // such as engagement
	Text string
}

// AccountFilter says which accounts are meant; what is empty does not narrow.
type AccountFilter struct {
	List      string `json:"list,omitempty"`      // a list of the accounts, such as risk
	Lifecycle string `json:"lifecycle,omitempty"` // such as customer
	Owner     string `json:"owner,omitempty"`     // a person's address
}

// Books knows accounts.
type Books interface {
	// Accounts lists the accounts of a filter, ordered by organization. The error has CodeInvalid where the filter makes no
	// sense.
	Accounts(ctx context.Context, f AccountFilter) ([]Account, error)
}

// AccountStore knows more of accounts.
type AccountStore interface {
	// AccountTallies counts who was active in organizations since a time, and names their champions: those who are enrolled
	// in a program for champions.
	AccountTallies(ctx context.Context, organizations []int64, since time.Time) (map[int64]AccountTally, error)
	// CompanyRefs lists what a source calls organizations, in order.
	CompanyRefs(ctx context.Context, source string, organizations []int64) (map[int64][]string, error)
	TaskStore
}

// AccountTally is what is counted of an account's people. Staff, bots and hidden members are left out.
type AccountTally struct {
	Active    int64
	Champions []string // by name
}

// The names of the fields of accounts.
const (
	accountHealth    = "health"
	accountPoints    = "health_points"
	accountReasons   = "health_reasons"
	accountActive    = "active_30d"
	accountChampions = "champions"
	accountQuestions = "open_questions"
	accountLast      = "last_activity"
	accountLink      = "account_link"
	accountID        = "account_id"
	accountOwner     = "owner"

	madePrefix = "greenroom_" // of the names of properties that are made
	madeLabel  = "Greenroom: "
)

// AccountFields are what can be written of every account.
func AccountFields() []Field {
	return []Field{
		{accountHealth, "Community health", connector.PropertyText},
		{accountPoints, "Community health, points against it", connector.PropertyNumber},
		{accountReasons, "Community health, why", connector.PropertyText},
		{accountActive, "Active members, last 30 days", connector.PropertyNumber},
		{accountChampions, "Champions", connector.PropertyText},
		{accountQuestions, "Open questions", connector.PropertyNumber},
		{accountLast, "Last activity", connector.PropertyTime},
		{accountLink, "Link to the account", connector.PropertyText},
		{accountID, "Greenroom account id", connector.PropertyNumber},
		{accountOwner, "Owner in Greenroom", connector.PropertyText},
	}
}

// accountField finds a field of accounts by its name.
func accountField(name string) (Field, error) {
	all := AccountFields()
	names := make([]string, len(all))
	for i := range all {
		if names[i] = all[i].Name; names[i] == name {
			return all[i], nil
		}
	}
	return Field{}, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a field of accounts; expected one of %s", name, strings.Join(names, ", "))
}

// accountTarget opens a source whose companies can be written.
func (s *Service) accountTarget(ctx context.Context, source string) (connector.AccountWriter, error) {
	_, w, err := s.writer(ctx, source)
	if err != nil {
		return nil, err
	}
	to, ok := w.(connector.AccountWriter)
	if !ok || s.books == nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "no accounts can be written to %s; sources that take them are CRMs such as HubSpot and Salesforce", source)
	}
	return to, nil
}

// AccountProperties asks the platform of a source what of companies can be written. Those that are not there and would be made
// follow, each called as its field.
func (s *Service) AccountProperties(ctx context.Context, source string) ([]connector.Property, error) {
	w, err := s.accountTarget(ctx, source)
	if err != nil {
		return nil, err
	}
	return accountProperties(ctx, source, w.Accounts())
}

func accountProperties(ctx context.Context, source string, to connector.Fields) ([]connector.Property, error) {
	have, err := to.Properties(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking %s what can be written: %w", source, err)
	}
	if _, makes := to.(connector.PropertyMaker); !makes {
		return have, nil
	}
	for _, f := range AccountFields() {
		name := madePrefix + f.Name
		if !slices.ContainsFunc(have, func(p connector.Property) bool { return p.Name == name }) {
			have = append(have, connector.Property{Name: name, Label: madeLabel + f.Label, Type: f.Type, Custom: true, New: true})
		}
	}
	return have, nil
}

// MadeFor names the property that is made for a field where the team has none.
func MadeFor(field string) string { return madePrefix + field }

// accountValues are a plan's values for some accounts.
type accountValues struct {
	plan    *AccountPlan
	zone    *time.Location
	tallies map[int64]AccountTally
}

// prepareAccounts counts what the plan needs of accounts.
func (s *Service) prepareAccounts(ctx context.Context, plan *AccountPlan, ids []int64) (*accountValues, error) {
	v := &accountValues{plan: plan, zone: s.zone()}
	if !slices.ContainsFunc(plan.Set, func(m Mapping) bool { return m.Field == accountActive || m.Field == accountChampions }) {
		return v, nil
	}
	var err error
	if v.tallies, err = s.store.AccountTallies(ctx, ids, s.now().AddDate(0, 0, -recentDays)); err != nil {
		return nil, fmt.Errorf("counting who was active in accounts: %w", err)
	}
	return v, nil
}

// of gives the values of an account, by property.
func (v *accountValues) of(a *Account) map[string]string {
	set := make(map[string]string, len(v.plan.Set))
	for i := range v.plan.Set {
		x := &v.plan.Set[i]
		set[x.Property.Name] = cut(v.field(a, x.Field, x.Property.Type), x.Property.Max)
	}
	return set
}

func (v *accountValues) field(a *Account, name string, as connector.PropertyType) string {
	switch name {
	case accountHealth:
		return a.Level
	case accountPoints:
		return strconv.Itoa(a.Points)
	case accountReasons:
		return strings.Join(reasonTexts(a), "\n")
	case accountActive:
		return strconv.FormatInt(v.tallies[a.Organization].Active, 10)
	case accountChampions:
		return strings.Join(v.tallies[a.Organization].Champions, ", ")
	case accountQuestions:
		return strconv.Itoa(a.Questions)
	case accountLast:
		return writtenTime(a.LastActive, as, v.zone)
	case accountLink:
		return accountHref(v.plan.Link, a.Organization)
	case accountID:
		return strconv.FormatInt(a.Organization, 10)
	case accountOwner:
		return a.Owner
	}
	return ""
}

func reasonTexts(a *Account) []string {
	texts := make([]string, len(a.Reasons))
	for i := range a.Reasons {
		texts[i] = a.Reasons[i].Text
	}
	return texts
}

// accountHref is the address of an account's page, "" where that of the Greenroom is not known.
func accountHref(link string, organization int64) string {
	if link == "" {
		return ""
	}
	return strings.TrimSuffix(link, "/") + "/accounts/" + strconv.FormatInt(organization, 10)
}
