package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/notify/webhook"
	"github.com/helpdeskgo/helpdesk/store/memory"
	"github.com/helpdeskgo/helpdesk/ticket"
)

// genuine is what the receiver of a request asks first: is it the desk's, and of the last five minutes?
func genuine(secret string, h http.Header, body []byte) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	at, late := strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64)
	if err != nil || late != nil || math.Abs(time.Since(time.Unix(at, 0)).Minutes()) > 5 {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.%s", h.Get("webhook-id"), at, body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for got := range strings.SplitSeq(h.Get("webhook-signature"), " ") {
		if hmac.Equal([]byte(got), []byte(want)) {
			return true
		}
	}
	return false
}

// A shop is told of new tickets, and looks who says so.
func Example() {
	ctx := context.Background()
	store := memory.New(nil)
	desk, err := helpdesk.New(ctx, store, &helpdesk.Config{Dispatch: helpdesk.Inline})
	check(err)
	var secret string
	shop := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil || !genuine(secret, r.Header, body) {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		fmt.Println("the shop hears of", strings.Contains(string(body), `"type":"ticket.created"`))
	}))
	defer shop.Close()
	roots := x509.NewCertPool()
	roots.AddCert(shop.Certificate())

	w, err := webhook.New(desk.Automation(), store, &webhook.Options{AllowPrivate: true, Roots: roots}) // it stands on this machine
	check(err)
	host := ticket.WithActor(ctx, ticket.System("shop"))
	_, secret, err = w.Put(host, webhook.Endpoint{Code: "shop", Name: "Shop", URL: shop.URL + "/desk", Events: []string{"ticket.created"}})
	check(err)
	sent, err := w.Test(host, "shop")
	check(err)
	fmt.Println("it answers the test with", sent.Status)

	ann := ticket.WithActor(ctx, ticket.Client("42", "Ann", "ann@example.com"))
	_, err = desk.CreateTicket(ann, ticket.Draft{Subject: "Lamp", Body: "Broken."})
	check(err)
	for { // a started desk does this by itself
		n, err := desk.Tick(ctx)
		if check(err); n == 0 {
			break
		}
	}
	list, err := w.Log(host, "shop")
	check(err)
	fmt.Println(len(list), "requests, both taken:", list[0].Taken() && list[1].Taken())
	check(errors.Join(desk.Stop(ctx), store.Close()))
	// Output:
	// the shop hears of false
	// it answers the test with 200
	// the shop hears of true
	// 2 requests, both taken: true
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
