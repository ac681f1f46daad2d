// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package business

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// OrganizationProfile is what one record of a source says of an organization: a company of HubSpot, an account of Salesforce.
type OrganizationProfile struct {
	SourceID   int64             `json:"source_id" doc:"The source."`
	Source     string            `json:"source" doc:"Its name."`
	ExternalID string            `json:"external_id" doc:"What the source calls the organization."`
	URL        string            `json:"url,omitempty" doc:"Where people see it there."`
	Part       bool              `json:"part,omitempty" doc:"It is told of an organization that was merged into this one."`
	At         time.Time         `json:"at,omitzero" doc:"When this was stored; left out where it was before that was noted."`
	Name       string            `json:"name,omitempty" doc:"What it is called there."`
	Lifecycle  string            `json:"lifecycle,omitempty" doc:"prospect, trial, customer, churned, partner or other."`
	Size       int64             `json:"size,omitempty" doc:"Employees."`
	Country    string            `json:"country,omitempty" doc:"As the source writes it."`
	Fields     map[string]string `json:"fields,omitempty" doc:"What else it says, such as the owner."`
}

// The fields of an organization that are none of its own fields.
const (
	OriginName      = "name"
	OriginLifecycle = "lifecycle"
	OriginSize      = "size"
	OriginCountry   = "country"
	originField     = "field." // and the field's name
)

// OriginField is the name under which a field of an organization's own is chosen: field.owner.
func OriginField(name string) string { return originField + name }

// says is what a profile says, by field; what it does not say is left out.
func (p *OrganizationProfile) says() map[string]string {
	all := make(map[string]string, 4+len(p.Fields))
	for name, v := range p.Fields {
		all[OriginField(name)] = v
	}
	all[OriginName], all[OriginLifecycle], all[OriginCountry] = p.Name, p.Lifecycle, p.Country
	if p.Size > 0 {
		all[OriginSize] = strconv.FormatInt(p.Size, 10)
	}
	for name, v := range all {
		if v == "" {
			delete(all, name)
		}
	}
	return all
}

// OriginChoice says which source counts for a field of an organization, by whom.
type OriginChoice struct {
	Field    string    `json:"field"`
	SourceID int64     `json:"source_id"`
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

// OriginValue is what one record of a source says of a field.
type OriginValue struct {
	SourceID   int64     `json:"source_id" doc:"The source that says so."`
	Source     string    `json:"source" doc:"Its name."`
	ExternalID string    `json:"external_id" doc:"What the source calls the organization."`
	Part       bool      `json:"part,omitempty" doc:"It is told of an organization that was merged into this one."`
	Value      string    `json:"value" doc:"What it says."`
	At         time.Time `json:"at,omitzero" doc:"When this was stored."`
	Counts     bool      `json:"counts" doc:"Whether this is what the organization has."`
}

// Origin says where the value of a field of an organization comes from.
type Origin struct {
	Field  string        `json:"field" doc:"name, lifecycle, size, country, or field. and the name of a field."`
	Values []OriginValue `json:"values" doc:"What is said; the newest first."`
	Differ bool          `json:"differ" doc:"Whether not all say the same."`
	Chosen string        `json:"chosen,omitempty" doc:"The source that was chosen; left out, the newest telling counts."`
	By     string        `json:"by,omitempty" doc:"Who chose it."`
	When   time.Time     `json:"when,omitzero" doc:"When it was chosen."`
}

// Value is what counts; "" where nobody says anything.
func (o *Origin) Value() string {
	for i := range o.Values {
		if o.Values[i].Counts {
			return o.Values[i].Value
		}
	}
	return ""
}

// Origins decides what counts where several sources tell of one organization: for each field what the chosen source says,
// and where none is chosen, or it says nothing, the newest telling of the organization itself, then of those that were merged into
// it. Of tellings of one moment the source that was connected last holds, and then the id that is last. The order is name, lifecycle, size, country, and fields by name.
func Origins(profiles []OrganizationProfile, chosen []OriginChoice) []Origin {
	byField := make(map[string]*Origin)
	for i := range profiles {
		p := &profiles[i]
		for field, v := range p.says() {
			if byField[field] == nil {
				byField[field] = &Origin{Field: field}
			}
			byField[field].Values = append(byField[field].Values, OriginValue{SourceID: p.SourceID, Source: p.Source, ExternalID: p.ExternalID, Part: p.Part, Value: v, At: p.At})
		}
	}
	all := make([]Origin, 0, len(byField))
	for _, o := range byField {
		slices.SortFunc(o.Values, func(a, b OriginValue) int {
			return cmp.Or(partLast(a.Part, b.Part), b.At.Compare(a.At), cmp.Compare(b.SourceID, a.SourceID), cmp.Compare(b.ExternalID, a.ExternalID))
		})
		o.choose(chosen)
		all = append(all, *o)
	}
	place := func(field string) int {
		if i := slices.Index([]string{OriginName, OriginLifecycle, OriginSize, OriginCountry}, field); i >= 0 {
			return i
		}
		return 4
	}
	slices.SortFunc(all, func(a, b Origin) int {
		return cmp.Or(cmp.Compare(place(a.Field), place(b.Field)), cmp.Compare(a.Field, b.Field))
	})
	return all
}

// partLast puts what is told of a part behind what is told of the whole.
func partLast(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// choose marks which value counts.
func (o *Origin) choose(chosen []OriginChoice) {
	counts := 0
	for _, c := range chosen {
		if c.Field != o.Field {
			continue
		}
		if i := slices.IndexFunc(o.Values, func(v OriginValue) bool { return v.SourceID == c.SourceID }); i >= 0 {
			counts, o.Chosen, o.By, o.When = i, o.Values[i].Source, c.By, c.At
		}
	}
	o.Values[counts].Counts = true
	o.Differ = slices.ContainsFunc(o.Values, func(v OriginValue) bool { return v.Value != o.Values[0].Value })
}

// OrganizationOrigins is what sources say of one organization.
type OrganizationOrigins struct {
	Profiles []OrganizationProfile `json:"profiles" doc:"What each source says, by source."`
	Origins  []Origin              `json:"origins" doc:"Where the value of each field comes from."`
}
