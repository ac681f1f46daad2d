// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package x

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"greenroom"
	"greenroom/connector"
)

// monthlyPosts is how many posts pay-per-use gives in a month.
const monthlyPosts = 2_000_000

// kept is the note in the cursor: what the month has cost, and what would cost again to find out.
type kept struct {
	Month    string              `json:"month"` // "2026-11", of UTC
	Posts    int64               `json:"posts,omitzero"`
	Users    int64               `json:"users,omitzero"`
	Accounts []account           `json:"accounts,omitempty"`
	Threads  map[string][]thread `json:"threads,omitempty"` // conversations to follow, by channel
}

// account is one of the community's accounts.
type account struct {
	Handle string `json:"handle"`
	ID     string `json:"id"`
}

// thread is a conversation of the last seven days, and whether it was read before.
type thread struct {
	ID    string `json:"id"`
	Known bool   `json:"known,omitzero"`
}

// money counts what reading costs. Amounts are millionths of a dollar, so that sums are exact.
type money struct {
	env        connector.Env
	cap        int64
	post, user int64
	kept       kept
	note       string // kept as text, for the cursor
}

func newMoney(set connector.Settings, env connector.Env) *money {
	micro := func(option string) int64 { return int64(set.Number(option)*1e6 + 0.5) }
	return &money{env: env, cap: max(0, micro(optCap)), post: max(0, micro(optPricePost)), user: max(0, micro(optPriceUser))}
}

// open reads the note of a cursor.
func (m *money) open() {
	m.kept = kept{}
	if m.note != "" && json.Unmarshal([]byte(m.note), &m.kept) != nil {
		m.kept = kept{}
	}
	m.turn()
}

// turn begins a new month.
func (m *money) turn() {
	if month := m.env.Now().UTC().Format("2006-01"); m.kept.Month != month {
		m.kept.Month, m.kept.Posts, m.kept.Users = month, 0, 0
	}
	m.keep()
}

// keep writes the note that goes into the cursor with the next checkpoint.
func (m *money) keep() {
	text, err := json.Marshal(m.kept, json.Deterministic(true))
	if err == nil { // texts and numbers always marshal
		m.note = string(text)
	}
}

func (m *money) spent() int64 { return m.kept.Posts*m.post + m.kept.Users*m.user }

// room is how many items may be asked for, of which each costs the given amount at most: fewer than wanted where the cap
// is near. It fails where the cap leaves less than X gives at least.
func (m *money) room(wanted, least int, each int64) (int, error) {
	m.turn()
	n := wanted
	if left := m.cap - m.spent(); each > 0 {
		n = min(n, int(max(0, left)/each))
	}
	if n >= least {
		return n, nil
	}
	until := nextMonth(m.env.Now())
	return 0, greenroom.Errorf(greenroom.CodeLimited, "%s: reading has cost %s this month and the cap is %s, so it stops until %s; raise the cap in the settings of the source to go on sooner; nothing was lost",
		title, dollars(m.spent()), dollars(m.cap), until.Format(time.DateOnly))
}

// pay counts what an answer has cost.
func (m *money) pay(posts, users int) {
	m.turn()
	m.kept.Posts += int64(posts)
	m.kept.Users += int64(users)
	m.keep()
	reset := nextMonth(m.env.Now())
	now := m.env.Now()
	const cent = 10_000
	m.env.Meter.Budget(connector.Budget{Name: "US cents a month, your cap", Limit: m.cap / cent, Remaining: max(0, m.cap-m.spent()) / cent, ResetAt: reset, At: now})
	m.env.Meter.Budget(connector.Budget{Name: "posts a month", Limit: monthlyPosts, Remaining: max(0, monthlyPosts-m.kept.Posts), ResetAt: reset, At: now})
}

func nextMonth(now time.Time) time.Time {
	now = now.UTC()
	return time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC)
}

func dollars(micro int64) string { return fmt.Sprintf("$%.2f", float64(micro)/1e6) }
