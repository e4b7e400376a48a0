package main

import (
	"context"
	"encoding/json"
	"io"
	"sync"
	"time"
)

// record is what became of one write. Times are milliseconds since 1970, their difference by the monotonic clock.
type record struct {
	Key    string  `json:"key"`
	Start  float64 `json:"start"`
	End    float64 `json:"end"`
	Status int     `json:"status"`
	Error  string  `json:"error,omitempty"`
}

func milliseconds(at time.Time) float64 { return float64(at.UnixMicro()) / 1000 }

// writeSteadily begins a write at every tick, whatever the earlier ones are doing, until the context ends; then it waits for
// those under way. Each record is one line in records.
func writeSteadily(ctx context.Context, every time.Duration, write func(number int) record, records io.Writer) error {
	var (
		underWay sync.WaitGroup
		guard    sync.Mutex
		failed   error
	)
	encoder := json.NewEncoder(records)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for number := 1; ; number++ {
		select {
		case <-ctx.Done():
			underWay.Wait()
			return failed
		case <-ticker.C:
		}
		underWay.Go(func() {
			result := write(number)
			guard.Lock()
			defer guard.Unlock()
			if err := encoder.Encode(result); err != nil {
				failed = err
			}
		})
	}
}
