// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package digest sends what changed to people who do not look every day: by mail, and to Slack.
//
// # How it works
//
// A digest is health.Changes of the last whole week, and in the first seven days of a month also of the last month, written as
// text, HTML and Slack's blocks. Its rhythm is a weekday and an hour in the community's time zone. When the hour has come,
// one action is made for each recipient, with a key of week and recipient, so that two servers, a second click or a start
// anew give the same action and nothing is sent twice. A server that was down at the hour sends later in the same week.
//
// # What is certain
//
// Whether a mail was taken by the mail server is known once that says so. When the process dies in between, it is not
// known. Such an item is not sent again but told as failed: a digest that is missed can be sent by hand, one that comes
// twice annoys. Failures of which it is certain that nothing was sent, such as a server that cannot be reached, are tried
// again by the action runner.
//
// The plan of an action names the week and holds no text: names of members are written when it is sent, so that what was
// erased meanwhile is not in it.
package digest
