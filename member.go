// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package greenroom

import "time"

// Identity is an account on a source. Facts point at identities; which member an identity belongs to is a view that
// merges and splits change.
type Identity struct {
	ID            int64     `json:"id"`
	SourceID      int64     `json:"source_id"`
	Source        string    `json:"source"` // the source's name
	ExternalID    string    `json:"external_id"`
	MemberID      int64     `json:"member_id"`
	Handle        string    `json:"handle"`
	Name          string    `json:"name"`
	Emails        []Email   `json:"emails"`
	AvatarURL     string    `json:"avatar_url,omitempty"`
	ProfileURL    string    `json:"profile_url,omitempty"`
	Bio           string    `json:"bio,omitempty"`
	Location      string    `json:"location,omitempty"`
	TimeZone      string    `json:"time_zone,omitempty"` // IANA name or "+02:00"
	Company       string    `json:"company,omitempty"`
	JobTitle      string    `json:"job_title,omitempty"`
	Links         []string  `json:"links,omitempty"`
	Bot           bool      `json:"bot"`     // the source says so, or its name is a known bot's
	Staff         bool      `json:"staff"`   // the source says it is the team's
	Deleted       bool      `json:"deleted"` // closed at the source
	JoinedAt      time.Time `json:"joined_at,omitzero"`
	ToldAt        time.Time `json:"told_at,omitzero"` // when its source last told something new of its profile
	FirstActive   time.Time `json:"first_active,omitzero"`
	LastActive    time.Time `json:"last_active,omitzero"`
	Activities    int64     `json:"activities"`
	MatchReason   string    `json:"match_reason,omitempty"` // why it belongs to its member, e.g. "same verified e-mail"
	MatchEvidence string    `json:"match_evidence,omitempty"`
}

// Email is an address of an identity.
type Email struct {
	Address  string `json:"address"`  // lower case
	Verified bool   `json:"verified"` // the source vouches that the account owns it
}

// Member is a person in the community: one or more identities.
type Member struct {
	ID             int64    `json:"id"`
	Name           string   `json:"name"`
	Emails         []string `json:"emails"`
	Organization   string   `json:"organization"`
	OrganizationID int64    `json:"organization_id,omitempty"`
	// OrganizationFrom is "profile" where the organization was only read off what a profile calls the company; "" = it is told.
	OrganizationFrom string            `json:"organization_from,omitempty"`
	Title            string            `json:"title,omitempty"`
	Location         string            `json:"location,omitempty"`
	Country          string            `json:"country,omitempty"` // ISO 3166-1 alpha-2
	AvatarURL        string            `json:"avatar_url,omitempty"`
	Tags             []string          `json:"tags"`
	Fields           map[string]string `json:"fields,omitempty"`
	Identities       []IdentityRef     `json:"identities"`
	JoinedAt         time.Time         `json:"joined_at,omitzero"`
	FirstActive      time.Time         `json:"first_active,omitzero"`
	LastActive       time.Time         `json:"last_active,omitzero"`
	Activities       int64             `json:"activities"`
	Staff            bool              `json:"staff"`   // one of the team: left out of community figures by default
	Bot              bool              `json:"bot"`     // not a person: left out of community figures by default
	Hidden           bool              `json:"hidden"`  // hidden by the team: left out of lists and figures
	Contact          bool              `json:"contact"` // known only from business systems
}

// IdentityRef names an identity in a member.
type IdentityRef struct {
	ID         int64  `json:"id"`
	Source     string `json:"source"`
	Platform   string `json:"platform"`
	ExternalID string `json:"external_id"`
	Handle     string `json:"handle"`
	Name       string `json:"name"`
	Reason     string `json:"reason,omitempty"` // why it belongs here
}

// Decision is a merge or split of members, with its author and time, kept for good so that it can be undone and is
// respected by every later import.
type Decision struct {
	ID         int64     `json:"id"`
	Action     string    `json:"action"` // "merge" or "split"
	MemberID   int64     `json:"member_id"`
	OtherID    int64     `json:"other_id"`   // merge: the member that was joined into MemberID; split: the member that left
	Identities []int64   `json:"identities"` // the identities that changed their member
	Reason     string    `json:"reason"`     // rule or words of the person
	By         string    `json:"by"`         // "rule" or a user's e-mail
	At         time.Time `json:"at"`         //
	UndoneAt   time.Time `json:"undone_at,omitzero"`
}

// OrganizationKind says what kind of organization one is.
type OrganizationKind string

// The kinds of organizations.
const (
	KindCompany   OrganizationKind = ""          // a company, or what nothing is known of
	KindEducation OrganizationKind = "education" // a school or university, by all of its domains
)

// Organization is the company or group that members belong to.
type Organization struct {
	ID          int64             `json:"id"`
	Name        string            `json:"name"`
	Kind        OrganizationKind  `json:"kind,omitempty"`
	ParentID    int64             `json:"parent_id,omitempty"` // the organization that it is below; 0 = none
	Parent      string            `json:"parent,omitempty"`    // by name
	Domains     []string          `json:"domains"`
	Lifecycle   string            `json:"lifecycle,omitempty"` // prospect, trial, customer, churned, partner, other or ""
	Size        int64             `json:"size,omitempty"`      // employees
	Country     string            `json:"country,omitempty"`
	Tags        []string          `json:"tags"`
	Fields      map[string]string `json:"fields,omitempty"`
	Members     int64             `json:"members"`
	Activities  int64             `json:"activities"`
	FirstActive time.Time         `json:"first_active,omitzero"`
	LastActive  time.Time         `json:"last_active,omitzero"`
}

// OrganizationMerge is that somebody said of two organizations that they are one: what is said of Gone counts for Kept, until it
// is undone.
type OrganizationMerge struct {
	ID       int64     `json:"id"`
	Gone     int64     `json:"gone"`      // the organization that became part of the other
	GoneName string    `json:"gone_name"` // what it is called by itself
	Kept     int64     `json:"kept"`
	KeptName string    `json:"kept_name"`
	Reason   string    `json:"reason"`
	By       string    `json:"by"`
	At       time.Time `json:"at"`
	UndoneAt time.Time `json:"undone_at,omitzero"` // zero = it stands
}

// OrganizationParent is what somebody, or a source, says of below which organization another is.
type OrganizationParent struct {
	ParentID   int64     `json:"parent_id"`             // 0 = none; of a source: one that it has not told of
	Parent     string    `json:"parent,omitempty"`      // by name
	Source     string    `json:"source,omitempty"`      // the source that says so; "" = a person
	ExternalID string    `json:"external_id,omitempty"` // what the source calls the organization above
	By         string    `json:"by,omitempty"`          // the person who says so
	At         time.Time `json:"at,omitzero"`
	Counts     bool      `json:"counts"` // this is what holds
}

// OrganizationApart is that somebody said of two organizations that they are not one.
type OrganizationApart struct {
	ID       int64     `json:"id"`
	A        int64     `json:"a"`
	AName    string    `json:"a_name,omitempty"`
	B        int64     `json:"b"`
	BName    string    `json:"b_name,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	By       string    `json:"by"`
	At       time.Time `json:"at"`
	UndoneAt time.Time `json:"undone_at,omitzero"` // zero = it stands
}

// BusinessRecord is a deal, a support case or a subscription as a business system tells it.
type BusinessRecord struct {
	ID             int64             `json:"id"`
	SourceID       int64             `json:"source_id"`
	Source         string            `json:"source"`
	ExternalID     string            `json:"external_id"`
	Type           string            `json:"type"` // "deal", "case", "subscription"
	Name           string            `json:"name"`
	OrganizationID int64             `json:"organization_id,omitempty"`
	Organization   string            `json:"organization,omitempty"`
	MemberID       int64             `json:"member_id,omitempty"`
	Stage          string            `json:"stage,omitempty"`
	Amount         float64           `json:"amount,omitempty"`
	Currency       string            `json:"currency,omitempty"`
	OpenedAt       time.Time         `json:"opened_at,omitzero"`
	ClosedAt       time.Time         `json:"closed_at,omitzero"`
	Fields         map[string]string `json:"fields,omitempty"`
	Stages         []Stage           `json:"stages,omitempty"` // that it went through, as far as the source told, the oldest first
}

// Stage is a step of a business record.
type Stage struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
}
