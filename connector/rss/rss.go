// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rss reads feeds: RSS in all its versions, Atom and JSON Feed, of blogs, podcasts, video channels, release notes.
// Each feed is a channel, and each entry a broadcast by the place itself, with the comments on it where the feed says where
// their feed is.
//
// A feed is one document with its newest entries; where it links to older ones, the first read follows. The next read asks
// for it only if it has changed since, by the validators (ETag, Last-Modified) that came with it, so that an unchanged feed
// costs its server next to nothing.
//
// A feed's channel is named by the site that the feed says it belongs to, so that nothing comes in twice when the feed moves.
//
// Where a feed names a hub (WebSub), the hub is asked to tell of new entries at once (push.go); the feed is read in its
// rhythm all the same.
//
// A feed that cannot be read is a warning on the source and does not stop the others; only when none can be read is that
// an error. What is no longer in a feed has not been deleted: feeds drop what is old.
package rss

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/websub"
)

// Kind is what the connector is called.
const Kind = "rss"

const title = "RSS, Atom and podcasts"

// The names of the options.
const (
	optFeeds    = "feeds"
	optSince    = "since"
	optComments = "comments"
	optTeam     = "team"
)

const help = `1. Open the blog or podcast and look for *RSS*, *Feed* or the orange sign. Often the address is that of the site with
   */feed*, */rss.xml*, */atom.xml* or */index.xml* behind it; podcasts name it where they say how to subscribe.
2. Enter the addresses of all feeds that belong together, one a line.

If you enter the address of a web page, the test of the connection says which feeds the page names.`

const pushHelp = `There is nothing to do. Where a feed names a hub (WebSub, once PubSubHubbub), as those of WordPress.com and
Blogger do, Greenroom asks the hub to tell of new entries at once, and asks again each day. For that the hub has to reach this
server from the internet: start it with **--public-url**. The test of the connection says which feeds name a hub. Those that
name none are read in their rhythm, as are comments.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "rss", Primary: optFeeds, Help: help, Group: connector.GroupDoor,
		Summary:  "Articles, episodes and release notes of any feed (RSS, Atom, JSON Feed), with their comments where the feed has them.",
		Keywords: []string{"blog", "podcast", "feed", "atom", "json feed", "wordpress", "newsletter"},
		Options:  options(), New: New, Incremental: true, Rhythm: time.Hour,
		Push: &connector.Push{Help: pushHelp, Asks: true},
		Limits: "A feed holds only its newest entries, often ten to fifty, unless it links to older ones; what came before cannot be read.\n" +
			"WordPress shows ten comments on an article at most, the newest, as many as its feeds have articles. They are looked for every three hours, for 60 days.",
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optFeeds, Label: "Feeds", Type: connector.List, Required: true, Example: "https://blog.example.org/feed", Help: "The addresses of the feeds."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "all", Help: "Entries from before then do not come in."},
		{Name: optComments, Label: "Comments", Type: connector.Bool, Default: "true", Help: "Bring in comments on entries, as WordPress offers them. Costs a request for each entry that has some."},
		{Name: optTeam, Label: "Authors are the team", Type: connector.Bool, Default: "true", Help: "Mark the authors of entries as the team. Turn it off for blogs of community members."},
	}
}

// source is a set of feeds.
type source struct {
	set   connector.Settings
	env   connector.Env
	since time.Time
	feeds []*feed
	hubs  *websub.Subscriber
}

// feed is one address.
type feed struct {
	address string
	host    string
	path    string // with the query
	client  *rest.Client
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{set: set, env: env, since: set.Since(optSince), hubs: websub.New(env, set.List(optFeeds))}
	for _, address := range set.List(optFeeds) {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not the address of a feed; expected something like https://blog.example.org/feed", address)
		}
		f := &feed{address: address, host: u.Host, path: u.RequestURI()}
		f.client, err = rest.New(rest.Config{Name: u.Host, Base: u.Scheme + "://" + u.Host, Env: env, PlainText: true, Refuse: refuse})
		if err != nil {
			return nil, err
		}
		s.feeds = append(s.feeds, f)
	}
	return s, nil
}

// Test reads each feed and says what is in it, or what is wrong with it.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	check := connector.Check{Account: "nobody: feeds are open to everyone"}
	for _, f := range s.feeds {
		doc, _, err := s.fetch(ctx, f, f.path, validators{})
		if ctx.Err() != nil {
			return check, err
		}
		if err != nil {
			check.Missing = append(check.Missing, connector.Missing{Name: f.address, Then: "Nothing comes in from there.", Do: greenroom.ErrorMessage(err), Must: len(s.feeds) == 1})
			continue
		}
		check.Notes = append(check.Notes, doc.name(f)+" holds "+strconv.Itoa(len(doc.Items))+" entries.", s.hubNote(f, doc))
	}
	return check, nil
}

// Survey lists the feeds. How many entries there ever were, no feed says.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	for _, f := range s.feeds {
		p := connector.Place{ExternalID: f.address, Name: f.address, Members: -1, Items: -1}
		doc, _, err := s.fetch(ctx, f, f.path, validators{})
		switch {
		case ctx.Err() != nil:
			return v, err
		case err != nil:
			p.Why = greenroom.ErrorMessage(err)
		default:
			p.ExternalID, p.Covered, p.Name, p.Items = doc.key, true, doc.name(f), int64(len(doc.Items))
			v.Items += p.Items
		}
		v.Requests++
		v.Places = append(v.Places, p)
	}
	return v, nil
}

var _ interface {
	connector.Tester
	connector.Surveyor
} = (*source)(nil)
