package jwks

import (
	"math/rand/v2"
	"time"
)

// early shortens fresh by up to a tenth, at random, so that instances that started together do not fetch
// together. The result is not below shortest.
func early(fresh, shortest time.Duration) time.Duration {
	return max(shortest, fresh-rand.N(fresh/10+1))
}

// backoff returns the pause after that many failures in a row: between half and all of a step that doubles
// with each failure, up to lastBackoff or longest, whichever is shorter.
func backoff(failures int, longest time.Duration) time.Duration {
	step := min(lastBackoff, longest)
	if failures < 16 {
		step = min(step, firstBackoff<<(failures-1))
	}
	return step - rand.N(step/2+1)
}
