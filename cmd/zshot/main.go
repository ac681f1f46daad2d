package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

func main() {
	cookie := os.Args[1]
	o := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("/usr/bin/chromium"), chromedp.NoSandbox)
	a, c := chromedp.NewExecAllocator(context.Background(), o...)
	defer c()
	ctx, c2 := chromedp.NewContext(a)
	defer c2()
	for i := 2; i+3 < len(os.Args); i += 4 {
		w, _ := strconv.Atoi(os.Args[i+1])
		var png []byte
		scheme := os.Args[i+3]
		if err := chromedp.Run(ctx,
			network.SetCookie("greenroom", cookie).WithDomain("127.0.0.1").WithPath("/"),
			emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
			chromedp.EmulateViewport(int64(w), 900), chromedp.Navigate("http://127.0.0.1:18561"+os.Args[i]), chromedp.Sleep(time.Second), chromedp.FullScreenshot(&png, 90)); err != nil {
			fmt.Println(err)
		}
		os.WriteFile(os.Args[i+2], png, 0o600)
	}
}
