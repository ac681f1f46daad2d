// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package enrichment asks an outside service what it knows of members: enrich.Provider, which the team connects. It is off
// until an owner turns it on, and nothing of a member leaves before
//
//   - a query says that they agreed (Settings.Consent, such as "tag:lookup-ok"), which has to be given, and they have not said
//     that they do not want to be contacted,
//   - the month has lookups left (Settings.Month), and
//   - the lookup stands in the log, with whom, by whom and how much was sent.
//
// What is sent are a member's mail addresses and profile links. What comes back fills fields that neither a source, nor a
// profile, nor a person has filled (enrich); the member's page names the service and the day. It is kept with the account
// that was asked for, so it goes where the account goes when members are merged or split, and is erased with it.
package enrichment
