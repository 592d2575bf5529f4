//go:build !js

package acceptance

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is an open page of a browser, which notes everything that it complains
// about and asks for.
type tab struct {
	testing.TB
	ctx context.Context

	mu       sync.Mutex
	problems []string // errors of the console, and uncaught ones
	asked    []string // addresses
}

// patience is how long a page may take to become what a test waits for. It is
// so long that only what will never happen exceeds it.
const patience = 60 * time.Second

// browser is the one in which every test opens windows of its own.
var browser = sync.OnceValues(func() (context.Context, error) {
	path, err := browserPath()
	if err != nil {
		return nil, err
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.WindowSize(1280, 900), chromedp.Flag("disable-dev-shm-usage", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(alloc)
	endings = append(endings, stop, cancel)
	return ctx, chromedp.Do(ctx)
})

// open opens a page in a window of its own, which remembers nothing of others.
// At the end of the test it fails if the console showed an error, or if
// something was fetched from another host.
func open(t testing.TB, address string) *tab {
	t.Helper()
	need(t)
	parent, err := browser()
	if err != nil {
		t.Fatalf("the browser: %v", err)
	}
	b := &tab{TB: t}
	ctx, cancel := chromedp.NewContext(parent, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.hear))
	t.Cleanup(cancel)
	b.ctx = ctx
	if err := chromedp.Do(ctx, command(network.Enable, network.EnableParams{}), command(log.Enable, cdp.Empty{}), chromedp.EmulateViewport(1280, 900), chromedp.Navigate(address)); err != nil {
		t.Fatalf("the browser: %v", err)
	}
	t.Cleanup(func() { b.clean(address) })
	return b
}

// command is a step that sends the browser a command of its protocol.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, "uncaught: "+(&chromedp.ExceptionError{ExceptionDetails: e.ExceptionDetails}).Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			var parts []string
			for _, a := range e.Args {
				parts = append(parts, string(a.Value)+a.Description)
			}
			b.problems = append(b.problems, "console: "+strings.Join(parts, " "))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			b.problems = append(b.problems, "browser: "+e.Entry.Text+" "+e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, e.Request.URL)
	case *network.EventWebSocketCreated:
		b.asked = append(b.asked, e.URL)
	}
}

// clean fails if the page complained, or asked anybody else.
func (b *tab) clean(address string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		b.Errorf("the page complains: %s", p)
	}
	home, err := url.Parse(address)
	if err != nil {
		b.Error(err)
		return
	}
	for _, a := range b.asked {
		if u, err := url.Parse(a); err != nil || u.Scheme != "data" && u.Scheme != "blob" && u.Scheme != "about" && u.Host != home.Host {
			b.Errorf("the page asked for %s", a)
		}
	}
}

// forgive drops the complaints that contain text, which a test has provoked.
func (b *tab) forgive(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = slices.DeleteFunc(b.problems, func(p string) bool { return strings.Contains(p, text) })
}

// do performs actions.
func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.Fatalf("%v; the page says:\n%s", err, b.text())
	}
}

// text is what the page says.
func (b *tab) text() string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText`))
	if err != nil {
		return fmt.Sprintf("(nothing: %v)", err)
	}
	return text
}

// until waits until a condition, an expression of JavaScript, is true. What is
// not there yet makes it false.
func (b *tab) until(condition string) {
	b.Helper()
	condition = "(() => { try { return " + condition + " } catch { return false } })()"
	b.do(chromedp.Poll[chromedp.Void](condition, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(patience)))
}

// says waits until the page says text.
func (b *tab) says(text string) {
	b.Helper()
	b.until(fmt.Sprintf("document.body.innerText.includes(%q)", text))
}

// as makes the page as wide as a device, and light or dark.
func (b *tab) as(width, height int64, scheme string) {
	b.Helper()
	b.do(chromedp.EmulateViewport(width, height), media("prefers-color-scheme", scheme))
}

// media makes the page think that its user prefers something.
func media(feature, value string) chromedp.Action[chromedp.Void] {
	return command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: feature, Value: value}}})
}

// picture is a picture of the whole page.
func (b *tab) picture() []byte {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.Fatalf("a picture of the page: %v", err)
	}
	return png
}

// back goes back in the tab's history.
var back = chromedp.NavigateBack()

// navigate loads an address anew, even one that differs behind the '#' only.
func navigate(address string) chromedp.Action[chromedp.Void] {
	return chromedp.Steps(chromedp.Navigate("about:blank"), chromedp.Navigate(address))
}

// follow follows the link with a text.
func (b *tab) follow(text string) {
	b.Helper()
	link := fmt.Sprintf(`[...document.querySelectorAll("a")].find((a) => a.textContent === %q)`, text)
	b.until("!!" + link)
	b.do(run(link + ".click()"))
}

// press clicks on the element that a selector finds.
func (b *tab) press(selector string) {
	b.Helper()
	element := fmt.Sprintf("document.querySelector(%q)", selector)
	b.until("!!" + element)
	b.do(run(element + ".click()"))
}

// write puts text into a field, as if it was typed and left.
func (b *tab) write(selector, text string) {
	b.Helper()
	b.until(fmt.Sprintf("!!document.querySelector(%q)", selector))
	b.do(run(fmt.Sprintf(`{ const f = document.querySelector(%q); f.focus(); f.value = %q; f.dispatchEvent(new Event("change", {bubbles: true})); }`, selector, text)))
}

// value is what an expression of JavaScript is.
func value[T any](b *tab, expression string) T {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%s: %v; the page says:\n%s", expression, err, b.text())
	}
	return v
}

// run executes a statement of JavaScript.
func run(statement string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](statement)
}
