// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"greenroom/internal/knowledge"
	"greenroom/internal/server"
)

// sampleDocs are the documents of the sample: address, title, kind, owner, days since they were changed, days since they were verified
// (0 = never), views a day, tags.
const sampleDocs = `install|Install and upgrade Lumen|how-to|maya|210|0|31|install, upgrade, docker, helm, version
sso|Sign in with Entra and Okta (SSO, SAML)|how-to|maya|320|0|24|sso, entra, okta, saml, login
webhooks|Deliver and verify webhooks|reference|sam|95|60|12|webhooks, retries, signature, delivery
importer|Import CSV files|tutorial|sam|150|140|18|importer, csv, rows, import
scheduler|Schedule runs|how-to||260|0|9|scheduler, cron, schedule
schema|Map and change schemas|reference|sam|45|20|6|schema, column, mapping, transform
api|Use the SDK and the API|reference|maya|70|30|15|sdk, api, client, token
permissions|Roles and permissions|explanation||400|0|5|permissions, roles, access
backfill|Backfill old data|how-to|sam|30|12|4|backfill, sync, history
guidelines|Community guidelines|guideline|maya|500|200|7|guidelines, conduct
faq|Frequent questions|faq||380|0|40|faq, help
runbooks/release-day|Runbook: the day of a release|runbook|maya|120|40|0|release, launch
runbooks/new-champion|Runbook: welcome a new champion|runbook|sam|60|20|0|champions, welcome
contributing|How to contribute|tutorial||300|0|3|contributing, pull request, issue`

// sampleKnowledge makes a register of the sample's documents with some months of views, unless there is one. Links are not checked: the
// addresses are nobody's.
func sampleKnowledge(ctx context.Context, app *server.App) error {
	s := app.Knowledge(nil)
	if all, err := s.Collections(ctx); err != nil || len(all) > 0 {
		return err
	}
	set := knowledge.UsualSettings()
	set.CheckDays, set.Remind = 0, false
	if err := s.SetSettings(ctx, set, "sample"); err != nil {
		return err
	}
	now := app.Now()
	var external, internal strings.Builder
	const head = "title,address,kind,audience,owner,changed,verified,tags\n"
	external.WriteString(head)
	internal.WriteString(head)
	views := make(map[string]int)
	for line := range strings.Lines(sampleDocs) {
		f := strings.Split(strings.TrimSpace(line), "|")
		var changed, verified, daily int
		if _, err := fmt.Sscan(f[4]+" "+f[5]+" "+f[6], &changed, &verified, &daily); err != nil {
			return fmt.Errorf("reading the sample's documents: %w", err)
		}
		address, audience, out := "https://docs.lumenlabs.example/"+f[0], "external", &external
		if strings.HasPrefix(f[0], "runbooks/") {
			address, audience, out = f[0]+".md", "internal", &internal
		}
		owner, looked := f[3], ""
		if owner != "" {
			owner += "@" + sampleTeam
		}
		if verified > 0 {
			looked = now.AddDate(0, 0, -verified).Format(time.DateOnly)
		}
		fmt.Fprintf(out, "%q,%s,%s,%s,%s,%s,%s,%q\n", f[1], address, f[2], audience, owner, now.AddDate(0, 0, -changed).Format(time.DateOnly), looked, f[7])
		views[address] = daily
	}
	for _, c := range []struct{ name, text string }{{"Lumen documentation", external.String()}, {"Team handbook", internal.String()}} {
		if _, err := s.Import(ctx, knowledge.Collection{Name: c.name, Way: knowledge.Table, Place: c.name + ".csv"}, knowledge.Content{Text: c.text}, "sample"); err != nil {
			return fmt.Errorf("making the register: %w", err)
		}
	}
	docs, err := app.Store.Documents(ctx)
	if err != nil {
		return err
	}
	var days []knowledge.Day
	for i := range docs {
		for back := range 90 {
			day := now.AddDate(0, 0, -back)
			n := int64(views[docs[i].Address])
			if w := day.Weekday(); w == time.Saturday || w == time.Sunday {
				n /= 3
			}
			if n += (n * int64(back*7%5)) / 10; n == 0 {
				continue
			}
			x := knowledge.Day{Document: docs[i].ID, Day: day.Format(time.DateOnly), Origin: knowledge.Counter, Views: n}
			if back%9 == 0 && n > 8 {
				x.Helpful, x.Unhelpful = 2, n/12
			}
			days = append(days, x)
		}
	}
	return app.Store.AddUse(ctx, days)
}
