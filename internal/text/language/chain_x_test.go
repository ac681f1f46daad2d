package language
import ("testing";"archive/zip";"io";"math/rand/v2";"fmt";"encoding/json";"os";"bufio";"time";"strings";"sort";"flag")
var fv=flag.Int("v",60000,"");var fd=flag.Int("d",30000,"");var flx=flag.Int("least",20,"");var fr=flag.Int("r",2,"");var frate=flag.Float64("rate",0.1,"");var flv=flag.Int("levels",24,"")
var fchat=flag.Bool("chat",true,"");var freal=flag.Int("real",0,"")
func loadX(t testing.TB, code string) *chain {
	var sh [order]map[string]float64
	for n,name := range []string{"uni","bi","tri","quadri","five"} {
		z,err:=zip.OpenReader("/root/go/pkg/mod/github.com/pemistahl/lingua-go@v1.4.0/language-models/"+code+"/"+name+"grams.pb.bin.zip")
		if err!=nil{ continue }
		f,_:=z.File[0].Open(); b,_:=io.ReadAll(f); z.Close()
		sh[n],err=parseShares(b); if err!=nil{t.Fatal(err)}
	}
	return newChain(sh)
}
type row struct{Text,Label,Source,License string}
func jl(name string)(out []row){ f,err:=os.Open("/work/shared/data/text/"+name); if err!=nil{panic(err)}; defer f.Close()
 s:=bufio.NewScanner(f); s.Buffer(nil,1<<22); for s.Scan(){ var r row; json.Unmarshal(s.Bytes(),&r); out=append(out,r)}; return}
func docOf(text string,s script,col int,w float32) (document,bool) {
	d:=document{column:col,weight:w}
	words(text,func(word []rune, ws script)bool{ if ws==s { d.words=append(d.words,string(word))}; return true})
	return d,len(d.words)>0
}
func permissive(l string) bool { return strings.HasPrefix(l,"MIT")||strings.HasPrefix(l,"Apache")||strings.HasPrefix(l,"CC0")||strings.HasPrefix(l,"CC-BY-4") }
func TestX(t *testing.T){
	var pk [modeled]packed
	lang:=jl("language.jsonl")
	var chat []row
	for _,n:=range []string{"sentiment.jsonl","category.jsonl","question.jsonl"} { chat=append(chat,jl(n)...)}
	lic:=map[string]int{}; for _,r:=range chat { lic[r.License+"|"+r.Source]++ }; fmt.Println(lic)
	for s:=latin;s<modeled;s++ {
		t0:=time.Now()
		l:=&lesson{script:s}
		r:=rand.New(rand.NewPCG(1,uint64(s)))
		var w []rune
		for col,code:=range members[s] {
			c:=code; if c=="no"{c="nb"}
			ch:=loadX(t,c)
			for range *fd {
				n:=2; switch x:=r.Float64(); { case x<.1: n=1; case x>.95: n=6; case x>.8: n=3 }
				d:=document{column:col,weight:1}
				long:=r.Float64()<.6
				for tries:=0; len(d.words)<n && tries<100; tries++ { w=ch.word(w,r); if s!=han && (len(w)<1|| long&&len(w)<4) {continue}; 
					d.words=append(d.words,"_"+string(w)+"_") }
				l.documents=append(l.documents,d)
			}
			if *freal>0 { for i,x:=range lang { if x.Label==code && i%2==0 { if d,ok:=docOf(x.Text,s,col,float32(*freal)); ok { l.documents=append(l.documents,d)}}}}
			if code=="en" && *fchat { for _,x:=range append(chat,shorts()...) { if permissive(x.License) { if d,ok:=docOf(x.Text,s,col,1); ok {
				if len(d.words)>2 { n:=1+r.IntN(min(6,len(d.words)-1)); o:=r.IntN(len(d.words)-n+1); d.words=d.words[o:o+n] }
				l.documents=append(l.documents,d)}}}}
		}
		t1:=time.Now()
		l.choose(uint32(*flx),*fv); t2:=time.Now()
		l.learn(*fr,*frate,1e-6,r)
		pk[s]=l.pack(*flv)
		fmt.Println(s,len(l.documents),len(l.names),t1.Sub(t0),t2.Sub(t1),time.Since(t2),"scale",pk[s].scale)
	}
	art,err:=encode(pk); if err!=nil {t.Fatal(err)}; fmt.Println("artifact",len(art)); os.WriteFile("/tmp/lang/art.bin",art,0o644)
	m,err:=Load(art); if err!=nil {t.Fatal(err)}
	ok,n:=map[string]int{},map[string]int{}; tot,tn:=0,0; conf:=map[string]int{}
	for i,x:=range lang { if *freal>0&&i%2==0{continue}; c,_:=m.Detect(x.Text); n[x.Label]++; tn++; if c==x.Label{ok[x.Label]++;tot++}else{conf[x.Label+">"+c]++} }
	var ks []string; for k:=range conf{ks=append(ks,k)}; sort.Slice(ks,func(i,j int)bool{return conf[ks[i]]>conf[ks[j]]})
	fmt.Printf("word pairs %.4f of %d\n",float64(tot)/float64(tn),tn)
	for _,k:=range ks[:40]{fmt.Print(k,":",conf[k]," ")}; fmt.Println()
	en,un:=map[string]int{},map[string]int{}; nn:=map[string]int{}; shown:=0
	t0:=time.Now()
	for _,x:=range chat { c,p:=m.Detect(x.Text); nn[x.Source]++; if c=="en"{en[x.Source]++} else if c==""{un[x.Source]++} else if shown<60&&!permissive(x.License) {shown++; fmt.Printf("%s %.2f %.90q\n",c,p,x.Text)} }
	fmt.Println(float64(len(chat))/time.Since(t0).Seconds(),"msg/s")
	for k,v:=range nn { fmt.Printf("%-30s n %5d en %.4f none %.4f en/told %.4f\n",k,v,float64(en[k])/float64(v),float64(un[k])/float64(v),float64(en[k])/float64(v-un[k])) }
}

func shorts() (out []row) { for range 30 { for _,x:=range strings.Fields(chatEnglish) { out=append(out,row{Text:x,License:"MIT"}) } }; return }
