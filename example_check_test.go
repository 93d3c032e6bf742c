package helpdesk_test

import (
	"context"
	"fmt"

	"github.com/helpdeskgo/helpdesk"
	"github.com/helpdeskgo/helpdesk/store/memory"
)

// Check finds what is set up in a way that nobody can have meant. Parts of the host add what they know.
func ExampleDesk_Check() {
	ctx := context.Background()
	s := memory.New(nil)
	defer s.Close()
	desk, err := helpdesk.New(ctx, s, nil)
	check(err)
	defer desk.Stop(ctx)

	desk.AddCheck(func(context.Context) ([]helpdesk.Problem, error) {
		return []helpdesk.Problem{{Area: "shop", Message: "the shop's own address is not set"}}, nil
	})
	problems, err := desk.Check(ctx)
	check(err)
	for _, p := range problems {
		fmt.Println(p.Area+":", p.Message)
	}
	// Output: shop: the shop's own address is not set
}
