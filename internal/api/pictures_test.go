// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"fmt"

	"greenroom/internal/pictures"
)

type fakePictures struct{ *fake }

func (f fakePictures) Status(context.Context) (pictures.Status, error) {
	return pictures.Status{Settings: pictures.Settings{On: true}, Accounts: 9, Told: 3, Plain: 2, None: 1, Failed: 1}, f.err
}

func (f fakePictures) Save(_ context.Context, set pictures.Settings) error {
	f.did = append(f.did, fmt.Sprintf("looks at pictures: %v", set.On))
	return f.err
}

func (f fakePictures) Pictures(_ context.Context, state pictures.State, after int64, _ int) ([]pictures.Listed, error) {
	return []pictures.Listed{{Seen: pictures.Seen{Account: after + 1, Address: "https://example.com/a.png", At: now, State: state, Again: now}, Source: "chat", Member: 12, Name: "Ana"}}, f.err
}

func (f fakePictures) Forget(context.Context) (int, error) { return 7, f.err }
