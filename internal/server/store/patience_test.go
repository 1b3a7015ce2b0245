package store

import (
	"context"
	"testing"
	"time"
)

func TestPatienceIsUsedUp(t *testing.T) {
	ctx := WithPatience(context.Background(), 3*time.Second)
	for _, tt := range []struct{ waited, want time.Duration }{
		{0, 2 * time.Second}, {time.Second, 2 * time.Second}, {time.Second, time.Second}, {time.Minute, 20 * time.Millisecond},
	} {
		Waited(ctx, tt.waited)
		if got := Patience(ctx, 2*time.Second); got != tt.want {
			t.Errorf("%v are left, want %v", got, tt.want)
		}
	}
	if got := Patience(context.Background(), time.Minute); got != time.Minute {
		t.Errorf("without a bound %v", got)
	}
}
