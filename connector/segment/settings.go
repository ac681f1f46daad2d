// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"

	"greenroom/connector"
)

// Libraries for browsers and apps ask for the source's settings before they send anything: Segment's at
// /v1/projects/KEY/settings of the host that their option cdnURL or cdnHost names (loadCDNSettings in
// @segment/analytics-next), RudderStack's at /sourceConfig/ of the one that configUrl or controlPlaneUrl names
// (getSourceConfigURL in @rudderstack/analytics-js). Without an answer they send nothing at all.

// settings answers a library that asks what the source is. ok = it was asked for.
func (s *source) settings(d *connector.Delivery) (reply connector.Reply, ok bool, err error) {
	path := strings.TrimPrefix(strings.Trim(d.Path, "/"), "v1/")
	keys := s.outside(d)
	var what any
	switch project, isSegment := strings.CutPrefix(path, "projects/"); {
	case d.Method != http.MethodGet:
		return reply, false, nil
	case strings.EqualFold(path, "sourceConfig"):
		what = rudderSettings(s.key)
	case isSegment && strings.HasSuffix(project, "/settings"):
		keys = append(keys, strings.TrimSuffix(project, "/settings"))
		what = segmentSettings(s.key, d.Origin)
	default:
		return reply, false, nil
	}
	if !s.mine(keys...) {
		return reply, true, s.wrong()
	}
	body, err := json.Marshal(what, json.Deterministic(true))
	if err != nil {
		return reply, true, fmt.Errorf("writing the settings: %w", err)
	}
	return connector.Reply{Status: http.StatusOK, ContentType: "application/json", Body: body, Drop: true}, true, nil
}

// segmentSettings are a source's settings with one destination: this server.
func segmentSettings(key, origin string) any {
	scheme, host, _ := strings.Cut(origin, "://")
	on := map[string]any{"__default": map[string]any{"enabled": true, "integrations": map[string]any{}}}
	return map[string]any{
		"integrations": map[string]any{"Segment.io": map[string]any{
			"apiKey": key, "apiHost": host + "/v1", "protocol": scheme, "unbundledIntegrations": []string{}, "addBundledMetadata": false,
			"maybeBundledConfigIds": map[string]any{}, "versionSettings": map[string]any{"version": "4.4.7", "componentTypes": []string{"browser"}},
		}},
		"plan":                      map[string]any{"track": on, "identify": on, "group": on},
		"edgeFunction":              map[string]any{},
		"middlewareSettings":        map[string]any{},
		"enabledMiddleware":         map[string]any{},
		"metrics":                   map[string]any{"sampleRate": 0},
		"legacyVideoPluginsEnabled": false, "remotePlugins": []any{},
	}
}

// rudderSettings are a source's settings without a destination beside the data plane.
func rudderSettings(key string) any {
	off := map[string]any{"enabled": false}
	return map[string]any{"source": map[string]any{
		"id": "greenroom", "name": title, "writeKey": key, "workspaceId": "greenroom", "enabled": true, "destinations": []any{}, "connections": []any{}, "dataplanes": map[string]any{},
		"config": map[string]any{"statsCollection": map[string]any{"errors": off, "metrics": off}},
	}}
}
