// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package all is the explicit list of connectors. A connector that is not named here does not exist for the product.
package all

import (
	"greenroom"
	"greenroom/connector"
	"greenroom/connector/bluesky"
	"greenroom/connector/csv"
	"greenroom/connector/discord"
	"greenroom/connector/discordexport"
	"greenroom/connector/discourse"
	"greenroom/connector/folder"
	"greenroom/connector/freshdesk"
	"greenroom/connector/gharchive"
	"greenroom/connector/git"
	"greenroom/connector/gitea"
	"greenroom/connector/github"
	"greenroom/connector/gitlab"
	"greenroom/connector/hackernews"
	"greenroom/connector/hubspot"
	"greenroom/connector/ical"
	"greenroom/connector/imap"
	"greenroom/connector/intercom"
	"greenroom/connector/linkedin"
	"greenroom/connector/luma"
	"greenroom/connector/mastodon"
	"greenroom/connector/mbox"
	"greenroom/connector/meetup"
	"greenroom/connector/postgres"
	"greenroom/connector/reddit"
	"greenroom/connector/rss"
	"greenroom/connector/salesforce"
	"greenroom/connector/segment"
	"greenroom/connector/slack"
	"greenroom/connector/slackexport"
	"greenroom/connector/snowflake"
	"greenroom/connector/stackexchange"
	"greenroom/connector/stackoverflow"
	"greenroom/connector/stripe"
	"greenroom/connector/telegramexport"
	"greenroom/connector/webhook"
	"greenroom/connector/x"
	"greenroom/connector/youtube"
	"greenroom/connector/zendesk"
)

// Specs lists every connector, in the order in which they are offered.
func Specs() []connector.Spec {
	specs := []connector.Spec{
		slack.Spec(),
		discourse.Spec(),
		github.Spec(),
		stackoverflow.Spec(),
		x.Spec(),
		linkedin.Spec(),
		youtube.Spec(),
		hubspot.Spec(),
		salesforce.Spec(),
		snowflake.Spec(),
		discord.Spec(),
		reddit.Spec(),
		mastodon.Spec(),
		bluesky.Spec(),
		hackernews.Spec(),
		meetup.Spec(),
		luma.Spec(),
		ical.Spec(),
		rss.Spec(),
		imap.Spec(),
		gitlab.Spec(),
		gitea.Spec(),
		zendesk.Spec(),
		intercom.Spec(),
		freshdesk.Spec(),
		stripe.Spec(),
		postgres.Spec(),
		segment.Spec(),
		webhook.Spec(),
		slackexport.Spec(),
		discordexport.Spec(),
		telegramexport.Spec(),
		mbox.Spec(),
		git.Spec(),
		stackexchange.Spec(),
		gharchive.Spec(),
		csv.Spec(),
	}
	return append(specs, folder.Spec(specs))
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
