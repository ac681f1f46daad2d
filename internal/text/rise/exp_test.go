package rise

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"greenroom/internal/text/topic"
	"greenroom/internal/text/trend"
)

func TestExp(t *testing.T) {
	f, _ := os.Open("/tmp/topics/g2/trends.jsonl")
	s := bufio.NewScanner(f)
	var texts []string
	counts := make([]float64, 120)
	for s.Scan() {
		var r struct {
			ID, Text string
			Day      int
		}
		json.Unmarshal(s.Bytes(), &r)
		if !strings.HasPrefix(r.ID, "t1-") {
			continue
		}
		texts = append(texts, r.Text)
		if strings.Contains(strings.ToLower(r.Text), "apache") {
			counts[r.Day]++
		}
	}
	fmt.Println(len(texts), counts)
	for _, a := range []float64{1, .1, .002} {
		x := trend.Analyze(counts, trend.Options{PerQuarter: a})
		fmt.Println(a, x.Dispersion, x.Expected[30], x.Bursts)
	}
	m := topic.Fit(texts, topic.Options{})
	for _, t := range m.Topics {
		fmt.Print(t.Name, " ", t.Size, "; ")
	}
}
