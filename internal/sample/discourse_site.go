// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"html"
	"time"
)

// The answers in this file have few fields each, so that maps say it shorter than types would. Go writes their keys sorted.

// site writes what the forum tells about itself and its categories.
func (f *forumWriter) site() error {
	var categories []map[string]any
	for i := range f.w.channels {
		ch := &f.w.channels[i]
		if ch.platform != discourse {
			continue
		}
		topics, posts := 0, 0
		for _, c := range f.log.conversations {
			if c.Channel == ch.key {
				topics, posts = topics+1, posts+c.Posts
			}
		}
		categories = append(categories, map[string]any{
			"id": f.ids[ch], "name": ch.title, "slug": ch.key, "color": color(i), "text_color": "FFFFFF", "description": ch.purpose, "description_text": ch.purpose,
			"topic_count": topics, "post_count": posts, "position": len(categories), "read_restricted": false, "parent_category_id": nil, "has_children": false,
		})
	}
	about := map[string]any{"about": map[string]any{
		"title": "Lumen Community", "description": "Questions, answers and ideas about Lumen", "version": "3.4.2", "locale": "en", "https": true,
		"stats": map[string]any{"topics_count": f.log.sum.Conversations, "posts_count": f.log.sum.Messages},
	}}
	if err := f.log.out.json("about.json", about); err != nil {
		return err
	}
	if err := f.log.out.json("categories.json", map[string]any{"category_list": map[string]any{
		"can_create_category": false, "can_create_topic": false, "categories": categories,
	}}); err != nil {
		return err
	}
	return f.log.out.json("site.json", map[string]any{
		"default_archetype": "regular", "categories": categories,
		"trust_levels":      map[string]int{"newuser": 0, "basic": 1, "member": 2, "regular": 3, "leader": 4},
		"post_action_types": []map[string]any{{"id": 2, "name_key": "like", "name": "Like"}},
		"groups":            []map[string]any{{"id": 41, "name": "lumen-labs"}},
	})
}

// user is the answer to u/USERNAME.json.
func (f *forumWriter) user(a *account) map[string]any {
	p := a.owner
	u := map[string]any{
		"id": number(a.id), "username": a.handle, "name": forumName(a), "avatar_template": avatarTemplate(a), "created_at": a.since.Format(forumTime),
		"last_posted_at": nil, "last_seen_at": a.since.Format(forumTime), "trust_level": f.trust(a), "post_count": f.said[a], "badge_count": f.said[a] % 9,
		"moderator": p.kind == staff && p.id < 4, "admin": p.id == 0, "title": nil, "primary_group_name": nil, "ignored": false, "muted": false,
	}
	if p.kind == bot {
		u["admin"], u["moderator"] = true, true
	}
	if at := f.last[a]; !at.IsZero() {
		u["last_posted_at"], u["last_seen_at"] = at.Format(forumTime), at.Add(20*time.Minute).Format(forumTime)
	}
	if p.kind == staff {
		u["title"], u["primary_group_name"] = p.title, "lumen-labs"
	}
	if a.website != "" {
		u["website"], u["website_name"] = a.website, a.website[len("https://"):]
	}
	if p.id%5 < 2 && p.place.city != "" {
		u["location"] = p.place.city + ", " + p.place.country
	}
	if p.kind == member && p.id%3 == 0 {
		bio := p.title
		if p.org != nil {
			bio += " at " + p.org.name
		}
		if hub := p.accounts[github]; hub != nil && !hub.lost && !a.lost && p.id%2 == 0 {
			bio += ". On GitHub: @" + hub.handle
		}
		u["bio_raw"], u["bio_cooked"], u["bio_excerpt"] = bio, "<p>"+html.EscapeString(bio)+"</p>", html.EscapeString(bio)
	}
	return map[string]any{"user_badges": []any{}, "user": u}
}
