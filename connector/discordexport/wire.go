// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discordexport

import (
	"strings"

	"greenroom/connector"
	"greenroom/connector/internal/discordwire"
	"greenroom/connector/internal/jsonfile"
)

// guild is the server. Direct messages have the id "0".
type guild struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// channel is what the file was exported from. What is above a channel is its category, above a thread its channel.
type channel struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	ParentID   string `json:"categoryId"`
	ParentName string `json:"category"`
	Name       string `json:"name"`
}

// newPlace maps the head of a file.
func newPlace(g *guild, c *channel) *discordwire.Place {
	p := &discordwire.Place{Guild: jsonfile.Clean(g.ID), ID: jsonfile.Clean(c.ID)}
	name := strings.TrimPrefix(jsonfile.Clean(c.Name), "#")
	p.Channel = connector.Channel{ExternalID: p.ID, Name: name, Threadless: true}
	if strings.HasSuffix(c.Type, "Thread") {
		p.Thread, p.Title = p.ID, name
		if c.ParentID != "" && c.ParentID != "0" {
			p.Channel = connector.Channel{ExternalID: jsonfile.Clean(c.ParentID), Name: jsonfile.Clean(c.ParentName), Threadless: true}
		} else { // older exports do not say where a thread hangs: it is a channel of its own
			p.Channel.Threadless = false
		}
	}
	p.Channel.URL = p.Address(p.Channel.ExternalID)
	return p
}
