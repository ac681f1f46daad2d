// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query

// memberFields lists what can be asked about members.
func memberFields(kinds []string) []*Field {
	return []*Field{
		{Name: "name", Type: TypeText, Sortable: true, Doc: "The member's name.", Example: "name:maria"},
		{Name: "email", Aliases: []string{"mail"}, Type: TypeKeyword, Optional: true, Doc: "An e-mail address of the member.", Example: "email:maria@example.com"},
		{Name: "handle", Aliases: []string{"user", "username"}, Type: TypeKeyword, Sigil: "@", Optional: true, Doc: "The handle of one of the member's accounts.", Example: "handle:@maria"},
		{Name: "org", Aliases: []string{"organization", "company", "org.name"}, Owner: Organizations, Attr: "name", Type: TypeText, Optional: true, Doc: "The name of the organization that the member is with now.", Example: `org:"Blue Harbor"`},
		{Name: "group", Aliases: []string{"org.group"}, Owner: Organizations, Attr: "group", Type: TypeText, Doc: "The name of the organization that the member is with now, or of one that it is below.", Example: "group:harbor"},
		{Name: "past_org", Aliases: []string{"former_org", "was_with"}, Type: TypeText, Optional: true, Doc: "The name of an organization that the member was with before, and is with no more.", Example: `past_org:"Blue Harbor"`},
		{Name: "tag", Aliases: []string{"tags"}, Type: TypeKeyword, Optional: true, Doc: "A tag given to the member.", Example: "tag:champion"},
		{Name: "segment", Aliases: []string{"segments"}, Type: TypeKeyword, Optional: true, Doc: "A segment that the member is in, by its key or name; with @ and a day, who was in it at the end of that day.", Example: "segment:gone-quiet"},
		{Name: "program", Aliases: []string{"programs"}, Type: TypeKeyword, Optional: true, Doc: "A program that the member is enrolled in, by its key or name; with / and a stage, only who is in that stage; with @ and a day, who was in it at the end of that day.", Example: "program:champions/active"},
		{Name: "last_active", Aliases: []string{"last_seen"}, Type: TypeDate, Sortable: true, Doc: "The member's latest activity.", Example: "last_active:<30d"},
		{Name: "first_active", Aliases: []string{"first_seen"}, Type: TypeDate, Sortable: true, Doc: "The member's first activity.", Example: "first_active:2026-01"},
		{Name: "joined", Type: TypeDate, Sortable: true, Doc: "When the member's oldest account was made.", Example: "joined:>=2026-01-01"},
		{Name: "activities", Type: TypeNumber, Sortable: true, Doc: "How many activities the member has.", Example: "activities:>=10"},
		{
			Name: "is", Type: TypeFlag, Values: []string{"staff", "bot", "hidden", "contact", "new", "active", "quiet", "gone", "overdue"},
			Doc:     "Staff, bot, hidden or contact (known only from business systems); new (first active in the last 30 days), active (in the last 30 days), quiet (last active 30 to 180 days ago), gone (longer ago); overdue (silent for longer than is usual for this member).",
			Example: "is:new",
		},
		didField(kinds, "What the member has done; in, source, category, sentiment, since, until and count right after it belong to it."),
		{Name: "source", Type: TypeKeyword, Optional: true, Doc: "A source on which the member has an account, by its name or its platform.", Example: "source:slack"},
		{Name: "channel", Aliases: []string{"in"}, Type: TypeKeyword, Sigil: "#", Optional: true, Doc: "A channel in which the member has been active.", Example: "channel:#help"},
		{Name: "country", Type: TypeKeyword, Optional: true, Sortable: true, Doc: "The member's country, as a two-letter code.", Example: "country:DE,AT,CH"},
		{Name: "location", Type: TypeText, Optional: true, Doc: "The location as the member wrote it.", Example: "location:berlin"},
		{Name: "identities", Aliases: []string{"accounts"}, Type: TypeNumber, Sortable: true, Doc: "How many accounts the member has.", Example: "identities:>1"},
		{Name: "level", Aliases: []string{"orbit"}, Type: TypeNumber, Optional: true, Sortable: true, Doc: "The member's Orbit level, from 1 (leading) to 4 (exploring).", Example: "level:1..2"},
		{Name: "love", Type: TypeNumber, Optional: true, Sortable: true, Doc: "The member's love, as in version 1 of the Orbit model.", Example: "love:>=20"},
		{Name: "points", Aliases: []string{"score"}, Type: TypeNumber, Optional: true, Sortable: true, Doc: "The member's activity points by the team's weights.", Example: "points:>100"},
		{Name: "asked", Type: TypeKeyword, Optional: true, Doc: "A survey that the member was invited to, by its key.", Example: "asked:nps"},
		{Name: "answered", Type: TypeKeyword, Optional: true, Doc: "A survey that the member answered, by its key; anonymous answers are nobody's.", Example: "answered:nps"},
		{Name: "answer", Type: TypeKeyword, Optional: true, Doc: "An answer that the member gave, as survey/question/answer.", Example: "answer:nps/why/docs"},
		{Name: "nps", Type: TypeNumber, Optional: true, Doc: "How likely the member is to recommend, as they said last: 0 to 10.", Example: "nps:<=6"},
		{Name: "csat", Type: TypeNumber, Optional: true, Doc: "How satisfied the member is, as they said last: 1 to 5.", Example: "csat:>=4"},
		{Name: "ces", Type: TypeNumber, Optional: true, Doc: "How easy the member found it, as they said last: 1 to 7.", Example: "ces:<=3"},
		{Name: "id", Type: TypeKeyword, Doc: "The member's id in Greenroom.", Example: "id:42"},
		customField("member"),
	}
}

// organizationFields lists what can be asked about organizations.
func organizationFields(kinds []string) []*Field {
	return []*Field{
		{Name: "name", Type: TypeText, Sortable: true, Doc: "The organization's name.", Example: "name:harbor"},
		{Name: "domain", Aliases: []string{"domains"}, Type: TypeKeyword, Sigil: "@", Optional: true, Doc: "An e-mail or web domain of the organization.", Example: "domain:example.com"},
		{
			Name: "lifecycle", Aliases: []string{"stage"}, Type: TypeEnum, Optional: true, Sortable: true,
			Values: []string{"prospect", "trial", "customer", "churned", "partner", "other"},
			Doc:    "Where the organization stands with the company.", Example: "lifecycle:trial,customer",
		},
		{Name: "members", Type: TypeNumber, Sortable: true, Doc: "How many members belong to it.", Example: "members:>=5"},
		{Name: "activities", Type: TypeNumber, Sortable: true, Doc: "How many activities its members have.", Example: "activities:>100"},
		{Name: "last_active", Aliases: []string{"last_seen"}, Type: TypeDate, Sortable: true, Doc: "The latest activity of one of its members.", Example: "last_active:>90d"},
		{Name: "first_active", Aliases: []string{"first_seen"}, Type: TypeDate, Sortable: true, Doc: "The first activity of one of its members.", Example: "first_active:2026"},
		didField(kinds, "What its members have done, together; in, source, category, sentiment, since, until and count right after it belong to it."),
		{Name: "tag", Aliases: []string{"tags"}, Type: TypeKeyword, Optional: true, Doc: "A tag given to the organization.", Example: "tag:pilot"},
		{Name: "parent", Type: TypeText, Optional: true, Doc: "The name of the organization that it is right below.", Example: "parent:harbor"},
		{Name: "group", Type: TypeText, Optional: true, Doc: "The name of an organization that it is, or is below.", Example: "group:harbor"},
		{Name: "is", Type: TypeFlag, Values: []string{"education"}, Doc: "A school or university, by all of its domains.", Example: "is:education"},
		{Name: "size", Aliases: []string{"employees"}, Type: TypeNumber, Optional: true, Sortable: true, Doc: "How many people work there.", Example: "size:50..200"},
		{Name: "country", Type: TypeKeyword, Optional: true, Sortable: true, Doc: "The organization's country, as a two-letter code.", Example: "country:US"},
		{Name: "id", Type: TypeKeyword, Doc: "The organization's id in Greenroom.", Example: "id:42"},
		customField("organization"),
	}
}

// activityFields lists what can be asked about activities.
func activityFields(kinds []string) []*Field {
	own := []*Field{
		{Name: "kind", Aliases: []string{"type"}, Type: TypeEnum, Values: kinds, Sortable: true, Doc: "The kind of activity.", Example: "kind:" + first(kinds)},
		{Name: "source", Type: TypeKeyword, Doc: "The source, by its name or its platform.", Example: "source:github"},
		{Name: "channel", Aliases: []string{"in"}, Type: TypeKeyword, Sigil: "#", Optional: true, Doc: "The channel it happened in.", Example: "channel:#help"},
		{Name: "author", Aliases: []string{"by"}, Type: TypeText, Sigil: "@", Doc: "Who did it: a part of the name or of a handle.", Example: "by:maria"},
		{Name: "occurred", Aliases: []string{"date", "occurred_at"}, Type: TypeDate, Sortable: true, Doc: "When it happened.", Example: "occurred:2026-01-01..2026-03-31"},
	}
	own = append(own, sinceUntil("occurred", "It happened")...)
	own = append(own,
		&Field{
			Name: "is", Type: TypeFlag, Values: []string{"question", "reply", "edited", "deleted", "corrected", "staff", "bot"},
			Doc: "A question, a reply, edited, deleted; corrected by the team in what it says; by staff or by a bot.", Example: "is:question",
		},
		&Field{Name: "title", Type: TypeText, Optional: true, Doc: "The title, where the kind has one.", Example: "title:webhook"},
	)
	own = append(own, readingFields("It")...)
	own = append(own,
		&Field{Name: "body", Aliases: []string{"text"}, Type: TypeText, Optional: true, Doc: "What was written.", Example: `body:"rate limit"`},
		&Field{Name: "url", Aliases: []string{"link"}, Type: TypeText, Optional: true, Doc: "The link to it on its platform.", Example: `url:"github.com/acme"`},
		&Field{Name: "topic", Type: TypeKeyword, Optional: true, Doc: "A topic that it is about, by its name or its id; what is part of that topic counts, too.", Example: "topic:webhooks"},
		&Field{Name: "conversation", Type: TypeKeyword, Optional: true, Doc: "The id of the conversation it belongs to.", Example: "conversation:1203"},
		&Field{Name: "id", Type: TypeKeyword, Doc: "The activity's id in Greenroom.", Example: "id:42"},
	)
	return append(own, authorFields()...)
}

// conversationFields lists what can be asked about conversations.
func conversationFields(kinds []string) []*Field {
	own := []*Field{
		{
			Name: "is", Type: TypeFlag,
			Values:  []string{"question", "waiting", "open", "answered", "resolved", "ignored", "staff", "bot"},
			Doc:     "Begins with a question; waiting (nobody but the author has replied and it is still open); the state; begun by staff or by a bot.",
			Example: "is:waiting",
		},
		{Name: "state", Type: TypeEnum, Values: []string{"open", "answered", "resolved", "ignored"}, Sortable: true, Doc: "The state it is in.", Example: "state:open,answered"},
		{Name: "source", Type: TypeKeyword, Doc: "The source, by its name or its platform.", Example: "source:discourse"},
		{Name: "channel", Aliases: []string{"in"}, Type: TypeKeyword, Sigil: "#", Optional: true, Doc: "The channel it takes place in.", Example: "channel:#help"},
		{Name: "author", Aliases: []string{"by"}, Type: TypeText, Sigil: "@", Doc: "Who began it: a part of the name or of a handle.", Example: "by:maria"},
		{Name: "opened", Aliases: []string{"date", "opened_at"}, Type: TypeDate, Sortable: true, Doc: "When it began.", Example: "opened:<7d"},
	}
	own = append(own, sinceUntil("opened", "It began")...)
	own = append(own,
		&Field{Name: "last_active", Aliases: []string{"last_activity"}, Type: TypeDate, Sortable: true, Doc: "The latest activity in it.", Example: "last_active:>14d"},
		&Field{Name: "waiting", Type: TypeDuration, Optional: true, Sortable: true, Doc: "How long it has been waiting for its first response; empty where it does not wait.", Example: "waiting:>24h"},
		&Field{Name: "first_response", Type: TypeDuration, Optional: true, Sortable: true, Doc: "How long the first response by somebody else took; empty where there is none.", Example: "first_response:>24h"},
		&Field{Name: "responder", Type: TypeEnum, Values: []string{"staff", "member"}, Optional: true, Doc: "Who gave the first response.", Example: "responder:member"},
		&Field{Name: "replies", Type: TypeNumber, Sortable: true, Doc: "How many replies it has.", Example: "replies:0"},
		&Field{Name: "participants", Type: TypeNumber, Sortable: true, Doc: "How many people took part, the author included.", Example: "participants:>=3"},
		&Field{Name: "kind", Aliases: []string{"type"}, Type: TypeEnum, Values: kinds, Sortable: true, Doc: "The kind of activity it began with.", Example: "kind:" + first(kinds)},
		&Field{Name: "topic", Type: TypeKeyword, Optional: true, Doc: "A topic that a message in it is about, by its name or its id; what is part of that topic counts, too.", Example: "topic:webhooks"},
		&Field{Name: "title", Type: TypeText, Optional: true, Sortable: true, Doc: "Its title, or its first words.", Example: "title:webhook"},
		&Field{Name: "id", Type: TypeKeyword, Doc: "The conversation's id in Greenroom.", Example: "id:42"},
	)
	own = append(own, readingFields("Its opening message")...)
	return append(own, authorFields()...)
}

// readingFields lists what can be asked about what a message says. What the team corrected holds before what was read.
func readingFields(what string) []*Field {
	return []*Field{
		{
			Name: "category", Type: TypeEnum, Values: []string{"question", "bug", "feature", "praise", "announcement", "introduction", "job", "other", "unsure"}, Optional: true,
			Doc: what + " was read as this; unsure where Greenroom leaves it open.", Example: "category:bug,feature",
		},
		{Name: "sentiment", Type: TypeEnum, Values: []string{"negative", "neutral", "positive", "unsure"}, Optional: true, Doc: what + " feels like this.", Example: "sentiment:negative"},
		{Name: "urgency", Type: TypeEnum, Values: []string{"now", "soon", "none"}, Optional: true, Doc: what + " is urgent: now (an outage, a deadline), soon (somebody is blocked), or not.", Example: "urgency:now,soon"},
		{Name: "language", Aliases: []string{"lang"}, Type: TypeKeyword, Optional: true, Doc: what + " is in this language, as a two-letter code.", Example: "language:de,fr"},
	}
}

// authorFields lists what activities and conversations can be asked about
// their author without writing member. or org. first.
func authorFields() []*Field {
	return []*Field{
		{Name: "tag", Aliases: []string{"tags", "member.tag", "member.tags"}, Owner: Members, Type: TypeKeyword, Optional: true, Doc: "A tag given to the author.", Example: "tag:champion"},
		{Name: "segment", Aliases: []string{"segments", "member.segment", "member.segments"}, Owner: Members, Type: TypeKeyword, Optional: true, Doc: "A segment that the author is in, by its key or name.", Example: "segment:helpers"},
		{Name: "program", Aliases: []string{"programs", "member.program", "member.programs"}, Owner: Members, Type: TypeKeyword, Optional: true, Doc: "A program that the author is enrolled in, by its key or name.", Example: "program:champions"},
		{Name: "country", Aliases: []string{"member.country"}, Owner: Members, Type: TypeKeyword, Optional: true, Doc: "The author's country, as a two-letter code.", Example: "country:DE"},
		{Name: "org", Aliases: []string{"organization", "company", "org.name", "member.org"}, Owner: Organizations, Attr: "name", Type: TypeText, Optional: true, Doc: "The name of the organization that the author was with at the time.", Example: `org:"Blue Harbor"`},
		{Name: "group", Aliases: []string{"org.group"}, Owner: Organizations, Attr: "group", Type: TypeText, Doc: "The name of the organization that the author was with at the time, or of one that it is below.", Example: "group:harbor"},
	}
}

// sinceUntil lists the two short forms for a date: they parse to terms on it.
func sinceUntil(attr, what string) []*Field {
	return []*Field{
		{Name: "since", Attr: attr, Type: TypeDate, Doc: what + " then or later; since:30d is the last 30 days.", Example: "since:30d"},
		{Name: "until", Attr: attr, Type: TypeDate, Doc: what + " then or earlier; until:30d is 30 days ago or longer.", Example: "until:2026-03-31"},
	}
}

func didField(kinds []string, doc string) *Field {
	return &Field{Name: "did", Type: TypeDid, Values: kinds, Doc: doc, Example: "did:" + first(kinds) + " in:#help since:30d count:>=3"}
}

func customField(of string) *Field {
	return &Field{Name: customName, Type: TypeCustom, Doc: "A field that your team added to the " + of + ".", Example: "field.team_size:>10"}
}

// first is the kind that stands in examples; * where no kinds are known.
func first(kinds []string) string {
	if len(kinds) == 0 {
		return "*"
	}
	return kinds[0]
}
