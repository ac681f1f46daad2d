// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

// fieldDocs says what the fields of the vocabulary's types are, for the OpenAPI document: by type and field, or by the
// field alone where it means the same everywhere. The API's own types carry it in their tags. A test finds what is not
// described.
func fieldDocs() map[string]string {
	all := map[string]string{
		// Types.
		"Member":            "A person in the community: one or more accounts.",
		"Identity":          "An account on a source.",
		"IdentityRef":       "Names an account of a member.",
		"Email":             "An address of an account.",
		"Organization":      "The company or group that members belong to.",
		"Activity":          "A dated fact: who did what, where and when, with the text and the link.",
		"Conversation":      "A root activity and its replies.",
		"Decision":          "A merge or a split of members, with its author and time, kept for good.",
		"Source":            "A configured connection to one platform.",
		"Run":               "One import or sync of a source with its counts. Counts go on over interruptions.",
		"Reject":            "A record that could not be stored, with where it stands and why.",
		"Ledger":            "Explains a number of accounts: accounts = members + merged + staff + bots + hidden + contacts.",
		"Figures":           "Figures of a metric.",
		"Figure":            "One figure of a series.",
		"MetricLeftOut":     "How many members would have counted, but for what they are.",
		"Problem":           "What went wrong, in the form of RFC 9457.",
		"ChannelInfo":       "A place inside a source, with how busy it is.",
		"AuditEntry":        "One line of the log of who did what.",
		"Person":            "Somebody of the team who may sign in.",
		"Token":             "An API token, without the text that opens anything.",
		"MemberPatch":       "What to set of a member by hand. Fields that are not sent stay as they are.",
		"MetricInfo":        "A metric of the catalog.",
		"ConnectorInfo":     "A connector and what can be set.",
		"Invitation":        "A link that was handed out and is open.",
		"ImportState":       "How an import goes.",
		"Suggestion":        "One way to go on with a query.",
		"Overview":          "The whole in numbers.",
		"SourceDetail":      "All about a source.",
		"SourceInfo":        "A source with how reading it went last.",
		"TokenRequest":      "The token to make.",
		"ImportRequest":     "What to import.",
		"MergeRequest":      "Whom to merge.",
		"SplitRequest":      "What to split off.",
		"Check":             "What there is to say of a query.",
		"Changed":           "What a merge or a split has come to.",
		"Found":             "What a search over everything finds.",
		"ProblemInfo":       "A type of problem.",
		"Root":              "What the API says of itself.",
		"You":               "Who makes this request.",
		"NewLink":           "A link to hand out.",
		"NewToken":          "A token that was just made.",
		"OptionInfo":        "An option of a connector.",
		"PersonPatch":       "What to change of a person.",
		"ConversationPatch": "What to change of a conversation.",
		"InvitationRequest": "Whom to invite.",

		// Fields that mean the same everywhere.
		".id":              "The id: a positive integer that never changes.",
		".source_id":       "The source's id.",
		".source":          "The source's name.",
		".external_id":     "What the source calls it; unique within the source.",
		".channel_id":      "The channel's id; left out where there is none.",
		".channel":         "The channel's name, without a leading #; empty where there is none.",
		".first_active":    "The first deliberate act; left out for never.",
		".last_active":     "The latest deliberate act; left out for never.",
		".activities":      "How many activities there are.",
		".organization":    "The organization's name; empty where there is none.",
		".organization_id": "The organization's id; left out where there is none.",
		".country":         "Two-letter code (ISO 3166-1).",
		".tags":            "Tags that the team or a source put on, by name.",
		".fields":          "Custom fields by name.",
		".avatar_url":      "The address of a picture.",
		".location":        "Where, as the source says it.",
		".url":             "Its address on the platform; empty where it has none.",
		".handle":          "The account's handle.",
		".platform":        "The platform, such as slack.",
		".title":           "The title; empty where it has none.",
		".question":        "It asks something, by the platform's word or by how it reads.",
		".name":            "The name to show.",
		".kind":            "What it is.",
		".member_id":       "The member's id; 0 where it is not known who.",
	}
	for field, doc := range memberFieldDocs() {
		all[field] = doc
	}
	for field, doc := range conversationFieldDocs() {
		all[field] = doc
	}
	for field, doc := range sourceFieldDocs() {
		all[field] = doc
	}
	return all
}

func memberFieldDocs() map[string]string {
	return map[string]string{
		"Member.emails":     "All addresses of the member's accounts, in lower case.",
		"Member.identities": "The accounts that belong to the member.",
		"Member.title":      "The job title; left out where it is not known.",
		"Member.joined_at":  "When the first account was made, as far as sources say; left out where none does.",
		"Member.staff":      "One of the team: left out of community figures by default.",
		"Member.bot":        "Not a person: left out of community figures by default.",
		"Member.hidden":     "Hidden by the team: left out of lists and figures.",
		"Member.contact":    "Known only from business systems.",

		"IdentityRef.reason":      "Why the account belongs to the member; left out where it is the first.",
		"Identity.emails":         "Addresses of the account.",
		"Identity.profile_url":    "The account's own public address on the platform.",
		"Identity.bio":            "What the account says of itself.",
		"Identity.time_zone":      "Name in the tz database, or an offset such as +02:00.",
		"Identity.company":        "The company that the profile names.",
		"Identity.job_title":      "The job title that the profile names.",
		"Identity.links":          "Other profiles that this account points at.",
		"Identity.bot":            "A bot, by the source's word or by its name.",
		"Identity.staff":          "The source says that it is the team's.",
		"Identity.deleted":        "Closed at the source.",
		"Identity.joined_at":      "When the account was made; left out where the source does not say.",
		"Identity.match_reason":   "Why it belongs to its member, such as: same verified e-mail.",
		"Identity.match_evidence": "What that rests on.",
		"Email.address":           "The address, in lower case.",
		"Email.verified":          "The source vouches that the account owns it.",

		"Decision.action":     "merge or split.",
		"Decision.other_id":   "Of a merge: the member that was merged into member_id. Of a split: the member that left.",
		"Decision.identities": "The accounts that changed their member.",
		"Decision.reason":     "The rule, or the words of the person who decided.",
		"Decision.by":         "Who decided: a person, or rule.",
		"Decision.at":         "When.",
		"Decision.undone_at":  "When it was taken back; left out while it holds.",

		"Organization.domains":   "E-mail domains by which members are found to belong to it.",
		"Organization.lifecycle": "prospect, trial, customer, churned, partner or other; left out where it is not known.",
		"Organization.size":      "Number of employees; left out where it is not known.",
		"Organization.members":   "How many members belong to it.",
	}
}

func conversationFieldDocs() map[string]string {
	return map[string]string{
		"Activity.occurred_at":     "When it happened.",
		"Activity.edited_at":       "When it was last edited at the source; left out for never.",
		"Activity.identity_id":     "The account that did it; 0 where the source does not say who.",
		"Activity.member":          "The member's name.",
		"Activity.conversation_id": "The conversation it belongs to; 0 for none.",
		"Activity.reply_to":        "What the source calls the activity that it directly answers; left out for none.",
		"Activity.body":            "The text, plain or in Markdown.",

		"Conversation.id":                      "The id of the conversation; that of the first of its activities that was stored.",
		"Conversation.kind":                    "The kind of the opening activity.",
		"Conversation.state":                   "open: nobody else has responded. answered: somebody has. resolved: the source says that it is solved, merged or closed. ignored: the team decided that it needs no response.",
		"Conversation.opened_at":               "When it began.",
		"Conversation.last_activity_at":        "When something was last said in it.",
		"Conversation.first_response_at":       "When somebody other than the author first responded, bots left out; left out while nobody has.",
		"Conversation.first_staff_response_at": "When the team first responded; left out while it has not.",
		"Conversation.resolved_at":             "When it was resolved; left out while it is not.",
		"Conversation.author_identity_id":      "The account that began it; 0 where the source does not say who.",
		"Conversation.author_member_id":        "The member who began it; 0 where it is not known who.",
		"Conversation.author":                  "That member's name.",
		"Conversation.replies":                 "How many responses there are.",
		"Conversation.participants":            "How many members take part, the author included, bots left out.",
	}
}

func sourceFieldDocs() map[string]string {
	return map[string]string{
		"Source.name":            "Unique; how queries and exports call it.",
		"Source.kind":            "The connector's kind.",
		"Source.business":        "A business system: its people are contacts until they act elsewhere.",
		"Source.config":          "The connector's options; empty for those who may not connect sources. Secrets are never shown.",
		"Source.created_at":      "When it was connected.",
		"Source.rhythm":          "Seconds between reads by itself; 0 as its connector does, -1 only when told to.",
		"Source.disconnected_at": "Since when it is neither read nor pushed to; left out where it is connected.",
		"Source.due_at":          "When it is read next by itself; left out where only when told to.",
		"Source.failures":        "Reads in a row that failed; each makes the wait until the next longer.",
		"Budget.name":            "What is limited, such as requests an hour.",
		"Budget.limit":           "What the platform allows; 0 = it does not say.",
		"Budget.remaining":       "What is left.",
		"Budget.reset_at":        "When it is full again; left out where the platform does not say.",
		"Budget.at":              "When the platform said so.",
		"Metered.requests":       "Requests to the platform.",
		"Metered.retries":        "Requests that repeated one that had failed.",
		"Metered.waited":         "Nanoseconds spent waiting, for limits and between retries.",
		"Metered.budgets":        "The platform's last word on each of its budgets.",
		"Metered.warnings":       "What a person should know of the platform, and how often it was met.",
		"Run.lane":               "read: the platform or the file was asked; push: the platform pushed, one run a day.",
		"Run.metered":            "What the run asked of the platform; left out where it asked nothing.",

		"Channel.threadless": "Messages outside threads are cut into conversations by time and mentions.",
		"Channel.hidden":     "Left out of lists and figures by the team.",

		"Run.state":       "An interrupted run is one whose process ended; starting the same import again goes on where it was.",
		"Run.read":        "Records read from the source.",
		"Run.stored":      "Activities, accounts, channels and records that were new or had changed.",
		"Run.unchanged":   "Those that were already stored as they are.",
		"Run.rejected":    "Records that could not be read; each is listed.",
		"Run.left_out":    "Records read and not wanted by design.",
		"Run.done":        "How far it has come, in unit.",
		"Run.total":       "How much there is, in unit; 0 where it is not known.",
		"Run.unit":        "bytes, files or records.",
		"Run.phase":       "What is being read.",
		"Run.error":       "Why it failed, in words for people; empty where it did not.",
		"Run.started_at":  "When it was first started.",
		"Run.updated_at":  "When it last came further.",
		"Run.finished_at": "When it was done; left out before.",

		"Reject.file":     "The file, or the address, it stands in.",
		"Reject.line":     "The line, counted from 1, or the number of the record; 0 for the whole file.",
		"Reject.reason":   "What is wrong.",
		"Reject.expected": "What was expected, or what to do.",
		"Reject.excerpt":  "The first 200 bytes of the record.",

		"Ledger.accounts": "Accounts.",
		"Ledger.members":  "People of the community, as figures count them.",
		"Ledger.merged":   "Further accounts of the same people.",
		"Ledger.staff":    "People of the team.",
		"Ledger.bots":     "Bots.",
		"Ledger.hidden":   "People hidden by the team.",
		"Ledger.contacts": "People known only from business systems.",

		"Overview.members":       "People of the community, as figures count them.",
		"Overview.organizations": "Organizations.",
		"Overview.waiting":       "Questions that nobody else has responded to.",
		"Overview.conversations": "Conversations.",
		"Overview.sources":       "Sources.",

		"MetricPoint.from":       "Where the period begins, or the cohort's first period.",
		"MetricPoint.to":         "The first moment after it.",
		"MetricPoint.group":      "With a breakdown: the value, as a query writes it, or other.",
		"MetricPoint.group_id":   "With a breakdown by organization: its id.",
		"MetricPoint.offset":     "Of retention: how many periods after the cohort's own.",
		"MetricPoint.value":      "The figure; null where there is none, for want of cases.",
		"MetricPoint.low":        "Lower end of the 95 % interval, where the metric has one.",
		"MetricPoint.high":       "Upper end of the 95 % interval.",
		"MetricPoint.count":      "What was counted: of a share its upper number.",
		"MetricPoint.n":          "How many cases the figure rests on: of a share its lower number.",
		"MetricPoint.partial":    "The period is not over yet, or the range cuts it.",
		"MetricLeftOut.staff":    "The team.",
		"MetricLeftOut.bots":     "Bots.",
		"MetricLeftOut.hidden":   "Hidden by the team.",
		"MetricLeftOut.contacts": "Known only from business systems.",
	}
}
