//go:build !js

package browsertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// Other is a page in a browser that is not Chromium: one with Gecko or WebKit, driven by the standards for that.
type Other interface {
	// Open opens an address; it does not wait for the page's program.
	Open(address string) error
	// Eval evaluates an expression, awaits it if it is a promise, and reads its value as JSON into out.
	Eval(expression string, out any) error
	// Hand moves the mouse to a place of the window, in CSS pixels, and then presses the first button, lets it go, or neither.
	Hand(x, y int, then Hand) error
	// Screenshot is the page as PNG.
	Screenshot() ([]byte, error)
	// Errors are what the page wrote as errors so far, where the browser tells: WebKit's does not.
	Errors() []string
	Close()
}

// Hand is what a mouse does when it has moved.
type Hand string

// What a mouse can do.
const (
	Moves   Hand = ""
	Presses Hand = "pointerDown"
	LetsGo  Hand = "pointerUp"
)

// hand is it as both standards say it.
func hand(x, y int, then Hand) map[string]any {
	do := []map[string]any{{"type": "pointerMove", "x": x, "y": y, "duration": 0, "origin": "viewport"}}
	if then != Moves {
		do = append(do, map[string]any{"type": then, "button": 0})
	}
	return map[string]any{"actions": []any{map[string]any{"type": "pointer", "id": "mouse", "parameters": map[string]any{"pointerType": "mouse"}, "actions": do}}}
}

// Others start the browsers by the names of their engines; an error says why one does not run, ErrNotInstalled that it is not on this machine.
var Others = map[string]func() (Other, error){"gecko": startGecko, "webkit": startWebKit}

// ErrNotInstalled is the error of a browser that is not on this machine.
var ErrNotInstalled = errors.New("not installed")

// started is a browser's process, with all that it starts.
type started struct {
	cmd *exec.Cmd
	dir string
}

// start runs a program on a display of its own, drawn in software.
func start(name string, more []string, args ...string) (*started, error) {
	for _, need := range []string{"xvfb-run", name} {
		if _, err := exec.LookPath(need); err != nil {
			return nil, fmt.Errorf("%s: %w", need, ErrNotInstalled)
		}
	}
	dir, err := os.MkdirTemp("", "browser")
	if err != nil {
		return nil, err
	}
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "DIR", dir)
	}
	cmd := exec.Command("xvfb-run", append([]string{"-a", "-s", "-screen 0 1440x900x24", name}, args...)...)
	cmd.Env = append(append(os.Environ(), "LIBGL_ALWAYS_SOFTWARE=1", "HOME="+dir, "XDG_RUNTIME_DIR="+dir), more...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return &started{cmd, dir}, nil
}

// Close ends the process and all that it has started.
func (s *started) Close() {
	if s.cmd.Process != nil {
		_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
		_ = s.cmd.Wait()
	}
	_ = os.RemoveAll(s.dir)
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port), nil
}

// startTime is how long a browser may take to start on a busy machine.
const startTime = 90 * time.Second

// gecko speaks WebDriver BiDi.
type gecko struct {
	*started
	conn    net.Conn
	id      int
	context string
	errors  []string
}

// geckoPrefs have WebGL drawn in software, and no page of the browser's own.
const geckoPrefs = `user_pref("webgl.force-enabled", true);
user_pref("gfx.webrender.software", true);
user_pref("webgl.out-of-process", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.update.enabled", false);
user_pref("remote.active-protocols", 1);
`

func startGecko() (Other, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s, err := start("firefox-esr", nil, "--remote-debugging-port="+port, "--profile", "DIR", "--no-remote", "--width", "1440", "--height", "900", "about:blank")
	if err != nil {
		return nil, err
	}
	g := &gecko{started: s}
	if err := os.WriteFile(filepath.Join(s.dir, "user.js"), []byte(geckoPrefs), 0o644); err != nil {
		g.Close()
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		g.Close()
		return nil, err
	}
	for until := time.Now().Add(startTime); ; time.Sleep(200 * time.Millisecond) {
		g.conn, _, _, err = ws.Dial(context.Background(), "ws://127.0.0.1:"+port+"/session")
		if err == nil {
			break
		}
		if time.Now().After(until) {
			g.Close()
			return nil, fmt.Errorf("firefox-esr does not answer: %w", err)
		}
	}
	var tree struct {
		Contexts []struct{ Context string }
	}
	for _, call := range []struct {
		method string
		params any
		out    any
	}{
		{"session.new", map[string]any{"capabilities": map[string]any{}}, nil},
		{"session.subscribe", map[string]any{"events": []string{"log.entryAdded"}}, nil},
		{"browsingContext.getTree", map[string]any{}, &tree},
	} {
		if err := g.call(call.method, call.params, call.out); err != nil {
			g.Close()
			return nil, err
		}
	}
	if len(tree.Contexts) == 0 {
		g.Close()
		return nil, errors.New("firefox-esr has no window")
	}
	g.context = tree.Contexts[0].Context
	return g, nil
}

// call sends a command and waits for its answer; events that come before it are noted.
func (g *gecko) call(method string, params, out any) error {
	g.id++
	message, err := json.Marshal(map[string]any{"id": g.id, "method": method, "params": params})
	if err != nil {
		return err
	}
	if err := wsutil.WriteClientText(g.conn, message); err != nil {
		return err
	}
	for {
		_ = g.conn.SetReadDeadline(time.Now().Add(waitTime))
		data, err := wsutil.ReadServerText(g.conn)
		if err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		var answer struct {
			ID      int
			Type    string
			Result  json.RawMessage
			Error   string
			Message string
			Method  string
			Params  struct{ Level, Text string }
		}
		if err := json.Unmarshal(data, &answer); err != nil {
			return err
		}
		switch {
		case answer.Method == "log.entryAdded" && answer.Params.Level == "error":
			g.errors = append(g.errors, answer.Params.Text)
		case answer.ID != g.id:
		case answer.Type == "error":
			return fmt.Errorf("%s: %s: %s", method, answer.Error, answer.Message)
		case out == nil:
			return nil
		default:
			return json.Unmarshal(answer.Result, out)
		}
	}
}

// Open implements Other.
func (g *gecko) Open(address string) error {
	return g.call("browsingContext.navigate", map[string]any{"context": g.context, "url": address, "wait": "interactive"}, nil)
}

// Eval implements Other.
func (g *gecko) Eval(expression string, out any) error {
	var said struct {
		Type             string
		Result           struct{ Value string }
		ExceptionDetails struct{ Text string }
	}
	err := g.call("script.evaluate", map[string]any{"expression": asJSON(expression), "target": map[string]any{"context": g.context}, "awaitPromise": true}, &said)
	if err != nil {
		return err
	}
	if said.Type == "exception" {
		return fmt.Errorf("%s: %s", expression, said.ExceptionDetails.Text)
	}
	return json.Unmarshal([]byte(said.Result.Value), out)
}

// asJSON is an expression whose value is that of another as JSON.
func asJSON(expression string) string {
	return "(async () => JSON.stringify((await (" + expression + ")) ?? null))()"
}

// Hand implements Other.
func (g *gecko) Hand(x, y int, then Hand) error {
	do := hand(x, y, then)
	do["context"] = g.context
	return g.call("input.performActions", do, nil)
}

// Screenshot implements Other.
func (g *gecko) Screenshot() ([]byte, error) {
	var said struct{ Data []byte }
	err := g.call("browsingContext.captureScreenshot", map[string]any{"context": g.context}, &said)
	return said.Data, err
}

// Errors implements Other.
func (g *gecko) Errors() []string { return g.errors }

// Close implements Other.
func (g *gecko) Close() {
	if g.conn != nil {
		g.conn.Close()
	}
	g.started.Close()
}

// webkit speaks WebDriver.
type webkit struct {
	*started
	session string
}

// miniBrowser is the program that WebKitGTK comes with.
const miniBrowser = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser"

func startWebKit() (Other, error) {
	if _, err := os.Stat(miniBrowser); err != nil {
		return nil, fmt.Errorf("%s: %w", miniBrowser, ErrNotInstalled)
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s, err := start("WebKitWebDriver", []string{"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS=1"}, "--port="+port)
	if err != nil {
		return nil, err
	}
	w := &webkit{started: s}
	if err := s.cmd.Start(); err != nil {
		w.Close()
		return nil, err
	}
	base := "http://127.0.0.1:" + port + "/session"
	want := map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{
		"webkitgtk:browserOptions": map[string]any{"binary": miniBrowser, "args": []string{"--automation", "--enable-webgl=true"}}}}}
	var made struct{ SessionID string }
	for until := time.Now().Add(startTime); ; time.Sleep(200 * time.Millisecond) {
		w.session = base
		if err = w.call(http.MethodPost, "", want, &made); err == nil {
			break
		}
		if time.Now().After(until) {
			w.Close()
			return nil, fmt.Errorf("WebKitWebDriver does not answer: %w", err)
		}
	}
	w.session = base + "/" + made.SessionID
	timeouts := map[string]any{"script": waitTime.Milliseconds(), "pageLoad": waitTime.Milliseconds()}
	if err := errors.Join(w.call(http.MethodPost, "/timeouts", timeouts, nil), w.call(http.MethodPost, "/window/rect", map[string]any{"width": 1440, "height": 900}, nil)); err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

func (w *webkit) call(method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	request, err := http.NewRequest(method, w.session+path, body)
	if err != nil {
		return err
	}
	client := http.Client{Timeout: waitTime}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var said struct{ Value json.RawMessage }
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %.300s", path, said.Value)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(said.Value, out)
}

// Open implements Other.
func (w *webkit) Open(address string) error {
	return w.call(http.MethodPost, "/url", map[string]any{"url": address}, nil)
}

// Eval implements Other.
func (w *webkit) Eval(expression string, out any) error {
	script := "const done = arguments[0]; " + asJSON(expression) + ".then(done, e => done(JSON.stringify({thrown: String(e)})))"
	var text string
	if err := w.call(http.MethodPost, "/execute/async", map[string]any{"script": script, "args": []any{}}, &text); err != nil {
		return err
	}
	var failed struct{ Thrown string }
	if json.Unmarshal([]byte(text), &failed) == nil && failed.Thrown != "" {
		return fmt.Errorf("%s: %s", expression, failed.Thrown)
	}
	return json.Unmarshal([]byte(text), out)
}

// Hand implements Other.
func (w *webkit) Hand(x, y int, then Hand) error {
	return w.call(http.MethodPost, "/actions", hand(x, y, then), nil)
}

// Screenshot implements Other.
func (w *webkit) Screenshot() (png []byte, err error) {
	err = w.call(http.MethodGet, "/screenshot", nil, &png)
	return png, err
}

// Errors implements Other: WebDriver tells none.
func (w *webkit) Errors() []string { return nil }

// Close implements Other.
func (w *webkit) Close() {
	if w.session != "" {
		_ = w.call(http.MethodDelete, "", nil, nil)
	}
	w.started.Close()
}
