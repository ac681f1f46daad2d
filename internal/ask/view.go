// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ask

import "strings"

// Type is what a column of a view holds.
type Type string

// The types.
const (
	Integer Type = "integer"
	Number  Type = "number"
	Text    Type = "text"
	Time    Type = "time" // text such as 2026-11-22 18:00:00, in UTC; null where there is none
	Flag    Type = "flag" // 1 or 0
)

// Column is a column of a view.
type Column struct {
	Name string `json:"name" doc:"As questions write it."`
	Type Type   `json:"type" doc:"integer, number, text, time (text such as 2026-11-22 18:00:00, in UTC; null where there is none) or flag (1 or 0)."`
	Text string `json:"text" doc:"What it holds."`
}

// View is something that can be asked about.
type View struct {
	Name    string   `json:"name" doc:"As questions write it."`
	Text    string   `json:"text" doc:"What a row is."`
	Columns []Column `json:"columns" doc:"What a row holds."`
}

// view makes a View from lines of "name type meaning".
func view(name, text, columns string) View {
	v := View{Name: name, Text: text}
	for line := range strings.Lines(strings.TrimSpace(columns)) {
		column, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		kind, says, _ := strings.Cut(rest, " ")
		v.Columns = append(v.Columns, Column{Name: column, Type: Type(kind), Text: says})
	}
	return v
}

// Views lists everything that can be asked about, by subject.
func Views() []View {
	var all []View
	for _, part := range [][]View{peopleViews(), talkViews(), workViews(), planViews(), teamViews(), businessViews()} {
		all = append(all, part...)
	}
	return all
}

func peopleViews() []View {
	return []View{
		view("members", "A person in the community, or a contact who has not acted in it yet. Hidden ones are left out.", `
			id integer The member's number.
			name text Their name.
			organization_id integer Where they work; null = not known.
			title text Their job, as a profile says it.
			location text Where they live, as a profile says it.
			country text Two letters, such as DE.
			staff flag They are of the team.
			bot flag They are a program.
			contact flag They are known from business systems only.
			identities integer How many accounts they have.
			activities integer How much they did.
			joined_at time When the first account was made.
			first_active time Their first activity.
			last_active time Their last activity.`),
		view("identities", "An account on a source.", `
			id integer The account's number.
			member_id integer Whose it is.
			source_id integer Where it is.
			organization_id integer What the account says of where they work; null = nothing.
			handle text How it is called there.
			name text The name that it shows.
			joined_at time When it was made.
			activities integer How much was done with it.
			last_active time The last activity.`),
		view("member_tags", "A tag that the team gave a member.", `
			member_id integer The member.
			tag text The tag.`),
		view("member_fields", "A field of its own that the team filled in for a member.", `
			member_id integer The member.
			name text The field.
			value text What it holds.`),
		view("member_scores", "What a model of scores makes of a member.", `
			member_id integer The member.
			model text orbit, love, points or rhythm.
			value number The figure; of a rhythm the usual days between two active ones.
			level integer 1 (innermost) to 4; 0 = none.
			due_at time Of a rhythm: from then on the silence is longer than usual.`),
		view("organizations", "A company or group that members belong to. Hidden ones are left out.", `
			id integer The organization's number.
			name text Its name.
			lifecycle text prospect, trial, customer or churned; empty = not known.
			size integer How many people work there; 0 = not known.
			country text Two letters.
			members integer How many members it has.
			activities integer How much they did.
			first_active time Their first activity.
			last_active time Their last activity.`),
		view("organization_domains", "A domain of an organization.", `
			organization_id integer The organization.
			domain text The domain.`),
		view("segments", "A saved query over members.", `
			id integer The segment's number.
			key text How queries name it.
			name text Its name.
			query text The query.
			size integer How many members are in it.
			owner text Who answers for it.
			created_at time When it was made.`),
		view("segment_members", "That a member is in a segment now.", `
			segment_id integer The segment.
			member_id integer The member.
			since time Since when.`),
	}
}

func talkViews() []View {
	return []View{
		view("sources", "A connection to a platform.", `
			id integer The source's number.
			name text Its name.
			platform text The platform.
			created_at time When it was connected.`),
		view("channels", "A place inside a source. Hidden ones are left out.", `
			id integer The channel's number.
			source_id integer The source.
			name text Its name.
			url text Where it is.`),
		view("activities", "A dated fact: who did what. Deleted ones, and those of hidden people and channels, are left out.", `
			id integer The activity's number.
			source_id integer The source.
			channel_id integer Where; null = nowhere in particular.
			member_id integer Who; null = not known.
			conversation_id integer What it is part of; null = nothing.
			kind text message, reply, question, issue, star and so on.
			occurred_at time When.
			edited_at time When it was changed.
			question flag It asks something.
			title text Its title.
			body text What was said.
			url text Where it can be seen.`),
		view("conversations", "Something that was said first, and the replies.", `
			id integer The conversation's number.
			source_id integer The source.
			channel_id integer Where.
			member_id integer Who began it.
			kind text What it began with.
			title text Its title.
			state text open, answered, resolved or ignored.
			question flag It asks something.
			replies integer How many replies it has.
			participants integer How many take part.
			opened_at time When it began.
			last_activity time The last activity in it.
			first_response time The first reply by somebody else.
			first_staff time The first reply by the team.
			first_member time The first reply by a member who is not of the team.
			resolved_at time When it was resolved.
			hours_to_response number Hours until the first response; null = there is none.
			url text Where it can be seen.`),
		view("readings", "What a message says, as it was read or corrected.", `
			activity_id integer The message.
			category text What it is: question, bug, feature, praise, announcement, introduction, job, other or unsure.
			sentiment text How it sounds: negative, neutral, positive or unsure.
			language text Its language, two letters.
			urgency text How soon somebody should look: none, soon or now.`),
		view("topics", "What conversations are about. Hidden ones are left out.", `
			id integer The topic's number.
			name text Its name.
			created_at time When it was found or made.`),
		view("topic_activities", "That a message is about a topic.", `
			topic_id integer The topic.
			activity_id integer The message.
			weight number How much, 0 to 1.`),
		view("annotations", "What the team noted on charts.", `
			id integer The note's number.
			at time When it was.
			title text What was.
			kind text What sort of thing.`),
	}
}

func workViews() []View {
	return []View{
		view("programs", "A lasting initiative with members enrolled in it.", `
			id integer The program's number.
			key text How queries name it.
			name text Its name.
			kind text What sort of program.
			state text How far it is.
			owner text Who answers for it.
			started_at time When it began.
			closed_at time When it ended.`),
		view("enrollments", "That a member is or was in a program.", `
			id integer The enrollment's number.
			program_id integer The program.
			member_id integer The member.
			stage text Where in it they are, or were last.
			cohort text With whom they began.
			since time When they came in.
			until time When they left; null = they are in it.`),
		view("events", "A meeting.", `
			id integer The event's number.
			title text Its title.
			kind text What sort of event.
			state text How far it is.
			starts_at time When it begins.
			ends_at time When it ends.
			place text Where.
			owner text Who answers for it.
			program text The key of its program.`),
		view("registrations", "That a member registered for an event.", `
			id integer The registration's number.
			event_id integer The event.
			member_id integer Who; null = nobody whom we know.
			state text How it stands.
			at time When they registered.
			came flag They came.`),
		view("surveys", "Questions to members.", `
			id integer The survey's number.
			key text How queries name it.
			name text Its name.
			state text draft, open or closed.
			opened_at time When it was opened.
			closed_at time When it was closed.`),
		view("answers", "An answer to a survey that has a figure or a choice. Answers of anonymous surveys name no member.", `
			response_id integer All answers that were sent together.
			member_id integer Who; null = not known.
			survey text The survey's key.
			value text What was answered.
			scale text nps, csat or ces; empty = no scale.
			number number The figure.
			at time When.`),
		view("workflows", "A trigger, conditions, steps.", `
			id integer The workflow's number.
			key text How it is named.
			name text Its name.
			state text draft, on, off or archived.
			created_at time When it was made.`),
		view("workflow_runs", "One member on the way through a workflow.", `
			id integer The run's number.
			workflow_id integer The workflow.
			member_id integer The member.
			state text waiting, failed, done, stopped, or held (in the group that is left alone).
			outcome text How it ended.
			entered_at time When they entered.
			ended_at time When it ended.`),
		view("messages", "Something that was sent, or is to be. What it says is left out.", `
			id integer The message's number.
			channel text By which way.
			purpose text What for.
			origin text What wanted it sent: workflow, survey, finder and so on.
			member_id integer To whom; null = not to a member.
			state text How it stands.
			created_at time When it was written.
			sent_at time When it went out.`),
		view("requests", "Something that members ask for.", `
			id integer The request's number.
			title text What it is.
			state text open, planned, doing, done or declined.
			votes integer How many voted for it by themselves.
			messages integer How many messages ask for it.
			created_at time When it was noted.`),
		view("testimonials", "A quote that its author agreed to have used.", `
			id integer The testimonial's number.
			member_id integer Who said it.
			quote text What they agreed to.
			naming text How they want to be named.
			url text Where it was said.
			written_at time When.`),
		view("study_asks", "That a member was asked for an interview or another study.", `
			id integer Its number.
			study_id integer The study.
			study text Its title.
			member_id integer Who was asked.
			state text invited, agreed, done, declined or no_show.
			at time When they were asked.
			changed_at time When its state was noted.`),
		view("tasks", "Something that the team has to do.", `
			id integer The task's number.
			title text What is to be done.
			origin text What made it.
			member_id integer About whom; null = nobody.
			owner text Who does it.
			due_at time Until when.
			created_at time When it was made.
			done_at time When it was done.`),
	}
}

func planViews() []View {
	return []View{
		view("goals", "What is aimed at; key results too.", `
			id integer The goal's number.
			parent_id integer The goal that it serves; null = none.
			title text What is aimed at.
			kind text company, community or key_result.
			state text proposed, active, declined or closed.
			owner text Who answers for it.
			from_day text The first day.
			to_day text The last day.
			created_at time When it was made.`),
		view("goal_check_ins", "What was said of a goal on the way.", `
			id integer The check-in's number.
			goal_id integer The goal.
			at time When.
			confidence integer How sure they were, in percent.
			status text How it stood.
			value number The key result's figure then.
			note text What was said.`),
		view("plans", "Something that is done for a goal.", `
			id integer The plan's number.
			goal_id integer The goal that it serves; null = none.
			title text What is done.
			state text draft, active, done or dropped.
			owner text Who answers for it.`),
		view("plan_tasks", "A piece of a plan's work.", `
			id integer The task's number.
			plan_id integer The plan.
			title text What is done.
			owner text Who does it.
			began text The day on which it began.
			ended text The last day of work on it.
			due text When it should be done.`),
		view("metrics", "A figure as it was first reported for a whole period.", `
			metric text The metric's name; see the list of metrics.
			version integer Of its definition.
			period text day, week, month or quarter.
			from_at time When the period began.
			to_at time When it ended.
			value number The figure; null = there was none.
			n integer How much it is computed from.
			at time When it was computed.`),
	}
}

func teamViews() []View {
	return []View{
		view("documents", "A document of the knowledge base.", `
			id integer The document's number.
			conversation_id integer The conversation that it is, where it is a topic of a forum; null = none.
			title text Its title.
			address text Where it is.
			kind text What it is for.
			audience text external or internal.
			state text active, draft or archived.
			owner text Who keeps it right.
			created_at time When it was added.`),
		view("document_uses", "Views of a document and votes whether it helped, on one day, by who counted.", `
			document_id integer The document.
			day text The day, such as 2026-11-22.
			origin text Who counted.
			views integer How often it was looked at.
			helpful integer Votes that it helped.
			unhelpful integer Votes that it did not.`),
		view("processes", "Something that the team does again and again.", `
			id integer The process's number.
			name text What is done.
			owner text Who answers for it.
			role text The role that does it.
			archived flag It is not done any more.
			created_at time When it was made.`),
		view("tools", "A tool of the team.", `
			id integer The tool's number.
			name text What it is called.
			category text Such as chat, events or crm.
			state text in_use, trial, wanted or retired.
			owner text Who answers for it.
			cost number What it costs each time; null = not known.
			currency text Of the cost.
			every text month, quarter, year or once.
			renewal text A day on which it renews.`),
		view("reports", "A report to stakeholders.", `
			id integer The report's number.
			title text Its name.
			for_whom text The stakeholder.
			rhythm text weekly, monthly or quarterly.
			owner text Who answers for it.`),
		view("report_editions", "What was made of a report for one period.", `
			id integer The edition's number.
			report_id integer The report.
			period text Such as 2026-10.
			state text draft or delivered.`),
	}
}

const recordColumns = `
			id integer The record's number.
			source_id integer The system that tells it.
			external_id text Its number there.
			organization_id integer Whose it is; null = not known.
			member_id integer The contact; null = not known.
			name text What it is called.
			stage text Where it stands, in that system's words.
			amount number Its amount; of a subscription that of its period.
			currency text Of the amount.
			opened_at time When it began.
			closed_at time When it ended.`

func businessViews() []View {
	return []View{
		view("deals", "A deal, as the system for customers tells it.", recordColumns),
		view("tickets", "A support case, as the ticketing system tells it.", recordColumns),
		view("subscriptions", "A subscription.", recordColumns),
		view("record_stages", "When a deal, ticket or subscription came to a stage.", `
			record_id integer Its number.
			at time When.
			stage text The stage.`),
	}
}
