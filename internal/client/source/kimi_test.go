package source_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Kimi Code takes over the sessions of Kimi CLI, under their names or with a word before them, and leaves the old ones.
func TestSessionsThatKimiCodeTookOverCountOnce(t *testing.T) {
	const old = `{"timestamp":1777629600.5,"message":{"type":"StatusUpdate","payload":{"message_id":"m1","token_usage":{"input_other":10,"output":1}}}}` + "\n"
	const record = `{"type":"usage.record","usageScope":"turn","model":"kimi-k2.6","usage":{"inputOther":10,"output":1},"time":1777629600500}` + "\n"
	got := together(t, nil, map[string]string{
		".kimi/sessions/0123/taken/wire.jsonl":                                 old,
		".kimi/sessions/0123/renamed/wire.jsonl":                               old,
		".kimi/sessions/0123/session_both/wire.jsonl":                          old,
		".kimi/sessions/0123/kept/wire.jsonl":                                  old,
		".kimi/sessions/0123/emptied/wire.jsonl":                               old,
		".kimi-code/sessions/wd_p_0123/taken/agents/main/wire.jsonl":           record,
		".kimi-code/sessions/wd_p_0123/session_renamed/agents/main/wire.jsonl": record,
		".kimi-code/sessions/wd_p_0123/session_both/agents/main/wire.jsonl":    record,
		".kimi-code/sessions/wd_p_0123/emptied/agents/main/wire.jsonl":         "",
	})
	if diff := cmp.Diff(map[string]int64{"kimi-cli": 2, "kimi-code": 3}, got); diff != "" {
		t.Error(diff)
	}
}
