// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/knowledge"
)

// Knowledge is the register of documents; knowledge.Service keeps it.
type Knowledge interface {
	List(ctx context.Context, search string) ([]knowledge.Standing, error)
	Get(ctx context.Context, id int64) (knowledge.Detail, error)
	Gaps(ctx context.Context) ([]knowledge.Gap, error)
	Outline(ctx context.Context, topic int64) (knowledge.Outline, error)
	KnowledgeChanges
	KnowledgeReading
	KnowledgeLinks
}

// KnowledgeChanges changes documents.
type KnowledgeChanges interface {
	Add(ctx context.Context, f knowledge.Fields, by string) (knowledge.Document, error)
	Edit(ctx context.Context, id, version int64, f knowledge.Fields, by string) (knowledge.Document, error)
	Verify(ctx context.Context, id int64, by string) (knowledge.Event, error)
	Undo(ctx context.Context, event int64, by string) (knowledge.Document, error)
}

// KnowledgeReading reads collections.
type KnowledgeReading interface {
	Collections(ctx context.Context) ([]knowledge.Collection, error)
	Import(ctx context.Context, c knowledge.Collection, in knowledge.Content, by string) (knowledge.Collection, error)
	ReadAgain(ctx context.Context, id int64, by string) (knowledge.Collection, error)
	Settings(ctx context.Context) (knowledge.Settings, error)
	SetSettings(ctx context.Context, set knowledge.Settings, by string) error
}

// KnowledgeLinks says how links are.
type KnowledgeLinks interface {
	LinkReport(ctx context.Context, f knowledge.LinkFilter) (knowledge.LinkReport, error)
	AskCheck(by string)
}

// DocumentChange is all that can be changed of a document, with the version that it was made from.
type DocumentChange struct {
	knowledge.Fields
	Version int64 `json:"version" doc:"The version that was looked at. With another one nothing is changed."`
}

// CollectionRequest says what to read. Exports and folders are read by the command line or in the browser.
type CollectionRequest struct {
	Way        knowledge.Way      `json:"way" doc:"sitemap, forum, csv or list."`
	Place      string             `json:"place" doc:"The sitemap's address, SOURCE/CHANNEL of a forum, or a name for what is sent."`
	Text       string             `json:"text,omitempty" doc:"Of csv and list: the lines."`
	Kind       knowledge.Kind     `json:"kind,omitempty" doc:"What the documents are for, where they do not say."`
	Audience   knowledge.Audience `json:"audience,omitempty" doc:"Who reads them, where they do not say."`
	Owner      string             `json:"owner,omitempty" doc:"Who keeps them right, where they do not say."`
	ReviewDays int                `json:"review_days,omitempty" doc:"How often they are verified, where they do not say."`
	EveryDays  int                `json:"every_days,omitempty" doc:"How often the collection is read again; 0 = when somebody asks."`
}

func exampleDocument() knowledge.Document {
	return knowledge.Document{
		ID: 12, Key: "k3x7q2m9abcdefgh", Fields: knowledge.Fields{Title: "Rotate signing keys", Address: "https://docs.acme.example/keys", Kind: knowledge.HowTo, Audience: knowledge.External, Owner: "ana@acme.example", ReviewDays: 90, State: knowledge.Active},
		Collection: 1, ChangedAt: exampleTime(2), CreatedBy: "Docs", CreatedAt: exampleTime(2), Version: 3,
	}
}

func exampleDetail() knowledge.Detail {
	d := exampleDocument()
	return knowledge.Detail{
		Standing: knowledge.Stand(&d, &knowledge.Evidence{Views: 412, Broken: 1, Questions: 3, Unanswered: 1}, exampleTime(20)),
		Asked:    []knowledge.Question{{Conversation: 512, Title: "How do I rotate the keys?", At: exampleTime(18), Open: true, Share: .41}}, Links: []knowledge.Link{}, Days: []knowledge.Day{}, Events: []knowledge.Event{},
	}
}

func exampleCollection() knowledge.Collection {
	return knowledge.Collection{ID: 1, Name: "Docs", Way: knowledge.Sitemap, Place: "https://docs.acme.example/sitemap.xml", EveryDays: 7, ReadAt: exampleTime(20), Taken: knowledge.Taken{Read: 84, Added: 84}, CreatedBy: "ana@acme.example", CreatedAt: exampleTime(20)}
}

func (a *api) knowledgeOps() []op {
	if a.Knowledge == nil {
		return nil
	}
	id := idParam("The document's number.")
	one := content{of: knowledge.Document{}, example: exampleDocument()}
	conflict := []greenroom.Code{greenroom.CodeConflict}
	fields := exampleDocument().Fields
	standing := exampleDetail().Standing
	return append([]op{
		{
			method: http.MethodGet, path: "/documents", id: "listDocuments", tag: "Knowledge", need: auth.Read, reply: content{of: Items[knowledge.Standing]{}, example: Items[knowledge.Standing]{Items: []knowledge.Standing{standing}}},
			summary: "List documents", text: "What to verify first comes first: staleness times use, with the parts of the staleness.",
			params: []param{{name: "q", form: formText, text: "A search with the fields kind, audience, owner, tag, host and is, and words.", example: "is:stale kind:how-to"}},
			do: func(c *call) (answer, error) {
				all, err := a.Knowledge.List(c.ctx(), c.text("q"))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/documents", id: "createDocument", tag: "Knowledge", need: auth.Write, status: http.StatusCreated, repeatable: true, reply: one, codes: conflict,
			summary: "Add a document", text: "Its text is read from its page with the next check of links.", body: &content{of: knowledge.Fields{}, text: "The document.", example: fields},
			do: func(c *call) (answer, error) {
				f, err := decode[knowledge.Fields](c)
				if err != nil {
					return answer{}, err
				}
				return given(a.Knowledge.Add(c.ctx(), f, c.by()))
			},
		},
		{
			method: http.MethodGet, path: "/documents/{id}", id: "getDocument", tag: "Knowledge", need: auth.Read, params: []param{id}, reply: content{of: knowledge.Detail{}, example: exampleDetail()},
			summary: "A document", text: "With its evidence, the questions about it, links that need somebody, its use and its history.",
			do: func(c *call) (answer, error) { return given(a.Knowledge.Get(c.ctx(), c.id())) },
		},
		{
			method: http.MethodPut, path: "/documents/{id}", id: "changeDocument", tag: "Knowledge", need: auth.Write, params: []param{id}, reply: one, codes: conflict,
			summary: "Change a document", text: "Everything but the address is set as it is sent. With another version than the document has, nothing is changed and the answer is a conflict.",
			body: &content{of: DocumentChange{}, text: "The document, and its version.", example: DocumentChange{Fields: fields, Version: 3}},
			do: func(c *call) (answer, error) {
				d, err := decode[DocumentChange](c)
				if err != nil {
					return answer{}, err
				}
				return given(a.Knowledge.Edit(c.ctx(), c.id(), d.Version, d.Fields, c.by()))
			},
		},
		{
			method: http.MethodPost, path: "/documents/{id}/verify", id: "verifyDocument", tag: "Knowledge", need: auth.Write, params: []param{id}, codes: conflict, reply: content{of: knowledge.Event{}, example: knowledge.Event{ID: 31, Document: 12, What: knowledge.WhatVerify, By: "ana@acme.example", At: exampleTime(20)}},
			summary: "Say that a document is right", text: "Its rhythm begins anew, and tasks that ask for it are done. The event's number takes it back.",
			do: func(c *call) (answer, error) { return given(a.Knowledge.Verify(c.ctx(), c.id(), c.by())) },
		},
		{
			method: http.MethodPost, path: "/document-events/{id}/undo", id: "undoDocument", tag: "Knowledge", need: auth.Write, params: []param{idParam("The event's number.")}, reply: one, codes: conflict,
			summary: "Take a change or verification back", text: "The last one of a document.",
			do: func(c *call) (answer, error) { return given(a.Knowledge.Undo(c.ctx(), c.id(), c.by())) },
		},
	}, a.knowledgeWork()...)
}

// knowledgeWork are the operations beside single documents.
func (a *api) knowledgeWork() []op {
	outline := knowledge.Outline{Title: "Signing keys", Sections: []knowledge.Section{{Question: "How do I rotate the keys?", Asked: 4, Lines: []knowledge.Quoted{{Text: "Keep both keys for a day.", Conversation: 512, Why: "accepted"}}}}, Markdown: "# Signing keys\n"}
	report := knowledge.LinkReport{Counts: map[knowledge.Verdict]int64{knowledge.Good: 310, knowledge.Broken: 4}, Run: knowledge.Run{ID: 2, StartedAt: exampleTime(20), Total: 314, Done: 120, By: "greenroom"}, Links: []knowledge.Link{{ID: 5, Address: "https://old.acme.example/", Host: "old.acme.example", Verdict: knowledge.Broken, Status: 404, Reason: "there is nothing at this address", CheckedAt: exampleTime(20), BrokenAt: exampleTime(13), Documents: 2}}}
	collection := content{of: knowledge.Collection{}, example: exampleCollection()}
	return []op{
		{
			method: http.MethodGet, path: "/document-gaps", id: "listDocumentGaps", tag: "Knowledge", need: auth.Read, reply: content{of: Items[knowledge.Gap]{}, example: Items[knowledge.Gap]{Items: []knowledge.Gap{{Topic: 7, Name: "Signing keys", Terms: []string{"keys", "rotate"}, Questions: 9, Open: 2}}}},
			summary: "What is asked and not documented", text: "Topics with at least three questions in the last 90 days, of which at most a third is about a document.",
			do: func(c *call) (answer, error) {
				all, err := a.Knowledge.Gaps(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodGet, path: "/document-outline", id: "outlineDocument", tag: "Knowledge", need: auth.Read, params: []param{{name: "topic", form: formInteger, min: 1, required: true, text: "The topic's number.", example: "7"}}, reply: content{of: knowledge.Outline{}, example: outline},
			summary: "The draft of a document about a topic", text: "Made of sentences of the best answers of a year, each with where it was written: accepted ones first, then those that were thanked for, then those that were liked.",
			do: func(c *call) (answer, error) { return given(a.Knowledge.Outline(c.ctx(), c.integer("topic"))) },
		},
		{
			method: http.MethodGet, path: "/document-links", id: "listDocumentLinks", tag: "Knowledge", need: auth.Read, reply: content{of: knowledge.LinkReport{}, example: report},
			summary: "How the links are", text: "Counts, the last check, and links that need somebody.",
			params: []param{{name: "verdict", form: formText, choices: words(knowledge.Verdicts()), text: "Links of which the last check says this, instead of those that need somebody.", example: "broken"}},
			do: func(c *call) (answer, error) {
				f := knowledge.LinkFilter{Verdict: knowledge.Verdict(c.text("verdict"))}
				f.Problem = f.Verdict == ""
				return given(a.Knowledge.LinkReport(c.ctx(), f))
			},
		},
		{
			method: http.MethodPost, path: "/document-links/check", id: "checkDocumentLinks", tag: "Knowledge", need: auth.Write, status: http.StatusAccepted, reply: content{of: knowledge.LinkReport{}, example: report},
			summary: "Check links", text: "In the background, politely: one request at a time for each host. How far it is stands in the run.",
			do: func(c *call) (answer, error) {
				a.Knowledge.AskCheck(c.by())
				return given(a.Knowledge.LinkReport(c.ctx(), knowledge.LinkFilter{Problem: true}))
			},
		},
		{
			method: http.MethodGet, path: "/document-collections", id: "listDocumentCollections", tag: "Knowledge", need: auth.Read, reply: content{of: Items[knowledge.Collection]{}, example: Items[knowledge.Collection]{Items: []knowledge.Collection{exampleCollection()}}},
			summary: "Where documents come from", text: "With what came of the last reading, and what could not be taken.",
			do: func(c *call) (answer, error) {
				all, err := a.Knowledge.Collections(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/document-collections", id: "readDocumentCollection", tag: "Knowledge", need: auth.Connect, status: http.StatusCreated, reply: collection,
			summary: "Read documents", text: "Reading the same place again changes only what it says otherwise; what people changed stays.",
			body: &content{of: CollectionRequest{}, text: "What to read.", example: CollectionRequest{Way: knowledge.Sitemap, Place: "https://docs.acme.example/sitemap.xml", EveryDays: 7}},
			do: func(c *call) (answer, error) {
				q, err := decode[CollectionRequest](c)
				if err != nil {
					return answer{}, err
				}
				if q.Way == knowledge.Folder || q.Way == knowledge.Export {
					return answer{}, greenroom.Errorf(greenroom.CodeInvalid, "folders and exports are read on the command line: greenroom document import")
				}
				return given(a.Knowledge.Import(c.ctx(), knowledge.Collection{Way: q.Way, Place: q.Place, Kind: q.Kind, Audience: q.Audience, Owner: q.Owner, ReviewDays: q.ReviewDays, EveryDays: q.EveryDays}, knowledge.Content{Text: strings.TrimSpace(q.Text)}, c.by()))
			},
		},
		{
			method: http.MethodPost, path: "/document-collections/{id}/read", id: "readDocumentCollectionAgain", tag: "Knowledge", need: auth.Connect, params: []param{idParam("The collection's number.")}, reply: collection,
			summary: "Read a collection again", text: "At once.",
			do: func(c *call) (answer, error) { return given(a.Knowledge.ReadAgain(c.ctx(), c.id(), c.by())) },
		},
		{
			method: http.MethodGet, path: "/document-settings", id: "getDocumentSettings", tag: "Knowledge", need: auth.Read, reply: content{of: knowledge.Settings{}, example: knowledge.UsualSettings()},
			summary: "How documents are watched", text: "The rhythm of link checks, their pace, and whether owners are reminded.",
			do: func(c *call) (answer, error) { return given(a.Knowledge.Settings(c.ctx())) },
		},
		{
			method: http.MethodPut, path: "/document-settings", id: "setDocumentSettings", tag: "Knowledge", need: auth.Administer, reply: content{of: knowledge.Settings{}, example: knowledge.UsualSettings()},
			summary: "Set how documents are watched", text: "All of it.", body: &content{of: knowledge.Settings{}, text: "The settings.", example: knowledge.UsualSettings()},
			do: func(c *call) (answer, error) {
				set, err := decode[knowledge.Settings](c)
				if err == nil {
					err = a.Knowledge.SetSettings(c.ctx(), set, c.by())
				}
				return given(set, err)
			},
		},
	}
}

// knowledgeEnums lists the values of the types of documents.
func knowledgeEnums(all map[reflect.Type][]string) {
	enum(all, append([]knowledge.Kind{""}, knowledge.Kinds()...)...)
	enum(all, append([]knowledge.Audience{""}, knowledge.Audiences()...)...)
	enum(all, append([]knowledge.State{""}, knowledge.States()...)...)
	enum(all, knowledge.Ways()...)
	enum(all, append([]knowledge.Verdict{""}, knowledge.Verdicts()...)...)
}
