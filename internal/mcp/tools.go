// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mcp

import "greenroom/internal/auth"

// kind is what an argument holds.
type kind string

const (
	text    kind = "string"
	integer kind = "integer"
	flag    kind = "boolean"
	texts   kind = "object" // of texts by name
	inside  kind = "path"   // of a page of Greenroom: a model that was misled proposes no address of somebody else's
)

// schema is the type that JSON Schema has for a kind.
func (k kind) schema() string {
	if k == inside {
		return string(text)
	}
	return string(k)
}

// argument is something that a tool takes.
type argument struct {
	name     string
	kind     kind
	says     string
	required bool
}

// tool is an operation of the API as a tool.
type tool struct {
	name, title, says string
	method, path      string // below the API's prefix; {name} is an argument
	args              []argument
	page              string // where an item of the answer can be seen, with {id}, {key} or {name}; "" = it has no page
	here              string // where the answer as a whole can be seen, with arguments in braces
}

func id(says string) argument { return argument{"id", integer, says, true} }

func argQuery() argument {
	return argument{"q", text, "A filter in Greenroom's query language, such as is:waiting channel:#help opened:<30d; see the documentation of the query language. Left out = all.", false}
}

func argLimit() argument { return argument{"limit", integer, "How many at most.", false} }

func argCursor() argument {
	return argument{"cursor", text, "next of the page before.", false}
}

// reading lists the tools that read, in the order in which they are useful.
func reading() []tool {
	list := []argument{argQuery(), argLimit(), argCursor()}
	return []tool{
		{name: "search", title: "Search", says: "Finds members, organizations and conversations by words.", path: "/search", args: []argument{{"q", text, "The words.", true}, argLimit()}, here: "/search?q={q}"},
		{name: "list_members", title: "List members", says: "Lists members by a query.", path: "/members", args: list, page: "/members/{id}", here: "/members?q={q}"},
		{name: "get_member", title: "A member", says: "Tells what is known of a member.", path: "/members/{id}", args: []argument{id("The member's number.")}, page: "/members/{id}"},
		{name: "list_organizations", title: "List organizations", says: "Lists organizations by a query.", path: "/organizations", args: list, page: "/organizations/{id}", here: "/organizations?q={q}"},
		{name: "get_organization", title: "An organization", says: "Tells what is known of an organization.", path: "/organizations/{id}", args: []argument{id("The organization's number.")}, page: "/organizations/{id}"},
		{name: "list_conversations", title: "List conversations", says: "Lists conversations by a query, such as is:waiting.", path: "/conversations", args: list, page: "/conversations/{id}", here: "/conversations?q={q}"},
		{name: "get_conversation", title: "A conversation", says: "Tells what state a conversation is in.", path: "/conversations/{id}", args: []argument{id("The conversation's number.")}, page: "/conversations/{id}"},
		{name: "read_conversation", title: "What was said in a conversation", says: "Gives the messages of a conversation in order of time.", path: "/conversations/{id}/activities", args: []argument{id("The conversation's number."), argLimit()}, page: "/activities/{id}", here: "/conversations/{id}"},
		{name: "list_activities", title: "List activities", says: "Lists what members did, by a query.", path: "/activities", args: list, page: "/activities/{id}", here: "/activities?q={q}"},
		{name: "list_metrics", title: "Metrics", says: "Lists the metrics with unit, definition and source.", path: "/metrics", page: "/insights/{name}", here: "/insights"},
		{
			name: "get_metric", title: "A metric", says: "Computes a metric over time.", path: "/metrics/{name}", here: "/insights/{name}",
			args: []argument{
				{"name", text, "The metric's name.", true},
				{"from", text, "The first day, as 2026-10-01.", false},
				{"to", text, "The last day.", false},
				{"by", text, "day, week, month or quarter.", false},
				{"q", text, "What counts, in the query language.", false},
				{"segment", text, "Whose activities count: a query about members.", false},
				{"breakdown", text, "What it is split by.", false},
			},
		},
		{name: "health_board", title: "The health of the community", says: "The figures that say how the community is.", path: "/health/board", args: []argument{{"by", text, "week or month.", false}}, here: "/health"},
		{name: "health_changes", title: "What changed", says: "What changed of late, where, and who to talk to.", path: "/health/changes", args: []argument{{"by", text, "week or month.", false}}, here: "/insights/changes"},
		{name: "list_topics", title: "Topics", says: "What conversations are about.", path: "/topics", page: "/topics/{id}", here: "/topics"},
		{name: "list_goals", title: "Goals", says: "What is aimed at, and how far it is.", path: "/goals", args: []argument{{"closed", flag, "Closed ones, too.", false}}, page: "/goals/{id}", here: "/goals"},
		{name: "get_goal", title: "A goal", says: "A goal with its progress.", path: "/goals/{id}", args: []argument{id("The goal's number.")}, page: "/goals/{id}"},
		{name: "list_plans", title: "Plans", says: "The roadmap: what is done for the goals.", path: "/plans", page: "/roadmap/{id}", here: "/roadmap"},
		{name: "get_plan", title: "A plan", says: "A plan with its tasks.", path: "/plans/{id}", args: []argument{id("The plan's number.")}, page: "/roadmap/{id}"},
		{name: "list_tasks", title: "Tasks", says: "What the team has to do.", path: "/tasks", args: []argument{{"owner", text, "Of one person, by mail address.", false}, argLimit()}, here: "/tasks"},
		{name: "list_studies", title: "Studies", says: "For what members are wanted to talk to.", path: "/finder/studies", page: "/finder/{id}", here: "/finder"},
		{name: "find_for_study", title: "Who fits a study", says: "Who fits a study and may be asked, with the evidence, and how many are left out and why.", path: "/finder/studies/{id}/candidates", args: []argument{id("The study's number.")}, here: "/finder/{id}"},
		{name: "list_reports", title: "Reports", says: "The reports to stakeholders.", path: "/reports", page: "/reports/{id}", here: "/reports"},
		{name: "sql_views", title: "What can be asked in SQL", says: "Lists the views and columns that the tool sql can see, with what they mean.", path: "/sql/views", here: "/ask/sql"},
		{
			name: "sql", title: "Ask in SQL", says: "Answers one read-only statement that begins with SELECT or WITH over the views of sql_views. Times are texts such as 2026-11-22 18:00:00, in UTC.", method: "POST", path: "/sql", here: "/ask/sql?sql={sql}",
			args: []argument{{"sql", text, "The statement.", true}, {"values", texts, "What its parameters are, such as {\"country\": \"DE\"} for :country.", false}, {"rows", integer, "How many rows at most.", false}},
		},
	}
}

// proposing lists the tools that propose something. Nothing is done before a person approves it.
func proposing() []tool {
	return []tool{
		{
			name: "propose_task", title: "Propose a task", says: "Puts a task that nobody owns yet on the team's list. A person decides whether it is done.", method: "POST", path: "/tasks", here: "/tasks",
			args: []argument{{"title", text, "What should be done, one line.", true}, {"note", text, "Why, and from which records.", false}, {"member_id", integer, "The member whom it is about.", false}, {"link", inside, "The path of a page in Greenroom, such as /conversations/7.", false}},
		},
		{
			name: draftMessage, title: "Draft a message to a member", says: "Writes a mail to a member into the outbox as a draft. It is sent when a person approves it there, and not before.",
			args: []argument{{"member_id", integer, "The member.", true}, {"subject", text, "The subject.", true}, {"text", text, "The text, in Markdown.", true}}, here: "/outbox",
		},
	}
}

const draftMessage = "draft_message"

// need is the permission that proposing takes.
const need = auth.Write
