// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reddit

import (
	"context"
	"fmt"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// about asks for a subreddit.
func (s *source) about(ctx context.Context, sub string) (*wireSubreddit, error) {
	var w wireSubreddit
	_, err := s.client.Into(ctx, "/r/"+sub+"/about", nil, &w)
	return &w, err
}

// Test gets a token, and asks for each subreddit.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	check := connector.Check{Account: "app " + s.set.Text(optClient) + " of u/" + s.set.Text(optUser)}
	for _, sub := range s.subreddits() {
		w, err := s.about(ctx, sub)
		switch {
		case rest.Refused(err), rest.Gone(err):
			check.Missing = append(check.Missing, connector.Missing{
				Name: "r/" + sub, Then: "Nothing of this subreddit comes in.", Do: "Check its name. Private, quarantined and banned subreddits are closed to apps.", Must: len(s.subreddits()) == 1,
			})
		case err != nil:
			return check, err
		default:
			check.Notes = append(check.Notes, fmt.Sprintf("r/%s has %d subscribers.", w.Data.Display, w.Data.Subscribers))
		}
	}
	return check, nil
}

// shown is how many posts of a subreddit Reddit shows at most.
const shown = 1000

// Survey tells subscribers. Reddit tells no numbers of posts and comments.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	for _, sub := range s.subreddits() {
		w, err := s.about(ctx, sub)
		place := connector.Place{ExternalID: "r/" + sub, Name: "r/" + sub, Members: -1, Items: -1}
		switch {
		case rest.Refused(err), rest.Gone(err):
			place.Why = "it is private, quarantined, banned or not there; check its name"
		case err != nil:
			return v, err
		default:
			place.ExternalID, place.Covered, place.Members = w.Data.Name, true, w.Data.Subscribers
			v.Counts = append(v.Counts, connector.Count{
				What: "subscribers", Place: w.Data.Name, Platform: w.Data.Subscribers, Query: `in:"#r/` + w.Data.Display + `" kind:follow`, Of: "activities",
				Explain: []connector.Explanation{{Text: "Reddit does not say who subscribed", Items: -w.Data.Subscribers}},
			})
			v.Requests += shown/100 + 1
			if s.set.On(optThreads) {
				v.Requests += shown
			}
			v.Items += shown
		}
		v.Places = append(v.Places, place)
	}
	v.Cost = fmt.Sprintf("at most %d requests for each 1,000 newest posts with their threads, about %d minutes; free for use that is not commercial", v.Requests, v.Requests/95+1)
	return v, nil
}
