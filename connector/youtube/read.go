// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package youtube

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// Read goes through the channels.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	return walk.Noted(ctx, from, s.env.Now(), out, &s.quota.note, func() ([]walk.Section, error) {
		s.quota.open()
		channels, raws, err := s.channels(ctx)
		if err != nil {
			return nil, err
		}
		s.subscribe(ctx, channels)
		var all []walk.Section
		for i := range channels {
			all = append(all, s.videos(&channels[i], raws[i], out))
			if s.set.On(optComments) {
				all = append(all, s.comments(&channels[i], out))
			}
		}
		return all, nil
	})
}

// channels asks for the channels that are wanted, in the order of the option.
func (s *source) channels(ctx context.Context) ([]wireChannel, []jsontext.Value, error) {
	var all []wireChannel
	var raws []jsontext.Value
	for _, wanted := range s.set.List(optChannels) {
		q := url.Values{"part": {"snippet,statistics,contentDetails"}}
		if strings.HasPrefix(wanted, "@") {
			q.Set("forHandle", wanted)
		} else {
			q.Set("id", wanted)
		}
		var list wireList
		if err := s.ask(ctx, "/channels", q, &list); err != nil {
			return nil, nil, err
		}
		if len(list.Items) == 0 {
			return nil, nil, greenroom.Errorf(greenroom.CodeInvalid, "%s knows no channel %s; check the handle or the id in the settings of the source", title, wanted)
		}
		var c wireChannel
		if err := rest.Unmarshal(list.Items[0], &c); err != nil || c.ID == "" {
			return nil, nil, greenroom.Errorf(greenroom.CodeInvalid, "%s's answer about %s is not a channel", title, wanted)
		}
		s.staff[c.ID] = true
		all, raws = append(all, c), append(raws, list.Items[0])
	}
	return all, raws, nil
}

// from is from when on things are wanted in a read that goes on from a mark.
func (s *source) from(at *walk.At) time.Time {
	first := s.set.Since(optSince)
	if at.Since.IsZero() {
		return first
	}
	if again := at.Since.AddDate(0, 0, -int(s.set.Number(optReplies))); again.After(first) {
		return again
	}
	return first
}

// hidden counts entries of a playlist that only the owner sees.
const hidden = "videos that are not public or no longer there"

// videos is the section of a channel's uploads, the newest first.
func (s *source) videos(c *wireChannel, raw []byte, out *connector.Sink) walk.Section {
	file := c.Snippet.Title + ": videos"
	return walk.Section{Name: "videos/" + c.ID, Title: file, Read: func(ctx context.Context, at *walk.At) (string, error) {
		s.channel(c, raw, out)
		q := url.Values{"part": {"snippet,contentDetails,status"}, "playlistId": {c.Content.Related.Uploads}, "maxResults": {pageVideos}}
		if at.Page != "" {
			q.Set("pageToken", at.Page)
		}
		var list wireList
		err := s.ask(ctx, "/playlistItems", q, &list)
		if rest.Gone(err) { // a channel without any video has no playlist
			return "", nil
		}
		if err != nil {
			return "", err
		}
		var ids []string
		old := false
		for i, item := range list.Items {
			var e wireEntry
			if err := rest.Unmarshal(item, &e); err != nil || e.video() == "" {
				out.Read(1)
				reject(out, file, i+1, item, "this is not a video of a playlist")
				continue
			}
			if e.Status.Privacy != "" && e.Status.Privacy != "public" {
				out.Read(1)
				out.LeftOut(hidden, 1)
				continue
			}
			if e.published().Before(s.from(at)) {
				old = true
				continue
			}
			ids = append(ids, e.video())
		}
		if err := s.details(ctx, c, ids, out); err != nil {
			return "", err
		}
		if old {
			return "", nil
		}
		return list.Next, nil
	}}
}

// details asks for videos by their ids: the playlist cuts long descriptions.
func (s *source) details(ctx context.Context, c *wireChannel, ids []string, out *connector.Sink) error {
	if len(ids) == 0 {
		return nil
	}
	var list wireList
	if err := s.ask(ctx, "/videos", url.Values{"part": {"snippet,statistics"}, "id": {strings.Join(ids, ",")}, "maxResults": {pageVideos}}, &list); err != nil {
		return err
	}
	if n := len(ids) - len(list.Items); n > 0 {
		out.Read(n)
		out.LeftOut(hidden, n)
	}
	for i, item := range list.Items {
		s.detail(c, item, i+1, out)
	}
	return nil
}

// detail passes on a video.
func (s *source) detail(c *wireChannel, item []byte, line int, out *connector.Sink) {
	out.Read(1)
	var v wireVideo
	switch err := rest.Unmarshal(item, &v); {
	case err != nil, v.ID == "", v.Snippet.PublishedAt.IsZero():
		reject(out, c.Snippet.Title+": videos", line, item, "this is not a video with an id and a time")
	case v.Snippet.Live == "upcoming":
		out.LeftOut("videos that have not begun", 1)
	default:
		v.Snippet.ChannelID = c.ID
		s.video(&v, item, out)
	}
}

// comments is the section of the comment threads on everything of a channel, the newest first.
func (s *source) comments(c *wireChannel, out *connector.Sink) walk.Section {
	file := c.Snippet.Title + ": comments"
	return walk.Section{Name: "comments/" + c.ID, Title: file, Read: func(ctx context.Context, at *walk.At) (string, error) {
		out.Channel(connector.Channel{ExternalID: c.ID, Name: c.Snippet.Title, URL: c.url()})
		q := url.Values{"part": {"snippet,replies"}, "allThreadsRelatedToChannelId": {c.ID}, "order": {"time"}, "textFormat": {"plainText"}, "maxResults": {pageComments}}
		if at.Page != "" {
			q.Set("pageToken", at.Page)
		}
		var list wireList
		err := s.ask(ctx, "/commentThreads", q, &list)
		if rest.Refused(err) {
			s.env.Meter.Warn("YouTube does not show the comments of the channel " + c.Snippet.Title + ".")
			return "", nil
		}
		if err != nil {
			return "", err
		}
		old := len(list.Items) > 0
		for i, item := range list.Items {
			first, err := s.thread(ctx, c, item, file, i+1, out)
			if err != nil {
				return "", err
			}
			old = old && first.Before(s.from(at))
		}
		if old {
			return "", nil
		}
		return list.Next, nil
	}}
}

// thread passes on a comment and its replies, and returns when the comment was written; zero where it cannot be read.
func (s *source) thread(ctx context.Context, c *wireChannel, item []byte, file string, line int, out *connector.Sink) (time.Time, error) {
	out.Read(1)
	var t wireThread
	var top wireComment
	err := rest.Unmarshal(item, &t)
	if err == nil {
		err = rest.Unmarshal(t.Snippet.Top, &top)
	}
	if err != nil || top.ID == "" || top.Snippet.Published.IsZero() {
		reject(out, file, line, item, "this is not a comment thread with a comment, its id and its time")
		return s.env.Now(), nil //nolint:nilerr // the record is rejected
	}
	s.comment(&top, c.ID, t.Snippet.VideoID, t.Snippet.Top, out)
	if t.Snippet.Replies <= int64(len(t.Replies.Comments)) {
		s.replies(c, &t, t.Replies.Comments, file, out)
		return top.Snippet.Published, nil
	}
	for page := ""; ; {
		q := url.Values{"part": {"snippet"}, "parentId": {t.ID}, "textFormat": {"plainText"}, "maxResults": {pageComments}}
		if page != "" {
			q.Set("pageToken", page)
		}
		var list wireList
		if err := s.ask(ctx, "/comments", q, &list); rest.Gone(err) {
			return top.Snippet.Published, nil
		} else if err != nil {
			return time.Time{}, err
		}
		s.replies(c, &t, list.Items, file, out)
		if page = list.Next; page == "" {
			return top.Snippet.Published, nil
		}
	}
}

func (s *source) replies(c *wireChannel, t *wireThread, items []jsontext.Value, file string, out *connector.Sink) {
	for i, item := range items {
		out.Read(1)
		var r wireComment
		if err := rest.Unmarshal(item, &r); err != nil || r.ID == "" || r.Snippet.Published.IsZero() {
			reject(out, file+": replies to "+t.ID, i+1, item, "this is not a comment with an id and a time")
			continue
		}
		if r.Snippet.ParentID == "" {
			r.Snippet.ParentID = t.ID
		}
		s.comment(&r, c.ID, t.Snippet.VideoID, item, out)
	}
}
