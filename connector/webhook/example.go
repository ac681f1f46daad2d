// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook

import "greenroom/connector"

// Example is a mapping for a well-known sender, to begin with.
type Example struct {
	Sender    string `json:"sender"`
	What      string `json:"what"`      // what comes in
	Signature string `json:"signature"` // the header of the sender's signature; "" = it signs nothing
	Mapping   string `json:"mapping"`

	mark string // a path that finds something in this sender's payloads only
}

// Examples lists the mappings that are ready-made.
//
//nolint:misspell // senders' words
func Examples() []Example {
	return []Example{
		{
			Sender: "Typeform", What: "answers to a survey or form", Signature: "Typeform-Signature", mark: "$.form_response.token",
			Mapping: `# The answer to a form, with what was written and chosen. Hidden fields email, name and company are used where the form has them.
kind         = survey_answer
external_id  = $.form_response.token
occurred_at  = $.form_response.submitted_at
channel      = $.form_response.definition.title
channel.id   = $.form_response.form_id
title        = $.form_response.definition.title
body         = lines($.form_response.answers[?@.type == 'text'].text)
author.email = either($.form_response.hidden.email, $.form_response.answers[?@.type == 'email'].email)
author.name  = $.form_response.hidden.name
author.company = $.form_response.hidden.company`,
		},
		{
			Sender: "Tally", What: "answers to a survey or form", Signature: "Tally-Signature", mark: "$.data.responseId",
			Mapping: `# The answer to a form. The author is found by the form's e-mail field.
if           = $.eventType == "FORM_RESPONSE"
kind         = survey_answer
external_id  = $.data.responseId
occurred_at  = $.data.createdAt
channel      = $.data.formName
channel.id   = $.data.formId
title        = $.data.formName
body         = lines($.data.fields[?@.type == 'TEXTAREA'].value)
author.email = $.data.fields[?@.type == 'INPUT_EMAIL'].value`,
		},
		{
			Sender: "Calendly", What: "booked calls, taken back where they are canceled", Signature: "Calendly-Webhook-Signature", mark: "$.payload.scheduled_event.uri",
			Mapping: `# A booked call counts as attendance on its day; a canceled one is taken back.
kind         = attendance
external_id  = $.payload.uri
occurred_at  = $.payload.scheduled_event.start_time
edited_at    = either($.payload.updated_at, $.created_at)
deleted      = $.event == "invitee.canceled"
title        = $.payload.scheduled_event.name
author.email = $.payload.email
author.name  = $.payload.name
author.time_zone = $.payload.timezone`,
		},
		{
			Sender: "Cal.com", What: "booked calls, taken back where they are canceled", Signature: "X-Cal-Signature-256", mark: "$.payload.uid",
			Mapping: `# A booked call counts as attendance of its first guest.
if           = $.triggerEvent in ["BOOKING_CREATED", "BOOKING_RESCHEDULED", "BOOKING_CANCELLED"]
kind         = attendance
external_id  = $.payload.uid
occurred_at  = $.payload.startTime
edited_at    = $.createdAt
deleted      = $.triggerEvent == "BOOKING_CANCELLED"
title        = $.payload.title
author.email = $.payload.attendees[0].email
author.name  = $.payload.attendees[0].name
author.time_zone = $.payload.attendees[0].timeZone`,
		},
		{
			Sender: "Zapier, Make or n8n", What: "anything, by a step “send a webhook” with these names", mark: "$.greenroom",
			Mapping: `# In the automation's webhook step, send JSON with these names; leave out those that you have nothing for.
kind         = either($.kind, "message")
external_id  = $.id
occurred_at  = $.when
channel      = $.channel
title        = $.title
body         = html($.text)
url          = $.link
thread       = $.thread
author.id    = $.member_id
author.email = $.email
author.name  = $.name
author.handle = $.handle
organization.name   = $.company
organization.domain = $.company_domain`,
		},
		{
			Sender: "A list of events", What: "several things in one payload", mark: "$.items",
			Mapping: `# Each entry of items is one activity; paths that begin with @ look into the entry, those with $ into the whole payload.
each         = $.items
if           = @.type != "test"
kind         = @.type
external_id  = @.id
occurred_at  = @.created_at
title        = @.title
body         = @.text
author.id    = @.user.id
author.email = @.user.email
author.name  = @.user.name`,
		},
	}
}

// Suggest returns the ready-made mapping for whoever sent a delivery, as far as its payload tells.
func Suggest(d connector.Delivery) (Example, bool) {
	payload, err := decode(&d)
	if err != nil {
		return Example{}, false
	}
	for _, e := range Examples() {
		if e.Signature != "" && d.Header.Get(e.Signature) != "" {
			return e, true
		}
		if p, _, err := parsePath(e.mark); err == nil && p.find(payload, nil) != nil {
			return e, true
		}
	}
	return Example{}, false
}
