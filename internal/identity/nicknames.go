// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import "strings"

// nicknameText holds one family of given names a line; names of one line may
// stand for one person. A name may appear in several lines.
const nicknameText = `aaron ron
abigail abby gail
abraham abe bram
adrian adi ade
agnieszka aga
albert al bert bertie albrecht
alejandro alex ale jandro
aleksandr alexandr alexander aleksander alexandre alessandro alex sasha sascha alec alek sander xander sandy olek oleksandr alexandru aliaksandr
aleksandra alexandra alex sasha sandra ola
aleksei alexei alexey aleksey alexej lyosha alexis oleksiy alex
alfred fred al alfie
allan alan allen al
alvin al
amanda mandy
anatoly tolya anatolii anatoliy
andre andreas andrew andrey andrei andrea andy drew andrii andriy andrzej andres andreu anders andras
angela angie
anna ann anne ania anja anya hannah annie ana
anthony antony tony ant anton antoine antonio antoni toni
arkadiusz arek
arnold arnie
arthur artur art arturo
augustus gus august
barbara barb basia
bartholomew bart bartosz bartek bartlomiej
beatrice bea trixie
benjamin ben benny benji benoit
bernard bernie bernhard bernd
bradley brad bradford
brian bryan
bruce bruno
cameron cam
carl karl charles carlos carlo
caroline carol carrie
catherine katherine kathryn kate katie cathy kathy kat katrin katarina katarzyna kasia cat catarina
charles charlie chuck chas karel charly
christian chris kristian cristian krystian
christopher chris christoph kris kristopher christophe cristobal topher christos kristof krzysztof
christine christina chris tina kristin kristina christa
clifford cliff
clement clem
constantin konstantin kostya costa konstantinos kostas
cornelius cor kees cees
craig greg
cynthia cindy
daniel dan danny dani daniil danil danilo daniele
david dave davey davide dawid davy
deborah debbie deb
dennis denis denny
dmitry dmitri dmitriy dmitrii dima dimitri dimitry dimitris dmytro
dominik dominic dominique dom nick
donald don donnie
dorothy dot dottie
douglas doug
eduardo edward eduard ed eddie ted edoardo edu
edmund ed eddie
edwin ed eddie
elizabeth liz beth lizzie eliza betty elisabeth elise lisa ela libby
emmanuel manu manuel emanuel emanuele
enrique henry quique henrique
eric erik erick erich eryk
ernest ernie ernst
eugene gene evgeny evgeni yevgeny evgenii eugen zhenya evgeniy
evangelos vangelis
federico fede frederico
ferdinand ferdi
fernando nando fer
francis frank fran
francisco fran paco pancho cisco franco
francesco fra cesco
francois franck
franklin frank
frederick fred freddy frederic frederik fredrik friedrich fritz frederico
gabriel gabe gabor gabriele
geoffrey jeff geoff jeffrey geoffroy
george georg jorge georges georgi jurgen jiri giorgio georgios yuri yury
gerald gerry jerry gerard gerhard gerd gert
giovanni gianni vanni gio
giuseppe beppe peppe
gregory greg gregor grigory grzegorz grisha gregoire
guillaume william gui
gustavo gus gustav
harald harry hal harold
henry hank harry henri henrik hendrik heinrich heinz hal henning
herbert herb bert
hubert bert
igor ihor
ignacio nacho
ilya ilia ilja illya
isaac ike
isabella bella isabel izzy
ivan vanya ian ioan
jacob jake jakob jakub kuba jacobo jaap jacques
jacqueline jackie
james jim jimmy jamie jem
janusz jan
jason jay
jean jan
jennifer jen jenny
jeremy jeremiah jerry jeremie jem
jerome jerry
jessica jess jessie
jesus chus
joachim jo jochen achim joaquin
joanna asia jo jo-anne joan
johannes hans johann john joh jan hannes
john jon johnny jack jan juan joao johan ian sean shawn ivan jean giovanni
jonathan jon jonny nathan johnathan john jonatan
joseph joe josef jose jozef joey josep giuseppe pepe yusuf youssef
joshua josh
juergen jurgen
julian jules julien julio julius
justin just
kamil kam
kenneth ken kenny
kimberly kim
krzysztof krzys chris
lawrence larry laurence lars laurent lorenzo lawrie
leonard leo len lenny leonardo leon leonid lenya
leslie les
lewis lew louis lou ludwig luis ludovic luiz luigi
lukas lucas luke luca lucasz lukasz luc
magdalena magda
marcin martin marc
marco mark marcus markus marc marek marko
margaret maggie meg peggy margarita greta rita
maria mary marie marija masha mariya
mario mariusz
martin marty martijn marcin
mateusz matt mat mateo
matthew matt mat matty mathew matthias mathias matthieu mathieu matteo mateo mathijs matthijs matty
maximilian max maxim maxime maksim maxwell massimiliano
melissa mel
michael mike mick micky michal michel miguel mikhail mihai mikael mischa misha mikko mihail micha michele mickael mykhailo mihaly
mitchell mitch
mohammed mohammad muhammad mohamed mo mohamad muhammed
nathaniel nathan nate nat
nicholas nick nicolas nico nikolas nic nikolaus klaus claus niklas nikolai nikolay kolya nicola niels nils mikolaj nicky nikolaos mykola nikola nicolaus
olivier oliver ollie oli
oleksandr sasha alexander
oscar oskar
pamela pam
patricia pat patty trish patrizia
patrick pat paddy patryk patrik patrice
paul pavel pawel pablo pol paulo paolo pau pasha pawal
penelope penny
peter pete petr pedro pierre piotr petra petter petri pieter pietro pjotr petros
phillip philip phil philipp philippe felipe pip filip
rachel rae
rafael raphael rafa rafal raf
raymond ray
rebecca becky becca
reginald reg reggie
rene renee
richard rich rick dick ricky ricardo riccardo richie ryszard
robert rob bob bobby robbie bert roberto robb robin rupert
rodney rod
rodrigo rod
roger rog rodger rogelio
roland rolf rollo
roman rom roma
ronald ron ronnie ronaldo
russell russ rusty
samuel sam sammy samuele samantha
santiago santi
sebastian seb basti sebastien bastian sebas bas
sergey sergei serge sergio serhii sergiy serhiy sergii
siddharth sid
sigmund zygmunt siggi
simon si szymon simone
slawomir slawek
stanislav stan stas stanislaw stanislas
stephen steve steven stefan stephan stephane steffen stevie esteban stefano stef stijn stefanos stepan
susan sue susie suzanne susanna
sylvester sly
tadeusz tadek
terence terry terrance terrence
theodore ted teddy theo theodor fedor fyodor
thomas tom tommy tomas tomasz thom tomek tommaso toma
timothy tim timmy timo timothee
tobias toby tobi
tomislav tom
tyler ty
ulrich uli
valentin val
valery valerii valeriy val
vasily vasiliy vasilii vasyl basil vassili vasilis vasya
veronica ronnie vero
victoria vicky vika tori
viktor victor vic vik
vincent vince vinny vincenzo vin
vladimir vlad volodymyr vova wladimir volodya
vladislav vlad slava
vyacheslav slava viacheslav
walter walt wally wouter
wilhelm willi will willy wim william bill
william will bill billy willy liam willem guillermo wil wim
wojciech wojtek
yevhen eugene
yuri yury iurii yuriy juri jurij
zachary zach zack zac zachariah
zbigniew zbyszek`

// nicknameGroups maps a given name to a bit set of the lines it is in, folded
// into 64 bits per hash; see sameGiven.
func nicknameGroups() map[string]uint64 {
	groups := map[string]uint64{}
	for i, line := range strings.Split(nicknameText, "\n") {
		for _, w := range strings.Fields(line) {
			groups[w] = packGroup(groups[w], uint16(i+1))
		}
	}
	return groups
}

// nicknameLetters gives, for each line and one more, the set of its names' first letters.
func nicknameLetters() []uint32 {
	letters := []uint32{0}
	for line := range strings.SplitSeq(nicknameText, "\n") {
		set := uint32(0)
		for _, w := range strings.Fields(line) {
			set |= 1 << (letterClass(w[0]) & 31)
		}
		letters = append(letters, set)
	}
	return letters
}

// shortInitial reports whether some form of a given name begins with a letter.
func (d *dictionary) shortInitial(w string, initial byte) bool {
	for g := d.nick[w]; g != 0; g >>= 16 {
		if d.letters[g&0xffff]>>(letterClass(initial)&31)&1 != 0 {
			return true
		}
	}
	return false
}

// packGroup adds a line number to the four that fit into one word.
func packGroup(set uint64, line uint16) uint64 {
	for shift := 0; shift < 64; shift += 16 {
		if set>>shift&0xffff == 0 {
			return set | uint64(line)<<shift
		}
	}
	return set
}

// sharesGroup reports whether two packed sets have a line in common.
func sharesGroup(a, b uint64) bool {
	for x := a; x != 0; x >>= 16 {
		for y := b; y != 0; y >>= 16 {
			if x&0xffff == y&0xffff {
				return true
			}
		}
	}
	return false
}

// commonGivenText and commonFamilyText hold names in falling order of how
// many people of software and support communities bear them, as a rough
// Zipf prior for teams too small to tell "John" from a rare name.
const commonGivenText = `john michael david alex daniel andrew james chris robert mark peter thomas paul richard matthew kevin brian martin eric
jason steven jeff william tim stephen ben tom mike nick jonathan adam anthony andreas scott ryan sam stefan patrick simon joe alexander matt
wei christian joshua nicolas jan max steve jim dan dave rob luke bob bill greg marc ian anna maria laura lucas victor sebastian justin aaron
ivan pavel sergey dmitry vladimir alexey igor ali mohammed ahmed kumar raj amit rahul sanjay vijay ravi anil sandeep wang li zhang liu chen
yang jun hao lei jing yu jie hiroshi takashi kenji julien pierre francois antoine guillaume olivier carlos juan jose luis pedro miguel
marco luca andrea giuseppe francesco hans klaus markus jens lars erik anders mikael henrik jonas oliver philip george charles edward frank
gary larry jerry dennis keith roger kenneth ronald donald raymond doug craig todd chad kyle tyler brandon nathan zach jordan austin dylan
sarah emily jessica jennifer lisa susan linda karen amy julia kate elena olga natalia marie claire sophie emma alice sara rachel michelle
robin roberto marcel tobias florian christoph christopher fabian felix philipp philippe bernd dirk frederic frederik henry hugo ivo jacob
jakob jakub javier jerome joel johan johannes joseph jorge kai karl karsten klaas konstantin kristian kurt laurent leo leon leonardo louis
ludovic maarten maciej magnus manuel marcin marcos marcus mario marius martijn mathias mathieu matthias matthieu maxim maxime michal michel
mihai mikhail milan morten neil niels niklas nikolai nikolay nils norbert oleg oscar oskar otto pascal patrik pawel per petr pieter piotr
rafael rafal ralf ramon randy raphael raul reinhard rene ricardo rick rodrigo roland roman ron ross ruben rudolf rui russell sander sean
sebastien sergei sergio shane simone soren stan stanislav stefano stephane stuart sven sylvain tamas ted teemu terry theo thierry thorsten
timo tomas tomasz toni tony torsten travis trevor uwe vadim valentin vincent vinod vitaly vlad walter warren wayne werner wolfgang xavier
yann yannick yves yuri yury zoltan ahmad amir arjun arun ashish ashok bharat deepak dinesh ganesh girish gopal harish hari hassan hussain
ibrahim imran karthik khalid kiran krishna mahesh manish manoj mohan mohammad muhammad mustafa naveen nikhil nitin omar pankaj praveen pradeep
prakash prasad rajesh rakesh ramesh rashid rohit sachin samir sanjeev santosh satish shankar shashi shiv sudhir sunil suresh syed tariq uday
umesh usman varun venkat vikas vikram vinay vishal vivek yusuf akira daisuke hideki hiroki jiro kazuki kei ken kenichi kohei makoto masahiro
masato naoki osamu ryo satoshi shinji shota takeshi taro tetsuya tomohiro yasuhiro yoshi yuki yusuke bo chang chao cheng dong fang feng gang
guang hai han heng hong hua hui jian jiang jin kun lin long mei meng min ming ning peng ping qi qiang qing rong shan shuai tao tian
ting wen xia xiang xiao xin xing xue yan yi ying yong yuan yun zhen zhi adriana agnes amanda angela anne annika astrid barbara beth carla
carmen caroline catherine charlotte christine cristina cynthia dana deborah denise diana donna dorothy elisabeth elizabeth erica erin eva
fatima fiona gabriela gina hanna hannah heather heidi helen helena holly ingrid irene irina isabel jane janet jasmine jean joanna jill judith
katharina katherine kathleen katrin kelly kim kirsten kristina laurence lauren leah leila lena lucia lucy lydia magdalena marianne margaret
marina marta martha martina mary megan melissa mia monica monika nadia nancy naomi nicole nina nora pamela patricia paula petra priya rebecca
renee rita rosa ruth samantha sandra sharon shirley silvia simona sonia stephanie susanne svetlana sylvia tanya tatiana teresa theresa tina
ursula valentina valerie vanessa vera victoria virginia wendy yvonne abdul abdullah adrian ahmet alan albert albin aldo alejandro
aleksandar aleksander alessandro alexandre alexis alfredo allan allen alvaro amos anatoly andre andrei andres andrey angel angelo antoni
antonio arne armin arnaud arnold arthur artem artur august axel bart bastian bastien benedikt benjamin benoit bernard bernhard bert bjorn
bogdan boris brad bradley brendan brent brett bruce bruno bryan byron cameron carl casey cedric cesar chuck claude claudio clement clint
colin conrad corey curtis cyril damian damien damon daniele danny dario darren dean denis derek devin diego dmitri dominic dominik
don douglas duncan dustin eddie eduardo edgar edwin egor elias elliot emanuel emil emmanuel enrico enrique ernesto ernst esteban ethan eugene
evan evgeny fabio fabrice federico fernando filip francisco franck franz fred frederick fredrik gabriel gabor gavin geoff geoffrey georg
gerald gerard gerhard giovanni glen glenn gordon graham grant gregor gregory guido gunnar gustavo guy hannes harald harold harry heiko heinz
helmut herbert hernan horst howard ignacio ilya isaac ismail ivar jack jaime jake jared jaroslav jay jed jeffrey jeremy jesse jesus
jimmy joachim joakim joao joerg joey johnny jon jonathon joost jordi josef josh juergen jukka julian julio juha jurgen justus`

const commonFamilyText = `wang li zhang liu chen yang smith kumar singh huang zhao wu zhou lee kim johnson brown jones williams sharma xu sun ma zhu hu lin
guo he gao patel gupta miller davis anderson wilson martin taylor thomas moore white garcia nguyen martinez robinson clark lewis tan wong park
jain das khan ali shah rao reddy mueller muller schmidt fischer weber wagner becker meyer schneider hansen olsen larsen jensen nielsen
johansson andersson nilsson ivanov petrov smirnov silva santos oliveira souza rodriguez fernandez lopez gonzalez perez sanchez rossi ferrari
tanaka suzuki sato takahashi yamamoto watanabe ito nakamura kobayashi young allen king wright scott green adams baker hall campbell mitchell
roberts carter phillips evans turner parker collins edwards stewart murphy cook morgan bell cooper cox ward richardson wood watson bennett gray`

// commonNames gives the prior share of people who bear a name.
func commonNames() map[string]float64 {
	share := map[string]float64{}
	for _, text := range []string{commonGivenText, commonFamilyText} {
		for rank, w := range strings.Fields(text) {
			share[w] = max(share[w], 0.16/float64(rank+12))
		}
	}
	return share
}
