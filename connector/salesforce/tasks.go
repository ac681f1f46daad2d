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
	if len(at) == 0 {
		return results, nil
	}
	words, err := s.taskWords(ctx)
	if err != nil {
		return nil, err
	}
	var send []record
	for _, i := range at {
		owner := owners[strings.ToLower(tasks[i].Owner)]
		if owner == "" {
			owner = present[tasks[i].Account][fieldOwner]
		}
		send = append(send, taskRecord(&tasks[i], owner, words))
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
func taskRecord(t *connector.AccountTask, owner string, words *taskWords) record {
	title, text := taskSubject+t.Subject, t.Text
	if utf8.RuneCountInString(title) > subjectMax {
		title = string([]rune(title)[:subjectMax-1]) + "…"
	}
	if t.Link != "" {
		text += "\n\n" + t.Link
	}
	r := record{
		"attributes": map[string]string{"type": "Task"}, "WhatId": t.Account, "Subject": title, "Description": text + "\n\n" + t.Key,
		"Status": words.open, "ActivityDate": t.Due.Format(time.DateOnly),
	}
	if words.high != "" {
		r["Priority"] = words.high
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
	if err := s.query(ctx, "SELECT Id, Email FROM User WHERE IsActive = true AND UserType = 'Standard' AND Email IN ("+strings.Join(slices.Compact(mails), ",")+") ORDER BY Id DESC", &rows); err != nil {
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

// taskWords are the values of a task's status and priority. Organizations make their own, and those of other languages begin
// with others: what is written under a name that there is not stays open for ever.
type taskWords struct {
	open, done string
	high       string // "" = there is none
}

// taskWords asks for the organization's words once. One that does not tell them is taken to have the usual ones.
func (s *source) taskWords(ctx context.Context) (*taskWords, error) {
	s.mu.Lock()
	known := s.words
	s.mu.Unlock()
	if known != nil {
		return known, nil
	}
	var states []struct {
		Name    string `json:"ApiName"`
		Closed  bool   `json:"IsClosed"`
		Default bool   `json:"IsDefault"`
	}
	if err := s.query(ctx, "SELECT ApiName, IsClosed, IsDefault FROM TaskStatus ORDER BY SortOrder", &states); err != nil && !without(err) {
		return nil, fmt.Errorf("looking for the states of tasks: %w", err)
	}
	var ranks []struct {
		Name string `json:"ApiName"`
		High bool   `json:"IsHighPriority"`
	}
	if err := s.query(ctx, "SELECT ApiName, IsHighPriority FROM TaskPriority ORDER BY SortOrder", &ranks); err != nil && !without(err) {
		return nil, fmt.Errorf("looking for the priorities of tasks: %w", err)
	}
	var open, done, high []string
	for _, state := range states {
		switch {
		case state.Closed:
			done = append(done, state.Name)
		case state.Default:
			open = slices.Insert(open, 0, state.Name)
		default:
			open = append(open, state.Name)
		}
	}
	for _, rank := range ranks {
		if rank.High {
			high = append(high, rank.Name)
		}
	}
	words := &taskWords{open: word("Not Started", open), done: word("Completed", done), high: word("High", high)}
	if len(ranks) > 0 && len(high) == 0 {
		words.high = ""
	}
	s.mu.Lock()
	s.words = words
	s.mu.Unlock()
	return words, nil
}

// word is the usual one where there is it, or nothing is known, else the first.
func word(usual string, all []string) string {
	if len(all) == 0 || slices.Contains(all, usual) {
		return usual
	}
	return all[0]
}
