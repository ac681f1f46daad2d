// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/auth"
)

// object is a part of the document that is written once and read by nobody here.
type object map[string]any

// tags are the groups of operations, in the order in which they are explained.
func tags() []object {
	return []object{
		{"name": "Start", "description": "What there is, and this document."},
		{"name": "Members", "description": "People of the community: their accounts, and merging and splitting them."},
		{"name": "Organizations", "description": "Companies and groups that members belong to."},
		{"name": "Activities", "description": "Dated facts: who did what, where, when."},
		{"name": "Conversations", "description": "Questions and other beginnings, with their replies and state."},
		{"name": "Health", "description": "How the community is: a board by purpose, levels, networks, funnels, comparisons, and the scores of members."},
		{"name": "Metrics", "description": "Figures: named, versioned, each with its written definition."},
		{"name": "Queries", "description": "Help with the query language, and search over everything."},
		{"name": "Sources", "description": "What is connected, how fresh it is, what was rejected, and imports."},
		{"name": "Segments", "description": "Saved queries over members that remember who entered and who left, and why. `segment:KEY` names one in every query."},
		{"name": "Programs", "description": "Lasting initiatives with members enrolled in them: champions, beta testers, speakers and others. `program:KEY` names those who are in one in every query."},
		{"name": "Alerts", "description": "What the team is told of the moment it happens, whether that helped, where it goes, and the rules on writing to members."},
		{"name": "Workflows", "description": "What is done for members one after the other, over days: welcome, wait, look whether somebody answered, tell a colleague."},
		{"name": "Outbox", "description": "Everything that is sent to members and to the team, what waits for approval, and what became of it."},
		{"name": "Inbox", "description": "What waits for the team: conversations that need an answer, by their targets, with what people decided about them; tasks and notices."},
		{"name": "Events", "description": "Events with who registers and comes, the content schedule, and the calendar in which both stand."},
		{"name": "Recognition", "description": "Who helped without thanks, what members have reached, and what they said that may be quoted, with the proof of their consent."},
		{"name": "Requests", "description": "What members ask for: messages, votes, what the team answers and what becomes of it."},
		{"name": "Assistant", "description": "A language model of the team's choice, where an owner has switched one on. What leaves the machine can be seen before, by asking for a preview."},
		{"name": "Knowledge", "description": "The register of documents: what to verify first, what is missing, which links are broken."},
		{"name": "Finder", "description": "Members to talk to: who fits, why, and who was asked."},
		{"name": "SQL", "description": "Questions in SQL, over read-only views of everything."},
		{"name": "Goals", "description": "What is aimed at: goals, and key results that are computed from metrics."},
		{"name": "Impact", "description": "What the community does for the business: measures, studies of what would have happened without, costs and assumptions."},
		{"name": "Tools", "description": "The tech stack: tools with cost and renewal, what feeds what, and reviews of vendors."},
		{"name": "Maturity", "description": "Where the community stands, from people and data."},
		{"name": "Processes", "description": "What the team does again and again, how much work that is, and the documents made from it."},
		{"name": "Team", "description": "Who is on the team: roles, hours, absences and who answers for what."},
		{"name": "Reports", "description": "Figures and words for stakeholders: drafted, edited, delivered and frozen."},
		{"name": "Roadmap", "description": "Plans for goals. Dates follow from their tasks and are told against what was promised."},
		{"name": "Accounts", "description": "The organizations that the business deals with: how they do and why, what comes next, and how deals, rates and stages are read."},
		{"name": "Surveys", "description": "Asking members, and what came of it."},
		{"name": "Topics", "description": "What the community talks about, found in its messages, what rises, and what happened outside that explains it."},
		{"name": "Actions", "description": "What Greenroom writes to other systems, such as fields of contacts in a CRM: each intent is logged, with what became of each of its items."},
		{"name": "Readings", "description": "What messages say: category, sentiment, urgency, language; corrections, and models trained on them."},
		{"name": "Export", "description": "Whole lists as JSON Lines."},
		{"name": "Settings", "description": "What is set for everybody."},
		{"name": "Access", "description": "Who may use Greenroom: people, invitations, tokens, and the log of who did what."},
	}
}

const about = `What the pages and the command line of Greenroom can do, for programs.

**Access.** Send an API token as ` + "`Authorization: Bearer grm_…`" + `; make one under Settings or with ` + "`greenroom token`" + `.
Each operation says which permission it needs (x-permission): read, write, connect or administer.

**Lists** take a query in the query language (` + "`q`" + `) and come in pages: follow ` + "`next`" + `, or the Link header, until it is empty.

**Times** are RFC 3339 in UTC. **Ids** are positive integers. Fields without a value are left out, empty or 0, as described.

**Errors** are problem documents (RFC 9457) with a type, a code and, for queries, the position of the mistake.

**Caching.** Answers to GET carry a strong ETag; send it back in If-None-Match to get 304 while nothing has changed, and in
If-Match with a PATCH to change only what you have seen.`

// openAPI writes the document.
func openAPI(ops []op) ([]byte, error) {
	s := newSchemas()
	paths := make(map[string]object)
	for i := range ops {
		o := &ops[i]
		if paths[Prefix+o.path] == nil {
			paths[Prefix+o.path] = make(object)
		}
		paths[Prefix+o.path][strings.ToLower(o.method)] = o.describe(s)
	}
	problem := s.of(reflect.TypeFor[Problem]())
	responses := make(object)
	for _, t := range problemTypes() {
		responses[strconv.Itoa(t.status)] = object{
			"description": t.title + ".",
			"content": object{"application/problem+json": object{"schema": problem, "example": Problem{
				Type: t.address(), Title: t.title, Status: t.status, Detail: lower(t.meaning), Code: t.code, RequestID: "5d2f0c9a1e7b3846",
			}}},
		}
	}
	responses["400"] = badRequest(problem)
	doc := object{
		"openapi": "3.1.0",
		"info":    object{"title": "Greenroom", "version": "1", "description": about, "license": object{"name": "Apache-2.0", "identifier": "Apache-2.0"}},
		"servers": []object{{"url": "/", "description": "The server that this document comes from."}},
		"tags":    tags(),
		"paths":   paths,
		"components": object{
			"schemas":   s.components,
			"responses": responses,
			"headers":   headers(),
			"securitySchemes": object{"token": object{
				"type": "http", "scheme": "bearer", "bearerFormat": "grm_ and 43 letters",
				"description": "An API token. Its scope is read, write or admin; the role of its user limits it further. Somebody who is signed in with a browser needs none.",
			}},
		},
	}
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding: %w", err)
	}
	return append(text, '\n'), nil
}

// badRequest shows both a parameter and a query that are wrong.
func badRequest(problem *schema) object {
	position, end := 0, 4
	return object{"description": "The request or the query in it is not well-formed.", "content": object{"application/problem+json": object{
		"schema": problem,
		"examples": object{
			"parameter": object{"value": Problem{
				Type: typeInvalid.of().address(), Title: typeInvalid.of().title, Status: 400, Code: greenroom.CodeInvalid,
				Detail: `limit is a number from 1 to 500, not 9999`, Parameter: "limit", RequestID: "5d2f0c9a1e7b3846",
			}},
			"query": object{"value": Problem{
				Type: typeQuery.of().address(), Title: typeQuery.of().title, Status: 400, Code: greenroom.CodeInvalid,
				Detail: `there is no field "chanel"`, Parameter: "q", Position: &position, End: &end, Suggestion: "channel",
				Caret: "chanel:#help\n^^^^^^", RequestID: "5d2f0c9a1e7b3846",
			}},
		},
	}}}
}

func headers() object {
	text := func(words, example string) object {
		return object{"description": words, "schema": object{"type": "string"}, "example": example}
	}
	return object{
		"ETag":                 text("Names the content of the answer; the same as long as nothing has changed.", `"mYz8x0Jq3bM1kQ7c2dV5tA"`),
		"Link":                 text("The pages after and before this one (RFC 8288).", `</api/v1/members?cursor=eyJpIjo3fQ>; rel="next"`),
		"Location":             text("Where what was made can be found.", "/api/v1/imports/slack-acme"),
		"Content-Location":     text("The object's own address, where it was asked for by that of a member who was merged into it.", "/api/v1/members/7"),
		"X-Request-Id":         text("Names the request in the server's log.", "5d2f0c9a1e7b3846"),
		"Idempotency-Replayed": text("true: the answer is that of the first request with this Idempotency-Key.", "true"),
	}
}

func headerRef(name string) object { return object{"$ref": "#/components/headers/" + name} }

// describe writes an operation.
func (o *op) describe(s *schemas) object {
	d := object{
		"operationId": o.id, "tags": []string{o.tag}, "summary": o.summary, "description": o.text, "responses": o.responses(s),
		"security": []object{},
	}
	if o.need != everybody {
		d["security"] = []object{{"token": []string{string(o.need)}}}
		d["x-permission"] = o.need
	}
	if params := o.parameters(); len(params) > 0 {
		d["parameters"] = params
	}
	if o.body != nil {
		s.strict = true
		d["requestBody"] = object{"required": true, "description": o.body.text, "content": object{mediaJSON: object{
			"schema": s.of(reflect.TypeOf(o.body.of)), "example": o.body.example,
		}}}
		s.strict = false
	}
	return d
}

func (o *op) parameters() []object {
	var all []object
	for i := range o.params {
		p := &o.params[i]
		sc := &schema{Type: string(p.form), Enum: p.choices}
		if p.form == formInteger {
			sc.Format, sc.Minimum = "int64", &p.min
			if p.max > 0 {
				sc.Maximum = &p.max
			}
		}
		if p.initial != "" {
			sc.Default = p.typed(p.initial)
		}
		d := object{"name": p.name, "in": "query", "description": p.text, "schema": sc}
		if p.path {
			d["in"] = "path"
		}
		if p.path || p.required {
			d["required"] = true
		}
		if p.example != "" {
			d["example"] = p.typed(p.example)
		}
		all = append(all, d)
	}
	header := func(name, text, example string) {
		all = append(all, object{"name": name, "in": "header", "description": text, "schema": object{"type": "string"}, "example": example})
	}
	if o.repeatable {
		header(headerKey, "A text of your choice, new for each thing to do. The same request with the same key, sent again within 24 hours, does nothing and gets the first answer.", "4f1c-merge-42-17")
	}
	if o.conditional {
		header("If-Match", "The ETag of the object as you have seen it. The change is made only while it is still that.", `"mYz8x0Jq3bM1kQ7c2dV5tA"`)
	}
	if o.tagged() {
		header("If-None-Match", "The ETag of the answer that you have. While it is still that, the answer is 304 without a body.", `"mYz8x0Jq3bM1kQ7c2dV5tA"`)
	}
	return all
}

// typed is the value of a parameter as JSON has it.
func (p *param) typed(v string) any {
	switch p.form {
	case formInteger:
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return n
		}
	case formFlag:
		return v == "true"
	case formText:
	}
	return v
}

// tagged reports whether the answer carries an ETag by which it can be asked for again.
func (o *op) tagged() bool { return o.method == http.MethodGet && o.timeout >= 0 && !o.secret }

// responses lists what can come back: the answer, and the problems that the operation or the machinery around it has.
func (o *op) responses(s *schemas) object {
	status := o.status
	if status == 0 {
		status = http.StatusOK
	}
	hs := object{"X-Request-Id": headerRef("X-Request-Id")}
	if o.tagged() || o.conditional {
		hs["ETag"] = headerRef("ETag")
	}
	if o.paged {
		hs["Link"] = headerRef("Link")
	}
	if o.reply.of != nil && (status == http.StatusCreated || status == http.StatusAccepted) {
		hs["Location"] = headerRef("Location")
	}
	if o.repeatable {
		hs["Idempotency-Replayed"] = headerRef("Idempotency-Replayed")
	}
	d := object{"description": or(o.reply.text, http.StatusText(status)+"."), "headers": hs}
	if o.reply.of != nil {
		media := object{"schema": s.of(reflect.TypeOf(o.reply.of))}
		if o.reply.media != "" && o.reply.media != mediaJSON {
			media["schema"] = &schema{Type: "string"}
		}
		if o.reply.example != nil {
			media["example"] = o.reply.example
		}
		d["content"] = object{or(o.reply.media, mediaJSON): media}
	}
	all := object{strconv.Itoa(status): d}
	if o.tagged() {
		all["304"] = object{"description": "Nothing has changed since the answer that If-None-Match names."}
	}
	for _, t := range o.problems() {
		code := strconv.Itoa(t.status)
		all[code] = object{"$ref": "#/components/responses/" + code}
	}
	return all
}

// problems lists what can go wrong.
func (o *op) problems() []problemType {
	all := []problemType{typeInvalid.of(), typeInternal.of(), typeUnavailable.of()}
	for _, code := range o.codes {
		all = append(all, typeOf(code))
	}
	if o.need != everybody {
		all = append(all, typeUnauthorized.of(), typeForbidden.of())
	}
	if o.body != nil {
		all = append(all, typeTooLarge.of(), typeMedia.of())
	}
	if o.conditional {
		all = append(all, typeStale.of())
	}
	if o.repeatable {
		all = append(all, typeConflict.of())
	}
	for i := range o.params {
		if o.params[i].path {
			all = append(all, typeNotFound.of())
		}
	}
	slices.SortStableFunc(all, func(a, b problemType) int { return cmp.Compare(a.status, b.status) })
	return slices.Compact(all)
}

func or(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}

func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// permissions that somebody has, for the root listing.
func permissionsOf(c auth.Caller) []auth.Permission {
	all := []auth.Permission{}
	for _, p := range []auth.Permission{auth.Read, auth.Write, auth.Connect, auth.Administer} {
		if c.Can(p) {
			all = append(all, p)
		}
	}
	return all
}
