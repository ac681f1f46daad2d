// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discourse

import "github.com/go-json-experiment/json/jsontext"

// topic is the answer to /t/ID.json, and to /t/ID/posts.json, which has only id and post_stream.
type topic struct {
	ID             int64     `json:"id"`
	Title          string    `json:"title"`
	Slug           string    `json:"slug"`
	CategoryID     int64     `json:"category_id"`
	Archetype      string    `json:"archetype"`
	DeletedAt      string    `json:"deleted_at"`
	AcceptedAnswer *accepted `json:"accepted_answer"`
	PostStream     struct {
		Posts  []jsontext.Value `json:"posts"`
		Stream []int64          `json:"stream"`
	} `json:"post_stream"`
	Details struct {
		CreatedBy    *account  `json:"created_by"`
		LastPoster   *account  `json:"last_poster"`
		Participants []account `json:"participants"`
	} `json:"details"`
}

type accepted struct {
	PostNumber int64 `json:"post_number"`
}

// post is a post, in a topic or by itself.
type post struct {
	ID             int64          `json:"id"`
	UserID         *int64         `json:"user_id"`
	Username       string         `json:"username"`
	Name           string         `json:"name"`
	AvatarTemplate string         `json:"avatar_template"`
	CreatedAt      string         `json:"created_at"`
	UpdatedAt      string         `json:"updated_at"`
	DeletedAt      string         `json:"deleted_at"`
	UserDeleted    bool           `json:"user_deleted"`
	Hidden         bool           `json:"hidden"`
	Version        int64          `json:"version"`
	Cooked         *string        `json:"cooked"`
	Raw            jsontext.Value `json:"raw"` // Markdown; some answers have something else here
	PostNumber     int64          `json:"post_number"`
	PostType       int64          `json:"post_type"`
	ActionCode     string         `json:"action_code"`
	ReplyTo        int64          `json:"reply_to_post_number"`
	TopicID        int64          `json:"topic_id"`
	TopicSlug      string         `json:"topic_slug"`
	TopicTitle     string         `json:"topic_title"`
	TopicArchetype string         `json:"topic_archetype"` // in webhooks
	CategoryID     int64          `json:"category_id"`
	Accepted       bool           `json:"accepted_answer"`
	Moderator      bool           `json:"moderator"`
	Admin          bool           `json:"admin"`
	Staff          bool           `json:"staff"`
	TrustLevel     *int64         `json:"trust_level"`
	Actions        []struct {
		ID    int64 `json:"id"`
		Count int64 `json:"count"`
	} `json:"actions_summary"`
}

// The types of a post.
const (
	postModerator   = 2 // a note of the staff, such as "closed because …"
	postSmallAction = 3 // "closed this topic", "invited somebody"
	postWhisper     = 4 // seen by the staff only
)

// actionLike is the id of a like in actions_summary.
const actionLike = 2

// account is a person as lists, topics and profiles name them; a profile has more of the fields.
type account struct {
	ID             int64  `json:"id"`
	Username       string `json:"username"`
	Name           string `json:"name"`
	AvatarTemplate string `json:"avatar_template"`
	Moderator      bool   `json:"moderator"`
	Admin          bool   `json:"admin"`
	TrustLevel     *int64 `json:"trust_level"`
	CreatedAt      string `json:"created_at"`
	Email          string `json:"email"` // administrators only

	SecondaryEmails []string `json:"secondary_emails"`

	BioRaw    string `json:"bio_raw"`
	BioCooked string `json:"bio_cooked"`
	Location  string `json:"location"`
	Website   string `json:"website"`
	Timezone  string `json:"timezone"`
}

// category is a category of /site.json or /categories.json.
type category struct {
	ID             int64          `json:"id"`
	Name           string         `json:"name"`
	Slug           string         `json:"slug"`
	ParentID       int64          `json:"parent_category_id"`
	ReadRestricted bool           `json:"read_restricted"`
	TopicCount     int64          `json:"topic_count"`
	PostCount      int64          `json:"post_count"`
	CustomFields   jsontext.Value `json:"custom_fields"`
	Subcategories  jsontext.Value `json:"subcategory_list"`
}

// listed is a topic in a list of topics.
type listed struct {
	ID           int64  `json:"id"`
	CreatedAt    string `json:"created_at"`
	BumpedAt     string `json:"bumped_at"`
	LastPostedAt string `json:"last_posted_at"`
	Pinned       bool   `json:"pinned"`
	PinnedAll    bool   `json:"pinned_globally"`
	CategoryID   int64  `json:"category_id"`

	bad func() // tells why this place of the list cannot be read
}

// document holds the lists that answers are made of; an answer has one or two of them.
type document struct {
	LatestPosts  []jsontext.Value `json:"latest_posts"`
	Posts        []jsontext.Value `json:"posts"`
	CategoryList struct {
		Categories []jsontext.Value `json:"categories"`
	} `json:"category_list"`
	Categories     []jsontext.Value `json:"categories"`
	Category       jsontext.Value   `json:"category"`
	User           jsontext.Value   `json:"user"`
	Users          []jsontext.Value `json:"users"`
	Members        []jsontext.Value `json:"members"`
	DirectoryItems []struct {
		User jsontext.Value `json:"user"`
	} `json:"directory_items"`
	About struct {
		Moderators []jsontext.Value `json:"moderators"`
		Admins     []jsontext.Value `json:"admins"`
		Stats      struct {
			TopicCount  int64 `json:"topic_count"` // older forums
			TopicsCount int64 `json:"topics_count"`
			PostCount   int64 `json:"post_count"`
			PostsCount  int64 `json:"posts_count"`
			UserCount   int64 `json:"user_count"`
			UsersCount  int64 `json:"users_count"`
			LikeCount   int64 `json:"like_count"`
			LikesCount  int64 `json:"likes_count"`
		} `json:"stats"`
	} `json:"about"`
	TopicList struct {
		MoreTopicsURL string           `json:"more_topics_url"`
		Topics        []jsontext.Value `json:"topics"`
	} `json:"topic_list"`
}
