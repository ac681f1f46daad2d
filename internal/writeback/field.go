// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package writeback

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/connector"
)

// Field is something that the community knows of a member.
type Field struct {
	Name  string                 `json:"name"`
	Label string                 `json:"label"`
	Type  connector.PropertyType `json:"type"`
}

// The names of fields.
const (
	fieldLink       = "member_link"
	fieldID         = "member_id"
	fieldFirst      = "first_active"
	fieldLast       = "last_active"
	fieldAll        = "activities"
	fieldRecent     = "activities_30d"
	fieldPlatforms  = "platforms"
	fieldChannels   = "channels"
	fieldTags       = "tags"
	fieldSegments   = "segments"
	fieldName       = "name"
	fieldOrg        = "organization"
	customPrefix    = "field:" // and the name of a custom field
	recentDays      = 30
	channelsAtMost  = 10
	shownInNote     = 3
	ellipsis        = "…"
	dayForPeople    = "2 January 2006"
	addressExpected = "https://greenroom.example.org"
)

// Fields are what can be written of every member; beside them there are custom fields, called "field:" and their name.
func Fields() []Field {
	return []Field{
		{fieldLast, "Last active", connector.PropertyTime},
		{fieldFirst, "First active", connector.PropertyTime},
		{fieldAll, "Activities, all", connector.PropertyNumber},
		{fieldRecent, "Activities, last 30 days", connector.PropertyNumber},
		{fieldPlatforms, "Platforms they are on", connector.PropertyText},
		{fieldChannels, "Channels, the most used first", connector.PropertyText},
		{fieldTags, "Tags", connector.PropertyText},
		{fieldSegments, "Segments they are in", connector.PropertyText},
		{fieldLink, "Link to the member", connector.PropertyText},
		{fieldID, "Greenroom member id", connector.PropertyNumber},
		{fieldName, "Name in the community", connector.PropertyText},
		{fieldOrg, "Organization", connector.PropertyText},
	}
}

// fieldOf finds a field by its name.
func fieldOf(name string) (Field, error) {
	if custom, ok := strings.CutPrefix(name, customPrefix); ok && custom != "" {
		return Field{name, custom, connector.PropertyText}, nil
	}
	all := Fields()
	if i := slices.IndexFunc(all, func(f Field) bool { return f.Name == name }); i >= 0 {
		return all[i], nil
	}
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	return Field{}, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a field of members; expected one of %s, or field:NAME for a custom field", name, strings.Join(names, ", "))
}

// Fits reports whether a field's values can be values of a property.
func (f *Field) Fits(p *connector.Property) bool {
	switch p.Type {
	case connector.PropertyText:
		return true
	case connector.PropertyDay, connector.PropertyTime:
		return f.Type == connector.PropertyTime
	case connector.PropertyNumber:
		return f.Type == connector.PropertyNumber
	}
	return false
}

// Tally is what is counted of a member's activities.
type Tally struct {
	Recent   int64    // since a time
	Channels []string // by name, the most used first
}

// values are a plan's values for some members.
type values struct {
	plan    *Plan
	zone    *time.Location
	tallies map[int64]Tally
	named   map[int64][]string // the segments that members are in
}

// prepare counts what the plan needs of members.
func (s *Service) prepare(ctx context.Context, plan *Plan, members []greenroom.Member) (*values, error) {
	v := &values{plan: plan, zone: s.zone()}
	ids := make([]int64, len(members))
	for i := range members {
		ids[i] = members[i].ID
	}
	var err error
	if slices.ContainsFunc(plan.Set, func(m Mapping) bool { return m.Field == fieldSegments }) {
		if v.named, err = s.store.SegmentsOf(ctx, ids); err != nil {
			return nil, fmt.Errorf("asking which segments members are in: %w", err)
		}
	}
	if !plan.Note && !slices.ContainsFunc(plan.Set, func(m Mapping) bool { return m.Field == fieldRecent || m.Field == fieldChannels }) {
		return v, nil
	}
	if v.tallies, err = s.store.MemberTallies(ctx, ids, s.now().AddDate(0, 0, -recentDays), channelsAtMost); err != nil {
		return nil, fmt.Errorf("counting what members did: %w", err)
	}
	return v, nil
}

// of gives the values of a member, by property.
func (v *values) of(m *greenroom.Member) map[string]string {
	set := make(map[string]string, len(v.plan.Set))
	for i := range v.plan.Set {
		x := &v.plan.Set[i]
		set[x.Property.Name] = cut(v.field(m, x.Field, x.Property.Type), x.Property.Max)
	}
	return set
}

func (v *values) field(m *greenroom.Member, name string, as connector.PropertyType) string {
	switch name {
	case fieldLink:
		return v.plan.link(m)
	case fieldID:
		return strconv.FormatInt(m.ID, 10)
	case fieldFirst:
		return v.time(m.FirstActive, as)
	case fieldLast:
		return v.time(m.LastActive, as)
	case fieldAll:
		return strconv.FormatInt(m.Activities, 10)
	case fieldRecent:
		return strconv.FormatInt(v.tallies[m.ID].Recent, 10)
	case fieldPlatforms:
		return strings.Join(platforms(m, v.plan.Platform), ", ")
	case fieldChannels:
		return strings.Join(v.tallies[m.ID].Channels, ", ")
	case fieldSegments:
		return strings.Join(v.named[m.ID], ", ")
	case fieldTags:
		return strings.Join(m.Tags, ", ")
	case fieldName:
		return m.Name
	case fieldOrg:
		return m.Organization
	}
	return m.Fields[strings.TrimPrefix(name, customPrefix)]
}

// time writes a time as a property takes it; a day is the community's.
func (v *values) time(at time.Time, as connector.PropertyType) string {
	return writtenTime(at, as, v.zone)
}

func writtenTime(at time.Time, as connector.PropertyType, zone *time.Location) string {
	switch {
	case at.IsZero():
		return ""
	case as == connector.PropertyTime:
		return at.UTC().Format(time.RFC3339)
	}
	return at.In(zone).Format(time.DateOnly)
}

// platforms are those that a member is on, beside the one that is written to.
func platforms(m *greenroom.Member, but string) []string {
	var all []string
	for i := range m.Identities {
		if p := m.Identities[i].Platform; p != but && !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	slices.Sort(all)
	return all
}

// note says in a few words what a member did.
func (v *values) note(m *greenroom.Member) string {
	if !v.plan.Note {
		return ""
	}
	if m.LastActive.IsZero() {
		return m.Name + " is known to the community and has not been active in it yet."
	}
	t := v.tallies[m.ID]
	text := fmt.Sprintf("%s was active in the community: %d activities in the last %d days, %d in all, the last one on %s", m.Name, t.Recent, recentDays, m.Activities, m.LastActive.In(v.zone).Format(dayForPeople))
	if n := min(len(t.Channels), shownInNote); n > 0 {
		text += ", most of them in " + strings.Join(t.Channels[:n], ", ")
	}
	return text + "."
}

// cut shortens a text to a number of characters.
func cut(v string, limit int) string {
	if limit <= 0 || utf8.RuneCountInString(v) <= limit {
		return v
	}
	return string([]rune(v)[:limit-1]) + ellipsis
}
