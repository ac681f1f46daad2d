// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"

	"greenroom"
	"greenroom/internal/auth"
)

// SettingsInfo is what is set for everybody.
type SettingsInfo struct {
	TimeZone         string `json:"time_zone" doc:"The time zone in which days begin, by its name in the tz database. Figures and lists count days in it."`
	RawRetentionDays int    `json:"raw_retention_days" doc:"For how many days raw payloads are kept; 0 = for good."`
	AlertDays        int    `json:"alert_retention_days" doc:"For how many days is kept what alerts told; 0 = for good."`
}

// SettingsPatch changes what is set. Fields that are not sent stay as they are.
type SettingsPatch struct {
	TimeZone         *string `json:"time_zone,omitempty" doc:"The time zone, such as Europe/Lisbon. Empty: the one that the server was started with."`
	RawRetentionDays *int    `json:"raw_retention_days,omitempty" doc:"For how many days raw payloads are kept; 0 = for good. Older ones are removed at once. **This cannot be undone.**"`
	AlertDays        *int    `json:"alert_retention_days,omitempty" doc:"For how many days is kept what alerts told; 0 = for good. Older firings, messages and notices are removed within the hour; what is open, unseen or judged stays. **This cannot be undone.**"`
}

// settingsOps are left out where nothing can be set.
func (a *api) settingsOps() []op {
	if a.Settings == nil {
		return nil
	}
	example := SettingsInfo{TimeZone: "Europe/Lisbon", RawRetentionDays: 365, AlertDays: 400}
	return []op{
		{
			method: http.MethodGet, path: "/settings", id: "getSettings", tag: "Settings", need: auth.Read,
			summary: "What is set for everybody",
			text:    "The time zone in which days begin, and for how long raw payloads and what alerts told are kept.",
			reply:   content{of: SettingsInfo{}, example: example},
			do:      a.settings,
		},
		{
			method: http.MethodPatch, path: "/settings", id: "changeSettings", tag: "Settings", need: auth.Administer,
			summary: "Change what is set for everybody",
			text:    "Fields that are not sent stay as they are.",
			body:    &content{of: SettingsPatch{}, text: "What to change.", example: object{"time_zone": "Europe/Lisbon"}},
			reply:   content{of: SettingsInfo{}, text: "What is set now.", example: example},
			do:      a.changeSettings,
		},
	}
}

func (a *api) settings(c *call) (answer, error) {
	days, err := a.Settings.RawRetention(c.ctx())
	if err != nil {
		return answer{}, err
	}
	alerts, err := a.Settings.AlertRetention(c.ctx())
	if err != nil {
		return answer{}, err
	}
	return ok(SettingsInfo{TimeZone: a.Settings.Zone().String(), RawRetentionDays: days, AlertDays: alerts})
}

func (a *api) changeSettings(c *call) (answer, error) {
	patch, err := decode[SettingsPatch](c)
	if err != nil {
		return answer{}, err
	}
	if patch == (SettingsPatch{}) {
		return answer{}, greenroom.Errorf(greenroom.CodeInvalid, "the body names nothing to change")
	}
	if patch.TimeZone != nil {
		if err := a.Settings.SetZone(c.ctx(), *patch.TimeZone); err != nil {
			return answer{}, err
		}
	}
	if patch.RawRetentionDays != nil {
		if err := a.Settings.SetRawRetention(c.ctx(), *patch.RawRetentionDays, c.by()); err != nil {
			return answer{}, err
		}
	}
	if patch.AlertDays != nil {
		if err := a.Settings.SetAlertRetention(c.ctx(), *patch.AlertDays, c.by()); err != nil {
			return answer{}, err
		}
	}
	return a.settings(c)
}
