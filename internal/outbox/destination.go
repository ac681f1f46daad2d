// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"context"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"time"

	"greenroom"
)

// Destination is a place where the team, or a system of theirs, hears from Greenroom: an incoming webhook of a chat, a
// webhook, or mail addresses.
type Destination struct {
	ID        int64     `json:"id"`
	Name      string    `json:"name"`    // unique
	Channel   Channel   `json:"channel"` // Slack, Teams, Discord, Webhook or Email
	Secret    string    `json:"-"`       // the webhook's address, sealed; whoever has it can write there
	Shown     string    `json:"shown"`   // what may be seen of it: the host, or the addresses
	CreatedBy string    `json:"created_by"`
	CreatedAt time.Time `json:"created_at"`
	RemovedAt time.Time `json:"removed_at,omitzero"`
	SentAt    time.Time `json:"sent_at,omitzero"`  // of the last message that arrived
	Problem   string    `json:"problem,omitempty"` // why the last one did not; "" = it did
}

// DestinationDraft is a destination that is to be made.
type DestinationDraft struct {
	Name    string  `json:"name"`
	Channel Channel `json:"channel"`
	Address string  `json:"address"` // of the webhook, or mail addresses with commas between
}

// Destinations keeps destinations.
type Destinations interface {
	Destinations(ctx context.Context) ([]Destination, error)
	Destination(ctx context.Context, id int64) (Destination, error)
	// AddDestination gives it an id and stores it. CodeConflict where the name is taken.
	AddDestination(ctx context.Context, d Destination) (Destination, error)
	RemoveDestination(ctx context.Context, id int64) error
}

// Sealer keeps secrets.
type Sealer interface {
	Seal(secret []byte, place string) (string, error)
	Open(sealed, place string) ([]byte, error)
}

func placeOf(name string) string { return "destination/" + name }

// Place is what the destination's secret is sealed for.
func (d *Destination) Place() string { return placeOf(d.Name) }

const maxAddresses = 50

// check reads an address, and says what may be shown of it.
func (d *DestinationDraft) check() (address, shown string, err error) {
	d.Name = strings.TrimSpace(d.Name)
	if d.Name == "" || len(d.Name) > 100 {
		return "", "", greenroom.Errorf(greenroom.CodeInvalid, "a destination needs a name of at most 100 characters, such as #community-team")
	}
	switch d.Channel {
	case Email:
		list, err := mail.ParseAddressList(d.Address)
		if err != nil || len(list) > maxAddresses {
			return "", "", &greenroom.Error{Code: greenroom.CodeInvalid, Message: fmt.Sprintf("expected one to %d mail addresses with commas between, such as ana@example.com, ben@example.com", maxAddresses), Err: err}
		}
		var all []string
		for _, a := range list {
			all = append(all, a.Address)
		}
		joined := strings.Join(all, ", ")
		return joined, joined, nil
	case Slack, Teams, Discord, Webhook:
		u, err := url.Parse(strings.TrimSpace(d.Address))
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
			return "", "", greenroom.Errorf(greenroom.CodeInvalid, "expected the address of an incoming webhook, which begins with https://") // the address is secret
		}
		return u.String(), u.Host, nil
	case Discourse, GitHub:
	}
	return "", "", greenroom.Errorf(greenroom.CodeInvalid, "%q is no channel of a destination; expected slack, teams, discord, webhook or email", d.Channel)
}
