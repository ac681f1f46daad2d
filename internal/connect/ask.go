// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package connect

import (
	"context"
	"errors"
	"math"
	"net/url"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// Tested is what a connection test found.
type Tested struct {
	connector.Check

	Asked bool // the platform was asked; otherwise the connector cannot be tested, and only its options were checked
}

// Works reports whether something would come in.
func (t *Tested) Works() bool {
	for i := range t.Missing {
		if t.Missing[i].Must {
			return false
		}
	}
	return true
}

// Surveyed is what there is on a platform, with what a first read of it takes.
type Surveyed struct {
	connector.Survey

	Time time.Duration // that a whole backfill takes, about; 0 = not known
}

// Test asks the platform whether a source that is not stored yet would work. The error says why it does not at all.
func (s *Service) Test(ctx context.Context, kind string, values connector.Values) (Tested, error) {
	spec, err := s.Find(kind)
	if err != nil {
		return Tested{}, err
	}
	if err := s.may(ctx, &spec, values); err != nil {
		return Tested{}, err
	}
	return s.test(ctx, spec, "", values)
}

// TestSource asks the platform whether a stored source works, or would with other options.
func (s *Service) TestSource(ctx context.Context, name string, options map[string]string) (Tested, error) {
	_, spec, values, err := s.merged(ctx, name, &Change{Options: options})
	if err != nil {
		return Tested{}, err
	}
	return s.test(ctx, spec, name, values)
}

func (s *Service) test(ctx context.Context, spec connector.Spec, name string, values connector.Values) (Tested, error) {
	src, _, err := s.opener.Open(spec, name, values)
	if err != nil {
		return Tested{}, err
	}
	t, ok := src.(connector.Tester)
	if !ok {
		return Tested{}, nil
	}
	check, err := t.Test(ctx)
	return Tested{Check: check, Asked: true}, plain(ctx, spec.Title, err)
}

// plain makes an error of a platform one that is shown to whoever asked.
func plain(ctx context.Context, title string, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: title + " has not answered in time; try it again", Err: err}
	case greenroom.ErrorCode(err) != greenroom.CodeInternal:
		return err
	}
	message := title + " could not be asked"
	var failed *url.Error
	if errors.As(err, &failed) { // without the address, in which a secret may stand
		message += ": " + failed.Err.Error()
	}
	return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: message, Err: err}
}

// Survey asks a platform what there is, for a source that is not stored yet. CodeInvalid when the connector cannot say.
func (s *Service) Survey(ctx context.Context, kind string, values connector.Values) (Surveyed, error) {
	spec, err := s.Find(kind)
	if err != nil {
		return Surveyed{}, err
	}
	if err := s.may(ctx, &spec, values); err != nil {
		return Surveyed{}, err
	}
	return s.survey(ctx, spec, "", values)
}

// SurveySource asks the platform of a stored source what there is. Without other options, the answer is kept.
func (s *Service) SurveySource(ctx context.Context, name string, options map[string]string) (Surveyed, error) {
	src, spec, values, err := s.merged(ctx, name, &Change{Options: options})
	if err != nil {
		return Surveyed{}, err
	}
	v, err := s.survey(ctx, spec, name, values)
	if err != nil || len(options) > 0 {
		return v, err
	}
	return v, s.store.KeepSurvey(ctx, src.ID, v.Survey)
}

func (s *Service) survey(ctx context.Context, spec connector.Spec, name string, values connector.Values) (Surveyed, error) {
	src, meter, err := s.opener.Open(spec, name, values)
	if err != nil {
		return Surveyed{}, err
	}
	surveyor, ok := src.(connector.Surveyor)
	if !ok {
		return Surveyed{}, greenroom.Errorf(greenroom.CodeInvalid, "%s cannot say what there is before it is read", spec.Title)
	}
	began := s.now()
	v, err := surveyor.Survey(ctx)
	if err != nil {
		return Surveyed{}, plain(ctx, spec.Title, err)
	}
	m := meter.Metered()
	return Surveyed{Survey: v, Time: backfill(v.Requests, s.now().Sub(began)-m.Waited, &m)}, nil
}

// leastRequest is how long a request takes at least, over the day and with storing what it brings.
const leastRequest = 200 * time.Millisecond

// backfill is how long as many requests take, about: as long each as those of the survey did, and where the platform's
// budget does not hold that many, as many of its periods as they fill.
func backfill(requests int64, took time.Duration, m *connector.Metered) time.Duration {
	if requests <= 0 {
		return 0
	}
	each := leastRequest
	if m.Requests > 0 {
		each = max(each, took/time.Duration(m.Requests))
	}
	longest := time.Duration(requests) * each
	for i := range m.Budgets {
		b := &m.Budgets[i]
		if period := periodOf(b.Name); b.Limit > 0 && period > 0 && requests > b.Remaining {
			longest = max(longest, period*time.Duration(math.Ceil(float64(requests-b.Remaining)/float64(b.Limit))))
		}
	}
	return longest
}

// periodOf is the period of a budget by its name, such as "requests an hour"; 0 = it names none.
func periodOf(name string) time.Duration {
	for word, d := range map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour} {
		if strings.HasSuffix(name, word) {
			return d
		}
	}
	return 0
}
