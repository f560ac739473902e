import type { Usage } from "agent-datastore";
import { formatCount } from "../format";
import { tokensOf } from "../tokens";

/** What a hosted model of middle size asks for a million tokens, in dollars. The agent here costs nothing. */
export const INPUT_PRICE = 3;
export const OUTPUT_PRICE = 15;

const MILLION = 1_000_000;

/** What a model would have counted for this much read and written. */
export function estimateUsage(read: string, written: string): Partial<Usage> {
  const inputTokens = tokensOf(read);
  const outputTokens = tokensOf(written);
  return { inputTokens, outputTokens, cost: (inputTokens * INPUT_PRICE + outputTokens * OUTPUT_PRICE) / MILLION };
}

export const formatTokens = ({ inputTokens, outputTokens }: Usage): string => `${formatCount(inputTokens + outputTokens)} tokens`;
