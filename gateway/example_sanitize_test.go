package gateway_test

import (
	"fmt"

	"github.com/helpdeskgo/helpdesk/gateway"
)

// A page shows the pictures that came with the mail, and offers to fetch the others.
func ExampleSanitize() {
	const body = `<p onclick="steal()" style="color:red;position:fixed">See <a href="https://shop.example/4">this</a>:</p>
<img src="cid:photo@x" alt="the mill"><img src="https://tracker.example/open.gif"><script>steal()</script>`
	shown := gateway.Sanitize(body, &gateway.SanitizeOptions{
		Part: func(contentID string) string {
			if contentID == "photo@x" {
				return "/files/17"
			}
			return ""
		},
	})
	fmt.Println(shown.HTML)
	fmt.Println("pictures not shown:", shown.Blocked)
	// Output:
	// <p style="color: red">See <a href="https://shop.example/4" rel="noopener noreferrer nofollow">this</a>:</p>
	// <img src="/files/17" alt="the mill"/><img alt=""/>
	// pictures not shown: 1
}
