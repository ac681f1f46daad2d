// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slackexport

// The lists at the top of an export.
const (
	fileUsers    = "users.json"
	fileOrgUsers = "org_users.json" // Enterprise Grid: people of the whole organization
	fileChannels = "channels.json"
	fileGroups   = "groups.json" // private channels
	fileMPIMs    = "mpims.json"  // direct messages between several people
	fileDMs      = "dms.json"    // direct messages between two people
)

// channel is a record of channels.json, groups.json, mpims.json or dms.json.
type channel struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	IsPrivate bool     `json:"is_private"`
	Members   []string `json:"members"`
}
