// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package greenroom

import (
	"fmt"
	"strings"
)

// Kind says what an activity is. The list is closed: a connector that meets something else maps it to the nearest kind
// or counts it as left out. The numbers are stored; never renumber one, add at the end.
type Kind uint8

// The kinds of activity. Each comment is the kind's meaning, as it is shown to users.
const (
	KindUnknown        Kind = 0
	KindMessage        Kind = 1  // a post that opens a conversation: chat message, forum topic, mail, social post
	KindReply          Kind = 2  // a post that answers or continues one
	KindQuestion       Kind = 3  // a post that the platform itself marks as a question
	KindAnswer         Kind = 4  // an answer on a platform that tells answers from other replies
	KindAcceptedAnswer Kind = 5  // an answer that the asker or the team accepted as the solution
	KindComment        Kind = 6  // a remark on an issue, pull request, commit, question, answer or video
	KindReaction       Kind = 7  // an emoji or like; without a person where the platform gives only a count
	KindVote           Kind = 8  // an up or down vote
	KindJoin           Kind = 9  // joined the place or one of its channels
	KindLeave          Kind = 10 // left the place or one of its channels
	KindIssue          Kind = 11 // opened an issue
	KindPullRequest    Kind = 12 // opened a pull or merge request
	KindMerge          Kind = 13 // a pull request was merged; the person is who merged it
	KindReview         Kind = 14 // reviewed a pull request
	KindClose          Kind = 15 // closed an issue, pull request or discussion without merging
	KindReopen         Kind = 16 // opened one again
	KindModeration     Kind = 17 // housekeeping: label, assign, pin, topic change, split, archive
	KindCommit         Kind = 18 // wrote a commit
	KindPush           Kind = 19 // pushed commits
	KindBranch         Kind = 20 // created or deleted a branch, a tag or a repository
	KindRelease        Kind = 21 // published a release
	KindStar           Kind = 22 // starred or bookmarked a repository or project
	KindFork           Kind = 23 // forked a repository
	KindWiki           Kind = 24 // edited a wiki page
	KindDiscussion     Kind = 25 // opened a discussion on a code host
	KindFollow         Kind = 26 // followed or subscribed
	KindAttendance     Kind = 27 // took part in an event
	KindUsage          Kind = 28 // used the product
	KindSurveyAnswer   Kind = 29 // answered a survey
	KindMembership     Kind = 30 // was given a role: collaborator, moderator, maintainer
	KindAnnouncement   Kind = 31 // a broadcast by the place itself: video, episode, published article
	KindFile           Kind = 32 // shared a file without text
	kindEnd            Kind = 33
)

// KindInfo is what is known of a kind.
type KindInfo struct {
	Name    string // as written in queries, the API and exports
	Label   string // as written on pages
	Meaning string // one line for the reader
	Opens   bool   // can open a conversation that others may respond to
	Answers bool   // counts as a response in a conversation
	Active  bool   // makes a member active: a deliberate act of the person, not a change of status
}

var kindInfo = [kindEnd]KindInfo{
	KindUnknown:        {"unknown", "Unknown", "Not told by the source", false, false, false},
	KindMessage:        {"message", "Message", "A post that opens a conversation", true, true, true},
	KindReply:          {"reply", "Reply", "A post that answers or continues a conversation", false, true, true},
	KindQuestion:       {"question", "Question", "A post the platform marks as a question", true, true, true},
	KindAnswer:         {"answer", "Answer", "An answer to a question", false, true, true},
	KindAcceptedAnswer: {"accepted_answer", "Accepted answer", "An answer accepted as the solution", false, true, true},
	KindComment:        {"comment", "Comment", "A remark on an issue, pull request, commit, question or answer", false, true, true},
	KindReaction:       {"reaction", "Reaction", "An emoji or a like", false, false, true},
	KindVote:           {"vote", "Vote", "An up or down vote", false, false, true},
	KindJoin:           {"join", "Join", "Joined the place or a channel", false, false, false},
	KindLeave:          {"leave", "Leave", "Left the place or a channel", false, false, false},
	KindIssue:          {"issue", "Issue", "Opened an issue", true, true, true},
	KindPullRequest:    {"pull_request", "Pull request", "Opened a pull request", true, true, true},
	KindMerge:          {"merge", "Merge", "Merged a pull request", false, true, true},
	KindReview:         {"review", "Review", "Reviewed a pull request", false, true, true},
	KindClose:          {"close", "Close", "Closed an issue, pull request or discussion", false, true, true},
	KindReopen:         {"reopen", "Reopen", "Opened a closed one again", false, false, true},
	KindModeration:     {"moderation", "Moderation", "Housekeeping such as label, assign, pin or archive", false, false, true},
	KindCommit:         {"commit", "Commit", "Wrote a commit", false, false, true},
	KindPush:           {"push", "Push", "Pushed commits", false, false, true},
	KindBranch:         {"branch", "Branch", "Created or deleted a branch, tag or repository", false, false, true},
	KindRelease:        {"release", "Release", "Published a release", false, false, true},
	KindStar:           {"star", "Star", "Starred a repository", false, false, true},
	KindFork:           {"fork", "Fork", "Forked a repository", false, false, true},
	KindWiki:           {"wiki", "Wiki edit", "Edited a wiki page", false, false, true},
	KindDiscussion:     {"discussion", "Discussion", "Opened a discussion on a code host", true, true, true},
	KindFollow:         {"follow", "Follow", "Followed or subscribed", false, false, true},
	KindAttendance:     {"attendance", "Event attendance", "Took part in an event", false, false, true},
	KindUsage:          {"usage", "Product usage", "Used the product", false, false, false},
	KindSurveyAnswer:   {"survey_answer", "Survey answer", "Answered a survey", false, false, true},
	KindMembership:     {"membership", "Membership", "Was given a role", false, false, false},
	KindAnnouncement:   {"announcement", "Announcement", "A broadcast by the place itself", true, false, true},
	KindFile:           {"file", "File", "Shared a file", false, true, true},
}

// Kinds lists every kind but the unknown one, in stored order.
func Kinds() []Kind {
	all := make([]Kind, 0, kindEnd-1)
	for k := KindMessage; k < kindEnd; k++ {
		all = append(all, k)
	}
	return all
}

// Info returns what is known of k; an invalid kind gives the unknown one's.
func (k Kind) Info() KindInfo {
	if k >= kindEnd {
		return kindInfo[KindUnknown]
	}
	return kindInfo[k]
}

// String returns the kind's name as queries and exports write it.
func (k Kind) String() string { return k.Info().Name }

// ParseKind reads a kind's name. It accepts upper case and "-" or a space for "_".
func ParseKind(s string) (Kind, error) {
	name := strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(strings.TrimSpace(s)))
	for k := KindMessage; k < kindEnd; k++ {
		if kindInfo[k].Name == name {
			return k, nil
		}
	}
	return KindUnknown, &Error{Code: CodeInvalid, Message: fmt.Sprintf("there is no activity kind %q", s)}
}

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind's name.
func (k *Kind) UnmarshalText(text []byte) error {
	got, err := ParseKind(string(text))
	if err != nil {
		return err
	}
	*k = got
	return nil
}
