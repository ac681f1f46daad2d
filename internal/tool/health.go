// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package tool

import "context"

// Health is how a tool's connections are.
type Health string

// The healths; "" = nothing is connected.
const (
	Good    Health = "good"
	Trouble Health = "trouble"
)

// SourceHealth is how a source is, as the stack's watch says it.
type SourceHealth struct {
	Name     string `json:"name" doc:"The source."`
	Platform string `json:"platform" doc:"What it is read from, as people call it."`
	Kind     string `json:"kind" doc:"The platform, as Greenroom calls it."`
	Health   Health `json:"health" doc:"good, or trouble where it is late or failing."`
	Says     string `json:"says" doc:"In a sentence."`
	Writes   bool   `json:"writes,omitempty" doc:"Greenroom can write to it."`
}

// Sources says how the sources are.
type Sources interface {
	SourceHealth(ctx context.Context) ([]SourceHealth, error)
}

// health is the worst of a tool's sources; one that is gone is trouble, too.
func (t *Tool) health(known map[string]SourceHealth) Health {
	if len(t.Sources) == 0 {
		return ""
	}
	for _, name := range t.Sources {
		if s, is := known[name]; !is || s.Health == Trouble {
			return Trouble
		}
	}
	return Good
}

// kinds says what platforms are tools of; the rest is "other".
func kinds() map[string]string {
	return map[string]string{
		"slack": "chat", "discord": "chat", "telegram": "chat", "discourse": "platform", "stackoverflow": "platform", "stackexchange": "platform",
		"github": "code", "gitlab": "code", "gitea": "code", "git": "code", "gharchive": "code", "hubspot": "crm", "salesforce": "crm", "stripe": "crm",
		"zendesk": "support", "intercom": "support", "freshdesk": "support", "ical": "events", "meetup": "events", "luma": "events", "mbox": "email", "imap": "email", "email": "email",
		"bluesky": "social", "hackernews": "social", "linkedin": "social", "mastodon": "social", "reddit": "social", "x": "social", "youtube": "social", "rss": "content",
		"segment": "product", "snowflake": "analytics", "postgres": "analytics", "postgresql": "analytics",
	}
}

// Suggestion is a tool that the sources speak of and the inventory lacks.
type Suggestion struct {
	Source SourceHealth `json:"source" doc:"The source that it was read from."`
	Draft  Draft        `json:"draft" doc:"The tool as it would be entered."`
}

// suggest gives a tool for each source that no tool names and nobody said no to. Sources of one platform that a tool of that
// name has are left to it.
func suggest(all []Tool, sources []SourceHealth, no map[string]bool) []Suggestion {
	named := make(map[string]bool)
	for i := range all {
		for _, s := range all[i].Sources {
			named[s] = true
		}
	}
	out := []Suggestion{}
	for _, s := range sources {
		if named[s.Name] || no[s.Name] {
			continue
		}
		category := kinds()[s.Kind]
		if category == "" {
			category = "other"
		}
		out = append(out, Suggestion{Source: s, Draft: Draft{
			Name: s.Platform, Category: category, State: InUse, Sources: []string{s.Name}, Purpose: "Read into Greenroom as the source " + s.Name + ".", Data: []string{"what members write and do"}, Personal: true,
		}})
	}
	return out
}
