// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package meetup

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// The queries. Fields that are not asked for do not cost points.
const (
	querySelf = `query self { self { id name isOrganizer isProOrganizer adminProNetworks { id name } } }`

	queryGroup = `query group($urlname: String!) {
  groupByUrlname(urlname: $urlname) {
    id name urlname link isPrivate timezone
    stats { memberCounts { all } }
    past: events(first: 1, filter: {status: [PAST]}) { totalCount }
    coming: events(first: 1, filter: {status: [ACTIVE]}) { totalCount }
  }
}`

	queryMembers = `query members($urlname: String!, $after: String, $first: Int) {
  groupByUrlname(urlname: $urlname) {
    id name urlname link
    memberships(after: $after, first: $first, sort: {sortField: JOIN_DATE, sortOrder: DESC}) {
      totalCount pageInfo { hasNextPage endCursor }
      edges { node { id name bio city country memberUrl memberPhoto { baseUrl standardUrl } } metadata { status role joinTime bio } }
    }
  }
}`

	queryEvents = `query events($urlname: String!, $after: String, $first: Int, $from: DateTime, $status: [EventStatus]) {
  groupByUrlname(urlname: $urlname) {
    id name urlname link
    events(after: $after, first: $first, filter: {status: $status, afterDateTime: $from}) {
      totalCount pageInfo { hasNextPage endCursor }
      edges { node { id title description eventUrl eventType status createdTime dateTime endTime eventHosts { memberId name } venues { name city country venueType } } }
    }
  }
}`

	queryRSVPs = `query rsvps($id: ID!, $after: String, $first: Int) {
  event(id: $id) {
    id status dateTime endTime
    group { id name urlname link }
    rsvps(after: $after, first: $first) {
      totalCount pageInfo { hasNextPage endCursor }
      edges { node { id status updated guestsCount isHost member { id name bio city country memberUrl memberPhoto { baseUrl standardUrl } } } }
    }
  }
}`
)

// The sizes of pages.
const (
	pageMany   = 200
	pageEvents = 50
)

type wirePage struct {
	Total int64 `json:"totalCount"`
	Info  struct {
		More bool   `json:"hasNextPage"`
		End  string `json:"endCursor"`
	} `json:"pageInfo"`
	Edges []jsontext.Value `json:"edges"`
}

// next is where the following page begins; "" = there is none.
func (p *wirePage) next() string {
	if !p.Info.More || len(p.Edges) == 0 {
		return ""
	}
	return p.Info.End
}

// wireHead names a group.
type wireHead struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Urlname string `json:"urlname"`
	Link    string `json:"link"`
}

type wireGroup struct {
	wireHead
	Private bool `json:"isPrivate"`
	Stats   *struct {
		Members struct {
			All int64 `json:"all"`
		} `json:"memberCounts"`
	} `json:"stats"`
	Past        wirePage `json:"past"`
	Coming      wirePage `json:"coming"`
	Memberships wirePage `json:"memberships"`
	Events      wirePage `json:"events"`
}

type wireMember struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Bio     string `json:"bio"`
	City    string `json:"city"`
	Country string `json:"country"`
	URL     string `json:"memberUrl"`
	Photo   *struct {
		Base     string `json:"baseUrl"`
		Standard string `json:"standardUrl"`
	} `json:"memberPhoto"`
}

type wireMembership struct {
	Node     wireMember `json:"node"`
	Metadata struct {
		Status string    `json:"status"`
		Role   string    `json:"role"`
		Joined time.Time `json:"joinTime"`
		Bio    string    `json:"bio"`
	} `json:"metadata"`
}

type wireEvent struct {
	ID          string    `json:"id"`
	Title       string    `json:"title"`
	Description string    `json:"description"`
	URL         string    `json:"eventUrl"`
	Type        string    `json:"eventType"`
	Status      string    `json:"status"` // ACTIVE, PAST, ... //nolint:misspell // Meetup spells it so
	Created     time.Time `json:"createdTime"`
	Begins      time.Time `json:"dateTime"`
	Ends        time.Time `json:"endTime"`
	Hosts       []struct {
		ID   string `json:"memberId"`
		Name string `json:"name"`
	} `json:"eventHosts"`
	Venues []struct {
		Name    string `json:"name"`
		City    string `json:"city"`
		Country string `json:"country"`
		Type    string `json:"venueType"`
	} `json:"venues"`
	Group wireHead `json:"group"`
	RSVPs wirePage `json:"rsvps"`
}

type wireRSVP struct {
	ID      string     `json:"id"`
	Status  string     `json:"status"`
	Updated time.Time  `json:"updated"`
	Guests  int        `json:"guestsCount"`
	Host    bool       `json:"isHost"`
	Member  wireMember `json:"member"`
}
