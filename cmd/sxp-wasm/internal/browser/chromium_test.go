//go:build !js

package browser_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sxp/cmd/sxp-wasm/internal/chromiumtest"
)

// page runs a test program of Go in a worker, as the app runs the agent.
const page = `<!doctype html><title>tests</title><script>
const w = new Worker('/worker.js');
w.onmessage = (e) => { window.result = e.data; };
w.onerror = (e) => { window.result = {code: 99, out: e.message}; };
</script>`

const worker = `importScripts('/wasm_exec.js');
let out = '';
const text = new TextDecoder();
globalThis.fs.writeSync = (fd, b) => { out += text.decode(b, {stream: true}); return b.length; };
const go = new Go();
go.argv = ['browser.test', '-test.v', '-test.timeout=100s'];
let code = 0;
go.exit = (c) => { code = c; };
WebAssembly.instantiateStreaming(fetch('/test.wasm'), go.importObject)
  .then((r) => go.run(r.instance))
  .then(() => postMessage({code, out}), (err) => postMessage({code: 98, out: out + err}));
`

// TestInChromium builds the tests of this package for the browser and runs
// them there.
func TestInChromium(t *testing.T) {
	b := chromiumtest.Launch(t)
	chromiumtest.Sources(t, "../../../..")
	wasm := filepath.Join(t.TempDir(), "test.wasm")
	build := exec.Command("go", "test", "-c", "-o", wasm, ".")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	mux := http.NewServeMux()
	serve := func(path, media, content string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", media)
			_, _ = w.Write([]byte(content))
		})
	}
	serve("/{$}", "text/html", page)
	serve("/worker.js", "text/javascript", worker)
	for path, name := range map[string]string{"/test.wasm": wasm, "/wasm_exec.js": chromiumtest.Glue(t)} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, name) })
	}
	server := httptest.NewServer(mux)
	defer server.Close()
	p := b.Profile(t).Open(server.URL)
	p.Wait("window.result")
	var result struct {
		Code int
		Out  string
	}
	p.Eval("window.result", &result)
	t.Log(result.Out)
	if result.Code != 0 || !strings.Contains(result.Out, "--- PASS: TestRecords") {
		t.Errorf("the tests in the browser ended with %d", result.Code)
	}
}
