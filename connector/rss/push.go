// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rss

import (
	"context"
	"time"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/websub"
)

// patience is how long a push waits for its feed.
const patience = 30 * time.Second

// links are the links of a feed to other addresses, as Atom writes them, also within RSS.
func links(found *gofeed.Feed) []websub.Link {
	var all []websub.Link
	if original, ok := found.OriginalFeed().(*atom.Feed); ok {
		for _, l := range original.Links {
			if l != nil {
				all = append(all, websub.Link{Rel: l.Rel, Href: l.Href})
			}
		}
		return all
	}
	for _, l := range found.Extensions["atom"]["link"] {
		all = append(all, websub.Link{Rel: l.Attrs["rel"], Href: l.Attrs["href"]})
	}
	return all
}

// topicOf is what the hub of a feed, where it names one, is asked for.
func topicOf(f *feed, ans *rest.Answer, doc *document) websub.Topic {
	return websub.Discover(f.address, ans, links(doc.Feed))
}

// subscribe asks the hub of a feed, where that is due. doc is nil for a feed that has not changed: then it is the hub that
// it named when it was read last.
func (s *source) subscribe(ctx context.Context, f *feed, doc *document, before *websub.State) *websub.State {
	switch {
	case !s.hubs.On():
		return before
	case doc != nil:
		return s.hubs.Ask(ctx, f.address, doc.topic, s.hubs.Tag(doc.key), before)
	case before == nil:
		return nil
	}
	return s.hubs.Ask(ctx, f.address, websub.Topic{Hub: before.Hub, Self: before.Topic}, before.Mark, before)
}

// hubNote says in the test of a connection how entries of a feed come in.
func (s *source) hubNote(f *feed, doc *document) string {
	name := doc.name(f)
	switch {
	case doc.topic.Hub == "":
		return name + " names no hub, so new entries come in when it is read again."
	case s.env.Hook == "":
		return name + " names a hub, which would tell of new entries at once, but this server was not told its public address (--public-url); they come in when it is read again."
	}
	return name + " names a hub, " + doc.topic.Hub + ", which is asked to tell of new entries at once."
}

// Verify answers a hub.
func (s *source) Verify(d *connector.Delivery) (connector.Reply, error) { return s.hubs.Verify(d) }

// Receive takes in the entries that a hub tells of. What it tells is the feed itself, and is read as such where it is
// certain to give what reading the feed gives: it belongs to the same site, which the ids of entries may hold, and each
// entry says when it was changed, so that pushes may come twice and in another order. RSS has no such time, and some hubs
// write the document anew: then a push is no more than a notice, and the feed is asked.
func (s *source) Receive(ctx context.Context, d *connector.Delivery, out *connector.Sink) error {
	name, key, ok := s.hubs.Told(d, out)
	if !ok {
		out.Read(1)
		return nil
	}
	f := s.named(name)
	doc, err := parse(decoded(&rest.Answer{Header: d.Header, Body: d.Body}), f)
	if err != nil || s.hubs.Tag(doc.key) != key || !ordered(doc) {
		// Other sources' pushes wait behind this one, so a server that is slow is asked again later.
		hurried, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		if doc, _, err = s.fetch(hurried, f, f.path, validators{}); err != nil {
			return err
		}
	}
	doc.pushed = true
	out.Channel(connector.Channel{ExternalID: doc.key, Name: doc.name(f), URL: absolute(doc.Link)})
	for i, item := range doc.Items {
		out.Read(1)
		if clean(item.Published) == "" && clean(item.Updated) == "" { // when it was seen first is what reads remember
			out.LeftOut("entries without a date, which are left to the next read", 1)
			continue
		}
		if _, err := s.entry(ctx, f, doc, i, &mark{}, &mark{}, out); err != nil {
			return err
		}
	}
	return nil
}

// named is the feed at an address that the options name.
func (s *source) named(address string) *feed {
	for _, f := range s.feeds {
		if f.address == address {
			return f
		}
	}
	return nil
}

// ordered reports whether each entry says when it was changed.
func ordered(doc *document) bool {
	if doc.FeedType != "atom" && doc.FeedType != "json" {
		return false
	}
	for _, item := range doc.Items {
		if item == nil || stamp(item.UpdatedParsed).IsZero() {
			return false
		}
	}
	return true
}

var _ connector.Receiver = (*source)(nil)
