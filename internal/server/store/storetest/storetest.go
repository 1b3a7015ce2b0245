// Package storetest is the conformance suite of stores: what every engine must keep, and what it must refuse.
package storetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// Noon is the suite's time of day.
var Noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// Run holds a store to the suite. open returns an empty store of its own for every call.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, store.Store)
	}{
		{"instance", testInstance},
		{"accounts", testAccounts},
		{"sign in", testSignIn},
		{"a link signs in once", testLinkOnce},
		{"sessions end", testSessionsEnd},
		{"sessions of one account", testSessions},
		{"handles", testHandles},
		{"names", testNames},
		{"challenges are good once", testSpend},
		{"sign up", testSignUp},
		{"sign up once", testSignUpOnce},
		{"linked identities", testLink},
		{"passkeys", testPasskeys},
		{"the last way in", testLastWay},
		{"tokens", testTokens},
		{"tokens of one's own", testMint},
		{"tokens are bounded", testTokenBounds},
		{"devices are bounded", testDeviceBounds},
		{"devices", testDevices},
		{"device names", testDeviceNames},
		{"grant", testGrant},
		{"grant denied", testGrantDenied},
		{"grant expires", testGrantExpires},
		{"polling too fast", testSlowDown},
		{"fifty polls mint one token", testOneMint},
		{"grants of the account", testAccountGrant},
		{"grants taken back", testDisown},
		{"live grants are bounded", testGrantBounds},
		{"grants asked for at once", testGrantsAtOnce},
		{"uploads", testUploads},
		{"uploads that come again", testReplays},
		{"max keeps the higher", testMax},
		{"replace tells the whole truth", testReplace},
		{"devices add up", testDevicesAdd},
		{"parallel devices lose nothing", testParallelDevices},
		{"refused uploads leave nothing", testRefused},
		{"holds", testHolds},
		{"released stays released", testRelease},
		{"copied histories", testCopies},
		{"copies come to an end", testCopiesEnd},
		{"days that devices share", testSketches},
		{"days that devices share no more", testSketchesChange},
		{"shared days that are taken back", testSketchesGone},
		{"days shared with an only device's", testSketchesOfAnOnlyDevice},
		{"days that three devices share", testSketchesOfThree},
		{"sketches beside prints", testSketchesBesidePrints},
		{"sketches of others", testSketchesApart},
		{"shared days add up", testSketchesAddUp},
		{"shared histories", testShared},
		{"shared histories at random", testSharedWalk},
		{"an account's standing", testStanding},
		{"parser revisions", testRevisions},
		{"cells that are gone", testGone},
		{"quotas", testQuotas},
		{"quotas at once", testQuotasAtOnce},
		{"uploads count", testCharges},
		{"uploads at once count", testChargesAtOnce},
		{"boards", testBoards},
		{"board pages", testBoardPages},
		{"periods", testPeriods},
		{"visibility", testVisibility},
		{"crowd", testCrowd},
		{"the host holds", testHostHolds},
		{"the host bans", testSuspension},
		{"signing in while suspended", testSuspendedSignIns},
		{"audit", testActs},
		{"what is hidden", testHidden},
		{"export", testExport},
		{"erase", testErase},
		{"what has ended is swept", testSweep},
		{"what is used is not swept", testUnused},
		{"what ends is kept until then", testKeptUntil},
		{"closed periods stand still", testClosed},
		{"rolling boards move on", testRolling},
		{"late days make no streak", testLate},
		{"lines catch up with uploads", testCatchUp},
		{"lines that wait", testLinesWait},
		{"boards are what the rows add up to", testBoardsAddUp},
		{"receipts are what the rows add up to", testReceiptsAddUp},
		{"repricing after a crash", testRepriceResumes},
		{"repricing beside a newer book", testNewerBookStays},
		{"repricing rounds once, half to even", testRepriceRounds},
		{"other people's things", testOthers},
		{"no identity", testNoIdentity},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// NoHolds is a judge that holds nothing.
func NoHolds(store.Review) ([]store.Hold, error) { return nil, nil }

func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

// enrol makes an account with one device and returns its actor.
func enrol(t *testing.T, s store.Store, handle string) store.Actor {
	t.Helper()
	u := must[store.User](t)(s.AddUser(t.Context(), handle, Noon))
	return pair(t, s, u.ID, handle, "laptop")
}

func pair(t *testing.T, s store.Store, user int64, handle, device string) store.Actor {
	t.Helper()
	secret := handle + "/" + device
	must[store.Token](t)(s.AddToken(t.Context(), user, device, newToken(secret)))
	return must[store.Actor](t)(s.TokenActor(t.Context(), store.HashOf(secret), Noon))
}

// patiently asks again as long as the database is busy, as a client does: a slow disk is no fault.
func patiently(do func() error) error {
	err := store.ErrBusy
	for errors.Is(err, store.ErrBusy) {
		err = do()
	}
	return err
}

func newToken(secret string) store.NewToken {
	h := sha256.Sum256([]byte(secret))
	id := fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
	return store.NewToken{Secret: store.HashOf(secret), ID: id, Hint: "abcd", Scope: "usage:write", At: Noon}
}

// day returns a priced day of one model: a token costs a hundredth of a cent.
func day(date, source, model string, input, output int64) usage.Day {
	return usage.Day{
		Key:      usage.Key{Date: date, Source: source, Model: model, Tier: usage.Standard},
		Requests: 1, Tokens: usage.Tokens{Input: input, Output: output}, Cost: usage.Money(100 * (input + output)), Priced: true,
	}
}

// upload returns an upload that nothing is wrong with.
func upload(seq int64, days ...usage.Day) store.Upload {
	return store.Upload{SyncID: fmt.Sprint("sync-", seq), Seq: seq, Body: store.HashOf(fmt.Sprint(seq, days)), Client: "1.0.0", OS: "linux",
		Days: days, Book: "2026-11-20", At: Noon, Judge: NoHolds, Families: families(days)}
}

func families(days []usage.Day) map[string]string {
	of := make(map[string]string)
	for _, d := range days {
		family, _, _ := strings.Cut(d.Model, "-")
		of[d.Model] = family
	}
	return of
}

func put(t *testing.T, s store.Store, who store.Actor, up store.Upload) store.Receipt {
	t.Helper()
	return must[store.Receipt](t)(s.PutDays(t.Context(), who, up))
}

func share(t *testing.T, s store.Store, who store.Actor, v store.Visibility) {
	t.Helper()
	if err := s.SetVisibility(t.Context(), who, v); err != nil {
		t.Fatal(err)
	}
}

var background = context.Background()
