// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package githubevent

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	site    = "https://github.com/"
	avatars = "https://avatars.githubusercontent.com/"
)

// Key is the external id of the repository and the REPO part of others; empty where nothing is known of it.
func (r *Repo) Key() string {
	if r.ID != 0 {
		return strconv.FormatInt(r.ID, 10)
	}
	return strings.ToLower(r.name())
}

func (r *Repo) name() string {
	if r.FullName != "" {
		return r.FullName
	}
	return r.Name
}

func (r *Repo) url() string {
	if name := r.name(); strings.Contains(name, "/") {
		return site + name
	}
	return ""
}

// Key is the external id of the account: its numeric id, or "login:NAME" where an old record has the login alone. It is
// empty for nobody and for ghost, the account that stands for all deleted ones.
func (u *User) Key() string {
	switch {
	case u == nil, u.ID == ghostID:
		return ""
	case u.ID != 0:
		return strconv.FormatInt(u.ID, 10)
	case u.Login != "":
		return "login:" + strings.ToLower(u.Login)
	}
	return ""
}

const ghostID = 10137

// ItemID is the external id of the opening of an issue or pull request, and the key of its thread.
func ItemID(repo string, number int64) string { return numbered("issue:", repo, number) }

// DiscussionID is the external id of the opening of a discussion, and the key of its thread.
func DiscussionID(repo string, number int64) string { return numbered("discussion:", repo, number) }

func numbered(prefix, repo string, number int64) string {
	return prefix + repo + ":" + strconv.FormatInt(number, 10)
}

func objectID(prefix string, id int64) string { return prefix + strconv.FormatInt(id, 10) }

func closeID(repo string, number int64, at time.Time) string {
	return numbered("close:", repo, number) + ":" + strconv.FormatInt(at.Unix(), 10)
}

// NumberIn finds the number of an issue, pull request or discussion in an address of it or below it; 0 where there is
// none.
func NumberIn(address string) int64 {
	for _, mark := range [...]string{"/issues/", "/pull/", "/pulls/", "/discussions/"} {
		_, rest, ok := strings.Cut(address, mark)
		if !ok {
			continue
		}
		end := 0
		for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
			end++
		}
		if n, err := strconv.ParseInt(rest[:end], 10, 64); err == nil {
			return n
		}
	}
	return 0
}

// parseTime reads the time formats of all the forms and years; the zero time where s is none of them.
func parseTime(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	for _, layout := range [...]string{time.RFC3339, "2006/01/02 15:04:05 -0700", "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05 MST"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 1970 {
			return t.UTC()
		}
	}
	return time.Time{}
}

// clean drops what the store cannot keep as text, and the carriage returns that browsers send.
func clean(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(s, "\r\n", "\n")
	}
	return s
}

// webAddress returns s where it is an address that a page may link to, else the fallback.
func webAddress(s, fallback string) string {
	if s == "" {
		return fallback
	}
	if (strings.HasPrefix(s, site) || strings.HasPrefix(s, avatars)) && isPlain(s) {
		return s // nearly all; not parsed, for speed
	}
	if u, err := url.Parse(s); err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
		return s
	}
	return fallback
}

// isPlain reports whether s has nothing but the characters that an address may hold as they are.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '%' || c == '"' || c == '<' || c == '>' || c == '\\' {
			return false
		}
	}
	return true
}
