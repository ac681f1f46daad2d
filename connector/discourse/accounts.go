// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discourse

import (
	"context"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector/internal/jsonfile"
)

// people reads the accounts, which only an administrator may list, the newest first: those that never wrote, and
// everybody's e-mail address. A later pass reads those that are new; webhooks tell of changes.
func (r *forumReader) people(ctx context.Context) error {
	if !r.client.key || !r.source.set.On(optPeople) || r.at.People < 0 {
		return nil
	}
	for {
		r.at.People = max(r.at.People, 1)
		path := "/admin/users/list/active.json?order=created&show_emails=true&page=" + strconv.Itoa(r.at.People)
		var list []jsontext.Value
		err := r.client.get(ctx, path, &list)
		if gone(err) {
			r.source.env.Meter.Warn("The API key is not an administrator's: accounts that never wrote, and e-mail addresses, do not come in.")
			list, err = nil, nil
		}
		if err != nil {
			return err
		}
		r.reject = r.refusal(path)
		if !r.accounts(list) {
			r.at.People = -1
			return r.checkpoint("accounts")
		}
		r.at.People++
		if err := r.checkpoint("accounts"); err != nil {
			return err
		}
	}
}

// accounts tells the accounts of a page, and reports whether those on the next one may be new.
func (r *forumReader) accounts(list []jsontext.Value) bool {
	for _, raw := range list {
		var a account
		if jsonfile.Unmarshal(raw, &a) == nil {
			if at, err := parseTime(a.CreatedAt); err == nil {
				born := stamp(at)
				if r.at.Born != "" && born <= r.at.Born {
					return false
				}
				r.at.Birth = max(r.at.Birth, born)
			}
		}
		r.account(raw, true, false)
		if r.source.profiles { // which has more: who writes is met anew
			delete(r.known, a.ID)
		}
	}
	r.newAuthors = nil
	return len(list) > 0
}
