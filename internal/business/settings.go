// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package business

import (
	"greenroom"
)

// Settings are what people decided of business data and accounts.
type Settings struct {
	Reporting string `json:"reporting"` // the currency that everything is reported in, ISO 4217
	AtRisk    int    `json:"at_risk"`   // from how many points on an account is at risk
	// PaidTopics are words by which a question is about something that is paid for, such as "SSO"; a hint for who could buy more.
	PaidTopics []string `json:"paid_topics,omitempty"`
}

// Usual are the settings before somebody changes them.
func Usual() Settings {
	return Settings{Reporting: "EUR", AtRisk: 50, PaidTopics: []string{"sso", "saml", "scim", "audit log", "sla", "enterprise", "rate limit", "on-premises"}}
}

// Validate says what is wrong with settings, as CodeInvalid.
func (s *Settings) Validate() error {
	switch {
	case s.Reporting == "" || greenroom.CurrencyCode(s.Reporting) != s.Reporting:
		return greenroom.Errorf(greenroom.CodeInvalid, "%q is no currency; expected a code of three letters such as EUR", s.Reporting)
	case s.AtRisk < 1 || s.AtRisk > 100:
		return greenroom.Errorf(greenroom.CodeInvalid, "an account is at risk from 1 to 100 points, not %d", s.AtRisk)
	case len(s.PaidTopics) > 100:
		return greenroom.Errorf(greenroom.CodeInvalid, "at most 100 words for what is paid for, not %d", len(s.PaidTopics))
	}
	return nil
}
