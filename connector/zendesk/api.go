// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package zendesk

import (
	"time"

	"greenroom/connector/internal/rest"
)

// exportSize is how many entries a page of an export holds.
const exportSize = 1000

type wireUser struct {
	ID           int64          `json:"id"`
	URL          string         `json:"url"`
	Name         string         `json:"name"`
	Alias        string         `json:"alias"`
	Email        string         `json:"email"`
	Role         string         `json:"role"`     // end-user, agent, admin
	Verified     bool           `json:"verified"` // one of the identities is
	Active       bool           `json:"active"`   // false = deleted
	Suspended    bool           `json:"suspended"`
	Organization int64          `json:"organization_id"`
	Zone         string         `json:"iana_time_zone"`
	ExternalID   string         `json:"external_id"`
	Details      string         `json:"details"`
	Tags         []string       `json:"tags"`
	Fields       map[string]any `json:"user_fields"`
	CreatedAt    time.Time      `json:"created_at"`
	UpdatedAt    time.Time      `json:"updated_at"`
	Photo        struct {
		URL string `json:"content_url"`
	} `json:"photo"`
}

type wireOrganization struct {
	ID        int64          `json:"id"`
	Name      string         `json:"name"`
	Domains   []string       `json:"domain_names"`
	Details   string         `json:"details"`
	Tags      []string       `json:"tags"`
	Fields    map[string]any `json:"organization_fields"`
	CreatedAt time.Time      `json:"created_at"`
	DeletedAt time.Time      `json:"deleted_at"`
}

type wireTicket struct {
	ID           int64     `json:"id"`
	URL          string    `json:"url"`
	Subject      string    `json:"subject"`
	Status       string    `json:"status"` // new, open, pending, hold, solved, closed, deleted
	Type         string    `json:"type"`
	Priority     string    `json:"priority"`
	Requester    int64     `json:"requester_id"`
	Assignee     int64     `json:"assignee_id"`
	Organization int64     `json:"organization_id"`
	Tags         []string  `json:"tags"`
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
	Via          struct {
		Channel string `json:"channel"`
	} `json:"via"`
	Rating *struct {
		Score string `json:"score"`
	} `json:"satisfaction_rating"`
	Metrics *wireMetrics `json:"metric_set"` // where single tickets are asked for
}

// wireMetrics is what Zendesk measured of a ticket.
type wireMetrics struct {
	Ticket    int64     `json:"ticket_id"`
	SolvedAt  time.Time `json:"solved_at"`
	StatusAt  time.Time `json:"status_updated_at"`
	Reopens   int64     `json:"reopens"`
	Replies   int64     `json:"replies"`
	FirstWait struct {
		Calendar *int64 `json:"calendar"` // minutes
	} `json:"reply_time_in_minutes"`
}

// wireComment is a comment, and a child of a ticket event, which may be one.
type wireComment struct {
	ID        int64     `json:"id"`
	Event     string    `json:"event_type"` // of children: Comment, Create, Change, CommentPrivacyChange, CommentRedactionEvent
	Type      string    `json:"type"`
	Author    int64     `json:"author_id"`
	Public    bool      `json:"public"`
	Body      string    `json:"body"`
	HTML      string    `json:"html_body"`
	CreatedAt time.Time `json:"created_at"`
	Comment   int64     `json:"comment_id"` // that a change of privacy or a redaction is about
}

// wireEvent is a change of a ticket.
type wireEvent struct {
	ID        int64         `json:"id"`
	Ticket    int64         `json:"ticket_id"`
	CreatedAt time.Time     `json:"created_at"`
	Children  []wireComment `json:"child_events"`
}

type wireRating struct {
	ID        int64     `json:"id"`
	Score     string    `json:"score"` // good, bad; offered and unoffered are none
	Comment   string    `json:"comment"`
	Reason    string    `json:"reason"`
	Requester int64     `json:"requester_id"`
	Ticket    int64     `json:"ticket_id"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// jsonCount is a count that is a number, or an object with one.
type jsonCount int64

// UnmarshalJSON reads either.
func (c *jsonCount) UnmarshalJSON(data []byte) error {
	var n struct {
		Value int64 `json:"value"`
	}
	if rest.Unmarshal(data, &n) == nil {
		*c = jsonCount(n.Value)
		return nil
	}
	return rest.Unmarshal(data, (*int64)(c)) //nolint:wrapcheck // the decoder wraps it
}
