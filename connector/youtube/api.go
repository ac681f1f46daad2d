// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package youtube

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// The sizes of pages.
const (
	pageVideos   = "50"
	pageComments = "100"
)

// wireList is a page of anything.
type wireList struct {
	Next  string           `json:"nextPageToken"`
	Items []jsontext.Value `json:"items"`
}

type wireChannel struct {
	ID      string `json:"id"`
	Snippet struct {
		Title       string     `json:"title"`
		Description string     `json:"description"`
		CustomURL   string     `json:"customUrl"` // with an @ since there are handles
		PublishedAt time.Time  `json:"publishedAt"`
		Country     string     `json:"country"`
		Thumbnails  wireThumbs `json:"thumbnails"`
	} `json:"snippet"`
	Statistics struct {
		Subscribers string `json:"subscriberCount"`
		Hidden      bool   `json:"hiddenSubscriberCount"`
		Videos      string `json:"videoCount"`
	} `json:"statistics"`
	Content struct {
		Related struct {
			Uploads string `json:"uploads"`
		} `json:"relatedPlaylists"`
	} `json:"contentDetails"`
}

type wireThumbs struct {
	Default wireThumb `json:"default"`
	High    wireThumb `json:"high"`
}

type wireThumb struct {
	URL string `json:"url"`
}

func (c *wireChannel) url() string { return "https://www.youtube.com/channel/" + c.ID }

// wireEntry is a video in a playlist.
type wireEntry struct {
	Snippet struct {
		Added    time.Time `json:"publishedAt"`
		Resource struct {
			VideoID string `json:"videoId"`
		} `json:"resourceId"`
	} `json:"snippet"`
	Content struct {
		VideoID   string    `json:"videoId"`
		Published time.Time `json:"videoPublishedAt"`
	} `json:"contentDetails"`
	Status struct {
		Privacy string `json:"privacyStatus"`
	} `json:"status"`
}

func (e *wireEntry) video() string {
	if e.Content.VideoID != "" {
		return e.Content.VideoID
	}
	return e.Snippet.Resource.VideoID
}

// published is when the video was published, or else when it came into the playlist.
func (e *wireEntry) published() time.Time {
	if !e.Content.Published.IsZero() {
		return e.Content.Published
	}
	return e.Snippet.Added
}

type wireVideo struct {
	ID      string `json:"id"`
	Snippet struct {
		ChannelID    string    `json:"channelId"`
		ChannelTitle string    `json:"channelTitle"`
		Title        string    `json:"title"`
		Description  string    `json:"description"`
		PublishedAt  time.Time `json:"publishedAt"`
		Live         string    `json:"liveBroadcastContent"` // none, upcoming, live
	} `json:"snippet"`
	Statistics struct {
		Comments string `json:"commentCount"` // absent where comments are turned off
	} `json:"statistics"`
}

type wireThread struct {
	ID      string `json:"id"`
	Snippet struct {
		ChannelID string         `json:"channelId"`
		VideoID   string         `json:"videoId"`
		Top       jsontext.Value `json:"topLevelComment"`
		Replies   int64          `json:"totalReplyCount"`
	} `json:"snippet"`
	Replies struct {
		Comments []jsontext.Value `json:"comments"`
	} `json:"replies"`
}

type wireComment struct {
	ID      string `json:"id"`
	Snippet struct {
		ParentID  string `json:"parentId"`
		VideoID   string `json:"videoId"`
		ChannelID string `json:"channelId"`
		Author    string `json:"authorDisplayName"`
		Avatar    string `json:"authorProfileImageUrl"`
		AuthorURL string `json:"authorChannelUrl"`
		AuthorID  struct {
			Value string `json:"value"`
		} `json:"authorChannelId"`
		Display   string    `json:"textDisplay"`
		Original  string    `json:"textOriginal"`
		Published time.Time `json:"publishedAt"`
		Updated   time.Time `json:"updatedAt"`
	} `json:"snippet"`
}

// number reads one of Google's numbers, which are texts; 0 where there is none.
func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
