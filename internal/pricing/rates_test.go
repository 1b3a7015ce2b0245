package pricing

import (
	"strings"
	"testing"

	"tokenflex.ing/internal/usage"
)

// shown are rates as input, cache read, cache write of five minutes and of an hour, and output.
func shown(r Rates) string {
	return strings.Join([]string{r.Input.Dollars(), r.CacheRead.Dollars(), r.CacheWrite5m.Dollars(), r.CacheWrite1h.Dollars(), r.Output.Dollars()}, " ")
}

// Each row was read by hand off the price page that its provider's entry names.
func TestPublishedPrices(t *testing.T) {
	for _, c := range []struct {
		name, date string
		band       usage.Band
		tier       usage.Tier
		id, want   string
	}{
		// Claude, as the tools write it.
		{"claude-3-opus-20240229", "2024-06-01", 0, usage.Standard, "claude-3-opus", "15 1.5 18.75 30 75"},
		{"claude-3-haiku-20240307", "2024-06-01", 0, usage.Standard, "claude-3-haiku", "0.25 0.03 0.3 0.5 1.25"},
		{"claude-3-5-sonnet-20241022", "2024-12-01", 0, usage.Standard, "claude-3-5-sonnet", "3 0.3 3.75 6 15"},
		{"claude-3-5-sonnet-latest", "2025-01-01", 0, usage.Standard, "claude-3-5-sonnet", "3 0.3 3.75 6 15"},
		{"claude-3-5-haiku-20241022", "2024-11-20", 0, usage.Standard, "claude-3-5-haiku", "1 0.1 1.25 2 5"},
		{"claude-3-5-haiku-20241022", "2025-01-01", 0, usage.Standard, "claude-3-5-haiku", "0.8 0.08 1 1.6 4"},
		{"claude-3-7-sonnet-20250219", "2025-03-01", 0, usage.Standard, "claude-3-7-sonnet", "3 0.3 3.75 6 15"},
		{"claude-sonnet-4-20250514", "2025-06-01", 0, usage.Standard, "claude-sonnet-4", "3 0.3 3.75 6 15"},
		{"claude-sonnet-4-20250514", "2025-09-01", 200_000, usage.Standard, "claude-sonnet-4", "6 0.6 7.5 12 22.5"},
		{"claude-opus-4-20250514", "2025-06-01", 0, usage.Standard, "claude-opus-4", "15 1.5 18.75 30 75"},
		{"claude-opus-4-1-20250805", "2025-08-20", 0, usage.Standard, "claude-opus-4-1", "15 1.5 18.75 30 75"},
		{"claude-sonnet-4-5-20250929", "2025-10-01", 0, usage.Standard, "claude-sonnet-4-5", "3 0.3 3.75 6 15"},
		{"claude-sonnet-4-5-20250929", "2025-10-01", 200_000, usage.Standard, "claude-sonnet-4-5", "6 0.6 7.5 12 22.5"},
		{"claude-sonnet-4-5-20250929", "2025-10-01", 128_000, usage.Standard, "claude-sonnet-4-5", "3 0.3 3.75 6 15"},
		{"claude-sonnet-4-5-20250929", "2025-10-01", 512_000, usage.Standard, "claude-sonnet-4-5", "6 0.6 7.5 12 22.5"},
		{"claude-sonnet-4-5-20250929[1m]", "2025-10-01", 272_000, usage.Standard, "claude-sonnet-4-5", "6 0.6 7.5 12 22.5"},
		{"claude-sonnet-4-5-20250929", "2025-10-01", 0, usage.Batch, "claude-sonnet-4-5", "1.5 0.15 1.875 3 7.5"},
		{"claude-haiku-4-5-20251001", "2025-11-19", 0, usage.Standard, "claude-haiku-4-5", "1 0.1 1.25 2 5"},
		{"claude-opus-4-5-20251101", "2025-12-01", 0, usage.Standard, "claude-opus-4-5", "5 0.5 6.25 10 25"},
		{"claude-opus-4-6", "2026-02-20", 200_000, usage.Standard, "claude-opus-4-6", "10 1 12.5 20 37.5"},
		{"claude-opus-4-6", "2026-03-12", 200_000, usage.Standard, "claude-opus-4-6", "10 1 12.5 20 37.5"},
		{"claude-opus-4-6", "2026-03-13", 200_000, usage.Standard, "claude-opus-4-6", "5 0.5 6.25 10 25"},
		{"claude-opus-4-6", "2026-04-01", 0, usage.Fast, "claude-opus-4-6", "30 3 37.5 60 150"},
		{"claude-sonnet-4-6", "2026-02-20", 200_000, usage.Standard, "claude-sonnet-4-6", "6 0.6 7.5 12 22.5"},
		{"claude-opus-4-7", "2026-05-01", 512_000, usage.Standard, "claude-opus-4-7", "5 0.5 6.25 10 25"},
		{"claude-opus-4-8", "2026-06-01", 0, usage.Fast, "claude-opus-4-8", "10 1 12.5 20 50"},
		{"claude-sonnet-5", "2026-09-15", 0, usage.Standard, "claude-sonnet-5", "2 0.2 2.5 4 10"},
		{"claude-fable-5", "2026-07-01", 0, usage.Standard, "claude-fable-5", "10 1 12.5 20 50"},
		{"claude-fable-5-1", "2026-09-02", 0, usage.Standard, "claude-fable-5-1", "10 0.25 12.5 20 50"},
		{"claude-fable-5-2", "2026-11-20", 0, usage.Standard, "claude-fable-5-2", "8 0.2 10 16 40"},
		{"claude-opus-5", "2026-08-01", 0, usage.Fast, "claude-opus-5", "10 1 12.5 20 50"},
		{"claude-opus-5-5", "2026-10-01", 0, usage.Standard, "claude-opus-5-5", "4 0.2 5 8 20"},
		{"claude-sonnet-5-5", "2026-10-06", 0, usage.Standard, "claude-sonnet-5-5", "2 0.2 2.5 4 10"},
		{"claude-sonnet-5-5", "2026-10-07", 0, usage.Standard, "claude-sonnet-5-5", "2 0.1 2.5 4 10"},
		{"claude-haiku-5-5", "2026-10-20", 0, usage.Standard, "claude-haiku-5-5", "0.1 0.01 0.125 0.2 0.5"},
		{"claude-haiku-5-5", "2026-10-20", 200_000, usage.Standard, "claude-haiku-5-5", "0.5 0.05 0.625 1 2.5"},

		// Claude, as resellers and other tools write it.
		{"us.anthropic.claude-sonnet-4-5-20250929-v1:0", "2025-10-01", 0, usage.Standard, "claude-sonnet-4-5", "3 0.3 3.75 6 15"},
		{"anthropic.claude-3-5-sonnet-20241022-v2:0", "2025-01-01", 0, usage.Standard, "claude-3-5-sonnet", "3 0.3 3.75 6 15"},
		{"bedrock/eu.anthropic.claude-opus-4-20250514-v1:0", "2025-07-01", 0, usage.Standard, "claude-opus-4", "15 1.5 18.75 30 75"},
		{"global.anthropic.claude-opus-4-6-v1", "2026-04-01", 0, usage.Standard, "claude-opus-4-6", "5 0.5 6.25 10 25"},
		{"arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0", "2026-01-01", 0, usage.Standard, "claude-haiku-4-5", "1 0.1 1.25 2 5"},
		{"claude-sonnet-4-5@20250929", "2025-10-01", 0, usage.Standard, "claude-sonnet-4-5", "3 0.3 3.75 6 15"},
		{"vertex_ai/claude-opus-4-1@20250805", "2025-10-01", 0, usage.Standard, "claude-opus-4-1", "15 1.5 18.75 30 75"},
		{"anthropic/claude-sonnet-4.5", "2025-10-01", 0, usage.Standard, "claude-sonnet-4-5", "3 0.3 3.75 6 15"},
		{"openrouter/anthropic/claude-opus-4.5", "2026-01-01", 0, usage.Standard, "claude-opus-4-5", "5 0.5 6.25 10 25"},
		{"claude-sonnet-4.5", "2025-12-01", 0, usage.Standard, "claude-sonnet-4-5", "3 0.3 3.75 6 15"},
		{"claude-4.5-sonnet", "2025-12-01", 0, usage.Standard, "claude-sonnet-4-5", "3 0.3 3.75 6 15"},
		{"claude-4.5-sonnet-thinking", "2025-12-01", 0, usage.Standard, "claude-sonnet-4-5", "3 0.3 3.75 6 15"},
		{"claude-4.5-opus-high-thinking", "2026-01-15", 0, usage.Standard, "claude-opus-4-5", "5 0.5 6.25 10 25"},
		{"claude-4-sonnet-1m-thinking", "2025-09-15", 200_000, usage.Standard, "claude-sonnet-4", "6 0.6 7.5 12 22.5"},
		{"claude-3.7-sonnet-thought", "2025-06-01", 0, usage.Standard, "claude-3-7-sonnet", "3 0.3 3.75 6 15"},
		{"claude-4.6-opus-high-thinking-fast", "2026-04-01", 0, usage.Standard, "claude-opus-4-6", "30 3 37.5 60 150"},
		{"bedrock/us-west-2/anthropic.claude-3-5-sonnet-20240620-v1:0", "2024-09-01", 0, usage.Standard, "claude-3-5-sonnet", "3 0.3 3.75 6 15"},
		{"claude-opus-4.6-fast", "2026-04-01", 0, usage.Standard, "claude-opus-4-6", "30 3 37.5 60 150"},
		{"anthropic:claude-opus-4-6", "2026-04-01", 0, usage.Standard, "claude-opus-4-6", "5 0.5 6.25 10 25"},
		{"custom:Claude-Opus-4.5-[Anthropic]-0", "2026-05-01", 0, usage.Standard, "claude-opus-4-5", "5 0.5 6.25 10 25"},

		// GPT and its relatives. Cache writes have no rate before GPT-5.6 and are input.
		{"o3", "2025-06-09", 0, usage.Standard, "o3", "10 2.5 10 10 40"},
		{"o3", "2025-06-10", 0, usage.Standard, "o3", "2 0.5 2 2 8"},
		{"gpt-4o-2024-05-13", "2024-06-01", 0, usage.Standard, "gpt-4o-2024-05-13", "5 5 5 5 15"},
		{"openai/gpt-4o-2024-05-13", "2024-06-01", 0, usage.Standard, "gpt-4o-2024-05-13", "5 5 5 5 15"},
		{"openrouter/openai/gpt-4o-2024-05-13", "2024-06-01", 0, usage.Standard, "gpt-4o-2024-05-13", "5 5 5 5 15"},
		{"gpt-4o", "2024-10-01", 0, usage.Standard, "gpt-4o", "5 5 5 5 15"},
		{"gpt-4o", "2024-10-02", 0, usage.Standard, "gpt-4o", "2.5 1.25 2.5 2.5 10"},
		{"gpt-4o-2024-08-06", "2024-09-01", 0, usage.Standard, "gpt-4o-2024-08-06", "2.5 1.25 2.5 2.5 10"},
		{"gpt-4o-mini", "2026-08-01", 0, usage.Fast, "gpt-4o-mini", "0.25 0.125 0.25 0.25 1"},
		{"gpt-3.5-turbo-1106", "2024-01-01", 0, usage.Standard, "gpt-3.5-turbo-1106", "1 1 1 1 2"},
		{"gpt-4-32k-0613", "2023-07-01", 0, usage.Standard, "gpt-4-32k", "60 60 60 60 120"},
		{"o4-mini", "2025-08-01", 0, usage.Priority, "o4-mini", "2 0.5 2 2 8"},
		{"gpt-4.1-mini-2025-04-14", "2025-05-01", 0, usage.Standard, "gpt-4.1-mini", "0.4 0.1 0.4 0.4 1.6"},
		{"gpt-5", "2025-09-10", 0, usage.Standard, "gpt-5", "1.25 0.125 1.25 1.25 10"},
		{"gpt-5", "2025-09-10", 0, usage.Priority, "gpt-5", "2.5 0.25 2.5 2.5 20"},
		{"gpt-5", "2025-09-10", 0, usage.Flex, "gpt-5", "0.625 0.0625 0.625 0.625 5"},
		{"gpt-5-mini-2025-08-07", "2025-09-10", 0, usage.Standard, "gpt-5-mini", "0.25 0.025 0.25 0.25 2"},
		{"gpt-5-nano", "2025-09-10", 0, usage.Standard, "gpt-5-nano", "0.05 0.005 0.05 0.05 0.4"},
		{"gpt-5-codex", "2025-10-01", 0, usage.Standard, "gpt-5-codex", "1.25 0.125 1.25 1.25 10"},
		{"gpt-5.1-codex-max", "2025-12-01", 0, usage.Standard, "gpt-5.1-codex-max", "1.25 0.125 1.25 1.25 10"},
		{"gpt-5.1-codex-high", "2025-12-01", 0, usage.Standard, "gpt-5.1-codex", "1.25 0.125 1.25 1.25 10"},
		{"gpt-5.1-codex-mini", "2025-12-01", 0, usage.Standard, "gpt-5.1-codex-mini", "0.25 0.025 0.25 0.25 2"},
		{"gpt-5.2-codex", "2026-01-01", 0, usage.Standard, "gpt-5.2-codex", "1.75 0.175 1.75 1.75 14"},
		{"gpt-5-2", "2026-01-01", 0, usage.Standard, "gpt-5.2", "1.75 0.175 1.75 1.75 14"},
		{"gpt-5.3-codex-xhigh-fast", "2026-03-01", 0, usage.Standard, "gpt-5.3-codex", "3.5 0.35 3.5 3.5 28"},
		{"gpt-5.4", "2026-04-01", 0, usage.Standard, "gpt-5.4", "2.5 0.25 2.5 2.5 15"},
		{"gpt-5.4", "2026-04-01", 272_000, usage.Standard, "gpt-5.4", "5 0.5 5 5 22.5"},
		{"gpt-5.4", "2026-04-01", 272_000, usage.Priority, "gpt-5.4", "5 0.5 5 5 22.5"},
		{"gpt-5.4", "2026-04-01", 0, usage.Fast, "gpt-5.4", "5 0.5 5 5 30"},
		{"gpt-5.5", "2026-05-01", 0, usage.Fast, "gpt-5.5", "12.5 1.25 12.5 12.5 75"},
		{"gpt-5.6-sol", "2026-08-20", 0, usage.Standard, "gpt-5.6-sol", "5 0.5 6.25 6.25 30"},
		{"gpt-5.6-sol", "2026-08-21", 0, usage.Standard, "gpt-5.6-sol", "4 0.4 5 5 20"},
		{"gpt-5.6-sol", "2026-09-01", 272_000, usage.Fast, "gpt-5.6-sol", "16 1.6 20 20 60"},
		{"gpt-6.1-sol", "2026-10-01", 0, usage.Standard, "gpt-6.1-sol", "2 0.1 2.5 2.5 10"},
		{"gpt-6.1-terra", "2026-11-01", 0, usage.Standard, "gpt-6.1-terra", "1 0.05 1.25 1.25 5"},
		{"gpt-6.1-terra", "2026-11-01", 272_000, usage.Standard, "gpt-6.1-terra", "2 0.1 2.5 2.5 7.5"},
		{"gpt-6.1-terra-max-fast", "2026-11-01", 0, usage.Standard, "gpt-6.1-terra", "2 0.1 2.5 2.5 10"},
		{"gpt-6.2-sol", "2026-11-20", 272_000, usage.Standard, "gpt-6.2-sol", "4 0.2 5 5 15"},
		{"gpt-6.2-astra", "2026-11-20", 0, usage.Standard, "gpt-6.2-astra", "8 0.4 10 10 40"},
		{"gpt-6.2-astra", "2026-11-20", 0, usage.Batch, "gpt-6.2-astra", "4 0.2 5 5 20"},
		{"openai/gpt-5.6-sol-pro", "2026-09-01", 0, usage.Standard, "gpt-5.6-sol", "4 0.4 5 5 20"},
		{"gpt-5.5-extra-high-fast", "2026-06-01", 0, usage.Standard, "gpt-5.5", "12.5 1.25 12.5 12.5 75"},
		{"openai/gpt-5-mini-batch", "2026-01-01", 0, usage.Standard, "gpt-5-mini", "0.125 0.0125 0.125 0.125 1"},
		{"openai/gpt-5.2", "2026-01-01", 0, usage.Standard, "gpt-5.2", "1.75 0.175 1.75 1.75 14"},
		{"azure/gpt-5.1", "2026-01-01", 0, usage.Standard, "gpt-5.1", "1.25 0.125 1.25 1.25 10"},
		{"codex-auto-review", "2025-08-20", 0, usage.Standard, "gpt-5", "1.25 0.125 1.25 1.25 10"},
		{"codex-auto-review", "2026-01-01", 0, usage.Standard, "gpt-5.2-codex", "1.75 0.175 1.75 1.75 14"},
		{"codex-auto-review", "2026-05-01", 0, usage.Standard, "gpt-5.5", "5 0.5 5 5 30"},
		{"codex-auto-review", "2026-08-01", 0, usage.Standard, "gpt-5.6-luna", "0.2 0.02 0.25 0.25 1.2"},

		// Gemini.
		{"gemini-2.5-pro", "2025-08-01", 128_000, usage.Standard, "gemini-2.5-pro", "1.25 0.31 1.25 1.25 10"},
		{"gemini-2.5-pro", "2025-08-01", 200_000, usage.Standard, "gemini-2.5-pro", "2.5 0.625 2.5 2.5 15"},
		{"gemini-2.5-pro", "2025-12-01", 128_000, usage.Standard, "gemini-2.5-pro", "1.25 0.125 1.25 1.25 10"},
		{"gemini-2.5-pro", "2025-12-01", 200_000, usage.Standard, "gemini-2.5-pro", "2.5 0.25 2.5 2.5 15"},
		{"gemini-2.5-flash", "2025-08-01", 512_000, usage.Standard, "gemini-2.5-flash", "0.3 0.075 0.3 0.3 2.5"},
		{"gemini-2.5-flash", "2025-12-01", 512_000, usage.Standard, "gemini-2.5-flash", "0.3 0.03 0.3 0.3 2.5"},
		{"gemini-2.5-flash-lite", "2025-08-01", 0, usage.Standard, "gemini-2.5-flash-lite", "0.1 0.025 0.1 0.1 0.4"},
		{"gemini-2.5-flash-lite", "2025-12-01", 0, usage.Standard, "gemini-2.5-flash-lite", "0.1 0.01 0.1 0.1 0.4"},
		{"gemini-1.5-flash-8b", "2025-01-01", 128_000, usage.Standard, "gemini-1.5-flash-8b", "0.075 0.02 0.075 0.075 0.3"},
		{"gemini-1.5-pro-002", "2024-10-01", 128_000, usage.Standard, "gemini-1.5-pro", "2.5 0.625 2.5 2.5 10"},
		{"gemini-3-pro-preview", "2025-12-01", 200_000, usage.Standard, "gemini-3-pro-preview", "4 0.4 4 4 18"},
		{"google/gemini-3-flash-preview", "2026-01-01", 0, usage.Standard, "gemini-3-flash-preview", "0.5 0.05 0.5 0.5 3"},
		{"gemini-3.6-flash", "2026-08-01", 0, usage.Standard, "gemini-3.6-flash", "1.5 0.15 1.5 1.5 7.5"},
		{"gemini-3.6-flash", "2026-09-01", 0, usage.Batch, "gemini-3.6-flash", "0.375 0.075 0.375 0.375 1.875"},
		{"gemini-3.8-flash", "2026-12-31", 0, usage.Standard, "gemini-3.8-flash", "0.75 0.075 0.75 0.75 3.75"},
		{"gemini-3.8-flash", "2027-01-01", 0, usage.Standard, "gemini-3.8-flash", "1.5 0.15 1.5 1.5 7.5"},
		{"gemini-4-argon", "2026-11-30", 0, usage.Standard, "gemini-4-argon", "2 0.1 2 2 10"},
		{"gemini-4-hydrogen", "2026-11-20", 0, usage.Flex, "gemini-4-hydrogen", "0.75 0.075 0.75 0.75 3.75"},
		{"gemini-4-neon", "2026-11-20", 0, usage.Standard, "gemini-4-neon", "3 0.15 3 3 15"},
		{"gemini-4-neon", "2026-11-20", 0, usage.Priority, "gemini-4-neon", "5.4 0.27 5.4 5.4 27"},

		// The others.
		{"grok-4", "2025-08-01", 0, usage.Standard, "grok-4-0709", "3 0.75 3 3 15"},
		{"grok-4", "2025-08-01", 128_000, usage.Standard, "grok-4-0709", "6 0.75 6 6 30"},
		{"grok-4.20-0309-reasoning", "2026-04-01", 200_000, usage.Standard, "grok-4.20", "4 0.4 4 4 12"},
		{"grok-4.20-0309-reasoning", "2026-06-01", 0, usage.Standard, "grok-4.20", "1.25 0.2 1.25 1.25 2.5"},
		{"cursor-grok-4.6-high-fast", "2026-09-01", 0, usage.Standard, "grok-4.6-fast", "4 1 4 4 12"},
		{"spacexai/grok-4.7", "2026-10-01", 0, usage.Standard, "grok-4.7", "2 0.5 2 2 6"},
		{"grok-code-fast-1", "2025-09-10", 0, usage.Standard, "grok-code-fast-1", "0.2 0.02 0.2 0.2 1.5"},
		{"x-ai/grok-4-fast", "2025-10-01", 128_000, usage.Standard, "grok-4-fast-reasoning", "0.4 0.05 0.4 0.4 1"},
		{"grok-4.7", "2026-10-01", 200_000, usage.Standard, "grok-4.7", "4 1 4 4 12"},
		{"deepseek-chat", "2025-06-01", 0, usage.Standard, "deepseek-chat", "0.27 0.07 0.27 0.27 1.1"},
		{"deepseek-chat", "2025-09-10", 0, usage.Standard, "deepseek-chat", "0.56 0.07 0.56 0.56 1.68"},
		{"deepseek-chat", "2025-10-01", 0, usage.Standard, "deepseek-chat", "0.28 0.028 0.28 0.28 0.42"},
		{"deepseek/deepseek-v3.2", "2025-12-10", 0, usage.Standard, "deepseek-v3.2", "0.28 0.028 0.28 0.28 0.42"},
		{"deepseek-v4-pro", "2026-04-25", 0, usage.Standard, "deepseek-v4-pro", "1.74 0.145 1.74 1.74 3.48"},
		{"deepseek-chat", "2026-04-25", 0, usage.Standard, "deepseek-chat", "0.14 0.028 0.14 0.14 0.28"},
		{"deepseek-chat", "2026-04-27", 0, usage.Standard, "deepseek-chat", "0.14 0.0028 0.14 0.14 0.28"},
		{"us.deepseek.r1-v1:0", "2025-06-01", 0, usage.Standard, "deepseek-r1", "0.55 0.14 0.55 0.55 2.19"},
		{"vertex_ai/deepseek-ai/deepseek-v3.2-maas", "2026-01-01", 0, usage.Standard, "deepseek-v3.2", "0.28 0.028 0.28 0.28 0.42"},
		{"deepseek-v4-pro-0813", "2026-09-01", 0, usage.Standard, "deepseek-v4-pro", "0.66 0.022 0.66 0.66 1.98"},
		{"deepseek/deepseek-v4.1-flash-1017", "2026-11-01", 0, usage.Standard, "deepseek-flash", "0.15 0.003 0.15 0.15 0.6"},
		{"deepseek-v4-pro", "2026-08-16", 0, usage.Standard, "deepseek-v4-pro", "0.435 0.003625 0.435 0.435 0.87"},
		{"kimi-k2-0905-preview", "2025-10-01", 0, usage.Standard, "kimi-k2-0905-preview", "0.6 0.15 0.6 0.6 2.5"},
		{"kimi-k2", "2025-10-01", 0, usage.Standard, "kimi-k2-0711-preview", "0.6 0.15 0.6 0.6 2.5"},
		{"moonshotai/kimi-k2.5", "2026-02-10", 0, usage.Standard, "kimi-k2.5", "0.6 0.1 0.6 0.6 3"},
		{"kimi-k2-turbo-preview", "2025-09-10", 0, usage.Standard, "kimi-k2-turbo-preview", "2.4 0.6 2.4 2.4 10"},
		{"kimi-k2-turbo-preview", "2026-01-10", 0, usage.Standard, "kimi-k2-turbo-preview", "1.15 0.15 1.15 1.15 8"},
		{"kimi-k3.1-pro", "2026-11-01", 0, usage.Standard, "kimi-k3.1-pro", "2 0.2 2 4 10"},
		{"@cf/moonshotai/kimi-k2.6", "2026-06-01", 0, usage.Standard, "kimi-k2.6", "0.95 0.16 0.95 0.95 4"},
		{"kimi-for-coding", "2026-05-01", 0, usage.Standard, "kimi-k2.6", "0.95 0.16 0.95 0.95 4"},
		{"glm-4.6", "2025-10-10", 0, usage.Standard, "glm-4.6", "0.6 0.11 0.6 0.6 2.2"},
		{"z-ai/glm-4.6", "2025-10-10", 0, usage.Standard, "glm-4.6", "0.6 0.11 0.6 0.6 2.2"},
		{"z-ai/glm-4.6:exacto", "2025-10-10", 0, usage.Standard, "glm-4.6", "0.6 0.11 0.6 0.6 2.2"},
		{"Qwen/Qwen3-Coder-480B-A35B-Instruct", "2025-08-10", 0, usage.Standard, "qwen3-coder-480b-a35b-instruct", "1.5 1.5 1.5 1.5 7.5"},
		{"hf:zai-org/GLM-4.6", "2025-10-10", 0, usage.Standard, "glm-4.6", "0.6 0.11 0.6 0.6 2.2"},
		{"glm-4.5-flash", "2025-08-10", 0, usage.Standard, "glm-4.5-flash", "0 0 0 0 0"},
		{"qwen3-coder-plus", "2025-08-01", 0, usage.Standard, "qwen3-coder-plus", "1 0.2 1.25 1.25 5"},
		{"qwen3-coder-plus", "2025-08-01", 32_000, usage.Standard, "qwen3-coder-plus", "1.8 0.36 2.25 2.25 9"},
		{"qwen3.7-plus", "2026-07-01", 128_000, usage.Standard, "qwen3.7-plus", "0.4 0.08 0.5 0.5 1.6"},
		{"qwen3.7-plus", "2026-07-01", 256_000, usage.Standard, "qwen3.7-plus", "1.2 0.24 1.5 1.5 4.8"},
		{"qwen3.8-max-0902", "2026-10-01", 512_000, usage.Standard, "qwen3.8-max", "2 0.25 2.5 2.5 6"},
		{"qwen/qwen3.5-flash-02-23", "2026-07-01", 0, usage.Standard, "qwen3.5-flash", "0.1 0.01 0.125 0.125 0.4"},
		{"qwen3-coder-plus", "2025-08-01", 272_000, usage.Standard, "qwen3-coder-plus", "6 1.2 7.5 7.5 60"},
		{"anthropic/claude-haiku-5.5", "2026-10-08", 100_000, usage.Standard, "claude-haiku-5-5", "0.5 0.05 0.625 1 2.5"},
		{"qwen/qwen3-coder:free", "2025-08-01", 0, usage.Standard, "qwen/qwen3-coder:free", "0 0 0 0 0"},
		{"MiniMax-M2.1", "2026-01-01", 0, usage.Standard, "MiniMax-M2.1", "0.3 0.03 0.375 0.375 1.2"},
		{"minimax/minimax-m3.1-flash", "2026-11-01", 0, usage.Standard, "MiniMax-M3.1-Flash", "0.15 0.015 0.15 0.15 0.6"},
		{"minimax/minimax-m3", "2026-07-01", 512_000, usage.Standard, "MiniMax-M3", "0.6 0.12 0.6 0.6 2.4"},
		{"mistral-large-4", "2026-10-10", 0, usage.Standard, "mistral-large-4-0", "0.68 0.07 0.68 0.68 2.09"},
		{"mistral.devstral-2-123b", "2026-01-01", 0, usage.Standard, "devstral-2512", "0.4 0.04 0.4 0.4 2"},
		{"mistral-large-2512", "2026-01-01", 0, usage.Standard, "mistral-large-2512", "0.5 0.05 0.5 0.5 1.5"},
		{"devstral-2512", "2026-01-01", 0, usage.Standard, "devstral-2512", "0.4 0.04 0.4 0.4 2"},
		{"composer-2.5", "2026-06-01", 0, usage.Standard, "composer-2.5", "0.5 0.2 0.5 0.5 2.5"},
		{"composer-2.5-fast", "2026-06-01", 0, usage.Standard, "composer-2.5-fast", "3 0.5 3 3 15"},
	} {
		m, ok := Embedded().Match(c.name, c.date)
		if !ok {
			t.Errorf("%s is not in the book", c.name)
			continue
		}
		if got := shown(m.RatesFor(c.band, c.tier)); m.ID != c.id || got != c.want {
			t.Errorf("%s on %s above %d %s:\ngot  %s %s\nwant %s %s", c.name, c.date, c.band, c.tier, m.ID, got, c.id, c.want)
		}
	}
}

func TestATierWithoutAPriceIsStandard(t *testing.T) {
	m, _ := Embedded().Match("claude-sonnet-4-5", "2025-12-01")
	for _, tier := range []usage.Tier{"", usage.Fast, usage.Priority, usage.Flex} {
		if got := shown(m.RatesFor(200_000, tier)); got != "6 0.6 7.5 12 22.5" {
			t.Errorf("%q: %s", tier, got)
		}
	}
}

func TestTheRecordedTierIsMoreThanTheNamed(t *testing.T) {
	m, _ := Embedded().Match("claude-opus-4.6-fast", "2026-05-01")
	if got := shown(m.RatesFor(0, usage.Batch)); got != "2.5 0.25 3.125 5 12.5" {
		t.Error(got)
	}
}
