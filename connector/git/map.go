// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package git

import (
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// channelID is the external id of a clone's one channel. It does not depend on the repository's name, which may change.
const channelID = "repository"

// mapper turns commits into facts.
type mapper struct {
	repo      repository
	mailmap   *mailmap
	coAuthors bool
}

// channel is the repository.
func (m *mapper) channel() connector.Channel {
	return connector.Channel{ExternalID: channelID, Name: m.repo.name, URL: m.repo.page}
}

// activities gives the activities of a commit, the author's first. reason says why there are none.
func (m *mapper) activities(c *commit) (facts []connector.Activity, reason string) {
	at, ok := commitTime(c)
	if !ok {
		return nil, "commit " + c.sha + " has no usable date"
	}
	title, body, _ := strings.Cut(strings.TrimLeft(c.message, "\n"), "\n")
	author := m.mailmap.resolve(c.author.name, c.author.email)
	a := connector.Activity{
		ExternalID: "commit:" + c.sha, Kind: greenroom.KindCommit, Channel: channelID, Author: author.id, OccurredAt: at,
		Title: strings.TrimSpace(title), Body: strings.Trim(body, "\r\n"),
	}
	if m.repo.commit != "" {
		a.URL = m.repo.commit + c.sha
	}
	facts = append(facts, a)
	if !m.coAuthors {
		return facts, ""
	}
	credited := []who{author}
	for _, p := range c.coAuthors() {
		w := m.mailmap.resolve(p.name, p.email)
		if w.id == "" || isCredited(credited, w) {
			continue
		}
		facts = append(facts, connector.Activity{
			ExternalID: a.ExternalID + ":co:" + strconv.Itoa(len(credited)), Kind: greenroom.KindPush, Channel: channelID,
			Author: w.id, OccurredAt: at, Title: "Co-authored: " + a.Title, URL: a.URL, ReplyTo: a.ExternalID,
		})
		facts[0].Mentions = append(facts[0].Mentions, w.id)
		credited = append(credited, w)
	}
	return facts, ""
}

// isCredited reports whether somebody is among those who have the commit already, under any of their addresses.
func isCredited(have []who, w who) bool {
	for _, h := range have {
		if h.id == w.id || h.id == w.proper || h.proper == w.id || (h.proper != "" && h.proper == w.proper) {
			return true
		}
	}
	return false
}

// commitTime is when the author wrote the commit, or when it was committed where that date is broken.
func commitTime(c *commit) (time.Time, bool) {
	if t, _, ok := c.author.when(); ok {
		return t, true
	}
	t, _, ok := c.committer.when()
	return t, ok
}
