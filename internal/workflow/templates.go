// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow

import (
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
)

// Template is a workflow to begin with.
type Template struct {
	Key        string     `json:"key"`
	Name       string     `json:"name"`
	Text       string     `json:"text"` // what it is for
	Definition Definition `json:"definition"`
}

// TakesPart is the query over activities for what people say when they take part.
const TakesPart = said

// said is what people say when they take part.
const said = "kind:message,reply,question,answer,comment,issue,discussion"

// Templates are workflows that most communities find useful. They name no segments, programs, surveys, people or
// destinations, since every community has its own: those are to be chosen.
func Templates() []Template {
	days := func(n int) Step { return Step{Kind: StepWait, Until: UntilTime, Amount: n, Unit: "days"} }
	mail := func(subject, text string) Step {
		return Step{Kind: StepMessage, Channel: outbox.Email, Purpose: consent.Care, Subject: subject, Text: text, Approve: true}
	}
	reply := func(channel outbox.Channel, text string) Step {
		return Step{Kind: StepMessage, Channel: channel, Place: Thread, Purpose: consent.Care, Text: text, Approve: true}
	}
	todo := func(title string, due int) Step { return Step{Kind: StepTask, Title: title, Days: due} }
	return []Template{
		{"welcome", "Welcome", "Greet members when they write for the first time, and tell the team if nobody has answered them three days later.", Definition{
			Trigger: Trigger{Kind: OnActivity, Query: said, First: true},
			HoldOut: HoldOut{Outcome: said, Days: 30},
			Steps: []Step{
				reply(outbox.Slack, "Hi {{first_name|there}}, welcome! Good to have you here."),
				{Kind: StepWait, Until: UntilEvent, Event: EventAnswer, Amount: 3, Unit: "days", No: []Step{todo("Nobody has answered {{name}}", 1)}},
			},
		}},
		{"first-question", "First question follow-up", "Two days after somebody's first question: did the answer help? Unanswered ones go to the team.", Definition{
			Trigger: Trigger{Kind: OnActivity, Query: "is:question", First: true}, Stop: Stop{Reply: true},
			Steps: []Step{
				{Kind: StepWait, Until: UntilEvent, Event: EventAnswer, Amount: 2, Unit: "days", Yes: []Step{
					days(2), mail("Did that solve it?", "Hi {{first_name|there}},\n\nyou asked “{{conversation|your question}}” and somebody answered. Did that solve it?\n\n{{link}}"),
				}, No: []Step{todo("Find an answer for {{name}}: {{conversation|a first question}}", 1)}},
			},
		}},
		{"trial", "Trial check-ins", "On days 1, 7, 21 and 26 of a trial. The last one is a call.", Definition{
			Trigger: Trigger{Kind: OnDate, Of: "organization", Field: "trial_started", Days: 1, Hour: 9}, Where: "org.lifecycle:trial", Stop: Stop{Reply: true},
			Steps: []Step{
				mail("Welcome to your trial", "Hi {{first_name|there}},\n\nyour trial has begun. What would you like to get done with it? Reply to this mail, a person reads it."),
				days(6), mail("A week in", "Hi {{first_name|there}},\n\na week has gone by. Is there something that does not work the way you expected?"),
				days(14), mail("Three weeks in", "Hi {{first_name|there}},\n\nyour trial ends soon. Which question is still open for {{organization|your team}}?"),
				days(5), todo("Call {{name}} of {{organization|their company}}: day 26 of the trial", 2),
			},
		}},
		{"silent", "Silent member check-in", "Once a week: who took part for long and has not been heard of for a month.", Definition{
			Trigger: Trigger{Kind: OnSchedule, Weekday: 1, Hour: 9}, Where: "is:quiet activities:>=10 last_active:<60d", Again: 180, Stop: Stop{Reply: true, Did: said}, HoldOut: HoldOut{Outcome: said, Days: 30},
			Steps: []Step{mail("How are you?", "Hi {{first_name|there}},\n\nwe have not heard from you for a while. Is there something that you miss, or that got in your way?")},
		}},
		{"thank", "Thank a helper", "Somebody's answer was accepted: thank them in the conversation, once a month at most.", Definition{
			Trigger: Trigger{Kind: OnActivity, Query: "kind:accepted_answer,answer"}, Where: "-is:staff", Again: 30,
			Steps: []Step{reply(outbox.Discourse, "Thank you, {{first_name|friend}}! That helped more people than you see here.")},
		}},
		{"champion", "Champion invitation", "Who answered ten times in 90 days is invited in person. A colleague approves each invitation.", Definition{
			Trigger: Trigger{Kind: OnSchedule, Weekday: 2, Hour: 10}, Where: "did:answer,accepted_answer,reply since:90d count:>=10 -tag:champion", Again: 365, Stop: Stop{Reply: true},
			Steps: []Step{
				{Kind: StepMessage, Channel: outbox.Email, Purpose: consent.Program, Subject: "May we ask you something?", Text: "Hi {{first_name|there}},\n\nyou have helped many people here. We have a small group of champions and would like to have you in it. May I tell you more?", Approve: true},
				{Kind: StepWait, Until: UntilEvent, Event: EventReply, Amount: 14, Unit: "days", Yes: []Step{{Kind: StepTag, Tag: "champion-candidate"}}, No: []Step{todo("Ask {{name}} in person about the champions", 7)}},
			},
		}},
		{"survey", "Survey, then a group", "Ask new members after two weeks how it goes; who answers is tagged, so that you can go on with them.", Definition{
			Trigger: Trigger{Kind: OnDate, Of: "member", Field: "first_active", Days: 14, Hour: 10},
			Steps: []Step{
				{Kind: StepSurvey}, {Kind: StepWait, Until: UntilEvent, Event: EventActivity, Query: "kind:survey_answer", Amount: 14, Unit: "days", Yes: []Step{{Kind: StepTag, Tag: "answered-survey"}}},
			},
		}},
		{"at-risk", "At-risk account hand-over", "A customer's people sound unhappy: their account's owner gets a task, and the team is told.", Definition{
			Trigger: Trigger{Kind: OnActivity, Query: "sentiment:negative"}, Where: "org.lifecycle:customer", Again: 14,
			Steps: []Step{
				todo("Talk to {{name}} of {{organization|a customer}}: {{conversation|they sound unhappy}}", 1),
				{Kind: StepAlert, Title: "{{name}} of {{organization|a customer}} sounds unhappy", Text: "{{conversation|They wrote something}} in {{channel|a channel}}"},
			},
		}},
	}
}
