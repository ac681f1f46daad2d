// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom/connector"
)

const (
	taskSubject = "Greenroom: "
	subjectMax  = 255 // characters of a task's subject
	fieldOwner  = "OwnerId"
)

// AddTasks puts tasks beside accounts, 200 at a time. They are looked for first.
func (s *source) AddTasks(ctx context.Context, tasks []connector.AccountTask) ([]connector.Written, error) {
	return connector.InChunks(tasks, writeSize, func(some []connector.AccountTask) ([]connector.Written, error) { return s.addTasks(ctx, some) })
}

func (s *source) addTasks(ctx context.Context, tasks []connector.AccountTask) ([]connector.Written, error) {
	ids := connector.Companies(tasks)
	present, err := s.Accounts().Present(ctx, ids, []connector.Property{{Name: fieldOwner}})
	if err != nil {
		return nil, err
	}
	owners, err := s.usersOf(ctx, tasks)
	if err != nil {
		return nil, err
	}
	known, err := s.taskTexts(ctx, ids)
	if err != nil {
		return nil, err
	}
	results, at := connector.CompareTasks(tasks, present, "Salesforce has no such account any more", func(t *connector.AccountTask) (string, bool) {
		i := slices.IndexFunc(known, func(k knownTask) bool { return strings.Contains(k.Description, t.Key) })
		if i < 0 {
			return "", false
		}
		return s.link(known[i].ID), true
	})
	var send []record
	for _, i := range at {
		owner := owners[strings.ToLower(tasks[i].Owner)]
		if owner == "" {
			owner = present[tasks[i].Account][fieldOwner]
		}
		send = append(send, taskRecord(&tasks[i], owner))
	}
	if len(send) == 0 {
		return results, nil
	}
	saved, err := s.save(ctx, s.once, http.MethodPost, send)
	if err != nil {
		return nil, fmt.Errorf("putting tasks beside accounts: %w", err)
	}
	for n, i := range at {
		if !saved[n].Success {
			results[i].Fail(saved[n].why())
			continue
		}
		results[i].Link = s.link(saved[n].ID)
	}
	return results, nil
}

// taskRecord is a task as Salesforce has it.
func taskRecord(t *connector.AccountTask, owner string) record {
	title, text := taskSubject+t.Subject, t.Text
	if utf8.RuneCountInString(title) > subjectMax {
		title = string([]rune(title)[:subjectMax-1]) + "…"
	}
	if t.Link != "" {
		text += "\n\n" + t.Link
	}
	r := record{
		"attributes": map[string]string{"type": "Task"}, "WhatId": t.Account, "Subject": title, "Description": text + "\n\n" + t.Key,
		"Status": "Not Started", "Priority": "High", "ActivityDate": t.Due.Format(time.DateOnly),
	}
	if owner != "" {
		r[fieldOwner] = owner
	}
	return r
}

// usersOf finds the users that tasks name, by their address in lower case.
func (s *source) usersOf(ctx context.Context, tasks []connector.AccountTask) (map[string]string, error) {
	var mails []string
	for i := range tasks {
		if mail := strings.ToLower(tasks[i].Owner); mail != "" {
			mails = append(mails, "'"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(mail)+"'")
		}
	}
	found := make(map[string]string)
	if len(mails) == 0 {
		return found, nil
	}
	slices.Sort(mails)
	var rows []struct {
		ID    string `json:"Id"`
		Email string `json:"Email"`
	}
	if err := s.query(ctx, "SELECT Id, Email FROM User WHERE IsActive = true AND Email IN ("+strings.Join(slices.Compact(mails), ",")+") ORDER BY Id DESC", &rows); err != nil {
		return nil, fmt.Errorf("looking for the owners of tasks: %w", err)
	}
	for _, r := range rows { // the first user who has the address
		found[strings.ToLower(r.Email)] = r.ID
	}
	return found, nil
}

// knownTask is a task of ours that is there.
type knownTask struct {
	ID          string `json:"Id"`
	Description string `json:"Description"`
}

// taskTexts reads our tasks beside accounts, whose ids are of the form that Writes has checked.
func (s *source) taskTexts(ctx context.Context, accounts []string) ([]knownTask, error) {
	var rows []knownTask
	if err := s.query(ctx, "SELECT Id, Description FROM Task WHERE WhatId IN ('"+strings.Join(accounts, "','")+"') AND Subject LIKE '"+taskSubject+"%'", &rows); err != nil {
		return nil, fmt.Errorf("looking for tasks: %w", err)
	}
	return rows, nil
}
