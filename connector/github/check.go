// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/githubevent"
	"greenroom/connector/internal/rest"
)

func id(n int64) string { return strconv.FormatInt(n, 10) }

// Test says who asks, which repositories come in and what does not.
func (s *Source) Test(ctx context.Context) (connector.Check, error) {
	var check connector.Check
	var err error
	switch {
	case s.app != nil:
		err = s.testApp(ctx, &check)
	case s.signedIn():
		err = s.testToken(ctx, &check)
	default:
		check.Account = "nobody"
		check.Notes = append(check.Notes, "Without a token GitHub answers 60 requests an hour, and discussions and sponsors are left out.")
	}
	if err != nil {
		return check, err
	}
	repos, err := s.repositories(ctx)
	switch code := greenroom.ErrorCode(err); {
	case code == greenroom.CodeInvalid || code == greenroom.CodeForbidden:
		check.Missing = append(check.Missing, connector.Missing{Name: "repositories", Then: "Nothing comes in.", Do: greenroom.ErrorMessage(err) + ".", Must: true})
		return check, nil
	case err != nil:
		return check, err
	case len(repos) == 0:
		check.Missing = append(check.Missing, connector.Missing{Name: "repositories", Then: "Nothing comes in.", Do: "None of the owners has a repository that may be seen; check the names, or what the app is installed on.", Must: true})
		return check, nil
	}
	check.Notes = append(check.Notes, repositoriesNote(repos))
	if err := s.testLists(ctx, repos[0], &check); err != nil {
		return check, err
	}
	return check, s.testTeam(ctx, &check)
}

func repositoriesNote(repos []githubevent.Repo) string {
	const shown = 10
	var names []string
	for i := range repos[:min(shown, len(repos))] {
		names = append(names, repos[i].FullName)
	}
	text := strings.Join(names, ", ")
	if more := len(repos) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return "These repositories come in: " + text + "."
}

func (s *Source) testToken(ctx context.Context, check *connector.Check) error {
	var me githubevent.User
	ans, err := s.client.Into(ctx, "/user", nil, &me)
	if err != nil {
		return err
	}
	check.Account = me.Login
	if at, ok := expiry(ans.Header); ok {
		check.Notes = append(check.Notes, "The token expires on "+at.Format(time.DateOnly)+".")
	}
	granted, classic := ans.Header["X-Oauth-Scopes"]
	if !classic || len(granted) == 0 {
		return nil
	}
	scopes := strings.FieldsFunc(granted[0], func(r rune) bool { return r == ',' || r == ' ' })
	if s.set.On(optionPrivate) && !slices.Contains(scopes, "repo") {
		check.Missing = append(check.Missing, connector.Missing{Name: "repo", Then: "Private repositories do not come in.", Do: "Edit the token and tick repo, or make a fine-grained one."})
	}
	for _, scope := range scopes {
		if scope == "repo" && !s.set.On(optionPrivate) || scope == "delete_repo" || strings.HasPrefix(scope, "admin:") {
			check.Notes = append(check.Notes, "The token may do more than is needed ("+scope+"); one that only reads is safer.")
			break
		}
	}
	return nil
}

// testApp compares what the app may do with what is needed. What GitHub lists by another name than the scope is the same.
func (s *Source) testApp(ctx context.Context, check *connector.Check) error {
	me, err := s.app.about(ctx)
	if err != nil {
		return err
	}
	check.Account = me.AppSlug + "[bot] on " + me.Account.Login
	if me.SuspendedAt != nil {
		check.Missing = append(check.Missing, connector.Missing{Name: "installation", Then: "Nothing comes in.", Do: "The installation of the app is suspended; an owner of " + me.Account.Login + " can allow it again under Settings, GitHub Apps.", Must: true})
	}
	for _, scope := range scopes() {
		if me.Permissions[scope.Name] == "" {
			check.Missing = append(check.Missing, connector.Missing{
				Name: scope.Name, Then: "This does not come in: " + scope.Why,
				Do:   "Open the app's settings, Permissions & events, set it to Read-only, and accept the change on the organization's page of the installation.",
				Must: !scope.Optional,
			})
		}
	}
	var silent []string
	for _, event := range []string{"issues", "issue_comment", "pull_request", "discussion", "star", "fork", "release"} {
		if !slices.Contains(me.Events, event) {
			silent = append(silent, event)
		}
	}
	if len(silent) > 0 {
		check.Notes = append(check.Notes, "The app does not get these events as they happen: "+strings.Join(silent, ", ")+". They come in with the next sync, but without what was deleted.")
	}
	if me.Selection == "selected" {
		check.Notes = append(check.Notes, "The app is installed on selected repositories only.")
	}
	return nil
}

// testLists asks for one entry of the lists that need permissions of their own.
func (s *Source) testLists(ctx context.Context, repo githubevent.Repo, check *connector.Check) error {
	_, err := s.get(ctx, "/repos/"+repo.FullName+"/issues?state=all&per_page=1")
	if rest.Refused(err) {
		check.Missing = append(check.Missing, connector.Missing{Name: "issues", Then: "No issues and comments come in.", Do: "Give the token or the app read access to Issues and Pull requests.", Must: true})
	} else if err != nil && !gone(err) {
		return err
	}
	if !s.set.On(optionDiscussions) || !s.signedIn() {
		return nil
	}
	owner, name, _ := strings.Cut(repo.FullName, "/")
	var ans gqlAnswer
	if _, err := s.query(ctx, `query($owner:String!,$name:String!){repository(owner:$owner,name:$name){discussions(first:1){totalCount}}}`, map[string]any{"owner": owner, "name": name}, &ans); err != nil {
		return err
	}
	if len(ans.Errors) > 0 {
		check.Missing = append(check.Missing, connector.Missing{Name: "discussions", Then: "No discussions come in. GitHub says: " + ans.reason(), Do: "Give the token or the app read access to Discussions."})
	}
	return nil
}

func (s *Source) testTeam(ctx context.Context, check *connector.Check) error {
	org := s.set.Text(optionStaff)
	if org == "" {
		return nil
	}
	ans, err := s.get(ctx, "/orgs/"+org+"/members?per_page=1")
	switch {
	case gone(err):
		check.Missing = append(check.Missing, connector.Missing{Name: "staff-org", Then: "Nobody is marked as the team.", Do: "GitHub has no organization " + org + "; check the name."})
	case rest.Refused(err):
		check.Missing = append(check.Missing, connector.Missing{Name: "members", Then: "Nobody is marked as the team.", Do: "Give the token or the app read access to Members of the organization."})
	case err != nil:
		return err
	case ans.Status == http.StatusOK && string(ans.Body) == "[]":
		check.Notes = append(check.Notes, "Nobody shows to be a member of "+org+"; a token of a member sees all.")
	}
	return nil
}
