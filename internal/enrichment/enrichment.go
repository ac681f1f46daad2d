// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package enrichment

import (
	"context"
	"time"

	"greenroom"
	"greenroom/internal/enrich"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
)

// Settings are the team's.
type Settings struct {
	On      bool   `json:"on" doc:"Whether anybody is looked up."`
	Name    string `json:"name" doc:"One word that is shown as the origin of a field, such as registry."`
	Address string `json:"address" doc:"Where lookups are sent: https://..."`
	Key     string `json:"key,omitempty" doc:"Never given."` // sealed
	Consent string `json:"consent" doc:"A query on members that says who agreed to being looked up, such as tag:lookup-ok."`
	Month   int64  `json:"month" doc:"How many lookups a calendar month may have."`
}

// KeyPlace is where the key is sealed to.
const KeyPlace = "enrichment/key"

// Outcome is what became of a lookup.
type Outcome string

// The outcomes.
const (
	Asked  Outcome = "asked" // no answer has been stored: it is under way, or the process ended
	Found  Outcome = "found"
	Nobody Outcome = "nobody" // the service knows nobody of these addresses
	Failed Outcome = "failed"
)

// Lookup is one question to the service, as it stands in the log.
type Lookup struct {
	ID        int64     `json:"id" doc:"Its number in the log."`
	At        time.Time `json:"at" doc:"When it was sent."`
	Member    int64     `json:"member" doc:"Whom it was about."`
	Provider  string    `json:"provider" doc:"The service that was asked."`
	By        string    `json:"by" doc:"Who asked; empty where it was done by itself."`
	Addresses int64     `json:"addresses" doc:"How many mail addresses were sent."`
	Links     int64     `json:"links" doc:"How many profile links were sent."`
	Outcome   Outcome   `json:"outcome" doc:"asked: no answer yet; found; nobody: the service does not know them; failed."`
	Fields    []string  `json:"fields" doc:"The fields that the answer has."`
	Problem   string    `json:"problem,omitempty" doc:"Why it failed."`
}

// Outside is what a service said of the person of an account.
type Outside struct {
	Provider string           `json:"provider"`
	At       time.Time        `json:"at"` // when the service learned it
	Findings []enrich.Finding `json:"findings"`
}

// Told is what is kept of a service's word on one account.
type Told struct {
	Account  int64     `json:"account" doc:"The account that it is kept with; ask for those after it to read on."`
	Member   int64     `json:"member" doc:"Whose account it is."`
	Name     string    `json:"name" doc:"The member's name."`
	Provider string    `json:"provider" doc:"The service that said so."`
	At       time.Time `json:"at" doc:"When the service learned it."`
	Fields   []Saying  `json:"fields" doc:"What it said, field by field."`
}

// Saying is what a service said of one field.
type Saying struct {
	Field string `json:"field" doc:"The field."`
	Value string `json:"value" doc:"What it is set to where nothing else says it."`
	Words string `json:"words,omitempty" doc:"The service's own words."`
}

// Status is how lookups stand.
type Status struct {
	Settings Settings  `json:"settings" doc:"What the team has set."`
	HasKey   bool      `json:"has_key" doc:"Whether a key is stored."`
	Since    time.Time `json:"since" doc:"When the month began."`
	Used     int64     `json:"used" doc:"How many lookups the month has had."`
	Accounts int64     `json:"accounts" doc:"Of how many accounts something is kept that a service said."`
}

// Keeper stores settings, the log, and what was found.
type Keeper interface {
	EnrichmentSettings(ctx context.Context) (Settings, error)
	SetEnrichmentSettings(ctx context.Context, s *Settings) error
	// EndLookup stores what became of a lookup, and what was found with the account; nil leaves what is there.
	EndLookup(ctx context.Context, l *Lookup, account int64, found *Outside) error
	Said
	Book
}

// Said is what services said, as it is kept.
type Said interface {
	// OutsideKept counts the accounts of which something is kept, and OutsideSaid lists it by account, after one.
	OutsideKept(ctx context.Context) (int64, error)
	OutsideSaid(ctx context.Context, after int64, limit int) ([]Told, error)
	// ForgetOutside takes away everything that was found, and reports of how many accounts.
	ForgetOutside(ctx context.Context) (int, error)
}

// Book is the log of lookups.
type Book interface {
	// BeginLookup stores a lookup before it is sent, unless as many as the month allows were begun since.
	// CodeLimited then.
	BeginLookup(ctx context.Context, l *Lookup, since time.Time, most int64) (id int64, err error)
	LookupsSince(ctx context.Context, since time.Time) (int64, error)
	Lookups(ctx context.Context, member int64, limit int) ([]Lookup, error)
	// LookedUp says of whom the service was asked since a time.
	LookedUp(ctx context.Context, since time.Time) (map[int64]bool, error)
}

// People reads members.
type People interface {
	Member(ctx context.Context, id int64) (greenroom.Member, error)
	MemberIdentities(ctx context.Context, member int64) ([]greenroom.Identity, error)
	Contacts(ctx context.Context, members []int64, since time.Time) (map[int64]outbox.Contact, error)
	SegmentFits(ctx context.Context, root query.Node, now time.Time) ([]int64, error)
	Holds(ctx context.Context, conditions []query.Node, ids []int64, now time.Time) (map[int64][]bool, error)
}

// Vault seals the service's key.
type Vault interface {
	Seal(secret []byte, place string) (string, error)
	Open(sealed, place string) ([]byte, error)
}

// Connect makes the service that settings lead to; the key is in clear.
type Connect func(name, address, key string) enrich.Provider
