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
	"greenroom/connector/mbox"
	"greenroom/connector/slackexport"
	"greenroom/connector/stackexchange"
)

// Specs lists every connector, in the order in which they are offered.
func Specs() []connector.Spec {
	return []connector.Spec{
		slackexport.Spec(),
		discourse.Spec(),
		github.Spec(),
		gitea.Spec(),
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
