// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"greenroom/internal/recognition"
	"greenroom/internal/request"
	"greenroom/internal/task"
)

// recognized is what of recognition and requests is about a member.
type recognized struct {
	Testimonials []recognition.Testimonial `json:"testimonials"` // with the proof of what they agreed to
	Requests     []request.Request         `json:"requests"`     // that they proposed
	Votes        []int64                   `json:"votes"`        // requests that they voted for
	Thanked      []int64                   `json:"thanked"`      // answers of theirs that the team thanked for
	Milestones   []string                  `json:"milestones"`   // that the team saw to
}

// recognizedOf reads it.
func (s *Store) recognizedOf(ctx context.Context, member int64) (recognized, error) {
	var all recognized
	some, err := s.testimonials(ctx, micros(s.now()), "coalesce(h.id, m.id) = ? ORDER BY t.id LIMIT ?", member, math.MaxInt32)
	if err != nil {
		return all, fmt.Errorf("reading testimonials of member %d: %w", member, err)
	}
	for i := range some {
		t, err := s.TestimonialOf(ctx, some[i].ID, 0)
		if err != nil {
			return all, err
		}
		all.Testimonials = append(all.Testimonials, t)
	}
	if all.Requests, err = s.requests(ctx, "coalesce(h.id, m.id) = ?", member); err != nil {
		return all, fmt.Errorf("reading requests of member %d: %w", member, err)
	}
	if all.Votes, err = s.Voted(ctx, member); err != nil {
		return all, fmt.Errorf("reading votes of member %d: %w", member, err)
	}
	const theirs = "member_id IN (SELECT x.id FROM member x WHERE x.id = ? OR x.merged_into = ? AND x.merged_into > 0)"
	rows, err := s.query(ctx, "SELECT activity_id FROM thanks WHERE "+theirs+" ORDER BY 1", member, member)
	if err != nil {
		return all, err
	}
	if err := scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		all.Thanked = append(all.Thanked, id)
		return err
	}); err != nil {
		return all, err
	}
	if rows, err = s.query(ctx, "SELECT kind, level FROM milestone_seen WHERE "+theirs+" ORDER BY kind, level", member, member); err != nil {
		return all, err
	}
	return all, scan(rows, func() error {
		var m recognition.Milestone
		err := rows.Scan(&m.Kind, &m.Level)
		all.Milestones = append(all.Milestones, m.Text())
		return err
	})
}

// takeDownIn is how long the team has to take down what an erased member was quoted with.
const takeDownIn = 3 * 24 * time.Hour

// unrecognize erases what is kept of a member in recognition and requests: testimonials with their proof, votes, what was
// done about help and milestones. Requests that they proposed stay without their name. Where they are quoted, the team is
// told to take it down.
func (e *eraser) unrecognize(member int64) error {
	const theirs = "member_id > 0 AND member_id IN (SELECT id FROM member WHERE id = ? OR merged_into = ?)"
	rows, err := e.query(`SELECT u.id, u.link FROM testimonial_use u JOIN testimonial t ON t.id = u.testimonial_id WHERE u.removed_at = 0 AND t.member_id IN (SELECT id FROM member WHERE id = ? OR merged_into = ?) ORDER BY u.id`, member, member)
	if err != nil {
		return err
	}
	var places []string
	var first int64
	if err := scan(rows, func() error {
		var id int64
		var link string
		err := rows.Scan(&id, &link)
		if first == 0 {
			first = id
		}
		places = append(places, "- "+link)
		return err
	}); err != nil {
		return err
	}
	now := fromMicros(e.at)
	if len(places) > 0 {
		if _, err := e.addTasks([]task.Task{{
			Key: fmt.Sprintf("erased testimonial use %d", first), Title: "Take down a testimonial of somebody who was erased", Note: "It is used at:\n" + strings.Join(places, "\n"),
			Origin: "recognition", DueAt: now.Add(takeDownIn), CreatedBy: "Greenroom",
		}}, now); err != nil {
			return err
		}
	}
	for _, table := range []string{"testimonial", "testimonial_event", "testimonial_use", "request_vote"} {
		if err := e.mark(table); err != nil {
			return err
		}
	}
	for _, q := range []string{
		"DELETE FROM testimonial_event WHERE testimonial_id IN (SELECT id FROM testimonial WHERE " + theirs + ")",
		"DELETE FROM testimonial_use WHERE testimonial_id IN (SELECT id FROM testimonial WHERE " + theirs + ")",
		"DELETE FROM testimonial WHERE " + theirs, "DELETE FROM thanks WHERE " + theirs, "DELETE FROM milestone_seen WHERE " + theirs, "DELETE FROM request_vote WHERE " + theirs,
		"UPDATE request SET member_id = 0 WHERE " + theirs,
	} {
		if _, err := e.exec(q, member, member); err != nil {
			return err
		}
	}
	return nil
}

// unrecognizeAccount erases the votes that came by the addresses of an account, and the mail that was sent to these to have
// votes confirmed: who they are was not known then.
func (e *eraser) unrecognizeAccount(identity int64) error {
	if err := e.mark("request_vote"); err != nil {
		return err
	}
	const theirs = "IN (SELECT value FROM identity_key WHERE identity_id = ? AND kind IN ('email', 'address'))"
	for _, q := range []string{
		"DELETE FROM request_vote WHERE address <> '' AND address " + theirs,
		`UPDATE outbox SET recipient = '', subject = '', body = '', html = '', receipt = '', url = '', reason = CASE WHEN state IN ('draft', 'queued', 'sending') THEN 'the member was erased' ELSE '' END,
			state = CASE WHEN state IN ('draft', 'queued') THEN 'skipped' WHEN state = 'sending' THEN 'uncertain' ELSE state END, holder = '' WHERE origin = 'request' AND member_id = 0 AND recipient ` + theirs,
	} {
		if _, err := e.exec(q, identity); err != nil {
			return err
		}
	}
	return nil
}

// unrecognizeActivity erases what was decided about a message that is gone. A testimonial stays: its words were granted.
func (e *eraser) unrecognizeActivity(id int64) error {
	for _, q := range []string{"DELETE FROM thanks WHERE activity_id = ?", "DELETE FROM request_activity WHERE activity_id = ?", "UPDATE testimonial SET activity_id = 0 WHERE activity_id = ?"} {
		if _, err := e.exec(q, id); err != nil {
			return err
		}
	}
	return nil
}
