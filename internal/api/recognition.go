// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/recognition"
)

// Recognition finds whom to thank and what may be quoted; recognition.Service does.
type Recognition interface {
	Unthanked(ctx context.Context, days int) ([]recognition.Help, error)
	Thank(ctx context.Context, activity int64, o recognition.Outcome, by string) (recognition.Help, error)
	Milestones(ctx context.Context, weeks int) ([]recognition.Week, error)
	SeeTo(ctx context.Context, member int64, k recognition.Kind, level int64, o recognition.Outcome, by string) (recognition.Milestone, error)
	Quotes
	Settings(ctx context.Context) (recognition.Settings, error)
	SetSettings(ctx context.Context, set recognition.Settings, by string) error
}

// Quotes asks for testimonials and keeps where they are used.
type Quotes interface {
	Testimonials(ctx context.Context, f recognition.Filter) ([]recognition.Testimonial, error)
	Testimonial(ctx context.Context, id int64) (recognition.Testimonial, error)
	Ask(ctx context.Context, activity int64, by string) (recognition.Testimonial, error)
	Dismiss(ctx context.Context, activity int64, by string) (recognition.Testimonial, error)
	Use(ctx context.Context, id int64, link, note string, at time.Time, by string) (recognition.Use, error)
	EndUse(ctx context.Context, id, use int64, by string) error
	WriteCSV(ctx context.Context, w io.Writer, f recognition.Filter) error
}

// ThankRequest says what is done about help.
type ThankRequest struct {
	Outcome recognition.Outcome `json:"outcome"`
}

// MilestoneRequest says what is done about a milestone.
type MilestoneRequest struct {
	MemberID int64               `json:"member_id"`
	Kind     recognition.Kind    `json:"kind"`
	Level    int64               `json:"level"`
	Outcome  recognition.Outcome `json:"outcome"`
}

// AskRequest names the message whose author is asked.
type AskRequest struct {
	ActivityID int64 `json:"activity_id"`
}

// UseRequest says where a testimonial is used.
type UseRequest struct {
	Link   string    `json:"link"`
	Note   string    `json:"note"`
	UsedAt time.Time `json:"used_at"`
}

func exampleUnthanked() recognition.Help {
	return recognition.Help{
		ActivityID: 512, ConversationID: 510, Title: "How do I rotate the keys?", Text: "Use the rotate command.", At: exampleTime(20), Accepted: true, Resolved: true, Score: 4, Others: 1,
		Helper: recognition.Person{ID: 42, Name: "Ana Torres", Organization: "Acme"}, Asker: recognition.Person{ID: 43, Name: "Ben Stone"},
	}
}

func exampleTestimonial() recognition.Testimonial {
	return recognition.Testimonial{
		ID: 3, ActivityID: 611, Member: recognition.Person{ID: 42, Name: "Ana Torres", Organization: "Acme"}, Original: "I love how fast Lumen is, thanks!", Quote: "I love how fast Lumen is.", Naming: "Ana T., Acme", State: recognition.Granted,
		Products: []string{"Lumen"}, Topics: []string{}, Segments: []string{}, WrittenAt: exampleTime(2), AskedAt: exampleTime(3), AskedBy: "ana@acme.example", AnsweredAt: exampleTime(4), Uses: []recognition.Use{},
	}
}

func (a *api) recognitionOps() []op {
	if a.Recognition == nil {
		return nil
	}
	milestone := recognition.Milestone{Member: exampleUnthanked().Helper, Kind: recognition.Answers, Level: 100, At: exampleTime(19), ActivityID: 512}
	conflict := []greenroom.Code{greenroom.CodeConflict}
	set := content{of: recognition.Settings{}, text: "What counts, and how the team writes.", example: recognition.Usual()}
	return append([]op{
		{
			method: http.MethodGet, path: "/recognition/thanks", id: "listHelpWithoutThanks", tag: "Recognition", need: auth.Read,
			summary: "Who helped without thanks", text: "Answers of the last days after which nobody thanked, ranked: accepted answers count 3, those in resolved conversations 2, others 1, and each other answer of the same helper 1 more, up to 3.",
			params: []param{{name: "days", form: formInteger, min: 0, max: 365, initial: "0", text: "How far back; 0 = as it is set.", example: "30"}},
			reply:  content{of: Items[recognition.Help]{}, example: Items[recognition.Help]{Items: []recognition.Help{exampleUnthanked()}}},
			do: func(c *call) (answer, error) {
				all, err := a.Recognition.Unthanked(c.ctx(), int(c.integer("days")))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/recognition/thanks/{id}", id: "thank", tag: "Recognition", need: auth.Write, params: []param{idParam("The answer, an activity.")}, codes: conflict,
			summary: "Thank for an answer", text: "Drafts a thank-you in the outbox, where it waits for approval, or marks the answer as thanked.",
			body:  &content{of: ThankRequest{}, text: "What is done.", example: ThankRequest{recognition.Drafted}},
			reply: content{of: recognition.Help{}, example: exampleUnthanked()},
			do: func(c *call) (answer, error) {
				b, err := decode[ThankRequest](c)
				if err != nil {
					return answer{}, err
				}
				return given(a.Recognition.Thank(c.ctx(), c.id(), b.Outcome, c.by()))
			},
		},
		{
			method: http.MethodGet, path: "/recognition/milestones", id: "listMilestones", tag: "Recognition", need: auth.Read,
			summary: "Milestones by week", text: "What members reached in the last weeks, the week that runs included, the latest first.",
			params: []param{{name: "weeks", form: formInteger, min: 1, max: 26, initial: "4", text: "How many weeks.", example: "4"}},
			reply:  content{of: Items[recognition.Week]{}, example: Items[recognition.Week]{Items: []recognition.Week{{From: exampleTime(16), Until: exampleTime(23), Items: []recognition.Milestone{milestone}}}}},
			do: func(c *call) (answer, error) {
				all, err := a.Recognition.Milestones(c.ctx(), int(c.integer("weeks")))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/recognition/milestones", id: "seeToMilestone", tag: "Recognition", need: auth.Write, codes: conflict,
			summary: "See to a milestone", text: "Drafts a message in the outbox, or marks the milestone as seen to. Once.",
			body:  &content{of: MilestoneRequest{}, text: "Which, and what is done.", example: MilestoneRequest{42, recognition.Answers, 100, recognition.Marked}},
			reply: content{of: recognition.Milestone{}, example: milestone},
			do: func(c *call) (answer, error) {
				b, err := decode[MilestoneRequest](c)
				if err != nil {
					return answer{}, err
				}
				return given(a.Recognition.SeeTo(c.ctx(), b.MemberID, b.Kind, b.Level, b.Outcome, c.by()))
			},
		},
		{
			method: http.MethodGet, path: "/recognition/settings", id: "getRecognitionSettings", tag: "Recognition", need: auth.Read, reply: set,
			summary: "Settings of recognition", text: "What counts, and how the team writes.",
			do: func(c *call) (answer, error) { return given(a.Recognition.Settings(c.ctx())) },
		},
		{
			method: http.MethodPut, path: "/recognition/settings", id: "setRecognitionSettings", tag: "Recognition", need: auth.Write, reply: set, body: &set,
			summary: "Set the settings of recognition", text: "Sets all of them. A text that is empty is the usual one afterwards.",
			do: func(c *call) (answer, error) {
				s, err := decode[recognition.Settings](c)
				if err != nil {
					return answer{}, err
				}
				if err := a.Recognition.SetSettings(c.ctx(), s, c.by()); err != nil {
					return answer{}, err
				}
				return given(a.Recognition.Settings(c.ctx()))
			},
		},
	}, a.testimonialOps()...)
}

// testimonialFilter are the parameters that narrow testimonials.
func testimonialParams() []param {
	return []param{
		{name: "q", form: formText, text: "Words of the quote, or of its author's name.", example: "fast"},
		{name: "product", form: formText, text: "A product that it names.", example: "Lumen"},
		{name: "topic", form: formText, text: "A topic of its message, by name.", example: "Dashboards"},
		{name: "segment", form: formText, text: "A segment that its author is in, by key or name.", example: "champions"},
	}
}

func testimonialFilter(c *call) recognition.Filter {
	return recognition.Filter{State: recognition.State(c.text("state")), Text: c.text("q"), Product: c.text("product"), Topic: c.text("topic"), Segment: c.text("segment"), Below: c.integer("below"), Limit: int(c.integer("limit"))}
}

func (a *api) testimonialOps() []op {
	conflict := []greenroom.Code{greenroom.CodeConflict}
	id := idParam("The testimonial.")
	one := content{of: recognition.Testimonial{}, example: exampleTestimonial()}
	use := recognition.Use{ID: 1, TestimonialID: 3, Link: "https://acme.example/customers", UsedAt: exampleTime(20), By: "ana@acme.example"}
	byActivity := func(f func(c *call, activity int64) (recognition.Testimonial, error)) func(*call) (answer, error) {
		return func(c *call) (answer, error) {
			b, err := decode[AskRequest](c)
			if err != nil {
				return answer{}, err
			}
			return given(f(c, b.ActivityID))
		}
	}
	states := words(recognition.States())
	return []op{
		{
			method: http.MethodGet, path: "/recognition/testimonials", id: "listTestimonials", tag: "Recognition", need: auth.Read,
			summary: "List testimonials", text: "With the state `candidate`, appreciation that was found in messages and that nobody has decided about; else what was decided about, the newest first. For the next page give the last id as `below`.",
			params: append(testimonialParams(),
				param{name: "state", form: formText, choices: states, text: "Only those in a state; without one, all that were asked for.", example: "granted"},
				param{name: "below", form: formInteger, min: 1, text: "Only those with a lower id.", example: "310"},
				param{name: "limit", form: formInteger, min: 1, max: 500, initial: "100", text: "How many at most.", example: "100"}),
			reply: content{of: Items[recognition.Testimonial]{}, example: Items[recognition.Testimonial]{Items: []recognition.Testimonial{exampleTestimonial()}}},
			do: func(c *call) (answer, error) {
				all, err := a.Recognition.Testimonials(c.ctx(), testimonialFilter(c))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodGet, path: "/recognition/testimonials.csv", id: "exportTestimonials", tag: "Recognition", need: auth.Read, params: testimonialParams(),
			summary: "Export what may be used", text: "The testimonials that were granted, in the words and under the names that were granted, as CSV.",
			reply: content{media: "text/csv", of: "", text: "One line for each.", example: "id,quote,named_as\n"},
			do: func(c *call) (answer, error) {
				var out bytes.Buffer
				if err := a.Recognition.WriteCSV(c.ctx(), &out, testimonialFilter(c)); err != nil {
					return answer{}, err
				}
				return answer{raw: out.Bytes(), media: "text/csv; charset=utf-8"}, nil
			},
		},
		{
			method: http.MethodPost, path: "/recognition/testimonials", id: "askForTestimonial", tag: "Recognition", need: auth.Write, reply: one, codes: append(conflict, greenroom.CodeUnavailable),
			summary: "Ask for a testimonial", text: "Asks the author of a message whether it may be quoted, by a message with a link to a page of their own. It waits for approval in the outbox unless the settings say otherwise.",
			body: &content{of: AskRequest{}, text: "The message.", example: AskRequest{611}},
			do: byActivity(func(c *call, activity int64) (recognition.Testimonial, error) {
				return a.Recognition.Ask(c.ctx(), activity, c.by())
			}),
		},
		{
			method: http.MethodPost, path: "/recognition/candidates/dismiss", id: "dismissTestimonial", tag: "Recognition", need: auth.Write, reply: one, codes: conflict,
			summary: "Put a candidate away", text: "It is offered no more.", body: &content{of: AskRequest{}, text: "The message.", example: AskRequest{611}},
			do: byActivity(func(c *call, activity int64) (recognition.Testimonial, error) {
				return a.Recognition.Dismiss(c.ctx(), activity, c.by())
			}),
		},
		{
			method: http.MethodGet, path: "/recognition/testimonials/{id}", id: "getTestimonial", tag: "Recognition", need: auth.Read, params: []param{id}, reply: one,
			summary: "A testimonial", text: "With where it is used, and the proof of consent.",
			do: func(c *call) (answer, error) { return given(a.Recognition.Testimonial(c.ctx(), c.id())) },
		},
		{
			method: http.MethodPost, path: "/recognition/testimonials/{id}/uses", id: "useTestimonial", tag: "Recognition", need: auth.Write, params: []param{id}, codes: conflict,
			summary: "Note where a testimonial is used", text: "Only one that was granted can be used. When its author changes their mind, the team gets a task that names these places.",
			body: &content{of: UseRequest{}, text: "Where.", example: UseRequest{Link: use.Link, UsedAt: use.UsedAt}}, reply: content{of: recognition.Use{}, example: use},
			do: func(c *call) (answer, error) {
				b, err := decode[UseRequest](c)
				if err != nil {
					return answer{}, err
				}
				return given(a.Recognition.Use(c.ctx(), c.id(), b.Link, b.Note, b.UsedAt, c.by()))
			},
		},
		{
			method: http.MethodDelete, path: "/recognition/testimonials/{id}/uses/{use}", id: "endTestimonialUse", tag: "Recognition", need: auth.Write, status: http.StatusNoContent,
			params:  []param{id, {name: "use", path: true, form: formInteger, min: 1, text: "The use.", example: "1"}},
			summary: "Note that a testimonial was taken down", text: "The place stays in the list, with when it was taken down.",
			do: func(c *call) (answer, error) {
				return answer{}, a.Recognition.EndUse(c.ctx(), c.id(), c.integer("use"), c.by())
			},
		},
	}
}

// recognitionDocs says what the fields of recognition are.
func recognitionDocs() map[string]string {
	return map[string]string{
		"RecognitionHelp": "An answer after which nobody thanked.", "RecognitionPerson": "A member.", "RecognitionWeek": "The milestones of a week.", "RecognitionMilestone": "Something that a member has reached.", "RecognitionSettings": "What counts, and how the team writes.",
		"RecognitionTestimonial": "What a member wrote that may be worth quoting.", "RecognitionUse": "A place where a testimonial is used.", "RecognitionEvent": "A step of a testimonial, with its exact words.",
		"ThankRequest": "What is done about help.", "MilestoneRequest": "What is done about a milestone.", "AskRequest": "A message.", "UseRequest": "Where a testimonial is used.",
		"RecognitionPerson.id": "Their id.", "RecognitionPerson.name": "Their name.", "RecognitionPerson.organization": "Their organization.",
		"RecognitionHelp.activity_id": "The answer.", "RecognitionHelp.conversation_id": "Its conversation.", "RecognitionHelp.title": "Of the conversation.", "RecognitionHelp.text": "Of the answer.", "RecognitionHelp.url": "At the source.", "RecognitionHelp.at": "When.",
		"RecognitionHelp.accepted": "As the solution.", "RecognitionHelp.resolved": "The conversation is.", "RecognitionHelp.helper": "Who answered.", "RecognitionHelp.asker": "Who had asked.", "RecognitionHelp.others": "Other answers of the helper that went without thanks.", "RecognitionHelp.score": "By which they are ranked.",
		"ThankRequest.outcome": "drafted: a message waits for approval; marked: somebody thanked in another way.", "RecognitionWeek.from": "Its Monday.", "RecognitionWeek.until": "The next Monday.", "RecognitionWeek.items": "What was reached.",
		"RecognitionMilestone.member": "Who.", "RecognitionMilestone.kind": "What it counts.", "RecognitionMilestone.level": "How many.", "RecognitionMilestone.at": "When it was reached.", "RecognitionMilestone.activity_id": "By which it was reached.", "RecognitionMilestone.outcome": "What was done about it; left out where nothing was.", "RecognitionMilestone.by": "Who did it.", "RecognitionMilestone.seen_at": "When.",
		"MilestoneRequest.member_id": "Who.", "MilestoneRequest.kind": "What it counts.", "MilestoneRequest.level": "How many.", "MilestoneRequest.outcome": "drafted: a message waits for approval; marked: seen to in another way.",
		"RecognitionSettings.days": "For how many days help is listed.", "RecognitionSettings.levels": "At which numbers milestones are, by kind.", "RecognitionSettings.products": "Names of products: appreciation that names one is a candidate.", "RecognitionSettings.thanks": "Draft to a helper.", "RecognitionSettings.congrats": "Draft to whoever reached a milestone.", "RecognitionSettings.ask": "To the author of a testimonial; holds {link}.", "RecognitionSettings.ask_at_once": "Asks go out without approval.", "RecognitionSettings.expire_days": "After how many days an ask without an answer is over.",
		"RecognitionTestimonial.id": "0 for a candidate that nothing was decided about.", "RecognitionTestimonial.activity_id": "The message.", "RecognitionTestimonial.member": "Who wrote it.", "RecognitionTestimonial.original": "As they wrote it.", "RecognitionTestimonial.quote": "As it may be used.", "RecognitionTestimonial.naming": "How they want to be named.", "RecognitionTestimonial.state": "What holds now; only granted may be used.", "RecognitionTestimonial.products": "That it names.", "RecognitionTestimonial.topics": "Of its message.", "RecognitionTestimonial.segments": "That its author is in.", "RecognitionTestimonial.url": "Of the message.", "RecognitionTestimonial.written_at": "When.", "RecognitionTestimonial.asked_at": "When its author was asked last.", "RecognitionTestimonial.asked_by": "By whom.", "RecognitionTestimonial.expires_at": "When an ask without an answer is over.", "RecognitionTestimonial.answered_at": "When its author answered last.", "RecognitionTestimonial.message_id": "Of the message that asked.", "RecognitionTestimonial.uses": "Where it is used.", "RecognitionTestimonial.proof": "Every step with its exact words; only of one that is read by itself.",
		"RecognitionUse.testimonial_id": "Of what.", "RecognitionUse.id": "Its id.", "RecognitionUse.link": "An address, or a place in words.", "RecognitionUse.note": "A note.", "RecognitionUse.used_at": "Since when.", "RecognitionUse.by": "Who said so.", "RecognitionUse.removed_at": "When it was taken down.",
		"RecognitionEvent.id": "Its id.", "RecognitionEvent.what": "The state that it led to.", "RecognitionEvent.at": "When.", "RecognitionEvent.by": "Who did it.", "RecognitionEvent.link": "Digest of the link by which it came.", "RecognitionEvent.quote": "The exact words.", "RecognitionEvent.naming": "How they wanted to be named.", "RecognitionEvent.statement": "What was agreed to, as it stood on the page.",
		"AskRequest.activity_id": "The message.", "UseRequest.link": "An address, or a place in words.", "UseRequest.note": "A note.", "UseRequest.used_at": "Since when; now where it is left out.",
	}
}
