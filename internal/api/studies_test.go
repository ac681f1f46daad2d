// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"

	"greenroom"
	"greenroom/internal/finder"
)

// studyFake has one study.
type studyFake struct{}

func keptStudy() finder.Study {
	return finder.Study{ID: 1, Version: 1, Draft: finder.Draft{Title: "Interviews", Who: "country:de", Wanted: 1, Rest: 90, Yearly: 3}, CreatedBy: "ana@acme.example"}
}

func studyFound(id int64) error {
	if id != 1 {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no study %d", id)
	}
	return nil
}

func (studyFake) List(context.Context) ([]finder.Study, error) {
	return []finder.Study{keptStudy()}, nil
}

func (studyFake) Get(_ context.Context, id int64) (finder.Study, error) {
	return keptStudy(), studyFound(id)
}

func (studyFake) Asks(context.Context, int64, int64) ([]finder.Ask, error) {
	return []finder.Ask{}, nil
}

func (studyFake) Find(context.Context, *finder.Draft, int64) (*finder.Shortlist, error) {
	return &finder.Shortlist{Candidates: []finder.Candidate{}, LeftOut: []finder.LeftOut{}}, nil
}

func (studyFake) Add(_ context.Context, d finder.Draft, _ string) (finder.Study, error) {
	return keptStudy(), d.Validate()
}

func (studyFake) Edit(_ context.Context, id, _ int64, d finder.Draft, _ bool, _ string) (finder.Study, error) {
	if err := d.Validate(); err != nil {
		return finder.Study{}, err
	}
	return keptStudy(), studyFound(id)
}

func (studyFake) Invite(_ context.Context, id int64, all []int64, _ string) (int, error) {
	return len(all), studyFound(id)
}

func (studyFake) Outcome(_ context.Context, id, _ int64, s finder.State, _, _, _ string) (finder.Ask, error) {
	return finder.Ask{ID: 1, Study: 1, State: s}, studyFound(id)
}

// studyRequests are one request to each operation.
func studyRequests() []string {
	return []string{
		"GET /finder/studies", `POST /finder/studies {"title":"x","who":"country:de"}`, "GET /finder/studies/1", `PUT /finder/studies/1 {"title":"x","who":"country:de","closed":true,"version":1}`,
		"GET /finder/studies/1/candidates", `POST /finder/studies/1/invitations {"members":[42]}`, "GET /study-asks?study=1&member=42", `PUT /finder/studies/1/asks/1 {"state":"done"}`,
	}
}
