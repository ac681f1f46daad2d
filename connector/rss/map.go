// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rss

import (
	"context"
	"html"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/mmcdole/gofeed"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/htmltext"
	"greenroom/connector/internal/jsonfile"
)

// talk is how long comments on an entry are looked for after the first read: what they are about is old by then.
const talk = 60 * 24 * time.Hour

func clean(s string) string {
	return strings.TrimSpace(strings.ToValidUTF8(jsonfile.Clean(s), "\uFFFD"))
}

// line is a title or a name, which many feeds write as HTML.
func line(s string) string {
	return strings.Join(strings.Fields(html.UnescapeString(htmltext.Text(clean(s)))), " ")
}

// absolute returns s where it is the address of a web page.
func absolute(s string) string {
	s = clean(s)
	if u, err := url.Parse(s); err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
		return s
	}
	return ""
}

// entry passes on an entry and the comments on it, and returns its time; zero where it is older than what is wanted.
func (s *source) entry(ctx context.Context, f *feed, doc *document, i int, before, now *mark, out *connector.Sink) (time.Time, error) {
	item, number := doc.Items[i], int64(i)+1
	when := stamp(item.PublishedParsed)
	if when.IsZero() {
		when = stamp(item.UpdatedParsed)
	}
	raw, err := json.Marshal(item, json.Deterministic(true))
	if err != nil { // an extension that is no text; the entry is what matters
		raw = []byte(strconv.Quote(item.Title))
	}
	id := external(doc.key, item)
	if when.IsZero() && clean(item.Published) == "" && clean(item.Updated) == "" && id != "" {
		when = s.found(doc, id, before, now)
	}
	if when.IsZero() {
		out.Reject(greenroom.Reject{File: f.address, Line: number, Reason: "the entry's date cannot be read", Expected: "pubDate, published or date_published with a date and time, or none", Excerpt: string(raw)})
		return when, nil
	}
	if when.Before(s.since) {
		return when, nil
	}
	a := connector.Activity{
		ExternalID: id, Kind: greenroom.KindAnnouncement, Channel: doc.key, OccurredAt: when,
		Title: doc.title(i), Body: doc.text(i), URL: doc.link(i, f), Raw: out.Raw(raw),
	}
	if a.ExternalID == "" {
		out.Reject(greenroom.Reject{File: f.address, Line: number, Reason: "the entry has no id, no link and no title", Expected: "guid, id or link", Excerpt: string(raw)})
		return when, nil
	}
	if edited := stamp(item.UpdatedParsed); edited.After(when) {
		a.EditedAt = edited
	}
	for _, e := range item.Enclosures {
		if e != nil && a.URL == "" {
			a.URL = absolute(e.URL)
		}
	}
	a.Thread = a.ExternalID
	a.Author = s.author(doc.people(i), s.set.On(optTeam), out)
	out.Activity(a)
	if !s.set.On(optComments) || doc.pushed || !before.Newest.IsZero() && s.env.Now().Sub(when) > talk {
		return when, nil
	}
	return when, s.comments(ctx, f, item, &a, before, now, out)
}

// maxUndated bounds how many entries without a date are remembered.
const maxUndated = 500

// found is the time of an entry without a date, which RSS and JSON Feed allow: when the feed was last changed at the time at
// which the entry was first seen, by what the feed or its server says, else that time itself.
func (s *source) found(doc *document, id string, before, now *mark) time.Time {
	seen, known := before.Undated[id]
	if !known {
		seen, known = now.Undated[id]
	}
	when := time.Unix(seen, 0).UTC()
	if !known {
		today := s.env.Now().UTC().Truncate(time.Second)
		for _, when = range []time.Time{stamp(doc.UpdatedParsed), stamp(doc.PublishedParsed), doc.modified, today} {
			if !when.IsZero() && !when.After(today) {
				break
			}
		}
	}
	if now.Undated == nil {
		now.Undated = map[string]int64{}
	}
	if len(now.Undated) < maxUndated {
		now.Undated[id] = when.Unix()
	}
	return when
}

func stamp(t *time.Time) time.Time {
	if t == nil || t.Year() < 1971 {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Second)
}

// external is an entry's id: its own where that is an address, and unique within the feed otherwise.
func external(key string, item *gofeed.Item) string {
	guid := clean(item.GUID)
	switch {
	case absolute(guid) != "":
		return guid
	case guid != "":
		return key + "#" + guid
	case absolute(item.Link) != "":
		return absolute(item.Link)
	case item.Title != "":
		return key + "#" + line(item.Title)
	}
	return ""
}

// author passes on who wrote an entry: by the address where there is one, else by the name.
func (s *source) author(people []*gofeed.Person, team bool, out *connector.Sink) string {
	for _, p := range people {
		if p == nil {
			continue
		}
		who := connector.Identity{Name: line(p.Name), Staff: team}
		mail := strings.ToLower(clean(p.Email))
		if strings.Count(mail, "@") == 1 && !strings.ContainsAny(mail, " <>") && !strings.Contains(mail, "noreply") && !strings.Contains(mail, "no-reply") {
			who.Emails = []greenroom.Email{{Address: mail}}
			who.ExternalID = mail
		} else if who.Name != "" {
			who.ExternalID = "name:" + strings.ToLower(who.Name)
		}
		if who.ExternalID != "" {
			out.Identity(who)
			return who.ExternalID
		}
	}
	return ""
}

// comments reads the feed of comments that WordPress and others give with an entry, unless the entry has as many as when it
// was last read.
func (s *source) comments(ctx context.Context, f *feed, item *gofeed.Item, on *connector.Activity, before, now *mark, out *connector.Sink) error {
	value := func(space, name string) string {
		for n, all := range item.Extensions[space] {
			if strings.EqualFold(n, name) && len(all) > 0 {
				return clean(all[0].Value)
			}
		}
		return ""
	}
	path, count := f.within(value("wfw", "commentRss")), value("slash", "comments")
	if path == "" {
		return nil
	}
	recent := s.env.Now().Sub(on.OccurredAt) <= talk
	if recent && on.OccurredAt.After(now.Talk) {
		now.Talk = on.OccurredAt
	}
	if known, ok := before.Asked[path]; ok && known == count && recent {
		now.asked(path, count)
		return nil
	}
	if count == "0" {
		return nil
	}
	doc, _, err := s.fetch(ctx, f, path, validators{})
	if err != nil {
		if ctx.Err() != nil || limited(err) {
			return err
		}
		s.env.Meter.Warn(greenroom.ErrorMessage(err) + " (comments of " + f.address + ").")
		return nil
	}
	if recent {
		now.asked(path, count)
	}
	for i, c := range doc.Items {
		out.Read(1)
		raw, err := json.Marshal(c, json.Deterministic(true))
		when, id := stamp(c.PublishedParsed), external(on.Channel, c)
		if err != nil || when.IsZero() || id == "" || id == on.ExternalID {
			out.Reject(greenroom.Reject{File: f.address + ": comments", Line: int64(i) + 1, Reason: "the comment has no id or no date", Expected: "guid and pubDate", Excerpt: string(raw)})
			continue
		}
		out.Activity(connector.Activity{
			ExternalID: id, Kind: greenroom.KindComment, Channel: on.Channel, Author: s.author(doc.people(i), false, out), OccurredAt: when,
			Thread: on.ExternalID, ReplyTo: on.ExternalID, Body: doc.text(i), URL: doc.link(i, f), Raw: out.Raw(raw),
		})
	}
	return nil
}
