// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package greenroom

import "time"

// Source is a configured connection to one platform: one Slack workspace, one forum, one code host organization.
type Source struct {
	ID        int64             `json:"id"`
	Name      string            `json:"name"`     // unique, chosen by the user, e.g. "slack-acme"; how queries and exports call it
	Kind      string            `json:"kind"`     // the connector's kind, e.g. "slack-export"
	Platform  string            `json:"platform"` // the platform behind it, e.g. "slack"
	Business  bool              `json:"business"` // a business system: its people are contacts until they act elsewhere
	Config    map[string]string `json:"config"`   // the connector's options; secrets are sealed and never shown
	CreatedAt time.Time         `json:"created_at"`

	Rhythm   int64     `json:"rhythm"`          // seconds between reads by itself; 0 = as the connector does, -1 = only when told to
	DueAt    time.Time `json:"due_at,omitzero"` // when it is read next by itself; zero = only when told to
	Failures int64     `json:"failures"`        // reads in a row that failed; each makes the wait until the next longer

	DisconnectedAt time.Time `json:"disconnected_at,omitzero"` // since when it is neither read nor pushed to; zero = it is connected
}

// Lane says how facts came in: a source's two lanes have runs of their own.
type Lane string

// The lanes of a source.
const (
	LaneRead Lane = "read" // the platform or the file was asked
	LanePush Lane = "push" // the platform pushed; one run a day
)

// Channel is a place inside a source: a Slack channel, a forum category, a repository, a tag, a mailing list.
type Channel struct {
	ID         int64  `json:"id"`
	SourceID   int64  `json:"source_id"`
	ExternalID string `json:"external_id"` // unique within the source
	Name       string `json:"name"`        // without a leading "#"
	URL        string `json:"url,omitempty"`
	Threadless bool   `json:"threadless"` // messages outside threads are cut into conversations by time and mentions
	Hidden     bool   `json:"hidden"`     // left out of lists and figures by the team
}

// RunState is the state of an import or sync.
type RunState string

// The states of a run. An interrupted run is one that was running when its process ended; starting the same import
// again goes on where it was.
const (
	RunRunning     RunState = "running"
	RunInterrupted RunState = "interrupted"
	RunFailed      RunState = "failed"
	RunDone        RunState = "done"
)

// Run is one import or sync of a source with its counts. Counts go on over interruptions.
type Run struct {
	ID         int64     `json:"id"`
	SourceID   int64     `json:"source_id"`
	Lane       Lane      `json:"lane"`
	State      RunState  `json:"state"`
	Read       int64     `json:"read"`       // records read from the source: messages, events, rows, profiles
	Stored     int64     `json:"stored"`     // activities, organizations and business records that were new or had changed
	Unchanged  int64     `json:"unchanged"`  // those that were already stored as they are
	Rejected   int64     `json:"rejected"`   // records that could not be read; each is listed
	LeftOut    int64     `json:"left_out"`   // records read and not wanted by design, counted by reason
	Done       int64     `json:"done"`       // progress in Unit
	Total      int64     `json:"total"`      // 0 = not known
	Unit       string    `json:"unit"`       // "bytes", "files", "records"
	Phase      string    `json:"phase"`      // what is being read, e.g. "#general 2025-03-01"
	Error      string    `json:"error"`      // why it failed, in words for the user
	StartedAt  time.Time `json:"started_at"` // first start
	UpdatedAt  time.Time `json:"updated_at"`
	FinishedAt time.Time `json:"finished_at,omitzero"`
	Metered    Metered   `json:"metered,omitzero"` // what it asked of the platform
}

// Reject is a record that could not be stored, with where it stands and why.
type Reject struct {
	File     string `json:"file"`
	Line     int64  `json:"line"`     // 1-based line, or record number where the format has no lines; 0 = whole file
	Reason   string `json:"reason"`   // what is wrong
	Expected string `json:"expected"` // what was expected, or what to do
	Excerpt  string `json:"excerpt"`  // the first 200 bytes of the record
}

// DeliveryState says what became of a delivery.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryWaits DeliveryState = "waits" // stored and acknowledged, not yet turned into facts
	DeliveryDone  DeliveryState = "done"
	DeliveryLost  DeliveryState = "failed" // given up after too many tries; it can be tried again
)

// Delivery is what a platform pushed to a source. Headers and parameters that carry credentials are not kept.
type Delivery struct {
	ID         int64               `json:"id"`
	ExternalID string              `json:"external_id,omitempty"` // the platform's own
	State      DeliveryState       `json:"state"`
	ReceivedAt time.Time           `json:"received_at"`
	Tries      int64               `json:"tries"`             // that failed
	RetryAt    time.Time           `json:"retry_at,omitzero"` // when it is tried again
	Error      string              `json:"error,omitempty"`   // why the last try failed
	Method     string              `json:"method"`            // of the request
	Path       string              `json:"path,omitempty"`    // behind the source's address
	Query      map[string][]string `json:"query,omitempty"`
	Header     map[string][]string `json:"header,omitempty"`
	Body       []byte              `json:"-"`
}

// PayloadField is a field that payloads of a source have, as far as a sample of them tells. Samples of a sort of record
// are numbered from 1 as they come in.
type PayloadField struct {
	Record      string    `json:"record"` // what the records are, e.g. "message"
	Path        string    `json:"path"`   // names joined by dots
	Type        string    `json:"type"`
	FirstSample int64     `json:"first_sample"`
	LastSample  int64     `json:"last_sample"`
	Seen        int64     `json:"seen"`    // in how many samples
	Samples     int64     `json:"samples"` // of this sort of record in all
	FirstAt     time.Time `json:"first_at"`
	LastAt      time.Time `json:"last_at"`
}

// Removal is a source that is being removed with everything that came in from it.
type Removal struct {
	SourceID int64     `json:"-"`
	Source   string    `json:"source"` // its name
	AskedAt  time.Time `json:"asked_at"`
	AskedBy  string    `json:"asked_by"`
	Total    int64     `json:"total"` // rows of it, as far as they are counted
	Done     int64     `json:"done"`  // of them removed
}
