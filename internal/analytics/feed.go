// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import (
	"context"
)

// Feed is where an engine gets its facts: it tells what is new in the record store. Lists are in order and complete up to what they return last: asking
// again from there misses nothing.
type Feed interface {
	// End says how far the feed goes: the last activity, and the last version of identities and conversations.
	End(ctx context.Context) (activity, version int64, err error)
	// FactsAfter appends to into the activities with greater ids, limit at most, deleted ones left out, and returns the
	// last id that it looked at; after where there was none.
	FactsAfter(ctx context.Context, after int64, limit int, into *Facts) (last int64, err error)
	// ChangesAfter returns the ids of the activities that changed after a sequence number, what of them is not deleted
	// as it is now, and the last sequence number it looked at.
	ChangesAfter(ctx context.Context, after int64, limit int) (ids []int64, now *Facts, last int64, err error)
	FeedVersions
	// Erased counts the accounts that were erased at the request of a person. Where there are not as many as known, it
	// also lists their ids.
	Erased(ctx context.Context, known int64) (count int64, ids []int64, err error)
	// Places returns the sources, and the channels with greater ids.
	Places(ctx context.Context, afterChannel int64) ([]Source, []Channel, error)
}

// FeedVersions tells what changed, in order.
type FeedVersions interface {
	// IdentitiesAfter and ConversationsAfter return what changed after a mark, limit at most.
	IdentitiesAfter(ctx context.Context, after Mark, limit int) ([]Identity, Mark, error)
	ConversationsAfter(ctx context.Context, after Mark, limit int) ([]Conversation, Mark, error)
	// ReadingsAfter returns what messages say that were read, or corrected, after a mark, limit at most, and the mark of the
	// last one. With a limit of 0 it returns none, and the mark of the last one there is. Facts and conversations come with
	// what they say when they are asked for.
	ReadingsAfter(ctx context.Context, after Mark, limit int) ([]Reading, Mark, error)
}
