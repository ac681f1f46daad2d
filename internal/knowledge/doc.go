// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package knowledge keeps the register of documents, internal and external, and says from evidence which of them to verify
// first, what is missing, and which links lead nowhere.
//
// # What is found and what is decided
//
// A collection is where documents are read from: a sitemap, a folder, an export, a category of a forum, a list. What it says
// of a document is kept as found; what people say (title, kind, owner, rhythm) wins from then on, field by field, so reading a
// collection again changes nothing that somebody decided. A document is known by its address, so that the same one in two
// collections is one. What a collection does not have any more is marked as gone, and never removed.
//
// # Staleness
//
// From 0 to 100, the sum of parts that are all shown; see [Evidence.Parts] for the formula. It rests on dates, links, questions,
// releases and readers' votes, not on opinion. What is verified begins anew, but for links, which have to be repaired.
// The queue is by staleness times use: a wrong page that everybody reads comes before a wronger one that nobody does.
//
// # Links
//
// The checker asks each host one thing at a time, with a pause between, obeys robots.txt and Retry-After, asks with the marks
// of last time so that what has not changed is not sent, and keeps only a page of addresses for each host it is at. Where
// it stands is in the store, so that a run goes on after a restart. A document's own page is read by the same walk, which gives
// its text, its title and its links.
//
// # Use
//
// Views are daily totals for a document and nothing else: no cookie, no address, no session. They come from a picture
// on the page or from the logs of a web server; where both count, the greater is taken, since both see the same readers.
package knowledge
