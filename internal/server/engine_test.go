package server

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/postgres/pgtest"
)

// started is the cluster of this package's tests, once one has asked for it.
var started struct {
	sync.Once
	cluster *pgtest.Cluster
	err     error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if err := started.cluster.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// postgresql is the running cluster; nil where PostgreSQL is not installed.
func postgresql(t testing.TB) *pgtest.Cluster {
	t.Helper()
	started.Do(func() { started.cluster, started.err = pgtest.Start() })
	if started.err != nil {
		t.Fatal(errors.Join(started.err))
	}
	return started.cluster
}

// shared is the database that all of TestOnPostgreSQL runs on, one after the other.
var shared struct {
	name  string
	store pgtest.Service
	bench *bench // whose clock it goes by
}

// openShared empties the shared database for the bench.
func (b *bench) openShared() store.Store {
	shared.bench = b
	started.cluster.Clear(b.t, shared.name)
	b.store, b.raw = shared.store, func() string { return started.cluster.Dump(b.t, shared.name) }
	return shared.store.Store
}

// Whoever knocks meets the same on PostgreSQL, where the server has the role that it really runs as: the tests of who may do what, of
// attacks, of what is private, of signing in and of what boards show, once more.
func TestOnPostgreSQL(t *testing.T) {
	shared.name = postgresql(t).Database(t)
	shared.store = started.cluster.Serve(t, shared.name, func() time.Time { return shared.bench.now() })
	for name, test := range map[string]func(*testing.T){
		"Scenarios":              TestScenarios,
		"DeviceCodesGuessed":     TestGuessingDeviceCodes,
		"UserCodesGuessed":       TestGuessingCodes,
		"UserCodesGuessedByMany": TestGuessingCodesWithManyAccounts,
		"LiveCodes":              TestLiveCodesAreBounded,
		"ClockGames":             TestClockGames,
		"HarmfulTexts":           TestHarmfulTexts,
		"Export":                 TestExport,
		"Erased":                 TestErasedIsGone,
		"LongBoards":             TestPagesOfLongBoardsAreKept,
		"LongBoardsShow":         TestLongBoardsShowNobodyLonger,
		"OwnOnLongBoards":        TestOnesOwnUploadIsOnALongBoardAtOnce,
		"Hidden":                 TestHiddenThingsAreNowhere,
		"HiddenLooksMissing":     TestHiddenAccountsLookMissing,
		"Pictures":               TestPicturesOfHiddenAccountsAreOfNobody,
		"PicturesHide":           TestPicturesLackWhatIsHidden,
		"PicturesRareModels":     TestCardsNameNoRareModel,
		"SumsOfFew":              TestSumsOfFewHoldPublicAccountsOnly,
		"RareModels":             TestRareModelNamesAreNotShown,
		"Stats":                  TestStatsTellNobody,
		"Pairing":                TestPairing,
		"NotMe":                  TestThisWasNotMe,
		"Denied":                 TestDenied,
		"Expired":                TestExpired,
		"SlowDown":               TestSlowDown,
		"FiftyPolls":             TestFiftyPollsOneToken,
		"AccountTokens":          TestAccountTokens,
		"Secrets":                TestSecretsAreNotKept,
		"Forgetting":             TestForgettingDays,
		"ForgettingOthers":       TestForgettingAnotherDevicesDays,
		"Tombstones":             TestTombstones,
		"CopiedHistory":          TestCopiedHistory,
		"SketchKeys":             TestSketchKeys,
		"SketchedCopies":         TestCopiesAreToldToTheirOwner,
		"HostileSketches":        TestHostileSketches,
		"OwnTokens":              TestTokensOfOnesOwn,
		"TokensEnd":              TestTokensEndWhenTheHostSays,
		"EndedTokens":            TestEndedTokensAreAllTheSame,
		"EndedSenders":           TestATokenThatEndedSendsNothing,
		"PatchMe":                TestPatchMe,
		"Handles":                TestHandlesCannotBeTried,
		"Links":                  TestLinkSignsInOnceAndOnlyWhenAsked,
		"SessionChanges":         TestSigningInChangesTheSession,
		"SessionsEnd":            TestSessionsEnd,
		"SessionsListed":         TestSessionsAreListedAndEnded,
		"Settings":               TestSettingsDoWhatTheySay,
		"Idempotent":             TestUploadsAreIdempotent,
		"SmuggledClaims":         TestClaimsWithoutAFieldAreIgnored,
		"RefusedRows":            TestRefusedRowsAreNamed,
		"HeldDays":               TestHeldDaysAreTheirOwnersAlone,
		"ImpossibleOverDevices":  TestImpossibleOverDevices,
		"Ranks":                  TestAReceiptSaysTheRank,
		"RowsOfADay":             TestRowsOfADay,
		"Issuer":                 TestSigningInAtAnIssuer,
		"WaysBack":               TestWaysBackThatProveNothing,
		"WaysBackOnce":           TestWaysBackAreGoodOnce,
		"Issuers":                TestIssuersAreNotMixedUp,
		"IssuerLists":            TestListsOfAnIssuer,
		"NewAccounts":            TestWhoGetsAnAccount,
		"ForgedBeginnings":       TestForgedBeginnings,
		"SessionElsewhere":       TestSigningInElsewhereChangesTheSession,
		"ProxyUser":              TestProxyUser,
		"AnyInstance":            TestAnyInstanceTakesAWayBack,
		"Boards":                 TestBoardsOfEveryKind,
		"MyRank":                 TestMyRank,
		"Repricings":             TestRepricingIsPublic,
		"WholeBoard":             TestNobodyIsTheWholeBoard,
		"OneTotal":               TestOneTotalEverywhere,
		"SharedLimits":           TestLimitsAreShared,
		"Fresh":                  TestDangerousActsWantAFreshSession,
		"Linking":                TestLinkingEndsWithWhoBeganIt,
	} {
		t.Run(name, test)
	}
}
