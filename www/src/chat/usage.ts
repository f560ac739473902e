import type { Usage } from "agent-datastore";
import { formatCount } from "../format";

/** About how many characters of English a model counts as one token. */
const CHARACTERS_PER_TOKEN = 4;

/** What a hosted model of middle size asks for a million tokens, in dollars. The agent here costs nothing. */
export const INPUT_PRICE = 3;
export const OUTPUT_PRICE = 15;

const MILLION = 1_000_000;

const tokensOf = (text: string): number => Math.ceil(text.length / CHARACTERS_PER_TOKEN);

/** What a model would have counted for this much read and written. */
export function estimateUsage(read: string, written: string): Partial<Usage> {
  const inputTokens = tokensOf(read);
  const outputTokens = tokensOf(written);
  return { inputTokens, outputTokens, cost: (inputTokens * INPUT_PRICE + outputTokens * OUTPUT_PRICE) / MILLION };
}

export const formatTokens = ({ inputTokens, outputTokens }: Usage): string => `${formatCount(inputTokens + outputTokens)} tokens`;

/** Fractions of a cent too, because short conversations cost no more. */
export function formatCost(cost: number): string {
  return `$${cost >= 1 ? cost.toFixed(2) : cost.toFixed(4)}`;
}
