package download

import "net/http"

// LateWriter says nothing before there is something to say: whatever fails with the first byte can still be told otherwise.
type LateWriter struct {
	http.ResponseWriter
	code  int
	begun bool
}

// Begun reports whether something was said.
func (w *LateWriter) Begun() bool { return w.begun }

// WriteHeader implements http.ResponseWriter: it keeps the code for when there is something to say.
func (w *LateWriter) WriteHeader(code int) { w.code = code }

// Write implements http.ResponseWriter.
func (w *LateWriter) Write(p []byte) (int, error) {
	w.Begin()
	return w.ResponseWriter.Write(p)
}

// Begin says the code that was set last, as of an answer without a body. Once is enough.
func (w *LateWriter) Begin() {
	if w.begun {
		return
	}
	w.begun = true
	if w.code != 0 {
		w.ResponseWriter.WriteHeader(w.code)
	}
}
