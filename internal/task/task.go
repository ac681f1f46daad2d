// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package task has what the team is to do and what it is told: tasks, which somebody owns until they are done, and notices,
// which are read. Features make both in the transaction of what they are about; a key makes that harmless to repeat.
package task

import (
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
)

// Task is something that somebody of the team is to do.
type Task struct {
	ID        int64     `json:"id"`
	Key       string    `json:"key"` // unique; making it again changes nothing
	Title     string    `json:"title"`
	Note      string    `json:"note,omitempty"`
	Link      string    `json:"link,omitempty"`   // a path in Greenroom, or an address
	Origin    string    `json:"origin,omitempty"` // what made it: "workflow", "inbox", "program", "person", ...
	OriginID  int64     `json:"origin_id,omitempty"`
	MemberID  int64     `json:"member_id,omitempty"` // whom it is about; 0 = nobody
	Member    string    `json:"member,omitempty"`    // their name, when it is read
	Owner     string    `json:"owner,omitempty"`     // mail address of a user; "" = nobody yet
	DueAt     time.Time `json:"due_at,omitzero"`
	CreatedBy string    `json:"created_by"`
	CreatedAt time.Time `json:"created_at"`
	DoneAt    time.Time `json:"done_at,omitzero"`
	DoneBy    string    `json:"done_by,omitempty"`
}

// The most that texts hold, in characters.
const (
	maxTitle = 300
	maxNote  = 10_000
)

// Validate says what is wrong with a task that is to be stored, as an error of CodeInvalid.
func (t *Task) Validate() error {
	t.Title = strings.TrimSpace(t.Title)
	switch {
	case t.Key == "":
		return greenroom.Errorf(greenroom.CodeInvalid, "a task needs a key")
	case t.Title == "" || utf8.RuneCountInString(t.Title) > maxTitle:
		return greenroom.Errorf(greenroom.CodeInvalid, "a task needs a title of at most %d characters", maxTitle)
	case utf8.RuneCountInString(t.Note) > maxNote:
		return greenroom.Errorf(greenroom.CodeInvalid, "a task's note has at most %d characters", maxNote)
	}
	return nil
}

// Filter says which tasks are listed. The zero Filter is all that are not done.
type Filter struct {
	Owner    string // of one person; "" = of everybody
	Unowned  bool   // those of nobody
	Member   int64
	Origin   string
	OriginID int64
	Done     bool // those that are done instead, the last first
	Limit    int  // 0 = 200
}

// Notice tells somebody of the team of something.
type Notice struct {
	ID     int64     `json:"id"`
	Key    string    `json:"key"`    // unique for the person; telling it again changes nothing
	Person string    `json:"person"` // mail address of a user
	Kind   string    `json:"kind"`   // "mention", "assigned", "alert", "task", "workflow", ...
	Title  string    `json:"title"`
	Text   string    `json:"text,omitempty"`
	Link   string    `json:"link,omitempty"` // a path in Greenroom
	At     time.Time `json:"at"`
	SeenAt time.Time `json:"seen_at,omitzero"`
}
