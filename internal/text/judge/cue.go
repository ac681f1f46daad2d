// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"strings"

	"greenroom/internal/text/prose"
)

// cue is a kind of phrase that says what a message is for, whatever it is about.
type cue uint8

const (
	cueAsk cue = iota
	cueAskMark
	cueHow
	cueHelp
	cueWonder
	cueConfirm
	cueWish
	cueModal
	cueFault
	cueFaultWord
	cueExpected
	cueSteps
	cueReported
	cueThanks
	cueLove
	cueGratified
	cueRelease
	cueShare
	cueEvent
	cueIntro
	cueJob
	cueSell
	cueSolved
	cueAdvice
	cueSmall
	cueDislike
	cueOutage
	cueLoss
	cueHole
	cueBlocked
	cueDeadline
	cueAgain
	cueUrgent
	cueCalm
	cueTry
	cueNotice
	cueEnd
)

// phrases are the cues, one phrase between strokes, written as people do.
var phrases = [cueEnd]string{
	cueAsk: `does anyone|does anybody|has anyone|has anybody|anyone know|anybody know|anyone here|anybody here|anyone else|does someone|
		can anyone|can anybody|can someone|could anyone|could someone|could you|can you|would you|will you|do you|did you|have you|are you|were you|
		is there|are there|is it|is this|is that|was it|will it|does it|do we|can we|can i|could i|may i|should i|shall i|should we|do i|am i|
		what is|what's|what are|what do|what does|what did|what would|what if|what about|what kind|what version|what happens|which one|which is|which version|which of|
		why is|why do|why does|why are|why not|why did|why would|why can't|when will|when is|when does|when did|where is|where do|where can|where are|where does|
		who is|who can|who do|whose|how about|how come|how long|how many|how much|how often|how far|any idea|any ideas|any update|any updates|any news|
		any chance|any plans|any progress|any eta|any thoughts|any suggestions|any advice|any pointers|any recommendations|any experience|thoughts on|
		recommendations for|best way to|right way to|proper way to|recommended way|correct way|good way to|difference between|
		let me know if there|tell me how|tell me what|tell me why|explain how|explain why|explain what`,
	cueHow: `how do i|how do you|how do we|how can i|how can we|how can you|how to|how would i|how would you|how would one|how should i|how should we|how does|how is|how are|
		how did you|how do people|how does one|how could|not sure how|not sure what|not sure if|not sure why|not sure whether|don't know how|do not know how|
		don't understand|do not understand|didn't understand|figure out how|figure out why|figure out what|can't figure|cannot figure|couldn't figure|unsure how|
		confused about|confused by|i'm confused|need to know|want to know|like to know|trying to understand|trying to figure|struggling to|struggling with|is possible to|is it possible|possible to`,
	cueHelp: `please help|need help|need some help|any help|some help|help me|help with|help please|looking for help|help would be|help is appreciated|appreciate any|
		need advice|need guidance|point me|pointers|guide me|what am i doing wrong|what i'm doing wrong|what am i missing|am i missing|missing something|doing something wrong|
		new to this|i'm new to|i am new to|beginner|newbie|noob|stuck on|i'm stuck|im stuck|getting stuck|in advance`,
	cueWonder: `i wonder|wondering if|wondering how|wondering what|wondering why|wondering whether|was wondering|am wondering|i'm wondering|just wondering|just curious|i'm curious|
		curious if|curious how|curious whether|curious what|curious about|question about|question on|quick question|a question|my question|have a question|dumb question|stupid question|question is|
		out of curiosity|does that mean|do you know|you know if|you know how|anyone tried|anyone using|anyone has|anyone have|anyone run|anyone running|looking for a|looking for some|looking for an`,
	cueConfirm: `right ?|correct ?|isn't it ?|or not ?|no ?|or is it|or should|or do i|is that right|is this right|is that correct|is this correct|is this expected|is this normal|is this intended|is that expected|by design`,
	cueWish: `would be nice|would be great|would be awesome|would be cool|would be helpful|would be useful|would be handy|would be good|would be better|would be amazing|would be lovely|
		would be very|would be really|would be super|would be so|would be ideal|be nice to|be great if|be nice if|be great to|be good to|be good if|be cool if|be useful to|be useful if|be helpful to|be helpful if|be better if|be awesome if|be lovely if|
		would love|would like|i'd love|i'd like|we'd love|we'd like|i wish|we wish|wish there|wish it|wish you|wish i could|wishlist|wish list|hope you add|hope you can add|hopefully you|
		feature request|feature suggestion|feature proposal|enhancement|feature idea|suggestion|i suggest|i would suggest|i propose|we propose|proposal|propose|proposing|my idea|idea :|an idea|
		please add|pls add|plz add|please support|please implement|please allow|please make|please consider|please bring back|could you add|can you add|could we have|can we have|can we get|could we get|
		add support|adding support|support for|add an option|add option|an option to|option to|add ability|the ability|ability to|add a|adding a|adding an|allow us|allow users|allow to|allow the|allow for|let us|let users|
		there should be|should be able|should be possible|should be an|should be a|should have|should support|should allow|should also|needs to be|need a way|need a feature|need an option|
		there needs|needs a|needs an|needs more|needs better|could use a|missing feature|is missing a|lacks|lacking|would make it|would make this|would help|would save|would allow|would enable|would improve|would simplify|
		vote for|use case|instead of having to|rather than having|without having to|more customizable|configurable|customizable|make it possible|make it easier|make it so|in the future|on the roadmap|future version|next version|request for|requesting|introduce|improve the|the only thing missing`,
	cueModal: `should|could|would|might|must|needs|wish|hope|prefer|suggest|propose|request|allow|support|enable|ability|option|improvement|improve|nice to have|instead|ideally|feature|features`,
	cueFault: `doesn't work|does not work|don't work|do not work|didn't work|did not work|not working|isn't working|is not working|aren't working|stopped working|stops working|won't work|no longer works|no longer work|can't get|cannot get|never works|not work|
		is broken|are broken|seems broken|broken since|broke after|broke my|broken in|broken on|breaks when|breaks the|is breaking|gets broken|was broken|
		getting an error|get an error|got an error|getting this error|get this error|an error|error when|error while|error occurs|following error|error message|with error|throws|threw|throwing|fails|failed|failing|fail to|failure|failed to|fails to|
		crashes|crashed|crashing|crash|freezes|frozen|freezing|hangs|hanging|hang|stuck at|gets stuck|unresponsive|segfault|segmentation fault|panic|panics|exception|stack trace|stacktrace|traceback|backtrace|
		bug|bugs|buggy|a bug|found a bug|this bug|the bug|bug in|glitch|glitches|regression|issue with|problem with|an issue|a problem|same issue|same problem|same error|having issues|having trouble|having problems|having the same|
		memory leak|leak|leaks|deadlock|race condition|timeout|times out|timed out|corrupt|corrupted|returns wrong|wrong result|wrong value|incorrect|incorrectly|
		unable to|can't open|can't load|can't connect|can't install|can't login|can't log|can't use|can't access|won't open|won't load|won't start|won't let|doesn't load|doesn't open|doesn't start|doesn't show|does not show|not showing|not loading|not found|not recognized|not displayed|not rendered|
		missing after|disappears|disappeared|gone after|after updating|after update|after upgrading|since upgrading|since updating|since the update|after the update|since the last|latest update|last update|on upgrade|
		happens when|happens every|happening again|reproduce|reproducible|repro|unexpected|unexpectedly|instead of the|even though|despite|flicker|flickers|blank screen|blank page|white screen|black screen|infinite loop|undefined|null pointer|nullpointer`,
	cueFaultWord: `error|errors|issue|issues|problem|problems|broken|wrong|warning|warnings|fault|defect|fix|fixes|fixing|broke|invalid|fail|refused|denied|missing|bad|weird|strange|odd|slow|lag`,
	cueExpected:  `expected behavior|expected behaviour|actual behavior|actual behaviour|current behavior|current behaviour|expected result|actual result|expected results|actual results|what happened|what happens|what did you expect|i expected|i would expect|i'd expect|expected to|is expected|expected output|actual output|expected :|actual :`, //nolint:misspell // people write both
	cueSteps:     `steps to reproduce|to reproduce|reproduce the|reproduction|minimal example|minimal reproduction|repro steps|how to reproduce|system information|system info|os version|describe the bug|relevant log|log output`,
	cueReported:  `describe the solution|describe alternatives|related to a problem|is your feature request|solution you'd like|alternatives considered|alternatives you've|additional context|motivation|use cases|proposed solution|describe the feature|the feature`,
	cueThanks:    `thanks|thank you|thank u|thx|ty|tysm|tyvm|many thanks|much appreciated|appreciate it|appreciate the|appreciate your|appreciated|cheers|grateful|kudos|props to|shout out|shoutout|hats off|well done|good job|great job|nice job|great work|nice work|good work|amazing work|awesome work|bravo|congrats|congratulations|gracias|merci|danke|obrigado`,
	cueLove:      `love it|love this|love the|i love|we love|loving|absolutely love|really like|i like|like it|like this|great app|great tool|great product|great project|great feature|awesome|amazing|fantastic|brilliant|excellent|wonderful|superb|perfect|the best|best app|best tool|so good|so cool|so useful|very useful|very helpful|super helpful|really helpful|so helpful|works great|works well|works perfectly|works like|works flawlessly|well made|beautiful|impressed|impressive|game changer|lifesaver|life saver|made my day|saved my|saved me|blown away|five stars|highly recommend|recommended|keep up|keep it up|looks great|looks good|looks amazing|nicely done|easy to use|happy with|so happy|very happy`,
	cueGratified: `that worked|it worked|works now|working now|worked for me|that did it|that did the trick|did the trick|that fixed it|fixed it|solved it|solved my|that helped|that helps|problem solved|got it working|makes sense now|exactly what i needed|just what i needed|what i was looking for`,
	cueRelease:   `just released|is released|we released|has been released|been released|new release|new version|released|releasing|release candidate|now available|is available|is out|is live|are live|now live|is now|are now|we're excited|we are excited|excited to announce|happy to announce|pleased to announce|proud to announce|thrilled to|excited to share|happy to share|announcing|announcement|announce|introducing|we launched|we just launched|just launched|launching|launched|launch|shipped|we just shipped|just shipped|rolling out|rolled out|deprecated|deprecating|end of life|changelog|release notes|what's new|highlights|pre-release|beta is|today we|we've added|we have added|upgrade to`,
	cueShare:     `i built|i made|i wrote|i created|i've built|i've made|i've written|i've been working|we built|we wrote|we made|we created|we're building|new blog post|blog post|new article|new video|new tutorial|new episode|just published|published a|just posted|check it out|check out|take a look|have a look|read more|learn more|sign up|feedback welcome|show hn|open sourced|open source|source code|available on|a tool for|a library for|an app for|an app that|a tool that|library that|write-up|wrote up|wrote about`,
	cueEvent:     `join us|meetup|webinar|conference|workshop|livestream|live stream|office hours|ama|community call|hackathon|summit|register|registration|rsvp|save the date|tickets|call for papers|call for proposals|cfp|speakers|tomorrow at|starts at|this thursday|this friday|next week|maintenance window|scheduled maintenance|scheduled for|reminder|heads up|attention|survey|participate|voting|election|elected|welcoming|please welcome`,
	cueIntro:     `i'm new here|new here|new member|new to the community|new to this community|new to this server|just joined|joined today|glad to be here|happy to be here|excited to be here|great to be here|nice to meet|pleased to meet|my name is|my name's|name's|i'm a|i am a|im a|i'm an|i am an|i work as|i work at|i work on|i work for|working as|working at|based in|i live in|from germany|from india|from brazil|background in|years of experience|looking forward to learning|looking forward to meeting|looking forward to connecting|introduce myself|introducing myself|a bit about me|about me|say hi|saying hi|say hello|saying hello|hello from|hi from|greetings from|hey from|hi everyone|hello everyone|hey everyone|hi all|hello all|hi folks|hey folks|hello folks|day job|in my free time|in my spare time`,
	cueJob:       `hiring|we're hiring|we are hiring|is hiring|job opening|job openings|open position|open positions|job offer|full time|full-time|part time|part-time|contractor|freelance|freelancer|freelancing|salary|remote position|remote role|remote job|apply here|apply now|apply at|send your cv|cv|resume|portfolio|looking for a developer|looking for developers|looking for a job|looking for work|looking for new opportunities|open to work|available for hire|available for work|for hire|role|position|recruiter|recruiting|recruitment|interview|internship|intern|equity|per hour|hourly|hire|years experience|senior|engineer to join|join our team|join my team|candidates`,
	cueSell:      `dm me|pm me|message me|contact me|contact us|whatsapp|telegram|discount|coupon|promo|promo code|free trial|limited time|limited offer|offer ends|earn money|make money|earn up|passive income|per day|per week|invest|investment|crypto|bitcoin giveaway|giveaway|airdrop|nft|forex|trading signals|casino|betting|free nitro|claim your|claim now|click here|click the link|subscribe to|followers|seo|backlinks|cheap|best price|buy now|order now|visit our|our services|our agency|we offer|guaranteed|risk free|win a|winner|prize|steam gift`,
	cueSolved:    `fixed in|fixed by|resolved in|resolved by|already fixed|closing this|close this|duplicate of|merged|works for me|lgtm|no longer an issue|cannot reproduce|can't reproduce`,
	cueAdvice:    `you can|you could|you should|you need|you'll need|you have to|you'd have|you might|you may|you want to|you'd|you are|you're|try to|try using|try the|have you tried|make sure|just use|just run|use the|run the|set the|check the|check if|see the|see also|take a look at|look at|look into|depends on|it depends|i think|i believe|i guess|i would|i'd|i usually|we usually|we use|i use|i used|in my case|in our case|afaik|iirc|imo|imho|basically|because|that's because|the reason|that means|which means|for example|according to|as far as|it's because|workaround|worked around|alternatively|otherwise|instead use|actually`,
	cueSmall:     `ok|okay|yes|yeah|yep|yup|no|nope|sure|right|true|agreed|i agree|exactly|indeed|ah|oh|hmm|hm|haha|lol|lmao|heh|well|maybe|probably|possibly|got it|i see|makes sense|sounds good|same here|me too|same|fair enough|no problem|np|no worries|you're welcome|youre welcome|anytime|good morning|good night|good luck|see you|brb|afk|sorry|my bad|never mind|nevermind|nvm|done|ack`,
	cueDislike:   `hate|hate it|i hate|terrible|horrible|awful|worst|sucks|useless|garbage|trash|crap|shit|ridiculous|annoying|annoyed|frustrating|frustrated|disappointed|disappointing|waste of|unusable|unacceptable|pathetic|stupid|fed up|sick of|tired of|uninstall|uninstalled|uninstalling|refund|not happy|unhappy|pissed|wtf|ugh|sigh|painful|nightmare|poor|lame|fail|joke|rant`,
	cueOutage:    `is down|are down|went down|site down|server down|api down|service down|everything is down|down for everyone|down again|down right now|outage|outages|production is down|prod is down|prod down|production down|production outage|production is broken|prod is broken|all requests fail|nobody can log|no one can log|nobody can login|users can't log|users cannot log|customers can't|customers cannot|users are locked|our users can't|down since|completely down|major incident|major outage`,
	cueLoss:      `data loss|lost data|lost all|losing data|lost my data|lost our data|lost everything|lost all my|lost all our|data is gone|data gone|data disappeared|everything is gone|wiped|wiped out|deleted all|deleted my|deleted our|deleted everything|erased|corrupted data|data corruption|corrupted database|database is corrupt|database corrupted|corrupts data|backup is gone|all my files|all our files|overwrote|charged twice|double charged|charged me twice|charging customers`,
	cueHole:      `vulnerability|vulnerabilities|security hole|security issue|security bug|security flaw|security breach|security incident|data breach|breach|breached|exploit|exploited|zero day|cve|xss|sql injection|rce|remote code execution|privilege escalation|leaked|leaking secrets|leaks tokens|leaks secrets|exposed credentials|exposes|exposed|compromised|hacked|phishing|malware|ransomware|stolen|account takeover|unauthorized access|bypass authentication|auth bypass|publicly accessible|anyone can read|anyone can see`,
	cueBlocked:   `blocked|blocker|is blocking|are blocking|blocking us|blocking me|blocks us|blocking our|blocks our|showstopper|show stopper|can't continue|cannot continue|can't proceed|cannot proceed|can't move forward|unable to proceed|stuck for|been stuck|stuck since|totally stuck|completely stuck|can't deploy|cannot deploy|can't release|can't ship|can't work|cannot work|locked out|can't log in|cannot log in|can't login|cannot login|lost access|no access|can't access my|at a standstill|dead in the water`,
	cueDeadline:  `deadline|by tomorrow|by today|by tonight|by end of day|by eod|eod|before tomorrow|due today|due tomorrow|due tonight|going live|go live tomorrow|go live today|launch tomorrow|launch today|launching tomorrow|demo tomorrow|demo today|demo in|presentation tomorrow|in an hour|in two hours|in an hour|expires today|expires tomorrow|expires tonight|within the hour|by monday|by friday|this afternoon|tonight`,
	cueAgain:     `any update on|any updates on|any update ?|any updates ?|any news on|any news ?|still waiting|still no|still not|bump|bumping|pinging|gentle ping|friendly ping|following up|follow up on|asking again|ask again|asked again|asked before|asked this|second time|third time|no answer|no reply|no response|nobody answered|no one answered|anyone ?|anybody ?|haven't heard|has not been answered|for days|for weeks|days now|weeks now`,
	cueUrgent:    `urgent|urgently|asap|as soon as possible|emergency|critical|immediately|right now|right away|high priority|highest priority|top priority|time sensitive|quickly please|please hurry|need this fixed|sos`,
	cueCalm:      `not urgent|no rush|no hurry|not critical|when you have time|whenever you|low priority|non urgent|nothing urgent|no longer down|back up|is resolved|was resolved|has been resolved|fixed now|scheduled maintenance|if you get a chance|take your time|not blocking|non blocking|not a blocker`,
	cueTry:       `i tried|i've tried|i have tried|tried to|we tried|trying to|when i try|when i run|when i use|when i click|if i run|if i use|i run|i ran|i get|i got|i'm getting|i am getting|i'm seeing|i see this|i followed|i'm using|i am using|i have a|i have an|i need to|i want to|we want to|we need to|my code|my setup|my config|my project`,
	cueNotice:    `please note|note that|keep in mind|be aware|as of|starting from|starting today|from now on|effective|we will be|we'll be|will be available|will be released|the team|our team|the project|we have decided|we decided|policy|code of conduct|guidelines|community update|weekly update|monthly update|status update|this week in|this month in|update :`,
}

// phrase is one of a cue, without its first token.
type phrase struct {
	kind cue
	rest []uint64 // hashes of the tokens after the first
}

// cues finds phrases by the hash of their first token.
type cues struct {
	by map[uint64][]phrase
}

// newCues takes lists of phrases between strokes; the number of a list is its cue.
func newCues(lists []string) *cues {
	c := &cues{by: map[uint64][]phrase{}}
	var r prose.Reader
	for kind, list := range lists {
		for p := range strings.SplitSeq(list, "|") {
			var hashes []uint64
			for _, t := range r.Read("", strings.TrimSpace(p)) {
				if t.Kind != prose.Break {
					hashes = append(hashes, hashText(t.Kind, t.Lower))
				}
			}
			if len(hashes) == 0 {
				continue
			}
			c.by[hashes[0]] = append(c.by[hashes[0]], phrase{cue(kind), hashes[1:]})
		}
	}
	return c
}

// match calls found for each cue that begins with the first of the hashes.
func (c *cues) match(hashes []uint64, found func(cue)) {
	for _, p := range c.by[hashes[0]] {
		if len(p.rest) >= len(hashes) {
			continue
		}
		same := true
		for i, h := range p.rest {
			if h != hashes[i+1] {
				same = false
				break
			}
		}
		if same {
			found(p.kind)
		}
	}
}
