// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"

	"greenroom/internal/auth"
)

// privacyOps are left out where nobody can do what they promise.
func (a *api) privacyOps() []op {
	if a.Privacy == nil {
		return nil
	}
	return []op{
		{
			method: http.MethodGet, path: "/members/{id}/data", id: "exportMemberData", tag: "Members", need: auth.Administer,
			summary: "Everything that is stored about a member",
			text:    "For a member who asks what is known about them: all of it as one JSON object.",
			params:  []param{idParam("The member's id.")},
			reply:   content{of: map[string]any{}, text: "Everything."},
			timeout: longTimeout, secret: true,
			do: func(c *call) (answer, error) {
				if err := a.Audit.Audit(c.ctx(), c.caller, "member.export", "member "+c.text("id"), ""); err != nil {
					return answer{}, err
				}
				return answer{media: mediaJSON, stream: func(w *streamWriter) error { return a.Privacy.ExportMember(c.ctx(), c.id(), w) }}, nil
			},
		},
		{
			method: http.MethodDelete, path: "/members/{id}/data", id: "eraseMemberData", tag: "Members", need: auth.Administer,
			summary: "Erase a member's data",
			text:    "For a member who asks to be forgotten. **This cannot be undone.**",
			params:  []param{idParam("The member's id.")},
			status:  http.StatusNoContent,
			reply:   content{text: "The data are gone."},
			do: func(c *call) (answer, error) {
				return answer{}, a.Privacy.EraseMember(c.ctx(), c.id(), c.by())
			},
		},
	}
}
