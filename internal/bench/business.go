// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"greenroom/connector"
	"greenroom/connector/csv"
)

// business brings in organizations and, for one person in twenty, a contact that links to the account on GitHub, with
// tags and a plan. That gives the queries on organizations, tags and custom fields something to find; it is not counted.
func (r *run) business(ctx context.Context) error {
	r.Say("bringing in organizations and contacts")
	people := max(r.Activities/4, 20)
	firms := max(r.Activities/1000, 10)
	var orgs, contacts bytes.Buffer
	orgs.WriteString("id,name,domain,lifecycle,size,country,tags\n")
	lifecycles := []string{"customer", "trial", "prospect", "churned"}
	countries := []string{"DE", "FR", "US", "IN", "BR"}
	for i := range firms {
		fmt.Fprintf(&orgs, "firm%d,Firm %d,firm%d.example,%s,%d,%s,%s\n", i, i, i, lifecycles[i%4], 10+i%900, countries[i%5], []string{"pilot", "", ""}[i%3])
	}
	contacts.WriteString("id,name,email,organization,domain,tags,profile,plan\n")
	for i := 0; i < people; i += 20 {
		firm := i / 20 % firms
		fmt.Fprintf(&contacts, "c%d,Person Number%d,p%d@firm%d.example,Firm %d,firm%d.example,%s,https://github.com/person-%d,%s\n",
			i, i, i, firm, firm, firm, []string{"champion", "speaker", ""}[i/20%3], i, []string{"gold", "silver"}[i/20%2])
	}
	for _, f := range []struct {
		name, typ string
		text      []byte
	}{{"organizations.csv", "organizations", orgs.Bytes()}, {"contacts.csv", "members", contacts.Bytes()}} {
		path := filepath.Join(r.Dir, f.name)
		if err := os.WriteFile(path, f.text, 0o600); err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
		if _, _, _, err := r.bringIn(ctx, csv.Spec(), connector.Values{"path": path, "type": f.typ}); err != nil {
			return err
		}
	}
	return nil
}
