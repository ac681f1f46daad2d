// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discourse

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/jsonfile"
)

// Test says as whom the forum is read, and what does not come in.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	var check connector.Check
	if s.client == nil {
		files, other, err := listFolder(s.folder)
		check.Notes = []string{fmt.Sprintf("The folder holds %d files with answers and %d others.", len(files), other)}
		return check, err
	}
	list, err := s.categoryList(ctx)
	if err != nil {
		return check, err
	}
	m := s.learn(list)
	for _, name := range m.unknown() {
		check.Missing = append(check.Missing, connector.Missing{Name: "category " + name, Then: "It does not come in.", Do: "The forum has no such category, or does not show it; check the name, or use an API key that may see it."})
	}
	check.Notes = append(check.Notes, fmt.Sprintf("%d categories are seen.", len(m.named)))
	if !s.client.key {
		check.Account = "a visitor of " + s.api
		check.Notes = append(check.Notes, "Without an API key private categories, e-mail addresses and accounts that never wrote do not come in.")
		return check, nil
	}
	return check, s.testKey(ctx, &check)
}

func (s *source) learn(list []jsontext.Value) *mapper {
	m := newMapper(s, nil)
	m.silent = true
	m.categories(list)
	return m
}

func (s *source) testKey(ctx context.Context, check *connector.Check) error {
	name := s.set.Text(optUser)
	var d document
	if err := s.client.get(ctx, "/u/"+url.PathEscape(name)+".json", &d); err != nil && !gone(err) {
		return err
	}
	var me account
	if d.User.Kind() == '{' && jsonfile.Unmarshal(d.User, &me) == nil && me.Username != "" {
		name = me.Username
	}
	check.Account = name + " on " + s.api
	if !s.set.On(optPeople) {
		return nil
	}
	var list []jsontext.Value
	err := s.client.get(ctx, "/admin/users/list/active.json?order=created&show_emails=true&page=1", &list)
	if gone(err) {
		check.Missing = append(check.Missing, connector.Missing{
			Name: "administrator", Then: "Accounts that never wrote, e-mail addresses and what was deleted do not come in.",
			Do: "Make the key for an administrator, or for the user system; or turn the option off that brings in all accounts.",
		})
		return nil
	}
	return err
}

// Survey tells the forum's own counts.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	if s.client == nil {
		return v, greenroom.Errorf(greenroom.CodeInvalid, "a folder with saved answers does not say what the forum holds; give the forum's address")
	}
	list, err := s.categoryList(ctx)
	if err != nil {
		return v, err
	}
	m := s.learn(list)
	for queue := list; len(queue) > 0; queue = queue[1:] {
		var c category
		if jsonfile.Unmarshal(queue[0], &c) != nil || c.ID <= 0 {
			continue
		}
		place := connector.Place{ExternalID: channelID(c.ID), Name: m.named[c.ID].Name, Entry: strconv.FormatInt(c.ID, 10), Covered: m.wants(c.ID), Members: -1, Items: c.PostCount}
		if !place.Covered {
			place.Why = "the category is not among those that are chosen in the settings"
		} else {
			in := "in:" + strconv.Quote("#"+strings.ReplaceAll(place.Name, `"`, ""))
			v.Counts = append(v.Counts, connector.Count{What: "topics", Place: place.ExternalID, Platform: c.TopicCount, Query: in, Of: "conversations"})
		}
		v.Places = append(v.Places, place)
	}
	var about document
	if err := s.client.get(ctx, "/about.json", &about); err != nil {
		if gone(err) { // not every forum shows it
			return v, nil
		}
		return v, err
	}
	s.count(&v, &about)
	return v, nil
}

// count adds the counts of the whole forum.
func (s *source) count(v *connector.Survey, about *document) {
	stats := &about.About.Stats
	topics, posts := max(stats.TopicsCount, stats.TopicCount), max(stats.PostsCount, stats.PostCount)
	var partly []connector.Explanation
	if s.set.List(optCategories) != nil {
		partly = append(partly, connector.Explanation{Text: "Categories that are not chosen are not asked for"})
	}
	if from := s.set.Since(optSince); !from.IsZero() {
		partly = append(partly, connector.Explanation{Text: "Topics without activity since " + from.Format(time.DateOnly) + " are not asked for"})
	}
	people := partly
	if !s.client.key || !s.set.On(optPeople) {
		people = append([]connector.Explanation{{Text: "Accounts that never wrote are seen with an administrator's API key only"}}, partly...)
	}
	v.Counts = append(v.Counts,
		connector.Count{What: "topics", Platform: topics, Query: "", Of: "conversations", Explain: partly},
		connector.Count{What: "posts", Platform: posts, Query: "(kind:message or kind:question or kind:reply or kind:accepted_answer)", Of: "activities", Explain: partly},
		connector.Count{What: "likes", Platform: max(stats.LikesCount, stats.LikeCount), Query: "kind:reaction", Of: "activities", Explain: partly},
		connector.Count{What: "accounts", Platform: max(stats.UsersCount, stats.UserCount), Query: "", Of: "identities", Explain: people},
	)
	const listed, first = 30, 20 // topics on a page of the list, posts that come with a topic
	v.Items = posts
	v.Requests = 2 + topics/listed + topics + max(0, posts-topics*first)/chunk
	if s.client.key && s.set.On(optPeople) {
		v.Requests += max(stats.UsersCount, stats.UserCount) / 100
	}
}
