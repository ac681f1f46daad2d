// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package githubevent knows what GitHub's objects mean: its wire types and how they become facts. The connectors that
// read GitHub share it, so that the same issue, comment or release is the same activity whichever way it came in.
//
// There are four ways: an event line of GH Archive in the form of 2015 and later (Event), one in the older timeline form
// (timeline.go), an object of the REST API and a webhook delivery (webhook.go). All are brought into an Event or into the
// object it carries, and mapped by map.go and item.go.
//
// # External ids
//
// An activity that stands for an object carries the object's id, so that a second sight of it is recognized:
//
//	issue:REPO:NUMBER          an issue or a pull request was opened (GitHub numbers both in one row)
//	merge:REPO:NUMBER          a pull request was merged, which happens once
//	close:REPO:NUMBER:TIME     one was closed; it may be closed again later, hence the time in Unix seconds
//	comment:ID                 a comment on an issue or pull request
//	review:ID                  a review
//	review_comment:ID          a comment on a line of a pull request
//	commit_comment:ID          a comment on a commit
//	discussion:REPO:NUMBER     a discussion was opened
//	star:REPO:ID               account ID starred the repository, in the API and webhooks (the archive does not say which
//	                           stars are gone, and has one event for each)
//	discussion_comment:ID      a comment in a discussion
//	release:ID, fork:ID        a release was published, a fork was made (ID is the fork's repository)
//	sponsorship:OF:BY:TIME     account BY began to sponsor OF
//	event:ID                   everything else that happened: a push, a star, a label
//
// REPO is the repository's numeric id, which survives renaming, or its name in lower case where an old record has no id.
// The thread of an issue, a pull request or a discussion is the external id of its opening.
package githubevent
