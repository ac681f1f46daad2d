package reply
import ("testing";"bufio";"encoding/json";"os";"fmt";"time";"strings";"strconv";"sort";"flag";"greenroom/internal/text/question")
var ffolds=flag.Int("folds",4,""); var fnotime=flag.Bool("notime",false,"")
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
func TestX(t *testing.T){
 streams,msgs,gold,ans:=loadX()
 fold:=map[string]int{}; ss:=append([]string(nil),streams...); sort.Strings(ss); for i,s:=range ss { fold[s]=i%*ffolds }
 lf,_:=os.Create("/tmp/lang/cv_links.tsv"); af,_:=os.Create("/tmp/lang/cv_answers.tsv"); var secs float64; nm:=0
 for k:=range *ffolds {
  var tr []Stream
  for _,s:=range streams { if fold[s]!=k { st:=Stream{Messages:msgs[s],Links:map[int64][]int64{}}; for p,g:=range gold { if p.s==s { for _,a:=range g { st.Links[int64(p.i)+1]=append(st.Links[int64(p.i)+1],int64(a)+1) } } }; tr=append(tr,st) } }
  m:=fit(tr,func(s string){}); m,err:=Load(m.encode()); if err!=nil {t.Fatal(err)}
  os.WriteFile(fmt.Sprintf("/tmp/lang/fold%d.bin",k),m.encode(),0o644)
  for _,s:=range streams { if fold[s]!=k {continue}
   ms:=append([]Message(nil),msgs[s]...); if *fnotime { for i:=range ms {ms[i].At=time.Time{}} }
   l:=NewLinker(m); t0:=time.Now()
   for _,m:=range ms { c:=l.Next(m); nm++; if gold[place{s,int(m.ID)-1}]!=nil { fmt.Fprintf(lf,"%s\t%d\t%d\n",s,m.ID-1,c[0].ID-1) } }
   secs+=time.Since(t0).Seconds()
   asked:=map[int64]bool{}; for _,a:=range ans { if a[0]==s { i,_:=strconv.Atoi(a[1]); asked[int64(i)+1]=true } }
   for id,a:=range Answers(m,ms,asked) { fmt.Fprintf(af,"%s\t%d\t%d\n",s,id-1,a.ID-1) }
  }
 }
 fmt.Println(float64(nm)/secs,"msg/s")
}
