// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

// intent is what a conversation is started for.
type intent int

const (
	question intent = iota
	bug
	idea
	praise
	complaint
	introduction
	chat
	showcase
	announcement // of a release
	event
	pull
	notice // by a bot
	intents
)

func (i intent) String() string {
	return [...]string{
		"question", "bug", "idea", "praise", "complaint", "introduction", "chat", "showcase", "release", "event", "pull request", "notice",
	}[i]
}

// channel is a place inside a platform.
type channel struct {
	platform platform
	key      string // name or slug
	title    string
	purpose  string
	topic    string           // the topic that it is mostly about, "" for all
	rate     float64          // conversations a month at scale 1, without those of people who arrive
	mix      [intents]float64 // how likely each intent is
	local    bool             // for languages other than English
	arrivals [intents]float64 // how likely people who arrive start here with each intent
	threads  bool             // whether replies are tied to what they answer
}

// channels is the table of where the community meets.
func channels() []channel {
	help := [intents]float64{question: 82, bug: 8, complaint: 4, praise: 4, idea: 2}
	newHelp := [intents]float64{question: 1, bug: 1, complaint: 1}
	return []channel{
		{
			platform: slack, key: "general", title: "general", purpose: "Everything about Lumen that has no channel of its own", rate: 12,
			mix: [intents]float64{chat: 40, praise: 15, question: 20, complaint: 6, idea: 6, event: 8, showcase: 5}, arrivals: [intents]float64{chat: 1}, threads: true,
		},
		{
			platform: slack, key: "help", title: "help", purpose: "Questions and answers. Please add your version and config", rate: 29,
			mix: help, arrivals: newHelp, threads: true,
		},
		{
			platform: slack, key: "introductions", title: "introductions", purpose: "Say hello", rate: 0.5,
			mix: [intents]float64{introduction: 1}, arrivals: [intents]float64{introduction: 1}, threads: true,
		},
		{platform: slack, key: "connectors", title: "connectors", purpose: "Sources and targets", topic: "connectors", rate: 10, mix: help, threads: true},
		{platform: slack, key: "deployments", title: "deployments", purpose: "Running Lumen", topic: "install", rate: 8, mix: help, threads: true},
		{
			platform: slack, key: "contributors", title: "contributors", purpose: "For people who work on the code", topic: "contributing", rate: 5,
			mix: [intents]float64{question: 35, chat: 25, idea: 25, praise: 10, bug: 5}, threads: true,
		},
		{platform: slack, key: "random", title: "random", purpose: "Coffee", rate: 10, mix: [intents]float64{chat: 92, praise: 8}},
		{platform: slack, key: "international", title: "international", purpose: "Español, Deutsch, Português, Français, 日本語", rate: 4, mix: [intents]float64{question: 1}, local: true, threads: true},
		{platform: slack, key: "announcements", title: "announcements", purpose: "News from Lumen Labs", rate: 1, mix: [intents]float64{event: 1}, threads: true},

		{platform: discourse, key: "help", title: "Help", purpose: "Ask anything about using Lumen", rate: 19, mix: help, arrivals: newHelp, threads: true},
		{platform: discourse, key: "connectors", title: "Connectors", purpose: "Sources, targets and how to write them", topic: "connectors", rate: 5.5, mix: help, threads: true},
		{
			platform: discourse, key: "ideas", title: "Ideas", purpose: "What Lumen should do next", rate: 5.5,
			mix: [intents]float64{idea: 1}, arrivals: [intents]float64{idea: 1}, threads: true,
		},
		{
			platform: discourse, key: "show-and-tell", title: "Show and tell", purpose: "What you have built", rate: 3,
			mix: [intents]float64{showcase: 85, praise: 15}, arrivals: [intents]float64{chat: 1}, threads: true,
		},
		{
			platform: discourse, key: "introductions", title: "Introductions", purpose: "Say hello", rate: 0.5,
			mix: [intents]float64{introduction: 1}, arrivals: [intents]float64{introduction: 1}, threads: true,
		},
		{platform: discourse, key: "announcements", title: "Announcements", purpose: "News from Lumen Labs", rate: 1, mix: [intents]float64{event: 1}, threads: true},
		{platform: discourse, key: "international", title: "International", purpose: "Español, Deutsch, Português, Français, 日本語", rate: 4, mix: [intents]float64{question: 1}, local: true, threads: true},

		{
			platform: github, key: repository, title: "lumen", purpose: "Data pipelines that tell you what they do", rate: 26,
			mix:      [intents]float64{bug: 34, idea: 14, question: 12, pull: 40},
			arrivals: [intents]float64{bug: 1, idea: 1, question: 1}, threads: true,
		},
		{
			platform: github, key: repository + "-connectors", title: "lumen-connectors", purpose: "Sources and targets for Lumen", topic: "connectors", rate: 11,
			mix: [intents]float64{bug: 35, idea: 12, question: 8, pull: 45}, threads: true,
		},
		{
			platform: github, key: repository + "-docs", title: "lumen-docs", purpose: "Documentation of Lumen", topic: "docs", rate: 6,
			mix: [intents]float64{bug: 30, idea: 10, pull: 60}, arrivals: [intents]float64{pull: 1}, threads: true,
		},

		{platform: stackExchange, key: "lumen", title: "lumen", purpose: "Questions with the tag lumen", rate: 11, mix: [intents]float64{question: 1}, arrivals: [intents]float64{question: 1}, threads: true},

		{
			platform: discord, key: "general", title: "general", purpose: "Talk about Lumen", rate: 13,
			mix: [intents]float64{chat: 55, praise: 12, question: 25, complaint: 8}, arrivals: [intents]float64{chat: 1, introduction: 1},
		},
		{platform: discord, key: "help", title: "help", purpose: "Questions and answers", rate: 19, mix: help, arrivals: newHelp},
		{platform: discord, key: "showcase", title: "showcase", purpose: "Show what you have built", rate: 3, mix: [intents]float64{showcase: 1}},
		{platform: discord, key: "off-topic", title: "off-topic", purpose: "Anything else", rate: 6, mix: [intents]float64{chat: 1}},

		{
			platform: mail, key: "users", title: "lumen-users", purpose: "Mailing list for users of Lumen", rate: 9,
			mix: [intents]float64{question: 84, bug: 4, idea: 5, event: 5, praise: 2}, arrivals: [intents]float64{question: 1, introduction: 1}, threads: true,
		},
	}
}

// repository is the main repository of the product.
const repository = "lumen-labs-example/lumen"

// arrival is with which intents people show up first on each platform.
func arrival() [platforms][intents]float64 {
	return [platforms][intents]float64{
		slack:         {introduction: 42, question: 45, chat: 10, complaint: 3},
		discourse:     {introduction: 22, question: 62, idea: 12, complaint: 4},
		github:        {bug: 50, question: 20, idea: 20, pull: 10},
		stackExchange: {question: 1},
		discord:       {introduction: 15, question: 45, chat: 40},
		mail:          {question: 85, introduction: 15},
	}
}
