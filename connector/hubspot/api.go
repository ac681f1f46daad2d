// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package hubspot

import (
	"slices"
	"time"
)

// objectKind is a kind of CRM object and what is asked of it.
type objectKind struct {
	name     string // as most paths call it, e.g. "deals"
	one      string // as events call it, e.g. "deal"
	typeID   string // as generic events call it, e.g. "0-3"
	scope    string
	modified string // the property that says when it was last modified
	props    []string
	more     []string // further properties that become fields
	history  string   // the property whose history are the stages; "" = none
	query    string   // ours, for the survey
	of       string
}

// How many objects a page holds; fewer where the history of a property is asked for.
const (
	pageSize    = 100
	historySize = 50
)

func (k *objectKind) pageSize() int {
	if k.history != "" {
		return historySize
	}
	return pageSize
}

// path is where its objects are. HubSpot knows deals by their type there.
func (k *objectKind) path() string {
	if k.name == "deals" {
		return "/crm/v3/objects/" + k.typeID
	}
	return "/crm/v3/objects/" + k.name
}

func (k *objectKind) properties() []string { return slices.Concat(k.props, k.more) }

func (k *objectKind) histories() []string {
	if k.history == "" {
		return []string{}
	}
	return []string{k.history}
}

// objectKinds are the kinds that are known, in the order in which they have to be read.
func objectKinds() []objectKind {
	return []objectKind{
		{
			name: "companies", one: "company", typeID: companyType, scope: "crm.objects.companies.read", modified: "hs_lastmodifieddate", of: "organizations",
			props: []string{
				"name", "domain", "hs_additional_domains", "website", "lifecyclestage", "numberofemployees", "country", "industry", "annualrevenue",
				"type", "hubspot_owner_id", "createdate", "hs_lastmodifieddate", "hs_merged_object_ids", "hs_parent_company_id",
			},
		},
		{
			name: "contacts", one: "contact", typeID: "0-1", scope: "crm.objects.contacts.read", modified: "lastmodifieddate", of: "identities",
			props: []string{
				"email", "hs_additional_emails", "firstname", "lastname", "jobtitle", "company", "associatedcompanyid", "city", "state", "country",
				"website", "twitterhandle", "hs_linkedin_url", "hs_timezone", "lifecyclestage", "hs_lead_status", "hubspot_owner_id", "createdate",
				"lastmodifieddate", "hs_merged_object_ids",
			},
		},
		{
			name: "deals", one: "deal", typeID: "0-3", scope: "crm.objects.deals.read", modified: "hs_lastmodifieddate", history: "dealstage", query: "type:deal", of: "records",
			props: []string{
				"dealname", "dealstage", "pipeline", "amount", "deal_currency_code", "createdate", "closedate", "hs_is_closed", "hs_is_closed_won",
				"dealtype", "hs_deal_stage_probability", "hubspot_owner_id", "hs_lastmodifieddate", "hs_merged_object_ids", "closed_lost_reason",
			},
		},
		{
			name: "tickets", one: "ticket", typeID: "0-5", scope: "tickets", modified: "hs_lastmodifieddate", history: "hs_pipeline_stage", query: "type:case", of: "records",
			props: []string{
				"subject", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority", "hs_ticket_category", "source_type", "createdate", "closed_date",
				"hubspot_owner_id", "hs_lastmodifieddate", "hs_merged_object_ids",
			},
		},
	}
}

// wireObject is an object of any kind. Properties without a value are null.
type wireObject struct {
	ID           string              `json:"id"`
	Properties   map[string]string   `json:"properties"`
	History      map[string][]change `json:"propertiesWithHistory"`
	CreatedAt    time.Time           `json:"createdAt"`
	UpdatedAt    time.Time           `json:"updatedAt"`
	Archived     bool                `json:"archived"`
	ArchivedAt   time.Time           `json:"archivedAt"`
	Associations map[string]struct { // in lists and single objects only
		Results []struct {
			ID   string `json:"id"`
			Type string `json:"type"` // e.g. "deal_to_company" for the primary one, "deal_to_company_unlabeled" for each
		} `json:"results"`
	} `json:"associations"`
}

// change is a value that a property had, from a time on; the newest stands first.
type change struct {
	Value     string    `json:"value"`
	Timestamp time.Time `json:"timestamp"`
}

// paging is the end of every page.
type paging struct {
	Next struct {
		After string `json:"after"`
	} `json:"next"`
}

// search is the request of a search.
type search struct {
	Groups     []filterGroup `json:"filterGroups"`
	Sorts      []string      `json:"sorts"`
	Properties []string      `json:"properties"`
	Limit      int           `json:"limit"`
	After      string        `json:"after"`
}

type filterGroup struct {
	Filters []filter `json:"filters"`
}

type filter struct {
	Property string `json:"propertyName"`
	Operator string `json:"operator"`
	Value    string `json:"value"`
}

// batch asks for objects by id.
type batch struct {
	Inputs     []input  `json:"inputs"`
	Properties []string `json:"properties"`
	History    []string `json:"propertiesWithHistory"`
}

type input struct {
	ID string `json:"id"`
}

func inputs(ids []string) []input {
	all := make([]input, len(ids))
	for i, id := range ids {
		all[i].ID = id
	}
	return all
}

// links is the answer to a question for associations.
type links struct {
	Results []struct {
		From input `json:"from"`
		To   []struct {
			ID    text `json:"toObjectId"`
			Types []struct {
				ID    int    `json:"typeId"`
				Label string `json:"label"`
			} `json:"associationTypes"`
		} `json:"to"`
	} `json:"results"`
}

type wireOwner struct {
	ID        string `json:"id"`
	Email     string `json:"email"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	Type      string `json:"type"` // PERSON or QUEUE
	UserID    int64  `json:"userId"`
	Archived  bool   `json:"archived"`
}

type wirePipeline struct {
	ID     string `json:"id"`
	Label  string `json:"label"`
	Stages []struct {
		ID       string `json:"id"`
		Label    string `json:"label"`
		Metadata struct {
			Closed string `json:"isClosed"`    // of deals: "true"
			State  string `json:"ticketState"` // of tickets: OPEN or CLOSED
		} `json:"metadata"`
	} `json:"stages"`
}

type wireAccount struct {
	Portal   int64  `json:"portalId"`
	Zone     string `json:"timeZone"`
	Currency string `json:"companyCurrency"`
	Domain   string `json:"uiDomain"`
}

// text is an id that is written as a text or as a number.
type text string

// UnmarshalJSON reads either.
func (t *text) UnmarshalJSON(data []byte) error {
	if len(data) > 1 && data[0] == '"' {
		data = data[1 : len(data)-1]
	}
	*t = text(data)
	return nil
}
