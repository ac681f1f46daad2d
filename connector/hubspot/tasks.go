// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package hubspot

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

const (
	taskTo        = 192 // HubSpot's type of the association of a task with a company
	companyType   = "0-2"
	propertyOwner = "hubspot_owner_id"
	propertyBody  = "hs_task_body"
	stamp         = "2006-01-02T15:04:05.000Z"
)

// taskInput is a task as it is sent; at is where it stands among those that were asked for.
type taskInput struct {
	noteInput

	at int
}

// AddTasks puts tasks beside companies, by the hundred. They are looked for first.
func (s *source) AddTasks(ctx context.Context, tasks []connector.AccountTask) ([]connector.Written, error) {
	return connector.InChunks(tasks, pageSize, func(some []connector.AccountTask) ([]connector.Written, error) { return s.addTasks(ctx, some) })
}

func (s *source) addTasks(ctx context.Context, tasks []connector.AccountTask) ([]connector.Written, error) {
	ids := connector.Companies(tasks)
	present, err := s.Accounts().Present(ctx, ids, []connector.Property{{Name: propertyOwner}})
	if err != nil {
		return nil, err
	}
	owners, err := s.ownersOf(ctx, tasks)
	if err != nil {
		return nil, err
	}
	known, err := s.bodiesOf(ctx, "companies", ids, "tasks", propertyBody)
	if err != nil {
		return nil, err
	}
	know := &knowledge{}
	if _, err := s.client.Into(ctx, "/account-info/v3/details", nil, &know.wireAccount); err != nil && !without(err) {
		return nil, fmt.Errorf("asking where tasks are seen: %w", err)
	}
	results, at := connector.CompareTasks(tasks, present, "HubSpot has no such company any more", func(t *connector.AccountTask) (string, bool) {
		e, there := holding(known[t.Account], t.Key)
		return know.linkToTask(e.id), there
	})
	var send []taskInput
	for _, i := range at {
		t := &tasks[i]
		results[i].Link = know.link(&objectKind{typeID: companyType}, t.Account) // until HubSpot says the task's number
		owner := owners[strings.ToLower(t.Owner)]
		if owner == "" {
			owner = present[t.Account][propertyOwner]
		}
		send = append(send, taskInput{taskOf(t, owner), i})
	}
	return results, s.sendTasks(ctx, know, send, results)
}

// linkToTask is where HubSpot's list of tasks opens one; "" where the account is not known.
func (k *knowledge) linkToTask(id string) string {
	if k.Portal == 0 || k.Domain == "" || id == "" {
		return ""
	}
	return "https://" + k.Domain + "/tasks/" + strconv.FormatInt(k.Portal, 10) + "/view/all/task/" + url.PathEscape(id)
}

// taskOf is a task as HubSpot has it.
func taskOf(t *connector.AccountTask, owner string) noteInput {
	p := map[string]string{
		"hs_timestamp": t.Due.UTC().Format(stamp), "hs_task_subject": t.Subject, propertyBody: noteBody(&connector.ContactNote{Key: t.Key, Text: t.Text, Link: t.Link}),
		"hs_task_status": "NOT_STARTED", "hs_task_priority": "HIGH", "hs_task_type": "TODO",
	}
	if owner != "" {
		p[propertyOwner] = owner
	}
	return noteInput{Properties: p, Associations: []noteLink{{To: input{ID: t.Account}, Types: []noteType{{Category: "HUBSPOT_DEFINED", ID: taskTo}}}}}
}

// sendTasks sends tasks. What HubSpot refuses as a whole is halved until the bad one stands alone; of what is refused
// nothing was made.
func (s *source) sendTasks(ctx context.Context, know *knowledge, send []taskInput, results []connector.Written) error {
	if len(send) == 0 {
		return nil
	}
	all := make([]noteInput, len(send))
	for i := range send {
		all[i] = send[i].noteInput
	}
	var made struct {
		Results []wireObject `json:"results"`
	}
	_, err := s.once.Post(ctx, "/crm/v3/objects/tasks/batch/create", map[string]any{"inputs": all}, &made)
	switch {
	case rest.Refused(err):
		return &greenroom.Error{Code: greenroom.CodeForbidden, Message: "HubSpot does not let this token add tasks; add the scope " + scopeWrite + " to the service key or app", Err: err}
	case rest.Status(err) == http.StatusBadRequest && len(send) == 1:
		results[send[0].at].Fail(greenroom.ErrorMessage(err))
		return nil
	case rest.Status(err) == http.StatusBadRequest:
		half := len(send) / 2
		if err := s.sendTasks(ctx, know, send[:half], results); err != nil {
			return err
		}
		return s.sendTasks(ctx, know, send[half:], results)
	case err != nil:
		return fmt.Errorf("putting tasks beside companies: %w", err)
	}
	for i := range made.Results { // HubSpot does not say that they are in the order of the inputs
		o := &made.Results[i]
		for n := range send {
			if r := &results[send[n].at]; r.Link != "" && o.Properties[propertyBody] == send[n].Properties[propertyBody] {
				r.Link = know.linkToTask(o.ID)
			}
		}
	}
	return nil
}

// ownersOf finds the owners that tasks name, by their address in lower case. What the token may not see is done without.
func (s *source) ownersOf(ctx context.Context, tasks []connector.AccountTask) (map[string]string, error) {
	found := make(map[string]string)
	for i := range tasks {
		mail := strings.ToLower(tasks[i].Owner)
		if _, asked := found[mail]; asked || mail == "" {
			continue
		}
		found[mail] = ""
		var all struct {
			Results []wireOwner `json:"results"`
		}
		_, err := s.client.Into(ctx, "/crm/v3/owners", url.Values{"email": {mail}, "limit": {"1"}}, &all)
		if err != nil && !without(err) {
			return nil, fmt.Errorf("looking for the owners of tasks: %w", err)
		}
		for n := range all.Results {
			if o := &all.Results[n]; strings.EqualFold(o.Email, mail) && !o.Archived {
				found[mail] = o.ID
			}
		}
	}
	return found, nil
}
