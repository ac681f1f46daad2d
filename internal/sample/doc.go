// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package sample writes an invented product community in the export formats of the platforms themselves, so that Greenroom can
// be tried, tested and loaded without anybody's data.
//
// The community belongs to Lumen, an open-source tool for data pipelines, and to Lumen Labs, the company behind it. Nobody in
// it exists: names are put together from lists, every domain ends in .example, account numbers lie far above those in use.
// Handles are invented too, but a link such as https://github.com/HANDLE can by chance name a real account; nothing here fetches it.
//
// How it works, in the order of the files:
//
//   - dice.go derives independent random streams from the seed by label, so that a change in one channel or person leaves the
//     text of all others alone.
//   - people.go, accounts.go and organization.go invent who is there: employers, people, their accounts and how these resemble
//     each other.
//   - calendar.go knows growth, weekends, holidays, releases and when a person is awake; topics.go what people talk about, and
//     when; channels.go where.
//   - plan.go decides when and where conversations start and who starts them (seed), director.go plays each one to its end
//     (thread), phrases.go and compose.go find the words. The words are in phrases/, one file per topic or language.
//   - one file per platform writes the threads as that platform exports them. Each is written in order of time, one channel or
//     month at a time, and platforms are written side by side.
//
// What the folder holds:
//
//	slack/          workspace export: users.json, channels.json, CHANNEL/YYYY-MM-DD.json
//	discourse/      saved API responses: about.json, site.json, categories.json, t/ID.json, u/USERNAME.json
//	gharchive/      YYYY-MM.json.gz, one GH Archive event a line
//	stackexchange/  Posts.xml, Users.xml, Comments.xml, Votes.xml
//	discord/        one DiscordChatExporter file per channel
//	mail/           users.mbox, the archive of one mailing list
//	business/       organizations.csv, members.csv, deals.csv, tickets.csv, subscriptions.csv, usage.csv
//	truth.json      who is who and which question was answered: for tests, not for import
//
// Some things are there to be found: release 3.2 loses rows and fills the last three weeks with questions, webhook retries and
// SSO rise in the last months, some speak of two rivals, one customer has been silent for weeks before its renewal, customers that left went quiet first,
// a champion has stopped answering, questions of the last days still wait, and of those who try the product for 30 days many leave
// when the trial is over: organizations.csv and subscriptions.csv have its days.
package sample
