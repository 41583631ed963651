package daemon

import (
	"context"
	"sync"
)

// Together runs the loops until all have returned, and returns the first error.
// The first loop that fails ends the context of the others; one that returns nil
// has done its work and ends nobody.
func Together(ctx context.Context, loops ...func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	var once sync.Once
	var first error
	for _, loop := range loops {
		all.Go(func() {
			if err := loop(ctx); err != nil {
				once.Do(func() { first = err })
				cancel(err)
			}
		})
	}
	all.Wait()
	return first
}
