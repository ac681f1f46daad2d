package reply
import ("testing";"bufio";"encoding/json";"os";"fmt";"time";"strings";"strconv";"sort";"math/rand/v2";"flag";"greenroom/internal/text/question")
var fh=flag.Int("h",24,"");var frounds=flag.Int("r",12,"");var frt=flag.Float64("rate",0.003,"");var fdec=flag.Float64("decay",0.001,"");var fnets=flag.Int("nets",1,"");var fphase=flag.Int("phase",2,"");var ffolds=flag.Int("folds",4,"")
type place struct{s string;i int}
type line struct{Stream,Time,User,Text string;I int;System bool}
func loadX()(streams []string, msgs map[string][]Message, gold map[place][]int, ans [][]string){
 msgs=map[string][]Message{}; gold=map[place][]int{}; times:=map[string]time.Time{}
 f,_:=os.Open("/work/shared/data/text/links.jsonl"); s:=bufio.NewScanner(f); s.Buffer(nil,1<<20)
 for s.Scan(){ var l line; json.Unmarshal(s.Bytes(),&l); if l.System {continue}
  at:=times[l.Stream]; if c,err:=time.Parse("15:04",l.Time);err==nil{ nx:=at.Truncate(24*time.Hour).Add(time.Duration(c.Hour())*time.Hour+time.Duration(c.Minute())*time.Minute); if nx.Before(at.Add(-12*time.Hour)){nx=nx.Add(24*time.Hour)}; at=nx}; times[l.Stream]=at
  if msgs[l.Stream]==nil{streams=append(streams,l.Stream)}
  msgs[l.Stream]=append(msgs[l.Stream],Message{ID:int64(l.I)+1,Author:l.User,Text:l.Text,At:at,Question:question.Is("",l.Text)}) }
 b,_:=os.ReadFile("/work/shared/data/text/links_gold.tsv"); for _,t:=range strings.Split(strings.TrimSpace(string(b)),"\n"){ p:=strings.Split(t,"\t"); i,_:=strconv.Atoi(p[1]); for _,a:=range strings.Split(p[2],","){k,_:=strconv.Atoi(a); gold[place{p[0],i}]=append(gold[place{p[0],i}],k)}}
 b,_=os.ReadFile("/work/shared/data/text/answers_gold.tsv"); for _,t:=range strings.Split(strings.TrimRight(string(b),"\n"),"\n"){ ans=append(ans,strings.Split(t,"\t"))}
 return }
// conv: decided conversation for history per message, or nil = own
func examples(stream string, ms []Message, gold map[place][]int, conv map[int64]int64) (out []example){
 l:=NewLinker(nil)
 for _,m:=range ms { m.Conversation=conv[m.ID]; if m.Conversation==0 {m.Conversation=m.ID}
  g,ok:=gold[place{stream,int(m.ID)-1}]
  t:=look(&m)
  if ok { s:=newScene(&t,l.sightOf(&t)); e:=example{traits:make([]traits,len(s.before)+1),right:make([]bool,len(s.before)+1)}; any:=false
   for i:=range e.traits { if i==0 { s.start(&e.traits[0]) } else { s.pair(i-1,&e.traits[i]) }
    id:=int(m.ID)-1; if i>0 { id=int(s.before[i-1].id)-1 }; for _,a:=range g { if a==id {e.right[i]=true;any=true}} }
   if any {out=append(out,e)} }
  l.push(&t) }
 return }
func goldConv(stream string, ms []Message, gold map[place][]int, pred map[int64]int64) map[int64]int64 {
 c:=map[int64]int64{}
 for _,m:=range ms { a,ok:=gold[place{stream,int(m.ID)-1}]; to:=m.ID; if ok { to=int64(a[0])+1 } else if p,ok:=pred[m.ID];ok { to=p }
  if to==m.ID||c[to]==0 { c[m.ID]=m.ID } else {c[m.ID]=c[to]} }
 return c }
func TestX(t *testing.T){
 streams,msgs,gold,ans:=loadX()
 byS:=map[string][][]string{}; for _,a:=range ans { byS[a[0]]=append(byS[a[0]],a)}
 fold:=map[string]int{}; ss:=append([]string(nil),streams...); sort.Strings(ss); for i,s:=range ss { fold[s]=i%*ffolds }
 var hit,found,truth float64; type q struct{ p float64; k int; second float64; direct,later string }
 var qs []q; var secs float64; var nm int; starts:=[3]float64{}
 for k:=range *ffolds {
  var model *Model
  conv:=map[string]map[int64]int64{}
  for _,s:=range streams { conv[s]=goldConv(s,msgs[s],gold,nil) }
  for phase:=range *fphase {
   var ex []example
   for _,s:=range streams { if fold[s]!=k { ex=append(ex,examples(s,msgs[s],gold,conv[s])...) } }
   model=&Model{}
   for n:=range *fnets { model.nets=append(model.nets,train(ex,*fh,*frounds,float32(*frt),float32(*fdec),rand.New(rand.NewPCG(uint64(n),7)))) }
   if phase<*fphase-1 { for _,s:=range streams { if fold[s]!=k { l:=NewLinker(model); c:=map[int64]int64{}; for _,m:=range msgs[s] { c[m.ID]=l.Next(m)[0].Conversation }; conv[s]=c } } }
  }
  for _,s:=range streams { if fold[s]!=k {continue}
   l:=NewLinker(model); t0:=time.Now(); probs:=map[int]map[int]float64{}; author:=map[int]string{}
   for _,m:=range msgs[s] { cs:=l.Next(m); nm++; id:=int(m.ID)-1; author[id]=m.Author
    for _,c:=range cs { if int64(id)+1!=c.ID { j:=int(c.ID)-1; if probs[j]==nil{probs[j]=map[int]float64{}}; probs[j][id]=c.P } }
    if g,ok:=gold[place{s,id}];ok { found++; truth+=float64(len(g)); for _,a:=range g { if a==int(cs[0].ID)-1 {hit++} }
      if g[0]==id {starts[0]++}; if cs[0].ID==m.ID {starts[1]++; if g[0]==id {starts[2]++}} } }
   secs+=time.Since(t0).Seconds()
   for _,a:=range byS[s] { i,_:=strconv.Atoi(a[1]); x:=q{k:-1}; if len(a)>3 {x.direct,x.later=a[2],a[3]}
    for j,p:=range probs[i] { if author[j]!=author[i] { if p>x.p|| p==x.p&&j<x.k { x.second=x.p;x.p,x.k=p,j } else if p>x.second {x.second=p} } }
    // first above half
    first:=-1; for j,p:=range probs[i] { if author[j]!=author[i] && p>=0.5 && (first<0||j<first) {first=j} }; if first>=0 {x.k=first}
    qs=append(qs,x) }
  }
 }
 fmt.Printf("F1 %.4f hit %.4f  start P %.3f R %.3f  %.0f msg/s\n",2*hit/(found+truth),hit/found,starts[2]/starts[1],starts[2]/starts[0],float64(nm)/secs)
 in:=func(list string,k int)float64{ for _,g:=range strings.Split(list,","){ if g==strconv.Itoa(k){return 1}}; return 0}
 for _,th:=range []float64{.15,.2,.25,.3,.35,.4,.45,.5,.6} { var tp,said,w,an,st,lo float64
  for _,x:=range qs { un:=x.p<th; if un {said++}; if x.later=="" { w++; if un{tp++} } else { an++; if !un {st+=in(x.direct,x.k);lo+=in(x.later,x.k)} } }
  fmt.Printf("th %.2f unanswered P %.3f R %.3f F1 %.4f strict %.4f loose %.4f\n",th,tp/said,tp/w,2*tp/(said+w),st/an,lo/an) }
}
