package language
import ("testing";"archive/zip";"io";"fmt";"encoding/json";"os";"bufio";"time";"strings";"sort";"flag")
var freal=flag.Int("real",0,"0 none 1 half 2 all"); var fshow=flag.Int("show",0,"")
func sourceX(code string, n int)([]byte,error){
	if code=="no"{code="nb"}
	z,err:=zip.OpenReader("/root/go/pkg/mod/github.com/pemistahl/lingua-go@v1.4.0/language-models/"+code+"/"+[]string{"uni","bi","tri","quadri","five"}[n-1]+"grams.pb.bin.zip")
	if err!=nil{ return nil,nil }
	f,_:=z.File[0].Open(); b,_:=io.ReadAll(f); z.Close(); return b,nil
}
type row struct{Text,Label,Source,License string}
func jl(name string)(out []row){ f,err:=os.Open("/work/shared/data/text/"+name); if err!=nil{panic(err)}; defer f.Close()
 s:=bufio.NewScanner(f); s.Buffer(nil,1<<22); for s.Scan(){ var r row; json.Unmarshal(s.Bytes(),&r); out=append(out,r)}; return}
func permissive(l string) bool { return strings.HasPrefix(l,"MIT")||strings.HasPrefix(l,"Apache")||strings.HasPrefix(l,"CC0")||strings.HasPrefix(l,"CC-BY-4") }
func TestX(t *testing.T){
	lang:=jl("language.jsonl")
	var chat []row
	for _,n:=range []string{"sentiment.jsonl","category.jsonl","question.jsonl"} { chat=append(chat,jl(n)...)}
	var rows []Row
	for _,x:=range chat { if permissive(x.License) { rows=append(rows,Row{x.Text,"en",true}) } }
	for i,x:=range lang { if *freal==2||*freal==1&&i%2==0 { rows=append(rows,Row{x.Text,x.Label,false}) } }
	art,err:=Train(sourceX,rows,func(s string){fmt.Println(s)})
	if err!=nil {t.Fatal(err)}
	fmt.Println("artifact",len(art)); os.WriteFile(fmt.Sprintf("/tmp/lang/art%d.bin",*freal),art,0o644)
	evalX(t,art)
}
func TestEvalX(t *testing.T){ art,_:=os.ReadFile(fmt.Sprintf("/tmp/lang/art%d.bin",*freal)); evalX(t,art) }
func evalX(t *testing.T,art []byte){
	lang:=jl("language.jsonl")
	var chat []row
	for _,n:=range []string{"sentiment.jsonl","category.jsonl","question.jsonl"} { chat=append(chat,jl(n)...)}
	m,err:=Load(art); if err!=nil {t.Fatal(err)}
	ok,n:=map[string]int{},map[string]int{}; tot,tn:=0,0; conf:=map[string]int{}
	for i,x:=range lang { if *freal==1&&i%2==0{continue}; c,_:=m.Detect(x.Text); n[x.Label]++; tn++; if c==x.Label{ok[x.Label]++;tot++}else{conf[x.Label+">"+c]++} }
	var ks []string; for k:=range conf{ks=append(ks,k)}; sort.Slice(ks,func(i,j int)bool{return conf[ks[i]]>conf[ks[j]]})
	fmt.Printf("word pairs %.4f of %d\n",float64(tot)/float64(tn),tn)
	for _,k:=range ks[:min(len(ks),40)]{fmt.Print(k,":",conf[k]," ")}; fmt.Println()
	en,un:=map[string]int{},map[string]int{}; nn:=map[string]int{}; shown:=0
	t0:=time.Now()
	for _,x:=range chat { c,p:=m.Detect(x.Text); nn[x.Source]++; if c=="en"{en[x.Source]++} else { if c==""{un[x.Source]++}; if shown<*fshow&&strings.HasPrefix(x.Source,"silver") {shown++; fmt.Printf("%s %.2f %.90q\n",c,p,x.Text)} } }
	fmt.Println(float64(len(chat))/time.Since(t0).Seconds(),"msg/s")
	for k,v:=range nn { fmt.Printf("%-30s n %5d en %.4f none %.4f en/told %.4f\n",k,v,float64(en[k])/float64(v),float64(un[k])/float64(v),float64(en[k])/float64(v-un[k])) }
}
