// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/outbox"
)

// Discourse writes to members with the API key of a connected forum: a personal message, or a reply in a topic. The key has
// to be allowed to create posts and messages; a read-only key is refused.
type Discourse struct{ platform }

// NewDiscourse returns the sender.
func NewDiscourse(c Credentials, p Poster) *Discourse {
	return &Discourse{platform{"Discourse", c, p}}
}

// Send posts one message: in the topic Thread, as topic:ID, or else to the user To.
func (s *Discourse) Send(ctx context.Context, m *outbox.Message) (outbox.Receipt, error) {
	set, err := s.open(ctx, m, "api-key")
	if err != nil {
		return outbox.Receipt{}, err
	}
	forum := strings.TrimRight(set["forum"], "/")
	if !strings.HasPrefix(forum, "https://") && !strings.HasPrefix(forum, "http://") {
		return outbox.Receipt{}, greenroom.Errorf(greenroom.CodeInvalid, "the source %s is not a forum that can be written to", m.Source)
	}
	user := set["api-username"]
	if user == "" {
		user = "system"
	}
	body := map[string]any{"raw": m.Text}
	if m.Thread != "" {
		topic, err := strconv.ParseInt(strings.TrimPrefix(m.Thread, "topic:"), 10, 64)
		if err != nil {
			return outbox.Receipt{}, greenroom.Errorf(greenroom.CodeInvalid, "%q is no topic of a forum", m.Thread)
		}
		body["topic_id"] = topic
	} else {
		title := m.Subject
		if title == "" {
			title = "A message from the community team"
		}
		body["title"], body["target_recipients"], body["archetype"] = title, m.To, "private_message"
	}
	var sent struct {
		ID    int64  `json:"id"`
		Topic int64  `json:"topic_id"`
		Slug  string `json:"topic_slug"`
		Post  int64  `json:"post_number"`
	}
	if err := s.ask(ctx, forum+"/posts.json", map[string]string{"Api-Key": set["api-key"], "Api-Username": user}, body, &sent); err != nil {
		return outbox.Receipt{}, err
	}
	return outbox.Receipt{ID: strconv.FormatInt(sent.ID, 10), URL: fmt.Sprintf("%s/t/%d/%d", forum, sent.Topic, sent.Post)}, nil
}
