// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package githubevent

import (
	"fmt"
	"time"
)

// webhookTypes says which event a webhook stands for. Deliveries of other names concern machines or settings. A watch is
// not here because GitHub sends a star along with it.
var webhookTypes = map[string]string{
	"commit_comment":              "CommitCommentEvent",
	"create":                      "CreateEvent",
	"delete":                      "DeleteEvent",
	"discussion":                  "DiscussionEvent",
	"discussion_comment":          "DiscussionCommentEvent",
	"fork":                        "ForkEvent",
	"gollum":                      "GollumEvent",
	"issue_comment":               "IssueCommentEvent",
	"issues":                      "IssuesEvent",
	"member":                      "MemberEvent",
	"membership":                  "MembershipEvent",
	"organization":                "OrganizationEvent",
	"public":                      "PublicEvent",
	"pull_request":                "PullRequestEvent",
	"pull_request_review":         "PullRequestReviewEvent",
	"pull_request_review_comment": "PullRequestReviewCommentEvent",
	"push":                        "PushEvent",
	"release":                     "ReleaseEvent",
	"sponsorship":                 "SponsorshipEvent",
	"star":                        "StarEvent",
	"team_add":                    "TeamAddEvent",
}

// delivery is what all webhooks carry beside the fields of an event's payload.
type delivery struct {
	Payload
	After      string      `json:"after"`
	Sender     *User       `json:"sender"`
	Repository *webhookRef `json:"repository"`
}

// webhookRef is a repository in a webhook; its times are numbers in some of them.
type webhookRef struct {
	ID       int64  `json:"id"`
	FullName string `json:"full_name"`
}

// ReadWebhook brings a webhook delivery into an event. name is the X-GitHub-Event header, id the X-GitHub-Delivery one,
// received the time of the delivery, which is the event's time where its objects tell none. It returns false for the
// deliveries that are not wanted, and an error where the body cannot be read.
func ReadWebhook(name, id string, received time.Time, body []byte, e *Event) (bool, error) {
	*e = Event{}
	kind, ok := webhookTypes[name]
	if !ok {
		return false, nil
	}
	var d delivery
	if err := Decode(body, &d); err != nil {
		return false, fmt.Errorf("reading the %s webhook: %w", name, problem(err))
	}
	e.ID, e.Type, e.CreatedAt, e.Payload = id, kind, received.UTC().Format(time.RFC3339Nano), d.Payload
	e.Payload.Head = d.After
	if d.Sender != nil {
		e.Actor = *d.Sender
	}
	if d.Repository != nil {
		e.Repo = Repo{ID: d.Repository.ID, Name: d.Repository.FullName}
	}
	return true, nil
}
