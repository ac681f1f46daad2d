// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package all is the explicit list of connectors. A connector that is not named here does not exist for the product.
package all

import (
	"greenroom"
	"greenroom/connector"
	"greenroom/connector/csv"
	"greenroom/connector/discordexport"
	"greenroom/connector/discourse"
	"greenroom/connector/gharchive"
	"greenroom/connector/git"
	"greenroom/connector/gitea"
	"greenroom/connector/github"
	"greenroom/connector/gitlab"
	"greenroom/connector/hubspot"
	"greenroom/connector/linkedin"
	"greenroom/connector/mbox"
	"greenroom/connector/reddit"
	"greenroom/connector/salesforce"
	"greenroom/connector/segment"
	"greenroom/connector/slack"
	"greenroom/connector/slackexport"
	"greenroom/connector/stackexchange"
	"greenroom/connector/webhook"
	"greenroom/connector/x"
	"greenroom/connector/youtube"
)

// Specs lists every connector, in the order in which they are offered.
func Specs() []connector.Spec {
	return []connector.Spec{
		slack.Spec(),
		discourse.Spec(),
		github.Spec(),
		x.Spec(),
		linkedin.Spec(),
		youtube.Spec(),
		reddit.Spec(),
		gitlab.Spec(),
		gitea.Spec(),
		hubspot.Spec(),
		salesforce.Spec(),
		segment.Spec(),
		webhook.Spec(),
		slackexport.Spec(),
		discordexport.Spec(),
		mbox.Spec(),
		git.Spec(),
		stackexchange.Spec(),
		gharchive.Spec(),
		csv.Spec(),
	}
}

// Find returns the connector of a kind.
func Find(kind string) (connector.Spec, error) {
	for _, s := range Specs() {
		if s.Kind == kind {
			return s, nil
		}
	}
	return connector.Spec{}, greenroom.Errorf(greenroom.CodeInvalid, "there is no connector %q; `greenroom import --help` lists them", kind)
}
