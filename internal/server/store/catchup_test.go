package store

import (
	"errors"
	"sync"
	"testing"
	"time"
)

// Whoever asks while somebody is at it shares the next turn with all who wait. Fails where each does it once more.
func TestCatchingIsShared(t *testing.T) {
	c := NewCatching()
	entered, leave := make(chan bool), make(chan bool)
	done := 0
	var all sync.WaitGroup
	all.Go(func() {
		_ = c.Do(t.Context(), time.Hour, func() error { entered <- true; <-leave; done++; return nil })
	})
	<-entered
	if err := c.Do(WithPatience(t.Context(), 0), time.Hour, func() error { return errors.New("not alone") }); err != nil {
		t.Error(err)
	}
	// These have asked when the first is still at it: it may have missed what they ask for.
	before := c.begun.Load()
	leave <- true
	all.Wait()
	for range 3 {
		if err := c.do(t.Context(), time.Hour, before, func() error { done++; return nil }); err != nil {
			t.Error(err)
		}
	}
	if done != 2 {
		t.Errorf("done %d times, want 2", done)
	}
}
