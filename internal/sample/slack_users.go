// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

type slackChannel struct {
	ID         string       `json:"id"`
	Name       string       `json:"name"`
	Created    int64        `json:"created"`
	Creator    string       `json:"creator"`
	IsArchived bool         `json:"is_archived"`
	IsGeneral  bool         `json:"is_general"`
	Members    []string     `json:"members"`
	Topic      slackPurpose `json:"topic"`
	Purpose    slackPurpose `json:"purpose"`
}

type slackPurpose struct {
	Value   string `json:"value"`
	Creator string `json:"creator"`
	LastSet int64  `json:"last_set"`
}

// entry is the channel as channels.json has it.
func (s *slackChannelWriter) entry() slackChannel {
	creator, created := s.w.people[0].accounts[slack].id, s.w.start.Add(-390*day).Unix()
	purpose := slackPurpose{s.ch.purpose, creator, created}
	return slackChannel{
		ID: s.id, Name: s.ch.key, Created: created, Creator: creator, IsGeneral: s.ch.key == "general",
		Members: slices.Sorted(maps.Keys(s.members)), Topic: purpose, Purpose: purpose,
	}
}

type slackUser struct {
	ID              string       `json:"id"`
	TeamID          string       `json:"team_id"`
	Name            string       `json:"name"`
	Deleted         bool         `json:"deleted"`
	Color           string       `json:"color,omitempty"`
	RealName        string       `json:"real_name,omitempty"`
	TZ              string       `json:"tz,omitempty"`
	TZOffset        *int         `json:"tz_offset,omitempty"`
	Profile         slackProfile `json:"profile"`
	IsAdmin         bool         `json:"is_admin"`
	IsOwner         bool         `json:"is_owner"`
	IsPrimaryOwner  bool         `json:"is_primary_owner"`
	IsRestricted    bool         `json:"is_restricted"`
	IsBot           bool         `json:"is_bot"`
	IsAppUser       bool         `json:"is_app_user"`
	Updated         int64        `json:"updated"`
	IsEmailVerified *bool        `json:"is_email_confirmed,omitempty"`
}

type slackProfile struct {
	Title                 string                `json:"title"`
	Phone                 string                `json:"phone"`
	RealName              string                `json:"real_name"`
	RealNameNormalized    string                `json:"real_name_normalized"`
	DisplayName           string                `json:"display_name"`
	DisplayNameNormalized string                `json:"display_name_normalized"`
	Fields                map[string]slackField `json:"fields"`
	StatusText            string                `json:"status_text"`
	StatusEmoji           string                `json:"status_emoji"`
	AvatarHash            string                `json:"avatar_hash"`
	Email                 string                `json:"email,omitempty"`
	FirstName             string                `json:"first_name,omitempty"`
	LastName              string                `json:"last_name,omitempty"`
	BotID                 string                `json:"bot_id,omitempty"`
	APIAppID              string                `json:"api_app_id,omitempty"`
	Team                  string                `json:"team"`
}

type slackField struct {
	Value string `json:"value"`
	Alt   string `json:"alt"`
}

// realName is the full name that Slack asks for at sign-up, which not everybody gives.
func (a *account) realName() string {
	if a.lost || a.display == a.owner.native {
		return a.display
	}
	return a.owner.name
}

func (w *world) writeSlackUsers(l *ledger) error {
	var list []slackUser
	for _, p := range w.people {
		if a := p.accounts[slack]; a != nil {
			a.listed = true
			list = append(list, w.slackUser(a))
		}
	}
	slices.SortFunc(list, func(a, b slackUser) int { return cmp.Compare(a.ID, b.ID) })
	return l.out.json("users.json", list)
}

func (w *world) slackUser(a *account) slackUser {
	p := a.owner
	u := slackUser{ID: a.id, TeamID: slackTeam, Name: slackName(a), Color: color(p.id), RealName: a.realName(), Updated: a.since.Add(time.Hour).Unix()}
	u.Profile = slackProfile{
		RealName: u.RealName, RealNameNormalized: u.RealName, DisplayName: a.display, DisplayNameNormalized: a.display,
		Fields: map[string]slackField{}, AvatarHash: avatarHash(a), Email: a.email, Team: slackTeam,
	}
	if p.kind == bot {
		u.IsBot, u.Profile.BotID, u.Profile.APIAppID = true, slackHelperBot, "A0LUMENHLP1"
		if p.id != firstBot {
			u.Profile.BotID, u.Profile.APIAppID = slackReleases, "A0LUMENREL1"
		}
		return u
	}
	u.IsOwner, u.IsAdmin = p.kind == staff && p.id%8 == 0, p.kind == staff && p.id < 3
	u.IsPrimaryOwner = p.id == 0
	if u.Deleted = !p.left.IsZero() && (p.kind == staff || p.id%5 == 0); u.Deleted {
		return u
	}
	yes, offset := true, int(p.place.offset/time.Second)
	u.TZ, u.TZOffset = p.place.zone, &offset
	u.IsEmailVerified = &yes
	if first, last, ok := strings.Cut(u.RealName, " "); ok {
		u.Profile.FirstName, u.Profile.LastName = first, last
	}
	if p.id%2 == 0 || p.kind == staff {
		u.Profile.Title = p.title
		if p.org != nil && p.id%4 != 1 {
			u.Profile.Title += " at " + p.org.name
		}
	}
	if a.website != "" {
		u.Profile.Fields["Xf0LUMENGH"] = slackField{a.website, "GitHub"}
	}
	return u
}

// slackName is the name in users.json: Slack makes it of the address, or of the handle where there is none.
func slackName(a *account) string {
	if local, _, ok := strings.Cut(a.email, "@"); ok && a.owner.id%3 != 0 {
		return local
	}
	return a.handle
}
