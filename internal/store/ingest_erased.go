// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"

	"github.com/klauspost/compress/zstd"

	"greenroom/connector"
	"greenroom/internal/ingest"
)

// leftOutErased is the reason under which facts of erased people are counted.
const leftOutErased = "erased at the person's request"

// dropErased takes everything out of the batch that is by or about somebody who was erased: facts and payloads.
func (a *appender) dropErased() error {
	rows, err := a.query("SELECT digest FROM erased WHERE source_id = ?", a.run.SourceID)
	if err != nil {
		return err
	}
	gone := make(map[string]bool)
	if err := scan(rows, func() error {
		var d string
		err := rows.Scan(&d)
		gone[d] = true
		return err
	}); err != nil || len(gone) == 0 {
		return err
	}
	erased := func(external string) bool { return external != "" && gone[digest(external)] }
	drop := make(map[connector.RawRef]bool)
	a.dropIdentities(erased, drop)
	a.dropActivities(erased, drop)
	for i := range a.p.Companies { // what they named is named by nobody
		if c := &a.p.Companies[i]; erased(c.Identity) {
			c.Name, a.p.CompanyAt[i] = "", ""
		}
	}
	kept := a.p.Memberships[:0]
	for _, m := range a.p.Memberships {
		if !erased(m.Identity) {
			kept = append(kept, m)
		}
	}
	a.p.Memberships = kept
	for i := range a.p.Records {
		if erased(a.p.Records[i].Identity) {
			a.p.Records[i].Identity = ""
			drop[a.p.Records[i].Raw] = true
		}
	}
	return a.dropPayloads(drop)
}

func (a *appender) dropIdentities(erased func(string) bool, drop map[connector.RawRef]bool) {
	n := 0
	for i := range a.p.Identities {
		if erased(a.p.Identities[i].ExternalID) {
			drop[a.p.Identities[i].Raw] = true
			continue
		}
		a.p.Identities[n], a.p.IdentityHash[n], a.p.Domain[n] = a.p.Identities[i], a.p.IdentityHash[i], a.p.Domain[i]
		n++
	}
	a.p.Identities = a.p.Identities[:n]
}

func (a *appender) dropActivities(erased func(string) bool, drop map[connector.RawRef]bool) {
	n := 0
	for i := range a.p.Activities {
		if erased(a.p.Activities[i].Author) {
			drop[a.p.Activities[i].Raw] = true
			a.leftOut[leftOutErased]++
			continue
		}
		a.p.Activities[n], a.p.ActivityHash[n], a.p.Question[n] = a.p.Activities[i], a.p.ActivityHash[i], a.p.Question[i]
		n++
	}
	a.p.Activities = a.p.Activities[:n]
}

// dropPayloads empties payloads in the blocks that are about to be stored.
func (a *appender) dropPayloads(drop map[connector.RawRef]bool) error {
	delete(drop, 0)
	if len(drop) == 0 {
		return nil
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("preparing decompression: %w", err)
	}
	defer dec.Close()
	byBlock := make(map[int]map[int]bool)
	for ref := range drop {
		block, pos := (int(ref)-1)/ingest.BlockPayloads, (int(ref)-1)%ingest.BlockPayloads
		if byBlock[block] == nil {
			byBlock[block] = make(map[int]bool)
		}
		byBlock[block][pos] = true
	}
	for block, positions := range byBlock {
		b := &a.p.Blocks[block]
		if b.Data, b.Size, err = ingest.EmptyPayloads(dec, b.Data, positions); err != nil {
			return err
		}
	}
	return nil
}
