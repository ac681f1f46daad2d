// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/text"
	"greenroom/internal/understand"
)

// Readings says what messages say, and takes what people say of that.
type Readings interface {
	// Readings gives those of some activities, by id; what was not read has none.
	Readings(ctx context.Context, ids []int64) (map[int64]understand.Reading, error)
	Correct(ctx context.Context, activity int64, c text.Category, f text.Sentiment, by string) (id int64, err error)
	UndoCorrection(ctx context.Context, correction int64, by string) (understand.Correction, error)
	Report(ctx context.Context) (*understand.Report, error)
	Uncertain(ctx context.Context, limit int) ([]int64, error)
	Trainings
}

// Trainings makes and chooses models.
type Trainings interface {
	Retrain(ctx context.Context, by string) error
	Job() understand.Job
	Models(ctx context.Context) ([]understand.Model, error)
	Activate(ctx context.Context, model int64, by string) error
}

// NewCorrection is what a person says of a message.
type NewCorrection struct {
	Category  *text.Category  `json:"category,omitempty" doc:"What it is. Left out, this stays as it is."`
	Sentiment *text.Sentiment `json:"sentiment,omitempty" doc:"How it feels. Left out, this stays as it is."`
}

const maxUncertain = 100

func (a *api) readingOps() []op {
	if a.Readings == nil {
		return nil
	}
	id := idParam("The activity's id.")
	reading := content{of: understand.Reading{}, example: exampleReading()}
	return slices.Concat([]op{
		a.listReadings(),
		{
			method: http.MethodGet, path: "/activities/{id}/reading", id: "getReading", tag: "Readings", need: auth.Read,
			summary: "What a message says", text: "What holds of an activity's text, what was read, and the correction that holds.", params: []param{id}, reply: reading,
			do: func(c *call) (answer, error) { return a.reading(c, c.id()) },
		},
		{
			method: http.MethodPost, path: "/activities/{id}/corrections", id: "correctReading", tag: "Readings", need: auth.Write, codes: []greenroom.Code{greenroom.CodeNotFound},
			summary: "Correct what a message says", text: "What a person says holds at once, before whatever is read. It is remembered, and learned from when the model is trained again.", params: []param{id},
			body:  &content{of: NewCorrection{}, text: "What the message is.", example: object{"category": "bug", "sentiment": "negative"}},
			reply: content{of: understand.Reading{}, text: "The reading as it is now.", example: exampleReading()},
			do:    a.correctReading,
		},
		{
			method: http.MethodPost, path: "/readings/corrections/{id}/undo", id: "undoCorrection", tag: "Readings", need: auth.Write, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Undo a correction", text: "What held before it holds again.", params: []param{idParam("The correction's id.")},
			reply: content{of: understand.Reading{}, text: "The reading as it is now.", example: exampleReading()},
			do: func(c *call) (answer, error) {
				undone, err := a.Readings.UndoCorrection(c.ctx(), c.id(), c.by())
				if err != nil {
					return answer{}, err
				}
				return a.reading(c, undone.ActivityID)
			},
		},
	}, a.trainingOps())
}

// listReadings is the list of activities as what they say.
func (a *api) listReadings() op {
	return op{
		method: http.MethodGet, path: "/readings", id: "listReadings", tag: "Readings", need: auth.Read,
		summary: "What messages say",
		text:    "The readings of the activities that fit a query, in the order of the list of activities. Activities without a text have none, so a page can have fewer than `limit`.",
		params:  append([]param{queryParam(query.Activities, "category:bug since:7d")}, pageParams("50", 200)...),
		reply:   content{of: Page[understand.Reading]{}, example: Page[understand.Reading]{Items: []understand.Reading{exampleReading()}}},
		paged:   true,
		do: func(c *call) (answer, error) {
			q, err := a.parse(c, "q", query.Activities)
			if err != nil {
				return answer{}, err
			}
			p, err := a.Lists.ListActivities(c.ctx(), list.Request{Query: q, Cursor: c.text("cursor"), Limit: int(c.integer("limit"))})
			if err != nil {
				return answer{}, err
			}
			ids := make([]int64, len(p.Items))
			for i := range p.Items {
				ids[i] = p.Items[i].ID
			}
			all, err := a.ordered(c, ids)
			if err != nil {
				return answer{}, err
			}
			return pageOf(c, Page[understand.Reading]{Items: all, Next: p.Next, Prev: p.Prev})
		},
	}
}

// ordered are the readings of activities, in their order.
func (a *api) ordered(c *call, ids []int64) ([]understand.Reading, error) {
	found, err := a.Readings.Readings(c.ctx(), ids)
	if err != nil {
		return nil, err
	}
	all := make([]understand.Reading, 0, len(ids))
	for _, id := range ids {
		if r, ok := found[id]; ok {
			all = append(all, r)
		}
	}
	return all, nil
}

func (a *api) reading(c *call, id int64) (answer, error) {
	all, err := a.ordered(c, []int64{id})
	if err != nil {
		return answer{}, err
	}
	if len(all) == 0 {
		return answer{}, greenroom.Errorf(greenroom.CodeNotFound, "activity %d was not read: there is none, it says nothing, or it is still to be read", id)
	}
	return ok(all[0])
}

func (a *api) correctReading(c *call) (answer, error) {
	n, err := decode[NewCorrection](c)
	if err != nil {
		return answer{}, err
	}
	var category text.Category
	var sentiment text.Sentiment
	if n.Category != nil {
		category = *n.Category
	}
	if n.Sentiment != nil {
		sentiment = *n.Sentiment
	}
	if category == 0 && sentiment == 0 {
		return answer{}, wrong("category", "say what the message is: a category, a sentiment or both")
	}
	if _, err := a.Readings.Correct(c.ctx(), c.id(), category, sentiment, c.by()); err != nil {
		return answer{}, err
	}
	return a.reading(c, c.id())
}

func (a *api) trainingOps() []op {
	return []op{
		{
			method: http.MethodGet, path: "/readings/report", id: "getReadingReport", tag: "Readings", need: auth.Read,
			summary: "How well messages are read", text: "Precision and recall for each label over the messages that the team corrected, by the base model and by the team's own; what is left open, by language; what is still to be read.",
			reply: content{of: understand.Report{}, example: exampleReadingReport()},
			do: func(c *call) (answer, error) {
				r, err := a.Readings.Report(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return ok(r)
			},
		},
		{
			method: http.MethodGet, path: "/readings/uncertain", id: "listUncertainReadings", tag: "Readings", need: auth.Read,
			summary: "What is best corrected next", text: "The newest messages that were read with the least certainty and not corrected, the least certain first.",
			params: []param{{name: "limit", form: formInteger, min: 1, max: maxUncertain, initial: "20", text: "How many at most.", example: "20"}},
			reply:  content{of: Items[understand.Reading]{}, example: Items[understand.Reading]{Items: []understand.Reading{exampleReading()}}},
			do: func(c *call) (answer, error) {
				ids, err := a.Readings.Uncertain(c.ctx(), int(c.integer("limit")))
				if err != nil {
					return answer{}, err
				}
				all, err := a.ordered(c, ids)
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/readings/retrain", id: "retrain", tag: "Readings", need: auth.Write, codes: []greenroom.Code{greenroom.CodeConflict, greenroom.CodeInvalid}, status: http.StatusAccepted,
			summary: "Train on the corrections", text: "Starts a training in the background; it takes a few seconds. The report says when it is done. The new model then reads everything again, the newest first.",
			reply: content{of: understand.Job{}, example: understand.Job{Running: true, StartedAt: exampleReading().Correction.At, By: "ana@acme.example"}},
			do: func(c *call) (answer, error) {
				if err := a.Readings.Retrain(c.ctx(), c.by()); err != nil {
					return answer{}, err
				}
				return ok(a.Readings.Job())
			},
		},
		{
			method: http.MethodGet, path: "/readings/models", id: "listTextModels", tag: "Readings", need: auth.Read,
			summary: "The models that were trained", text: "The newest first, each with what it gained. Where none is active, the base model reads.",
			reply: content{of: Items[understand.Model]{}, example: Items[understand.Model]{Items: []understand.Model{exampleReadingModel()}}},
			do: func(c *call) (answer, error) {
				all, err := a.Readings.Models(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/readings/models/{model}/activate", id: "activateTextModel", tag: "Readings", need: auth.Write, codes: []greenroom.Code{greenroom.CodeNotFound}, status: http.StatusNoContent,
			summary: "Let another model read", text: "A model that was trained before, or the base model. It reads everything again in the background; corrections hold as before.",
			params: []param{{name: "model", path: true, form: formInteger, text: "The model's id; 0 is the base model.", example: "3"}},
			do: func(c *call) (answer, error) {
				return answer{}, a.Readings.Activate(c.ctx(), c.integer("model"), c.by())
			},
		},
	}
}

func exampleReading() understand.Reading {
	at := time.Date(2026, 11, 20, 9, 12, 0, 0, time.UTC)
	return understand.Reading{
		ActivityID: 42, Category: text.CategoryBug, Sentiment: text.SentimentNegative, Urgency: text.UrgencySoon, Language: "en", Strength: -.4,
		Read:       understand.Read{Category: text.CategoryQuestion, CategoryP: .54, Sentiment: text.SentimentNegative, SentimentP: .71, Judge: "base-1"},
		Correction: &understand.Correction{ID: 7, ActivityID: 42, Category: text.CategoryBug, By: "ana@acme.example", At: at},
	}
}

func exampleReadingModel() understand.Model {
	labels := []string{"question", "bug"}
	before := understand.Measure(labels, []understand.Judged{{Right: 0, Read: 0}, {Right: 1, Read: 0}, {Right: 1, Read: 1}, {Right: 1, Read: -1}})
	after := understand.Measure(labels, []understand.Judged{{Right: 0, Read: 0}, {Right: 1, Read: 1}, {Right: 1, Read: 1}, {Right: 1, Read: -1}})
	none := understand.Measure([]string{}, nil)
	return understand.Model{
		ID: 3, Version: "base-1+team-20261120-a1b2", Base: "base-1", TrainedAt: exampleReading().Correction.At, By: "ana@acme.example", Corrections: 4, Active: true, Size: 18_000,
		Gain: understand.Gain{N: 4, Category: understand.Change{Before: before, After: after, Used: true}, Sentiment: understand.Change{Before: none, After: none}},
	}
}

func exampleReadingReport() understand.Report {
	m := exampleReadingModel()
	return understand.Report{
		Judge: m.Version, Corrections: 4, Base: understand.Tasks{Category: m.Gain.Category.Before, Sentiment: m.Gain.Sentiment.Before}, Model: &m,
		Coverage: understand.Coverage{
			Messages: 200, Unsure: 30, Corrected: 4, Categories: map[string]int64{"question": 80, "bug": 20, "other": 70, "unsure": 30}, Sentiments: map[string]int64{"neutral": 160, "negative": 25, "positive": 15},
			Languages: []understand.Language{{Code: "en", Messages: 190, Unsure: 22}, {Code: "de", Messages: 10, Unsure: 8}},
		},
		Job: understand.Job{StartedAt: m.TrainedAt, EndedAt: m.TrainedAt.Add(2 * time.Second), By: m.By},
	}
}

// readingEnums lists the values of the types of readings.
func readingEnums(all map[reflect.Type][]string) {
	unsure := text.CategoryUnsure.String()
	all[reflect.TypeFor[text.Category]()] = append(understand.CategoryLabels(), unsure)
	all[reflect.TypeFor[text.Sentiment]()] = append(understand.SentimentLabels(), unsure)
	all[reflect.TypeFor[text.Urgency]()] = []string{text.UrgencyNone.String(), text.UrgencySoon.String(), text.UrgencyNow.String()}
}

// readingDocs says what the fields of readings are.
func readingDocs() map[string]string {
	return map[string]string{
		"Reading": "What a message says.", "ReadingRead": "What a model made of a message.", "ReadingCorrection": "What a person said of a message.", "ReadingReport": "How well messages are read.",
		"ReadingTasks": "Figures of both tasks.", "ReadingFigures": "How well one task is done over corrected messages.", "ReadingClass": "How well one label is read.", "ReadingChange": "One task before and after training.",
		"ReadingGain": "What training gained, measured on the corrections: each message is judged by a model trained without it.", "ReadingModel": "A model that was trained on the team's corrections.",
		"ReadingCoverage": "Counts over the newest readings.", "ReadingLanguage": "The readings of one language.", "ReadingJob": "The training that runs, or the last one since the server started.", "NewCorrection": "What a person says of a message.",

		"Reading.activity_id": "The activity whose text it is.", "Reading.category": "What it is for. A correction holds before what was read.", "Reading.sentiment": "How it feels. A correction holds before what was read.",
		"Reading.urgency": "How soon somebody should look.", "Reading.question": "It asks something, whatever its category.", "Reading.language": "ISO 639-1; empty where it cannot be told.", "Reading.strength": "Of the sentiment: from -1 to 1.",
		"Reading.read": "What was read.", "Reading.correction": "The correction that holds; left out where there is none.",
		"ReadingRead.category": "The category that was read.", "ReadingRead.category_p": "How probable that is, 0 to 1.", "ReadingRead.sentiment": "The sentiment that was read.", "ReadingRead.sentiment_p": "How probable that is, 0 to 1.", "ReadingRead.judge": "The version of the model; empty where the message was not read yet.",
		"ReadingCorrection.activity_id": "The activity.", "ReadingCorrection.category": "What the person said; unsure where nothing.", "ReadingCorrection.sentiment": "What the person said; unsure where nothing.", "ReadingCorrection.by": "Who said it.", "ReadingCorrection.at": "When.", "ReadingCorrection.undone_at": "When it was undone.",
		"ReadingReport.judge": "The version of the model that reads; empty before anything was read.", "ReadingReport.left": "Activities that are still to be looked at.", "ReadingReport.again": "What is left was read before, by another model.",
		"ReadingReport.corrections": "Messages for which corrections hold.", "ReadingReport.base": "How the base model reads the corrected messages.", "ReadingReport.model": "The team's model where one reads.", "ReadingReport.coverage": "Counts over the newest readings.", "ReadingReport.job": "The training.",
		"ReadingTasks.category": "What messages are for.", "ReadingTasks.sentiment": "How they feel.", "ReadingGain.n": "Corrections.", "ReadingGain.category": "What messages are for.", "ReadingGain.sentiment": "How they feel.",
		"ReadingChange.before": "By the base model.", "ReadingChange.after": "By the trained one.", "ReadingChange.used": "What was learned is in the model; false where the corrections are too few, or it would not have been better.",
		"ReadingFigures.n": "Messages whose label is known.", "ReadingFigures.accuracy": "The share read right, 0 to 1.", "ReadingFigures.macro_f1": "The mean of F1 over the labels that occur.", "ReadingFigures.unsure": "Messages left open, which count as wrong.",
		"ReadingFigures.labels": "The labels, in the order of the confusion.", "ReadingFigures.classes": "Figures for each label.", "ReadingFigures.confusion": "By the right label, then by the one that was read.",
		"ReadingClass.label": "The label.", "ReadingClass.n": "Messages that have it.", "ReadingClass.precision": "Of those read as it, the share that has it.", "ReadingClass.recall": "Of those that have it, the share read as it.", "ReadingClass.f1": "The harmonic mean of both.",
		"ReadingModel.version": "Its name.", "ReadingModel.base": "The base model that it was trained on.", "ReadingModel.trained_at": "When.", "ReadingModel.by": "By whom.", "ReadingModel.corrections": "Corrections that it learned from.", "ReadingModel.gain": "What it gained.", "ReadingModel.active": "It reads now.", "ReadingModel.size": "Bytes.",
		"ReadingCoverage.messages": "Readings that were counted.", "ReadingCoverage.unsure": "Of these, left open.", "ReadingCoverage.corrected": "Messages for which corrections hold, all of them.", "ReadingCoverage.categories": "Readings by category.", "ReadingCoverage.sentiments": "Readings by sentiment.", "ReadingCoverage.languages": "By language, the most frequent first.",
		"ReadingLanguage.code": "ISO 639-1; empty where it cannot be told.", "ReadingLanguage.messages": "Its readings.", "ReadingLanguage.unsure": "Of these, left open.",
		"ReadingJob.running": "It runs.", "ReadingJob.started_at": "When it began.", "ReadingJob.ended_at": "When it ended.", "ReadingJob.by": "Who wanted it.", "ReadingJob.error": "Why it failed.",
	}
}
