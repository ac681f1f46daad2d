// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/text/trend"
	"greenroom/internal/topic"
)

// Topics tells what the community talks about, and what happened outside; topic.Service does.
type Topics interface {
	Reports(ctx context.Context, hidden bool) ([]topic.Report, error)
	Report(ctx context.Context, key string) (*topic.Report, error)
	Add(ctx context.Context, name, rule string, examples []int64) (topic.Topic, error)
	Edit(ctx context.Context, id int64, c topic.Change) (before topic.Topic, err error)
	State(ctx context.Context) (topic.State, error)
	AskFit(by string)
	Annotations
}

// Annotations are what happened outside.
type Annotations interface {
	Annotations(ctx context.Context, from, to time.Time) ([]topic.Annotation, error)
	Annotate(ctx context.Context, a topic.Annotation) (topic.Annotation, error)
	RemoveAnnotation(ctx context.Context, id int64, removed bool) error
}

// NewTopic is a topic that somebody makes.
type NewTopic struct {
	Name     string  `json:"name" doc:"What it is called."`
	Rule     string  `json:"rule,omitempty" doc:"A query over activities; what fits it is in the topic."`
	Examples []int64 `json:"examples,omitempty" doc:"Ids of activities that are about it; later messages like them come into the topic."`
}

// NewAnnotation is something that happened.
type NewAnnotation struct {
	At    time.Time  `json:"at" doc:"When it happened, or began."`
	Until *time.Time `json:"until,omitempty" doc:"When it ended, where it lasted."`
	Title string     `json:"title" doc:"What happened."`
	Kind  string     `json:"kind,omitempty" doc:"release, outage, event, announcement or other."`
	URL   string     `json:"url,omitempty" doc:"A link that says more."`
}

func (a *api) topicOps() []op {
	if a.Topics == nil {
		return nil
	}
	id := idParam("The topic's id.")
	report := content{of: topic.Report{}, example: exampleTopic()}
	return append([]op{
		{
			method: http.MethodGet, path: "/topics", id: "listTopics", tag: "Topics", need: auth.Read,
			summary: "What the community talks about", text: "Topics with their counts, courses and bursts, the most talked about first. What is in one is listed by GET /activities?q=topic:ID.",
			params: []param{{name: "hidden", form: formFlag, text: "Hidden ones, too.", example: "true"}},
			reply:  content{of: Items[topic.Report]{}, example: Items[topic.Report]{Items: []topic.Report{exampleTopic()}}},
			do: func(c *call) (answer, error) {
				all, err := a.Topics.Reports(c.ctx(), c.flag("hidden"))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodGet, path: "/topics/{id}", id: "getTopic", tag: "Topics", need: auth.Read,
			summary: "One topic", text: "The id of one that was merged into another gives that other.", params: []param{id}, reply: report,
			do: func(c *call) (answer, error) { return a.topic(c, c.id()) },
		},
		{
			method: http.MethodPost, path: "/topics", id: "addTopic", tag: "Topics", need: auth.Write, repeatable: true, status: http.StatusCreated, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Make a topic", text: "A topic of your own, by a rule, by examples, or to put others under.",
			body:  &content{of: NewTopic{}, text: "The topic.", example: NewTopic{Name: "Billing", Rule: "invoice or refund"}},
			reply: report,
			do: func(c *call) (answer, error) {
				n, err := decode[NewTopic](c)
				if err != nil {
					return answer{}, err
				}
				t, err := a.Topics.Add(c.ctx(), n.Name, n.Rule, n.Examples)
				if err != nil {
					return answer{}, err
				}
				return a.topic(c, t.ID)
			},
		},
		{
			method: http.MethodPatch, path: "/topics/{id}", id: "changeTopic", tag: "Topics", need: auth.Write, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Change a topic", text: "Renames, hides, merges, puts under another topic or gives a rule. Fields that are not sent stay as they are, and each can be set back. No search for topics touches what is set here.",
			params: []param{id}, body: &content{of: topic.Change{}, text: "What to change.", example: object{"name": "Webhooks", "hidden": false}}, reply: report,
			do: func(c *call) (answer, error) {
				ch, err := decode[topic.Change](c)
				if err != nil {
					return answer{}, err
				}
				if _, err := a.Topics.Edit(c.ctx(), c.id(), ch); err != nil {
					return answer{}, err
				}
				return a.topic(c, c.id())
			},
		},
		{
			method: http.MethodGet, path: "/topic-search", id: "getTopicState", tag: "Topics", need: auth.Read,
			summary: "How topics stand", text: "When topics were last found, and how far messages are put into them.",
			reply: content{of: topic.State{}, example: topic.State{Fit: topic.Fit{At: exampleTopic().CreatedAt, Messages: 32102, Sampled: 9120, Topics: 20, Quality: 0.72, By: "greenroom"}, Done: 32398, Total: 32398}},
			do:    a.topicState,
		},
		{
			method: http.MethodPost, path: "/topic-search", id: "findTopics", tag: "Topics", need: auth.Write, status: http.StatusAccepted,
			summary: "Find topics again", text: "In the background. Ids, names and what people decided stay.",
			reply: content{of: topic.State{}, example: topic.State{Fitting: true}},
			do: func(c *call) (answer, error) {
				a.Topics.AskFit(c.by())
				return a.topicState(c)
			},
		},
	}, a.annotationOps()...)
}

func (a *api) topicState(c *call) (answer, error) {
	st, err := a.Topics.State(c.ctx())
	if err != nil {
		return answer{}, err
	}
	return ok(st)
}

func (a *api) topic(c *call, id int64) (answer, error) {
	r, err := a.Topics.Report(c.ctx(), strconv.FormatInt(id, 10))
	if err != nil {
		return answer{}, err
	}
	return ok(r)
}

func (a *api) annotationOps() []op {
	id := param{name: "id", path: true, form: formInteger, min: -1 << 62, text: "The annotation's id; below 0 it is an activity.", example: "3"}
	example := topic.Annotation{ID: 3, At: exampleTopic().CreatedAt, Title: "Release 2.4", Kind: "release", By: "ana@acme.example"}
	body := &content{of: NewAnnotation{}, text: "What happened.", example: NewAnnotation{At: example.At, Title: example.Title, Kind: example.Kind}}
	save := func(c *call, id int64) (answer, error) {
		n, err := decode[NewAnnotation](c)
		if err != nil {
			return answer{}, err
		}
		note := topic.Annotation{ID: id, At: n.At, Title: n.Title, Kind: n.Kind, URL: n.URL, By: c.by()}
		if n.Until != nil {
			note.Until = *n.Until
		}
		if note, err = a.Topics.Annotate(c.ctx(), note); err != nil {
			return answer{}, err
		}
		return ok(note)
	}
	remove := func(removed bool) func(c *call) (answer, error) {
		return func(c *call) (answer, error) { return answer{}, a.Topics.RemoveAnnotation(c.ctx(), c.id(), removed) }
	}
	return []op{
		{
			method: http.MethodGet, path: "/annotations", id: "listAnnotations", tag: "Topics", need: auth.Read,
			summary: "What happened outside", text: "Releases, outages, events and whatever else stands on charts, the oldest first. Releases and announcements that are activities have an id below 0.",
			params: []param{{name: "from", form: formText, text: "Since when; a year ago if left out.", example: "2026-01-01"}, {name: "to", form: formText, text: "Up to, but not including; now if left out.", example: "2026-04-01"}},
			reply:  content{of: Items[topic.Annotation]{}, example: Items[topic.Annotation]{Items: []topic.Annotation{example}}},
			do: func(c *call) (answer, error) {
				from, err := c.moment("from", time.UTC, a.Now().AddDate(-1, 0, 0))
				if err != nil {
					return answer{}, err
				}
				to, err := c.moment("to", time.UTC, a.Now())
				if err != nil {
					return answer{}, err
				}
				all, err := a.Topics.Annotations(c.ctx(), from, to)
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/annotations", id: "addAnnotation", tag: "Topics", need: auth.Write, repeatable: true, status: http.StatusCreated,
			summary: "Note what happened", text: "It stands on every chart from now on.", body: body, reply: content{of: topic.Annotation{}, example: example},
			do: func(c *call) (answer, error) { return save(c, 0) },
		},
		{
			method: http.MethodPut, path: "/annotations/{id}", id: "changeAnnotation", tag: "Topics", need: auth.Write,
			summary: "Change an annotation", text: "All of it, as it is sent.", params: []param{id}, body: body, reply: content{of: topic.Annotation{}, example: example},
			do: func(c *call) (answer, error) { return save(c, c.id()) },
		},
		{
			method: http.MethodDelete, path: "/annotations/{id}", id: "removeAnnotation", tag: "Topics", need: auth.Write, status: http.StatusNoContent,
			summary: "Take an annotation off", text: "It can be put back.", params: []param{id}, reply: content{text: "It stands on no chart any more."}, do: remove(true),
		},
		{
			method: http.MethodPost, path: "/annotations/{id}/restore", id: "restoreAnnotation", tag: "Topics", need: auth.Write, status: http.StatusNoContent,
			summary: "Put an annotation back", text: "One that was taken off.", params: []param{id}, reply: content{text: "It is back."}, do: remove(false),
		},
	}
}

func exampleTopic() topic.Report {
	at := time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)
	day := at.Truncate(24 * time.Hour)
	return topic.Report{
		Topic: topic.Topic{ID: 7, Name: "Webhooks", Origin: topic.Found, Terms: []string{"webhook", "retries", "signature"}, CreatedAt: at},
		Count: 86, Before: 41, Total: 402, Course: trend.Rising, From: day.AddDate(0, 0, -2), Days: []float64{2, 9, 11}, Usual: []float64{2.4, 2.6, 2.7},
		Bursts: []topic.Burst{{From: day.AddDate(0, 0, -1), To: day.AddDate(0, 0, 1), Count: 20, Expected: 5.3, Open: true}},
		Mix:    &topic.Mix{Read: 21, Categories: []topic.MixPart{{Label: "bug", Count: 12}, {Label: "question", Count: 9}}, Sentiments: []topic.MixPart{{Label: "neutral", Count: 16}, {Label: "negative", Count: 5}}},
	}
}

// topicDocs says what the fields of topics and annotations are.
func topicDocs() map[string]string {
	all := map[string]string{
		"TopicReport": "A topic with what is known of it.", "Topic": "Something that messages are about.", "TopicBurst": "A time in which more was said of a topic than the season explains.", "TopicFit": "One search for topics.",
		"TopicState": "How topics stand.", "TopicChange": "What is wanted of a topic.", "Annotation": "Something that happened and explains a chart.", "NewTopic": "A topic of your own.", "NewAnnotation": "Something that happened.",

		"TopicReport.parts": "Topics that are put under it; they count for it.", "TopicReport.merged": "Topics that were merged into it.", "TopicReport.messages": "In the last 28 days.", "TopicReport.messages_before": "In the 28 days before.", "TopicReport.messages_all": "In the last 26 weeks.",
		"TopicReport.course": "new, rising or fading where the change is more than noise; empty for steady.", "TopicReport.from": "The first day of days.", "TopicReport.days": "Messages of each day, in the community's time zone.", "TopicReport.usual": "What the season explains, for each day.", "TopicReport.bursts": "The oldest first.",
		"TopicReport.mix": "What the messages of days were read as; only where one topic is asked for.", "Mix": "What messages were read as.", "Mix.read": "Messages that were read.", "Mix.categories": "By category, the most frequent first.", "Mix.sentiments": "By sentiment, the most frequent first.",
		"MixPart": "How many messages were read as one thing.", "MixPart.label": "As queries write it; unsure where it was left open.", "MixPart.messages": "How many.",
		"TopicBurst.from": "Its first day.", "TopicBurst.to": "The day after its last.", "TopicBurst.count": "Messages.", "TopicBurst.expected": "Messages, if these days had been usual.", "TopicBurst.open": "It may go on.",
		"TopicFit.at": "When.", "TopicFit.messages": "That were there.", "TopicFit.sampled": "That were looked at.", "TopicFit.topics": "That were found.", "TopicFit.quality": "How well they stand apart, -1 to 1.", "TopicFit.by": "Who asked for it.",
		"TopicState.fit": "The last search.", "TopicState.fitting": "One runs, or was asked for.", "TopicState.done": "Activities that were looked at for their topic.", "TopicState.total": "Activities that there are.", "TopicState.failed": "Why the last search failed.",
		"TopicChange.name": "Empty = as it was found.", "TopicChange.rule": "A query over activities; empty = none.", "TopicChange.parent": "The topic to put it under; 0 = none.", "TopicChange.hidden": "Leave it out of lists.", "TopicChange.merged_into": "The topic that it is from now on; 0 = itself again.",
		"Annotation.at": "When it happened, or began.", "Annotation.until": "When it ended, where it lasted.", "Annotation.title": "What happened.", "Annotation.kind": "release, outage, event, announcement or other.", "Annotation.url": "A link that says more.", "Annotation.by": "Who noted it; the source's name where it is an activity.", "Annotation.id": "Below 0: the activity of that number.",
	}
	for _, owner := range []string{"Topic", "TopicReport"} {
		for field, doc := range map[string]string{
			"name": "As people see it.", "found_name": "As it was found, where people call it otherwise.", "origin": "found in the messages, or made by hand.", "terms": "The words that tell it from others, the most telling first.", "rule": "A query over activities that puts messages into it.",
			"parent": "The topic that it is put under.", "hidden": "Left out of lists.", "merged_into": "The topic that it is now.", "gone": "The last search found it no more.", "created_at": "When it was first there.",
		} {
			all[owner+"."+field] = doc
		}
	}
	return all
}
