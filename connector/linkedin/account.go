// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package linkedin

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Test asks what the token may do, and for each page whether its posts and its followers can be read.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	var check connector.Check
	scopes, err := s.scopes(ctx)
	if err != nil {
		check.Notes = append(check.Notes, "The token's permissions cannot be seen with this client ID and secret.")
	}
	if scopes != "" {
		check.Notes = append(check.Notes, "The token has the permissions "+strings.ReplaceAll(scopes, ",", ", ")+".")
	}
	pages, err := s.pages(ctx)
	if rest.Refused(err) {
		check.Missing = append(check.Missing, connector.Missing{Name: "rw_organization_admin", Then: "Nothing comes in.", Do: "Make a token with rw_organization_admin and r_organization_social, signed in as an administrator of the page.", Must: true})
		return check, nil
	}
	if err != nil {
		return check, err
	}
	names := make([]string, len(pages))
	for i := range pages {
		names[i] = pages[i].Name
		id := strconv.FormatInt(pages[i].ID, 10)
		var l wireList
		err := s.ask(ctx, "FINDER", "/posts?q=author&author="+enc(organizationURN+id)+"&start=0&count=1", &l)
		if rest.Refused(err) {
			check.Missing = append(check.Missing, connector.Missing{Name: "r_organization_social", Then: "No posts, comments and reactions of " + names[i] + " come in.", Do: "Have the Community Management API granted to the app, and make a token with r_organization_social.", Must: true})
		} else if err != nil {
			return check, err
		}
		if s.set.On(optNotices) {
			now := s.env.Now().UnixMilli()
			err := s.ask(ctx, "FINDER", fmt.Sprintf("/organizationalEntityNotifications?q=criteria&actions=List(%s)&organizationalEntity=%s&timeRange=(start:%d,end:%d)&start=0&count=1", noticeMention, enc(organizationURN+id), now-1000, now), &l)
			if rest.Refused(err) {
				check.Missing = append(check.Missing, connector.Missing{Name: "rw_organization_admin", Then: "Who mentions " + names[i] + " and shares its posts does not come in, and deleted comments stay.", Do: "Make a token with rw_organization_admin, signed in as an administrator of the page."})
			} else if err != nil {
				return check, err
			}
		}
		if _, err := s.followers(ctx, id); rest.Refused(err) {
			check.Missing = append(check.Missing, connector.Missing{Name: "administrator of " + names[i], Then: "No numbers of followers come in.", Do: "Have the person who signs in made a super admin of the page."})
		} else if err != nil {
			return check, err
		}
	}
	if len(pages) == 0 {
		check.Missing = append(check.Missing, connector.Missing{Name: "pages", Then: "Nothing comes in.", Do: "The person who signed in administers no page; sign in as an administrator, or name the pages.", Must: true})
	}
	check.Account = "administrator of " + strings.Join(names, ", ")
	if s.set.Text(optRefresh) == "" {
		check.Notes = append(check.Notes, "There is no refresh token: the access token ends 60 days after it was made, and then a new one has to be entered.")
	}
	return check, nil
}

// followers is how many follow a page.
func (s *source) followers(ctx context.Context, id string) (int64, error) {
	var size struct {
		Count int64 `json:"firstDegreeSize"`
	}
	err := s.ask(ctx, "GET", "/networkSizes/"+enc(organizationURN+id)+"?edgeType=COMPANY_FOLLOWED_BY_MEMBER", &size)
	return size.Count, err
}

// Survey tells LinkedIn's own counts of each page.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	pages, err := s.pages(ctx)
	if err != nil {
		return v, err
	}
	for i := range pages {
		p := &pages[i]
		id := strconv.FormatInt(p.ID, 10)
		place := connector.Place{ExternalID: organizationURN + id, Name: p.Name, Covered: true, Members: -1, Items: -1}
		in := `in:"#` + strings.ReplaceAll(p.Name, `"`, "") + `"`
		n, err := s.followers(ctx, id)
		switch {
		case err == nil:
			place.Members = n
			v.Counts = append(v.Counts, connector.Count{
				What: "followers", Place: place.ExternalID, Platform: n, Query: in + " kind:follow", Of: "activities",
				Explain: []connector.Explanation{{Text: "LinkedIn tells followers gained in the last twelve months only, by day and without names, and not who left"}},
			})
		case !rest.Refused(err):
			return v, err
		}
		var l wireList
		err = s.ask(ctx, "FINDER", "/posts?q=author&author="+enc(place.ExternalID)+"&start=0&count=1", &l)
		switch {
		case rest.Refused(err):
			place.Covered, place.Why = false, "the token may not read posts; it needs r_organization_social"
		case err != nil:
			return v, err
		default:
			place.Items = l.Paging.Total
			c := connector.Count{What: "posts", Place: place.ExternalID, Platform: l.Paging.Total, Query: in + " kind:announcement", Of: "activities"}
			if since := s.set.Since(optSince); !since.IsZero() {
				c.Explain = []connector.Explanation{{Text: "Posts before " + since.Format("2 January 2006") + " are not wanted, by the option of the source"}}
			}
			v.Counts = append(v.Counts, c)
			v.Items += l.Paging.Total
			v.Requests += 3 + 2*l.Paging.Total + l.Paging.Total/pagePosts*2
		}
		v.Places = append(v.Places, place)
	}
	v.Cost = fmt.Sprintf("about %d of the requests that LinkedIn allows in a day", v.Requests)
	return v, nil
}
