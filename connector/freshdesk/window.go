// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package freshdesk

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// window is a place in the list of tickets in the order of their updates: what was updated since a time, the number of the
// page, and the tickets of the page before that are told already. As a page's name it reads "2026-01-05T09:00:00Z 1 17,18".
type window struct {
	since time.Time
	page  int
	told  []int64
}

// theBeginning is a time before any ticket: without a time Freshdesk lists the last thirty days only.
func theBeginning() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

// parseWindow reads a page's name; an empty or foreign one is the first page of what was updated since a time.
func parseWindow(name string, since time.Time) window {
	first := window{since: since.UTC(), page: 1}
	if since.IsZero() {
		first.since = theBeginning()
	}
	parts := strings.Split(name, " ")
	if len(parts) < 2 {
		return first
	}
	at, err := time.Parse(time.RFC3339, parts[0])
	if err != nil {
		return first
	}
	page, err := strconv.Atoi(parts[1])
	if err != nil || page < 1 {
		return first
	}
	w := window{since: at, page: page}
	if len(parts) > 2 {
		for text := range strings.SplitSeq(parts[2], ",") {
			if n, err := strconv.ParseInt(text, 10, 64); err == nil {
				w.told = append(w.told, n)
			}
		}
	}
	return w
}

func (w *window) String() string {
	name := w.since.UTC().Format(time.RFC3339) + " " + strconv.Itoa(w.page)
	if len(w.told) == 0 {
		return name
	}
	ids := make([]string, len(w.told))
	for i, n := range w.told {
		ids[i] = strconv.FormatInt(n, 10)
	}
	return name + " " + strings.Join(ids, ",")
}

// maxPage is the last page that Freshdesk shows.
const maxPage = 300

// next is the window behind a page of tickets. It begins a second before the last one's update, because others may have
// been updated in the same second; where a page goes no further than that, as after a change of many tickets at once, the
// next page of the same window follows.
func (w *window) next(tickets []wireTicket) window {
	var last time.Time
	for i := range tickets {
		if tickets[i].UpdatedAt.After(last) {
			last = tickets[i].UpdatedAt
		}
	}
	from := last.Truncate(time.Second).Add(-time.Second)
	if !from.After(w.since) {
		if w.page >= maxPage { // thirty thousand tickets in two seconds
			return window{since: w.since.Add(time.Second), page: 1, told: w.told}
		}
		return window{since: w.since, page: w.page + 1, told: w.told}
	}
	n := window{since: from, page: 1}
	for i := range tickets {
		if !tickets[i].UpdatedAt.Before(from) {
			n.told = append(n.told, tickets[i].ID)
		}
	}
	for _, id := range w.told {
		if !slices.Contains(n.told, id) && slices.ContainsFunc(tickets, func(t wireTicket) bool { return t.ID == id && !t.UpdatedAt.Before(from) }) {
			n.told = append(n.told, id)
		}
	}
	return n
}
