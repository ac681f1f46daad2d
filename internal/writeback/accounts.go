// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package writeback

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/action"
)

// AccountsKind is what actions are called that write accounts to the companies of a CRM.
const AccountsKind = "write-accounts"

// AccountRequest is what somebody wants to be written of accounts.
type AccountRequest struct {
	AccountFilter

	Source string            `json:"source"`
	Set    map[string]string `json:"set"`  // field by the name of the property that it is written to
	Link   string            `json:"link"` // address of this Greenroom, for links to accounts; "" = none
}

// AccountPlan is a request that was checked, as an action keeps it.
type AccountPlan struct {
	AccountRequest

	Set []Mapping `json:"mapping"`
}

// AccountPreview says what a request would change, without changing anything.
type AccountPreview struct {
	Accounts  int64        `json:"accounts"`   // that the filter gives
	NoCompany int64        `json:"no_company"` // those of them that have no company in the source
	Companies int64        `json:"companies"`  // that were compared
	More      bool         `json:"more"`       // there are more companies than were compared
	Change    int64        `json:"change"`
	Unchanged int64        `json:"unchanged"` // that have all values already
	Gone      int64        `json:"gone"`      // that the platform has no more
	Mapping   []Mapping    `json:"mapping"`
	Rows      []AccountRow `json:"rows"` // the first that would change
}

// AccountRow is a company that would change.
type AccountRow struct {
	Company      string            `json:"company"`
	Organization int64             `json:"organization"`
	Name         string            `json:"name"`
	Before       map[string]string `json:"before"`
	After        map[string]string `json:"after"` // what differs only
}

// checkAccounts turns a request into a plan.
func (s *Service) checkAccounts(ctx context.Context, r *AccountRequest) (*AccountPlan, connector.Fields, error) {
	w, err := s.accountTarget(ctx, r.Source)
	if err != nil {
		return nil, nil, err
	}
	if err := checkLink(r.Link); err != nil {
		return nil, nil, err
	}
	to := w.Accounts()
	have, err := accountProperties(ctx, r.Source, to)
	if err != nil {
		return nil, nil, err
	}
	plan := &AccountPlan{AccountRequest: *r}
	plan.AccountRequest.Set = nil
	if plan.Set, err = mappingOf(r.Source, "companies", r.Set, have, accountField); err != nil {
		return nil, nil, err
	}
	return plan, to, linked(plan.Set, accountLink, r.Link)
}

// companies are the accounts of a filter with the companies that a source has of them.
type companies struct {
	accounts []Account
	of       map[int64][]string
}

// companies lists accounts and their companies in a source.
func (s *Service) companies(ctx context.Context, source string, to connector.Fields, f AccountFilter) (*companies, error) {
	all, err := s.books.Accounts(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("listing the accounts to write: %w", err)
	}
	ids := make([]int64, len(all))
	for i := range all {
		ids[i] = all[i].Organization
	}
	refs, err := s.store.CompanyRefs(ctx, source, ids)
	if err != nil {
		return nil, fmt.Errorf("looking for the companies of accounts: %w", err)
	}
	for id, of := range refs {
		refs[id] = slices.DeleteFunc(of, func(ref string) bool { return !to.Writes(ref) })
	}
	return &companies{all, refs}, nil
}

// without counts the accounts that have no company.
func (c *companies) without() (n int64) {
	for i := range c.accounts {
		if len(c.of[c.accounts[i].Organization]) == 0 {
			n++
		}
	}
	return n
}

// accountEntries are the companies of a plan and what each is to have.
func (s *Service) accountEntries(ctx context.Context, plan *AccountPlan, c *companies) ([]entry, error) {
	var ids []int64
	for i := range c.accounts {
		ids = append(ids, c.accounts[i].Organization)
	}
	v, err := s.prepareAccounts(ctx, plan, ids)
	if err != nil {
		return nil, err
	}
	var all []entry
	for i := range c.accounts {
		a := &c.accounts[i]
		for _, ref := range c.of[a.Organization] {
			all = append(all, entry{contact: ref, member: a.Organization, name: a.Name, set: v.of(a)})
		}
	}
	return all, nil
}

// PreviewAccounts compares what a request would write with what is there.
func (s *Service) PreviewAccounts(ctx context.Context, r *AccountRequest) (*AccountPreview, error) {
	plan, to, err := s.checkAccounts(ctx, r)
	if err != nil {
		return nil, err
	}
	c, err := s.companies(ctx, r.Source, to, r.AccountFilter)
	if err != nil {
		return nil, err
	}
	all, err := s.accountEntries(ctx, plan, c)
	if err != nil {
		return nil, err
	}
	p := &AccountPreview{Accounts: int64(len(c.accounts)), NoCompany: c.without(), Mapping: plan.Set, Rows: []AccountRow{}}
	if len(all) > previewContacts {
		all, p.More = all[:previewContacts], true
	}
	return p, compare(ctx, to, propertiesOf(plan.Set), all, func(e *entry, there bool, before, differ map[string]string) {
		p.Companies++
		switch {
		case !there:
			p.Gone++
		case len(differ) == 0:
			p.Unchanged++
		default:
			p.Change++
			if len(p.Rows) < previewRows {
				p.Rows = append(p.Rows, AccountRow{Company: e.contact, Organization: e.member, Name: e.name, Before: before, After: differ})
			}
		}
	})
}

// SendAccounts makes an action of a request, as Send does.
func (s *Service) SendAccounts(ctx context.Context, r *AccountRequest, key, by string, approved bool) (action.Action, error) {
	plan, to, err := s.checkAccounts(ctx, r)
	if err != nil {
		return action.Action{}, err
	}
	c, err := s.companies(ctx, r.Source, to, r.AccountFilter)
	if err != nil {
		return action.Action{}, err
	}
	all, err := s.accountEntries(ctx, plan, c)
	if err != nil {
		return action.Action{}, err
	}
	if len(all) == 0 {
		return action.Action{}, greenroom.Errorf(greenroom.CodeInvalid, "none of the %s has a company in %s", plural(len(c.accounts), "account", "accounts"), r.Source)
	}
	items := make([]action.Item, len(all))
	for i := range all {
		items[i] = action.Item{Target: all[i].contact, Account: all[i].member, Name: all[i].name, After: all[i].set}
	}
	text, err := json.Marshal(plan)
	if err != nil {
		return action.Action{}, fmt.Errorf("encoding a plan: %w", err)
	}
	a := action.Action{
		Key: key, Kind: AccountsKind, Source: r.Source, Plan: text, State: action.Proposed, CreatedBy: by,
		Title: fmt.Sprintf("Write %s to %s of %s", plural(len(plan.Set), "field", "fields"), plural(len(items), "company", "companies"), r.Source),
	}
	if approved {
		a.State, a.ApprovedBy, a.ApprovedAt = action.Approved, by, s.now()
	}
	stored, added, err := s.store.AddAction(ctx, a, items)
	if err != nil {
		return stored, err //nolint:wrapcheck // the store says what it did
	}
	if added && approved {
		s.wake()
	}
	return stored, nil
}

// AccountWriter carries out the actions that write accounts.
type AccountWriter struct{ *Service }

// Perform writes items of an action; it is what action.Runner calls.
func (w AccountWriter) Perform(ctx context.Context, a *action.Action, items []action.Item) error {
	var plan AccountPlan
	if err := json.Unmarshal(a.Plan, &plan); err != nil {
		return fmt.Errorf("decoding the plan of action %d: %w", a.ID, err)
	}
	opened, err := w.accountTarget(ctx, plan.Source)
	if err != nil {
		return err
	}
	to, properties := opened.Accounts(), propertiesOf(plan.Set)
	if err := makeMissing(ctx, plan.Source, to, properties); err != nil {
		return err
	}
	changes := make([]connector.ContactChange, len(items))
	for i := range items {
		changes[i] = connector.ContactChange{Contact: items[i].Target, Set: items[i].After, Again: items[i].Again}
	}
	written, err := to.Write(ctx, changes, properties)
	if err != nil {
		return fmt.Errorf("writing to %s: %w", plan.Source, err)
	}
	return noteOutcomes(plan.Source, items, written)
}

// makeMissing makes the properties that were not there when the plan was made, and still are not.
func makeMissing(ctx context.Context, source string, to connector.Fields, properties []connector.Property) error {
	fresh := slices.DeleteFunc(slices.Clone(properties), func(p connector.Property) bool { return !p.New })
	maker, ok := to.(connector.PropertyMaker)
	if len(fresh) == 0 || !ok {
		return nil
	}
	have, err := to.Properties(ctx)
	if err != nil {
		return fmt.Errorf("asking %s what can be written: %w", source, err)
	}
	fresh = slices.DeleteFunc(fresh, func(p connector.Property) bool {
		return slices.ContainsFunc(have, func(h connector.Property) bool { return h.Name == p.Name })
	})
	if err := maker.MakeProperties(ctx, fresh); err != nil {
		return fmt.Errorf("making properties of %s: %w", source, err)
	}
	return nil
}

// MakeAction makes an action of a schedule that writes accounts. Whoever made the schedule has approved it.
func (w AccountWriter) MakeAction(ctx context.Context, plan json.RawMessage, key, by string) (action.Action, error) {
	var r AccountRequest
	if err := json.Unmarshal(plan, &r); err != nil {
		return action.Action{}, fmt.Errorf("decoding a plan: %w", err)
	}
	return w.SendAccounts(ctx, &r, key, by, true)
}
