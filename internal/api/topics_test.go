// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"time"

	"greenroom/internal/text/trend"
	"greenroom/internal/topic"
)

// topicsFake has one topic and one annotation.
type topicsFake struct{ f *fake }

func (t topicsFake) report() topic.Report {
	one := topic.Topic{ID: 7, Name: "Webhooks", FoundName: "Webhook", Origin: topic.Found, Terms: []string{"webhook"}, CreatedAt: now}
	return topic.Report{
		Topic: one, Parts: []topic.Topic{one}, Count: 3, Course: trend.Rising, From: now, Days: []float64{1, 2}, Usual: []float64{1, 1},
		Bursts: []topic.Burst{{From: now, To: now, Count: 2, Expected: 1}},
	}
}

func (t topicsFake) Reports(context.Context, bool) ([]topic.Report, error) {
	return []topic.Report{t.report()}, t.f.err
}

func (t topicsFake) Report(context.Context, string) (*topic.Report, error) {
	r := t.report()
	return &r, t.f.err
}

func (t topicsFake) Add(context.Context, string, string, []int64) (topic.Topic, error) {
	return t.report().Topic, t.f.err
}

func (t topicsFake) Edit(context.Context, int64, topic.Change) (topic.Topic, error) {
	return t.report().Topic, t.f.err
}

func (t topicsFake) State(context.Context) (topic.State, error) {
	return topic.State{Fit: topic.Fit{At: now, Messages: 1, By: "ana"}, Done: 1, Total: 1}, t.f.err
}

func (t topicsFake) AskFit(string) {}

func (t topicsFake) Annotations(context.Context, time.Time, time.Time) ([]topic.Annotation, error) {
	return []topic.Annotation{{ID: 3, At: now, Title: "2.4", Kind: "release", By: "ana"}}, t.f.err
}

func (t topicsFake) Annotate(_ context.Context, a topic.Annotation) (topic.Annotation, error) {
	return a, t.f.err
}

func (t topicsFake) RemoveAnnotation(context.Context, int64, bool) error { return t.f.err }
