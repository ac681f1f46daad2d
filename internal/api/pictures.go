// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"time"

	"greenroom/internal/auth"
	"greenroom/internal/pictures"
)

// Pictures looks at members' profile pictures; pictures.Service does.
type Pictures interface {
	Status(ctx context.Context) (pictures.Status, error)
	Save(ctx context.Context, set pictures.Settings) error
	Pictures(ctx context.Context, state pictures.State, after int64, limit int) ([]pictures.Listed, error)
	Forget(ctx context.Context) (int, error)
}

// ForgottenPictures says of how many accounts it was taken away what their picture looks like.
type ForgottenPictures struct {
	Accounts int `json:"accounts" doc:"Accounts whose picture had been looked at."`
}

func (a *api) pictureOps() []op {
	if a.Pictures == nil {
		return nil
	}
	status := pictures.Status{Settings: pictures.Settings{On: true}, Accounts: 2140, Told: 1204, Plain: 610, None: 180, Failed: 12}
	at := time.Date(2026, 11, 5, 9, 30, 0, 0, time.UTC)
	one := pictures.Listed{
		Seen:   pictures.Seen{Account: 31, Address: "https://avatars.githubusercontent.com/u/583231?v=4", At: at, State: pictures.Told, Hash: "3c96a5f00f5a69c3", Again: at.AddDate(0, 0, 180)},
		Source: "github", Member: 12, Name: "Ana Torres",
	}
	return []op{
		{
			method: http.MethodGet, path: "/pictures", id: "getPictures", tag: "Members", need: auth.Read,
			summary: "How looking at profile pictures stands", text: "Whether pictures are looked at, so that accounts with one picture can be told to be one person, and what came of it.",
			reply: content{of: pictures.Status{}, example: status}, do: a.pictureStatus,
		},
		{
			method: http.MethodPut, path: "/pictures/settings", id: "setPictures", tag: "Members", need: auth.Administer,
			summary: "Have profile pictures looked at, or not",
			text:    "When on, pictures are read from the addresses that sources gave, a few a second from each host; of each, 64 bits are kept that say what it looks like.",
			body:    &content{of: pictures.Settings{}, text: "The settings.", example: pictures.Settings{On: true}}, reply: content{of: pictures.Status{}, example: status},
			do: func(c *call) (answer, error) {
				set, err := decode[pictures.Settings](c)
				if err != nil {
					return answer{}, err
				}
				if err := a.Pictures.Save(c.ctx(), set); err != nil {
					return answer{}, err
				}
				return a.pictureStatus(c)
			},
		},
		{
			method: http.MethodGet, path: "/pictures/seen", id: "listPictures", tag: "Members", need: auth.Read,
			summary: "Pictures that were looked at", text: "By account, 200 accounts at a time, with what is wrong with those that could not be read.",
			params: []param{
				{name: "state", form: formText, text: "Those of one state: told, plain, none or failed.", example: "failed"},
				{name: "after", form: formInteger, text: "The account after which the list goes on; without it, it begins.", example: "812"},
			},
			reply: content{of: Items[pictures.Listed]{}, example: Items[pictures.Listed]{Items: []pictures.Listed{one}}},
			do: func(c *call) (answer, error) {
				state, err := pictures.ParseState(c.text("state"))
				if err != nil {
					return answer{}, err
				}
				all, err := a.Pictures.Pictures(c.ctx(), state, c.integer("after"), 200)
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodDelete, path: "/pictures/seen", id: "forgetPictures", tag: "Members", need: auth.Administer,
			summary: "Forget what pictures look like", text: "Joins that rest on pictures are taken back with the next look at who is who. While looking is on, it begins anew.",
			reply: content{of: ForgottenPictures{}, example: ForgottenPictures{2006}},
			do: func(c *call) (answer, error) {
				n, err := a.Pictures.Forget(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return ok(ForgottenPictures{n})
			},
		},
	}
}

func (a *api) pictureStatus(c *call) (answer, error) {
	st, err := a.Pictures.Status(c.ctx())
	if err != nil {
		return answer{}, err
	}
	return ok(st)
}
