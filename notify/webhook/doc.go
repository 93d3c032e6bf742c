// Package webhook tells other programs what happens on a desk, by HTTP requests that are signed as Standard Webhooks has it
// (https://www.standardwebhooks.com).
//
//	w, err := webhook.New(desk.Automation(), store, nil)
//	_, secret, err := w.Put(ctx, webhook.Endpoint{Code: "erp", Name: "ERP", URL: "https://erp.example/hooks", Events: []string{"ticket.created"}})
//	err = desk.Start(ctx) // and events are sent
//
// Endpoints stand in the store, and may be changed while the desk runs. Each event is sent to an endpoint at least once, those
// of one ticket in their order, and under the same webhook-id however often: whoever receives it keeps those that it has
// seen. An endpoint that is away or slow holds up nothing else. See docs/WEBHOOKS.md.
package webhook
