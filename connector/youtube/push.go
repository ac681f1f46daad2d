// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package youtube

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/websub"
)

// YouTube tells of videos through Google's hub, in a form of its own that names the video and little else: see
// https://developers.google.com/youtube/v3/guides/push_notifications. So a push is a notice, and the API says what is true
// of the video now; that costs one unit for all videos of a push, gives the same facts as a read, and makes it of no
// matter in which order pushes come. A read instead would go through weeks of comments.

// hub is where all of YouTube's channels are subscribed to.
const hub = "https://pubsubhubbub.appspot.com/subscribe"

// topicOf is what the hub knows a channel's videos by. The guide has named it with and without /xml over the years; with it, it is
// what the pushes themselves name as their own, while people report that the hub takes the other and tells nothing of it.
func topicOf(channel string) websub.Topic {
	return websub.Topic{Hub: hub, Self: "https://www.youtube.com/xml/feeds/videos.xml?channel_id=" + url.QueryEscape(channel)}
}

// pushShare is which part of the day's units pushes may use: one in so many.
const pushShare = 20

// patience is how long a push waits for the API.
const patience = 30 * time.Second

// budgets parts the day's units between reads and pushes, which are counted apart, since a read keeps its count in its
// cursor. Pushes that find theirs used up are left to the next read.
func (s *source) budgets(units int64) {
	share := units / pushShare
	s.pushed = &quota{env: s.env, limit: share}
	s.quota = &quota{env: s.env, limit: units}
	if s.hubs.On() {
		s.quota.limit -= share
	}
}

// subscribe asks the hub to tell of channels, where that is due. What is kept of it stands beside the units in the cursor.
func (s *source) subscribe(ctx context.Context, channels []wireChannel) {
	if !s.hubs.On() {
		return
	}
	asked := make(map[string]*websub.State)
	for i, name := range s.set.List(optChannels) {
		id := channels[i].ID
		if state := s.hubs.Ask(ctx, name, topicOf(id), id, s.quota.day.Hubs[id]); state != nil {
			asked[id] = state
		}
	}
	s.quota.day.Hubs = asked
	s.quota.add(0)
}

// Verify answers the hub.
func (s *source) Verify(d *connector.Delivery) (connector.Reply, error) { return s.hubs.Verify(d) }

// told is a push.
type told struct {
	Entries []struct {
		Video     string `xml:"http://www.youtube.com/xml/schemas/2015 videoId"`
		Channel   string `xml:"http://www.youtube.com/xml/schemas/2015 channelId"`
		Published string `xml:"http://www.w3.org/2005/Atom published"`
	} `xml:"http://www.w3.org/2005/Atom entry"`
	Deleted []struct {
		Ref  string `xml:"ref,attr"` // "yt:video:ID"
		When string `xml:"when,attr"`
	} `xml:"http://purl.org/atompub/tombstones/1.0 deleted-entry"`
}

// notice is what a push is about.
type notice struct {
	channel string
	ids     []string
	gone    map[string]time.Time // when videos are said to have been deleted
}

// parse reads a push. What names no video is left out.
func (s *source) parse(d *connector.Delivery, channel string, out *connector.Sink) (notice, error) {
	n := notice{channel: channel, gone: make(map[string]time.Time)}
	var feed told
	if err := xml.Unmarshal(d.Body, &feed); err != nil {
		return n, err //nolint:wrapcheck // it becomes the reason of a reject
	}
	add := func(id string) {
		if !slices.Contains(n.ids, id) {
			n.ids = append(n.ids, id)
		}
	}
	for _, e := range feed.Entries {
		published, err := time.Parse(time.RFC3339, e.Published)
		switch {
		case !isID(e.Video):
			out.LeftOut("pushes that name no video", 1)
		case e.Channel != channel:
			out.LeftOut("pushes about other channels", 1)
		case err == nil && published.Before(s.set.Since(optSince)):
			out.LeftOut("videos from before what is wanted", 1)
		default:
			add(e.Video)
		}
	}
	for _, e := range feed.Deleted {
		id := strings.TrimPrefix(e.Ref, "yt:video:")
		when, err := time.Parse(time.RFC3339, e.When)
		if !isID(id) {
			out.LeftOut("pushes that name no video", 1)
			continue
		}
		if err != nil {
			when = d.ReceivedAt
		}
		n.gone[id] = when.UTC().Truncate(time.Second)
		add(id)
	}
	return n, nil
}

// isID reports whether a text can be the id of a video.
func isID(id string) bool {
	const most = 64
	return id != "" && len(id) <= most && strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// Receive takes in the videos that a push names, as they are now, or that they were deleted.
func (s *source) Receive(ctx context.Context, d *connector.Delivery, out *connector.Sink) error {
	_, channel, ok := s.hubs.Told(d, out)
	if !ok {
		out.Read(1)
		return nil
	}
	n, err := s.parse(d, channel, out)
	if err != nil {
		out.Read(1)
		out.Reject(greenroom.Reject{File: "push", Reason: "this is no feed: " + err.Error(), Expected: "Atom as YouTube's hub sends it", Excerpt: string(d.Body)})
		return nil
	}
	const page = 50 // as pageVideos
	for ids := range slices.Chunk(n.ids, page) {
		if err := s.look(ctx, &n, ids, d, out); err != nil {
			return err
		}
	}
	return nil
}

// look asks for videos that a push names.
func (s *source) look(ctx context.Context, n *notice, ids []string, d *connector.Delivery, out *connector.Sink) error {
	s.pushed.add(0)
	if s.pushed.day.Units >= s.pushed.limit {
		out.Read(len(ids))
		out.LeftOut("pushes that are left to the next read, to save units", len(ids))
		return nil
	}
	hurried, cancel := context.WithTimeout(ctx, patience) // other sources' pushes wait behind this one
	defer cancel()
	var list wireList
	_, err := s.client.Into(hurried, "/videos", url.Values{"part": {"snippet,statistics"}, "id": {strings.Join(ids, ",")}, "maxResults": {pageVideos}}, &list)
	s.pushed.add(1)
	if err != nil && rest.Status(err) != http.StatusNotFound {
		return err
	}
	there := make(map[string]bool)
	for i, item := range list.Items {
		var v wireVideo
		if rest.Unmarshal(item, &v) == nil {
			there[v.ID] = true
			if v.Snippet.ChannelID != "" && v.Snippet.ChannelID != n.channel {
				out.Read(1)
				out.LeftOut("pushes about other channels", 1)
				continue
			}
		}
		c := wireChannel{ID: n.channel}
		c.Snippet.Title = v.Snippet.ChannelTitle
		out.Channel(connector.Channel{ExternalID: c.ID, Name: c.Snippet.Title, URL: c.url()})
		out.Identity(connector.Identity{ExternalID: c.ID, Name: c.Snippet.Title, ProfileURL: c.url(), Staff: true})
		s.detail(&c, item, i+1, out)
	}
	for _, id := range ids {
		if there[id] {
			continue // what was deleted and is there all the same was told of late
		}
		out.Read(1)
		if when, deleted := n.gone[id]; deleted {
			out.Activity(connector.Activity{ExternalID: videoID(id), Deleted: true, EditedAt: when, Raw: out.Raw(d.Body)})
		} else {
			out.LeftOut(hidden, 1)
		}
	}
	return nil
}

var _ connector.Receiver = (*source)(nil)
