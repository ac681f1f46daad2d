// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package youtube

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Test asks for the channels, and for a comment of each.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	check := connector.Check{Account: "an API key, which reads what is public"}
	s.quota.open()
	channels, _, err := s.channels(ctx)
	if err != nil {
		return check, err
	}
	check.Notes = append(check.Notes, s.hubNote())
	for i := range channels {
		c := &channels[i]
		check.Notes = append(check.Notes, fmt.Sprintf("%s has %s videos and %s subscribers.", c.Snippet.Title, c.Statistics.Videos, c.Statistics.Subscribers))
		if !s.set.On(optComments) {
			continue
		}
		var list wireList
		err := s.ask(ctx, "/commentThreads", url.Values{"part": {"id"}, "allThreadsRelatedToChannelId": {c.ID}, "maxResults": {"1"}}, &list)
		if rest.Refused(err) {
			check.Missing = append(check.Missing, connector.Missing{
				Name: "comments of " + c.Snippet.Title, Then: "No comments and replies of this channel come in.", Do: "Turn comments on in YouTube Studio, Settings → Community.",
			})
		} else if err != nil && !rest.Gone(err) {
			return check, err
		}
	}
	return check, nil
}

// hubNote says how videos come in.
func (s *source) hubNote() string {
	if s.env.Hook == "" {
		return "YouTube would tell of new videos at once, but this server was not told its public address (--public-url); they come in when the channels are read again."
	}
	return "Google's hub is asked to tell of new videos at once."
}

// surveyed is how many videos of a channel are looked at for their number of comments.
const surveyed = 500

// Survey tells YouTube's own counts: of videos and subscribers, and of the comments on the newest videos.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	s.quota.open()
	channels, _, err := s.channels(ctx)
	if err != nil {
		return v, err
	}
	for i := range channels {
		c := &channels[i]
		videos := number(c.Statistics.Videos)
		comments, off, seen, err := s.counted(ctx, c)
		if err != nil {
			return v, err
		}
		members := number(c.Statistics.Subscribers)
		if c.Statistics.Hidden {
			members = -1
		}
		v.Places = append(v.Places, connector.Place{ExternalID: c.ID, Name: c.Snippet.Title, Covered: true, Members: members, Items: videos + comments})
		in := `in:"#` + strings.ReplaceAll(c.Snippet.Title, `"`, "") + `"`
		said := connector.Count{What: "comments", Place: c.ID, Platform: comments, Query: in + " kind:comment,reply", Of: "activities"}
		if off > 0 {
			said.Explain = append(said.Explain, connector.Explanation{Text: fmt.Sprintf("%d videos have their comments turned off", off)})
		}
		if seen < videos {
			said.Explain = append(said.Explain, connector.Explanation{Text: fmt.Sprintf("YouTube's number is of the newest %d of %d videos, to save units", seen, videos)})
		}
		said.Explain = append(said.Explain, connector.Explanation{Text: "YouTube counts comments that wait for review or were hidden, and replies of closed accounts, which it does not show"})
		v.Counts = append(v.Counts, connector.Count{What: "videos", Place: c.ID, Platform: videos, Query: in + " kind:announcement", Of: "activities"}, said)
		if members >= 0 {
			v.Counts = append(v.Counts, connector.Count{
				What: "subscribers", Place: c.ID, Platform: members, Query: in + " kind:follow", Of: "activities",
				Explain: []connector.Explanation{{Text: "YouTube does not say who subscribed, and rounds the number", Items: -members}},
			})
		}
		v.Items += videos + comments
		v.Requests += 1 + 2*(videos/50+1) + comments/100 + 1
	}
	v.Cost = fmt.Sprintf("about %d of %d units a day", v.Requests, s.quota.limit)
	return v, nil
}

// counted adds up the comments on the newest videos of a channel, and counts those that have them turned off.
func (s *source) counted(ctx context.Context, c *wireChannel) (comments, off, seen int64, _ error) {
	for page := ""; seen < surveyed; {
		q := url.Values{"part": {"snippet,contentDetails"}, "playlistId": {c.Content.Related.Uploads}, "maxResults": {pageVideos}}
		if page != "" {
			q.Set("pageToken", page)
		}
		var list, videos wireList
		if err := s.ask(ctx, "/playlistItems", q, &list); rest.Gone(err) {
			break
		} else if err != nil {
			return 0, 0, 0, err
		}
		var ids []string
		for _, item := range list.Items {
			var e wireEntry
			if rest.Unmarshal(item, &e) == nil && e.video() != "" {
				ids = append(ids, e.video())
			}
		}
		if len(ids) > 0 {
			if err := s.ask(ctx, "/videos", url.Values{"part": {"statistics"}, "id": {strings.Join(ids, ",")}, "maxResults": {pageVideos}}, &videos); err != nil {
				return 0, 0, 0, err
			}
		}
		for _, item := range videos.Items {
			var v wireVideo
			if rest.Unmarshal(item, &v) != nil {
				continue
			}
			if v.Statistics.Comments == "" {
				off++
			}
			comments += number(v.Statistics.Comments)
		}
		seen += int64(len(list.Items))
		if page = list.Next; page == "" {
			break
		}
	}
	return comments, off, seen, nil
}
