// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"net/http"

	"greenroom"
	"greenroom/internal/auth"
)

func (a *api) activityOps() []op {
	return []op{
		getOp("activity", "Activities", "An activity", a.Objects.Activity, exampleActivity()),
		{
			method: http.MethodGet, path: "/activities/{id}/raw", id: "getActivityRaw", tag: "Activities", need: auth.Read,
			summary: "What the source said",
			text: "The record from which the activity was made, as the source gave it: JSON from most sources, else text. It is kept as long as the " +
				"retention setting says, and 404 after that.",
			params: []param{idParam("The activity's id.")},
			reply:  content{of: json.RawMessage{}, text: "The record. Its Content-Type is application/json, or text/plain where it is not JSON."},
			do: func(c *call) (answer, error) {
				raw, err := a.Objects.ActivityPayload(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				if len(raw) == 0 {
					return answer{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no raw record of activity %d", c.id())
				}
				if json.Valid(raw) {
					return answer{raw: raw, media: mediaJSON}, nil
				}
				// Never as anything that a browser would run.
				return answer{raw: raw, media: "text/plain; charset=utf-8"}, nil
			},
		},
	}
}
