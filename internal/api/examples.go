// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/analytics"
	"greenroom/internal/auth"
	"greenroom/internal/query"
)

// The examples of the OpenAPI document. They are values of the types that are answered, so they cannot show fields that
// do not exist.

func exampleTime(day int) time.Time { return time.Date(2026, 11, day, 9, 30, 0, 0, time.UTC) }

func exampleRoot() Root {
	return Root{
		Name: "Greenroom", Version: "1.0.0", Links: links(),
		You: &You{Name: "ana@acme.example by token weekly report", Role: auth.RoleManager, Permissions: []auth.Permission{auth.Read}},
	}
}

func exampleMember() greenroom.Member {
	return greenroom.Member{
		ID: 42, Name: "Ana Torres", Emails: []string{"ana@acme.example"}, Organization: "Acme", OrganizationID: 3, Country: "PT",
		Tags: []string{"champion"}, Fields: map[string]string{"plan": "pro"},
		Identities: []greenroom.IdentityRef{{ID: 88, Source: "slack-acme", Platform: "slack", ExternalID: "U024BE7LH", Handle: "ana", Name: "Ana Torres"}},
		JoinedAt:   exampleTime(1), FirstActive: exampleTime(2), LastActive: exampleTime(20), Activities: 128,
	}
}

func exampleIdentity() greenroom.Identity {
	return greenroom.Identity{
		ID: 88, SourceID: 1, Source: "slack-acme", ExternalID: "U024BE7LH", MemberID: 42, Handle: "ana", Name: "Ana Torres",
		Emails: []greenroom.Email{{Address: "ana@acme.example", Verified: true}}, TimeZone: "Europe/Lisbon", JobTitle: "Engineer",
		JoinedAt: exampleTime(1), FirstActive: exampleTime(2), LastActive: exampleTime(20), Activities: 128, MatchReason: "same verified e-mail",
	}
}

func exampleDecision() greenroom.Decision {
	return greenroom.Decision{
		ID: 5, Action: "merge", MemberID: 42, OtherID: 17, Identities: []int64{17}, Reason: "same person, told us in chat",
		By: "ana@acme.example", At: exampleTime(21),
	}
}

func exampleOrganization() greenroom.Organization {
	return greenroom.Organization{
		ID: 3, Name: "Acme", Domains: []string{"acme.example"}, Lifecycle: "trial", Size: 120, Country: "PT", Tags: []string{},
		Members: 7, Activities: 431, FirstActive: exampleTime(1), LastActive: exampleTime(20),
	}
}

func exampleActivity() greenroom.Activity {
	return greenroom.Activity{
		ID: 9001, SourceID: 1, Source: "slack-acme", ExternalID: "C061:1763632800.000100", Kind: greenroom.KindMessage, ChannelID: 4, Channel: "help",
		OccurredAt: exampleTime(20), IdentityID: 88, MemberID: 42, Member: "Ana Torres", ConversationID: 9001, Question: true,
		Body: "How do I refresh an expired token?", URL: "https://acme.slack.example/archives/C061/p1763632800000100",
	}
}

func exampleConversation() greenroom.Conversation {
	return greenroom.Conversation{
		ID: 9001, SourceID: 1, Source: "slack-acme", ChannelID: 4, Channel: "help", Title: "How do I refresh an expired token?",
		URL: "https://acme.slack.example/archives/C061/p1763632800000100", Kind: greenroom.KindMessage, State: greenroom.StateAnswered, Question: true,
		OpenedAt: exampleTime(20), LastActivityAt: exampleTime(21), FirstResponseAt: exampleTime(21), AuthorIdentityID: 88, AuthorMemberID: 42,
		Author: "Ana Torres", Replies: 2, Participants: 2,
	}
}

func exampleSource() greenroom.Source {
	return greenroom.Source{
		ID: 1, Name: "slack-acme", Kind: "slack-export", Platform: "slack", Config: map[string]string{"path": "/data/acme export.zip"}, CreatedAt: exampleTime(1),
	}
}

func exampleRun() *greenroom.Run {
	return &greenroom.Run{
		ID: 12, SourceID: 1, State: greenroom.RunRunning, Read: 52_000, Stored: 51_200, Unchanged: 640, Rejected: 3, LeftOut: 160,
		Done: 18_400_000, Total: 51_000_000, Unit: "bytes", Phase: "#help 2026-03-01", StartedAt: exampleTime(22), UpdatedAt: exampleTime(22),
	}
}

func exampleSourceDetail() SourceDetail {
	return SourceDetail{
		Source: exampleSource(), Runs: []greenroom.Run{*exampleRun()}, LeftOut: map[string]int64{"private channel": 160},
		Ledger: exampleLedger(), Kinds: map[string]int64{"message": 18_000, "reply": 30_200, "reaction": 3_000},
		Channels: []ChannelInfo{{Channel: greenroom.Channel{ID: 4, SourceID: 1, ExternalID: "C061", Name: "help", Threadless: true}, Activities: 21_000}},
	}
}

func exampleLedger() greenroom.Ledger {
	return greenroom.Ledger{Accounts: 1210, Members: 1100, Merged: 64, Staff: 31, Bots: 12, Hidden: 3}
}

func exampleReject() greenroom.Reject {
	return greenroom.Reject{
		File: "help/2026-03-01.json", Line: 48, Reason: "the time of the message cannot be read", Expected: "seconds since 1970, such as 1763632800.000100",
		Excerpt: `{"type":"message","ts":"yesterday"}`,
	}
}

func exampleConnector() ConnectorInfo {
	return ConnectorInfo{
		Kind: "slack-export", Title: "Slack workspace export", Platform: "slack", Summary: "Members, messages and threads of a Slack workspace, from its export.",
		Help: "A workspace owner or admin makes the export: …", Primary: "path", Group: "export",
		Options: []OptionInfo{{
			Name: "path", Label: "Export", Help: "The zip file that Slack made, or the folder that was unpacked from it.", Type: connector.Path,
			Required: true, Example: "/data/acme export.zip",
		}},
	}
}

func exampleMetric() MetricInfo {
	return MetricInfo{
		Name: "active_members", Label: "Active members", Version: 1, Unit: analytics.UnitMembers, Entity: query.Activities, Total: true,
		Definition: "Members with at least one activity in the period.", Formula: "distinct members with an activity in the period",
		Source: "Growth accounting", SourceURL: "https://example.org/definition", Breakdowns: analytics.Dimensions(),
	}
}

func exampleFigures() Figures {
	value := 212.0
	return Figures{
		Name: "active_members", Version: 1, Unit: analytics.UnitMembers, AsOf: exampleTime(22), LeftOut: analytics.LeftOut{Staff: 9, Bots: 2},
		Series: []Figure{{Point: analytics.Point{
			From: time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC), Value: &value, Count: 212, N: 212,
		}}},
	}
}

func exampleOverview() Overview {
	return Overview{
		Overview: greenroom.Overview{Members: 1100, Organizations: 87, Waiting: 14, Activities: 51_200, Conversations: 16_400, Sources: 1},
		Ledger:   exampleLedger(),
	}
}

func exampleFound() Found {
	return Found{
		Members: []greenroom.Member{exampleMember()}, Organizations: []greenroom.Organization{},
		Conversations: []greenroom.Conversation{exampleConversation()},
	}
}

func examplePerson() Person {
	return Person{ID: 1, Email: "ana@acme.example", Name: "Ana Torres", Role: auth.RoleOwner, HasPassword: true, CreatedAt: exampleTime(1), LastSeen: exampleTime(22)}
}

func exampleInvitation() Invitation {
	return Invitation{
		ID: "9Qv0mYz8x0Jq3bM1kQ7c2dV5tAhT6uR4sE1wX8yZ2aB", Kind: auth.LinkInvite, Email: "ben@acme.example", Role: auth.RoleContributor,
		By: "ana@acme.example", CreatedAt: exampleTime(22), ExpiresAt: exampleTime(29),
	}
}

func exampleToken() Token {
	return Token{ID: 2, PersonID: 1, Email: "ana@acme.example", Name: "weekly report", Hint: "grm_Ab3d", Scope: auth.ScopeRead, CreatedAt: exampleTime(20), LastUsed: exampleTime(22)}
}
