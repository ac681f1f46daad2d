// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package front

import (
	"context"
	"io"

	"greenroom"
	"greenroom/internal/brand"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/survey"
	"greenroom/internal/task"
)

// Brands says how the pages look; brand.Service does.
type Brands interface {
	Brand(ctx context.Context) (brand.Brand, error)
}

// Choices keeps what members chose; outbox.Service does.
type Choices interface {
	Choose(ctx context.Context, member int64, c consent.Choice, by string) error
	Contact(ctx context.Context, member int64) (outbox.Contact, error)
}

// Members finds members. Of one that was merged it gives the member that it is part of now.
type Members interface {
	Member(ctx context.Context, id int64) (greenroom.Member, error)
}

// Privacy gives a member's data out, and erases them.
type Privacy interface {
	ExportMember(ctx context.Context, id int64, w io.Writer) error
	EraseMember(ctx context.Context, id int64, by string) error
}

// Tasks takes what the team is to do.
type Tasks interface {
	AddTasks(ctx context.Context, all ...task.Task) (added int, err error)
}

// Surveys takes what members answer; survey.Service does.
type Surveys interface {
	// Enter finds the survey that somebody came to, by an invitation or the open link (0), and the answer that they began.
	Enter(ctx context.Context, key string, invitation, response int64) (*survey.Visit, error)
	// Save stores a page that somebody sent.
	Save(ctx context.Context, v *survey.Visit, sheet *survey.Sheet) (*survey.Sent, error)
}
